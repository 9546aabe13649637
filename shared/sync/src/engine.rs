//! The state machine.

mod answers;
mod news;
mod observe;
mod work;

use super::clock::Clock;
use super::edit::{
    ConflictDecision, Draft, DraftBytes, DraftId, Edit, Matter, Resolution, Trouble,
};
use super::feed::Feed;
use super::ids::Nonce;
use super::message::{
    CopyLabel, Effect, Input, Notice, Record, Request, RequestId, StoredState, TabRole,
};
use super::silence::Silence;
use super::task::{SentRequest, Task};
use super::trees::{TaskSubject, Trees};
use protocol::ids::{ConflictId, ItemId, UnixMillis};
use protocol::items::Item;
use std::collections::{BTreeMap, BTreeSet, VecDeque};

/// What an engine is told once.
#[derive(Clone, Debug)]
pub struct Config {
    /// Whether it pulls and polls.
    pub role: TabRole,
    /// Whether this device keeps the bytes of every file, as a folder on disk
    /// does, or only knows of them, as a page does.
    pub holds_content: bool,
    /// What the names of copies say.
    pub copy: CopyLabel,
    /// What earlier engines have learned of the way to the server.
    pub silence: Silence,
}

/// A device's sync engine.
///
/// The contract: [`Self::handle`] takes one input and is the only thing that
/// changes the engine. After it, take effects with [`Self::next_effect`] until
/// there are none, and carry them out in that order; a `Persist` must have been
/// written before what follows it is done. Then, if [`Self::wait`] says so, hand
/// in [`Input::Elapsed`] after that time. Everything else only reads. The engine
/// keeps working whatever the clock does, and never asks for a wait of zero.
///
/// An engine may be dropped between any two effects. One made from what was
/// persisted goes on with the same edits under the same operation ids.
#[derive(Debug)]
pub struct Engine {
    config: Config,
    clock: Clock,
    /// The random number of the input that is being handled, in `0.0..1.0`.
    jitter: f64,
    trees: Trees,
    feed: Feed,
    tasks: BTreeMap<TaskSubject, Task>,
    requests: BTreeMap<RequestId, Purpose>,
    last_request: u64,
    last_order: u64,
    /// Failures to reach the server, in a row.
    unreachable: u32,
    /// When to try to reach the server again, in milliseconds of the engine's clock.
    quiet_until: u64,
    signed_out: bool,
    /// Whether contents wait because somebody wants it.
    paused: bool,
    /// What the step under way writes…
    records: Vec<Record>,
    /// …and what it does after that.
    later: Vec<Effect>,
    effects: VecDeque<Effect>,
    touched: BTreeSet<ItemId>,
    /// Drafts whose bytes the driver was asked to keep, and has not kept yet or could
    /// not keep.
    keeping: BTreeSet<DraftId>,
}

/// An engine to be, while its storage is read piece by piece. It takes no input and has no
/// effects: nothing is decided by a tree of which a part is missing.
#[derive(Debug)]
pub struct Restoring(Engine);

impl Restoring {
    /// Begins with what is read first: all but items, or but some of them.
    pub fn begin(config: Config, kept: StoredState, now: UnixMillis) -> Self {
        Self(Engine::begun(config, kept, now))
    }

    /// Takes one more item.
    pub fn put(&mut self, item: Item) {
        self.0.trees.replace_remote(item);
    }

    /// What is known so far.
    pub fn trees(&self) -> &Trees {
        &self.0.trees
    }

    /// Whether the items are the whole tree, once all of them are here.
    pub fn is_complete(&self) -> bool {
        self.0.is_complete()
    }

    /// The engine, once all items are here.
    pub fn finish(self) -> Engine {
        let Self(mut engine) = self;
        engine.settle();
        engine
    }
}

/// What a request is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Purpose {
    Feed,
    Task(TaskSubject, SentRequest),
}

/// Why an engine wants to be woken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reason {
    /// The next round of pull and poll.
    Feed,
    /// An edit that failed is tried again.
    Retry,
    /// The feed has not explained a refusal, or not told of a choice, in time.
    Refusal,
}

