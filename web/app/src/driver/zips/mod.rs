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

use super::session;
use crate::archive::plan::{Content, Plan};
use crate::parts;
use crate::state::connection::Connection;
use crate::state::downloads::{Download, DownloadId, Files};
use crate::state::{Drive, Tone};
use client::bell::Latch;
use futures_util::future::{Either, select};
use job::{Ended, Job};
use js_sys::JsString;
use leptos::prelude::{GetUntracked, RwSignal, Update, WithUntracked};
use platform::browser::opfs::{self, ZIPS};
use platform::browser::{clock, locks, random, save};
use platform::failure::Failure;
use protocol::ids::ItemId;
use protocol::problem::Problem;
use std::collections::HashSet;
use std::pin::pin;
use wasm_bindgen_futures::spawn_local;

/// A zip stays for so long after it was handed to the browser, in milliseconds:
/// that copies it and does not say when it is done. Copying takes seconds for a
/// gigabyte.
const KEEP_MILLIS: u64 = 60 * 60 * 1_000;

/// Beside each file's bytes, for its two headers without the path.
const HEADERS_BYTES: u64 = 200;

/// The zip of these items and all that is below them.
pub fn plan(drive: Drive, items: &[ItemId]) -> Plan {
    drive
        .tree
        .with_untracked(|tree| Plan::of(tree, items, &on_any_disk))
}

/// What names have in common that are one name on some disk: those that differ
/// in case in any language, or in how they are composed.
fn on_any_disk(name: &str) -> String {
    if name.is_ascii() {
        return name.to_ascii_lowercase();
    }
    // By the browser's tables, which spares the page its own.
    let name = JsString::from(name).to_upper_case().to_lower_case();
    name.normalize("NFC").into()
}

/// The paths of the files that can't be had without a connection, if there is
/// none.
pub async fn not_here(drive: Drive, plan: &Plan) -> HashSet<ItemId> {
    let is_cut = matches!(
        drive.connection.get_untracked(),
        Connection::Offline | Connection::Reconnecting
    );
    let mut away = HashSet::new();
    if !is_cut {
        return away;
    }
    let driver = drive.driver();
    let Some(client) = driver.client() else {
        return away;
    };
    for (
        _,
        Content {
            item,
            version,
            size,
        },
    ) in plan.files()
    {
        let is_here = size == 0
            || match client.lists().get(item, version).await {
                Some(list) => {
                    let blocks: HashSet<_> = list.iter().map(|block| block.hash).collect();
                    let count = blocks.len();
                    let found = driver.cache.find(blocks).await;
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
pub fn start(drive: Drive, plan: Plan) {
    spawn_local(async move {
        let name = plan.name.clone();
        if let Err(not_loaded) = parts::ask(|parts| (parts.zips)(drive, plan)).await {
            drive.notify(Tone::Bad, words::not_downloaded(&name, &not_loaded.into()));
        }
    });
}

/// The same, where all that it takes is loaded.
pub fn make(drive: Drive, plan: Plan) {
    let driver = drive.driver();
    let (id, cancelled) = driver.downloads.begin();
    let download = driver.owning(|| Download {
        id,
        name: plan.name.clone(),
        size: plan.bytes(),
        done: RwSignal::new(0),
        files: Some(Files {
            count: plan.files().count(),
            done: RwSignal::new(0),
        }),
    });
    let entries = drive.downloads.entries;
    entries.update(|entries| entries.push(download.clone()));
    spawn_local(async move {
        if let Err(why) = run(drive, &plan, &download, &cancelled).await {
            drive.notify(Tone::Bad, words::not_downloaded(&plan.name, &why));
        }
        end(drive, id);
    });
}

fn end(drive: Drive, id: DownloadId) {
    let entries = drive.downloads.entries;
    entries.update(|entries| entries.retain(|entry| entry.id != id));
    drive.driver().downloads.end(id);
}

/// Nothing comes of one that was cancelled; a person who did that knows.
async fn run(
    drive: Drive,
    plan: &Plan,
    download: &Download,
    cancelled: &Latch,
) -> Result<(), Failure> {
    if !opfs::exists() {
        let why = "it keeps no files for this page. Download the files one by one";
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
    let job = Job::new(drive, plan, download, zip);
    let work = pin!(job.run());
    let Either::Left((outcome, _)) = select(work, pin!(cancelled.wait())).await else {
        return match session::is_signed_in(drive) {
            true => Ok(()),
            false => Err(Problem::SessionEnded.into()),
        };
    };
    let Ended { files, omitted } = outcome?;
    let file = ZIPS.get(&zip.to_string()).await?;
    save::blob(&file, &plan.name)?;
    spawn_local(async move {
        clock::sleep(KEEP_MILLIS).await;
        let _ = ZIPS.remove(&zip.to_string()).await;
        drop(lock);
    });
    words::tell(drive, plan, files, &omitted);
    Ok(())
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
