//! The links that the person made. Nothing that is sent tells a link's password: see
//! [`workers::signing`].

use super::session::Sessions;
use platform::failure::Failure;
use protocol::accounts::PasswordStart;
use protocol::ids::{ItemId, LinkId};
use protocol::links::{Link, LinkChange, LinkPassword, NewLink};
use workers::signing::{SignRequest, Signer};

/// What becomes of a link's password.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ToPassword {
    Keep,
    Replace(String),
    TakeAway,
}

pub async fn make(
    sessions: &Sessions,
    item: ItemId,
    mut new: NewLink,
    password: Option<String>,
) -> Result<Link, Failure> {
    new.password = match password {
        Some(password) => Some(register(sessions, password).await?),
        None => None,
    };
    sessions.api().make_link(item, &new).await
}

pub async fn change(
    sessions: &Sessions,
    id: LinkId,
    mut change: LinkChange,
    password: ToPassword,
) -> Result<Link, Failure> {
    change.password = match password {
        ToPassword::Keep => None,
        ToPassword::Replace(password) => Some(Some(register(sessions, password).await?)),
        ToPassword::TakeAway => Some(None),
    };
    sessions.api().change_link(id, &change).await
}

/// What the server knows a password by.
async fn register(sessions: &Sessions, password: String) -> Result<LinkPassword, Failure> {
    let mut signer = Signer::launch().await?;
    let new_for = Some(sessions.user_name());
    let message = signer
        .ask(&SignRequest::StartSignUp { password, new_for })
        .await?;
    let started = sessions
        .api()
        .link_password(&PasswordStart { message })
        .await?;
    let answer = started.message;
    let message = signer.ask(&SignRequest::FinishSignUp { answer }).await?;
    Ok(LinkPassword {
        message,
        registration: started.registration.unwrap_or_default(),
    })
}
