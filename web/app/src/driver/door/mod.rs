//! The door: what a person hands in, from the drop to the engine. Nothing of an
//! intake is taken in before the person has answered what it asks; what each
//! file becomes is decided by [`sync::intake`].
//!
//! | file | does |
//! | --- | --- |
//! | here | intakes that are walked, or wait for an answer |
//! | [`pass`] | one of them on its way in, file by file |
//! | [`folders`] | the folders that this makes, taken back if it is cancelled |
//! | [`shown`] | what the person sees, as the decision takes it |
//! | [`remembered`] | answers that hold for a folder |

mod folders;
mod pass;
mod remembered;
mod shown;

use super::current::Current;
use super::panel::Panel;
use super::panel::coming::Passage;
use super::panel::row::{Dropped, Onto};
use super::ports::Client;
use crate::state::door::{
    AtDoor, IntakeId, LeftOut, NamesAnswer, Question, RefusedFile, TakenName,
};
use crate::state::notices::Notices;
use crate::state::uploads::{Stage, UploadId};
use folders::MadeFolders;
use leptos::prelude::{GetUntracked, RwSignal, Set, Update, WithUntracked};
use pass::{HandedIn, Inside, Pass};
use platform::intake::{DropContents, PickedFile, Unreadable, Watch, shown_path};
use protocol::ids::{ItemId, UserId, Version};
use protocol::name::Name;
use std::cell::{Cell, RefCell};
use std::collections::BTreeMap;
use std::pin::Pin;
use std::rc::Rc;
use sync::edit::DraftId;
use sync::intake::junk::is_junk;
use sync::intake::{self, IncomingFile, OnTakenName};
use sync::tree::Tree;
use wasm_bindgen_futures::spawn_local;
use web_sys::File;

pub struct Door {
    inside: Inside,
    last_id: Cell<IntakeId>,
    /// What waits for an answer.
    asked: RefCell<BTreeMap<IntakeId, HandedIn>>,
    /// Whose answers are remembered.
    user: Cell<Option<UserId>>,
}

/// A walk, as somebody watches it who can end it.
pub struct Walk {
    door: Rc<Door>,
    passage: Rc<Passage>,
}

impl Watch for Walk {
    fn found(&self, files: usize) -> bool {
        self.passage.files.set(files);
        let is_over = self.passage.stopped.is_set();
        if !is_over {
            self.door.show_walks();
        }
        !is_over
    }
}

impl Drop for Walk {
    fn drop(&mut self) {
        self.door.inside.panel.coming.end(&self.passage);
        self.door.show_walks();
    }
}

impl Door {
    pub fn new(
        current: Current,
        panel: Rc<Panel>,
        shown: AtDoor,
        tree: RwSignal<Tree>,
        notices: Notices,
    ) -> Rc<Self> {
        let folders = MadeFolders::new(current.clone());
        Rc::new(Self {
            inside: Inside {
                current,
                tree,
                panel,
                folders,
                shown,
                notices,
            },
            last_id: Cell::new(0),
            asked: RefCell::default(),
            user: Cell::new(None),
        })
    }

    /// Somebody is signed in: what they said for good holds again.
    pub fn open_for(&self, user: UserId) {
        self.user.set(Some(user));
        remembered::read(self.inside.shown.remembered, user);
    }

    /// Takes in what a walk brings. `onto` is the file that it was dropped onto: a
    /// single file of its name is its next version, whoever drops it there has said
    /// so.
    pub fn walk(
        self: &Rc<Self>,
        folder: Option<ItemId>,
        onto: Option<ItemId>,
        begin: impl FnOnce(Walk) -> Pin<Box<dyn Future<Output = DropContents>>>,
    ) {
        let door = self.clone();
        let passage = Rc::new(Passage::default());
        passage.is_walk.set(true);
        door.inside.panel.coming.begin(passage.clone());
        let watch = Walk {
            door: door.clone(),
            passage: passage.clone(),
        };
        let walked = begin(watch);
        spawn_local(async move {
            let current = &door.inside.current;
            let client = current.client();
            let intake = walked.await;
            let is_same = match (&client, current.client()) {
                (Some(then), Some(now)) => then.is_same(&now),
                _ => false,
            };
            if passage.stopped.is_set() || !is_same {
                return;
            }
            let tree = door.inside.tree;
            let only = tree.with_untracked(|tree| only_file(tree, onto, &intake));
            match onto.zip(only) {
                Some((item, file)) => door.add_version(item, file),
                None => door.add(folder, intake),
            }
        });
    }

