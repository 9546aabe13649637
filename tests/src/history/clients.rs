//! Clients that change one space as fast as they can, whatever becomes of the
//! server meanwhile. Each knows what it was told and nothing else, and repeats
//! what was not answered, under the same operation id.

use super::{End, Entry, What};
use crate::client::{
    Client, Failure, commit_of, conflict_id, frames, manifest, name, new_file, operation_id,
};
use crate::random;
use blocks::hash::BlockHash;
use blocks::manifest::Manifest;
use protocol::changes::Change;
use protocol::conflicts::NewConflict;
use protocol::cursor::Cursor;
use protocol::ids::{ItemId, Seq};
use protocol::items::{ChangePlace, Item, ItemChanged};
use protocol::paths;
use protocol::problem::Problem;
use std::collections::BTreeMap;
use std::thread;
use std::time::{Duration, Instant};

/// How long a client waits before it repeats what was not answered.
const PAUSE: Duration = Duration::from_millis(40);

/// How long after the end it still repeats: a server takes seconds to start.
const PATIENCE: Duration = Duration::from_secs(60);

/// One of the clients.
pub struct Hammer {
    number: usize,
    client: Client,
    start: Instant,
    until: Instant,
    /// What it was told of the files.
    items: BTreeMap<ItemId, Item>,
    cursor: Option<String>,
    at: Option<Seq>,
    made: u64,
    pub history: Vec<Entry>,
    /// Polls that were answered, with news or without.
    pub polls: u64,
    /// Blocks that had to be sent again, because they were collected.
    pub sent_again: u64,
}

/// An answer, once there is one; how often it was asked for in vain.
struct Answer<T> {
    end: Option<Result<T, Problem>>,
    unanswered: u32,
}

impl Hammer {
    pub fn new(number: usize, client: Client, start: Instant, until: Instant) -> Self {
        Self {
            number,
            client,
            start,
            until,
            items: BTreeMap::new(),
            cursor: None,
            at: None,
            made: 0,
            history: Vec::new(),
            polls: 0,
            sent_again: 0,
        }
    }

    /// Changes and reads until the time is over.
    pub fn run(mut self) -> Self {
        self.pull();
        while Instant::now() < self.until {
            let item = self.any_item();
            match (random::below(20), item) {
                (0..=1, _) | (_, None) => self.make(),
                (2..=10, Some(item)) => self.write(&item),
                (11..=12, Some(item)) => self.rename(&item),
                (13, _) => self.poll(),
                _ => self.pull(),
            }
        }
        // The last page of each reader leads to the journal's end.
        self.pull();
        self
    }

    fn any_item(&self) -> Option<Item> {
        // Few files, so that many writers meet on one.
        let at = random::below(self.items.len().clamp(1, 12) as u64);
        self.items.values().nth(at as usize).cloned()
    }

    /// Bytes that nobody wrote before; some are several blocks.
    fn bytes(&mut self) -> Vec<u8> {
        self.made += 1;
        let mut bytes = format!("{} by client {}: ", self.made, self.number).into_bytes();
        let length = if random::below(8) == 0 { 400_000 } else { 200 };
        bytes.extend(random::unseen_bytes(length));
        bytes
    }

    fn make(&mut self) {
        let bytes = self.bytes();
        let name = format!("file {} of client {}", self.made, self.number);
        let content = manifest(&bytes);
        let file = new_file(None, &name, Some(content.clone()));
        let began = self.start.elapsed();
        let answer = self.change(&bytes, &content, |client| client.new_file(&file));
        let unanswered = answer.unanswered;
        let end = self.took_in(answer, |item| {
            item.file.as_ref().map_or(0, |head| head.version)
        });
        let what = What::Write {
            item: file.id,
            base: 0,
            content: BlockHash::of(&bytes),
            end,
        };
        self.log(began, unanswered, what);
    }

