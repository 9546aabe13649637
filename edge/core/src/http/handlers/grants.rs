//! Access for other people: given, changed, taken back, listed. It is never for a token
//! of one folder, nor for whoever has access themselves.

use crate::access::reach::Use;
use crate::directory::guesses;
use crate::directory::shares::{self, AccountHolder};
use crate::error::Failure;
use crate::http::answer;
use crate::http::answer::Response;
use crate::http::auth;
use crate::http::call::Call;
use crate::http::runtime::Runtime;
use crate::labels::UserName;
use crate::log;
use crate::reads::{grants as reads, items, links};
use crate::writes::Author;
use crate::writes::grants::{self, GrantTerms, Granted, check};
use crate::writes::mounts;
use protocol::grants::{GrantChange, Grants, ItemGrants, NewGrant};
use protocol::ids::{GrantId, ItemId, SpaceId};
use protocol::notifications::EventType;
use protocol::problem::Problem;

/// `GET /items/{id}/grants`: 200 with [`ItemGrants`], see [`reads::of_item`].
pub async fn of_item(call: &mut Call<impl Runtime>, item: ItemId) -> Result<Response, Failure> {
    let who = auth::signed_in(call, Use::Drive).await?;
    let (db, now) = (call.space_of(who.space)?, call.runtime.now());
    let grants = reads::of_item(&db, who.space, item, now).await?;
    answer::json(&ItemGrants { grants })
}

/// `GET /grants`: 200 with [`Grants`].
pub async fn list(call: &mut Call<impl Runtime>) -> Result<Response, Failure> {
    let who = auth::signed_in(call, Use::Drive).await?;
    let now = call.runtime.now();
    let db = call.space_of(who.space)?;
    let by_me = reads::of_space(&db, who.space, now).await?;
    let linked = links::linked(&db, who.space, now).await?;
    let shared = shares::of_user(&call.runtime.directory()?, who.user).await?;
    let items: Vec<(SpaceId, ItemId)> = shared.iter().map(|one| (one.space, one.item)).collect();
    let mut with_me = Vec::new();
    for db in call.runtime.space_databases()? {
        with_me.extend(reads::of_person(&db, who.user, &items, now).await?);
    }
    answer::json(&Grants {
        with_me,
        by_me,
        linked,
    })
}

/// `POST /items/{id}/grants`: 200 with the [`Grant`](protocol::grants::Grant).
///
/// 1. 400 `bad_request`, see [`check`]; 400 `bad_name`.
/// 2. 404 `no_such_item`.
/// 3. 429 `too_many_requests` for names; 404 `no_such_person`, 409 `shared_with_oneself`,
///    409 `id_taken`.
/// 4. See [`grants::give`].
/// 5. The index in the directory is written, again if this is a repeat. The person is told.
pub async fn give(call: &mut Call<impl Runtime>, item: ItemId) -> Result<Response, Failure> {
    let who = auth::signed_in(call, Use::Drive).await?;
    let new: NewGrant = call.json().await?;
    // 1
    let now = call.runtime.now();
    check(Some(new.role), new.ends_at_ms, now)?;
    let name = UserName::parse(&new.person)?;
    // 2
    let (db, directory) = (call.space_of(who.space)?, call.runtime.directory()?);
    items::item(&db, who.space, &who.reach(), item).await?;
    // 3
    guesses::count_person(&directory, who.user, now).await?;
    let account = shares::by_name(&directory, &name, now).await?;
    let person = account.person();
    if person.user_id == who.user {
        return Err(Problem::SharedWithOneself.into());
    }
    shares::check_id(&directory, person.user_id, item, who.space).await?;
    // 4
    let wanted = GrantTerms {
        id: GrantId::from_random(call.runtime.fresh_id()?),
        item,
        person,
        role: new.role,
        ends_at: new.ends_at_ms,
    };
    let author = call.author(&who);
    let granted = grants::give(&db, &author, &wanted).await?;
    // 5
    shares::put(&directory, who.space, &granted.grant, now).await?;
    tell(call, &author, Some(account), &granted).await;
    answer::json(&granted.grant)
}

/// `PATCH /grants/{id}`: 200 with the [`Grant`](protocol::grants::Grant).
///
/// 1. 400 `bad_request`, see [`check`].
/// 2. 404 `no_such_grant`; 429 `too_many_requests` for changes.
/// 3. See [`grants::change`]. The person is told.
pub async fn change(call: &mut Call<impl Runtime>, id: GrantId) -> Result<Response, Failure> {
    let who = auth::signed_in(call, Use::Drive).await?;
    let change: GrantChange = call.json().await?;
    // 1
    let now = call.runtime.now();
    check(change.role, change.ends_at_ms.flatten(), now)?;
    // 2
    let (db, directory) = (call.space_of(who.space)?, call.runtime.directory()?);
    let author = call.author(&who);
    grants::check_there(&db, &author, id).await?;
    guesses::count_change(&directory, who.user, now).await?;
    // 3
    let granted = grants::change(&db, &author, id, &change).await?;
    let account = shares::by_id(&directory, granted.grant.person.user_id).await?;
    tell(call, &author, account, &granted).await;
    answer::json(&granted.grant)
}

/// `DELETE /grants/{id}`: 204. The owner takes it back, or whoever has it gives it up.
///
/// 1. 404 `no_such_grant`: it is neither of their space nor theirs.
/// 2. See [`grants::take_back`]. Both are told.
pub async fn take_back(call: &mut Call<impl Runtime>, id: GrantId) -> Result<Response, Failure> {
    let who = auth::signed_in(call, Use::Drive).await?;
    let directory = call.runtime.directory()?;
    // 1
    let shared = shares::of_grant(&directory, who.user, id).await?;
    let space = shared.map_or(who.space, |shared| shared.space);
    let author = Author {
        space,
        ..call.author(&who)
    };
    // 2
    let db = call.runtime.database_of(space)?;
    let granted = grants::take_back(&db, &author, id).await?;
    shares::remove(&directory, space, &granted.grant).await?;
    let account = shares::by_id(&directory, granted.grant.person.user_id).await?;
    tell(call, &author, account, &granted).await;
    Ok(answer::no_content())
}

/// Tells the devices of both, unless nothing has changed. Where access has ended, the mount
/// of whoever had it goes. That whoever was given access
/// is not told ends nothing: they find what there is when they look.
pub async fn tell(
    call: &Call<impl Runtime>,
    author: &Author,
    account: Option<AccountHolder>,
    granted: &Granted,
) {
    let Some((news, seq)) = &granted.news else {
        return;
    };
    let event = news.event.event_type;
    let ended = Some(granted.grant.person.user_id);
    let ended = ended.filter(|_| event == EventType::ShareRevoked);
    call.announce_news(author.space, news, *seq, ended.into_iter().collect());
    let Some(account) = account else {
        return;
    };
    let told = async {
        let db = call.runtime.database_of(account.home)?;
        if ended.is_some() {
            let at_home = Author {
                space: account.home,
                ..author.clone()
            };
            mounts::forget(&db, &at_home, granted.grant.id).await?;
        }
        grants::hint(&db, author, account.home, granted, event).await
    };
    match told.await {
        Ok((news, seq)) => call.announce_news(account.home, &news, seq, Vec::new()),
        Err(why) => log::fault(format_args!(
            "{} was not told of a share: {why}",
            account.home
        )),
    }
}
