//! What is shared, with whom, and by whom.

use crate::error::Failure;
use crate::ports::{Database, Statement};
use crate::query;
use crate::rules::there;
use crate::store::grants::{GrantRow, KEY};
use crate::store::items;
use crate::store::sql::grants;
use protocol::grants::Grant;
use protocol::ids::{ItemId, SpaceId, UnixMillis, UserId};

/// Who has access to an item, by a grant of its own or of a folder that it is in.
///
/// # Errors
/// 404 `no_such_item`, or the database fails.
pub async fn of_item(
    db: &impl Database,
    space: SpaceId,
    item: ItemId,
    now: UnixMillis,
) -> Result<Vec<Grant>, Failure> {
    let of_item = Statement::new(grants::OF_ITEM)
        .id(space)
        .id(item)
        .bind(now)
        .readable::<GrantRow>(KEY);
    let (item, rows) = query::all(db, (items::item(space, item), of_item)).await?;
    there(item?)?;
    Ok(told(rows?))
}

/// What is shared of a space, the newest first.
///
/// # Errors
/// The database fails.
pub async fn of_space(
    db: &impl Database,
    space: SpaceId,
    now: UnixMillis,
) -> Result<Vec<Grant>, Failure> {
    let rows = Statement::new(grants::OF_SPACE).id(space).bind(now);
    Ok(told(db.run(rows).await?.readable(KEY)))
}

/// What is shared with a person of those of these items that are in a database.
///
/// # Errors
/// The database fails.
pub async fn of_person(
    db: &impl Database,
    user: UserId,
    items: &[(SpaceId, ItemId)],
    now: UnixMillis,
) -> Result<Vec<Grant>, Failure> {
    let rows = Statement::new(grants::OF_PERSON)
        .id(user)
        .bind(serde_json::to_string(items)?)
        .bind(now);
    Ok(told(db.run(rows).await?.readable(KEY)))
}

fn told(rows: Vec<GrantRow>) -> Vec<Grant> {
    rows.into_iter().map(Grant::from).collect()
}
