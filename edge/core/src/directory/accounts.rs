//! Sign-up and sign-in, each in two steps, and the password that is given again.

use super::guesses::{self, RequestSource, Try};
use super::keys;
use super::newcomers::Newcomer;
use super::{Door, from_hex};
use crate::access::confirmed::check_person;
use crate::error::Failure;
use crate::labels::UserName;
use crate::log;
use crate::ports::{Database, DbError, Statement};
use crate::query;
use crate::random;
use crate::sign_in::{self, Attempt};
use crate::store::sql::{audit, devices, directory, invites};
use crate::store::stand_ins::nearest_or_null;
use protocol::accounts::{SignInStarted, SignUpStarted};
use protocol::devices::Device;
use protocol::ids::{DeviceId, SpaceId, UnixMillis, UserId};
use protocol::limits::SIGN_IN_MILLIS;
use protocol::opaque::Message;
use protocol::problem::Problem;
use serde::Deserialize;

/// An account as it is stored.
#[derive(Clone, Debug, Deserialize)]
pub struct Account {
    /// The user's id.
    pub id: UserId,
    /// The user's name as they write it.
    pub name: String,
    /// The space that the user has.
    pub home_space: SpaceId,
    /// OPAQUE's record, in hexadecimal.
    record: String,
    /// The fingerprint of the keys of the record, if that is known.
    sign_in_key: Option<String>,
    /// OPAQUE's identifier; the name's key where there is none.
    credential: Option<String>,
    /// Counts the records of the account: a device signs in only against the newest one.
    pub record_version: u64,
    /// When the account ends, if its person has ended it.
    #[serde(default, deserialize_with = "nearest_or_null")]
    ends_at: Option<UnixMillis>,
    /// Since when an administrator has shut the person out.
    #[serde(default, deserialize_with = "nearest_or_null")]
    disabled_at: Option<UnixMillis>,
    is_admin: u8,
}

impl Account {
    /// Whether the person administers this server.
    pub fn is_administrator(&self) -> bool {
        self.is_admin != 0
    }

    /// Whether an administrator has shut the person out.
    pub(super) fn is_disabled(&self) -> bool {
        self.disabled_at.is_some()
    }

    /// Whether it has not ended. One that has is to everybody as if it never was.
    pub(super) fn lasts_at(&self, now: UnixMillis) -> bool {
        self.ends_at.is_none_or(|end| end > now)
    }
}

/// A sign-in whose password was proven.
#[derive(Clone, Debug)]
pub struct Proven {
    /// The account that was signed in to.
    pub user: Account,
    /// Whether the record needs keys that the operator is about to give up.
    pub renew_record: bool,
    /// The statement that takes the guess back.
    forgive: Statement,
}

impl Proven {
    fn of<D: Database>(door: &Door<'_, D>, user: Account, forgive: Statement) -> Self {
        let current = door.keys.current().fingerprint();
        let key = user.sign_in_key.as_ref();
        Self {
            renew_record: key.is_some_and(|key| *key != current),
            user,
            forgive,
        }
    }
}

/// A registration between its two steps: the keys that it was begun with, and OPAQUE's
/// identifier for it. The client sends both back; if it sends something else, it makes
/// a record that is of no use to it.
pub struct Registration {
    fingerprint: String,
    credential: String,
}

impl Registration {
    /// Begins a registration. It has an identifier of its own, so its answer says
    /// nothing of a record that is there already.
    ///
    /// # Errors
    /// 400 `bad_sign_in_message`.
    pub fn start<D: Database>(
        door: &Door<'_, D>,
        message: &Message,
    ) -> Result<SignUpStarted, Failure> {
        let keys = door.keys.current();
        let credential = data_encoding::HEXLOWER.encode(&random::bytes::<32>()?);
        let message = keys.start_registration(&Self::identifier(&credential), message)?;
        let fingerprint = keys.fingerprint();
        Ok(SignUpStarted {
            message,
            registration: Some(format!("{fingerprint}.{credential}")),
        })
    }

