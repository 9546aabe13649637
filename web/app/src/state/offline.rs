//! What this device keeps offline.

use protocol::ids::ItemId;
use std::collections::{BTreeMap, BTreeSet};

/// How much is here of a file or folder that is to be kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Offline {
    /// Every block of the newest version, or of that of each file in it.
    Kept,
    /// Something, and not all of it: an older version, or what has arrived so far.
    Partly,
    /// Nothing yet.
    Waiting,
}

/// All that is kept, or is to be.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct KeptOffline {
    /// What the person has chosen. All that is in a folder, and comes into it, is kept with it.
    pub chosen: BTreeSet<ItemId>,
    /// How it stands with these, and with all that is in them.
    pub of: BTreeMap<ItemId, Offline>,
    /// How many files are here, in whatever version.
    pub files: usize,
    /// What these have together.
    pub bytes: u64,
}
