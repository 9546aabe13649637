//! The loop of pull and poll, and what it is doing.
//!
//! One round is a pull (pages until there are no more) and then a poll. A poll
//! that brings news, times out or fails ends the round, and [`Pace`] says how
//! long to wait before the next one. Progress: in every state either a request
//! is under way, which ends, or a time is set at which the next one begins.

use super::message::{Request, RequestId, TabRole};
use super::pace::{Pace, RoundEnd};
use super::silence::{Patience, Silence};
use protocol::changes::Change;
use protocol::cursor::Cursor;
use protocol::ids::{ItemId, Seq};
use std::collections::{BTreeMap, BTreeSet};

/// What the loop is doing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FeedState {
    /// This engine does not pull: it follows, or nobody is signed in.
    Off,
    /// The next round begins at `until`, in milliseconds of the engine's clock,
    /// or at `earliest` if somebody wants it.
    Resting {
        /// The soonest that the next round may begin, in milliseconds of the engine's
        /// clock.
        earliest: u64,
        /// When it begins in any case.
        until: u64,
    },
    /// A page of changes is asked for.
    Pulling {
        /// The pull.
        request: RequestId,
    },
    /// A poll is held.
    Polling {
        /// The poll.
        request: RequestId,
        /// When it began, in milliseconds of the engine's clock.
        began: u64,
    },
}

/// A listing of everything. It replaces the tree once it is whole: a tree that is half
/// old and half new never existed.
#[derive(Clone, Debug, Default)]
pub struct Staged {
    /// The entries of all pages so far.
    pub changes: Vec<Change>,
    /// The cursor after these pages.
    pub next: String,
}

/// What the engine learns from elsewhere while everything is listed.
#[derive(Clone, Debug, Default)]
pub struct FullListing {
    /// Items that the pages so far have named.
    pub listed: BTreeSet<ItemId>,
    /// Items that answers to this device's own requests told meanwhile, each with its
    /// journal entry. The listing may be older or newer than an answer: an item may
    /// have been deleted for good since.
    pub learned: BTreeMap<ItemId, Seq>,
}

impl FullListing {
    /// The items among these that the listing does not have. `ids` are in order: then both are
    /// gone through once, where to look for each of a million takes several times as long.
    pub fn without_listed(&self, ids: Vec<ItemId>) -> impl Iterator<Item = ItemId> + '_ {
        let mut listed = self.listed.iter().peekable();
        ids.into_iter().filter(move |id| {
            while listed.next_if(|listed| *listed < id).is_some() {}
            listed.next_if_eq(&id).is_none()
        })
    }

    /// Whether an item that the listing does not have exists all the same, because it
    /// was made after the listing, which leads to `seq`. If the cursor can't be read
    /// (`None`), every learned item counts as existing.
    pub fn outlives(&self, id: ItemId, seq: Option<Seq>) -> bool {
        let learned = self.learned.get(&id);
        self.listed.contains(&id) || learned.is_some_and(|learned| Some(*learned) > seq)
    }
}

/// Whether the journal up to a cursor contains an entry. If it does, and the entry's
/// item is not known at the cursor, the item was deleted for good since.
pub fn has_told(cursor: Option<&str>, seq: Seq) -> bool {
    let cursor: Option<Cursor> = cursor.and_then(|cursor| cursor.parse().ok());
    cursor.is_some_and(|cursor| cursor.listed_to.is_none() && cursor.seq >= seq)
}

/// The loop: see the head of this module.
#[derive(Clone, Debug)]
pub struct Feed {
    /// The position that the remote tree stands for.
    pub cursor: Option<String>,
    /// The cursor that was last written to the storage.
    pub stored_cursor: Option<String>,
    /// Whether the remote tree is whole.
    pub complete: bool,
    /// What a listing has gathered, if its pages are not taken in at once.
    pub staged: Option<Staged>,
    /// The listing under way; its pages are taken in at once, or gathered in
    /// [`Self::staged`].
    pub listing: Option<FullListing>,
    /// What the loop is doing.
    pub state: FeedState,
    pace: Pace,
    patience: Patience,
    wanted: bool,
    /// Whether the last poll said that there is news.
    promised: bool,
    /// Whether the running pull has found something new.
    moved: bool,
    /// Pulls that were begun…
    begun: u64,
    /// …and the last of them that ended well.
    done: u64,
}

