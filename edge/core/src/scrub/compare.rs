//! Compares a pack's bytes with what its rows say of them.

use super::page::{Block, Pack};
use crate::error::Failure;
use crate::log;
use crate::memory;
use crate::ports::{DbError, Packs, Statement};
use crate::store::extents::Extent;
use crate::store::places::BlockPlace;
use crate::store::sql::scrub;
use blocks::hash::BlockHash;
use protocol::ids::UnixMillis;
use protocol::limits::{MAX_BLOCK_BYTES, MAX_PACK_BODY_BYTES};

/// What is new about a pack's blocks.
#[derive(Default)]
pub struct Verdict {
    pub damaged: Vec<BlockHash>,
    pub recovered: Vec<BlockHash>,
}

impl Verdict {
    /// The statements that write the verdict down.
    ///
    /// # Errors
    /// A list can't be written as JSON.
    pub fn statements(&self, pack: &Pack, now: UnixMillis) -> Result<Vec<Statement>, Failure> {
        let about = |sql, hashes: &[BlockHash]| -> Result<Statement, Failure> {
            let statement = Statement::new(sql).id(pack.space).id(pack.id);
            Ok(statement.bind(serde_json::to_string(hashes)?))
        };
        let mut statements = Vec::new();
        if !self.damaged.is_empty() {
            statements.push(about(scrub::MARK, &self.damaged)?.bind(now));
        }
        if !self.recovered.is_empty() {
            statements.push(about(scrub::UNMARK, &self.recovered)?);
        }
        Ok(statements)
    }
}

impl Pack {
    /// Reads the pack and compares each of its blocks.
    ///
    /// # Errors
    /// The pack store does not give the pack out. 503 `hands_full`.
    pub async fn compare(&self, packs: &impl Packs) -> Result<Verdict, Failure> {
        let key = self.key();
        let length = self.length();
        let decoded = self
            .blocks
            .iter()
            .map(|block| block.place().decoded_bytes());
        let mut held = memory::hold(usize::try_from(length).unwrap_or(usize::MAX))?;
        held.add(decoded.max().unwrap_or(0).min(MAX_BLOCK_BYTES))?;
        let bytes = packs.read(&key, 0, length).await?.unwrap_or_default();
        let mut verdict = Verdict::default();
        for block in &self.blocks {
            match (block.check(&bytes), block.is_damaged != 0) {
                (Ok(()), true) => verdict.recovered.push(block.hash),
                (Err(why), false) => {
                    log::fault(format_args!("block {} in {key}: {why}", block.hash));
                    verdict.damaged.push(block.hash);
                }
                _ => {}
            }
        }
        Ok(verdict)
    }

    /// How many bytes to read: up to the end of the last block, but no more than a
    /// request can bring, whatever a row says.
    fn length(&self) -> u64 {
        let ends = self.blocks.iter().map(|block| block.place().extent.end());
        ends.max().unwrap_or(0).clamp(1, MAX_PACK_BODY_BYTES as u64)
    }
}

impl Block {
    fn place(&self) -> BlockPlace {
        BlockPlace {
            extent: Extent {
                pack: self.pack,
                offset: self.offset,
                length: self.stored_length,
            },
            length: self.length,
            codec: self.codec,
            is_damaged: false,
        }
    }

    fn check(&self, pack: &[u8]) -> Result<(), DbError> {
        let gone = || DbError::Fault("it is missing".into());
        let start = usize::try_from(self.offset).map_err(|_| gone())?;
        let length = usize::try_from(self.stored_length).map_err(|_| gone())?;
        let payload = pack.get(start..).and_then(|rest| rest.get(..length));
        let actual = BlockHash::of(&self.place().plain(payload.ok_or_else(gone)?)?);
        if actual != self.hash {
            return Err(DbError::Fault(format!("its bytes have the hash {actual}")));
        }
        Ok(())
    }
}
