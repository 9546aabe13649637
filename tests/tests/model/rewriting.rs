//! Packs of which little is needed are written anew: what moves, what stays, and how much is
//! stored after a year.

use crate::stage::{InTurns, LATE, STILL, Stage, THEN, owner};
use driftless_core::collect::packs::READER_GRACE_MILLIS;
use driftless_core::collect::{self, CollectBounds};
use driftless_core::retention::thin;
use driftless_core::rewrite::{BOUNDS, MOST_PER_NEEDED, RewriteBounds, Rewritten};
use driftless_core::store::packs::pack_key;
use driftless_core::store::sql;
use driftless_core::writes::deletion;
use driftless_tests::client::{
    change_trashed, commit_of, compressed, content, frames, manifest, new_file, operation_id,
    patched,
};
use driftless_tests::model::audit::{faults, strays};
use driftless_tests::model::lapses::Lapse::{AnswerLost, Unreached};
use driftless_tests::model::legs::Legs;
use driftless_tests::model::orders::every_order;
use driftless_tests::model::ready::step;
use driftless_tests::model::turns::Turns;
use driftless_tests::random;
use protocol::ids::{ItemId, PackId, SpaceId, UnixMillis};
use protocol::items::EmptyTrash;
use protocol::problem::Problem;
use protocol::retention::Retention;
use std::collections::BTreeMap;
use std::pin::pin;

const HOUR: UnixMillis = 60 * 60 * 1_000;
const DAY: UnixMillis = 24 * HOUR;

/// The part of a collector's run that has to do with blocks and packs.
const BLOCKS_ONLY: CollectBounds = CollectBounds {
    block_pages: 1,
    patch_pages: 0,
    operation_pages: 0,
    deletion_steps: 0,
    ..collect::BOUNDS
};

/// A pack of four blocks of 100 bytes, the second and fourth of which a file needs.
fn sparse(stage: &Stage, name: &str, seed: u64) -> (ItemId, Vec<u8>) {
    let blocks: Vec<Vec<u8>> = (0..4)
        .map(|n| random::bytes(seed * 4 + n + 1, 100))
        .collect();
    let all: Vec<&[u8]> = blocks.iter().map(Vec::as_slice).collect();
    stage.store(&all);
    let file = new_file(None, name, Some(content(&[all[1], all[3]])));
    let made = stage.server.create_file(&stage.ann, THEN, file);
    (made.unwrap().item.id, [all[1], all[3]].concat())
}

fn rewrite(stage: &Stage, now: UnixMillis) -> Rewritten {
    stage.server.rewrite(now, &BOUNDS).unwrap()
}

fn reads(stage: &Stage, file: ItemId) -> Vec<u8> {
    stage.server.content(&stage.ann, file, None).unwrap()
}

#[test]
fn what_is_needed_of_many_packs_becomes_one() {
    let stage = Stage::new();
    let files: Vec<_> = (0..5).map(|n| sparse(&stage, &n.to_string(), n)).collect();
    let whole = stage.file("whole", b"all of its pack");
    stage.collect(LATE);
    // The bytes of what was collected are still there.
    assert_eq!(stage.server.packs.bytes(), 5 * 400 + 15);
    // As long as an upload under way may count on them, nothing is copied.
    assert_eq!(rewrite(&stage, STILL).emptied, 0);
    let done = rewrite(&stage, LATE);
    let expected = Rewritten {
        looked_at: 6,
        emptied: 5,
        written: 1,
        saved_bytes: 5 * 200,
        ..Rewritten::default()
    };
    assert_eq!(done, expected);
    stage.is_sound();
    // Whoever has looked a place up finds its bytes there for an hour.
    assert_eq!(stage.server.packs.bytes(), 5 * 400 + 15 + 5 * 200);
    assert_eq!(rewrite(&stage, LATE + READER_GRACE_MILLIS - 1).deleted, 0);
    assert_eq!(stage.collect(LATE + READER_GRACE_MILLIS - 1).packs, 0);
    assert_eq!(rewrite(&stage, LATE + READER_GRACE_MILLIS).deleted, 5);
    assert_eq!(stage.server.packs.bytes(), 5 * 200 + 15);
    for (file, bytes) in files {
        assert_eq!(reads(&stage, file), bytes);
    }
    assert_eq!(reads(&stage, whole), b"all of its pack");
    stage.is_sound();
    // And never again.
    for day in 1..5 {
        let again = rewrite(&stage, LATE + day * DAY);
        assert_eq!((again.emptied, again.written), (0, 0));
    }
}

