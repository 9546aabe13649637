//! What was in a folder at a time, and what has become of it:
//! `GET /api/v1/past?at_ms=&item=&after=&limit=`; and the request that brings many contents
//! back, `POST /api/v1/files/revert`. Places are brought back with
//! [`ChangeItems`](crate::batches::ChangeItems), as they are changed otherwise.

use crate::activity::Spot;
use crate::batches::FileMade;
use crate::ids::{ItemId, OperationId, Seq, UnixMillis, Version};
use crate::items::Item;
use blocks::number::{self, FileTime};
use serde::{Deserialize, Serialize};

/// Query parameter: the time, by the server's clock; without it, now.
pub const AT_MS: &str = "at_ms";
/// Query parameter: the folder; without it, all that whoever asks has of the drive.
pub const ITEM: &str = "item";
/// Query parameter: only what came after this entry of the journal.
pub const AFTER: &str = "after";

/// What is otherwise than it was. All else that is in the folder was in it then, as it is
/// now.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Past {
    /// The time that it is about: the one that was asked for, unless that is before
    /// `known_since_ms`.
    pub at_ms: UnixMillis,
    /// From when on it is known where everything stood, and whoever asks is told; 0 if that
    /// was always so.
    pub known_since_ms: UnixMillis,
    /// When this was answered, by the server's clock.
    pub asked_at_ms: UnixMillis,
    /// An item may be told on several pages, the same each time unless it was changed in
    /// between. Fewer than were asked for, or none, does not mean that there are no more.
    pub entries: Vec<PastItem>,
    /// What [`AFTER`] is for the next page; `None` if this is the last.
    #[cfg_attr(feature = "openapi", schema(required))]
    pub next_after: Option<Seq>,
}

/// What was in the folder and is otherwise now, or is in it now and was not.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct PastItem {
    /// The item.
    pub id: ItemId,
    /// What it was then; `None` if it was not there at all.
    #[cfg_attr(feature = "openapi", schema(required))]
    pub then: Option<Then>,
    /// What it is now; `None` if it is deleted for good, or where whoever asks does not see
    /// it.
    #[cfg_attr(feature = "openapi", schema(required))]
    pub now: Option<Item>,
    /// Whether somebody still has to decide on a conflict of it.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub in_conflict: bool,
}

/// What an item was.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Then {
    /// Whether it was in the folder.
    pub stood: Stood,
    /// Where it stood; `None` if whoever asks is not told.
    #[cfg_attr(feature = "openapi", schema(required))]
    pub place: Option<Spot>,
    /// What a file held that was in the folder, as far as that is kept; `None` for a folder,
    /// for what was elsewhere, for what is not there any more, and if no version from then
    /// or before is left.
    #[cfg_attr(feature = "openapi", schema(required))]
    pub content: Option<PastContent>,
}

/// Where an item was, as seen from the folder.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum Stood {
    /// In the folder, or in a folder in it.
    Inside,
    /// Somewhere else.
    Elsewhere,
    /// In the trash, by itself or with a folder.
    InTrash,
    /// What this build does not know: nothing is to be done with it.
    #[serde(other)]
    Unknown,
}

/// The content that a file had.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct PastContent {
    /// The newest version from then or before that is kept.
    pub version: Version,
    /// Bytes.
    pub size: u64,
    /// When the file was last changed where it came from.
    pub modified_at_ms: FileTime,
    /// When the server took it.
    pub committed_at_ms: UnixMillis,
    /// Whether it was the newest at that time. Otherwise others that came after it are not
    /// kept, of which one may have been.
    pub is_exact: bool,
    /// Whether the file holds the same now.
    pub is_now: bool,
}

/// The field of [`RevertFiles`].
pub const FILES: &str = "files";

/// `POST /api/v1/files/revert`: makes old versions of up to [`MAX_BATCH_FILES`] files their
/// newest again; more are 400. No bytes travel. Each is an operation of its own, made or
/// refused by itself, as a commit of the same content would be. One that can't be read
/// refuses no other. If all together have more blocks than the server changes in one request,
/// those that are left are refused with `unavailable`, and the same request again goes on
/// with them.
///
/// [`MAX_BATCH_FILES`]: crate::limits::MAX_BATCH_FILES
#[derive(Clone, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct RevertFiles {
    /// The files.
    pub files: Vec<Revert>,
}

/// Makes an old version of a file its newest: a new version with the content and the file
/// time of that one. Refused with 409 `version_conflict` if `base_version` is not the head,
/// 404 `no_such_version`, 409 `in_trash`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Revert {
    /// Names the change for a repeat.
    pub operation_id: OperationId,
    /// The file.
    pub item: ItemId,
    /// The version whose content it gets.
    #[serde(deserialize_with = "number::count")]
    pub version: Version,
    /// The head that the person saw.
    #[serde(deserialize_with = "number::count")]
    pub base_version: Version,
}

/// The answer to [`RevertFiles`]: 200, whatever became of each.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct FilesReverted {
    /// One for each file, in their order.
    pub results: Vec<FileMade>,
}
