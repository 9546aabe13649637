//! From the queue to the hubs. A message that is delivered twice, late or not
//! at all costs nobody more than time: polls carry what their device has seen.

use super::error::NotifyError;
use super::{audience, hubs};
use futures_util::future::join_all;
use protocol::ids::SpaceId;
use protocol::notifications::{JournalGrew, Wake};
use std::collections::{BTreeMap, HashMap};
use worker::{Env, MessageBatch, console_error};

/// Wakes everyone whom the batch concerns. Messages that can't be read are
/// dropped; if the directory or a hub fails, the batch comes again.
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
    match wake_all(newest_of_each_space(messages), env).await {
        Ok(()) => batch.ack_all(),
        Err(error) => {
            console_error!("a batch is put off: {error}");
            batch.retry_all();
        }
    }
}

/// One wake-up for each space is enough, however many changes a batch holds.
fn newest_of_each_space(messages: Vec<JournalGrew>) -> HashMap<SpaceId, JournalGrew> {
    let mut newest: HashMap<SpaceId, JournalGrew> = HashMap::new();
    for news in messages {
        match newest.get(&news.space) {
            Some(known) if known.seq >= news.seq => {}
            _ => {
                newest.insert(news.space, news);
            }
        }
    }
    newest
}

async fn wake_all(newest: HashMap<SpaceId, JournalGrew>, env: &Env) -> Result<(), NotifyError> {
    let spaces: Vec<SpaceId> = newest.keys().copied().collect();
    let mut audience = audience::of_spaces(env, &spaces).await?;
    let hub_count = hubs::count(env)?;
    let mut wakes = Vec::new();
    for (space, news) in newest {
        let mut users_by_hub: BTreeMap<u64, Vec<_>> = BTreeMap::new();
        for user in audience.remove(&space).unwrap_or_default() {
            let hub = hubs::number(user, hub_count);
            users_by_hub.entry(hub).or_default().push(user);
        }
        for (hub, users) in users_by_hub {
            let news = news.clone();
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
    use protocol::ids::ItemId;
    use protocol::notifications::{Event, EventType};

    #[test]
    fn a_batch_wakes_once_for_each_space_with_its_newest_entry() {
        let news = |space: u8, seq| JournalGrew {
            space: SpaceId::from_random([space; 16]),
            seq,
            event: Event {
                event_type: EventType::FileUpdate,
                file_id: ItemId::from_random([9; 16]),
                timestamp: seq,
                name: None,
                by: None,
            },
            about: Vec::new(),
            also: Vec::new(),
        };
        let newest = newest_of_each_space(vec![news(1, 5), news(2, 9), news(1, 7), news(1, 6)]);
        let seqs: BTreeMap<_, _> = newest.into_iter().map(|(s, n)| (s, n.seq)).collect();
        assert_eq!(seqs.into_values().collect::<Vec<_>>(), [7, 9]);
    }
}
