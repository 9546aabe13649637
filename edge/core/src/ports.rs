//! What the decisions need from the outside, as small traits: a database that runs
//! batches of SQL, and a store of packs. `edge/api` has the adapters for D1 and R2. A
//! native double of either needs a few lines, and runs the very same statements and
//! decisions.

use crate::log;
use blocks::number::{Exact, FileTime};
use protocol::ids::UnixMillis;
use serde::de::DeserializeOwned;
use serde_json::Value as Json;

/// A parameter of a statement. D1 takes and returns integers as doubles, so each
/// integer here is one that a double keeps exactly.
#[derive(Clone, Debug, PartialEq)]
pub enum Param {
    /// No value.
    Null,
    /// An integer that D1 gives back as it was.
    Number(Exact),
    /// A text.
    Text(String),
}

impl From<u64> for Param {
    fn from(number: u64) -> Self {
        Self::Number(number.into())
    }
}

impl From<FileTime> for Param {
    fn from(time: FileTime) -> Self {
        Self::Number(time.into())
    }
}

impl From<&str> for Param {
    fn from(text: &str) -> Self {
        Self::Text(text.to_owned())
    }
}

impl From<String> for Param {
    fn from(text: String) -> Self {
        Self::Text(text)
    }
}

impl<T: Into<Param>> From<Option<T>> for Param {
    fn from(value: Option<T>) -> Self {
        value.map_or(Self::Null, Into::into)
    }
}

/// One statement of a batch. Parameters are numbered: `?1`, `?2`…
#[derive(Clone, Debug, PartialEq)]
pub struct Statement {
    /// The text of the statement, with places for parameters.
    pub sql: &'static str,
    /// The parameters, in order.
    pub params: Vec<Param>,
}

impl Statement {
    /// A statement without parameters, so far.
    pub fn new(sql: &'static str) -> Self {
        Self {
            sql,
            params: Vec::new(),
        }
    }

    /// Adds the next parameter.
    #[must_use]
    pub fn bind(mut self, param: impl Into<Param>) -> Self {
        self.params.push(param.into());
        self
    }

    /// Adds an id, written as text.
    #[must_use]
    pub fn id(self, id: impl std::fmt::Display) -> Self {
        self.bind(id.to_string())
    }
}

/// What one statement answered.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Rows {
    /// One JSON object a row.
    pub rows: Vec<Json>,
    /// How many rows the statement inserted, updated or deleted.
    pub changes: u64,
}

impl Rows {
    /// # Errors
    /// A row that does not have the shape that was asked for.
    pub fn all<T: DeserializeOwned>(&self) -> Result<Vec<T>, DbError> {
        self.each().collect()
    }

    /// Each row, or an error in place of a row that does not have the shape that was
    /// asked for.
    pub fn each<T: DeserializeOwned>(&self) -> impl Iterator<Item = Result<T, DbError>> {
        self.rows.iter().map(decode)
    }

    /// # Errors
    /// A row that does not have the shape that was asked for.
    pub fn first<T: DeserializeOwned>(&self) -> Result<Option<T>, DbError> {
        self.rows.first().map(decode).transpose()
    }

    /// The rows that can be read, so that a bad row does not hold up whoever goes
    /// through a table or a list. For each row that can't be read, the operator is told
    /// its columns `key`.
    pub fn readable<T: DeserializeOwned>(&self, key: &[&str]) -> Vec<T> {
        let read = |row: &Json| match decode(row) {
            Ok(read) => Some(read),
            Err(why) => {
                log::unreadable(row, key, &why);
                None
            }
        };
        self.rows.iter().filter_map(read).collect()
    }
}

fn decode<T: DeserializeOwned>(row: &Json) -> Result<T, DbError> {
    T::deserialize(row).map_err(|e| DbError::Fault(format!("a row can't be read: {e}")))
}

/// Why a batch failed. Nothing of the batch was kept; only after `Busy` is that
/// unknown.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum DbError {
    /// A key, a foreign key or a guard refused the batch.
    #[error("refused by a constraint: {0}")]
    Constraint(String),
    /// The database was not reached, or was overloaded.
    #[error("not available: {0}")]
    Busy(String),
    /// The database failed in another way.
    #[error("failed: {0}")]
    Fault(String),
}

/// What D1 says when it could not be reached or was overloaded, from
/// <https://developers.cloudflare.com/d1/observability/debug-d1/>.
const BUSY: [&str; 7] = [
    "Network connection lost",
    "storage caused object to be reset",
    "reset because its code was updated",
    "D1 DB is overloaded",
    "storage operation exceeded timeout",
    "Cannot resolve D1 DB due to transient issue",
    "internal error",
];

