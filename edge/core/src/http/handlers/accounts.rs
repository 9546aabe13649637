//! Sign-up, sign-in and change of password, each in two requests; the password that is
//! given again; who is signed in.

use super::server::sign_up_terms;
use crate::access::reach::Use;
use crate::access::shown::{Credential, Token};
use crate::directory::accounts::{self, Proven};
use crate::directory::guesses::{Mark, RequestSource, network};
use crate::directory::keys::SignInKeys;
use crate::directory::newcomers::Newcomer;
use crate::directory::{Door, devices, marks, password};
use crate::error::{Failure, bad_request};
use crate::http::answer;
use crate::http::answer::{Body, Response};
use crate::http::auth;
use crate::http::call::Call;
use crate::http::runtime::Runtime;
use crate::labels::{UserName, device_name};
use crate::ports::Database;
use crate::reads;
use crate::writes;
use futures_util::future::join;
use protocol::accounts::{
    Confirm, NOBODY, NewDevice, PasswordChanged, PasswordFinish, PasswordStart, Session,
    SignInFinish, SignInStart, SignUpFinish, SignUpStart, Space, User,
};
use protocol::devices::DeviceKind;
use protocol::ids::{DeviceId, SpaceId, UnixMillis, UserId};
use protocol::limits::DEFAULT_QUOTA_BYTES;
use protocol::notifications::Drop;
use protocol::problem::Problem;

/// `POST /accounts/sign-up/start`: 200 with
/// [`SignUpStarted`](protocol::accounts::SignUpStarted), whether the name
/// is free or not.
///
/// 1. 429 after too many attempts from one network.
/// 2. 400 `bad_name`, and as [`accounts::start_sign_up`].
pub async fn sign_up_start(call: &mut Call<impl Runtime>) -> Result<Response, Failure> {
    // 1
    check_rate(call).await?;
    // 2
    let body: SignUpStart = call.json().await?;
    let newcomer = Newcomer {
        name: &UserName::parse(&body.user_name)?,
        invite: body.invite.as_deref(),
        terms: &sign_up_terms(call),
    };
    let desk = Desk::of(call)?;
    let (door, source) = (desk.door(), &desk.source);
    answer::json(&accounts::start_sign_up(&door, &newcomer, source, &body.message).await?)
}

/// `POST /accounts/sign-up/finish`: makes the user, its home space and its first
/// device; 200 with [`Session`].
///
/// 1. 429, 403 `cross_site` for a browser.
/// 2. 400 `bad_name`, and as [`accounts::finish_sign_up`].
pub async fn sign_up_finish(call: &mut Call<impl Runtime>) -> Result<Response, Failure> {
    // 1
    check_rate(call).await?;
    let body: SignUpFinish = call.json().await?;
    check_device(call, &body.device)?;
    // 2
    let newcomer = Newcomer {
        name: &UserName::parse(&body.user_name)?,
        invite: body.invite.as_deref(),
        terms: &sign_up_terms(call),
    };
    let desk = Desk::of(call)?;
    let sent = (body.registration.as_deref(), &body.message);
    let make_space = async |id| {
        let spaces = call.runtime.database_of(id)?;
        writes::space::make(&spaces, id, quota_bytes(call)).await?;
        Ok(())
    };
    let (door, source) = (desk.door(), &desk.source);
    let proven = accounts::finish_sign_up(&door, &newcomer, source, sent, make_space).await?;
    start_session(call, &desk, proven, body.device, None).await
}

/// `POST /accounts/sign-in/start`: 200 with
/// [`SignInStarted`](protocol::accounts::SignInStarted), whether there is
/// such a user or not, after the same steps.
///
/// 1. 429 after too many attempts from one network.
/// 2. 400 `bad_name`, and as [`accounts::start_sign_in`].
pub async fn sign_in_start(call: &mut Call<impl Runtime>) -> Result<Response, Failure> {
    // 1
    check_rate(call).await?;
    // 2
    let body: SignInStart = call.json().await?;
    let name = UserName::parse(&body.user_name)?;
    let desk = Desk::of(call)?;
    let (door, source) = (desk.door(), &desk.source);
    answer::json(&accounts::start_sign_in(&door, &name, source, &body.message).await?)
}

/// `POST /accounts/sign-in/finish`: 200 with [`Session`].
///
/// 1. 429, 403 `cross_site` for a browser.
/// 2. As [`accounts::finish_sign_in`].
/// 3. As [`devices::put`].
pub async fn sign_in_finish(call: &mut Call<impl Runtime>) -> Result<Response, Failure> {
    // 1
    check_rate(call).await?;
    let body: SignInFinish = call.json().await?;
    check_device(call, &body.device)?;
    // 2
    let desk = Desk::of(call)?;
    let proven = accounts::finish_sign_in(&desk.door(), &body.attempt, &body.message).await?;
    // 3
    start_session(call, &desk, proven, body.device, body.replaces).await
}

