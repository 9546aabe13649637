//! Patches that are kept: what they cost, how long they stay, and what an upload
//! of one and the collector make of each other.

use crate::stage::{InTurns, LATE, Stage, THEN};
use blocks::frame::{Codec, parse};
use blocks::hash::BlockHash;
use driftless_core::collect::BOUNDS;
use driftless_core::scrub;
use driftless_tests::client::{compressed, frames, manifest, new_file, patched};
use driftless_tests::model::orders::every_order;
use driftless_tests::random;
use protocol::blocks::Fetch;
use protocol::ids::{ItemId, PackId};
use protocol::limits::PATCH_RETENTION_MILLIS;
use protocol::problem::Problem;

/// As late as a patch of [`THEN`] is still kept.
const KEPT: u64 = THEN + PATCH_RETENTION_MILLIS;

/// A file of `base`, and one of `block`, which came as a patch against it.
fn patched_file(stage: &Stage, base: &[u8], block: &[u8]) {
    stage.file("base", base);
    store(stage, &patched(&[base], block));
    let file = new_file(None, "patched", Some(manifest(block)));
    stage.server.create_file(&stage.ann, THEN, file).unwrap();
}

fn store(stage: &Stage, body: &[u8]) {
    let stored = stage.server.store_blocks(&stage.ann, THEN, body.to_vec());
    stored.unwrap();
}

/// How a block comes for a device that holds these.
fn comes_as(stage: &Stage, block: &[u8], held: &[&[u8]]) -> Codec {
    let fetch = Fetch {
        want: vec![BlockHash::of(block)],
        bases: held
            .iter()
            .map(|held| BlockHash::of(held).short())
            .collect(),
        by_symbols: true,
        ..Fetch::default()
    };
    let answer = stage.server.fetch(&stage.ann, &fetch).unwrap();
    parse(&answer).unwrap()[0].content.codec()
}

/// How many patches are kept.
fn kept(stage: &Stage) -> u32 {
    let db = stage.server.db.connection();
    db.query_row("SELECT count(*) FROM patches", [], |row| row.get(0))
        .unwrap()
}

#[test]
fn a_patch_is_kept_for_its_time_and_its_block_for_ever() {
    let stage = Stage::new();
    let (base, block) = (b"0123456789".repeat(99), b"0123456789".repeat(98));
    patched_file(&stage, &base, &block);
    assert_eq!(stage.collect(KEPT).patches, 0);
    assert_eq!(comes_as(&stage, &block, &[&base]), Codec::Patch);
    let collected = stage.collect(KEPT + 1);
    assert_eq!((collected.patches, collected.blocks), (1, 0));
    assert_eq!(comes_as(&stage, &block, &[&base]), Codec::Plain);
    stage.is_sound();
}

#[test]
fn a_patch_goes_with_its_block() {
    let stage = Stage::new();
    let (base, block) = (random::unseen_bytes(900), b"0123456789".repeat(98));
    stage.file("base", &base);
    store(&stage, &patched(&[&base], &block));
    assert_eq!(kept(&stage), 1);
    let collected = stage.collect(LATE);
    assert_eq!(collected.blocks, 1);
    assert_eq!(kept(&stage), 0);
    stage.is_sound();
}

#[test]
fn a_patch_goes_with_a_block_of_its_base() {
    let stage = Stage::new();
    let base = random::unseen_bytes(900);
    let block = [&base[..], b"more"].concat();
    stage.store(&[&base]);
    store(&stage, &patched(&[&base], &block));
    let file = new_file(None, "file", Some(manifest(&block)));
    stage.server.create_file(&stage.ann, THEN, file).unwrap();
    let collected = stage.collect(LATE);
    assert_eq!((collected.blocks, collected.patches), (1, 1));
    assert_eq!(comes_as(&stage, &block, &[&base]), Codec::Plain);
    stage.is_sound();
}

