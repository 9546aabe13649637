//! Sign-up and sign-in, each in two requests, and who is signed in.

use super::devices::put_device;
use super::server::is_sign_up_open;
use crate::answer;
use crate::auth::{self, Token};
use crate::call::Call;
use crate::error::{Failure, bad_request};
use crate::labels::{UserName, device_name};
use crate::ports::{Database, DbError, Statement};
use crate::random;
use crate::reads;
use crate::sign_in::{self, Attempt, SignIn};
use crate::store::d1::SpaceDatabases;
use crate::store::sql::directory;
use crate::writes;
use serde::Deserialize;
use shared::ids::{SpaceId, UnixMillis, UserId};
use shared::limits::{DEFAULT_QUOTA_BYTES, SIGN_IN_MILLIS};
use shared::protocol::accounts::{
    NewDevice, Session, SignInFinish, SignInStart, SignInStarted, SignUpFinish, SignUpStart,
    SignUpStarted, Space, User,
};
use shared::protocol::devices::DeviceKind;
use shared::protocol::problem::Problem;
use worker::Response;

#[derive(Deserialize)]
struct UserRow {
    id: UserId,
    name: String,
    home_space: SpaceId,
    /// In hexadecimal.
    record: String,
}

/// `POST /accounts/sign-up/start`: 200 with [`SignUpStarted`], whether the name
/// is free or not.
///
/// 1. 429 after too many attempts from one address.
/// 2. 403 `sign_up_closed`.
/// 3. 400 `bad_name`, 400 `bad_sign_in_message`.
pub async fn sign_up_start(call: &mut Call) -> Result<Response, Failure> {
    // 1
    check_rate(call).await?;
    // 2
    check_open(call)?;
    // 3
    let body: SignUpStart = call.json().await?;
    let name = UserName::parse(&body.user_name)?;
    let message = keys(call)?.start_registration(&name.key(), &body.message)?;
    answer::json(&SignUpStarted { message })
}

/// `POST /accounts/sign-up/finish`: makes the user, its home space and its first
/// device; 200 with [`Session`].
///
/// 1. 429, 403 `sign_up_closed`, 403 `cross_site` for a browser.
/// 2. 400 `bad_name`, 400 `bad_sign_in_message`.
/// 3. 409 `user_name_taken`.
pub async fn sign_up_finish(call: &mut Call) -> Result<Response, Failure> {
    // 1
    check_rate(call).await?;
    check_open(call)?;
    let body: SignUpFinish = call.json().await?;
    check_device(call, &body.device)?;
    // 2
    let name = UserName::parse(&body.user_name)?;
    let record = sign_in::record(&body.message)?;
    // 3
    let directory = call.directory()?;
    if find_user(&directory, &name).await?.is_some() {
        return Err(Problem::UserNameTaken.into());
    }
    let user = UserRow {
        id: UserId::from_random(random::bytes()?),
        name: name.as_str().to_owned(),
        home_space: SpaceId::from_random(random::bytes()?),
        record: data_encoding::HEXLOWER.encode(&record),
    };
    // The space comes first: a user without one could never be used, a space
    // without a user is a row that nobody reaches.
    let spaces = SpaceDatabases(&call.env).of(user.home_space)?;
    writes::space::make(&spaces, user.home_space, quota_bytes(call)).await?;
    let insert = insert_user(&user, &name, call.now());
    directory.run(insert).await.map_err(|failed| match failed {
        DbError::Constraint(_) => Problem::UserNameTaken.into(),
        other => Failure::from(other),
    })?;
    start_session(call, user, body.device).await
}

/// `POST /accounts/sign-in/start`: 200 with [`SignInStarted`], whether there is
/// such a user or not, after the same steps.
///
/// 1. 429 after too many attempts from one address.
/// 2. 400 `bad_name`, 400 `bad_sign_in_message`.
pub async fn sign_in_start(call: &mut Call) -> Result<Response, Failure> {
    // 1
    check_rate(call).await?;
    // 2
    let body: SignInStart = call.json().await?;
    let name = UserName::parse(&body.user_name)?;
    let directory = call.directory()?;
    let user = find_user(&directory, &name).await?;
    let record = user
        .as_ref()
        .map(|user| from_hex(&user.record))
        .transpose()?;
    let (message, state) = keys(call)?.start(&name.key(), record.as_deref(), &body.message)?;
    let attempt = Attempt::new()?;
    let now = call.now();
    let insert = Statement::new(directory::INSERT_ATTEMPT)
        .id(attempt.hash())
        .bind(user.map(|user| user.id.to_string()))
        .bind(data_encoding::HEXLOWER.encode(&attempt.seal(&state)))
        .bind(now.saturating_add(SIGN_IN_MILLIS));
    let sweep = Statement::new(directory::SWEEP_ATTEMPTS).bind(now);
    directory.batch(vec![sweep, insert]).await?;
    let attempt = attempt.to_string();
    answer::json(&SignInStarted { attempt, message })
}

#[derive(Deserialize)]
struct AttemptRow {
    user: Option<UserId>,
    /// In hexadecimal, sealed.
    state: String,
    expires_at: UnixMillis,
}

