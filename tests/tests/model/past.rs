//! What was in a folder at a time, and how it comes back: each item by its own rule, in
//! requests for many, and nothing that somebody has changed since the plan was made.

use crate::stage::{Stage, THEN};
use client::Failure;
use client::past::{self, Came, Outcome, Plan, Watch, Why, plan};
use driftless_core::ports::{Database, Statement};
use driftless_core::reads::past::WantedPast;
use driftless_core::retention::thin;
use driftless_core::writes::deletion::BOUNDS;
use driftless_tests::client::{
    change_trashed, commit_of, conflict_id, manifest, new_file, operation_id,
};
use driftless_tests::drive::{change_place, new_folder};
use driftless_tests::model::legs::{Device, Legs};
use driftless_tests::model::orders::every_order;
use driftless_tests::model::ready::ready;
use driftless_tests::model::turns::Turns;
use protocol::conflicts::NewConflict;
use protocol::content::Content;
use protocol::files::NewFile;
use protocol::ids::{ItemId, OperationId, Seq, UnixMillis};
use protocol::items::{DeleteForGood, Item, ItemChange, ItemChanged};
use protocol::limits::{MAX_BATCH_FILES, MAX_BATCH_ITEMS};
use protocol::past::{Past, PastItem, Revert, Stood};
use protocol::problem::Problem;
use protocol::retention::Retention;
use std::cell::Cell;
use std::collections::{BTreeMap, BTreeSet};

/// Leaves the newest entry of the journal.
const CUT_OFF: &str = "DELETE FROM changes WHERE seq < (SELECT max(seq) FROM changes)";
const MINUTE: UnixMillis = 60_000;
const DAY: UnixMillis = 24 * 60 * MINUTE;

/// A device that asks about a folder and a time.
struct Asker<'a> {
    stage: &'a Stage,
    who: &'a Device,
    of: Option<ItemId>,
    at: UnixMillis,
    now: UnixMillis,
    limit: Option<u64>,
    requests: Cell<usize>,
}

impl past::Server for Asker<'_> {
    async fn past(&self, after: Option<Seq>) -> Result<Past, Failure> {
        self.count(1);
        let wanted = WantedPast {
            of: self.of,
            at: self.at,
            after,
            limit: self.limit,
        };
        let told = self.stage.server.past(self.who, self.now, &wanted);
        told.map_err(Failure::Refused)
    }

    async fn change_items(
        &self,
        changes: &[ItemChange],
    ) -> Result<Vec<Result<ItemChanged, Problem>>, Failure> {
        self.count(1);
        assert!(changes.len() <= MAX_BATCH_ITEMS);
        let server = &self.stage.server;
        let changed = server.change_items(self.who, self.now, changes.to_vec());
        changed.map_err(Failure::Refused)
    }

    async fn revert(&self, files: &[Revert]) -> Result<Vec<Result<ItemChanged, Problem>>, Failure> {
        self.count(1);
        assert!(files.len() <= MAX_BATCH_FILES);
        let reverted = self.stage.server.revert(self.who, self.now, files.to_vec());
        reverted.map_err(Failure::Refused)
    }

    fn operation(&self) -> OperationId {
        operation_id()
    }
}

struct Unwatched;

impl Watch for Unwatched {
    fn is_stopped(&self) -> bool {
        false
    }

    fn went_on(&self, _: usize) {}
}

impl Asker<'_> {
    fn count(&self, more: usize) {
        self.requests.set(self.requests.get() + more);
    }

    fn entries(&self) -> Vec<PastItem> {
        ready(past::ask(self, |_| {})).expect("told").1
    }

    fn plan(&self, came: Came) -> Plan {
        plan(&self.entries(), came)
    }

    fn run(&self, plan: Plan) -> Outcome {
        ready(past::run(self, plan, &Unwatched))
    }

    fn go(&self, came: Came) -> Outcome {
        self.run(self.plan(came))
    }
}

/// A stage with a clock that moves on by a minute with each act.
struct Story {
    stage: Stage,
    clock: Cell<UnixMillis>,
}

