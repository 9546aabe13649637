//! How often the pack store is asked for one request of a download: never more than
//! the platform lets a request do, whatever the file is made of. And what leaves in
//! pieces.

use crate::stage::{GONE, LATE, Stage, THEN, owner};
use blocks::frame::FRAME_HEADER_BYTES;
use blocks::hash::BlockHash;
use blocks::manifest::{BlockRef, Manifest};
use driftless_core::access::reach::Reach;
use driftless_core::memory::PIECE_BYTES;
use driftless_core::memory::held_bytes;
use driftless_core::range::Span;
use driftless_core::reads::content::{of_file, runs};
use driftless_core::reads::payloads;
use driftless_core::regroup::is_due_after;
use driftless_core::store::places::{MAX_CALLS, requests_of};
use driftless_core::{collect, scrub};
use driftless_tests::client::{commit_of, compressed, content, frames, manifest, new_file};
use driftless_tests::model::audit::faults;
use driftless_tests::model::lapses::Lapse::{AnswerLost, Unreached};
use driftless_tests::model::legs::Legs;
use driftless_tests::model::orders::every_order;
use driftless_tests::model::ready::ready;
use driftless_tests::model::turns::Turns;
use driftless_tests::random;
use protocol::blocks::{Fetch, Listed};
use protocol::content::{Base, Content, Spliced};
use protocol::ids::{ItemId, PackId};
use protocol::problem::Problem;

/// Downloads a file, part by part where one request can't have it all. How many calls
/// each request made, and whether the bytes are these.
fn download(stage: &Stage, file: ItemId, is: impl Fn(u64, &[u8]) -> bool) -> Vec<usize> {
    let server = &stage.server;
    let (_, stored) = ready(of_file(
        &server.db,
        stage.ann.space,
        &Reach::Whole,
        file,
        None,
    ))
    .unwrap();
    let whole = Span::whole(stored.size);
    let planned = ready(runs(&server.db, &stored, whole)).unwrap();
    let (mut calls, mut at) = (Vec::new(), 0);
    for request in requests_of(&planned, whole) {
        assert_eq!(request.start, at, "a part is missing");
        server.packs.reads.set(0);
        let bytes = ready(server.legs().request(&stage.ann, &stored, request)).unwrap();
        assert_eq!(bytes.len() as u64, request.length());
        assert!(is(request.start, &bytes), "other bytes in {request:?}");
        calls.push(server.packs.reads.get());
        at = request.end;
    }
    assert_eq!(at, stored.size, "the end is missing");
    calls
}

/// 1,024 blocks of 1 MiB, each the same one: it is read once, stored plain or not.
#[test]
fn a_gigabyte_of_zeros_is_read_in_a_few_calls() {
    let zeros = vec![0; 1 << 20];
    for body in [frames(&[&zeros]), compressed(&zeros)] {
        let stage = Stage::new();
        stage.server.store_blocks(&stage.ann, THEN, body).unwrap();
        let block = BlockRef {
            hash: BlockHash::of(&zeros),
            length: 1 << 20,
        };
        let gigabyte = Manifest {
            size: 1 << 30,
            blocks: vec![block; 1_024],
            ..manifest(b"")
        };
        let file = new_file(None, "zeros", Some(gigabyte));
        let file = stage.server.create_file(&stage.ann, THEN, file).unwrap();
        let (_, stored) = ready(of_file(
            &stage.server.db,
            stage.ann.space,
            &Reach::Whole,
            file.item.id,
            None,
        ))
        .unwrap();
        let planned = ready(runs(&stage.server.db, &stored, Span::whole(1 << 30))).unwrap();
        let calls: usize = planned.iter().map(|run| run.calls()).sum();
        assert!(calls <= 2, "{calls} calls");
        // A few of its megabytes, to the byte.
        let (from, to) = ((1 << 29) - 7, (1 << 29) + (5 << 20) + 3);
        stage.server.packs.reads.set(0);
        let part = Span {
            start: from,
            end: to,
        };
        let bytes = stage.server.range(&stage.ann, file.item.id, part).unwrap();
        assert_eq!(bytes.len() as u64, to - from);
        assert!(bytes.iter().all(|byte| *byte == 0));
        assert!(stage.server.packs.reads.get() <= 2);
    }
}

