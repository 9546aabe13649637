//! An export, part by part. A part counts once the person says that the browser has saved
//! it: only they know. How far it has come is kept in the browser, so it goes on after the
//! page was closed, with the part that was not saved.

use super::stands::{ExportStands, ExportSum, Here};
use crate::archive::export::{ExportOptions, ExportRun, Part, Turn, Whereabouts, paths};
use crate::archive::plan::{Omitted, Plan};
use crate::driver::root::Root;
use crate::driver::zips::{MadeZip, Zips, on_any_disk};
use crate::format::bytes;
use crate::refusals::InWords;
use crate::words::{say, t};
use client::bell::Latch;
use futures_util::StreamExt;
use futures_util::future::{Either, select};
use futures_util::stream;
use leptos::prelude::{Update, WithUntracked};
use platform::browser::{clock, opfs, random, shelf};
use platform::failure::Failure;
use protocol::files::FileVersion;
use protocol::ids::{ItemId, UserId};
use protocol::items::Item;
use serde::{Deserialize, Serialize};
use std::cell::{Cell, RefCell};
use std::collections::HashMap;
use std::pin::pin;
use std::rc::Rc;
use sync::tree::Tree;
use wasm_bindgen_futures::spawn_local;
use workers::archive::manifest::MANIFEST_PATH;

/// Files whose versions are asked for at one time.
const ASKED_AT_ONCE: usize = 6;
/// Of what the browser has room for, a part takes nine tenths at most.
const ROOM: (u64, u64) = (9, 10);

/// An export that this page works on.
pub struct Exporting {
    zips: Rc<Zips>,
    root: Rc<Root>,
    run: RefCell<ExportRun>,
    /// The part that was handed to the browser last.
    saved: RefCell<Option<Saved>>,
    works: Cell<bool>,
    ended: Latch,
}

struct Saved {
    part: Part,
    made: MadeZip,
    name: String,
}

/// How far an export has come, as the browser keeps it.
#[derive(Serialize, Deserialize)]
struct Kept {
    user: UserId,
    run: ExportRun,
}

fn kept(user: Option<UserId>) -> Option<ExportRun> {
    let kept: Kept = serde_json::from_str(&shelf::read(shelf::EXPORT)?).ok()?;
    (Some(kept.user) == user).then_some(kept.run)
}

pub fn unfinished(user: Option<UserId>) -> ExportStands {
    match kept(user) {
        Some(run) => ExportStands::Unfinished {
            part: run.part,
            began_at_ms: run.began_at_ms,
        },
        None => ExportStands::Nothing,
    }
}

fn show(here: &Here, stands: ExportStands) {
    here.shown.update(|shown| shown.export = stands);
}

pub fn begin(here: &Rc<Here>, zips: Rc<Zips>, root: Rc<Root>, options: ExportOptions) {
    let export = format!("{:x}", random::small_id());
    let now = clock::now_ms();
    let new = |tree: &Tree| ExportRun::new(tree, export, now, options);
    let run = root.drive.tree.with_untracked(new);
    work(here, zips, root, run);
}

/// The last part is saved, or there is none in this page.
pub fn go_on(here: &Rc<Here>, zips: Rc<Zips>, root: Rc<Root>) {
    let Some(exporting) = here.export.borrow().clone() else {
        if let Some(run) = kept(root.current.api().user()) {
            work(here, zips, root, run);
        }
        return;
    };
    if exporting.works.get() {
        return;
    }
    let was_last = exporting.count();
    let run = exporting.run.borrow().clone();
    match was_last {
        true => {
            shelf::forget(shelf::EXPORT);
            here.export.take();
            show(here, ExportStands::Done(ExportSum::of(&run)));
        }
        false => work(here, zips, root, run),
    }
}

pub fn save_again(here: &Rc<Here>) {
    let Some(exporting) = here.export.borrow().clone() else {
        return;
    };
    spawn_local(async move {
        let Some(saved) = exporting.saved.take() else {
            return;
        };
        if let Err(why) = saved.made.save(&saved.name).await {
            let notices = exporting.root.drive.notices;
            let what = say!("“{name}” was not saved", name = saved.name);
            notices.failure(&what, &why);
        }
        exporting.saved.replace(Some(saved));
    });
}

