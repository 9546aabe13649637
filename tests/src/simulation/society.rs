//! The people of a drive: whose it is, and with whom something of it is shared. With
//! what the drive held lately, by which their answers are judged.

use super::sight::{Sight, Spot, journal, writes};
use crate::model::server::Server;
use blocks::hash::BlockHash;
use protocol::ids::{ItemId, PlaceVersion, Seq, SpaceId, UserId, Version};
use protocol::items::Item;
use protocol::notifications::JournalGrew;
use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::rc::Rc;

/// Their names; the first one's is the drive.
pub const NAMES: [&str; 3] = ["ann", "bob", "carl"];

/// Somebody with an account.
#[derive(Clone, Debug)]
pub struct Person {
    pub user: UserId,
    pub name: &'static str,
}

/// What entries of the journal are about.
#[derive(Clone, Debug, Default)]
pub struct Touched {
    /// Their items, and the folders that these stood in before and after.
    pub anchors: BTreeSet<ItemId>,
    /// The roots that they were in, before or after.
    pub roots: BTreeSet<ItemId>,
    /// Those that went into the trash, or came back: with all that is below them.
    pub took_along: BTreeSet<ItemId>,
}

impl Touched {
    /// Whether whoever has a root may see any of it, or might when it was written.
    pub fn is_in(&self, root: ItemId, now: &Sight) -> bool {
        let mut anchors = self.anchors.iter();
        let mut above = self.took_along.iter();
        self.roots.contains(&root)
            || above.any(|id| now.is_inside(root, *id))
            || anchors.any(|id| now.is_inside(*id, root))
    }
}

/// A message to the queue.
#[derive(Debug)]
pub struct Message {
    pub news: JournalGrew,
    /// The entries that it tells of.
    pub entries: Vec<Seq>,
    /// What those are about.
    pub touched: Touched,
}

/// One of the two things that are told of an item, which change apart.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Part {
    Place(PlaceVersion),
    Content(Version),
}

/// One write to the space.
pub struct Written {
    pub before: Rc<Sight>,
    pub after: Rc<Sight>,
    /// The entries of the journal that it made.
    pub entries: Vec<(Seq, ItemId)>,
}

pub struct Society {
    pub people: Vec<Person>,
    /// The blocks that each of them has sent.
    pub sent: BTreeMap<UserId, BTreeSet<BlockHash>>,
    pub touched: BTreeMap<Seq, Touched>,
    /// What was shared at some time.
    pub roots: BTreeSet<ItemId>,
    /// Every place of an item.
    places: BTreeMap<(ItemId, PlaceVersion), Spot>,
    /// What there was of an item when somebody could see it through a root.
    seen: BTreeSet<(UserId, ItemId, ItemId, Part)>,
    /// Lately; the number of the first one.
    sights: VecDeque<Rc<Sight>>,
    first: u64,
    writes: u64,
}

impl Society {
    /// So many people of an empty drive.
    pub fn new(people: usize) -> Self {
        let person = |(n, name): (usize, &&'static str)| Person {
            user: UserId::from_random([n as u8 + 1; 16]),
            name,
        };
        Self {
            people: NAMES.iter().enumerate().take(people).map(person).collect(),
            sent: BTreeMap::new(),
            touched: BTreeMap::new(),
            roots: BTreeSet::new(),
            places: BTreeMap::new(),
            seen: BTreeSet::new(),
            sights: VecDeque::from([Rc::default()]),
            first: 0,
            writes: 0,
        }
    }

    /// The newest sight.
    pub fn now(&self) -> &Rc<Sight> {
        self.sights.back().expect("there is always one")
    }

    /// The number of the newest sight.
    pub fn number(&self) -> u64 {
        self.first + self.sights.len() as u64 - 1
    }

    /// All sights from a number on.
    pub fn since(&self, number: u64) -> impl Iterator<Item = &Rc<Sight>> {
        let gone = number.saturating_sub(self.first) as usize;
        self.sights.iter().skip(gone)
    }

