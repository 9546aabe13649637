//! How far a job has gone through a table, or through the packs.

use crate::error::Failure;
use crate::ports::{Database, Statement};
use crate::query::{self, Query};
use crate::store::sql::garbage;
use serde::Deserialize;

/// A row of a table, by its key. The default is before the first row.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
pub struct Position {
    /// The space, as text.
    pub space: String,
    /// The rest of the key, as text.
    pub key: String,
}

impl Position {
    /// The position of an object of the pack store.
    pub fn of_key(key: &str) -> Self {
        let (space, key) = key.split_once('/').unwrap_or((key, ""));
        Self {
            space: space.to_owned(),
            key: key.to_owned(),
        }
    }

    /// # Errors
    /// The database does not answer.
    pub async fn read(db: &impl Database, table: &'static str) -> Result<Self, Failure> {
        let read = Statement::new(garbage::POSITION).bind(table);
        Ok(query::one(db, read.first().or_default()).await?)
    }

    /// Writes the position of a job, which is named by its table.
    pub fn put(&self, table: &'static str) -> Statement {
        Statement::new(garbage::PUT_POSITION)
            .bind(table)
            .bind(self.space.as_str())
            .bind(self.key.as_str())
    }

    /// A statement about the `rows` rows after this one.
    pub fn page(&self, sql: &'static str, rows: u64) -> Statement {
        Statement::new(sql)
            .bind(self.space.as_str())
            .bind(self.key.as_str())
            .bind(rows)
    }

    /// The query for the last of the `rows` rows after this one; `None` if fewer are
    /// left.
    pub fn end(&self, sql: &'static str, rows: u64) -> Query<Option<Self>> {
        self.page(sql, rows.saturating_sub(1)).first()
    }
}
