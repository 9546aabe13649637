//! Running this server for others, for administrators in person. Everybody else is told that
//! there is nothing here, in the first step of each.

use super::accounts::{end_polls, quota_bytes};
use super::server::sign_up_terms;
use crate::access::SignedIn;
use crate::access::administrator::Administrator;
use crate::access::reach::Use;
use crate::directory::administration::{audit, invites, people, settings};
use crate::directory::devices;
use crate::error::Failure;
use crate::health;
use crate::http::answer;
use crate::http::answer::Response;
use crate::http::auth;
use crate::http::call::Call;
use crate::http::runtime::Runtime;
use protocol::administration::{
    AFTER, BEFORE, NewInvite, PersonChange, ServerSettings, SettingsChange, SignUpMode,
};
use protocol::changes::LIMIT;
use protocol::ids::{DeviceId, InviteId, UserId};

/// `GET /admin/people`: 200 with [`People`](protocol::administration::People).
pub async fn people(call: &mut Call<impl Runtime>) -> Result<Response, Failure> {
    let (_, by) = administrator(call).await?;
    let (after, limit) = (call.query(AFTER)?, call.number(LIMIT)?);
    answer::json(&people::page(&call.runtime, &by, after, limit).await?)
}

/// `PATCH /admin/people/{id}`: 200 with the
/// [`ManagedPerson`](protocol::administration::ManagedPerson).
///
/// 1. 403 `confirm_password`.
/// 2. See [`people::change`].
/// 3. The polls of whoever is shut out end.
pub async fn change_person(call: &mut Call<impl Runtime>, id: UserId) -> Result<Response, Failure> {
    let (who, by) = administrator(call).await?;
    // 1
    who.asking().check_confirmed(by.now())?;
    // 2
    let change: PersonChange = call.json().await?;
    let changed = people::change(&call.runtime, &by, id, &change).await?;
    // 3
    if changed.disabled_at_ms.is_some() {
        let devices = devices::list(&call.runtime.directory()?, id, by.now()).await?;
        let devices: Vec<DeviceId> = devices.into_iter().map(|device| device.id).collect();
        end_polls(call, id, &devices)?;
    }
    answer::json(&changed)
}

/// `GET /admin/settings`: 200 with [`ServerSettings`].
pub async fn settings(call: &mut Call<impl Runtime>) -> Result<Response, Failure> {
    let (_, by) = administrator(call).await?;
    let terms = sign_up_terms(call);
    let mode = settings::read(&call.runtime.directory()?, &by, &terms).await?;
    answer_settings(call, mode)
}

/// `PATCH /admin/settings`: 200 with [`ServerSettings`].
///
/// 1. 403 `confirm_password`.
/// 2. See [`settings::change`].
pub async fn change_settings(call: &mut Call<impl Runtime>) -> Result<Response, Failure> {
    let (who, by) = administrator(call).await?;
    // 1
    who.asking().check_confirmed(by.now())?;
    // 2
    let change: SettingsChange = call.json().await?;
    let (directory, terms) = (call.runtime.directory()?, sign_up_terms(call));
    let mode = settings::change(&directory, &by, &terms, &change).await?;
    answer_settings(call, mode)
}

fn answer_settings(call: &Call<impl Runtime>, sign_up: SignUpMode) -> Result<Response, Failure> {
    answer::json(&ServerSettings {
        sign_up,
        new_quota_bytes: quota_bytes(call),
    })
}

/// `GET /admin/invites`: 200 with [`Invites`](protocol::administration::Invites).
pub async fn invites(call: &mut Call<impl Runtime>) -> Result<Response, Failure> {
    let (_, by) = administrator(call).await?;
    answer::json(&invites::list(&call.runtime.directory()?, &by).await?)
}

/// `POST /admin/invites`: 201 with [`InviteMade`](protocol::administration::InviteMade).
///
/// 1. 403 `confirm_password`.
/// 2. See [`invites::make`].
pub async fn make_invite(call: &mut Call<impl Runtime>) -> Result<Response, Failure> {
    let (who, by) = administrator(call).await?;
    // 1
    who.asking().check_confirmed(by.now())?;
    // 2
    let new: NewInvite = call.json().await?;
    answer::created(&invites::make(&call.runtime.directory()?, &by, &new).await?)
}

/// `DELETE /admin/invites/{id}`: 204, see [`invites::remove`].
pub async fn remove_invite(
    call: &mut Call<impl Runtime>,
    id: InviteId,
) -> Result<Response, Failure> {
    let (_, by) = administrator(call).await?;
    invites::remove(&call.runtime.directory()?, &by, id).await?;
    Ok(answer::no_content())
}

/// `GET /admin/audit`: 200 with [`Audit`](protocol::administration::Audit).
pub async fn audit(call: &mut Call<impl Runtime>) -> Result<Response, Failure> {
    let (_, by) = administrator(call).await?;
    let (before, limit) = (call.number(BEFORE)?, call.number(LIMIT)?);
    answer::json(&audit::page(&call.runtime.directory()?, &by, before, limit).await?)
}

/// `GET /admin/health`: 200 with [`Health`](protocol::administration::Health).
pub async fn health(call: &mut Call<impl Runtime>) -> Result<Response, Failure> {
    let (_, by) = administrator(call).await?;
    answer::json(&health::read(&call.runtime, &by).await?)
}

/// # Errors
/// Those of [`auth::signed_in`]; 404 `no_such_route` for everybody else.
async fn administrator(call: &Call<impl Runtime>) -> Result<(SignedIn, Administrator), Failure> {
    let who = auth::signed_in(call, Use::Oneself).await?;
    let by = Administrator::of(&who, call.runtime.now())?;
    Ok((who, by))
}
