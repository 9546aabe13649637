//! The client of a tab at work: what it is handed, and what it wishes for.

use super::device::manifest;
use super::oracle::Violation;
use super::ports::{Looked, Ports, Wish};
use super::world::{Event, World};
use blocks::manifest::BlockRef;
use protocol::ids::{ItemId, Version};
use std::rc::Rc;
use sync::edit::DraftId;
use sync::message::{Input, Record};

/// No engine waits longer than this, in milliseconds: a poll's time and the
/// longest backoff are less.
const LONGEST_WAIT_MILLIS: u64 = 120_000;

impl World {
    /// Hands an input to a tab and lets it work. Whether the tab lived through it.
    ///
    /// # Errors
    /// An invariant that does not hold.
    pub fn input(&mut self, tab: usize, input: Input) -> Result<bool, Violation> {
        self.trace.input(tab, &input);
        self.log(|| format!("tab {tab} gets {input:?}"));
        self.common.now.set(self.now);
        self.tabs[tab].client().take(vec![input]);
        self.run(tab)
    }

    /// Lets a tab's program go on until it waits for something. Whether it lived
    /// through it.
    ///
    /// # Errors
    /// An invariant that does not hold.
    pub fn run(&mut self, tab: usize) -> Result<bool, Violation> {
        self.common.now.set(self.now);
        let all = self.same_program(tab);
        let ports: Vec<_> = all
            .iter()
            .map(|one| self.tabs[*one].ports().clone())
            .collect();
        // What one does may be for another to go on with, whichever comes first.
        let (mut quiet, enough) = (0, all.len().min(2));
        while quiet < enough {
            quiet += 1;
            for (one, ports) in all.iter().zip(&ports) {
                self.tabs[*one].work();
                while let Some(wish) = ports.next_wish() {
                    quiet = 0;
                    self.grant(*one, wish)?;
                }
            }
        }
        if ports.iter().any(Ports::is_crashed) {
            self.crash(tab);
            return Ok(false);
        }
        for one in all {
            let wait = self.tabs[one].engine().wait();
            let is_right = wait.is_none_or(|wait| (1..=LONGEST_WAIT_MILLIS).contains(&wait.millis));
            self.oracle
                .check("no engine waits for nothing, or for long", is_right, || {
                    format!("{wait:?}")
                })?;
        }
        Ok(true)
    }

    fn grant(&mut self, tab: usize, wish: Wish) -> Result<(), Violation> {
        self.trace.wish(tab, &wish);
        self.log(|| format!("tab {tab} wants {wish:?}"));
        let life = self.tabs[tab].life;
        match wish {
            Wish::Sleep { millis, done } => {
                let done = Box::new(done);
                self.after(millis, Event::Wake { tab, life, done });
            }
            Wish::Ask {
                caller,
                call,
                answer,
            } => self.ship(caller, *call, answer)?,
            Wish::Leave(caller) => {
                self.waiting.remove(&caller);
                self.jobs.held.remove(&caller);
                self.hub.leave(caller);
            }
            Wish::Written(records) => self.written(tab, records)?,
            Wish::AskLeader => {
                let device = self.tabs[tab].device;
                if let Some(leader) = self.devices[device].leader {
                    let life = self.tabs[leader].life;
                    let pause = 1 + self.rng.below(20);
                    let what = Box::new(Input::PullWanted);
                    let tab = leader;
                    self.after(pause, Event::Told { tab, life, what });
                }
            }
            Wish::Withdrawn => self.after(1, Event::Withdrawn { tab, life }),
            Wish::Changed(draft, content) => {
                let blocks = manifest(draft, &content).blocks;
                self.oracle.changed(draft, blocks);
            }
            Wish::Released(draft) => {
                let is_needed = self.tabs[tab].engine().trees().draft(draft).is_some();
                self.oracle
                    .check("bytes in need are not released", !is_needed, || {
                        format!("{draft:?}")
                    })?;
            }
            Wish::CopyRemoved(draft) => {
                let device = self.tabs[tab].device;
                let open = self.open_tabs(device);
                let is_needed = open.iter().any(|tab| {
                    let engine = self.tabs[*tab].engine();
                    engine.trees().draft(draft).is_some()
                });
                self.oracle
                    .check("bytes in need are not released", !is_needed, || {
                        format!("the copy of {draft:?}")
                    })?;
            }
            Wish::Held {
                item,
                version,
                bytes,
            } => self.held(tab, item, version, &bytes)?,
            Wish::Looked(Looked { invariant, why }) => {
                let holds = why.is_none();
                let why = || why.unwrap_or_default();
                self.oracle.check(invariant, holds, why)?;
            }
        }
        Ok(())
    }

