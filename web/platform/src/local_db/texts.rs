//! What was typed over a text and is not saved yet, for each file; and what was handed in
//! as its next version, until the server has that. It is of all tabs: one of them edits a
//! file at a time.

use super::keys::{self, TextKey};
use super::{LocalDb, finish, json, parse, schema};
use crate::failure::{Failure, refused};
use crate::local_db::OrRefused;
use idb::{Query, TransactionMode};
use protocol::ids::{ItemId, UnixMillis, Version};
use serde::{Deserialize, Serialize};
use sync::edit::DraftId;

/// A text that was typed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct KeptText {
    /// The version that it was typed over.
    pub base: Version,
    /// With line feeds only, as a text field has it.
    pub text: String,
    /// When it was typed, by this device's clock.
    pub at_ms: UnixMillis,
    /// The draft that it was handed in as.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub draft: Option<DraftId>,
}

impl LocalDb {
    /// What was typed over a file and is not saved.
    ///
    /// # Errors
    /// The database fails.
    pub async fn typed_text(&self, item: ItemId) -> Result<Option<KeptText>, Failure> {
        self.kept_text(TextKey::Typed(item)).await
    }

    /// What was handed in.
    ///
    /// # Errors
    /// The database fails.
    pub async fn handed_in_text(&self, item: ItemId) -> Result<Option<KeptText>, Failure> {
        self.kept_text(TextKey::HandedIn(item)).await
    }

    async fn kept_text(&self, key: TextKey) -> Result<Option<KeptText>, Failure> {
        let text = self.get(&key.key()).await?;
        Ok(text.as_string().and_then(|text| parse(&text)))
    }

    /// Keeps what was typed, in place of what was before.
    ///
    /// # Errors
    /// There is no room for it, or the database is somebody else's by now.
    pub async fn keep_typed(&self, item: ItemId, text: &KeptText) -> Result<(), Failure> {
        self.put_text(TextKey::Typed(item), text, None).await
    }

    /// What was typed is handed in, and not to be saved any more.
    ///
    /// # Errors
    /// The same.
    pub async fn hand_in_typed(&self, item: ItemId, text: &KeptText) -> Result<(), Failure> {
        let typed = Some(TextKey::Typed(item));
        self.put_text(TextKey::HandedIn(item), text, typed).await
    }

    async fn put_text(
        &self,
        key: TextKey,
        text: &KeptText,
        not: Option<TextKey>,
    ) -> Result<(), Failure> {
        if !self.is_ours().await? {
            return Err(refused("somebody else is signed in"));
        }
        let transaction = self.write_to(&[schema::META]).or_refused()?;
        let meta = transaction.object_store(schema::META).or_refused()?;
        meta.put(&json(text)?, Some(&key.key())).or_refused()?;
        if let Some(not) = not {
            meta.delete(Query::from(not.key())).or_refused()?;
        }
        finish(transaction).await
    }

    /// Lets go of what was typed over a file.
    ///
    /// # Errors
    /// The database fails.
    pub async fn forget_typed(&self, item: ItemId) -> Result<(), Failure> {
        self.forget_text(TextKey::Typed(item)).await
    }

    /// Lets go of what was handed in.
    ///
    /// # Errors
    /// The database fails.
    pub async fn forget_handed_in(&self, item: ItemId) -> Result<(), Failure> {
        self.forget_text(TextKey::HandedIn(item)).await
    }

    async fn forget_text(&self, key: TextKey) -> Result<(), Failure> {
        let transaction = self.write_to(&[schema::META]).or_refused()?;
        let meta = transaction.object_store(schema::META).or_refused()?;
        meta.delete(Query::from(key.key())).or_refused()?;
        finish(transaction).await
    }

    /// Of how many files something was typed and not saved.
    ///
    /// # Errors
    /// The database fails.
    pub async fn typed_texts(&self) -> Result<usize, Failure> {
        let transaction = self
            .opened
            .database
            .transaction(&[schema::META], TransactionMode::ReadOnly)
            .or_refused()?;
        let meta = transaction.object_store(schema::META).or_refused()?;
        let all = Query::from(keys::typed_texts().or_refused()?);
        let count = meta.count(Some(all)).or_refused()?.await.or_refused()?;
        Ok(count as usize)
    }
}
