//! Files and folders, and the changes of their place.

use crate::chunk::SizeClass;
use crate::ids::{DeviceId, ItemId, OperationId, PlaceVersion, Seq, UnixMillis, Version};
use crate::name::Name;
use serde::{Deserialize, Serialize};

/// A file or a folder as it is now.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Item {
    pub id: ItemId,
    /// `None` is the root of the space.
    pub parent: Option<ItemId>,
    pub name: Name,
    /// What its next rename, move, trash or restore must be based on; starts at 1.
    pub place_version: PlaceVersion,
    /// The head of a file's content; `None` for a folder.
    pub file: Option<FileHead>,
    pub created_at_ms: UnixMillis,
    /// Set on the item that was trashed, not on what is below it.
    pub trashed_at_ms: Option<UnixMillis>,
}

impl Item {
    pub fn is_folder(&self) -> bool {
        self.file.is_none()
    }

    /// The head's number; 0 for a folder.
    pub fn version(&self) -> Version {
        self.file.as_ref().map_or(0, |head| head.version)
    }

    /// Of place and content each the newer one, whichever order they came in.
    #[must_use]
    pub fn newer_of_both(known: Self, news: Self) -> Self {
        let (mut place, content) = if news.place_version >= known.place_version {
            (news, known)
        } else {
            (known, news)
        };
        if content.version() > place.version() {
            place.file = content.file;
        }
        place
    }
}

/// The newest version of a file.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct FileHead {
    /// What the next commit must be based on.
    pub version: Version,
    /// Bytes.
    pub size: u64,
    pub size_class: SizeClass,
    /// When the file was last changed where it came from.
    pub modified_at_ms: UnixMillis,
    pub committed: Committed,
}

/// Who wrote a version, and when the server took it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Committed {
    pub user_name: String,
    pub device_id: DeviceId,
    pub device_name: String,
    pub at_ms: UnixMillis,
}

/// `POST /api/v1/folders`: 201 with [`ItemChanged`].
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct NewFolder {
    pub operation_id: OperationId,
    /// Chosen at random by the client, so that it can refer to the folder
    /// before the answer is there.
    pub id: ItemId,
    pub parent: Option<ItemId>,
    pub name: Name,
}

/// `PATCH /api/v1/items/{id}`: rename, move, or both at once.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct ChangePlace {
    pub operation_id: OperationId,
    pub base_place_version: PlaceVersion,
    pub parent: Option<ItemId>,
    pub name: Name,
}

/// `POST /api/v1/items/{id}/trash` and `…/restore`. Trashing a folder takes
/// everything below it along without touching it.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct ChangeTrashed {
    pub operation_id: OperationId,
    pub base_place_version: PlaceVersion,
}

/// The answer to every accepted change of an item: what it is now, and the
/// journal entry that says so.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ItemChanged {
    pub item: Item,
    pub seq: Seq,
}

/// `DELETE /api/v1/items/{id}`, with this as its body: takes an item that is in the
/// trash away for good, with all that is below it, all versions and conflicts. 200
/// with [`DeletedForGood`].
///
/// Refused with 409 `not_in_trash` if the item itself is not in the trash (what is
/// below a folder in the trash goes with that folder), 409 `place_conflict`, and 409
/// `open_conflicts`.
#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
pub struct DeleteForGood {
    pub operation_id: OperationId,
    /// What the person saw: whoever restores it meanwhile keeps it.
    pub base_place_version: PlaceVersion,
    /// Whether second sides that nobody has decided on may go along. Without it, the
    /// request is refused if there are any.
    #[serde(default)]
    pub with_open_conflicts: bool,
}

/// `POST /api/v1/trash/empty`: the same for all that is in the trash. 200 with
/// [`DeletedForGood`].
#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
pub struct EmptyTrash {
    pub operation_id: OperationId,
    /// The newest `trashed_at_ms` that the person saw: what came into the trash later
    /// stays. Without it, everything goes that is there.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub trashed_up_to_ms: Option<UnixMillis>,
    /// As in [`DeleteForGood`].
    #[serde(default)]
    pub with_open_conflicts: bool,
}

/// How far a deletion for good has come. One request does a bounded amount of work:
/// while `done` is false, the same request is sent again, with the same operation id.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct DeletedForGood {
    pub done: bool,
    /// Files and folders that this request took away.
    pub deleted: u64,
    /// What this request gave back of the space's use, in bytes.
    pub freed_bytes: u64,
}

impl DeletedForGood {
    /// Counts so many rows of which each is charged so many bytes.
    pub fn add_freed(&mut self, rows: u64, charge_bytes: u64) {
        let bytes = rows.saturating_mul(charge_bytes);
        self.freed_bytes = self.freed_bytes.saturating_add(bytes);
    }
}