impl Story {
    fn new() -> Self {
        Self {
            stage: Stage::new(),
            clock: Cell::new(THEN),
        }
    }

    fn now(&self) -> UnixMillis {
        self.clock.set(self.clock.get() + MINUTE);
        self.clock.get()
    }

    fn asks(&self, of: Option<ItemId>, at: UnixMillis) -> Asker<'_> {
        Asker {
            stage: &self.stage,
            who: &self.stage.ann,
            of,
            at,
            now: self.now(),
            limit: None,
            requests: Cell::new(0),
        }
    }

    fn folder(&self, parent: Option<ItemId>, name: &str) -> ItemId {
        let new = new_folder(parent, name);
        let made = self
            .stage
            .server
            .create_folder(&self.stage.ann, self.now(), new);
        made.unwrap().item.id
    }

    fn file(&self, parent: Option<ItemId>, name: &str, bytes: &[u8]) -> ItemId {
        self.stage.store(&[bytes]);
        let new = new_file(parent, name, Some(manifest(bytes)));
        let made = self
            .stage
            .server
            .create_file(&self.stage.ann, self.now(), new);
        made.unwrap().item.id
    }

    fn item(&self, id: ItemId) -> Item {
        self.stage.server.item(&self.stage.ann, id).unwrap()
    }

    fn edit(&self, id: ItemId, bytes: &[u8]) {
        self.stage.store(&[bytes]);
        let commit = commit_of(self.item(id).version(), bytes);
        let server = &self.stage.server;
        server
            .commit(&self.stage.ann, self.now(), id, commit)
            .unwrap();
    }

    fn moves(&self, id: ItemId, parent: Option<ItemId>, name: &str) {
        let to = change_place(&self.item(id), parent, name);
        let server = &self.stage.server;
        server
            .change_place(&self.stage.ann, self.now(), id, to)
            .unwrap();
    }

    fn trash(&self, id: ItemId) {
        let change = change_trashed(&self.item(id));
        let server = &self.stage.server;
        server
            .trash(&self.stage.ann, self.now(), id, change)
            .unwrap();
    }

    fn delete(&self, id: ItemId) {
        let request = DeleteForGood {
            operation_id: operation_id(),
            base_place_version: self.item(id).place_version,
            with_open_conflicts: true,
        };
        let server = &self.stage.server;
        server
            .delete(&self.stage.ann, self.now(), id, request, &BOUNDS)
            .unwrap();
    }

    fn content(&self, id: ItemId) -> Vec<u8> {
        self.stage
            .server
            .content(&self.stage.ann, id, None)
            .unwrap()
    }

    /// What is live in a folder: the paths, with what files hold.
    fn tree(&self, of: Option<ItemId>) -> BTreeMap<String, Option<Vec<u8>>> {
        let page = self.stage.server.changes(&self.stage.ann, None, None);
        let items = page.unwrap().changes.into_iter();
        let items: BTreeMap<ItemId, Item> = items
            .filter_map(|change| match change {
                protocol::changes::Change::Item { item } => Some((item.id, item)),
                _ => None,
            })
            .collect();
        let mut tree = BTreeMap::new();
        'items: for item in items.values() {
            let mut path = vec![item.name.to_string()];
            let mut at = item;
            loop {
                if at.trashed_at_ms.is_some() {
                    continue 'items;
                }
                if at.parent == of {
                    break;
                }
                match at.parent.and_then(|parent| items.get(&parent)) {
                    Some(parent) => at = parent,
                    None => continue 'items,
                }
                path.insert(0, at.name.to_string());
            }
            let content = item.file.is_some().then(|| self.content(item.id));
            tree.insert(path.join("/"), content);
        }
        tree
    }
}

fn whys(stays: &[past::Stay]) -> BTreeMap<String, Why> {
    let stays = stays.iter();
    stays
        .map(|stay| (stay.name.clone(), stay.why.clone()))
        .collect()
}

