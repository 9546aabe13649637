//! Fetches what is to be kept offline, one file after another, in one tab of the browser at a
//! time. What the list of files in the local database has is here: each block was verified
//! when it came, and is looked for again at each pass. Between the tabs, a note in local
//! storage says that something has changed.

use super::plan::{Wanted, standing, wanted};
use super::{Keeping, Offline, OfflineAct};
use crate::driver::ports::Client;
use crate::driver::root::Root;
use crate::format::{bytes, count};
use crate::state::connection::Connection;
use crate::state::offline::KeptOffline;
use crate::words::{english, say, t};
use blocks::hash::BlockHash;
use client::downloads::{NotComposed, keep};
use leptos::prelude::{Effect, GetUntracked, Set, Track, WithUntracked};
use platform::browser::locks;
use platform::browser::{clock, opfs, shelf};
use platform::failure::Failure;
use platform::local_db::LocalDb;
use platform::local_db::offline::OfflineFile;
use protocol::ids::{ItemId, Version};
use std::cell::{Cell, RefCell};
use std::collections::{BTreeMap, BTreeSet, HashSet};
use std::rc::Rc;
use wasm_bindgen_futures::spawn_local;

/// One tab at a time fetches.
const LOCK: &str = "driftless-offline";
/// What changes together is looked at together, after so many milliseconds.
const GATHER_MILLIS: u64 = 400;
/// What is shown is told anew once in so many milliseconds, and to other tabs.
const SHOW_MILLIS: u64 = 300;
/// So many bytes stay free for all else that the page keeps.
const RESERVE_BYTES: u64 = 16 << 20;

const NO_STORAGE: &str =
    english!("This browser keeps no data for this page, so nothing can be kept offline");

pub struct Work {
    home: Rc<Root>,
    /// What the local database has of it.
    known: RefCell<Known>,
    /// Files of which something may be here.
    begun: RefCell<BTreeSet<ItemId>>,
    /// Versions that did not fit, or that can't be had: not tried again before the page is
    /// opened anew, or the person chooses something.
    refused: RefCell<BTreeSet<(ItemId, Version)>>,
    works: Cell<bool>,
    is_due: Cell<bool>,
    is_soon: Cell<bool>,
    /// Whether bundles that nobody wants any more were looked for.
    has_tidied: Cell<bool>,
    shown_at: Cell<u64>,
    /// Whether other tabs are to be told.
    has_changed: Cell<bool>,
}

#[derive(Default)]
struct Known {
    chosen: BTreeSet<ItemId>,
    /// The version and size of each file that is here.
    here: BTreeMap<ItemId, (Version, u64)>,
}

/// What the part begins with.
pub fn run(offline: Rc<Offline>, act: OfflineAct) {
    let known = offline.keeping.borrow().clone();
    let keeping = known.unwrap_or_else(|| {
        let work: Rc<dyn Keeping> = Work::new(&offline);
        *offline.keeping.borrow_mut() = Some(work.clone());
        work
    });
    keeping.act(act);
}

impl Keeping for Work {
    fn act(self: Rc<Self>, act: OfflineAct) {
        spawn_local(async move {
            if let OfflineAct::Keep { items, on } = act {
                self.choose(&items, on).await;
            }
            self.read().await;
            self.go();
        });
    }

    fn forget(&self) {
        self.known.take();
        self.begun.take();
        self.refused.take();
        self.has_tidied.set(false);
        self.home.drive.offline.set(KeptOffline::default());
    }
}

impl Work {
    fn new(offline: &Rc<Offline>) -> Rc<Self> {
        let home = offline.home.clone();
        let (tree, connection) = (home.drive.tree, home.drive.connection);
        let work = Rc::new(Self {
            home,
            known: RefCell::default(),
            begun: RefCell::default(),
            refused: RefCell::default(),
            works: Cell::new(false),
            is_due: Cell::new(false),
            is_soon: Cell::new(false),
            has_tidied: Cell::new(false),
            shown_at: Cell::new(0),
            has_changed: Cell::new(false),
        });
        let watching = work.clone();
        // News, and the connection that comes back.
        offline.owner.with(|| {
            Effect::new(move |_| {
                tree.track();
                connection.track();
                watching.clone().soon();
            });
        });
        work
    }

    fn database(&self) -> Option<LocalDb> {
        self.home.means.store.database()
    }

    fn client(&self) -> Option<Client> {
        self.home.current.client()
    }

    /// Looks in a while, after whatever else changes now.
    fn soon(self: Rc<Self>) {
        if self.known.borrow().chosen.is_empty() || self.is_soon.replace(true) {
            return;
        }
        spawn_local(async move {
            clock::sleep(GATHER_MILLIS).await;
            self.is_soon.set(false);
            self.show();
            self.go();
        });
    }

