//! What must hold. It sees every act of a person and every answer of the server
//! before the network may lose it, and believes no engine.

use super::call::{Call, merged, with_carried};
use super::device::{draft_of, time_of};
use crate::model::legs::Device as Asker;
use crate::model::server::Server;
use blocks::chunk::SizeClass;
use blocks::hash::BlockHash;
use blocks::manifest::{BlockRef, Manifest};
use protocol::conflicts::{Chosen, Conflict};
use protocol::content::{Base, Content, Receipted};
use protocol::files::NewFile;
use protocol::ids::{ConflictId, ItemId, PlaceVersion, Version};
use protocol::items::Item;
use std::collections::{BTreeMap, BTreeSet};
use sync::edit::DraftId;
use sync::ids::Nonce;
use sync::place::Place;

/// A file that a person made or changed.
#[derive(Clone, Debug)]
pub struct Made {
    pub device: usize,
    /// The version that the person saw when they did it.
    pub seen: Version,
    /// The edit, not sent yet, that was in front of them instead.
    pub over: Option<DraftId>,
    /// What the file held, also while it was read again.
    pub contents: Vec<Vec<BlockRef>>,
    /// The engine took it in and the tab lived on: it may not be lost.
    pub taken: bool,
    /// The same person changed the file again before this was sent, in a folder
    /// on disk, where the newer content is written over the older one.
    pub superseded: bool,
    /// It was handed in to a page, together with others or alone.
    pub is_source: bool,
    /// The person took it back, or nobody could have kept it.
    pub given_up: bool,
}

/// Who made a version, and what they had seen.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Accepted {
    pub draft: DraftId,
    pub blocks: Vec<BlockRef>,
    /// Set where a person chose, having seen this head.
    chosen_on: Option<Version>,
}

/// What an accepted request makes.
#[derive(Clone, Debug)]
pub enum Promised {
    Version {
        content: Manifest,
    },
    Conflict {
        draft: DraftId,
    },
    Choice {
        seen: Version,
        merged: Option<Manifest>,
    },
    Reopening {
        seen: Version,
    },
}

#[derive(Debug, Default)]
pub struct Oracle {
    pub drafts: BTreeMap<DraftId, Made>,
    pub versions: BTreeMap<(ItemId, Version), Accepted>,
    /// Drafts that became versions of a file without anybody's choice, and those
    /// that came second there.
    committed: BTreeSet<(ItemId, DraftId)>,
    second: BTreeSet<(ItemId, DraftId)>,
    pub conflicts: BTreeMap<ConflictId, DraftId>,
    /// Whose they are.
    pub conflicts_of: BTreeMap<ConflictId, ItemId>,
    /// What somebody deleted for good, and whose content it was.
    pub deleted: BTreeSet<ItemId>,
    pub deleted_drafts: BTreeSet<DraftId>,
    /// Versions that were thinned, whose content is among that of the deleted ones, and
    /// blocks of which files have lost entries with them.
    pub thinned: BTreeSet<(ItemId, Version)>,
    pub thinned_blocks: BTreeSet<BlockHash>,
    pub places: BTreeMap<(ItemId, PlaceVersion), (Place, bool)>,
    /// Heads that the person at a device saw when choosing.
    pub choices: BTreeSet<(usize, ConflictId, Version)>,
    pub resolved: u64,
    /// Heads that choices that made a version were made on.
    chosen_on: BTreeMap<ConflictId, BTreeSet<Version>>,
    /// What met a change of somebody else's, and was not seen by the person yet.
    pub matters: BTreeSet<Nonce>,
    /// How often each invariant was checked.
    pub checks: BTreeMap<&'static str, u64>,
}

/// An invariant that does not hold, and what speaks against it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Violation {
    pub invariant: &'static str,
    pub why: String,
}

type Checked = Result<(), Violation>;

/// The block list that the server has of a version.
pub type Stored<'a> = &'a dyn Fn(Base) -> Option<Vec<BlockRef>>;

impl Oracle {
    /// # Errors
    /// It does not hold.
    pub fn check(
        &mut self,
        invariant: &'static str,
        holds: bool,
        why: impl FnOnce() -> String,
    ) -> Checked {
        *self.checks.entry(invariant).or_default() += 1;
        if holds {
            return Ok(());
        }
        let why = why();
        Err(Violation { invariant, why })
    }