    /// Takes in what was handed in to a folder, or asks about it.
    pub fn add(&self, folder: Option<ItemId>, intake: DropContents) {
        let (files, junk): (Vec<_>, Vec<_>) = intake
            .files
            .into_iter()
            .partition(|picked| !is_junk(&picked.file.name()));
        let (unreadable, lost): (Vec<_>, Vec<_>) = intake
            .unreadable
            .into_iter()
            .partition(|one| !is_junk(one.what.rsplit('/').next().unwrap_or_default()));
        let junk = junk
            .iter()
            .map(|one| shown_path(&one.folders, &one.file.name()));
        let junk = junk.chain(lost.into_iter().map(|one| one.what)).collect();
        let refused = unreadable
            .into_iter()
            .map(|Unreadable { what, why }| RefusedFile { what, why });
        self.inside.leave_out(refused.collect(), junk);
        let mut empty_folders = intake.empty_folders;
        let sources = files
            .iter()
            .map(|picked| source(&picked.folders, &picked.file));
        let sources = intake::Intake::new(folder, sources.collect(), &empty_folders);
        empty_folders.reverse();
        let dropped = files
            .into_iter()
            .map(|PickedFile { folders, file }| Dropped {
                file,
                onto: Onto::Folder(folder, folders),
            });
        let handed_in = HandedIn {
            dropped: dropped.collect(),
            intake: sources,
            empty_folders,
            row: None,
        };
        self.look(handed_in);
    }

    /// Takes a file in as the next version of an item.
    pub fn add_version(&self, item: ItemId, file: File) {
        let onto = Onto::File(item, None);
        pass::next_version(&self.inside, item, &Dropped { file, onto }, None);
    }

    /// The same for what was typed over a version, which may not be the newest by now.
    /// Returns the draft that it is now; `None` says why to the person.
    pub fn add_typed(&self, item: ItemId, seen: Version, file: File) -> Option<DraftId> {
        let onto = Onto::File(item, Some(seen));
        pass::next_version(&self.inside, item, &Dropped { file, onto }, None)
    }

    /// Tries once more what was cancelled, or could not be.
    pub fn retry(&self, upload: UploadId) {
        let Some((row, dropped)) = self.inside.panel.retry(upload) else {
            return;
        };
        match &dropped.onto {
            Onto::File(item, _) => {
                pass::next_version(&self.inside, *item, &dropped, Some(&row));
            }
            Onto::Folder(folder, folders) => {
                let sources = vec![source(folders, &dropped.file)];
                let handed_in = HandedIn {
                    intake: intake::Intake::new(*folder, sources, &[]),
                    dropped: vec![dropped],
                    empty_folders: Vec::new(),
                    row: Some(row),
                };
                self.look(handed_in);
            }
        }
    }

    /// Asks, where names are taken and nothing was said about that for good.
    fn look(&self, handed_in: HandedIn) {
        let Some(client) = self.inside.current.client() else {
            return;
        };
        let names = self.names(&client, &handed_in);
        let shown = self.inside.shown;
        let folder = handed_in.intake.folder();
        let remembered = shown
            .remembered
            .with_untracked(|all| all.get(&folder).copied());
        if names.is_empty() || remembered.is_some() {
            let wanted = remembered.unwrap_or(OnTakenName::KeepBoth);
            return Pass::begin(&self.inside, client, handed_in, |_| wanted);
        }
        let id = self.last_id.get() + 1;
        self.last_id.set(id);
        let question = Question {
            id,
            folder,
            files: handed_in.dropped.len(),
            names,
        };
        self.asked.borrow_mut().insert(id, handed_in);
        shown.questions.update(|all| all.push(question));
    }

    /// The names of an intake that files have, as the person sees it.
    fn names(&self, client: &Client, handed_in: &HandedIn) -> Vec<TakenName> {
        let met = shown::with(self.inside.tree, client, |shown| {
            handed_in.intake.meets(shown)
        });
        let asked = met.into_iter().filter(|one| one.awaited_by.is_none());
        let sources = handed_in.intake.sources();
        let named = asked.filter_map(|one| {
            let of = sources.get(one.source)?;
            Some(TakenName {
                source: one.source,
                path: shown_path(&of.folders, &of.name),
            })
        });
        named.collect()
    }

    /// The tree shows something else: so do the questions about it.
    pub fn look_again(&self, client: &Client) {
        if self.asked.borrow().is_empty() {
            return;
        }
        let shown = self.inside.shown.questions;
        let mut questions = shown.get_untracked();
        for question in &mut questions {
            if let Some(handed_in) = self.asked.borrow().get(&question.id) {
                question.names = self.names(client, handed_in);
            }
        }
        if shown.with_untracked(|all| *all != questions) {
            shown.set(questions);
        }
    }

