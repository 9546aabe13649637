//! Stored blocks that are asked for as frames and as signatures. Both read
//! payloads into memory: an answer ends when it has enough, or would take too
//! many calls of the pack store, and the client asks again for the rest.

use crate::access::reach::Reach;
use crate::error::{Failure, bad_request};
use crate::memory;
use crate::ports::{Database, DbError, Packs, Statement};
use crate::query;
use crate::reads::frames::{FrameBody, StoredPayload, bytes_of};
use crate::store::extents::{Extent, Reads};
use crate::store::places::BlockPlace;
use crate::store::sql::patches;
use crate::store::versions;
use blocks::frame::Codec;
use blocks::hash::{BlockHash, ShortHash};
use blocks::manifest::BlockRef;
use blocks::patch::{self, Signature};
use blocks::splice::PlacedBlock;
use protocol::blocks::{Fetch, FetchSignatures, at};
use protocol::ids::{ItemId, SpaceId};
use protocol::limits::{
    MAX_FETCH_BLOCKS, MAX_FILE_BLOCKS, MAX_LISTED_BLOCKS, TARGET_FETCH_BYTES, TARGET_SIGNED_BYTES,
};
use protocol::problem::Problem;
use serde::Deserialize;
use std::borrow::Cow;
use std::collections::HashSet;

/// Calls of the pack store for one answer; the free plan has 50 for a request.
const MAX_READS: usize = 32;

/// Blocks as a body of frames, in the order wanted.
///
/// 1. 400 `bad_request`: no block is wanted, or too many, or too many are held; places are
///    not in their list, or not for who asks. 404 `no_such_version`: there is no such list.
/// 2. 404 `no_such_block` if one of them is not stored, or is damaged; or if none of the
///    files that whoever has only a folder names has it.
/// 3. Each comes as its patch if all base blocks are held, it is smaller and the device
///    can read it, else as it is stored. Who has only a folder gets no patch of what those files do not
///    have: it would name it.
/// 4. As many as fit, but one at least. 503 `hands_full`.
/// 5. As a solid body, if the device reads those and it is smaller.
///
/// # Errors
/// These, in this order.
pub async fn frames(
    db: &impl Database,
    packs: &impl Packs,
    space: SpaceId,
    reach: &Reach,
    fetch: &Fetch,
) -> Result<FrameBody, Failure> {
    // 1
    let (want, held) = named(db, space, reach, fetch).await?;
    check_count("want", want.len(), MAX_FETCH_BLOCKS)?;
    // 2
    check_had(db, space, reach, &want, &fetch.of).await?;
    let stored = wanted(db, space, &want).await?;
    // 3
    let bases = stored.iter().flat_map(WantedBlock::bases);
    let bases: Vec<BlockHash> = bases
        .filter(|base| held.contains(&base.short()))
        .copied()
        .collect();
    let had = reach.had(db, space, &bases, &fetch.of).await?;
    let is_held = |base: &BlockHash| {
        held.contains(&base.short()) && had.as_ref().is_none_or(|had| had.contains(base))
    };
    let payloads = stored.iter();
    let payloads = payloads.map(|block| block.best_for(is_held, fetch.by_symbols));
    // 4
    let mut chosen = Vec::new();
    let mut reads = Reads::default();
    let mut bytes = 0_u64;
    for payload in payloads {
        if bytes >= TARGET_FETCH_BYTES || !reads.add(payload.extent, MAX_READS) {
            break;
        }
        bytes = bytes.saturating_add(payload.extent.length);
        chosen.push(payload);
    }
    let body = FrameBody::of(reads.read(packs, space).await?, chosen)?;
    // 5
    Ok(match fetch.solid {
        true => body.solid(),
        false => body,
    })
}

/// The blocks that are wanted, and those that are held.
async fn named<'a>(
    db: &impl Database,
    space: SpaceId,
    reach: &Reach,
    fetch: &'a Fetch,
) -> Result<(Cow<'a, [BlockHash]>, HashSet<ShortHash>), Failure> {
    let Some(listed) = &fetch.listed else {
        if fetch.bases.len() > MAX_FILE_BLOCKS {
            return Err(bad_request(format!(
                "bases names more than {MAX_FILE_BLOCKS} blocks"
            )));
        }
        let held = fetch.bases.iter().copied().collect();
        return Ok((Cow::Borrowed(&fetch.want), held));
    };
    if !(fetch.want.is_empty() && fetch.bases.is_empty()) {
        return Err(bad_request("blocks have names or places, not both"));
    }
    // Whoever has a part of it may not see every version.
    if !reach.is_whole() {
        return Err(bad_request("listed is for who has the whole space"));
    }
    let since = listed.since;
    let looks = (
        versions::version(space, listed.item, listed.version).any(),
        versions::list(space, listed.item, listed.version),
        versions::version(space, listed.item, since).any(),
        versions::list(space, listed.item, since),
    );
    let (is_there, list, is_since_there, old) = query::all(db, looks).await?;
    if !(is_there? && is_since_there?) {
        return Err(Problem::NoSuchVersion.into());
    }
    let at = |list: Vec<PlacedBlock>, runs| {
        let list: Vec<BlockRef> = list.into_iter().map(|row| row.block).collect();
        at(&list, runs).ok_or_else(|| {
            bad_request(format!(
                "listed has places outside of its lists, or more than {MAX_LISTED_BLOCKS}"
            ))
        })
    };
    let want = at(list?, &listed.want)?;
    let held = at(old?, &listed.bases)?;
    let held = held.iter().map(BlockHash::short).collect();
    Ok((Cow::Owned(want), held))
}

