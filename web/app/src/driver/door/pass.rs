//! An intake on its way in, a few files at a time. What is based on a version
//! is handed in at once, before the page can show another; what is new is based
//! on nothing, and the page draws in between.

use super::folders::MadeFolders;
use super::shown;
use crate::driver::current::Current;
use crate::driver::panel::Panel;
use crate::driver::panel::coming::Passage;
use crate::driver::panel::paths;
use crate::driver::panel::row::{Dropped, Onto, PanelRow, RowOrigin};
use crate::driver::ports::Client;
use crate::refusals::{InWords, called};
use crate::state::door::{AtDoor, RefusedFile};
use crate::state::notices::Notices;
use crate::state::uploads::{Stage, UploadSource};
use crate::words::{say, say_many};
use blocks::number::FileTime;
use leptos::prelude::{RwSignal, Update, WithUntracked};
use platform::browser::{clock, random};
use platform::intake::shown_path;
use protocol::ids::{ItemId, Version};
use protocol::limits::MAX_FILE_BYTES;
use protocol::problem::Problem;
use std::collections::HashSet;
use std::rc::Rc;
use sync::edit::{Draft, DraftId};
use sync::ids::Nonce;
use sync::intake::{Becomes, Intake, OnTakenName, Refusal, VisibleTree};
use sync::message::{Input, Observation};
use sync::place::Place;
use sync::tree::Tree;
use wasm_bindgen_futures::spawn_local;

/// New files and folders handed in before the page may draw: a few milliseconds
/// of its thread.
const AT_ONCE: usize = 8;

/// An intake, whole.
pub struct HandedIn {
    pub dropped: Vec<Dropped>,
    pub intake: Intake,
    pub empty_folders: Vec<Vec<String>>,
    /// The row that it has already: it is tried once more.
    pub row: Option<Rc<PanelRow>>,
}

/// What is handed in goes to these.
#[derive(Clone)]
pub struct Inside {
    pub current: Current,
    pub tree: RwSignal<Tree>,
    pub panel: Rc<Panel>,
    pub folders: Rc<MadeFolders>,
    pub shown: AtDoor,
    pub notices: Notices,
}

impl Inside {
    /// Lists what is not taken in.
    pub fn leave_out(&self, refused: Vec<RefusedFile>, junk: Vec<String>) {
        if refused.is_empty() && junk.is_empty() {
            return;
        }
        self.shown.left_out.update(|left_out| {
            left_out.refused.extend(refused);
            left_out.junk.extend(junk);
        });
    }
}

pub struct Pass {
    inside: Inside,
    client: Client,
    handed_in: HandedIn,
    passage: Rc<Passage>,
    paths: paths::Above,
    skipped: usize,
    refused: Vec<RefusedFile>,
}

impl Pass {
    /// Begins with what is to be the next version of a file, and goes on with
    /// the rest by itself.
    pub fn begin(
        inside: &Inside,
        client: Client,
        mut handed_in: HandedIn,
        wanted: impl Fn(usize) -> OnTakenName,
    ) {
        let first = shown::with(inside.tree, &client, |shown| {
            handed_in.intake.decide(shown, wanted)
        });
        let passage = Rc::new(Passage::default());
        passage.files.set(handed_in.dropped.len());
        let mut pass = Self {
            inside: inside.clone(),
            client,
            handed_in,
            passage: passage.clone(),
            paths: paths::Above::default(),
            skipped: 0,
            refused: Vec::new(),
        };
        pass.take_files(&first);
        let first: HashSet<usize> = first.into_iter().collect();
        let all = 0..pass.handed_in.dropped.len();
        let rest: Vec<usize> = all.filter(|number| !first.contains(number)).collect();
        let is_little = rest.len() + pass.handed_in.empty_folders.len() <= AT_ONCE;
        if is_little {
            pass.take_files(&rest);
            pass.take_empty_folders();
            pass.end();
        } else {
            inside.panel.coming.begin(passage);
            inside.panel.keep_summing();
            spawn_local(pass.go_on(rest));
        }
        inside.shown.decided.update(|decided| *decided += 1);
    }

    async fn go_on(mut self, rest: Vec<usize>) {
        for some in rest.chunks(AT_ONCE) {
            clock::breathe().await;
            if self.is_over() {
                return self.end();
            }
            self.take_files(some);
        }
        while !self.handed_in.empty_folders.is_empty() {
            clock::breathe().await;
            if self.is_over() {
                break;
            }
            self.take_empty_folders();
        }
        self.end();
    }

