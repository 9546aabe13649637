//! What a person has marked for themselves. It is for whoever has the whole drive, and tells
//! nobody anything of an item.

use crate::access::SignedIn;
use crate::access::reach::Use;
use crate::directory::marks;
use crate::error::Failure;
use crate::http::answer;
use crate::http::answer::Response;
use crate::http::auth;
use crate::http::call::Call;
use crate::http::runtime::Runtime;
use protocol::ids::{ItemId, SearchId};
use protocol::marks::{ChangeStars, NewSearch, SearchChange};
use protocol::notifications::{Event, EventType, JournalGrew};

/// `GET /marks`: 200 with [`Marks`](protocol::marks::Marks), or 304.
pub async fn list(call: &mut Call<impl Runtime>) -> Result<Response, Failure> {
    let who = auth::signed_in(call, Use::Drive).await?;
    let all = marks::all(&call.runtime.directory()?, who.user).await?;
    answer::json_to_keep(call, &all)
}

/// `POST /stars`: 204, see [`marks::change_stars`].
pub async fn change_stars(call: &mut Call<impl Runtime>) -> Result<Response, Failure> {
    let who = auth::signed_in(call, Use::Drive).await?;
    let change: ChangeStars = call.json().await?;
    let (directory, now) = (call.runtime.directory()?, call.runtime.now());
    if marks::change_stars(&directory, who.user, &change, now).await? {
        tell_devices(call, &who);
    }
    Ok(answer::no_content())
}

/// `POST /searches`: 201 with the [`SavedSearch`](protocol::marks::SavedSearch), see
/// [`marks::save_search`].
pub async fn save_search(call: &mut Call<impl Runtime>) -> Result<Response, Failure> {
    let who = auth::signed_in(call, Use::Drive).await?;
    let new: NewSearch = call.json().await?;
    let (directory, now) = (call.runtime.directory()?, call.runtime.now());
    let (saved, is_new) = marks::save_search(&directory, who.user, &new, now).await?;
    if is_new {
        tell_devices(call, &who);
    }
    answer::created(&saved)
}

/// `PATCH /searches/{id}`: 200 with the [`SavedSearch`](protocol::marks::SavedSearch), see
/// [`marks::change_search`].
pub async fn change_search(
    call: &mut Call<impl Runtime>,
    id: SearchId,
) -> Result<Response, Failure> {
    let who = auth::signed_in(call, Use::Drive).await?;
    let change: SearchChange = call.json().await?;
    let directory = call.runtime.directory()?;
    let (saved, is_other) = marks::change_search(&directory, who.user, id, &change).await?;
    if is_other {
        tell_devices(call, &who);
    }
    answer::json(&saved)
}

/// `DELETE /searches/{id}`: 204, or 404 `no_such_search`.
pub async fn remove_search(
    call: &mut Call<impl Runtime>,
    id: SearchId,
) -> Result<Response, Failure> {
    let who = auth::signed_in(call, Use::Drive).await?;
    marks::remove_search(&call.runtime.directory()?, who.user, id).await?;
    tell_devices(call, &who);
    Ok(answer::no_content())
}

/// Wakes the polls of the person's own drive. They are told no more than that something has
/// happened elsewhere than in it.
fn tell_devices(call: &Call<impl Runtime>, who: &SignedIn) {
    call.runtime.announce(JournalGrew {
        space: who.space,
        owner: None,
        seq: 0,
        event: Event {
            event_type: EventType::Elsewhere,
            file_id: ItemId::from_random([0; 16]),
            timestamp: call.runtime.now(),
            name: None,
            by: None,
        },
        about: Vec::new(),
        below: Vec::new(),
        also: vec![who.user],
    });
}
