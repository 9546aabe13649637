//! Turns the rows that the statements of `sql` answer into types of the protocol.

#![allow(
    missing_docs,
    reason = "the fields of a row are the columns of its statements"
)]

use super::stand_ins::{self, Reading, nearest, nearest_or_null};
use crate::log;
use crate::ports::{DbError, Rows};
use blocks::chunk::SizeClass;
use blocks::manifest::{BlockRef, Manifest};
use blocks::number::FileTime;
use protocol::conflicts::{Chosen, Conflict, Resolved};
use protocol::devices::{Device, DeviceKind, Scope};
use protocol::ids::{
    ConflictId, DeviceId, GrantId, ItemId, PlaceVersion, Seq, UnixMillis, Version,
};
use protocol::items::{Committed, FileHead, Item, Mount};
use protocol::limits::{BLOCK_CHARGE, ITEM_CHARGE, LIST_ROW_CHARGE, VERSION_CHARGE};
use protocol::name::Name;
use serde::Deserialize;
use serde::de::{DeserializeOwned, IgnoredAny};
use serde_json::Value as Json;
use std::collections::HashMap;

/// Reads a row of the item statements. An item of which parts can't be read is marked
/// as damaged; it is `None` if its id can't be read.
pub fn item(row: &Json) -> Option<Item> {
    let whole = ItemRow::deserialize(row).ok().filter(ItemRow::is_whole);
    whole.map(Item::from).or_else(|| {
        let id = row.get("id").unwrap_or(&Json::Null);
        log::fault(format_args!("the record of item {id} can't be read"));
        stand_ins::item(row)
    })
}

/// The same for every row of an answer.
pub fn items(rows: &[Json]) -> Vec<Item> {
    rows.iter().filter_map(item).collect()
}

/// A row of the item statements.
#[derive(Debug, Deserialize)]
struct ItemRow {
    id: ItemId,
    parent: Option<ItemId>,
    name: Name,
    place_version: PlaceVersion,
    created_at: UnixMillis,
    trashed_at: Option<UnixMillis>,
    mount: Option<GrantId>,
    /// The version that the item says is its newest.
    head: Option<Version>,
    version: Option<Version>,
    size: Option<u64>,
    size_class: Option<SizeClass>,
    modified_at: Option<FileTime>,
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
            mount: row.mount.map(|grant| Mount { grant }),
            created_at_ms: row.created_at,
            trashed_at_ms: row.trashed_at,
            damaged: false,
        }
    }
}

impl ItemRow {
    /// Whether the row of a file has the file's newest version.
    fn is_whole(&self) -> bool {
        self.head.is_some() == self.head().is_some()
    }

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
            damaged: false,
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
    pub modified_at: FileTime,
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
    /// Whether something stands in for what can't be read of the row.
    #[serde(skip)]
    pub is_damaged: bool,
}

impl ConflictRow {
    /// Reads a row of the conflict statements. A conflict of which parts can't be read
    /// is marked as damaged; it is `None` if its id or its file's id can't be read.
    pub fn read(row: &Json) -> Option<Self> {
        Self::deserialize(row).ok().or_else(|| {
            let id = row.get("id").unwrap_or(&Json::Null);
            log::fault(format_args!("the record of conflict {id} can't be read"));
            Self::stand_in(row)
        })
    }

    /// What can be read of a conflict; `None` if its id or its file's id can't be read.
    fn stand_in(row: &Json) -> Option<Self> {
        let mut read = Reading::of(row);
        let id: ConflictId = read.key("a conflict", "id")?;
        let item: ItemId = read.key("a conflict", "item")?;
        let size = read.count("size");
        let committed = read.committed();
        Some(Self {
            id,
            item,
            base_version: read.count("base_version"),
            size,
            size_class: read.or("size_class", SizeClass::for_size(size)),
            modified_at: read.time("modified_at"),
            user_name: committed.user_name,
            device: committed.device_id,
            device_name: committed.device_name,
            at: committed.at_ms,
            choice: read.or("choice", None),
            resolved_at: read.count_or_null("resolved_at"),
            resolved_user_name: read.or("resolved_user_name", None),
            resolved_device: read.or("resolved_device", None),
            resolved_device_name: read.or("resolved_device_name", None),
            seen_version: read.count_or_null("seen_version"),
            is_damaged: true,
        })
    }

    /// The content of the side that came second, made of its blocks.
    pub fn content(&self, blocks: Vec<BlockRef>) -> Manifest {
        Manifest {
            // The sum of the blocks, whatever the row says.
            size: blocks.iter().map(|block| u64::from(block.length)).sum(),
            size_class: self.size_class,
            modified_at_ms: self.modified_at,
            blocks,
        }
    }

