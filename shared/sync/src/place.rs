//! The place of an item: the folder that has it, and its name there.

use protocol::ids::ItemId;
use protocol::name::Name;
use serde::{Deserialize, Serialize};

/// The place of an item.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Place {
    /// `None` is the root of the space.
    pub parent: Option<ItemId>,
    /// The item's name there.
    pub name: Name,
}
