//! Conflicts, open and resolved.

use crate::error::Failure;
use crate::ports::{Database, DbError, Statement};
use crate::store::rows::ConflictRow;
use crate::store::sql::conflicts;
use shared::ids::{ConflictId, SpaceId};
use shared::protocol::conflicts::{Conflict, Conflicts};
use shared::protocol::problem::Problem;

/// The open ones, oldest first.
///
/// # Errors
/// The database does not answer.
pub async fn open(db: &impl Database, space: SpaceId) -> Result<Conflicts, Failure> {
    let read = Statement::new(conflicts::OPEN).id(space);
    let rows: Vec<ConflictRow> = db.run(read).await?.all()?;
    let conflicts: Result<Vec<Conflict>, DbError> =
        rows.into_iter().map(Conflict::try_from).collect();
    let conflicts = conflicts?;
    Ok(Conflicts { conflicts })
}

/// A conflict, open or not.
///
/// # Errors
/// 404: unknown, or of another space.
pub async fn conflict(
    db: &impl Database,
    space: SpaceId,
    id: ConflictId,
) -> Result<Conflict, Failure> {
    Ok(Conflict::try_from(find(db, space, id).await?)?)
}

/// # Errors
/// 404: unknown, or of another space.
pub async fn find(
    db: &impl Database,
    space: SpaceId,
    id: ConflictId,
) -> Result<ConflictRow, Failure> {
    let read = Statement::new(conflicts::CONFLICT).id(space).id(id);
    let row: Option<ConflictRow> = db.run(read).await?.first()?;
    Ok(row.ok_or(Problem::NoSuchConflict)?)
}
