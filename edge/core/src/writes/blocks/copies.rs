//! Blocks that a space lacks of what is handed over to it, copied from the old space into
//! packs of its own. They belong to no version until the rows move, so they are as an upload
//! that nobody has committed yet: they may be collected meanwhile, and are copied again.

use super::pack::Pack;
use super::{MakeRoom, PackRows};
use crate::error::Failure;
use crate::log;
use crate::memory;
use crate::ports::{Database, Packs, Statement};
use crate::query;
use crate::room::NewBlocks;
use crate::store::blocks::missing;
use crate::store::extents::Reads;
use crate::store::handover::{Transfer, lacked};
use crate::store::places::BlockPlace;
use crate::store::space::space as read_space;
use crate::store::sql::scrub;
use ::blocks::frame::Codec;
use ::blocks::hash::BlockHash;
use ::blocks::manifest::BlockRef;
use protocol::ids::{PackId, UnixMillis};
use std::collections::HashMap;

/// What one request copies at most.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CopyBounds {
    /// Packs that are written.
    pub packs: usize,
    /// Stored bytes of each, but for one block that is larger.
    pub bytes: u64,
    /// Calls of the pack store that read, for all of them.
    pub reads: usize,
    /// Blocks, of all of them.
    pub blocks: u64,
}

/// At most 33 calls of database and pack store: one to begin with, three for each pack, and
/// the reads.
pub const BOUNDS: CopyBounds = CopyBounds {
    packs: 4,
    bytes: 8 << 20,
    reads: 20,
    blocks: 4_096,
};

/// What was copied.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Copied {
    /// Plain bytes.
    pub bytes: u64,
    /// Whether a block turned out to be damaged. It is marked, and is not copied.
    pub found_damage: bool,
}

type Located = (BlockHash, BlockPlace);

/// Copies blocks as far as the bounds allow.
///
/// # Errors
/// The database or the pack store does not answer. 503 `hands_full`.
pub async fn copy(
    db: &impl Database,
    packs: &impl Packs,
    of: Transfer,
    now: UnixMillis,
    fresh_id: impl Fn() -> Result<PackId, Failure>,
    bounds: &CopyBounds,
) -> Result<Copied, Failure> {
    let located: Vec<Located> = query::one(db, lacked(of, bounds.blocks)).await?;
    let named: Vec<BlockHash> = located.iter().map(|(hash, _)| *hash).collect();
    let mut copied = Copied::default();
    let mut left = bounds.reads;
    let mut rest = located.as_slice();
    for _ in 0..bounds.packs {
        let (chosen, reads) = choose(rest, bounds.bytes, left);
        let (these, others) = rest.split_at_checked(chosen).unwrap_or((rest, &[]));
        if these.is_empty() {
            break;
        }
        rest = others;
        left = left.saturating_sub(reads.calls());
        let copying = Copying { of, now };
        copied.bytes = copied.bytes.saturating_add(
            match copying
                .pack(db, packs, fresh_id()?, (these, reads), &named)
                .await?
            {
                Some(bytes) => bytes,
                None => {
                    copied.found_damage = true;
                    break;
                }
            },
        );
    }
    Ok(copied)
}

/// How many of the first blocks go into one pack, and what reads them.
fn choose(located: &[Located], most_bytes: u64, most_reads: usize) -> (usize, Reads) {
    let mut reads = Reads::default();
    let (mut bytes, mut count) = (0_u64, 0_usize);
    for (_, place) in located {
        bytes = bytes.saturating_add(place.extent.length);
        if (count > 0 && bytes > most_bytes) || !reads.add(place.extent, most_reads) {
            break;
        }
        count = count.saturating_add(1);
    }
    (count, reads)
}

struct Copying {
    of: Transfer,
    now: UnixMillis,
}

impl Copying {
    /// Copies some blocks into a pack. Returns their plain bytes; `None` if one is damaged.
    ///
    /// 1. The blocks are read and compared with their hashes.
    /// 2. Room is made, as for an upload.
    /// 3. The pack is written first, then its rows.
    async fn pack(
        &self,
        db: &impl Database,
        packs: &impl Packs,
        id: PackId,
        (these, reads): (&[Located], Reads),
        named: &[BlockHash],
    ) -> Result<Option<u64>, Failure> {
        // 1
        let length: u64 = these.iter().map(|(_, place)| place.extent.length).sum();
        let length = usize::try_from(length).unwrap_or(usize::MAX);
        let mut held = memory::hold(length)?;
        let decoded = these.iter().map(|(_, place)| place.decoded_bytes());
        held.add(decoded.max().unwrap_or(0))?;
        let mut pack = Pack {
            id,
            bytes: Vec::with_capacity(length),
            blocks: Vec::with_capacity(these.len()),
            patches: Vec::new(),
        };
        let read = reads.read(packs, self.of.from).await?;
        for (hash, place) in these {
            let payload = read.of(&place.extent).filter(|_| !place.is_damaged);
            let whole = payload.filter(|payload| {
                let plain = place.plain(payload);
                plain.is_ok_and(|plain| BlockHash::of(&plain) == *hash)
            });
            let Some(payload) = whole else {
                self.mark(db, *hash, place).await?;
                return Ok(None);
            };
            let stored_length = (place.codec != Codec::Plain).then_some(payload.len());
            let plain_length = usize::try_from(place.length).unwrap_or(usize::MAX);
            let at = pack.bytes.len();
            pack.blocks
                .push((*hash, at, plain_length, place.codec, stored_length));
            pack.bytes.extend_from_slice(payload);
        }
        drop(read);
        // 2
        let hashes: Vec<BlockHash> = these.iter().map(|(hash, _)| *hash).collect();
        let looks = (missing(self.of.to, &hashes)?, read_space(self.of.to));
        let (missing, row) = query::all(db, looks).await?;
        let damaged = missing?.into_iter();
        let damaged = damaged.filter_map(|row| Some((row.hash, row.damaged_in?)));
        let damaged: HashMap<BlockHash, PackId> = damaged.collect();
        let new = these.iter().filter(|(hash, _)| !damaged.contains_key(hash));
        let new = new.fold(NewBlocks::default(), |sum, (hash, place)| {
            let length = u32::try_from(place.length).unwrap_or(u32::MAX);
            sum.with(&BlockRef {
                hash: *hash,
                length,
            })
        });
        let making = MakeRoom {
            space: self.of.to,
            now: self.now,
            new,
            named: named.to_vec(),
        };
        making.make(db, packs, &row?).await?;
        // 3
        let rows = PackRows::of(self.of.to, self.now, &pack, &damaged)?;
        making.store(db, packs, pack, &rows).await?;
        Ok(Some(these.iter().map(|(_, place)| place.length).sum()))
    }

    /// Marks a block as the scrub does, so that whoever has it is asked to send it again.
    async fn mark(
        &self,
        db: &impl Database,
        hash: BlockHash,
        place: &BlockPlace,
    ) -> Result<(), Failure> {
        let space = self.of.from;
        log::fault(format_args!("block {hash} of {space} is damaged"));
        let mark = Statement::new(scrub::MARK)
            .id(space)
            .id(place.extent.pack)
            .bind(serde_json::to_string(&[hash])?)
            .bind(self.now);
        db.run(mark).await?;
        Ok(())
    }
}
