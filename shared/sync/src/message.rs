//! What goes into the engine and what comes out of it: closed enums.

#![allow(
    missing_docs,
    reason = "a variant's doc says what its fields are, and the API has the requests"
)]

use super::edit::{Draft, DraftId, Edit, Matter, Resolution, Trouble};
use super::ids::Nonce;
use super::place::Place;
use blocks::chunk::SizeClass;
use blocks::hash::BlockHash;
use blocks::manifest::{BlockRef, Manifest};
use protocol::changes::ChangePage;
use protocol::conflicts::{Choice, Conflict, NewConflict, Reopen, Resolve};
use protocol::content::Content;
use protocol::files::{Commit, NewFile, Proposal};
use protocol::ids::{ConflictId, ItemId, Seq, Version};
use protocol::items::{
    ChangePlace, ChangeTrashed, Item, ItemChange, ItemChanged, NewFolder, PlaceChange,
};
use protocol::name::Name;
use protocol::problem::Problem;
use serde::{Deserialize, Serialize};

/// Something that happened.
#[derive(Clone, Debug)]
pub enum Input {
    /// The person, or a folder on disk, changed something.
    Observed(Observation),
    /// A request has ended.
    Answered {
        request: RequestId,
        result: Result<Answer, Lost>,
    },
    /// A draft has been cut and hashed, or could not be read.
    Hashed {
        draft: DraftId,
        result: Result<Manifest, BytesLost>,
    },
    /// The driver has stored a draft's bytes in a place that survives it.
    BytesKept { draft: DraftId },
    /// There is no room to store a draft's bytes: they end with the driver.
    BytesNotKept { draft: DraftId },
    /// The driver has a draft's bytes again after they were gone, or another file of that
    /// name.
    BytesBack { draft: Draft },
    /// The wait that was asked for is over.
    Elapsed,
    /// There may be a connection again, so a try is worthwhile at once.
    Online,
    /// Somebody wants to see news now.
    PullWanted,
    /// No content is begun to be sent from now on, or it is again. An engine does not
    /// remember it: a new one sends.
    Paused(bool),
    /// This device leads (pulls and polls), or follows another that shares its
    /// storage.
    Role(TabRole),
    /// Another engine that shares this storage has written these records.
    Shared(Vec<Record>),
    /// The storage holds a state that this engine did not write. The engine goes on from
    /// it, and writes its own edits again.
    Loaded(StoredState),
    /// What an engine that shared this storage and is gone had not sent. The storage
    /// holds it as this engine's own by now. Items of which this engine has an edit
    /// already are left out, and handed in when that edit is done.
    Inherited {
        edits: Vec<Edit>,
        resolutions: Vec<Resolution>,
        matters: Vec<Matter>,
    },
    /// The storage has lost everything: the engine writes it anew.
    StorageLost,
    /// Somebody signed in again, as the same user.
    SignedIn,
    /// The names of copies say this from now on.
    Labelled(CopyLabel),
}

/// What the name of a copy says of where it comes from.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct CopyLabel {
    /// The device's name, for the name of a conflicted copy.
    pub device: String,
    /// The day of the copy as people write it, `2026-11-24`.
    pub date: String,
}

