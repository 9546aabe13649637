//! What a driver does: hands inputs to its engine and carries out the effects.

use super::device::{draft_of, manifest};
use super::faults::Fault;
use super::oracle::Violation;
use super::people;
use super::storage::Written;
use super::tab::Caller;
use super::world::{Event, World};
use protocol::ids::{ItemId, Version};
use std::rc::Rc;
use sync::edit::DraftId;
use sync::message::{BytesLost, Effect, Input, Record, Request, Role};

/// No engine waits longer than this, in milliseconds: a poll's time and the
/// longest backoff are less.
const LONGEST_WAIT_MILLIS: u64 = 120_000;

impl World {
    /// Hands an input to an engine and carries out what it wants. Whether the
    /// tab lived through it.
    ///
    /// # Errors
    /// An invariant that does not hold.
    pub fn input(&mut self, tab: usize, input: Input) -> Result<bool, Violation> {
        self.trace.input(tab, &input);
        self.log(|| format!("tab {tab} gets {input:?}"));
        let jitter = self.rng.unit();
        let now = self.devices[self.tabs[tab].device].clock(self.now);
        self.tabs[tab].engine.handle(input, now, jitter);
        let silence = self.tabs[tab].engine.silence();
        self.device_of(tab).silence = silence;
        while let Some(effect) = self.tabs[tab].engine.next_effect() {
            if self
                .faults
                .strikes(Fault::CrashBetweenEffects, &mut self.rng)
            {
                self.crash(tab);
                return Ok(false);
            }
            self.trace.effect(&effect);
            self.log(|| format!("tab {tab} wants {effect:?}"));
            self.carry_out(tab, effect)?;
        }
        if self.tabs[tab].must_load {
            // The step between reading the storage and handing it in.
            if self.faults.strikes(Fault::CrashInDriver, &mut self.rng) {
                self.crash(tab);
                return Ok(false);
            }
            self.tabs[tab].must_load = false;
            let name = self.tabs[tab].name;
            let kept = self.device_of(tab).storage.load(name);
            return self.input(tab, Input::Loaded(kept));
        }
        self.set_alarm(tab)?;
        Ok(true)
    }

    fn set_alarm(&mut self, tab: usize) -> Result<(), Violation> {
        let of = &mut self.tabs[tab];
        let wait = of.engine.wait();
        of.alarm += 1;
        let alarm = of.alarm;
        let Some(wait) = wait else {
            return Ok(());
        };
        let is_right = (1..=LONGEST_WAIT_MILLIS).contains(&wait.millis);
        self.oracle
            .check("no engine waits for nothing, or for long", is_right, || {
                format!("{wait:?}")
            })?;
        self.after(wait.millis, Event::Alarm { tab, alarm });
        Ok(())
    }

    fn carry_out(&mut self, tab: usize, effect: Effect) -> Result<(), Violation> {
        let life = self.tabs[tab].life;
        match effect {
            Effect::Persist(records) => self.persist(tab, records)?,
            Effect::Send { request, body } => {
                let caller = Caller { tab, life, request };
                self.send(caller, body)?;
            }
            Effect::Abandon { request } => {
                self.tabs[tab].abandoned.insert(request);
                self.hub.leave(Caller { tab, life, request });
            }
            Effect::Hash { draft, .. } => {
                let pause = 1 + self.rng.below(200);
                self.after(pause, Event::Hashed { tab, life, draft });
            }
            Effect::KeepBytes { draft } => {
                let pause = 1 + self.rng.below(100);
                self.after(pause, Event::Stored { tab, life, draft });
            }
            Effect::ReleaseBytes { draft } => {
                let is_needed = self.tabs[tab].engine.trees().draft(draft).is_some();
                self.oracle
                    .check("bytes in need are not released", !is_needed, || {
                        format!("{draft:?}")
                    })?;
                self.tabs[tab].here.remove(&draft);
                self.device_of(tab).storage.drafts.remove(&draft);
            }
            Effect::Load => self.tabs[tab].must_load = true,
            Effect::AskLeader => {
                if let Some(leader) = self.device_of(tab).leader {
                    let life = self.tabs[leader].life;
                    let pause = 1 + self.rng.below(20);
                    let what = Box::new(Input::PullWanted);
                    self.after(
                        pause,
                        Event::Told {
                            tab: leader,
                            life,
                            what,
                        },
                    );
                }
            }
            Effect::Tell(_) => {}
        }
        Ok(())
    }

