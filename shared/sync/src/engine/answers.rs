//! What the server answered.

use super::{Engine, Purpose, TaskSubject};
use crate::backoff;
use crate::edit::{ConflictDecision, Edit, Trouble};
use crate::ids::Nonce;
use crate::message::{Answer, BytesLost, Lost, Notice, Record, RequestId};
use crate::task::{ChoiceMade, Refusal, SentRequest};
use blocks::hash::BlockHash;
use blocks::manifest::{BlockRef, Manifest};
use protocol::conflicts::Conflict;
use protocol::content::Base;
use protocol::ids::{ConflictId, ItemId, Version};
use protocol::items::{Item, ItemChanged};
use protocol::problem::{Problem, Retry};

/// How long a refusal waits for the feed to explain it, in milliseconds.
const EXPLANATION_MILLIS: u64 = 10_000;

impl Engine {
    pub(super) fn answered(&mut self, request: RequestId, result: Result<Answer, Lost>) {
        // The request was abandoned, or an engine before this one sent it.
        let Some(purpose) = self.requests.remove(&request) else {
            return;
        };
        if purpose == Purpose::Feed && self.broke_in_silence(&result) {
            return;
        }
        self.note_connection(&result);
        if let Err(Lost::Refused(problem)) = &result
            && problem.retry() == Retry::SignIn
        {
            self.sign_out();
            return;
        }
        match purpose {
            Purpose::Feed => self.feed_answered(result),
            Purpose::Task(subject, sent) => {
                if let Some(task) = self.tasks.get_mut(&subject) {
                    task.in_flight = None;
                }
                match result {
                    Ok(answer) => self.accepted(subject, sent, answer),
                    Err(failure) => self.failed(subject, sent, failure),
                }
                if let TaskSubject::Item(id) = subject {
                    self.touch(id);
                }
            }
        }
    }

    /// Whether a poll has ended without an answer, perhaps because it was silent for too
    /// long. Then not this, but the pull that follows, tells about the connection.
    fn broke_in_silence(&mut self, result: &Result<Answer, Lost>) -> bool {
        matches!(result, Err(Lost::Unreachable))
            && self.feed.broke(self.clock.elapsed(), self.jitter)
    }

    fn note_connection(&mut self, result: &Result<Answer, Lost>) {
        if matches!(result, Ok(Answer::Unheard)) {
            return;
        }
        let now = self.clock.elapsed();
        if let Err(Lost::Refused(problem)) = result
            && let Some(seconds) = problem.retry_after_seconds()
        {
            self.quiet_until = now + seconds.saturating_mul(1_000);
            return;
        }
        match result {
            Err(Lost::Unreachable) => {
                let wait = backoff::delay_millis(self.unreachable, self.jitter);
                self.unreachable = self.unreachable.saturating_add(1);
                self.quiet_until = now + wait;
            }
            // The network has no part in these.
            Err(Lost::BytesLost(_)) | Ok(Answer::NotCarried) => {}
            Ok(_) | Err(Lost::Refused(_)) => {
                if self.unreachable > 0 {
                    // There is a connection: nobody waits for it any longer.
                    self.online();
                }
                self.unreachable = 0;
            }
        }
    }

    fn sign_out(&mut self) {
        self.signed_out = true;
        let requests: Vec<RequestId> = self.requests.keys().copied().collect();
        for request in requests {
            self.abandon(request);
        }
        self.tasks.clear();
        let now = self.clock.elapsed();
        self.feed.restart(now);
        self.tell(Notice::SignedOut);
    }

