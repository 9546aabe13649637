//! Begins whatever is due.

use super::{Engine, Purpose, TaskSubject};
use crate::backoff;
use crate::edit::{Aspect, Draft, DraftBytes, DraftId, Edit, Matter, Met, Resolution};
use crate::message::{BytesLost, Effect, Notice, Record, TabRole};
use crate::place::Place;
use crate::plan::{self, Step};
use crate::rebase::{self, Rebased};
use crate::task::{Refusal, Task};
use crate::trees::TreeEntry;
use protocol::problem::Problem;

/// Edits that are carried out at one time: enough small ones to fill the next pack while
/// the files of the last pack are made…
const MAX_TASKS: usize = 256;
/// …but no more once they hold this many bytes, so that large ones end one
/// after another instead of all at the end.
const MAX_TASK_BYTES: u64 = 64 << 20;
/// Fetches under way at one time.
const MAX_FETCHES: usize = 4;

impl Engine {
    /// Begins whatever can begin now.
    pub(super) fn go_on(&mut self) {
        if self.signed_out {
            return;
        }
        self.explain_refusals();
        self.end_choices();
        self.go_on_with_feed();
        self.keep_bytes();
        if self.quiet_until <= self.clock.elapsed() {
            self.go_on_with_edits();
            self.go_on_with_fetches();
        }
    }

    fn go_on_with_feed(&mut self) {
        let id = self.next_request();
        if let Some(body) = self.feed.next(self.clock.elapsed(), id) {
            self.send(Purpose::Feed, body);
        }
    }

    fn go_on_with_edits(&mut self) {
        let (mut tasks, mut bytes) = (0, 0);
        for (subject, task) in &self.tasks {
            if task.is_busy() {
                tasks += 1;
                bytes += self.draft_bytes(*subject);
            }
        }
        let resolutions: Vec<TaskSubject> = self
            .trees
            .resolutions()
            .keys()
            .copied()
            .map(TaskSubject::Conflict)
            .collect();
        for subject in resolutions {
            self.go_on_with(subject);
        }
        // A step may change the queue: it is walked over by its order.
        let mut last = None;
        while !self.paused && tasks < MAX_TASKS && bytes < MAX_TASK_BYTES {
            last = self.trees.next_in_queue(last, false);
            let Some((_, id)) = last else {
                return;
            };
            let subject = TaskSubject::Item(id);
            if self.go_on_with(subject) {
                tasks += 1;
                bytes += self.draft_bytes(subject);
            }
        }
        // A rename does not wait for a film.
        let mut last = None;
        while tasks < MAX_TASKS {
            last = self.trees.next_in_queue(last, true);
            let Some((_, id)) = last else {
                return;
            };
            tasks += usize::from(self.go_on_with(TaskSubject::Item(id)));
        }
    }

    fn go_on_with_fetches(&mut self) {
        if !self.config.holds_content {
            return;
        }
        let under_way = |task: &Task| {
            let sent = task.in_flight.map(|(_, sent)| sent);
            matches!(sent, Some(crate::task::SentRequest::Fetch { .. }))
        };
        let mut fetches = self.tasks.values().filter(|task| under_way(task)).count();
        let behind: Vec<TaskSubject> = self.trees.behind().map(TaskSubject::Item).collect();
        for subject in behind {
            if fetches >= MAX_FETCHES {
                return;
            }
            fetches += usize::from(self.go_on_with(subject));
        }
    }

    /// Begins the next step of one subject, if it can. Returns whether it did.
    fn go_on_with(&mut self, subject: TaskSubject) -> bool {
        let now = self.clock.elapsed();
        let idle = Task::default();
        let task = self.tasks.get(&subject).unwrap_or(&idle);
        if task.is_busy() || task.refused.is_some() || task.not_before > now {
            return false;
        }
        let step = match subject {
            TaskSubject::Item(id) => match self.trees.entry(id) {
                Some(entry) if self.is_wanted(entry) => plan::next(&self.trees, entry, task),
                _ => Step::Wait,
            },
            TaskSubject::Conflict(id) => match self.trees.resolutions().get(&id) {
                Some(resolution) => plan::resolve(&self.trees, resolution, task),
                None => Step::Wait,
            },
        };
        match step {
            Step::Wait => return false,
            Step::PickAgain => {
                self.bytes_lost(subject, BytesLost::Gone);
                return false;
            }
            Step::Hash { draft, class } => {
                self.tasks.entry(subject).or_default().hashing = Some(draft);
                self.later.push(Effect::Hash { draft, class });
            }
            Step::Send { body, sent } => {
                self.next_request();
                let request = self.send(Purpose::Task(subject, sent), body);
                self.tasks.entry(subject).or_default().in_flight = Some((request, sent));
            }
        }
        if let TaskSubject::Item(id) = subject {
            self.touch(id);
        }
        true
    }

    /// Whether there is something to do for an entry. A page has no use for bytes, so
    /// without an edit there is nothing.
    fn is_wanted(&self, entry: &TreeEntry) -> bool {
        entry.edit.is_some()
            || (self.config.holds_content && entry.held != Some(entry.remote_version()))
    }