#[test]
fn each_item_comes_back_by_its_own_rule() {
    let story = Story::new();
    let plans = story.folder(None, "Plans");
    let inner = story.folder(Some(plans), "inner");
    let elsewhere = story.folder(None, "elsewhere");
    let edited = story.file(Some(plans), "edited", b"first");
    story.edit(edited, b"second");
    let renamed = story.file(Some(inner), "renamed", b"r");
    let moved = story.file(Some(inner), "moved out", b"m");
    let trashed = story.file(Some(plans), "trashed", b"t");
    let both = story.file(Some(inner), "both", b"b1");
    let deep = story.file(Some(inner), "deep", b"d");
    story.file(Some(plans), "untouched", b"u");
    let outside = story.file(Some(elsewhere), "outside", b"o");
    let before = story.tree(Some(plans));
    let then = story.now();

    story.edit(edited, b"third");
    story.edit(edited, b"fourth");
    story.moves(renamed, Some(inner), "another name");
    story.moves(moved, Some(elsewhere), "moved out");
    story.trash(trashed);
    story.edit(both, b"b2");
    story.moves(both, None, "both, elsewhere");
    story.trash(both);
    // A folder goes with what is in it.
    story.moves(inner, Some(elsewhere), "inner, moved");
    story.trash(inner);
    story.edit(outside, b"not of the folder");
    story.file(Some(plans), "came", b"c");

    let asker = story.asks(Some(plans), then);
    let planned = asker.plan(Came::Stays);
    let named = planned.steps().map(|step| step.item);
    let named: BTreeSet<ItemId> = named.collect();
    let expected = BTreeSet::from([edited, renamed, moved, trashed, both, inner]);
    assert_eq!(named, expected);
    let outcome = asker.run(planned);
    assert_eq!(outcome.failed, None);
    assert_eq!(
        whys(&outcome.stays),
        BTreeMap::from([("came".to_owned(), Why::Came)])
    );
    let mut after = story.tree(Some(plans));
    assert_eq!(after.remove("came"), Some(Some(b"c".to_vec())));
    assert_eq!(after, before);
    assert_eq!(story.item(edited).version(), 5);
    assert_eq!(story.content(deep), b"d");
    assert_eq!(story.content(outside), b"not of the folder");

    // Once more, there is nothing to do.
    let again = story.asks(Some(plans), then).plan(Came::Stays);
    assert!(again.is_empty(), "{again:?}");

    // What has come goes, and the whole drive goes back as a folder does.
    let outcome = story.asks(None, then).go(Came::Goes);
    assert_eq!((outcome.failed, outcome.stays), (None, vec![]));
    assert_eq!(story.tree(Some(plans)), before);
    assert_eq!(story.content(outside), b"o");
    story.stage.is_sound();
}

#[test]
fn however_it_is_cut_into_pages_the_plan_is_the_same() {
    let story = Story::new();
    let folder = story.folder(None, "folder");
    let files: Vec<ItemId> = (0..5)
        .map(|n| story.file(Some(folder), &format!("file {n}"), &[n]))
        .collect();
    let then = story.now();
    for round in 0..4 {
        for (n, file) in files.iter().enumerate() {
            story.edit(*file, &[10 + round, n as u8]);
            if n % 2 == round as usize % 2 {
                story.moves(*file, Some(folder), &format!("file {n} in {round}"));
            }
        }
    }
    story.trash(files[4]);
    let whole = story.asks(Some(folder), then);
    let expected = whole.plan(Came::Stays);
    assert_eq!(expected.contents.len(), 5);
    assert_eq!(whole.requests.get(), 1);
    assert_eq!(whole.entries().len(), 5);
    for limit in 1..=7 {
        let asker = Asker {
            limit: Some(limit),
            ..story.asks(Some(folder), then)
        };
        let entries = asker.entries();
        assert_eq!(plan(&entries, Came::Stays), expected, "{limit} at a time");
        // Of what is kept, each is told once.
        assert_eq!(entries.len(), 5, "{limit} at a time");
    }
}

