//! The messages between page and block worker: plain objects, because files and
//! buffers travel by reference in them. Lists are packed, all numbers
//! little-endian.
//!
//! | to the worker | answer |
//! | --- | --- |
//! | `{job, ask: "runs", old, new}` | `{job, runs}`: which old blocks to compare new ones with |
//! | `{job, ask: "frames", file, wanted, base, all, document, signatures}` | `{job, frames, made, damaged}`: blocks of the file as LZ4 or patches, as far as that is smaller |
//! | `{job, ask: "solid", lengths, patches}` | `{job, solid}`: the beginning of a solid body of the patches; a length of 0 stands for another frame |
//! | `{job, ask: "keep", files, wanted, into}` | `{job, kept}`: a new bundle |
//! | `{job, ask: "receive", body, bases, into}` | `{job, kept, damaged, wrong}`: a new bundle of an answer's frames |
//! | `{job, ask: "check", places}` | `{job, damaged}`: which bundles are not what the index says |
//! | `{job, ask: "zip", …}` | see [`crate::archive::work`] |
//!
//! An answer may have `full` instead of `kept`, or nothing but `failed`, a text.
//! Once, at the beginning, the worker says `{ready: true}`.

use super::index::{BundleId, CachedBlock};
use blocks::hash::BlockHash;
use blocks::manifest::BlockRef;
use blocks::patch::BaseRun;
use client::ports::Made;
use wasm_bindgen::JsValue;