/// How long to wait, and for what.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Wait {
    /// In milliseconds, at least 1.
    pub millis: u64,
    /// What happens then.
    pub reason: Reason,
}

impl Engine {
    /// An engine that goes on from what its storage holds.
    pub fn new(config: Config, kept: StoredState, now: UnixMillis) -> Self {
        Restoring::begin(config, kept, now).finish()
    }

    fn begun(config: Config, kept: StoredState, now: UnixMillis) -> Self {
        let mut engine = Self {
            clock: Clock::new(now),
            jitter: 0.0,
            trees: Trees::default(),
            feed: Feed::new(
                config.role,
                kept.cursor.clone(),
                kept.complete,
                config.silence,
            ),
            tasks: BTreeMap::new(),
            requests: BTreeMap::new(),
            last_request: 0,
            last_order: 0,
            unreachable: 0,
            quiet_until: 0,
            signed_out: false,
            paused: false,
            records: Vec::new(),
            later: Vec::new(),
            effects: VecDeque::new(),
            touched: BTreeSet::new(),
            keeping: BTreeSet::new(),
            config,
        };
        engine.restore(kept);
        engine
    }

    fn restore(&mut self, kept: StoredState) {
        for item in kept.items {
            self.trees.replace_remote(item);
        }
        for (item, version) in kept.held {
            self.trees.set_held(item, version);
        }
        for conflict in kept.conflicts {
            self.trees.conflicts.insert(conflict.id, conflict);
        }
        self.inherit(kept.edits, kept.resolutions);
        self.inherit_matters(kept.matters);
    }

    fn inherit(&mut self, edits: Vec<Edit>, resolutions: Vec<Resolution>) {
        for edit in edits {
            // An edit of the same item would be lost: the driver hands in the inherited
            // one again when that is done.
            if self.trees.edit(edit.item).is_none() {
                self.adopt(edit);
            }
        }
        for resolution in resolutions {
            if !self.trees.resolutions().contains_key(&resolution.conflict) {
                self.adopt_resolution(resolution);
            }
        }
        self.last_order = self.last_order.max(self.trees.last_order());
    }

    fn adopt_resolution(&mut self, mut resolution: Resolution) {
        if let ConflictDecision::Merge { draft, .. } = &mut resolution.wanted
            && draft.bytes == DraftBytes::Here
        {
            draft.bytes = DraftBytes::Gone;
            if draft.manifest.is_none() {
                resolution.trouble = Some(Trouble::BytesGone);
            }
        }
        self.put_resolution(resolution);
    }

    fn inherit_matters(&mut self, matters: Vec<Matter>) {
        for matter in matters {
            self.put_matter(matter);
        }
    }

    /// Takes over an edit of an engine that is gone.
    fn adopt(&mut self, mut edit: Edit) {
        let is_here = |draft: &&mut Draft| draft.bytes == DraftBytes::Here;
        // With its blocks known, the server may turn out to have them all.
        let is_stuck = |draft: &Draft| draft.bytes == DraftBytes::Here && draft.manifest.is_none();
        let is_first_stuck = edit.draft().is_some_and(is_stuck);
        for draft in edit.drafts_mut().filter(is_here) {
            draft.bytes = DraftBytes::Gone;
        }
        if is_first_stuck {
            edit.trouble = Some(Trouble::BytesGone);
        }
        self.put_edit(edit);
    }

    /// Takes in what happened at `now`. `jitter` is a random number in
    /// `0.0..1.0`.
    pub fn handle(&mut self, input: Input, now: UnixMillis, jitter: f64) {
        self.clock.see(now);
        self.jitter = jitter;
        match input {
            Input::Observed(observation) => self.observe(observation),
            Input::Answered { request, result } => self.answered(request, result),
            Input::Hashed { draft, result } => self.hashed(draft, result),
            Input::BytesKept { draft } => self.bytes_kept(draft),
            Input::BytesNotKept { draft } => self.bytes_not_kept(draft),
            Input::BytesBack { draft } => self.bytes_back(draft),
            Input::Elapsed => {}
            Input::Online => self.online(),
            Input::PullWanted => {
                self.want_pull();
            }
            Input::Paused(paused) => self.pause(paused),
            Input::Role(role) => self.take_role(role),
            Input::Shared(records) => self.shared(records),
            Input::Loaded(kept) => self.loaded(kept),
            Input::Inherited {
                edits,
                resolutions,
                matters,
            } => {
                self.inherit(edits, resolutions);
                self.inherit_matters(matters);
            }
            Input::StorageLost => self.write_all(),
            Input::SignedIn => self.signed_out = false,
            Input::Labelled(copy) => self.config.copy = copy,
        }
        self.go_on();
        self.settle();
    }

