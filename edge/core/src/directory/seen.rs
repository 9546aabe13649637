//! Up to when a person has seen what others did.

use crate::error::Failure;
use crate::ports::{Database, Statement};
use crate::query;
use crate::store::sql::directory;
use crate::store::stand_ins::nearest;
use protocol::ids::{UnixMillis, UserId};
use serde::Deserialize;

#[derive(Deserialize)]
struct SeenRow {
    #[serde(deserialize_with = "nearest")]
    seen_at: UnixMillis,
}

/// # Errors
/// The database fails.
pub async fn up_to(db: &impl Database, user: UserId) -> Result<UnixMillis, Failure> {
    let seen = Statement::new(directory::NEWS_SEEN).id(user);
    let row: Option<SeenRow> = query::one(db, seen.first()).await?;
    Ok(row.map_or(0, |row| row.seen_at))
}

/// They have seen what is not newer than `at`.
///
/// # Errors
/// The database fails.
pub async fn see(db: &impl Database, user: UserId, at: UnixMillis) -> Result<(), Failure> {
    db.run(Statement::new(directory::SEE_NEWS).id(user).bind(at))
        .await?;
    Ok(())
}
