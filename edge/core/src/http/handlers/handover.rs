//! An item gets another owner: offered, taken back or declined, accepted. It is between
//! people, so never for a token, nor over a link.

use super::grants::tell;
use crate::access::SignedIn;
use crate::access::reach::Use;
use crate::directory::guesses;
use crate::directory::shares;
use crate::error::Failure;
use crate::handover::{accept as handing, fit};
use crate::http::answer;
use crate::http::answer::Response;
use crate::http::auth;
use crate::http::call::Call;
use crate::http::runtime::Runtime;
use crate::store::handover::Transfer;
use crate::writes::Author;
use crate::writes::blocks::copies::BOUNDS;
use crate::writes::{grants, offers};
use protocol::ids::GrantId;
use protocol::problem::Problem;

/// `GET /grants/{id}/offer`: 200 with [`Handover`](protocol::handover::Handover).
///
/// 1. 403 `not_for_tokens`.
/// 2. The owner is told how much it is, see [`fit::of_owner`]; whoever is offered it, also
///    whether they have room, see [`fit::of_person`].
pub async fn show(call: &mut Call<impl Runtime>, id: GrantId) -> Result<Response, Failure> {
    // 1
    let who = person(call).await?;
    // 2
    let shared = shares::of_grant(&call.runtime.directory()?, who.user, id).await?;
    let told = match shared {
        None => fit::of_owner(&call.space_of(who.space)?, who.space, id).await?,
        Some(shared) => {
            let of = Transfer {
                item: shared.item,
                from: shared.space,
                to: who.space,
            };
            let db = call.runtime.database_of(shared.space)?;
            fit::of_person(&db, of, (who.user, id), call.runtime.now()).await?
        }
    };
    answer::json(&told)
}

/// `POST /grants/{id}/offer`: 200 with the [`Grant`](protocol::grants::Grant).
///
/// 1. 403 `not_for_tokens`.
/// 2. 404 `no_such_grant`: it is not of their space. 429 `too_many_requests` for changes.
/// 3. See [`offers::offer`]. The person is told; 404 `no_such_person` if they are gone.
pub async fn offer(call: &mut Call<impl Runtime>, id: GrantId) -> Result<Response, Failure> {
    // 1
    let who = person(call).await?;
    // 2
    let (db, directory) = (call.space_of(who.space)?, call.runtime.directory()?);
    let author = call.author(&who);
    let asked = grants::person_of(&db, &author, id).await?;
    guesses::count_change(&directory, who.user, author.now).await?;
    // 3
    let account = shares::by_id(&directory, asked).await?;
    let account = account.ok_or(Problem::NoSuchPerson)?;
    let granted = offers::offer(&db, &author, id).await?;
    tell(call, &author, Some(account), &granted).await;
    answer::json(&granted.grant)
}

/// `DELETE /grants/{id}/offer`: 204, also where nothing is offered. The owner takes it back,
/// or whoever it was made to declines.
///
/// 1. 403 `not_for_tokens`.
/// 2. 404 `no_such_grant`: it is neither of their space nor theirs.
/// 3. See [`offers::end`]. Both are told.
pub async fn end(call: &mut Call<impl Runtime>, id: GrantId) -> Result<Response, Failure> {
    // 1
    let who = person(call).await?;
    // 2
    let directory = call.runtime.directory()?;
    let shared = shares::of_grant(&directory, who.user, id).await?;
    let space = shared.map_or(who.space, |shared| shared.space);
    let author = Author {
        space,
        ..call.author(&who)
    };
    // 3
    let db = call.runtime.database_of(space)?;
    let granted = offers::end(&db, &author, id).await?;
    let account = shares::by_id(&directory, granted.grant.person.user_id).await?;
    tell(call, &author, account, &granted).await;
    Ok(answer::no_content())
}

/// `POST /grants/{id}/accept`: 200 with [`Accepted`](protocol::handover::Accepted), to be
/// sent again while that is not done.
///
/// 1. 403 `not_for_tokens`.
/// 2. See [`handing::accept`].
pub async fn accept(call: &mut Call<impl Runtime>, id: GrantId) -> Result<Response, Failure> {
    // 1
    let who = person(call).await?;
    // 2
    let author = call.author(&who);
    let fresh_id = || call.runtime.fresh_id();
    let accepted = handing::accept(&call.runtime, &author, id, fresh_id, &BOUNDS).await?;
    answer::json(&accepted)
}

/// Somebody with their own drive, in person.
async fn person(call: &Call<impl Runtime>) -> Result<SignedIn, Failure> {
    let who = auth::signed_in(call, Use::Drive).await?;
    who.check_person()?;
    Ok(who)
}
