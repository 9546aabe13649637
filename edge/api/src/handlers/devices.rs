//! Devices: listed, revoked, signed out.

use crate::answer;
use crate::auth::{self, cleared_cookie};
use crate::caching::FORGET_ANSWERS;
use crate::call::Call;
use crate::error::Failure;
use driftless_core::access::reach::Use;
use driftless_core::directory::devices;
use protocol::devices::{Device, Devices};
use protocol::ids::{DeviceId, UserId};
use protocol::notifications::Drop;
use protocol::problem::Problem;
use worker::Response;

/// `GET /devices`: 200 with those that can still get in; a token of one folder is told
/// of itself.
pub async fn list(call: &mut Call) -> Result<Response, Failure> {
    let who = auth::signed_in(call, Use::Oneself).await?;
    let devices = devices::list(&call.directory()?, who.user, call.now()).await?;
    let is_told = |device: &Device| who.sees(device);
    let devices = devices.into_iter().filter(is_told).collect();
    answer::json(&Devices { devices })
}

/// `DELETE /devices/{id}`: 204; from the next request on, the device is out.
///
/// 1. Of another device than the one that asks: 403 `not_for_tokens`, 403
///    `confirm_password`.
/// 2. 404 `no_such_device`: unknown, another user's, or revoked already.
/// 3. Ends the device's poll.
pub async fn revoke(call: &mut Call, device: DeviceId) -> Result<Response, Failure> {
    let who = auth::signed_in(call, Use::Oneself).await?;
    // 1
    if device != who.device.id {
        who.asking().check_confirmed(call.now())?;
    }
    // 2
    if !devices::revoke(&call.directory()?, who.user, device, call.now()).await? {
        return Err(Problem::NoSuchDevice.into());
    }
    // 3
    end_poll(call, who.user, device)?;
    Ok(answer::no_content())
}

/// `POST /accounts/sign-out`: revokes the device that asks; 204. Its browser forgets
/// what it keeps of this server's answers.
pub async fn sign_out(call: &mut Call) -> Result<Response, Failure> {
    let who = auth::signed_in(call, Use::Oneself).await?;
    devices::sign_out(&call.directory()?, who.user, who.device.id, call.now()).await?;
    end_poll(call, who.user, who.device.id)?;
    let mut response = answer::no_content();
    let headers = response.headers_mut();
    headers.set("set-cookie", &cleared_cookie())?;
    let (name, value) = FORGET_ANSWERS;
    headers.set(name, value)?;
    Ok(response)
}

fn end_poll(call: &Call, user: UserId, device: DeviceId) -> Result<(), Failure> {
    call.notify_later("/drop", &Drop { user, device })
}
