//! Tabs open and close. One of a device's leads; what a tab leaves behind, the
//! leader inherits.

use super::faults::Fault;
use super::oracle::Violation;
use super::storage::TabName;
use super::world::{Event, World};
use sync::message::{Input, TabRole};

/// How long to wait for an edit that was made here as well, in milliseconds.
const AGAIN_MILLIS: u64 = 10_000;

impl World {
    /// Opens a tab, unless it is.
    pub(super) fn open(&mut self, tab: usize) -> Result<(), Violation> {
        let device = self.tabs[tab].device;
        let of = &self.devices[device];
        let has_root = of.is_owners() || of.root.is_some();
        if self.tabs[tab].is_open() || !has_root {
            return Ok(());
        }
        self.devices[device].withdrawn = false;
        let role = if self.devices[device].leader.is_none() {
            self.devices[device].leader = Some(tab);
            TabRole::Leader
        } else {
            TabRole::Follower
        };
        // A folder's program has one name for ever; a page has a new one.
        if !self.devices[device].holds_content || self.tabs[tab].name == TabName(0) {
            self.tabs[tab].name = self.devices[device].disk.storage.borrow_mut().new_name();
        }
        let disk = self.devices[device].disk.clone();
        {
            // A fetch may have ended here without the engine's knowing: then the
            // folder is ahead of what is stored.
            let storage = disk.storage.borrow();
            let mut content = disk.content.borrow_mut();
            content.retain(|item, _| storage.held.contains_key(item));
        }
        let is_alone = self.open_tabs(device).is_empty();
        if is_alone && self.faults.strikes(Fault::CacheDamaged, &mut self.rng) {
            self.damage_cache(device);
        }
        let program = (self.common.clone(), self.page(device));
        self.common.now.set(self.now);
        self.tabs[tab].open(tab, &self.devices[device], role, program, self.now);
        if is_alone {
            let by = (tab, self.tabs[tab].life);
            disk.storage.borrow_mut().cursor_by = Some(by);
        }
        if self.input(tab, Input::Elapsed)? && role == TabRole::Leader {
            self.inherit(tab)?;
        }
        Ok(())
    }

    fn damage_cache(&mut self, device: usize) {
        let mut cache = self.devices[device].disk.cache.borrow_mut();
        if !cache.is_empty() {
            let at = self.rng.below(cache.len() as u64) as usize;
            let byte = cache
                .values_mut()
                .nth(at)
                .and_then(|bytes| bytes.first_mut());
            byte.into_iter().for_each(|byte| *byte = !*byte);
        }
    }

    /// Ends a tab without a word.
    pub(super) fn close(&mut self, tab: usize) {
        if !self.tabs[tab].is_open() {
            return;
        }
        if self.tabs[tab].ports().is_unwritten() {
            // The storage is empty and so is the memory now: nobody has them.
            let (lost, matters) = {
                let engine = self.tabs[tab].engine();
                let trees = engine.trees();
                let edits = trees.edits().flat_map(|edit| edit.drafts());
                let merges = trees.resolutions().values();
                let merges = merges.filter_map(|resolution| resolution.draft());
                let lost: Vec<_> = edits.chain(merges).map(|draft| draft.id).collect();
                let matters: Vec<_> = trees.matters.keys().copied().collect();
                (lost, matters)
            };
            self.oracle.beyond_help(&lost);
            self.oracle.forget_matters(matters);
        }
        let mates = self.same_program(tab).into_iter().skip(1);
        for tab in mates.collect::<Vec<_>>() {
            let life = self.tabs[tab].life;
            self.after(1, Event::Left { tab, life });
        }
        self.waiting.retain(|caller, _| caller.tab != tab);
        self.jobs.held.retain(|caller, _| caller.tab != tab);
        self.hub.leave_tab(tab);
        self.tabs[tab].close();
        let device = self.tabs[tab].device;
        if self.devices[device].leader == Some(tab) {
            self.devices[device].leader = None;
        }
        let pause = 1 + self.rng.below(50);
        self.after(pause, Event::Succeed { device });
    }

