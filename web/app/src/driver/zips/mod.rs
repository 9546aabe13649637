//! Several files or a folder on their way to the person, as one zip: see
//! [`crate::archive`].
//!
//! | file | does |
//! | --- | --- |
//! | [`job`] | the entries in their order, a few megabytes at a time |
//! | [`fetch`] | the blocks that are not here |
//! | [`making`] | the zip in the worker's hands |
//! | [`words`] | what became of it |
//!
//! A zip has all that was chosen, or says what it lacks: in the page and in a
//! file of its own.

mod fetch;
mod job;
mod making;
mod words;

use super::current::Current;
use super::downloads::Downloads;
use crate::archive::plan::{FileContent, Omitted, Plan};
use crate::parts::PartFuture;
use crate::state::connection::Connection;
use crate::state::downloads::Download;
use crate::state::notices::Notices;
use crate::words::t;
use client::bell::Latch;
use futures_util::future::{Either, select};
use job::{Ended, LastFiles, ZipJob};
use js_sys::JsString;
use leptos::prelude::{GetUntracked, RwSignal, WithUntracked};
use platform::browser::opfs::{self, ZIPS};
use platform::browser::{clock, locks, random, save};
use platform::failure::Failure;
use protocol::ids::ItemId;
use protocol::problem::Problem;
use std::collections::HashSet;
use std::pin::{Pin, pin};
use std::rc::Rc;
use sync::tree::Tree;
use wasm_bindgen_futures::spawn_local;
use workers::cache::Cache;

/// A zip stays for so long after it was handed to the browser, in milliseconds:
/// that copies it and does not say when it is done. Copying takes seconds for a
/// gigabyte.
const KEEP_MILLIS: u64 = 60 * 60 * 1_000;

/// Beside each file's bytes, for its two headers without the path.
const HEADERS_BYTES: u64 = 200;

pub struct Zips {
    pub current: Current,
    pub cache: Rc<Cache>,
    pub downloads: Rc<Downloads>,
    pub tree: RwSignal<Tree>,
    pub connection: RwSignal<Connection>,
    pub notices: Notices,
    /// [`Self::look`], in the part of the page that it is in.
    pub look: fn(Rc<Zips>, Vec<ItemId>) -> PartFuture<Looking>,
    /// [`Self::make`], in the same one.
    pub make: fn(Rc<Zips>, Plan) -> PartFuture<()>,
}

/// What of a zip can be made now.
pub enum ZipContents {
    Whole(Plan),
    /// There is no connection: what this browser keeps of it.
    Part(Plan),
    /// And it keeps nothing of it. This is its name.
    Nothing(String),
}

/// It is being found out.
pub type Looking = Pin<Box<dyn Future<Output = ZipContents>>>;

impl Zips {
    /// What of a zip of these items and all that is below them can be made now.
    pub async fn look(self: Rc<Self>, items: Vec<ItemId>) -> ZipContents {
        let plan = self
            .tree
            .with_untracked(|tree| Plan::of(tree, &items, &on_any_disk));
        let away = self.not_here(&plan).await;
        if away.is_empty() {
            return ZipContents::Whole(plan);
        }
        let name = plan.name.clone();
        let part = plan.without(|content| {
            let is_away = away.contains(&content.item);
            is_away.then(|| t("there was no connection to fetch it").to_owned())
        });
        let is_any_here = part.files().next().is_some();
        match is_any_here {
            true => ZipContents::Part(part),
            false => ZipContents::Nothing(name),
        }
    }

    /// The files that can't be had without a connection, if there is none.
    async fn not_here(&self, plan: &Plan) -> HashSet<ItemId> {
        let mut away = HashSet::new();
        let Some(client) = self.current.client() else {
            return away;
        };
        if !self.connection.get_untracked().is_cut() {
            return away;
        }
        for (_, content) in plan.files() {
            let FileContent {
                item,
                version,
                size,
            } = content;
            let is_here = size == 0
                || match client.lists().get(item, version).await {
                    Some(list) => {
                        let blocks: HashSet<_> = list.iter().map(|block| block.hash).collect();
                        let count = blocks.len();
                        let found = self.cache.find(blocks).await;
                        found.is_ok_and(|places| places.len() == count)
                    }
                    None => false,
                };
            if !is_here {
                away.insert(item);
            }
        }
        away
    }

    /// Makes the zip and hands it to the person.
    pub fn start(self: &Rc<Self>, plan: Plan) {
        let zips = self.clone();
        spawn_local(async move {
            let name = plan.name.clone();
            if let Err(not_loaded) = (zips.make)(zips.clone(), plan).await {
                let text = words::not_downloaded(&name, &not_loaded.into());
                zips.notices.bad(text);
            }
        });
    }

