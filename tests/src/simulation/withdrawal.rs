//! What a page does when what it follows is not shared any more: nothing stays of what
//! the server said of it, and what its person had not sent is kept for them.

use super::oracle::Violation;
use super::world::World;
use client::gate::GateState;
use futures_util::FutureExt;
use std::collections::BTreeSet;
use sync::edit::{Draft, DraftBytes, DraftId};
use sync::message::Input;

type Checked = Result<(), Violation>;

impl World {
    /// A tab has heard of it.
    pub(super) fn withdrawn(&mut self, tab: usize, life: u32) -> Checked {
        let device = self.tabs[tab].device;
        if !self.is_alive(tab, life) || self.devices[device].withdrawn {
            return Ok(());
        }
        self.devices[device].withdrawn = true;
        self.log(|| format!("tab {tab} hears that nothing is shared any more"));
        let client = self.tabs[tab].client();
        let left: BTreeSet<DraftId> = client
            .unsent_contents()
            .into_iter()
            .map(|one| one.draft)
            .collect();
        let own = self.own_drafts(tab);
        let (copies, own): (Vec<Draft>, Vec<Draft>) =
            own.into_iter().partition(|draft| draft.copy_of.is_some());
        // They have no bytes of their own.
        copies
            .iter()
            .for_each(|draft| self.oracle.give_up(draft.id));
        let is_told = own.iter().all(|draft| left.contains(&draft.id));
        self.oracle.check(
            "what was not sent is told when a share ends",
            is_told,
            || format!("{own:?}"),
        )?;
        let disk = self.devices[device].disk.clone();
        self.forget_matters(tab);
        disk.storage.borrow_mut().forget_root();
        disk.content.borrow_mut().clear();
        if left.is_empty() {
            return self.let_go(tab);
        }
        // As if there were no network: nothing is asked in vain, and bytes that would end
        // with the page are copied.
        self.tabs[tab].set_gate(GateState::Unreachable);
        self.input(tab, Input::Online).map(drop)
    }

    /// What met changes of others is nothing to a person who can't see these any more.
    fn forget_matters(&mut self, tab: usize) {
        let mut matters = BTreeSet::new();
        if self.tabs[tab].is_open() {
            matters.extend(self.tabs[tab].engine().trees().matters.keys().copied());
        }
        let disk = self.device_of(tab).disk.clone();
        let stored = disk.storage.borrow();
        matters.extend(stored.matters.keys().map(|(_, id)| *id));
        drop(stored);
        self.oracle.forget_matters(matters);
    }

    /// What the person at a tab has made and the server does not have.
    fn own_drafts(&self, tab: usize) -> Vec<Draft> {
        let engine = self.tabs[tab].engine();
        let trees = engine.trees();
        let edits = trees.edits().flat_map(|edit| edit.drafts());
        let merges = trees.resolutions().values();
        let merges = merges.filter_map(|one| one.draft());
        edits.chain(merges).cloned().collect()
    }

    /// The person saves elsewhere what was not sent, and is done with it.
    pub(super) fn take_left(&mut self, tab: usize) -> Checked {
        let client = self.tabs[tab].client();
        let disk = self.device_of(tab).disk.clone();
        for draft in self.own_drafts(tab) {
            let file = client.drafts().file(draft.id).now_or_never().flatten();
            let bytes = file.and_then(|file| file.content());
            let made = self.oracle.drafts.get(&draft.id);
            let is_right = match bytes {
                Some(bytes) => made.is_none_or(|made| {
                    let whole = bytes.concat();
                    let mut contents = made.contents.iter();
                    contents.any(|blocks| super::database::is_whole(&whole, blocks))
                }),
                // Nobody has them but the person, who saved over the file since.
                None => {
                    let is_lost = disk.was_wiped.get() || draft.copy_of.is_some();
                    draft.bytes != DraftBytes::Kept || is_lost
                }
            };
            self.oracle
                .check("what was not sent can be saved", is_right, || {
                    format!("{draft:?}")
                })?;
            self.oracle.give_up(draft.id);
        }
        self.let_go(tab)
    }

    /// Nothing stays.
    fn let_go(&mut self, tab: usize) -> Checked {
        let device = self.tabs[tab].device;
        let client = self.tabs[tab].client();
        self.forget_matters(tab);
        client.forget_unsent();
        // The tab may end in it.
        self.run(tab)?;
        if self.tabs[tab].is_open() {
            client.end();
            self.close(tab);
        }
        self.forget_matters(tab);
        let of = &mut self.devices[device];
        of.disk.storage.borrow_mut().wipe();
        of.root = None;
        of.role = None;
        of.withdrawn = false;
        Ok(())
    }
}
