//! An item as it is now.

use crate::error::Failure;
use crate::ports::Database;
use crate::writes::versioning;
use protocol::ids::{ItemId, SpaceId};
use protocol::items::Item;

/// # Errors
/// 404 unknown.
pub async fn item(db: &impl Database, space: SpaceId, id: ItemId) -> Result<Item, Failure> {
    versioning::item(&db.run(versioning::read_item(space, id)).await?)
}