    fn write(&mut self, item: &Item) {
        let Some(head) = &item.file else { return };
        let bytes = self.bytes();
        let commit = commit_of(head.version, &bytes);
        let began = self.start.elapsed();
        let answer = self.change(&bytes, &commit.content, |client| {
            client.commit_in_turn(item.id, &commit)
        });
        let unanswered = answer.unanswered;
        let end = self.took_in(answer, |item| {
            item.file.as_ref().map_or(0, |head| head.version)
        });
        let what = What::Write {
            item: item.id,
            base: head.version,
            content: BlockHash::of(&bytes),
            end,
        };
        self.log(began, unanswered, what);
        if matches!(end, End::Second { .. }) {
            if random::below(3) == 0 {
                self.keep(item, head.version, &bytes, commit.content);
            }
            self.pull();
        }
    }

    fn keep(&mut self, item: &Item, base_version: u64, bytes: &[u8], content: Manifest) {
        let new = NewConflict {
            operation_id: operation_id(),
            id: conflict_id(),
            base_version,
            content,
        };
        let began = self.start.elapsed();
        let answer = self.change(bytes, &new.content, |client| {
            client.new_conflict(item.id, &new)
        });
        let end = match answer.end {
            Some(Ok(_)) => End::Done {
                number: 0,
                seq: None,
            },
            Some(Err(refused)) => panic!("a conflict was refused: {refused:?}"),
            None => End::Unknown,
        };
        let what = What::Keep {
            item: item.id,
            conflict: new.id,
            content: BlockHash::of(bytes),
            end,
        };
        self.log(began, answer.unanswered, what);
    }

    fn rename(&mut self, item: &Item) {
        self.made += 1;
        let text = format!("name {} by client {}", self.made, self.number);
        let change = ChangePlace {
            operation_id: operation_id(),
            base_place_version: item.place_version,
            parent: None,
            name: name(&text),
        };
        let began = self.start.elapsed();
        let mut answer = self.ask(|client| {
            let reply = client.send_json("PATCH", &paths::item(item.id), &change)?;
            reply.json::<ItemChanged>()
        });
        if let Some(Ok(changed)) = &mut answer.end {
            // Of a version, only pages and the client's own writes tell.
            changed.item.file = item.file.clone();
        }
        let unanswered = answer.unanswered;
        let end = self.took_in(answer, |item| item.place_version);
        let what = What::Rename {
            item: item.id,
            base: item.place_version,
            name: text,
            end,
        };
        self.log(began, unanswered, what);
    }

    fn poll(&mut self) {
        let cursor = self.cursor.clone();
        if self.client.poll(cursor.as_deref(), 1).is_ok() {
            self.polls += 1;
        }
        self.pull();
    }

    /// Pulls to the journal's end. The pages of the first listing are one: only
    /// together do they tell all that there was.
    fn pull(&mut self) {
        loop {
            let (began, reset) = (self.start.elapsed(), self.cursor.is_none());
            let (mut items, mut conflicts) = (Vec::new(), Vec::new());
            let mut unanswered = 0;
            let has_more = loop {
                let limit = Some(1 + random::below(30));
                let cursor = self.cursor.clone();
                let answer = self.ask(|client| client.changes(cursor.as_deref(), limit));
                unanswered += answer.unanswered;
                let Some(page) = answer.end else { return };
                let page = page.expect("a page");
                assert!(reset || !page.reset, "the journal began anew");
                for change in page.changes {
                    match change {
                        Change::Item { item } => {
                            let version = item.file.as_ref().map_or(0, |head| head.version);
                            items.push((item.id, version, item.place_version));
                            self.items.insert(item.id, item);
                        }
                        Change::Conflict { conflict } => conflicts.push(conflict.id),
                        Change::Deleted { item } => panic!("nobody deletes {item} for good"),
                        Change::Shared => panic!("nobody shares anything"),
                        Change::Unknown => panic!("a change of an unknown kind"),
                    }
                }
                let cursor: Cursor = page.next_token.parse().expect("a cursor");
                self.cursor = Some(page.next_token);
                if cursor.listed_to.is_none() {
                    let what = What::Page {
                        since: self.at,
                        to: cursor.seq,
                        reset,
                        items,
                        conflicts,
                    };
                    self.at = Some(cursor.seq);
                    self.log(began, unanswered, what);
                    break page.has_more;
                }
            };
            if !has_more {
                return;
            }
        }
    }

