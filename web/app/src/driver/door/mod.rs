//! The door: what a person hands in, from the drop to the engine. Nothing of an
//! intake is taken in before the person has answered what it asks; what each
//! file becomes is decided by [`sync::intake`].
//!
//! | file | does |
//! | --- | --- |
//! | here | intakes that are walked, wait for an answer or go in; their end |
//! | [`pass`] | one of them, file by file |
//! | [`shown`] | what the person sees, as the decision takes it |
//! | [`paths`] | folders' paths for people |
//! | [`remembered`] | answers that hold for a folder |

mod pass;
pub mod paths;
pub mod remembered;
mod shown;

use crate::driver::Client;
use crate::driver::inputs;
use crate::driver::panel::row::{Dropped, Onto, Row};
use crate::state::door::{Answer, IntakeId, Question, Refused, TakenName};
use crate::state::{Drive, Tone};
use client::bell::Latch;
use leptos::prelude::{GetUntracked, Set, Update, WithUntracked};
use pass::Pass;
use platform::browser::clock;
use platform::intake::{Intake, Picked, Unreadable, Watch, shown_path};
use protocol::ids::ItemId;
use std::cell::{Cell, RefCell};
use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;
use sync::intake::junk::is_junk;
use sync::intake::{self, Source, Taken};
use sync::message::{Input, Observation};
use wasm_bindgen_futures::spawn_local;
use web_sys::File;

#[derive(Default)]
pub struct Door {
    last_id: Cell<IntakeId>,
    /// What waits for an answer.
    asked: RefCell<BTreeMap<IntakeId, HandedIn>>,
    under_way: RefCell<Vec<Rc<Progress>>>,
    /// Folders that intakes have made and the server may not have yet.
    folders: RefCell<Vec<ItemId>>,
    /// Of these, what a person has cancelled and a request still speaks of.
    to_withdraw: RefCell<Vec<ItemId>>,
    tidying: Cell<bool>,
    /// Files that were cancelled before they had a row.
    cancelled: Cell<usize>,
}

/// An intake, whole.
pub struct HandedIn {
    pub dropped: Vec<Dropped>,
    pub intake: intake::Intake,
    pub empty_folders: Vec<Vec<String>>,
    /// The row that it has already: it is tried once more.
    pub row: Option<Rc<Row>>,
}

/// How far an intake is.
#[derive(Default)]
pub struct Progress {
    /// Files that are still to be taken in, or that a walk has found.
    pub files: Cell<usize>,
    pub is_walk: Cell<bool>,
    /// The person has cancelled it.
    pub stopped: Latch,
}

/// A walk, as somebody watches it who can end it.
pub struct Walk {
    drive: Drive,
    progress: Rc<Progress>,
}

impl Watch for Walk {
    fn found(&self, files: usize) -> bool {
        self.progress.files.set(files);
        let is_over = self.progress.stopped.is_set();
        if !is_over {
            self.drive.driver().door.show_walks(self.drive);
        }
        !is_over
    }
}

impl Drop for Walk {
    fn drop(&mut self) {
        let door = &self.drive.driver().door;
        door.leave(&self.progress);
        door.show_walks(self.drive);
    }
}

/// Takes in what a walk brings. `onto` is the file that it was dropped onto: a
/// single file of its name is its next version, whoever drops it there has said
/// so.
pub fn walk(
    drive: Drive,
    folder: Option<ItemId>,
    onto: Option<ItemId>,
    begin: impl FnOnce(Walk) -> std::pin::Pin<Box<dyn Future<Output = Intake>>>,
) {
    let progress = Rc::new(Progress::default());
    progress.is_walk.set(true);
    let door = &drive.driver().door;
    door.under_way.borrow_mut().push(progress.clone());
    let watch = Walk {
        drive,
        progress: progress.clone(),
    };
    let walked = begin(watch);
    spawn_local(async move {
        let client = drive.driver().client();
        let intake = walked.await;
        let is_same = match (&client, drive.driver().client()) {
            (Some(then), Some(now)) => then.is_same(&now),
            _ => false,
        };
        if progress.stopped.is_set() || !is_same {
            return;
        }
        match onto.zip(only_file(drive, onto, &intake)) {
            Some((item, file)) => add_version(drive, item, file),
            None => add(drive, folder, intake),
        }
    });
}

/// The file, if it is the only thing and has the name of `onto`.
fn only_file(drive: Drive, onto: Option<ItemId>, intake: &Intake) -> Option<File> {
    let [Picked { folders, file }] = intake.files.as_slice() else {
        return None;
    };
    let is_alone =
        folders.is_empty() && intake.empty_folders.is_empty() && intake.unreadable.is_empty();
    let name = protocol::name::Name::parse(&file.name()).ok()?;
    let is_named_so = drive.tree.with_untracked(|tree| {
        let item = onto.and_then(|onto| tree.get(onto));
        item.is_some_and(|item| !item.is_folder() && item.name.key() == name.key())
    });
    (is_alone && is_named_so).then(|| file.clone())
}