    fn accepted(&mut self, subject: TaskSubject, sent: SentRequest, answer: Answer) {
        if let Some(task) = self.tasks.get_mut(&subject) {
            task.failures = 0;
            task.explained = 0;
            task.not_before = 0;
        }
        match (subject, answer) {
            (TaskSubject::Item(id), Answer::Missing(missing)) => {
                if let Some(nonce) = sent.content() {
                    let base = missing.is_empty().then(|| self.base_alike(id)).flatten();
                    let known = self.tasks.entry(subject).or_default().known(nonce);
                    known.proposed = true;
                    known.missing = Some(missing);
                    known.compare = base.map(|version| (id, version));
                }
                self.touch(id);
            }
            (_, Answer::Uploaded) => {
                if let Some(nonce) = sent.content() {
                    let known = self.tasks.entry(subject).or_default().known(nonce);
                    known.missing = Some(Vec::new());
                }
            }
            (_, Answer::NotCarried) => {
                if let Some(nonce) = sent.content() {
                    self.tasks.entry(subject).or_default().known(nonce).carried = true;
                }
            }
            (TaskSubject::Item(id), Answer::Item(changed)) => self.item_changed(id, sent, changed),
            (TaskSubject::Item(id), Answer::Manifest(blocks)) => self.compared(id, sent, &blocks),
            (TaskSubject::Item(id), Answer::Conflict(conflict)) => {
                self.conflict_kept(id, sent, conflict);
            }
            (TaskSubject::Item(id), Answer::Fetched) => {
                if let SentRequest::Fetch { version } = sent {
                    self.hold(id, version);
                    self.drop_task(subject);
                }
            }
            (TaskSubject::Conflict(id), Answer::Conflict(_)) => {
                // The feed brings what the choice made, and what the conflict is now:
                // this answer may repeat an old one.
                let pull = self.want_pull();
                let deadline = self.clock.elapsed() + EXPLANATION_MILLIS;
                if self.is_of_now(id, sent) {
                    let task = self.tasks.entry(subject).or_default();
                    task.done = Some(ChoiceMade { pull, deadline });
                }
            }
            // This answers another question, so it is as good as none.
            (_, _) => {}
        }
    }

    /// Whether a request asks for what the person wants of the conflict now.
    fn is_of_now(&self, id: ConflictId, sent: SentRequest) -> bool {
        let wanted = self.trees.resolutions().get(&id);
        wanted.is_some_and(|wanted| sent.content() == Some(wanted.nonce))
    }

    /// The base of an edit of content, if it is the head and has as many bytes. Saving a
    /// file unchanged makes no new version.
    fn base_alike(&self, id: ItemId) -> Option<Version> {
        let entry = self.trees.entry(id)?;
        let part = entry.edit.as_ref()?.content.as_ref()?;
        let head = entry.remote.as_ref()?.file.as_ref()?;
        let is_alike = head.version == part.base && head.size == part.wanted.size;
        is_alike.then_some(part.base)
    }

    fn hold(&mut self, item: ItemId, version: u64) {
        self.trees.set_held(item, version);
        self.records.push(Record::Held { item, version });
    }

    /// An operation of an edit went through, now or when it was first sent.
    fn item_changed(&mut self, id: ItemId, sent: SentRequest, changed: ItemChanged) {
        let item = changed.item;
        self.learn_item(item.clone(), changed.seq);
        let Some(mut edit) = self.trees.edit(id).cloned() else {
            return;
        };
        let place_version = item.place_version;
        match sent {
            SentRequest::Create { place, content, .. } => {
                edit.is_new = false;
                edit.place = edit.place.filter(|part| {
                    let is_there =
                        item.parent == part.wanted.parent && item.name == part.wanted.name;
                    !(is_there && part.nonce == place)
                });
                if let Some(part) = &mut edit.place {
                    part.base = place_version;
                }
                if let Some(part) = &mut edit.trashed {
                    part.base = place_version;
                }
                if let Some(nonce) = content {
                    edit = self.content_accepted(edit, nonce, 0, item.version());
                }
            }
            SentRequest::Commit { nonce, base, .. } => {
                edit = self.content_accepted(edit, nonce, base, item.version());
            }
            SentRequest::Place { nonce, base } | SentRequest::Trashed { nonce, base } => {
                if let Some(part) = &mut edit.place
                    && part.base == base
                {
                    part.base = place_version;
                }
                if let Some(part) = &mut edit.trashed
                    && part.base == base
                {
                    part.base = place_version;
                }
                if matches!(sent, SentRequest::Place { .. }) {
                    edit.place = edit.place.filter(|part| part.nonce != nonce);
                } else {
                    edit.trashed = edit.trashed.filter(|part| part.nonce != nonce);
                    // The item may have come back right to where it was wanted.
                    edit.place = edit.place.filter(|part| {
                        let is_there =
                            item.parent == part.wanted.parent && item.name == part.wanted.name;
                        !is_there || item.trashed_at_ms.is_some()
                    });
                }
            }
            _ => {}
        }
        self.put_edit(edit);
    }