/// What a person does. The driver chooses names, ids and nonces.
#[derive(Clone, Debug)]
pub enum Observation {
    /// A new folder, or a new file with its content.
    Made {
        item: ItemId,
        nonce: Nonce,
        place: Place,
        draft: Option<Draft>,
    },
    /// A new version, based on what is shown now, or on the version that was `seen`: that
    /// which an editor was opened with, whatever came since. On a page it comes after
    /// those that are on their way; in a folder on disk it replaces them.
    Edited {
        item: ItemId,
        nonce: Nonce,
        draft: Draft,
        seen: Option<Version>,
    },
    /// Renamed, moved, or both.
    Placed {
        item: ItemId,
        nonce: Nonce,
        place: Place,
    },
    /// Into the trash (true) or out of it.
    Trashed {
        item: ItemId,
        nonce: Nonce,
        trashed: bool,
    },
    /// Out of the trash, to another place than it had, or under another name.
    Restored {
        item: ItemId,
        nonce: Nonce,
        place: Place,
    },
    Resolved {
        conflict: ConflictId,
        nonce: Nonce,
        choice: Choice,
    },
    /// The person merged both sides of a conflict; `seen_version` is the head that they
    /// merged.
    Merged {
        conflict: ConflictId,
        nonce: Nonce,
        draft: Draft,
        seen_version: Version,
    },
    /// A person who saw this head takes a resolution back. The conflict need not be
    /// known: the engine knows only open ones.
    Reopened {
        conflict: ConflictId,
        nonce: Nonce,
        seen_version: Version,
    },
    /// The person lets go of a choice that was not sent, or of a merge in trouble.
    Unresolved { conflict: ConflictId },
    /// The person has seen a matter, and done what they wanted about it.
    Settled { matter: Nonce },
    /// Forget what was not sent of an item.
    Withdrawn { item: ItemId },
    /// Forget one content that was not sent, and nothing else of its item.
    Recalled { draft: DraftId },
    /// Try again what is in trouble.
    Retried { item: ItemId },
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TabRole {
    /// The leader pulls and polls, and its changes of the storage reach the others.
    Leader,
    /// A follower hears from the leader what changed.
    Follower,
}

/// Names a request from its effect to its answer. One engine never uses an id twice.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct RequestId(pub u64);

/// What the server, or the store of blocks behind it, is asked.
#[derive(Clone, Debug)]
pub enum Request {
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
    /// Send these blocks of a draft. The driver may share requests among drafts.
    Upload {
        draft: DraftId,
        blocks: Vec<BlockHash>,
    },
    CreateFile {
        body: NewFile<Content>,
        /// The draft whose blocks all travel along.
        carries: Option<DraftId>,
    },
    CreateFolder {
        body: NewFolder,
    },
    Commit {
        item: ItemId,
        body: Commit<Content>,
        /// The draft whose blocks travel along that are not in the base version. The
        /// driver carries them if it knows which these are, and if they are few bytes
        /// but more than none; else it answers [`Answer::NotCarried`].
        carries: Option<DraftId>,
    },
    KeepConflict {
        item: ItemId,
        body: NewConflict<Content>,
    },
    ChangePlace {
        item: ItemId,
        body: ChangePlace,
    },
    Trash {
        item: ItemId,
        body: ChangeTrashed,
    },
    Restore {
        item: ItemId,
        body: ChangeTrashed,
    },
    Resolve {
        conflict: ConflictId,
        body: Resolve,
    },
    Reopen {
        conflict: ConflictId,
        body: Reopen,
    },
    /// A version's block list.
    Manifest {
        item: ItemId,
        version: Version,
    },
    /// A version's bytes, each block verified before it counts.
    Fetch {
        item: ItemId,
        version: Version,
    },
}

impl Request {
    /// The change of an item's place, which may travel with others; `None` for any other
    /// request.
    pub fn place_change(&self) -> Option<ItemChange> {
        let (item, to) = match self {
            Self::ChangePlace { item, body } => (item, PlaceChange::Move(body.clone())),
            Self::Trash { item, body } => (item, PlaceChange::Trash(body.clone())),
            Self::Restore { item, body } => (item, PlaceChange::Restore(body.clone())),
            _ => return None,
        };
        Some(ItemChange { item: *item, to })
    }
}

/// A request's success.
#[derive(Clone, Debug)]
pub enum Answer {
    Changes(ChangePage),
    /// The poll has news.
    News,
    /// The poll timed out without news.
    Quiet,
    /// The poll's time is over, and nothing was heard of the server: a pull has to find out
    /// whether it is there.
    Unheard,
    Missing(Vec<BlockHash>),
    Uploaded,
    /// Nothing was sent: the blocks have to travel first.
    NotCarried,
    Item(ItemChanged),
    Conflict(Conflict),
    Manifest(Vec<BlockRef>),
    Fetched,
}

/// A request without success.
#[derive(Clone, Debug, PartialEq)]
pub enum Lost {
    Refused(Problem),
    /// No answer arrived, so nobody knows whether the request did.
    Unreachable,
    /// The draft's bytes can't be read.
    BytesLost(BytesLost),
}

/// Why a draft can't be read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BytesLost {
    /// There is nothing to read.
    Gone,
    /// The bytes are not those that were hashed.
    Changed,
}

