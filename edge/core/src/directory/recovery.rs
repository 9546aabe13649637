//! Recovery codes: a set of them, and a new password for whoever has one.
//!
//! One batch takes the new record, ends every device that the old one has let in, and uses
//! the code up. Each of its statements asks for the code, which the last one removes: a
//! repeat finds no code, and changes nothing.

use super::Door;
use super::accounts::{self, Account, Proven, Registration};
use super::devices::forget;
use super::guesses::{self, RequestSource, Try};
use crate::access::confirmed::{Asking, check_person, confirmed_after};
use crate::error::{Failure, bad_request};
use crate::labels::UserName;
use crate::ports::{Database, Statement};
use crate::query;
use crate::random;
use crate::sign_in;
use crate::store::sql::{audit, directory, recovery};
use crate::store::stand_ins::nearest_or_null;
use protocol::accounts::SignUpStarted;
use protocol::ids::{DeviceId, UnixMillis, UserId};
use protocol::limits::RECOVERY_CODES;
use protocol::opaque::Message;
use protocol::problem::Problem;
use protocol::recovery::{NewRecoveryCodes, RecoverFinish, RecoveryCode, RecoveryCodes};
use serde::Deserialize;
use std::collections::BTreeSet;

#[derive(Deserialize)]
struct SetRow {
    version: u64,
    #[serde(deserialize_with = "nearest_or_null")]
    made_at: Option<UnixMillis>,
    codes_left: u64,
}

impl From<SetRow> for RecoveryCodes {
    fn from(row: SetRow) -> Self {
        Self {
            version: row.version,
            left: row.codes_left,
            made_at_ms: row.made_at,
        }
    }
}

#[derive(Deserialize)]
struct EndedDevice {
    id: DeviceId,
}

/// How many codes a person has left.
///
/// # Errors
/// 403 `not_for_tokens`, or the database fails.
pub async fn codes(db: &impl Database, asking: &Asking<'_>) -> Result<RecoveryCodes, Failure> {
    check_person(asking.device)?;
    let set = query::one(db, set_of(asking.user)).await?;
    Ok(set.ok_or(Problem::SessionEnded)?.into())
}

fn set_of(user: UserId) -> query::Query<Option<SetRow>> {
    Statement::new(recovery::OF_USER).id(user).first()
}

/// Takes a new set in place of the one that there is, all of it or nothing.
///
/// 1. 403 `not_for_tokens`, 403 `confirm_password`.
/// 2. 400 `bad_request`: not as many hashes as a set has, or one twice.
/// 3. 429 after too many sets.
/// 4. 401 `session_ended` if this device was ended meanwhile; 409 `recovery_codes_changed`
///    if there is another set than the one that was seen, unless this very request made it.
///
/// # Errors
/// Those of the steps, and failures of the database.
pub async fn make(
    db: &impl Database,
    asking: &Asking<'_>,
    new: &NewRecoveryCodes,
    now: UnixMillis,
) -> Result<RecoveryCodes, Failure> {
    // 1
    asking.check_confirmed(now)?;
    // 2
    let hashes: BTreeSet<String> = new.hashes.iter().map(ToString::to_string).collect();
    if new.hashes.len() != RECOVERY_CODES || hashes.len() != RECOVERY_CODES {
        let detail = format!("hashes are not those of {RECOVERY_CODES} codes");
        return Err(bad_request(detail));
    }
    // 3
    guesses::count_codes(db, asking.user, now).await?;
    // 4
    let hashes = serde_json::to_string(&hashes)?;
    let about = |sql| {
        Statement::new(sql)
            .id(asking.user)
            .bind(new.base_version)
            .id(asking.device.id)
            .bind(confirmed_after(now))
    };
    let is_there = Statement::new(recovery::ANY_OF)
        .id(asking.user)
        .bind(hashes.as_str());
    let batch = (
        about(recovery::END_SET).changes(),
        about(recovery::INSERT_SET).bind(hashes).changes(),
        about(recovery::COUNT_SET).bind(now).changes(),
        is_there.any(),
        set_of(asking.user),
    );
    let (_, _, made, is_there, set) = query::all(db, batch).await?;
    let set = set?.ok_or(Problem::SessionEnded)?;
    let is_made = made? > 0;
    let is_repeat = is_there? && set.version == new.base_version.saturating_add(1);
    match is_made || is_repeat {
        true => Ok(set.into()),
        // Nothing but the device can be what has changed.
        false if set.version == new.base_version => Err(Problem::SessionEnded.into()),
        false => Err(Problem::RecoveryCodesChanged.into()),
    }
}