    /// The next thing to do, in order.
    pub fn next_effect(&mut self) -> Option<Effect> {
        self.effects.pop_front()
    }

    /// When to hand in [`Input::Elapsed`], counted from the last input.
    pub fn wait(&self) -> Option<Wait> {
        if self.signed_out {
            return None;
        }
        let feed = self.feed.due().map(|due| (due, Reason::Feed));
        let tasks = self.tasks.values().filter_map(|task| self.task_due(task));
        let is_quiet = self.quiet_until > self.clock.elapsed() && self.has_work();
        let quiet = is_quiet.then_some((self.quiet_until, Reason::Retry));
        let due = tasks.chain(feed).chain(quiet).min_by_key(|(due, _)| *due);
        let (due, reason) = due?;
        Some(Wait {
            millis: due.saturating_sub(self.clock.elapsed()).max(1),
            reason,
        })
    }

    fn has_work(&self) -> bool {
        self.trees.has_edits() || !self.trees.resolutions().is_empty()
    }

    fn task_due(&self, task: &Task) -> Option<(u64, Reason)> {
        if task.is_busy() {
            return None;
        }
        if let Some(refused) = &task.refused {
            return Some((refused.deadline, Reason::Refusal));
        }
        if let Some(done) = &task.done {
            return Some((done.deadline, Reason::Refusal));
        }
        let due = task.not_before.max(self.quiet_until);
        (due > self.clock.elapsed()).then_some((due, Reason::Retry))
    }

    /// All that is known of the drive.
    pub fn trees(&self) -> &Trees {
        &self.trees
    }

    /// The feed's position that belongs to the remote tree.
    pub fn cursor(&self) -> Option<&str> {
        self.feed.cursor.as_deref()
    }

    /// Whether the engine knows the whole tree.
    pub fn is_complete(&self) -> bool {
        self.feed.complete
    }

    /// Whether the last request that ended reached the server.
    pub fn is_connected(&self) -> bool {
        self.unreachable == 0 && !self.signed_out
    }

    /// Whether a poll is under way.
    pub fn is_polling(&self) -> bool {
        self.feed.is_polling()
    }

    /// Whether this request is the poll that is held.
    pub fn is_poll(&self, request: RequestId) -> bool {
        self.feed.is_polling() && self.feed.request() == Some(request)
    }

    /// Whether a poll broke after it was held for a while, and a pull is finding out
    /// whether the server is there. Until then, that is no outage.
    pub fn is_unsure(&self) -> bool {
        self.feed.is_unsure()
    }

    /// What this engine has learned of the way to the server, to be kept for the next
    /// engine.
    pub fn silence(&self) -> Silence {
        self.feed.silence()
    }

    /// Whether the session is over and nothing is sent.
    pub fn is_signed_out(&self) -> bool {
        self.signed_out
    }

    /// The item that a request under way is about; `None` for a request of the feed,
    /// and for a choice.
    pub fn item_of(&self, request: RequestId) -> Option<ItemId> {
        match self.requests.get(&request)? {
            Purpose::Task(TaskSubject::Item(item), _) => Some(*item),
            _ => None,
        }
    }

    /// The request that is under way for an item's edit; `None` if there is none now.
    pub fn sent(&self, item: ItemId) -> Option<SentRequest> {
        let task = self.tasks.get(&TaskSubject::Item(item))?;
        task.in_flight.map(|(_, sent)| sent)
    }

    /// Whether the item's draft is being hashed.
    pub fn hashes(&self, item: ItemId) -> bool {
        let task = self.tasks.get(&TaskSubject::Item(item));
        task.is_some_and(|task| task.hashing.is_some())
    }