    async fn choose(&self, items: &[ItemId], on: bool) {
        let notices = self.home.drive.notices;
        let Some(database) = self
            .database()
            .filter(|_| self.home.means.cache.is_possible())
        else {
            return notices.bad(t(NO_STORAGE));
        };
        if on && self.known.borrow().chosen.is_empty() {
            opfs::ask_to_persist().await;
        }
        match database.choose_offline(items, on).await {
            Ok(_) => {
                self.refused.borrow_mut().clear();
                self.has_changed.set(true);
                self.tell();
            }
            Err(failure) => {
                notices.failure(t("Nothing was changed of what is kept offline"), &failure);
            }
        }
    }

    /// Reads what the local database has, and shows it.
    async fn read(&self) -> Vec<OfflineFile> {
        let Some(database) = self.database().filter(|_| self.client().is_some()) else {
            return Vec::new();
        };
        let read = async {
            let chosen = database.chosen_offline().await?;
            Ok::<_, Failure>((chosen, database.offline_files().await?))
        };
        let Ok((chosen, files)) = read.await else {
            return Vec::new();
        };
        let here = files
            .iter()
            .map(|file| (file.item, (file.version, file.size())));
        let here = here.collect();
        *self.known.borrow_mut() = Known { chosen, here };
        self.show();
        files
    }

    fn wanted(&self) -> Vec<Wanted> {
        let known = self.known.borrow();
        let tree = self.home.drive.tree;
        tree.with_untracked(|tree| wanted(tree, &known.chosen))
    }

    fn show(&self) {
        if self.client().is_none() {
            return;
        }
        let all = self.wanted();
        let known = self.known.borrow();
        let versions = known
            .here
            .iter()
            .map(|(item, (version, _))| (*item, *version));
        let now = KeptOffline {
            chosen: known.chosen.clone(),
            of: standing(&all, &versions.collect(), &self.begun.borrow()),
            files: known.here.len(),
            bytes: known.here.values().map(|(_, size)| size).sum(),
        };
        let shown = self.home.drive.offline;
        if shown.with_untracked(|shown| *shown != now) {
            shown.set(now);
        }
        self.shown_at.set(clock::running_ms());
    }

    /// Shows how far it is now and then, also in other tabs.
    fn show_now_and_then(&self) {
        if clock::running_ms().saturating_sub(self.shown_at.get()) >= SHOW_MILLIS {
            self.show();
            self.tell();
        }
    }

    /// Tells the other tabs what has changed. They look, and tell nothing of it in turn.
    fn tell(&self) {
        if self.has_changed.replace(false) {
            shelf::write(shelf::OFFLINE, &clock::now_ms().to_string());
        }
    }

    /// Works until nothing is due any more.
    fn go(self: &Rc<Self>) {
        self.is_due.set(true);
        if self.works.replace(true) {
            return;
        }
        let work = self.clone();
        spawn_local(async move {
            while work.is_due.replace(false) {
                let Some(client) = work.client() else {
                    break;
                };
                if let Err(failure) = work.pass(&client).await {
                    leptos::logging::warn!("what is kept offline was not looked after: {failure}");
                }
                work.show();
            }
            work.works.set(false);
        });
    }

    fn is_over(&self, client: &Client) -> bool {
        self.client().is_none_or(|now| !now.is_same(client))
    }

    async fn pass(&self, client: &Client) -> Result<(), Failure> {
        let is_nothing = |known: &Known| known.chosen.is_empty() && known.here.is_empty();
        let Some(database) = self
            .database()
            .filter(|_| !is_nothing(&self.known.borrow()))
        else {
            return Ok(());
        };
        let _turn = match locks::exist() {
            true => Some(locks::take(LOCK).await),
            false => None,
        };
        // Another tab may have worked meanwhile.
        let files = self.read().await;
        if self.is_over(client) || !self.home.drive.tree.with_untracked(|tree| tree.complete) {
            return Ok(());
        }
        let is_otherwise = self.drop_unwanted(&database, files).await?;
        let (mut unfit, mut replaced) = (Vec::new(), false);
        for Wanted { item, file, .. } in self.wanted() {
            let Some((version, size)) = file.filter(|(version, _)| *version > 0) else {
                continue;
            };
            let before = self.known.borrow().here.get(&item).copied();
            let is_here = before.is_some_and(|(kept, _)| kept == version);
            if is_here || self.refused.borrow().contains(&(item, version)) {
                continue;
            }
            if self.home.drive.connection.get_untracked() != Connection::Live {
                break;
            }
            let room = opfs::room().await.unwrap_or(u64::MAX);
            // Of a next version, most is likely to be here.
            let is_too_large = before.is_none() && size.saturating_add(RESERVE_BYTES) > room;
            let fetched = match is_too_large {
                true => Err(NotComposed::Cache(Failure::Cancelled)),
                false => self.fetch(client, &database, (item, version, size)).await,
            };
            if self.is_over(client) {
                return Ok(());
            }
            match fetched {
                Ok(()) => {
                    replaced |= before.is_some();
                    self.show_now_and_then();
                }
                Err(NotComposed::Server(failure)) if failure.is_passing() => break,
                // A newer version may have come, or the file is gone: the feed tells.
                Err(NotComposed::Server(_) | NotComposed::Damaged) => {
                    self.refused.borrow_mut().insert((item, version));
                }
                Err(NotComposed::Cache(failure)) => {
                    self.refused.borrow_mut().insert((item, version));
                    match is_too_large {
                        true => unfit.push((item, size)),
                        false => self.tell_failed(item, &failure),
                    }
                }
            }
        }
        if is_otherwise || replaced || !self.has_tidied.replace(true) {
            let files = self.read().await;
            let needed = hashes(&files).collect();
            self.home.means.cache.let_others_go(&needed).await?;
        }
        self.show();
        self.tell();
        self.tell_unfit(&unfit).await;
        Ok(())
    }

