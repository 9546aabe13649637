//! The cache's list of bundles, in an IndexedDB database of its own: whatever
//! becomes of it, the tree and unsent edits are not touched.

use super::index::{Bundle, BundleId};
use futures_util::future::{Either, select};
use idb::{
    Database, DatabaseEvent, Factory, ObjectStoreParams, Query, Transaction, TransactionMode,
};
use js_sys::Uint8Array;
use platform::browser::{clock, js};
use platform::failure::{Failure, refused};
use platform::local_db::OrRefused;
use platform::packed::{pack, unpack};
use std::pin::pin;
use wasm_bindgen::{JsCast, JsValue};

/// The name of the database that the page uses.
const NAME: &str = "driftless-blocks";
const VERSION: u32 = 1;

/// A bundle's id as text → `{usedAt, bytes, blocks, stays}`, the blocks packed.
const BUNDLES: &str = "bundles";

/// As in [`platform::local_db`], in milliseconds.
const OPEN_MILLIS: u64 = 4_000;

/// What is told of a bundle that was looked at.
type Altered = Result<Option<(BundleId, Bundle)>, idb::Error>;

/// The open database.
pub struct Records(Database);

impl Records {
    /// # Errors
    /// The browser keeps no data for this page.
    pub async fn open() -> Result<Self, Failure> {
        let mut request = Factory::new()
            .or_refused()?
            .open(NAME, Some(VERSION))
            .or_refused()?;
        request.on_upgrade_needed(|event| {
            // An error aborts the upgrade, and with it the opening.
            if let Ok(database) = event.database() {
                let _ = database.create_object_store(BUNDLES, ObjectStoreParams::new());
            }
        });
        let deadline = pin!(clock::sleep(OPEN_MILLIS));
        let mut database = match select(pin!(request.into_future()), deadline).await {
            Either::Left((database, _)) => database.or_refused()?,
            Either::Right(_) => return Err(refused("the block cache is in use")),
        };
        database.on_version_change(|event| {
            if let Ok(database) = event.database() {
                database.close();
            }
        });
        Ok(Self(database))
    }

    /// The ids of all bundles.
    pub async fn ids(&self) -> Result<Vec<BundleId>, Failure> {
        let transaction = self
            .0
            .transaction(&[BUNDLES], TransactionMode::ReadOnly)
            .or_refused()?;
        let keys = transaction
            .object_store(BUNDLES)
            .or_refused()?
            .get_all_keys(None, None)
            .or_refused()?;
        let id = |key: JsValue| key.as_string()?.parse().ok();
        Ok(keys
            .await
            .or_refused()?
            .into_iter()
            .filter_map(id)
            .collect())
    }

    /// Reads these bundles, as far as they are there.
    pub async fn get(&self, ids: &[BundleId]) -> Result<Vec<(BundleId, Bundle)>, Failure> {
        let transaction = self
            .0
            .transaction(&[BUNDLES], TransactionMode::ReadOnly)
            .or_refused()?;
        let store = transaction.object_store(BUNDLES).or_refused()?;
        let mut requests = Vec::with_capacity(ids.len());
        for &id in ids {
            requests.push((
                id,
                store.get(Query::from(key(id))).or_refused()?.into_future(),
            ));
        }
        let mut bundles = Vec::with_capacity(ids.len());
        for (id, request) in requests {
            bundles.extend(
                request
                    .await
                    .or_refused()?
                    .and_then(|value| Some((id, read(&value)?))),
            );
        }
        Ok(bundles)
    }

    pub async fn put(&self, bundles: &[(BundleId, Bundle)]) -> Result<(), Failure> {
        self.write(|store| {
            for (id, bundle) in bundles {
                store.put(&written(bundle), Some(&key(*id)))?;
            }
            Ok(())
        })
        .await
    }

    pub async fn delete(&self, ids: &[BundleId]) -> Result<(), Failure> {
        self.write(|store| {
            for &id in ids {
                store.delete(Query::from(key(id)))?;
            }
            Ok(())
        })
        .await
    }

