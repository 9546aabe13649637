//! Queries about a space as a whole.

use super::rows::SpaceRow;
use super::sql::space;
use crate::ports::{DbError, Statement};
use crate::query::Query;
use blocks::hash::BlockHash;
use blocks::manifest::BlockRef;
use protocol::accounts::Trash;
use protocol::ids::SpaceId;
use serde::Deserialize;

/// What a space holds. A space without a row is a fault, because whoever asks was let
/// in.
pub fn space(id: SpaceId) -> Query<SpaceRow> {
    let space = Statement::new(space::SPACE).id(id);
    space.first().then(there)
}

/// The row of a space, which must be there.
///
/// # Errors
/// The space has no row.
pub fn there<T>(row: Option<T>) -> Result<T, DbError> {
    row.ok_or_else(|| DbError::Fault("the space has no row".into()))
}

/// The most items of the trash that are counted to tell what it holds.
const MOST_TRASHED: u64 = 10_000;

#[derive(Deserialize)]
struct TrashRow {
    items: u64,
    bytes: u64,
}

/// Counts what is in the trash of a space, up to a bound.
pub fn trash(id: SpaceId) -> Query<Trash> {
    // One item more tells that there are more.
    let most = MOST_TRASHED.saturating_add(1);
    let trash = Statement::new(space::TRASH).id(id).bind(most);
    trash.first().then(|row| {
        let uncounted = || DbError::Fault("the trash was not counted".into());
        let TrashRow { items, bytes } = row.ok_or_else(uncounted)?;
        Ok(Trash {
            items: items.min(MOST_TRASHED),
            bytes,
            has_more: items > MOST_TRASHED,
        })
    })
}

/// Looks up which of the claimed blocks no list has, each once.
///
/// # Errors
/// The list can't be written.
pub fn in_no_list(id: SpaceId, claimed: &[BlockRef]) -> serde_json::Result<Query<Vec<BlockHash>>> {
    let claimed = serde_json::to_string(claimed)?;
    let in_no_list = Statement::new(space::IN_NO_LIST).id(id).bind(claimed);
    Ok(in_no_list.list().or_default())
}