    fn draft_bytes(&self, subject: TaskSubject) -> u64 {
        let draft = match subject {
            TaskSubject::Item(id) => self.trees.edit(id).and_then(Edit::draft),
            TaskSubject::Conflict(id) => {
                let resolution = self.trees.resolutions().get(&id);
                resolution.and_then(Resolution::draft)
            }
        };
        draft.map_or(0, |draft| draft.size)
    }

    /// Asks the driver to keep bytes. Without a connection, drafts must survive this
    /// engine. A merge must survive it in any case, because it is nowhere else.
    fn keep_bytes(&mut self) {
        let resolutions = self.trees.resolutions().values();
        let merges = resolutions.filter_map(Resolution::draft);
        let is_new =
            |draft: &&Draft| draft.bytes == DraftBytes::Here && !self.keeping.contains(&draft.id);
        let news: Vec<DraftId> = merges.filter(is_new).map(|draft| draft.id).collect();
        for draft in news {
            self.keeping.insert(draft);
            self.later.push(Effect::KeepBytes { draft });
        }
        let unkept = self.trees.unkept_drafts();
        // As a rule, the driver was asked for all of them already.
        if self.is_connected() || self.keeping.len() >= unkept.len() {
            return;
        }
        let news: Vec<DraftId> = unkept.difference(&self.keeping).copied().collect();
        for draft in news {
            self.keeping.insert(draft);
            self.later.push(Effect::KeepBytes { draft });
        }
    }

    /// Handles refusals for which the pull that explains them has ended, or has taken too
    /// long.
    fn explain_refusals(&mut self) {
        let now = self.clock.elapsed();
        let done = self.feed.pulls_done();
        let is_due = |refused: &Refusal| done >= refused.pull || now >= refused.deadline;
        let due: Vec<TaskSubject> = self
            .tasks
            .iter()
            .filter(|(_, task)| task.refused.as_ref().is_some_and(is_due))
            .map(|(subject, _)| *subject)
            .collect();
        for subject in due {
            let Some(refused) = self
                .tasks
                .get_mut(&subject)
                .and_then(|task| task.refused.take())
            else {
                continue;
            };
            self.explain(subject, &refused);
        }
    }

    /// Ends choices that were carried out and of which the feed has told.
    fn end_choices(&mut self) {
        let now = self.clock.elapsed();
        let done = self.feed.pulls_done();
        let over = self
            .tasks
            .iter()
            .filter_map(|(subject, task)| match subject {
                TaskSubject::Conflict(id) => {
                    let end = task.done.as_ref()?;
                    (done >= end.pull || now >= end.deadline).then_some(*id)
                }
                TaskSubject::Item(_) => None,
            });
        for id in over.collect::<Vec<_>>() {
            self.end_resolution(id);
        }
    }

    fn explain(&mut self, subject: TaskSubject, refused: &Refusal) {
        let TaskSubject::Item(id) = subject else {
            return;
        };
        let Some(edit) = self.trees.edit(id).cloned() else {
            return;
        };
        let Some(task) = self.tasks.get_mut(&subject) else {
            return;
        };
        task.failures += 1;
        task.explained += u32::from(self.feed.pulls_done() >= refused.pull);
        let (sent, problem) = (refused.sent, &refused.problem);
        let copy = &self.config.copy;
        let outcome = rebase::rebase(&self.trees, &edit, sent, problem, task.explained, copy);
        match outcome {
            Rebased::Again => {
                if let Some(part) = &edit.content {
                    // The file before it may be gone.
                    task.known(part.nonce).second = None;
                }
                task.not_before =
                    self.clock.elapsed() + backoff::delay_millis(task.failures - 1, self.jitter);
            }
            Rebased::Changed { edit, told } => {
                let before = self
                    .trees
                    .edit(id)
                    .cloned()
                    .unwrap_or_else(|| (*edit).clone());
                if let Some(notice) = told {
                    self.note_matter(&before, &notice);
                    self.tell(notice);
                }
                self.put_edit(*edit);
            }
            Rebased::Second { second, version } => {
                if let Some(part) = &edit.content {
                    let known = task.known(part.nonce);
                    known.second = Some(second);
                    // First compare it with its base: after a lost answer, the same
                    // content may have been sent again, and that is no news.
                    let base = Some(second.base).filter(|base| second.item == id && *base > 0);
                    known.compare = Some((second.item, base.unwrap_or(version)));
                }
            }
            Rebased::Exists => self.exists(edit),
            Rebased::Instead { rest, new } => {
                let item = rest.item;
                // A folder that is made anew is the same to a person.
                if edit.content.is_some() {
                    let notice = Notice::SavedAsNew {
                        item,
                        new: new.item,
                    };
                    self.note_matter(&edit, &notice);
                    self.tell(notice);
                }
                self.move_edits_below(item, Some(new.item));
                // The bytes go along: they must not be released.
                self.trees.remove_edit(item);
                self.put_edit(*rest);
                self.put_edit(*new);
            }
            Rebased::Merge { into } => {
                self.move_edits_below(id, Some(into));
                self.end_edit(id);
            }
        }
    }

