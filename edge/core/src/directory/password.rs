//! A change of password, or a new record for the same password.
//!
//! One batch takes the new record and ends the devices that the old one has let in. A
//! sign-in that began with the old record can't finish any more: the statement that
//! writes its device refuses it.

use super::Door;
use super::accounts::Registration;
use super::devices::forget;
use crate::access::confirmed::{Asking, confirmed_after};
use crate::error::Failure;
use crate::ports::{Database, Statement};
use crate::query;
use crate::sign_in;
use crate::store::sql::{devices, directory};
use protocol::accounts::{PasswordFinish, SignUpStarted};
use protocol::ids::DeviceId;
use protocol::opaque::Message;
use protocol::problem::Problem;
use serde::Deserialize;

/// The first step: begins a registration.
///
/// 1. 403 `not_for_tokens`, 403 `confirm_password`.
/// 2. 503 `sign_in_unavailable`, 400 `bad_sign_in_message`.
///
/// # Errors
/// Those of the steps, and failures of the database.
pub async fn start<D: Database>(
    door: &Door<'_, D>,
    asking: &Asking<'_>,
    message: &Message,
) -> Result<SignUpStarted, Failure> {
    // 1
    asking.check_confirmed(door.now)?;
    // 2
    door.keys.check(door.db, door.now).await?;
    Registration::start(door, message)
}

#[derive(Deserialize)]
struct EndedDevice {
    id: DeviceId,
}

/// The second step: from now on the new record counts, and every other device and token
/// of the user ends, except those that are kept. Returns which have ended.
///
/// 1. 403 `not_for_tokens`, 403 `confirm_password`.
/// 2. 503 `sign_in_unavailable`, 400 `bad_sign_in_message`.
/// 3. 401 `session_ended` if this device was ended meanwhile.
///
/// # Errors
/// Those of the steps, and failures of the database.
pub async fn finish<D: Database>(
    door: &Door<'_, D>,
    asking: &Asking<'_>,
    body: &PasswordFinish,
) -> Result<Vec<DeviceId>, Failure> {
    // 1
    asking.check_confirmed(door.now)?;
    // 2
    door.keys.check(door.db, door.now).await?;
    let registration = Registration::parse(door, Some(&body.registration))?;
    let record = data_encoding::HEXLOWER.encode(&sign_in::record(&body.message)?);
    // 3
    let put = Statement::new(directory::PUT_RECORD)
        .id(asking.user)
        .bind(record.as_str());
    let put = registration
        .bound_to(put)
        .id(asking.device.id)
        .bind(confirmed_after(door.now));
    let mut others = None;
    if !body.keep_all {
        let mut kept = body.keep.clone();
        kept.push(asking.device.id);
        let revoke = Statement::new(devices::REVOKE_OTHERS)
            .id(asking.user)
            .bind(door.now)
            .bind(serde_json::to_string(&kept)?)
            .bind(record.as_str());
        let unconfirm = Statement::new(devices::UNCONFIRM_OTHERS)
            .id(asking.user)
            .id(asking.device.id)
            .bind(record.as_str());
        others = Some((revoke.rows::<EndedDevice>(), unconfirm));
    }
    let end = Statement::new(directory::END_ATTEMPTS).id(asking.user);
    let (put, others, ()) = query::all(door.db, (put.changes(), others, end)).await?;
    if put? == 0 {
        return Err(Problem::SessionEnded.into());
    }
    let Some((ended, ())) = others else {
        return Ok(Vec::new());
    };
    let ended: Vec<DeviceId> = ended?.into_iter().map(|ended| ended.id).collect();
    door.db.run(forget(asking.user, &ended)?).await?;
    Ok(ended)
}
