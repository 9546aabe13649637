//! What was dropped, as observations. What each file is to become is decided at
//! once, against the tree as it is shown: that is what the person saw.

use super::row::{Dropped, Onto, Origin, Row};
use super::target::Target;
use crate::browser::{clock, random};
use crate::driver::inputs;
use crate::driver::runner::Runner;
use crate::intake::{Intake, Picked};
use crate::state::tree::Tree;
use crate::state::uploads::{Source, Stage};
use crate::state::{Drive, Tone};
use leptos::prelude::WithUntracked;
use shared::ids::ItemId;
use shared::limits::MAX_FILE_BYTES;
use shared::name::Name;
use shared::number::FileTime;
use shared::protocol::problem::Problem;
use shared::sync::edit::{Draft, Nonce, Place};
use shared::sync::message::{Input, Observation};
use std::collections::HashMap;
use std::rc::Rc;
use wasm_bindgen_futures::spawn_local;
use web_sys::File;

/// New files handed in before the page may draw: a few milliseconds of its
/// thread.
const AT_ONCE: usize = 8;

/// Takes in what was dropped into a folder.
pub fn add(drive: Drive, folder: Option<ItemId>, intake: Intake) {
    let files = intake.files.into_iter().map(|Picked { folders, file }| {
        let onto = Onto::Folder(folder, folders);
        Dropped { file, onto }
    });
    take(drive, files.collect());
    let mut plan = Plan::default();
    for path in intake.empty_folders {
        let names: Result<Vec<Name>, _> = path.iter().map(|text| Name::parse(text)).collect();
        let made = names.map_err(|bad| bad.to_string()).and_then(|names| {
            drive
                .tree
                .with_untracked(|tree| plan.folder(tree, folder, &names))
                .map_err(|FileInTheWay| "a file has its name".to_owned())
        });
        if let Err(reason) = made {
            let text = format!("The folder “{}” was not made: {reason}", path.join("/"));
            drive.notify(Tone::Bad, text);
        }
    }
    inputs(drive, plan.inputs);
}

/// Takes a file in as the next version of an item.
pub fn add_version(drive: Drive, item: ItemId, file: File) {
    if drive.tree.with_untracked(|tree| tree.get(item).is_none()) {
        drive.notify(Tone::Bad, "There is no such file any more".to_owned());
        return;
    }
    let onto = Onto::File(item);
    take(drive, vec![Dropped { file, onto }]);
}

/// Tries once more what was cancelled, or could not be.
pub fn again(drive: Drive, row: &Rc<Row>, dropped: &Dropped) {
    let Some(runner) = drive.driver().runner() else {
        return;
    };
    let mut plan = Plan::default();
    let target = target(drive, dropped);
    plan.take(drive, &runner, dropped, target, row);
    inputs(drive, plan.inputs);
}

fn take(drive: Drive, dropped: Vec<Dropped>) {
    let Some(runner) = drive.driver().runner() else {
        return;
    };
    let targets = dropped.into_iter().map(|one| {
        let target = target(drive, &one);
        (one, target)
    });
    // What is based on a version is handed in before the page can show another.
    // What is new is based on nothing, and the page draws in between.
    let (next, new): (Vec<_>, Vec<_>) =
        targets.partition(|(_, target)| matches!(target, Target::Next { .. }));
    let mut plan = Plan::default();
    begin(drive, &runner, next, &mut plan);
    if new.len() <= AT_ONCE {
        return begin(drive, &runner, new, &mut plan);
    }
    spawn_local(async move {
        let mut new = new.into_iter().peekable();
        while new.peek().is_some() {
            clock::breathe().await;
            if runner.over.is_set() {
                return;
            }
            let some = new.by_ref().take(AT_ONCE).collect();
            begin(drive, &runner, some, &mut plan);
        }
    });
}

/// Opens rows for files and hands them in.
fn begin(drive: Drive, runner: &Rc<Runner>, files: Vec<(Dropped, Target)>, plan: &mut Plan) {
    let panel = &drive.driver().panel;
    let mut paths = Paths::default();
    let (mut sources, mut fresh) = (Vec::new(), Vec::new());
    for (one, target) in files {
        // A row may wait for just this file.
        let waits = match &target {
            Target::Next { item } => panel.waits_for(runner, *item, &one.file.name()),
            _ => None,
        };
        if let Some(row) = waits {
            panel.pick_again(drive, row, &one.file);
            continue;
        }
        let source = Source {
            name: one.file.name(),
            folder: paths.of(drive, &one.onto),
            size: one.file.size() as u64,
            modified_at_ms: FileTime::nearest_to(one.file.last_modified()),
        };
        sources.push((source, Origin::Dropped(one.clone())));
        fresh.push((one, target));
    }
    if fresh.is_empty() {
        return;
    }
    // A folder that was made meanwhile may turn out to be one that existed.
    plan.made
        .retain(|_, item| runner.engine().trees().entry(*item).is_some());
    let rows = panel.open(drive, sources);
    for ((one, target), row) in fresh.into_iter().zip(&rows) {
        plan.take(drive, runner, &one, target, row);
    }
    inputs(drive, std::mem::take(&mut plan.inputs));
}

fn target(drive: Drive, dropped: &Dropped) -> Target {
    match &dropped.onto {
        Onto::File(item) => Target::Next { item: *item },
        Onto::Folder(folder, folders) => drive
            .tree
            .with_untracked(|tree| Target::of(tree, *folder, folders, &dropped.file.name())),
    }
}