    /// Keeps a matter that a person may want to do something about.
    fn note_matter(&mut self, edit: &Edit, notice: &Notice) {
        let nonce_of_place = edit.place.as_ref().map(|part| part.nonce);
        let (id, what) = match notice {
            Notice::SavedAsNew { new, .. } => {
                let content = edit.content.as_ref();
                (content.map(|part| part.nonce), Met::Deleted { new: *new })
            }
            Notice::PlaceLost {
                wanted, problem, ..
            } => (nonce_of_place, self.met(wanted, problem)),
            Notice::Renamed { from, to, .. } => {
                let (from, to) = (from.clone(), to.clone());
                (nonce_of_place, Met::Renamed { from, to })
            }
            Notice::TrashLost { problem, .. } => {
                let part: Option<&Aspect<bool>> = edit.trashed.as_ref();
                let wanted = part.is_some_and(|part| part.wanted);
                let problem = problem.clone();
                (
                    part.map(|part| part.nonce),
                    Met::Trashed { wanted, problem },
                )
            }
            _ => return,
        };
        let Some(id) = id else {
            return;
        };
        let head = self
            .trees
            .remote(edit.item)
            .and_then(|item| item.file.as_ref());
        let by = head.map(|head| head.committed.clone());
        self.put_matter(Matter {
            id,
            item: edit.item,
            at_ms: self.clock.now(),
            by,
            what,
        });
    }

    /// Finds the change of somebody else that a rename or a move has met.
    fn met(&self, wanted: &Place, problem: &Problem) -> Met {
        let (wanted, problem) = (wanted.clone(), problem.clone());
        match wanted.parent.filter(|folder| !self.trees.is_live(*folder)) {
            Some(folder) => Met::FolderDeleted { wanted, folder },
            None if matches!(problem, Problem::TooDeep | Problem::BadName { .. }) => {
                Met::Impossible { wanted, problem }
            }
            None if self
                .trees
                .child_named(wanted.parent, &wanted.name)
                .is_some() =>
            {
                Met::NameTaken { wanted }
            }
            None => Met::Placed { wanted },
        }
    }

    /// This very edit has made the item, and its answer was lost. The edit has changed
    /// since.
    fn exists(&mut self, mut edit: Edit) {
        let id = edit.item;
        let Some(remote) = self.trees.remote(id) else {
            return;
        };
        edit.is_new = false;
        edit.place = edit
            .place
            .filter(|part| remote.parent != part.wanted.parent || remote.name != part.wanted.name);
        if let Some(part) = &mut edit.place {
            part.base = 1;
        }
        if let Some(part) = &mut edit.trashed {
            part.base = 1;
        }
        if let Some(part) = &mut edit.content {
            part.base = 1;
            let task = self.tasks.entry(TaskSubject::Item(id)).or_default();
            task.known(part.nonce).compare = Some((id, 1));
        }
        self.put_edit(edit);
    }

    /// Pauses contents, or goes on. What is on its way is given up, but for what may be
    /// stored already: blocks that have arrived are not sent again.
    pub(super) fn pause(&mut self, paused: bool) {
        self.paused = paused;
        if !paused {
            return;
        }
        let items = self.tasks.keys().copied();
        let items = items.filter(|subject| matches!(subject, TaskSubject::Item(_)));
        for subject in items.collect::<Vec<_>>() {
            self.abandon_harmless(subject);
            if let TaskSubject::Item(id) = subject {
                self.touch(id);
            }
        }
    }

    pub(super) fn online(&mut self) {
        self.quiet_until = 0;
        for task in self.tasks.values_mut() {
            task.not_before = 0;
        }
        self.feed.hurry();
    }

    /// Asks for a pull; returns its number.
    pub(super) fn want_pull(&mut self) -> u64 {
        if self.config.role == TabRole::Follower {
            self.later.push(Effect::AskLeader);
            return self.feed.pulls_done() + 1;
        }
        let (number, poll) = self.feed.want(self.clock.elapsed(), self.jitter);
        if let Some(request) = poll {
            self.abandon(request);
        }
        number
    }

    pub(super) fn take_role(&mut self, role: TabRole) {
        self.config.role = role;
        match role {
            TabRole::Leader => self.feed.start(self.clock.elapsed()),
            TabRole::Follower => {
                if let Some(request) = self.feed.stop() {
                    self.abandon(request);
                }
            }
        }
    }

    /// Writes everything that is known, because the storage is empty.
    pub(super) fn write_all(&mut self) {
        self.write_edits();
        self.write_remote(None);
        let entries = self.trees.entries();
        let held = entries.filter_map(|(item, entry)| Some((item, entry.held?)));
        self.records
            .extend(held.map(|(item, version)| Record::Held { item, version }));
    }

    /// Writes whatever was not sent yet.
    pub(super) fn write_edits(&mut self) {
        for edit in self.trees.edits().cloned().collect::<Vec<_>>() {
            self.put_edit(edit);
        }
        let resolutions = self.trees.resolutions().values().cloned();
        self.records.extend(resolutions.map(Record::Resolution));
        let matters = self.trees.matters.values().cloned();
        self.records.extend(matters.map(Record::Matter));
    }
}