/// The first step of a recovery, whoever asks: begins a registration, and tries no code.
///
/// 1. 503 `sign_in_unavailable`, 400 `bad_sign_in_message`.
///
/// # Errors
/// Those of the step, and failures of the database.
pub async fn start<D: Database>(
    door: &Door<'_, D>,
    message: &Message,
) -> Result<SignUpStarted, Failure> {
    // 1
    door.keys.check(door.db, door.now).await?;
    Registration::start(door, message)
}

/// A person who is in again.
pub struct Recovered {
    /// Whoever has proven to be the person, for the device that comes in.
    pub proven: Proven,
    /// What has ended.
    pub ended: Vec<DeviceId>,
}

/// The second step: from now on the new record counts, every device and token of the user
/// ends, and the code is used up. A name that nobody has is answered as a wrong code, after
/// the same steps.
///
/// 1. 503 `sign_in_unavailable`, 400 `bad_sign_in_message`.
/// 2. 429 after too many attempts.
/// 3. 401 `recovery_refused`: there is no such name, or the code is none of its codes, or
///    not any more.
///
/// # Errors
/// Those of the steps, and failures of the database.
pub async fn finish<D: Database>(
    door: &Door<'_, D>,
    name: &UserName,
    source: &RequestSource,
    body: &RecoverFinish,
) -> Result<Recovered, Failure> {
    // 1
    door.keys.check(door.db, door.now).await?;
    let registration = Registration::parse(door, Some(&body.registration))?;
    let record = data_encoding::HEXLOWER.encode(&sign_in::record(&body.message)?);
    // 2
    let counted = guesses::count(door, Try::Recovery, &name.key(), source).await?;
    // 3
    let find = Statement::new(directory::USER_BY_NAME).bind(name.key());
    let user: Option<Account> = door.db.run(find).await?.first()?;
    let user = user.filter(|user| user.lasts_at(door.now));
    let nobody = UserId::from_random(random::bytes()?);
    let user = user.map_or(nobody, |user| user.id);
    // A text that is no code is as wrong as a code that nobody has.
    let code = body.code.parse();
    let code = code.unwrap_or(RecoveryCode::from_random(random::bytes()?));
    let hash = code.hash_for(user);
    let put = Statement::new(recovery::PUT_RECORD).id(user).bind(record);
    let put = registration.bound_to(put).id(hash);
    let revoke = Statement::new(recovery::REVOKE_ALL)
        .id(user)
        .bind(door.now)
        .id(hash);
    let end = Statement::new(directory::END_ATTEMPTS).id(user);
    let take = Statement::new(recovery::USE).id(user).id(hash);
    let told = Statement::new(audit::RECOVERED).id(user).bind(door.now);
    let batch = (
        told.id(hash),
        put.changes(),
        revoke.rows::<EndedDevice>(),
        end,
        take.changes(),
    );
    let ((), put, ended, (), used) = query::all(door.db, batch).await?;
    if put? == 0 || used? == 0 {
        return Err(Problem::RecoveryRefused.into());
    }
    let ended: Vec<DeviceId> = ended?.into_iter().map(|ended| ended.id).collect();
    door.db.run(forget(user, &ended)?).await?;
    let forgive = guesses::forgive(&serde_json::to_string(&counted)?);
    let proven = accounts::proven_anew(door, user, forgive).await?;
    Ok(Recovered { proven, ended })
}
