//! How often somebody may try. Each `sign-in/start` tests a guess, finished or
//! not, so it is counted when it starts, and taken back when the password was
//! proven. Counts are exact and the same everywhere, which the platform's own
//! limit before them is not.
//!
//! Softly: browsers and networks from which a name has signed in before are
//! counted by themselves, so that nobody locks a person out by guessing. A name
//! that does not exist is counted like one that does.
//!
//! What is counted is stored under hashes that take a key of the server's: the
//! table tells neither names nor addresses.

use super::Door;
use crate::error::Failure;
use crate::ports::{Database, Statement};
use crate::query;
use crate::random;
use crate::store::sql::directory;
use blocks::hash::BlockHash;
use protocol::headers::PLACE_COOKIE;
use protocol::ids::{DeviceId, LinkId, UnixMillis, UserId};
use protocol::limits::{
    GUESS_MILLIS, KNOWN_PLACE_MILLIS, MAX_ACCESS_CHANGES, MAX_ACCOUNT_ENDS, MAX_GUESSES_PER_LINK,
    MAX_GUESSES_PER_LINK_AND_NETWORK, MAX_GUESSES_PER_NAME, MAX_GUESSES_PER_NETWORK,
    MAX_GUESSES_PER_PLACE, MAX_KNOWN_PLACES, MAX_OPENINGS_SAID, MAX_PEOPLE_LOOKED_FOR,
    MAX_RECOVERY_SETS,
};
use protocol::problem::Problem;
use serde::Deserialize;
use std::net::IpAddr;

/// How long a browser keeps the mark, in seconds: 400 days, the most that browsers allow.
const MARK_SECONDS: u64 = 400 * 24 * 60 * 60;

/// What a browser is known by: 256 random bits in a cookie of their own, which
/// stays when a session ends. It lets nobody in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mark(String);

impl Mark {
    /// # Errors
    /// The runtime has no randomness.
    pub fn new() -> Result<Self, Failure> {
        Ok(Self(
            data_encoding::HEXLOWER.encode(&random::bytes::<32>()?),
        ))
    }

    /// Reads the mark from the header `Cookie`; `None` if there is none.
    pub fn of(cookies: Option<&str>) -> Option<Self> {
        cookies?.split(';').find_map(|pair| {
            let (name, value) = pair.trim().split_once('=')?;
            let is_hex = |b: u8| b.is_ascii_digit() || (b'a'..=b'f').contains(&b);
            let is_mark = name == PLACE_COOKIE && value.len() == 64 && value.bytes().all(is_hex);
            is_mark.then(|| Self(value.to_owned()))
        })
    }

    /// The header that gives the mark to a browser.
    pub fn cookie(&self) -> String {
        format!(
            "{PLACE_COOKIE}={}; Path=/; Secure; HttpOnly; SameSite=Strict; Max-Age={MARK_SECONDS}",
            self.0
        )
    }
}

/// Where a request comes from.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct RequestSource {
    /// The network, as [`network`] tells it.
    pub network: String,
    /// The mark that the browser showed, if it has one.
    pub mark: Option<Mark>,
    /// The operator's limit for one network, [`MAX_GUESSES_PER_NETWORK`] if
    /// nothing is set.
    pub most_of_network: Option<u64>,
}

impl RequestSource {
    fn most_of_network(&self) -> u64 {
        self.most_of_network.unwrap_or(MAX_GUESSES_PER_NETWORK)
    }
}

/// What of an address counts as one: an IPv4 address, also one that is written
/// as an IPv6 address, and of other IPv6 addresses the first 64 bits, because
/// whoever has one has all of those.
pub fn network(address: &str) -> String {
    match address.trim().parse::<IpAddr>().map(|ip| ip.to_canonical()) {
        Ok(IpAddr::V4(ip)) => ip.to_string(),
        Ok(IpAddr::V6(ip)) => {
            let [a, b, c, d, ..] = ip.segments();
            format!("{a:x}:{b:x}:{c:x}:{d:x}::/64")
        }
        // The platform always says an address; without one, all are one.
        Err(_) => String::new(),
    }
}

/// What is tried.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Try {
    /// A name and a password for an account that is there.
    SignIn,
    /// A new account.
    SignUp,
    /// A name and one of its recovery codes.
    Recovery,
}