#[test]
fn nobodys_change_is_passed_over_that_the_plan_has_not_seen() {
    let story = Story::new();
    let folder = story.folder(None, "folder");
    let names = ["edited", "moved", "named", "trashed"];
    let files = names.map(|name| story.file(Some(folder), name, name.as_bytes()));
    let [edited, moved, named, trashed] = files;
    let then = story.now();
    story.edit(edited, b"bad");
    story.moves(moved, None, "moved");
    story.moves(named, Some(folder), "has another name");
    story.trash(trashed);
    let asker = story.asks(Some(folder), then);
    let planned = asker.plan(Came::Stays);

    story.edit(edited, b"somebody's work");
    story.moves(moved, None, "somebody's place");
    story.file(Some(folder), "named", b"in the way");
    story.delete(trashed);
    let outcome = asker.run(planned);
    assert!(outcome.done.is_empty(), "{outcome:?}");
    assert_eq!(story.content(edited), b"somebody's work");
    assert_eq!(story.item(edited).version(), 3);
    assert_eq!(story.item(moved).name.as_str(), "somebody's place");
    assert_eq!(story.item(named).name.as_str(), "has another name");
    let refused = |stay: &past::Stay| match &stay.why {
        Why::Refused(problem) => problem.status(),
        other => panic!("{other:?}"),
    };
    let refused: Vec<u16> = outcome.stays.iter().map(refused).collect();
    assert_eq!(refused.len(), 4, "{outcome:?}");
    assert!(refused.iter().all(|status| [404, 409].contains(status)));

    // A new plan has seen it: that is brought back, as far as it is there.
    let outcome = story.asks(Some(folder), then).go(Came::Goes);
    assert_eq!(
        whys(&outcome.stays),
        BTreeMap::from([("trashed".to_owned(), Why::Gone)])
    );
    assert_eq!(story.content(edited), b"edited");
    assert_eq!(story.item(moved).parent, Some(folder));
    assert_eq!(story.item(named).name.as_str(), "named");
}

#[test]
fn what_was_brought_back_goes_forth_again() {
    let story = Story::new();
    let folder = story.folder(None, "folder");
    let edited = story.file(Some(folder), "edited", b"old");
    let moved = story.file(Some(folder), "moved", b"m");
    let trashed = story.file(Some(folder), "trashed", b"t");
    let then = story.now();
    story.edit(edited, b"new");
    story.moves(moved, None, "moved");
    story.trash(trashed);
    let made = story.folder(Some(folder), "made");
    story.file(Some(made), "in it", b"i");
    let changed = (story.tree(None), story.tree(Some(folder)));
    let before_it = story.now();

    let outcome = story.asks(Some(folder), then).go(Came::Goes);
    assert_eq!(outcome.stays, []);
    let names: Vec<String> = story.tree(Some(folder)).into_keys().collect();
    assert_eq!(names, ["edited", "moved", "trashed"]);
    // What somebody has made since stays.
    story.file(Some(folder), "of somebody", b"s");

    let back = story.asks(Some(folder), before_it);
    let planned = back.plan(Came::Goes).only(&outcome.done);
    let undone = back.run(planned);
    assert_eq!((undone.failed, undone.stays), (None, vec![]));
    let mut now = (story.tree(None), story.tree(Some(folder)));
    assert!(now.0.remove("folder/of somebody").is_some());
    assert!(now.1.remove("of somebody").is_some());
    assert_eq!(now, changed);
}

