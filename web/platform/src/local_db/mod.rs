//! What this browser knows of the drive, kept in IndexedDB so that a reload
//! shows the list at once and then pulls only what has changed.
//!
//! The tree in it is a cache. What was changed here and not sent is nowhere
//! else: each tab's own, so that two tabs never write the same row. It all
//! belongs to one user, its owner, and is wiped when that user signs out or
//! another one signs in. A tab whose user is not the owner any more writes
//! nothing.
//!
//! What is shared with the owner is in here too, each root by itself: see [`LocalDb::of`].

mod first_rows;
mod keys;
mod lists;
pub mod offline;
mod pieces;
pub mod schema;
pub mod texts;

use crate::browser::clock;
use crate::failure::{Failure, refused};
use client::bell::Latch;
use client::ports::Written;
use futures_util::future::{Either, OptionFuture, select};
use idb::{
    Database, DatabaseEvent, Error, Factory, ObjectStore, Query, Transaction, TransactionMode,
};
use keys::RootKey;
pub use pieces::Pieces;
use protocol::accounts::Session;
use protocol::grants::Grants;
use protocol::ids::{ConflictId, ItemId, UserId};
use protocol::items::Item;
use serde::Serialize;
use serde::de::DeserializeOwned;
use std::cell::Cell;
use std::collections::{BTreeSet, HashMap};
use std::pin::{Pin, pin};
use std::rc::Rc;
use sync::edit::{DraftId, Edit, Matter, Resolution};
use sync::feed::has_told;
use sync::message::{Record, StoredState};
use sync::one_by_one::one_by_one;
use wasm_bindgen::JsValue;

/// The name of the database that the page uses.
pub const NAME: &str = "driftless";

/// Another tab with an older page may hold the old version open; the page does
/// not wait for it any longer than this, in milliseconds.
const OPEN_MILLIS: u64 = 4_000;

/// JSON texts parsed at once: a few milliseconds of the page's thread.
const PARSED_AT_ONCE: usize = 500;
/// Rows written at once: likewise.
const PUT_AT_ONCE: usize = 250;
/// From so many items on, the database is not asked for each by itself.
const MANY: usize = 50;

/// What IndexedDB says, as a failure of the client.
pub trait OrRefused<T> {
    /// # Errors
    /// `Device`, with the browser's words.
    fn or_refused(self) -> Result<T, Failure>;
}

impl<T> OrRefused<T> for Result<T, Error> {
    fn or_refused(self) -> Result<T, Failure> {
        self.map_err(|error| refused(error.to_string()))
    }
}

/// An open database, as one root sees it. What is said of the owner and of all that is
/// kept is said of all roots.
#[derive(Clone)]
pub struct LocalDb {
    opened: Rc<Opened>,
    root: RootKey,
}

struct Opened {
    database: Database,
    closed: Latch,
    /// Who this page takes for the owner.
    owner: Cell<Option<UserId>>,
}

/// What a tab has changed itself: what another one changed of it waits.
#[derive(Debug, Default)]
pub struct Own {
    pub items: BTreeSet<ItemId>,
    pub conflicts: BTreeSet<ConflictId>,
}

/// What a tab that is gone has left.
#[derive(Debug)]
pub struct Inheritance {
    pub edits: Vec<Edit>,
    pub resolutions: Vec<Resolution>,
    pub matters: Vec<Matter>,
    /// Whether that is all.
    pub is_whole: bool,
}

impl Inheritance {
    pub fn is_empty(&self) -> bool {
        self.edits.is_empty() && self.resolutions.is_empty() && self.matters.is_empty()
    }
}

impl Default for Inheritance {
    fn default() -> Self {
        Self {
            edits: Vec::new(),
            resolutions: Vec::new(),
            matters: Vec::new(),
            is_whole: true,
        }
    }
}