/// `POST /accounts/sign-in/finish`: 200 with [`Session`].
///
/// 1. 429, 403 `cross_site` for a browser.
/// 2. Takes the attempt: 401 `sign_in_refused` if there is none, it is used, or
///    more than a minute old.
/// 3. 401 `sign_in_refused` if the password is not proven, 400
///    `bad_sign_in_message`.
pub async fn sign_in_finish(call: &mut Call) -> Result<Response, Failure> {
    // 1
    check_rate(call).await?;
    let body: SignInFinish = call.json().await?;
    check_device(call, &body.device)?;
    // 2
    let attempt = Attempt::parse(&body.attempt).ok_or(Problem::SignInRefused)?;
    let directory = call.directory()?;
    let take = Statement::new(directory::TAKE_ATTEMPT).id(attempt.hash());
    let row: Option<AttemptRow> = directory.run(take).await?.first()?;
    let row = row.filter(|row| row.expires_at >= call.now());
    let row = row.ok_or(Problem::SignInRefused)?;
    // 3
    let state = attempt.seal(&from_hex(&row.state)?);
    let is_proven = sign_in::proves(&state, &body.message)?;
    let user = row.user.filter(|_| is_proven);
    let user = user.ok_or(Problem::SignInRefused)?;
    let find = Statement::new(directory::USER_BY_ID).id(user);
    let user: Option<UserRow> = directory.run(find).await?.first()?;
    start_session(call, user.ok_or(Problem::SignInRefused)?, body.device).await
}

/// `GET /accounts/me`: 200 with [`Session`]. A browser's cookie begins its 90
/// days anew.
pub async fn me(call: &mut Call) -> Result<Response, Failure> {
    let who = auth::signed_in(call).await?;
    let cookie = match &who.credential {
        auth::Credential::Cookie(token) => Some(token.cookie()),
        auth::Credential::Bearer(_) => None,
    };
    let session = Session {
        user: User {
            id: who.user,
            name: who.user_name,
        },
        device: who.device,
        space: space(call, who.space).await?,
        token: None,
    };
    answer_session(&session, cookie)
}

async fn start_session(call: &Call, user: UserRow, new: NewDevice) -> Result<Response, Failure> {
    let token = Token::new()?;
    let device = put_device(call, user.id, &new, &token).await?;
    let is_browser = device.kind == DeviceKind::Browser;
    let session = Session {
        user: User {
            id: user.id,
            name: user.name,
        },
        device,
        space: space(call, user.home_space).await?,
        token: (!is_browser).then(|| token.as_str().to_owned()),
    };
    answer_session(&session, is_browser.then(|| token.cookie()))
}

fn answer_session(session: &Session, cookie: Option<String>) -> Result<Response, Failure> {
    let mut response = answer::json(session)?;
    if let Some(cookie) = cookie {
        response.headers_mut().set("set-cookie", &cookie)?;
    }
    Ok(response)
}

async fn space(call: &Call, id: SpaceId) -> Result<Space, Failure> {
    reads::space::space(&SpaceDatabases(&call.env).of(id)?, id, &call.limits()).await
}

async fn find_user(directory: &impl Database, name: &UserName) -> Result<Option<UserRow>, Failure> {
    let find = Statement::new(directory::USER_BY_NAME).bind(name.key());
    Ok(directory.run(find).await?.first()?)
}

fn insert_user(user: &UserRow, name: &UserName, now: UnixMillis) -> Statement {
    Statement::new(directory::INSERT_USER)
        .id(user.id)
        .bind(user.name.as_str())
        .bind(name.key())
        .id(user.home_space)
        .bind(user.record.as_str())
        .bind(now)
}

/// A device that gets a cookie may sign in from the app's own page only, so
/// that no other site signs a browser in as somebody else.
fn check_device(call: &Call, device: &NewDevice) -> Result<(), Failure> {
    device_name(&device.name)?;
    match device.kind {
        DeviceKind::Browser => auth::check_own_page(call),
        DeviceKind::Program => Ok(()),
        DeviceKind::Unknown => Err(bad_request("device.kind is neither browser nor program")),
    }
}

fn check_open(call: &Call) -> Result<(), Failure> {
    if is_sign_up_open(call) {
        return Ok(());
    }
    Err(Problem::SignUpClosed.into())
}

/// The period of the limit in wrangler.toml.
const RATE_PERIOD_SECONDS: u64 = 60;

async fn check_rate(call: &Call) -> Result<(), Failure> {
    let limiter = call.env.rate_limiter("SIGN_IN_LIMIT")?;
    let address = call.header("cf-connecting-ip")?;
    let outcome = limiter.limit(address.unwrap_or_default()).await?;
    if outcome.success {
        return Ok(());
    }
    Err(Problem::TooManyRequests {
        retry_after_seconds: RATE_PERIOD_SECONDS,
    }
    .into())
}

fn keys(call: &Call) -> Result<SignIn, Failure> {
    let secret = call.setting("SIGN_IN_SECRET").unwrap_or_default();
    SignIn::from_secret(&secret)
}

fn quota_bytes(call: &Call) -> u64 {
    let setting = call.setting("QUOTA_BYTES");
    let bytes = setting.and_then(|text| text.parse().ok());
    bytes.unwrap_or(DEFAULT_QUOTA_BYTES)
}

fn from_hex(hex: &str) -> Result<Vec<u8>, Failure> {
    let bytes = data_encoding::HEXLOWER.decode(hex.as_bytes());
    bytes.map_err(|e| DbError::Fault(format!("stored hexadecimal: {e}")).into())
}
