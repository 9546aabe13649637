//! What this browser knows of the drive, kept in IndexedDB so that a reload
//! shows the list at once and then pulls only what has changed.
//!
//! It is a cache: the browser may lose it at any moment, and nothing that was
//! not acknowledged by the server is in it. It belongs to one user, and is
//! wiped when that user signs out or another one signs in.

pub mod block_list;
pub mod schema;

pub use block_list::BlockList;

use crate::browser::bell::Latch;
use crate::browser::clock;
use crate::failure::Failure;
use futures_util::future::{Either, select};
use idb::{Database, DatabaseEvent, Error, Factory, Query, Transaction, TransactionMode};
use js_sys::Uint8Array;
use serde::Serialize;
use serde::de::DeserializeOwned;
use shared::ids::ItemId;
use shared::protocol::accounts::Session;
use shared::protocol::conflicts::Conflict;
use shared::protocol::items::Item;
use std::pin::pin;
use wasm_bindgen::{JsCast, JsValue};

/// The name of the database that the page uses.
pub const NAME: &str = "driftless";

/// Another tab with an older page may hold the old version open; the page does
/// not wait for it any longer than this, in milliseconds.
const OPEN_MILLIS: u64 = 4_000;

/// JSON texts parsed at once: a few milliseconds of the page's thread.
const PARSED_AT_ONCE: usize = 500;

impl From<Error> for Failure {
    fn from(error: Error) -> Self {
        Failure::Browser(error.to_string())
    }
}

/// An open database.
pub struct LocalDb {
    database: Database,
    closed: Latch,
}

/// All that is kept of the tree.
#[derive(Default)]
pub struct Kept {
    pub items: Vec<Item>,
    pub conflicts: Vec<Conflict>,
    pub cursor: Option<String>,
    pub complete: bool,
}

/// What one page of the feed, or the answer to one change, writes.
#[derive(Default)]
pub struct Write<'a> {
    /// Forget the tree first.
    pub replace: bool,
    pub items: &'a [Item],
    /// Resolved ones are removed.
    pub conflicts: &'a [Conflict],
    pub cursor: Option<CursorMove<'a>>,
    pub complete: bool,
}

/// The cursor before and after a page.
pub struct CursorMove<'a> {
    pub from: Option<&'a str>,
    pub to: &'a str,
}

/// What became of a write.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Written {
    Yes,
    /// Another tab has moved the cursor: nothing was written.
    CursorElsewhere,
}