/// A pack keeps its codec, and loses the patches that were kept of its blocks.
#[test]
fn what_is_stored_is_copied_as_it_is() {
    let stage = Stage::new();
    let text = b"to be or not to be, that is the question. ".repeat(20);
    let body = [
        compressed(&text),
        frames(&[&random::bytes(7, 900)]),
        patched(&[&text], &[text.as_slice(), b"more"].concat()),
    ]
    .concat();
    stage.store(&[&text]);
    let later = [text.as_slice(), b"more"].concat();
    stage.server.store_blocks(&stage.ann, THEN, body).unwrap();
    let file = new_file(None, "file", Some(content(&[&later])));
    let file = stage.server.create_file(&stage.ann, THEN, file).unwrap();
    let place = || {
        let row = stage.server.db.connection().query_row(
            "SELECT codec, stored_length FROM blocks",
            [],
            |row| Ok((row.get::<_, i64>(0)?, row.get::<_, Option<i64>>(1)?)),
        );
        row.unwrap()
    };
    stage.collect(LATE);
    let before = place();
    assert_eq!(rewrite(&stage, LATE).emptied, 1);
    assert_eq!(place(), before);
    assert_eq!(reads(&stage, file.item.id), later);
    stage.is_sound();
}

/// A damaged block stays, with its pack, and the others go; and what is not there at all
/// harms nobody else.
#[test]
fn what_is_damaged_stays_for_the_scrub() {
    let stage = Stage::new();
    let (damaged, bytes) = sparse(&stage, "damaged", 1);
    let key = stage.server.packs.keys()[0].clone();
    let (missing, _) = sparse(&stage, "missing", 2);
    let lost = stage.server.packs.keys();
    let lost = lost.iter().find(|other| **other != key).unwrap();
    let (whole, whole_bytes) = sparse(&stage, "whole", 3);
    stage.collect(LATE);
    assert!(stage.server.packs.corrupt(&key, 150));
    let lost_bytes = stage.server.packs.remove(lost).unwrap();
    let done = rewrite(&stage, LATE);
    assert_eq!((done.emptied, done.written), (1, 1));
    assert_eq!(reads(&stage, whole), whole_bytes);
    // It is repaired where it stands.
    stage.server.packs.corrupt(&key, 150);
    stage.server.packs.restore(lost.clone(), lost_bytes);
    assert_eq!(reads(&stage, damaged), bytes);
    assert!(!reads(&stage, missing).is_empty());
    stage.is_sound();
    assert_eq!(rewrite(&stage, LATE).emptied, 2);
    stage.is_sound();
}

/// A row that nobody can make sense of holds up no other pack.
#[test]
fn a_row_that_is_damaged_holds_up_nobody() {
    for harm in [
        "offset = 9007199254740991",
        "length = 9007199254740991, codec = 1",
        "stored_length = 'x'",
    ] {
        let stage = Stage::new();
        sparse(&stage, "harmed", 1);
        stage.collect(LATE);
        let db = stage.server.db.connection();
        db.execute(&format!("UPDATE blocks SET {harm}"), [])
            .unwrap();
        let (whole, bytes) = sparse(&stage, "whole", 3);
        stage.collect(LATE);
        let done = rewrite(&stage, LATE);
        assert_eq!((done.emptied, done.written), (1, 1), "{harm}");
        assert_eq!(reads(&stage, whole), bytes);
    }
}

