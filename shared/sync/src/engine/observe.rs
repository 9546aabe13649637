//! What happens on this device: the person's changes, and their bytes.

use super::{Engine, TaskSubject};
use crate::edit::{
    Aspect, ConflictDecision, Draft, DraftBytes, DraftId, Edit, Resolution, Trouble,
};
use crate::ids::{IdForm, Nonce};
use crate::message::{BytesLost, Effect, Notice, Observation};
use crate::place::Place;
use crate::task::SentRequest;
use blocks::manifest::Manifest;
use protocol::ids::{ConflictId, ItemId, PlaceVersion, Version};
use protocol::items::Item;
use protocol::problem::Problem;
use std::collections::BTreeSet;

impl Engine {
    pub(super) fn observe(&mut self, observation: Observation) {
        match observation {
            Observation::Made {
                item,
                nonce,
                place,
                draft,
            } => self.made(item, nonce, place, draft),
            Observation::Edited {
                item,
                nonce,
                draft,
                seen,
            } => self.edited(item, nonce, draft, seen),
            Observation::Placed { item, nonce, place } => self.placed(item, nonce, place),
            Observation::Trashed {
                item,
                nonce,
                trashed,
            } => self.trashed(item, nonce, trashed),
            Observation::Restored { item, nonce, place } => self.restored(item, nonce, place),
            Observation::Resolved {
                conflict,
                nonce,
                choice,
            } => {
                let Some(seen) = self.trees.conflicts.get(&conflict) else {
                    return;
                };
                let seen_version = self.trees.remote(seen.item).map_or(0, Item::version);
                self.decided(
                    conflict,
                    nonce,
                    seen_version,
                    ConflictDecision::Keep(choice),
                );
            }
            Observation::Merged {
                conflict,
                nonce,
                draft,
                seen_version,
            } => self.merged(conflict, nonce, draft, seen_version),
            Observation::Reopened {
                conflict,
                nonce,
                seen_version,
            } => self.decided(conflict, nonce, seen_version, ConflictDecision::Reopen),
            Observation::Unresolved { conflict } => self.end_resolution(conflict),
            Observation::Settled { matter } => self.end_matter(matter),
            Observation::Withdrawn { item } => self.withdrawn(item),
            Observation::Recalled { draft } => self.recalled(draft),
            Observation::Retried { item } => self.retried(item),
        }
    }

    fn decided(
        &mut self,
        conflict: ConflictId,
        nonce: Nonce,
        seen_version: Version,
        wanted: ConflictDecision,
    ) {
        self.last_order += 1;
        self.put_resolution(Resolution {
            conflict,
            nonce,
            id_form: IdForm::Fields,
            order: self.last_order,
            seen_version,
            wanted,
            trouble: None,
        });
    }

    /// Keeps a merge, also if its conflict is not open any more: it is somebody's work,
    /// and the server's refusal tells them.
    fn merged(&mut self, conflict: ConflictId, nonce: Nonce, draft: Draft, seen_version: Version) {
        let known = self.trees.conflicts.get(&conflict);
        let before = self.trees.resolutions().get(&conflict);
        let item = known
            .map(|known| known.item)
            .or_else(|| match &before?.wanted {
                ConflictDecision::Merge { item, .. } => Some(*item),
                ConflictDecision::Reopen | ConflictDecision::Keep(_) => None,
            });
        match item {
            Some(item) => {
                let wanted = ConflictDecision::Merge { item, draft };
                self.decided(conflict, nonce, seen_version, wanted);
            }
            // The engine does not know the conflict: the bytes stay with the driver.
            None => self.tell(Notice::MergeStopped {
                conflict,
                trouble: Trouble::Refused {
                    problem: Problem::NoSuchConflict,
                },
            }),
        }
    }

    fn made(&mut self, item: ItemId, nonce: Nonce, place: Place, draft: Option<Draft>) {
        if self.trees.entry(item).is_some() {
            return;
        }
        self.last_order += 1;
        let mut edit = Edit::new(item, self.last_order, true);
        edit.place = Some(Aspect::new(nonce, 0, place));
        edit.content = draft.map(|wanted| Aspect::new(nonce, 0, wanted));
        self.put_edit(edit);
    }