impl LocalDb {
    /// Opens the database, and makes or migrates it.
    ///
    /// # Errors
    /// The browser keeps no data for this page, or another tab blocks the
    /// upgrade.
    pub async fn open(name: &str) -> Result<Self, Failure> {
        let mut request = Factory::new()
            .or_refused()?
            .open(name, Some(schema::VERSION))
            .or_refused()?;
        request.on_upgrade_needed(|event| {
            // An error aborts the upgrade, and with it the opening.
            if let (Ok(database), Ok(from)) = (event.database(), event.old_version()) {
                let _ = schema::migrate(&database, from);
            }
        });
        let deadline = pin!(clock::sleep(OPEN_MILLIS));
        let mut database = match select(pin!(request.into_future()), deadline).await {
            Either::Left((database, _)) => database.or_refused()?,
            Either::Right(_) => {
                return Err(refused("the local database is in use".to_owned()));
            }
        };
        let closed = Latch::default();
        database.on_close({
            let closed = closed.clone();
            move |_| closed.set()
        });
        // A newer page in another tab wants to migrate: let it.
        database.on_version_change({
            let closed = closed.clone();
            move |event| {
                if let Ok(database) = event.database() {
                    database.close();
                }
                closed.set();
            }
        });
        if schema::ALL
            .iter()
            .any(|store| !database.store_names().iter().any(|name| name == store))
        {
            return Err(refused("the local database is damaged".to_owned()));
        }
        Ok(Self {
            opened: Rc::new(Opened {
                database,
                closed,
                owner: Cell::new(None),
            }),
            root: RootKey::default(),
        })
    }

    /// The same database, as the root `root` sees it; `None` is the owner's own drive.
    #[must_use]
    pub fn of(&self, root: Option<ItemId>) -> Self {
        Self {
            opened: self.opened.clone(),
            root: RootKey(root),
        }
    }

    /// Set once the database can't be used any more.
    pub fn closed(&self) -> &Latch {
        &self.opened.closed
    }

    /// Who is signed in, as far as this browser knows. From now on this page takes
    /// whoever is the owner for that.
    pub async fn session(&self) -> Result<Option<Session>, Failure> {
        self.opened.owner.set(self.owner().await?);
        let text = self.get(&JsValue::from_str(schema::SESSION_KEY)).await?;
        Ok(text.as_string().and_then(|text| parse(&text)))
    }

    /// Makes this user the owner, and this page theirs.
    pub async fn set_session(&self, session: &Session) -> Result<(), Failure> {
        let transaction = self.write_to(&[schema::META]).or_refused()?;
        let meta = transaction.object_store(schema::META).or_refused()?;
        let key = |key: &str| Some(JsValue::from_str(key));
        meta.put(&json(session)?, key(schema::SESSION_KEY).as_ref())
            .or_refused()?;
        let owner = JsValue::from_str(&session.user.id.to_string());
        meta.put(&owner, key(schema::OWNER_KEY).as_ref())
            .or_refused()?;
        finish(transaction).await?;
        self.opened.owner.set(Some(session.user.id));
        Ok(())
    }

    /// What is shared with the owner and by them, as the server last said.
    pub async fn grants(&self) -> Result<Option<Grants>, Failure> {
        let text = self.get(&JsValue::from_str(schema::GRANTS_KEY)).await?;
        Ok(text.as_string().and_then(|text| parse(&text)))
    }

    /// Keeps what the server says is shared, unless the owner is another one by now.
    pub async fn set_grants(&self, grants: &Grants) -> Result<(), Failure> {
        if !self.is_ours().await? {
            return Ok(());
        }
        let transaction = self.write_to(&[schema::META]).or_refused()?;
        let meta = transaction.object_store(schema::META).or_refused()?;
        let key = JsValue::from_str(schema::GRANTS_KEY);
        meta.put(&json(grants)?, Some(&key)).or_refused()?;
        finish(transaction).await
    }

    /// Whose data this is, signed in or not. Where nobody knows, it is nobody's.
    pub async fn owner(&self) -> Result<Option<UserId>, Failure> {
        let text = self.get(&JsValue::from_str(schema::OWNER_KEY)).await?;
        Ok(text.as_string().and_then(|text| text.parse().ok()))
    }

