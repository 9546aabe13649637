//! Removes rows that are kept only for a time: the answers to changes, and patches.

use super::progress::Position;
use crate::error::Failure;
use crate::ports::Database;
use crate::query;
use crate::store::sql::{garbage, patches};
use protocol::ids::UnixMillis;

/// A table of such rows, and the statements about a page of it.
pub struct Table {
    name: &'static str,
    end: &'static str,
    trim: &'static str,
}

/// A repeat of an operation that is gone is decided anew. It is refused then, because
/// the first one has changed the version, the place or the id that it is based on.
pub const OPERATIONS: Table = Table {
    name: "operations",
    end: garbage::OPERATIONS_END,
    trim: garbage::TRIM_OPERATIONS,
};

/// A block whose patch is gone is pulled whole. Patches that have lost a base block go
/// as well.
pub const PATCHES: Table = Table {
    name: "patches",
    end: patches::END,
    trim: patches::TRIM,
};

/// Goes through some pages of so many rows. Returns how many rows were removed.
///
/// # Errors
/// The database does not answer.
pub async fn trim(
    db: &impl Database,
    table: &Table,
    before: UnixMillis,
    rows: u64,
    pages: u32,
) -> Result<u64, Failure> {
    let mut removed = 0_u64;
    if pages == 0 {
        return Ok(removed);
    }
    let mut at = Position::read(db, table.name).await?;
    for _ in 0..pages {
        let next = query::one(db, at.end(table.end, rows)).await?;
        let is_last = next.is_none();
        let old = at.page(table.trim, rows).bind(before).changes();
        at = next.unwrap_or_default();
        let (old, ()) = query::all(db, (old, at.put(table.name))).await?;
        removed = removed.saturating_add(old?);
        if is_last {
            break;
        }
    }
    Ok(removed)
}
