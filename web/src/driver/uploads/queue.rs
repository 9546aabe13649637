//! Which file's turn it is, and the panel's rows.

use super::folders::Folders;
use super::job::Job;
use super::run;
use super::sender::Sender;
use super::target::{Place, Target};
use super::total::Summary;
use crate::browser::bell::{Bell, Latch};
use crate::browser::clock;
use crate::intake::Intake;
use crate::state::uploads::{Progress, Source, Stage, Upload, UploadId};
use crate::state::{Drive, Tone};
use leptos::prelude::{GetUntracked, RwSignal, Set, StoredValue, Update, WithUntracked};
use shared::ids::ItemId;
use shared::name::Name;
use std::cell::{Cell, RefCell};
use std::collections::{BTreeMap, HashMap, VecDeque};
use std::rc::Rc;
use wasm_bindgen_futures::spawn_local;
use web_sys::File;

/// Files under way at one time: enough small ones to fill a pack together…
const MAX_FILES: usize = 32;
/// …but no more once they hold this many bytes, so that large ones end one
/// after another instead of all at the end.
const MAX_BYTES: u64 = 64 << 20;

/// Rows made at once; the page draws in between.
const ROWS_AT_ONCE: usize = 250;

/// How often the head line is refreshed, in milliseconds.
const TOTAL_MILLIS: u64 = 250;

#[derive(Default)]
pub struct Queue {
    jobs: RefCell<BTreeMap<UploadId, Rc<Job>>>,
    waiting: RefCell<VecDeque<Rc<Job>>>,
    /// Files under way, and their bytes.
    running: Cell<(usize, u64)>,
    last_id: Cell<UploadId>,
    /// The latest drop onto each place.
    latest: RefCell<HashMap<Place, Rc<Job>>>,
    summing: Cell<bool>,
    /// Rung when there is a connection again.
    pub(super) again: Bell,
    pub(super) folders: Folders,
    pub(super) sender: Sender,
}

impl Queue {
    /// Whether leaving the page would lose something.
    pub fn has_unfinished(&self) -> bool {
        self.running.get().0 > 0 || !self.waiting.borrow().is_empty()
    }

    /// Lets those who wait for the connection try at once.
    pub fn try_again_now(&self) {
        self.again.ring();
    }

    pub(super) fn job(&self, id: UploadId) -> Option<Rc<Job>> {
        self.jobs.borrow().get(&id).cloned()
    }

    /// Queues what was dropped into a folder.
    pub fn add(&self, drive: Drive, folder: Option<ItemId>, intake: Intake) {
        // Decided now, before the page breathes: this tree is what was seen.
        let targets: Vec<Target> = drive.tree.with_untracked(|tree| {
            let of = |picked: &crate::intake::Picked| {
                Target::of(tree, folder, &picked.folders, &picked.file.name())
            };
            intake.files.iter().map(of).collect()
        });
        let engine = drive.engine();
        let over = engine.session_over();
        spawn_local(async move {
            let mut todo = intake.files.into_iter().zip(targets).peekable();
            while todo.peek().is_some() && !over.is_set() {
                let some = todo.by_ref().take(ROWS_AT_ONCE);
                let some = some.map(|(picked, target)| {
                    let path = shown_path(drive, folder, &picked.folders);
                    (picked.file, target, path)
                });
                engine.uploads.enqueue(drive, some.collect());
                clock::breathe().await;
            }
            for path in intake.empty_folders {
                make_folder(drive, folder, &path, &over).await;
            }
        });
    }

    /// Queues a file as the next version of an item.
    pub fn add_version(&self, drive: Drive, item: ItemId, file: File) {
        let known = drive.tree.with_untracked(|tree| {
            let found = tree.get(item)?;
            Some((found.parent, found.file.as_ref()?.version))
        });
        let Some((parent, base)) = known else {
            drive.notify(Tone::Bad, "There is no such file any more".to_owned());
            return;
        };
        let path = shown_path(drive, parent, &[]);
        self.enqueue(drive, vec![(file, Target::Next { item, base }, path)]);
    }

    fn enqueue(&self, drive: Drive, files: Vec<(File, Target, String)>) {
        let mut rows = Vec::with_capacity(files.len());
        for (file, target, folder) in files {
            let id = self.last_id.get() + 1;
            self.last_id.set(id);
            let source = Source {
                name: file.name(),
                folder,
                size: file.size() as u64,
            };
            let row = drive.engine().owning(|| Upload {
                id,
                source: StoredValue::new(source),
                progress: RwSignal::new(Progress::waiting()),
            });
            rows.push(row);
            let place = target.place();
            let after = place
                .as_ref()
                .and_then(|place| self.latest.borrow().get(place).cloned())
                .filter(|earlier| !earlier.has_finished());
            let job = Rc::new(Job::new(id, row, file, target, after));
            if let Some(place) = place {
                self.latest.borrow_mut().insert(place, job.clone());
            }
            self.jobs.borrow_mut().insert(id, job.clone());
            self.waiting.borrow_mut().push_back(job);
        }
        drive.uploads.entries.update(|entries| entries.extend(rows));
        self.pump(drive);
        self.keep_summing(drive);
    }

