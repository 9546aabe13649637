//! The scrub: what it finds, what becomes of it, and where it goes on.

use crate::stage::{GONE, InTurns, LATE, STILL, Stage, THEN, owner};
use blocks::hash::BlockHash;
use driftless_core::collect;
use driftless_core::scrub::{BOUNDS, ScrubBounds, Scrubbed};
use driftless_core::store::sql;
use driftless_tests::client::{commit_of, compressed, frames, manifest, new_file, patched};
use driftless_tests::model::audit::faults;
use driftless_tests::model::lapses::Lapse::{AnswerLost, Unreached};
use driftless_tests::model::orders::every_order;
use driftless_tests::model::ready::step;
use driftless_tests::random;
use protocol::content::{Base, Content, Spliced};
use protocol::files::Proposal;
use protocol::ids::{ItemId, PackId};
use protocol::problem::Problem;
use rusqlite::params_from_iter;
use std::pin::pin;

fn scrub(stage: &Stage) -> Scrubbed {
    stage.server.scrub(STILL, &BOUNDS).unwrap()
}

/// The names of the objects that hold these blocks, which were stored in turn.
fn keys(stage: &Stage) -> Vec<String> {
    stage.server.packs.keys()
}

fn missing(stage: &Stage, file: ItemId, blocks: &[&[u8]]) -> Vec<BlockHash> {
    let proposal = Proposal {
        current_version: 1,
        new_block_hashes: blocks.iter().map(|block| BlockHash::of(block)).collect(),
        new_bytes: None,
    };
    let answer = stage.server.propose(&stage.ann, file, proposal);
    answer.unwrap().missing_blocks
}

#[test]
fn what_is_whole_is_left_alone() {
    let stage = Stage::new();
    stage.file("file", b"first");
    let text = b"to be or not to be".repeat(9);
    let store = |body| stage.server.store_blocks(&stage.ann, THEN, body).unwrap();
    store(compressed(&text));
    store(patched(&[b"first"], b"first, and then"));
    let whole = Scrubbed {
        blocks: 3,
        ..Scrubbed::default()
    };
    assert_eq!(scrub(&stage), whole);
    assert_eq!(scrub(&stage), whole);
    stage.is_sound();
}

/// Damaged, cut off, or gone: the block is asked for by the next proposal, an
/// upload repairs it, and every version reads as before. Nothing is counted
/// twice.
#[test]
fn a_damaged_block_is_asked_for_and_repaired() {
    let harms: [fn(&Stage, &str); 3] = [
        |stage, key| assert!(stage.server.packs.corrupt(key, 2)),
        |stage, key| assert!(stage.server.packs.truncate(key, 3)),
        |stage, key| drop(stage.server.packs.remove(key).unwrap()),
    ];
    for harm in harms {
        let stage = Stage::new();
        let (server, ann) = (&stage.server, &stage.ann);
        let file = stage.file("file", b"first");
        stage.file("other", b"other");
        let used = server.space(ann).unwrap().stored_bytes;
        let key = keys(&stage)[0].clone();
        harm(&stage, &key);
        let found = scrub(&stage);
        assert_eq!((found.blocks, found.damaged), (2, 1));
        assert_eq!(faults(server), Vec::<String>::new());
        // It is told once, and not sent to anybody.
        assert_eq!(scrub(&stage).damaged, 0);
        assert_eq!(server.content(ann, file, None), Err(Problem::Internal));
        assert!(!stage.has(b"first"));
        // Whoever has it is asked for it.
        let hash = BlockHash::of(b"first");
        assert_eq!(missing(&stage, file, &[b"first", b"other"]), [hash]);
        let copy = new_file(None, "copy", Some(manifest(b"first")));
        let missing_blocks = vec![hash];
        let lacks = Problem::BlocksMissing { missing_blocks };
        let refused = server.create_file(ann, STILL, copy.clone()).unwrap_err();
        assert_eq!(refused, lacks);
        // Also where nobody names it, but a base has it.
        let base = Base {
            item: file,
            version: 1,
        };
        let content = manifest(b"first");
        let spliced = Spliced::of(&content, base, &content.blocks);
        let spliced = new_file(None, "copy", None).with_content(Some(Content::Spliced(spliced)));
        let refused = server.create_file(ann, STILL, spliced.clone()).unwrap_err();
        assert_eq!(refused, lacks);
        let ends = server.create_files(ann, STILL, vec![spliced]).unwrap();
        assert_eq!(ends, [Err(lacks)]);
        stage.store_at(STILL, &[b"first", b"other"]);
        server.create_file(ann, STILL, copy).unwrap();
        assert_eq!(server.content(ann, file, None).unwrap(), b"first");
        assert_eq!(missing(&stage, file, &[b"first"]), []);
        assert_eq!(server.space(ann).unwrap().stored_bytes, used);
        // The pack that it was in goes.
        assert_eq!(stage.collect(STILL).packs, 1);
        assert!(!keys(&stage).contains(&key));
        assert_eq!(scrub(&stage).damaged, 0);
        stage.is_sound();
    }
}