#[test]
fn folders_come_back_before_what_was_in_them_and_names_change_hands() {
    let story = Story::new();
    let top = story.folder(None, "top");
    let a = story.folder(Some(top), "a");
    let b = story.folder(Some(a), "b");
    let file = story.file(Some(b), "file", b"f");
    let first = story.file(Some(top), "first", b"1");
    let second = story.file(Some(top), "second", b"2");
    let (mut early, mut last) = (
        story.folder(Some(top), "folder"),
        story.folder(Some(top), "another"),
    );
    if last > early {
        (early, last) = (last, early);
    }
    let names = BTreeMap::from([early, last].map(|id| (id, story.item(id).name.to_string())));
    let before = story.tree(Some(top));
    let then = story.now();
    // The folders change their order, names move on, and one goes into the trash with a folder
    // that is brought back after it.
    story.moves(file, Some(top), "file");
    story.moves(b, Some(top), "b");
    story.moves(a, Some(b), "a");
    story.moves(second, Some(top), "third");
    story.moves(first, Some(top), "second");
    story.moves(last, Some(early), &names[&last]);
    story.trash(early);
    let outcome = story.asks(Some(top), then).go(Came::Stays);
    assert_eq!((outcome.failed, outcome.stays), (None, vec![]));
    assert_eq!(story.tree(Some(top)), before);

    // Two that have each other's names stay, and are told.
    let then = story.now();
    story.moves(first, Some(top), "for a moment");
    story.moves(second, Some(top), "first");
    story.moves(first, Some(top), "second");
    let outcome = story.asks(Some(top), then).go(Came::Stays);
    assert_eq!(outcome.stays.len(), 2, "{outcome:?}");
}

#[test]
fn a_new_folder_stays_if_something_in_it_could_not_be_taken_out() {
    let story = Story::new();
    let top = story.folder(None, "top");
    let old = story.file(Some(top), "old", b"old");
    let then = story.now();
    let made = story.folder(Some(top), "made");
    story.moves(old, Some(made), "old");
    let asker = story.asks(Some(top), then);
    let planned = asker.plan(Came::Goes);
    // Its place is taken just now.
    story.file(Some(top), "old", b"another");
    let outcome = asker.run(planned);
    assert_eq!(whys(&outcome.stays)["made"], Why::Holds);
    assert!(story.tree(Some(top)).contains_key("made/old"));
}

#[test]
fn what_has_an_open_conflict_is_left_alone() {
    let story = Story::new();
    let file = story.file(None, "file", b"first");
    let then = story.now();
    story.edit(file, b"second");
    story.stage.store(&[b"mine"]);
    let kept = NewConflict {
        operation_id: operation_id(),
        id: conflict_id(),
        base_version: 1,
        content: manifest(b"mine"),
    };
    let (server, ann) = (&story.stage.server, &story.stage.ann);
    server.keep_conflict(ann, story.now(), file, kept).unwrap();
    let outcome = story.asks(None, then).go(Came::Goes);
    assert_eq!(whys(&outcome.stays)["file"], Why::InConflict);
    assert_eq!(story.content(file), b"second");
}

#[test]
fn of_what_was_thinned_the_nearest_before_comes_back_and_is_told_as_that() {
    let story = Story::new();
    let file = story.file(None, "file", b"one");
    let times = [b"two".as_slice(), b"three", b"four"].map(|bytes| {
        story.edit(file, bytes);
        story.clock.get()
    });
    let late = THEN + 40 * DAY;
    story.clock.set(late);
    story.edit(file, b"newest");
    let other = story.file(None, "other", b"o");
    story.edit(other, b"p");
    let kept = |at: UnixMillis| {
        let entries = story.asks(None, at).entries();
        let of_file = entries.into_iter().find(|entry| entry.id == file);
        of_file.unwrap().then.unwrap().content
    };
    let exact = kept(times[1]).unwrap();
    assert!(exact.is_exact && exact.version == 3);
    // Of that day, the newest stays: the fourth.
    let thinned = story
        .stage
        .server
        .thin(late + 9 * DAY, &Retention::default(), &thin::BOUNDS);
    assert_eq!(thinned.unwrap().versions, 4);
    assert_eq!(kept(times[1]), None);
    let nearest = kept(late - DAY).unwrap();
    assert_eq!((nearest.version, nearest.is_exact), (4, true));
    let outcome = story.asks(None, times[1]).go(Came::Stays);
    assert_eq!(whys(&outcome.stays)["file"], Why::NotKept);
    assert_eq!(story.content(file), b"newest");
    // A version that goes between the plan and its way back is not brought back.
    let asker = story.asks(None, late - DAY);
    let planned = asker.plan(Came::Stays);
    let gone = "DELETE FROM versions WHERE version = 4";
    let connection = story.stage.server.db.connection();
    assert_eq!(connection.execute(gone, []).unwrap(), 1);
    let outcome = asker.run(planned);
    let why = &whys(&outcome.stays)["file"];
    assert_eq!(*why, Why::Refused(Problem::NoSuchVersion));
}