    /// Starts as many files as may be under way.
    fn pump(&self, drive: Drive) {
        loop {
            let (files, bytes) = self.running.get();
            if files >= MAX_FILES || (files > 0 && bytes >= MAX_BYTES) {
                return;
            }
            let Some(job) = self.waiting.borrow_mut().pop_front() else {
                return;
            };
            job.is_queued.set(false);
            let size = job.size();
            self.running.set((files + 1, bytes + size));
            let engine = drive.engine();
            spawn_local(async move {
                run::run(drive, &job).await;
                let queue = &engine.uploads;
                let (files, bytes) = queue.running.get();
                queue.running.set((files - 1, bytes - size));
                queue.forget_place(&job);
                queue.pump(drive);
            });
        }
    }

    fn forget_place(&self, job: &Rc<Job>) {
        self.latest
            .borrow_mut()
            .retain(|_, latest| !Rc::ptr_eq(latest, job));
    }

    pub fn cancel(&self, drive: Drive, id: UploadId) {
        if let Some(job) = self.job(id) {
            self.cancel_job(&job);
            self.sum_once(drive);
        }
    }

    pub fn cancel_all(&self, drive: Drive) {
        let jobs: Vec<Rc<Job>> = self.jobs.borrow().values().cloned().collect();
        for job in jobs {
            self.cancel_job(&job);
        }
        self.sum_once(drive);
    }

    fn cancel_job(&self, job: &Rc<Job>) {
        if job.has_finished() {
            return;
        }
        let mut waiting = self.waiting.borrow_mut();
        let place = waiting.iter().position(|other| Rc::ptr_eq(other, job));
        if let Some(place) = place {
            waiting.remove(place);
            drop(waiting);
            job.is_queued.set(false);
            job.stage(Stage::Cancelled);
            job.finished.borrow().set();
            self.forget_place(job);
        } else {
            job.cancelled.borrow().set();
        }
    }

    pub fn retry(&self, drive: Drive, id: UploadId) {
        let Some(job) = self.job(id) else {
            return;
        };
        let again = job.with_progress(|progress| {
            matches!(progress.stage, Stage::Failed { .. } | Stage::Cancelled)
        });
        if again {
            job.reset();
            self.waiting.borrow_mut().push_back(job);
            self.pump(drive);
            self.keep_summing(drive);
        }
    }

    /// Takes what is finished off the panel.
    pub fn clear_finished(&self, drive: Drive) {
        self.jobs.borrow_mut().retain(|_, job| !job.has_finished());
        let jobs = self.jobs.borrow();
        drive
            .uploads
            .entries
            .update(|entries| entries.retain(|entry| jobs.contains_key(&entry.id)));
        drop(jobs);
        self.sum_once(drive);
    }

    /// The person has signed out.
    pub fn forget_all(&self, drive: Drive) {
        self.cancel_all(drive);
        self.jobs.borrow_mut().clear();
        self.latest.borrow_mut().clear();
        if !drive.uploads.entries.with_untracked(Vec::is_empty) {
            drive.uploads.entries.set(Vec::new());
        }
        self.sum_once(drive);
    }

    fn keep_summing(&self, drive: Drive) {
        if self.summing.replace(true) {
            return;
        }
        let engine = drive.engine();
        spawn_local(async move {
            let queue = &engine.uploads;
            let mut summary = Summary::default();
            loop {
                queue.sum(drive, &mut summary);
                if !queue.has_unfinished() {
                    queue.summing.set(false);
                    return;
                }
                clock::sleep(TOTAL_MILLIS).await;
            }
        });
    }

    fn sum_once(&self, drive: Drive) {
        if !self.summing.get() {
            self.sum(drive, &mut Summary::default());
        }
    }

    fn sum(&self, drive: Drive, summary: &mut Summary) {
        let jobs = self.jobs.borrow();
        let rows: Vec<(u64, Progress)> = jobs
            .values()
            .map(|job| (job.size(), job.with_progress(Progress::clone)))
            .collect();
        drop(jobs);
        let rows = rows.iter().map(|(size, progress)| (*size, progress));
        let total = summary.sum(rows, clock::now_ms());
        if drive.uploads.total.get_untracked() != total {
            drive.uploads.total.set(total);
        }
    }
}

/// A folder's path for people, from the root.
fn shown_path(drive: Drive, folder: Option<ItemId>, below: &[String]) -> String {
    let mut names: Vec<String> = drive.tree.with_untracked(|tree| {
        let path = folder.map(|id| tree.path(id)).unwrap_or_default();
        path.iter().map(|item| item.name.to_string()).collect()
    });
    names.extend(below.iter().cloned());
    names.join("/")
}

/// Makes an empty folder of a drop.
async fn make_folder(drive: Drive, parent: Option<ItemId>, path: &[String], over: &Latch) {
    let names: Result<Vec<Name>, _> = path.iter().map(|text| Name::parse(text)).collect();
    let mut failures = 0;
    let made = match names {
        Ok(names) => loop {
            if over.is_set() {
                return;
            }
            let engine = drive.engine();
            let made = engine.uploads.folders.ensure(drive, parent, &names).await;
            match made {
                Err(failure) if failure.is_passing() => {
                    run::wait(drive, failures, failure.asked_wait_millis()).await;
                    failures += 1;
                }
                made => break made.map(|_| ()).map_err(|failure| failure.to_string()),
            }
        },
        Err(bad) => Err(bad.to_string()),
    };
    if let Err(reason) = made {
        let text = format!("The folder “{}” was not made: {reason}", path.join("/"));
        drive.notify(Tone::Bad, text);
    }
}