    /// The content is this version now. The next draft is based on it, because the
    /// person who made that draft had seen this content.
    fn content_accepted(&mut self, mut edit: Edit, nonce: Nonce, base: u64, version: u64) -> Edit {
        let id = edit.item;
        match &mut edit.content {
            Some(part) if part.nonce == nonce => {
                edit.end_content(version);
            }
            Some(part) if part.base == base => part.base = version,
            _ => {}
        }
        if self.config.holds_content {
            self.hold(id, version);
        }
        edit
    }

    /// A version's blocks, asked for because they may be the very same.
    fn compared(&mut self, id: ItemId, sent: SentRequest, blocks: &[BlockRef]) {
        let SentRequest::Compare {
            nonce,
            item,
            version,
        } = sent
        else {
            return;
        };
        if self.is_own_list(id, nonce, item, version) {
            self.spell_out(id, blocks);
            return;
        }
        let head = self.trees.remote(item).map_or(0, Item::version);
        let known = self.tasks.entry(TaskSubject::Item(id)).or_default();
        let known = known.known(nonce);
        // The content is not that of its base; it may still be the head's.
        let is_base = known.second.is_some_and(|second| second.base == version);
        known.compare = (is_base && head > version).then_some((item, head));
        let Some(edit) = self.trees.edit(id).cloned() else {
            return;
        };
        let manifest = edit.content.as_ref().filter(|part| part.nonce == nonce);
        let manifest = manifest.and_then(|part| part.wanted.manifest.as_ref());
        if manifest.is_none_or(|manifest| manifest.blocks != blocks) {
            return;
        }
        if self.config.holds_content {
            self.hold(item, version);
        }
        if let Some(draft) = edit.draft().map(|draft| draft.id) {
            self.tell(Notice::Unchanged { draft });
        }
        // A new file exists already, with this content, under another id.
        self.end_first(edit);
    }

    /// The first content of an edit is where it belongs, or safe elsewhere. The next
    /// content goes on from the same base. If none follows, the edit of a new file is
    /// over.
    fn end_first(&mut self, mut edit: Edit) {
        if edit.is_new && edit.later.is_empty() {
            return self.end_edit(edit.item);
        }
        let base = edit.content.as_ref().map_or(0, |part| part.base);
        edit.end_content(base);
        self.put_edit(edit);
    }

    /// Whether a draft is a copy of this version, and its blocks are not known.
    fn is_own_list(&self, id: ItemId, nonce: Nonce, item: ItemId, version: Version) -> bool {
        let part = self.trees.edit(id).and_then(|edit| edit.content.as_ref());
        part.is_some_and(|part| {
            let base = part.wanted.copy_of.map(|copied| copied.base);
            part.nonce == nonce
                && part.wanted.manifest.is_none()
                && base == Some(Base { item, version })
        })
    }

    fn spell_out(&mut self, id: ItemId, blocks: &[BlockRef]) {
        self.change_draft(TaskSubject::Item(id), |draft| {
            draft.manifest = draft.copy_of.map(|copied| Manifest {
                size: draft.size,
                size_class: copied.size_class,
                modified_at_ms: draft.modified_at_ms,
                blocks: blocks.to_vec(),
            });
        });
    }