/// What an answer is made of.
pub type Fields = Vec<(&'static str, JsValue)>;

/// Bytes of a packed place: hash, length, bundle, offset.
const PLACE_BYTES: usize = 32 + 4 + 8 + 8;
/// Bytes of a packed run.
const RUN_BYTES: usize = 12;

pub fn pack_places(places: &[CachedBlock]) -> Vec<u8> {
    let mut packed = Vec::with_capacity(places.len() * PLACE_BYTES);
    for place in places {
        put_block(&mut packed, place.block);
        packed.extend_from_slice(&place.bundle.to_le_bytes());
        packed.extend_from_slice(&place.offset.to_le_bytes());
    }
    packed
}

/// `None` where the list is torn; the same goes for those below.
pub fn unpack_places(packed: &[u8]) -> Option<Vec<CachedBlock>> {
    let mut rest = packed;
    let mut places = Vec::with_capacity(packed.len() / PLACE_BYTES);
    while !rest.is_empty() {
        places.push(CachedBlock {
            block: take_block(&mut rest)?,
            bundle: u64::from_le_bytes(take(&mut rest)?),
            offset: u64::from_le_bytes(take(&mut rest)?),
        });
    }
    Some(places)
}

pub fn pack_made(made: &[Made]) -> Vec<u8> {
    let mut packed = Vec::new();
    for one in made {
        packed.extend_from_slice(one.hash.as_bytes());
        packed.extend_from_slice(&one.frame_bytes.to_le_bytes());
        // A patch has 32 at most.
        packed.push(one.bases.len() as u8);
        for &base in &one.bases {
            put_block(&mut packed, base);
        }
    }
    packed
}

pub fn unpack_made(packed: &[u8]) -> Option<Vec<Made>> {
    let mut rest = packed;
    let mut made = Vec::new();
    while !rest.is_empty() {
        let hash = BlockHash::from_bytes(take(&mut rest)?);
        let frame_bytes = u32::from_le_bytes(take(&mut rest)?);
        let [count] = take(&mut rest)?;
        let bases = (0..count).map(|_| take_block(&mut rest));
        made.push(Made {
            hash,
            frame_bytes,
            bases: bases.collect::<Option<_>>()?,
        });
    }
    Some(made)
}

pub fn pack_lengths(lengths: &[u32]) -> Vec<u8> {
    lengths
        .iter()
        .flat_map(|length| length.to_le_bytes())
        .collect()
}

pub fn unpack_lengths(packed: &[u8]) -> Option<Vec<u32>> {
    let (lengths, rest) = packed.as_chunks();
    let lengths = lengths.iter().map(|length| u32::from_le_bytes(*length));
    rest.is_empty().then(|| lengths.collect())
}

pub fn pack_runs(runs: &[BaseRun]) -> Vec<u8> {
    let mut packed = Vec::with_capacity(runs.len() * RUN_BYTES);
    for run in runs {
        // A file has 20,000 blocks at most.
        for place in [run.block, run.base.start, run.base.end] {
            packed.extend_from_slice(&(place as u32).to_le_bytes());
        }
    }
    packed
}

pub fn unpack_runs(packed: &[u8]) -> Option<Vec<BaseRun>> {
    let mut rest = packed;
    let mut runs = Vec::with_capacity(packed.len() / RUN_BYTES);
    while !rest.is_empty() {
        let mut place = || Some(u32::from_le_bytes(take(&mut rest)?) as usize);
        runs.push(BaseRun {
            block: place()?,
            base: place()?..place()?,
        });
    }
    Some(runs)
}

pub fn pack_ids(ids: impl IntoIterator<Item = BundleId>) -> Vec<u8> {
    ids.into_iter().flat_map(u64::to_le_bytes).collect()
}

pub fn unpack_ids(packed: &[u8]) -> Option<Vec<BundleId>> {
    let (ids, rest) = packed.as_chunks();
    let ids = ids.iter().map(|id| u64::from_le_bytes(*id)).collect();
    rest.is_empty().then_some(ids)
}

fn put_block(packed: &mut Vec<u8>, block: BlockRef) {
    packed.extend_from_slice(block.hash.as_bytes());
    packed.extend_from_slice(&block.length.to_le_bytes());
}

fn take_block(rest: &mut &[u8]) -> Option<BlockRef> {
    Some(BlockRef {
        hash: BlockHash::from_bytes(take(rest)?),
        length: u32::from_le_bytes(take(rest)?),
    })
}

fn take<const N: usize>(rest: &mut &[u8]) -> Option<[u8; N]> {
    let (taken, after) = rest.split_first_chunk()?;
    *rest = after;
    Some(*taken)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn block(name: &str) -> BlockRef {
        BlockRef {
            hash: BlockHash::of(name.as_bytes()),
            length: name.len() as u32 + 1_000_000,
        }
    }

    #[test]
    fn lists_survive_packing() {
        let places = [("a", 7, 1 << 40), ("b", u64::MAX >> 11, 0)].map(|(name, bundle, offset)| {
            CachedBlock {
                block: block(name),
                bundle,
                offset,
            }
        });
        let packed = pack_places(&places);
        assert_eq!(unpack_places(&packed).unwrap(), places);
        assert_eq!(unpack_places(&packed[1..]), None);

        let made = [vec![], vec![block("x"), block("y")]].map(|bases| Made {
            hash: block("made").hash,
            frame_bytes: 77_777,
            bases,
        });
        let packed = pack_made(&made);
        assert_eq!(unpack_made(&packed).unwrap(), made);
        assert_eq!(unpack_made(&packed[..packed.len() - 1]), None);

        let runs = [(0, 3..9), (19_999, 0..1)].map(|(block, base)| BaseRun { block, base });
        let packed = pack_runs(&runs);
        assert_eq!(unpack_runs(&packed).unwrap(), runs);
        assert_eq!(unpack_runs(&packed[1..]), None);

        let ids = [3, 1 << 52];
        assert_eq!(unpack_ids(&pack_ids(ids)).unwrap(), ids);
        assert_eq!(unpack_ids(&[1]), None);

        let lengths = [0, 7, u32::MAX];
        assert_eq!(unpack_lengths(&pack_lengths(&lengths)).unwrap(), lengths);
        assert_eq!(unpack_lengths(&[1]), None);
    }
}
