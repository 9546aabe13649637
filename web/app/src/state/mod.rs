//! What the views show, as signals. The driver writes them, the views read them.

pub mod clip;
pub mod connection;
pub mod door;
pub mod downloads;
pub mod marks;
pub mod notices;
pub mod offline;
pub mod openings;
pub mod session;
pub mod shares;
pub mod undo;
pub mod uploads;
pub mod visit;

use clip::Clip;
use connection::Connection;
use door::AtDoor;
use downloads::Download;
use leptos::prelude::*;
use notices::Notices;
use offline::KeptOffline;
use openings::Openings;
use protocol::conflicts::Conflict;
use protocol::ids::{ConflictId, ItemId, Version};
use protocol::marks::Marks;
use session::SessionState;
use shares::Shares;
use std::collections::BTreeMap;
use sync::edit::{Matter, Resolution};
use sync::ids::Nonce;
use sync::tree::Tree;
use undo::Steps;
use uploads::Uploads;

/// All of the page's state, for one root. Cheap to copy: it holds signals.
#[derive(Clone, Copy)]
pub struct Drive {
    /// What is shared with the person and this is of; `None` is their own drive.
    pub root: Option<ItemId>,
    /// It is not shared with them any more.
    pub withdrawn: RwSignal<bool>,
    /// The same for all roots, as the session and the notices.
    pub shares: Shares,
    /// How much others did that the person has not seen; the same for all roots.
    pub unseen: RwSignal<u64>,
    /// What the person has starred, and the searches that they have saved; the same for all
    /// roots.
    pub marks: RwSignal<Marks>,
    /// What this device keeps offline: of the person's own drive.
    pub offline: RwSignal<KeptOffline>,
    /// What others have open.
    pub openings: Openings,
    pub session: RwSignal<SessionState>,
    pub connection: RwSignal<Connection>,
    pub tree: RwSignal<Tree>,
    /// How many names of a long list have been read so far that this browser keeps; 0 while
    /// none is read.
    pub read: RwSignal<usize>,
    pub door: AtDoor,
    pub uploads: Uploads,
    /// In the order in which they were asked for; each until it ends.
    pub downloads: RwSignal<Vec<Download>>,
    /// The open conflicts of this space.
    pub conflicts: RwSignal<BTreeMap<ConflictId, Conflict>>,
    /// Merges that were not carried out and are kept; each says why. Its
    /// conflict is open again, if nobody else has resolved it.
    pub merges: RwSignal<BTreeMap<ConflictId, Resolution>>,
    /// What met a change of somebody else's, until the person has seen it.
    pub matters: RwSignal<BTreeMap<Nonce, Matter>>,
    /// What of this device's is not on the server.
    pub unsent: RwSignal<UnsentCount>,
    /// Where the thumbnails are that are shown, by file and version.
    pub thumbnails: RwSignal<BTreeMap<(ItemId, Version), String>>,
    /// What the person did here and can take back.
    pub steps: RwSignal<Steps>,
    /// What they have cut or copied; the same for all roots.
    pub clip: RwSignal<Option<Clip>>,
    pub notices: Notices,
}

impl Drive {
    /// Empty state; needs a reactive owner.
    pub fn new() -> Self {
        Self {
            root: None,
            withdrawn: RwSignal::new(false),
            shares: Shares::new(),
            unseen: RwSignal::new(0),
            marks: RwSignal::new(Marks::default()),
            offline: RwSignal::new(KeptOffline::default()),
            openings: Openings::new(),
            session: RwSignal::new(SessionState::Checking),
            connection: RwSignal::new(Connection::Connecting),
            tree: RwSignal::new(Tree::default()),
            read: RwSignal::new(0),
            door: AtDoor::new(),
            uploads: Uploads::new(),
            downloads: RwSignal::new(Vec::new()),
            conflicts: RwSignal::new(BTreeMap::new()),
            merges: RwSignal::new(BTreeMap::new()),
            matters: RwSignal::new(BTreeMap::new()),
            unsent: RwSignal::new(UnsentCount::default()),
            thumbnails: RwSignal::new(BTreeMap::new()),
            steps: RwSignal::new(Steps::default()),
            clip: RwSignal::new(None),
            notices: Notices::new(),
        }
    }

    /// The same for something that is shared with the person.
    #[must_use]
    pub fn of_root(self, root: ItemId) -> Self {
        let mut door = AtDoor::new();
        // Answers are of folders, each of which is in one root.
        door.remembered = self.door.remembered;
        Self {
            root: Some(root),
            shares: self.shares,
            unseen: self.unseen,
            marks: self.marks,
            openings: self.openings.of_root(),
            session: self.session,
            clip: self.clip,
            notices: self.notices,
            door,
            ..Self::new()
        }
    }
}

impl Default for Drive {
    fn default() -> Self {
        Self::new()
    }
}

/// Changes of this device that the server does not have.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct UnsentCount {
    /// They wait, or travel.
    pub going: usize,
    /// They need a person.
    pub stuck: usize,
}