/// Also objects that no row tells of go, once no upload can be at work on them.
#[test]
fn what_an_upload_has_left_goes_after_a_day() {
    let stage = Stage::new();
    let server = &stage.server;
    let file = stage.file("file", b"kept");
    let unreached = [Unreached; 3].map(Some);
    server.db.lapses.plan([None].into_iter().chain(unreached));
    let cut = server.store_blocks(&stage.ann, THEN, frames(&[b"cut off"]));
    assert_eq!(cut.unwrap_err(), Problem::Unavailable);
    assert_eq!(strays(server).len(), 1);
    // What is no pack, and a pack of a space that is not in this database.
    let (space, pack) = (SpaceId::from_random([7; 16]), PackId::from_random([9; 16]));
    for key in ["notes.txt", "0/notes", &pack_key(space, pack)] {
        server.packs.restore(key.to_owned(), b"bytes".to_vec());
    }
    rewrite(&stage, STILL);
    assert_eq!(rewrite(&stage, STILL).deleted, 0);
    rewrite(&stage, LATE);
    assert_eq!(rewrite(&stage, LATE).deleted, 1);
    assert_eq!(server.packs.len(), 4);
    assert_eq!(reads(&stage, file), b"kept");
}

/// More of what is no pack than one page lists.
#[test]
fn foreign_objects_do_not_stop_a_run() {
    let stage = Stage::new();
    sparse(&stage, "file", 1);
    stage.collect(LATE);
    for n in 0..9 {
        stage.server.packs.restore(format!("+{n}"), Vec::new());
    }
    let few = RewriteBounds {
        objects_per_page: 2,
        pages: 1,
        ..BOUNDS
    };
    let runs = [(); 6].map(|()| stage.server.rewrite(LATE, &few).unwrap().emptied);
    assert_eq!(runs, [0, 0, 0, 0, 1, 0]);
}

/// A few at a time, over several spaces, each into packs of its own.
#[test]
fn the_next_run_goes_on_where_one_left_off() {
    let few = RewriteBounds {
        objects_per_page: 3,
        pages: 2,
        rows_per_page: 5,
        sources: 2,
        blocks: 3,
        packs: 1,
        bytes: 350,
    };
    let stage = Stage::new();
    let bob = Stage {
        ann: owner(&stage.server, "bob"),
        server: stage.server,
    };
    let others: Vec<_> = (0..5).map(|n| sparse(&bob, &n.to_string(), n)).collect();
    let stage = Stage {
        ann: stage.ann,
        server: bob.server,
    };
    let files: Vec<_> = (0..8).map(|n| sparse(&stage, &n.to_string(), n)).collect();
    stage.collect(LATE);
    let (mut emptied, mut runs) = (0, 0);
    while emptied < 13 {
        let done = stage.server.rewrite(LATE, &few).unwrap();
        assert!(done.emptied <= 2 && done.written <= 1, "{done:?}");
        emptied += done.emptied;
        runs += 1;
        assert!(runs < 60, "{emptied} after {runs} runs");
        stage.is_sound();
    }
    for (file, bytes) in files {
        assert_eq!(reads(&stage, file), bytes);
    }
    for (file, bytes) in others {
        let read = stage.server.content(&bob.ann, file, None);
        assert_eq!(read.unwrap(), bytes);
    }
    let far = LATE + READER_GRACE_MILLIS;
    while stage.server.rewrite(far, &few).unwrap().deleted > 0 {}
    assert!(stage.server.packs.bytes() * 10 <= 13 * 13 * 200);
}

/// Cut off at each of its calls, before and after the call did its work.
#[test]
fn a_run_may_be_cut_off_anywhere() {
    let mut cuts = 0;
    for lapse in [Unreached, AnswerLost] {
        for at in 0..30 {
            let stage = Stage::new();
            let files: Vec<_> = (0..3).map(|n| sparse(&stage, &n.to_string(), n)).collect();
            stage.collect(LATE);
            let lapses = || (0..at % 15).map(|_| None).chain([Some(lapse)]);
            match at < 15 {
                true => stage.server.db.lapses.plan(lapses()),
                false => stage.server.packs.lapses.plan(lapses()),
            }
            let ended = stage.server.rewrite(LATE, &BOUNDS);
            stage.server.db.lapses.clear();
            stage.server.packs.lapses.clear();
            cuts += usize::from(ended.is_err());
            assert_eq!(faults(&stage.server), Vec::<String>::new());
            let mut now = LATE;
            for _ in 0..4 {
                rewrite(&stage, now);
                now += DAY + 1;
            }
            for (file, bytes) in files {
                assert_eq!(reads(&stage, file), bytes);
            }
            assert_eq!(stage.server.packs.bytes(), 600, "{lapse:?} at {at}");
            assert_eq!(strays(&stage.server), Default::default());
            stage.is_sound();
        }
    }
    assert!(cuts >= 14, "{cuts}");
}

