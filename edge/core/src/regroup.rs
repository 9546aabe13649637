//! A file of many small edits has its blocks in as many packs as it had uploads, and
//! each is a call for whoever downloads it. What is scattered of a file is written
//! into one pack, from time to time and in the background: after every so many
//! commits of the file, and after a download that took several requests.
//!
//! 1. One read tells where the head's blocks are. If they are in few packs, or there
//!    are few of which the file needs little, that is all.
//! 2. The payloads are read, a bounded number of them, and compared with their
//!    hashes: what is damaged stays where the scrub finds it.
//! 3. The new pack is written first, then its rows, as for an upload. Only blocks that
//!    are still where they were read get their place in it.
//! 4. Packs of which no block is left are condemned in the same batch.
//!
//! **Races.** A block that was collected, repaired or regrouped meanwhile is left
//! alone, because its row is gone or names another pack. A pack that nobody refers to
//! in the end is deleted; one of which that is not known is an object without rows,
//! which the scrub finds. Whoever downloads from a condemned pack while the collector
//! deletes it sees the connection break, and asks for the rest.

use crate::error::Failure;
use crate::log;
use crate::memory::{self, Hold};
use crate::ports::{Database, DbError, Packs, Statement};
use crate::query::{self, Query};
use crate::store::extents::Reads;
use crate::store::packs::pack_key;
use crate::store::places::{BlockPlace, MAX_CALLS};
use crate::store::sql::{blocks, content, garbage, patches};
use ::blocks::frame::Codec;
use ::blocks::hash::BlockHash;
use protocol::ids::{ItemId, PackId, SpaceId, Version};
use std::collections::{BTreeMap, BTreeSet};

/// Commits of a file after which it is looked at.
const COMMITS: Version = 16;
/// A file in so many packs is not scattered: they are half of what one request reads.
const FEW_PACKS: usize = MAX_CALLS / 2;
/// A pack of which a file needs fewer bytes than these is a piece of it.
const SMALL_BYTES: u64 = 1 << 20;
/// Fewer pieces than these are not worth a new pack.
const FEW_PIECES: usize = 8;
/// Calls of the pack store that read pieces.
const MAX_READS: usize = 32;
/// Bytes that are held in memory.
const MAX_BYTES: u64 = 8 << 20;

/// Whether a file is to be looked at after a commit on this version.
pub fn is_due_after(base_version: Version) -> bool {
    base_version
        .saturating_add(1)
        .checked_rem(COMMITS)
        .is_some_and(|rest| rest == 0)
}

/// A block and where it is.
type Located = (BlockHash, BlockPlace);

/// `[hash, offset, length, codec, stored length or null, the pack before]`
type Moved = (BlockHash, usize, u64, Codec, Option<u64>, PackId);

/// Puts scattered blocks of a file's head into the pack `id`, which must be fresh; how
/// many.
///
/// # Errors
/// The database or the pack store does not answer, or there is no memory for it now.
/// Then nothing is lost, and the file is as scattered as before.
pub async fn file(
    db: &impl Database,
    packs: &impl Packs,
    space: SpaceId,
    item: ItemId,
    id: PackId,
) -> Result<u64, Failure> {
    // 1
    let read = Statement::new(content::HEAD_PLACES).id(space).id(item);
    let located: Vec<Located> = query::one(db, read.list().or_default()).await?;
    let pieces = pieces(located);
    if pieces.is_empty() {
        return Ok(0);
    }
    // 2
    let (bytes, moved, _held) = read_all(packs, space, &pieces).await?;
    if moved.is_empty() {
        return Ok(0);
    }
    // 3
    let key = pack_key(space, id);
    packs.put(&key, bytes).await?;
    let rows = query::all(db, rows(space, id, &moved)?).await;
    let may_have_rows = matches!(&rows, Err(DbError::Busy(_)));
    let count = match &rows {
        Ok((_, in_pack)) => *query::look(in_pack)?,
        Err(_) => 0,
    };
    if count == 0 && !may_have_rows {
        // Others were faster with each of these blocks.
        packs.delete(vec![key]).await?;
    }
    rows.map(|_| count).map_err(Failure::from)
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

/// The bytes of the new pack, and what is where in it.
async fn read_all(
    packs: &impl Packs,
    space: SpaceId,
    pieces: &[Located],
) -> Result<(Vec<u8>, Vec<Moved>, Hold), Failure> {
    let mut reads = Reads::default();
    let mut chosen = Vec::new();
    for piece in pieces {
        if reads.add(piece.1.extent, MAX_READS) {
            chosen.push(piece);
        }
    }
    let lengths = chosen.iter().map(|(_, place)| place.extent.length);
    let length = usize::try_from(lengths.sum::<u64>()).unwrap_or(usize::MAX);
    let mut held = memory::hold(length)?;
    let decoded = chosen.iter().map(|(_, place)| place.decoded_bytes());
    held.add(decoded.max().unwrap_or(0))?;
    let read = reads.read(packs, space).await?;
    let (mut bytes, mut moved) = (Vec::with_capacity(length), Vec::new());
    for (hash, place) in chosen {
        let payload = read.of(&place.extent);
        let whole = payload.filter(|payload| {
            place
                .plain(payload)
                .is_ok_and(|plain| BlockHash::of(&plain) == *hash)
        });
        let Some(payload) = whole else {
            log::fault(format_args!("block {hash} of {space} can't be regrouped"));
            continue;
        };
        let stored_length = (place.codec != Codec::Plain).then_some(place.extent.length);
        moved.push((
            *hash,
            bytes.len(),
            place.length,
            place.codec,
            stored_length,
            place.extent.pack,
        ));
        bytes.extend_from_slice(payload);
    }
    Ok((bytes, moved, held))
}

/// What gives blocks their place in the new pack, and tells how many have it. Their
/// patches were beside them in the old one, and go.
fn rows(
    space: SpaceId,
    id: PackId,
    moved: &[Moved],
) -> Result<(Vec<Statement>, Query<u64>), Failure> {
    let before: BTreeSet<PackId> = moved.iter().map(|(.., pack)| *pack).collect();
    let moved = serde_json::to_string(moved)?;
    let about = |sql| Statement::new(sql).id(space).id(id).bind(moved.as_str());
    let writes = vec![
        about(blocks::MOVE),
        about(patches::FORGET_MOVED),
        Statement::new(garbage::CONDEMN)
            .id(space)
            .bind(serde_json::to_string(&before)?),
    ];
    Ok((writes, about(blocks::IN_PACK).count()))
}