    /// Whether the owner is still who this page takes for that.
    pub async fn is_ours(&self) -> Result<bool, Failure> {
        Ok(self.owner().await? == self.opened.owner.get())
    }

    /// Reads the whole tree and what one tab has not sent, and lets the page
    /// breathe between.
    pub async fn load(&self, tab: &str) -> Result<StoredState, Failure> {
        self.read(tab, true).await
    }

    /// The same without items, and these piece by piece.
    pub async fn load_in_pieces(&self, tab: &str) -> Result<(StoredState, Pieces), Failure> {
        let kept = self.read(tab, false).await?;
        let pieces = Pieces::begin(self.of(self.root.0), kept.cursor.clone())?;
        Ok((kept, pieces))
    }

    async fn read(&self, tab: &str, with_items: bool) -> Result<StoredState, Failure> {
        // All requests are queued before the first await, so that what is read
        // is one state.
        let transaction = self
            .opened
            .database
            .transaction(&schema::ALL, TransactionMode::ReadOnly)
            .or_refused()?;
        let all = |store: &str, query: Option<Query>| {
            transaction.object_store(store)?.get_all(query, None)
        };
        let own = || Ok::<_, Error>(Some(Query::from(self.root.of_tab(tab)?)));
        let of_root = || Ok::<_, Error>(Some(Query::from(self.root.all()?)));
        let meta = |key: &str| {
            transaction
                .object_store(schema::META)?
                .get(Query::from(self.root.key(key)))
        };
        let items = match with_items {
            true => Some(all(schema::ITEMS, of_root().or_refused()?).or_refused()?),
            false => None,
        };
        let items = OptionFuture::from(items.map(IntoFuture::into_future));
        let conflicts = all(schema::CONFLICTS, of_root().or_refused()?)
            .or_refused()?
            .into_future();
        let edits = all(schema::EDITS, own().or_refused()?)
            .or_refused()?
            .into_future();
        let resolutions = all(schema::RESOLUTIONS, own().or_refused()?)
            .or_refused()?
            .into_future();
        let matters = all(schema::MATTERS, own().or_refused()?)
            .or_refused()?
            .into_future();
        let cursor = meta(schema::CURSOR_KEY).or_refused()?.into_future();
        let complete = meta(schema::COMPLETE_KEY).or_refused()?.into_future();
        let items = items.await.transpose().or_refused()?.unwrap_or_default();
        let conflicts = conflicts.await.or_refused()?;
        let (edits, resolutions) = (edits.await.or_refused()?, resolutions.await.or_refused()?);
        let matters = matters.await.or_refused()?;
        let (cursor, complete) = (cursor.await.or_refused()?, complete.await.or_refused()?);
        Ok(StoredState {
            items: parse_all(items).await,
            conflicts: parse_all(conflicts).await,
            cursor: cursor.and_then(|value| value.as_string()),
            complete: complete.is_some(),
            edits: parse_all(edits).await,
            resolutions: parse_all(resolutions).await,
            matters: parse_all(matters).await,
            held: Vec::new(),
        })
    }