/// What is wanted and held can be told by places in lists, and is what the names say.
#[test]
fn blocks_are_told_by_their_places_in_lists() {
    let stage = Stage::new();
    let (item, now) = edited(&stage, |_, _| ());
    let Stage { server, ann, .. } = &stage;
    let hash = |n: usize| BlockHash::of(&now[n * 4_000..][..4_000]);
    // Patches of what version 1 has would be given; there are none, so the blocks are whole.
    let listed = |version, want: &[[u32; 2]], since, bases: &[[u32; 2]]| Fetch {
        listed: Some(Listed {
            item,
            version,
            want: want.to_vec(),
            since,
            bases: bases.to_vec(),
        }),
        ..Fetch::default()
    };
    let by_name = Fetch {
        want: vec![hash(0), hash(1), hash(2), hash(397)],
        ..Fetch::default()
    };
    let by_place = listed(121, &[[0, 3], [397, 1]], 1, &[[0, 400]]);
    let answer = server.fetch(ann, &by_place).unwrap();
    assert!(answer == server.fetch(ann, &by_name).unwrap());

    let length = |fetch: &Fetch| server.fetch(ann, fetch).map(|frames| frames.len());
    let refused = |fetch: &Fetch| length(fetch).expect_err("a refusal");
    for gone in [
        listed(122, &[[0, 1]], 1, &[]),
        listed(121, &[[0, 1]], 130, &[]),
    ] {
        assert_eq!(refused(&gone), Problem::NoSuchVersion);
    }
    let named_twice = Fetch {
        want: by_name.want,
        ..listed(121, &[[0, 1]], 1, &[])
    };
    for wrong in [
        listed(121, &[[399, 2]], 1, &[]),
        listed(121, &[[0, 1]], 1, &[[400, 1]]),
        listed(121, &[[0, 400]; 3], 1, &[]),
        listed(121, &[], 1, &[]),
        named_twice,
    ] {
        let refusal = refused(&wrong);
        assert!(matches!(refusal, Problem::BadRequest { .. }), "{refusal:?}");
    }
    // A list of somebody else's space is none.
    let bob = owner(server, "bob");
    let strange = server.fetch(&bob, &by_place).err();
    assert_eq!(strange, Some(Problem::NoSuchVersion));
}

/// Blocks whose frames end just before, at and after the ends of pieces, and one that is
/// decoded.
#[test]
fn what_leaves_in_pieces_is_whole_and_gives_back_what_it_held_wherever_it_ends() {
    let stage = Stage::new();
    let full = PIECE_BYTES - FRAME_HEADER_BYTES;
    let lengths = [
        1,
        full - 42,
        full,
        full - 1,
        full + 1,
        3 * PIECE_BYTES + 7,
        5,
    ];
    let blocks: Vec<Vec<u8>> = (1..)
        .zip(lengths)
        .map(|(seed, length)| random::bytes(seed, length))
        .collect();
    let blocks: Vec<&[u8]> = blocks.iter().map(Vec::as_slice).collect();
    stage.store(&blocks);
    let fetch = Fetch {
        want: blocks.iter().map(|block| BlockHash::of(block)).collect(),
        ..Fetch::default()
    };
    let answer = stage.server.fetch(&stage.ann, &fetch).unwrap();
    assert!(answer == frames(&blocks), "other frames than were sent");

    let mut packed = random::bytes(9, 5 * PIECE_BYTES / 2);
    packed[..PIECE_BYTES].fill(7);
    stage
        .server
        .store_blocks(&stage.ann, THEN, compressed(&packed))
        .unwrap();
    let block = stage.server.block(&stage.ann, BlockHash::of(&packed));
    assert!(block.unwrap() == packed, "other bytes than were sent");
    assert_eq!(held_bytes(), 0);

    // Who goes away after the first piece.
    let server = &stage.server;
    let (space, reach) = (stage.ann.space, stage.ann.reach());
    let frames = payloads::frames(&server.db, &server.packs, space, &reach, &fetch);
    let mut frames = ready(frames).unwrap();
    assert!(frames.next().is_some() && held_bytes() >= 4 * PIECE_BYTES as u64);
    drop(frames);
    assert_eq!(held_bytes(), 0);
}

/// 400 blocks in a few packs, and then 120 edits of a block each, every third one. Its
/// bytes, and what is done after each commit.
fn edited(stage: &Stage, after: impl Fn(ItemId, u64)) -> (ItemId, Vec<u8>) {
    let mut blocks: Vec<Vec<u8>> = (0..400).map(|n| random::bytes(n + 1, 4_000)).collect();
    for pack in blocks.chunks(100) {
        let pack: Vec<&[u8]> = pack.iter().map(Vec::as_slice).collect();
        stage.store(&pack);
    }
    let mut now = content(&blocks);
    let file = new_file(None, "file", Some(now.clone()));
    let item = stage.server.create_file(&stage.ann, THEN, file).unwrap();
    let item = item.item.id;
    for edit in 0..120_u64 {
        let at = edit as usize * 3;
        blocks[at] = random::bytes(1_000 + edit, 4_000);
        let next = content(&blocks);
        let version = edit + 1;
        let spliced = Spliced::of(&next, Base { item, version }, &now.blocks);
        let commit = commit_of(version, b"").with_content(Content::Spliced(spliced));
        let carried = frames(&[&blocks[at]]);
        let committed = stage
            .server
            .commit_carrying(&stage.ann, THEN, item, commit, carried);
        committed.unwrap();
        after(item, version);
        now = next;
    }
    (item, blocks.concat())
}

