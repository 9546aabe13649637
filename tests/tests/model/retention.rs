//! Versions are named, pinned and thinned, and what nothing needs then goes with them.

use crate::stage::{InTurns, Stage, THEN};
use blocks::manifest::{BlockRef, Manifest};
use driftless_core::retention::thin::{BOUNDS, ThinBounds, Thinned};
use driftless_core::retention::{settings, trash};
use driftless_core::writes::thumbnails::{NewThumbnail, store};
use driftless_tests::client::{
    change_trashed, commit_of, conflict_id, item_id, manifest, new_file, operation_id, thumbnail,
};
use driftless_tests::drive::{reopen, resolve};
use driftless_tests::model::lapses::Lapse::{AnswerLost, Unreached};
use driftless_tests::model::night::Night;
use driftless_tests::model::orders::every_order;
use driftless_tests::model::ready::ready;
use protocol::conflicts::{Choice, Conflict, NewConflict};
use protocol::content::{Base, Content, Spliced};
use protocol::files::{FileVersion, MarkVersion};
use protocol::ids::{ItemId, PackId, UnixMillis, Version};
use protocol::problem::Problem;
use protocol::retention::{KeptVersions, Retention};

const HOUR: UnixMillis = 60 * 60 * 1_000;
const DAY: UnixMillis = 24 * HOUR;

/// When all that was made at [`THEN`] is thinned to one an hour.
const NEXT_DAY: UnixMillis = THEN + 2 * DAY;

/// Pages on which no file of this test fits, and steps of few rows.
const SMALL: ThinBounds = ThinBounds {
    versions_per_page: 3,
    pages: 2,
    versions_of_a_file: 100,
    steps: 2,
    files_per_step: 2,
    rows_per_step: 2,
};

fn bytes(version: Version) -> Vec<u8> {
    format!("version {version}").into_bytes()
}

/// A file with so many versions, a minute apart.
fn with_versions(stage: &Stage, name: &str, count: Version) -> ItemId {
    let file = stage.file(name, &bytes(1));
    for version in 2..=count {
        commit(stage, file, version, THEN + version * 60_000);
    }
    file
}

fn commit(stage: &Stage, file: ItemId, version: Version, at: UnixMillis) {
    let bytes = bytes(version);
    stage.store_at(at, &[&bytes]);
    let commit = commit_of(version - 1, &bytes);
    let (server, ann) = (&stage.server, &stage.ann);
    server.commit(ann, at, file, commit).expect("committed");
}

fn thin(stage: &Stage, now: UnixMillis) -> Thinned {
    let thinned = stage.server.thin(now, &Retention::default(), &BOUNDS);
    thinned.expect("thinned")
}

fn listed(stage: &Stage, file: ItemId) -> Vec<FileVersion> {
    let (db, ann) = (&stage.server.db, &stage.ann);
    let reach = ann.reach();
    let page = driftless_core::reads::files::versions(db, ann.space, &reach, file, (None, None));
    ready(page).expect("listed").versions
}

fn left(stage: &Stage, file: ItemId) -> Vec<Version> {
    let listed = listed(stage, file).into_iter();
    listed.map(|version| version.version).collect()
}

fn mark(version: Version, base_marks: u64, name: &str, pinned: bool) -> MarkVersion {
    MarkVersion {
        version,
        base_marks,
        name: name.into(),
        pinned,
    }
}

fn keep(stage: &Stage, file: ItemId, base_version: Version) -> Conflict {
    stage.store(&[b"mine"]);
    let kept = NewConflict {
        operation_id: operation_id(),
        id: conflict_id(),
        base_version,
        content: manifest(b"mine"),
    };
    let kept = stage.server.keep_conflict(&stage.ann, THEN, file, kept);
    kept.expect("kept")
}