pub fn end(here: &Rc<Here>) {
    if let Some(exporting) = here.export.take() {
        exporting.ended.set();
        if let Some(saved) = exporting.saved.take() {
            saved.made.keep_for_now();
        }
    }
    shelf::forget(shelf::EXPORT);
    show(here, ExportStands::Nothing);
}

fn work(here: &Rc<Here>, zips: Rc<Zips>, root: Rc<Root>, run: ExportRun) {
    let part = run.part;
    let exporting = Rc::new(Exporting {
        zips,
        root,
        run: RefCell::new(run),
        saved: RefCell::default(),
        works: Cell::new(true),
        ended: Latch::default(),
    });
    here.export.replace(Some(exporting.clone()));
    exporting.keep();
    show(here, ExportStands::Makes { part });
    let here = here.clone();
    spawn_local(async move {
        let made = pin!(exporting.make());
        let Either::Left((outcome, _)) = select(made, pin!(exporting.ended.wait())).await else {
            return;
        };
        exporting.works.set(false);
        let stands = match outcome {
            Ok(Some(saved)) => {
                let is_last = saved.part.is_last;
                exporting.saved.replace(Some(saved));
                ExportStands::Saved { part, is_last }
            }
            Ok(None) => {
                shelf::forget(shelf::EXPORT);
                here.export.take();
                ExportStands::Done(ExportSum::of(&exporting.run.borrow()))
            }
            Err(Failure::Cancelled) => {
                here.export.take();
                unfinished(exporting.user())
            }
            Err(why) => {
                here.export.take();
                let why = why.in_words();
                ExportStands::Failed { part, why }
            }
        };
        show(&here, stands);
    });
}

impl ExportSum {
    fn of(run: &ExportRun) -> Self {
        Self {
            parts: run.part - 1,
            files: run.files,
            bytes: run.bytes,
            omitted: run.omitted.clone(),
        }
    }
}

impl Exporting {
    fn user(&self) -> Option<UserId> {
        self.root.current.api().user()
    }

    /// Keeps how far it has come.
    fn keep(&self) {
        let Some(user) = self.user() else {
            return;
        };
        let run = self.run.borrow().clone();
        if let Ok(text) = serde_json::to_string(&Kept { user, run }) {
            shelf::write(shelf::EXPORT, &text);
        }
    }

    /// The part that was handed to the browser last is there. Returns whether it was the
    /// last of all.
    fn count(&self) -> bool {
        let Some(Saved { part, made, .. }) = self.saved.take() else {
            return false;
        };
        self.run.borrow_mut().has(&part);
        self.keep();
        made.keep_for_now();
        part.is_last
    }

    /// Makes the next part and hands it to the browser; `None` if nothing was left.
    async fn make(&self) -> Result<Option<Saved>, Failure> {
        let mut part = self.fill().await?;
        let run = self.run.borrow().clone();
        if part.is_empty() && run.part > 1 {
            return Ok(None);
        }
        let name = say!(
            "Driftless export {day}, part {part}.zip",
            day = day(run.began_at_ms),
            part = run.part
        );
        let plan = Plan {
            name: name.clone(),
            entries: part.entries.clone(),
            omitted: part.omitted.clone(),
            renamed: Vec::new(),
        };
        let session = self.root.drive.session;
        let of = session.with_untracked(|session| session.user_name());
        let last = |omitted: &[Omitted]| {
            let manifest = part.manifest(&run, of.clone(), omitted);
            let text = serde_json::to_string_pretty(&manifest).unwrap_or_default();
            vec![(MANIFEST_PATH.to_owned(), text)]
        };
        let downloads = &self.zips.downloads;
        let files = part.files.len();
        let (download, cancelled) = downloads.begin(name.clone(), plan.bytes(), Some(files));
        let made = self.zips.zip(&plan, (&download, &cancelled), Some(&last));
        let made = made.await;
        downloads.end(download.id);
        let made = made?.ok_or(Failure::Cancelled)?;
        made.save(&name).await?;
        part.leave_out(&made.omitted);
        Ok(Some(Saved { part, made, name }))
    }

