//! Regrouping: a file of many small edits has its blocks in as many packs as it had
//! uploads, and a download needs a call for each pack. So the file's scattered blocks
//! are copied into one pack, in the background: after every so many commits of the
//! file, and after a download that took several requests.
//!
//! 1. One read tells where the head's blocks are. Nothing more is done if they are in
//!    few packs, or if few of these packs are pieces, of which the file needs only
//!    little.
//! 2. A bounded number of payloads is read and compared with their hashes. Damaged
//!    blocks stay where they are, for the scrub to find.
//! 3. The new pack is written first, then its rows, as for an upload. Only blocks that
//!    are still where they were read get a place in the new pack.
//! 4. The same batch condemns packs that have no block left.
//!
//! **Races.** A block that was collected, repaired or regrouped meanwhile is left
//! alone, because its row is gone or names another pack. If no row names the new pack
//! in the end, the pack is deleted. If that is not known, the pack stays, and the scrub
//! deletes it later if it has no rows. A client that downloads from a condemned pack
//! while the collector deletes it sees the connection break, and asks for the rest.

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

/// A block and the place where it is stored.
type Located = (BlockHash, BlockPlace);

/// `[hash, offset, length, codec, stored length or null, the pack before]`
type Moved = (BlockHash, usize, u64, Codec, Option<u64>, PackId);

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
        // Others were faster with every one of these blocks.
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

/// The bytes of the new pack, and where each block is in it.
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

/// The statements that give blocks their places in the new pack, and the query that
/// tells how many have one. The patches of these blocks are in the old packs, and are
/// forgotten.
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