    /// What a new file is if it is accepted, with the blocks that travel along.
    pub fn promised_new(
        &self,
        stored: Stored<'_>,
        file: &NewFile<Receipted>,
        frames: Option<&[u8]>,
    ) -> Option<Promised> {
        let content = with_carried(&file.content.as_ref()?.content, frames);
        let content = self.whole(stored, &content)?;
        Some(Promised::Version { content })
    }

    /// What a request makes if it is accepted.
    pub fn promised(&self, stored: Stored<'_>, call: &Call) -> Option<Promised> {
        match call {
            Call::CreateFile { body, frames } => self.promised_new(stored, body, frames.as_deref()),
            Call::Commit { body, frames, .. } => {
                let content = with_carried(&body.content.content, frames.as_deref());
                let content = self.whole(stored, &content)?;
                Some(Promised::Version { content })
            }
            Call::KeepConflict { body, .. } => {
                let draft = draft_of(body.content.content.modified_at_ms());
                Some(Promised::Conflict { draft })
            }
            Call::Resolve { body, .. } => {
                let merged = match merged(body) {
                    Some(content) => Some(self.whole(stored, content)?),
                    None => None,
                };
                let seen = body.seen_version;
                Some(Promised::Choice { seen, merged })
            }
            Call::Reopen { body, .. } => {
                let seen = body.seen_version;
                Some(Promised::Reopening { seen })
            }
            _ => None,
        }
    }

    /// What a content comes to, in whichever form it is.
    fn whole(&self, stored: Stored<'_>, content: &Content) -> Option<Manifest> {
        match content {
            Content::Whole(content) => Some(content.clone()),
            Content::Spliced(spliced) => {
                let Base { item, version } = spliced.base;
                let known = self.versions.get(&(item, version));
                let base = known.map(|accepted| accepted.blocks.clone());
                // Nobody may have heard that it was accepted.
                let base = base.or_else(|| stored(spliced.base))?;
                spliced.whole(&base).ok()
            }
        }
    }

    /// A person's change was taken in; `overwrites`: and stands in the place of
    /// what it was made over.
    pub fn take(&mut self, draft: DraftId, overwrites: bool) {
        let Some(made) = self.drafts.get_mut(&draft) else {
            return;
        };
        made.taken = true;
        if let Some(before) = made.over.filter(|_| overwrites)
            && let Some(made) = self.drafts.get_mut(&before)
        {
            made.superseded = true;
        }
    }

    /// A file is another one, while its edit is on its way.
    pub fn changed(&mut self, draft: DraftId, blocks: Vec<BlockRef>) {
        if let Some(made) = self.drafts.get_mut(&draft) {
            made.contents.push(blocks);
        }
    }

    /// A person took it back.
    pub fn give_up(&mut self, draft: DraftId) {
        if let Some(made) = self.drafts.get_mut(&draft) {
            made.given_up = true;
        }
    }

    /// The storage was lost, and with it the only tab that knew of them.
    pub fn forget_matters(&mut self, matters: impl IntoIterator<Item = Nonce>) {
        for matter in matters {
            self.matters.remove(&matter);
        }
    }

    /// The storage was lost, and with it the only tab that had them.
    pub fn beyond_help(&mut self, drafts: &[DraftId]) {
        for draft in drafts {
            // With what they were made over, which the tab had let go of.
            let mut lost = Some(*draft);
            while let Some(draft) = lost {
                self.give_up(draft);
                lost = self.drafts.get(&draft).and_then(|made| made.over);
            }
        }
    }

    /// The server has answered yes to a version.
    ///
    /// # Errors
    /// It is not what was made, or not the first of its number, or its maker
    /// had not seen the one before it.
    pub fn accepted(
        &mut self,
        item: ItemId,
        version: Version,
        content: &Manifest,
        chosen_on: Option<Version>,
    ) -> Checked {
        let draft = draft_of(content.modified_at_ms);
        let accepted = Accepted {
            draft,
            blocks: content.blocks.clone(),
            chosen_on,
        };
        let known = self.versions.get(&(item, version));
        let is_same = known.is_none_or(|known| known.draft == draft);
        self.check("a version has one content", is_same, || {
            format!("{item} {version} of {draft:?}")
        })?;
        let made = self.drafts.get(&draft);
        let is_made = made.is_some_and(|made| made.contents.contains(&content.blocks));
        self.check("a version is what was made", is_made, || {
            format!("{item} {version} of {draft:?}")
        })?;
        if chosen_on.is_none() {
            self.committed.insert((item, draft));
            self.check_once(item, draft)?;
        }
        self.versions.entry((item, version)).or_insert(accepted);
        self.check_seen(item, version)?;
        self.check_seen(item, version + 1)
    }

