//! What the block worker does with bytes. Runs in the worker.
//!
//! Memory is bounded: a group of blocks and its base have
//! [`TARGET_BASE_RUN_BYTES`](protocol::limits::TARGET_BASE_RUN_BYTES) each, the
//! base's index as much again, and a bundle 16 MiB.

use super::index::{BundleId, CachedBlock};
use blocks::frame::{Frame, Payload, parse, read_lz4, small_frame};
use blocks::hash::BlockHash;
use blocks::lz4;
use blocks::manifest::BlockRef;
use blocks::patch::{self, Base, Patch, Signature, SignedBase};
use client::ports::Made;
use js_sys::{ArrayBuffer, Uint8Array};
use platform::browser::js;
use platform::browser::opfs::{BLOCKS, NotWritten};
use std::collections::{BTreeSet, HashMap, HashSet};
use wasm_bindgen::JsCast;
use web_sys::Blob;

/// Neighbours are read together, up to about this.
const READ_BYTES: u64 = 4 << 20;

/// So much of it, in bytes, tells whether a group is worth compressing.
const SAMPLE_BYTES: u64 = 64 << 10;

/// Where blocks are read from.
pub enum BlockSource {
    /// Places' bundles are places in this list.
    Files(Vec<Blob>),
    Cache,
}

/// What a group of blocks is compared with.
pub enum Against {
    Nothing,
    Cached(Vec<CachedBlock>),
    Signed(Vec<Signature>),
}

/// Frames, one after another, of those blocks that are smaller by that.
#[derive(Default)]
pub struct MadeFrames {
    pub bytes: Vec<u8>,
    pub made: Vec<Made>,
    /// Base blocks that are not what the index says: nothing was made then.
    pub damaged: BTreeSet<BundleId>,
}

/// Makes frames of blocks of a file.
pub async fn frames(file: Blob, wanted: &[CachedBlock], against: Against) -> MadeFrames {
    let mut frames = MadeFrames::default();
    let mut bases = HashMap::new();
    let base = match against {
        Against::Nothing if seems_to_compress(&file, wanted).await => Known::Nothing,
        Against::Nothing => return frames,
        Against::Cached(places) => {
            let (blocks, damaged) = read_whole(&places).await;
            if !damaged.is_empty() {
                frames.damaged = damaged;
                return frames;
            }
            bases.extend(places.iter().map(|place| (place.block.hash, place.block)));
            let base = blocks.iter().map(|(hash, bytes)| (*hash, bytes.as_slice()));
            Known::Bytes(Base::of(base))
        }
        Against::Signed(signatures) => {
            bases.extend(signatures.iter().map(|signature| {
                let Signature { hash, length, .. } = *signature;
                (hash, BlockRef { hash, length })
            }));
            Known::Tags(SignedBase::of(&signatures))
        }
    };
    let mut add = |place: &CachedBlock, plain: &[u8]| {
        let hash = place.block.hash;
        let Some(frame) = small_frame(hash, plain, base.patch(plain)) else {
            return;
        };
        let named = frame.bases.iter();
        frames.made.push(Made {
            hash,
            frame_bytes: frame.bytes.len() as u32,
            bases: named.filter_map(|hash| bases.get(hash).copied()).collect(),
        });
        frames.bytes.extend(frame.bytes);
    };
    read_each(&BlockSource::Files(vec![file]), wanted, |place, bytes| {
        // What has changed under the page is found out when it is sent.
        if let Some(plain) = bytes {
            add(place, plain);
        }
    })
    .await;
    frames
}

enum Known {
    Nothing,
    Bytes(Base),
    Tags(SignedBase),
}

impl Known {
    fn patch(&self, target: &[u8]) -> Option<Patch> {
        match self {
            Known::Nothing => None,
            Known::Bytes(base) => Some(base.patch(target)),
            Known::Tags(base) => Some(base.patch(target)),
        }
    }
}

/// By a little in the middle of the first block: beginnings are often headers.
async fn seems_to_compress(file: &Blob, wanted: &[CachedBlock]) -> bool {
    let Some(CachedBlock { block, offset, .. }) = wanted.first() else {
        return false;
    };
    let end = offset + u64::from(block.length);
    let from = offset + u64::from(block.length).saturating_sub(SAMPLE_BYTES) / 2;
    let sample = read(file, from, end.min(from + SAMPLE_BYTES)).await;
    sample.is_some_and(|sample| lz4::compress(&sample).is_some())
}

/// What became of a bundle.
#[derive(Default)]
pub struct KeptBundle {
    /// In the bundle, in this order.
    pub blocks: Vec<BlockRef>,
    pub damaged: BTreeSet<BundleId>,
    /// Blocks that are not what their hash says.
    pub wrong: Vec<BlockHash>,
}

/// Writes blocks of files into a new bundle; those that can't be read any more,
/// or are others by now, are left out.
///
/// # Errors
/// Nothing is kept then.
pub async fn keep(
    files: Vec<Blob>,
    wanted: &[CachedBlock],
    into: BundleId,
) -> Result<KeptBundle, NotWritten> {
    let mut kept = KeptBundle::default();
    let mut bytes = Vec::new();
    read_each(&BlockSource::Files(files), wanted, |place, block| {
        if let Some(block) = block {
            bytes.extend_from_slice(block);
            kept.blocks.push(place.block);
        }
    })
    .await;
    write(into, &bytes).await?;
    Ok(kept)
}

