//! Conflicts: kept, listed, resolved. What is refused, and in which order, is
//! told at the changes in `writes`.

use super::items::make;
use crate::answer;
use crate::auth;
use crate::call::Call;
use crate::error::Failure;
use crate::reads::conflicts;
use crate::writes::conflict::{Decide, Keep};
use shared::ids::{ConflictId, ItemId};
use shared::protocol::conflicts::Resolve;
use worker::Response;

/// `POST /files/{id}/conflicts`: 201 with the
/// [`Conflict`](shared::protocol::conflicts::Conflict), see [`Keep`].
pub async fn create(call: &mut Call, item: ItemId) -> Result<Response, Failure> {
    let who = auth::signed_in(call).await?;
    let new = call.json().await?;
    make(call, &who, &Keep { item, new }, 201).await
}

/// `GET /conflicts`: 200, see [`conflicts::open`].
pub async fn list(call: &mut Call) -> Result<Response, Failure> {
    let who = auth::signed_in(call).await?;
    let db = call.space_of(&who)?;
    answer::json(&conflicts::open(&db, who.space).await?)
}

/// `GET /conflicts/{id}`: 200, see [`conflicts::conflict`].
pub async fn get(call: &mut Call, id: ConflictId) -> Result<Response, Failure> {
    let who = auth::signed_in(call).await?;
    let db = call.space_of(&who)?;
    answer::json(&conflicts::conflict(&db, who.space, id).await?)
}

/// `POST /conflicts/{id}/resolve`: 200 with the
/// [`Conflict`](shared::protocol::conflicts::Conflict), see [`Decide`].
pub async fn resolve(call: &mut Call, conflict: ConflictId) -> Result<Response, Failure> {
    let who = auth::signed_in(call).await?;
    let resolve: Resolve = call.json().await?;
    let db = call.space_of(&who)?;
    let item = conflicts::find(&db, who.space, conflict).await?.item;
    let decide = Decide {
        conflict,
        item,
        resolve,
    };
    make(call, &who, &decide, 200).await
}