    /// A tab dies, with all that its program works on, and is opened again after a while.
    pub(super) fn crash(&mut self, tab: usize) {
        let all = self.same_program(tab);
        let pause = 1 + self.rng.below(3_000);
        for tab in all {
            self.close(tab);
            self.after(pause, Event::Open { tab });
        }
    }

    /// Somebody leads, and inherits.
    pub(super) fn succeed(&mut self, device: usize) -> Result<(), Violation> {
        let open = self.open_tabs(device);
        let leader = match self.devices[device].leader {
            Some(leader) => leader,
            None => {
                let Some(&next) = self.rng.pick(&open) else {
                    return Ok(());
                };
                self.devices[device].leader = Some(next);
                self.tabs[next].ports().set_role(TabRole::Leader);
                if !self.input(next, Input::Role(TabRole::Leader))? {
                    return Ok(());
                }
                next
            }
        };
        self.inherit(leader)
    }

    fn inherit(&mut self, tab: usize) -> Result<(), Violation> {
        let device = self.tabs[tab].device;
        let open: Vec<TabName> = self
            .open_tabs(device)
            .into_iter()
            .map(|tab| self.tabs[tab].name)
            .collect();
        let own = {
            let engine = self.tabs[tab].engine();
            engine.trees().edits().map(|edit| edit.item).collect()
        };
        let heir = self.tabs[tab].name;
        let disk = self.devices[device].disk.clone();
        let gone = disk.storage.borrow().names_but(&open);
        if gone.is_empty() {
            return Ok(());
        }
        let of = disk.storage.borrow_mut().inherit(&gone, heir, &own);
        if !of.is_whole {
            self.after(AGAIN_MILLIS, Event::Succeed { device });
        }
        // It is stored as this tab's own, and the engine does not know it.
        if self.faults.strikes(Fault::CrashInDriver, &mut self.rng) {
            self.crash(tab);
            return Ok(());
        }
        let inherited = Input::Inherited {
            edits: of.edits,
            resolutions: of.resolutions,
            matters: of.matters,
        };
        self.input(tab, inherited).map(drop)
    }

    /// The lead goes to another tab although this one lives.
    pub(super) fn swap_leader(&mut self, device: usize) -> Result<(), Violation> {
        let open = self.open_tabs(device);
        let Some(old) = self.devices[device].leader.filter(|_| open.len() > 1) else {
            return Ok(());
        };
        self.devices[device].leader = None;
        self.tabs[old].ports().set_role(TabRole::Follower);
        if !self.input(old, Input::Role(TabRole::Follower))? {
            return Ok(());
        }
        self.succeed(device)
    }

    /// The storage loses everything; each tab hears of it in its own time.
    pub(super) fn wipe(&mut self, device: usize) {
        let open = self.open_tabs(device);
        let names: Vec<TabName> = open.iter().map(|tab| self.tabs[*tab].name).collect();
        let disk = self.devices[device].disk.clone();
        let (lost, matters) = {
            let storage = disk.storage.borrow();
            // What tabs that are gone had left was nowhere else.
            let lost = storage.drafts_of(|name| !names.contains(&name));
            let matters = storage.matters.keys();
            let matters = matters.filter(|(name, _)| !names.contains(name));
            let matters: Vec<_> = matters.map(|(_, id)| *id).collect();
            (lost, matters)
        };
        self.oracle.beyond_help(&lost);
        self.oracle.forget_matters(matters);
        disk.wipe();
        for tab in open {
            self.tabs[tab].ports().set_unwritten(true);
            let pause = self.rng.below(1_000);
            let life = self.tabs[tab].life;
            let what = Box::new(Input::StorageLost);
            self.after(pause, Event::Told { tab, life, what });
        }
    }

    /// A person opens or closes the second tab of a browser.
    pub(super) fn toggle_second(&mut self, device: usize) -> Result<(), Violation> {
        let mut tabs = (0..self.tabs.len()).filter(|tab| self.tabs[*tab].device == device);
        let Some(second) = tabs.nth(1) else {
            return Ok(());
        };
        if !self.tabs[second].is_open() {
            return self.open(second);
        }
        self.faults.count(Fault::TabClosed);
        self.close(second);
        Ok(())
    }
}
