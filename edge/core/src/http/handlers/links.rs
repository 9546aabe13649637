//! Links: made, changed, taken back and listed by the owner of their items; and the door
//! that a visitor finds. What a visitor does inside is asked for at the same routes as
//! what people do.

use super::accounts::{Desk, check_rate};
use crate::access::passes;
use crate::access::reach::Use;
use crate::directory::guesses;
use crate::directory::links as directory;
use crate::error::Failure;
use crate::http::answer;
use crate::http::answer::Response;
use crate::http::auth;
use crate::http::call::Call;
use crate::http::runtime::Runtime;
use crate::labels::link_label;
use crate::random;
use crate::reads::links as reads;
use crate::writes::Author;
use crate::writes::links::{self, LinkTerms, LinkTermsChange, Linked, NewPassword, check};
use protocol::accounts::PasswordStart;
use protocol::ids::{ItemId, LinkId};
use protocol::links::{
    ITEM, LinkChange, LinkKey, LinkPassword, Links, NewLink, OPENED, PassFinish, PassStart,
};

/// `GET /links?item=`: 200 with [`Links`], see [`reads::links`].
pub async fn list(call: &mut Call<impl Runtime>) -> Result<Response, Failure> {
    let who = auth::signed_in(call, Use::Drive).await?;
    let of = call.item(ITEM)?;
    let (db, now) = (call.space_of(who.space)?, call.runtime.now());
    let links = reads::links(&db, who.space, of, now).await?;
    answer::json(&Links { links })
}

/// `POST /links/password/start`: 200 with
/// [`SignUpStarted`](protocol::accounts::SignUpStarted), see
/// [`directory::start_password`].
pub async fn password_start(call: &mut Call<impl Runtime>) -> Result<Response, Failure> {
    auth::signed_in(call, Use::Drive).await?;
    let body: PasswordStart = call.json().await?;
    let desk = Desk::of(call)?;
    answer::json(&directory::start_password(&desk.door(), &body.message).await?)
}

/// `POST /items/{id}/links`: 200 with the [`Link`](protocol::links::Link).
///
/// 1. 400 `bad_request`, see [`check`]; 400 `bad_name`, 400 `bad_sign_in_message`.
/// 2. See [`links::make`].
pub async fn make(call: &mut Call<impl Runtime>, item: ItemId) -> Result<Response, Failure> {
    let who = auth::signed_in(call, Use::Drive).await?;
    let new: NewLink = call.json().await?;
    // 1
    let now = call.runtime.now();
    check(Some(new.may), new.ends_at_ms, new.most_downloads, now)?;
    let password = new.password.as_ref();
    let wanted = LinkTerms {
        label: link_label(&new.label)?,
        may: new.may,
        ends_at: new.ends_at_ms,
        most_downloads: new.most_downloads,
        password: password.map(|new| registered(call, new)).transpose()?,
    };
    // 2
    let id = LinkId::from_random(random::bytes()?);
    let key = LinkKey::from_random(random::bytes()?);
    let index = call.runtime.directory()?;
    let put_key = async || directory::put(&index, key, (who.space, id, item), now).await;
    let (db, author) = (call.space_of(who.space)?, call.author(&who));
    let linked = links::make(&db, &author, (id, key, item), &wanted, put_key).await?;
    tell(call, &author, &linked);
    answer::json(&linked.link)
}

/// `PATCH /links/{id}`: 200 with the [`Link`](protocol::links::Link).
///
/// 1. 400 `bad_request`, see [`check`]; 400 `bad_name`, 400 `bad_sign_in_message`.
/// 2. 404 `no_such_link`; 429 `too_many_requests` for changes.
/// 3. See [`links::change`].
pub async fn change(call: &mut Call<impl Runtime>, id: LinkId) -> Result<Response, Failure> {
    let who = auth::signed_in(call, Use::Drive).await?;
    let body: LinkChange = call.json().await?;
    // 1
    let (ends_at, most) = (body.ends_at_ms.flatten(), body.most_downloads.flatten());
    let now = call.runtime.now();
    check(body.may, ends_at, most, now)?;
    let password = |new: &Option<LinkPassword>| {
        let new = new.as_ref();
        new.map(|new| registered(call, new)).transpose()
    };
    let change = LinkTermsChange {
        label: body.label.as_deref().map(link_label).transpose()?,
        may: body.may,
        ends_at: body.ends_at_ms,
        most_downloads: body.most_downloads,
        password: body.password.as_ref().map(password).transpose()?,
    };
    // 2
    let (db, author) = (call.space_of(who.space)?, call.author(&who));
    links::check_there(&db, &author, id).await?;
    guesses::count_change(&call.runtime.directory()?, who.user, now).await?;
    // 3
    let linked = links::change(&db, &author, id, &change).await?;
    tell(call, &author, &linked);
    answer::json(&linked.link)
}

