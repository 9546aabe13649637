//! Deliberate bugs, to find out whether the simulator would notice a real one.
//!
//! With the feature `seeded-bugs`, which is off by default and on in nothing
//! that is released, a test chooses one bug for its thread. Without it every
//! question is a constant no, and the bug is not in the program at all.

macro_rules! bugs {
    ($($(#[doc = $breaks:literal])+ $name:ident,)+) => {
        /// One deliberate bug; its doc says what it breaks.
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub enum Bug {
            $($(#[doc = $breaks])+ $name,)+
        }

        impl Bug {
            /// Every bug, with what it breaks.
            pub const ALL: &[(Bug, &str)] = &[
                $((Bug::$name, concat!($($breaks),+).trim_ascii()),)+
            ];
        }
    };
}

bugs! {
    // The engine.
    /// the base of an edit is whatever the head is when it is sent
    BaseForgotten,
    /// a repeated request has a new operation id
    OperationIdForgotten,
    /// what a step stores is written after what it sends
    PersistAfterSend,
    /// an answer to an older edit ends the newer one
    NonceIgnored,
    /// a next edit of a file is told by the nonce of the one before
    NonceReused,
    /// a content that is not stored yet is replaced by the next one
    DraftReplaced,
    /// two sources of one intake whose names differ in case only are one item
    SourcesJoined,
    /// the server was not reached, and that counts as its no
    UnreachableIsRefused,
    /// edits are not written again after the storage was lost
    EditsDroppedOnStorageLost,
    /// edits of a tab that is gone are dropped with the bytes it had in its hands
    InheritedDropped,
    /// edits are not written again after a write that another tab was faster than
    EditsForgottenOnLoad,
    /// a choice is sent for the head that is known, not for the one that was seen
    SeenVersionForgotten,
    /// a merge is let go of when the server refuses it
    RefusedMergeDropped,
    /// what a person should see of a clash is not read from the storage again
    MattersForgottenOnLoad,
    /// the answer to a kept conflict is taken for the conflict as it is now
    ConflictAnswerBelieved,
    /// a proposal's refusal counts as the commit's
    ProposalDecides,
    /// the edit of a deleted file goes with it
    DeletedWithItsEdit,
    /// bytes are released when an edit becomes a new file
    BytesReleasedEarly,
    /// a fetched version counts before its blocks are verified
    AppliedBeforeVerified,
    /// a listing of several pages begins anew with each
    ListingForgetsItsPlace,
    /// a tab that follows another pulls and polls, too
    FollowerPolls,
    /// the engine's time runs back with the device's clock
    ClockRunsBack,
    /// a poll that was ended for its silence counts as a lost connection
    SilenceIsOutage,
    /// news without a cursor is taken for what the storage holds
    CursorNotStored,
    /// an answer that comes late brings back what was deleted for good
    DeletedComesBack,
    /// names that differ in case only count as different
    CaseNotFolded,

    // The client.
    /// the block list of any version of a file is taken for the one that is asked for
    OtherVersionsList,
    /// of the blocks that travel along with a request, the first is left out
    CarriedBlockLeftOut,
    /// the answers to a batch are handed out in another order
    BatchAnsweredOutOfOrder,
    /// what a frame spares of a block counts twice
    SparedCountedTwice,
    /// a block of the cache is taken for what it should be without a look at it
    CacheBelieved,
    /// the copy of a draft goes while the draft is needed
    CopyLetGoEarly,
    /// the blocks of a pack that is sent again count as sent before
    RetriedPackCountsTwice,
    /// a file is put together while its last block is still missing
    DownloadEndsEarly,
    /// what a request that was given up is answered goes to the one after it
    GivenUpAnswered,
    // The server.
    /// neither a version's key nor the head's predicate refuses a second writer
    VersionPredicateDropped,
    /// a commit is not asked for its base
    BaseNotChecked,
    /// splices are applied to the list of whatever the head is
    BaseIsTheHead,
    /// an operation in the other form counts as another one
    FormIsMeaning,
    /// a rename writes over another one that was made since it was read
    PlacePredicateDropped,
    /// whether a folder still takes an item is not looked at when it is written
    ParentGuardDropped,
    /// a choice is taken whatever the head is now
    ChoiceWithoutHead,
    /// a merged result is taken whatever the head is now
    MergedWithoutHead,
    /// a conflict that is opened again has lost the bytes of its second side
    ReopenedWithoutBytes,
    /// the first answer to an operation is not kept
    OperationNotKept,
    /// the answers to a batch of new files are handed out with the refusals last
    BatchAnswersMixed,
    /// the answers to a batch of changes of places are handed out with the refusals last
    PlaceAnswersMixed,
    /// one kind of change has no entry in the journal
    TrashNotInJournal,
    /// what is deleted for good has no entry in the journal
    DeletionNotInJournal,
    /// a block list's old rows stay open
    OldRowsStayOpen,
    /// a page of the journal leads to the head, even if it ends before
    CursorSkips,
    /// the later pages of a listing lead to the head as it is then
    ListingSkips,
    /// a cursor that is older than the journal is taken
    OldCursorTaken,
    /// blocks are not hashed when they arrive
    HashNotChecked,
    /// blocks are recorded before their pack is written
    RowsBeforePack,
    /// a pack is taken away if nobody knows whether it was recorded
    UnsurePackDeleted,
    /// blocks that were there are counted into the quota again
    QuotaCountedTwice,
    /// a version may refer to blocks that are not stored
    ForeignKeyDropped,
    /// a block is collected as soon as nothing needs it
    GraceSkipped,
    /// a block is collected whatever needs it by now, and no foreign key minds
    NeedNotAskedAgain,
    /// a pack's object is deleted while blocks of it are stored
    PackOfStoredBlocks,
    /// collected blocks stay counted
    CollectedStillCounted,
    /// what only deleted versions referred to stays counted
    DeletedStillCounted,
    /// what is in the trash is deleted for good, even if it was restored meanwhile
    RestoredDeleted,
    /// a poll is parked without a look at the journal
    PollIgnoresJournal,
}

#[cfg(feature = "seeded-bugs")]
mod chosen {
    use super::Bug;
    use std::cell::Cell;

    thread_local! {
        static CHOSEN: Cell<Option<Bug>> = const { Cell::new(None) };
        static COUNT: Cell<u64> = const { Cell::new(0) };
    }

    /// Puts one bug, or none, into whatever runs on this thread.
    pub fn choose(bug: Option<Bug>) {
        CHOSEN.set(bug);
        COUNT.set(0);
    }

    /// Whether this thread runs with the bug.
    pub fn is(bug: Bug) -> bool {
        CHOSEN.get() == Some(bug)
    }

    /// A number that this thread has not seen since the bug was chosen.
    pub fn count() -> u64 {
        COUNT.set(COUNT.get() + 1);
        COUNT.get()
    }
}

#[cfg(feature = "seeded-bugs")]
pub use chosen::{choose, count, is};

/// Whether this thread runs with the bug: never.
#[cfg(not(feature = "seeded-bugs"))]
pub const fn is(_bug: Bug) -> bool {
    false
}

/// A number that is not asked for without a bug.
#[cfg(not(feature = "seeded-bugs"))]
pub const fn count() -> u64 {
    0
}
