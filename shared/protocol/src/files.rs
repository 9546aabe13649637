//! The write path of content: propose, upload, commit; and its manifest.

use super::content::{Content, Receipted, Splice};
use crate::ids::{ItemId, OperationId, Version};
use crate::items::Committed;
use crate::name::{self, Name};
use crate::receipts::Receipts;
use blocks::hash::BlockHash;
use blocks::manifest::{BlockRef, Manifest};
use blocks::number::{self, FileTime};
use serde::{Deserialize, Serialize};

/// `POST /api/v1/files/{id}/sync`: "may I, and which blocks do you lack?"
/// Refused with 409 when `current_version` is not the server's.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Proposal {
    /// The version that the new one would start from.
    #[serde(deserialize_with = "number::count")]
    pub current_version: Version,
    /// The hashes of the new list. Those that the current version has may be left out.
    pub new_block_hashes: Vec<BlockHash>,
    /// Plain bytes of these blocks, each counted once. With this number, the server
    /// refuses a version that has no room (507 `quota_exceeded`) before its bytes
    /// travel.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub new_bytes: Option<u64>,
}

/// The answer to a [`Proposal`].
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ProposalAnswer {
    /// Always `ok`.
    pub status: ProposalStatus,
    /// Each missing block once, in the order in which the file needs them.
    pub missing_blocks: Vec<BlockHash>,
}

/// The verdict on a proposal; anything but success is an error.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum ProposalStatus {
    /// The base is the head.
    Ok,
}

/// `POST /api/v1/blocks` takes frames and answers with this. Blocks that were
/// there already cost nothing.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct BlocksStored {
    /// How many blocks are new. Who has only a folder or a file is told that all are.
    pub stored: u32,
    /// How many blocks were there already.
    pub already_stored: u32,
    /// A receipt for each frame, in their order, for who has only a folder or a file.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub receipts: Option<Receipts>,
}

/// `POST /api/v1/files/{id}/commit`: a new version against its base. Answered
/// with [`ItemChanged`]; 409 when `base_version` is not the head,
/// 422 `blocks_missing` when a block is not stored. On the wire the content is a
/// [`Content`], and a body of
/// [`CARRYING_CONTENT_TYPE`](blocks::frame::CARRYING_CONTENT_TYPE) brings blocks along.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Commit<C = Manifest> {
    /// Names the change for a repeat.
    pub operation_id: OperationId,
    /// The version that the new one starts from.
    #[serde(deserialize_with = "number::count")]
    pub base_version: Version,
    /// What the file holds from now on.
    pub content: C,
}

impl<C> Commit<C> {
    /// The same request with another content.
    pub fn with_content<D>(self, content: D) -> Commit<D> {
        Commit {
            operation_id: self.operation_id,
            base_version: self.base_version,
            content,
        }
    }
}

impl Commit<Receipted> {
    /// The request without its receipts, and those.
    pub fn parted(self) -> (Commit<Content>, Option<Receipts>) {
        let Self {
            operation_id,
            base_version,
            content: Receipted { content, receipts },
        } = self;
        let commit = Commit {
            operation_id,
            base_version,
            content,
        };
        (commit, receipts)
    }
}

impl From<Commit> for Commit<Content> {
    fn from(commit: Commit) -> Self {
        let content = commit.content.clone().into();
        commit.with_content(content)
    }
}

/// `POST /api/v1/files`: a new file with its first version, 201 with
/// [`ItemChanged`]. Without `content` it is empty. Sent before
/// its blocks are there, it is refused with 422 `blocks_missing` and the list
/// of what to upload, and changes nothing. The same forms as [`Commit`].
#[derive(Clone, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct NewFile<C = Manifest> {
    /// Names the change for a repeat.
    pub operation_id: OperationId,
    /// Chosen at random by the client.
    pub id: ItemId,
    /// `None` is the top of the space.
    pub parent: Option<ItemId>,
    /// Free in that folder, or the request is refused.
    #[serde(deserialize_with = "name::given")]
    pub name: Name,
    /// What the file holds; `None` is nothing.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub content: Option<C>,
}