/// `DELETE /links/{id}`: 204, see [`links::remove`].
pub async fn remove(call: &mut Call<impl Runtime>, id: LinkId) -> Result<Response, Failure> {
    let who = auth::signed_in(call, Use::Drive).await?;
    let (db, author) = (call.space_of(who.space)?, call.author(&who));
    let linked = links::remove(&db, &author, id).await?;
    directory::remove(&call.runtime.directory()?, linked.link.key).await?;
    tell(call, &author, &linked);
    Ok(answer::no_content())
}

fn registered(call: &Call<impl Runtime>, new: &LinkPassword) -> Result<NewPassword, Failure> {
    directory::new_password(&Desk::of(call)?.door(), new)
}

/// Tells the owner's other devices, unless nothing has changed.
fn tell(call: &Call<impl Runtime>, author: &Author, linked: &Linked) {
    if let Some((news, seq)) = &linked.news {
        call.announce_news(author.space, news, *seq, Vec::new());
    }
}

/// `GET /links/shown?link=&opened=`: 200 with [`LinkShown`](protocol::links::LinkShown),
/// see [`reads::shown`]. A visit is counted, unless visits of this link come faster than
/// people do.
pub async fn shown(call: &mut Call<impl Runtime>) -> Result<Response, Failure> {
    let (_, visitor) = auth::at_the_door(call).await?;
    let db = call.space_of(visitor.space)?;
    let shown = reads::shown(&db, &visitor).await?;
    let opens = call.query(OPENED)?.as_deref() == Some("1") && !call.is_head();
    let of_link = format!("link {}", visitor.link.id);
    if opens && call.runtime.is_within_rate(of_link).await? {
        links::count_visit(&db, &visitor).await?;
    }
    answer::json(&shown)
}

/// `POST /links/pass/start?link=`: 200 with
/// [`SignInStarted`](protocol::accounts::SignInStarted).
///
/// 1. 429 after too many attempts from one network.
/// 2. 400 if the link has no password.
/// 3. See [`directory::start_pass`].
pub async fn pass_start(call: &mut Call<impl Runtime>) -> Result<Response, Failure> {
    let (_, visitor) = auth::at_the_door(call).await?;
    // 1
    check_rate(call).await?;
    let body: PassStart = call.json().await?;
    // 2
    let password = reads::password(&call.space_of(visitor.space)?, &visitor).await?;
    // 3
    let (desk, link) = (Desk::of(call)?, visitor.link.id);
    let (door, source) = (desk.door(), desk.source());
    answer::json(&directory::start_pass(&door, link, &password, source, &body.message).await?)
}

/// `POST /links/pass/finish?link=`: 200 with a [`Pass`](protocol::links::Pass), which is in
/// a cookie as well.
///
/// 1. 429 after too many attempts from one network.
/// 2. 400 if the link has no password.
/// 3. See [`directory::finish_pass`].
pub async fn pass_finish(call: &mut Call<impl Runtime>) -> Result<Response, Failure> {
    let (key, visitor) = auth::at_the_door(call).await?;
    // 1
    check_rate(call).await?;
    let body: PassFinish = call.json().await?;
    // 2
    let password = reads::password(&call.space_of(visitor.space)?, &visitor).await?;
    // 3
    let (desk, link) = (Desk::of(call)?, visitor.link.id);
    let number = directory::finish_pass(&desk.door(), link, &password, &body).await?;
    let pass = auth::pass_book(call, key)?.give(number, call.runtime.now());
    let cookie = passes::cookie(key, &pass);
    Ok(answer::json(&pass)?.with("set-cookie", cookie))
}