    /// Forgets the files that are not to be kept any more, and those of which a block is lost,
    /// which are fetched again. Returns whether there were any.
    async fn drop_unwanted(
        &self,
        database: &LocalDb,
        files: Vec<OfflineFile>,
    ) -> Result<bool, Failure> {
        let cache = &self.home.means.cache;
        let all = self.wanted();
        let wanted: BTreeSet<ItemId> = all.iter().map(|one| one.item).collect();
        let are_whole = files.is_empty() || cache.make_stay(hashes(&files)).await?;
        let found = match are_whole {
            true => HashSet::new(),
            false => {
                let found = cache.find(hashes(&files)).await?;
                found.iter().map(|place| place.block.hash).collect()
            }
        };
        let is_lost = |file: &OfflineFile| {
            let mut blocks = file.blocks.iter();
            !are_whole && blocks.any(|block| !found.contains(&block.hash))
        };
        let mut gone = Vec::new();
        for file in &files {
            let is_lost = is_lost(file);
            if is_lost {
                self.begun.borrow_mut().insert(file.item);
            }
            if is_lost || !wanted.contains(&file.item) {
                gone.push(file.item);
                self.known.borrow_mut().here.remove(&file.item);
            }
        }
        if gone.is_empty() {
            return Ok(false);
        }
        database.forget_offline_files(&gone).await?;
        self.has_changed.set(true);
        self.show();
        Ok(true)
    }

    /// Fetches what is not here of a file's version, and keeps it.
    async fn fetch(
        &self,
        client: &Client,
        database: &LocalDb,
        (item, version, size): (ItemId, Version, u64),
    ) -> Result<(), NotComposed> {
        self.begun.borrow_mut().insert(item);
        self.show_now_and_then();
        let before = database.offline_file(item).await.ok().flatten();
        let before = before.map(|file| file.blocks).unwrap_or_default();
        let (page, lists, again) = (client.platform(), client.lists(), client.again());
        let list = keep(page, lists, again, (item, version, size), before).await?;
        let cache = &self.home.means.cache;
        let stay = cache.make_stay(list.iter().map(|block| block.hash)).await;
        if !stay.map_err(NotComposed::Cache)? {
            // Another tab has let some of it go just now.
            clock::sleep(GATHER_MILLIS).await;
            self.is_due.set(true);
            return Ok(());
        }
        let file = OfflineFile {
            item,
            version,
            blocks: list,
        };
        let put = database.put_offline_file(&file).await;
        put.map_err(NotComposed::Cache)?;
        let mut known = self.known.borrow_mut();
        known.here.insert(item, (version, file.size()));
        self.has_changed.set(true);
        self.begun.borrow_mut().remove(&item);
        Ok(())
    }

    fn name_of(&self, item: ItemId) -> String {
        let tree = self.home.drive.tree;
        let name = tree.with_untracked(|tree| tree.get(item).map(|item| item.name.clone()));
        name.map_or_else(|| t("1 file").to_owned(), |name| say!("“{name}”", name))
    }

    fn tell_failed(&self, item: ItemId, failure: &Failure) {
        let what = say!("{what} is not kept offline", what = self.name_of(item));
        self.home.drive.notices.failure(&what, failure);
    }

    /// Says what did not fit. What was kept before is kept still.
    async fn tell_unfit(&self, unfit: &[(ItemId, u64)]) {
        let needs: u64 = unfit.iter().map(|(_, size)| size).sum();
        let what = match unfit {
            [] => return,
            [(item, _)] => self.name_of(*item),
            more => count(more.len(), "file", "files"),
        };
        let size = bytes(needs);
        let text = match opfs::room().await {
            Some(room) => say!(
                "Not kept offline: {what}, of {size}; this browser has room for {room} more. What was kept before stays",
                what,
                size,
                room = bytes(room)
            ),
            None => say!(
                "Not kept offline: {what}, of {size}; there is not enough room. What was kept before stays",
                what,
                size
            ),
        };
        self.home.drive.notices.bad(text);
    }
}

fn hashes(files: &[OfflineFile]) -> impl Iterator<Item = BlockHash> {
    let blocks = files.iter().flat_map(|file| &file.blocks);
    blocks.map(|block| block.hash)
}