/// Somebody reads, and between two of their calls the job runs twice, with the collector:
/// what was looked up before the move is there after it.
#[test]
fn who_reads_meanwhile_reads_all_of_it() {
    for calls_before in 0.. {
        let stage = Stage::new();
        let (file, bytes) = sparse(&stage, "file", 1);
        stage.collect(LATE);
        let in_turns = InTurns::of(&stage.server);
        let legs = in_turns.legs();
        let mut reader = pin!(legs.content(&stage.ann, file, None));
        let mut read = None;
        for _ in 0..calls_before {
            read = read.or_else(|| step(reader.as_mut()));
        }
        if read.is_some() {
            assert!(calls_before > 3, "{calls_before}");
            break;
        }
        assert_eq!(rewrite(&stage, LATE).emptied, 1);
        assert_eq!(rewrite(&stage, LATE + READER_GRACE_MILLIS - 1).deleted, 0);
        stage.collect(LATE + READER_GRACE_MILLIS - 1);
        let read = loop {
            if let Some(read) = step(reader.as_mut()) {
                break read;
            }
        };
        assert_eq!(read.unwrap(), bytes, "after {calls_before} calls");
        stage.is_sound();
    }
}

/// The collector removes another pack's last block, in each order with the job's calls.
#[test]
fn the_job_and_the_collector_do_not_mind_each_other() {
    let mut stage = Stage::new();
    every_order(|order| {
        stage.reset();
        let (file, bytes) = sparse(&stage, "file", 1);
        stage.collect(LATE);
        stage.store(&[b"garbage"]);
        let db = Turns(&stage.server.db);
        let legs = Legs {
            db: &db,
            packs: &stage.server.packs,
        };
        let id = PackId::from_random(stage.server.fresh_id());
        stage.server.packs.clock.set(LATE);
        let (done, collected) = order.run(
            legs.rewrite(LATE, || id, &BOUNDS),
            legs.collect(LATE, &BLOCKS_ONLY),
        );
        assert_eq!((done.unwrap().emptied, collected.unwrap().blocks), (1, 1));
        assert_eq!(reads(&stage, file), bytes);
        stage.is_sound();
    });
}

/// A commit needs what nothing needed when the job looked: it stays where it is, and the
/// next pass moves it.
#[test]
fn what_a_commit_needs_meanwhile_stays_where_it_is() {
    let mut stage = Stage::new();
    let mut emptied = [0, 0];
    let orders = every_order(|order| {
        stage.reset();
        let (server, ann) = (&stage.server, &stage.ann);
        let (file, bytes) = sparse(&stage, "file", 1);
        // Of the pack's other blocks, a file that is gone by now has kept one.
        let kept = random::bytes(5, 100);
        let former = new_file(None, "former", Some(manifest(&kept)));
        let former = server.create_file(ann, THEN, former).unwrap().item;
        stage.collect(LATE);
        let gone = server.trash(ann, LATE, former.id, change_trashed(&former));
        gone.unwrap();
        empty_trash(&stage, LATE);
        let db = Turns(&server.db);
        let legs = Legs {
            db: &db,
            packs: &server.packs,
        };
        let id = PackId::from_random(server.fresh_id());
        server.packs.clock.set(LATE);
        let commit = commit_of(1, &kept);
        let (done, committed) = order.run(
            legs.rewrite(LATE, || id, &BOUNDS),
            legs.commit(ann, LATE, file, commit),
        );
        emptied[done.unwrap().emptied as usize] += 1;
        committed.unwrap();
        assert_eq!(reads(&stage, file), kept);
        let first = server.content(ann, file, Some(1));
        assert_eq!(first.unwrap(), bytes);
        stage.is_sound();
        rewrite(&stage, LATE);
        rewrite(&stage, LATE + READER_GRACE_MILLIS);
        assert_eq!(server.packs.bytes(), 300);
        stage.is_sound();
    });
    assert!(emptied[0] > 0 && emptied[1] > 0, "{emptied:?} of {orders}");
}

