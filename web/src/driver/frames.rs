//! Blocks of a draft as frames: as patches against what the server has, as LZ4,
//! or plain, straight from the file. Nothing here can fail: whatever can't be
//! made smaller goes whole.

use super::panel::content::Located;
use crate::cache::index::Place;
use crate::cache::wire::Made;
use crate::cache::{Against, Frames};
use crate::failure::Failure;
use crate::state::Drive;
use blocks::frame::FRAME_HEADER_BYTES;
use blocks::hash::BlockHash;
use blocks::manifest::{BlockRef, Manifest};
use blocks::patch::{BaseRun, first_sub_block_bytes};
use js_sys::{Array, Uint8Array};
use protocol::blocks::{FetchSignatures, ToSign};
use protocol::limits::TARGET_BASE_RUN_BYTES;
use std::collections::{HashMap, HashSet};
use std::ops::Range;
use web_sys::File;

/// Less than this, in bytes, is not worth a worker's time: with a base…
const WORTH_PATCHING_BYTES: u64 = 4 << 10;
/// …and without one.
const WORTH_COMPRESSING_BYTES: u64 = 64 << 10;

/// Less than this, in bytes, is not worth a round trip for signatures.
const WORTH_SIGNING_BYTES: u64 = 16 << 10;

/// What was tried so far, in bytes, before it may be given up…
const LEAST_TRIED_BYTES: u64 = 32 << 20;
/// …because it saves less than this part.
const LEAST_SAVING_DIVISOR: u64 = 10;

/// A block on its way.
#[derive(Clone)]
pub struct Frame {
    pub located: Located,
    /// The whole frame, if it is smaller than the block. Else the block goes
    /// plain, from the file.
    pub made: Option<(Made, Uint8Array)>,
}

impl Frame {
    pub fn plain(located: Located) -> Self {
        Self {
            located,
            made: None,
        }
    }

    /// The payload's bytes on the wire.
    pub fn payload_bytes(&self) -> u64 {
        match &self.made {
            Some((made, _)) => u64::from(made.frame_bytes) - FRAME_HEADER_BYTES as u64,
            None => u64::from(self.located.block.length),
        }
    }

    /// What it saves of the block.
    pub fn spared_bytes(&self) -> u64 {
        u64::from(self.located.block.length).saturating_sub(self.payload_bytes())
    }

    /// The base blocks that the server has to read for it.
    pub fn bases(&self) -> &[BlockRef] {
        self.made.as_ref().map_or(&[], |(made, _)| &made.bases)
    }
}

/// Bytes on the wire, but for the headers.
pub fn payload_bytes(frames: &[Frame]) -> u64 {
    frames.iter().map(Frame::payload_bytes).sum()
}

/// Makes frames of blocks of a file and hands them on in groups, each block
/// once, for as long as `hand_on` wants more. `base` is the list of what the file is
/// based on.
pub async fn make(
    drive: Drive,
    file: &File,
    content: &Manifest,
    wanted: Vec<Located>,
    base: Option<&[BlockRef]>,
    hand_on: impl AsyncFn(Vec<Frame>) -> bool,
) {
    let bytes: u64 = wanted.iter().map(|one| u64::from(one.block.length)).sum();
    let base = base.unwrap_or_default();
    let worth_it = match base {
        [] => WORTH_COMPRESSING_BYTES,
        _ => WORTH_PATCHING_BYTES,
    };
    if bytes < worth_it {
        hand_on(wanted.into_iter().map(Frame::plain).collect()).await;
        return;
    }
    let mut maker = Maker {
        drive,
        file,
        base,
        tried_bytes: 0,
        saved_bytes: 0,
    };
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

struct Maker<'a> {
    drive: Drive,
    file: &'a File,
    base: &'a [BlockRef],
    tried_bytes: u64,
    saved_bytes: u64,
}