/// Base blocks that stand side by side are one call, however many patches need
/// them, and so are wanted blocks.
#[test]
fn neighbours_in_a_pack_are_read_at_once() {
    let stage = Stage::new();
    let bases = [(); 3].map(|()| random::unseen_bytes(2_000));
    let blocks: Vec<&[u8]> = bases.iter().map(Vec::as_slice).collect();
    stage.store(&blocks);
    let reads = || stage.server.packs.reads.replace(0);
    reads();
    let edits = [b"x", b"y"].map(|edit| [bases.concat(), edit.to_vec()].concat());
    let body = edits.each_ref().map(|edit| patched(&blocks, edit)).concat();
    store(&stage, &body);
    assert_eq!(reads(), 1);
    let fetch = |want: &[&[u8]], bases: &[&[u8]]| {
        let fetch = Fetch {
            want: want.iter().map(|block| BlockHash::of(block)).collect(),
            bases: bases
                .iter()
                .map(|base| BlockHash::of(base).short())
                .collect(),
            ..Fetch::default()
        };
        let answer = stage.server.fetch(&stage.ann, &fetch).unwrap();
        (parse(&answer).unwrap().len(), reads())
    };
    assert_eq!(fetch(&[blocks[2], blocks[0], blocks[1]], &[]), (3, 1));
    assert_eq!(fetch(&[&edits[0], &edits[1]], &blocks), (2, 1));
    assert_eq!(fetch(&[blocks[0], blocks[2], &edits[0]], &[]), (3, 3));
    stage.is_sound();
}

/// An upload of a plain block writes its row and the space's, as ever.
#[test]
fn only_a_patch_costs_a_row_more() {
    let stage = Stage::new();
    let base = b"0123456789".repeat(99);
    let written = |body: Vec<u8>| {
        let changes = || stage.server.db.connection().total_changes();
        let before = changes();
        store(&stage, &body);
        changes() - before
    };
    assert_eq!(written(frames(&[b"plain"])), 2);
    assert_eq!(written(compressed(&base)), 2);
    assert_eq!(written(patched(&[&base], &base[3..])), 3);
}

/// What was compressible before is stored compressed again.
#[test]
fn an_edit_of_a_compressed_block_is_stored_compressed() {
    let stage = Stage::new();
    let base = b"0123456789".repeat(999);
    let block = [&base[..], b"more"].concat();
    store(&stage, &compressed(&base));
    store(&stage, &patched(&[&base], &block));
    assert_eq!(comes_as(&stage, &block, &[]), Codec::Lz4);
    assert_eq!(
        stage
            .server
            .block(&stage.ann, BlockHash::of(&block))
            .unwrap(),
        block
    );
    stage.is_sound();
}

/// A base block is collected while a patch against it arrives. Either the patch
/// is taken, and the block stands on its own, or it is refused, and the block
/// comes whole.
#[test]
fn a_patch_arrives_while_its_base_is_collected() {
    let (mut taken, mut refused) = (0, 0);
    let mut stage = Stage::new();
    let base = random::unseen_bytes(500);
    let block = [&base[..], b"more"].concat();
    every_order(|order| {
        stage.reset();
        let (ann, in_turns) = (&stage.ann, InTurns::of(&stage.server));
        stage.store(&[&base]);
        let pack = PackId::from_random(stage.server.fresh_id());
        let legs = in_turns.legs();
        let (stored, collected) = order.run(
            legs.store_blocks(ann, LATE, pack, patched(&[&base], &block)),
            legs.collect(LATE, &BOUNDS),
        );
        assert_eq!(collected.unwrap().blocks, 1);
        stage.is_sound();
        match stored.map_err(|failure| stage.server.problem(failure)) {
            Ok(stored) => {
                assert_eq!(stored.stored, 1);
                taken += 1;
            }
            Err(Problem::PatchRefused { block: named, .. }) => {
                assert_eq!(named, BlockHash::of(&block));
                refused += 1;
                stage.store_at(LATE, &[&block]);
            }
            Err(other) => panic!("{other:?}"),
        }
        stage.collect(LATE);
        assert!(stage.has(&block));
        assert_eq!(kept(&stage), 0);
        stage.is_sound();
    });
    assert!(taken > 0 && refused > 0, "{taken} {refused}");
}

/// Two devices send the same block, one of them as a patch: it is there once, and
/// so is what belongs to it.
#[test]
fn a_block_arrives_whole_and_as_a_patch() {
    let (mut with_patch, mut without) = (0, 0);
    let mut stage = Stage::new();
    let base = random::unseen_bytes(500);
    let block = [&base[..], b"more"].concat();
    every_order(|order| {
        stage.reset();
        let (ann, in_turns) = (&stage.ann, InTurns::of(&stage.server));
        stage.store(&[&base]);
        let packs = [(); 2].map(|()| PackId::from_random(stage.server.fresh_id()));
        let legs = in_turns.legs();
        let (one, other) = order.run(
            legs.store_blocks(ann, THEN, packs[0], patched(&[&base], &block)),
            legs.store_blocks(ann, THEN, packs[1], frames(&[&block])),
        );
        assert_eq!(one.unwrap().stored + other.unwrap().stored, 1);
        match kept(&stage) {
            0 => without += 1,
            _ => with_patch += 1,
        }
        assert_eq!(stage.server.packs.len(), 2);
        stage.is_sound();
    });
    assert!(with_patch > 0 && without > 0, "{with_patch} {without}");
}

