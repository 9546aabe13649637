//! Conflicts, open and resolved.

use crate::digits;
use crate::error::{Failure, bad_request};
use crate::ports::{Database, DbError, Statement};
use crate::store::rows::ConflictRow;
use crate::store::sql::conflicts;
use crate::writes::conflict::{kept, read_conflict};
use crate::writes::versioning::answers;
use shared::ids::{ConflictId, SpaceId, UnixMillis};
use shared::limits::MAX_CHANGES_PER_PAGE;
use shared::manifest::Manifest;
use shared::protocol::conflicts::{Conflict, Conflicts};
use shared::protocol::problem::Problem;

/// The open ones, oldest first.
///
/// # Errors
/// The database does not answer.
pub async fn open(db: &impl Database, space: SpaceId) -> Result<Conflicts, Failure> {
    let read = Statement::new(conflicts::OPEN).id(space);
    let rows: Vec<ConflictRow> = db.run(read).await?.all()?;
    Ok(Conflicts {
        conflicts: read_all(rows)?,
        next: None,
    })
}

/// The resolved ones, the newest resolution first, after those of the page
/// whose `next` this is.
///
/// # Errors
/// 400: a limit that is not from 1 to 1,000, `bad_cursor`.
pub async fn resolved(
    db: &impl Database,
    space: SpaceId,
    after: Option<&str>,
    limit: Option<u64>,
) -> Result<Conflicts, Failure> {
    let limit = limit.unwrap_or(DEFAULT_PAGE);
    if !(1..=MAX_CHANGES_PER_PAGE).contains(&limit) {
        return Err(bad_request("limit is not between 1 and 1000"));
    }
    let (at, id) = match after {
        Some(after) => place(after).ok_or(Problem::BadCursor)?,
        None => (MAX_MILLIS, String::new()),
    };
    let read = Statement::new(conflicts::RESOLVED)
        .id(space)
        .bind(at)
        .bind(id)
        .bind(limit.saturating_add(1));
    let mut rows: Vec<ConflictRow> = db.run(read).await?.all()?;
    // One more than the page holds tells whether it is the last one.
    let goes_on = rows.len() as u64 > limit;
    rows.truncate(usize::try_from(limit).unwrap_or(usize::MAX));
    let last = rows.last().filter(|_| goes_on);
    let next = last.and_then(|row| Some(format!("{}.{}", row.resolved_at?, row.id)));
    Ok(Conflicts {
        conflicts: read_all(rows)?,
        next,
    })
}

/// Resolved conflicts of a page, unless it is said otherwise.
const DEFAULT_PAGE: u64 = 100;
/// The largest number that D1 keeps exactly: a time that never comes.
const MAX_MILLIS: UnixMillis = 1 << 53;

/// Where a page ended.
fn place(after: &str) -> Option<(UnixMillis, String)> {
    let (at, id) = after.split_once('.')?;
    let at: UnixMillis = digits::parse(at)?;
    let id: ConflictId = id.parse().ok()?;
    (at <= MAX_MILLIS).then(|| (at, id.to_string()))
}

fn read_all(rows: Vec<ConflictRow>) -> Result<Vec<Conflict>, DbError> {
    rows.into_iter().map(Conflict::try_from).collect()
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

/// What the side that came second wrote, as blocks.
///
/// # Errors
/// 404: unknown, or of another space.
pub async fn manifest(
    db: &impl Database,
    space: SpaceId,
    id: ConflictId,
) -> Result<Manifest, Failure> {
    let list = Statement::new(conflicts::LIST).id(space).id(id);
    let snapshot = db.batch(vec![read_conflict(space, id), list]).await?;
    let row: Option<ConflictRow> = answers(&snapshot, 0)?.first()?;
    let row = row.ok_or(Problem::NoSuchConflict)?;
    kept(&row, answers(&snapshot, 1)?)
}

/// # Errors
/// 404: unknown, or of another space.
pub async fn find(
    db: &impl Database,
    space: SpaceId,
    id: ConflictId,
) -> Result<ConflictRow, Failure> {
    let row: Option<ConflictRow> = db.run(read_conflict(space, id)).await?.first()?;
    Ok(row.ok_or(Problem::NoSuchConflict)?)
}