/// The signatures of blocks, in the order wanted.
///
/// 1. 400 `bad_request`: no block is wanted, or too many, or a first sub-block's
///    length is not allowed.
/// 2. 404 `no_such_block` as for [`frames`].
/// 3. As many as fit, but one at least. 503 `hands_full`. They are decoded one after
///    another.
///
/// # Errors
/// These, in this order.
pub async fn signatures(
    db: &impl Database,
    packs: &impl Packs,
    space: SpaceId,
    reach: &Reach,
    fetch: &FetchSignatures,
) -> Result<Vec<u8>, Failure> {
    // 1
    check_count("blocks", fetch.blocks.len(), MAX_FETCH_BLOCKS)?;
    for block in &fetch.blocks {
        patch::check_first_sub_block(block.first_bytes)
            .map_err(|why| bad_request(why.to_string()))?;
    }
    // 2
    let hashes: Vec<BlockHash> = fetch.blocks.iter().map(|block| block.hash).collect();
    check_had(db, space, reach, &hashes, &fetch.of).await?;
    let stored = wanted(db, space, &hashes).await?;
    // 3
    let mut reads = Reads::default();
    let mut plain_bytes = 0_u64;
    let mut chosen = Vec::new();
    for (block, asked) in stored.iter().zip(&fetch.blocks) {
        if plain_bytes >= TARGET_SIGNED_BYTES || !reads.add(block.place.extent, MAX_READS) {
            break;
        }
        plain_bytes = plain_bytes.saturating_add(block.place.length);
        chosen.push((block, asked.first_bytes));
    }
    let read = reads.read(packs, space).await?;
    let largest = chosen.iter().map(|(block, _)| block.place.decoded_bytes());
    let _decoded = memory::hold(largest.max().unwrap_or(0))?;
    let mut body = Vec::new();
    for (block, first_bytes) in chosen {
        let plain = block.place.plain(bytes_of(&read, &block.place.extent)?)?;
        let signature = Signature::of(block.hash, &plain, first_bytes);
        let signature = signature.map_err(|why| DbError::Fault(why.to_string()))?;
        signature.write(&mut body);
    }
    Ok(body)
}

fn check_count(field: &str, count: usize, most: usize) -> Result<(), Failure> {
    if (1..=most).contains(&count) {
        return Ok(());
    }
    Err(bad_request(format!("{field} must name 1 to {most} blocks")))
}

/// # Errors
/// 404 `no_such_block`: whoever has only a folder wants what none of these files has.
async fn check_had(
    db: &impl Database,
    space: SpaceId,
    reach: &Reach,
    wanted: &[BlockHash],
    of: &[ItemId],
) -> Result<(), Failure> {
    match reach.had(db, space, wanted, of).await? {
        Some(had) if !wanted.iter().all(|hash| had.contains(hash)) => {
            Err(Problem::NoSuchBlock.into())
        }
        _ => Ok(()),
    }
}

/// A stored block, and the patch that is kept of it.
#[derive(Deserialize)]
#[serde(from = "WantedList")]
struct WantedBlock {
    hash: BlockHash,
    place: BlockPlace,
    patch: Option<KeptPatch>,
}

struct KeptPatch {
    extent: Extent,
    bases: Vec<BlockHash>,
    by_symbols: bool,
}

type WantedList = (
    BlockHash,
    BlockPlace,
    Option<u64>,
    Option<u64>,
    Option<Vec<BlockHash>>,
    Option<u8>,
);

impl From<WantedList> for WantedBlock {
    fn from((hash, place, offset, length, bases, by_symbols): WantedList) -> Self {
        let extent = offset.zip(length).map(|(offset, length)| Extent {
            pack: place.extent.pack,
            offset,
            length,
        });
        Self {
            hash,
            place,
            patch: extent.zip(bases).map(|(extent, bases)| KeptPatch {
                extent,
                bases,
                by_symbols: by_symbols == Some(1),
            }),
        }
    }
}

impl WantedBlock {
    /// The base blocks of its patch.
    fn bases(&self) -> &[BlockHash] {
        self.patch.as_ref().map_or(&[], |patch| &patch.bases)
    }

    fn best_for(&self, is_held: impl Fn(&BlockHash) -> bool, reads_symbols: bool) -> StoredPayload {
        let patch = self.patch.as_ref().filter(|patch| {
            patch.extent.length < self.place.extent.length
                && (reads_symbols || !patch.by_symbols)
                && patch.bases.iter().all(&is_held)
        });
        let (codec, extent) = match patch {
            Some(patch) => (Codec::Patch, patch.extent),
            None => (self.place.codec, self.place.extent),
        };
        StoredPayload {
            hash: self.hash,
            codec,
            extent,
        }
    }
}

/// Each of these blocks, in their order.
async fn wanted(
    db: &impl Database,
    space: SpaceId,
    hashes: &[BlockHash],
) -> Result<Vec<WantedBlock>, Failure> {
    let read = Statement::new(patches::WANTED)
        .id(space)
        .bind(serde_json::to_string(hashes)?);
    let stored: Vec<WantedBlock> = query::one(db, read.list().or_default()).await?;
    let is_whole = stored.iter().all(|block| !block.place.is_damaged);
    if stored.len() != hashes.len() || !is_whole {
        return Err(Problem::NoSuchBlock.into());
    }
    Ok(stored)
}