#[test]
fn a_damaged_compressed_block_is_found() {
    let stage = Stage::new();
    let text = b"to be or not to be".repeat(9);
    let body = compressed(&text);
    for offset in 0..body.len() - 40 {
        stage.server.clear();
        let ann = owner(&stage.server, "ann");
        stage.server.store_blocks(&ann, THEN, body.clone()).unwrap();
        stage.server.packs.corrupt(&keys(&stage)[0], offset);
        assert_eq!(scrub(&stage).damaged, 1, "at {offset}");
        assert_eq!(faults(&stage.server), Vec::<String>::new());
    }
}

/// A repair is free of charge: it passes where the quota is used up.
#[test]
fn a_full_space_is_repaired() {
    let stage = Stage::new();
    let server = &stage.server;
    let mut poor = owner(server, "poor");
    poor.space = server.new_space(200);
    server
        .store_blocks(&poor, THEN, frames(&[b"first"]))
        .unwrap();
    server.packs.corrupt(&keys(&stage)[0], 0);
    assert_eq!(scrub(&stage).damaged, 1);
    server
        .store_blocks(&poor, THEN, frames(&[b"first"]))
        .unwrap();
    assert_eq!(
        server.block(&poor, BlockHash::of(b"first")).unwrap(),
        b"first"
    );
    let refused = server.store_blocks(&poor, THEN, frames(&[&[0; 201]]));
    assert!(matches!(refused, Err(Problem::QuotaExceeded { .. })));
}

#[test]
fn a_block_that_is_whole_again_is_sent_again() {
    let stage = Stage::new();
    let file = stage.file("file", b"first");
    let key = keys(&stage)[0].clone();
    let bytes = stage.server.packs.remove(&key).unwrap();
    assert_eq!(scrub(&stage).damaged, 1);
    stage.server.packs.restore(key, bytes);
    assert_eq!(scrub(&stage).recovered, 1);
    let content = stage.server.content(&stage.ann, file, None);
    assert_eq!(content.unwrap(), b"first");
    stage.is_sound();
}

/// Of a pack, one block is damaged: the others stay where they are, and so does
/// the pack, until the last of them goes.
#[test]
fn a_pack_is_kept_for_its_whole_blocks() {
    let stage = Stage::new();
    let (server, ann) = (&stage.server, &stage.ann);
    stage.store(&[b"first", b"second"]);
    let files = [b"first".as_slice(), b"second"].map(|bytes| {
        let name = String::from_utf8(bytes.to_vec()).unwrap();
        let file = new_file(None, &name, Some(manifest(bytes)));
        server.create_file(ann, THEN, file).unwrap().item.id
    });
    server.packs.corrupt(&keys(&stage)[0], 0);
    assert_eq!(scrub(&stage).damaged, 1);
    assert_eq!(server.content(ann, files[1], None).unwrap(), b"second");
    stage.store(&[b"first"]);
    assert_eq!(stage.collect(STILL).packs, 0);
    for (file, bytes) in files.iter().zip([b"first".as_slice(), b"second"]) {
        assert_eq!(server.content(ann, *file, None).unwrap(), bytes);
    }
    stage.is_sound();
}

/// A damaged block is no base, and the patch of a block that was moved by its
/// repair is forgotten, since it stayed behind.
#[test]
fn patches_around_damaged_blocks() {
    let stage = Stage::new();
    let (server, ann) = (&stage.server, &stage.ann);
    let (base, other) = (random::unseen_bytes(500), random::unseen_bytes(500));
    let block = [&base[..], b"more"].concat();
    stage.file("base", &base);
    stage.file("other", &other);
    let store = |body| server.store_blocks(ann, THEN, body);
    store(patched(&[&base], &block)).unwrap();
    let file = new_file(None, "file", Some(manifest(&block)));
    let file = server.create_file(ann, THEN, file).unwrap().item.id;
    server.packs.corrupt(&keys(&stage)[2], 0);
    server.packs.corrupt(&keys(&stage)[1], 0);
    assert_eq!(scrub(&stage).damaged, 2);
    let refused = store(patched(&[&other], &[&other[..], b"x"].concat()));
    assert!(matches!(refused, Err(Problem::PatchRefused { .. })));
    // It is repaired by a patch, which is kept in its turn.
    store(patched(&[&base], &block)).unwrap();
    assert_eq!(server.content(ann, file, None).unwrap(), block);
    stage.is_sound();
    server.packs.corrupt(keys(&stage).last().unwrap(), 0);
    assert_eq!(scrub(&stage).damaged, 1);
    store(frames(&[&block])).unwrap();
    assert_eq!(server.content(ann, file, None).unwrap(), block);
    assert_eq!(stage.collect(STILL).packs, 2);
    stage.is_sound();
}