    /// Writes what the engine of one tab says, at once or nothing of it. Where
    /// another tab has moved the cursor, only what is this tab's own is written.
    pub async fn write(&self, tab: &str, records: &[Record]) -> Result<Written, Failure> {
        let transaction = self.write_to(&schema::ALL).or_refused()?;
        let stores = Stores {
            items: transaction.object_store(schema::ITEMS).or_refused()?,
            conflicts: transaction.object_store(schema::CONFLICTS).or_refused()?,
            edits: transaction.object_store(schema::EDITS).or_refused()?,
            resolutions: transaction.object_store(schema::RESOLUTIONS).or_refused()?,
            matters: transaction.object_store(schema::MATTERS).or_refused()?,
            meta: transaction.object_store(schema::META).or_refused()?,
            root: self.root,
            tab,
        };
        // All requests are queued before the first await: each wait for the database takes
        // as long as all of them.
        let owner = stores.meta_text(JsValue::from_str(schema::OWNER_KEY))?;
        let cursor = stores.meta_text(self.root.key(schema::CURSOR_KEY))?;
        let ids = match records.contains(&Record::Replace) {
            true => BTreeSet::new(),
            false => one_by_one(records.iter().filter_map(item_of)),
        };
        let known = stores.ask_known(&ids)?;
        let owner = owner.await?.and_then(|text| text.parse::<UserId>().ok());
        if owner != self.opened.owner.get() {
            return Ok(Written::NotOurs);
        }
        let mut written = Written::Yes;
        let moves = |record: &Record| matches!(record, Record::Cursor { .. });
        let cursor = cursor.await?;
        if records.iter().any(moves) && !follows(records, cursor.clone()) {
            written = Written::CursorElsewhere;
        }
        let known = match known {
            Known::Each(asked) => read_known(asked).await?,
            Known::Between(asked, most) => {
                let texts = asked.await.or_refused()?;
                match texts.len() < most as usize {
                    true => all_known(texts.into_iter()),
                    false => read_known(stores.ask_each(&ids)?).await?,
                }
            }
        };
        let is_gone = |record: &Record| match record {
            Record::Learned { item, seq } => {
                !known.contains_key(&item.id) && has_told(cursor.as_deref(), *seq)
            }
            _ => false,
        };
        let records = records
            .iter()
            .filter(|record| written == Written::Yes || is_own(record))
            .filter(|record| !is_gone(record));
        if let Err(failure) = stores.put_all(records, &known).await {
            // Else the browser would keep the first half of it. It may have given it up itself.
            let _ = transaction.abort();
            return Err(failure);
        }
        finish(transaction).await?;
        Ok(written)
    }

    /// The tabs that have something in here that was not sent.
    pub async fn tabs(&self) -> Result<BTreeSet<String>, Failure> {
        let transaction = self
            .opened
            .database
            .transaction(&schema::OF_TABS, TransactionMode::ReadOnly)
            .or_refused()?;
        let of_root = || Ok::<_, Error>(Some(Query::from(self.root.all()?)));
        let all = |store: &str| {
            let keys = transaction.object_store(store)?;
            keys.get_all_keys(of_root()?, None)
        };
        let edits = all(schema::EDITS).or_refused()?.into_future();
        let resolutions = all(schema::RESOLUTIONS).or_refused()?.into_future();
        let matters = all(schema::MATTERS).or_refused()?.into_future();
        let (edits, resolutions) = (edits.await.or_refused()?, resolutions.await.or_refused()?);
        let keys = edits
            .into_iter()
            .chain(resolutions)
            .chain(matters.await.or_refused()?);
        Ok(one_by_one(keys.filter_map(|key| keys::tab(&key))))
    }

    /// The roots, but for the owner's own drive, that have something in here that some tab
    /// has not sent.
    pub async fn unsent_roots(&self) -> Result<BTreeSet<ItemId>, Failure> {
        let transaction = self
            .opened
            .database
            .transaction(
                &[schema::EDITS, schema::RESOLUTIONS],
                TransactionMode::ReadOnly,
            )
            .or_refused()?;
        let shared = || Ok::<_, Error>(Some(Query::from(keys::all_shared()?)));
        let all = |store: &str| {
            let keys = transaction.object_store(store)?;
            keys.get_all_keys(shared()?, None)
        };
        let edits = all(schema::EDITS).or_refused()?.into_future();
        let resolutions = all(schema::RESOLUTIONS).or_refused()?.into_future();
        let (edits, resolutions) = (edits.await.or_refused()?, resolutions.await.or_refused()?);
        let keys = edits.iter().chain(&resolutions);
        Ok(one_by_one(keys.filter_map(keys::root)))
    }

