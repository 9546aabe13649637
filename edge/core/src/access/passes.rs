//! What a visitor of a link shows: a pass, once the password was given, and a ticket for
//! the rest of a download that was counted. Both are codes under the server's secret, so
//! no row is kept of them. After another secret has taken over, passwords are given again.

use crate::digits;
use blocks::hash::BlockHash;
use protocol::headers::PASS_COOKIE;
use protocol::ids::{ItemId, UnixMillis, Version};
use protocol::limits::PASS_MILLIS;
use protocol::links::{LinkKey, Pass};

const CONTEXT: &str = "driftless 2026 passes of links";
/// How long one download may take.
const TICKET_MILLIS: u64 = 24 * 60 * 60 * 1_000;

/// Gives passes and tickets for one link, and knows them again.
pub struct PassBook {
    key: [u8; 32],
    link: LinkKey,
}

impl PassBook {
    /// The book of a server with this secret.
    pub fn new(secret: &[u8], link: LinkKey) -> Self {
        let key = blake3::derive_key(CONTEXT, secret);
        Self { key, link }
    }

    /// A pass for whoever has given the password of this number now.
    pub fn give(&self, password: u64, now: UnixMillis) -> Pass {
        let until_ms = now.saturating_add(PASS_MILLIS);
        let code = self
            .code(&format!("password {password}"), until_ms)
            .to_hex();
        Pass {
            pass: format!("{password}.{until_ms}.{code}"),
            until_ms,
        }
    }

    /// The number of the password that a pass is for; `None` if it is no pass of this link,
    /// or not any more.
    pub fn password(&self, pass: &str, now: UnixMillis) -> Option<u64> {
        let (password, rest) = pass.split_once('.')?;
        let password = digits::parse(password)?;
        let is_good = self.holds(&format!("password {password}"), rest, now);
        is_good.then_some(password)
    }

    /// A ticket for the rest of a version.
    pub fn ticket(&self, file: ItemId, version: Version, now: UnixMillis) -> String {
        let until = now.saturating_add(TICKET_MILLIS);
        let code = self.code(&format!("version {file} {version}"), until);
        format!("{until}.{}", code.to_hex())
    }

    /// Whether a ticket is for this.
    pub fn takes(&self, ticket: &str, file: ItemId, version: Version, now: UnixMillis) -> bool {
        self.holds(&format!("version {file} {version}"), ticket, now)
    }

    fn holds(&self, what: &str, text: &str, now: UnixMillis) -> bool {
        let shown = text.split_once('.').and_then(|(until, code)| {
            let until = digits::parse(until)?;
            Some((until, blake3::Hash::from_hex(code).ok()?))
        });
        // Hashes are compared in constant time.
        shown.is_some_and(|(until, code)| until > now && self.code(what, until) == code)
    }

    /// What it is for stands last, so that the parts can't run into one another.
    fn code(&self, what: &str, until: UnixMillis) -> blake3::Hash {
        let mut hasher = blake3::Hasher::new_keyed(&self.key);
        hasher.update(self.link.to_string().as_bytes());
        hasher.update(&until.to_be_bytes());
        hasher.update(what.as_bytes());
        hasher.finalize()
    }
}

/// The hash by which the key of a link is stored in the directory, and found.
pub fn key_hash(key: LinkKey) -> BlockHash {
    BlockHash::of(format!("link {key}").as_bytes())
}

/// The name of the cookie with the pass for a link.
pub fn cookie_name(key: LinkKey) -> String {
    let hash = key_hash(key).to_string();
    format!("{PASS_COOKIE}{}", hash.get(..16).unwrap_or_default())
}

/// The pass for a link in the header `Cookie`.
pub fn of_cookies(key: LinkKey, cookies: Option<&str>) -> Option<&str> {
    let name = cookie_name(key);
    cookies?.split(';').find_map(|pair| {
        let (other, value) = pair.trim().split_once('=')?;
        (other == name).then_some(value)
    })
}

/// The cookie that keeps a pass where no script can read it.
pub fn cookie(key: LinkKey, pass: &Pass) -> String {
    let (name, pass, seconds) = (cookie_name(key), &pass.pass, PASS_MILLIS / 1_000);
    format!("{name}={pass}; Path=/api/; Secure; HttpOnly; SameSite=Strict; Max-Age={seconds}")
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: UnixMillis = 1_795_392_000_123;

    fn key(n: u8) -> LinkKey {
        LinkKey::from_random([n; 16])
    }

    #[test]
    fn a_pass_is_for_one_link_one_password_and_half_a_day() {
        let book = PassBook::new(b"secret", key(1));
        let pass = book.give(3, NOW);
        assert_eq!(book.password(&pass.pass, NOW), Some(3));
        assert_eq!(book.password(&pass.pass, NOW + PASS_MILLIS - 1), Some(3));
        assert_eq!(book.password(&pass.pass, NOW + PASS_MILLIS), None);
        for other in [
            PassBook::new(b"secret", key(2)),
            PassBook::new(b"other", key(1)),
        ] {
            assert_eq!(other.password(&pass.pass, NOW), None);
        }
        let rest = pass.pass.strip_prefix("3.").unwrap_or_default();
        let (_, code) = rest.split_once('.').unwrap_or_default();
        for forged in [
            String::new(),
            format!("4.{rest}"),
            format!("3.{}.{code}", pass.until_ms + 1),
            format!("3.{}.{}", pass.until_ms, "0".repeat(64)),
            format!("+{}", pass.pass),
            rest.to_owned(),
        ] {
            assert_eq!(book.password(&forged, NOW), None, "{forged}");
        }
    }

    #[test]
    fn a_ticket_is_for_the_rest_of_one_version_and_no_pass() {
        let (book, file) = (
            PassBook::new(b"secret", key(1)),
            ItemId::from_random([7; 16]),
        );
        let ticket = book.ticket(file, 3, NOW);
        assert!(book.takes(&ticket, file, 3, NOW));
        assert!(!book.takes(&ticket, file, 4, NOW));
        assert!(!book.takes(&ticket, ItemId::from_random([8; 16]), 3, NOW));
        assert!(!book.takes(&ticket, file, 3, NOW + TICKET_MILLIS));
        assert!(!PassBook::new(b"secret", key(2)).takes(&ticket, file, 3, NOW));
        assert_eq!(book.password(&format!("3.{ticket}"), NOW), None);
        let pass = book.give(3, NOW).pass;
        let rest = pass.strip_prefix("3.").unwrap_or_default();
        assert!(!book.takes(rest, file, 3, NOW));
    }

    #[test]
    fn the_cookie_of_a_link_is_found_among_others_and_out_of_reach_for_scripts() {
        let pass = PassBook::new(b"secret", key(1)).give(1, NOW);
        let set = cookie(key(1), &pass);
        for rule in [
            "; Path=/api/",
            "; Secure",
            "; HttpOnly",
            "; SameSite=Strict",
        ] {
            assert!(set.contains(rule), "{set}");
        }
        assert!(!set.contains(&key(1).to_string()), "{set}");
        let (pair, _) = set.split_once(';').unwrap_or_default();
        let cookies = format!("a=1; {pair}; b=2");
        assert_eq!(of_cookies(key(1), Some(&cookies)), Some(&*pass.pass));
        assert_eq!(of_cookies(key(2), Some(&cookies)), None);
        assert_eq!(of_cookies(key(1), None), None);
    }
}
