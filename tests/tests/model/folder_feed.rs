//! The feed and the poll of one folder: whoever follows the journal ends with what a list
//! would tell them, whatever crossed the border, and hears of nothing else.

use crate::stage::{Stage, THEN};
use driftless_core::reads::space::PollStart;
use driftless_core::writes::deletion::BOUNDS;
use driftless_tests::client::{change_trashed, commit_of, new_file, operation_id};
use driftless_tests::drive::{change_place, new_conflict, new_folder};
use driftless_tests::model::legs::Device;
use protocol::changes::{Change, ChangePage};
use protocol::ids::{ConflictId, ItemId};
use protocol::items::{DeleteForGood, Item};
use protocol::notifications::Event;
use std::collections::{BTreeMap, BTreeSet};

/// What a program of one folder knows.
#[derive(Clone, Debug, Default, PartialEq)]
struct Known {
    items: BTreeMap<ItemId, Item>,
    conflicts: BTreeSet<ConflictId>,
    since: Option<String>,
    /// How often it began anew.
    resets: usize,
}

impl Known {
    fn take(&mut self, page: ChangePage) {
        if page.reset {
            self.items.clear();
            self.conflicts.clear();
            self.resets += 1;
        }
        for change in page.changes {
            match change {
                Change::Item { item } => drop(self.items.insert(item.id, item)),
                Change::Conflict { conflict } => drop(self.conflicts.insert(conflict.id)),
                other => panic!("a folder's feed has no {other:?}"),
            }
        }
        self.since = Some(page.next_token);
    }

    fn told(&self) -> (&BTreeMap<ItemId, Item>, &BTreeSet<ConflictId>) {
        (&self.items, &self.conflicts)
    }
}

/// Ann's drive, and a program of hers that has one folder of it.
struct Shared {
    stage: Stage,
    program: Device,
    numbers: u64,
    /// All folders and files that were ever made, the program's folder first.
    made: Vec<ItemId>,
}

impl Shared {
    fn new(seed: u64) -> Self {
        let stage = Stage::new();
        let folder = new_folder(None, "theirs");
        let made = stage.server.create_folder(&stage.ann, THEN, folder);
        let root = made.unwrap().item.id;
        let program = Device {
            folder: Some(root),
            ..stage.ann.clone()
        };
        Self {
            stage,
            program,
            numbers: seed,
            made: vec![root],
        }
    }

    fn root(&self) -> ItemId {
        self.made[0]
    }

    fn below(&mut self, bound: usize) -> usize {
        self.numbers ^= self.numbers << 13;
        self.numbers ^= self.numbers >> 7;
        self.numbers ^= self.numbers << 17;
        (self.numbers >> 11) as usize % bound
    }

    fn any(&mut self) -> ItemId {
        let at = self.below(self.made.len());
        self.made[at]
    }

    fn item(&self, id: ItemId) -> Option<Item> {
        self.stage.server.item(&self.stage.ann, id).ok()
    }

    /// Something that ann does. Much of it is refused, as the name is taken or the folder
    /// is in the trash.
    fn act(&mut self, turn: usize) {
        let id = self.any();
        let to = match self.below(4) {
            0 => None,
            _ => Some(self.any()),
        };
        let name = format!("{turn}");
        let kind = self.below(12);
        let Some(item) = self.item(id) else {
            return;
        };
        let (server, ann) = (&self.stage.server, &self.stage.ann);
        match kind {
            0..=1 => {
                let made = server.create_folder(ann, THEN, new_folder(to, &name));
                self.made.extend(made.map(|made| made.item.id));
            }
            2..=3 => {
                let made = server.create_file(ann, THEN, new_file(to, &name, None));
                self.made.extend(made.map(|made| made.item.id));
            }
            // The folder itself stays out of the trash: of one that is there, nothing is
            // told.
            4..=7 => drop(server.change_place(ann, THEN, id, change_place(&item, to, &name))),
            8 if id != self.root() => drop(server.trash(ann, THEN, id, change_trashed(&item))),
            9 => drop(server.restore(ann, THEN, id, change_trashed(&item))),
            10 => {
                if let Some(file) = item.file {
                    drop(server.commit(ann, THEN, id, commit_of(file.version, b"")));
                    drop(server.keep_conflict(ann, THEN, id, new_conflict(b"")));
                }
            }
            _ => {
                let request = DeleteForGood {
                    operation_id: operation_id(),
                    base_place_version: item.place_version,
                    with_open_conflicts: true,
                };
                drop(server.delete(ann, THEN, id, request, &BOUNDS));
            }
        }
    }

    /// The root is live, so that there is something to tell.
    fn is_live(&self) -> bool {
        self.page(None, None).is_some()
    }

