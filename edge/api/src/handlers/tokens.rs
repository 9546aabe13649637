//! `POST /api/v1/devices/tokens`: access for a program.

use crate::answer;
use crate::auth::{self, Token};
use crate::call::Call;
use crate::directory::devices;
use crate::error::Failure;
use shared::protocol::devices::{AccessToken, NewAccessToken};
use worker::Response;

/// 201 with [`AccessToken`], the one time that the token is shown; else as
/// [`devices::make_token`].
pub async fn create(call: &mut Call) -> Result<Response, Failure> {
    let who = auth::signed_in(call).await?;
    let body: NewAccessToken = call.json().await?;
    let token = Token::new()?;
    let (db, now) = (call.directory()?, call.now());
    let device = devices::make_token(&db, &who.asking(), &body, token.hash(), now).await?;
    answer::created(&AccessToken {
        device,
        token: token.as_str().to_owned(),
    })
}
