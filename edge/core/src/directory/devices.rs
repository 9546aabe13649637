//! Devices and access tokens: how many there may be, until when they get in, and what
//! they may do.

use super::Door;
use super::accounts::{self, Proven};
use crate::access::confirmed::{Asking, check_person, confirmed_after};
use crate::error::Failure;
use crate::labels::device_name;
use crate::ports::{Database, Statement};
use crate::random;
use crate::store::rows::DeviceRow;
use crate::store::sql::{devices, directory};
use blocks::hash::BlockHash;
use protocol::accounts::NewDevice;
use protocol::devices::{Device, DeviceChange, DeviceKind, NewAccessToken, Scope};
use protocol::ids::{DeviceId, UnixMillis, UserId};
use protocol::limits::{
    DEFAULT_TOKEN_DAYS, MAX_DEVICES_PER_USER, MAX_TOKEN_DAYS, SESSION_IDLE_MILLIS, SESSION_MILLIS,
};
use protocol::problem::Problem;
use serde::Deserialize;

const DAY_MILLIS: u64 = 24 * 60 * 60 * 1_000;

fn seen_after(now: UnixMillis) -> UnixMillis {
    now.saturating_sub(SESSION_IDLE_MILLIS)
}

/// A device that has come in.
#[derive(Clone, Debug)]
pub struct Put {
    /// The device.
    pub device: Device,
    /// The device that was ended to make room for it.
    pub replaced: Option<DeviceId>,
}

/// Lets a device in whose user has proven the password. The device keeps the id that it
/// says it had, if that belongs to the user and to a device of the same kind; otherwise
/// it gets a new id. If the user has as many devices as there may be, `replaces` ends
/// first.
///
/// 1. 400 `bad_name`.
/// 2. 403 `account_disabled`: the person has proven to be who they say, so they are told.
///    The guess is taken back.
/// 3. 401 `sign_in_refused` if the password was changed meanwhile, 409
///    `too_many_devices`.
///
/// # Errors
/// Those of the steps, and failures of the database.
pub async fn put<D: Database>(
    door: &Door<'_, D>,
    proven: &Proven,
    new: &NewDevice,
    token: BlockHash,
    replaces: Option<DeviceId>,
) -> Result<Put, Failure> {
    // 1
    let name = device_name(&new.name)?;
    let kind = match new.kind {
        DeviceKind::Browser => "browser",
        DeviceKind::Program | DeviceKind::Unknown => "program",
    };
    // 2
    let user = proven.user.id;
    if proven.user.is_disabled() {
        accounts::forgive(door, proven).await?;
        return Err(Problem::AccountDisabled.into());
    }
    // 3
    let replaced = match replaces {
        Some(device) if full(door.db, user, door.now).await?.is_some() => {
            let is_over = revoke(door.db, user, device, door.now).await?;
            is_over.then_some(device)
        }
        _ => None,
    };
    let fresh = DeviceId::from_random(random::bytes()?);
    for id in [new.id.unwrap_or(fresh), fresh] {
        let put = Statement::new(devices::PUT_DEVICE)
            .id(id)
            .id(user)
            .bind(kind)
            .bind(name.as_str())
            .id(token)
            .bind(door.now)
            .bind(door.now.saturating_add(SESSION_MILLIS))
            .bind(proven.user.record_version)
            .bind(seen_after(door.now))
            .bind(MAX_DEVICES_PER_USER);
        let device: Option<DeviceRow> = door.db.run(put).await?.first()?;
        if let Some(device) = device.map(Device::from) {
            return Ok(Put { device, replaced });
        }
    }
    if let Some(full) = full(door.db, user, door.now).await? {
        return Err(full.into());
    }
    // Somebody may have shut the person out in between.
    let is_disabled = accounts::is_disabled(door, user).await?;
    Err(match is_disabled {
        true => Problem::AccountDisabled,
        false => Problem::SignInRefused,
    }
    .into())
}

