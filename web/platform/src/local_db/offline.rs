//! What this device keeps offline: the items that its person has chosen, and the list of each
//! file whose blocks are all here. It is apart from the lists in [`super::lists`], of which
//! the oldest go and one takes another's place.

use super::{LocalDb, finish, json, keys, parse, schema};
use crate::browser::js;
use crate::failure::{Failure, refused};
use crate::local_db::OrRefused;
use crate::packed::{pack, unpack};
use blocks::manifest::BlockRef;
use idb::{Query, TransactionMode};
use js_sys::Uint8Array;
use protocol::ids::{ItemId, Version};
use std::collections::BTreeSet;
use wasm_bindgen::{JsCast, JsValue};

/// In the place of an item: the JSON of those that are chosen.
const CHOSEN: &str = "chosen";

/// A file of which all blocks are in the block cache, and stay there.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OfflineFile {
    pub item: ItemId,
    pub version: Version,
    pub blocks: Vec<BlockRef>,
}

impl OfflineFile {
    /// Its size in bytes.
    pub fn size(&self) -> u64 {
        let lengths = self.blocks.iter().map(|block| u64::from(block.length));
        lengths.sum()
    }
}

impl LocalDb {
    /// The files and folders that the person wants to be kept.
    ///
    /// # Errors
    /// The database fails.
    pub async fn chosen_offline(&self) -> Result<BTreeSet<ItemId>, Failure> {
        Ok(chosen(&self.get(&keys::offline(CHOSEN)).await?))
    }

    /// Adds items to them, or takes them away. Returns all of them.
    ///
    /// # Errors
    /// There is no room for it, or the database is somebody else's by now.
    pub async fn choose_offline(
        &self,
        items: &[ItemId],
        on: bool,
    ) -> Result<BTreeSet<ItemId>, Failure> {
        self.check_owner().await?;
        let transaction = self.write_to(&[schema::META]).or_refused()?;
        let meta = transaction.object_store(schema::META).or_refused()?;
        let kept = meta.get(Query::from(keys::offline(CHOSEN))).or_refused()?;
        let mut all = chosen(&kept.await.or_refused()?.unwrap_or_default());
        for item in items {
            match on {
                true => all.insert(*item),
                false => all.remove(item),
            };
        }
        meta.put(&json(&all)?, Some(&keys::offline(CHOSEN)))
            .or_refused()?;
        finish(transaction).await?;
        Ok(all)
    }

    /// All files that are here.
    ///
    /// # Errors
    /// The database fails.
    pub async fn offline_files(&self) -> Result<Vec<OfflineFile>, Failure> {
        let transaction = self
            .opened
            .database
            .transaction(&[schema::META], TransactionMode::ReadOnly)
            .or_refused()?;
        let meta = transaction.object_store(schema::META).or_refused()?;
        let all = Query::from(keys::all_offline().or_refused()?);
        let all = meta.get_all(Some(all), None).or_refused()?;
        let all = all.await.or_refused()?;
        Ok(all.iter().filter_map(file).collect())
    }

    /// One of them.
    ///
    /// # Errors
    /// The database fails.
    pub async fn offline_file(&self, item: ItemId) -> Result<Option<OfflineFile>, Failure> {
        Ok(file(&self.get(&keys::offline(item)).await?))
    }

    /// A version of a file is here, in place of any other.
    ///
    /// # Errors
    /// There is no room for it, or the database is somebody else's by now.
    pub async fn put_offline_file(&self, file: &OfflineFile) -> Result<(), Failure> {
        self.check_owner().await?;
        let blocks = Uint8Array::from(pack(&file.blocks).as_slice());
        let fields = [
            ("item", JsValue::from_str(&file.item.to_string())),
            ("version", JsValue::from_f64(file.version as f64)),
            ("blocks", blocks.into()),
        ];
        let transaction = self.write_to(&[schema::META]).or_refused()?;
        let meta = transaction.object_store(schema::META).or_refused()?;
        let value: JsValue = js::object(&fields).into();
        meta.put(&value, Some(&keys::offline(file.item)))
            .or_refused()?;
        finish(transaction).await
    }

    /// These are not kept any more.
    ///
    /// # Errors
    /// The database fails.
    pub async fn forget_offline_files(&self, items: &[ItemId]) -> Result<(), Failure> {
        let transaction = self.write_to(&[schema::META]).or_refused()?;
        let meta = transaction.object_store(schema::META).or_refused()?;
        for item in items {
            meta.delete(Query::from(keys::offline(item))).or_refused()?;
        }
        finish(transaction).await
    }

    async fn check_owner(&self) -> Result<(), Failure> {
        match self.is_ours().await? {
            true => Ok(()),
            false => Err(refused("somebody else is signed in")),
        }
    }
}

fn chosen(value: &JsValue) -> BTreeSet<ItemId> {
    let chosen = value.as_string().and_then(|text| parse(&text));
    chosen.unwrap_or_default()
}

/// `None` for what is no file, or can't be read.
fn file(value: &JsValue) -> Option<OfflineFile> {
    let blocks: Uint8Array = js::get(value, "blocks").dyn_into().ok()?;
    Some(OfflineFile {
        item: js::get_text(value, "item")?.parse().ok()?,
        version: js::get_number(value, "version")? as Version,
        blocks: unpack(&blocks.to_vec())?,
    })
}