    /// How many changes other tabs than this one have not sent, to any root.
    pub async fn unsent_of_others(&self, tab: &str) -> Result<usize, Failure> {
        let transaction = self
            .opened
            .database
            .transaction(
                &[schema::EDITS, schema::RESOLUTIONS],
                TransactionMode::ReadOnly,
            )
            .or_refused()?;
        let all = |store: &str| transaction.object_store(store)?.get_all_keys(None, None);
        let edits = all(schema::EDITS).or_refused()?.into_future();
        let resolutions = all(schema::RESOLUTIONS).or_refused()?.into_future();
        let (edits, resolutions) = (edits.await.or_refused()?, resolutions.await.or_refused()?);
        let tabs = edits.iter().chain(&resolutions).filter_map(keys::tab);
        Ok(tabs.filter(|other| other != tab).count())
    }

    /// Makes what one tab has not sent another's, but for what is about `not`.
    pub async fn inherit(&self, from: &str, to: &str, not: &Own) -> Result<Inheritance, Failure> {
        let transaction = self.write_to(&schema::OF_TABS).or_refused()?;
        let edits = transaction.object_store(schema::EDITS).or_refused()?;
        let resolutions = transaction.object_store(schema::RESOLUTIONS).or_refused()?;
        let of_tab = || Ok::<_, Error>(Some(Query::from(self.root.of_tab(from)?)));
        let all_edits = edits
            .get_all(of_tab().or_refused()?, None)
            .or_refused()?
            .into_future();
        let all_resolutions = resolutions
            .get_all(of_tab().or_refused()?, None)
            .or_refused()?
            .into_future();
        let matters = transaction.object_store(schema::MATTERS).or_refused()?;
        let all_matters = matters
            .get_all(of_tab().or_refused()?, None)
            .or_refused()?
            .into_future();
        let (all_edits, all_resolutions) = (
            all_edits.await.or_refused()?,
            all_resolutions.await.or_refused()?,
        );
        let all_matters = all_matters.await.or_refused()?;
        let mut inheritance = Inheritance::default();
        for value in all_edits {
            let Some(edit) = value.as_string().and_then(|text| parse::<Edit>(&text)) else {
                continue;
            };
            if not.items.contains(&edit.item) {
                inheritance.is_whole = false;
                continue;
            }
            edits
                .delete(Query::from(self.root.own(from, edit.item)))
                .or_refused()?;
            edits
                .put(&value, Some(&self.root.own(to, edit.item)))
                .or_refused()?;
            inheritance.edits.push(edit);
        }
        for value in all_resolutions {
            let Some(resolution) = value
                .as_string()
                .and_then(|text| parse::<Resolution>(&text))
            else {
                continue;
            };
            let id = resolution.conflict;
            if not.conflicts.contains(&id) {
                inheritance.is_whole = false;
                continue;
            }
            resolutions
                .delete(Query::from(self.root.own(from, id)))
                .or_refused()?;
            resolutions
                .put(&value, Some(&self.root.own(to, id)))
                .or_refused()?;
            inheritance.resolutions.push(resolution);
        }
        for value in all_matters {
            let Some(matter) = value.as_string().and_then(|text| parse::<Matter>(&text)) else {
                continue;
            };
            let id = matter.id.to_string();
            matters
                .delete(Query::from(self.root.own(from, &id)))
                .or_refused()?;
            matters
                .put(&value, Some(&self.root.own(to, &id)))
                .or_refused()?;
            inheritance.matters.push(matter);
        }
        finish(transaction).await?;
        Ok(inheritance)
    }

    /// The drafts of all tabs' edits and merges, in all roots.
    pub async fn drafts(&self) -> Result<BTreeSet<DraftId>, Failure> {
        let transaction = self
            .opened
            .database
            .transaction(
                &[schema::EDITS, schema::RESOLUTIONS],
                TransactionMode::ReadOnly,
            )
            .or_refused()?;
        let all = |store: &str| transaction.object_store(store)?.get_all(None, None);
        let edits = all(schema::EDITS).or_refused()?.into_future();
        let resolutions = all(schema::RESOLUTIONS).or_refused()?.into_future();
        let (edits, resolutions) = (edits.await.or_refused()?, resolutions.await.or_refused()?);
        let edits: Vec<Edit> = parse_all(edits).await;
        let resolutions: Vec<Resolution> = parse_all(resolutions).await;
        let of_merges = resolutions.iter().filter_map(Resolution::draft);
        let drafts = edits.iter().flat_map(Edit::drafts).chain(of_merges);
        Ok(one_by_one(drafts.map(|draft| draft.id)))
    }