#[test]
fn what_is_thinned_is_gone_and_its_blocks_are_collected() {
    let stage = Stage::new();
    let (server, ann) = (&stage.server, &stage.ann);
    let file = with_versions(&stage, "file", 5);
    let before = server.space(ann).unwrap();
    assert_eq!(thin(&stage, THEN + DAY), Thinned::default());
    let thinned = thin(&stage, NEXT_DAY);
    assert_eq!((thinned.versions, thinned.rows), (4, 4));
    stage.is_sound();
    assert_eq!(left(&stage, file), [5]);
    assert_eq!(thin(&stage, NEXT_DAY), Thinned::default());
    let after = server.space(ann).unwrap();
    assert!(after.used_bytes < before.used_bytes, "{after:?}");

    let none = Problem::NoSuchVersion;
    for version in 1..5 {
        let read = server.content(ann, file, Some(version));
        assert_eq!(read.unwrap_err(), none, "{version}");
        let listed = server.manifest(ann, file, Some(version)).map(drop);
        assert_eq!(listed.unwrap_err(), none, "{version}");
        // Nor is it made again out of its list, while its blocks are still there.
        assert!(stage.has(&bytes(version)));
        let base = Base {
            item: file,
            version,
        };
        let old = manifest(&bytes(version));
        let since = server.manifest_since(ann, file, 5, base).map(drop);
        assert_eq!(since.unwrap_err(), Problem::NoSuchBase, "{version}");
        let spliced = Content::Spliced(Spliced::of(&old, base, &old.blocks));
        let restored = commit_of(5, b"").with_content(spliced.clone());
        let restored = server.commit(ann, NEXT_DAY, file, restored).map(drop);
        assert_eq!(restored.unwrap_err(), Problem::NoSuchBase, "{version}");
        let copy = new_file(None, "copy", None).with_content(Some(spliced));
        let copied = server.create_file(ann, NEXT_DAY, copy).map(drop);
        assert_eq!(copied.unwrap_err(), Problem::NoSuchBase, "{version}");
    }
    // Whoever still has it as their base is told what came first, and keeps theirs.
    let late = server.commit(ann, NEXT_DAY, file, commit_of(2, &bytes(5)));
    assert!(matches!(late, Err(Problem::VersionConflict { .. })));
    let mine = keep(&stage, file, 2);
    assert_eq!(server.conflict_content(ann, mine.id).unwrap(), b"mine");

    assert_eq!(stage.collect(NEXT_DAY).blocks, 4);
    stage.is_sound();
    assert_eq!(server.content(ann, file, None).unwrap(), bytes(5));
}

#[test]
fn the_newest_one_and_what_is_pinned_or_named_stay() {
    let stage = Stage::new();
    let (server, ann) = (&stage.server, &stage.ann);
    let file = with_versions(&stage, "file", 6);
    let pin = mark(2, 0, "", true);
    let pinned = server.mark_version(ann, THEN, file, &pin).unwrap();
    assert_eq!((pinned.pinned, pinned.marks), (true, 1));
    let name = mark(4, 0, "  As it was sent ", false);
    let named = server.mark_version(ann, THEN, file, &name).unwrap();
    assert_eq!(
        (named.name.as_str(), named.pinned),
        ("As it was sent", true)
    );
    // Again, and without having seen what was made of it.
    assert_eq!(server.mark_version(ann, THEN, file, &name).unwrap(), named);
    let other = mark(4, 0, "Final", true);
    let refused = server.mark_version(ann, THEN, file, &other).unwrap_err();
    let is_told = Problem::PlaceConflict {
        current_place_version: 1,
    };
    assert_eq!(refused, is_told);
    assert!(listed(&stage, file).contains(&named));

    thin(&stage, NEXT_DAY);
    stage.is_sound();
    assert_eq!(left(&stage, file), [6, 4, 2]);
    assert_eq!(server.content(ann, file, Some(2)).unwrap(), bytes(2));
    let late = server.mark_version(ann, THEN, file, &mark(3, 0, "", true));
    assert_eq!(late.unwrap_err(), Problem::NoSuchVersion);
    // A name that is taken away leaves the pin.
    let unnamed = server.mark_version(ann, THEN, file, &mark(4, 1, "", true));
    assert!(unnamed.unwrap().pinned);
    thin(&stage, NEXT_DAY + 800 * DAY);
    assert_eq!(left(&stage, file), [6, 4, 2]);
    let let_go = mark(4, 2, "", false);
    server.mark_version(ann, THEN, file, &let_go).unwrap();
    thin(&stage, NEXT_DAY + 800 * DAY);
    stage.is_sound();
    assert_eq!(left(&stage, file), [6, 2]);
}

