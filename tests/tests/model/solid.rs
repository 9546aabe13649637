//! Solid bodies: what is stored of them, and what is refused.

use crate::stage::{LATE, Stage, THEN};
use blocks::frame::{Codec, parse};
use blocks::hash::BlockHash;
use driftless_tests::client::{compressed, frames, manifest, new_file, opened, patched, solid};
use driftless_tests::random;
use protocol::blocks::Fetch;
use protocol::problem::Problem;

/// Two blocks of a file, and the blocks of an edit: three patches with what is none between
/// them.
struct Edit {
    stage: Stage,
    bases: [Vec<u8>; 2],
    blocks: Vec<Vec<u8>>,
    frames: Vec<Vec<u8>>,
}

impl Edit {
    fn new() -> Self {
        let stage = Stage::new();
        let bases = [(); 2].map(|()| random::unseen_bytes(900));
        for (name, base) in ["one", "two"].into_iter().zip(&bases) {
            stage.file(name, base);
        }
        let [one, two] = bases.each_ref().map(Vec::as_slice);
        let plain = random::unseen_bytes(50);
        let text = b"words ".repeat(30);
        let first = [one, b"more"].concat();
        let both = [&two[100..], one].concat();
        let last = [b"before", two].concat();
        let frames = vec![
            patched(&[one], &first),
            frames(&[&plain]),
            patched(&[two, one], &both),
            compressed(&text),
            patched(&[two], &last),
        ];
        let blocks = vec![first, plain, both, text, last];
        Self {
            stage,
            bases,
            blocks,
            frames,
        }
    }

    fn store(&self, body: Vec<u8>) -> Result<u32, Problem> {
        let Stage { server, ann, .. } = &self.stage;
        let stored = server.store_blocks(ann, LATE, body)?;
        Ok(stored.stored)
    }

    fn stored_blocks(&self) -> u32 {
        let db = self.stage.server.db.connection();
        db.query_row("SELECT count(*) FROM blocks", [], |row| row.get(0))
            .unwrap()
    }

    /// All of it, for a device that holds the bases.
    fn fetched(&self, solid: bool) -> Vec<u8> {
        let fetch = Fetch {
            want: self
                .blocks
                .iter()
                .map(|block| BlockHash::of(block))
                .collect(),
            bases: self
                .bases
                .iter()
                .map(|base| BlockHash::of(base).short())
                .collect(),
            solid,
            ..Fetch::default()
        };
        self.stage.server.fetch(&self.stage.ann, &fetch).unwrap()
    }

    fn are_stored(&self) -> bool {
        let Stage { server, ann, .. } = &self.stage;
        let mut blocks = self.blocks.iter();
        blocks.all(|block| server.block(ann, BlockHash::of(block)).as_ref() == Ok(block))
    }
}

#[test]
fn a_solid_body_stores_what_its_frames_would() {
    let edit = Edit::new();
    let body = solid(&edit.frames);
    assert!(body.len() + 100 < edit.frames.concat().len());
    assert_eq!(edit.store(body.clone()), Ok(5));
    assert!(edit.are_stored());
    assert_eq!(edit.store(body), Ok(0));
    // Its patches are kept, as if they had come by themselves.
    let answer = edit.fetched(false);
    let codecs: Vec<Codec> = parse(&answer)
        .unwrap()
        .iter()
        .map(|frame| frame.content.codec())
        .collect();
    let patch = Codec::Patch;
    assert_eq!(codecs, [patch, Codec::Plain, patch, Codec::Lz4, patch]);
    edit.stage.is_sound();
}

#[test]
fn a_solid_answer_is_the_frames_of_a_device_that_reads_none() {
    let edit = Edit::new();
    edit.store(solid(&edit.frames)).unwrap();
    let (frames, answer) = (edit.fetched(false), edit.fetched(true));
    assert!(answer.len() + 100 < frames.len());
    let held = edit.bases.each_ref().map(Vec::as_slice);
    assert_eq!(opened(&answer, &held).as_ref(), Some(&frames));
    // A byte that changed on the way makes no other block, and neither does another base.
    for at in 0..answer.len() {
        let mut changed = answer.clone();
        changed[at] ^= 1 << (at % 8);
        let made = opened(&changed, &held).unwrap_or_default();
        let patches = parse(&made).unwrap_or_default();
        let patches = patches
            .iter()
            .filter(|frame| frame.content.codec() == Codec::Patch);
        for patch in patches {
            assert!(
                edit.blocks
                    .iter()
                    .any(|block| BlockHash::of(block) == patch.hash),
                "byte {at}"
            );
        }
    }
    assert_eq!(opened(&answer, &held[..1]), None);
    edit.stage.is_sound();
}

/// Whatever changes on the way: the blocks are stored that were sent, or none.
#[test]
fn a_changed_solid_body_stores_no_other_block() {
    let edit = Edit::new();
    let body = solid(&edit.frames);
    let before = edit.stored_blocks();
    let mut refused = 0;
    for at in 0..body.len() {
        let mut changed = body.clone();
        changed[at] ^= 1 << (at % 8);
        match edit.store(changed) {
            Ok(_) => {
                assert!(edit.are_stored(), "byte {at}");
                assert_eq!(edit.stored_blocks(), before + 5, "byte {at}");
                edit.stage.collect(2 * LATE);
            }
            Err(Problem::BadFrames { .. } | Problem::HashMismatch { .. }) => refused += 1,
            Err(Problem::BlockTooLarge { .. }) => refused += 1,
            Err(other) => panic!("byte {at}: {other:?}"),
        }
        assert_eq!(edit.stored_blocks(), before, "byte {at}");
    }
    // Some bits of DEFLATE mean nothing.
    assert!(refused + 20 > body.len(), "{refused} of {}", body.len());
    for end in 0..body.len() {
        assert!(edit.store(body[..end].to_vec()).is_err(), "{end} bytes");
    }
    assert_eq!(edit.stored_blocks(), before);
    edit.stage.is_sound();
}

#[test]
fn a_base_block_that_is_not_there_is_not_named() {
    let edit = Edit::new();
    let gone = random::unseen_bytes(900);
    let body = solid(&[patched(&[&gone], &[&gone[..], b"more"].concat())]);
    let detail = "a base block is not stored".to_owned();
    assert_eq!(edit.store(body), Err(Problem::BadFrames { detail }));
    edit.stage.is_sound();
}

#[test]
fn a_solid_body_travels_with_the_change_that_needs_it() {
    let edit = Edit::new();
    let Stage { server, ann, .. } = &edit.stage;
    let content = edit.blocks.concat();
    let mut list = manifest(&content);
    list.blocks = edit
        .blocks
        .iter()
        .flat_map(|block| manifest(block).blocks)
        .collect();
    let file = new_file(None, "edited", Some(list));
    let made = server.create_file_carrying(ann, THEN, file.into(), solid(&edit.frames));
    let item = made.unwrap().item.id;
    assert_eq!(server.content(ann, item, None).unwrap(), content);
    edit.stage.is_sound();
}