    /// Items that look different since the last call.
    pub fn take_touched(&mut self) -> BTreeSet<ItemId> {
        std::mem::take(&mut self.touched)
    }

    fn touch(&mut self, item: ItemId) {
        self.touched.insert(item);
    }

    fn tell(&mut self, notice: Notice) {
        self.later.push(Effect::Tell(notice));
    }

    /// Stores an edit, or removes it where nothing of it is left.
    fn put_edit(&mut self, edit: Edit) {
        let id = edit.item;
        self.touch(id);
        for old in self.drafts_of(id) {
            if edit.drafts().all(|draft| draft.id != old) {
                self.release(old);
            }
        }
        if edit.is_done() {
            self.records.push(Record::EditDone(id));
            self.trees.remove_edit(id);
            // A next edit has no use for what is left of the task.
            self.drop_task(TaskSubject::Item(id));
        } else {
            self.records.push(Record::Edit(edit.clone()));
            self.trees.set_edit(edit);
        }
    }

    /// Removes an edit, whatever is left of it.
    fn end_edit(&mut self, id: ItemId) {
        for old in self.drafts_of(id) {
            self.release(old);
        }
        self.touch(id);
        self.records.push(Record::EditDone(id));
        self.trees.remove_edit(id);
        self.drop_task(TaskSubject::Item(id));
    }

    fn drafts_of(&self, id: ItemId) -> Vec<DraftId> {
        let edit = self.trees.edit(id).into_iter();
        edit.flat_map(Edit::drafts).map(|draft| draft.id).collect()
    }

    fn release(&mut self, draft: DraftId) {
        self.keeping.remove(&draft);
        self.later.push(Effect::ReleaseBytes { draft });
    }

    /// Stores what a person decided about a conflict. It replaces what they decided
    /// before.
    fn put_resolution(&mut self, resolution: Resolution) {
        let id = resolution.conflict;
        if let Some(old) = self.trees.remove_resolution(id) {
            if let Some(draft) = old.draft()
                && resolution.draft().map(|draft| draft.id) != Some(draft.id)
            {
                self.release(draft.id);
            }
            if old.nonce != resolution.nonce {
                self.let_go_of_content(TaskSubject::Conflict(id));
            }
        }
        self.records.push(Record::Resolution(resolution.clone()));
        self.trees.set_resolution(resolution);
    }

    fn end_resolution(&mut self, id: ConflictId) {
        if let Some(resolution) = self.trees.remove_resolution(id) {
            if let Some(draft) = resolution.draft() {
                self.release(draft.id);
            }
            self.records.push(Record::ResolutionDone(id));
        }
        self.drop_task(TaskSubject::Conflict(id));
    }

    fn put_matter(&mut self, matter: Matter) {
        self.records.push(Record::Matter(matter.clone()));
        self.trees.matters.insert(matter.id, matter);
    }

    fn end_matter(&mut self, id: Nonce) {
        if self.trees.matters.remove(&id).is_some() {
            self.records.push(Record::MatterDone(id));
        }
    }

    /// Forgets a task, and abandons its request.
    fn drop_task(&mut self, subject: TaskSubject) {
        let task = self.tasks.remove(&subject);
        if let Some((request, _)) = task.and_then(|task| task.in_flight) {
            self.abandon(request);
        }
    }

    fn abandon(&mut self, request: RequestId) {
        if self.requests.remove(&request).is_some() {
            self.later.push(Effect::Abandon { request });
        }
    }

    fn send(&mut self, purpose: Purpose, body: Request) -> RequestId {
        let request = RequestId(self.last_request);
        self.requests.insert(request, purpose);
        self.later.push(Effect::Send { request, body });
        request
    }

    fn next_request(&mut self) -> RequestId {
        self.last_request += 1;
        RequestId(self.last_request)
    }

    /// Hands out what the step writes, and then what it does.
    fn settle(&mut self) {
        let records = std::mem::take(&mut self.records);
        if !records.is_empty() {
            self.effects.push_back(Effect::Persist(records));
        }
        self.effects.extend(self.later.drain(..));
    }
}
