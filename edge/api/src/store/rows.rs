//! From the rows of `sql` to the types of the protocol.

use crate::ports::DbError;
use serde::Deserialize;
use serde::de::DeserializeOwned;
use shared::chunk::SizeClass;
use shared::ids::{ConflictId, DeviceId, ItemId, PlaceVersion, Seq, UnixMillis, Version};
use shared::limits::{BLOCK_CHARGE, ITEM_CHARGE, LIST_ROW_CHARGE, VERSION_CHARGE};
use shared::name::Name;
use shared::protocol::conflicts::{Chosen, Conflict, Resolved};
use shared::protocol::items::{Committed, FileHead, Item};

/// A row of the item statements.
#[derive(Debug, Deserialize)]
pub struct ItemRow {
    id: ItemId,
    parent: Option<ItemId>,
    name: Name,
    place_version: PlaceVersion,
    created_at: UnixMillis,
    trashed_at: Option<UnixMillis>,
    version: Option<Version>,
    size: Option<u64>,
    size_class: Option<SizeClass>,
    modified_at: Option<UnixMillis>,
    user_name: Option<String>,
    device: Option<DeviceId>,
    device_name: Option<String>,
    at: Option<UnixMillis>,
}

impl From<ItemRow> for Item {
    fn from(row: ItemRow) -> Self {
        let file = row.head();
        Self {
            id: row.id,
            parent: row.parent,
            name: row.name,
            place_version: row.place_version,
            file,
            created_at_ms: row.created_at,
            trashed_at_ms: row.trashed_at,
        }
    }
}

impl ItemRow {
    fn head(&self) -> Option<FileHead> {
        Some(FileHead {
            version: self.version?,
            size: self.size?,
            size_class: self.size_class?,
            modified_at_ms: self.modified_at?,
            committed: Committed {
                user_name: self.user_name.clone()?,
                device_id: self.device?,
                device_name: self.device_name.clone()?,
                at_ms: self.at?,
            },
        })
    }
}

/// A row of the conflict statements.
#[derive(Debug, Deserialize)]
pub struct ConflictRow {
    pub id: ConflictId,
    pub item: ItemId,
    pub base_version: Version,
    pub size: u64,
    pub size_class: SizeClass,
    pub modified_at: UnixMillis,
    pub user_name: String,
    pub device: DeviceId,
    pub device_name: String,
    pub at: UnixMillis,
    pub choice: Option<String>,
    pub resolved_at: Option<UnixMillis>,
    pub resolved_user_name: Option<String>,
    pub resolved_device: Option<DeviceId>,
    pub resolved_device_name: Option<String>,
    pub seen_version: Option<Version>,
}

impl ConflictRow {
    /// # Errors
    /// What is stored is no choice.
    pub fn resolved(&self) -> Result<Option<Resolved>, DbError> {
        let Some((choice, at_ms)) = self.choice.as_deref().zip(self.resolved_at) else {
            return Ok(None);
        };
        let choice: Chosen = from_json(choice)?;
        Ok(Some(Resolved {
            choice,
            at_ms,
            by: self.resolver(at_ms),
            seen_version: self.seen_version,
        }))
    }

    fn resolver(&self, at_ms: UnixMillis) -> Option<Committed> {
        Some(Committed {
            user_name: self.resolved_user_name.clone()?,
            device_id: self.resolved_device?,
            device_name: self.resolved_device_name.clone()?,
            at_ms,
        })
    }
}

impl TryFrom<ConflictRow> for Conflict {
    type Error = DbError;

    fn try_from(row: ConflictRow) -> Result<Self, DbError> {
        let resolved = row.resolved()?;
        Ok(Self {
            id: row.id,
            item: row.item,
            base_version: row.base_version,
            size: row.size,
            modified_at_ms: row.modified_at,
            committed: Committed {
                user_name: row.user_name,
                device_id: row.device,
                device_name: row.device_name,
                at_ms: row.at,
            },
            resolved,
        })
    }
}

/// A list that the database answers as one JSON text.
#[derive(Debug, Deserialize)]
pub struct ListRow {
    list: String,
}

impl ListRow {
    /// # Errors
    /// The list's entries are not what was asked for.
    pub fn read<T: DeserializeOwned>(&self) -> Result<Vec<T>, DbError> {
        from_json(&self.list)
    }
}

/// A folder on the way up, or the item where the way begins.
#[derive(Clone, Copy, Debug, Deserialize)]
pub struct PathRow {
    pub id: ItemId,
    folder: u8,
    trashed: u8,
}

impl PathRow {
    pub fn is_folder(&self) -> bool {
        self.folder != 0
    }

    pub fn is_trashed(&self) -> bool {
        self.trashed != 0
    }
}

/// What a space holds; see `0008_space_use.sql`.
#[derive(Clone, Copy, Debug, Deserialize)]
pub struct SpaceRow {
    pub head_seq: Seq,
    pub quota_bytes: u64,
    pub used_bytes: u64,
    pub used_blocks: u64,
    pub needed_bytes: u64,
    pub needed_blocks: u64,
    pub item_count: u64,
    pub version_count: u64,
    pub row_count: u64,
}

impl SpaceRow {
    /// What its rows are charged for, in bytes.
    pub fn metadata_bytes(&self) -> u64 {
        let blocks = self.needed_blocks.saturating_mul(BLOCK_CHARGE);
        let items = self.item_count.saturating_mul(ITEM_CHARGE);
        let versions = self.version_count.saturating_mul(VERSION_CHARGE);
        let rows = self.row_count.saturating_mul(LIST_ROW_CHARGE);
        let sum = blocks.saturating_add(items).saturating_add(versions);
        sum.saturating_add(rows)
    }

    /// What counts against the quota, in bytes.
    pub fn counted_bytes(&self) -> u64 {
        self.needed_bytes.saturating_add(self.metadata_bytes())
    }

    /// What is stored and nothing refers to, with its rows, in bytes.
    pub fn pending_bytes(&self) -> u64 {
        let blocks = self.used_blocks.saturating_sub(self.needed_blocks);
        let bytes = self.used_bytes.saturating_sub(self.needed_bytes);
        bytes.saturating_add(blocks.saturating_mul(BLOCK_CHARGE))
    }
}

/// A row that holds an item's id and nothing else.
#[derive(Clone, Copy, Debug, Deserialize)]
pub struct IdRow {
    pub id: ItemId,
}

/// A row that holds a journal position and nothing else; `None` for an empty journal.
#[derive(Clone, Copy, Debug, Deserialize)]
pub struct SeqRow {
    pub seq: Option<Seq>,
}

/// Reads what this server has written as JSON.
///
/// # Errors
/// It is not what was written.
pub fn from_json<T: DeserializeOwned>(json: &str) -> Result<T, DbError> {
    serde_json::from_str(json).map_err(|e| DbError::Fault(format!("stored JSON: {e}")))
}