    fn page(&self, since: Option<&str>, limit: Option<u64>) -> Option<ChangePage> {
        self.stage.server.changes(&self.program, since, limit).ok()
    }

    fn pull(&self, known: &mut Known, limit: Option<u64>) {
        loop {
            let page = self.page(known.since.as_deref(), limit).expect("a page");
            let has_more = page.has_more;
            known.take(page);
            if !has_more {
                return;
            }
        }
    }

    fn polled(&self, since: Option<&str>) -> Option<Event> {
        match self.stage.server.poll(&self.program, since).unwrap() {
            PollStart::News(event) => Some(event),
            PollStart::WaitAfter(_) => None,
        }
    }
}

#[test]
fn whoever_follows_the_journal_of_a_folder_knows_what_a_list_tells() {
    let (mut pulls, mut resets, mut silent) = (0, 0, 0);
    for seed in 1..12 {
        let mut shared = Shared::new(seed);
        let mut known = Known::default();
        shared.pull(&mut known, None);
        for turn in 0..50 {
            shared.act(turn);
            if !shared.is_live() || shared.below(3) > 0 {
                continue;
            }
            let before = known.clone();
            let news = shared.polled(known.since.as_deref());
            let limit = match shared.below(2) {
                0 => None,
                _ => Some(1 + shared.below(5) as u64),
            };
            shared.pull(&mut known, limit);
            let mut listed = Known::default();
            shared.pull(&mut listed, None);
            assert_eq!(known.told(), listed.told(), "seed {seed}, turn {turn}");
            if before.told() != known.told() {
                assert!(news.is_some(), "seed {seed}, turn {turn}: nobody was woken");
            }
            if news.is_none() {
                assert_eq!(before.resets, known.resets, "seed {seed}, turn {turn}");
                silent += 1;
            }
            pulls += 1;
        }
        resets += known.resets;
    }
    assert!(
        resets < pulls / 2 && silent > pulls / 10,
        "{resets} of {pulls} began anew, {silent} had no news"
    );
}

#[test]
fn a_poll_behind_a_journal_that_was_cut_off_is_news() {
    let shared = Shared::new(1);
    let (server, ann) = (&shared.stage.server, &shared.stage.ann);
    let mut known = Known::default();
    shared.pull(&mut known, None);
    for name in ["first", "second", "third"] {
        server
            .create_folder(ann, THEN, new_folder(None, name))
            .unwrap();
    }
    assert_eq!(shared.polled(known.since.as_deref()), None);
    // What was cut off may have been inside.
    let cut_off = "DELETE FROM changes WHERE seq < (SELECT max(seq) FROM changes)";
    server.db.connection().execute(cut_off, ()).unwrap();
    let told = shared.polled(known.since.as_deref()).unwrap();
    assert_eq!((told.file_id, told.name), (shared.root(), None));
    shared.pull(&mut known, None);
    assert_eq!(shared.polled(known.since.as_deref()), None);
}

#[test]
fn a_folder_hears_nothing_of_what_is_elsewhere() {
    let shared = Shared::new(1);
    let (server, ann) = (&shared.stage.server, &shared.stage.ann);
    let mut known = Known::default();
    shared.pull(&mut known, None);
    let folder = |parent, name: &str| {
        let made = server.create_folder(ann, THEN, new_folder(parent, name));
        made.unwrap().item
    };
    let moved = |item: &Item, to, name: &str| {
        let to = change_place(item, to, name);
        server.change_place(ann, THEN, item.id, to).unwrap().item
    };
    // Elsewhere.
    let other = folder(None, "secret");
    let other = moved(&other, None, "more secret");
    assert_eq!(shared.polled(known.since.as_deref()), None);
    let page = shared.page(known.since.as_deref(), None).unwrap();
    assert!(!page.reset && page.changes.is_empty(), "{page:?}");
    // Here, and by the name that it had here if it went to another one elsewhere.
    let inner = folder(Some(shared.root()), "inner");
    let told = shared.polled(known.since.as_deref()).unwrap();
    assert_eq!(
        (told.file_id, told.name.as_deref()),
        (inner.id, Some("inner"))
    );
    shared.pull(&mut known, None);
    let inner = moved(&inner, Some(other.id), "most secret");
    let told = shared.polled(known.since.as_deref()).unwrap();
    assert_eq!(
        (told.file_id, told.name.as_deref()),
        (inner.id, Some("inner"))
    );
    let page = shared.page(known.since.as_deref(), None).unwrap();
    let told = serde_json::to_string(&page).unwrap();
    assert!(page.reset && !told.contains("secret"), "{told}");
    shared.pull(&mut known, None);
    moved(&inner, Some(other.id), "forgotten");
    assert_eq!(shared.polled(known.since.as_deref()), None);
}
