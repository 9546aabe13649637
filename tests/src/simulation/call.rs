//! What travels between a tab and the server.

use blocks::frame::{self, Frame};
use blocks::manifest::BlockRef;
use driftless_core::writes::deletion::Deletion;
use protocol::batches::FileMade;
use protocol::blocks::{Fetch, FetchSignatures};
use protocol::changes::ChangePage;
use protocol::conflicts::{Choice, Conflict, NewConflict, Reopen, Resolve};
use protocol::content::{Base, Content, Receipted};
use protocol::files::{Commit, FileManifest, ManifestSince, NewFile, Proposal, ProposalAnswer};
use protocol::grants::{GrantChange, Grants, NewGrant};
use protocol::ids::{ConflictId, GrantId, ItemId, Version};
use protocol::items::{Item, ItemChange, ItemChanged, NewFolder};
use protocol::positions::Position;
use protocol::receipts::Receipts;

/// Names a request of a tab, from its start to its answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Caller {
    pub tab: usize,
    pub life: u32,
    /// 0 for what is no request of the client's.
    pub call: u64,
    /// What the request is about of another person's drive.
    pub root: Option<ItemId>,
}

/// What travels to the server.
#[derive(Clone, Debug)]
pub enum Call {
    Changes {
        since: Option<String>,
    },
    Poll {
        /// What was seen of each thing that it waits for.
        positions: Vec<Position>,
        seconds: u64,
        /// Whether it is asked for as a list, also if there is one only.
        is_listed: bool,
    },
    Propose {
        item: ItemId,
        body: Proposal,
    },
    StoreBlocks {
        frames: Vec<u8>,
        /// The files that have the base blocks of patches.
        of: Vec<ItemId>,
    },
    CreateFile {
        body: NewFile<Receipted>,
        /// Blocks that travel along.
        frames: Option<Vec<u8>>,
    },
    CreateFiles(Vec<NewFile<Receipted>>),
    CreateFolder(NewFolder),
    Commit {
        item: ItemId,
        body: Commit<Receipted>,
        /// Blocks that travel along.
        frames: Option<Vec<u8>>,
    },
    KeepConflict {
        item: ItemId,
        body: NewConflict<Receipted>,
    },
    Resolve {
        conflict: ConflictId,
        body: Resolve<Receipted>,
    },
    Reopen {
        conflict: ConflictId,
        body: Reopen,
    },
    /// One or many.
    ChangeItems(Vec<ItemChange>),
    /// An item by its id, which no client asks for.
    Item {
        item: ItemId,
    },
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
    /// What is shared, by and with whoever asks.
    Grants,
    Give {
        item: ItemId,
        body: NewGrant,
    },
    ChangeGrant {
        grant: GrantId,
        body: GrantChange,
    },
    /// The owner takes it back, or whoever has it leaves.
    TakeBack {
        grant: GrantId,
    },
}

/// What travels back.
#[allow(clippy::large_enum_variant, reason = "a few exist at a time")]
#[derive(Debug)]
pub enum Said {
    Changes(ChangePage),
    /// The root that it is of.
    News(Option<ItemId>),
    Quiet,
    Proposed(ProposalAnswer),
    /// With a receipt for each block, for whoever has a part of the space.
    Stored(Option<Receipts>),
    Item(ItemChanged),
    /// What became of each of a batch.
    Items(Vec<FileMade>),
    Conflict(Conflict),
    /// An item as it is.
    Read(Item),
    Manifest(FileManifest),
    Since(ManifestSince),
    Bytes(Vec<u8>),
    Grants(Grants),
    /// Of a grant that was given, changed or taken back.
    Done,
}

impl Call {
    /// Whether the server has to read what is in packs.
    pub fn reads_packs(&self) -> bool {
        match self {
            Self::FetchBlocks(_) | Self::Signatures(_) => true,
            // Patches are made into blocks.
            Self::StoreBlocks { .. } => true,
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
pub fn merged(body: &Resolve<Receipted>) -> Option<&Content> {
    match &body.choice {
        Choice::Merged { content } => Some(&content.content),
        _ => None,
    }
}