#[test]
fn what_a_conflict_came_of_or_was_decided_on_stays() {
    let stage = Stage::new();
    let (server, ann) = (&stage.server, &stage.ann);
    let file = with_versions(&stage, "file", 4);
    let open = keep(&stage, file, 2);
    let decided = keep(&stage, file, 1);
    let choice = resolve(4, Choice::KeepMine);
    server.resolve(ann, THEN, decided.id, choice).unwrap();
    thin(&stage, NEXT_DAY);
    stage.is_sound();
    assert_eq!(left(&stage, file), [5, 4, 2, 1]);
    // So it can be taken back.
    server.reopen(ann, NEXT_DAY, decided.id, reopen(5)).unwrap();
    assert_eq!(server.content(ann, file, None).unwrap(), bytes(4));
    assert_eq!(server.conflict_content(ann, open.id).unwrap(), b"mine");
    stage.is_sound();
}

#[test]
fn a_row_stays_while_a_version_needs_it() {
    let stage = Stage::new();
    let (server, ann) = (&stage.server, &stage.ann);
    let parts: Vec<Vec<u8>> = (0..6_u8).map(|part| vec![part; 9]).collect();
    let content = |parts: &[&Vec<u8>]| {
        let blocks = parts.iter().flat_map(|part| manifest(part).blocks);
        let blocks: Vec<_> = blocks.collect();
        list_of(blocks)
    };
    let refs: Vec<&[u8]> = parts.iter().map(Vec::as_slice).collect();
    stage.store(&refs);
    let [a, b, c, d, e, f] = [0, 1, 2, 3, 4, 5].map(|part| &parts[part]);
    let lists = [
        vec![a, b, c],
        vec![a, d, c],
        vec![a, d, e],
        vec![a, f, e],
        vec![f, e, a],
    ];
    let file = new_file(None, "file", Some(content(&lists[0])));
    let file = server.create_file(ann, THEN, file).unwrap().item.id;
    for (list, base) in lists[1..].iter().zip(1..) {
        let commit = commit_of(base, b"").with_content(content(list));
        server.commit(ann, THEN, file, commit).unwrap();
    }
    server
        .mark_version(ann, THEN, file, &mark(2, 0, "", true))
        .unwrap();
    thin(&stage, NEXT_DAY);
    stage.is_sound();
    assert_eq!(left(&stage, file), [5, 2]);
    for version in [5, 2] {
        let whole: Vec<u8> = lists[version as usize - 1]
            .iter()
            .flat_map(|part| part.iter().copied())
            .collect();
        assert_eq!(server.content(ann, file, Some(version)).unwrap(), whole);
    }
    // Only the second block of the first list was in no other.
    assert_eq!(stage.collect(NEXT_DAY).blocks, 1);
    assert!(!stage.has(b));
    // Once the pin is gone, the blocks that only that version had go.
    server
        .mark_version(ann, THEN, file, &mark(2, 1, "", false))
        .unwrap();
    thin(&stage, NEXT_DAY);
    assert_eq!(stage.collect(NEXT_DAY).blocks, 2);
    assert!(!stage.has(c) && !stage.has(d));
    stage.is_sound();
}

fn list_of(blocks: Vec<BlockRef>) -> Manifest {
    Manifest {
        size: blocks.iter().map(|block| u64::from(block.length)).sum(),
        blocks,
        ..manifest(b"")
    }
}

#[test]
fn a_thumbnail_goes_with_its_version() {
    let stage = Stage::new();
    let (server, ann) = (&stage.server, &stage.ann);
    let file = stage.file("photo.jpg", &bytes(1));
    let small = |version: Version| thumbnail(&bytes(version));
    for version in 1..=3 {
        if version > 1 {
            commit(&stage, file, version, THEN);
        }
        let new = NewThumbnail {
            item: file,
            version: None,
            bytes: small(version),
        };
        let id = PackId::from_random(server.fresh_id());
        server.packs.clock.set(THEN);
        ready(store(&server.db, &server.packs, &ann.at(THEN), id, &new)).unwrap();
    }
    server
        .mark_version(ann, THEN, file, &mark(1, 0, "", true))
        .unwrap();
    thin(&stage, NEXT_DAY);
    stage.collect(NEXT_DAY);
    stage.is_sound();
    assert_eq!(
        [1, 2, 3].map(|version| stage.has(&small(version))),
        [true, false, true]
    );
}

