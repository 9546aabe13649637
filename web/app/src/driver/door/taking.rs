//! What is done with an intake: it is taken in, or the person is asked about it. Only who
//! hands something in needs it, so it is in a [part](crate::parts) of the page.

use super::pass::{self, HandedIn, Pass};
use super::{Door, DoorAct, remembered, shown};
use crate::driver::panel::row::{Dropped, Onto};
use crate::driver::ports::Client;
use crate::refusals::{called, said};
use crate::state::door::{IntakeId, NamesAnswer, Question, RefusedFile, TakenName};
use crate::state::uploads::UploadId;
use leptos::prelude::{GetUntracked, Set, Update, WithUntracked};
use platform::intake::{DropContents, PickedFile, Unreadable, shown_path};
use protocol::ids::{ItemId, Version};
use protocol::name::Name;
use sync::edit::DraftId;
use sync::intake::junk::is_junk;
use sync::intake::{self, IncomingFile, OnTakenName};
use sync::tree::Tree;
use web_sys::File;

impl Door {
    /// Does what was asked of the part.
    pub fn carry_out(&self, act: DoorAct) {
        match act {
            DoorAct::Add {
                folder,
                onto,
                intake,
            } => {
                let tree = self.inside.tree;
                let only = tree.with_untracked(|tree| only_file(tree, onto, &intake));
                match onto.zip(only) {
                    Some((item, file)) => self.add_version(item, file),
                    None => self.add(folder, intake),
                }
            }
            DoorAct::AddVersion { item, file } => self.add_version(item, file),
            DoorAct::Retry(upload) => self.retry(upload),
            DoorAct::Answer(id, answer) => self.answer(id, &answer),
            DoorAct::AskAgain(folder) => self.remember(folder, None),
            DoorAct::LookAgain => self.ask_about_now(),
        }
    }

    /// Takes in what was handed in to a folder, or asks about it.
    fn add(&self, folder: Option<ItemId>, intake: DropContents) {
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
            .map(|Unreadable { what, why }| RefusedFile {
                what: called(what),
                why: said(&why),
            });
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

    /// Takes a file in as the next version of an item, whatever its name is.
    fn add_version(&self, item: ItemId, file: File) {
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
    fn retry(&self, upload: UploadId) {
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
    fn ask_about_now(&self) {
        let Some(client) = self.inside.current.client() else {
            return;
        };
        let shown = self.inside.shown.questions;
        let mut questions = shown.get_untracked();
        for question in &mut questions {
            if let Some(handed_in) = self.asked.borrow().get(&question.id) {
                question.names = self.names(&client, handed_in);
            }
        }
        if shown.with_untracked(|all| *all != questions) {
            shown.set(questions);
        }
    }

    /// The person has answered: it is carried out against what is shown now.
    fn answer(&self, id: IntakeId, answer: &NamesAnswer) {
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

    fn remember(&self, folder: Option<ItemId>, wanted: Option<OnTakenName>) {
        let said = self.inside.shown.remembered;
        remembered::set(said, self.user.get(), folder, wanted);
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
