//! What a person does to items and conflicts, as observations. Whatever can be
//! refused at once is refused at once; what only the server knows is told later.

use super::current::Current;
use super::promises::{Promised, Promises};
use crate::parts::PartFuture;
use crate::state::Drive;
use crate::state::notices::More;
use crate::state::undo::{Deed, Spot, Step, StepId, Went};
use crate::words::{say, t};
use blocks::number::FileTime;
use leptos::prelude::{GetUntracked, Update, WithUntracked};
use platform::browser::{clock, random};
use platform::failure::Failure;
use protocol::conflicts::{Choice, Conflict};
use protocol::content::Base;
use protocol::files::FileVersion;
use protocol::ids::{ConflictId, ItemId, Version};
use protocol::items::Item;
use protocol::limits::may_nest;
use protocol::name::Name;
use protocol::problem::Problem;
use std::cell::Cell;
use std::rc::Rc;
use sync::edit::{ConflictDecision, Copied, Draft, DraftBytes, DraftId, Met};
use sync::free::free_name;
use sync::ids::Nonce;
use sync::message::{Input, Observation};
use sync::place::Place;
use wasm_bindgen_futures::spawn_local;
use web_sys::File;

/// What a person chose in the conflict dialog.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum KeepWhich {
    Mine,
    Theirs,
    Both,
}

/// What a person does about a [`sync::edit::Matter`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MatterChoice {
    /// It may stay as it is.
    Fine,
    /// What they had wanted, all the same: the name, the place (with its folder
    /// out of the trash), the deleted file back with their edit, the move to or
    /// from the trash.
    MineAfterAll,
    /// The edit of a deleted file goes into the trash.
    LetGo,
}

/// What is done in a [part](crate::parts) of the page.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum LaterAct {
    /// Takes a step back, the newest if none is named.
    Undo(Option<StepId>),
    /// Does again what was taken back last.
    Redo,
    /// Makes copies of items, with what is in them, in a folder.
    CopyInto {
        items: Vec<ItemId>,
        parent: Option<ItemId>,
    },
}

/// What a person does, to what they are shown.
pub struct Acts {
    pub drive: Drive,
    pub current: Current,
    pub promises: Rc<Promises>,
    /// Does it in a part of the page.
    pub later: fn(Rc<Acts>, LaterAct) -> PartFuture<()>,
}

impl Acts {
    pub fn create_folder(&self, parent: Option<ItemId>, name: Name) -> Result<ItemId, Failure> {
        let item = ItemId::from_random(random::id_bytes());
        let place = Place { parent, name };
        self.check_free(item, &place)?;
        self.observe(Observation::Made {
            item,
            nonce: nonce(),
            place: place.clone(),
            draft: None,
        });
        self.made(Deed::MadeFolder, vec![(item, place)]);
        Ok(item)
    }

    pub fn rename(&self, id: ItemId, name: Name) -> Result<(), Failure> {
        let before = self.known(id)?;
        let place = Place {
            parent: before.parent,
            name: name.clone(),
        };
        self.put(id, place)?;
        let from = before.name.clone();
        let more = self.did(Deed::Renamed, vec![before]);
        self.promise(Promised::Renamed { from, to: name }, vec![id], more);
        Ok(())
    }

    /// Does something in a part of the page.
    pub fn do_later(self: &Rc<Self>, act: LaterAct) {
        let acts = self.clone();
        spawn_local(async move {
            if let Err(failure) = (acts.later)(acts.clone(), act).await {
                acts.drive
                    .notices
                    .failure(t("Nothing was done"), &failure.into());
            }
        });
    }

    /// Remembers what was done to items that were so before.
    fn did(&self, deed: Deed, before: Vec<Item>) -> More {
        let went = self.drive.tree.with_untracked(|tree| {
            let went = before.into_iter().filter_map(|before| {
                let to = Spot::of(tree.get(before.id)?);
                let (item, from) = (before.id, Spot::of(&before));
                (from != to).then_some(Went { item, from, to })
            });
            went.collect()
        });
        self.remember(deed, went)
    }