    /// A tab's time is up.
    pub(super) fn wake(
        &mut self,
        tab: usize,
        life: u32,
        done: futures_channel::oneshot::Sender<()>,
    ) -> Result<(), Violation> {
        if self.is_alive(tab, life) && done.send(()).is_ok() {
            self.run(tab)?;
        }
        Ok(())
    }

    /// A file is in its place, in a folder on disk.
    fn held(
        &mut self,
        tab: usize,
        item: ItemId,
        version: Version,
        bytes: &[u8],
    ) -> Result<(), Violation> {
        let known = self.oracle.versions.get(&(item, version));
        let blocks = known.map(|accepted| accepted.blocks.clone());
        let blocks = blocks.unwrap_or_default();
        let is_right = known.is_none() || super::database::is_whole(bytes, &blocks);
        self.oracle
            .check("wrong bytes are never shown", is_right, || {
                format!("{item} {version}")
            })?;
        let disk = &self.device_of(tab).disk;
        disk.content.borrow_mut().insert(item, (version, blocks));
        Ok(())
    }

    fn written(&mut self, tab: usize, records: Vec<Record>) -> Result<(), Violation> {
        for record in &records {
            match record {
                Record::Held { item, version } => self.check_held(tab, *item, *version)?,
                Record::Matter(matter) => {
                    self.oracle.matters.insert(matter.id);
                }
                _ => {}
            }
        }
        self.share(tab, records);
        Ok(())
    }

    /// What a tab has written, the device's other tabs hear of.
    fn share(&mut self, tab: usize, records: Vec<Record>) {
        let device = self.tabs[tab].device;
        let others = self.open_tabs(device);
        if others.len() < 2 {
            return;
        }
        let records = Rc::new(records);
        for other in others.into_iter().filter(|other| *other != tab) {
            let pause = 1 + self.rng.below(30);
            let at = (self.now + pause).max(self.tabs[other].heard_until);
            self.tabs[other].heard_until = at;
            let (life, records) = (self.tabs[other].life, records.clone());
            self.after(
                at - self.now,
                Event::Shared {
                    tab: other,
                    life,
                    records,
                },
            );
        }
    }

    /// What counts as held was verified, or made here.
    fn check_held(&mut self, tab: usize, item: ItemId, version: Version) -> Result<(), Violation> {
        let device = self.tabs[tab].device;
        let disk = self.devices[device].disk.clone();
        let is_verified = {
            let content = disk.content.borrow();
            content.get(&item).is_some_and(|(held, _)| *held >= version)
        };
        let blocks = self.oracle.versions.get(&(item, version));
        let blocks = blocks.map(|accepted| accepted.blocks.clone());
        // Nobody may have heard that it was accepted.
        let blocks = blocks.or_else(|| {
            let owner = &self.devices[0].who;
            let manifest = self.server.manifest(owner, item, Some(version));
            manifest.ok().map(|manifest| manifest.blocks)
        });
        let drafts = self.oracle.drafts.values();
        let mut own = drafts.filter(|made| made.device == device);
        let own: Option<Vec<BlockRef>> =
            blocks.filter(|blocks| own.any(|made| made.contents.contains(blocks)));
        let is_right = is_verified || own.is_some();
        if let (false, Some(blocks)) = (is_verified, own) {
            disk.content.borrow_mut().insert(item, (version, blocks));
        }
        self.oracle
            .check("what is held was verified", is_right, || {
                format!("{item} {version}")
            })
    }

    /// A person picks the file of a draft; `None` if they do not have it.
    pub(super) fn take_in_hand(&mut self, tab: usize, draft: DraftId) -> Option<sync::edit::Draft> {
        let file = self.device_of(tab).file(draft)?;
        Some(self.tabs[tab].client().drafts().hold(draft, &file))
    }

    /// Another tab, the browser or the person tells a tab something.
    pub(super) fn told(&mut self, tab: usize, life: u32, what: Input) -> Result<(), Violation> {
        if !self.is_alive(tab, life) {
            return Ok(());
        }
        let ports = self.tabs[tab].ports().clone();
        if let Input::Role(role) = &what {
            ports.set_role(*role);
        }
        let is_storage_lost = matches!(what, Input::StorageLost);
        if is_storage_lost && !ports.is_unwritten() {
            // Lost twice before this tab heard of it, and written since.
            return Ok(());
        }
        if self.input(tab, what)? && is_storage_lost {
            ports.set_unwritten(false);
        }
        Ok(())
    }
}
