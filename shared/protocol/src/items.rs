//! Files, folders and mounts, and the changes of their place.

use crate::ids::{DeviceId, GrantId, ItemId, OperationId, PlaceVersion, Seq, UnixMillis, Version};
use crate::name::{self, Name};
use blocks::chunk::SizeClass;
use blocks::number::{self, FileTime};
use serde::{Deserialize, Deserializer, Serialize};

/// A file, a folder or a mount as it is now.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Item {
    /// Never changes, and is never used again.
    pub id: ItemId,
    /// `None` is the root of the space.
    #[cfg_attr(feature = "openapi", schema(required))]
    pub parent: Option<ItemId>,
    /// Unique among the live children of the folder, by [`Name::key`].
    pub name: Name,
    /// What its next rename, move, trash or restore must be based on; starts at 1.
    pub place_version: PlaceVersion,
    /// The head of a file's content; `None` for a folder and for a mount.
    #[cfg_attr(feature = "openapi", schema(required))]
    pub file: Option<FileHead>,
    /// What a mount stands for; `None` for a file and for a folder. A client from before
    /// mounts takes one for a folder, which takes nothing and is not trashed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub mount: Option<Mount>,
    /// When the server took it.
    pub created_at_ms: UnixMillis,
    /// When the item itself was trashed; `None` for what is below a trashed folder.
    #[cfg_attr(feature = "openapi", schema(required))]
    pub trashed_at_ms: Option<UnixMillis>,
    /// Whether parts of the record of its place can't be read. Something stands in for
    /// them, and the next rename, move, trash or restore repairs the record.
    #[serde(default, skip_serializing_if = "is_false")]
    pub damaged: bool,
}

/// Whether a flag is left out of JSON.
pub(super) fn is_false(flag: &bool) -> bool {
    !flag
}

impl Item {
    /// Whether it is a folder.
    pub fn is_folder(&self) -> bool {
        self.file.is_none() && self.mount.is_none()
    }

    /// Whether something stands in for a part of it, or of its head, that can't be
    /// read.
    pub fn is_damaged(&self) -> bool {
        self.damaged || self.file.as_ref().is_some_and(|head| head.damaged)
    }

    /// The head's number; 0 for a folder and for a mount.
    pub fn version(&self) -> Version {
        self.file.as_ref().map_or(0, |head| head.version)
    }

    /// The newer place and the newer content of two reports, in whatever order they
    /// came.
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

/// What somebody else has shared, at a place in one's own tree. Its name and place are
/// those of whoever has it; what it leads to stays in its owner's space.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Mount {
    /// By which they have access to it. Once they have not, the mount leads nowhere.
    pub grant: GrantId,
}

/// `POST /api/v1/mounts`: 201 with [`ItemChanged`]. Refused with 409 `already_mounted` if
/// there is a mount of it that is in no trash; one that is in the trash gives way.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct NewMount {
    /// Names the change for a repeat.
    pub operation_id: OperationId,
    /// Chosen at random by the client.
    pub id: ItemId,
    /// What it is to lead to: something that is shared with whoever asks.
    pub grant: GrantId,
    /// `None` is the top of the space.
    pub parent: Option<ItemId>,
    /// If it is taken in that folder, the mount gets one that is like it and free.
    #[serde(deserialize_with = "name::given")]
    pub name: Name,
}

/// The newest version of a file.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct FileHead {
    /// What the next commit must be based on.
    pub version: Version,
    /// Bytes.
    pub size: u64,
    /// Chosen for the first version and kept.
    pub size_class: SizeClass,
    /// When the file was last changed where it came from.
    pub modified_at_ms: FileTime,
    /// Who wrote it, and when.
    pub committed: Committed,
    /// Whether parts of the version's record can't be read. Something stands in for
    /// them, and the next version repairs the record.
    #[serde(default, skip_serializing_if = "is_false")]
    pub damaged: bool,
}

/// Who wrote a version, and when the server took it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Committed {
    /// The name at that time.
    pub user_name: String,
    /// The device that sent it.
    pub device_id: DeviceId,
    /// What the device was called at that time.
    pub device_name: String,
    /// By the server's clock.
    pub at_ms: UnixMillis,
}

/// `POST /api/v1/folders`: 201 with [`ItemChanged`].
#[derive(Clone, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct NewFolder {
    /// Names the change for a repeat.
    pub operation_id: OperationId,
    /// Chosen at random by the client, so that it can refer to the folder
    /// before the answer is there.
    pub id: ItemId,
    /// `None` is the top of the space.
    pub parent: Option<ItemId>,
    /// Free in that folder, or the request is refused.
    #[serde(deserialize_with = "name::given")]
    pub name: Name,
}

/// `PATCH /api/v1/items/{id}`: rename, move, or both at once.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ChangePlace {
    /// Names the change for a repeat.
    pub operation_id: OperationId,
    /// The place version that the person saw.
    #[serde(deserialize_with = "number::count")]
    pub base_place_version: PlaceVersion,
    /// `None` is the top of the space.
    #[cfg_attr(feature = "openapi", schema(required))]
    pub parent: Option<ItemId>,
    /// Free in that folder, or the request is refused.
    #[serde(deserialize_with = "name::given")]
    pub name: Name,
}

