//! What the block worker does with bytes. Runs in the worker.
//!
//! Memory is bounded: a group of blocks has
//! [`TARGET_BASE_RUN_BYTES`](protocol::limits::TARGET_BASE_RUN_BYTES) and what it is
//! compared with at a time twice as much, the base's index as much again, the samples of a
//! file 16 MB, and a bundle 16 MiB. Documents whose streams are compared are small: see
//! [`Documents`].

use super::index::{BundleId, CachedBlock};
use blocks::frame::{SmallFrame, small_frame};
use blocks::hash::BlockHash;
use blocks::lz4;
use blocks::manifest::BlockRef;
use blocks::patch::{
    Base, Batch, Documents, Patch, Samples, Search, Signature, SignedBase, may_be_document,
};
use blocks::solid::beginning_of;
use client::ports::Made;
use js_sys::{ArrayBuffer, Uint8Array};
use platform::browser::js;
use platform::browser::opfs::{BLOCKS, NotWritten};
use std::cell::RefCell;
use std::collections::{BTreeSet, HashMap};
use std::ops::Range;
use std::rc::Rc;
use wasm_bindgen::JsCast;
use web_sys::Blob;

/// Neighbours are read together, up to about this.
const READ_BYTES: u64 = 4 << 20;

/// So much of it, in bytes, tells whether a group is worth compressing.
const SAMPLE_BYTES: u64 = 64 << 10;

/// A patch of less than this part of its block is good enough: nothing is searched for a
/// smaller one.
const SMALL_PATCH_DIVISOR: usize = 16;

/// A frame of fewer bytes is hardly made smaller by the streams of a document.
const LEAST_DOCUMENT_PATCH_BYTES: usize = 512;

/// So many bytes of a file tell whether it may be a document.
const DOCUMENT_START_BYTES: u64 = 8;

/// Where blocks are read from.
pub enum BlockSource {
    /// Places' bundles are places in this list.
    Files(Vec<Blob>),
    Cache,
}

/// What a group of blocks is compared with.
pub enum Against {
    Nothing,
    Cached {
        /// The blocks that they replace.
        near: Vec<CachedBlock>,
        /// Those that are searched for what is not near; none if that is not worth it.
        all: Vec<CachedBlock>,
        /// The whole old file, if the streams of the new one are to be compared with its.
        document: Vec<CachedBlock>,
    },
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

impl MadeFrames {
    fn of(frames: Vec<TriedFrame>, bases: &HashMap<BlockHash, BlockRef>) -> Self {
        let mut all = Self::default();
        for TriedFrame { hash, frame, .. } in frames {
            let Some(frame) = frame else {
                continue;
            };
            let named = frame.bases.iter();
            all.made.push(Made {
                hash,
                frame_bytes: frame.bytes.len() as u32,
                bases: named.filter_map(|hash| bases.get(hash).copied()).collect(),
            });
            all.bytes.extend(frame.bytes);
        }
        all
    }
}

/// A block, and what was made of it so far.
struct TriedFrame {
    hash: BlockHash,
    /// Where the block is in its file.
    place: Range<usize>,
    frame: Option<SmallFrame>,
    /// The block's bytes, where better may be found elsewhere.
    plain: Option<Vec<u8>>,
}

impl TriedFrame {
    /// The block's bytes are kept if its frame is larger than so many bytes.
    fn of(wanted: &CachedBlock, plain: &[u8], base: &Known, least: usize) -> Self {
        let CachedBlock { block, offset, .. } = *wanted;
        let start = offset as usize;
        let mut tried = Self {
            hash: block.hash,
            place: start..start + plain.len(),
            frame: small_frame(block.hash, plain, base.patch(plain)),
            plain: None,
        };
        if tried.bytes() > least {
            tried.plain = Some(plain.to_vec());
        }
        tried
    }