    /// Forgets everything, last of all whose it was.
    pub async fn wipe(&self) -> Result<(), Failure> {
        self.clear(&schema::ALL).await?;
        self.opened.owner.set(None);
        Ok(())
    }

    /// Forgets everything but whose it was.
    pub async fn empty(&self) -> Result<(), Failure> {
        self.clear(&schema::BUT_META).await
    }

    /// Forgets who is signed in and what the server has said. What was not sent
    /// stays, for when its owner signs in again.
    pub async fn close_session(&self) -> Result<(), Failure> {
        self.clear(&schema::FROM_SERVER).await
    }

    /// Empties these stores; of what says whose it all is, the owner stays unless that
    /// is among them.
    async fn clear(&self, stores: &[&str]) -> Result<(), Failure> {
        let transaction = self.write_to(&schema::ALL).or_refused()?;
        for store in stores {
            transaction
                .object_store(store)
                .or_refused()?
                .clear()
                .or_refused()?;
        }
        let meta = transaction.object_store(schema::META).or_refused()?;
        for key in schema::OF_SESSION {
            meta.delete(Query::from(JsValue::from_str(key)))
                .or_refused()?;
        }
        for range in [keys::all_shared(), keys::all_offline()] {
            let range = Query::from(range.or_refused()?);
            meta.delete(range).or_refused()?;
        }
        finish(transaction).await
    }

    /// Forgets what a tab has not sent to this root.
    pub async fn forget_own(&self, tab: &str) -> Result<(), Failure> {
        let transaction = self.write_to(&schema::OF_TABS).or_refused()?;
        for store in schema::OF_TABS {
            let store = transaction.object_store(store).or_refused()?;
            let own = Query::from(self.root.of_tab(tab).or_refused()?);
            store.delete(own).or_refused()?;
        }
        finish(transaction).await
    }

    /// Forgets what the server has said of this root. What was not sent stays.
    pub async fn forget_root(&self) -> Result<(), Failure> {
        let stores = [schema::ITEMS, schema::CONFLICTS, schema::META];
        let transaction = self.write_to(&stores).or_refused()?;
        if self.root.0.is_some() {
            for store in stores {
                let store = transaction.object_store(store).or_refused()?;
                let of_root = Query::from(self.root.all().or_refused()?);
                store.delete(of_root).or_refused()?;
            }
        }
        finish(transaction).await
    }

    /// Where the feed of this root goes on.
    async fn cursor(&self) -> Result<Option<String>, Failure> {
        let cursor = self.get(&self.root.key(schema::CURSOR_KEY)).await?;
        Ok(cursor.as_string())
    }

    /// What is kept of none of the items; `undefined` if there is nothing under the key.
    async fn get(&self, key: &JsValue) -> Result<JsValue, Failure> {
        let transaction = self
            .opened
            .database
            .transaction(&[schema::META], TransactionMode::ReadOnly)
            .or_refused()?;
        let value = transaction
            .object_store(schema::META)
            .or_refused()?
            .get(Query::from(key.clone()))
            .or_refused()?
            .await
            .or_refused()?;
        Ok(value.unwrap_or(JsValue::UNDEFINED))
    }

    fn write_to(&self, stores: &[&str]) -> Result<Transaction, Error> {
        self.opened
            .database
            .transaction(stores, TransactionMode::ReadWrite)
    }
}

impl Drop for Opened {
    fn drop(&mut self) {
        self.database.close();
    }
}

/// The stores within one transaction, on behalf of one tab.
struct Stores<'a> {
    items: ObjectStore,
    conflicts: ObjectStore,
    edits: ObjectStore,
    resolutions: ObjectStore,
    matters: ObjectStore,
    meta: ObjectStore,
    root: RootKey,
    tab: &'a str,
}

