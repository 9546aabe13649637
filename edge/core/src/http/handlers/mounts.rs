//! Mounts: what others share gets a place among somebody's own folders, and loses it. They
//! are renamed and moved as files are, and never for a token of one folder.

use super::items::make;
use crate::access::reach::Use;
use crate::directory::shares;
use crate::error::Failure;
use crate::http::answer;
use crate::http::answer::Response;
use crate::http::auth;
use crate::http::call::Call;
use crate::http::runtime::Runtime;
use crate::reads::grants;
use crate::writes::create::Create;
use crate::writes::mounts;
use protocol::ids::ItemId;
use protocol::items::NewMount;
use protocol::problem::Problem;

/// `POST /mounts`: 201.
///
/// 1. 404 `no_such_grant`: nothing that is not in the trash is shared with them like that.
/// 2. See [`Create`]; 409 `already_mounted`.
pub async fn create(call: &mut Call<impl Runtime>) -> Result<Response, Failure> {
    let who = auth::signed_in(call, Use::Drive).await?;
    let new: NewMount = call.json().await?;
    // 1
    let shared = shares::of_grant(&call.runtime.directory()?, who.user, new.grant).await?;
    let shared = shared.ok_or(Problem::NoSuchGrant)?;
    let db = call.runtime.database_of(shared.space)?;
    let items = [(shared.space, shared.item)];
    let live = grants::of_person(&db, who.user, &items, call.runtime.now()).await?;
    if !live.iter().any(|grant| grant.id == new.grant) {
        return Err(Problem::NoSuchGrant.into());
    }
    // 2
    make(call, &who, &Create::from(new), 201).await
}

/// `DELETE /mounts/{id}`: 204, see [`mounts::remove`]. The other devices are told.
pub async fn remove(call: &mut Call<impl Runtime>, id: ItemId) -> Result<Response, Failure> {
    let who = auth::signed_in(call, Use::Drive).await?;
    let author = call.author(&who);
    let (news, seq) = mounts::remove(&call.space_of(who.space)?, &author, id).await?;
    call.announce_news(who.space, &news, seq, Vec::new());
    Ok(answer::no_content())
}
