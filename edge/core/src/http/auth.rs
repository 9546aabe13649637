//! Who asks, of a request's headers, and the cookie that a browser keeps.

use crate::access::held::{Aim, SharedPart};
use crate::access::passes::{self, PassBook};
use crate::access::reach::{Reach, Use};
use crate::access::shown::{Presented, Provenance, ShownLink, Token};
use crate::access::{Admitted, Caller, SignedIn, Visitor, admit};
use crate::directory::keys;
use crate::error::{Failure, bad_request};
use crate::http::call::Call;
use crate::http::runtime::Runtime;
use protocol::devices::Device;
use protocol::grants::ROOT;
use protocol::headers::{CLIENT, LINK_PASS, REST, SESSION_COOKIE, USER};
use protocol::ids::{ItemId, SpaceId, UnixMillis, Version};
use protocol::limits::SESSION_IDLE_MILLIS;
use protocol::links::{LINK, LinkKey};
use protocol::problem::Problem;

/// Finds out who asks, for what somebody does who is signed in. Every handler that is for
/// people alone begins here, and says what the request is about.
///
/// 1. See [`admitted`].
/// 2. Whoever has only a part of the space: see
///    [`Reach::check_use`](crate::access::reach::Reach::check_use). A visitor of a link is
///    refused as one whose request is about the drive as a whole.
///
/// # Errors
/// As said there.
pub async fn signed_in(call: &Call<impl Runtime>, asked: Use) -> Result<SignedIn, Failure> {
    // 1
    let admitted = admitted(call, asked, Aim::Inside).await?;
    // 2
    match admitted {
        Admitted::Person(who) => {
            let db = call.space_of(who.space)?;
            who.reach().check_use(&db, who.space, asked).await?;
            Ok(who)
        }
        Admitted::Visitor(space, held) => {
            let db = call.space_of(space)?;
            let reach = Reach::of_held(held);
            reach.check_use(&db, space, Use::Drive).await?;
            Err(Problem::OneFolder.into())
        }
    }
}

/// Finds out who asks, for what visitors of links do, too. The handler keeps to what the
/// caller is.
///
/// # Errors
/// As of [`signed_in`].
pub async fn let_in(call: &Call<impl Runtime>, asked: Use) -> Result<Caller, Failure> {
    match admitted(call, asked, Aim::Inside).await? {
        Admitted::Person(who) => {
            let db = call.space_of(who.space)?;
            who.reach().check_use(&db, who.space, asked).await?;
            Ok(Caller::Person(who))
        }
        Admitted::Visitor(space, held) => {
            let visitor = visitor(call, (space, held), asked).await?;
            Ok(Caller::Visitor(visitor))
        }
    }
}

/// A visitor who may not have given the password yet, and the key of the link.
///
/// # Errors
/// 404 `no_such_link`.
pub async fn at_the_door(call: &Call<impl Runtime>) -> Result<(LinkKey, Visitor), Failure> {
    let key = link_of(call)?.ok_or(Problem::NoSuchLink)?;
    match admitted(call, Use::Named, Aim::Door).await? {
        Admitted::Visitor(space, held) => {
            let visitor = visitor(call, (space, held), Use::Named).await?;
            Ok((key, visitor))
        }
        Admitted::Person(_) => Err(Problem::NoSuchLink.into()),
    }
}

async fn visitor(
    call: &Call<impl Runtime>,
    (space, held): (SpaceId, SharedPart),
    asked: Use,
) -> Result<Visitor, Failure> {
    let db = call.space_of(space)?;
    let link = Reach::of_held(held).check_use(&db, space, asked).await?;
    let link = link.ok_or(Problem::NoSuchLink)?;
    Ok(Visitor { space, held, link })
}

/// 1. 400 `bad_request` if the root is no id, or a link is named as well. What is about
///    oneself has neither.
/// 2. 404 `no_such_link` if the key is none; see [`admit`].
async fn admitted(call: &Call<impl Runtime>, asked: Use, aim: Aim) -> Result<Admitted, Failure> {
    // 1
    let (authorization, cookies) = (call.header("authorization")?, call.header("cookie")?);
    let user = call.header(USER)?;
    let (root, link) = match asked {
        Use::Oneself => (None, None),
        _ => (call.item(ROOT)?, link_of(call)?),
    };
    if root.is_some() && link.is_some() {
        return Err(bad_request(format!(
            "{ROOT} and {LINK} are not for one request"
        )));
    }
    // 2
    let link = link
        .map(|key| shown_link(call, key, asked, aim))
        .transpose()?;
    let shown = Presented {
        authorization: authorization.as_deref(),
        cookies: cookies.as_deref(),
        user: user.as_deref(),
        is_own_page: is_own_page(call)?,
        changes_state: call.changes_state(),
        path: call.runtime.path(),
        root,
        link,
    };
    admit(&call.runtime.directory()?, &shown, call.runtime.now()).await
}

/// The key of the link that a request names.
///
/// # Errors
/// 404 `no_such_link`: it is none, and so there is no such link.
fn link_of(call: &Call<impl Runtime>) -> Result<Option<LinkKey>, Failure> {
    let key = call.query(LINK)?.map(|key| key.parse()).transpose();
    key.map_err(|_| Problem::NoSuchLink.into())
}

/// What a visitor shows of a link. A pass in a cookie counts for what changes nothing, so
/// that no other site puts anything in.
///
/// # Errors
/// 503 `sign_in_unavailable`: the secret is missing or too short.
fn shown_link(
    call: &Call<impl Runtime>,
    key: LinkKey,
    asked: Use,
    aim: Aim,
) -> Result<ShownLink, Failure> {
    let now = call.runtime.now();
    let cookies = call.header("cookie")?.filter(|_| !call.changes_state());
    let cookie = passes::of_cookies(key, cookies.as_deref()).map(str::to_owned);
    let (pass, rest) = (call.header(LINK_PASS)?.or(cookie), call.header(REST)?);
    let mut shown = ShownLink {
        key,
        password: None,
        aim,
    };
    if pass.is_none() && rest.is_none() {
        return Ok(shown);
    }
    let book = pass_book(call, key)?;
    shown.password = pass.and_then(|pass| book.password(&pass, now));
    if let (Some(rest), Use::Item(file)) = (rest, asked)
        && let Some(version) = call.number("version")?
        && book.takes(&rest, file, version, now)
    {
        shown.aim = Aim::RestOfDownload;
    }
    Ok(shown)
}

/// What the server shows itself when it asks for the rest of a visitor's download.
///
/// # Errors
/// 404 `no_such_link`: the request is over none. 503 `sign_in_unavailable`.
pub fn ticket(
    call: &Call<impl Runtime>,
    file: ItemId,
    version: Version,
) -> Result<String, Failure> {
    let key = link_of(call)?.ok_or(Problem::NoSuchLink)?;
    Ok(pass_book(call, key)?.ticket(file, version, call.runtime.now()))
}

/// What gives visitors of a link passes and tickets, and knows them again.
///
/// # Errors
/// 503 `sign_in_unavailable`: the secret is missing or too short.
pub fn pass_book(call: &Call<impl Runtime>, key: LinkKey) -> Result<PassBook, Failure> {
    let secret = call.runtime.setting("SIGN_IN_SECRET");
    Ok(PassBook::new(&keys::secret(secret.as_deref())?, key))
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
