//! A poll that waits for several drives at once: see [`poll`](super::poll::poll).

use super::poll::{seconds_until, seen_up_to};
use crate::access::SignedIn;
use crate::access::held::SharedPart;
use crate::error::Failure;
use crate::http::answer;
use crate::http::answer::Response;
use crate::http::call::Call;
use crate::http::runtime::Runtime;
use crate::reads::awaited::{Look, Place, look};
use futures_util::future::join_all;
use protocol::cursor::Cursor;
use protocol::ids::{ItemId, Seq, SpaceId, UnixMillis};
use protocol::notifications::{Awaited, Event, EventType, Park, PollEvent};
use protocol::positions::Positions;
use std::collections::BTreeMap;

/// One of the things that the poll waits for.
struct Wait {
    root: Option<ItemId>,
    /// As the cursor says: if what is shared is not there, it counts as not shared.
    space: SpaceId,
    held: Option<SharedPart>,
    cursor: Cursor,
    /// The entry after which it waits; `None` where it has to be looked at.
    seen: Option<Seq>,
    /// Where it was looked at in vain before.
    waited_after: Option<Seq>,
    ends_at: Option<UnixMillis>,
}

impl Wait {
    fn new(who: &SignedIn, root: Option<ItemId>, cursor: Cursor, now: UnixMillis) -> Self {
        Self {
            root,
            // A cursor of another space has seen nothing of their own.
            space: root.map_or(who.space, |_| cursor.space),
            held: root.map(|root| who.part(root, now)),
            cursor,
            seen: None,
            waited_after: None,
            ends_at: None,
        }
    }

    fn place(&self) -> Place {
        Place {
            held: self.held,
            cursor: self.cursor,
        }
    }

    fn awaited(&self) -> Awaited {
        Awaited {
            space: self.space,
            root: self.root,
            seen: self.seen.unwrap_or_default(),
        }
    }

    /// The service has said that there is something after what was seen.
    fn look_again(&mut self) {
        if let Some(seen) = self.seen.take() {
            self.cursor = seen_up_to(self.space, seen);
        }
    }
}

/// Waits for news of any of them. Its steps are those of [`poll`](super::poll::poll), each
/// for all that it waits for.
///
/// 1. A cursor that is none is news of its drive: the pull that follows finds out.
/// 2. All journals are looked at, those of different spaces at the same time. Of several
///    that have news, the one whose news is oldest is told, so that none waits for ever.
/// 3. One seat for all of them.
/// 4. Where a part is not shared any more, that is news of it.
/// 5. The first end of all ends the poll.
/// 6. As there.
///
/// # Errors
/// As there.
pub async fn poll(
    call: &Call<impl Runtime>,
    who: &SignedIn,
    positions: Positions,
    timeout_seconds: u64,
) -> Result<Response, Failure> {
    let started = call.runtime.now();
    // 1
    let mut waits = Vec::new();
    for position in positions {
        match position.cursor.parse() {
            Ok(cursor) => waits.push(Wait::new(who, position.root, cursor, started)),
            Err(_) => return answer::json(&to_be_found_out(position.root, None, started)),
        }
    }
    loop {
        // 2
        if let Some(news) = news(call, &mut waits).await? {
            return answer::json(&news);
        }
        // 5
        let own = who.over_at(&call.space_of(who.space)?).await?;
        let over_at = waits
            .iter()
            .filter_map(|wait| wait.ends_at)
            .chain(own)
            .min();
        // 3
        let now = call.runtime.now();
        let left = timeout_seconds.saturating_sub(now.saturating_sub(started) / 1_000);
        let mut awaited = waits.iter().map(Wait::awaited);
        let Some(first) = awaited.next() else {
            return Ok(answer::no_content());
        };
        let park = Park {
            user: who.user,
            device: who.device.id,
            space: first.space,
            root: first.root,
            seen: first.seen,
            timeout_seconds: left.min(seconds_until(over_at, now)),
            also: awaited.collect(),
            asked_at: Some(started),
        };
        let Some(told) = call.runtime.park(&park).await? else {
            return Ok(answer::no_content());
        };
        // A service of the release before waits for the first alone, and does not say so.
        let space = told.space.unwrap_or(first.space);
        let told = PollEvent {
            space: Some(space),
            ..told
        };
        // 6
        if told.event.event_type == EventType::FileOpened {
            let of_root = waits.iter_mut().filter(|wait| wait.root == told.root);
            of_root.for_each(Wait::look_again);
            if who.device.is_token {
                continue;
            }
            let gone = match told.root {
                Some(_) => news(call, &mut waits).await?,
                None => None,
            };
            return answer::json(&gone.unwrap_or(told));
        }
        if space == who.space {
            return answer::json(&told);
        }
        // 4. News of which the journal knows nothing would come again and again.
        let of_space = waits.iter_mut().filter(|wait| wait.space == space);
        let mut of_space: Vec<&mut Wait> = of_space.collect();
        if of_space.iter().all(|wait| wait.waited_after == wait.seen) {
            return Ok(answer::no_content());
        }
        for wait in &mut of_space {
            wait.waited_after = wait.seen;
            wait.look_again();
        }
    }
}

/// Looks at those that have to be, and gives back what is news.
async fn news(call: &Call<impl Runtime>, waits: &mut [Wait]) -> Result<Option<PollEvent>, Failure> {
    let mut by_space: BTreeMap<SpaceId, Vec<&mut Wait>> = BTreeMap::new();
    for wait in waits.iter_mut().filter(|wait| wait.seen.is_none()) {
        by_space.entry(wait.space).or_default().push(wait);
    }
    let looks = by_space.into_iter().map(|(space, waits)| async move {
        let db = call.space_of(space)?;
        let places: Vec<Place> = waits.iter().map(|wait| wait.place()).collect();
        let looks = look(&db, space, &places).await?;
        Ok::<_, Failure>(waits.into_iter().zip(looks))
    });
    let mut found = Vec::new();
    for looked in join_all(looks).await {
        for (wait, look) in looked? {
            let (root, space) = (wait.root, Some(wait.space));
            match look {
                Look::News(event) => {
                    let at = event.timestamp;
                    found.push((at, PollEvent { event, root, space }));
                }
                Look::Gone => {
                    let now = call.runtime.now();
                    found.push((UnixMillis::MAX, to_be_found_out(root, space, now)));
                }
                Look::WaitAfter { seen, ends_at } => {
                    wait.seen = Some(seen);
                    wait.ends_at = ends_at;
                }
            }
        }
    }
    let oldest = found.into_iter().min_by_key(|(at, _)| *at);
    Ok(oldest.map(|(_, news)| news))
}

/// News of a drive of which a pull has to say what it is.
pub(super) fn to_be_found_out(
    root: Option<ItemId>,
    space: Option<SpaceId>,
    now: UnixMillis,
) -> PollEvent {
    let event = Event {
        event_type: EventType::FileUpdate,
        file_id: root.unwrap_or_else(|| ItemId::from_random([0; 16])),
        timestamp: now,
        name: None,
        by: None,
    };
    PollEvent { event, root, space }
}
