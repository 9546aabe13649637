//! Makes frames of a draft's blocks: patches against what the server has, LZ4, or plain
//! ones, straight from the file. Nothing here can fail, because a block that can't be
//! made smaller goes whole.

use crate::failure::Failure;
use crate::located::Located;
use crate::ports::{Against, CachedBlock, Frame, Made, Platform};
use crate::tuning::Tuning;
use blocks::hash::BlockHash;
use blocks::manifest::{BlockRef, Manifest};
use blocks::patch::{BaseRun, MAX_DOCUMENT_BYTES, first_sub_block_bytes, may_have_moved};
use protocol::blocks::{FetchSignatures, ToSign};
use protocol::ids::ItemId;
use protocol::limits::TARGET_BASE_RUN_BYTES;
use std::collections::{HashMap, HashSet};
use std::ops::Range;

/// The client tries to make at least so many bytes smaller before it gives up…
const LEAST_TRIED_BYTES: u64 = 32 << 20;
/// …because less than this part of them was saved.
const LEAST_SAVING_DIVISOR: u64 = 10;

/// Counts the bytes of frames on the wire without their headers.
pub fn payload_bytes<B>(frames: &[Frame<B>]) -> u64 {
    frames.iter().map(Frame::payload_bytes).sum()
}

/// Makes frames of blocks of a file and hands them on in groups, each block
/// once, for as long as `hand_on` wants more. `base` is the list of what the file is
/// based on, and the item that has it.
pub async fn make<P: Platform>(
    platform: &P,
    tuning: &Tuning,
    file: &P::File,
    content: &Manifest,
    wanted: Vec<Located>,
    (item, base): (Option<ItemId>, &[BlockRef]),
    hand_on: impl AsyncFn(Vec<Frame<P::Bytes>>) -> bool,
) {
    let bytes: u64 = wanted.iter().map(|one| u64::from(one.block.length)).sum();
    let worth_it = match base {
        [] => tuning.compressed_bytes,
        _ => tuning.patched_bytes,
    };
    if bytes < worth_it {
        hand_on(wanted.into_iter().map(Frame::plain).collect()).await;
        return;
    }
    let mut maker = Maker {
        platform,
        tuning,
        file,
        item,
        base,
        new_bytes: bytes,
        all: Vec::new(),
        document: Vec::new(),
        signed: None,
        tried_bytes: 0,
        saved_bytes: 0,
    };
    maker.all = maker.all_cached().await;
    maker.document = maker.document_cached(&content.blocks).await;
    let groups = maker.groups(&content.blocks, wanted).await;
    for group in groups {
        if !hand_on(maker.frames(group).await).await {
            return;
        }
    }
}

/// Blocks that are compared with the same old ones.
struct Group {
    wanted: Vec<Located>,
    base: Range<usize>,
}

struct Maker<'a, P: Platform> {
    platform: &'a P,
    tuning: &'a Tuning,
    file: &'a P::File,
    item: Option<ItemId>,
    base: &'a [BlockRef],
    /// The bytes of all wanted blocks.
    new_bytes: u64,
    /// Where all blocks of the base are; none if it is not to be searched.
    all: Vec<CachedBlock>,
    /// The same, if streams of documents are to be compared.
    document: Vec<CachedBlock>,
    /// The signatures of the whole base, once they are here.
    signed: Option<P::Bytes>,
    tried_bytes: u64,
    saved_bytes: u64,
}