    fn is_over(&self) -> bool {
        self.client.over().is_set() || self.passage.stopped.is_set()
    }

    /// Says what was left out, and that it is over.
    fn end(self) {
        let Inside { panel, notices, .. } = &self.inside;
        panel.coming.end(&self.passage);
        if self.client.over().is_set() {
            return;
        }
        self.inside.leave_out(self.refused, Vec::new());
        if self.skipped > 0 && self.handed_in.row.is_none() {
            notices.good(say_many!(
                self.skipped,
                "1 file was skipped: its name is taken",
                "{n} files were skipped: their names are taken"
            ));
        }
        panel.keep_summing();
    }

    /// Opens rows for files and hands them in.
    fn take_files(&mut self, numbers: &[usize]) {
        let (inside, client) = (self.inside.clone(), self.client.clone());
        let is_there = |item: ItemId| client.engine().trees().entry(item).is_some();
        // A folder that was made meanwhile may turn out to be one that existed.
        self.handed_in.intake.forget_made(is_there);
        let mut fresh = Vec::new();
        for &number in numbers {
            let intake = &mut self.handed_in.intake;
            let take = |shown: &shown::OnPage<'_>| intake.take(number, shown, new_id);
            let becomes = shown::with(inside.tree, &client, take);
            let files = self.passage.files.get();
            self.passage.files.set(files.saturating_sub(1));
            let Some(dropped) = self.handed_in.dropped.get(number).cloned() else {
                continue;
            };
            match becomes {
                Becomes::Skipped => self.skip(),
                Becomes::Refused(refusal) => self.refuse(number, refusal.in_words()),
                Becomes::Again { draft } => {
                    inside.panel.back(draft, &dropped.file);
                    self.handed_in
                        .row
                        .take()
                        .inspect(|row| row.finish(Stage::Cancelled));
                }
                // The server may have taken its name away meanwhile.
                Becomes::Version { item } if !is_there(item) => {
                    self.refuse(number, Problem::NoSuchItem.in_words());
                }
                Becomes::Version { .. } | Becomes::Item { .. } => fresh.push((dropped, becomes)),
            }
        }
        let Some(client) = inside.current.client() else {
            return;
        };
        let rows = self.rows(&fresh);
        let mut observed = Vec::new();
        for ((dropped, becomes), row) in fresh.into_iter().zip(&rows) {
            let draft = client.drafts().pick(&dropped.file);
            inside.panel.set_draft(row, draft.id);
            match becomes {
                Becomes::Version { item } => observed.push(edited(item, draft, None)),
                Becomes::Item {
                    folders,
                    item,
                    place,
                } => {
                    observed.extend(self.made_folders(folders));
                    observed.push(made(item, place, Some(draft)));
                }
                _ => {}
            }
        }
        client.take(observed);
    }

    fn skip(&mut self) {
        self.skipped += 1;
        if let Some(row) = &self.handed_in.row {
            row.finish(Stage::Cancelled);
        }
    }

    fn refuse(&mut self, number: usize, reason: String) {
        if let Some(row) = &self.handed_in.row {
            return row.finish(Stage::Failed { reason });
        }
        if let Some(source) = self.handed_in.intake.sources().get(number) {
            self.refused.push(RefusedFile {
                what: called(shown_path(&source.folders, &source.name)),
                why: reason,
            });
        }
    }

    /// The row of each, in their order; of what is tried once more, its own.
    fn rows(&mut self, fresh: &[(Dropped, Becomes)]) -> Vec<Rc<PanelRow>> {
        if fresh.is_empty() {
            return Vec::new();
        }
        if let Some(row) = &self.handed_in.row {
            row.reset();
            return vec![row.clone()];
        }
        let tree = self.inside.tree;
        let sources = fresh.iter().map(|(dropped, becomes)| {
            let name = match becomes {
                // What the person will look for.
                Becomes::Item { place, .. } => place.name.to_string(),
                _ => dropped.file.name(),
            };
            let source = UploadSource {
                name,
                folder: tree.with_untracked(|tree| self.paths.of(tree, &dropped.onto)),
                size: dropped.file.size() as u64,
                modified_at_ms: FileTime::nearest_to(dropped.file.last_modified()),
            };
            (source, RowOrigin::Dropped(dropped.clone()))
        });
        let sources = sources.collect();
        self.inside.panel.open(sources)
    }

