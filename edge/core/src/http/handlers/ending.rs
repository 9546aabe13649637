//! The end of an account: set, and taken away again. It is never for a token.

use super::server::account_goes_on_millis;
use crate::access::reach::Use;
use crate::directory::guesses;
use crate::ending::announced;
use crate::error::Failure;
use crate::http::answer;
use crate::http::answer::Response;
use crate::http::auth;
use crate::http::call::Call;
use crate::http::runtime::Runtime;
use crate::query;
use crate::writes::ending::end_of;
use protocol::accounts::AccountEnd;

/// `POST /accounts/end`: 200 with [`AccountEnd`].
///
/// 1. 403 `not_for_tokens`, 403 `confirm_password`.
/// 2. An account that is ended already keeps its end, if its space says so, too: a request
///    that was to keep it may have broken off.
/// 3. 429 `too_many_requests` for more than some ends within an hour, of which everybody is
///    told. To keep the account is not counted, so that nobody is kept from it.
/// 4. See [`announced::begin`].
pub async fn end(call: &mut Call<impl Runtime>) -> Result<Response, Failure> {
    let who = auth::signed_in(call, Use::Drive).await?;
    // 1
    let now = call.runtime.now();
    who.asking().check_confirmed(now)?;
    // 2
    let known = who.account_ends_at;
    let holds = query::one(&call.space_of(who.space)?, end_of(who.space)).await?;
    let ends_at_ms = match known.filter(|_| known == holds) {
        Some(end) => end,
        None => {
            // 3
            guesses::count_end(&call.runtime.directory()?, who.user, now).await?;
            // 4
            let ends_at = now.saturating_add(account_goes_on_millis(call));
            announced::begin(&call.runtime, &call.author(&who), ends_at, known).await?
        }
    };
    answer::json(&AccountEnd { ends_at_ms })
}

/// `DELETE /accounts/end`: 204, also for an account that nobody has ended.
///
/// 1. 403 `not_for_tokens`.
/// 2. See [`announced::keep`].
pub async fn keep(call: &mut Call<impl Runtime>) -> Result<Response, Failure> {
    let who = auth::signed_in(call, Use::Drive).await?;
    // 1
    who.check_person()?;
    // 2
    announced::keep(&call.runtime, &call.author(&who), who.account_ends_at).await?;
    Ok(answer::no_content())
}
