//! What goes into the engine and what comes out of it: closed enums.

use super::edit::{Draft, DraftId, Edit, Matter, Nonce, Place, Resolution, Trouble};
use super::rebase::CopyLabel;
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
        result: Result<Answer, Failure>,
    },
    /// A draft has been cut and hashed, or could not be read.
    Hashed {
        draft: DraftId,
        result: Result<Manifest, BytesLost>,
    },
    /// The driver has a draft's bytes in a place that survives it.
    BytesKept { draft: DraftId },
    /// There is no room for them: they end with the driver.
    BytesNotKept { draft: DraftId },
    /// It has them again after they were gone, or another file of that name.
    BytesBack { draft: Draft },
    /// The wait that was asked for is over.
    Elapsed,
    /// A hint that there is a connection again: worth a try at once.
    Online,
    /// Somebody wants to see news now.
    PullWanted,
    /// This device leads (pulls and polls), or follows another that shares its
    /// storage.
    Role(Role),
    /// Another engine that shares this one's storage has written this.
    Shared(Vec<Record>),
    /// The storage holds a state that this engine did not write: go on from
    /// it. This engine's own edits are written again.
    Loaded(Kept),
    /// What a device that shared this one's storage and is gone had not sent;
    /// the storage holds it as this engine's own by now. What this engine has
    /// an edit of already is left out, and handed in when that is done.
    Inherited {
        edits: Vec<Edit>,
        resolutions: Vec<Resolution>,
        matters: Vec<Matter>,
    },
    /// The storage has lost everything: write it anew.
    StorageLost,
    /// Somebody signed in again, as the same user.
    SignedIn,
    /// What the names of copies say from now on.
    Labelled(CopyLabel),
}

/// What a person does. Names, ids and nonces are chosen by the driver.
#[derive(Clone, Debug)]
pub enum Observation {
    /// A new folder, or a new file with its content.
    Made {
        item: ItemId,
        nonce: Nonce,
        place: Place,
        draft: Option<Draft>,
    },
    /// A new version, based on what is shown now. On a page it is one more
    /// than those that are on their way; in a folder on disk it stands in
    /// their place.
    Edited {
        item: ItemId,
        nonce: Nonce,
        draft: Draft,
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
    /// Out of the trash, to this place: another one than it had, or another name.
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
    /// What the person made of both sides of a conflict, of the file at the
    /// version that they merged.
    Merged {
        conflict: ConflictId,
        nonce: Nonce,
        draft: Draft,
        seen_version: Version,
    },
    /// A resolution is taken back, by somebody who saw this head. The engine
    /// knows of open conflicts only.
    Reopened {
        conflict: ConflictId,
        nonce: Nonce,
        seen_version: Version,
    },
    /// Let go of a choice that was not sent, or of a merge in trouble.
    Unresolved { conflict: ConflictId },
    /// The person has seen it, and done what they wanted about it.
    Settled { matter: Nonce },
    /// Forget what was not sent of an item.
    Withdrawn { item: ItemId },
    /// Forget one content that was not sent, and nothing else of its item.
    Recalled { draft: DraftId },
    /// Try again what is in trouble.
    Retried { item: ItemId },
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Role {
    Leader,
    Follower,
}

/// Names a request from its effect to its answer. Never used twice by one
/// engine.
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
        /// With all blocks of this draft.
        carries: Option<DraftId>,
    },
    CreateFolder {
        body: NewFolder,
    },
    Commit {
        item: ItemId,
        body: Commit<Content>,
        /// With those blocks of this draft that are not in the base version, if
        /// the driver knows which they are and it is a little that travels for
        /// them, but something; else it answers [`Answer::NotCarried`].
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
    /// A change of an item's place, which may travel with others; `None` of anything
    /// else.
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
    /// The poll timed out without.
    Quiet,
    Missing(Vec<BlockHash>),
    Uploaded,
    /// Nothing was sent: the blocks have to travel before.
    NotCarried,
    Item(ItemChanged),
    Conflict(Conflict),
    Manifest(Vec<BlockRef>),
    Fetched,
}

/// A request without success.
#[derive(Clone, Debug, PartialEq)]
pub enum Failure {
    Refused(Problem),
    /// No answer arrived: nobody knows whether the request did.
    Unreachable,
    /// The draft's bytes can't be read.
    BytesLost(BytesLost),
}

/// Why a draft can't be read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BytesLost {
    /// There is nothing to read.
    Gone,
    /// They are not the bytes that were hashed.
    Changed,
}

/// What the driver has to do, in this order.
#[derive(Clone, Debug)]
pub enum Effect {
    /// Write all of it in one transaction, before what follows is done.
    Persist(Vec<Record>),
    Send {
        request: RequestId,
        body: Request,
    },
    /// The answer is of no interest any more.
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
    /// To the leader of those who share the storage: pull now.
    AskLeader,
    /// Load the storage and hand it in: another wrote it.
    Load,
    Tell(Notice),
}

/// A row of the local database. What is kept are observations: the server's
/// word, which all engines that share the storage have in common, and the edits
/// and resolutions, which each of them has for itself.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Record {
    /// Forget the server's word first.
    Replace,
    /// Of what is stored of this item and this, the newer stays: see
    /// [`Item::newer_of_both`]. Another engine's answer may have been faster.
    Item(Item),
    /// The same from an answer, whose journal entry is `seq`. If the storage's cursor
    /// has told of that entry and the item is not in the storage, it was deleted for
    /// good since, and is not written: see [`has_told`](super::feed::has_told).
    Learned {
        item: Item,
        seq: Seq,
    },
    /// It was deleted for good.
    Deleted(ItemId),
    Conflict(Conflict),
    ConflictClosed(ConflictId),
    /// The feed moved on. If the storage has another `from`, nothing of this
    /// transaction may be written, and the driver hands in [`Input::Loaded`]
    /// once it has carried out what is left of this step.
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
pub struct Kept {
    pub items: Vec<Item>,
    pub conflicts: Vec<Conflict>,
    pub cursor: Option<String>,
    pub complete: bool,
    pub edits: Vec<Edit>,
    pub resolutions: Vec<Resolution>,
    pub matters: Vec<Matter>,
    pub held: Vec<(ItemId, Version)>,
}

/// What a person is told. Nothing is ever given up without one of these; what
/// they may want to do something about is a [`Matter`] as well.
#[derive(Clone, Debug, PartialEq)]
pub enum Notice {
    /// A version came second. Both are on the server.
    Conflicted { item: ItemId, conflict: ConflictId },
    /// It was not renamed or moved: somebody else's rename, move or deletion was
    /// first, or it can't be.
    PlaceLost {
        item: ItemId,
        wanted: Place,
        problem: Problem,
    },
    /// It could not be moved to or from the trash.
    TrashLost { item: ItemId, problem: Problem },
    /// It was deleted while it was edited: the edit is a new file.
    SavedAsNew { item: ItemId, new: ItemId },
    /// The name was taken, so it got another one.
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
    /// The person took it back before it was sent.
    Withdrawn { item: ItemId },
    /// The content was compared, and is what the server has.
    Unchanged { draft: DraftId },
    /// Its bytes could not be stored here: the page must stay open until it is sent.
    NotKept { item: ItemId },
    /// It needs a person; see the edit's trouble.
    Stuck { item: ItemId },
    /// The session is over: nothing is sent until somebody signs in.
    SignedOut,
}
