//! Items: made, looked at, moved, trashed and restored. What is refused, and in
//! which order, is told at the changes in `writes`.

use crate::answer;
use crate::auth;
use crate::call::Call;
use crate::error::Failure;
use crate::reads::items;
use crate::writes::create::Create;
use crate::writes::place::{Move, Restore, Trash};
use crate::writes::{self, Change};
use shared::ids::ItemId;
use shared::protocol::items::NewFolder;
use worker::Response;

/// `GET /items/{id}`: 200 with the [`Item`](shared::protocol::items::Item);
/// 404.
pub async fn get(call: &mut Call, id: ItemId) -> Result<Response, Failure> {
    let who = auth::signed_in(call).await?;
    let item = items::item(&call.space_of(&who)?, who.space, id).await?;
    answer::json(&item)
}

/// `POST /folders`: 201, see [`Create`].
pub async fn create_folder(call: &mut Call) -> Result<Response, Failure> {
    let who = auth::signed_in(call).await?;
    let new: NewFolder = call.json().await?;
    make(call, &who, &Create::from(new), 201).await
}

/// `PATCH /items/{id}`: 200, see [`Move`].
pub async fn change_place(call: &mut Call, item: ItemId) -> Result<Response, Failure> {
    let who = auth::signed_in(call).await?;
    let to = call.json().await?;
    make(call, &who, &Move { item, to }, 200).await
}

/// `POST /items/{id}/trash`: 200, see [`Trash`].
pub async fn trash(call: &mut Call, trash: ItemId) -> Result<Response, Failure> {
    let who = auth::signed_in(call).await?;
    let change = call.json().await?;
    make(call, &who, &Trash { trash, change }, 200).await
}

/// `POST /items/{id}/restore`: 200, see [`Restore`].
pub async fn restore(call: &mut Call, restore: ItemId) -> Result<Response, Failure> {
    let who = auth::signed_in(call).await?;
    let change = call.json().await?;
    make(call, &who, &Restore { restore, change }, 200).await
}

/// Makes a change, tells the other devices, and answers it: the end of every
/// handler that changes a space.
pub async fn make(
    call: &Call,
    who: &auth::SignedIn,
    change: &impl Change,
    status: u16,
) -> Result<Response, Failure> {
    let author = call.author(who);
    let applied = writes::apply(&call.space_of(who)?, &author, change).await?;
    call.announce(&author, &applied);
    answer::applied(status, applied)
}