/// `POST /accounts/confirm`: the password again, as the second step of a sign-in;
/// 204. For some minutes the device may do what a stolen session must not.
///
/// 1. 429, and as [`accounts::confirm`].
pub async fn confirm(call: &mut Call<impl Runtime>) -> Result<Response, Failure> {
    let who = auth::signed_in(call, Use::Oneself).await?;
    // 1
    check_rate(call).await?;
    let body: Confirm = call.json().await?;
    let desk = Desk::of(call)?;
    let asks = (who.user, &who.device);
    let (door, source) = (desk.door(), &desk.source);
    accounts::confirm(&door, asks, source, &body.attempt, &body.message).await?;
    Ok(answer::no_content())
}

/// `POST /accounts/password/start`: 200 with
/// [`SignUpStarted`](protocol::accounts::SignUpStarted), and as
/// [`password::start`].
pub async fn password_start(call: &mut Call<impl Runtime>) -> Result<Response, Failure> {
    let who = auth::signed_in(call, Use::Oneself).await?;
    let body: PasswordStart = call.json().await?;
    let desk = Desk::of(call)?;
    let (door, asking) = (desk.door(), who.asking());
    answer::json(&password::start(&door, &asking, &body.message).await?)
}

/// `POST /accounts/password/finish`: 200 with [`PasswordChanged`], and as
/// [`password::finish`]. The polls of the devices that have ended end, too.
pub async fn password_finish(call: &mut Call<impl Runtime>) -> Result<Response, Failure> {
    let who = auth::signed_in(call, Use::Oneself).await?;
    let body: PasswordFinish = call.json().await?;
    let desk = Desk::of(call)?;
    let ended = password::finish(&desk.door(), &who.asking(), &body).await?;
    end_polls(call, who.user, &ended)?;
    let ended = ended.len() as u64;
    answer::json(&PasswordChanged { ended })
}

/// Hard. The most polls that one request ends, because a request may make 50 requests
/// of its own on the free plan. Other polls end with their timeout; until then they
/// could only tell that there is news, which is no secret.
const MOST_DROPS: usize = 32;

/// Ends the polls of devices that have ended.
pub fn end_polls(
    call: &Call<impl Runtime>,
    user: UserId,
    ended: &[DeviceId],
) -> Result<(), Failure> {
    for device in ended.iter().take(MOST_DROPS) {
        let device = *device;
        call.runtime.end_poll(&Drop { user, device })?;
    }
    Ok(())
}

/// What the rules of the directory need to know of a request.
pub struct Desk<D> {
    db: D,
    keys: SignInKeys,
    source: RequestSource,
    now: UnixMillis,
}

impl<D: Database> Desk<D> {
    /// # Errors
    /// 503 `sign_in_unavailable`: a secret is missing or too short.
    pub fn of(call: &Call<impl Runtime<Db = D>>) -> Result<Self, Failure> {
        let address = call.header("cf-connecting-ip")?.unwrap_or_default();
        let (secret, previous) = (
            call.runtime.setting("SIGN_IN_SECRET"),
            call.runtime.setting("SIGN_IN_SECRET_PREVIOUS"),
        );
        // An empty secret counts as none.
        let previous = previous.filter(|secret| !secret.trim().is_empty());
        Ok(Self {
            db: call.runtime.directory()?,
            keys: SignInKeys::of(secret.as_deref(), previous.as_deref())?,
            source: RequestSource {
                network: network(&address),
                mark: Mark::of(call.header("cookie")?.as_deref()),
                most_of_network: call
                    .runtime
                    .setting("GUESSES_PER_NETWORK")
                    .and_then(|text| text.parse().ok()),
            },
            now: call.runtime.now(),
        })
    }

    pub fn source(&self) -> &RequestSource {
        &self.source
    }

    pub fn door(&self) -> Door<'_, D> {
        Door {
            db: &self.db,
            keys: &self.keys,
            now: self.now,
        }
    }
}

