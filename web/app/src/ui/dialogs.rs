//! What is asked in dialogs: one at a time, from a closed list.

use crate::archive::plan::Plan;
use crate::commands::PurgeScope;
use crate::state::door::IntakeId;
use leptos::prelude::*;
use protocol::devices::Device;
use protocol::grants::Grant;
use protocol::ids::{ConflictId, ItemId};

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Ask {
    NewFolder {
        parent: Option<ItemId>,
    },
    Rename(ItemId),
    Move(Vec<ItemId>),
    Trash(Vec<ItemId>),
    /// Under which name it comes back: its own is taken.
    RestoreAs(ItemId),
    /// The part of a zip that can be made without a connection.
    PartOfZip(Plan),
    DeleteForGood(AskedDeletion),
    Conflict(ConflictId),
    /// What becomes of an intake's names that are taken.
    Taken(IntakeId),
    /// What was not taken in.
    LeftOut,
    Password,
    Token,
    Revoke(Device),
    /// What a file looks like.
    Preview(ItemId),
    /// Who has access to an item.
    Share(ItemId),
    /// Into which folder what is shared with the person is put.
    Mount(Grant),
    /// Whether the person lets go of what is shared with them.
    Leave(Grant),
    /// What others did.
    News,
    /// Whether the person deletes their account.
    EndAccount,
    /// With this many changes that the server does not have.
    SignOut(usize),
}

/// What is asked about before it is deleted for good.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AskedDeletion {
    pub what: PurgeScope,
    /// What of it is in the trash itself.
    pub roots: Vec<ItemId>,
}

#[derive(Clone, Copy)]
pub struct Dialogs {
    /// The one that is open.
    pub asked: RwSignal<Option<Ask>>,
    /// Counts what dialogs have changed that no signal of the drive shows: the
    /// list of devices is fetched anew.
    pub changes: RwSignal<u32>,
}

impl Dialogs {
    pub fn new() -> Self {
        Self {
            asked: RwSignal::new(None),
            changes: RwSignal::new(0),
        }
    }

    pub fn open(self, ask: Ask) {
        self.asked.set(Some(ask));
    }

    pub fn close(self) {
        self.asked.try_set(None);
    }

    /// Closes the dialog about a conflict, if one is open.
    pub fn close_conflict(self) {
        let is_about = |ask: &Option<Ask>| matches!(ask, Some(Ask::Conflict(_)));
        if self.asked.with_untracked(is_about) {
            self.close();
        }
    }

    pub fn is_open(self) -> bool {
        self.asked.with_untracked(Option::is_some)
    }

    /// Whether none is open, for what waits until then.
    pub fn none_open(self) -> bool {
        self.asked.with(Option::is_none)
    }

    pub fn on_close(self) -> Callback<()> {
        Callback::new(move |()| self.close())
    }
}

pub fn use_dialogs() -> Dialogs {
    expect_context()
}
