//! Who did what to whom.

use super::page_of;
use crate::access::administrator::Administrator;
use crate::error::Failure;
use crate::ports::{Database, Statement};
use crate::store::sql::audit;
use crate::store::stand_ins::nearest;
use blocks::number::MAX_EXACT;
use protocol::administration::{Audit, AuditAct, AuditEntry};
use protocol::ids::UnixMillis;
use serde::Deserialize;

#[derive(Deserialize)]
struct EntryRow {
    n: u64,
    #[serde(deserialize_with = "nearest")]
    at: UnixMillis,
    act: AuditAct,
    by_name: String,
    of_name: Option<String>,
    detail: Option<String>,
}

impl From<EntryRow> for AuditEntry {
    fn from(row: EntryRow) -> Self {
        Self {
            n: row.n,
            at_ms: row.at,
            act: row.act,
            by: row.by_name,
            of: row.of_name,
            detail: row.detail,
        }
    }
}

/// A page of it, the newest first.
///
/// # Errors
/// 404 `no_such_route`, or the database fails.
pub async fn page(
    db: &impl Database,
    by: &Administrator,
    before: Option<u64>,
    limit: Option<u64>,
) -> Result<Audit, Failure> {
    let limit = page_of(limit);
    let read = Statement::new(audit::PAGE)
        .bind(before.unwrap_or(MAX_EXACT))
        // One more tells whether there are more.
        .bind(limit.saturating_add(1));
    let mut rows = by.ask(db, read.readable::<EntryRow>(&["n"])).await??;
    let has_more = rows.len() as u64 > limit;
    rows.truncate(usize::try_from(limit).unwrap_or(usize::MAX));
    let last = rows.last().map(|row| row.n);
    Ok(Audit {
        entries: rows.into_iter().map(AuditEntry::from).collect(),
        next_before: last.filter(|_| has_more),
    })
}
