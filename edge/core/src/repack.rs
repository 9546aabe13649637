//! A new pack of blocks that stand in other packs already.
//!
//! 1. Each payload is compared with its block's hash before it is taken, and taken as it
//!    is stored: its codec stays.
//! 2. The pack is written first, then its rows, as for an upload. Only blocks that are
//!    still where they were read get a place in the new pack.
//! 3. The same batch condemns packs that have no block left. Their objects stay for
//!    [`READER_GRACE_MILLIS`].
//!
//! **Races.** A block that was collected, repaired or moved meanwhile is left alone,
//! because its row is gone or names another pack. If no row names the new pack in the end,
//! the pack is deleted. If that is not known, the pack stays, and is deleted later if it
//! has no rows.
//!
//! **Readers.** Whoever has read where a block stood before it moved finds it there until
//! the grace is over. A download that takes longer breaks off then; its client asks for the
//! rest, and is told the new places.

use crate::collect::packs::READER_GRACE_MILLIS;
use crate::error::Failure;
use crate::memory::{self, Hold};
use crate::ports::{DbError, Packs, Statement};
use crate::query::{self, Query};
use crate::store::packs::pack_key;
use crate::store::places::BlockPlace;
use crate::store::sql::{blocks, garbage, patches, rewriting};
use crate::{log, ports::Database};
use ::blocks::frame::Codec;
use ::blocks::hash::BlockHash;
use protocol::ids::{PackId, SpaceId, UnixMillis};
use serde::Deserialize;
use std::collections::BTreeSet;

/// A block and the place where it is stored.
pub type Located = (BlockHash, BlockPlace);

/// `[hash, offset, length, codec, stored length or null, the pack before]`
type Moved = (BlockHash, usize, u64, Codec, Option<u64>, PackId);

/// A pack in memory, before it is stored.
pub struct NewPack {
    space: SpaceId,
    bytes: Vec<u8>,
    moved: Vec<Moved>,
    _held: Hold,
}

/// What became of a pack.
#[derive(Debug, Default)]
pub struct Stored {
    /// The blocks that stand in it.
    pub blocks: u64,
    /// The packs that have no block left because of it.
    pub emptied: BTreeSet<PackId>,
}

impl NewPack {
    /// An empty pack that will take these blocks.
    ///
    /// # Errors
    /// 503 `hands_full`.
    pub fn of<'a>(
        space: SpaceId,
        located: impl Iterator<Item = &'a Located> + Clone,
    ) -> Result<Self, Failure> {
        let lengths = located.clone().map(|(_, place)| place.extent.length);
        let length = usize::try_from(lengths.sum::<u64>()).unwrap_or(usize::MAX);
        let mut held = memory::hold(length)?;
        let decoded = located.map(|(_, place)| place.decoded_bytes());
        held.add(decoded.max().unwrap_or(0))?;
        Ok(Self {
            space,
            bytes: Vec::with_capacity(length),
            moved: Vec::new(),
            _held: held,
        })
    }

    /// Takes a block, if its payload is here and is what its hash says. A damaged block
    /// stays where it is, for the scrub to find.
    pub fn take(&mut self, (hash, place): &Located, payload: Option<&[u8]>) {
        let whole = payload.filter(|payload| {
            let plain = place.plain(payload);
            plain.is_ok_and(|plain| BlockHash::of(&plain) == *hash)
        });
        let Some(payload) = whole else {
            let space = self.space;
            log::fault(format_args!("block {hash} of {space} can't be moved"));
            return;
        };
        let stored_length = (place.codec != Codec::Plain).then_some(place.extent.length);
        self.moved.push((
            *hash,
            self.bytes.len(),
            place.length,
            place.codec,
            stored_length,
            place.extent.pack,
        ));
        self.bytes.extend_from_slice(payload);
    }

    /// How many bytes it has.
    pub fn bytes(&self) -> u64 {
        self.bytes.len() as u64
    }

    /// Stores it under an id, which must be fresh. Nothing is stored of an empty pack.
    ///
    /// # Errors
    /// The database or the pack store does not answer. Then nothing is lost, and blocks may
    /// stand where they did.
    pub async fn store(
        self,
        db: &impl Database,
        packs: &impl Packs,
        id: PackId,
        now: UnixMillis,
    ) -> Result<Stored, Failure> {
        if self.moved.is_empty() {
            return Ok(Stored::default());
        }
        let key = pack_key(self.space, id);
        let rows = rows(self.space, id, &self.moved, now)?;
        packs.put(&key, self.bytes).await?;
        let written = query::all(db, rows).await;
        let may_have_rows = matches!(&written, Err(DbError::Busy(_)));
        let count = match &written {
            Ok((_, in_pack, _)) => *query::look(in_pack)?,
            Err(_) => 0,
        };
        if count == 0 && !may_have_rows {
            // Others were faster with every one of these blocks.
            packs.delete(vec![key]).await?;
        }
        let (_, blocks, emptied) = written?;
        let emptied = emptied?.into_iter().map(|row| row.pack);
        Ok(Stored {
            blocks: blocks?,
            emptied: emptied.collect(),
        })
    }
}

#[derive(Deserialize)]
struct Emptied {
    pack: PackId,
}

type Rows = (Vec<Statement>, Query<u64>, Query<Vec<Emptied>>);

/// The statements that give blocks their places in the new pack, and the queries that
/// tell how many have one and which packs are left without a block. The patches of these
/// blocks are in the old packs, and are forgotten.
fn rows(space: SpaceId, id: PackId, moved: &[Moved], now: UnixMillis) -> Result<Rows, Failure> {
    let before: BTreeSet<PackId> = moved.iter().map(|(.., pack)| *pack).collect();
    let before = serde_json::to_string(&before)?;
    let moved = serde_json::to_string(moved)?;
    let about = |sql| Statement::new(sql).id(space).id(id).bind(moved.as_str());
    let writes = vec![
        about(blocks::MOVE),
        about(patches::FORGET_MOVED),
        Statement::new(garbage::CONDEMN)
            .id(space)
            .bind(before.as_str())
            .bind(now.saturating_add(READER_GRACE_MILLIS)),
    ];
    let emptied = Statement::new(rewriting::EMPTIED).id(space).bind(before);
    Ok((writes, about(blocks::IN_PACK).count(), emptied.rows()))
}