/// What the driver has to do, in this order.
#[derive(Clone, Debug)]
pub enum Effect {
    /// Write all records in one transaction, before the effects that follow.
    Persist(Vec<Record>),
    Send {
        request: RequestId,
        body: Request,
    },
    /// The engine does not need the answer any more.
    Abandon {
        request: RequestId,
    },
    Hash {
        draft: DraftId,
        class: SizeClass,
    },
    /// Bring the bytes to where they survive this driver.
    KeepBytes {
        draft: DraftId,
    },
    /// Nobody needs the bytes any more.
    ReleaseBytes {
        draft: DraftId,
    },
    /// Ask the leader of those who share the storage to pull now.
    AskLeader,
    /// Load the storage and hand it in, because another engine wrote it.
    Load,
    Tell(Notice),
}

/// A row of the local database. The rows are observations: what the server says, which
/// all engines that share the storage have in common, and edits and resolutions, which
/// each engine has for itself.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Record {
    /// Forget what the server has said, before the records that follow.
    Replace,
    /// An item as the server tells it. The newer of this and of what is stored stays (see
    /// [`Item::newer_of_both`]), because another engine may have been faster.
    Item(Item),
    /// An item as an answer tells it, whose journal entry is `seq`. If the storage's
    /// cursor is past that entry and the storage does not have the item, the item was
    /// deleted for good since, and is not written: see
    /// [`has_told`](super::feed::has_told).
    Learned {
        item: Item,
        seq: Seq,
    },
    /// The item was deleted for good.
    Deleted(ItemId),
    Conflict(Conflict),
    ConflictClosed(ConflictId),
    /// The feed moved on. If the storage's cursor is not `from`, the driver writes
    /// nothing of this transaction, and hands in [`Input::Loaded`] once it has carried
    /// out the rest of this step.
    Cursor {
        from: Option<String>,
        to: String,
    },
    /// The whole tree is known.
    Complete,
    Edit(Edit),
    EditDone(ItemId),
    Resolution(Resolution),
    ResolutionDone(ConflictId),
    Matter(Matter),
    MatterDone(Nonce),
    /// This version's bytes are on this device, verified.
    Held {
        item: ItemId,
        version: Version,
    },
}

/// What the local database holds when an engine starts.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct StoredState {
    pub items: Vec<Item>,
    pub conflicts: Vec<Conflict>,
    /// The feed's position that the items and conflicts stand for.
    pub cursor: Option<String>,
    /// Whether the items are the whole tree.
    pub complete: bool,
    pub edits: Vec<Edit>,
    pub resolutions: Vec<Resolution>,
    pub matters: Vec<Matter>,
    /// The version of each file whose bytes are on this device, verified.
    pub held: Vec<(ItemId, Version)>,
}

/// What a person is told. The engine gives up nothing without one of these. If the
/// person may want to do something about it, it is a [`Matter`] as well.
#[derive(Clone, Debug, PartialEq)]
pub enum Notice {
    /// A version came second. Both are on the server.
    Conflicted { item: ItemId, conflict: ConflictId },
    /// A rename or move was not made: somebody else's rename, move or deletion came
    /// first, or it is impossible.
    PlaceLost {
        item: ItemId,
        wanted: Place,
        problem: Problem,
    },
    /// A move to or from the trash was not made.
    TrashLost { item: ItemId, problem: Problem },
    /// A file was deleted while it was edited: the edit is a new file.
    SavedAsNew { item: ItemId, new: ItemId },
    /// The name was taken, so the item got another one.
    Renamed { item: ItemId, from: Name, to: Name },
    /// The choice for a conflict was made without seeing the newest version.
    ChoiceOutdated {
        conflict: ConflictId,
        problem: Problem,
    },
    /// A merge was not carried out, and is kept: see the resolution's trouble.
    MergeStopped {
        conflict: ConflictId,
        trouble: Trouble,
    },
    /// A resolution could not be taken back.
    NotReopened {
        conflict: ConflictId,
        problem: Problem,
    },
    /// The person took an item's edit back before it was sent.
    Withdrawn { item: ItemId },
    /// The content was compared, and the server has the same.
    Unchanged { draft: DraftId },
    /// The bytes of an edit could not be stored here: the page must stay open until it is
    /// sent.
    NotKept { item: ItemId },
    /// An edit needs a person; see its trouble.
    Stuck { item: ItemId },
    /// The session is over: nothing is sent until somebody signs in.
    SignedOut,
}
