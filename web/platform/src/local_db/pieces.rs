//! The items of a root, read piece by piece: the browser reads the next ones while a piece is
//! taken in, and each piece arrives in a task of its own, so that the page can draw and answer
//! between two of them.
//!
//! Each piece is a transaction of its own, or others could not write for as long as a million
//! items take. So what is read may be of more than one state: [`Pieces::are_one_state`] tells.

use super::{LocalDb, OrRefused, parse, schema};
use crate::failure::Failure;
use idb::{Error, Query, TransactionMode};
use protocol::items::Item;
use std::pin::Pin;
use wasm_bindgen::JsValue;

/// Items of one piece: some milliseconds of the page's thread.
const AT_ONCE: u32 = 500;

/// The keys and texts of a piece that is on its way.
type Reading = Pin<Box<dyn Future<Output = Result<[Vec<JsValue>; 2], Error>>>>;

/// See the head of this module.
pub struct Pieces {
    database: LocalDb,
    /// Where the feed went on when the first piece was asked for.
    cursor: Option<String>,
    next: Option<Reading>,
}

impl Pieces {
    /// Asks for the first items, of a root whose cursor this was just now.
    ///
    /// # Errors
    /// The database can't be read.
    pub(super) fn begin(database: LocalDb, cursor: Option<String>) -> Result<Self, Failure> {
        let mut pieces = Self {
            database,
            cursor,
            next: None,
        };
        pieces.ask(None)?;
        Ok(pieces)
    }

    fn ask(&mut self, after: Option<&JsValue>) -> Result<(), Failure> {
        let LocalDb { opened, root } = &self.database;
        let begin = || {
            let items = opened
                .database
                .transaction(&[schema::ITEMS], TransactionMode::ReadOnly)?
                .object_store(schema::ITEMS)?;
            let range = || {
                Ok::<_, Error>(Some(Query::from(match after {
                    Some(after) => root.after(after)?,
                    None => root.all()?,
                })))
            };
            let keys = items.get_all_keys(range()?, Some(AT_ONCE))?.into_future();
            let texts = items.get_all(range()?, Some(AT_ONCE))?.into_future();
            Ok::<_, Error>((keys, texts))
        };
        let (keys, texts) = begin().or_refused()?;
        self.next = Some(Box::pin(async move { Ok([keys.await?, texts.await?]) }));
        Ok(())
    }

    /// The next items; `None` when there are no more.
    ///
    /// # Errors
    /// The database can't be read.
    pub async fn next(&mut self) -> Result<Option<impl Iterator<Item = Item> + use<>>, Failure> {
        let Some(reading) = self.next.take() else {
            return Ok(None);
        };
        let [keys, texts] = reading.await.or_refused()?;
        if let Some(last) = keys.last().filter(|_| keys.len() >= AT_ONCE as usize) {
            self.ask(Some(last))?;
        }
        let items = texts.into_iter();
        Ok(Some(items.filter_map(|text| parse(&text.as_string()?))))
    }

    /// Whether the feed has not moved since the first piece was asked for: nothing was deleted
    /// or listed anew meanwhile. What a tab has learned by its own requests may be in it or
    /// not, since the feed will tell it.
    ///
    /// # Errors
    /// The database can't be read.
    pub async fn are_one_state(&self) -> Result<bool, Failure> {
        Ok(self.database.cursor().await? == self.cursor && self.database.is_ours().await?)
    }
}