    fn edited(&mut self, item: ItemId, nonce: Nonce, draft: Draft, seen: Option<Version>) {
        let Some(entry) = self.trees.entry(item) else {
            return;
        };
        // A person who edits twice has seen the first edit.
        let pending = entry.edit.as_ref().and_then(|edit| edit.content.as_ref());
        let shown = if self.config.holds_content {
            entry.held.unwrap_or_else(|| entry.remote_version())
        } else {
            entry.remote_version()
        };
        let seen = seen.unwrap_or(shown);
        let base: Version = pending.map_or(seen, |part| part.base);
        let mut edit = self.edit_of(item);
        let part = Aspect::new(nonce, base, draft);
        // A folder on disk holds one content at a time: what was overwritten there
        // is gone, and the newer content stands for both. On a page, each content
        // that a person hands in is a version of its own, and waits for the last.
        if edit.content.is_some() && !self.config.holds_content {
            edit.later.push(part);
            if edit.trouble != Some(Trouble::BytesGone) {
                edit.trouble = None;
            }
            return self.put_edit(edit);
        }
        edit.content = Some(part);
        edit.trouble = None;
        self.let_go_of_content(TaskSubject::Item(item));
        self.put_edit(edit);
    }

    /// Ends what is under way for an older draft, since a newer one has no use for it. The
    /// engine waits only for a request that may have changed something.
    pub(super) fn let_go_of_content(&mut self, subject: TaskSubject) {
        let Some(task) = self.tasks.get_mut(&subject) else {
            return;
        };
        task.hashing = None;
        task.done = None;
        self.abandon_harmless(subject);
    }

    /// Gives up a request that changes nothing but which blocks are stored.
    pub(super) fn abandon_harmless(&mut self, subject: TaskSubject) {
        let Some(task) = self.tasks.get_mut(&subject) else {
            return;
        };
        let is_harmless = |sent: SentRequest| {
            matches!(
                sent,
                SentRequest::Propose { .. }
                    | SentRequest::Upload { .. }
                    | SentRequest::Compare { .. }
            )
        };
        let Some((request, sent)) = task.in_flight.take_if(|(_, sent)| is_harmless(*sent)) else {
            return;
        };
        if let SentRequest::Upload { nonce } = sent {
            // Some of it may have arrived: the server is asked again what it lacks.
            task.known(nonce).missing = None;
        }
        self.abandon(request);
    }

    fn placed(&mut self, item: ItemId, nonce: Nonce, wanted: Place) {
        let Some(seen) = self.seen_place_version(item) else {
            return;
        };
        if self.trees.is_within(wanted.parent, item) {
            return;
        }
        let mut edit = self.edit_of(item);
        let base = edit.place.as_ref().map_or(seen, |part| part.base);
        let is_back = self.trees.remote(item).is_some_and(|item| {
            item.place_version == base && item.parent == wanted.parent && item.name == wanted.name
        });
        let is_under_way = matches!(self.sent(item), Some(SentRequest::Place { .. }));
        let nothing = is_back && !is_under_way && !edit.is_new;
        // A new file's name is part of the request that makes it, and keeps its
        // nonce so that a lost answer to it is still found.
        let part = match &edit.place {
            Some(part) if edit.is_new => part.with(base, wanted),
            _ => Aspect::new(nonce, base, wanted),
        };
        edit.place = (!nothing).then_some(part);
        if edit.is_new {
            // At its new place, it may be possible.
            self.try_again_below(item);
            edit.trouble.take_if(|trouble| trouble.is_refusal());
        }
        self.put_edit(edit);
    }

    /// Tries new items again that stand in a folder which is tried again.
    fn try_again_below(&mut self, folder: ItemId) {
        for mut edit in self.trees.new_below(folder) {
            if edit
                .trouble
                .take_if(|trouble| trouble.is_refusal())
                .is_some()
            {
                self.put_edit(edit);
            }
        }
    }

