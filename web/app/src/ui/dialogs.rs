//! What is asked in dialogs: one at a time, from a closed list.

use crate::archive::plan::Plan;
use crate::commands::PurgeScope;
use crate::state::door::IntakeId;
use leptos::prelude::*;
use protocol::devices::Device;
use protocol::grants::Grant;
use protocol::ids::{ConflictId, ItemId};
use protocol::recovery::RecoveryCodes;

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Ask {
    NewFolder {
        parent: Option<ItemId>,
    },
    NewText {
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
    /// What an administrator is about to do.
    Administration,
    Token,
    Revoke(Device),
    /// What a device is called.
    RenameDevice(Device),
    /// A new set of recovery codes in place of this one.
    RecoveryCodes(RecoveryCodes),
    /// What is known of an item.
    Details(ItemId),
    /// Which versions a file has, or what was in a folder; without one, in everything.
    Versions(Option<ItemId>),
    /// Who has access to an item.
    Share(ItemId),
    /// Into which folder what is shared with the person is put.
    Mount(Grant),
    /// Whether the person lets go of what is shared with them.
    Leave(Grant),
    /// What is looked for.
    Find,
    /// Which keys there are.
    Keys,
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

/// A dialog that is open, and which one it is of all that were opened.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Asked {
    pub ask: Ask,
    pub number: u32,
}

#[derive(Clone, Copy)]
pub struct Dialogs {
    /// The one that is open.
    pub asked: RwSignal<Option<Asked>>,
    /// Counts what dialogs have changed that no signal of the drive shows: the
    /// list of devices is fetched anew.
    pub changes: RwSignal<u32>,
    /// How many were opened.
    opened: StoredValue<u32>,
    /// The number of the dialog that this is used in.
    within: Option<u32>,
}

impl Dialogs {
    pub fn new() -> Self {
        Self {
            asked: RwSignal::new(None),
            changes: RwSignal::new(0),
            opened: StoredValue::new(0),
            within: None,
        }
    }

    /// The same for what is in the dialog of this number.
    pub fn within(self, number: u32) -> Self {
        Self {
            within: Some(number),
            ..self
        }
    }

    pub fn open(self, ask: Ask) {
        let number = self.opened.get_value() + 1;
        self.opened.set_value(number);
        self.asked.set(Some(Asked { ask, number }));
    }

    /// Closes the dialog that this is used in, else whichever is open. In a dialog, the end of
    /// slow work may come when the person has another one open, which stays.
    pub fn close(self) {
        let is_other = |asked: &Option<Asked>| match (self.within, asked) {
            (Some(number), Some(asked)) => asked.number != number,
            _ => false,
        };
        if self.asked.try_with_untracked(is_other) == Some(false) {
            self.asked.set(None);
        }
    }

    /// Closes the dialog about a conflict, if one is open.
    pub fn close_conflict(self) {
        let is_about = |asked: &Option<Asked>| {
            let ask = asked.as_ref().map(|asked| &asked.ask);
            matches!(ask, Some(Ask::Conflict(_)))
        };
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

#[cfg(test)]
mod tests {
    use super::{Ask, Dialogs};
    use leptos::prelude::{GetUntracked, Owner};

    #[test]
    fn the_end_of_slow_work_closes_no_other_dialog() {
        let owner = Owner::new();
        owner.set();
        let dialogs = Dialogs::new();
        let open = || {
            let asked = dialogs.asked.get_untracked();
            asked.map(|asked| (asked.ask, asked.number))
        };
        dialogs.open(Ask::Password);
        let (_, first) = open().unwrap();
        dialogs.within(first).close();
        assert_eq!(open(), None);

        // The same is asked again, and something else.
        for ask in [Ask::Password, Ask::News] {
            dialogs.open(ask.clone());
            let (_, number) = open().unwrap();
            dialogs.within(first).close();
            assert_eq!(open(), Some((ask, number)));
        }
        dialogs.close();
        assert_eq!(open(), None);
    }
}
