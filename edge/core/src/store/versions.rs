//! Queries about a file's versions and their lists of blocks.

use super::sql::content;
use super::stand_ins::{nearest, nearest_or_null, or_null};
use crate::ports::Statement;
use crate::query::Query;
use blocks::hash::BlockHash;
use blocks::manifest::BlockRef;
use blocks::number::FileTime;
use blocks::splice::PlacedBlock;
use protocol::files::FileVersion;
use protocol::ids::{DeviceId, ItemId, SpaceId, UnixMillis, Version};
use protocol::items::Committed;
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

/// A version of a list.
#[derive(Deserialize)]
pub struct ListedRow {
    #[serde(deserialize_with = "nearest")]
    version: Version,
    #[serde(deserialize_with = "nearest")]
    size: u64,
    modified_at: FileTime,
    user_name: String,
    device: DeviceId,
    device_name: String,
    #[serde(deserialize_with = "nearest")]
    at: UnixMillis,
    /// Damaged, it counts as none.
    #[serde(deserialize_with = "or_null")]
    name: Option<String>,
    /// Damaged, it counts as pinned.
    #[serde(deserialize_with = "or_null")]
    pinned: Option<u64>,
    #[serde(deserialize_with = "nearest")]
    marks: u64,
}

impl From<ListedRow> for FileVersion {
    fn from(row: ListedRow) -> Self {
        Self {
            version: row.version,
            size: row.size,
            modified_at_ms: row.modified_at,
            committed: Committed {
                user_name: row.user_name,
                device_id: row.device,
                device_name: row.device_name,
                at_ms: row.at,
            },
            name: row.name.unwrap_or_default(),
            pinned: row.pinned != Some(0),
            marks: row.marks,
        }
    }
}

/// One version of a file, as a list tells of it.
pub fn listed(space: SpaceId, item: ItemId, version: Version) -> Query<Option<ListedRow>> {
    let listed = about(content::VERSION, space, item, version);
    let rows = listed.readable::<ListedRow>(&["version"]);
    rows.then(|rows| Ok(rows.into_iter().next()))
}

/// Where versions that were read end.
#[derive(Deserialize)]
pub struct ListEnd {
    /// The oldest.
    #[serde(deserialize_with = "nearest_or_null")]
    pub version: Option<Version>,
    /// How many there are.
    pub count: u64,
}

/// The versions of a file before one, at most so many, the newest first, and where they
/// end. A row that can't be read is passed over, and does not end the list.
pub fn before(
    (space, item): (SpaceId, ItemId),
    before: Version,
    most: u64,
) -> (Query<Vec<ListedRow>>, Query<Option<ListEnd>>) {
    let about = |sql| about(sql, space, item, before).bind(most);
    (
        about(content::VERSIONS).readable(&["version"]),
        about(content::VERSIONS_END).first(),
    )
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