impl Stores<'_> {
    /// Asks for a text of what says whose it all is.
    fn meta_text(
        &self,
        key: JsValue,
    ) -> Result<impl Future<Output = Result<Option<String>, Failure>> + use<>, Failure> {
        let asked = self.meta.get(Query::from(key)).or_refused()?.into_future();
        Ok(async move {
            Ok(asked
                .await
                .or_refused()?
                .and_then(|value| value.as_string()))
        })
    }

    /// Asks for what is kept of the items that are about to be written. Another tab may
    /// have written something newer.
    fn ask_known(&self, ids: &BTreeSet<ItemId>) -> Result<Known, Failure> {
        let (Some(first), Some(last)) = (ids.first(), ids.last()) else {
            return Ok(Known::Each(Vec::new()));
        };
        if ids.len() < MANY {
            return Ok(Known::Each(self.ask_each(ids)?));
        }
        // Of a list that comes for the first time, nothing is there, and one request tells.
        let most = u32::try_from(ids.len() / 4).unwrap_or(u32::MAX);
        let range = self.root.between(*first, *last).or_refused()?;
        let asked = self.items.get_all(Some(Query::from(range)), Some(most));
        let asked = Box::pin(asked.or_refused()?.into_future());
        Ok(Known::Between(asked, most))
    }

    fn ask_each(&self, ids: &BTreeSet<ItemId>) -> Result<Vec<Asked<Option<JsValue>>>, Failure> {
        let ask = |id: &ItemId| {
            let asked = self.items.get(Query::from(self.root.key(id)));
            Ok(Box::pin(asked.or_refused()?.into_future()) as Asked<_>)
        };
        ids.iter().map(ask).collect()
    }

    /// Writes some at a time: a thousand in one task would hold the page up.
    async fn put_all(
        &self,
        records: impl Iterator<Item = &Record>,
        known: &HashMap<ItemId, Item>,
    ) -> Result<(), Failure> {
        for (before, record) in records.enumerate() {
            if before > 0 && before.is_multiple_of(PUT_AT_ONCE) {
                // Each answer comes in a task of its own, and whatever is asked for comes after
                // all that is on its way.
                let owner = JsValue::from_str(schema::OWNER_KEY);
                self.meta_text(owner)?.await?;
            }
            self.put(record, known)?;
        }
        Ok(())
    }

    fn put(&self, record: &Record, known: &HashMap<ItemId, Item>) -> Result<(), Failure> {
        let key = |id: &dyn std::fmt::Display| self.root.key(id);
        let own = |id: &dyn std::fmt::Display| self.root.own(self.tab, id);
        match record {
            Record::Replace => {
                for store in [&self.items, &self.conflicts] {
                    let of_root = Query::from(self.root.all().or_refused()?);
                    store.delete(of_root).or_refused()?;
                }
            }
            Record::Item(item) | Record::Learned { item, .. } => {
                let newest = match known.get(&item.id) {
                    Some(known) => Item::newer_of_both(known.clone(), item.clone()),
                    None => item.clone(),
                };
                self.items
                    .put(&json(&newest)?, Some(&key(&item.id)))
                    .or_refused()?;
            }
            Record::Deleted(id) => {
                self.items.delete(Query::from(key(id))).or_refused()?;
            }
            Record::Conflict(conflict) => {
                let id = key(&conflict.id);
                self.conflicts
                    .put(&json(conflict)?, Some(&id))
                    .or_refused()?;
            }
            Record::ConflictClosed(id) => {
                self.conflicts.delete(Query::from(key(id))).or_refused()?;
            }
            Record::Cursor { to, .. } => {
                let cursor = JsValue::from_str(to);
                self.meta
                    .put(&cursor, Some(&key(&schema::CURSOR_KEY)))
                    .or_refused()?;
            }
            Record::Complete => {
                let complete = key(&schema::COMPLETE_KEY);
                self.meta
                    .put(&JsValue::TRUE, Some(&complete))
                    .or_refused()?;
            }
            Record::Edit(edit) => {
                self.edits
                    .put(&json(edit)?, Some(&own(&edit.item)))
                    .or_refused()?;
            }
            Record::EditDone(item) => {
                self.edits.delete(Query::from(own(item))).or_refused()?;
            }
            Record::Resolution(resolution) => {
                let id = own(&resolution.conflict);
                self.resolutions
                    .put(&json(resolution)?, Some(&id))
                    .or_refused()?;
            }
            Record::ResolutionDone(conflict) => {
                self.resolutions
                    .delete(Query::from(own(conflict)))
                    .or_refused()?;
            }
            Record::Matter(matter) => {
                let id = own(&matter.id);
                self.matters.put(&json(matter)?, Some(&id)).or_refused()?;
            }
            Record::MatterDone(id) => {
                self.matters.delete(Query::from(own(id))).or_refused()?;
            }
            // A page holds no content.
            Record::Held { .. } => {}
        }
        Ok(())
    }
}

