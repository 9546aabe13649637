//! Who asks: tokens, and the rules that keep strangers and other sites out.

use crate::directory::devices::Asking;
use crate::error::{Failure, bad_request};
use crate::ports::{Database, Statement};
use crate::random;
use crate::store::rows::DeviceRow;
use crate::store::sql::devices;
use crate::store::stand_ins::{nearest, nearest_or_null};
use blocks::hash::BlockHash;
use protocol::devices::{Device, Scope};
use protocol::headers::{SESSION_COOKIE, USER};
use protocol::ids::{ItemId, SpaceId, UnixMillis, UserId};
use protocol::limits::SESSION_IDLE_MILLIS;
use protocol::paths::{FETCH_BLOCKS, FETCH_SIGNATURES, SIGN_OUT};
use protocol::problem::Problem;
use serde::Deserialize;

/// Leads every token, so that a leaked one is found by scanners.
const TOKEN_PREFIX: &str = "dl_";
/// Writing each use of a device would cost a row for each request.
const TOUCH_MILLIS: u64 = 60 * 60 * 1_000;

/// A device's secret: 256 random bits. Only its hash is stored.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Token(String);

impl Token {
    /// # Errors
    /// The runtime has no randomness.
    pub fn new() -> Result<Self, Failure> {
        let secret = data_encoding::HEXLOWER.encode(&random::bytes::<32>()?);
        Ok(Self(format!("{TOKEN_PREFIX}{secret}")))
    }

    pub fn parse(text: &str) -> Option<Self> {
        let hex = text.strip_prefix(TOKEN_PREFIX)?;
        let is_hex = |b: u8| b.is_ascii_digit() || (b'a'..=b'f').contains(&b);
        (hex.len() == 64 && hex.bytes().all(is_hex)).then(|| Self(text.to_owned()))
    }

    pub fn hash(&self) -> BlockHash {
        BlockHash::of(self.0.as_bytes())
    }

    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// What a request shows to be let in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Credential {
    Bearer(Token),
    Cookie(Token),
}

impl Credential {
    /// Of the headers `Authorization` and `Cookie`; the first one counts if
    /// there are both.
    pub fn of(authorization: Option<&str>, cookies: Option<&str>) -> Option<Self> {
        if let Some(authorization) = authorization {
            let (scheme, token) = authorization.trim().split_once(' ')?;
            let is_bearer = scheme.eq_ignore_ascii_case("bearer");
            let token = Token::parse(token.trim()).filter(|_| is_bearer)?;
            return Some(Self::Bearer(token));
        }
        cookies?.split(';').find_map(|pair| {
            let (name, value) = pair.trim().split_once('=')?;
            let is_ours = name == SESSION_COOKIE;
            Token::parse(value).filter(|_| is_ours).map(Self::Cookie)
        })
    }

    pub fn token(&self) -> &Token {
        match self {
            Self::Bearer(token) | Self::Cookie(token) => token,
        }
    }
}

/// What a browser says of a request's origin.
#[derive(Clone, Copy, Debug, Default)]
pub struct Provenance<'a> {
    /// Whether the header is there that only the app's own page sends.
    pub has_client_header: bool,
    pub sec_fetch_site: Option<&'a str>,
    pub origin: Option<&'a str>,
    /// The origin that the request was sent to.
    pub own_origin: &'a str,
}

impl Provenance<'_> {
    /// Whether a request that changes state by the power of a cookie may do so.
    pub fn is_own_page(&self) -> bool {
        let site_is_own = match (self.sec_fetch_site, self.origin) {
            (Some(site), _) => matches!(site, "same-origin" | "none"),
            (None, Some(origin)) => origin == self.own_origin,
            (None, None) => true,
        };
        self.has_client_header && site_is_own
    }
}

/// A device that is signed in, and whose it is.
#[derive(Clone, Debug)]
pub struct SignedIn {
    pub user: UserId,
    pub user_name: String,
    pub space: SpaceId,
    pub device: Device,
    /// When the device last gave the password.
    pub proven_at: UnixMillis,
    pub credential: Credential,
}

impl SignedIn {
    /// The folder that a token is for; `None` for whoever has the whole drive.
    pub fn folder(&self) -> Option<ItemId> {
        self.device.folder
    }

