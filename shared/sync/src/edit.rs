//! What this device has changed and the server has not taken yet.
//!
//! An edit is an observation, "the person wants it to be so, and saw this when
//! they did it", never a list of things to do. Every part of it has a nonce,
//! drawn when it was observed: all ids of the requests that carry it out are
//! derived from that nonce and from what is asked, so they are the same after a
//! crash, and a repeat of what was done but whose answer was lost is answered
//! with the first answer.

use blocks::chunk::SizeClass;
use blocks::manifest::Manifest;
use blocks::number::FileTime;
use protocol::conflicts::Choice;
use protocol::content::{Base, Content, Spliced};
use protocol::ids::{ConflictId, ItemId, OperationId, PlaceVersion, UnixMillis, Version};
use protocol::items::Committed;
use protocol::name::Name;
use protocol::problem::Problem;
use protocol::seeded::{self, Bug};
use serde::{Deserialize, Serialize};

/// 16 random bytes that name one intention.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Nonce(pub [u8; 16]);

/// In hexadecimal.
impl std::fmt::Display for Nonce {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&data_encoding::HEXLOWER.encode(&self.0))
    }
}

/// Keeps derived ids apart from every other use of BLAKE3.
const CONTEXT: &str = "driftless 2026 sync: ids of an edit";

impl Nonce {
    /// The operation that asks for `what` on behalf of this intention. What is
    /// asked differently is another operation.
    pub fn operation(self, what: &str) -> OperationId {
        if seeded::is(Bug::OperationIdForgotten) {
            return OperationId::from_random(self.derive(&format!("{what} {}", seeded::count())));
        }
        OperationId::from_random(self.derive(what))
    }

    /// The conflict that this intention becomes if it comes second.
    pub fn conflict(self, what: &str) -> ConflictId {
        ConflictId::from_random(self.derive(what))
    }

    /// The new item that this intention makes, as `role`.
    pub fn item(self, role: &str) -> ItemId {
        ItemId::from_random(self.derive(role))
    }

    fn derive(self, what: &str) -> [u8; 16] {
        let mut hasher = blake3::Hasher::new_derive_key(CONTEXT);
        hasher.update(&self.0);
        hasher.update(what.as_bytes());
        let mut bytes = [0; 16];
        bytes.copy_from_slice(&hasher.finalize().as_bytes()[..16]);
        bytes
    }
}

/// Where an item stands.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Place {
    /// `None` is the root of the space.
    pub parent: Option<ItemId>,
    pub name: Name,
}

/// Bytes of an edit that the driver holds: a picked file, or a copy of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct DraftId(pub u64);

/// The content of an unsent edit.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Draft {
    pub id: DraftId,
    /// Bytes.
    pub size: u64,
    pub modified_at_ms: FileTime,
    /// What the file was called where it came from: which one to pick again.
    pub file_name: String,
    pub bytes: Bytes,
    /// Its blocks, once they are known.
    pub manifest: Option<Manifest>,
    /// Whose content it is, where that is on the server: no bytes are needed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub copy_of: Option<Copied>,
}

/// A version on the server, and the size class of its file.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Copied {
    pub base: Base,
    pub size_class: SizeClass,
}

impl Draft {
    /// The content as it is asked for; `None` while its blocks are not known.
    pub fn content(&self) -> Option<Content> {
        if let Some(Copied { base, size_class }) = self.copy_of {
            return Some(Content::Spliced(Spliced {
                size: self.size,
                size_class,
                modified_at_ms: self.modified_at_ms,
                base,
                splices: Vec::new(),
            }));
        }
        self.manifest.clone().map(Content::Whole)
    }
}

/// Where a draft's bytes are.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Bytes {
    /// In the hands of the running driver; they end with it.
    Here,
    /// Stored by the driver: they survive it.
    Kept,
    /// Nowhere. The person has to pick the file again.
    Gone,
}

/// One aspect of an item that was changed here.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Part<T, V = u64> {
    pub nonce: Nonce,
    /// What the person saw: the version, or the place version, that this is
    /// based on. 0: nothing.
    pub base: V,
    pub wanted: T,
}

/// Everything about one item that was changed here and is not agreed on.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Edit {
    pub item: ItemId,
    /// Edits are carried out in this order, as far as they do not wait for
    /// something.
    pub order: u64,
    /// The server does not know the item yet.
    pub is_new: bool,
    pub place: Option<Part<Place, PlaceVersion>>,
    /// Into the trash (true) or out of it.
    pub trashed: Option<Part<bool, PlaceVersion>>,
    pub content: Option<Part<Draft, Version>>,
    /// Contents that the person handed in while that one was on its way, in
    /// their order: each is a version of its own, once the one before it is
    /// stored. Their bases are not known before.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub later: Vec<Part<Draft, Version>>,
    /// Why it does not go on by itself, if so.
    pub trouble: Option<Trouble>,
}

