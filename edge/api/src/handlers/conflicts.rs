//! Conflicts: kept, listed, resolved. What is refused, and in which order, is
//! told at the changes in `writes`.

use super::items::make;
use crate::answer;
use crate::auth;
use crate::call::Call;
use crate::error::Failure;
use crate::ports::{Database, DbError, Statement};
use crate::store::rows::ConflictRow;
use crate::store::sql::conflicts;
use crate::writes::conflict::{Decide, Keep};
use shared::ids::{ConflictId, ItemId, SpaceId};
use shared::protocol::conflicts::{Conflict, Conflicts, Resolve};
use shared::protocol::problem::Problem;
use worker::Response;

/// `POST /files/{id}/conflicts`: 201 with the [`Conflict`], see [`Keep`].
pub async fn create(call: &mut Call, item: ItemId) -> Result<Response, Failure> {
    let who = auth::signed_in(call).await?;
    let new = call.json().await?;
    make(call, &who, &Keep { item, new }, 201).await
}

/// `GET /conflicts`: 200 with the open ones, oldest first.
pub async fn list(call: &mut Call) -> Result<Response, Failure> {
    let who = auth::signed_in(call).await?;
    let read = Statement::new(conflicts::OPEN).id(who.space);
    let rows: Vec<ConflictRow> = call.space_of(&who)?.run(read).await?.all()?;
    let conflicts: Result<Vec<Conflict>, DbError> =
        rows.into_iter().map(Conflict::try_from).collect();
    let conflicts = conflicts?;
    answer::json(&Conflicts { conflicts })
}

/// `GET /conflicts/{id}`: 200 with the [`Conflict`], open or not; 404.
pub async fn get(call: &mut Call, id: ConflictId) -> Result<Response, Failure> {
    let who = auth::signed_in(call).await?;
    let row = find(&call.space_of(&who)?, who.space, id).await?;
    answer::json(&Conflict::try_from(row)?)
}

/// `POST /conflicts/{id}/resolve`: 200 with the [`Conflict`], see [`Decide`].
pub async fn resolve(call: &mut Call, conflict: ConflictId) -> Result<Response, Failure> {
    let who = auth::signed_in(call).await?;
    let resolve: Resolve = call.json().await?;
    let item = find(&call.space_of(&who)?, who.space, conflict).await?.item;
    let decide = Decide {
        conflict,
        item,
        resolve,
    };
    make(call, &who, &decide, 200).await
}

/// # Errors
/// 404: unknown, or of another space.
pub async fn find(
    db: &impl Database,
    space: SpaceId,
    id: ConflictId,
) -> Result<ConflictRow, Failure> {
    let read = Statement::new(conflicts::CONFLICT).id(space).id(id);
    let row: Option<ConflictRow> = db.run(read).await?.first()?;
    Ok(row.ok_or(Problem::NoSuchConflict)?)
}
