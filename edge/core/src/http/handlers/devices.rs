//! Devices: listed, renamed, revoked, signed out.

use crate::access::reach::Use;
use crate::directory::devices;
use crate::error::Failure;
use crate::http::answer;
use crate::http::answer::Response;
use crate::http::auth::{self, cleared_cookie};
use crate::http::caching::FORGET_ANSWERS;
use crate::http::call::Call;
use crate::http::runtime::Runtime;
use protocol::devices::{Device, DeviceChange, Devices};
use protocol::ids::{DeviceId, UserId};
use protocol::notifications::Drop;
use protocol::problem::Problem;

/// `GET /devices`: 200 with the devices that can still get in. A token of one folder is
/// told only of itself.
pub async fn list(call: &mut Call<impl Runtime>) -> Result<Response, Failure> {
    let who = auth::signed_in(call, Use::Oneself).await?;
    let devices = devices::list(&call.runtime.directory()?, who.user, call.runtime.now()).await?;
    let is_told = |device: &Device| who.sees(device);
    let devices = devices.into_iter().filter(is_told).collect();
    answer::json(&Devices { devices })
}

/// `PATCH /devices/{id}`: 200 with the [`Device`], see [`devices::rename`].
pub async fn rename(call: &mut Call<impl Runtime>, device: DeviceId) -> Result<Response, Failure> {
    let who = auth::signed_in(call, Use::Oneself).await?;
    let change: DeviceChange = call.json().await?;
    let (directory, now) = (call.runtime.directory()?, call.runtime.now());
    let renamed = devices::rename(&directory, &who.asking(), device, &change, now).await?;
    answer::json(&renamed)
}

/// `DELETE /devices/{id}`: 204. From its next request on, the device can't get in.
///
/// 1. For a device other than the one that asks: 403 `not_for_tokens`, 403
///    `confirm_password`.
/// 2. 404 `no_such_device`: unknown, another user's, or revoked already.
/// 3. Ends the device's poll.
pub async fn revoke(call: &mut Call<impl Runtime>, device: DeviceId) -> Result<Response, Failure> {
    let who = auth::signed_in(call, Use::Oneself).await?;
    // 1
    if device != who.device.id {
        who.asking().check_confirmed(call.runtime.now())?;
    }
    // 2
    if !devices::revoke(
        &call.runtime.directory()?,
        who.user,
        device,
        call.runtime.now(),
    )
    .await?
    {
        return Err(Problem::NoSuchDevice.into());
    }
    // 3
    end_poll(call, who.user, device)?;
    Ok(answer::no_content())
}

/// `POST /accounts/sign-out`: revokes the device that asks; 204. Its browser forgets
/// what it keeps of this server's answers.
pub async fn sign_out(call: &mut Call<impl Runtime>) -> Result<Response, Failure> {
    let who = auth::signed_in(call, Use::Oneself).await?;
    devices::sign_out(
        &call.runtime.directory()?,
        who.user,
        who.device.id,
        call.runtime.now(),
    )
    .await?;
    end_poll(call, who.user, who.device.id)?;
    let response = answer::no_content().with("set-cookie", cleared_cookie());
    let (name, value) = FORGET_ANSWERS;
    Ok(response.with(name, value))
}

fn end_poll(call: &Call<impl Runtime>, user: UserId, device: DeviceId) -> Result<(), Failure> {
    call.runtime.end_poll(&Drop { user, device })
}
