//! From the queue to the hubs. A message that is delivered twice, late or not
//! at all costs nobody more than time: polls carry what their device has seen.

use super::error::NotifyError;
use super::{audience, delivery, hubs};
use futures_util::future::{join, join_all};
use protocol::ids::{ItemId, SpaceId, UnixMillis, UserId};
use protocol::notifications::{EventType, JournalGrew, Opened, Wake};
use serde::Serialize;
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
    let oldest = oldest(&messages);
    let is_opening = |news: &JournalGrew| news.event.event_type == EventType::FileOpened;
    let (openings, news): (Vec<_>, Vec<_>) = messages.into_iter().partition(is_opening);
    let is_marking = |news: &JournalGrew| news.event.event_type == EventType::Elsewhere;
    let (markings, news): (Vec<_>, Vec<_>) = news.into_iter().partition(is_marking);
    let delivered = async {
        wake_all(by_space(news), env).await?;
        send("/wake", marked(markings, hubs::count(env)?), env).await?;
        tell_openings(&openings, env).await
    };
    let delivered = delivered.await;
    match &delivered {
        Ok(()) => batch.ack_all(),
        Err(error) => {
            console_error!("a batch is put off: {error}");
            batch.retry_all();
        }
    }
    // When nobody waits for it any more.
    delivery::record(env, oldest, &delivered).await;
}

/// When what a batch tells of happened that happened first.
fn oldest(messages: &[JournalGrew]) -> Option<UnixMillis> {
    messages.iter().map(|news| news.event.timestamp).min()
}

/// What the messages of a batch say of one space.
#[derive(Debug)]
struct Grown {
    newest: JournalGrew,
    /// Whose own it is, if one of them says it.
    owner: Option<UserId>,
    /// What all of them are about.
    about: BTreeSet<ItemId>,
    /// The folders that took along what is in them.
    below: BTreeSet<ItemId>,
    /// Who is told besides.
    also: BTreeSet<UserId>,
    /// Who changed files and folders, and when last; `None` is nobody with an account.
    changed: HashMap<Option<UserId>, UnixMillis>,
}

impl Grown {
    fn add(&mut self, mut news: JournalGrew) {
        self.owner = self.owner.or(news.owner);
        self.about.extend(std::mem::take(&mut news.about));
        // A server from before it said more says this.
        self.about.insert(news.event.file_id);
        self.below.extend(std::mem::take(&mut news.below));
        self.also.extend(std::mem::take(&mut news.also));
        if news.event.event_type.is_of_contents() {
            let by = news.event.by.as_ref().map(|by| by.user_id);
            let last = self.changed.entry(by).or_default();
            *last = news.event.timestamp.max(*last);
        }
        if self.newest.seq <= news.seq {
            self.newest = news;
        }
    }

    /// How these people are woken: each hub once.
    fn wakes(
        &self,
        told: impl IntoIterator<Item = (UserId, Option<UnixMillis>)>,
        hub_count: u64,
    ) -> BTreeMap<u64, Wake> {
        let mut by_hub: BTreeMap<u64, Wake> = BTreeMap::new();
        for (user, since) in told {
            let hub = hubs::number(user, hub_count);
            let wake = by_hub.entry(hub).or_insert_with(|| Wake {
                users: Vec::new(),
                elsewhere: Vec::new(),
                news: self.newest.clone(),
            });
            wake.users.push(user);
            if since.is_some_and(|since| self.is_news_to(user, since)) {
                wake.elsewhere.push(user);
            }
        }
        by_hub
    }

    /// Whether it is news to somebody with access since then outside of the share too.
    /// What they did themselves is none, nor what was done before they could see it; and
    /// of a change of their access their own journal tells.
    fn is_news_to(&self, user: UserId, since: UnixMillis) -> bool {
        let mut changed = self.changed.iter();
        changed.any(|(by, at)| *by != Some(user) && *at >= since)
    }
}

/// One wake-up for each space is enough, however many changes a batch holds: of whoever
/// is concerned by any of them. Whoever has a part of the space looks what it is that
/// concerns them.
fn by_space(messages: Vec<JournalGrew>) -> HashMap<SpaceId, Grown> {
    let mut all: HashMap<SpaceId, Grown> = HashMap::new();
    for news in messages {
        let grown = all.entry(news.space).or_insert_with(|| Grown {
            newest: news.clone(),
            owner: None,
            about: BTreeSet::new(),
            below: BTreeSet::new(),
            also: BTreeSet::new(),
            changed: HashMap::new(),
        });
        grown.add(news);
    }
    all
}