/// A few packs at a time, over several spaces, and then from the start again.
#[test]
fn the_next_run_goes_on_where_one_left_off() {
    let stage = Stage::new();
    let bob = owner(&stage.server, "bob");
    for n in 0..5_u8 {
        stage.store(&[&[n], &[n, n]]);
        let body = frames(&[&[n]]);
        stage.server.store_blocks(&bob, THEN, body).unwrap();
    }
    let few = ScrubBounds {
        packs: 3,
        packs_per_step: 2,
        ..BOUNDS
    };
    let run = || stage.server.scrub(STILL, &few).unwrap();
    // Gone are a space's first pack, one in the middle, and the last of all.
    let all = keys(&stage);
    for lost in [0, 3, 9] {
        stage.server.packs.remove(&all[lost]);
    }
    let pass = [(); 4].map(|()| run());
    assert_eq!(pass.iter().map(|run| run.blocks).sum::<u64>(), 15);
    assert_eq!(pass.iter().map(|run| run.damaged).sum::<u64>(), 5);
    assert!(pass.iter().all(|run| run.blocks <= 6), "{pass:?}");
    // Four runs of three are ten packs: the fifth run begins anew.
    assert_eq!(run().blocks, pass[0].blocks);
    assert_eq!(faults(&stage.server), Vec::<String>::new());
}

/// Rows of more packs than one read takes.
#[test]
fn a_run_that_reads_few_rows_skips_none() {
    let stage = Stage::new();
    for n in 0..6_u8 {
        stage.store(&[&[n], &[n, n], &[n, n, n]]);
    }
    let few = ScrubBounds { rows: 4, ..BOUNDS };
    let runs = [(); 6].map(|()| stage.server.scrub(STILL, &few).unwrap().blocks);
    assert_eq!(runs, [3; 6]);
}

/// A pack that can't be read is not damaged for that, and holds up no other one.
#[test]
fn a_pack_that_is_not_given_out_is_passed_over() {
    let stage = Stage::new();
    for n in 0..3_u8 {
        stage.store(&[&[n]]);
    }
    stage.server.packs.corrupt(&keys(&stage)[2], 0);
    let second = [None, Some(Unreached)];
    stage.server.packs.lapses.plan(second);
    let Scrubbed {
        blocks,
        damaged,
        unread,
        ..
    } = scrub(&stage);
    assert_eq!((blocks, damaged, unread), (2, 1, 1));
    assert_eq!(scrub(&stage).blocks, 3);
}

/// Cut off at each of its calls, before and after the call did its work, a run
/// leaves nothing wrong, and the next ones find all there is to find.
#[test]
fn a_run_may_be_cut_off_anywhere() {
    let mut cuts = 0;
    for lapse in [Unreached, AnswerLost] {
        for (of_packs, at) in (0..).flat_map(|at| [(true, at), (false, at)]).take(24) {
            let stage = Stage::new();
            let server = &stage.server;
            for n in 0..4_u8 {
                stage.store(&[&[n]]);
            }
            let all = keys(&stage);
            server.packs.remove(&all[1]);
            server.packs.corrupt(&all[3], 0);
            let few = ScrubBounds {
                packs_per_step: 1,
                ..BOUNDS
            };
            let lapses = match of_packs {
                true => &server.packs.lapses,
                false => &server.db.lapses,
            };
            lapses.plan((0..at).map(|_| None).chain([Some(lapse)]));
            cuts += usize::from(server.scrub(STILL, &few).is_err());
            lapses.clear();
            for _ in 0..2 {
                server.scrub(STILL, &few).unwrap();
            }
            assert_eq!(faults(server), Vec::<String>::new());
            let marked = "SELECT count(*) FROM blocks WHERE damaged_at IS NOT NULL";
            let marked: u32 = server
                .db
                .connection()
                .query_row(marked, [], |row| row.get(0))
                .unwrap();
            assert_eq!(marked, 2);
        }
    }
    assert!(cuts >= 16, "{cuts}");
}

