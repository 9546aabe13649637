//! Items: made, looked at, moved, trashed and restored. What is refused, and in
//! which order, is told at the changes in `writes`.

use crate::answer;
use crate::auth;
use crate::call::Call;
use crate::error::Failure;
use crate::reads::items;
use crate::writes::create::Create;
use crate::writes::deletion::{BOUNDS, Deletion, delete_for_good};
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

/// `DELETE /items/{id}`: 200 with
/// [`DeletedForGood`](shared::protocol::items::DeletedForGood), see [`delete_for_good`].
pub async fn delete(call: &mut Call, item: ItemId) -> Result<Response, Failure> {
    let who = auth::signed_in(call).await?;
    let request = call.json().await?;
    let wanted = Deletion::DeleteForGood { item, request };
    erase(call, &who, &wanted).await
}

/// `POST /trash/empty`: the same.
pub async fn empty_trash(call: &mut Call) -> Result<Response, Failure> {
    let who = auth::signed_in(call).await?;
    let wanted = Deletion::EmptyTrash(call.json().await?);
    erase(call, &who, &wanted).await
}

async fn erase(call: &Call, who: &auth::SignedIn, wanted: &Deletion) -> Result<Response, Failure> {
    let author = call.author(who);
    let deleted = delete_for_good(&call.space_of(who)?, &author, wanted, &BOUNDS).await?;
    if let Some((item, seq)) = deleted.news {
        call.announce_of(&author, item, seq);
    }
    answer::json(&deleted.answer)
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