    fn trashed(&mut self, item: ItemId, nonce: Nonce, wanted: bool) {
        let Some(seen) = self.seen_place_version(item) else {
            return;
        };
        let mut edit = self.edit_of(item);
        let has_bytes = |part: &Aspect<Draft>| part.wanted.bytes != DraftBytes::Gone;
        let gone = |edit: &Edit| {
            let first = edit.draft().filter(|first| first.bytes == DraftBytes::Gone);
            first.map(|first| first.id)
        };
        // What came after lost bytes is still there, and goes into the trash.
        let is_stuck = wanted && edit.trouble == Some(Trouble::BytesGone);
        while let Some(gone) = gone(&edit).filter(|_| is_stuck && edit.later.iter().any(has_bytes))
        {
            self.recalled(gone);
            edit = self.edit_of(item);
        }
        if edit.is_new && edit.trouble.is_some() && wanted {
            // The new item is nowhere else, and is not made only to be trashed.
            for below in self.trees.new_below(item) {
                self.end_edit(below.item);
            }
            self.end_edit(item);
            return;
        }
        let base = edit.trashed.as_ref().map_or(seen, |part| part.base);
        let is_back = self.trees.remote(item).is_some_and(|item| {
            item.place_version == base && item.trashed_at_ms.is_some() == wanted
        });
        let is_under_way = matches!(self.sent(item), Some(SentRequest::Trashed { .. }));
        let nothing = (is_back || (edit.is_new && !wanted)) && !is_under_way;
        edit.trashed = (!nothing).then_some(Aspect::new(nonce, base, wanted));
        self.put_edit(edit);
    }

    fn restored(&mut self, item: ItemId, nonce: Nonce, wanted: Place) {
        let Some(base) = self.seen_place_version(item) else {
            return;
        };
        if self.trees.is_within(wanted.parent, item) {
            return;
        }
        let mut edit = self.edit_of(item);
        if edit.is_new {
            return;
        }
        let base = edit.trashed.as_ref().map_or(base, |part| part.base);
        edit.trashed = Some(Aspect::new(nonce, base, false));
        edit.place = Some(Aspect::new(nonce, base, wanted));
        self.put_edit(edit);
    }

    fn seen_place_version(&self, item: ItemId) -> Option<PlaceVersion> {
        let entry = self.trees.entry(item)?;
        Some(entry.remote.as_ref().map_or(0, |item| item.place_version))
    }

    /// The item's edit, or a new one without parts.
    fn edit_of(&mut self, item: ItemId) -> Edit {
        if let Some(edit) = self.trees.edit(item) {
            return edit.clone();
        }
        self.last_order += 1;
        Edit::new(item, self.last_order, false)
    }

    fn withdrawn(&mut self, item: ItemId) {
        let Some(edit) = self.trees.edit(item).cloned() else {
            return;
        };
        let parent = edit.place.as_ref().and_then(|part| part.wanted.parent);
        if edit.is_new {
            // Items that were to stand in the folder stand where the folder would have
            // stood.
            self.move_edits_below(item, parent);
        }
        self.end_edit(item);
        self.later.push(Effect::Tell(Notice::Withdrawn { item }));
        self.drop_stuck_folders(parent);
    }

    /// Drops new folders that can't be made and were kept only for what was to be in
    /// them.
    fn drop_stuck_folders(&mut self, folder: Option<ItemId>) {
        let mut next = folder;
        while let Some(edit) = next.and_then(|id| self.trees.edit(id)) {
            let is_stuck = edit.is_new && edit.content.is_none() && edit.trouble.is_some();
            let id = edit.item;
            next = edit.place.as_ref().and_then(|part| part.wanted.parent);
            if !is_stuck || !self.trees.edits_below(id).is_empty() {
                return;
            }
            self.end_edit(id);
        }
    }

