//! A tab: one engine, and what its driver has in its hands.

use super::device::Device;
use super::storage::TabName;
use protocol::content::Content;
use protocol::files::NewFile;
use protocol::ids::UnixMillis;
use protocol::items::ItemChange;
use std::collections::BTreeSet;
use sync::edit::DraftId;
use sync::message::{Kept, RequestId, Role};
use sync::rebase::CopyLabel;
use sync::{Config, Engine};

pub struct Tab {
    /// Which device it is of.
    pub device: usize,
    pub engine: Engine,
    pub role: Role,
    pub is_open: bool,
    /// What the storage keeps its edits under.
    pub name: TabName,
    /// Counts openings: what was asked before one is answered to nobody.
    pub life: u32,
    /// Drafts whose bytes the running driver has in its hands.
    pub here: BTreeSet<DraftId>,
    /// Requests whose answers are of no interest any more.
    pub abandoned: BTreeSet<RequestId>,
    /// New files that wait for others to go with them.
    pub gathered: Vec<(Caller, NewFile<Content>)>,
    /// The same of changes of places.
    pub gathered_places: Vec<(Caller, ItemChange)>,
    /// Of the timer that is set.
    pub alarm: u64,
    /// The storage holds what another wrote: to be loaded.
    pub must_load: bool,
    /// The storage was emptied, and this tab has not written its own again.
    pub is_unwritten: bool,
    /// What other tabs share arrives in order: nothing before this time.
    pub heard_until: u64,
    /// Requests since a minute began, against engines that spin.
    pub minute: (u64, u32),
    /// Polls since the faults stopped, and since the journal grew last.
    pub rounds: u64,
    pub rounds_since_news: u64,
}

/// Names a request of a tab, from its effect to its answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Caller {
    pub tab: usize,
    pub life: u32,
    pub request: RequestId,
}

impl Tab {
    /// A tab that is still to be opened.
    pub fn closed(device: usize, of: &Device, now: UnixMillis) -> Self {
        Self {
            device,
            engine: engine(of, Role::Follower, Kept::default(), now),
            role: Role::Follower,
            is_open: false,
            name: TabName(0),
            life: 0,
            here: BTreeSet::new(),
            abandoned: BTreeSet::new(),
            gathered: Vec::new(),
            gathered_places: Vec::new(),
            alarm: 0,
            must_load: false,
            is_unwritten: false,
            heard_until: 0,
            minute: (0, 0),
            rounds: 0,
            rounds_since_news: 0,
        }
    }

    /// Starts from what was stored.
    pub fn open(&mut self, of: &Device, role: Role, now: UnixMillis) {
        self.life += 1;
        self.is_open = true;
        self.role = role;
        self.abandoned.clear();
        self.gathered.clear();
        self.gathered_places.clear();
        self.must_load = false;
        self.is_unwritten = false;
        let kept = of.storage.load(self.name);
        self.engine = engine(of, role, kept, of.clock(now));
    }

    /// Ends without a word, as in a crash.
    pub fn close(&mut self) {
        self.life += 1;
        self.alarm += 1;
        self.is_open = false;
        self.here.clear();
    }
}

fn engine(of: &Device, role: Role, kept: Kept, now: UnixMillis) -> Engine {
    let config = Config {
        role,
        holds_content: of.holds_content,
        copy: CopyLabel {
            device: of.who.name.clone(),
            date: "2026-11-24".to_owned(),
        },
        silence: of.silence,
    };
    Engine::new(config, kept, now)
}
