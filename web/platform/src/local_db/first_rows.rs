//! What the folder that was looked at last begins with, by ids: where there are very many
//! items, a page shows these rows before it has read the others.

use super::{LocalDb, OrRefused, finish, json, keys, parse, schema};
use crate::failure::Failure;
use idb::{Query, TransactionMode};
use protocol::ids::ItemId;
use protocol::items::Item;
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;
use wasm_bindgen::JsValue;

#[derive(Default, Serialize, Deserialize)]
struct Kept {
    folder: Option<ItemId>,
    rows: Vec<ItemId>,
}

impl LocalDb {
    /// Keeps them, in place of those of another folder. Does nothing if the owner is another
    /// one by now.
    ///
    /// # Errors
    /// There is no room for it.
    pub async fn keep_first_rows(
        &self,
        folder: Option<ItemId>,
        rows: Vec<ItemId>,
    ) -> Result<(), Failure> {
        if !self.is_ours().await? {
            return Ok(());
        }
        let transaction = self.write_to(&[schema::META]).or_refused()?;
        let meta = transaction.object_store(schema::META).or_refused()?;
        let key = JsValue::from_str(schema::FIRST_ROWS_KEY);
        meta.put(&json(&Kept { folder, rows })?, Some(&key))
            .or_refused()?;
        finish(transaction).await
    }

    /// Those of a folder: what is still in it, and as the server last said. What some tab has
    /// changed and not sent is left out, since the person knows it otherwise.
    ///
    /// # Errors
    /// The database fails.
    pub async fn first_rows(&self, folder: Option<ItemId>) -> Result<Vec<Item>, Failure> {
        let key = JsValue::from_str(schema::FIRST_ROWS_KEY);
        let kept = self.get(&key).await?.as_string();
        let kept: Kept = kept.and_then(|text| parse(&text)).unwrap_or_default();
        if kept.folder != folder {
            return Ok(Vec::new());
        }
        let transaction = self
            .opened
            .database
            .transaction(&[schema::ITEMS, schema::EDITS], TransactionMode::ReadOnly)
            .or_refused()?;
        let edits = transaction.object_store(schema::EDITS).or_refused()?;
        let edits = edits.get_all_keys(None, None).or_refused()?.into_future();
        let items = transaction.object_store(schema::ITEMS).or_refused()?;
        let rows = kept.rows.iter().map(|id| {
            let row = items.get(Query::from(self.root.key(id)));
            Ok(row.or_refused()?.into_future())
        });
        let rows = rows.collect::<Result<Vec<_>, Failure>>()?;
        let edits = edits.await.or_refused()?;
        let edited: BTreeSet<ItemId> = edits.iter().filter_map(keys::item).collect();
        let mut first = Vec::with_capacity(rows.len());
        for row in rows {
            let row = row.await.or_refused()?;
            let item = row.and_then(|row| parse::<Item>(&row.as_string()?));
            first.extend(item.filter(|item| {
                let is_here = item.parent == folder && item.trashed_at_ms.is_none();
                is_here && !edited.contains(&item.id)
            }));
        }
        Ok(first)
    }
}