/// What the database says it keeps under a key.
/// What was asked of the database.
type Asked<T> = Pin<Box<dyn Future<Output = Result<T, Error>>>>;

/// What is kept of items, on its way.
enum Known {
    Each(Vec<Asked<Option<JsValue>>>),
    /// All between the first and the last of them, if they are fewer than so many.
    Between(Asked<Vec<JsValue>>, u32),
}

async fn read_known(
    requests: Vec<Asked<Option<JsValue>>>,
) -> Result<HashMap<ItemId, Item>, Failure> {
    let mut texts = Vec::with_capacity(requests.len());
    for request in requests {
        texts.extend(request.await.or_refused()?);
    }
    Ok(all_known(texts.into_iter()))
}

fn all_known(texts: impl Iterator<Item = JsValue>) -> HashMap<ItemId, Item> {
    let items = texts.filter_map(|text| parse::<Item>(&text.as_string()?));
    items.map(|item| (item.id, item)).collect()
}

fn item_of(record: &Record) -> Option<ItemId> {
    match record {
        Record::Item(item) | Record::Learned { item, .. } => Some(item.id),
        _ => None,
    }
}

/// Whether a record is of what this tab has not sent, which no other tab writes.
fn is_own(record: &Record) -> bool {
    matches!(
        record,
        Record::Edit(_)
            | Record::EditDone(_)
            | Record::Resolution(_)
            | Record::ResolutionDone(_)
            | Record::Matter(_)
            | Record::MatterDone(_)
    )
}

/// Whether the cursor moves on from where it is kept. Whoever replaces
/// everything need not have seen it.
fn follows(records: &[Record], kept: Option<String>) -> bool {
    let (mut at, mut replaced) = (kept, false);
    for record in records {
        match record {
            Record::Replace => replaced = true,
            Record::Cursor { from, .. } if !replaced && *from != at => return false,
            Record::Cursor { to, .. } => at = Some(to.clone()),
            _ => {}
        }
    }
    true
}

async fn finish(transaction: Transaction) -> Result<(), Failure> {
    if transaction
        .commit()
        .or_refused()?
        .await
        .or_refused()?
        .is_committed()
    {
        Ok(())
    } else {
        Err(refused("the local database is full".to_owned()))
    }
}

fn json(value: &impl Serialize) -> Result<JsValue, Failure> {
    serde_json::to_string(value)
        .map(JsValue::from)
        .map_err(|e| refused(e.to_string()))
}

/// What an older page wrote may not be readable: it is left out, and the next
/// reset brings it again.
fn parse<T: DeserializeOwned>(text: &str) -> Option<T> {
    serde_json::from_str(text).ok()
}

async fn parse_all<T: DeserializeOwned>(values: Vec<JsValue>) -> Vec<T> {
    let mut parsed = Vec::with_capacity(values.len());
    for some in values.chunks(PARSED_AT_ONCE) {
        if !parsed.is_empty() {
            clock::breathe().await;
        }
        parsed.extend(some.iter().filter_map(|value| parse(&value.as_string()?)));
    }
    parsed
}
