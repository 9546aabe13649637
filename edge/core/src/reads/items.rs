//! An item as it is now.

use crate::error::Failure;
use crate::ports::Database;
use crate::query;
use crate::rules::there;
use crate::store::items;
use protocol::ids::{ItemId, SpaceId};
use protocol::items::Item;

/// # Errors
/// 404 unknown.
pub async fn item(db: &impl Database, space: SpaceId, id: ItemId) -> Result<Item, Failure> {
    there(query::one(db, items::item(space, id)).await?)
}
