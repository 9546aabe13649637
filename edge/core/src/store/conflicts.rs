//! Queries about conflicts.

use super::rows::ConflictRow;
use super::sql::conflicts;
use crate::ports::{Rows, Statement};
use crate::query::Query;
use blocks::manifest::BlockRef;
use protocol::conflicts::Conflict;
use protocol::ids::{ConflictId, SpaceId};

/// Looks a conflict up, open or resolved.
pub fn conflict(space: SpaceId, id: ConflictId) -> Query<Option<ConflictRow>> {
    let first = |rows: &Rows| Ok(rows.rows.first().and_then(ConflictRow::read));
    Statement::new(conflicts::CONFLICT)
        .id(space)
        .id(id)
        .read_by(first)
}

/// Whether an id is a conflict's.
pub fn is_there(space: SpaceId, id: ConflictId) -> Query<bool> {
    Statement::new(conflicts::CONFLICT).id(space).id(id).any()
}

/// The blocks of the side that came second.
pub fn blocks(space: SpaceId, id: ConflictId) -> Query<Vec<BlockRef>> {
    let list = Statement::new(conflicts::LIST).id(space).id(id);
    list.list().or_default()
}

/// The open conflicts, oldest first.
pub fn open(space: SpaceId) -> Query<Vec<Conflict>> {
    let open = Statement::new(conflicts::OPEN).id(space);
    open.read_by(|rows| Ok(of_rows(rows)))
}

/// Reads the conflicts of an answer's rows. Rows that can't be read are left out.
pub fn of_rows(rows: &Rows) -> Vec<Conflict> {
    let conflicts = rows.rows.iter().filter_map(ConflictRow::read);
    conflicts.map(Conflict::from).collect()
}
