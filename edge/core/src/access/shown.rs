//! What a request shows of who sends it: a token, and where it comes from.

use super::held::Aim;
use crate::error::Failure;
use crate::random;
use blocks::hash::BlockHash;
use protocol::headers::SESSION_COOKIE;
use protocol::ids::ItemId;
use protocol::links::LinkKey;

/// Every token begins with it, so that scanners find a leaked one.
const TOKEN_PREFIX: &str = "dl_";
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

    /// Reads a token; `None` if the text does not have the form of a token.
    pub fn parse(text: &str) -> Option<Self> {
        let hex = text.strip_prefix(TOKEN_PREFIX)?;
        let is_hex = |b: u8| b.is_ascii_digit() || (b'a'..=b'f').contains(&b);
        (hex.len() == 64 && hex.bytes().all(is_hex)).then(|| Self(text.to_owned()))
    }

    /// The hash by which the token is stored and found.
    pub fn hash(&self) -> BlockHash {
        BlockHash::of(self.0.as_bytes())
    }

    /// The token as its holder shows it.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// What a request shows to be let in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Credential {
    /// A token of a program, in `Authorization`.
    Bearer(Token),
    /// A token of a browser, in the cookie.
    Cookie(Token),
}

impl Credential {
    /// Reads the token from the headers `Authorization` and `Cookie`. If both are
    /// there, the first one counts.
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

    /// The token, wherever it was shown.
    pub fn token(&self) -> &Token {
        match self {
            Self::Bearer(token) | Self::Cookie(token) => token,
        }
    }
}

/// What a browser says of a request's origin.
#[derive(Clone, Copy, Debug, Default)]
pub struct Provenance<'a> {
    /// Whether the request has the header that only the app's own page sends.
    pub has_client_header: bool,
    /// The header `Sec-Fetch-Site`.
    pub sec_fetch_site: Option<&'a str>,
    /// The header `Origin`.
    pub origin: Option<&'a str>,
    /// The origin that the request was sent to.
    pub own_origin: &'a str,
}

impl Provenance<'_> {
    /// Whether the request comes from the app's own page, so that its cookie may change
    /// something.
    pub fn is_own_page(&self) -> bool {
        let site_is_own = match (self.sec_fetch_site, self.origin) {
            (Some(site), _) => matches!(site, "same-origin" | "none"),
            (None, Some(origin)) => origin == self.own_origin,
            (None, None) => true,
        };
        self.has_client_header && site_is_own
    }
}

/// What a request shows of who sends it, and what it is for.
#[derive(Clone, Copy, Debug)]
pub struct Presented<'a> {
    /// The header `Authorization`.
    pub authorization: Option<&'a str>,
    /// The header `Cookie`.
    pub cookies: Option<&'a str>,
    /// The user whom the request says it is from: the header
    /// [`USER`](protocol::headers::USER).
    pub user: Option<&'a str>,
    /// See [`Provenance::is_own_page`].
    pub is_own_page: bool,
    /// Whether the request may change something: it is neither GET nor HEAD.
    pub changes_state: bool,
    /// The path that is asked for.
    pub path: &'a str,
    /// The shared item that it is about: [`ROOT`](protocol::grants::ROOT).
    pub root: Option<ItemId>,
    /// The link that it follows, which makes it a visitor's, whoever else it shows.
    pub link: Option<ShownLink>,
}

/// What a visitor shows of a link.
#[derive(Clone, Copy, Debug)]
pub struct ShownLink {
    /// The key in its address.
    pub key: LinkKey,
    /// The number of the password that the request has a good pass for.
    pub password: Option<u64>,
    /// What the visitor is after.
    pub aim: Aim,
}

#[cfg(test)]
mod tests {
    use super::*;

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
}