impl DbError {
    /// What a message of the database means for the batch that it ended. D1 gives an
    /// error no code, and SQLite's own code is part of the message; so the words count,
    /// and this is the one place that looks at them.
    pub fn told_as(message: String) -> Self {
        if message.contains("constraint failed") {
            Self::Constraint(message)
        } else if BUSY.iter().any(|words| message.contains(words)) {
            Self::Busy(message)
        } else {
            Self::Fault(message)
        }
    }
}

/// A database that runs a batch as one transaction.
pub trait Database {
    /// Runs the statements in order, all or none, and returns the answer to each.
    fn batch(&self, statements: Vec<Statement>)
    -> impl Future<Output = Result<Vec<Rows>, DbError>>;

    /// Runs one statement.
    fn run(&self, statement: Statement) -> impl Future<Output = Result<Rows, DbError>> {
        async {
            let answers = self.batch(vec![statement]).await?;
            Ok(answers.into_iter().next().unwrap_or_default())
        }
    }
}

impl<D: Database> Database for &D {
    fn batch(
        &self,
        statements: Vec<Statement>,
    ) -> impl Future<Output = Result<Vec<Rows>, DbError>> {
        (**self).batch(statements)
    }
}

/// The store of packs failed.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the pack store failed: {0}")]
pub struct PackError(pub String);

/// Hard. R2's own limit.
pub const MAX_KEYS_PER_DELETE: u64 = 1_000;

/// Hard. R2's own limit.
pub const MAX_KEYS_PER_LIST: u32 = 1_000;

/// A page of the store's objects.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ObjectListing {
    /// The objects of the page.
    pub objects: Vec<StoredObject>,
    /// Whether more objects follow.
    pub has_more: bool,
}

/// An object of the store.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StoredObject {
    /// The key of the object.
    pub key: String,
    /// When the object was stored.
    pub uploaded_at: UnixMillis,
    /// Bytes.
    pub size: u64,
}

/// Immutable objects of blocks.
pub trait Packs {
    /// A part of a pack on its way to the client.
    type Body;

    /// Stores an object under a key that no object has yet.
    ///
    /// # Errors
    /// The store does not answer.
    fn put(&self, key: &str, bytes: Vec<u8>) -> impl Future<Output = Result<(), PackError>>;

    /// Opens `length` bytes from `offset` on; `None` where there is no such pack.
    fn open(
        &self,
        key: &str,
        offset: u64,
        length: u64,
    ) -> impl Future<Output = Result<Option<Self::Body>, PackError>>;

    /// Reads `length` bytes from `offset` on into memory, or as many as there are;
    /// `None` where there is no such pack.
    fn read(
        &self,
        key: &str,
        offset: u64,
        length: u64,
    ) -> impl Future<Output = Result<Option<Vec<u8>>, PackError>>;

    /// Lists the objects whose keys follow `after`, in the order of their keys: up to
    /// `at_most` of them, which is at most [`MAX_KEYS_PER_LIST`].
    fn list(
        &self,
        after: &str,
        at_most: u32,
    ) -> impl Future<Output = Result<ObjectListing, PackError>>;

    /// Deletes up to [`MAX_KEYS_PER_DELETE`] packs. A pack that is not there is no
    /// error. After a failure, some may be gone.
    fn delete(&self, keys: Vec<String>) -> impl Future<Output = Result<(), PackError>>;
}

impl<P: Packs> Packs for &P {
    type Body = P::Body;

    fn put(&self, key: &str, bytes: Vec<u8>) -> impl Future<Output = Result<(), PackError>> {
        (**self).put(key, bytes)
    }

    fn open(
        &self,
        key: &str,
        offset: u64,
        length: u64,
    ) -> impl Future<Output = Result<Option<P::Body>, PackError>> {
        (**self).open(key, offset, length)
    }

    fn read(
        &self,
        key: &str,
        offset: u64,
        length: u64,
    ) -> impl Future<Output = Result<Option<Vec<u8>>, PackError>> {
        (**self).read(key, offset, length)
    }

    fn list(
        &self,
        after: &str,
        at_most: u32,
    ) -> impl Future<Output = Result<ObjectListing, PackError>> {
        (**self).list(after, at_most)
    }

    fn delete(&self, keys: Vec<String>) -> impl Future<Output = Result<(), PackError>> {
        (**self).delete(keys)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn errors_of_the_database_are_told_apart() {
        let constraint = "UNIQUE constraint failed: versions.space: SQLITE_CONSTRAINT";
        let told = DbError::told_as(constraint.into());
        assert!(matches!(told, DbError::Constraint(_)));
        let busy = "D1 DB is overloaded. Too many requests queued.";
        assert!(matches!(DbError::told_as(busy.into()), DbError::Busy(_)));
        let fault = "no such table: items: SQLITE_ERROR";
        assert!(matches!(DbError::told_as(fault.into()), DbError::Fault(_)));
    }
}