    /// Asks until there is an answer, or no patience left.
    fn ask<T>(&self, send: impl Fn(&Client) -> Result<T, Failure>) -> Answer<T> {
        let mut unanswered = 0;
        loop {
            // Some answers are lost on purpose, about when they should come.
            let hangs_up = unanswered == 0 && random::below(6) == 0;
            let answer = match hangs_up {
                true => send(
                    &self
                        .client
                        .impatient(Duration::from_millis(4 + random::below(40))),
                ),
                false => send(&self.client),
            };
            let end = match answer {
                Ok(answer) => Some(Ok(answer)),
                Err(Failure::Refused { status, body }) if status < 500 => Some(Err(body.problem)),
                Err(failure) => {
                    unanswered += 1;
                    if Instant::now() < self.until + PATIENCE {
                        thread::sleep(failure.asked_wait().max(PAUSE));
                        continue;
                    }
                    None
                }
            };
            return Answer { end, unanswered };
        }
    }

    /// A change that needs blocks: tries, sends what is missing, tries again,
    /// under one operation id.
    fn change<T>(
        &mut self,
        bytes: &[u8],
        content: &Manifest,
        send: impl Fn(&Client) -> Result<T, Failure>,
    ) -> Answer<T> {
        let mut unanswered = 0;
        let mut uploads = 0;
        loop {
            let mut answer = self.ask(&send);
            unanswered += answer.unanswered;
            answer.unanswered = unanswered;
            let Some(Err(Problem::BlocksMissing { missing_blocks })) = &answer.end else {
                return answer;
            };
            uploads += 1;
            self.sent_again += u64::from(uploads > 1);
            let blocks = crate::client::blocks_by_hash(bytes, content);
            let pack: Vec<&[u8]> = missing_blocks.iter().map(|hash| blocks[hash]).collect();
            let body = frames(&pack);
            let stored = self.ask(|client| client.store_frames(&body)?.success());
            if let Some(Err(refused)) = stored.end {
                panic!("blocks were refused: {refused:?}");
            }
        }
    }

    /// What a change of an item came to; the client knows the item then.
    fn took_in(&mut self, answer: Answer<ItemChanged>, number: fn(&Item) -> u64) -> End {
        match answer.end {
            Some(Ok(changed)) => {
                let end = End::Done {
                    number: number(&changed.item),
                    seq: Some(changed.seq),
                };
                self.learn(changed.item);
                end
            }
            Some(Err(Problem::VersionConflict {
                current_version, ..
            })) => End::Second {
                current: current_version,
            },
            Some(Err(Problem::PlaceConflict {
                current_place_version,
            })) => End::Second {
                current: current_place_version,
            },
            Some(Err(other)) => panic!("a change was refused: {other:?}"),
            None => End::Unknown,
        }
    }

    /// An answer to a repeat may be older than what a page told.
    fn learn(&mut self, item: Item) {
        let version = |item: &Item| item.file.as_ref().map_or(0, |head| head.version);
        let known = self.items.get(&item.id);
        let is_newer = known.is_none_or(|known| {
            version(&item) >= version(known) && item.place_version >= known.place_version
        });
        if is_newer {
            self.items.insert(item.id, item);
        }
    }

    fn log(&mut self, began: Duration, unanswered: u32, what: What) {
        let is_unknown = super::check::is_unknown(&what);
        self.history.push(Entry {
            client: self.number,
            began,
            ended: (!is_unknown).then(|| self.start.elapsed()),
            unanswered,
            what,
        });
    }
}