/// Wakes everyone who may see what the messages are about. Owners whom a message names are
/// not kept waiting until it is known who the others are.
async fn wake_all(spaces: HashMap<SpaceId, Grown>, env: &Env) -> Result<(), NotifyError> {
    let hub_count = hubs::count(env)?;
    let owners = spaces.values().flat_map(|grown| {
        let owner = grown.owner.map(|owner| (owner, None));
        grown.wakes(owner, hub_count)
    });
    let (owners, others) = join(
        send("/wake", owners.collect(), env),
        wake_others(&spaces, hub_count, env),
    )
    .await;
    owners.and(others)
}

async fn wake_others(
    spaces: &HashMap<SpaceId, Grown>,
    hub_count: u64,
    env: &Env,
) -> Result<(), NotifyError> {
    let (mut items, mut below) = (BTreeSet::new(), BTreeSet::new());
    for (space, grown) in spaces {
        items.extend(grown.about.iter().map(|item| (*space, *item)));
        below.extend(grown.below.iter().map(|item| (*space, *item)));
    }
    let unowned = spaces.iter().filter(|(_, grown)| grown.owner.is_none());
    let unowned = unowned.map(|(space, _)| *space).collect();
    let now = Date::now().as_millis();
    let mut audience = audience::of_items(env, &unowned, &items, &below, now).await?;
    let wakes = spaces.iter().flat_map(|(space, grown)| {
        let mut told = audience.remove(space).unwrap_or_default();
        for user in &grown.also {
            told.entry(*user).or_insert(None);
        }
        grown.wakes(told, hub_count)
    });
    let wakes = wakes.collect();
    send("/wake", wakes, env).await
}

/// Sends each hub what is meant for it, all at the same time.
async fn send(path: &str, all: Vec<(u64, impl Serialize)>, env: &Env) -> Result<(), NotifyError> {
    let sent = all
        .iter()
        .map(|(hub, body)| hubs::send_to(env, *hub, path, body));
    for answer in join_all(sent).await {
        answer?;
    }
    Ok(())
}

/// How those are woken who have marked something for themselves, on another device: by the
/// polls of their own drives, each hub once for each of them.
fn marked(messages: Vec<JournalGrew>, hub_count: u64) -> Vec<(u64, Wake)> {
    let mut all: BTreeMap<UserId, JournalGrew> = BTreeMap::new();
    for message in messages {
        for user in &message.also {
            all.insert(*user, message.clone());
        }
    }
    let wake = |(user, news)| {
        let wake = Wake {
            users: Vec::new(),
            elsewhere: vec![user],
            news,
        };
        (hubs::number(user, hub_count), wake)
    };
    all.into_iter().map(wake).collect()
}

/// Tells those whom the messages name that others have opened or closed files.
async fn tell_openings(messages: &[JournalGrew], env: &Env) -> Result<(), NotifyError> {
    let told = opened(messages, hubs::count(env)?);
    send("/opened", told, env).await
}