/// What a drop comes to.
#[derive(Default)]
struct Plan {
    inputs: Vec<Input>,
    /// What this drop makes: the tree does not show it yet.
    made: HashMap<(Option<ItemId>, String), ItemId>,
}

/// A file stands where a folder is needed.
struct FileInTheWay;

impl Plan {
    fn take(
        &mut self,
        drive: Drive,
        runner: &Runner,
        dropped: &Dropped,
        target: Target,
        row: &Rc<Row>,
    ) {
        let driver = drive.driver();
        let file = &dropped.file;
        if file.size() as u64 > MAX_FILE_BYTES {
            let limit_bytes = MAX_FILE_BYTES;
            let reason = Problem::BodyTooLarge { limit_bytes }.to_string();
            return row.finish(Stage::Failed { reason });
        }
        let observation = match target {
            Target::Impossible { reason } => return row.finish(Stage::Failed { reason }),
            // The server may have taken its name away meanwhile.
            Target::Next { item } if runner.engine().trees().entry(item).is_none() => {
                let reason = Problem::NoSuchItem.to_string();
                return row.finish(Stage::Failed { reason });
            }
            Target::Next { item } => edited(item, driver.drafts.pick(file)),
            Target::New {
                parent,
                folders,
                name,
            } => {
                let parent = drive
                    .tree
                    .with_untracked(|tree| self.make_folders(tree, parent, &folders));
                let key = (parent, name.key());
                let draft = driver.drafts.pick(file);
                match self.made.get(&key) {
                    // Twice in one drop, in another case.
                    Some(item) => edited(*item, draft),
                    None => {
                        let item = new_id();
                        self.made.insert(key, item);
                        made(item, Place { parent, name }, Some(draft))
                    }
                }
            }
        };
        if let Observation::Made {
            draft: Some(draft), ..
        }
        | Observation::Edited { draft, .. } = &observation
        {
            driver.panel.set_draft(row, draft.id);
        }
        self.inputs.push(Input::Observed(observation));
    }

    /// The folder at the end of a path, made as far as it does not exist.
    fn folder(
        &mut self,
        tree: &Tree,
        start: Option<ItemId>,
        names: &[Name],
    ) -> Result<(), FileInTheWay> {
        let mut folder = start;
        for (depth, name) in names.iter().enumerate() {
            match tree.child_named(folder, name) {
                Some(item) if item.is_folder() => folder = Some(item.id),
                Some(_) => return Err(FileInTheWay),
                None => {
                    self.make_folders(tree, folder, names.get(depth..).unwrap_or_default());
                    return Ok(());
                }
            }
        }
        Ok(())
    }

    fn make_folders(
        &mut self,
        tree: &Tree,
        parent: Option<ItemId>,
        names: &[Name],
    ) -> Option<ItemId> {
        let mut folder = parent;
        for name in names {
            let key = (folder, name.key());
            let there = tree.child_named(folder, name);
            let there = there.filter(|item| item.is_folder()).map(|item| item.id);
            let known = self.made.get(&key).copied().or(there);
            let id = known.unwrap_or_else(|| {
                let item = new_id();
                let place = Place {
                    parent: folder,
                    name: name.clone(),
                };
                self.inputs.push(Input::Observed(made(item, place, None)));
                self.made.insert(key, item);
                item
            });
            folder = Some(id);
        }
        folder
    }
}

fn new_id() -> ItemId {
    ItemId::from_random(random::id_bytes())
}

fn made(item: ItemId, place: Place, draft: Option<Draft>) -> Observation {
    Observation::Made {
        item,
        nonce: Nonce(random::id_bytes()),
        place,
        draft,
    }
}

fn edited(item: ItemId, draft: Draft) -> Observation {
    Observation::Edited {
        item,
        nonce: Nonce(random::id_bytes()),
        draft,
    }
}

/// Paths of one drop for people; most are the same.
#[derive(Default)]
struct Paths(Option<(Option<ItemId>, Vec<String>)>);

impl Paths {
    fn of(&mut self, drive: Drive, onto: &Onto) -> String {
        let (folder, below) = match onto {
            Onto::Folder(folder, below) => (*folder, below.as_slice()),
            Onto::File(item) => (parent_of(drive, *item), [].as_slice()),
        };
        let above = match &self.0 {
            Some((known, above)) if *known == folder => above.clone(),
            _ => {
                let above = path(drive, folder);
                self.0 = Some((folder, above.clone()));
                above
            }
        };
        above
            .into_iter()
            .chain(below.iter().cloned())
            .collect::<Vec<_>>()
            .join("/")
    }
}

fn parent_of(drive: Drive, item: ItemId) -> Option<ItemId> {
    drive
        .tree
        .with_untracked(|tree| tree.get(item).and_then(|item| item.parent))
}

fn path(drive: Drive, folder: Option<ItemId>) -> Vec<String> {
    drive.tree.with_untracked(|tree| {
        let path = folder.map(|id| tree.path(id)).unwrap_or_default();
        path.iter().map(|item| item.name.to_string()).collect()
    })
}

/// A folder's path for people, from the root.
pub fn shown_path(drive: Drive, folder: Option<ItemId>, below: &[String]) -> String {
    let mut names = path(drive, folder);
    names.extend(below.iter().cloned());
    names.join("/")
}