    /// The same, where all that it takes is loaded.
    pub fn make(self: Rc<Self>, plan: Plan) {
        let files = plan.files().count();
        let (download, cancelled) =
            self.downloads
                .begin(plan.name.clone(), plan.bytes(), Some(files));
        spawn_local(async move {
            if let Err(why) = self.run(&plan, &download, &cancelled).await {
                let text = words::not_downloaded(&plan.name, &why);
                self.notices.bad(text);
            }
            self.downloads.end(download.id);
        });
    }

    /// Nothing comes of one that was cancelled; a person who did that knows.
    async fn run(
        &self,
        plan: &Plan,
        download: &Download,
        cancelled: &Latch,
    ) -> Result<(), Failure> {
        let Some(made) = self.zip(plan, (download, cancelled), None).await? else {
            return match self.current.api().is_somebodys() {
                true => Ok(()),
                false => Err(Problem::SessionEnded.into()),
            };
        };
        made.save(&plan.name).await?;
        words::tell(self.notices, plan, made.files, &made.omitted);
        made.keep_for_now();
        Ok(())
    }

    /// Makes a zip in the browser's storage; `None` if it was cancelled.
    ///
    /// # Errors
    /// It was not made, and nothing is left of it.
    pub async fn zip(
        &self,
        plan: &Plan,
        (download, cancelled): (&Download, &Latch),
        last: Option<LastFiles<'_>>,
    ) -> Result<Option<MadeZip>, Failure> {
        if !opfs::exists() {
            let why = t("it keeps no files for this page. Download the files one by one");
            return Err(Failure::Device(why.to_owned()));
        }
        let paths = plan.entries.iter();
        let headers = paths.map(|entry| HEADERS_BYTES + 2 * entry.path.len() as u64);
        let needed = plan.bytes() + headers.sum::<u64>();
        if let Some(room) = opfs::room().await
            && room < needed
        {
            return Err(Failure::Device(words::no_room(needed, room)));
        }
        let zip = random::small_id();
        // No other tab takes it for one that was left behind.
        let lock = match locks::exist() {
            true => Some(locks::take(&lock_name(zip)).await),
            false => None,
        };
        let (current, cache) = (self.current.clone(), self.cache.clone());
        let job = ZipJob::new(current, cache, (plan, download), zip, last);
        let work = pin!(job.run());
        let Either::Left((outcome, _)) = select(work, pin!(cancelled.wait())).await else {
            return Ok(None);
        };
        let Ended { files, omitted } = outcome?;
        Ok(Some(MadeZip {
            zip,
            lock,
            files,
            omitted,
        }))
    }
}

/// A whole zip in the browser's storage.
pub struct MadeZip {
    zip: u64,
    lock: Option<locks::HeldLock>,
    /// How many files are in it.
    pub files: usize,
    pub omitted: Vec<Omitted>,
}

impl MadeZip {
    /// Hands it to the browser, which copies it and does not say when it is done.
    ///
    /// # Errors
    /// It is not there any more.
    pub async fn save(&self, name: &str) -> Result<(), Failure> {
        let file = ZIPS.get(&self.zip.to_string()).await?;
        save::blob(&file, name)
    }

    /// It goes once the browser has long copied it.
    pub fn keep_for_now(self) {
        spawn_local(async move {
            clock::sleep(KEEP_MILLIS).await;
            self.remove().await;
        });
    }

    pub async fn remove(self) {
        let _ = ZIPS.remove(&self.zip.to_string()).await;
        drop(self.lock);
    }
}

/// What names have in common that are one name on some disk: those that differ
/// in case in any language, or in how they are composed.
pub fn on_any_disk(name: &str) -> String {
    if name.is_ascii() {
        return name.to_ascii_lowercase();
    }
    // By the browser's tables, which spares the page its own.
    let name = JsString::from(name).to_upper_case().to_lower_case();
    name.normalize("NFC").into()
}

fn lock_name(zip: u64) -> String {
    format!("driftless-zip-{zip}")
}

/// Removes zips that a tab left behind when it was closed, once nothing can be
/// reading them any more.
pub async fn sweep() {
    // Where there are none, nobody made one.
    let names = ZIPS.names().await.unwrap_or_default();
    if names.is_empty() {
        return;
    }
    let held = locks::held().await;
    for name in names {
        let is_held = name.parse().is_ok_and(|zip| held.contains(&lock_name(zip)));
        let Ok(file) = ZIPS.get(&name).await else {
            continue;
        };
        let age_millis = clock::now_ms() as f64 - file.last_modified();
        if !is_held && age_millis > KEEP_MILLIS as f64 {
            let _ = ZIPS.remove(&name).await;
        }
    }
}