    /// What the block takes so far.
    fn bytes(&self) -> usize {
        let frame = self.frame.as_ref();
        frame.map_or(self.place.len(), |frame| frame.bytes.len())
    }

    /// Whether it is worth a search of the whole old file.
    fn is_large(&self) -> bool {
        self.plain.is_some() && self.bytes() > self.place.len() / SMALL_PATCH_DIVISOR
    }

    /// Takes another patch if that makes less.
    fn try_again(&mut self, patch: impl FnOnce(&[u8]) -> Option<Patch>) {
        let Some(plain) = &self.plain else {
            return;
        };
        let other = patch(plain).and_then(|patch| small_frame(self.hash, plain, Some(patch)));
        let both = self.frame.take().into_iter().chain(other);
        self.frame = both.min_by_key(|frame| frame.bytes.len());
    }
}

/// Makes frames of blocks of a file.
pub async fn frames(file: Blob, wanted: &[CachedBlock], against: Against) -> MadeFrames {
    let mut bases = HashMap::new();
    let (mut far, mut old_document) = (Vec::new(), Vec::new());
    let base = match against {
        Against::Nothing if seems_to_compress(&file, wanted).await => Known::Nothing,
        Against::Nothing => return MadeFrames::default(),
        Against::Cached {
            near,
            all,
            document,
        } => {
            bases.extend(named(near.iter().chain(&all).chain(&document)));
            (far, old_document) = (all, document);
            match base_of(&near).await {
                Ok(base) => Known::Bytes(base),
                Err(damaged) => return damaged,
            }
        }
        Against::Signed(signatures) => {
            bases.extend(signatures.iter().map(|signature| {
                let Signature { hash, length, .. } = *signature;
                (hash, BlockRef { hash, length })
            }));
            Known::Tags(SignedBase::of(&signatures))
        }
    };
    // Where nothing else is tried, no bytes are kept.
    let least = |bytes: usize| match (old_document.is_empty(), far.is_empty()) {
        (false, _) => LEAST_DOCUMENT_PATCH_BYTES,
        (true, false) => bytes / SMALL_PATCH_DIVISOR,
        (true, true) => usize::MAX,
    };
    let mut tried = Vec::with_capacity(wanted.len());
    read_each(
        &BlockSource::Files(vec![file.clone()]),
        wanted,
        |place, bytes| {
            // What has changed under the page is found out when it is sent.
            if let Some(plain) = bytes {
                tried.push(TriedFrame::of(place, plain, &base, least(plain.len())));
            }
        },
    )
    .await;
    drop(base);
    if let Err(damaged) = try_document(&mut tried, &file, &old_document).await {
        return damaged;
    }
    if let Err(damaged) = try_all(&mut tried, &far).await {
        return damaged;
    }
    MadeFrames::of(tried, &bases)
}

/// Compares what the deflate streams of a document hold with those of the old one.
async fn try_document(
    tried: &mut [TriedFrame],
    file: &Blob,
    old: &[CachedBlock],
) -> Result<(), MadeFrames> {
    let large = tried.iter_mut().filter(|one| one.plain.is_some());
    let large: Vec<&mut TriedFrame> = large.collect();
    let size = file.size();
    if large.is_empty() || old.is_empty() {
        return Ok(());
    }
    let start = read(file, 0, DOCUMENT_START_BYTES).await;
    if !start.is_some_and(|start| may_be_document(&start, size as u64)) {
        return Ok(());
    }
    let Some(new) = read(file, 0, size as u64).await else {
        return Ok(());
    };
    let (blocks, damaged) = read_whole(old).await;
    are_whole(damaged)?;
    let blocks = blocks.iter().map(|(hash, bytes)| (*hash, bytes.as_slice()));
    if let Some(documents) = Documents::of(blocks, new) {
        for one in large {
            let place = one.place.clone();
            // The server's work has to be worth it.
            let most = one.bytes() - one.bytes() / 8;
            let patch = documents.patch(place);
            let patch = patch.filter(|patch| patch.delta.len() < most);
            // What has changed under the page makes another block, which is refused.
            one.try_again(|_| patch);
        }
    }
    Ok(())
}

/// The beginning of a solid body of these patches, each of so many bytes, and none for a
/// frame that travels behind it. Empty if there is no such body; `None` if the patches have
/// other lengths.
pub fn solid(patches: &[u8], lengths: &[u32]) -> Option<Vec<u8>> {
    let mut rest = patches;
    let mut frames = Vec::with_capacity(lengths.len());
    for &length in lengths {
        let (patch, after) = rest.split_at_checked(length as usize)?;
        frames.push((length > 0).then_some(patch));
        rest = after;
    }
    let solid = rest.is_empty().then(|| beginning_of(&frames));
    solid.map(Option::unwrap_or_default)
}

/// Compares the blocks of which little was saved with whatever old blocks hold the same.
async fn try_all(tried: &mut [TriedFrame], old: &[CachedBlock]) -> Result<(), MadeFrames> {
    let mut large: Vec<&mut TriedFrame> = tried.iter_mut().filter(|one| one.is_large()).collect();
    if large.is_empty() || old.is_empty() {
        return Ok(());
    }
    let search = searchable(old).await?;
    let places: HashMap<BlockHash, CachedBlock> =
        old.iter().map(|place| (place.block.hash, *place)).collect();
    let targets = large.iter().filter_map(|one| one.plain.as_deref());
    for Batch { targets, base } in search.batches(targets) {
        let base = base.iter().filter_map(|block| places.get(&block.hash));
        let base = base_of(&base.copied().collect::<Vec<_>>()).await?;
        for one in &mut large[targets] {
            one.try_again(|plain| Some(base.patch(plain)));
        }
    }
    Ok(())
}

thread_local! {
    /// The blocks that were searched last, since all groups of a file search the same.
    static SEARCHED: RefCell<Option<(Vec<CachedBlock>, Rc<Search>)>> = const { RefCell::new(None) };
}

async fn searchable(old: &[CachedBlock]) -> Result<Rc<Search>, MadeFrames> {
    let last = SEARCHED.with_borrow(Clone::clone);
    if let Some((_, search)) = last.filter(|(blocks, _)| blocks == old) {
        return Ok(search);
    }
    let old_bytes = old.iter().map(|place| u64::from(place.block.length)).sum();
    let mut samples = Samples::of(old_bytes);
    let mut damaged = BTreeSet::new();
    read_each(&BlockSource::Cache, old, |place, bytes| match bytes {
        Some(bytes) => samples.add(place.block, bytes),
        None => {
            damaged.insert(place.bundle);
        }
    })
    .await;
    are_whole(damaged)?;
    let search = Rc::new(samples.index());
    SEARCHED.set(Some((old.to_vec(), search.clone())));
    Ok(search)
}

async fn base_of(places: &[CachedBlock]) -> Result<Base, MadeFrames> {
    let (blocks, damaged) = read_whole(places).await;
    are_whole(damaged)?;
    let blocks = blocks.iter().map(|(hash, bytes)| (*hash, bytes.as_slice()));
    Ok(Base::of(blocks))
}

fn are_whole(damaged: BTreeSet<BundleId>) -> Result<(), MadeFrames> {
    match damaged.is_empty() {
        true => Ok(()),
        false => Err(MadeFrames {
            damaged,
            ..MadeFrames::default()
        }),
    }
}

fn named<'a>(
    places: impl Iterator<Item = &'a CachedBlock>,
) -> impl Iterator<Item = (BlockHash, BlockRef)> {
    places.map(|place| (place.block.hash, place.block))
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

pub async fn write(into: BundleId, bytes: &[u8]) -> Result<(), NotWritten> {
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
pub async fn read_whole(places: &[CachedBlock]) -> (Vec<(BlockHash, Vec<u8>)>, BTreeSet<BundleId>) {
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