#[test]
fn it_goes_on_wherever_it_is_cut_off() {
    let whole = Stage::new();
    let files = |stage: &Stage| {
        let names = ["one", "two", "three", "four"]
            .into_iter()
            .zip([1, 7, 2, 5]);
        let files = names.map(|(name, count)| with_versions(stage, name, count));
        files.collect::<Vec<_>>()
    };
    let expected = files(&whole);
    thin(&whole, NEXT_DAY);
    let expected: Vec<_> = expected.iter().map(|file| left(&whole, *file)).collect();
    assert_eq!(expected.concat().len(), 4);
    for fails in [Unreached, AnswerLost] {
        let stage = Stage::new();
        let files = files(&stage);
        let mut cut = 0;
        for calls in (0..9).cycle().take(180) {
            let good = std::iter::repeat_n(None, calls);
            stage.server.db.lapses.plan(good.chain([Some(fails)]));
            let end = stage.server.thin(NEXT_DAY, &Retention::default(), &SMALL);
            stage.server.db.lapses.clear();
            cut += usize::from(end.is_err());
            stage.is_sound();
        }
        assert!(cut > 20, "{cut}");
        let left: Vec<_> = files.iter().map(|file| left(&stage, *file)).collect();
        assert_eq!(left, expected);
        let rows = "SELECT (SELECT count(*) FROM file_blocks) + (SELECT count(*) FROM thinned)";
        let rows: i64 = stage
            .server
            .db
            .connection()
            .query_row(rows, [], |row| row.get(0))
            .unwrap();
        assert_eq!(rows, 4, "nothing is left over");
    }
}

#[test]
fn one_run_clears_the_lists_of_many_files() {
    let stage = Stage::new();
    for n in 0..30 {
        with_versions(&stage, &format!("file {n}"), 2);
    }
    let thinned = thin(&stage, NEXT_DAY);
    assert_eq!((thinned.versions, thinned.rows), (30, 30));
    stage.is_sound();
}

#[test]
fn a_pin_comes_before_it_or_finds_the_version_gone() {
    let (mut pinned, mut gone) = (0, 0);
    let mut stage = Stage::new();
    every_order(|order| {
        stage.reset();
        let file = with_versions(&stage, "file", 3);
        let in_turns = InTurns::of(&stage.server);
        let (legs, all) = (in_turns.legs(), Retention::default());
        let pin = mark(2, 0, "", true);
        let (marked, thinned) = order.run(
            legs.mark_version(&stage.ann, NEXT_DAY, file, &pin),
            legs.thin(NEXT_DAY, &all, &BOUNDS),
        );
        thinned.unwrap();
        stage.is_sound();
        match marked.map_err(|failure| stage.server.problem(failure)) {
            Ok(_) => {
                pinned += 1;
                assert_eq!(left(&stage, file), [3, 2]);
            }
            Err(problem) => {
                gone += 1;
                assert_eq!(problem, Problem::NoSuchVersion);
                assert_eq!(left(&stage, file), [3]);
            }
        }
    });
    assert!(pinned > 0 && gone > 0, "{pinned} {gone}");
}

#[test]
fn a_conflict_finds_its_base_or_does_without() {
    let (mut there, mut gone) = (0, 0);
    let mut stage = Stage::new();
    every_order(|order| {
        stage.reset();
        let file = with_versions(&stage, "file", 3);
        stage.store_at(NEXT_DAY, &[b"mine"]);
        let in_turns = InTurns::of(&stage.server);
        let (legs, all) = (in_turns.legs(), Retention::default());
        let kept = NewConflict {
            operation_id: operation_id(),
            id: conflict_id(),
            base_version: 2,
            content: manifest(b"mine"),
        };
        let id = kept.id;
        let (kept, thinned) = order.run(
            legs.keep_conflict(&stage.ann, NEXT_DAY, file, kept),
            legs.thin(NEXT_DAY, &all, &BOUNDS),
        );
        thinned.unwrap();
        kept.unwrap();
        stage.is_sound();
        match left(&stage, file)[..] {
            [3, 2] => there += 1,
            [3] => gone += 1,
            ref other => panic!("{other:?}"),
        }
        let mine = stage.server.conflict_content(&stage.ann, id);
        assert_eq!(mine.unwrap(), b"mine");
    });
    assert!(there > 0 && gone > 0, "{there} {gone}");
}