#[test]
fn before_places_were_written_down_nothing_is_said_of_them() {
    let story = Story::new();
    let file = story.file(None, "file", b"one");
    story.moves(file, None, "two");
    let known = story.clock.get();
    let forget = "UPDATE changes SET detail = NULL, event = NULL";
    let connection = story.stage.server.db.connection();
    connection.execute_batch(forget).unwrap();
    story.moves(file, None, "three");
    let told = |at: UnixMillis| {
        let wanted = WantedPast {
            of: None,
            at,
            after: None,
            limit: None,
        };
        let (server, ann) = (&story.stage.server, &story.stage.ann);
        server.past(ann, story.now(), &wanted).unwrap()
    };
    for at in [0, THEN, known] {
        let past = told(at);
        assert_eq!((past.at_ms, past.known_since_ms), (known, known));
        let then = past.entries[0].then.as_ref().unwrap();
        assert_eq!(then.place.as_ref().unwrap().name, "two");
    }
    // An entry that can't be read says nothing, and ends no page.
    let damage = "UPDATE changes SET detail = '{' WHERE detail IS NOT NULL";
    connection.execute_batch(damage).unwrap();
    assert_eq!(told(known).entries, []);
}

#[test]
fn a_journal_that_is_cut_off_meanwhile_tells_nothing_that_was_not_so() {
    let mut ends = BTreeSet::new();
    let orders = every_order(|order| {
        let story = Story::new();
        let file = story.file(None, "file", b"one");
        let at = story.now();
        story.moves(file, None, "two");
        story.edit(file, b"three");
        let Stage { server, ann, .. } = &story.stage;
        let db = Turns(&server.db);
        let legs = Legs {
            db: &db,
            packs: &server.packs,
        };
        let wanted = WantedPast {
            of: None,
            at,
            after: None,
            limit: None,
        };
        let cut_off = async { db.run(Statement::new(CUT_OFF)).await };
        let (told, cut_off) = order.run(legs.past(ann, story.now(), &wanted), cut_off);
        cut_off.unwrap();
        match told {
            Ok(past) if past.at_ms == at => {
                let then = past.entries[0].then.as_ref().unwrap();
                assert_eq!(then.place.as_ref().unwrap().name, "file");
                ends.insert("told");
            }
            Ok(past) => {
                assert!(past.at_ms > at);
                ends.insert("told of later");
            }
            Err(why) => {
                assert_eq!(why.into_problem(), Problem::Unavailable);
                ends.insert("to be asked again");
            }
        }
    });
    assert!(orders > 3, "{orders}");
    assert_eq!(ends.len(), 3, "{ends:?}");
}

/// Asks page by page while the journal is cut off after the first page.
struct CutOff<'a>(Asker<'a>);

impl past::Server for CutOff<'_> {
    async fn past(&self, after: Option<Seq>) -> Result<Past, Failure> {
        let page = self.0.past(after).await;
        if self.0.requests.get() == 1 {
            let connection = self.0.stage.server.db.connection();
            connection.execute_batch(CUT_OFF).unwrap();
        }
        page
    }

    async fn change_items(
        &self,
        changes: &[ItemChange],
    ) -> Result<Vec<Result<ItemChanged, Problem>>, Failure> {
        self.0.change_items(changes).await
    }

    async fn revert(&self, files: &[Revert]) -> Result<Vec<Result<ItemChanged, Problem>>, Failure> {
        self.0.revert(files).await
    }

    fn operation(&self) -> OperationId {
        self.0.operation()
    }
}