    /// Remembers that items were made, which were nowhere before.
    pub fn made(&self, deed: Deed, items: Vec<(ItemId, Place)>) -> More {
        let went = items.into_iter().map(|(item, place)| {
            let trashed = false;
            let to = Spot { place, trashed };
            let from = to.clone().trashed(true);
            Went { item, from, to }
        });
        self.remember(deed, went.collect())
    }

    fn remember(&self, deed: Deed, went: Vec<Went>) -> More {
        thread_local! {
            static NEXT: Cell<StepId> = const { Cell::new(1) };
        }
        if went.is_empty() {
            return More::Nothing;
        }
        let id = NEXT.with(|next| next.replace(next.get() + 1));
        let step = Step { id, deed, went };
        self.drive.steps.update(|steps| steps.did(step));
        let root = self.drive.root;
        More::Undo { root, step: id }
    }

    fn move_to(&self, id: ItemId, parent: Option<ItemId>) -> Result<(), Failure> {
        let Item { name, .. } = self.known(id)?;
        self.place(id, Place { parent, name })
    }

    /// Puts an item into a folder that is there, under a name.
    pub fn place(&self, id: ItemId, place: Place) -> Result<(), Failure> {
        let before = self.known(id)?.parent;
        let parent = place.parent;
        self.drive.tree.with_untracked(|tree| {
            let path = |parent: Option<ItemId>| parent.map(|id| tree.path(id)).unwrap_or_default();
            if parent.is_some_and(|parent| !tree.is_live(parent)) {
                return Err(Problem::NoSuchItem);
            }
            let above = path(parent);
            if above.iter().any(|item| item.id == id) {
                return Err(Problem::MoveIntoItself);
            }
            // What is nested too deeply since before may stay as deep as it is.
            let goes_down = above.len() > path(before).len();
            if goes_down && !may_nest(above.len(), tree.height(id)) {
                return Err(Problem::TooDeep);
            }
            Ok(())
        })?;
        self.put(id, place)
    }

    fn put(&self, item: ItemId, place: Place) -> Result<(), Failure> {
        self.check_free(item, &place)?;
        self.observe(Observation::Placed {
            item,
            nonce: nonce(),
            place,
        });
        Ok(())
    }

    /// Makes a file beside this one, with what the server has of it.
    pub fn copy(&self, id: ItemId) -> Result<(), Failure> {
        let draft = self.copied(id)?;
        self.make_beside(id, draft)
    }

    /// The same of an earlier version.
    pub fn copy_version(&self, id: ItemId, version: &FileVersion) -> Result<(), Failure> {
        let draft = self.copied(id)?;
        let base = Base {
            item: id,
            version: version.version,
        };
        let copy_of = draft.copy_of.map(|copied| Copied { base, ..copied });
        let draft = Draft {
            size: version.size,
            modified_at_ms: version.modified_at_ms,
            copy_of,
            ..draft
        };
        self.make_beside(id, draft)
    }

    fn make_beside(&self, id: ItemId, draft: Draft) -> Result<(), Failure> {
        let Item { parent, name, .. } = self.known(id)?;
        let place = Place {
            parent,
            name: self.drive.tree.with_untracked(|tree| {
                free_name(
                    |name| tree.child_named(parent, name).is_none(),
                    |nth| name.copy(nth),
                )
            }),
        };
        let item = ItemId::from_random(random::id_bytes());
        self.observe(Observation::Made {
            item,
            nonce: nonce(),
            place: place.clone(),
            draft: Some(draft),
        });
        self.made(Deed::Copied, vec![(item, place)]);
        Ok(())
    }

    /// What the server has of a file, as a draft of another one: its bytes need not
    /// be here.
    pub fn copied(&self, id: ItemId) -> Result<Draft, Failure> {
        let Item { name, file, .. } = self.known(id)?;
        let head = file.filter(|head| head.version > 0);
        let head = head.ok_or(Failure::Refused(Problem::NoSuchVersion))?;
        let base = Base {
            item: id,
            version: head.version,
        };
        Ok(Draft {
            id: DraftId(random::small_id()),
            size: head.size,
            modified_at_ms: head.modified_at_ms,
            file_name: name.to_string(),
            bytes: DraftBytes::Gone,
            manifest: None,
            copy_of: Some(Copied {
                base,
                size_class: head.size_class,
            }),
        })
    }

