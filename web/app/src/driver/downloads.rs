//! A file on its way to the person: put together by [`client::downloads`]. Where that
//! can't be done, and for what the block cache is too small for, the browser fetches
//! the file by itself.

use crate::state::downloads::{Download, DownloadId};
use crate::state::{Drive, Tone};
use client::bell::Latch;
use client::downloads::{NotComposed, compose};
use futures_util::future::{Either, select};
use leptos::prelude::{RwSignal, Set, Update};
use platform::browser::save;
use platform::failure::Failure;
use protocol::ids::{ItemId, Version};
use protocol::items::Item;
use protocol::name::Name;
use protocol::paths;
use std::cell::{Cell, RefCell};
use std::collections::HashMap;
use std::pin::pin;
use wasm_bindgen_futures::spawn_local;
use web_sys::Blob;

/// A smaller file, in bytes, is one request by the browser itself.
const WORTH_COMPOSING_BYTES: u64 = 64 << 10;

#[derive(Default)]
pub struct Downloads {
    cancelled: RefCell<HashMap<DownloadId, Latch>>,
    last_id: Cell<DownloadId>,
}

/// Begins a download. Returns whether the page sees to it; else the browser has
/// to.
pub fn start(drive: Drive, item: &Item) -> bool {
    let driver = drive.driver();
    let Some(file) = item.file.as_ref().filter(|file| file.version > 0) else {
        return false;
    };
    if file.size < WORTH_COMPOSING_BYTES || !driver.cache.is_possible() {
        return false;
    }
    let Some(client) = driver.client() else {
        return false;
    };
    let (id, cancelled) = driver.downloads.begin();
    let download = driver.owning(|| Download {
        id,
        name: item.name.to_string(),
        size: file.size,
        done: RwSignal::new(0),
        files: None,
    });
    let (item, version, size) = (item.id, file.version, file.size);
    spawn_local(async move {
        let entries = drive.downloads.entries;
        entries.update(|entries| entries.push(download.clone()));
        let (page, lists, again) = (client.platform(), client.lists(), client.again());
        let progress = |here_bytes| download.done.set(here_bytes);
        let composed = compose(page, lists, again, (item, version, size), progress);
        let cancelled = pin!(cancelled.wait());
        if let Either::Left((outcome, _)) = select(pin!(composed), cancelled).await {
            finish(drive, item, version, &download.name, outcome);
        }
        entries.update(|entries| entries.retain(|entry| entry.id != id));
        drive.driver().downloads.end(id);
    });
    true
}

impl Downloads {
    /// A new one, and what is set when it is cancelled.
    pub fn begin(&self) -> (DownloadId, Latch) {
        let id = self.last_id.get() + 1;
        self.last_id.set(id);
        let cancelled = Latch::default();
        self.cancelled.borrow_mut().insert(id, cancelled.clone());
        (id, cancelled)
    }

    pub fn end(&self, id: DownloadId) {
        self.cancelled.borrow_mut().remove(&id);
    }

    pub fn cancel(&self, id: DownloadId) {
        if let Some(cancelled) = self.cancelled.borrow_mut().remove(&id) {
            cancelled.set();
        }
    }

    pub fn cancel_all(&self) {
        for (_, cancelled) in self.cancelled.take() {
            cancelled.set();
        }
    }
}

fn finish(
    drive: Drive,
    item: ItemId,
    version: Version,
    name: &str,
    outcome: Result<Blob, NotComposed>,
) {
    let outcome = outcome.and_then(|blob| save::blob(&blob, name).map_err(NotComposed::Cache));
    let why = match outcome {
        Ok(()) | Err(NotComposed::Server(Failure::Cancelled)) => return,
        Err(NotComposed::Cache(failure)) => {
            leptos::logging::warn!("downloaded without the block cache: {failure}");
            let address = match Name::parse(name) {
                Ok(name) => paths::content_named(item, version, &name),
                Err(_) => paths::content(item, Some(version)),
            };
            return save::link(&address, name);
        }
        Err(NotComposed::Server(failure)) => failure.to_string(),
        Err(NotComposed::Damaged) => {
            "It is damaged: the server's copy is not what was uploaded".to_owned()
        }
    };
    drive.notify(Tone::Bad, format!("“{name}” was not downloaded. {why}"));
}