/// Uploads of all codecs, files, collectors, scrubs and damage, by chance. What was
/// committed reads as it was or says that it is damaged, and is whole again when
/// its blocks were sent again.
#[test]
fn whatever_happens_no_version_is_lost() {
    for seed in 1..40 {
        Chance::new(seed).run();
    }
}

/// Each run of the scrub goes through all packs.
const ALL_PACKS: scrub::ScrubBounds = scrub::ScrubBounds {
    packs: 1_000,
    ..scrub::BOUNDS
};

struct Chance {
    stage: Stage,
    numbers: u64,
    now: u64,
    /// Everything that was ever uploaded.
    blocks: Vec<Vec<u8>>,
    /// Files and what is in them.
    files: Vec<(ItemId, Vec<u8>)>,
}

impl Chance {
    fn new(seed: u64) -> Self {
        let stage = Stage::new();
        stage.store(&[b"the first block of all"]);
        Self {
            stage,
            numbers: seed,
            now: THEN,
            blocks: vec![b"the first block of all".to_vec()],
            files: Vec::new(),
        }
    }

    fn below(&mut self, bound: usize) -> usize {
        self.numbers ^= self.numbers << 13;
        self.numbers ^= self.numbers >> 7;
        self.numbers ^= self.numbers << 17;
        (self.numbers >> 11) as usize % bound
    }

    fn any_block(&mut self) -> Vec<u8> {
        let index = self.below(self.blocks.len());
        self.blocks[index].clone()
    }

    fn run(&mut self) {
        for _ in 0..150 {
            self.now += self.below(3 * 60 * 60 * 1_000) as u64;
            match self.below(12) {
                0..=4 => self.upload(),
                5..=6 => self.make_file(),
                7 => drop(self.stage.collect(self.now)),
                8..=9 => drop(self.stage.server.scrub(self.now, &ALL_PACKS).unwrap()),
                10 => self.damage(),
                _ => self.read(),
            }
            self.stage.is_sound();
        }
        // All blocks are sent again: whatever was damaged is whole now.
        self.stage.server.scrub(self.now, &ALL_PACKS).unwrap();
        let blocks: Vec<&[u8]> = self.blocks.iter().map(Vec::as_slice).collect();
        self.stage.store_at(self.now, &blocks);
        self.stage.is_sound();
        for (file, bytes) in &self.files {
            let content = self.stage.server.content(&self.stage.ann, *file, None);
            assert_eq!(content.as_deref(), Ok(bytes.as_slice()));
        }
    }

    fn upload(&mut self) {
        let base = self.any_block();
        let edit = self.below(1_000_000);
        let block = [&base[..], format!(", {edit}").repeat(9).as_bytes()].concat();
        let body = match self.below(3) {
            0 => frames(&[&block]),
            1 => compressed(&block),
            _ => patched(&[&base], &block),
        };
        match self
            .stage
            .server
            .store_blocks(&self.stage.ann, self.now, body)
        {
            Ok(_) => self.blocks.push(block),
            Err(Problem::PatchRefused { .. }) => {}
            Err(other) => panic!("{other:?}"),
        }
    }

    fn make_file(&mut self) {
        let block = self.any_block();
        let name = format!("file {}", self.files.len());
        let file = new_file(None, &name, Some(manifest(&block)));
        match self
            .stage
            .server
            .create_file(&self.stage.ann, self.now, file)
        {
            Ok(made) => self.files.push((made.item.id, block)),
            Err(Problem::BlocksMissing { .. }) => {}
            Err(other) => panic!("{other:?}"),
        }
    }

    /// The scrub comes before anybody reads. A pack's first byte is a block's.
    fn damage(&mut self) {
        let keys = self.stage.server.packs.keys();
        if keys.is_empty() {
            return;
        }
        let key = &keys[self.below(keys.len())];
        match self.below(2) {
            0 => drop(self.stage.server.packs.remove(key)),
            _ => drop(self.stage.server.packs.corrupt(key, 0)),
        }
        self.stage.server.scrub(self.now, &ALL_PACKS).unwrap();
    }

    fn read(&mut self) {
        for (file, bytes) in &self.files {
            match self.stage.server.content(&self.stage.ann, *file, None) {
                Ok(content) => assert_eq!(content, *bytes),
                Err(problem) => assert_eq!(problem, Problem::Internal),
            }
        }
    }
}
