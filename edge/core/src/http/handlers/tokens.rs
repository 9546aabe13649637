//! `POST /api/v1/devices/tokens`: access for a program.

use crate::access::reach::{self, Use};
use crate::access::shown::Token;
use crate::directory::devices;
use crate::error::Failure;
use crate::http::answer;
use crate::http::answer::Response;
use crate::http::auth;
use crate::http::call::Call;
use crate::http::runtime::Runtime;
use protocol::devices::{AccessToken, NewAccessToken};

/// 201 with [`AccessToken`], the one time that the token is shown.
///
/// 1. 403 `folder_gone`, 409 `not_a_folder`: there is no such live folder.
/// 2. As [`devices::make_token`].
pub async fn create(call: &mut Call<impl Runtime>) -> Result<Response, Failure> {
    let who = auth::signed_in(call, Use::Oneself).await?;
    let body: NewAccessToken = call.json().await?;
    // 1
    if let Some(folder) = body.folder {
        let db = call.space_of(who.space)?;
        reach::check_folder(&db, who.space, folder).await?;
    }
    // 2
    let token = Token::new()?;
    let (db, now) = (call.runtime.directory()?, call.runtime.now());
    let device = devices::make_token(&db, &who.asking(), &body, token.hash(), now).await?;
    answer::created(&AccessToken {
        device,
        token: token.as_str().to_owned(),
    })
}
