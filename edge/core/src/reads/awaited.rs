//! What a poll of several drives waits for, and whether there is news of it already.

use crate::access::held::{ShareRow, SharedPart};
use crate::access::reach::OneFolder;
use crate::error::Failure;
use crate::ports::{Database, Statement};
use crate::query::{self, Told, look as told};
use crate::reads::below::Below;
use crate::reads::space::{PollStart, seen};
use crate::store::items::ways;
use crate::store::journal::{EntryRow, KEY};
use crate::store::rows::{PathRow, SpaceRow};
use crate::store::space::space as read_space;
use crate::store::sql::journal;
use futures_util::future::join_all;
use protocol::cursor::Cursor;
use protocol::ids::{ItemId, Seq, SpaceId, UnixMillis};
use protocol::notifications::Event;
use std::collections::{BTreeSet, HashMap};

/// A drive, or a part of one, that a poll waits for.
#[derive(Clone, Copy, Debug)]
pub struct Place {
    /// What of the space is shared; `None` for all of it.
    pub held: Option<SharedPart>,
    /// What the device has seen.
    pub cursor: Cursor,
}

/// What one of them comes to before the poll is parked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Look {
    /// There is news already.
    News(Event),
    /// It is not shared any more.
    Gone,
    /// Wait for what comes after this entry.
    WaitAfter {
        /// The entry.
        seen: Seq,
        /// From when on it is not shared any more.
        ends_at: Option<UnixMillis>,
    },
}

/// The ways up from a part, and the row by which it is shared.
type Door = (
    Told<HashMap<ItemId, Vec<PathRow>>>,
    Option<Told<Option<ShareRow>>>,
);

/// Looks at the journal of a space for some places that are in it: in one batch, and with
/// some more for each part that the journal has gone on since. What is looked at and what
/// is shared are of one moment.
///
/// # Errors
/// The database fails.
pub async fn look(
    db: &impl Database,
    space: SpaceId,
    places: &[Place],
) -> Result<Vec<Look>, Failure> {
    let part = |place: &Place| place.held.map(OneFolder::of_held);
    let parts: Vec<Option<OneFolder>> = places.iter().map(part).collect();
    let mut doors = Vec::new();
    for part in &parts {
        let door = part.as_ref().map(|part| {
            let ways = ways(space, &BTreeSet::from([part.id()]))?;
            Ok::<_, Failure>((ways, part.looks(space)))
        });
        doors.push(door.transpose()?);
    }
    let newest = Statement::new(journal::NEWEST).id(space);
    let newest = newest.readable::<EntryRow>(KEY);
    let (row, newest, doors) = query::all(db, (read_space(space), newest, doors)).await?;
    let newest = newest?.into_iter().next().map(EntryRow::event);
    let (row, newest) = (&row, &newest);
    let each = places.iter().zip(&parts).zip(doors);
    let looks = each.map(|((place, part), door)| async move {
        let part = part.as_ref().zip(door);
        look_at(db, space, place.cursor, part, (row, newest)).await
    });
    join_all(looks).await.into_iter().collect()
}

async fn look_at(
    db: &impl Database,
    space: SpaceId,
    cursor: Cursor,
    part: Option<(&OneFolder, Door)>,
    (row, newest): (&Told<SpaceRow>, &Option<Event>),
) -> Result<Look, Failure> {
    let Some((part, (ways, share))) = part else {
        let head = told(row)?.head_seq;
        let is_behind = seen(Some(cursor), space, head) < head;
        return Ok(match newest.as_ref().filter(|_| is_behind) {
            Some(event) => Look::News(event.clone()),
            None => Look::WaitAfter {
                seen: head,
                ends_at: None,
            },
        });
    };
    let known = share
        .as_ref()
        .and_then(|share| share.as_ref().ok()?.as_ref());
    let ends_at = known.and_then(ShareRow::ends_at);
    match part.held_still(ways?, share) {
        Ok(_) => {}
        Err(Failure::Problem(_)) => return Ok(Look::Gone),
        Err(failure) => return Err(failure),
    }
    let head = told(row)?.head_seq;
    let seen = seen(Some(cursor), space, head);
    let below = Below { db, space, part };
    Ok(match below.poll_after(seen, (head, newest.clone())).await {
        Ok(PollStart::News(event)) => Look::News(event),
        Ok(PollStart::WaitAfter(seen)) => Look::WaitAfter { seen, ends_at },
        Err(Failure::Problem(_)) => Look::Gone,
        Err(failure) => return Err(failure),
    })
}
