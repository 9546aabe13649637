//! What a person has cut or copied, to paste it elsewhere.

use protocol::ids::ItemId;
use std::collections::BTreeSet;

/// Items that were cut or copied: nothing happens to them before they are pasted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Clip {
    /// What is shared with the person and has them; `None` is their own drive.
    pub root: Option<ItemId>,
    pub items: BTreeSet<ItemId>,
    /// Whether they move, or copies of them are made.
    pub cut: bool,
}