    async fn fill(&self) -> Result<Part, Failure> {
        let tree = self.root.drive.tree;
        let mut run = self.run.borrow().clone();
        if let Some(room) = opfs::room().await {
            run.part_bytes = run.part_bytes.min(room / ROOM.1 * ROOM.0).max(1);
        }
        let (queue, paths) =
            tree.with_untracked(|tree| (run.queue(tree), paths(tree, &on_any_disk)));
        let mut part = Part::default();
        if run.part == 1 {
            self.tell_conflicts(&mut part, &paths);
        }
        let asked = stream::iter(queue).map(|id| async move {
            let item = tree.with_untracked(|tree| tree.get(id).cloned())?;
            let versions = self.versions(&item).await;
            Some((item, versions))
        });
        let mut asked = pin!(asked.buffered(ASKED_AT_ONCE));
        while let Some(next) = asked.next().await {
            let Some((item, versions)) = next else {
                // It is gone by now.
                continue;
            };
            let Some(path) = paths.get(&item.id) else {
                continue;
            };
            let versions = match versions {
                Ok(versions) => versions,
                Err(why) if why.is_passing() || why == Failure::Cancelled => return Err(why),
                Err(why) => {
                    part.omit(path.clone(), why.in_words());
                    continue;
                }
            };
            let folders = tree.with_untracked(|tree| {
                let above = tree.path(item.id);
                let above = above.split_last().map_or(&[][..], |(_, above)| above);
                above.iter().map(|item| item.name.to_string()).collect()
            });
            let at = Whereabouts { folders, path };
            let (large, limit) = (
                item.file.as_ref().map_or(0, |file| file.size),
                run.part_bytes,
            );
            if large > limit && opfs::room().await.is_some_and(|room| room < large) {
                let why = say!(
                    "it has {size}, and this browser has no room for it: download it by itself",
                    size = bytes(large)
                );
                part.omit(path.clone(), why);
                continue;
            }
            if !part.add(&run, &item, &at, &versions) {
                return Ok(part);
            }
        }
        part.ends_turn = true;
        let has_changes = |tree: &Tree| run.turn == Turn::All && run.has_changes(tree);
        part.is_last = !tree.with_untracked(has_changes);
        Ok(part)
    }

    /// Second sides on which nobody has decided are in no folder.
    fn tell_conflicts(&self, part: &mut Part, paths: &HashMap<ItemId, String>) {
        let conflicts = self.root.drive.conflicts;
        let of =
            conflicts.with_untracked(|all| all.values().map(|one| one.item).collect::<Vec<_>>());
        for item in of {
            if let Some(path) = paths.get(&item) {
                let why = t(
                    "of its open conflict, what came second is not in the export: decide on it first",
                );
                part.omit(path.clone(), why.to_owned());
            }
        }
    }

    /// The versions of a file that are wanted, the oldest first.
    async fn versions(&self, item: &Item) -> Result<Vec<FileVersion>, Failure> {
        let Some(file) = &item.file else {
            return Ok(Vec::new());
        };
        let newest = FileVersion {
            version: file.version,
            size: file.size,
            modified_at_ms: file.modified_at_ms,
            committed: file.committed.clone(),
            name: String::new(),
            pinned: false,
            marks: 0,
        };
        let with_versions = self.run.borrow().with_versions;
        if !with_versions || file.version == 0 {
            return Ok(vec![newest]);
        }
        let mut all = Vec::new();
        let mut before = None;
        loop {
            let current = &self.root.current;
            let page = current
                .patiently(async || current.api().versions(item.id, before).await)
                .await?;
            all.extend(page.versions);
            before = page.next_before;
            if before.is_none() {
                break;
            }
        }
        // The page may know an older newest version than the server.
        all.retain(|version| version.version <= file.version);
        if all.iter().all(|version| version.version != file.version) {
            all.push(newest);
        }
        all.sort_by_key(|version| version.version);
        Ok(all)
    }
}

/// The day, as everybody reads it.
fn day(at_ms: u64) -> String {
    let date = js_sys::Date::new(&(at_ms as f64).into());
    format!(
        "{:04}-{:02}-{:02}",
        date.get_full_year(),
        date.get_month() + 1,
        date.get_date()
    )
}