fn empty_trash(stage: &Stage, now: UnixMillis) {
    let request = EmptyTrash {
        operation_id: operation_id(),
        trashed_up_to_ms: None,
        with_open_conflicts: false,
    };
    let bounds = &deletion::BOUNDS;
    let done = stage.server.empty_trash(&stage.ann, now, request, bounds);
    assert!(done.unwrap().done);
}

/// Whoever sends a damaged block again while it is about to move.
#[test]
fn a_block_that_is_repaired_meanwhile_has_one_place() {
    let mut stage = Stage::new();
    every_order(|order| {
        stage.reset();
        let (file, bytes) = sparse(&stage, "file", 1);
        stage.collect(LATE);
        let key = stage.server.packs.keys()[0].clone();
        assert!(stage.server.packs.corrupt(&key, 150));
        stage
            .server
            .scrub(LATE, &driftless_core::scrub::BOUNDS)
            .unwrap();
        stage.server.packs.corrupt(&key, 150);
        let again = random::bytes(6, 100);
        let db = Turns(&stage.server.db);
        let legs = Legs {
            db: &db,
            packs: &stage.server.packs,
        };
        let ids = [stage.server.fresh_id(), stage.server.fresh_id()].map(PackId::from_random);
        stage.server.packs.clock.set(LATE);
        let (done, stored) = order.run(
            legs.rewrite(LATE, || ids[0], &BOUNDS),
            legs.store_blocks(&stage.ann, LATE, ids[1], frames(&[&again])),
        );
        done.unwrap();
        stored.unwrap();
        assert_eq!(reads(&stage, file), bytes);
        stage.is_sound();
    });
}

/// A page is read in the order of an index, and no more than its rows.
#[test]
fn a_page_reads_its_own_rows_only() {
    let stage = Stage::new();
    let explain = format!("EXPLAIN QUERY PLAN {}", sql::rewriting::STORED);
    let connection = stage.server.db.connection();
    let mut plan = connection.prepare(&explain).unwrap();
    let lines = plan
        .query_map(["", "", "~", "", "9"], |row| row.get::<_, String>("detail"))
        .unwrap();
    let plan: Vec<String> = lines.map(Result::unwrap).collect();
    let plan = plan.join("\n");
    assert!(
        plan.contains("SEARCH blocks USING INDEX blocks_by_pack"),
        "{plan}"
    );
    assert!(!plan.contains("B-TREE"), "nothing is sorted: {plan}");
}

/// A file of the year.
struct Year {
    stage: Stage,
    files: BTreeMap<ItemId, Vec<Vec<u8>>>,
    seed: u64,
}

impl Year {
    fn block(&mut self) -> Vec<u8> {
        self.seed += 1;
        random::bytes(self.seed, 200 + (self.seed % 7) as usize * 100)
    }

    /// Several files in one upload.
    fn add(&mut self, now: UnixMillis) {
        let files: Vec<Vec<Vec<u8>>> = (0..3)
            .map(|n| (0..2 + n * 4).map(|_| self.block()).collect())
            .collect();
        let all: Vec<&[u8]> = files.iter().flatten().map(Vec::as_slice).collect();
        self.stage.store_at(now, &all);
        for blocks in files {
            self.seed += 1;
            let name = format!("file {}", self.seed);
            let list: Vec<&[u8]> = blocks.iter().map(Vec::as_slice).collect();
            let file = new_file(None, &name, Some(content(&list)));
            let made = self.stage.server.create_file(&self.stage.ann, now, file);
            self.files.insert(made.unwrap().item.id, blocks);
        }
    }

    /// Some neighbours of a file are others from now on.
    fn edit(&mut self, now: UnixMillis, which: usize) {
        let which = which % self.files.len();
        let (&item, blocks) = self.files.iter().nth(which).unwrap();
        let mut blocks = blocks.clone();
        for _ in 0..3 {
            let at = (self.seed * 7) as usize % blocks.len();
            blocks[at] = self.block();
        }
        let (server, ann) = (&self.stage.server, &self.stage.ann);
        let list: Vec<&[u8]> = blocks.iter().map(Vec::as_slice).collect();
        let fresh: Vec<&[u8]> = list
            .iter()
            .copied()
            .filter(|block| !self.stage.has(block))
            .collect();
        self.stage.store_at(now, &fresh);
        let base = server.item(ann, item).unwrap().version();
        let commit = commit_of(base, b"").with_content(content(&list));
        server.commit(ann, now, item, commit).unwrap();
        self.files.insert(item, blocks);
    }