    /// Reads what a client sends back.
    ///
    /// # Errors
    /// 400 `bad_sign_in_message`: the text is no registration, or its keys are not
    /// configured any more.
    pub fn parse<D: Database>(door: &Door<'_, D>, text: Option<&str>) -> Result<Self, Failure> {
        let parts = text.and_then(|text| text.split_once('.'));
        let (fingerprint, credential) = parts.ok_or(Problem::BadSignInMessage)?;
        let is_ours = door.keys.by_fingerprint(fingerprint).is_some();
        let bytes = data_encoding::HEXLOWER.decode(credential.as_bytes());
        if !is_ours || bytes.map_or(0, |bytes| bytes.len()) != 32 {
            return Err(Problem::BadSignInMessage.into());
        }
        Ok(Self {
            fingerprint: fingerprint.to_owned(),
            credential: Self::identifier(credential),
        })
    }

    /// This is longer than a name can be, so it can't be the identifier of an older
    /// record.
    fn identifier(credential: &str) -> String {
        format!("registration {credential}")
    }

    /// The fingerprint of its keys, and OPAQUE's identifier.
    pub fn parts(self) -> (String, String) {
        (self.fingerprint, self.credential)
    }

    /// Adds what the record's row says of the registration: its keys and its
    /// identifier.
    pub fn bound_to(&self, statement: Statement) -> Statement {
        statement
            .bind(self.fingerprint.as_str())
            .bind(self.credential.as_str())
    }
}

/// The first step of a sign-up, whether the name is free or not.
///
/// 1. 503 `sign_in_unavailable` if the accounts need other keys.
/// 2. See [`Newcomer::check`].
/// 3. 429 after too many attempts.
/// 4. 400 `bad_sign_in_message`.
///
/// # Errors
/// Those of the steps, and failures of the database.
pub async fn start_sign_up<D: Database>(
    door: &Door<'_, D>,
    newcomer: &Newcomer<'_>,
    source: &RequestSource,
    message: &Message,
) -> Result<SignUpStarted, Failure> {
    // 1
    door.keys.check(door.db, door.now).await?;
    // 2
    newcomer.check(door.db, door.now).await?;
    // 3
    guesses::count(door, Try::SignUp, &newcomer.name.key(), source).await?;
    // 4
    Registration::start(door, message)
}

/// The second step of a sign-up, until there is a user with a name that was free.
/// `make_space` makes the user's space first: a user without a space could do nothing,
/// but a space without a user is only a row that nobody reaches. An invitation is used up by
/// the batch that makes the user: of two people with one, one is made.
///
/// 1. 503 `sign_in_unavailable`, 400 `bad_sign_in_message`.
/// 2. See [`Newcomer::check`].
/// 3. 409 `user_name_taken`.
///
/// # Errors
/// Those of the steps, and failures of the database.
pub async fn finish_sign_up<D: Database>(
    door: &Door<'_, D>,
    newcomer: &Newcomer<'_>,
    source: &RequestSource,
    (registration, message): (Option<&str>, &Message),
    make_space: impl AsyncFnOnce(SpaceId) -> Result<(), Failure>,
) -> Result<Proven, Failure> {
    // 1
    door.keys.check(door.db, door.now).await?;
    let registration = Registration::parse(door, registration)?;
    let record = sign_in::record(message)?;
    // 2
    newcomer.check(door.db, door.now).await?;
    // 3
    let name = newcomer.name;
    let find = Statement::new(directory::USER_BY_NAME).bind(name.key());
    if !door.db.run(find).await?.rows.is_empty() {
        return Err(Problem::UserNameTaken.into());
    }
    let id = UserId::from_random(random::bytes()?);
    let home_space = SpaceId::from_random(random::bytes()?);
    make_space(home_space).await?;
    let insert = Statement::new(directory::INSERT_USER)
        .id(id)
        .bind(name.as_str())
        .bind(name.key())
        .id(home_space)
        .bind(data_encoding::HEXLOWER.encode(&record))
        .bind(door.now);
    let insert = newcomer.bound_to(registration.bound_to(insert));
    let invite = newcomer.invite_hash();
    let batch = (
        insert.changes(),
        Statement::new(audit::SIGNED_UP).id(id).bind(door.now),
        Statement::new(invites::AUDIT_USED)
            .bind(invite.clone())
            .bind(door.now)
            .id(id),
        Statement::new(invites::USE).bind(invite).id(id),
    );
    let inserted = query::all(door.db, batch).await;
    let (inserted, ..) = inserted.map_err(|failed| match failed {
        DbError::Constraint(_) => Problem::UserNameTaken.into(),
        other => Failure::from(other),
    })?;
    if inserted? == 0 {
        // Somebody has used the invitation, or an administrator has closed the door.
        newcomer.check(door.db, door.now).await?;
        return Err(Problem::Unavailable.into());
    }
    let counted = guesses::counted_for_sign_up(door, &name.key(), source);
    Ok(Proven {
        user: user(door, id).await?.ok_or(Problem::SignInRefused)?,
        renew_record: false,
        forgive: guesses::forgive(&serde_json::to_string(&counted)?),
    })
}