    fn conflict_kept(&mut self, id: ItemId, sent: SentRequest, conflict: Conflict) {
        let Some(nonce) = sent.content() else {
            return;
        };
        self.tell(Notice::Conflicted {
            item: conflict.item,
            conflict: conflict.id,
        });
        // The answer may be a repeat, and the conflict resolved since: the feed tells
        // what it is now.
        self.want_pull();
        self.content_is_safe(id, nonce);
    }

    /// The server has the content, though not as the head.
    fn content_is_safe(&mut self, id: ItemId, nonce: Nonce) {
        let Some(edit) = self.trees.edit(id).cloned() else {
            return;
        };
        if edit.content.as_ref().is_none_or(|part| part.nonce != nonce) {
            return;
        }
        // A new file is a side of another file's conflict now.
        self.end_first(edit);
    }

    fn failed(&mut self, subject: TaskSubject, sent: SentRequest, failure: Lost) {
        if let SentRequest::Upload { nonce } = sent {
            // Some of it may have arrived: the server is asked again what it
            // lacks, so that nothing travels twice.
            let task = self.tasks.entry(subject).or_default();
            task.known(nonce).missing = None;
        }
        if let Some(nonce) = sent.content().filter(|_| sent.carries()) {
            // Nobody knows how much of it was stored: the next question tells.
            let known = self.tasks.entry(subject).or_default().known(nonce);
            known.carried = true;
            known.proposed = true;
        }
        match failure {
            // The connection's own backoff applies.
            Lost::Unreachable => {}
            Lost::BytesLost(lost) => match subject {
                _ if matches!(sent, SentRequest::Upload { .. }) || sent.carries() => {
                    self.bytes_lost(subject, lost);
                }
                // The fetched bytes are not what was stored, so they are not shown.
                _ => self.try_later(subject),
            },
            Lost::Refused(problem) => match subject {
                TaskSubject::Item(id) => self.refused(id, sent, problem),
                TaskSubject::Conflict(id) => self.choice_refused(id, sent, problem),
            },
        }
    }

    fn try_later(&mut self, subject: TaskSubject) {
        let now = self.clock.elapsed();
        let task = self.tasks.entry(subject).or_default();
        task.not_before = now + backoff::delay_millis(task.failures, self.jitter);
        task.failures = task.failures.saturating_add(1);
    }

    fn refused(&mut self, id: ItemId, sent: SentRequest, problem: Problem) {
        let subject = TaskSubject::Item(id);
        match (problem, sent) {
            (Problem::BlocksMissing { missing_blocks }, _) => {
                self.blocks_missing(subject, sent, missing_blocks);
            }
            // A request without bytes makes the server say which blocks it lacks.
            (Problem::PatchRefused { .. }, sent) if sent.carries() => {}
            (Problem::HashMismatch { .. }, _) => self.bytes_lost(subject, BytesLost::Changed),
            // This may be the edit itself, whose answer was lost: only the
            // commit's own answer says that it is not.
            (problem, SentRequest::Propose { nonce }) if problem.retry() == Retry::Pull => {
                let known = self.tasks.entry(subject).or_default().known(nonce);
                known.proposed = true;
            }
            (problem, SentRequest::Compare { nonce, .. }) if problem.retry() != Retry::Later => {
                self.tasks.entry(subject).or_default().known(nonce).compare = None;
            }
            // The conflict's id is derived from its content, so it was kept before.
            (Problem::IdTaken, SentRequest::KeepConflict { nonce }) => {
                self.want_pull();
                self.content_is_safe(id, nonce);
            }
            (_, SentRequest::Fetch { .. }) => {
                self.want_pull();
                self.try_later(subject);
            }
            (problem, _) => match problem.retry() {
                Retry::Later => self.try_later(subject),
                Retry::Pull => self.ask_feed_why(subject, sent, problem),
                _ if problem == Problem::IdTaken => self.ask_feed_why(subject, sent, problem),
                // Others may move a folder and make it possible, but nobody knows
                // when: that is a no.
                _ if matches!(
                    sent,
                    SentRequest::Place { .. } | SentRequest::Trashed { .. }
                ) =>
                {
                    self.ask_feed_why(subject, sent, problem);
                }
                // Another content has taken its place, and was not refused.
                _ if self.is_over(id, sent) => self.try_later(subject),
                _ => self.stuck(id, problem),
            },
        }
    }