#[test]
fn all_pages_are_of_one_time() {
    let story = Story::new();
    let (one, two) = (story.file(None, "1", b"one"), story.file(None, "2", b"two"));
    let at = story.now();
    story.moves(one, None, "3");
    story.moves(two, None, "4");
    story.moves(one, None, "5");
    let known = story.clock.get();
    story.moves(two, None, "6");
    let asker = CutOff(Asker {
        limit: Some(1),
        ..story.asks(None, at)
    });
    let (first, entries) = ready(past::ask(&asker, |_| {})).unwrap();
    assert!(first.at_ms > known, "{first:?}");
    assert_eq!(entries, [], "nothing is otherwise than it was then");
}

#[test]
fn whoever_has_a_part_is_told_of_that_part() {
    let story = Story::new();
    let shared = story.folder(None, "shared");
    let inner = story.folder(Some(shared), "inner");
    let private = story.folder(None, "private");
    let left = story.file(Some(inner), "left", b"l");
    let edited = story.file(Some(inner), "edited", b"e");
    let secret = story.file(Some(private), "secret", b"s");
    let hidden = story.file(Some(private), "hidden", b"h");
    let then = story.now();
    story.moves(left, Some(private), "called otherwise");
    story.edit(edited, b"e2");
    story.edit(secret, b"s2");
    story.moves(hidden, Some(inner), "came in");
    let token = Device {
        folder: Some(shared),
        ..story.stage.ann.clone()
    };
    for of in [None, Some(shared), Some(inner)] {
        let asker = Asker {
            who: &token,
            ..story.asks(of, then)
        };
        let told: BTreeMap<ItemId, PastItem> = asker
            .entries()
            .into_iter()
            .map(|entry| (entry.id, entry))
            .collect();
        let ids: BTreeSet<ItemId> = told.keys().copied().collect();
        assert_eq!(ids, BTreeSet::from([left, edited, hidden]));
        assert_eq!(told[&left].now, None);
        let place = |id: &ItemId| told[id].then.as_ref().unwrap().place.clone();
        assert_eq!(place(&left).unwrap().name, "left");
        // Where it came from is not theirs to know.
        assert_eq!(place(&hidden), None);
        let stood = told[&hidden].then.as_ref().unwrap().stood;
        assert_eq!(stood, Stood::Elsewhere);
    }
    let asker = Asker {
        who: &token,
        ..story.asks(None, then)
    };
    let outcome = asker.go(Came::Goes);
    let stays = BTreeMap::from([
        ("came in".to_owned(), Why::Untold),
        ("left".to_owned(), Why::Gone),
    ]);
    assert_eq!(whys(&outcome.stays), stays);
    assert_eq!(story.content(edited), b"e");
    let elsewhere = Asker {
        who: &token,
        ..story.asks(Some(private), then)
    };
    let refused = ready(past::ask(&elsewhere, |_| {})).unwrap_err();
    assert_eq!(refused, Failure::Refused(Problem::NoSuchItem));
}

#[test]
fn a_revert_is_one_operation_and_says_why_it_is_refused() {
    let story = Story::new();
    let (server, ann) = (&story.stage.server, &story.stage.ann);
    let file = story.file(None, "file", b"one");
    story.edit(file, b"two");
    let folder = story.folder(None, "folder");
    let revert = |item, version, base_version| Revert {
        operation_id: operation_id(),
        item,
        version,
        base_version,
    };
    let good = revert(file, 1, 2);
    let wanted = vec![
        revert(folder, 1, 2),
        revert(file, 1, 1),
        good,
        revert(file, 1, 2),
        good,
        revert(file, 9, 3),
        revert(file, 3, 3),
    ];
    let ends = server.revert(ann, story.now(), wanted.clone()).unwrap();
    let refused: Vec<Option<Problem>> = ends.iter().map(|end| end.clone().err()).collect();
    assert_eq!(refused[0], Some(Problem::NotAFile));
    assert!(matches!(refused[1], Some(Problem::VersionConflict { .. })));
    assert_eq!(refused[2], None);
    assert!(matches!(refused[3], Some(Problem::VersionConflict { .. })));
    assert_eq!(ends[4], ends[2]);
    assert_eq!(refused[5], Some(Problem::NoSuchVersion));
    assert!(matches!(refused[6], Some(Problem::BadRequest { .. })));
    assert_eq!(story.content(file), b"one");
    let item = story.item(file);
    assert_eq!(&ends[2].as_ref().unwrap().item, &item);
    assert_eq!(item.version(), 3);
    // The same request again, after somebody has gone on.
    story.edit(file, b"three");
    assert_eq!(
        server.revert(ann, story.now(), vec![good]).unwrap()[0],
        ends[2]
    );
    assert_eq!(story.content(file), b"three");
    let many = vec![good; MAX_BATCH_FILES + 1];
    let refused = server.revert(ann, story.now(), many).unwrap_err();
    assert!(matches!(refused, Problem::BadRequest { .. }));
    story.stage.is_sound();
}