    /// What the rules of [`crate::directory`] look at.
    pub fn asking(&self) -> Asking<'_> {
        Asking {
            user: self.user,
            device: &self.device,
            proven_at: self.proven_at,
        }
    }
}

#[derive(Deserialize)]
struct TokenRow {
    #[serde(flatten)]
    device: DeviceRow,
    #[serde(deserialize_with = "nearest")]
    proven_at: UnixMillis,
    #[serde(deserialize_with = "nearest_or_null")]
    revoked_at: Option<UnixMillis>,
    user: UserId,
    user_name: String,
    home_space: SpaceId,
}

/// What a request shows of who sends it, and what it is for.
#[derive(Clone, Copy, Debug)]
pub struct Shown<'a> {
    pub authorization: Option<&'a str>,
    pub cookies: Option<&'a str>,
    /// Whose the request says it is: [`USER`].
    pub user: Option<&'a str>,
    /// See [`Provenance::is_own_page`].
    pub is_own_page: bool,
    pub changes_state: bool,
    pub path: &'a str,
}

/// Lets a request in, or not.
///
/// 1. 401 `not_signed_in` without a token.
/// 2. 403 `cross_site` if a cookie is to change something for another site.
/// 3. 401 `session_ended` if the token is unknown, revoked, too long unused or at
///    its end.
/// 4. 403 `another_user` if the request says that it is somebody else's.
/// 5. 403 `read_only` if its scope does not reach to what is asked. This is the one
///    place that knows.
/// 6. Once an hour, writes that the device was seen.
///
/// # Errors
/// As said, or the database fails.
pub async fn admit(
    directory: &impl Database,
    shown: &Shown<'_>,
    now: UnixMillis,
) -> Result<SignedIn, Failure> {
    // 1
    let credential =
        Credential::of(shown.authorization, shown.cookies).ok_or(Problem::NotSignedIn)?;
    // 2
    let is_cookie = matches!(credential, Credential::Cookie(_));
    if is_cookie && shown.changes_state && !shown.is_own_page {
        return Err(Problem::CrossSite.into());
    }
    // 3
    let find = Statement::new(devices::BY_TOKEN).id(credential.token().hash());
    let row: Option<TokenRow> = directory.run(find).await?.first()?;
    let row = row.ok_or(Problem::SessionEnded)?;
    let device = Device::from(row.device);
    let idle = now.saturating_sub(device.last_seen_at_ms);
    let is_over = device.ends_at_ms.is_some_and(|end| end <= now);
    if row.revoked_at.is_some() || idle > SESSION_IDLE_MILLIS || is_over {
        return Err(Problem::SessionEnded.into());
    }
    // 4
    check_user(shown.user, row.user, &row.user_name)?;
    // 5
    if !permits(device.scope, shown.changes_state, shown.path) {
        return Err(Problem::ReadOnly.into());
    }
    // 6
    if idle > TOUCH_MILLIS {
        let touch = Statement::new(devices::TOUCH).id(device.id).bind(now);
        directory.run(touch).await?;
    }
    Ok(SignedIn {
        user: row.user,
        user_name: row.user_name,
        space: row.home_space,
        device,
        proven_at: row.proven_at,
        credential,
    })
}

/// Refuses a request of somebody else than whoever its token belongs to, if it says
/// whose it is.
///
/// # Errors
/// 403 `another_user`, 400 for an id that is none.
fn check_user(said: Option<&str>, user: UserId, user_name: &str) -> Result<(), Failure> {
    let Some(said) = said else {
        return Ok(());
    };
    let said: UserId = said
        .parse()
        .map_err(|_| bad_request(format!("{USER} is not an id")))?;
    if said == user {
        return Ok(());
    }
    let user_name = user_name.to_owned();
    Err(Problem::AnotherUser { user_name }.into())
}