    /// Forgets the sights before a number.
    pub fn forget_before(&mut self, number: u64) {
        while self.first < number && self.sights.len() > 1 {
            self.sights.pop_front();
            self.first += 1;
        }
    }

    /// Whether somebody could have been told of an item like that at some time. A change of
    /// a place and a commit do not wait for each other, so the answer to one may have the
    /// other as it was before: each of the two could be seen, if not both at a time.
    pub fn has_shown(&self, user: UserId, root: ItemId, told: &Item) -> bool {
        let place = self.places.get(&(told.id, told.place_version));
        let version = told.file.as_ref().map(|file| file.version);
        let parts = version.map(Part::Content).into_iter();
        let mut parts = parts.chain([Part::Place(told.place_version)]);
        place.is_some_and(|spot| spot.is_told(root, told))
            && parts.all(|part| self.seen.contains(&(user, root, told.id, part)))
    }

    /// Whether somebody could see an item through a root at some time.
    pub fn has_seen(&self, user: UserId, root: ItemId, item: ItemId) -> bool {
        let first = (user, root, item, Part::Place(0));
        let next = self.seen.range(first..).next();
        next.is_some_and(|(by, through, of, _)| (*by, *through, *of) == (user, root, item))
    }

    /// What some entries of the journal are about.
    pub fn touched_by(&self, entries: &[Seq]) -> Touched {
        let mut all = Touched::default();
        for one in entries.iter().filter_map(|seq| self.touched.get(seq)) {
            all.anchors.extend(&one.anchors);
            all.roots.extend(&one.roots);
            all.took_along.extend(&one.took_along);
        }
        all
    }

    /// Looks whether the space is another one now.
    pub fn look(&mut self, server: &Server, space: SpaceId) -> Option<Written> {
        let count = writes(server);
        if std::mem::replace(&mut self.writes, count) == count {
            return None;
        }
        let before = self.now().clone();
        let after = Sight::read(server, space);
        if after == *before {
            return None;
        }
        let after = Rc::new(after);
        self.sights.push_back(after.clone());
        for (id, spot) in &after.items {
            let place = (*id, spot.place_version);
            self.places.entry(place).or_insert_with(|| spot.clone());
        }
        self.roots
            .extend(after.grants.values().map(|given| given.item));
        for given in after.grants.values() {
            self.note_seen(&after, given.user, given.item);
        }
        let entries = journal(server, space, before.head);
        for (seq, item) in &entries {
            let touched = self.touch(&before, &after, *item);
            self.touched.insert(*seq, touched);
        }
        Some(Written {
            before,
            after,
            entries,
        })
    }

    fn note_seen(&mut self, sight: &Sight, user: UserId, root: ItemId) {
        // What began before the end of a grant may be done after it.
        if !sight.sees(user, root, 0) {
            return;
        }
        for (id, spot) in &sight.items {
            if sight.is_inside(*id, root) {
                let content = spot.version.map(Part::Content).into_iter();
                let parts = content.chain([Part::Place(spot.place_version)]);
                self.seen.extend(parts.map(|part| (user, root, *id, part)));
            }
        }
    }

    fn touch(&self, before: &Sight, after: &Sight, item: ItemId) -> Touched {
        let both = [before, after];
        let parents = both
            .iter()
            .filter_map(|sight| sight.items.get(&item)?.parent);
        let in_one = |root: &&ItemId| both.iter().any(|sight| sight.is_inside(item, **root));
        let trashed = |sight: &Sight| sight.items.get(&item).map(|spot| spot.trashed);
        let takes_along = trashed(before) != trashed(after);
        Touched {
            anchors: parents.chain([item]).collect(),
            roots: self.roots.iter().filter(in_one).copied().collect(),
            took_along: takes_along.then_some(item).into_iter().collect(),
        }
    }
}
