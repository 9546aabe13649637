//! What was in a folder at a time, and old versions that become the newest again.

use super::items::make_each;
use crate::access::reach::Use;
use crate::error::Failure;
use crate::http::answer;
use crate::http::answer::Response;
use crate::http::auth;
use crate::http::call::Call;
use crate::http::runtime::Runtime;
use crate::reads::past::{WantedPast, past};
use crate::writes::reverts::revert_files;
use protocol::changes::LIMIT;
use protocol::past::{AFTER, AT_MS, FILES, FilesReverted, ITEM, Revert};

/// `GET /past?at_ms=&item=&after=&limit=`: 200 with [`Past`](protocol::past::Past).
///
/// 1. 400 for an item or a time that is none.
/// 2. See [`past`].
pub async fn tell(call: &mut Call<impl Runtime>) -> Result<Response, Failure> {
    let who = auth::signed_in(call, Use::Named).await?;
    // 1
    let now = call.runtime.now();
    let wanted = WantedPast {
        of: call.item(ITEM)?,
        at: call.number(AT_MS)?.unwrap_or(now),
        after: call.number(AFTER)?,
        limit: call.number(LIMIT)?,
    };
    // 2
    let (db, reach) = (call.space_of(who.space)?, who.reach());
    answer::json(&past(&db, who.space, reach.part(), &wanted, now).await?)
}

/// `POST /files/revert`: 200 with [`FilesReverted`], see [`revert_files`]. One message tells
/// the other devices of all files.
pub async fn revert(call: &mut Call<impl Runtime>) -> Result<Response, Failure> {
    let who = auth::signed_in(call, Use::Named).await?;
    let files = call.entries::<Revert>(FILES).await?;
    let author = call.author(&who);
    let ends = revert_files(&call.space_of(who.space)?, &author, files).await?;
    let results = make_each(call, &author, ends);
    answer::json(&FilesReverted { results })
}