/// The first step of a sign-in, whether there is such a user or not, after the
/// same steps and with the same work.
///
/// 1. 503 `sign_in_unavailable` if the accounts need other keys.
/// 2. 429 after too many attempts.
/// 3. 400 `bad_sign_in_message`.
///
/// # Errors
/// Those of the steps, and failures of the database.
pub async fn start_sign_in<D: Database>(
    door: &Door<'_, D>,
    name: &UserName,
    source: &RequestSource,
    message: &Message,
) -> Result<SignInStarted, Failure> {
    // 1
    door.keys.check(door.db, door.now).await?;
    // 2
    let counted = guesses::count(door, Try::SignIn, &name.key(), source).await?;
    // 3
    let find = Statement::new(directory::USER_BY_NAME).bind(name.key());
    let user: Option<Account> = door.db.run(find).await?.first()?;
    let user = user.filter(|user| user.lasts_at(door.now));
    // A record is of no use if its keys are not configured. The answer is the same as
    // if there were no record, so that only the operator is told whose it is.
    let user = user.filter(|user| match &user.sign_in_key {
        Some(key) if door.keys.by_fingerprint(key).is_none() => {
            log::fault(format_args!(
                "the account {} can't sign in: its record needs the keys {key}, whose secret is \
                 not configured any more. Set that one as SIGN_IN_SECRET_PREVIOUS",
                user.id
            ));
            false
        }
        _ => true,
    });
    let (keys, tried) = match &user {
        None => (door.keys.current(), None),
        Some(user) => match user.sign_in_key.as_deref() {
            Some(key) => (
                door.keys.by_fingerprint(key).unwrap_or(door.keys.current()),
                None,
            ),
            None => {
                let keys = door.keys.oldest();
                (keys, Some(keys.fingerprint()))
            }
        },
    };
    let record = user
        .as_ref()
        .map(|user| from_hex(&user.record))
        .transpose()?;
    let credential = user.as_ref().and_then(|user| user.credential.clone());
    let credential = credential.unwrap_or_else(|| name.key());
    let (message, state) = keys.start(&credential, record.as_deref(), message)?;
    let attempt = Attempt::new()?;
    let insert = Statement::new(directory::INSERT_ATTEMPT)
        .id(attempt.hash())
        .bind(user.as_ref().map(|user| user.id.to_string()))
        .bind(data_encoding::HEXLOWER.encode(&attempt.seal(&state)))
        .bind(door.now.saturating_add(SIGN_IN_MILLIS))
        .bind(user.map_or(0, |user| user.record_version))
        .bind(tried)
        .bind(serde_json::to_string(&counted)?);
    let sweep = Statement::new(directory::SWEEP_ATTEMPTS).bind(door.now);
    door.db.batch(vec![sweep, insert]).await?;
    let attempt = attempt.to_string();
    Ok(SignInStarted { attempt, message })
}

#[derive(Deserialize)]
struct AttemptRow {
    user: Option<UserId>,
    /// OPAQUE's state, sealed and in hexadecimal.
    state: String,
    expires_at: UnixMillis,
    record_version: u64,
    tried_key: Option<String>,
    counted: String,
}

