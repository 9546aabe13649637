//! The write path of content: propose, upload, commit; and its manifest.

use crate::hash::BlockHash;
use crate::ids::{ItemId, OperationId, Version};
use crate::manifest::{BlockRef, Manifest};
use crate::name::Name;
use serde::{Deserialize, Serialize};

/// `POST /api/v1/files/{id}/sync`: "may I, and which blocks do you lack?"
/// Refused with 409 when `current_version` is not the server's.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Proposal {
    pub current_version: Version,
    pub new_block_hashes: Vec<BlockHash>,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ProposalAnswer {
    /// Always `ok`.
    pub status: ProposalStatus,
    /// Each missing block once, in the order in which the file needs them.
    pub missing_blocks: Vec<BlockHash>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ProposalStatus {
    Ok,
}

/// `POST /api/v1/blocks` takes frames and answers with this. Blocks that were
/// there already cost nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct BlocksStored {
    pub stored: u32,
    pub already_stored: u32,
}

/// `POST /api/v1/files/{id}/commit`: a new version against its base. Answered
/// with [`super::items::ItemChanged`]; 409 when `base_version` is not the head,
/// 422 `blocks_missing` when a block is not stored.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Commit {
    pub operation_id: OperationId,
    pub base_version: Version,
    pub content: Manifest,
}

/// `POST /api/v1/files`: a new file with its first version, 201 with
/// [`super::items::ItemChanged`]. Without `content` it is empty. Sent before
/// its blocks are there, it is refused with 422 `blocks_missing` and the list
/// of what to upload, and changes nothing.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct NewFile {
    pub operation_id: OperationId,
    /// Chosen at random by the client.
    pub id: ItemId,
    pub parent: Option<ItemId>,
    pub name: Name,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub content: Option<Manifest>,
}

/// `GET /api/v1/files/{id}/manifest?version=`
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct FileManifest {
    pub version: Version,
    pub size: u64,
    pub blocks: Vec<BlockRef>,
}
