//! Blocks that came as patches, made of their base blocks.

use super::pack::Rebuilt;
use crate::access::reach::Reach;
use crate::error::Failure;
use crate::log;
use crate::memory::{self, Hold};
use crate::ports::{Database, Packs};
use crate::store::extents::Reads;
use crate::store::places::BlockPlace;
use blocks::frame::{Codec, Frame, Payload};
use blocks::hash::BlockHash;
use blocks::patch::{self, Work};
use protocol::ids::{ItemId, SpaceId};
use protocol::limits::{MAX_PACK_BASE_BYTES, MAX_PACK_BASES};
use protocol::problem::Problem;
use std::borrow::Cow;
use std::collections::{BTreeSet, HashMap, VecDeque};

/// Refuses patches of base blocks that none of these files has, as if they were not
/// stored, if that is all that may be seen of the space.
///
/// # Errors
/// 422 `patch_refused`, naming the first block.
pub async fn check_had(
    db: &impl Database,
    space: SpaceId,
    (reach, of): (&Reach, &[ItemId]),
    frames: &[Frame<'_>],
    named: &BTreeSet<BlockHash>,
) -> Result<(), Failure> {
    let named: Vec<BlockHash> = named.iter().copied().collect();
    let Some(had) = reach.had(db, space, &named, of).await? else {
        return Ok(());
    };
    for (block, bases, _) in patches(frames) {
        if let Some(base) = bases.iter().find(|base| !had.contains(base)) {
            return Err(not_stored(block, base));
        }
    }
    Ok(())
}

/// The base blocks of all patches, each once.
///
/// # Errors
/// They are more than a request may name.
pub fn named_bases(frames: &[Frame<'_>]) -> Result<BTreeSet<BlockHash>, Failure> {
    let mut named = BTreeSet::new();
    for (block, bases, _) in patches(frames) {
        named.extend(bases);
        if named.len() > MAX_PACK_BASES {
            let detail = format!("more than {MAX_PACK_BASES} base blocks in one request");
            return Err(refused(block, detail));
        }
    }
    Ok(named)
}

/// A patch, and what is claimed of it.
pub struct Delta<'a> {
    /// The block that it is to make; `None` if that is not claimed.
    pub block: Option<BlockHash>,
    /// The base blocks, in order.
    pub bases: &'a [BlockHash],
    /// The block's length in bytes, as it claims.
    pub length: usize,
    /// The delta.
    pub delta: &'a [u8],
}

/// The patches among frames.
pub fn deltas<'f>(frames: &'f [Frame<'_>]) -> Vec<Delta<'f>> {
    let patches = patches(frames);
    let deltas = patches.map(|(block, bases, (length, delta))| Delta {
        block: Some(block),
        bases,
        length,
        delta,
    });
    deltas.collect()
}

/// The blocks of patches, in their order. Each base block is read and decoded once.
///
/// 1. A base block is not stored in this space, or is damaged.
/// 2. The base blocks have more bytes than a request may need.
/// 3. A delta is malformed, what it makes has another hash, or the deflate streams of all
///    are too much work.
///
/// They are in memory, and so they are held.
///
/// # Errors
/// 422 `patch_refused`, naming the first block of which that is true, or 400 `bad_frames` if
/// it has no name. 503 `hands_full`.
pub async fn blocks(
    packs: &impl Packs,
    space: SpaceId,
    deltas: &[Delta<'_>],
    places: &HashMap<BlockHash, BlockPlace>,
) -> Result<(VecDeque<Rebuilt>, Hold), Failure> {
    let made = deltas.iter().map(|delta| delta.length);
    let held = memory::hold(made.sum())?;
    let mut needed: HashMap<BlockHash, BlockPlace> = HashMap::new();
    let mut reads = Reads::default();
    let mut left_bytes = MAX_PACK_BASE_BYTES as u64;
    for Delta { block, bases, .. } in deltas {
        for base in *bases {
            if needed.contains_key(base) {
                continue;
            }
            // 1
            let place = *places.get(base).ok_or_else(|| match block {
                Some(block) => not_stored(*block, base),
                None => unknown_base(),
            })?;
            // 2
            left_bytes = left_bytes.checked_sub(place.length).ok_or_else(|| {
                let detail = format!("more than {MAX_PACK_BASE_BYTES} bytes of base blocks");
                does_not_come_out(*block, detail)
            })?;
            reads.add(place.extent, MAX_PACK_BASES);
            needed.insert(*base, place);
        }
    }
    let by_symbols = deltas.iter().any(|made| patch::has_streams(made.delta));
    let _symbols = match by_symbols {
        true => memory::hold(patch::STREAMS_BYTES)?,
        false => Hold::default(),
    };
    let _decoded = memory::hold(needed.values().map(BlockPlace::decoded_bytes).sum())?;
    let read = reads.read(packs, space).await?;
    let mut decoded: HashMap<BlockHash, Cow<'_, [u8]>> = HashMap::new();
    for (hash, place) in &needed {
        let payload = read.of(&place.extent);
        match payload.and_then(|payload| place.plain(payload).ok()) {
            Some(plain) => drop(decoded.insert(*hash, plain)),
            None => log::fault(format_args!("block {hash} of {space} can't be read")),
        }
    }
    let mut rebuilt = VecDeque::new();
    let mut work = Work::of_a_request();
    for Delta {
        block,
        bases,
        length,
        delta,
    } in deltas
    {
        // 3
        let refused = |detail: String| does_not_come_out(*block, detail);
        let base: Option<Vec<&[u8]>> = bases
            .iter()
            .map(|base| decoded.get(base).map(AsRef::as_ref))
            .collect();
        let base = base.ok_or_else(|| refused("a base block can't be read".into()))?;
        let plain = patch::apply_within(&base, delta, *length, &mut work);
        let plain = plain.map_err(|why| refused(why.to_string()))?;
        let actual = BlockHash::of(&plain);
        if block.is_some_and(|block| actual != block) {
            return Err(refused(format!("it makes bytes of the hash {actual}")));
        }
        let is_lz4 = |base| matches!(needed.get(base), Some(place) if place.codec == Codec::Lz4);
        rebuilt.push_back(Rebuilt {
            hash: actual,
            plain,
            may_compress: bases.iter().any(is_lz4),
        });
    }
    Ok((rebuilt, held))
}

/// Each patch: its block, its base blocks, and the block's length with the delta.
pub fn patches<'f>(
    frames: &'f [Frame<'_>],
) -> impl Iterator<Item = (BlockHash, &'f [BlockHash], (usize, &'f [u8]))> {
    frames.iter().filter_map(|frame| match &frame.content {
        Payload::Patch {
            length,
            bases,
            delta,
        } => Some((frame.hash, bases.as_slice(), (*length, *delta))),
        _ => None,
    })
}

fn not_stored(block: BlockHash, base: &BlockHash) -> Failure {
    refused(block, format!("its base block {base} is not stored"))
}

/// The answer to a solid body of which a base block can't be used, whatever the reason.
pub fn unknown_base() -> Failure {
    bad_solid("a base block is not stored")
}

/// The answer to a solid body: which of its blocks it is about has no name yet.
pub fn bad_solid(detail: impl Into<String>) -> Failure {
    let detail = detail.into();
    Problem::BadFrames { detail }.into()
}

fn does_not_come_out(block: Option<BlockHash>, detail: String) -> Failure {
    match block {
        Some(block) => refused(block, detail),
        None => bad_solid(detail),
    }
}

fn refused(block: BlockHash, detail: impl Into<String>) -> Failure {
    let detail = detail.into();
    Problem::PatchRefused { block, detail }.into()
}