/// Whatever an upload, a commit and a scrub do to each other: what was
/// acknowledged stays.
#[test]
fn a_scrub_takes_nothing_from_an_upload() {
    let mut stage = Stage::new();
    let orders = every_order(|order| {
        stage.reset();
        let (ann, in_turns) = (&stage.ann, InTurns::of(&stage.server));
        let file = stage.file("file", b"first");
        stage.server.packs.clock.set(LATE);
        let pack = PackId::from_random(stage.server.fresh_id());
        let legs = in_turns.legs();
        let (stored, scrubbed) = order.run(
            legs.store_blocks(ann, LATE, pack, frames(&[b"second"])),
            legs.scrub(LATE, &BOUNDS),
        );
        assert_eq!(stored.unwrap().stored, 1);
        assert_eq!(scrubbed.unwrap().damaged, 0);
        let commit = commit_of(1, b"second");
        stage.server.commit(ann, LATE, file, commit).unwrap();
        assert_eq!(stage.server.content(ann, file, None).unwrap(), b"second");
        stage.is_sound();
    });
    assert!(orders > 20, "{orders}");
}

/// A block is found damaged and sent again, while another scrub is still looking
/// at where it was, at any of its calls: its mark does not reach the new pack.
#[test]
fn a_repair_is_not_marked() {
    // A run over one pack makes seven calls.
    for calls in 0..9 {
        let stage = Stage::new();
        let (server, in_turns) = (&stage.server, InTurns::of(&stage.server));
        let file = stage.file("file", b"first");
        server.packs.corrupt(&keys(&stage)[0], 0);
        let legs = in_turns.legs();
        let mut slow = pin!(legs.scrub(STILL, &BOUNDS));
        let mut is_over = false;
        for _ in 0..calls {
            is_over |= !is_over && step(slow.as_mut()).is_some();
        }
        scrub(&stage);
        stage.store_at(STILL, &[b"first"]);
        while !is_over {
            is_over = step(slow.as_mut()).is_some();
        }
        let content = server.content(&stage.ann, file, None);
        assert_eq!(content.unwrap(), b"first", "after {calls} calls");
        stage.collect(STILL);
        assert_eq!(server.packs.len(), 1);
        stage.is_sound();
    }
}

/// The collector removes rows and objects under the scrub's hands.
#[test]
fn a_scrub_and_a_collector_do_not_mind_each_other() {
    let bounds = collect::CollectBounds {
        patch_pages: 0,
        operation_pages: 0,
        ..collect::BOUNDS
    };
    let mut stage = Stage::new();
    every_order(|order| {
        stage.reset();
        let in_turns = InTurns::of(&stage.server);
        let file = stage.file("file", b"first");
        // Of the one the object is to go, of the other the row.
        stage.store(&[b"second"]);
        stage.collect(LATE);
        stage.store(&[b"third"]);
        let legs = in_turns.legs();
        let (collected, scrubbed) =
            order.run(legs.collect(GONE, &bounds), legs.scrub(GONE, &BOUNDS));
        let collected = collected.unwrap();
        assert_eq!((collected.blocks, collected.packs), (1, 1));
        scrubbed.unwrap();
        let content = stage.server.content(&stage.ann, file, None);
        assert_eq!(content.unwrap(), b"first");
        assert_eq!(stage.server.packs.len(), 2);
        stage.is_sound();
    });
}

/// A page is read in the order of an index, and no more than its rows: a space of
/// millions of blocks is scrubbed as quickly as one of a hundred.
#[test]
fn a_page_of_the_scrub_reads_its_own_rows_only() {
    let stage = Stage::new();
    let connection = stage.server.db.connection();
    let pages: [(&str, &[&str]); 2] = [
        (sql::scrub::PACKS_END, &["", "", "9"]),
        (sql::scrub::BLOCKS, &["", "", "~", "", "9"]),
    ];
    for (page, params) in pages {
        let explain = format!("EXPLAIN QUERY PLAN {page}");
        let mut plan = connection.prepare(&explain).unwrap();
        let lines = plan
            .query_map(params_from_iter(params), |row| {
                row.get::<_, String>("detail")
            })
            .unwrap();
        let plan: Vec<String> = lines.map(Result::unwrap).collect();
        let plan = plan.join("\n");
        let is_search = plan.contains("SEARCH blocks USING");
        assert!(is_search && plan.contains("INDEX blocks_by_pack"), "{plan}");
        assert!(!plan.contains("B-TREE"), "nothing is sorted: {plan}");
    }
}