    /// Makes an earlier version of a file the next one, by reference: no bytes travel. It
    /// starts from the version that the person has `seen`. If somebody saves another one
    /// before it is there, it comes second, as any edit.
    pub async fn bring_back_version(
        &self,
        id: ItemId,
        version: Version,
        seen: Version,
    ) -> Result<(), Failure> {
        let since = Base {
            item: id,
            version: seen,
        };
        let api = self.current.api();
        let size = api.manifest_since(id, version, since).await?.size;
        let Item { name, file, .. } = self.known(id)?;
        let head = file.filter(|head| head.version == seen);
        let Some(head) = head else {
            let why = t("Somebody has saved another version in the meantime");
            return Err(Failure::Device(why.to_owned()));
        };
        let draft = Draft {
            id: DraftId(random::small_id()),
            size,
            modified_at_ms: FileTime::of_clock(clock::now_ms()),
            file_name: name.to_string(),
            bytes: DraftBytes::Gone,
            manifest: None,
            copy_of: Some(Copied {
                base: Base { item: id, version },
                size_class: head.size_class,
            }),
        };
        self.observe(Observation::Edited {
            item: id,
            nonce: nonce(),
            draft,
            seen: None,
        });
        Ok(())
    }

    /// Many at once, which are shown and sent together.
    pub fn trash_all(&self, items: Vec<ItemId>) {
        let before: Vec<Item> = self.drive.tree.with_untracked(|tree| {
            let known = items.iter().filter_map(|id| tree.get(*id));
            known.cloned().collect()
        });
        let known: Vec<ItemId> = before.iter().map(|item| item.id).collect();
        let observations = known.iter().map(|&item| {
            Input::Observed(Observation::Trashed {
                item,
                nonce: nonce(),
                trashed: true,
            })
        });
        self.current.inputs(observations.collect());
        let more = self.did(Deed::Trashed, before);
        self.promise(Promised::Trashed, known, more);
    }

    /// Moves many at once, but for those that are there already, and for the folder
    /// itself; what can't be is told with why.
    pub fn move_all(&self, items: Vec<ItemId>, parent: Option<ItemId>) {
        let items: Vec<ItemId> = self.drive.tree.with_untracked(|tree| {
            let is_elsewhere = |id: &ItemId| {
                let item = tree.get(*id);
                item.is_some_and(|item| item.parent != parent) && Some(*id) != parent
            };
            items.into_iter().filter(is_elsewhere).collect()
        });
        let (mut before, mut refused) = (Vec::new(), Vec::new());
        for item in items {
            let known = self.known(item);
            match (known, self.move_to(item, parent)) {
                (Ok(known), Ok(())) => before.push(known),
                (_, Ok(())) => {}
                (_, Err(failure)) => refused.push((item, failure)),
            }
        }
        let moved = before.iter().map(|item| item.id).collect();
        let more = self.did(Deed::Moved, before);
        self.promise(Promised::Moved { to: parent }, moved, more);
        for (item, failure) in refused {
            let name = self.known(item).map(|item| item.name.to_string());
            let what = say!("“{name}” was not moved", name = name.unwrap_or_default());
            self.drive.notices.failure(&what, &failure);
        }
    }

    /// Says what was asked for once it is done: see [`Promises::places`].
    pub fn promise(&self, what: Promised, items: Vec<ItemId>, more: More) {
        if let Some(client) = self.current.client() {
            self.promises.places(&client.engine(), what, items, more);
        }
    }

    /// Says `words` once the server has these decisions, or at once where there is no
    /// connection. `opens`: the conflicts are open then.
    pub fn tell_when_decided(&self, conflicts: Vec<ConflictId>, opens: bool, words: String) {
        if self.drive.connection.get_untracked().is_cut() {
            let words = say!("{words}. It is sent once there is a connection", words);
            return self.drive.notices.good(words);
        }
        if let Some(client) = self.current.client() {
            self.promises
                .decided(&client.engine(), conflicts, opens, words);
        }
    }

    /// Where an item comes back to: the folder it was in, or the top of the space where
    /// that is not there any more.
    fn home(&self, item: &Item) -> Option<ItemId> {
        let is_live =
            |folder: &ItemId| self.drive.tree.with_untracked(|tree| tree.is_live(*folder));
        item.parent.filter(is_live)
    }