/// The second step of a sign-in, until the password is proven.
///
/// 1. Takes the attempt: 401 `sign_in_refused` if it is unknown, used, or more than a
///    minute old.
/// 2. 401 `sign_in_refused` if the password is not proven or was changed meanwhile; 400
///    `bad_sign_in_message`.
/// 3. Writes down which keys the record needs, if that was unknown.
///
/// # Errors
/// Those of the steps, and failures of the database.
pub async fn finish_sign_in<D: Database>(
    door: &Door<'_, D>,
    attempt: &str,
    message: &Message,
) -> Result<Proven, Failure> {
    // 1
    let attempt = Attempt::parse(attempt).ok_or(Problem::SignInRefused)?;
    let take = Statement::new(directory::TAKE_ATTEMPT).id(attempt.hash());
    let row: Option<AttemptRow> = door.db.run(take).await?.first()?;
    let row = row.filter(|row| row.expires_at >= door.now);
    let row = row.ok_or(Problem::SignInRefused)?;
    // 2
    let state = attempt.seal(&from_hex(&row.state)?);
    let is_proven = sign_in::proves(&state, message)?;
    let id = row.user.filter(|_| is_proven);
    let id = id.ok_or(Problem::SignInRefused)?;
    let user = user(door, id).await?;
    let user = user.filter(|user| user.record_version == row.record_version);
    let user = user.filter(|user| user.lasts_at(door.now));
    let mut user = user.ok_or(Problem::SignInRefused)?;
    // 3
    if let Some(key) = row.tried_key {
        keys::prove(door.db, id, &key, door.now).await?;
        user.sign_in_key = Some(key);
    }
    Ok(Proven::of(door, user, guesses::forgive(&row.counted)))
}

/// A sign-in of somebody who has just made a new record without the old password.
///
/// # Errors
/// 401 `sign_in_refused` if the user is gone, and failures of the database.
pub(super) async fn proven_anew<D: Database>(
    door: &Door<'_, D>,
    id: UserId,
    forgive: Statement,
) -> Result<Proven, Failure> {
    let user = user(door, id).await?.ok_or(Problem::SignInRefused)?;
    Ok(Proven::of(door, user, forgive))
}

/// Confirms a device that is signed in, because its user has given the password again.
///
/// 1. 403 `not_for_tokens`.
/// 2. As [`finish_sign_in`]: 401 `sign_in_refused` also for another user's password.
///
/// # Errors
/// Those of the steps, and failures of the database.
pub async fn confirm<D: Database>(
    door: &Door<'_, D>,
    (user, device): (UserId, &Device),
    source: &RequestSource,
    attempt: &str,
    message: &Message,
) -> Result<(), Failure> {
    // 1
    check_person(device)?;
    // 2
    let proven = finish_sign_in(door, attempt, message).await?;
    if proven.user.id != user {
        return Err(Problem::SignInRefused.into());
    }
    let confirm = Statement::new(devices::CONFIRM)
        .id(device.id)
        .id(user)
        .bind(door.now)
        .bind(proven.user.record_version);
    if door.db.run(confirm).await?.changes == 0 {
        return Err(Problem::SignInRefused.into());
    }
    settle(door, proven, device.id, source).await
}

/// Takes the guess back and makes the place known, after a device has come in.
///
/// # Errors
/// The database fails.
pub async fn settle<D: Database>(
    door: &Door<'_, D>,
    proven: Proven,
    device: DeviceId,
    source: &RequestSource,
) -> Result<(), Failure> {
    let mut statements = guesses::know(door, proven.user.id, device, source)?;
    statements.push(proven.forgive);
    door.db.batch(statements).await?;
    Ok(())
}

/// Takes the guess back of somebody who has proven the password and does not come in.
///
/// # Errors
/// The database fails.
pub(super) async fn forgive<D: Database>(
    door: &Door<'_, D>,
    proven: &Proven,
) -> Result<(), Failure> {
    door.db.run(proven.forgive.clone()).await?;
    Ok(())
}

/// Whether a person is shut out at this moment.
///
/// # Errors
/// The database fails.
pub(super) async fn is_disabled<D: Database>(
    door: &Door<'_, D>,
    id: UserId,
) -> Result<bool, Failure> {
    Ok(user(door, id).await?.is_some_and(|user| user.is_disabled()))
}

async fn user<D: Database>(door: &Door<'_, D>, id: UserId) -> Result<Option<Account>, Failure> {
    let find = Statement::new(directory::USER_BY_ID).id(id);
    Ok(door.db.run(find).await?.first()?)
}
