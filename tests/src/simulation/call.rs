//! What travels between a tab and the server.

use blocks::frame::{self, Frame};
use blocks::manifest::BlockRef;
use driftless_core::writes::deletion::Deletion;
use protocol::batches::FileMade;
use protocol::blocks::{Fetch, FetchSignatures};
use protocol::changes::ChangePage;
use protocol::conflicts::{Choice, Conflict, NewConflict, Reopen, Resolve};
use protocol::content::{Base, Content};
use protocol::files::{Commit, FileManifest, ManifestSince, NewFile, Proposal, ProposalAnswer};
use protocol::ids::{ConflictId, ItemId, Version};
use protocol::items::{ItemChange, ItemChanged, NewFolder};

/// Names a request of a tab, from its start to its answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Caller {
    pub tab: usize,
    pub life: u32,
    /// 0 for what is no request of the client's.
    pub call: u64,
}

/// What travels to the server.
#[derive(Clone, Debug)]
pub enum Call {
    Changes {
        since: Option<String>,
    },
    Poll {
        since: String,
        seconds: u64,
    },
    Propose {
        item: ItemId,
        body: Proposal,
    },
    StoreBlocks(Vec<u8>),
    CreateFile {
        body: NewFile<Content>,
        /// Blocks that travel along.
        frames: Option<Vec<u8>>,
    },
    CreateFiles(Vec<NewFile<Content>>),
    CreateFolder(NewFolder),
    Commit {
        item: ItemId,
        body: Commit<Content>,
        /// Blocks that travel along.
        frames: Option<Vec<u8>>,
    },
    KeepConflict {
        item: ItemId,
        body: NewConflict<Content>,
    },
    Resolve {
        conflict: ConflictId,
        body: Resolve,
    },
    Reopen {
        conflict: ConflictId,
        body: Reopen,
    },
    /// One or many.
    ChangeItems(Vec<ItemChange>),
    Manifest {
        item: ItemId,
        version: Version,
    },
    ManifestSince {
        item: ItemId,
        version: Version,
        since: Base,
    },
    FetchBlocks(Fetch),
    Signatures(FetchSignatures),
    /// A person deletes for good: not by the engine, and again until it is done.
    Delete {
        wanted: Deletion,
        /// How often nobody heard of it so far.
        unheard: u32,
    },
}

/// What travels back.
#[allow(clippy::large_enum_variant, reason = "a few exist at a time")]
#[derive(Debug)]
pub enum Said {
    Changes(ChangePage),
    News,
    Quiet,
    Proposed(ProposalAnswer),
    Stored,
    Item(ItemChanged),
    /// What became of each of a batch.
    Items(Vec<FileMade>),
    Conflict(Conflict),
    Manifest(FileManifest),
    Since(ManifestSince),
    Bytes(Vec<u8>),
}

impl Call {
    /// Whether the server has to read what is in packs.
    pub fn reads_packs(&self) -> bool {
        match self {
            Self::FetchBlocks(_) | Self::Signatures(_) => true,
            // Patches are made into blocks.
            Self::StoreBlocks(_) => true,
            Self::Commit { frames, .. } | Self::CreateFile { frames, .. } => frames.is_some(),
            _ => false,
        }
    }

    /// Whether it puts an item into a folder.
    pub fn puts(&self) -> bool {
        matches!(
            self,
            Self::CreateFile { .. }
                | Self::CreateFiles(_)
                | Self::CreateFolder(_)
                | Self::ChangeItems(_)
        )
    }
}

/// A content with the names of the blocks that travel along.
pub fn with_carried(content: &Content, frames: Option<&[u8]>) -> Content {
    let mut content = content.clone();
    if let Some(Ok(frames)) = frames.map(frame::parse) {
        let carried: Vec<BlockRef> = frames.iter().map(Frame::block).collect();
        content.put_in(&carried);
    }
    content
}

/// The merged content of a choice.
pub fn merged(body: &Resolve) -> Option<&Content> {
    match &body.choice {
        Choice::Merged { content } => Some(content),
        _ => None,
    }
}
