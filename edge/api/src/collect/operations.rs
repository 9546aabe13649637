//! The answers to changes so old that nobody repeats them.

use super::Bounds;
use super::progress::Position;
use crate::error::Failure;
use crate::ports::Database;
use crate::store::sql::garbage;
use crate::writes::versioning::answers;
use shared::ids::UnixMillis;

const TABLE: &str = "operations";

/// Goes through some pages; how many operations were removed. A repeat of one
/// of them is decided anew, and so refused for the version, the place or the id
/// that the first one has changed.
///
/// # Errors
/// The database does not answer.
pub async fn trim(
    db: &impl Database,
    done_before: UnixMillis,
    bounds: &Bounds,
) -> Result<u64, Failure> {
    let rows = bounds.operations_per_page;
    let mut removed = 0_u64;
    let mut at = Position::read(db, TABLE).await?;
    for _ in 0..bounds.operation_pages {
        let end = db.run(at.end(garbage::OPERATIONS_END, rows)).await?;
        let next = Position::next(&end)?;
        let is_last = next.is_none();
        let old = at.page(garbage::TRIM_OPERATIONS, rows).bind(done_before);
        at = next.unwrap_or_default();
        let answered = db.batch(vec![old, at.put(TABLE)]).await?;
        removed = removed.saturating_add(answers(&answered, 0)?.changes);
        if is_last {
            break;
        }
    }
    Ok(removed)
}
