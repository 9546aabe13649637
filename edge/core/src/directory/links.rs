//! The index by which a visitor's request finds the space of a link, and the passwords of
//! links: registered and proven as those of accounts are, so that the server never has
//! one.

use super::accounts::Registration;
use super::guesses::{self, RequestSource};
use super::{Door, from_hex};
use crate::access::passes::key_hash;
use crate::error::Failure;
use crate::ports::{Database, Statement};
use crate::sign_in::{self, Attempt};
use crate::store::links::PasswordRow;
use crate::store::sql::{directory, link_keys};
use crate::writes::links::NewPassword;
use protocol::accounts::{SignInStarted, SignUpStarted};
use protocol::ids::{ItemId, LinkId, SpaceId, UnixMillis};
use protocol::limits::SIGN_IN_MILLIS;
use protocol::links::{LinkKey, LinkPassword, PassFinish};
use protocol::opaque::Message;
use protocol::problem::Problem;
use serde::Deserialize;

/// Writes down where the item of a link is.
///
/// # Errors
/// The database fails.
pub async fn put(
    db: &impl Database,
    key: LinkKey,
    (space, link, item): (SpaceId, LinkId, ItemId),
    now: UnixMillis,
) -> Result<(), Failure> {
    let put = Statement::new(link_keys::PUT)
        .id(key_hash(key))
        .id(space)
        .id(link)
        .id(item)
        .bind(now);
    db.run(put).await?;
    Ok(())
}

/// Forgets where the item of a link is.
///
/// # Errors
/// The database fails.
pub async fn remove(db: &impl Database, key: LinkKey) -> Result<(), Failure> {
    db.run(Statement::new(link_keys::REMOVE).id(key_hash(key)))
        .await?;
    Ok(())
}

/// Writes down that these links are in another space now.
///
/// # Errors
/// The list can't be written.
pub fn moved(from: SpaceId, to: SpaceId, keys: &[LinkKey]) -> Result<Statement, Failure> {
    let hashes: Vec<_> = keys.iter().map(|key| key_hash(*key)).collect();
    let moved = Statement::new(link_keys::MOVE).id(from).id(to);
    Ok(moved.bind(serde_json::to_string(&hashes)?))
}

/// Forgets where the items of these links are.
///
/// # Errors
/// The list can't be written.
pub fn remove_each(keys: &[LinkKey]) -> Result<Statement, Failure> {
    let hashes: Vec<_> = keys.iter().map(|key| key_hash(*key)).collect();
    let remove = Statement::new(link_keys::REMOVE_EACH);
    Ok(remove.bind(serde_json::to_string(&hashes)?))
}

/// The first step of a password for a link.
///
/// # Errors
/// 503 `sign_in_unavailable`, 400 `bad_sign_in_message`, or the database fails.
pub async fn start_password<D: Database>(
    door: &Door<'_, D>,
    message: &Message,
) -> Result<SignUpStarted, Failure> {
    door.keys.check(door.db, door.now).await?;
    Registration::start(door, message)
}

/// The second step: what is stored of it.
///
/// # Errors
/// 400 `bad_sign_in_message`.
pub fn new_password<D: Database>(
    door: &Door<'_, D>,
    password: &LinkPassword,
) -> Result<NewPassword, Failure> {
    let registration = Registration::parse(door, Some(&password.registration))?;
    let record = sign_in::record(&password.message)?;
    let (sign_in_key, credential) = registration.parts();
    Ok(NewPassword {
        record: data_encoding::HEXLOWER.encode(&record),
        sign_in_key,
        credential,
    })
}

/// The first step of giving a link's password.
///
/// 1. 429 after too many attempts.
/// 2. 503 `sign_in_unavailable` if its record needs other keys; 400
///    `bad_sign_in_message`.
///
/// # Errors
/// These, or the database fails.
pub async fn start_pass<D: Database>(
    door: &Door<'_, D>,
    link: LinkId,
    password: &PasswordRow,
    source: &RequestSource,
    message: &Message,
) -> Result<SignInStarted, Failure> {
    // 1
    let counted = guesses::count_link(door, link, source).await?;
    // 2
    let keys = door.keys.by_fingerprint(&password.sign_in_key);
    let keys = keys.ok_or_else(|| {
        let key = &password.sign_in_key;
        Failure::SignInKeys(format!(
            "the password of the link {link} needs the keys {key}, whose secret is not configured \
             any more. Set that one as SIGN_IN_SECRET_PREVIOUS"
        ))
    })?;
    let record = from_hex(&password.record)?;
    let (message, state) = keys.start(&password.credential, Some(&record), message)?;
    let attempt = Attempt::new()?;
    let insert = Statement::new(link_keys::INSERT_ATTEMPT)
        .id(attempt.hash())
        .id(link)
        .bind(data_encoding::HEXLOWER.encode(&attempt.seal(&state)))
        .bind(door.now.saturating_add(SIGN_IN_MILLIS))
        .bind(password.number)
        .bind(serde_json::to_string(&counted)?);
    let sweep = Statement::new(directory::SWEEP_ATTEMPTS).bind(door.now);
    door.db.batch(vec![sweep, insert]).await?;
    let attempt = attempt.to_string();
    Ok(SignInStarted { attempt, message })
}

#[derive(Deserialize)]
struct AttemptRow {
    /// OPAQUE's state, sealed and in hexadecimal.
    state: String,
    expires_at: UnixMillis,
    record_version: u64,
    counted: String,
}

/// The second step. Returns the number of the password that was proven.
///
/// 1. Takes the attempt: 401 `wrong_password` if it is unknown, used, of another link, or
///    more than a minute old.
/// 2. 401 `wrong_password` if the password is not proven, or is another one by now; 400
///    `bad_sign_in_message`.
///
/// # Errors
/// These, or the database fails.
pub async fn finish_pass<D: Database>(
    door: &Door<'_, D>,
    link: LinkId,
    password: &PasswordRow,
    body: &PassFinish,
) -> Result<u64, Failure> {
    // 1
    let attempt = Attempt::parse(&body.attempt).ok_or(Problem::WrongPassword)?;
    let take = Statement::new(link_keys::TAKE_ATTEMPT)
        .id(attempt.hash())
        .id(link);
    let row: Option<AttemptRow> = door.db.run(take).await?.first()?;
    let row = row.filter(|row| row.expires_at >= door.now);
    let row = row.ok_or(Problem::WrongPassword)?;
    // 2
    let state = attempt.seal(&from_hex(&row.state)?);
    let is_proven = sign_in::proves(&state, &body.message)?;
    if !is_proven || row.record_version != password.number {
        return Err(Problem::WrongPassword.into());
    }
    door.db.run(guesses::forgive(&row.counted)).await?;
    Ok(password.number)
}