#[test]
fn whoever_keeps_everything_from_now_on_loses_nothing_after_that() {
    let (mut kept, mut gone) = (0, 0);
    let mut stage = Stage::new();
    every_order(|order| {
        stage.reset();
        let file = with_versions(&stage, "file", 3);
        let in_turns = InTurns::of(&stage.server);
        let (legs, all) = (in_turns.legs(), Retention::default());
        let (space, none) = (stage.ann.space, Retention::EVERYTHING);
        let before = std::cell::Cell::new(0);
        let set = async {
            settings::set(legs.db, space, Some(&none)).await?;
            before.set(left(&stage, file).len());
            Ok::<_, driftless_core::error::Failure>(())
        };
        let (set, thinned) = order.run(set, legs.thin(NEXT_DAY, &all, &BOUNDS));
        set.unwrap();
        thinned.unwrap();
        let after = left(&stage, file).len();
        assert_eq!(after, before.get(), "nothing goes once that is set");
        match after {
            3 => kept += 1,
            _ => gone += 1,
        }
    });
    assert!(kept > 0 && gone > 0, "{kept} {gone}");
}

#[test]
fn each_space_is_thinned_by_what_its_owner_has_set() {
    let stage = Stage::new();
    let (server, ann) = (&stage.server, &stage.ann);
    let file = with_versions(&stage, "file", 3);
    let set = |retention: Option<&Retention>| {
        ready(settings::set(&server.db, ann.space, retention)).unwrap();
    };
    let tell = || ready(settings::tell(&server.db, ann.space, Retention::default())).unwrap();
    assert!(!tell().is_own && tell().retention == Retention::default());
    set(Some(&Retention::EVERYTHING));
    assert!(tell().is_own && tell().retention == Retention::EVERYTHING);
    thin(&stage, NEXT_DAY + 900 * DAY);
    assert_eq!(left(&stage, file), [3, 2, 1]);
    let longer = KeptVersions {
        all_days: 3,
        ..KeptVersions::default()
    };
    set(Some(&Retention {
        versions: Some(longer),
        trash_days: None,
    }));
    thin(&stage, NEXT_DAY);
    assert_eq!(left(&stage, file), [3, 2, 1]);
    // What can't be read keeps everything, and holds up nobody else.
    let spoil = "UPDATE spaces SET retention = 'x'";
    server.db.connection().execute(spoil, []).unwrap();
    thin(&stage, NEXT_DAY + 900 * DAY);
    assert_eq!(left(&stage, file), [3, 2, 1]);
    set(None);
    assert!(!tell().is_own);
    thin(&stage, NEXT_DAY);
    assert_eq!(left(&stage, file), [3]);
    stage.is_sound();
}

#[test]
fn what_can_not_be_read_stays_and_holds_up_nobody() {
    let stage = Stage::new();
    let (one, two) = (
        with_versions(&stage, "one", 4),
        with_versions(&stage, "two", 4),
    );
    let damage = format!(
        "UPDATE versions SET at = 'x' WHERE item = '{one}' AND version = 2;
        UPDATE versions SET pinned = 'x' WHERE item = '{one}' AND version = 3;"
    );
    stage.server.db.connection().execute_batch(&damage).unwrap();
    for _ in 0..9 {
        stage
            .server
            .thin(NEXT_DAY, &Retention::default(), &SMALL)
            .unwrap();
    }
    stage.is_sound();
    assert_eq!(left(&stage, two), [4]);
    let numbers = "SELECT group_concat(version) FROM versions WHERE item = ?1 ORDER BY version";
    let db = stage.server.db.connection();
    let left: String = db
        .query_row(numbers, [one.to_string()], |row| row.get(0))
        .unwrap();
    assert_eq!(left, "2,3,4");
}

#[test]
fn only_a_file_has_versions_to_mark() {
    let stage = Stage::new();
    let (server, ann) = (&stage.server, &stage.ann);
    let file = stage.file("file", b"one");
    let pin = mark(1, 0, "", true);
    let of_nobody = server.mark_version(ann, THEN, item_id(), &pin);
    assert_eq!(of_nobody.unwrap_err(), Problem::NoSuchItem);
    let there = server.item(ann, file).unwrap();
    let trash = change_trashed(&there);
    server.trash(ann, THEN, file, trash).unwrap();
    let in_trash = server.mark_version(ann, THEN, file, &pin);
    assert_eq!(in_trash.unwrap_err(), Problem::InTrash);
}

/// Something in the trash since [`THEN`], of an owner whom the directory knows.
fn in_trash(stage: &Stage, name: &str) -> ItemId {
    let (server, ann) = (&stage.server, &stage.ann);
    let file = stage.file(name, name.as_bytes());
    let there = server.item(ann, file).unwrap();
    server
        .trash(ann, THEN, file, change_trashed(&there))
        .unwrap();
    file
}