/// Takes in what was handed in to a folder, or asks about it.
pub fn add(drive: Drive, folder: Option<ItemId>, intake: Intake) {
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
        .map(|Unreadable { what, why }| Refused { what, why });
    leave_out(drive, refused.collect(), junk);
    let mut empty_folders = intake.empty_folders;
    let sources = files
        .iter()
        .map(|picked| source(&picked.folders, &picked.file));
    let sources = intake::Intake::new(folder, sources.collect(), &empty_folders);
    empty_folders.reverse();
    let dropped = files.into_iter().map(|Picked { folders, file }| Dropped {
        file,
        onto: Onto::Folder(folder, folders),
    });
    let handed_in = HandedIn {
        dropped: dropped.collect(),
        intake: sources,
        empty_folders,
        row: None,
    };
    look(drive, handed_in);
}

/// Takes a file in as the next version of an item.
pub fn add_version(drive: Drive, item: ItemId, file: File) {
    let onto = Onto::File(item);
    pass::next_version(drive, item, &Dropped { file, onto }, None);
}

/// Tries once more what was cancelled, or could not be.
pub fn again(drive: Drive, row: &Rc<Row>, dropped: &Dropped) {
    match &dropped.onto {
        Onto::File(item) => pass::next_version(drive, *item, dropped, Some(row)),
        Onto::Folder(folder, folders) => {
            let sources = vec![source(folders, &dropped.file)];
            let handed_in = HandedIn {
                dropped: vec![dropped.clone()],
                intake: intake::Intake::new(*folder, sources, &[]),
                empty_folders: Vec::new(),
                row: Some(row.clone()),
            };
            look(drive, handed_in);
        }
    }
}

fn source(folders: &[String], file: &File) -> Source {
    Source {
        folders: folders.to_vec(),
        name: file.name(),
        size: file.size() as u64,
    }
}

/// Asks, where names are taken and nothing was said about that for good.
fn look(drive: Drive, handed_in: HandedIn) {
    let Some(client) = drive.driver().client() else {
        return;
    };
    let names = names(drive, &client, &handed_in);
    let folder = handed_in.intake.folder();
    let remembered = drive
        .door
        .remembered
        .with_untracked(|all| all.get(&folder).copied());
    if names.is_empty() || remembered.is_some() {
        let wanted = remembered.unwrap_or(Taken::KeepBoth);
        return Pass::begin(drive, client, handed_in, |_| wanted);
    }
    let door = &drive.driver().door;
    let id = door.last_id.get() + 1;
    door.last_id.set(id);
    let question = Question {
        id,
        folder,
        files: handed_in.dropped.len(),
        names,
    };
    door.asked.borrow_mut().insert(id, handed_in);
    drive.door.questions.update(|all| all.push(question));
}

