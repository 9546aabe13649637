//! Whether a person tells others which files they have open. Whoever does not is told
//! nothing either.

use crate::error::Failure;
use crate::ports::{Database, Statement};
use crate::query;
use crate::store::sql::directory;
use protocol::ids::UserId;
use serde::Deserialize;

#[derive(Deserialize)]
struct TellsRow {
    tells: u8,
}

/// # Errors
/// The database fails.
pub async fn tells(db: &impl Database, user: UserId) -> Result<bool, Failure> {
    let tells = Statement::new(directory::TELLS_OPENINGS).id(user);
    let row: Option<TellsRow> = query::one(db, tells.first()).await?;
    Ok(row.is_some_and(|row| row.tells != 0))
}

/// From now on they do, or do not.
///
/// # Errors
/// The database fails.
pub async fn set(db: &impl Database, user: UserId, tells: bool) -> Result<(), Failure> {
    let set = Statement::new(directory::TELL_OPENINGS).id(user);
    db.run(set.bind(u64::from(tells))).await?;
    Ok(())
}
