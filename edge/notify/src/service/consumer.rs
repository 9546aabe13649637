//! From the queue to the hubs. A message that is delivered twice, late or not
//! at all costs nobody more than time: polls carry what their device has seen.

use super::error::NotifyError;
use super::{audience, hubs};
use futures_util::future::join_all;
use protocol::ids::{ItemId, SpaceId, UserId};
use protocol::notifications::{JournalGrew, Wake};
use std::collections::{BTreeMap, BTreeSet, HashMap};
use worker::{Date, Env, MessageBatch, console_error};

/// Wakes everyone whom the batch concerns. Messages that can't be read are
/// dropped; if a database or a hub fails, the batch comes again.
pub async fn deliver(batch: MessageBatch<JournalGrew>, env: &Env) {
    let messages: Vec<JournalGrew> = batch
        .iter()
        .filter_map(|message| match message {
            Ok(message) => Some(message.into_body()),
            Err(error) => {
                console_error!("dropped a message that can't be read: {error}");
                None
            }
        })
        .collect();
    match wake_all(by_space(messages), env).await {
        Ok(()) => batch.ack_all(),
        Err(error) => {
            console_error!("a batch is put off: {error}");
            batch.retry_all();
        }
    }
}

/// What the messages of a batch say of one space.
#[derive(Debug)]
struct Grown {
    newest: JournalGrew,
    /// What all of them are about.
    about: BTreeSet<ItemId>,
    /// Who is told besides.
    also: BTreeSet<UserId>,
}

/// One wake-up for each space is enough, however many changes a batch holds: of whoever
/// is concerned by any of them. Whoever has a part of the space looks what it is that
/// concerns them.
fn by_space(messages: Vec<JournalGrew>) -> HashMap<SpaceId, Grown> {
    let mut all: HashMap<SpaceId, Grown> = HashMap::new();
    for mut news in messages {
        let mut about = std::mem::take(&mut news.about);
        // A server from before it said more says this.
        about.push(news.event.file_id);
        let also = std::mem::take(&mut news.also);
        let grown = all.entry(news.space).or_insert_with(|| Grown {
            newest: news.clone(),
            about: BTreeSet::new(),
            also: BTreeSet::new(),
        });
        grown.about.extend(about);
        grown.also.extend(also);
        if grown.newest.seq < news.seq {
            grown.newest = news;
        }
    }
    all
}

async fn wake_all(spaces: HashMap<SpaceId, Grown>, env: &Env) -> Result<(), NotifyError> {
    let mut items = BTreeSet::new();
    for (space, grown) in &spaces {
        items.extend(grown.about.iter().map(|item| (*space, *item)));
    }
    let mut audience = audience::of_items(env, &items, Date::now().as_millis()).await?;
    let hub_count = hubs::count(env)?;
    let mut wakes = Vec::new();
    for (space, grown) in spaces {
        let mut told = audience.remove(&space).unwrap_or_default();
        told.extend(grown.also);
        let mut users_by_hub: BTreeMap<u64, Vec<_>> = BTreeMap::new();
        for user in told {
            let hub = hubs::number(user, hub_count);
            users_by_hub.entry(hub).or_default().push(user);
        }
        for (hub, users) in users_by_hub {
            let news = grown.newest.clone();
            wakes
                .push(async move { hubs::send_to(env, hub, "/wake", &Wake { users, news }).await });
        }
    }
    for answer in join_all(wakes).await {
        answer?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use protocol::notifications::{Event, EventType};

    fn item(n: u8) -> ItemId {
        ItemId::from_random([n; 16])
    }

    fn news(space: u8, seq: u64, of: u8) -> JournalGrew {
        JournalGrew {
            space: SpaceId::from_random([space; 16]),
            seq,
            event: Event {
                event_type: EventType::FileUpdate,
                file_id: item(of),
                timestamp: seq,
                name: None,
                by: None,
            },
            about: vec![item(of.saturating_add(100))],
            also: vec![UserId::from_random([of; 16])],
        }
    }

    #[test]
    fn a_batch_wakes_once_for_each_space_and_forgets_nobody_whom_an_older_entry_concerns() {
        let spaces = by_space(vec![
            news(1, 5, 1),
            news(2, 9, 2),
            news(1, 7, 3),
            news(1, 6, 4),
        ]);
        let mut spaces: Vec<Grown> = spaces.into_values().collect();
        spaces.sort_unstable_by_key(|grown| grown.newest.seq);
        let [first, second] = &spaces[..] else {
            panic!("{spaces:?}");
        };
        assert_eq!((first.newest.seq, second.newest.seq), (7, 9));
        assert!(first.newest.about.is_empty() && first.newest.also.is_empty());
        let about = [1, 3, 4, 101, 103, 104].map(item);
        assert_eq!(first.about, about.into());
        let also = [1, 3, 4].map(|n| UserId::from_random([n; 16]));
        assert_eq!(first.also, also.into());
    }
}
