//! `POST /api/v1/devices/tokens`: access for a program.

use super::devices::put_device;
use crate::answer;
use crate::auth::{self, Token};
use crate::call::Call;
use crate::error::Failure;
use shared::protocol::accounts::NewDevice;
use shared::protocol::devices::{AccessToken, DeviceKind, NewAccessToken};
use worker::Response;

/// 201 with [`AccessToken`], the one time that the token is shown; 400
/// `bad_name`.
pub async fn create(call: &mut Call) -> Result<Response, Failure> {
    let who = auth::signed_in(call).await?;
    let body: NewAccessToken = call.json().await?;
    let new = NewDevice {
        name: body.name,
        kind: DeviceKind::Program,
        id: None,
    };
    let token = Token::new()?;
    let device = put_device(call, who.user, &new, &token).await?;
    answer::created(&AccessToken {
        device,
        token: token.as_str().to_owned(),
    })
}