/// Counts an attempt before it is answered, and says under which keys, for
/// [`forgive`].
///
/// # Errors
/// 429 `too_many_requests` where there were too many within an hour.
pub async fn count<D: Database>(
    door: &Door<'_, D>,
    what: Try,
    name_key: &str,
    source: &RequestSource,
) -> Result<Vec<String>, Failure> {
    let limits = match what {
        Try::SignIn => limits_of(door, "sign-in", name_key, source).await?,
        Try::Recovery => limits_of(door, "recovery", name_key, source).await?,
        Try::SignUp => {
            let keys = counted_for_sign_up(door, name_key, source);
            let limits = [MAX_GUESSES_PER_NAME, source.most_of_network()];
            keys.into_iter().zip(limits).collect()
        }
    };
    count_all(door.db, &limits, door.now).await?;
    Ok(limits.into_iter().map(|(key, _)| key).collect())
}

async fn count_all(
    db: &impl Database,
    limits: &[(String, u64)],
    now: UnixMillis,
) -> Result<(), Failure> {
    let counts = limits.iter().map(|(key, at_most)| {
        let end = now.saturating_add(GUESS_MILLIS);
        let count = Statement::new(directory::COUNT_GUESS)
            .bind(key.as_str())
            .bind(now)
            .bind(end)
            .bind(*at_most);
        let end = Statement::new(directory::GUESSES_END).bind(key.as_str());
        (count.any(), end.first::<EndRow>())
    });
    let counts: Vec<_> = counts.collect();
    let mut wait = None;
    for (is_counted, end) in query::all(db, counts).await? {
        if !is_counted? {
            let left = end?.map_or(0, |row| row.ends_at.saturating_sub(now));
            wait = wait.max(Some(left.div_ceil(1_000).max(1)));
        }
    }
    match wait {
        None => Ok(()),
        Some(retry_after_seconds) => Err(Problem::TooManyRequests {
            retry_after_seconds,
        }
        .into()),
    }
}

/// Counts a name that somebody who is signed in looks for.
///
/// # Errors
/// 429 `too_many_requests` where there were too many within an hour.
pub async fn count_person(db: &impl Database, by: UserId, now: UnixMillis) -> Result<(), Failure> {
    // No key: an id is random, and tells no name.
    let key = BlockHash::of(format!("people looked for by {by}").as_bytes()).to_string();
    count_all(db, &[(key, MAX_PEOPLE_LOOKED_FOR)], now).await
}

/// Counts a change of a grant or a link that somebody makes.
///
/// # Errors
/// 429 `too_many_requests` where there were too many within an hour.
pub async fn count_change(db: &impl Database, by: UserId, now: UnixMillis) -> Result<(), Failure> {
    let key = BlockHash::of(format!("access changed by {by}").as_bytes()).to_string();
    count_all(db, &[(key, MAX_ACCESS_CHANGES)], now).await
}

/// Counts that somebody ends their account.
///
/// # Errors
/// 429 `too_many_requests` where they did so too often within an hour.
pub async fn count_end(db: &impl Database, by: UserId, now: UnixMillis) -> Result<(), Failure> {
    let key = BlockHash::of(format!("account ended by {by}").as_bytes()).to_string();
    count_all(db, &[(key, MAX_ACCOUNT_ENDS)], now).await
}

/// Counts that somebody makes a set of recovery codes.
///
/// # Errors
/// 429 `too_many_requests` where they did so too often within an hour.
pub async fn count_codes(db: &impl Database, by: UserId, now: UnixMillis) -> Result<(), Failure> {
    let key = BlockHash::of(format!("recovery codes made by {by}").as_bytes()).to_string();
    count_all(db, &[(key, MAX_RECOVERY_SETS)], now).await
}

/// Counts that somebody says of a file that they have opened or closed it.
///
/// # Errors
/// 429 `too_many_requests` where they said so too often within an hour.
pub async fn count_opening(db: &impl Database, by: UserId, now: UnixMillis) -> Result<(), Failure> {
    let key = BlockHash::of(format!("openings said by {by}").as_bytes()).to_string();
    count_all(db, &[(key, MAX_OPENINGS_SAID)], now).await
}

/// Counts an attempt at the password of a link before it is answered, and says under which
/// keys, for [`forgive`].
///
/// # Errors
/// 429 `too_many_requests` where there were too many within an hour.
pub async fn count_link<D: Database>(
    door: &Door<'_, D>,
    link: LinkId,
    source: &RequestSource,
) -> Result<Vec<String>, Failure> {
    let link = link.to_string();
    let limits = [
        (door.hashed(&["link", &link]), MAX_GUESSES_PER_LINK),
        (
            door.hashed(&["link from", &link, &source.network]),
            MAX_GUESSES_PER_LINK_AND_NETWORK,
        ),
    ];
    count_all(door.db, &limits, door.now).await?;
    Ok(limits.into_iter().map(|(key, _)| key).collect())
}

#[derive(Deserialize)]
struct EndRow {
    ends_at: UnixMillis,
}

#[derive(Deserialize)]
struct PlaceRow {
    key: String,
}