    /// Takes an item out of the trash, under its own name or another one.
    pub fn restore(&self, id: ItemId, name: Option<Name>) -> Result<(), Failure> {
        let item = self.known(id)?;
        let place = Place {
            parent: self.home(&item),
            name: name.unwrap_or_else(|| item.name.clone()),
        };
        self.check_free(id, &place)?;
        let nonce = nonce();
        let is_where_it_was = place.parent == item.parent && place.name == item.name;
        self.observe(match is_where_it_was {
            true => Observation::Trashed {
                item: id,
                nonce,
                trashed: false,
            },
            false => Observation::Restored {
                item: id,
                nonce,
                place,
            },
        });
        let to = item.parent;
        let more = self.did(Deed::Restored, vec![item]);
        self.promise(Promised::Restored { to }, vec![id], more);
        Ok(())
    }

    /// The first name like its own that is free where it comes back to, and that folder's
    /// name.
    pub fn name_to_restore(&self, id: ItemId) -> Option<(Name, String)> {
        let item = self.known(id).ok()?;
        let parent = self.home(&item);
        Some(self.drive.tree.with_untracked(|tree| {
            let free = free_name(
                |name| tree.child_named(parent, name).is_none(),
                |nth| item.name.numbered(nth.saturating_add(1)),
            );
            let folder = parent.and_then(|id| tree.get(id));
            let folder = folder.map_or_else(|| t("Files").to_owned(), |item| item.name.to_string());
            (free, folder)
        }))
    }

    pub fn set_trashed(&self, id: ItemId, trashed: bool) -> Result<(), Failure> {
        let Item { parent, name, .. } = self.known(id)?;
        if !trashed {
            self.check_free(id, &Place { parent, name })?;
        }
        self.observe(Observation::Trashed {
            item: id,
            nonce: nonce(),
            trashed,
        });
        Ok(())
    }

    /// Carries out a choice against the head that the tree shows at this moment.
    pub fn resolve(&self, id: ConflictId, keep: KeepWhich) -> Result<(), Failure> {
        let conflict = self
            .drive
            .conflicts
            .with_untracked(|open| open.get(&id).cloned());
        let conflict = conflict.ok_or(Failure::Refused(Problem::NoSuchConflict))?;
        let choice = match keep {
            KeepWhich::Mine => Choice::KeepMine,
            KeepWhich::Theirs => Choice::KeepTheirs,
            KeepWhich::Both => {
                let item = self.known(conflict.item)?;
                Choice::KeepBoth {
                    copy_id: ItemId::from_random(random::id_bytes()),
                    copy_name: self.copy_name(&item, &conflict),
                }
            }
        };
        self.observe(Observation::Resolved {
            conflict: id,
            nonce: nonce(),
            choice,
        });
        Ok(())
    }

    /// Makes what the person made of both sides the next version of the file that
    /// they merged at `seen_version`.
    pub fn resolve_merged(
        &self,
        id: ConflictId,
        file: &File,
        seen_version: Version,
    ) -> Result<(), Failure> {
        let is_known = self
            .drive
            .conflicts
            .with_untracked(|open| open.contains_key(&id))
            || self
                .drive
                .merges
                .with_untracked(|stopped| stopped.contains_key(&id));
        if !is_known {
            return Err(Problem::NoSuchConflict.into());
        }
        let Some(client) = self.current.client() else {
            return Err(Problem::NotSignedIn.into());
        };
        let draft = client.drafts().pick(file);
        self.observe(Observation::Merged {
            conflict: id,
            nonce: nonce(),
            draft,
            seen_version,
        });
        Ok(())
    }

    /// Takes a resolution back, against the head that the tree shows.
    pub fn reopen(&self, conflict: &Conflict) -> Result<(), Failure> {
        let seen_version = self.known(conflict.item)?.version();
        self.observe(Observation::Reopened {
            conflict: conflict.id,
            nonce: nonce(),
            seen_version,
        });
        Ok(())
    }

    /// Lets go of a choice that was not sent, or of a merge that stopped.
    pub fn unresolve(&self, conflict: ConflictId) {
        self.observe(Observation::Unresolved { conflict });
    }

