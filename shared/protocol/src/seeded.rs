//! Deliberate bugs, to find out whether the simulator would notice a real one.
//!
//! With the feature `seeded-bugs`, a test chooses one bug for its thread. The feature is
//! off by default, and nothing that is released has it. Without it, every question is a
//! constant no, and the bugs are not in the program at all.

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
    /// an edit is sent with whatever the head is at that time as its base
    BaseForgotten,
    /// a repeated request has a new operation id
    OperationIdForgotten,
    /// an answer to an older edit ends the newer one
    NonceIgnored,
    /// the next edit of a file has the nonce of the one before
    NonceReused,
    /// the next content replaces one that is not stored yet
    DraftReplaced,
    /// two sources of one intake become one item if their names differ only in case
    SourcesJoined,
    /// an unreachable server counts as a refusal
    UnreachableIsRefused,
    /// after the storage was lost, edits are not written again
    EditsDroppedOnStorageLost,
    /// edits of a closed tab are dropped if the tab had their bytes
    InheritedDropped,
    /// after another tab wrote first, edits are not written again
    EditsForgottenOnLoad,
    /// a choice is sent for the known head, not for the head that the person saw
    SeenVersionForgotten,
    /// a merge that the server refuses is dropped
    RefusedMergeDropped,
    /// a load forgets the matters that a person has not seen
    MattersForgottenOnLoad,
    /// the answer to a kept conflict counts as the conflict's state now
    ConflictAnswerBelieved,
    /// a refused proposal counts as a refused commit
    ProposalDecides,
    /// a deleted file takes its edit along
    DeletedWithItsEdit,
    /// bytes are released when their edit becomes a new file
    BytesReleasedEarly,
    /// a fetched version counts before its blocks are verified
    AppliedBeforeVerified,
    /// a listing of several pages begins anew with each page
    ListingForgetsItsPlace,
    /// a tab that follows another one pulls and polls, too
    FollowerPolls,
    /// the engine's time runs back with the device's clock
    ClockRunsBack,
    /// a poll that a proxy ended for its silence counts as a lost connection
    SilenceIsOutage,
    /// news is stored without its cursor
    CursorNotStored,
    /// a late answer brings back an item that was deleted for good
    DeletedComesBack,
    /// names that differ only in case count as different
    CaseNotFolded,

    // The client.
    /// a step sends its requests before it stores its records
    PersistAfterSend,
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
    // The server.
    /// neither the version's key nor the head's predicate refuses a second writer
    VersionPredicateDropped,
    /// a commit is accepted on any base
    BaseNotChecked,
    /// splices are applied to the list of the head, whatever their base
    BaseIsTheHead,
    /// an operation that is repeated in the other form counts as another operation
    FormIsMeaning,
    /// a rename overwrites another rename that was made after it was decided on
    PlacePredicateDropped,
    /// the write does not check whether the folder still takes items
    ParentGuardDropped,
    /// a choice is accepted whatever the head is now
    ChoiceWithoutHead,
    /// a merged result is accepted whatever the head is now
    MergedWithoutHead,
    /// a reopened conflict has lost the bytes of its second side
    ReopenedWithoutBytes,
    /// the first answer to an operation is not kept
    OperationNotKept,
    /// a batch of new files answers with the refusals last
    BatchAnswersMixed,
    /// a batch of changes of places answers with the refusals last
    PlaceAnswersMixed,
    /// a move to the trash has no entry in the journal
    TrashNotInJournal,
    /// a deletion for good has no entry in the journal
    DeletionNotInJournal,
    /// the old rows of a block list stay open
    OldRowsStayOpen,
    /// the cursor of a page of the journal is the head, even if the page ends before
    CursorSkips,
    /// the later pages of a listing lead to the head at their time
    ListingSkips,
    /// a cursor that is older than the journal is accepted
    OldCursorTaken,
    /// arriving blocks are not hashed
    HashNotChecked,
    /// blocks are recorded before their pack is written
    RowsBeforePack,
    /// a pack is deleted although it may have been recorded
    UnsurePackDeleted,
    /// blocks that were stored already count a second time
    QuotaCountedTwice,
    /// a version may refer to blocks that are not stored
    ForeignKeyDropped,
    /// a block is collected as soon as nothing needs it
    GraceSkipped,
    /// a block is collected although something needs it by now, and no foreign key objects
    NeedNotAskedAgain,
    /// a pack's object is deleted while blocks of it are stored
    PackOfStoredBlocks,
    /// collected blocks stay counted
    CollectedStillCounted,
    /// blocks that only deleted versions referred to stay counted
    DeletedStillCounted,
    /// an item is deleted for good although it was restored meanwhile
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