    /// How the conflict was resolved, if it is. A choice that can't be read is told as
    /// unknown.
    pub fn resolved(&self) -> Option<Resolved> {
        let at_ms = self.resolved_at?;
        let choice = self.choice.as_deref().unwrap_or_default();
        Some(Resolved {
            choice: from_json(choice).unwrap_or(Chosen::Unknown),
            at_ms,
            by: self.resolver(at_ms),
            seen_version: self.seen_version,
        })
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

impl From<ConflictRow> for Conflict {
    fn from(row: ConflictRow) -> Self {
        let resolved = row.resolved();
        Self {
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
            damaged: row.is_damaged,
        }
    }
}

/// A folder on the way up, or the item where the way begins.
#[derive(Clone, Copy, Debug, Deserialize)]
pub struct PathRow {
    pub id: ItemId,
    /// Only whether there is one is asked, because a damaged one may be no id.
    parent: Option<IgnoredAny>,
    folder: u8,
    trashed: u8,
    mount: u8,
}

impl PathRow {
    /// Whether the item stands at the top of the space.
    pub fn is_at_top(&self) -> bool {
        self.parent.is_none()
    }

    /// Whether the item is a folder.
    pub fn is_folder(&self) -> bool {
        self.folder != 0
    }

    /// Whether the item is a mount.
    pub fn is_mount(&self) -> bool {
        self.mount != 0
    }

    /// Whether the item itself is in the trash.
    pub fn is_trashed(&self) -> bool {
        self.trashed != 0
    }
}

/// The ways up from many items, by where they begin: what `items::PATHS` answers.
///
/// # Errors
/// The rows are of another kind.
pub fn ways(rows: &Rows) -> Result<HashMap<ItemId, Vec<PathRow>>, DbError> {
    #[derive(Deserialize)]
    struct OfStart {
        start: ItemId,
        #[serde(flatten)]
        row: PathRow,
    }
    let mut ways: HashMap<ItemId, Vec<PathRow>> = HashMap::new();
    for OfStart { start, row } in rows.all()? {
        ways.entry(start).or_default().push(row);
    }
    Ok(ways)
}

/// What a space holds; see `0008_space_use.sql`.
#[derive(Clone, Copy, Debug, Deserialize)]
pub struct SpaceRow {
    #[serde(deserialize_with = "nearest")]
    pub head_seq: Seq,
    #[serde(deserialize_with = "nearest")]
    pub quota_bytes: u64,
    #[serde(deserialize_with = "nearest")]
    pub used_bytes: u64,
    #[serde(deserialize_with = "nearest")]
    pub used_blocks: u64,
    #[serde(deserialize_with = "nearest")]
    pub needed_bytes: u64,
    #[serde(deserialize_with = "nearest")]
    pub needed_blocks: u64,
    #[serde(deserialize_with = "nearest")]
    pub item_count: u64,
    #[serde(deserialize_with = "nearest")]
    pub version_count: u64,
    #[serde(deserialize_with = "nearest")]
    pub row_count: u64,
    /// When the account ends whose space it is, if somebody has ended it.
    #[serde(default, deserialize_with = "nearest_or_null")]
    pub ends_at: Option<UnixMillis>,
}

impl SpaceRow {
    /// What the space's rows are charged for, in bytes.
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

    /// Blocks that are stored although nothing refers to them, with the charge of their
    /// rows, in bytes.
    pub fn pending_bytes(&self) -> u64 {
        let blocks = self.used_blocks.saturating_sub(self.needed_blocks);
        let bytes = self.used_bytes.saturating_sub(self.needed_bytes);
        bytes.saturating_add(blocks.saturating_mul(BLOCK_CHARGE))
    }
}

/// A row of the device statements.
#[derive(Clone, Debug, Deserialize)]
pub struct DeviceRow {
    id: DeviceId,
    name: String,
    kind: DeviceKind,
    #[serde(deserialize_with = "nearest")]
    created_at_ms: UnixMillis,
    #[serde(deserialize_with = "nearest")]
    last_seen_at_ms: UnixMillis,
    #[serde(deserialize_with = "nearest_or_null")]
    ends_at_ms: Option<UnixMillis>,
    scope: StoredScope,
    is_token: u8,
    folder: Option<ItemId>,
}

/// A scope as its row has it: see `0015_folder_tokens.sql`.
#[derive(Clone, Copy, Debug, Deserialize)]
#[serde(rename_all = "snake_case")]
enum StoredScope {
    Full,
    ReadOnly,
    Folder,
    FolderReadOnly,
    #[serde(other)]
    Unknown,
}

impl StoredScope {
    /// A row that contradicts itself lets nobody in.
    fn with(self, folder: Option<ItemId>) -> Scope {
        match (self, folder) {
            (Self::Full, None) | (Self::Folder, Some(_)) => Scope::Full,
            (Self::ReadOnly, None) | (Self::FolderReadOnly, Some(_)) => Scope::ReadOnly,
            _ => Scope::Unknown,
        }
    }
}

impl From<DeviceRow> for Device {
    fn from(row: DeviceRow) -> Self {
        Self {
            id: row.id,
            name: row.name,
            kind: row.kind,
            created_at_ms: row.created_at_ms,
            last_seen_at_ms: row.last_seen_at_ms,
            ends_at_ms: row.ends_at_ms,
            scope: row.scope.with(row.folder),
            is_token: row.is_token != 0,
            folder: row.folder,
        }
    }
}

/// A row that holds an item's id and nothing else.
#[derive(Clone, Copy, Debug, Deserialize)]
pub struct IdRow {
    pub id: ItemId,
}

/// A row that holds a space's newest journal position.
#[derive(Clone, Copy, Debug, Deserialize)]
pub struct HeadRow {
    pub head_seq: Seq,
}

/// A row that holds a journal position and nothing else; `None` for an empty journal.
#[derive(Clone, Copy, Debug, Deserialize)]
pub struct SeqRow {
    #[serde(deserialize_with = "nearest_or_null")]
    pub seq: Option<Seq>,
}

/// Reads what this server has written as JSON.
///
/// # Errors
/// It is not what was written.
pub fn from_json<T: DeserializeOwned>(json: &str) -> Result<T, DbError> {
    serde_json::from_str(json).map_err(|e| DbError::Fault(format!("stored JSON: {e}")))
}
