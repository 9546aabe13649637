//! Block lists of versions that this browser has seen, as bases of what comes
//! next. They are a cache: of each file one, and of so many files only.

use super::{LocalDb, finish, schema};
use crate::browser::clock;
use crate::failure::{Failure, thrown};
use crate::local_db::OrRefused;
use crate::packed::{pack, unpack};
use blocks::manifest::BlockRef;
use idb::{Query, TransactionMode};
use js_sys::{Object, Reflect, Uint8Array};
use protocol::ids::{ItemId, Version};
use std::collections::BTreeMap;
use wasm_bindgen::{JsCast, JsValue};

/// Files whose lists are kept: those kept last. A list has 36 bytes for a block
/// of 256 KiB, so all of them together have a seven-thousandth of the bytes of
/// their files.
const MOST: u32 = 4_096;
/// So many more may gather before the oldest go, since each look costs.
const SLACK: u32 = 64;

impl LocalDb {
    /// The list of a version, if it is here.
    pub async fn list(
        &self,
        item: ItemId,
        version: Version,
    ) -> Result<Option<Vec<BlockRef>>, Failure> {
        let held = self.held_list(item).await?;
        Ok(held.filter(|held| held.0 == version).map(|(_, list)| list))
    }

    /// The version of a file whose list is here, and the list.
    pub async fn held_list(
        &self,
        item: ItemId,
    ) -> Result<Option<(Version, Vec<BlockRef>)>, Failure> {
        let stores = [schema::LISTS];
        let transaction = self
            .opened
            .database
            .transaction(&stores, TransactionMode::ReadOnly)
            .or_refused()?;
        let store = transaction.object_store(schema::LISTS).or_refused()?;
        let Some(kept) = store
            .get(Query::from(key(item)))
            .or_refused()?
            .await
            .or_refused()?
        else {
            return Ok(None);
        };
        let version = field(&kept, schema::LIST_VERSION).as_f64();
        let blocks = field(&kept, schema::LIST_BLOCKS).dyn_into::<Uint8Array>();
        let blocks = blocks.ok().and_then(|packed| unpack(&packed.to_vec()));
        Ok(version.map(|version| version as Version).zip(blocks))
    }

    /// Keeps lists, each in place of any other of its file, and lets go of the lists of
    /// files that come without one, all in one transaction. Then it lets go of those that
    /// were kept first.
    pub async fn keep_lists(
        &self,
        news: &BTreeMap<ItemId, Option<(Version, Vec<BlockRef>)>>,
    ) -> Result<(), Failure> {
        // They tell what is in files.
        if !self.is_ours().await? {
            return Ok(());
        }
        let transaction = self.write_to(&[schema::LISTS]).or_refused()?;
        let store = transaction.object_store(schema::LISTS).or_refused()?;
        for (item, list) in news {
            match list {
                Some((version, blocks)) => {
                    let kept = kept(*version, blocks)?;
                    store.put(&kept, Some(&key(*item))).or_refused()?;
                }
                None => {
                    store.delete(Query::from(key(*item))).or_refused()?;
                }
            }
        }
        let count = store.count(None).or_refused()?.await.or_refused()?;
        if count > MOST + SLACK {
            let by_use = store.index(schema::LIST_USED).or_refused()?;
            let oldest = by_use
                .get_all_keys(None, Some(count - MOST))
                .or_refused()?
                .await
                .or_refused()?;
            for key in oldest {
                store.delete(Query::from(key)).or_refused()?;
            }
        }
        finish(transaction).await
    }
}

/// A list as it is kept.
fn kept(version: Version, blocks: &[BlockRef]) -> Result<Object, Failure> {
    let packed = Uint8Array::from(pack(blocks).as_slice());
    let kept = Object::new();
    for (name, value) in [
        (schema::LIST_VERSION, JsValue::from(version as f64)),
        (schema::LIST_USED, JsValue::from(clock::now_ms() as f64)),
        (schema::LIST_BLOCKS, packed.into()),
    ] {
        Reflect::set(&kept, &name.into(), &value).map_err(|e| thrown(&e))?;
    }
    Ok(kept)
}

fn key(item: ItemId) -> JsValue {
    JsValue::from_str(&item.to_string())
}

fn field(of: &JsValue, name: &str) -> JsValue {
    Reflect::get(of, &name.into()).unwrap_or(JsValue::UNDEFINED)
}
