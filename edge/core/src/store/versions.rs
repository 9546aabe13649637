//! Queries about a file's versions and their lists of blocks.

use super::sql::content;
use crate::ports::Statement;
use crate::query::Query;
use blocks::hash::BlockHash;
use blocks::manifest::BlockRef;
use blocks::splice::PlacedBlock;
use protocol::ids::{ItemId, SpaceId, UnixMillis, Version};
use serde::Deserialize;

/// What a version's row says.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
pub struct VersionRow {
    /// Bytes of the version.
    pub size: u64,
    /// When the server took it.
    pub at: UnixMillis,
}

/// The statement that looks a version up. It is no query yet, because some callers ask
/// only whether there is a row.
pub fn version(space: SpaceId, item: ItemId, version: Version) -> Statement {
    about(content::VERSION_SIZE, space, item, version)
}

/// The rows of a version's block list, in order.
pub fn list(space: SpaceId, item: ItemId, version: Version) -> Query<Vec<PlacedBlock>> {
    let list = about(content::LIST, space, item, version).list();
    list.or_default().then(|list| {
        let rows = list.into_iter().map(|(ord, hash, length)| PlacedBlock {
            ord,
            block: BlockRef { hash, length },
        });
        Ok(rows.collect())
    })
}

/// Looks up the blocks of a version that are stored, but damaged.
pub fn damaged(space: SpaceId, item: ItemId, version: Version) -> Query<Vec<BlockHash>> {
    #[derive(Deserialize)]
    struct HashRow {
        hash: BlockHash,
    }
    let damaged = about(content::DAMAGED, space, item, version).rows::<HashRow>();
    damaged.then(|rows| Ok(rows.into_iter().map(|row| row.hash).collect()))
}

fn about(sql: &'static str, space: SpaceId, item: ItemId, version: Version) -> Statement {
    Statement::new(sql).id(space).id(item).bind(version)
}