    /// The person has answered: it is carried out against what is shown now.
    pub fn answer(&self, id: IntakeId, answer: &NamesAnswer) {
        let (Some(handed_in), Some(client)) =
            (self.take_question(id), self.inside.current.client())
        else {
            return;
        };
        if answer.remember {
            self.remember(handed_in.intake.folder(), Some(answer.all));
        }
        let wanted = |source: usize| answer.but.get(&source).copied().unwrap_or(answer.all);
        Pass::begin(&self.inside, client, handed_in, wanted);
    }

    /// Files whose names are taken in this folder are asked about again.
    pub fn ask_again(&self, folder: Option<ItemId>) {
        self.remember(folder, None);
    }

    fn remember(&self, folder: Option<ItemId>, wanted: Option<OnTakenName>) {
        let said = self.inside.shown.remembered;
        remembered::set(said, self.user.get(), folder, wanted);
    }

    /// Nothing of it is taken in.
    pub fn refuse(&self, id: IntakeId) {
        let Some(handed_in) = self.take_question(id) else {
            return;
        };
        if let Some(row) = &handed_in.row {
            row.finish(Stage::Cancelled);
        }
        let text = match handed_in.dropped.as_slice() {
            [one] => format!("“{}” was not uploaded", one.file.name()),
            many => format!("None of these {} files was uploaded", many.len()),
        };
        self.inside.notices.good(text);
        let decided = self.inside.shown.decided;
        decided.update(|decided| *decided += 1);
    }

    fn take_question(&self, id: IntakeId) -> Option<HandedIn> {
        let handed_in = self.asked.borrow_mut().remove(&id);
        let questions = self.inside.shown.questions;
        questions.update(|all| all.retain(|question| question.id != id));
        handed_in
    }

    /// Whether something would be gone with the page that it does not have yet.
    pub fn is_open(&self) -> bool {
        !self.asked.borrow().is_empty() || !self.inside.panel.coming.is_empty()
    }

    /// Ends all uploads, and whatever is on its way in: what is not taken in by now
    /// will not be. What the server is being asked to store at this moment ends first,
    /// so that the rows say what is there.
    pub fn cancel_all(&self) {
        let panel = &self.inside.panel;
        panel.cancel_all();
        let asked = self.asked.take();
        let files: usize = asked.values().map(|one| one.dropped.len()).sum();
        panel.coming.add_cancelled(panel.coming.stop_all() + files);
        let questions = self.inside.shown.questions;
        if !questions.with_untracked(Vec::is_empty) {
            questions.set(Vec::new());
        }
        self.show_walks();
        self.inside.folders.withdraw_all();
        panel.sum_once();
    }

    /// Takes back folders of what was cancelled, as far as nobody speaks of them.
    pub fn tidy(&self) {
        self.inside.folders.tidy();
    }

    /// The person has seen what was not taken in.
    pub fn clear_left_out(&self) {
        self.inside.shown.left_out.set(LeftOut::default());
    }

    /// Nothing of what `user` said for good stays in the browser.
    pub fn forget_answers(&self, user: Option<UserId>) {
        remembered::forget_all(self.inside.shown.remembered, user);
    }

    /// The person has signed out.
    pub fn forget_all(&self) {
        self.inside.panel.coming.stop_all();
        self.inside.panel.coming.clear_cancelled();
        self.asked.take();
        self.inside.folders.forget_all();
        self.user.set(None);
        self.inside.shown.questions.set(Vec::new());
        self.inside.shown.walking.set(None);
        self.clear_left_out();
    }

    fn show_walks(&self) {
        let walking = self.inside.panel.coming.found();
        if self.inside.shown.walking.get_untracked() != walking {
            self.inside.shown.walking.set(walking);
        }
    }
}

/// The file, if it is the only thing and has the name of `onto`.
fn only_file(tree: &Tree, onto: Option<ItemId>, intake: &DropContents) -> Option<File> {
    let [PickedFile { folders, file }] = intake.files.as_slice() else {
        return None;
    };
    let is_alone =
        folders.is_empty() && intake.empty_folders.is_empty() && intake.unreadable.is_empty();
    let name = Name::parse(&file.name()).ok()?;
    let item = onto.and_then(|onto| tree.get(onto));
    let is_named_so = item.is_some_and(|item| item.file.is_some() && item.name.key() == name.key());
    (is_alone && is_named_so).then(|| file.clone())
}

fn source(folders: &[String], file: &File) -> IncomingFile {
    IncomingFile {
        folders: folders.to_vec(),
        name: file.name(),
        size: file.size() as u64,
    }
}
