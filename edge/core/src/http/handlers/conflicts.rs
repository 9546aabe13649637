//! Conflicts: kept, listed, resolved, opened again. The changes in `writes` tell what
//! is refused, and in which order.

use super::items::{make, make_by};
use crate::access::reach::Use;
use crate::error::{Failure, bad_request};
use crate::http::answer;
use crate::http::answer::Response;
use crate::http::auth;
use crate::http::call::{Call, ShownReceipts};
use crate::http::runtime::Runtime;
use crate::reads::conflicts;
use crate::writes::conflict::{Decide, Keep};
use crate::writes::reopen::ReopenConflict;
use protocol::changes::LIMIT;
use protocol::conflicts::{AFTER, Choice, NewConflict, Reopen, Resolve, STATE};
use protocol::content::Receipted;
use protocol::ids::{ConflictId, ItemId};

/// `POST /files/{id}/conflicts`: 201 with the
/// [`Conflict`](protocol::conflicts::Conflict), see [`Keep`].
pub async fn create(call: &mut Call<impl Runtime>, item: ItemId) -> Result<Response, Failure> {
    let who = auth::signed_in(call, Use::Item(item)).await?;
    let new: NewConflict<Receipted> = call.json().await?;
    let (new, receipts) = new.parted();
    let content = &new.content;
    let author = call.showing(
        call.author(&who),
        who.sender(),
        [ShownReceipts { content, receipts }],
    )?;
    make_by(call, &author, &Keep { item, new }, 201).await
}

/// `GET /conflicts?state=`: 200, see [`conflicts::open`] and, with `resolved`,
/// [`conflicts::resolved`]. 400 for any other state.
pub async fn list(call: &mut Call<impl Runtime>) -> Result<Response, Failure> {
    let who = auth::signed_in(call, Use::Drive).await?;
    let db = call.space_of(who.space)?;
    let listed = match call.query(STATE)?.as_deref() {
        None | Some("open") => conflicts::open(&db, who.space).await?,
        Some("resolved") => {
            let after = call.query(AFTER)?;
            let limit = call.number(LIMIT)?;
            conflicts::resolved(&db, who.space, after.as_deref(), limit).await?
        }
        Some(_) => return Err(bad_request("state is neither open nor resolved")),
    };
    answer::json(&listed)
}

/// `GET /conflicts/{id}/manifest`: 200 with a
/// [`Manifest`](blocks::manifest::Manifest), see [`conflicts::manifest`].
pub async fn manifest(call: &mut Call<impl Runtime>, id: ConflictId) -> Result<Response, Failure> {
    let who = auth::signed_in(call, Use::Conflict(id)).await?;
    let db = call.space_of(who.space)?;
    answer::json_to_keep(call, &conflicts::manifest(&db, who.space, id).await?)
}

/// `GET /conflicts/{id}`: 200, see [`conflicts::conflict`].
pub async fn get(call: &mut Call<impl Runtime>, id: ConflictId) -> Result<Response, Failure> {
    let who = auth::signed_in(call, Use::Conflict(id)).await?;
    let db = call.space_of(who.space)?;
    answer::json(&conflicts::conflict(&db, who.space, id).await?)
}

/// `POST /conflicts/{id}/resolve`: 200 with the
/// [`Conflict`](protocol::conflicts::Conflict), see [`Decide`].
pub async fn resolve(
    call: &mut Call<impl Runtime>,
    conflict: ConflictId,
) -> Result<Response, Failure> {
    let who = auth::signed_in(call, Use::Conflict(conflict)).await?;
    let resolve: Resolve<Receipted> = call.json().await?;
    let (resolve, receipts) = resolve.parted();
    let shown = match &resolve.choice {
        Choice::Merged { content } => Some(ShownReceipts { content, receipts }),
        Choice::KeepMine | Choice::KeepTheirs | Choice::KeepBoth { .. } => None,
    };
    let author = call.showing(call.author(&who), who.sender(), shown)?;
    let db = call.space_of(who.space)?;
    let item = conflicts::find(&db, who.space, conflict).await?.item;
    let decide = Decide {
        conflict,
        item,
        resolve,
    };
    make_by(call, &author, &decide, 200).await
}

/// `POST /conflicts/{id}/reopen`: 200 with the
/// [`Conflict`](protocol::conflicts::Conflict), see [`ReopenConflict`].
pub async fn reopen(
    call: &mut Call<impl Runtime>,
    reopen: ConflictId,
) -> Result<Response, Failure> {
    let who = auth::signed_in(call, Use::Conflict(reopen)).await?;
    let request: Reopen = call.json().await?;
    let db = call.space_of(who.space)?;
    let item = conflicts::find(&db, who.space, reopen).await?.item;
    let change = ReopenConflict {
        reopen,
        item,
        request,
    };
    make(call, &who, &change, 200).await
}
