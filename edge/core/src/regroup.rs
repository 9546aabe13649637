//! Regrouping: a file of many small edits has its blocks in as many packs as it had
//! uploads, and a download needs a call for each pack. So the file's scattered blocks
//! are copied into one pack, in the background: after every so many commits of the
//! file, and after a download that took several requests.
//!
//! 1. One read tells where the head's blocks are. Nothing more is done if they are in
//!    few packs, or if few of these packs are pieces, of which the file needs only
//!    little.
//! 2. A bounded number of payloads is read.
//! 3. They become a [new pack](crate::repack).

use crate::error::Failure;
use crate::ports::{Database, Packs, Statement};
use crate::query;
use crate::repack::{Located, NewPack};
use crate::store::extents::Reads;
use crate::store::places::MAX_CALLS;
use crate::store::sql::content;
use protocol::ids::{ItemId, PackId, SpaceId, UnixMillis, Version};
use std::collections::{BTreeMap, BTreeSet};

/// A file is looked at after every so many commits.
const COMMITS: Version = 16;
/// A file in no more packs than these is not scattered. They are half of those that one
/// request can read.
const FEW_PACKS: usize = MAX_CALLS / 2;
/// A pack is a piece of a file if the file needs fewer bytes of it than these.
const SMALL_BYTES: u64 = 1 << 20;
/// Fewer pieces than these are not worth a new pack.
const FEW_PIECES: usize = 8;
/// The most calls of the pack store that read pieces.
const MAX_READS: usize = 32;
/// The most bytes of the new pack.
const MAX_BYTES: u64 = 8 << 20;

/// Whether a file is to be looked at after a commit that was based on this version.
pub fn is_due_after(base_version: Version) -> bool {
    base_version
        .saturating_add(1)
        .checked_rem(COMMITS)
        .is_some_and(|rest| rest == 0)
}

/// Copies scattered blocks of a file's head into the pack `id`, which must be fresh.
/// Returns how many blocks are in it.
///
/// # Errors
/// The database or the pack store does not answer, or there is no memory for the blocks
/// now. Then nothing is lost, and the file may be as scattered as before.
pub async fn file(
    db: &impl Database,
    packs: &impl Packs,
    space: SpaceId,
    item: ItemId,
    id: PackId,
    now: UnixMillis,
) -> Result<u64, Failure> {
    // 1
    let read = Statement::new(content::HEAD_PLACES).id(space).id(item);
    let located: Vec<Located> = query::one(db, read.list().or_default()).await?;
    let pieces = pieces(located);
    if pieces.is_empty() {
        return Ok(0);
    }
    // 2
    let pack = read_all(packs, space, &pieces).await?;
    // 3
    Ok(pack.store(db, packs, id, now).await?.blocks)
}

/// The blocks that are to be moved, in the order of the file.
fn pieces(located: Vec<Located>) -> Vec<Located> {
    let mut seen = BTreeSet::new();
    let located: Vec<Located> = located
        .into_iter()
        .filter(|(hash, place)| !place.is_damaged && seen.insert(*hash))
        .collect();
    let mut needed: BTreeMap<PackId, u64> = BTreeMap::new();
    for (_, place) in &located {
        let bytes = needed.entry(place.extent.pack).or_default();
        *bytes = bytes.saturating_add(place.extent.length);
    }
    if needed.len() <= FEW_PACKS {
        return Vec::new();
    }
    let small = needed.into_iter().filter(|(_, bytes)| *bytes < SMALL_BYTES);
    let mut small: Vec<(u64, PackId)> = small.map(|(pack, bytes)| (bytes, pack)).collect();
    small.sort_unstable();
    let mut left = MAX_BYTES;
    let mut chosen = BTreeSet::new();
    for (bytes, pack) in small.into_iter().take(MAX_READS) {
        let Some(rest) = left.checked_sub(bytes) else {
            break;
        };
        left = rest;
        chosen.insert(pack);
    }
    if chosen.len() < FEW_PIECES {
        return Vec::new();
    }
    let mut located = located;
    located.retain(|(_, place)| chosen.contains(&place.extent.pack));
    located
}

/// The new pack, with as many of the pieces as few calls read.
async fn read_all(
    packs: &impl Packs,
    space: SpaceId,
    pieces: &[Located],
) -> Result<NewPack, Failure> {
    let mut reads = Reads::default();
    let mut chosen = Vec::new();
    for piece in pieces {
        if reads.add(piece.1.extent, MAX_READS) {
            chosen.push(*piece);
        }
    }
    let mut pack = NewPack::of(space, chosen.iter())?;
    let read = reads.read(packs, space).await?;
    for block in &chosen {
        pack.take(block, read.of(&block.1.extent));
    }
    Ok(pack)
}
