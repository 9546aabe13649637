//! Devices: listed, revoked, signed out.

use crate::answer;
use crate::auth::{self, Token, cleared_cookie};
use crate::call::Call;
use crate::error::Failure;
use crate::labels::device_name;
use crate::ports::{Database, DbError, Statement};
use crate::random;
use crate::store::rows::DeviceRow;
use crate::store::sql::directory;
use shared::ids::{DeviceId, UserId};
use shared::limits::SESSION_IDLE_MILLIS;
use shared::protocol::accounts::NewDevice;
use shared::protocol::devices::{Device, DeviceKind, Devices};
use shared::protocol::notifications::Drop;
use shared::protocol::problem::Problem;
use worker::Response;

/// `GET /devices`: 200 with those that can still get in.
pub async fn list(call: &mut Call) -> Result<Response, Failure> {
    let who = auth::signed_in(call).await?;
    let oldest = call.now().saturating_sub(SESSION_IDLE_MILLIS);
    let read = Statement::new(directory::DEVICES_OF_USER)
        .id(who.user)
        .bind(oldest);
    let rows = call.directory()?.run(read).await?;
    let devices: Vec<DeviceRow> = rows.readable(&["id"]);
    let devices = devices.into_iter().map(Device::from).collect();
    answer::json(&Devices { devices })
}

/// `DELETE /devices/{id}`: 204; from the next request on, the device is out.
///
/// 1. 404 `no_such_device`: unknown, another user's, or revoked already.
/// 2. Ends the device's poll.
pub async fn revoke(call: &mut Call, device: DeviceId) -> Result<Response, Failure> {
    let who = auth::signed_in(call).await?;
    // 1
    if !end(call, who.user, device).await? {
        return Err(Problem::NoSuchDevice.into());
    }
    Ok(answer::no_content())
}

/// `POST /accounts/sign-out`: revokes the device that asks; 204.
pub async fn sign_out(call: &mut Call) -> Result<Response, Failure> {
    let who = auth::signed_in(call).await?;
    end(call, who.user, who.device.id).await?;
    let mut response = answer::no_content();
    response
        .headers_mut()
        .set("set-cookie", &cleared_cookie())?;
    Ok(response)
}

async fn end(call: &Call, user: UserId, device: DeviceId) -> Result<bool, Failure> {
    let revoke = Statement::new(directory::REVOKE_DEVICE)
        .id(device)
        .id(user)
        .bind(call.now());
    let revoked = call.directory()?.run(revoke).await?.changes > 0;
    if revoked {
        call.notify_later("/drop", &Drop { user, device })?;
    }
    Ok(revoked)
}

/// Lets a device in: it keeps the id that it says it had, if that is the
/// user's and of the same kind, and gets a new one otherwise.
pub async fn put_device(
    call: &Call,
    user: UserId,
    new: &NewDevice,
    token: &Token,
) -> Result<Device, Failure> {
    let name = device_name(&new.name)?;
    let kind = match new.kind {
        DeviceKind::Browser => "browser",
        DeviceKind::Program | DeviceKind::Unknown => "program",
    };
    let directory = call.directory()?;
    let fresh = DeviceId::from_random(random::bytes()?);
    for id in [new.id.unwrap_or(fresh), fresh] {
        let put = Statement::new(directory::PUT_DEVICE)
            .id(id)
            .id(user)
            .bind(kind)
            .bind(name.as_str())
            .id(token.hash())
            .bind(call.now());
        let device: Option<DeviceRow> = directory.run(put).await?.first()?;
        if let Some(device) = device {
            return Ok(device.into());
        }
    }
    Err(DbError::Fault("a device was not written".into()).into())
}