    fn take_empty_folders(&mut self) {
        let (tree, client) = (self.inside.tree, self.client.clone());
        let is_there = |item: ItemId| client.engine().trees().entry(item).is_some();
        self.handed_in.intake.forget_made(is_there);
        let from = self.handed_in.empty_folders.len().saturating_sub(AT_ONCE);
        let mut new = Vec::new();
        for path in self.handed_in.empty_folders.split_off(from).iter().rev() {
            let intake = &mut self.handed_in.intake;
            let made = shown::with(tree, &client, |shown| {
                intake.make_folders(path, shown, new_id, &mut new)
            });
            if let Err(refusal) = made {
                self.refused.push(RefusedFile {
                    what: path.join("/"),
                    why: of_folder(&refusal),
                });
            }
        }
        let observed = self.made_folders(new).collect();
        self.inside.current.inputs(observed);
    }

    fn made_folders(&self, new: Vec<(ItemId, Place)>) -> impl Iterator<Item = Input> + use<> {
        let made_now = new.iter().map(|(item, _)| *item);
        self.inside.folders.note(made_now, &self.client);
        new.into_iter().map(|(item, place)| made(item, place, None))
    }
}

/// The same words, of a folder and not of a file in it.
fn of_folder(refusal: &Refusal) -> String {
    match refusal {
        Refusal::FolderName(_, bad) => bad.in_words(),
        Refusal::FileInTheWay(name) => say!("there is a file named “{name}”", name),
        other => other.in_words(),
    }
}

/// Takes a file in as the next version of an item, whatever its name is. Returns the draft
/// that it is now.
pub fn next_version(
    inside: &Inside,
    item: ItemId,
    dropped: &Dropped,
    row: Option<&Rc<PanelRow>>,
) -> Option<DraftId> {
    let client = inside.current.client()?;
    let panel = &inside.panel;
    let file = &dropped.file;
    let waits = shown::with(inside.tree, &client, |shown| {
        shown.awaits(item, &file.name())
    });
    let problem = if file.size() as u64 > MAX_FILE_BYTES {
        let limit_bytes = MAX_FILE_BYTES;
        Some(Problem::BodyTooLarge { limit_bytes })
    } else {
        let is_gone = client.engine().trees().entry(item).is_none();
        is_gone.then_some(Problem::NoSuchItem)
    };
    let mut taken = None;
    match (problem, waits, row) {
        (Some(problem), _, Some(row)) => row.finish(Stage::Failed {
            reason: problem.in_words(),
        }),
        (Some(problem), _, None) => {
            let name = file.name();
            let text = say!(
                "“{name}” was not uploaded: {why}",
                name,
                why = problem.in_words()
            );
            inside.notices.bad(text);
        }
        (None, Some(draft), None) => {
            taken = Some(draft);
            panel.back(draft, file);
        }
        (None, _, row) => {
            let row = match row {
                Some(row) => {
                    row.reset();
                    row.clone()
                }
                None => open(inside, dropped),
            };
            let draft = client.drafts().pick(file);
            panel.set_draft(&row, draft.id);
            taken = Some(draft.id);
            let seen = match dropped.onto {
                Onto::File(_, seen) => seen,
                Onto::Folder(..) => None,
            };
            client.take(vec![edited(item, draft, seen)]);
        }
    }
    inside.shown.decided.update(|decided| *decided += 1);
    taken
}

fn open(inside: &Inside, dropped: &Dropped) -> Rc<PanelRow> {
    let file = &dropped.file;
    let path = |tree: &Tree| paths::Above::default().of(tree, &dropped.onto);
    let source = UploadSource {
        name: file.name(),
        folder: inside.tree.with_untracked(path),
        size: file.size() as u64,
        modified_at_ms: FileTime::nearest_to(file.last_modified()),
    };
    let origin = RowOrigin::Dropped(dropped.clone());
    inside.panel.open_one(source, origin)
}

fn new_id() -> ItemId {
    ItemId::from_random(random::id_bytes())
}

fn made(item: ItemId, place: Place, draft: Option<Draft>) -> Input {
    Input::Observed(Observation::Made {
        item,
        nonce: Nonce(random::id_bytes()),
        place,
        draft,
    })
}

fn edited(item: ItemId, draft: Draft, seen: Option<Version>) -> Input {
    Input::Observed(Observation::Edited {
        item,
        nonce: Nonce(random::id_bytes()),
        draft,
        seen,
    })
}