    /// Lets go of one content. Other changes of its item go on, and so do the contents
    /// that were handed in after it.
    fn recalled(&mut self, draft: DraftId) {
        let Some(item) = self.trees.draft_item(draft) else {
            return;
        };
        let Some(mut edit) = self.trees.edit(item).cloned() else {
            return;
        };
        if edit.draft().is_none_or(|first| first.id != draft) {
            edit.later.retain(|part| part.wanted.id != draft);
            return self.put_edit(edit);
        }
        if edit.is_new && edit.later.is_empty() {
            return self.withdrawn(item);
        }
        let base = edit.content.as_ref().map_or(0, |part| part.base);
        edit.end_content(base);
        edit.trouble = None;
        self.let_go_of_content(TaskSubject::Item(item));
        self.put_edit(edit);
        self.tell(Notice::Withdrawn { item });
    }

    /// Lets new items that were to stand in one folder stand in another.
    pub(super) fn move_edits_below(&mut self, from: ItemId, to: Option<ItemId>) {
        let beside = self.trees.edit(from).and_then(|edit| edit.place.as_ref());
        let beside = beside.and_then(|part| part.wanted.parent);
        for below in self.trees.edits_below(from) {
            // Nothing goes into itself, or into what stands in it.
            let to = if self.trees.is_within(to, below) {
                beside
            } else {
                to
            };
            if let Some(mut edit) = self.trees.edit(below).cloned()
                && let Some(part) = &mut edit.place
            {
                part.wanted.parent = to;
                self.put_edit(edit);
            }
        }
    }

    fn retried(&mut self, item: ItemId) {
        // Moves of two devices may lead folders into each other until one is refused.
        let mut seen = BTreeSet::new();
        let mut next = Some(item);
        while let Some(mut edit) = next
            .filter(|id| seen.insert(*id))
            .and_then(|id| self.trees.edit(id))
            .cloned()
        {
            // The folders that it is to stand in come first.
            next = edit.place.as_ref().and_then(|part| part.wanted.parent);
            if edit.item == item || (edit.is_new && edit.trouble.is_some()) {
                edit.trouble = None;
                self.drop_task(TaskSubject::Item(edit.item));
                self.put_edit(edit);
            }
        }
    }

    pub(super) fn hashed(&mut self, draft: DraftId, result: Result<Manifest, BytesLost>) {
        let Some(owner) = self.trees.draft_owner(draft) else {
            return;
        };
        if let TaskSubject::Item(item) = owner
            && self
                .trees
                .edit(item)
                .and_then(Edit::draft)
                .is_none_or(|first| first.id != draft)
        {
            return;
        }
        if let Some(task) = self.tasks.get_mut(&owner) {
            task.hashing = None;
        }
        match result {
            Ok(manifest) => self.change_draft(owner, |draft| {
                draft.size = manifest.size;
                draft.manifest = Some(manifest);
            }),
            Err(lost) => self.bytes_lost(owner, lost),
        }
    }

    /// A draft could not be read, or was not what had been hashed.
    pub(super) fn bytes_lost(&mut self, owner: TaskSubject, lost: BytesLost) {
        let nonce = match owner {
            TaskSubject::Item(item) => {
                let content = self.trees.edit(item).and_then(|edit| edit.content.as_ref());
                content.map(|part| part.nonce)
            }
            TaskSubject::Conflict(id) => {
                let resolution = self.trees.resolutions().get(&id);
                resolution.map(|resolution| resolution.nonce)
            }
        };
        let Some(nonce) = nonce else {
            return;
        };
        let known = self.tasks.entry(owner).or_default().known(nonce);
        if lost == BytesLost::Changed && !known.rehashed {
            known.rehashed = true;
            known.missing = None;
            known.proposed = false;
            known.carried = false;
            return self.change_draft(owner, |draft| draft.manifest = None);
        }
        let trouble = match lost {
            BytesLost::Changed => Trouble::KeepsChanging,
            BytesLost::Gone => {
                self.change_draft(owner, |draft| draft.bytes = DraftBytes::Gone);
                Trouble::BytesGone
            }
        };
        match owner {
            TaskSubject::Item(item) => {
                if let Some(mut edit) = self.trees.edit(item).cloned() {
                    edit.trouble = Some(trouble);
                    self.tell(Notice::Stuck { item });
                    self.put_edit(edit);
                }
            }
            TaskSubject::Conflict(id) => self.stop_merge(id, trouble),
        }
    }