    /// The bytes of a merge that was not carried out.
    pub async fn merged_file(&self, conflict: ConflictId) -> Option<File> {
        let client = self.current.client()?;
        let draft = {
            let engine = client.engine();
            engine.trees().resolutions().get(&conflict)?.draft()?.id
        };
        client.drafts().file(draft).await
    }

    /// Does about a matter what the person wants, and takes it off the list.
    pub fn settle(&self, id: Nonce, choice: MatterChoice) -> Result<(), Failure> {
        let matter = self
            .drive
            .matters
            .with_untracked(|all| all.get(&id).cloned());
        let Some(matter) = matter else {
            return Ok(());
        };
        match (choice, &matter.what) {
            (MatterChoice::Fine, _) => {}
            (MatterChoice::LetGo, Met::Deleted { new }) => self.set_trashed(*new, true)?,
            (MatterChoice::MineAfterAll, Met::Deleted { new }) => {
                self.bring_back(matter.item, *new)?;
            }
            (
                MatterChoice::MineAfterAll,
                Met::Placed { wanted } | Met::NameTaken { wanted } | Met::Impossible { wanted, .. },
            ) => self.put(matter.item, wanted.clone())?,
            (MatterChoice::MineAfterAll, Met::FolderDeleted { wanted, folder }) => {
                self.set_trashed(*folder, false)?;
                self.put(matter.item, wanted.clone())?;
            }
            (MatterChoice::MineAfterAll, Met::Renamed { from, .. }) => {
                self.rename(matter.item, from.clone())?;
            }
            (MatterChoice::MineAfterAll, Met::Trashed { wanted, .. }) => {
                self.set_trashed(matter.item, *wanted)?;
            }
            // There is nothing else to let go of.
            (MatterChoice::LetGo, _) => {}
        }
        self.observe(Observation::Settled { matter: id });
        Ok(())
    }

    /// A deleted file comes back with the edit that had become the file `new`.
    fn bring_back(&self, item: ItemId, new: ItemId) -> Result<(), Failure> {
        self.known(item)?;
        let draft = self.copied(new)?;
        // The new file gives its name back first; the engine waits for that.
        self.set_trashed(new, true)?;
        self.set_trashed(item, false)?;
        self.observe(Observation::Edited {
            item,
            nonce: nonce(),
            draft,
            seen: None,
        });
        Ok(())
    }

    /// The first name for the copy that is free beside the file, and that no choice
    /// which is still to be sent gives to another one.
    pub fn copy_name(&self, item: &Item, conflict: &Conflict) -> Name {
        let device = &conflict.committed.device_name;
        let date = clock::local_date();
        let promised = self.promised_names(conflict.id);
        self.drive.tree.with_untracked(|tree| {
            free_name(
                |name| tree.child_named(item.parent, name).is_none() && !promised.contains(name),
                |nth| item.name.conflicted_copy(device, &date, nth),
            )
        })
    }

    fn promised_names(&self, but: ConflictId) -> Vec<Name> {
        let Some(client) = self.current.client() else {
            return Vec::new();
        };
        let engine = client.engine();
        let others = engine.trees().resolutions().values();
        let names = others.filter_map(|other| match &other.wanted {
            ConflictDecision::Keep(Choice::KeepBoth { copy_name, .. }) if other.conflict != but => {
                Some(copy_name.clone())
            }
            _ => None,
        });
        names.collect()
    }

    fn check_free(&self, id: ItemId, place: &Place) -> Result<(), Failure> {
        let rival = self.drive.tree.with_untracked(|tree| {
            let there = tree.child_named(place.parent, &place.name);
            there.map(|item| item.id).filter(|rival| *rival != id)
        });
        match rival {
            Some(item) => Err(Problem::NameTaken { item }.into()),
            None => Ok(()),
        }
    }

    /// An item as it is shown.
    pub fn known(&self, id: ItemId) -> Result<Item, Failure> {
        let item = self.drive.tree.with_untracked(|tree| tree.get(id).cloned());
        item.ok_or(Failure::Refused(Problem::NoSuchItem))
    }

    fn observe(&self, observation: Observation) {
        self.current.input(Input::Observed(observation));
    }
}

/// Names an intention.
pub fn nonce() -> Nonce {
    Nonce(random::id_bytes())
}