#[test]
fn a_file_of_many_small_edits_is_read_in_bounded_requests() {
    let stage = Stage::new();
    let (item, bytes) = edited(&stage, |_, _| {});
    let is = |at: u64, part: &[u8]| bytes[at as usize..].starts_with(part);
    let calls = download(&stage, item, is);
    println!("{calls:?} calls");
    assert!(calls.iter().all(|calls| *calls <= MAX_CALLS), "{calls:?}");
    // It was 238.
    assert!(calls.iter().sum::<usize>() < 140, "{calls:?}");
}

/// As the server does after commits: then one request is enough for all of it.
#[test]
fn what_edits_have_scattered_is_put_together() {
    let stage = Stage::new();
    let (item, bytes) = edited(&stage, |item, base_version| {
        if is_due_after(base_version) {
            stage.server.regroup(&stage.ann, THEN, item).unwrap();
        }
    });
    let is = |at: u64, part: &[u8]| bytes[at as usize..].starts_with(part);
    let calls = download(&stage, item, is);
    println!("{calls:?} calls after regrouping");
    assert!(calls.len() == 1 && calls[0] <= MAX_CALLS, "{calls:?}");
    // Older versions as well, and nothing is counted otherwise.
    let server = &stage.server;
    assert!(server.content(&stage.ann, item, Some(1)).is_ok());
    assert!(server.content(&stage.ann, item, Some(60)).is_ok());
    assert_eq!(faults(server), Vec::<String>::new());
    let before = server.packs.len();
    let collected = stage.collect(LATE);
    assert!(collected.packs > 80, "{collected:?} of {before}");
    stage.is_sound();
    let is = |at: u64, part: &[u8]| bytes[at as usize..].starts_with(part);
    download(&stage, item, is);
}

/// Thirty blocks in a pack each, which nothing else needs.
fn scattered(stage: &Stage) -> (ItemId, Vec<u8>) {
    let blocks: Vec<Vec<u8>> = (0..30).map(|n| random::bytes(n + 1, 40)).collect();
    for block in &blocks {
        stage.store(&[block]);
    }
    let file = new_file(None, "file", Some(content(&blocks)));
    let made = stage.server.create_file(&stage.ann, THEN, file).unwrap();
    (made.item.id, blocks.concat())
}

/// Cut off at each of its calls, before and after the call did its work.
#[test]
fn putting_together_may_be_cut_off_anywhere() {
    for lapse in [Unreached, AnswerLost] {
        for (at_db, at_packs) in [(Some(0), None), (Some(1), None), (None, Some(30))] {
            let stage = Stage::new();
            let (file, bytes) = scattered(&stage);
            let at = |at: usize| (0..at).map(|_| None).chain([Some(lapse)]);
            if let Some(n) = at_db {
                stage.server.db.lapses.plan(at(n));
            }
            if let Some(n) = at_packs {
                stage.server.packs.lapses.plan(at(n));
            }
            let ended = stage.server.regroup(&stage.ann, THEN, file);
            stage.server.db.lapses.clear();
            stage.server.packs.lapses.clear();
            assert!(ended.is_err(), "{lapse:?} {at_db:?} {at_packs:?}");
            assert_eq!(faults(&stage.server), Vec::<String>::new());
            assert_eq!(stage.server.content(&stage.ann, file, None).unwrap(), bytes);
            stage.server.regroup(&stage.ann, THEN, file).unwrap();
            assert_eq!(faults(&stage.server), Vec::<String>::new());
            assert_eq!(stage.server.content(&stage.ann, file, None).unwrap(), bytes);
        }
    }
}

/// A damaged block stays where it is found to be, and the others move.
#[test]
fn what_is_damaged_is_not_moved() {
    let stage = Stage::new();
    let (file, _) = scattered(&stage);
    let key = stage.server.packs.keys()[4].clone();
    assert!(stage.server.packs.corrupt(&key, 3));
    assert_eq!(stage.server.regroup(&stage.ann, THEN, file).unwrap(), 29);
    assert_eq!(stage.server.scrub(LATE, &scrub::BOUNDS).unwrap().damaged, 1);
}

/// What is put together while the collector runs, in every order of their calls: the
/// file reads the same, and nothing is lost or counted otherwise.
#[test]
fn putting_together_and_collecting_do_not_mind_each_other() {
    let mut stage = Stage::new();
    let orders = every_order(|order| {
        stage.reset();
        let (file, bytes) = scattered(&stage);
        stage.store(&[b"garbage"]);
        let pack = PackId::from_random(stage.server.fresh_id());
        let db = Turns(&stage.server.db);
        let legs = Legs {
            db: &db,
            packs: &stage.server.packs,
        };
        let (moved, collected) = order.run(
            legs.regroup(&stage.ann, THEN, file, pack),
            legs.collect(LATE, &collect::BOUNDS),
        );
        assert_eq!((moved.unwrap(), collected.unwrap().blocks), (30, 1));
        stage.is_sound();
        let read = stage.server.content(&stage.ann, file, None).unwrap();
        assert_eq!(read, bytes);
        stage.collect(GONE);
        assert_eq!(stage.server.packs.len(), 1);
    });
    assert!(orders > 20, "{orders}");
}