    /// Changes those of these that are there, and returns them as they are now. What another
    /// tab has changed of them stays changed.
    pub async fn change(
        &self,
        ids: &[BundleId],
        change: impl Fn(&mut Bundle),
    ) -> Result<Vec<(BundleId, Bundle)>, Failure> {
        let alter = |store: &idb::ObjectStore, id, mut bundle: Bundle| {
            change(&mut bundle);
            store.put(&written(&bundle), Some(&key(id)))?;
            Ok(Some((id, bundle)))
        };
        self.alter(ids, &alter).await
    }

    /// Deletes those of these that may go, and returns those that stay.
    pub async fn delete_loose(&self, ids: &[BundleId]) -> Result<Vec<(BundleId, Bundle)>, Failure> {
        let alter = |store: &idb::ObjectStore, id, bundle: Bundle| {
            if bundle.stays {
                return Ok(Some((id, bundle)));
            }
            store.delete(Query::from(key(id)))?;
            Ok(None)
        };
        self.alter(ids, &alter).await
    }

    /// Reads bundles and does something about each that is there, in one transaction.
    async fn alter(
        &self,
        ids: &[BundleId],
        alter: &dyn Fn(&idb::ObjectStore, BundleId, Bundle) -> Altered,
    ) -> Result<Vec<(BundleId, Bundle)>, Failure> {
        let transaction = self
            .0
            .transaction(&[BUNDLES], TransactionMode::ReadWrite)
            .or_refused()?;
        let store = transaction.object_store(BUNDLES).or_refused()?;
        let mut requests = Vec::with_capacity(ids.len());
        for &id in ids {
            let request = store.get(Query::from(key(id))).or_refused()?;
            requests.push((id, request.into_future()));
        }
        let mut told = Vec::new();
        for (id, request) in requests {
            let value = request.await.or_refused()?;
            if let Some(bundle) = value.and_then(|value| read(&value)) {
                told.extend(alter(&store, id, bundle).or_refused()?);
            }
        }
        committed(transaction).await?;
        Ok(told)
    }

    pub async fn clear(&self) -> Result<(), Failure> {
        self.write(|store| store.clear().map(|_| ())).await
    }

    async fn write(
        &self,
        change: impl FnOnce(&idb::ObjectStore) -> Result<(), idb::Error>,
    ) -> Result<(), Failure> {
        let transaction = self
            .0
            .transaction(&[BUNDLES], TransactionMode::ReadWrite)
            .or_refused()?;
        change(&transaction.object_store(BUNDLES).or_refused()?).or_refused()?;
        committed(transaction).await
    }
}

async fn committed(transaction: Transaction) -> Result<(), Failure> {
    let outcome = transaction.commit().or_refused()?.await.or_refused()?;
    match outcome.is_committed() {
        true => Ok(()),
        false => Err(refused("the block cache is full".to_owned())),
    }
}

impl Drop for Records {
    fn drop(&mut self) {
        self.0.close();
    }
}

fn key(id: BundleId) -> JsValue {
    JsValue::from_str(&id.to_string())
}

fn written(bundle: &Bundle) -> JsValue {
    let blocks = Uint8Array::from(pack(&bundle.blocks).as_slice());
    let fields = [
        ("usedAt", JsValue::from_f64(bundle.used_at_ms as f64)),
        ("bytes", JsValue::from_f64(bundle.bytes as f64)),
        ("blocks", blocks.into()),
        ("stays", JsValue::from_bool(bundle.stays)),
    ];
    js::object(&fields).into()
}

/// `None` for what another page has written that this one can't read.
fn read(value: &JsValue) -> Option<Bundle> {
    let blocks: Uint8Array = js::get(value, "blocks").dyn_into().ok()?;
    Some(Bundle {
        used_at_ms: js::get_number(value, "usedAt")? as u64,
        bytes: js::get_number(value, "bytes")? as u64,
        blocks: unpack(&blocks.to_vec())?,
        stays: js::get(value, "stays").is_truthy(),
    })
}
