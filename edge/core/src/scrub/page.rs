//! The packs that a run looks at: those that rows name.

use super::ScrubBounds;
use crate::collect::progress::Position;
use crate::error::Failure;
use crate::log;
use crate::ports::{Database, Rows, Statement};
use crate::query;
use crate::store::packs::pack_key;
use crate::store::sql::scrub;
use blocks::frame::Codec;
use blocks::hash::BlockHash;
use blocks::number::MAX_EXACT;
use protocol::ids::{PackId, SpaceId};
use serde::Deserialize;
use serde_json::Value as Json;

/// The next packs, in the order of their keys.
pub struct PackPage {
    pub packs: Vec<Pack>,
    /// Where the next page begins; `None` if nothing follows.
    pub next: Option<Position>,
}

/// A pack as its rows tell it, whether its object is there or not.
pub struct Pack {
    pub space: SpaceId,
    pub id: PackId,
    pub blocks: Vec<Block>,
}

/// A block as its row tells it.
#[derive(Deserialize)]
pub struct Block {
    space: SpaceId,
    pub pack: PackId,
    pub hash: BlockHash,
    pub offset: u64,
    pub length: u64,
    pub codec: Codec,
    pub stored_length: u64,
    pub is_damaged: u8,
}

impl Block {
    /// Reads a row. A row that does not say where its block is stands for a block that
    /// is not there.
    fn read(row: &Json) -> Option<Self> {
        Self::deserialize(row).ok().or_else(|| {
            let key = BlockKey::deserialize(row);
            if let Err(why) = &key {
                log::unreadable(row, &["space", "hash", "pack"], why);
            }
            let key = key.ok()?;
            Some(Self {
                space: key.space,
                pack: key.pack,
                hash: key.hash,
                offset: MAX_EXACT,
                length: 0,
                codec: Codec::Plain,
                stored_length: 0,
                is_damaged: key.is_damaged,
            })
        })
    }
}

/// The columns without which nobody knows which block a row is about.
#[derive(Deserialize)]
struct BlockKey {
    space: SpaceId,
    pack: PackId,
    hash: BlockHash,
    is_damaged: u8,
}

/// The blocks of a stretch of packs.
struct BlockRows {
    blocks: Vec<Block>,
    /// Whether more rows may follow than were read.
    is_cut: bool,
}

impl BlockRows {
    fn read(told: &Rows, at_most: u64) -> Self {
        Self {
            blocks: told.rows.iter().filter_map(Block::read).collect(),
            is_cut: told.rows.len() as u64 >= at_most,
        }
    }
}

impl PackPage {
    /// Reads the rows of the packs after a position.
    ///
    /// # Errors
    /// The database does not answer.
    pub async fn read(
        db: &impl Database,
        at: Position,
        bounds: &ScrubBounds,
    ) -> Result<Self, Failure> {
        let mut next = query::one(db, at.end(scrub::PACKS_END, bounds.packs)).await?;
        let end = next.clone();
        let end = end.unwrap_or_else(|| Position::of_key(scrub::END_OF_KEYS));
        let rows = bounds.rows;
        let blocks = Statement::new(scrub::BLOCKS)
            .bind(at.space)
            .bind(at.key)
            .bind(end.space)
            .bind(end.key)
            .bind(rows);
        let blocks = blocks.read_by(move |told| Ok(BlockRows::read(told, rows)));
        let BlockRows { blocks, is_cut } = query::one(db, blocks).await?;
        let mut packs: Vec<Pack> = Vec::new();
        for block in blocks {
            match packs.last_mut() {
                Some(pack) if (pack.space, pack.id) == (block.space, block.pack) => {
                    pack.blocks.push(block);
                }
                _ => packs.push(Pack {
                    space: block.space,
                    id: block.pack,
                    blocks: vec![block],
                }),
            }
        }
        if is_cut {
            // The rows of the last pack may go on after the last row that was read.
            if packs.len() > 1 {
                packs.pop();
            }
            next = packs.last().map(Pack::position).or(next);
        }
        Ok(Self { packs, next })
    }
}

impl Pack {
    /// The key of the pack's object.
    pub fn key(&self) -> String {
        pack_key(self.space, self.id)
    }

    pub fn position(&self) -> Position {
        Position {
            space: self.space.to_string(),
            key: self.id.to_string(),
        }
    }
}