fn with_owner() -> Stage {
    let stage = Stage::new();
    let insert = "INSERT INTO users (id, name, name_key, home_space, sign_in_record, created_at)
        VALUES (?1, 'ann', 'ann', ?2, x'00', 0)";
    let row = (stage.ann.user.to_string(), stage.ann.space.to_string());
    stage.server.db.connection().execute(insert, row).unwrap();
    stage
}

fn empties(stage: &Stage, now: UnixMillis, otherwise: &Retention) -> (u64, usize) {
    let night = Night::over(&stage.server);
    let gone = ready(trash::run(
        &night,
        &stage.server.db,
        now,
        otherwise,
        &trash::BOUNDS,
    ));
    (gone.unwrap(), night.announced.into_inner().len())
}

#[test]
fn what_has_been_in_the_trash_for_long_goes_and_is_told() {
    let stage = with_owner();
    let (server, ann) = (&stage.server, &stage.ann);
    let (file, stays) = (in_trash(&stage, "old"), stage.file("live", b"live"));
    let kept = Retention::default();
    assert_eq!(empties(&stage, THEN + 30 * DAY, &kept), (0, 0));
    assert_eq!(
        empties(&stage, THEN + 99 * DAY, &Retention::EVERYTHING),
        (0, 0)
    );
    let seq = server.newest(ann).unwrap().0;
    assert_eq!(empties(&stage, THEN + 30 * DAY + 1, &kept), (1, 1));
    assert_eq!(server.item(ann, file).unwrap_err(), Problem::NoSuchItem);
    assert_eq!(server.content(ann, stays, None).unwrap(), b"live");
    assert_eq!(server.newest(ann).unwrap().0, seq + 1);
    let told = "SELECT user_name || ', ' || device_name FROM changes ORDER BY seq DESC LIMIT 1";
    let db = server.db.connection();
    let told: String = db.query_row(told, [], |row| row.get(0)).unwrap();
    assert_eq!(told, "ann, 30 days in the trash");
    stage.is_sound();
    assert_eq!(empties(&stage, THEN + 40 * DAY, &kept), (0, 0));
}

#[test]
fn what_is_open_stays_in_the_trash_and_holds_up_nobody() {
    let stage = with_owner();
    let (server, ann) = (&stage.server, &stage.ann);
    let open = with_versions(&stage, "open", 2);
    keep(&stage, open, 1);
    let there = server.item(ann, open).unwrap();
    server
        .trash(ann, THEN, open, change_trashed(&there))
        .unwrap();
    let restored = in_trash(&stage, "restored");
    let there = server.item(ann, restored).unwrap();
    server
        .restore(ann, THEN, restored, change_trashed(&there))
        .unwrap();
    let old: Vec<ItemId> = (0..7)
        .map(|nth| in_trash(&stage, &format!("old {nth}")))
        .collect();
    let kept = Retention::default();
    let gone: u64 = (0..60)
        .map(|_| empties(&stage, THEN + 31 * DAY, &kept).0)
        .sum();
    assert_eq!(gone, 7);
    assert!(old.iter().all(|item| server.item(ann, *item).is_err()));
    assert!(server.item(ann, open).is_ok() && server.item(ann, restored).is_ok());
    stage.is_sound();
}

#[test]
fn each_space_empties_its_trash_by_what_its_owner_has_set() {
    let stage = with_owner();
    let file = in_trash(&stage, "old");
    let db = &stage.server.db;
    let set = |trash_days| {
        let own = Retention {
            versions: None,
            trash_days,
        };
        ready(settings::set(db, stage.ann.space, Some(&own))).unwrap();
    };
    let late = THEN + 31 * DAY;
    set(None);
    assert_eq!(empties(&stage, late, &Retention::default()).0, 0);
    set(Some(60));
    assert_eq!(empties(&stage, late, &Retention::default()).0, 0);
    for odd in ["x", "{}", r#"{"trash_days":"1"}"#, r#"{"trash_days":0}"#] {
        let spoil = "UPDATE spaces SET retention = ?1";
        db.connection().execute(spoil, [odd]).unwrap();
        assert_eq!(empties(&stage, late, &Retention::default()).0, 0, "{odd}");
    }
    set(Some(5));
    assert_eq!(empties(&stage, THEN + 5 * DAY, &Retention::EVERYTHING).0, 0);
    assert_eq!(
        empties(&stage, THEN + 5 * DAY + 1, &Retention::EVERYTHING).0,
        1
    );
    assert!(stage.server.item(&stage.ann, file).is_err());
    stage.is_sound();
}
