//! Who asks, of a request's headers, and the cookie that a browser keeps.

use crate::access::reach::Use;
use crate::access::shown::{Provenance, Shown, Token};
use crate::access::{SignedIn, admit};
use crate::error::Failure;
use crate::http::call::Call;
use crate::http::runtime::Runtime;
use protocol::devices::Device;
use protocol::grants::ROOT;
use protocol::headers::{CLIENT, SESSION_COOKIE, USER};
use protocol::ids::UnixMillis;
use protocol::limits::SESSION_IDLE_MILLIS;
use protocol::problem::Problem;

/// Finds out who asks. Every handler that is for somebody begins here, and says what
/// the request is about.
///
/// 1. 400 `bad_request` if the root is no id; see [`admit`]. What is about oneself has no
///    root.
/// 2. Whoever has only a part of the space: see [`Reach::check_use`](crate::access::reach::Reach::check_use).
///
/// # Errors
/// As said there.
pub async fn signed_in(call: &Call<impl Runtime>, asked: Use) -> Result<SignedIn, Failure> {
    // 1
    let (authorization, cookies) = (call.header("authorization")?, call.header("cookie")?);
    let user = call.header(USER)?;
    let root = match asked {
        Use::Oneself => None,
        _ => call.item(ROOT)?,
    };
    let shown = Shown {
        authorization: authorization.as_deref(),
        cookies: cookies.as_deref(),
        user: user.as_deref(),
        is_own_page: is_own_page(call)?,
        changes_state: call.changes_state(),
        path: call.runtime.path(),
        root,
    };
    let who = admit(&call.runtime.directory()?, &shown, call.runtime.now()).await?;
    // 2
    let db = call.space_of(&who)?;
    who.reach().check_use(&db, who.space, asked).await?;
    Ok(who)
}

/// Refuses what did not come from the app's own page.
///
/// # Errors
/// 403 `cross_site`.
pub fn check_own_page(call: &Call<impl Runtime>) -> Result<(), Failure> {
    if is_own_page(call)? {
        return Ok(());
    }
    Err(Problem::CrossSite.into())
}

fn is_own_page(call: &Call<impl Runtime>) -> Result<bool, Failure> {
    let (site, origin) = (call.header("sec-fetch-site")?, call.header("origin")?);
    let provenance = Provenance {
        has_client_header: call.header(CLIENT)?.is_some(),
        sec_fetch_site: site.as_deref(),
        origin: origin.as_deref(),
        own_origin: &call.runtime.origin(),
    };
    Ok(provenance.is_own_page())
}

/// The cookie that keeps a token where no script can read it, for as long as the
/// device that it belongs to can get in.
pub fn cookie(token: &Token, device: &Device, now: UnixMillis) -> String {
    let end = device.ends_at_ms.unwrap_or(UnixMillis::MAX);
    let left = end.saturating_sub(now).min(SESSION_IDLE_MILLIS);
    let seconds = left / 1_000;
    let token = token.as_str();
    format!("{SESSION_COOKIE}={token}{COOKIE_RULES}; Max-Age={seconds}")
}

const COOKIE_RULES: &str = "; Path=/; Secure; HttpOnly; SameSite=Strict";

/// The cookie's end.
pub fn cleared_cookie() -> String {
    format!("{SESSION_COOKIE}={COOKIE_RULES}; Max-Age=0")
}

#[cfg(test)]
mod tests {
    use super::*;
    use protocol::limits::SESSION_MILLIS;

    #[test]
    fn the_cookie_is_out_of_reach_for_scripts_and_other_sites() -> serde_json::Result<()> {
        let token = Token::parse(&format!("dl_{}", "a".repeat(64))).unwrap();
        let device: Device = serde_json::from_str(
            r#"{"id": "00000000-0000-4000-8000-000000000000", "name": "x", "kind": "browser",
                "created_at_ms": 0, "last_seen_at_ms": 0, "ends_at_ms": 15552000000}"#,
        )?;
        let early = cookie(&token, &device, 0);
        for rule in ["; Path=/", "; Secure", "; HttpOnly", "; SameSite=Strict"] {
            assert!(early.contains(rule), "{early}");
        }
        assert!(early.ends_with("Max-Age=7776000"));
        let late = cookie(&token, &device, SESSION_MILLIS - 5_000);
        assert!(late.ends_with("Max-Age=5"), "{late}");
        Ok(())
    }
}