impl Feed {
    /// A loop that starts at once if this engine leads.
    pub fn new(role: TabRole, cursor: Option<String>, complete: bool, silence: Silence) -> Self {
        let mut feed = Self {
            stored_cursor: cursor.clone(),
            cursor,
            complete,
            staged: None,
            listing: None,
            state: FeedState::Off,
            pace: Pace::new(0),
            patience: Patience::new(silence),
            wanted: false,
            promised: false,
            moved: false,
            begun: 0,
            done: 0,
        };
        if role == TabRole::Leader {
            feed.start(0);
        }
        feed
    }

    /// Begins to lead; the first pull is due now.
    pub fn start(&mut self, now: u64) {
        if self.state == FeedState::Off {
            self.rest(now, now);
        }
    }

    /// Stops, and returns the request that nobody waits for any more.
    pub fn stop(&mut self) -> Option<RequestId> {
        let request = self.request();
        self.state = FeedState::Off;
        self.staged = None;
        self.patience.lost();
        self.listing = None;
        request
    }

    /// Begins a new round if one was under way, and returns the request of the old one.
    pub fn restart(&mut self, now: u64) -> Option<RequestId> {
        let request = self.request()?;
        self.patience.lost();
        self.rest(now, now);
        Some(request)
    }

    /// The request under way.
    pub fn request(&self) -> Option<RequestId> {
        match self.state {
            FeedState::Pulling { request } | FeedState::Polling { request, .. } => Some(request),
            FeedState::Off | FeedState::Resting { .. } => None,
        }
    }

    /// Asks for a pull that begins after now. Returns its number, to be compared with
    /// [`Self::pulls_done`], and the poll that the caller has to abandon for it.
    pub fn want(&mut self, now: u64, jitter: f64) -> (u64, Option<RequestId>) {
        self.wanted = true;
        let number = self.begun + 1;
        if let FeedState::Polling { request, .. } = self.state {
            // The poll ends as one with news.
            self.end_round(RoundEnd::News, now, jitter);
            return (number, Some(request));
        }
        (number, None)
    }

    /// Whether a poll is under way.
    pub fn is_polling(&self) -> bool {
        matches!(self.state, FeedState::Polling { .. })
    }

    /// What polls that broke have taught.
    pub fn silence(&self) -> Silence {
        self.patience.learned()
    }

    /// Whether a poll has broken, and a pull finds out whether the server is there.
    pub fn is_unsure(&self) -> bool {
        self.patience.is_unsure()
    }

    /// The number of the last pull that ended well.
    pub fn pulls_done(&self) -> u64 {
        self.done
    }

    /// When the next request is due; `None` while one is under way.
    pub fn due(&self) -> Option<u64> {
        match self.state {
            FeedState::Resting { earliest, until } => {
                Some(if self.wanted { earliest } else { until })
            }
            _ => None,
        }
    }

    /// The next request, if it is due.
    pub fn next(&mut self, now: u64, id: RequestId) -> Option<Request> {
        if self.due().is_none_or(|due| due > now) {
            return None;
        }
        self.begun += 1;
        self.moved = false;
        // This pull serves everybody who has asked so far.
        self.wanted = false;
        Some(self.pull(id))
    }

    /// Asks for the page after what is known.
    pub fn pull(&mut self, id: RequestId) -> Request {
        self.state = FeedState::Pulling { request: id };
        Request::Changes {
            since: self.since(),
        }
    }

    /// The cursor after which the next page starts.
    pub fn since(&self) -> Option<String> {
        let staged = self.staged.as_ref().map(|staged| staged.next.clone());
        staged.or_else(|| self.cursor.clone())
    }

    /// A page has arrived; notes whether it said anything new.
    pub fn note_page(&mut self, has_news: bool) {
        self.moved |= has_news;
    }