    /// Whether a request brought a content that is not the edit's any more.
    fn is_over(&self, id: ItemId, sent: SentRequest) -> bool {
        let content = self.trees.edit(id).and_then(|edit| edit.content.as_ref());
        let differs = |nonce| content.is_none_or(|part| part.nonce != nonce);
        sent.content().is_some_and(differs)
    }

    fn blocks_missing(&mut self, subject: TaskSubject, sent: SentRequest, missing: Vec<BlockHash>) {
        let Some(nonce) = sent.content() else {
            return;
        };
        let known = self.tasks.entry(subject).or_default().known(nonce);
        // The blocks were sent already and are gone again: they were collected.
        let again = known.missing.is_some();
        known.missing = Some(missing);
        if again {
            self.try_later(subject);
        }
    }

    fn ask_feed_why(&mut self, subject: TaskSubject, sent: SentRequest, problem: Problem) {
        let pull = self.want_pull();
        let deadline = self.clock.elapsed() + EXPLANATION_MILLIS;
        self.tasks.entry(subject).or_default().refused = Some(Refusal {
            sent,
            problem,
            pull,
            deadline,
        });
    }

    fn stuck(&mut self, id: ItemId, problem: Problem) {
        let Some(mut edit) = self.trees.edit(id).cloned() else {
            return;
        };
        // Items that were to stand in a folder that can't be made have no other place.
        let below = match edit.is_new {
            true => self.trees.new_below(id),
            false => Vec::new(),
        };
        edit.trouble = Some(Trouble::Refused { problem });
        for mut one in below {
            one.trouble = edit.trouble.clone();
            self.drop_task(TaskSubject::Item(one.item));
            self.put_edit(one);
        }
        self.drop_task(TaskSubject::Item(id));
        self.put_edit(edit);
        self.tell(Notice::Stuck { item: id });
    }

    fn choice_refused(&mut self, id: ConflictId, sent: SentRequest, problem: Problem) {
        let subject = TaskSubject::Conflict(id);
        if !self.is_of_now(id, sent) {
            // The person wants something else by now, and that is tried next.
            return;
        }
        let Some(wanted) = self.trees.resolutions().get(&id).map(|known| &known.wanted) else {
            return;
        };
        match (wanted, problem) {
            (_, problem) if problem.retry() == Retry::Later => self.try_later(subject),
            (ConflictDecision::Merge { .. }, Problem::BlocksMissing { missing_blocks }) => {
                self.blocks_missing(subject, sent, missing_blocks);
            }
            (ConflictDecision::Merge { .. }, Problem::HashMismatch { .. }) => {
                self.bytes_lost(subject, BytesLost::Changed);
            }
            // It was made on what is not there any more. The person merges
            // again, and has all of it for that.
            (ConflictDecision::Merge { .. }, problem) => {
                self.want_pull();
                self.stop_merge(id, Trouble::Refused { problem });
            }
            (ConflictDecision::Reopen, problem) => {
                self.want_pull();
                if problem != Problem::NotResolved {
                    self.tell(Notice::NotReopened {
                        conflict: id,
                        problem,
                    });
                }
                self.end_resolution(id);
            }
            (ConflictDecision::Keep(_), problem) => {
                self.want_pull();
                if problem != Problem::AlreadyResolved {
                    self.tell(Notice::ChoiceOutdated {
                        conflict: id,
                        problem,
                    });
                }
                self.end_resolution(id);
            }
        }
    }
}
