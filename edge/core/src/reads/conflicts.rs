//! Conflicts, open and resolved.

use crate::digits;
use crate::error::Failure;
use crate::ports::{Database, Statement};
use crate::query;
use crate::rules::page_limit;
use crate::store::rows::ConflictRow;
use crate::store::{conflicts, sql};
use blocks::manifest::Manifest;
use blocks::number::MAX_EXACT;
use protocol::conflicts::{Conflict, Conflicts};
use protocol::ids::{ConflictId, SpaceId, UnixMillis};
use protocol::problem::Problem;

/// The open conflicts, oldest first.
///
/// # Errors
/// The database does not answer.
pub async fn open(db: &impl Database, space: SpaceId) -> Result<Conflicts, Failure> {
    Ok(Conflicts {
        conflicts: query::one(db, conflicts::open(space)).await?,
        next: None,
    })
}

/// The resolved conflicts, the newest resolution first. `after` is the `next` of the
/// page before.
///
/// # Errors
/// 400: the limit is not from 1 to 1,000, or `bad_cursor`.
pub async fn resolved(
    db: &impl Database,
    space: SpaceId,
    after: Option<&str>,
    limit: Option<u64>,
) -> Result<Conflicts, Failure> {
    let limit = page_limit(limit, DEFAULT_PAGE)?;
    let (at, id) = match after {
        Some(after) => place(after).ok_or(Problem::BadCursor)?,
        None => (None, None),
    };
    let read = Statement::new(sql::conflicts::RESOLVED)
        .id(space)
        .bind(at)
        .bind(id)
        .bind(limit.saturating_add(1));
    let mut rows = db.run(read).await?;
    // One row more than the page holds tells whether it is the last page.
    let goes_on = rows.rows.len() as u64 > limit;
    rows.rows
        .truncate(usize::try_from(limit).unwrap_or(usize::MAX));
    let conflicts = conflicts::of_rows(&rows);
    let last = conflicts.last().filter(|_| goes_on);
    let next = last.and_then(|last| Some(format!("{}.{}", last.resolved.as_ref()?.at_ms, last.id)));
    Ok(Conflicts { conflicts, next })
}

/// How many resolved conflicts a page has, unless the request says otherwise.
const DEFAULT_PAGE: u64 = 100;

/// Reads the place at which a page ended.
fn place(after: &str) -> Option<(Option<UnixMillis>, Option<String>)> {
    let (at, id) = after.split_once('.')?;
    let at: UnixMillis = digits::parse(at)?;
    let id: ConflictId = id.parse().ok()?;
    (at <= MAX_EXACT).then(|| (Some(at), Some(id.to_string())))
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
    Ok(find(db, space, id).await?.into())
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
    let looks = (conflicts::conflict(space, id), conflicts::blocks(space, id));
    let (row, blocks) = query::all(db, looks).await?;
    let row = row?.ok_or(Problem::NoSuchConflict)?;
    Ok(row.content(blocks?))
}

/// # Errors
/// 404: unknown, or of another space.
pub async fn find(
    db: &impl Database,
    space: SpaceId,
    id: ConflictId,
) -> Result<ConflictRow, Failure> {
    let row = query::one(db, conflicts::conflict(space, id)).await?;
    Ok(row.ok_or(Problem::NoSuchConflict)?)
}