/// `POST /api/v1/items/{id}/trash` and `…/restore`. Trashing a folder takes everything
/// below it along without touching it. A restored item comes back to where it was. If
/// that folder is gone, is in the trash or is nested too deeply by now, the item comes
/// to the top of the space; the answer says where it is.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ChangeTrashed {
    /// Names the change for a repeat.
    pub operation_id: OperationId,
    /// The place version that the person saw.
    #[serde(deserialize_with = "number::count")]
    pub base_place_version: PlaceVersion,
    /// Where a restore puts the item, if not where it was: another folder, or with
    /// `null` the top of the space.
    #[serde(
        default,
        skip_serializing_if = "Option::is_none",
        deserialize_with = "present"
    )]
    #[cfg_attr(feature = "openapi", schema(value_type = Option<ItemId>))]
    pub parent: Option<Option<ItemId>>,
    /// The name that a restore gives the item, since its own may be taken.
    #[serde(
        default,
        skip_serializing_if = "Option::is_none",
        deserialize_with = "name::given_if_present"
    )]
    pub name: Option<Name>,
}

impl ChangeTrashed {
    /// A move to the trash, or back to where the item was.
    pub fn new(operation_id: OperationId, base_place_version: PlaceVersion) -> Self {
        Self {
            operation_id,
            base_place_version,
            parent: None,
            name: None,
        }
    }
}

/// Reads a field in which `null` means something else than no field.
fn present<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Option<ItemId>>, D::Error> {
    Option::deserialize(deserializer).map(Some)
}

/// A change of an item's place.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(try_from = "Fields")]
pub struct ItemChange {
    /// The item that changes.
    pub item: ItemId,
    /// What becomes of it.
    #[serde(flatten)]
    pub to: PlaceChange,
}

/// What [`ItemChange`] asks for; the fields are those of the requests for one item.
#[derive(Clone, Debug, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(tag = "change", rename_all = "snake_case")]
pub enum PlaceChange {
    /// Renames, moves, or both.
    Move(ChangePlace),
    /// Into the trash.
    Trash(ChangeTrashed),
    /// Out of the trash.
    Restore(ChangeTrashed),
}

/// An [`ItemChange`] as JSON has it. It is read flat, because serde reads flattened
/// fields by rules of its own.
#[derive(Deserialize)]
struct Fields {
    item: ItemId,
    change: ChangeName,
    operation_id: OperationId,
    #[serde(deserialize_with = "number::count")]
    base_place_version: PlaceVersion,
    #[serde(default, deserialize_with = "present")]
    parent: Option<Option<ItemId>>,
    #[serde(default, deserialize_with = "name::given_if_present")]
    name: Option<Name>,
}

#[derive(Clone, Copy, Deserialize)]
#[serde(rename_all = "snake_case")]
enum ChangeName {
    Move,
    Trash,
    Restore,
}

/// The move lacks a field that it needs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("missing field `{0}` of the move")]
struct Missing(&'static str);

impl TryFrom<Fields> for ItemChange {
    type Error = Missing;

    fn try_from(fields: Fields) -> Result<Self, Missing> {
        let (operation_id, base_place_version) = (fields.operation_id, fields.base_place_version);
        let trashed = ChangeTrashed {
            operation_id,
            base_place_version,
            parent: fields.parent,
            name: fields.name.clone(),
        };
        let to = match fields.change {
            ChangeName::Move => PlaceChange::Move(ChangePlace {
                operation_id,
                base_place_version,
                parent: fields.parent.ok_or(Missing("parent"))?,
                name: fields.name.ok_or(Missing("name"))?,
            }),
            ChangeName::Trash => PlaceChange::Trash(trashed),
            ChangeName::Restore => PlaceChange::Restore(trashed),
        };
        Ok(Self {
            item: fields.item,
            to,
        })
    }
}

impl PlaceChange {
    /// What names the change for a repeat.
    pub fn operation_id(&self) -> OperationId {
        match self {
            Self::Move(to) => to.operation_id,
            Self::Trash(change) | Self::Restore(change) => change.operation_id,
        }
    }

    /// The place version that the person saw.
    pub fn base_place_version(&self) -> PlaceVersion {
        match self {
            Self::Move(to) => to.base_place_version,
            Self::Trash(change) | Self::Restore(change) => change.base_place_version,
        }
    }
}

/// The answer to every accepted change of an item: what it is now, and the
/// journal entry that says so.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ItemChanged {
    /// The item as it is now.
    pub item: Item,
    /// The journal entry of the change.
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
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct DeleteForGood {
    /// Names the change for a repeat.
    pub operation_id: OperationId,
    /// The place version that the person saw. An item that somebody restores meanwhile
    /// stays.
    pub base_place_version: PlaceVersion,
    /// Whether second sides on which nobody has decided may go along. If not, and there
    /// are any, the request is refused.
    #[serde(default)]
    pub with_open_conflicts: bool,
}

/// `POST /api/v1/trash/empty`: the same for everything in the trash. 200 with
/// [`DeletedForGood`].
#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct EmptyTrash {
    /// Names the change for a repeat.
    pub operation_id: OperationId,
    /// The newest `trashed_at_ms` that the person saw: what came into the trash later
    /// stays. Without it, everything in the trash goes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub trashed_up_to_ms: Option<UnixMillis>,
    /// As in [`DeleteForGood`].
    #[serde(default)]
    pub with_open_conflicts: bool,
}

/// How far a deletion for good has come. One request does a bounded amount of work:
/// while `done` is false, the same request is sent again, with the same operation id.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct DeletedForGood {
    /// Whether nothing is left to delete.
    pub done: bool,
    /// Files and folders that this request took away.
    pub deleted: u64,
    /// Bytes that this request gave back to the space.
    pub freed_bytes: u64,
}

impl DeletedForGood {
    /// Counts `rows` rows that are charged `charge_bytes` each.
    pub fn add_freed(&mut self, rows: u64, charge_bytes: u64) {
        let bytes = rows.saturating_mul(charge_bytes);
        self.freed_bytes = self.freed_bytes.saturating_add(bytes);
    }
}