/// Whether a scope reaches to a request. Reading is what changes nothing: besides
/// the methods that never do, two requests that read and need a body, and the end
/// of the session that asks. What is added to the API is refused until it is
/// listed here.
fn permits(scope: Scope, changes_state: bool, path: &str) -> bool {
    match scope {
        Scope::Full => true,
        Scope::ReadOnly => {
            !changes_state || [FETCH_BLOCKS, FETCH_SIGNATURES, SIGN_OUT].contains(&path)
        }
        // Of a release that knows more scopes.
        Scope::Unknown => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use protocol::paths;

    fn token(digit: char) -> String {
        format!("dl_{}", String::from(digit).repeat(64))
    }

    #[test]
    fn the_cookie_is_found_among_others() {
        let cookies = format!("a=1; {SESSION_COOKIE}={}; b=2", token('a'));
        let found = Credential::of(None, Some(&cookies));
        assert_eq!(found, Token::parse(&token('a')).map(Credential::Cookie));
        let longer = format!("x{SESSION_COOKIE}={}", token('a'));
        assert_eq!(Credential::of(None, Some(&longer)), None);
        assert_eq!(Credential::of(None, Some("")), None);
    }

    #[test]
    fn the_authorization_header_counts_before_the_cookie() {
        let cookies = format!("{SESSION_COOKIE}={}", token('a'));
        let bearer = format!("bearer {}", token('b'));
        let found = Credential::of(Some(&bearer), Some(&cookies));
        assert_eq!(found, Token::parse(&token('b')).map(Credential::Bearer));
        assert_eq!(Credential::of(Some("Basic eDp5"), Some(&cookies)), None);
    }

    #[test]
    fn only_whole_tokens_are_tokens() {
        assert!(Token::parse(&token('0')).is_some());
        assert!(Token::parse(&token('G')).is_none());
        assert!(Token::parse("dl_00").is_none());
        assert!(Token::parse(&"0".repeat(67)).is_none());
    }

    #[test]
    fn another_site_changes_nothing() {
        let own = Provenance {
            has_client_header: true,
            own_origin: "https://drive.example",
            ..Provenance::default()
        };
        let from = |site, origin| Provenance {
            sec_fetch_site: site,
            origin,
            ..own
        };
        assert!(own.is_own_page());
        assert!(from(Some("same-origin"), None).is_own_page());
        assert!(from(Some("none"), None).is_own_page());
        assert!(!from(Some("cross-site"), None).is_own_page());
        assert!(!from(Some("same-site"), Some("https://drive.example")).is_own_page());
        assert!(from(None, Some("https://drive.example")).is_own_page());
        assert!(!from(None, Some("https://evil.example")).is_own_page());
        assert!(!from(None, Some("null")).is_own_page());
        let form = Provenance {
            has_client_header: false,
            ..own
        };
        assert!(!form.is_own_page());
    }

    #[test]
    fn a_page_is_served_as_nobody_but_the_person_that_it_belongs_to() {
        let (ann, bob) = (UserId::from_random([1; 16]), UserId::from_random([2; 16]));
        let told = |said: Option<&str>| {
            let checked = check_user(said, bob, "bob");
            checked.map_err(Failure::into_problem)
        };
        assert_eq!(told(Some(&bob.to_string())), Ok(()));
        assert_eq!(told(None), Ok(()));
        let user_name = "bob".to_owned();
        assert_eq!(
            told(Some(&ann.to_string())),
            Err(Problem::AnotherUser { user_name })
        );
        for bad in ["", "bob", "*"] {
            let refused = told(Some(bad)).map_err(|problem| problem.status());
            assert_eq!(refused, Err(400), "{bad:?}");
        }
    }

    #[test]
    fn a_token_that_may_only_read_changes_nothing() {
        let changes = |path| permits(Scope::ReadOnly, true, path);
        assert!(permits(Scope::ReadOnly, false, paths::CHANGES));
        assert!(changes(FETCH_BLOCKS) && changes(FETCH_SIGNATURES));
        assert!(changes(SIGN_OUT));
        for path in [
            paths::FOLDERS,
            paths::FILES,
            paths::FILES_BATCH,
            paths::BLOCKS,
            paths::ACCESS_TOKENS,
            paths::PASSWORD_FINISH,
            "/api/v1/blocks/fetch/",
            "/api/v1/of/the/future",
        ] {
            assert!(!changes(path), "{path}");
        }
        assert!(!permits(Scope::Unknown, false, paths::CHANGES));
    }
}