impl<C> NewFile<C> {
    /// The same request with another content.
    pub fn with_content<D>(self, content: Option<D>) -> NewFile<D> {
        NewFile {
            operation_id: self.operation_id,
            id: self.id,
            parent: self.parent,
            name: self.name,
            content,
        }
    }
}

impl NewFile<Receipted> {
    /// The request without its receipts, and those.
    pub fn parted(self) -> (NewFile<Content>, Option<Receipts>) {
        let Self {
            operation_id,
            id,
            parent,
            name,
            content,
        } = self;
        let (content, receipts) = match content {
            Some(Receipted { content, receipts }) => (Some(content), receipts),
            None => (None, None),
        };
        let file = NewFile {
            operation_id,
            id,
            parent,
            name,
            content,
        };
        (file, receipts)
    }
}

impl From<NewFile> for NewFile<Content> {
    fn from(file: NewFile) -> Self {
        let content = file.content.clone().map(Content::Whole);
        file.with_content(content)
    }
}

/// `GET /api/v1/files/{id}/manifest?version=`
#[derive(Clone, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct FileManifest {
    /// The version whose list it is.
    pub version: Version,
    /// Bytes of the file.
    pub size: u64,
    /// The whole list.
    pub blocks: Vec<BlockRef>,
}

/// `GET /api/v1/files/{id}/manifest?version=&since=&of=`: what turns the list of
/// one version into that of another.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ManifestSince {
    /// The version whose list the splices make.
    pub version: Version,
    /// Bytes of that version.
    pub size: u64,
    /// The version whose list the splices change.
    pub since: Version,
    /// The file that has the version `since`, if it is another file.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub of: Option<ItemId>,
    /// What is different.
    pub splices: Vec<Splice>,
}

/// Query parameter: only versions before this one.
pub const BEFORE: &str = "before";

/// `GET /api/v1/files/{id}/versions?before=&limit=`: the versions of a file, the newest
/// first.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct FileVersions {
    /// Those of this page. One whose record can't be read is left out.
    pub versions: Vec<FileVersion>,
    /// What [`BEFORE`] is for the versions before these; `None` if there are none.
    #[cfg_attr(feature = "openapi", schema(required))]
    pub next_before: Option<Version>,
}

/// A version of a file.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct FileVersion {
    /// Counted from 1.
    pub version: Version,
    /// Bytes.
    pub size: u64,
    /// When the file was last changed where it came from.
    pub modified_at_ms: FileTime,
    /// Who wrote it, and when.
    pub committed: Committed,
    /// What somebody calls it; empty if nobody has given it a name.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub name: String,
    /// Whether it stays, however old it is. One with a name does.
    #[serde(default, skip_serializing_if = "is_not")]
    pub pinned: bool,
    /// Counts the changes of these two.
    #[serde(default, skip_serializing_if = "is_none")]
    pub marks: u64,
}

#[allow(clippy::trivially_copy_pass_by_ref, reason = "serde calls it so")]
fn is_not(pinned: &bool) -> bool {
    !pinned
}

#[allow(clippy::trivially_copy_pass_by_ref, reason = "serde calls it so")]
fn is_none(count: &u64) -> bool {
    *count == 0
}

/// `PATCH /api/v1/files/{id}/versions`: gives a version a name, takes it away, pins the
/// version, or lets go of it. Answered with the [`FileVersion`], also where it is a repeat.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct MarkVersion {
    /// The version.
    #[serde(deserialize_with = "number::count")]
    pub version: Version,
    /// The [`marks`](FileVersion::marks) that the person saw. If they are others by now,
    /// nothing is changed.
    #[serde(deserialize_with = "number::count")]
    pub base_marks: u64,
    /// What it is called from now on, up to
    /// [`MAX_VERSION_NAME_CHARS`](crate::limits::MAX_VERSION_NAME_CHARS) letters; empty:
    /// nothing.
    pub name: String,
    /// Whether it is pinned from now on. One with a name is in any case.
    pub pinned: bool,
}
