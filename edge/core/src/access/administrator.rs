//! Who runs this server for others. Whoever does not is told that there is nothing.

use super::SignedIn;
use crate::error::Failure;
use crate::ports::{Database, Statement};
use crate::query::{self, Queries, Query};
use crate::store::sql::administration;
use protocol::ids::{UnixMillis, UserId};
use protocol::problem::Problem;
use serde::Deserialize;

/// Somebody who was an administrator when they were let in. Whatever they read or change asks
/// again, in the same batch.
#[derive(Clone, Copy, Debug)]
pub struct Administrator {
    user: UserId,
    now: UnixMillis,
}

#[derive(Deserialize)]
struct Row {
    administers: u8,
}

impl Administrator {
    /// An administrator in person: a token never is one.
    ///
    /// # Errors
    /// 404 `no_such_route`.
    pub fn of(who: &SignedIn, now: UnixMillis) -> Result<Self, Problem> {
        match who.is_administrator && !who.device.is_token {
            true => Ok(Self {
                user: who.user,
                now,
            }),
            false => Err(Problem::NoSuchRoute),
        }
    }

    /// The time of the request.
    pub fn now(&self) -> UnixMillis {
        self.now
    }

    /// A statement of [`administration`] or of what is beside it: it has who asks, and when.
    pub fn about(&self, sql: &'static str) -> Statement {
        Statement::new(sql).id(self.user).bind(self.now)
    }

    /// Asks the statements of a batch, and before them whether they still are one.
    ///
    /// # Errors
    /// 404 `no_such_route`, or the database fails.
    pub async fn ask<Q: Queries>(&self, db: &impl Database, looks: Q) -> Result<Q::Told, Failure> {
        let (is_one, told) = query::all(db, (self.is_one(), looks)).await?;
        match is_one? {
            true => Ok(told),
            false => Err(Problem::NoSuchRoute.into()),
        }
    }

    fn is_one(&self) -> Query<bool> {
        let row = self.about(administration::ADMINISTERS).first::<Row>();
        row.then(|row| Ok(row.is_some_and(|row| row.administers != 0)))
    }
}