    /// The server has answered yes to a version that came second.
    ///
    /// # Errors
    /// It is a version of that file already.
    pub fn kept(&mut self, conflict: &Conflict, draft: DraftId) -> Checked {
        self.conflicts.insert(conflict.id, draft);
        self.conflicts_of.insert(conflict.id, conflict.item);
        // A file that was in the trash, so that its edit went on as a new file,
        // and that is back under that name: a copy of the commit refused then
        // may arrive late and be taken.
        let seen = self.drafts.get(&draft).map_or(0, |made| made.seen);
        let was_made_anew = conflict.base_version == 0 && seen > 0;
        if !was_made_anew {
            self.second.insert((conflict.item, draft));
        }
        self.check_once(conflict.item, draft)
    }

    /// Nothing conflicts with itself. Another file may hold the same: a copy of
    /// a request that was refused may arrive late, when nothing speaks against
    /// it any more.
    fn check_once(&mut self, item: ItemId, draft: DraftId) -> Checked {
        let made = self.drafts.get(&draft);
        // What was read again while it was sent may be both.
        if made.is_none_or(|made| made.contents.len() > 1) {
            return Ok(());
        }
        // A device that heard no answer for over a day can't ask any more whether a version
        // is its own that was thinned meanwhile.
        let mut thinned = self.thinned.range((item, 0)..=(item, Version::MAX));
        let is_of_it = |of: &(ItemId, Version)| {
            let version = self.versions.get(of);
            version.is_some_and(|version| version.draft == draft)
        };
        if thinned.any(is_of_it) {
            return Ok(());
        }
        let key = (item, draft);
        let is_both = self.second.contains(&key) && self.committed.contains(&key);
        self.check("nothing conflicts with itself", !is_both, || {
            format!("{draft:?} of {item}")
        })
    }

    /// The server has answered yes to a place, or told of it.
    ///
    /// # Errors
    /// It was told otherwise before.
    pub fn placed(&mut self, item: &Item) -> Checked {
        let place = Place {
            parent: item.parent,
            name: item.name.clone(),
        };
        let place = (place, item.trashed_at_ms.is_some());
        let key = (item.id, item.place_version);
        let is_same = self.places.get(&key).is_none_or(|known| *known == place);
        self.check("a place version is one place", is_same, || {
            format!("{item:?}")
        })?;
        self.places.entry(key).or_insert(place);
        Ok(())
    }

    /// The server has answered yes to a choice for a conflict.
    ///
    /// # Errors
    /// Nobody had seen what it was made on, or what it made is something else.
    pub fn chosen(
        &mut self,
        server: &Server,
        who: &Asker,
        device: usize,
        conflict: &Conflict,
        seen: Version,
        merged: Option<&Manifest>,
    ) -> Checked {
        self.resolved += 1;
        let was_seen = self.choices.contains(&(device, conflict.id, seen));
        self.check("a choice is made on what was seen", was_seen, || {
            format!("{conflict:?} on {seen}")
        })?;
        let choice = conflict.resolved.as_ref().map(|resolved| &resolved.choice);
        if choice.is_some_and(Chosen::made_a_version) {
            self.chosen_on.entry(conflict.id).or_default().insert(seen);
        }
        let (item, version) = match choice {
            Some(Chosen::Merged) => {
                let Some(content) = merged else {
                    return self.check("a choice does what it says", false, || {
                        format!("{conflict:?}")
                    });
                };
                return self.accepted(conflict.item, seen + 1, content, Some(seen));
            }
            Some(Chosen::KeepMine) => (conflict.item, seen + 1),
            Some(Chosen::KeepBoth { copy_id, .. }) => (*copy_id, 1),
            _ => return Ok(()),
        };
        // The answer that kept the conflict may have been lost on its way.
        let kept = self.conflicts.get(&conflict.id).copied();
        let draft = kept.unwrap_or_else(|| draft_of(conflict.modified_at_ms));
        if self.deleted.contains(&item) || self.thinned.contains(&(item, version)) {
            // This answer is a repeat.
            return Ok(());
        }
        let Ok(stored) = server.manifest(who, item, Some(version)) else {
            return self.check("a choice does what it says", false, || {
                format!("{item} {version}")
            });
        };
        let content = Manifest {
            size: stored.size,
            size_class: SizeClass::for_size(0),
            modified_at_ms: time_of(draft),
            blocks: stored.blocks,
        };
        self.accepted(item, version, &content, Some(version - 1))
    }