    fn persist(&mut self, tab: usize, records: Vec<Record>) -> Result<(), Violation> {
        for record in &records {
            if let Record::Held { item, version } = record {
                self.check_held(tab, *item, *version)?;
            }
        }
        let of = &self.tabs[tab];
        let (by, name) = ((tab, of.life), of.name);
        let storage = &mut self.devices[of.device].storage;
        let is_alone = storage.cursor_by == Some(by) && !of.is_unwritten;
        let written = storage.write(by, name, &records);
        // Elsewhere only where another tab wrote, or the storage was lost.
        let knows = written == Written::Yes || !is_alone;
        self.oracle
            .check("the engine knows what is stored", knows, String::new)?;
        if written == Written::Yes {
            for record in &records {
                if let Record::Matter(matter) = record {
                    self.oracle.matters.insert(matter.id);
                }
            }
            self.share(tab, records);
            return Ok(());
        }
        self.tabs[tab].must_load = true;
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
        let content = &self.devices[device].content;
        let is_verified = content.get(&item).is_some_and(|(held, _)| *held >= version);
        let blocks = self.oracle.versions.get(&(item, version));
        let blocks = blocks.map(|accepted| accepted.blocks.clone());
        let drafts = self.oracle.drafts.values();
        let mut own = drafts.filter(|made| made.device == device);
        let own = blocks.filter(|blocks| own.any(|made| made.contents.contains(blocks)));
        let is_right = is_verified || own.is_some();
        if let (false, Some(blocks)) = (is_verified, own) {
            self.devices[device].content.insert(item, (version, blocks));
        }
        self.oracle
            .check("what is held was verified", is_right, || {
                format!("{item} {version}")
            })
    }

    /// What is sent is stored first, and only a leader asks the feed.
    pub(super) fn check_sent(&mut self, tab: usize, body: &Request) -> Result<(), Violation> {
        let (name, device) = (self.tabs[tab].name, self.tabs[tab].device);
        let leads = self.tabs[tab].role == Role::Leader;
        let storage = &self.devices[device].storage;
        let is_stored = match body {
            Request::Changes { .. } | Request::Poll { .. } => {
                if matches!(body, Request::Poll { .. }) {
                    self.tabs[tab].rounds += 1;
                    self.tabs[tab].rounds_since_news += 1;
                }
                return self
                    .oracle
                    .check("only one tab asks for news", leads, || format!("{body:?}"));
            }
            // The storage was emptied, and this tab has yet to hear of it.
            _ if self.tabs[tab].is_unwritten || self.tabs[tab].must_load => true,
            Request::CreateFolder { body } => storage.edits.contains_key(&(name, body.id)),
            Request::CreateFile { body, .. } => storage.edits.contains_key(&(name, body.id)),
            Request::Commit { item, .. }
            | Request::ChangePlace { item, .. }
            | Request::Trash { item, .. }
            | Request::Restore { item, .. } => storage.edits.contains_key(&(name, *item)),
            Request::KeepConflict { body, .. } => {
                storage.has_draft(name, draft_of(body.content.modified_at_ms()))
            }
            Request::Resolve { conflict, .. } | Request::Reopen { conflict, .. } => {
                storage.resolutions.contains_key(&(name, *conflict))
            }
            _ => return Ok(()),
        };
        self.oracle
            .check("what is sent is stored first", is_stored, || {
                format!("{body:?}")
            })
    }

    pub(super) fn has_bytes(&self, tab: usize, draft: DraftId) -> bool {
        let of = &self.tabs[tab];
        of.here.contains(&draft) || self.devices[of.device].storage.drafts.contains(&draft)
    }

    pub(super) fn hashed(
        &mut self,
        tab: usize,
        life: u32,
        draft: DraftId,
    ) -> Result<(), Violation> {
        if !self.is_alive(tab, life) {
            return Ok(());
        }
        let has_bytes = self.has_bytes(tab, draft);
        let of = self.device_of(tab);
        let content = of.files.get(&draft).filter(|_| has_bytes);
        let result = content
            .map(|content| manifest(draft, content))
            .ok_or(BytesLost::Gone);
        if result.is_ok() && self.faults.strikes(Fault::FileChanged, &mut self.rng) {
            // Somebody saves over the file while it is being sent.
            let content = people::content(&mut self.rng);
            self.oracle.changed(draft, manifest(draft, &content).blocks);
            self.device_of(tab).files.insert(draft, content);
        }
        self.input(tab, Input::Hashed { draft, result }).map(drop)
    }

    pub(super) fn stored(
        &mut self,
        tab: usize,
        life: u32,
        draft: DraftId,
    ) -> Result<(), Violation> {
        if !self.is_alive(tab, life) || !self.tabs[tab].here.contains(&draft) {
            return Ok(());
        }
        if self.faults.strikes(Fault::DraftsFull, &mut self.rng) {
            return self.input(tab, Input::BytesNotKept { draft }).map(drop);
        }
        self.device_of(tab).storage.drafts.insert(draft);
        // The bytes are there, and the engine does not know it.
        if self.faults.strikes(Fault::CrashInDriver, &mut self.rng) {
            self.crash(tab);
            return Ok(());
        }
        self.input(tab, Input::BytesKept { draft }).map(drop)
    }

    /// Another tab, the browser or the person tells a tab something.
    pub(super) fn told(&mut self, tab: usize, life: u32, what: Input) -> Result<(), Violation> {
        if !self.is_alive(tab, life) {
            return Ok(());
        }
        if let Input::Role(role) = &what {
            self.tabs[tab].role = *role;
        }
        let is_storage_lost = matches!(what, Input::StorageLost);
        if is_storage_lost && !self.tabs[tab].is_unwritten {
            // Lost twice before this tab heard of it, and written since.
            return Ok(());
        }
        if self.input(tab, what)? && is_storage_lost {
            self.tabs[tab].is_unwritten = false;
        }
        Ok(())
    }
}