#[test]
fn ten_thousand_files_come_back_in_bounded_requests() {
    const FILES: usize = 10_000;
    let story = Story::new();
    let folder = story.folder(None, "folder");
    let (server, ann) = (&story.stage.server, &story.stage.ann);
    for byte in [1, 2] {
        story.stage.store(&[&[byte]]);
    }
    let mut files = Vec::new();
    for batch in 0..FILES / MAX_BATCH_FILES {
        let new = |n| {
            let name = format!("{batch} {n}");
            new_file(Some(folder), &name, Some(manifest(&[1]))).into()
        };
        let new: Vec<NewFile<Content>> = (0..MAX_BATCH_FILES).map(new).collect();
        for made in server.create_files(ann, story.now(), new).unwrap() {
            files.push(made.unwrap().item);
        }
    }
    let then = story.now();
    // A program has gone through all of them: each is changed, renamed or in the trash.
    let now = story.now();
    let mut changes = Vec::new();
    for (n, item) in files.iter().enumerate() {
        match n % 10 {
            0 => {
                let commit = commit_of(1, &[2]);
                server.commit(ann, now, item.id, commit).unwrap();
            }
            1..=5 => changes.push(ItemChange {
                item: item.id,
                to: protocol::items::PlaceChange::Move(change_place(
                    item,
                    Some(folder),
                    &format!("{n}.locked"),
                )),
            }),
            _ => changes.push(ItemChange {
                item: item.id,
                to: protocol::items::PlaceChange::Trash(change_trashed(item)),
            }),
        }
    }
    for changes in changes.chunks(MAX_BATCH_ITEMS) {
        let ends = server.change_items(ann, now, changes.to_vec()).unwrap();
        assert!(ends.iter().all(Result::is_ok));
    }
    let asker = story.asks(Some(folder), then);
    server.db.measure();
    let planned = asker.plan(Came::Stays);
    assert_eq!(planned.steps().count(), FILES);
    assert_eq!(asker.requests.replace(0), FILES / 1_000);
    let asked = server.db.measured();
    server.db.measure();
    let written = || {
        let count = "SELECT total_changes()";
        let connection = server.db.connection();
        let rows: i64 = connection.query_row(count, [], |row| row.get(0)).unwrap();
        rows
    };
    let before = written();
    let outcome = asker.run(planned);
    let rows = written() - before;
    assert_eq!((outcome.failed, outcome.stays), (None, vec![]));
    assert_eq!(outcome.done.len(), FILES);
    let requests = asker.requests.get();
    let statements: u64 = server.db.measured().values().map(|work| work.times).sum();
    let most_asked = asked.values().map(|work| work.steps).max().unwrap();
    println!(
        "{requests} requests, {statements} statements, {rows} rows; {most_asked} steps of a statement that asks"
    );
    // A hundred at a time, and at most 15 statements for each hundred.
    assert!(requests <= FILES / 100 + 3, "{requests} requests");
    assert!(
        statements <= 15 * requests as u64,
        "{statements} statements"
    );
    // A journal entry, an answer and what is changed; of a content also its version, and the
    // list's end and beginning.
    assert!(rows as usize <= 6 * FILES, "{rows} rows");
    assert!(most_asked < 1_000_000, "{most_asked} steps");
    assert!(story.asks(Some(folder), then).plan(Came::Stays).is_empty());
}
