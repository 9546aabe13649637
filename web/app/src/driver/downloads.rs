//! A file on its way to the person: put together by [`client::downloads`], which is a
//! part of the page. Where that can't be done, and for what the block cache is too small
//! for, the browser fetches the file by itself.

use super::current::Current;
use super::ports::{Client, Composing};
use crate::archive::plan::FileContent;
use crate::parts::PartFuture;
use crate::refusals::InWords;
use crate::state::downloads::{Download, DownloadId, Files};
use crate::state::notices::Notices;
use crate::state::offline::KeptOffline;
use crate::words::{say, t};
use client::bell::Latch;
use client::downloads::{NotComposed, compose};
use futures_util::future::{Either, select};
use leptos::prelude::{Owner, RwSignal, Set, Update, WithUntracked};
use platform::browser::save;
use platform::failure::Failure;
use protocol::items::Item;
use protocol::name::Name;
use protocol::paths;
use std::cell::{Cell, RefCell};
use std::collections::HashMap;
use std::pin::pin;
use std::rc::Rc;
use wasm_bindgen_futures::spawn_local;
use web_sys::Blob;
use workers::cache::Cache;

/// A smaller file, in bytes, is one request by the browser itself.
const WORTH_COMPOSING_BYTES: u64 = 64 << 10;

pub struct Downloads {
    current: Current,
    cache: Rc<Cache>,
    shown: RwSignal<Vec<Download>>,
    offline: RwSignal<KeptOffline>,
    notices: Notices,
    /// Their signals are made in the name of the page.
    owner: Owner,
    cancelled: RefCell<HashMap<DownloadId, Latch>>,
    last_id: Cell<DownloadId>,
    /// [`composed`], in the part of the page that it is in.
    compose: fn(Client, FileContent, RwSignal<u64>) -> PartFuture<Composing>,
}

impl Downloads {
    pub fn new(
        current: Current,
        cache: Rc<Cache>,
        (shown, offline): (RwSignal<Vec<Download>>, RwSignal<KeptOffline>),
        notices: Notices,
        compose: fn(Client, FileContent, RwSignal<u64>) -> PartFuture<Composing>,
    ) -> Rc<Self> {
        Rc::new(Self {
            current,
            cache,
            shown,
            offline,
            notices,
            owner: Owner::current().unwrap_or_default(),
            cancelled: RefCell::default(),
            last_id: Cell::new(0),
            compose,
        })
    }

    /// Saves a file's head where the browser saves downloads. Nothing if the server
    /// does not have it.
    pub fn start(self: &Rc<Self>, item: &Item) {
        if item.version() == 0 {
            return;
        }
        if !self.is_composed(item) {
            let path = paths::content_named(item.id, item.version(), &item.name);
            save::link(&self.current.api().at(&path), item.name.as_str());
        }
    }

    /// Begins a download. Returns whether the page sees to it; else the browser has
    /// to.
    fn is_composed(self: &Rc<Self>, item: &Item) -> bool {
        let Some(file) = item.file.as_ref() else {
            return false;
        };
        // Without a connection, what is kept offline is only in the cache.
        let is_kept = |kept: &KeptOffline| kept.of.contains_key(&item.id);
        let is_worthwhile =
            file.size >= WORTH_COMPOSING_BYTES || self.offline.with_untracked(is_kept);
        if !is_worthwhile || !self.cache.is_possible() {
            return false;
        }
        let Some(client) = self.current.client() else {
            return false;
        };
        let (download, cancelled) = self.begin(item.name.to_string(), file.size, None);
        let content = FileContent {
            item: item.id,
            version: file.version,
            size: file.size,
        };
        let downloads = self.clone();
        spawn_local(async move {
            let composed = async {
                match (downloads.compose)(client, content, download.done).await {
                    Ok(composing) => composing.await,
                    Err(not_loaded) => Err(NotComposed::Server(not_loaded.into())),
                }
            };
            let cancelled = pin!(cancelled.wait());
            if let Either::Left((outcome, _)) = select(pin!(composed), cancelled).await {
                downloads.finish(content, &download.name, outcome);
            }
            downloads.end(download.id);
        });
        true
    }

    /// Shows a new one, which may be a zip of so many files. Returns it, and what is set
    /// when it is cancelled.
    pub fn begin(&self, name: String, size: u64, files: Option<usize>) -> (Download, Latch) {
        let id = self.last_id.get() + 1;
        self.last_id.set(id);
        let cancelled = Latch::default();
        self.cancelled.borrow_mut().insert(id, cancelled.clone());
        let download = self.owner.with(|| Download {
            id,
            name,
            size,
            done: RwSignal::new(0),
            files: files.map(|count| Files {
                count,
                done: RwSignal::new(0),
            }),
        });
        self.shown.update(|all| all.push(download.clone()));
        (download, cancelled)
    }

    pub fn end(&self, id: DownloadId) {
        self.shown.update(|all| all.retain(|one| one.id != id));
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

    fn finish(&self, content: FileContent, name: &str, outcome: Result<Blob, NotComposed>) {
        let FileContent { item, version, .. } = content;
        let outcome = outcome.and_then(|blob| save::blob(&blob, name).map_err(NotComposed::Cache));
        let why = match outcome {
            Ok(()) | Err(NotComposed::Server(Failure::Cancelled)) => return,
            Err(NotComposed::Cache(failure)) => {
                leptos::logging::warn!("downloaded without the block cache: {failure}");
                let path = match Name::parse(name) {
                    Ok(name) => paths::content_named(item, version, &name),
                    Err(_) => paths::content(item, Some(version)),
                };
                return save::link(&self.current.api().at(&path), name);
            }
            Err(NotComposed::Server(failure)) => failure.in_words(),
            Err(NotComposed::Damaged) => {
                t("It is damaged: the server's copy is not what was uploaded").to_owned()
            }
        };
        let text = say!("“{name}” was not downloaded. {why}", name, why);
        self.notices.bad(text);
    }
}

/// Puts a file together of what is here and what the server has, and says in a signal how
/// many of its bytes are here.
pub fn composed(client: Client, content: FileContent, done: RwSignal<u64>) -> Composing {
    let FileContent {
        item,
        version,
        size,
    } = content;
    Box::pin(async move {
        let (page, lists, again) = (client.platform(), client.lists(), client.again());
        let progress = |here_bytes| done.set(here_bytes);
        page.recall_list(lists, item, version).await;
        compose(page, lists, again, (item, version, size), progress).await
    })
}