impl Maker<'_> {
    /// Those without a base come first: they need nobody.
    async fn groups(&self, content: &[BlockRef], wanted: Vec<Located>) -> Vec<Group> {
        let runs = match self.base {
            [] => Vec::new(),
            base => {
                let runs = self.drive.driver().cache.runs(base, content).await;
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

    async fn frames(&mut self, group: Group) -> Vec<Frame> {
        let plain = |group: Group| group.wanted.into_iter().map(Frame::plain).collect();
        if self.is_in_vain() {
            return plain(group);
        }
        match self.made(&group).await {
            Ok(made) => {
                let mut made: HashMap<BlockHash, (Made, Uint8Array)> = made
                    .into_iter()
                    .map(|(made, bytes)| (made.hash, (made, bytes)))
                    .collect();
                let frames = group.wanted.into_iter().map(|located| Frame {
                    located,
                    made: made.remove(&located.block.hash),
                });
                let frames: Vec<Frame> = frames.collect();
                for frame in &frames {
                    self.tried_bytes += u64::from(frame.located.block.length);
                    self.saved_bytes += frame.spared_bytes();
                }
                frames
            }
            Err(failure) => {
                leptos::logging::warn!("blocks go whole: {failure}");
                plain(group)
            }
        }
    }

    /// Whether trying has cost time and nothing else so far.
    fn is_in_vain(&self) -> bool {
        self.tried_bytes >= LEAST_TRIED_BYTES
            && self.saved_bytes < self.tried_bytes / LEAST_SAVING_DIVISOR
    }

    async fn made(&self, group: &Group) -> Result<Frames, Failure> {
        let cache = &self.drive.driver().cache;
        let wanted: Vec<Place> = group.wanted.iter().map(|&one| place(one)).collect();
        let old = self.old(group);
        if !old.is_empty() {
            let places = cache.find(old.iter().map(|(block, _)| block.hash)).await;
            if let Ok(places) = places
                && places.len() == old.len()
                && let Some(frames) = cache
                    .frames(self.file, &wanted, Against::Cached(&places))
                    .await?
            {
                return Ok(frames);
            }
        }
        let bytes: u64 = wanted
            .iter()
            .map(|place| u64::from(place.block.length))
            .sum();
        let signatures = match old.is_empty() || bytes < WORTH_SIGNING_BYTES {
            true => None,
            false => Some(self.signatures(&old).await?),
        };
        let against = match &signatures {
            Some(signatures) => Against::Signed(signatures),
            None => Against::Nothing,
        };
        let frames = cache.frames(self.file, &wanted, against).await?;
        Ok(frames.unwrap_or_default())
    }

    /// A group's base blocks, each once, and where they begin in the old file.
    fn old(&self, group: &Group) -> Vec<(BlockRef, u64)> {
        let mut known = HashSet::new();
        let mut offset = 0;
        let mut old = Vec::new();
        for (number, block) in self.base.iter().enumerate().take(group.base.end) {
            if number >= group.base.start && known.insert(block.hash) {
                old.push((*block, offset));
            }
            offset += u64::from(block.length);
        }
        old
    }

    /// The signatures of blocks, as the server sends them.
    async fn signatures(&self, old: &[(BlockRef, u64)]) -> Result<Uint8Array, Failure> {
        let client = self.drive.driver().client();
        let parts = Array::new();
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
            };
            let answer = client.signatures(&body).await?;
            let bytes = Uint8Array::new(&answer);
            let signed = blocks::patch::Signature::parse_all(&bytes.to_vec())
                .map_err(|_| Failure::Unreachable)?;
            if signed.is_empty() {
                return Err(Failure::Unreachable);
            }
            left.drain(..signed.len().min(left.len()));
            parts.push(&bytes);
        }
        Ok(joined(&parts))
    }
}

/// Buffers one after another.
fn joined(parts: &Array) -> Uint8Array {
    let length = parts
        .iter()
        .map(|part| Uint8Array::from(part).length())
        .sum();
    let joined = Uint8Array::new_with_length(length);
    let mut end = 0;
    for part in parts.iter() {
        let part: Uint8Array = part.into();
        joined.set(&part, end);
        end += part.length();
    }
    joined
}

fn place(located: Located) -> Place {
    Place {
        block: located.block,
        bundle: 0,
        offset: located.offset,
    }
}