/// The limits of what is tried at an account that is there. `what` has counts of its own for
/// names and places; a network has one for all that it tries.
async fn limits_of<D: Database>(
    door: &Door<'_, D>,
    what: &str,
    name_key: &str,
    source: &RequestSource,
) -> Result<Vec<(String, u64)>, Failure> {
    let places = places(door, source);
    let after = door.now.saturating_sub(KNOWN_PLACE_MILLIS);
    let known = Statement::new(directory::KNOWN_PLACES)
        .bind(name_key)
        .bind(serde_json::to_string(&places)?)
        .bind(after)
        .bind(door.now);
    let known: Vec<PlaceRow> = door.db.run(known).await?.all()?;
    // The mark is first, and says more than a network, which many may share.
    let known = places
        .iter()
        .find(|place| known.iter().any(|row| row.key == **place));
    let network = door.hashed(&["sign-in from", &source.network]);
    Ok(match known {
        Some(place) => {
            let here = door.hashed(&[&format!("{what} at"), name_key, place]);
            let here = (here, MAX_GUESSES_PER_PLACE);
            match source.mark {
                Some(_) if places.first() == Some(place) => vec![here],
                _ => vec![here, (network, source.most_of_network())],
            }
        }
        None => vec![
            (
                door.hashed(&[&format!("{what} of"), name_key]),
                MAX_GUESSES_PER_NAME,
            ),
            (network, source.most_of_network()),
        ],
    })
}

/// What a source can be known by: its mark, then its network.
fn places<D: Database>(door: &Door<'_, D>, source: &RequestSource) -> Vec<String> {
    let mark = source.mark.iter();
    // No key: a mark is random, and stays known when the secret changes.
    let mark = mark.map(|Mark(mark)| BlockHash::of(mark.as_bytes()).to_string());
    let network = door.hashed(&["network", &source.network]);
    mark.chain([network]).collect()
}

/// The statement that takes back what turned out to be no guess. It stays
/// counted if an hour has begun anew in between, which does no harm.
pub fn forgive(counted: &str) -> Statement {
    Statement::new(directory::UNCOUNT_GUESS).bind(counted)
}

/// What a sign-up is counted under: its name, and its network.
pub fn counted_for_sign_up<D: Database>(
    door: &Door<'_, D>,
    name_key: &str,
    source: &RequestSource,
) -> [String; 2] {
    [
        door.hashed(&["sign-up of", name_key]),
        door.hashed(&["sign-up from", &source.network]),
    ]
}

/// The statements that make a source known, because a device has signed in there.
///
/// # Errors
/// A list can't be written as JSON, which does not happen.
pub fn know<D: Database>(
    door: &Door<'_, D>,
    user: UserId,
    device: DeviceId,
    source: &RequestSource,
) -> Result<Vec<Statement>, Failure> {
    let places = serde_json::to_string(&places(door, source))?;
    let know = Statement::new(directory::KNOW_PLACES)
        .id(user)
        .bind(places)
        .id(device)
        .bind(door.now);
    let trim = Statement::new(directory::TRIM_PLACES)
        .id(user)
        .bind(MAX_KNOWN_PLACES);
    Ok(vec![know, trim])
}

impl<D: Database> Door<'_, D> {
    /// A key of the table. Its parts can't run into one another.
    fn hashed(&self, parts: &[&str]) -> String {
        self.keys.hashed(parts)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_network_is_an_address_or_the_first_half_of_one() {
        assert_eq!(network("203.0.113.7"), "203.0.113.7");
        assert_eq!(network("::ffff:203.0.113.7"), "203.0.113.7");
        let home = network("2001:db8:1:2:aaaa::1");
        assert_eq!(home, "2001:db8:1:2::/64");
        assert_eq!(network(" 2001:0DB8:0001:0002:ffff:ffff:ffff:ffff"), home);
        assert_ne!(network("2001:db8:1:3::1"), home);
        assert_eq!(network("nonsense"), network(""));
    }

    #[test]
    fn a_mark_is_read_from_its_own_cookie_only() {
        let hex = "0f".repeat(32);
        let mark = Mark::of(Some(&format!("a=1; {PLACE_COOKIE}={hex}; b=2")));
        assert_eq!(mark, Some(Mark(hex.clone())));
        for cookies in [
            format!("x{PLACE_COOKIE}={hex}"),
            format!("{PLACE_COOKIE}={hex}0"),
            format!("{PLACE_COOKIE}={}", hex.to_uppercase()),
            String::new(),
        ] {
            assert_eq!(Mark::of(Some(&cookies)), None, "{cookies}");
        }
        assert_eq!(Mark::of(None), None);
    }
}