impl LocalDb {
    /// Opens the database, and makes or migrates it.
    ///
    /// # Errors
    /// The browser keeps no data for this page, or another tab blocks the
    /// upgrade.
    pub async fn open(name: &str) -> Result<Self, Failure> {
        let mut request = Factory::new()?.open(name, Some(schema::VERSION))?;
        request.on_upgrade_needed(|event| {
            // An error aborts the upgrade, and with it the opening.
            if let (Ok(database), Ok(from)) = (event.database(), event.old_version()) {
                let _ = schema::migrate(&database, from);
            }
        });
        let deadline = pin!(clock::sleep(OPEN_MILLIS));
        let mut database = match select(pin!(request.into_future()), deadline).await {
            Either::Left((database, _)) => database?,
            Either::Right(_) => {
                return Err(Failure::Browser("the local database is in use".to_owned()));
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
            return Err(Failure::Browser("the local database is damaged".to_owned()));
        }
        Ok(Self { database, closed })
    }

    /// Set once the database can't be used any more.
    pub fn closed(&self) -> &Latch {
        &self.closed
    }

    /// Who the data belongs to.
    pub async fn session(&self) -> Result<Option<Session>, Failure> {
        let text = self.get(schema::META, schema::SESSION_KEY).await?;
        Ok(text.as_string().and_then(|text| parse(&text)))
    }

    pub async fn set_session(&self, session: &Session) -> Result<(), Failure> {
        let transaction = self.write_to(&[schema::META])?;
        transaction.object_store(schema::META)?.put(
            &json(session)?,
            Some(&JsValue::from_str(schema::SESSION_KEY)),
        )?;
        finish(transaction).await
    }

    /// Reads the whole tree, and lets the page breathe between.
    pub async fn load(&self) -> Result<Kept, Failure> {
        // All requests are queued before the first await, so that what is read
        // is one state.
        let transaction = self
            .database
            .transaction(&schema::ALL, TransactionMode::ReadOnly)?;
        let all = |store: &str| transaction.object_store(store)?.get_all(None, None);
        let meta = |key: &str| {
            transaction
                .object_store(schema::META)?
                .get(Query::from(JsValue::from_str(key)))
        };
        let items = all(schema::ITEMS)?.into_future();
        let conflicts = all(schema::CONFLICTS)?.into_future();
        let cursor = meta(schema::CURSOR_KEY)?.into_future();
        let complete = meta(schema::COMPLETE_KEY)?.into_future();
        let (items, conflicts) = (items.await?, conflicts.await?);
        let (cursor, complete) = (cursor.await?, complete.await?);
        Ok(Kept {
            items: parse_all(items).await,
            conflicts: parse_all(conflicts).await,
            cursor: cursor.and_then(|value| value.as_string()),
            complete: complete.is_some(),
        })
    }

    /// Writes a page of changes: its items, conflicts and cursor at once or
    /// nothing of it.
    pub async fn write(&self, write: &Write<'_>) -> Result<Written, Failure> {
        let transaction = self.write_to(&[schema::ITEMS, schema::CONFLICTS, schema::META])?;
        let items = transaction.object_store(schema::ITEMS)?;
        let conflicts = transaction.object_store(schema::CONFLICTS)?;
        let meta = transaction.object_store(schema::META)?;
        let cursor_key = JsValue::from_str(schema::CURSOR_KEY);
        if let Some(cursor) = &write.cursor {
            let kept = meta.get(Query::from(cursor_key.clone()))?.await?;
            let kept = kept.and_then(|value| value.as_string());
            if !write.replace && kept.as_deref() != cursor.from {
                transaction.abort()?;
                return Ok(Written::CursorElsewhere);
            }
            meta.put(&JsValue::from_str(cursor.to), Some(&cursor_key))?;
        }
        if write.replace {
            items.clear()?;
            conflicts.clear()?;
        }
        for item in write.items {
            let key = JsValue::from_str(&item.id.to_string());
            items.put(&json(item)?, Some(&key))?;
        }
        for conflict in write.conflicts {
            let key = JsValue::from_str(&conflict.id.to_string());
            if conflict.resolved.is_some() {
                conflicts.delete(Query::from(key))?;
            } else {
                conflicts.put(&json(conflict)?, Some(&key))?;
            }
        }
        if write.complete {
            let key = JsValue::from_str(schema::COMPLETE_KEY);
            meta.put(&JsValue::TRUE, Some(&key))?;
        }
        finish(transaction).await?;
        Ok(Written::Yes)
    }

    /// The blocks of the version that this browser knows best.
    pub async fn block_list(&self, item: ItemId) -> Result<Option<BlockList>, Failure> {
        let value = self.get(schema::BLOCK_LISTS, &item.to_string()).await?;
        let bytes = value.dyn_into::<Uint8Array>().ok();
        Ok(bytes.and_then(|bytes| BlockList::from_bytes(&bytes.to_vec())))
    }

    pub async fn set_block_list(&self, item: ItemId, list: &BlockList) -> Result<(), Failure> {
        let transaction = self.write_to(&[schema::BLOCK_LISTS])?;
        let bytes = Uint8Array::from(list.to_bytes().as_slice());
        transaction
            .object_store(schema::BLOCK_LISTS)?
            .put(&bytes, Some(&JsValue::from_str(&item.to_string())))?;
        finish(transaction).await
    }

    /// Forgets everything.
    pub async fn wipe(&self) -> Result<(), Failure> {
        let transaction = self.write_to(&schema::ALL)?;
        for store in schema::ALL {
            transaction.object_store(store)?.clear()?;
        }
        finish(transaction).await
    }

    async fn get(&self, store: &str, key: &str) -> Result<JsValue, Failure> {
        let transaction = self
            .database
            .transaction(&[store], TransactionMode::ReadOnly)?;
        let value = transaction
            .object_store(store)?
            .get(Query::from(JsValue::from_str(key)))?
            .await?;
        Ok(value.unwrap_or(JsValue::UNDEFINED))
    }

    fn write_to(&self, stores: &[&str]) -> Result<Transaction, Error> {
        self.database
            .transaction(stores, TransactionMode::ReadWrite)
    }
}

impl Drop for LocalDb {
    fn drop(&mut self) {
        self.database.close();
    }
}

async fn finish(transaction: Transaction) -> Result<(), Failure> {
    if transaction.commit()?.await?.is_committed() {
        Ok(())
    } else {
        Err(Failure::Browser("the local database is full".to_owned()))
    }
}

fn json(value: &impl Serialize) -> Result<JsValue, Failure> {
    serde_json::to_string(value)
        .map(JsValue::from)
        .map_err(|e| Failure::Browser(e.to_string()))
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
