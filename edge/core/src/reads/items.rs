//! An item as it is now.

use crate::access::reach::Reach;
use crate::error::Failure;
use crate::ports::Database;
use crate::rules::there;
use crate::store::items;
use protocol::ids::{ItemId, SpaceId};
use protocol::items::Item;

/// # Errors
/// 404 unknown; as of [`Reach::read`].
pub async fn item(
    db: &impl Database,
    space: SpaceId,
    reach: &Reach,
    id: ItemId,
) -> Result<Item, Failure> {
    let item = reach.read(db, space, id, items::item(space, id)).await?;
    there(item?)
}