    /// Stops a merge that can't be carried out. It is kept until the person decides
    /// again.
    pub(super) fn stop_merge(&mut self, conflict: ConflictId, trouble: Trouble) {
        let Some(mut resolution) = self.trees.resolutions().get(&conflict).cloned() else {
            return;
        };
        self.drop_task(TaskSubject::Conflict(conflict));
        resolution.trouble = Some(trouble.clone());
        self.put_resolution(resolution);
        self.tell(Notice::MergeStopped { conflict, trouble });
    }

    pub(super) fn bytes_kept(&mut self, draft: DraftId) {
        if let Some(owner) = self.end_keeping(draft) {
            self.keeping.remove(&draft);
            match owner {
                TaskSubject::Item(item) => self.keep_of_item(item, draft),
                TaskSubject::Conflict(_) => {
                    self.change_draft(owner, |one| one.bytes = DraftBytes::Kept)
                }
            }
        }
    }

    /// Notes that the bytes of one of an item's drafts survive this engine.
    fn keep_of_item(&mut self, item: ItemId, draft: DraftId) {
        if let Some(mut edit) = self.trees.edit(item).cloned() {
            if let Some(one) = edit.drafts_mut().find(|one| one.id == draft) {
                one.bytes = DraftBytes::Kept;
            }
            self.put_edit(edit);
        }
    }

    pub(super) fn bytes_not_kept(&mut self, draft: DraftId) {
        let item = match self.end_keeping(draft) {
            Some(TaskSubject::Item(item)) => Some(item),
            Some(TaskSubject::Conflict(id)) => {
                let resolution = self.trees.resolutions().get(&id);
                resolution.and_then(|resolution| match resolution.wanted {
                    ConflictDecision::Merge { item, .. } => Some(item),
                    ConflictDecision::Reopen | ConflictDecision::Keep(_) => None,
                })
            }
            None => None,
        };
        if let Some(item) = item {
            self.tell(Notice::NotKept { item });
        }
    }

    fn end_keeping(&mut self, draft: DraftId) -> Option<TaskSubject> {
        let owner = self.trees.draft_owner(draft);
        if owner.is_none() {
            // Nobody needs them any more.
            self.release(draft);
        }
        owner
    }

    /// The person picked a file again. It need not be the same file, so the engine has it
    /// hashed again where anything suggests another one.
    pub(super) fn bytes_back(&mut self, draft: Draft) {
        let Some(item) = self.trees.draft_item(draft.id) else {
            return;
        };
        let Some(mut edit) = self.trees.edit(item).cloned() else {
            return;
        };
        self.keeping.remove(&draft.id);
        if edit.draft().is_some_and(|first| first.id == draft.id) {
            self.drop_task(TaskSubject::Item(item));
            edit.trouble = None;
        }
        if let Some(old) = edit.drafts_mut().find(|one| one.id == draft.id) {
            let is_same = old.size == draft.size && old.modified_at_ms == draft.modified_at_ms;
            let manifest = old.manifest.clone().filter(|_| is_same);
            *old = Draft { manifest, ..draft };
        }
        self.put_edit(edit);
    }

    pub(super) fn change_draft(&mut self, owner: TaskSubject, change: impl FnOnce(&mut Draft)) {
        match owner {
            TaskSubject::Item(item) => {
                if let Some(mut edit) = self.trees.edit(item).cloned()
                    && let Some(part) = &mut edit.content
                {
                    change(&mut part.wanted);
                    self.put_edit(edit);
                }
            }
            TaskSubject::Conflict(id) => {
                if let Some(mut resolution) = self.trees.resolutions().get(&id).cloned()
                    && let ConflictDecision::Merge { draft, .. } = &mut resolution.wanted
                {
                    change(draft);
                    self.put_resolution(resolution);
                }
            }
        }
    }
}
