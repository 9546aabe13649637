//! What others did, and how much of it the person has not seen. It is for whoever has the
//! whole drive.

use crate::access::reach::Use;
use crate::directory::{seen, shares};
use crate::error::Failure;
use crate::http::answer;
use crate::http::answer::Response;
use crate::http::auth;
use crate::http::call::Call;
use crate::http::runtime::Runtime;
use crate::reads::grants;
use crate::reads::news::{self, Reader};
use crate::rules::page_limit;
use protocol::changes::LIMIT;
use protocol::ids::{ItemId, SpaceId};
use protocol::news::{News, Seen};
use std::collections::HashMap;

const DEFAULT_NEWS: u64 = 100;

/// `GET /news?limit=`: 200 with [`News`].
///
/// 1. 400 for a limit that is not from 1 to 1,000.
/// 2. See [`news::news`].
pub async fn list(call: &mut Call<impl Runtime>) -> Result<Response, Failure> {
    let who = auth::signed_in(call, Use::Drive).await?;
    // 1
    let limit = page_limit(call.number(LIMIT)?, DEFAULT_NEWS)?;
    // 2
    let directory = call.runtime.directory()?;
    let seen_up_to_ms = seen::up_to(&directory, who.user).await?;
    let shares = shares::of_user(&directory, who.user).await?;
    let items: Vec<(SpaceId, ItemId)> = shares.iter().map(|one| (one.space, one.item)).collect();
    let space_of: HashMap<ItemId, SpaceId> =
        shares.iter().map(|one| (one.item, one.space)).collect();
    let reader = Reader {
        user: who.user,
        home: who.space,
        now: call.runtime.now(),
    };
    let mut entries = Vec::new();
    for db in call.runtime.space_databases()? {
        let with_me = grants::of_person(&db, who.user, &items, reader.now).await?;
        let shared = with_me.into_iter().filter_map(|grant| {
            let space = space_of.get(&grant.item)?;
            Some((*space, grant))
        });
        let shared: Vec<_> = shared.collect();
        entries.extend(news::news(&db, &reader, &shared).await?);
    }
    entries.sort_by_key(|one| std::cmp::Reverse(one.done.event.timestamp));
    let is_new = entries
        .iter()
        .filter(|one| one.done.event.timestamp > seen_up_to_ms);
    let unseen = is_new.count() as u64;
    entries.truncate(usize::try_from(limit).unwrap_or(usize::MAX));
    answer::json(&News {
        unseen,
        seen_up_to_ms,
        entries,
    })
}

/// `POST /news/seen`: 204. A time to come counts as now.
pub async fn see(call: &mut Call<impl Runtime>) -> Result<Response, Failure> {
    let who = auth::signed_in(call, Use::Drive).await?;
    let Seen { up_to_ms } = call.json().await?;
    let up_to = up_to_ms.min(call.runtime.now());
    seen::see(&call.runtime.directory()?, who.user, up_to).await?;
    Ok(answer::no_content())
}