    fn delete(&mut self, now: UnixMillis, which: usize) {
        let which = which % self.files.len();
        let item = *self.files.keys().nth(which).unwrap();
        self.files.remove(&item);
        let (server, ann) = (&self.stage.server, &self.stage.ann);
        let item = server.item(ann, item).unwrap();
        server
            .trash(ann, now, item.id, change_trashed(&item))
            .unwrap();
        if which.is_multiple_of(2) {
            empty_trash(&self.stage, now);
        }
    }

    /// As the schedule has them. Returns how many packs were emptied.
    fn jobs(&mut self, now: UnixMillis) -> Rewritten {
        let server = &self.stage.server;
        server
            .thin(now, &Retention::default(), &thin::BOUNDS)
            .unwrap();
        if (now / HOUR).is_multiple_of(24) {
            server.collect(now, &collect::BOUNDS).unwrap();
        }
        server.rewrite(now, &BOUNDS).unwrap()
    }

    /// Bytes in packs of all blocks that are stored since before, and are needed.
    fn needed_bytes(&self) -> u64 {
        let row = self.stage.server.db.connection().query_row(
            "SELECT coalesce(sum(coalesce(stored_length, length)), 0) FROM blocks b
             WHERE EXISTS (SELECT 1 FROM file_blocks f WHERE f.space = b.space AND f.hash = b.hash)",
            [],
            |row| row.get::<_, i64>(0),
        );
        row.unwrap() as u64
    }
}

/// A year of small edits, new files and deletions, with the jobs in between: at each day's
/// end no more is stored than 1.3 times what is needed and what came in, or ceased to be
/// needed, since the day before.
#[test]
fn after_a_year_little_more_is_stored_than_is_needed() {
    let mut year = Year {
        stage: Stage::new(),
        files: BTreeMap::new(),
        seed: 0,
    };
    let (mut emptied, mut copied_least, mut came) = (0, 0, 0);
    let (most, of) = MOST_PER_NEEDED;
    let mut needed_before = 0;
    for day in 0..365_u64 {
        let morning = THEN / DAY * DAY + day * DAY;
        let before = year.stage.server.packs.bytes();
        let mut removed = 0;
        year.add(morning + HOUR);
        for n in 0..4 {
            year.edit(morning + (2 + n) * HOUR, (day * 5 + n) as usize);
        }
        if day > 9 {
            year.delete(morning + 9 * HOUR, day as usize * 11);
            year.delete(morning + 10 * HOUR, day as usize * 13 + 1);
        }
        let came_today = year.stage.server.packs.bytes() - before;
        came += came_today;
        for hour in [12, 24, 25, 26] {
            let bytes = year.stage.server.packs.bytes();
            let done = year.jobs(morning + hour * HOUR);
            removed += bytes.saturating_sub(year.stage.server.packs.bytes());
            emptied += done.emptied;
            copied_least += done.saved_bytes;
        }
        let (stored, needed) = (year.stage.server.packs.bytes(), year.needed_bytes());
        let ceased = (needed_before + came_today).saturating_sub(needed);
        let a_day = came_today + ceased;
        assert!(
            stored * of <= (needed * most) + a_day * of,
            "day {day}: {stored} bytes are stored for {needed}, {a_day} of a day, {removed} removed",
        );
        needed_before = needed;
    }
    let far = THEN + 366 * DAY;
    for n in 0..40 {
        year.jobs(far + n * DAY);
    }
    let (stored, needed) = (year.stage.server.packs.bytes(), year.needed_bytes());
    println!(
        "{came} bytes came in a year; {needed} are needed, {stored} stored; {emptied} packs emptied, {copied_least} bytes saved"
    );
    assert!(stored * of <= needed * most, "{stored} for {needed}");
    assert!(emptied > 100, "{emptied}");
    year.stage.is_sound();
    for (item, blocks) in &year.files {
        assert_eq!(reads(&year.stage, *item), blocks.concat());
    }
}