/// Makes an access token. The caller checks that its folder is one of the user's,
/// because the directory knows nothing of spaces.
///
/// 1. 400 `bad_name`, 400 `bad_request`.
/// 2. 403 `not_for_tokens`, 403 `confirm_password`.
/// 3. 409 `too_many_devices`, 401 `session_ended`.
///
/// # Errors
/// Those of the steps, and failures of the database.
pub async fn make_token(
    db: &impl Database,
    asking: &Asking<'_>,
    new: &NewAccessToken,
    token: BlockHash,
    now: UnixMillis,
) -> Result<Device, Failure> {
    // 1
    let name = device_name(&new.name)?;
    let bad = |detail: &str| Problem::BadRequest {
        detail: detail.to_owned(),
    };
    let scope = match (new.scope, new.folder) {
        (Scope::Full, None) => "full",
        (Scope::ReadOnly, None) => "read_only",
        (Scope::Full, Some(_)) => "folder",
        (Scope::ReadOnly, Some(_)) => "folder_read_only",
        (Scope::Unknown, _) => return Err(bad("scope is neither full nor read_only").into()),
    };
    let days = new.days.unwrap_or(DEFAULT_TOKEN_DAYS);
    if days == 0 || days > MAX_TOKEN_DAYS {
        return Err(bad(&format!("days is not from 1 to {MAX_TOKEN_DAYS}")).into());
    }
    // 2
    asking.check_confirmed(now)?;
    // 3
    let insert = Statement::new(devices::INSERT_TOKEN)
        .id(DeviceId::from_random(random::bytes()?))
        .id(asking.user)
        .bind(name)
        .id(token)
        .bind(now)
        .bind(now.saturating_add(days.saturating_mul(DAY_MILLIS)))
        .bind(scope)
        .id(asking.device.id)
        .bind(confirmed_after(now))
        .bind(seen_after(now))
        .bind(MAX_DEVICES_PER_USER)
        .bind(new.folder.map(|id| id.to_string()));
    let device: Option<DeviceRow> = db.run(insert).await?.first()?;
    match device {
        Some(device) => Ok(device.into()),
        None => {
            let full = full(db, asking.user, now).await?;
            Err(full.unwrap_or(Problem::SessionEnded).into())
        }
    }
}

/// Lists the devices that can get in, the oldest first.
///
/// # Errors
/// The database fails.
pub async fn list(
    db: &impl Database,
    user: UserId,
    now: UnixMillis,
) -> Result<Vec<Device>, Failure> {
    let read = Statement::new(devices::OF_USER)
        .id(user)
        .bind(seen_after(now))
        .bind(now);
    let rows = db.run(read).await?;
    let devices: Vec<DeviceRow> = rows.readable(&["id"]);
    Ok(devices.into_iter().map(Device::from).collect())
}

/// Gives a device another name, which it keeps when it signs in again. Of two names at once
/// the later one stays.
///
/// 1. 403 `not_for_tokens`, 400 `bad_name`.
/// 2. 404 `no_such_device`: unknown, another user's, or at its end.
///
/// # Errors
/// Those of the steps, and failures of the database.
pub async fn rename(
    db: &impl Database,
    asking: &Asking<'_>,
    device: DeviceId,
    change: &DeviceChange,
    now: UnixMillis,
) -> Result<Device, Failure> {
    // 1
    check_person(asking.device)?;
    let name = device_name(&change.name)?;
    // 2
    let rename = Statement::new(devices::RENAME)
        .id(device)
        .id(asking.user)
        .bind(name)
        .bind(seen_after(now))
        .bind(now);
    let renamed: Option<DeviceRow> = db.run(rename).await?.first()?;
    Ok(renamed.ok_or(Problem::NoSuchDevice)?.into())
}

/// Ends a device at once, and forgets the places that it has made known. Returns
/// whether there was one to end.
///
/// # Errors
/// The database fails.
pub async fn revoke(
    db: &impl Database,
    user: UserId,
    device: DeviceId,
    now: UnixMillis,
) -> Result<bool, Failure> {
    let revoke = revocation(user, device, now);
    let done = db.batch(vec![revoke, forget(user, &[device])?]).await?;
    Ok(done.first().is_some_and(|revoked| revoked.changes > 0))
}

/// The statement that forgets the places that these devices have made known.
///
/// # Errors
/// The list can't be written as JSON.
pub fn forget(user: UserId, devices: &[DeviceId]) -> Result<Statement, Failure> {
    Ok(Statement::new(directory::FORGET_PLACES)
        .id(user)
        .bind(serde_json::to_string(devices)?))
}

/// Ends the device that asks. Its browser stays known.
///
/// # Errors
/// The database fails.
pub async fn sign_out(
    db: &impl Database,
    user: UserId,
    device: DeviceId,
    now: UnixMillis,
) -> Result<(), Failure> {
    db.run(revocation(user, device, now)).await?;
    Ok(())
}

fn revocation(user: UserId, device: DeviceId, now: UnixMillis) -> Statement {
    Statement::new(devices::REVOKE)
        .id(device)
        .id(user)
        .bind(now)
}

#[derive(Deserialize)]
struct Oldest {
    #[serde(flatten)]
    device: DeviceRow,
    of: u64,
}

async fn full(
    db: &impl Database,
    user: UserId,
    now: UnixMillis,
) -> Result<Option<Problem>, Failure> {
    let read = Statement::new(devices::OLDEST_OF_USER)
        .id(user)
        .bind(seen_after(now))
        .bind(now);
    let oldest: Option<Oldest> = db.run(read).await?.first()?;
    let oldest = oldest.filter(|oldest| oldest.of >= MAX_DEVICES_PER_USER);
    Ok(oldest.map(|oldest| Problem::TooManyDevices {
        limit: MAX_DEVICES_PER_USER,
        oldest: Some(Box::new(oldest.device.into())),
    }))
}