impl<P: Platform> Maker<'_, P> {
    async fn all_cached(&self) -> Vec<CachedBlock> {
        if !may_have_moved(self.base, self.new_bytes) {
            return Vec::new();
        }
        let old = self.old(0..self.base.len());
        let places = self.find(&old).await;
        places.unwrap_or_default()
    }

    /// The worker looks at the file, and finds out whether it is a document.
    async fn document_cached(&self, content: &[BlockRef]) -> Vec<CachedBlock> {
        let fits = |blocks: &[BlockRef]| {
            let bytes: u64 = blocks.iter().map(|block| u64::from(block.length)).sum();
            (1..=MAX_DOCUMENT_BYTES).contains(&bytes)
        };
        if !fits(self.base) || !fits(content) {
            return Vec::new();
        }
        let old = self.old(0..self.base.len());
        // A block that comes twice is there once: the others would not be the file.
        if old.len() < self.base.len() {
            return Vec::new();
        }
        match self.all.is_empty() {
            true => self.find(&old).await.unwrap_or_default(),
            false => self.all.clone(),
        }
    }

    /// Where these blocks are in the cache; `None` unless all are there.
    async fn find(&self, old: &[(BlockRef, u64)]) -> Option<Vec<CachedBlock>> {
        let hashes: Vec<BlockHash> = old.iter().map(|(block, _)| block.hash).collect();
        let places = self.platform.find(&hashes).await.ok()?;
        (places.len() == old.len()).then_some(places)
    }

    /// Groups the wanted blocks. Blocks without a base come first, since they wait for
    /// nothing.
    async fn groups(&self, content: &[BlockRef], wanted: Vec<Located>) -> Vec<Group> {
        let runs = match self.base {
            [] => Vec::new(),
            base => {
                let runs = self.platform.runs(base, content).await;
                runs.unwrap_or_default()
            }
        };
        let base_of = |run: &BaseRun| Some((content.get(run.block)?.hash, run.base.clone()));
        let bases: HashMap<BlockHash, Range<usize>> = runs.iter().filter_map(base_of).collect();
        let mut groups: Vec<Group> = Vec::new();
        let mut bytes = 0;
        for located in wanted {
            let base = bases.get(&located.block.hash).cloned().unwrap_or_default();
            bytes += u64::from(located.block.length);
            match groups.last_mut() {
                Some(last) if last.base == base && bytes <= TARGET_BASE_RUN_BYTES => {
                    last.wanted.push(located);
                }
                _ => {
                    bytes = u64::from(located.block.length);
                    groups.push(Group {
                        wanted: vec![located],
                        base,
                    });
                }
            }
        }
        let (mut groups, patched): (Vec<Group>, Vec<Group>) =
            groups.into_iter().partition(|group| group.base.is_empty());
        groups.extend(patched);
        groups
    }

    async fn frames(&mut self, group: Group) -> Vec<Frame<P::Bytes>> {
        let plain = |group: Group| group.wanted.into_iter().map(Frame::plain).collect();
        if self.is_in_vain() {
            return plain(group);
        }
        match self.made(&group).await {
            Ok(made) => {
                let mut made: HashMap<BlockHash, (Made, P::Bytes)> = made
                    .into_iter()
                    .map(|(made, bytes)| (made.hash, (made, bytes)))
                    .collect();
                let frames = group.wanted.into_iter().map(|located| Frame {
                    located,
                    made: made.remove(&located.block.hash),
                });
                let frames: Vec<Frame<P::Bytes>> = frames.collect();
                for frame in &frames {
                    self.tried_bytes += u64::from(frame.located.block.length);
                    self.saved_bytes += frame.spared_bytes();
                }
                frames
            }
            Err(failure) => {
                self.platform
                    .log(format_args!("blocks go whole: {failure}"));
                plain(group)
            }
        }
    }

    /// Whether trying has only cost time so far.
    fn is_in_vain(&self) -> bool {
        self.tried_bytes >= LEAST_TRIED_BYTES
            && self.saved_bytes < self.tried_bytes / LEAST_SAVING_DIVISOR
    }

    async fn made(&mut self, group: &Group) -> Result<Vec<(Made, P::Bytes)>, Failure> {
        let wanted = &group.wanted;
        let old = self.old(group.base.clone());
        if !old.is_empty()
            && let Some(near) = self.find(&old).await
        {
            let all: &[CachedBlock] = match near.len() == self.all.len() {
                true => &[],
                false => self.all.as_slice(),
            };
            let against = Against::Cached {
                near: &near,
                all,
                document: &self.document,
            };
            if let Some(frames) = self.platform.frames(self.file, wanted, against).await? {
                return Ok(frames);
            }
        }
        let bytes: u64 = wanted.iter().map(|one| u64::from(one.block.length)).sum();
        let signatures = match old.is_empty() || bytes < self.tuning.signed_bytes {
            true => None,
            false if may_have_moved(self.base, self.new_bytes) => Some(self.all_signed().await?),
            false => Some(self.signatures(&old).await?),
        };
        let against = match &signatures {
            Some(signatures) => Against::Signed(signatures),
            None => Against::Nothing,
        };
        let frames = self.platform.frames(self.file, wanted, against).await?;
        Ok(frames.unwrap_or_default())
    }

    /// These blocks of the base, each once, and where they begin in the old file.
    fn old(&self, range: Range<usize>) -> Vec<(BlockRef, u64)> {
        let mut known = HashSet::new();
        let mut offset = 0;
        let mut old = Vec::new();
        for (number, block) in self.base.iter().enumerate().take(range.end) {
            if number >= range.start && known.insert(block.hash) {
                old.push((*block, offset));
            }
            offset += u64::from(block.length);
        }
        old
    }

    /// The signatures of the whole base, which are asked for once.
    async fn all_signed(&mut self) -> Result<P::Bytes, Failure> {
        if let Some(signed) = &self.signed {
            return Ok(signed.clone());
        }
        let old = self.old(0..self.base.len());
        let signed = self.signatures(&old).await?;
        self.signed = Some(signed.clone());
        Ok(signed)
    }

    /// The signatures of blocks, as the server sends them.
    async fn signatures(&self, old: &[(BlockRef, u64)]) -> Result<P::Bytes, Failure> {
        let of = self.item.iter().flat_map(|item| self.platform.of(*item));
        let of: Vec<ItemId> = of.collect();
        let mut parts = Vec::new();
        let mut left: Vec<ToSign> = old
            .iter()
            .map(|(block, offset)| ToSign {
                hash: block.hash,
                first_bytes: first_sub_block_bytes(*offset),
            })
            .collect();
        while !left.is_empty() {
            let body = FetchSignatures {
                blocks: left.clone(),
                of: of.clone(),
            };
            let (bytes, signed) = self.platform.signatures(&body).await?;
            if signed == 0 {
                return Err(Failure::Unreachable);
            }
            left.drain(..signed.min(left.len()));
            parts.push(bytes);
        }
        Ok(self.platform.joined(parts))
    }
}
