//! Items: folders are made; items are read, moved, trashed, restored and deleted for
//! good. The changes in `writes` tell what is refused, and in which order.

use crate::access::SignedIn;
use crate::access::reach::Use;
use crate::ending::deleted::tell;
use crate::error::Failure;
use crate::http::answer;
use crate::http::answer::Response;
use crate::http::auth;
use crate::http::call::Call;
use crate::http::runtime::Runtime;
use crate::reads::items;
use crate::writes::create::Create;
use crate::writes::deletion::{BOUNDS, Deletion, delete_for_good};
use crate::writes::places::{change_item, change_items};
use crate::writes::{self, Announcement, Applied, Author, Change};
use protocol::batches::{CHANGES, FileMade, ItemsChanged};
use protocol::ids::ItemId;
use protocol::items::{ItemChange, NewFolder, PlaceChange};

/// `GET /items/{id}`: 200 with the [`Item`](protocol::items::Item);
/// 404.
pub async fn get(call: &mut Call<impl Runtime>, id: ItemId) -> Result<Response, Failure> {
    let who = auth::let_in(call, Use::Item(id)).await?;
    let (db, space, reach) = (call.space_of(who.space())?, who.space(), who.reach());
    let item = items::item(&db, space, &reach, id).await?;
    answer::json(&reach.told(item))
}

/// `POST /folders`: 201, see [`Create`].
pub async fn create_folder(call: &mut Call<impl Runtime>) -> Result<Response, Failure> {
    let who = auth::signed_in(call, Use::Named).await?;
    let new: NewFolder = call.json().await?;
    make(call, &who, &Create::from(new), 201).await
}

/// `PATCH /items/{id}`: 200, see [`place`](crate::writes::place).
pub async fn change_place(
    call: &mut Call<impl Runtime>,
    item: ItemId,
) -> Result<Response, Failure> {
    let who = auth::signed_in(call, Use::Item(item)).await?;
    let to = PlaceChange::Move(call.json().await?);
    put(call, &who, item, to).await
}

/// `POST /items/{id}/trash`: 200, see [`place`](crate::writes::place).
pub async fn trash(call: &mut Call<impl Runtime>, item: ItemId) -> Result<Response, Failure> {
    let who = auth::signed_in(call, Use::Item(item)).await?;
    let to = PlaceChange::Trash(call.json().await?);
    put(call, &who, item, to).await
}

/// `POST /items/{id}/restore`: 200, see [`place`](crate::writes::place).
pub async fn restore(call: &mut Call<impl Runtime>, item: ItemId) -> Result<Response, Failure> {
    let who = auth::signed_in(call, Use::Item(item)).await?;
    let to = PlaceChange::Restore(call.json().await?);
    put(call, &who, item, to).await
}

/// `POST /items/batch`: 200 with [`ItemsChanged`], see [`change_items`]. One message
/// tells the other devices of all changes.
pub async fn change_batch(call: &mut Call<impl Runtime>) -> Result<Response, Failure> {
    let who = auth::signed_in(call, Use::Named).await?;
    let changes = call.entries::<ItemChange>(CHANGES).await?;
    let author = call.author(&who);
    let ends = change_items(&call.space_of(who.space)?, &author, changes).await?;
    let results = make_each(call, &author, ends);
    answer::json(&ItemsChanged { results })
}

async fn put(
    call: &Call<impl Runtime>,
    who: &SignedIn,
    item: ItemId,
    to: PlaceChange,
) -> Result<Response, Failure> {
    let author = call.author(who);
    let applied = change_item(&call.space_of(who.space)?, &author, item, to).await?;
    call.announce(&author, &applied);
    answer::applied(200, applied.told_to(&author.reach))
}

/// `DELETE /items/{id}`: 200 with
/// [`DeletedForGood`](protocol::items::DeletedForGood), see [`delete_for_good`].
pub async fn delete(call: &mut Call<impl Runtime>, item: ItemId) -> Result<Response, Failure> {
    let who = auth::signed_in(call, Use::Item(item)).await?;
    let request = call.json().await?;
    let wanted = Deletion::DeleteForGood { item, request };
    erase(call, &who, &wanted).await
}

/// `POST /trash/empty`: answered like `DELETE /items/{id}`.
pub async fn empty_trash(call: &mut Call<impl Runtime>) -> Result<Response, Failure> {
    let who = auth::signed_in(call, Use::Drive).await?;
    let wanted = Deletion::EmptyTrash(call.json().await?);
    erase(call, &who, &wanted).await
}

async fn erase(
    call: &Call<impl Runtime>,
    who: &SignedIn,
    wanted: &Deletion,
) -> Result<Response, Failure> {
    let author = call.author(who);
    let deleted = delete_for_good(&call.space_of(who.space)?, &author, wanted, &BOUNDS).await?;
    tell(&call.runtime, &author, &deleted).await;
    answer::json(&deleted.answer)
}

/// Makes a change, tells the other devices, and answers. Most handlers that change a
/// space end with it.
pub async fn make(
    call: &Call<impl Runtime>,
    who: &SignedIn,
    change: &impl Change,
    status: u16,
) -> Result<Response, Failure> {
    make_by(call, &call.author(who), change, status).await
}

/// The same by this author.
pub async fn make_by(
    call: &Call<impl Runtime>,
    author: &Author,
    change: &impl Change,
    status: u16,
) -> Result<Response, Failure> {
    let applied = writes::apply(&call.space_of(author.space)?, author, change).await?;
    call.announce(author, &applied);
    answer::applied(status, applied.told_to(&author.reach))
}

/// Tells the other devices of the newest change that was made, and answers each entry
/// with what became of it. Every handler that makes many changes ends with it.
pub fn make_each(
    call: &Call<impl Runtime>,
    author: &Author,
    ends: Vec<Result<Applied, Failure>>,
) -> Vec<FileMade> {
    let made = ends.iter().filter_map(|end| end.as_ref().ok());
    let news = made.filter_map(|applied| Some((applied.seq, applied.news.as_ref()?)));
    if let Some((seq, newest)) = news.clone().max_by_key(|(seq, _)| *seq) {
        let all = news.map(|(_, news)| news);
        let news = Announcement {
            event: newest.event.clone(),
            owner: newest.owner,
            about: all.clone().flat_map(|news| &news.about).copied().collect(),
            below: all.flat_map(|news| &news.below).copied().collect(),
        };
        call.announce_news(author.space, &news, seq, Vec::new());
    }
    let results = ends.into_iter().map(|end| {
        let applied = end.map(|applied| applied.told_to(&author.reach));
        let changed = applied.and_then(Applied::item_changed);
        FileMade::from(changed.map_err(Failure::told))
    });
    results.collect()
}