    /// The pull is over: polls, or begins another one that was asked for.
    pub fn pulled(&mut self, now: u64, id: RequestId) -> Option<Request> {
        self.done = self.begun;
        self.patience.reached(now);
        if self.wanted {
            self.rest(now, now);
            return None;
        }
        self.state = FeedState::Polling {
            request: id,
            began: now,
        };
        Some(Request::Poll {
            since: self.cursor.clone()?,
            seconds: self.patience.ask(now),
        })
    }

    /// The poll was answered.
    pub fn polled(&mut self, news: bool, now: u64, jitter: f64) {
        let FeedState::Polling { began, .. } = self.state else {
            return;
        };
        // News that no pull finds is no news.
        let in_vain = self.promised && !self.moved;
        self.promised = news;
        let held_millis = now.saturating_sub(began);
        if !news {
            self.patience.held(held_millis);
        }
        let round = if news && !in_vain {
            RoundEnd::News
        } else {
            RoundEnd::Quiet { held_millis }
        };
        self.end_round(round, now, jitter);
    }

    /// The poll's time is over without an answer, which teaches nothing about silence.
    pub fn unheard(&mut self, now: u64, jitter: f64) {
        if let FeedState::Polling { began, .. } = self.state {
            self.promised = false;
            let held_millis = now.saturating_sub(began);
            self.end_round(RoundEnd::Quiet { held_millis }, now, jitter);
        }
    }

    /// The request has no answer. Returns whether a poll's silence may be the reason.
    /// Then the next pull finds out, and until then nothing counts as failed.
    pub fn broke(&mut self, now: u64, jitter: f64) -> bool {
        let FeedState::Polling { began, .. } = self.state else {
            return false;
        };
        let held_millis = now.saturating_sub(began);
        let may_be_silence = self.patience.broke(held_millis);
        if may_be_silence {
            self.promised = false;
            self.end_round(RoundEnd::Quiet { held_millis }, now, jitter);
        }
        may_be_silence
    }

    /// Pull or poll failed.
    pub fn failed(&mut self, asked_wait_millis: u64, now: u64, jitter: f64) {
        self.promised = false;
        self.patience.lost();
        self.end_round(RoundEnd::Failed { asked_wait_millis }, now, jitter);
    }

    /// What another engine has pulled counts as done here.
    pub fn followed(&mut self) {
        self.begun += 1;
        self.done = self.begun;
    }

    /// There is a connection again: the rest is cut short.
    pub fn hurry(&mut self) {
        self.wanted |= matches!(self.state, FeedState::Resting { .. });
    }

    fn end_round(&mut self, round: RoundEnd, now: u64, jitter: f64) {
        let wait = self.pace.after(round, now, jitter);
        let earliest = now + wait.at_least_millis;
        self.rest(earliest, earliest + wait.then_millis);
    }

    fn rest(&mut self, earliest: u64, until: u64) {
        self.state = FeedState::Resting { earliest, until };
    }
}

#[cfg(test)]
mod tests {
    use super::FullListing;
    use protocol::ids::ItemId;

    #[test]
    fn what_is_not_listed_is_found_wherever_it_stands() {
        let id = |n: u8| ItemId::from_random([n; 16]);
        let ids = |all: &[u8]| {
            let mut ids: Vec<ItemId> = all.iter().map(|n| id(*n)).collect();
            ids.sort();
            ids
        };
        for (known, listed) in [
            (&[][..], &[1][..]),
            (&[1, 2, 3], &[]),
            (&[1, 2, 3], &[1, 2, 3]),
            (&[1, 3, 5, 7, 9], &[0, 3, 4, 7, 8]),
            (&[4, 5], &[1, 2, 3, 4]),
            (&[1, 2], &[2, 3, 4]),
        ] {
            let listing = FullListing {
                listed: listed.iter().map(|n| id(*n)).collect(),
                ..FullListing::default()
            };
            let known = ids(known);
            let without = listing.without_listed(known.clone());
            let expected = known.iter().filter(|id| !listing.listed.contains(id));
            assert!(without.eq(expected.copied()), "{known:?} {listed:?}");
        }
    }
}