/// Takes an answer's frames apart, verifies every block and writes it into a new
/// bundle.
///
/// # Errors
/// Nothing is kept then.
pub async fn receive(
    body: &[u8],
    bases: &[CachedBlock],
    into: BundleId,
) -> Result<KeptBundle, NotWritten> {
    let mut kept = KeptBundle::default();
    let mut bytes = Vec::new();
    let Ok(frames) = parse(body) else {
        return Ok(kept);
    };
    let named: HashSet<BlockHash> = frames.iter().flat_map(bases_of).copied().collect();
    let places: Vec<CachedBlock> = bases
        .iter()
        .filter(|place| named.contains(&place.block.hash))
        .copied()
        .collect();
    let (blocks, damaged) = read_whole(&places).await;
    kept.damaged = damaged;
    let blocks: HashMap<BlockHash, Vec<u8>> = blocks.into_iter().collect();
    for frame in &frames {
        if bases_of(frame)
            .iter()
            .any(|base| !blocks.contains_key(base))
        {
            // It is asked for again, against what is left.
            continue;
        }
        match plain(frame, &blocks) {
            Some(plain) if BlockHash::of(&plain) == frame.hash => {
                kept.blocks.push(BlockRef {
                    hash: frame.hash,
                    length: plain.len() as u32,
                });
                bytes.extend_from_slice(&plain);
            }
            _ => kept.wrong.push(frame.hash),
        }
    }
    write(into, &bytes).await?;
    Ok(kept)
}

fn bases_of<'a>(frame: &'a Frame<'_>) -> &'a [BlockHash] {
    match &frame.content {
        Payload::Patch { bases, .. } => bases,
        _ => &[],
    }
}

fn plain(frame: &Frame<'_>, blocks: &HashMap<BlockHash, Vec<u8>>) -> Option<Vec<u8>> {
    match &frame.content {
        Payload::Plain(bytes) => Some(bytes.to_vec()),
        Payload::Lz4 { .. } => read_lz4(frame.payload).ok(),
        Payload::Patch {
            length,
            bases,
            delta,
        } => {
            let base: Vec<&[u8]> = bases.iter().map(|hash| blocks[hash].as_slice()).collect();
            patch::apply(&base, delta, *length).ok()
        }
    }
}

/// The bundles of which a block is not what the index says.
pub async fn check(places: &[CachedBlock]) -> BTreeSet<BundleId> {
    let mut damaged = BTreeSet::new();
    read_each(&BlockSource::Cache, places, |place, bytes| {
        if bytes.is_none() {
            damaged.insert(place.bundle);
        }
    })
    .await;
    damaged
}

async fn write(into: BundleId, bytes: &[u8]) -> Result<(), NotWritten> {
    match bytes {
        [] => Ok(()),
        bytes => {
            BLOCKS
                .write(&into.to_string(), &Uint8Array::from(bytes))
                .await
        }
    }
}

/// All of these blocks of the cache, and the bundles of those that are not there.
async fn read_whole(places: &[CachedBlock]) -> (Vec<(BlockHash, Vec<u8>)>, BTreeSet<BundleId>) {
    let (mut blocks, mut damaged) = (Vec::with_capacity(places.len()), BTreeSet::new());
    read_each(&BlockSource::Cache, places, |place, bytes| match bytes {
        Some(bytes) => blocks.push((place.block.hash, bytes.to_vec())),
        None => {
            damaged.insert(place.bundle);
        }
    })
    .await;
    (blocks, damaged)
}

/// Reads blocks; `each` gets a block's bytes if they are what its hash says.
pub async fn read_each(
    source: &BlockSource,
    places: &[CachedBlock],
    mut each: impl FnMut(&CachedBlock, Option<&[u8]>),
) {
    let mut rest = places;
    let mut open: Option<(BundleId, Option<Blob>)> = None;
    while let Some(first) = rest.first() {
        let end = |place: &CachedBlock| place.offset + u64::from(place.block.length);
        let mut until = end(first);
        let follows = |next: &&CachedBlock| {
            let does = next.bundle == first.bundle
                && next.offset == until
                && until - first.offset < READ_BYTES;
            until = if does { end(next) } else { until };
            does
        };
        let count = 1 + rest.iter().skip(1).take_while(follows).count();
        if open
            .as_ref()
            .is_none_or(|(bundle, _)| *bundle != first.bundle)
        {
            open = Some((first.bundle, source.open(first.bundle).await));
        }
        let bytes = match &open {
            Some((_, Some(blob))) => read(blob, first.offset, until).await,
            _ => None,
        };
        let (run, after) = rest.split_at(count);
        for place in run {
            let from = (place.offset - first.offset) as usize;
            let block = bytes
                .as_deref()
                .and_then(|bytes| bytes.get(from..from + place.block.length as usize));
            each(
                place,
                block.filter(|block| BlockHash::of(block) == place.block.hash),
            );
        }
        rest = after;
    }
}

impl BlockSource {
    async fn open(&self, bundle: BundleId) -> Option<Blob> {
        match self {
            BlockSource::Files(files) => files.get(bundle as usize).cloned(),
            BlockSource::Cache => BLOCKS.get(&bundle.to_string()).await.ok().map(Blob::from),
        }
    }
}

async fn read(blob: &Blob, from: u64, to: u64) -> Option<Vec<u8>> {
    let slice = blob.slice_with_f64_and_f64(from as f64, to as f64).ok()?;
    let buffer: ArrayBuffer = js::outcome(slice.array_buffer())
        .await
        .and_then(JsCast::dyn_into)
        .ok()?;
    Some(Uint8Array::new(&buffer).to_vec())
}