/// What only a person can help with.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "trouble", rename_all = "snake_case")]
pub enum Trouble {
    /// The server will not take it.
    Refused { problem: Problem },
    /// The bytes are not where they were; picking the file again helps.
    BytesGone,
    /// The bytes change while they are read.
    KeepsChanging,
}

impl Eq for Trouble {}

impl Trouble {
    /// Whether it is the server's no, which another place may help against.
    pub fn is_refusal(&self) -> bool {
        matches!(self, Self::Refused { .. })
    }
}

impl Edit {
    pub fn new(item: ItemId, order: u64, is_new: bool) -> Self {
        Self {
            item,
            order,
            is_new,
            place: None,
            trashed: None,
            content: None,
            later: Vec::new(),
            trouble: None,
        }
    }

    /// Whether nothing is left that differs from what the server has.
    pub fn is_done(&self) -> bool {
        !self.is_new && self.place.is_none() && self.trashed.is_none() && self.content.is_none()
    }

    /// The draft that is on its way.
    pub fn draft(&self) -> Option<&Draft> {
        self.content.as_ref().map(|part| &part.wanted)
    }

    /// That one, and those that follow it.
    pub fn drafts(&self) -> impl DoubleEndedIterator<Item = &Draft> {
        let parts = self.content.iter().chain(&self.later);
        parts.map(|part| &part.wanted)
    }

    /// All of them, to be changed.
    pub fn drafts_mut(&mut self) -> impl Iterator<Item = &mut Draft> {
        let parts = self.content.iter_mut().chain(&mut self.later);
        parts.map(|part| &mut part.wanted)
    }

    /// What the person wants the file to hold in the end.
    pub fn newest_draft(&self) -> Option<&Draft> {
        self.drafts().next_back()
    }

    /// The first content is over: the next one takes its place, based on `base`.
    pub fn end_content(&mut self, base: Version) {
        let mut later = std::mem::take(&mut self.later).into_iter();
        self.content = later.next().map(|part| Part { base, ..part });
        self.later = later.collect();
    }
}

/// What a person decided about a conflict, on its way.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Resolution {
    pub conflict: ConflictId,
    pub nonce: Nonce,
    pub order: u64,
    /// The head that the person saw.
    pub seen_version: Version,
    #[serde(rename = "choice")]
    pub wanted: Wanted,
    /// Why a merge does not go on: it was not made on what there is now, or its
    /// bytes are gone. It is kept, and not sent, until the person merges again
    /// or lets go of it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub trouble: Option<Trouble>,
}

/// What becomes of a conflict. In storage, a plain choice looks as it does at
/// the server.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "choice", rename_all = "snake_case")]
pub enum Wanted {
    /// What the person made of both sides is the file's next version.
    Merge { item: ItemId, draft: Draft },
    /// It is open again.
    Reopen,
    #[serde(untagged)]
    Keep(Choice),
}

impl Resolution {
    pub fn draft(&self) -> Option<&Draft> {
        match &self.wanted {
            Wanted::Merge { draft, .. } => Some(draft),
            Wanted::Reopen | Wanted::Keep(_) => None,
        }
    }
}

/// Something of this device's that met a change of somebody else's and could
/// not simply be: what was done instead, until the person has seen it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Matter {
    /// The intention's, so that it is the same after a crash.
    pub id: Nonce,
    pub item: ItemId,
    /// When it was found out, by this device's clock.
    pub at_ms: UnixMillis,
    /// Who wrote the file as the server has it; `None` of a folder.
    pub by: Option<Committed>,
    pub what: Met,
}

impl Eq for Matter {}

/// What met what, and what was done.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "met", rename_all = "snake_case")]
pub enum Met {
    /// An edit and a deletion: the edit is a new file.
    Deleted { new: ItemId },
    /// Two renames or moves: the other one stays.
    Placed { wanted: Place },
    /// A move and the deletion of the folder that it was to: it stays where it
    /// is.
    FolderDeleted { wanted: Place, folder: ItemId },
    /// A name and another item that has it by now, when it was renamed or moved:
    /// it keeps its own.
    NameTaken { wanted: Place },
    /// A rename or a move that can't be, whoever was first: it stays as it is.
    Impossible { wanted: Place, problem: Problem },
    /// A new file and a folder, or the other way, under one name: it has
    /// another name.
    Renamed { from: Name, to: Name },
    /// A move to the trash (true) or out of it, and something that speaks
    /// against it.
    Trashed { wanted: bool, problem: Problem },
}