/// One request for each space and hub is enough, however many files were opened.
fn opened(messages: &[JournalGrew], hub_count: u64) -> Vec<(u64, Opened)> {
    let mut all: BTreeMap<(u64, SpaceId), BTreeSet<UserId>> = BTreeMap::new();
    for message in messages {
        for user in &message.also {
            let hub = hubs::number(*user, hub_count);
            all.entry((hub, message.space)).or_default().insert(*user);
        }
    }
    let all = all.into_iter().map(|((hub, space), users)| {
        let users = users.into_iter().collect();
        (hub, Opened { users, space })
    });
    all.collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use protocol::ids::DeviceId;
    use protocol::notifications::{Actor, Event, EventType};

    fn item(n: u8) -> ItemId {
        ItemId::from_random([n; 16])
    }

    fn news(space: u8, seq: u64, of: u8) -> JournalGrew {
        JournalGrew {
            space: SpaceId::from_random([space; 16]),
            owner: None,
            seq,
            event: Event {
                event_type: EventType::FileUpdate,
                file_id: item(of),
                timestamp: seq,
                name: None,
                by: None,
            },
            about: vec![item(of.saturating_add(100))],
            below: Vec::new(),
            also: vec![user(of)],
        }
    }

    fn user(n: u8) -> UserId {
        UserId::from_random([n; 16])
    }

    fn by(user: UserId, event_type: EventType, news: JournalGrew) -> JournalGrew {
        let by = Actor {
            user_id: user,
            user_name: "ann".to_owned(),
            device_id: DeviceId::from_random([1; 16]),
            device_name: "laptop".to_owned(),
        };
        let event = Event {
            event_type,
            by: Some(by),
            ..news.event
        };
        JournalGrew { event, ..news }
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
        let also = [1, 3, 4].map(user);
        assert_eq!(first.also, also.into());
    }

    #[test]
    fn the_owner_is_known_if_one_message_of_a_space_names_them() {
        let owner = user(9);
        let named = JournalGrew {
            owner: Some(owner),
            ..news(1, 5, 1)
        };
        for messages in [[named.clone(), news(1, 6, 2)], [news(1, 4, 2), named]] {
            let spaces = by_space(messages.into());
            let owners: Vec<_> = spaces.values().map(|grown| grown.owner).collect();
            assert_eq!(owners, [Some(owner)]);
        }
    }

    #[test]
    fn a_hub_is_woken_once_for_all_of_its_people_and_told_to_whom_it_is_news_elsewhere() {
        let spaces = by_space(vec![by(user(1), EventType::FileUpdate, news(1, 5, 1))]);
        let grown = spaces.values().next().unwrap();
        let told = [(user(1), None), (user(2), Some(3)), (user(3), Some(8))];
        let wakes = grown.wakes(told, 1);
        let wakes: Vec<_> = wakes.values().collect();
        let [wake] = &wakes[..] else {
            panic!("{wakes:?}");
        };
        assert_eq!(wake.users, [user(1), user(2), user(3)]);
        assert_eq!(wake.elsewhere, [user(2)]);
    }

    #[test]
    fn whoever_marks_something_is_told_once_by_the_polls_of_their_own_drive() {
        let woken = marked(vec![news(1, 0, 2), news(1, 0, 2), news(2, 0, 3)], 1);
        let woken: Vec<_> = woken
            .into_iter()
            .map(|(_, wake)| (wake.users, wake.elsewhere))
            .collect();
        let of = |n: u8| (Vec::new(), vec![user(n)]);
        assert_eq!(woken.len(), 2);
        assert!(woken.contains(&of(2)) && woken.contains(&of(3)));
    }

    #[test]
    fn each_person_is_told_once_of_all_files_that_were_opened_in_a_space() {
        let space = |n: u8| SpaceId::from_random([n; 16]);
        let told = opened(
            &[news(1, 0, 2), news(1, 0, 2), news(2, 0, 2), news(1, 0, 3)],
            1,
        );
        let told: Vec<_> = told.into_iter().map(|(_, opened)| opened).collect();
        let of = |n: u8, users: &[u8]| Opened {
            users: users.iter().map(|n| user(*n)).collect(),
            space: space(n),
        };
        assert_eq!(told, [of(1, &[2, 3]), of(2, &[2])]);
    }

    #[test]
    fn it_is_no_news_elsewhere_what_one_did_oneself_or_what_came_before_the_access_or_is_about_it()
    {
        let (ann, bob) = (user(1), user(2));
        let is_news = |messages: Vec<JournalGrew>, since| {
            let spaces = by_space(messages);
            spaces.values().all(|grown| grown.is_news_to(bob, since))
        };
        let edit = |who, at| by(who, EventType::FileUpdate, news(1, at, 1));
        assert!(is_news(vec![edit(ann, 5)], 5));
        assert!(is_news(vec![edit(bob, 6), edit(ann, 5), edit(bob, 7)], 5));
        assert!(is_news(vec![news(1, 5, 1)], 5), "by a visitor");
        assert!(!is_news(vec![edit(bob, 5)], 0));
        assert!(!is_news(vec![edit(ann, 4)], 5));
        let granted = by(ann, EventType::ShareGranted, news(1, 6, 1));
        assert!(!is_news(vec![edit(ann, 4), granted], 5));
    }
}
