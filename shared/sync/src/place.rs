//! Where an item stands, as the device that shows it has it.

use protocol::ids::ItemId;
use protocol::name::Name;
use serde::{Deserialize, Serialize};

/// Where an item stands.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Place {
    /// `None` is the root of the space.
    pub parent: Option<ItemId>,
    /// The item's name there.
    pub name: Name,
}