    /// The server has answered yes to taking a resolution back.
    ///
    /// # Errors
    /// Nobody had seen what it was taken back on, the second side is gone, or
    /// the file holds what nobody wrote.
    pub fn reopened(
        &mut self,
        server: &Server,
        who: &Asker,
        device: usize,
        conflict: &Conflict,
        seen: Version,
    ) -> Checked {
        let was_seen = self.choices.contains(&(device, conflict.id, seen));
        self.check("a choice is made on what was seen", was_seen, || {
            format!("{conflict:?} taken back on {seen}")
        })?;
        let is_open = conflict.resolved.is_none();
        self.check("a choice does what it says", is_open, || {
            format!("{conflict:?}")
        })?;
        // The choice's version was the head: what was before it is the next.
        let was_head = self.chosen_on.get(&conflict.id);
        let was_head = was_head.is_some_and(|heads| heads.contains(&(seen - 1)));
        let before = self.versions.get(&(conflict.item, seen.saturating_sub(1)));
        let before = before.filter(|_| was_head).cloned();
        let Ok(stored) = server.manifest(who, conflict.item, Some(seen + 1)) else {
            return Ok(());
        };
        match before {
            // Another one may have written it, if this answer is a repeat.
            Some(before) if before.blocks == stored.blocks => {
                let content = Manifest {
                    size: stored.size,
                    size_class: SizeClass::for_size(0),
                    modified_at_ms: time_of(before.draft),
                    blocks: stored.blocks,
                };
                if self.versions.contains_key(&(conflict.item, seen + 1)) {
                    return Ok(());
                }
                self.accepted(conflict.item, seen + 1, &content, Some(seen))
            }
            _ => Ok(()),
        }
    }

    /// No lost update: whoever wrote a version had seen the one before it.
    fn check_seen(&mut self, item: ItemId, version: Version) -> Checked {
        const NO_LOST_UPDATE: &str = "no lost update";
        let before = version - 1;
        let Some(accepted) = self.versions.get(&(item, version)).filter(|_| before > 0) else {
            return Ok(());
        };
        if let Some(seen) = accepted.chosen_on {
            return self.check(NO_LOST_UPDATE, seen == before, || {
                format!("{item} {version} chosen on {seen}")
            });
        }
        let Some(earlier) = self.versions.get(&(item, before)) else {
            return Ok(());
        };
        let (draft, rival) = (accepted.draft, earlier.draft);
        let seen = self.drafts[&draft].seen;
        let mut over = self.drafts[&draft].over;
        while let Some(below) = over.filter(|below| *below != rival) {
            over = self.drafts.get(&below).and_then(|made| made.over);
        }
        // The person has cancelled it, and made this one instead; it had been taken already.
        let is_instead = rival < draft
            && self
                .drafts
                .get(&rival)
                .is_some_and(|made| made.given_up && made.device == self.drafts[&draft].device);
        // Either the number, or that very content before it had a number; or
        // it is the same content again, whose first answer was lost.
        let had_seen = seen == before || over == Some(rival) || draft == rival || is_instead;
        self.check(NO_LOST_UPDATE, had_seen, || {
            format!("{item} {version} by {draft:?}, whose maker saw {seen}")
        })
    }

    /// What a device shows as a version's content.
    ///
    /// # Errors
    /// It is not that.
    pub fn shown(&mut self, item: ItemId, version: Version, blocks: &[BlockRef]) -> Checked {
        let known = self.versions.get(&(item, version));
        let holds = known.is_none_or(|known| known.blocks == blocks);
        self.check("wrong bytes are never shown", holds, || {
            format!("{item} {version}")
        })
    }
}