/// The names of an intake that files have, as the person sees it.
fn names(drive: Drive, client: &Client, handed_in: &HandedIn) -> Vec<TakenName> {
    let met = shown::with(drive, client, |shown| handed_in.intake.meets(shown));
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
pub fn look_again(drive: Drive, client: &Client) {
    let door = &drive.driver().door;
    if door.asked.borrow().is_empty() {
        return;
    }
    let mut questions = drive.door.questions.get_untracked();
    for question in &mut questions {
        if let Some(handed_in) = door.asked.borrow().get(&question.id) {
            question.names = names(drive, client, handed_in);
        }
    }
    if drive.door.questions.with_untracked(|all| *all != questions) {
        drive.door.questions.set(questions);
    }
}

/// The person has answered: it is carried out against what is shown now.
pub fn answer(drive: Drive, id: IntakeId, answer: &Answer) {
    let (Some(handed_in), Some(client)) = (take_question(drive, id), drive.driver().client())
    else {
        return;
    };
    if answer.remember {
        remembered::set(drive, handed_in.intake.folder(), Some(answer.all));
    }
    let wanted = |source: usize| answer.but.get(&source).copied().unwrap_or(answer.all);
    Pass::begin(drive, client, handed_in, wanted);
}

/// Nothing of it is taken in.
pub fn refuse(drive: Drive, id: IntakeId) {
    let Some(handed_in) = take_question(drive, id) else {
        return;
    };
    if let Some(row) = &handed_in.row {
        row.finish(crate::state::uploads::Stage::Cancelled);
    }
    let text = match handed_in.dropped.as_slice() {
        [one] => format!("“{}” was not uploaded", one.file.name()),
        many => format!("None of these {} files was uploaded", many.len()),
    };
    drive.notify(Tone::Good, text);
    drive.door.decided.update(|decided| *decided += 1);
}

fn take_question(drive: Drive, id: IntakeId) -> Option<HandedIn> {
    let handed_in = drive.driver().door.asked.borrow_mut().remove(&id);
    drive
        .door
        .questions
        .update(|all| all.retain(|question| question.id != id));
    handed_in
}

/// Lists what is not taken in.
pub fn leave_out(drive: Drive, refused: Vec<Refused>, junk: Vec<String>) {
    if refused.is_empty() && junk.is_empty() {
        return;
    }
    drive.door.left_out.update(|left_out| {
        left_out.refused.extend(refused);
        left_out.junk.extend(junk);
    });
}

impl Door {
    /// Files that are still to be taken in.
    pub fn to_come(&self) -> usize {
        let under_way = self.under_way.borrow();
        let passes = under_way.iter().filter(|one| !one.is_walk.get());
        passes.map(|one| one.files.get()).sum()
    }

    /// Files that were cancelled before they had a row, since the panel was
    /// cleared last.
    pub fn cancelled(&self) -> usize {
        self.cancelled.get()
    }

    /// Whether something would be gone with the page that it does not have yet.
    pub fn is_open(&self) -> bool {
        !self.asked.borrow().is_empty() || !self.under_way.borrow().is_empty()
    }

    /// Ends whatever is on its way in: what is not taken in by now will not be.
    pub fn cancel_all(&self, drive: Drive) {
        for progress in self.under_way.take() {
            progress.stopped.set();
            self.cancelled
                .set(self.cancelled.get() + progress.files.get());
        }
        for (_, handed_in) in self.asked.take() {
            let files = handed_in.dropped.len();
            self.cancelled.set(self.cancelled.get() + files);
        }
        if !drive.door.questions.with_untracked(Vec::is_empty) {
            drive.door.questions.set(Vec::new());
        }
        self.show_walks(drive);
        self.to_withdraw.borrow_mut().extend(self.folders.take());
        self.tidy(drive);
    }

    pub fn clear_cancelled(&self) {
        self.cancelled.set(0);
    }

    /// The person has signed out.
    pub fn forget_all(&self, drive: Drive) {
        for progress in self.under_way.take() {
            progress.stopped.set();
        }
        self.asked.take();
        self.folders.take();
        self.to_withdraw.take();
        self.cancelled.set(0);
        drive.door.questions.set(Vec::new());
        drive.door.walking.set(None);
        drive.door.left_out.set(Default::default());
    }

    fn leave(&self, progress: &Rc<Progress>) {
        let mut under_way = self.under_way.borrow_mut();
        under_way.retain(|other| !Rc::ptr_eq(other, progress));
    }

    fn show_walks(&self, drive: Drive) {
        let walking = {
            let under_way = self.under_way.borrow();
            let walks = under_way.iter().filter(|one| one.is_walk.get());
            let found: Vec<usize> = walks.map(|one| one.files.get()).collect();
            (!found.is_empty()).then(|| found.iter().sum())
        };
        if drive.door.walking.get_untracked() != walking {
            drive.door.walking.set(walking);
        }
    }

    /// Takes back folders that nothing is in and nobody has heard of; what a
    /// request speaks of at this moment is looked at again when that has ended.
    pub fn tidy(&self, drive: Drive) {
        if self.to_withdraw.borrow().is_empty() || self.tidying.replace(true) {
            return;
        }
        spawn_local(async move {
            clock::breathe().await;
            let door = &drive.driver().door;
            door.tidying.set(false);
            if let Some(client) = drive.driver().client() {
                let withdrawn = door.to_be_withdrawn(&client);
                inputs(drive, withdrawn);
            }
        });
    }

    fn to_be_withdrawn(&self, client: &Client) -> Vec<Input> {
        let engine = client.engine();
        let trees = engine.trees();
        let mut folders = self.to_withdraw.borrow_mut();
        folders.retain(|id| trees.edit(*id).is_some_and(|edit| edit.is_new));
        // Those made last are the deepest: what is above is empty after them.
        let (mut order, mut gone) = (Vec::new(), BTreeSet::new());
        for id in folders.iter().rev() {
            let below = trees.edits_below(*id);
            let is_empty = below.iter().all(|below| gone.contains(below));
            if is_empty && engine.sent(*id).is_none() {
                order.push(*id);
                gone.insert(*id);
            }
        }
        folders.retain(|id| !gone.contains(id));
        let inputs = order.into_iter();
        let inputs = inputs.map(|item| Input::Observed(Observation::Withdrawn { item }));
        inputs.collect()
    }

    fn note_folders(&self, made: impl Iterator<Item = ItemId>, client: &Client) {
        let engine = client.engine();
        let is_new = |id: &ItemId| engine.trees().edit(*id).is_some_and(|edit| edit.is_new);
        let mut folders = self.folders.borrow_mut();
        folders.retain(is_new);
        folders.extend(made);
    }
}