/// `GET /accounts/me`: 200 with [`Session`]. A browser's cookie lasts 90 days from now
/// on again, or until the device ends.
///
/// 1. 204 to a page without a cookie that asks whether somebody is signed in.
pub async fn me(call: &mut Call<impl Runtime>) -> Result<Response, Failure> {
    let who = auth::signed_in(call, Use::Drive).await;
    // 1
    let is_nobody = matches!(who, Err(Failure::Problem(Problem::NotSignedIn)));
    if is_nobody && call.query(NOBODY)?.as_deref() == Some("1") {
        return Ok(Response::new(204, Body::Empty));
    }
    let who = who?;
    let cookie = match &who.credential {
        Credential::Cookie(token) => Some(auth::cookie(token, &who.device, call.runtime.now())),
        Credential::Bearer(_) => None,
    };
    let directory = call.runtime.directory()?;
    let (of_space, has_marks) = join(
        space_and_end(call, who.space),
        marks::has_any(&directory, who.user),
    )
    .await;
    let (space, ends_at_ms) = of_space?;
    let is_administrator = who.is_administrator && !who.device.is_token;
    let session = Session {
        user: User {
            id: who.user,
            name: who.user_name,
        },
        device: who.device,
        space,
        token: None,
        renew_record: false,
        ends_at_ms,
        has_marks: has_marks?,
        is_administrator,
    };
    answer_session(&session, cookie)
}

/// Lets a device in whose person has proven to be it, and answers with its session.
///
/// # Errors
/// Those of [`devices::put`], and failures of the databases.
pub async fn start_session(
    call: &Call<impl Runtime>,
    desk: &Desk<impl Database>,
    proven: Proven,
    new: NewDevice,
    replaces: Option<DeviceId>,
) -> Result<Response, Failure> {
    let token = Token::new()?;
    let door = desk.door();
    let put = devices::put(&door, &proven, &new, token.hash(), replaces).await?;
    if let Some(device) = put.replaced {
        let user = proven.user.id;
        call.runtime.end_poll(&Drop { user, device })?;
    }
    let device = put.device;
    let is_browser = device.kind == DeviceKind::Browser;
    let mut source = desk.source.clone();
    if is_browser && source.mark.is_none() {
        source.mark = Some(Mark::new()?);
    }
    let (of_space, has_marks) = join(
        space_and_end(call, proven.user.home_space),
        marks::has_any(&desk.db, proven.user.id),
    )
    .await;
    let (space, ends_at_ms) = of_space?;
    let session = Session {
        user: User {
            id: proven.user.id,
            name: proven.user.name.clone(),
        },
        space,
        ends_at_ms,
        token: (!is_browser).then(|| token.as_str().to_owned()),
        renew_record: proven.renew_record,
        has_marks: has_marks?,
        is_administrator: proven.user.is_administrator(),
        device,
    };
    let cookie = is_browser.then(|| auth::cookie(&token, &session.device, desk.now));
    accounts::settle(&door, proven, session.device.id, &source).await?;
    let response = answer_session(&session, cookie)?;
    Ok(match source.mark.filter(|_| is_browser) {
        Some(mark) => response.with("set-cookie", mark.cookie()),
        None => response,
    })
}

fn answer_session(session: &Session, cookie: Option<String>) -> Result<Response, Failure> {
    let response = answer::json(session)?;
    Ok(match cookie {
        Some(cookie) => response.with("set-cookie", cookie),
        None => response,
    })
}

async fn space_and_end(
    call: &Call<impl Runtime>,
    id: SpaceId,
) -> Result<(Space, Option<UnixMillis>), Failure> {
    let db = call.runtime.database_of(id)?;
    reads::space::space_and_end(&db, id, &call.limits()).await
}

/// Checks where a device signs in from. One that gets a cookie may do so only from the
/// app's own page, so that no other site signs a browser in as somebody else.
pub fn check_device(call: &Call<impl Runtime>, device: &NewDevice) -> Result<(), Failure> {
    device_name(&device.name)?;
    match device.kind {
        DeviceKind::Browser => auth::check_own_page(call),
        DeviceKind::Program => Ok(()),
        DeviceKind::Unknown => Err(bad_request("device.kind is neither browser nor program")),
    }
}

/// The period of the rate limit in wrangler.toml. The limit is coarse: it keeps most of
/// a flood from the database, which counts attempts exactly.
const RATE_PERIOD_SECONDS: u64 = 60;

/// # Errors
/// 429 `too_many_requests`.
pub async fn check_rate(call: &Call<impl Runtime>) -> Result<(), Failure> {
    let address = call.header("cf-connecting-ip")?.unwrap_or_default();
    if call.runtime.is_within_rate(network(&address)).await? {
        return Ok(());
    }
    Err(Problem::TooManyRequests {
        retry_after_seconds: RATE_PERIOD_SECONDS,
    }
    .into())
}

/// What a new account may store.
pub fn quota_bytes(call: &Call<impl Runtime>) -> u64 {
    let setting = call.runtime.setting("QUOTA_BYTES");
    let bytes = setting.and_then(|text| text.parse().ok());
    bytes.unwrap_or(DEFAULT_QUOTA_BYTES)
}
