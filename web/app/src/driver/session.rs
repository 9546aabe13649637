//! From the page's start to sign-out.

use super::Client;
use super::door::remembered;
use super::ports::Page;
use super::tabs::{self, Message};
use super::{heirs, remains, show, zips};
use crate::state::connection::Connection;
use crate::state::session::SessionState;
use crate::state::{Drive, Tone};
use client::gate::State as Gate;
use client::tuning::Tuning;
use futures_util::future::{join, select};
use leptos::prelude::{GetUntracked, Set, WithUntracked};
use platform::browser::{agent, clock, random};
use platform::failure::{Failure, refused};
use protocol::accounts::{
    Confirm, NewDevice, PasswordChanged, PasswordFinish, PasswordStart, Session, SignInFinish,
    SignInStart, SignUpFinish, SignUpStart,
};
use protocol::devices::DeviceKind;
use protocol::ids::{DeviceId, UserId};
use protocol::items::Committed;
use protocol::opaque::Message as OpaqueMessage;
use protocol::problem::{Problem, Retry};
use std::pin::pin;
use sync::backoff;
use sync::message::{CopyLabel, Input, Kept, Role};
use sync::{Config, Engine};
use wasm_bindgen_futures::spawn_local;
use workers::signing::{Ask, Signer};

/// Shows what this browser keeps while it asks the server who is signed in.
pub async fn open(drive: Drive) {
    let driver = drive.driver();
    driver
        .api()
        .on_session_end(move |of, problem| doubt(drive, of, problem));
    driver.tabs.open(drive);
    spawn_local(zips::sweep());
    let ((), who) = join(show_kept(drive), driver.api().me()).await;
    settle(drive, who).await;
}

async fn show_kept(drive: Drive) {
    let driver = drive.driver();
    driver.store.open(drive, heirs::own_name()).await;
    watch_database(drive);
    let Some(session) = driver.store.session(drive).await else {
        return;
    };
    // The server may have answered by now that nobody is signed in.
    if drive.session.get_untracked() != SessionState::Checking {
        return;
    }
    start(drive, session).await;
}

/// Opens the database anew when somebody deletes it under the page.
fn watch_database(drive: Drive) {
    spawn_local(async move {
        let driver = drive.driver();
        while let Some(closed) = driver.store.closed() {
            closed.wait().await;
            // Whoever deletes it has to be done first.
            clock::breathe().await;
            match driver.client() {
                // With something to write, it is found to be closed.
                Some(client) => client.take(vec![Input::StorageLost]),
                None => {
                    let failure = refused("it was closed".to_owned());
                    driver.store.reopen(drive, &failure).await;
                }
            }
            while driver.store.closed().is_some_and(|closed| closed.is_set()) {
                clock::sleep(100).await;
            }
        }
    });
}

/// Acts upon the answer to "who am I?", and asks again until there is one.
async fn settle(drive: Drive, mut who: Result<Session, Failure>) {
    let driver = drive.driver();
    let mut failures = 0;
    loop {
        match who {
            Ok(session) => return begin(drive, session).await,
            Err(failure) if failure.is_passing() => {
                driver.gate.set(Gate::Unreachable);
                tabs::show_unconnected(drive);
                let wait = backoff::delay_millis(failures, random::jitter());
                clock::sleep(failure.asked_wait_millis()).await;
                let retry = pin!(driver.again.next());
                select(pin!(clock::sleep(wait)), retry).await;
                failures += 1;
            }
            Err(Failure::Refused(problem)) if problem.retry() == Retry::SignIn => {
                return ended_by_server(drive, &problem).await;
            }
            Err(failure) => return show_signed_out(drive, Some(failure.to_string())).await,
        }
        driver.gate.set(Gate::Asking);
        who = driver.api().me().await;
    }
}

/// Starts to sync for whoever is signed in now.
async fn begin(drive: Drive, session: Session) {
    let driver = drive.driver();
    agent::remember_device(session.device.id);
    if user(drive) == Some(session.user.id) && driver.client().is_some() {
        let mut inputs = vec![Input::SignedIn, Input::Online];
        if !remains::claim(drive, &session).await && driver.store.works() {
            inputs.push(Input::StorageLost);
        }
        drive.session.set(SessionState::SignedIn(session));
        driver.gate.set(Gate::Open);
        super::inputs(drive, inputs);
        return;
    }
    end(drive);
    remains::claim(drive, &session).await;
    drive.connection.set(Connection::Connecting);
    start(drive, session).await;
    driver.gate.set(Gate::Open);
}

/// Makes an engine of what is kept, shows it, and queues up to lead.
async fn start(drive: Drive, session: Session) {
    let driver = drive.driver();
    let kept = driver.store.load(drive).await.unwrap_or_default();
    let here = Committed {
        user_name: session.user.name.clone(),
        device_id: session.device.id,
        device_name: session.device.name.clone(),
        at_ms: clock::now_ms(),
    };
    driver.speak_for(Some(session.user.id));
    let client = Client::new(
        Page::new(drive, driver.api(), here),
        engine(&session, kept),
        Tuning::default(),
        driver.gate.clone(),
        driver.again.clone(),
    );
    *driver.client.borrow_mut() = Some(client.clone());
    show::all(drive, &client);
    remembered::read(drive, session.user.id);
    drive.session.set(SessionState::SignedIn(session));
    driver.panel.adopt(drive, &client);
    client.take(vec![Input::Elapsed]);
    tabs::take_turns(drive, client);
}

fn engine(session: &Session, kept: Kept) -> Engine {
    let config = Config {
        role: Role::Follower,
        holds_content: false,
        copy: CopyLabel {
            device: session.device.name.clone(),
            date: clock::local_date(),
        },
        silence: agent::remembered_silence(),
    };
    Engine::new(config, kept, clock::now_ms())
}

pub async fn sign_up(drive: Drive, name: String, password: String) -> Result<(), Failure> {
    let client = drive.driver().api();
    let mut signer = Signer::launch().await?;
    let new_for = Some(name.clone());
    let message = signer.ask(&Ask::StartSignUp { password, new_for }).await?;
    let started = client
        .sign_up_start(&SignUpStart {
            user_name: name.clone(),
            message,
        })
        .await?;
    let answer = started.message;
    let message = signer.ask(&Ask::FinishSignUp { answer }).await?;
    let session = client
        .sign_up_finish(&SignUpFinish {
            user_name: name,
            message,
            registration: started.registration,
            device: this_device(),
        })
        .await?;
    signed_in(drive, session).await;
    Ok(())
}

/// `replaces` ends, if there are as many devices as there may be.
pub async fn sign_in(
    drive: Drive,
    name: String,
    password: String,
    replaces: Option<DeviceId>,
) -> Result<(), Failure> {
    let (attempt, message) = prove(drive, name, password.clone()).await?;
    let session = drive
        .driver()
        .api()
        .sign_in_finish(&SignInFinish {
            attempt,
            message,
            device: this_device(),
            replaces,
        })
        .await?;
    let renews = session.renew_record;
    signed_in(drive, session).await;
    if renews {
        // If it fails, the next sign-in does it.
        spawn_local(async move {
            let _ = put_password(drive, password, Vec::new(), true).await;
        });
    }
    Ok(())
}

/// Both steps of a proof but the last message, which it answers with the
/// attempt's name.
async fn prove(
    drive: Drive,
    user_name: String,
    password: String,
) -> Result<(String, OpaqueMessage), Failure> {
    let mut signer = Signer::launch().await?;
    let message = signer.ask(&Ask::StartSignIn { password }).await?;
    let start = SignInStart { user_name, message };
    let started = drive.driver().api().sign_in_start(&start).await?;
    let answer = started.message;
    let message = signer.ask(&Ask::FinishSignIn { answer }).await?;
    Ok((started.attempt, message))
}

/// The password of whoever is signed in, again.
pub async fn confirm(drive: Drive, password: String) -> Result<(), Failure> {
    let confirmed = async {
        let (attempt, message) = prove(drive, user_name(drive), password).await?;
        let confirm = Confirm { attempt, message };
        drive.driver().api().confirm(&confirm).await
    };
    confirmed.await.map_err(|failure| match failure {
        Failure::Refused(Problem::SignInRefused) => {
            Failure::Device("That is not your password".to_owned())
        }
        other => other,
    })
}

/// Another password; `keep` stay signed in. How many devices and tokens have
/// ended.
pub async fn change_password(
    drive: Drive,
    (old, new): (String, String),
    keep: Vec<DeviceId>,
) -> Result<u64, Failure> {
    // Before anything is sent, whether the new one is worth it.
    let mut signer = Signer::launch().await?;
    let ask = Ask::StartSignUp {
        password: new.clone(),
        new_for: Some(user_name(drive)),
    };
    signer.ask(&ask).await?;
    confirm(drive, old).await?;
    let changed = put_password(drive, new, keep, false).await?;
    Ok(changed.ended)
}

/// Makes a new record, for another password or for the one that there is.
async fn put_password(
    drive: Drive,
    password: String,
    keep: Vec<DeviceId>,
    keep_all: bool,
) -> Result<PasswordChanged, Failure> {
    let client = drive.driver().api();
    let mut signer = Signer::launch().await?;
    let new_for = (!keep_all).then(|| user_name(drive));
    let message = signer.ask(&Ask::StartSignUp { password, new_for }).await?;
    let started = client.password_start(&PasswordStart { message }).await?;
    let answer = started.message;
    let message = signer.ask(&Ask::FinishSignUp { answer }).await?;
    let finish = PasswordFinish {
        message,
        registration: started.registration.unwrap_or_default(),
        keep,
        keep_all,
    };
    client.password_finish(&finish).await
}

pub async fn sign_out(drive: Drive) -> Result<(), Failure> {
    let driver = drive.driver();
    driver.signs_out.set(true);
    let signed_out = driver.api().sign_out().await;
    driver.signs_out.set(false);
    match signed_out {
        // Nobody is signed in any more either way.
        Ok(()) | Err(Failure::Refused(Problem::NotSignedIn | Problem::SessionEnded)) => {}
        Err(Failure::Refused(Problem::AnotherUser { user_name })) => {
            taken_over(drive, user_name);
            return Ok(());
        }
        Err(failure) => return Err(failure),
    }
    driver
        .tabs
        .tell(drive, &Message::SessionChanged { user: None });
    leave(drive, Leave::ByPerson).await;
    Ok(())
}

pub async fn refresh(drive: Drive) -> Result<(), Failure> {
    let of = user(drive);
    let who = drive.driver().api().me().await;
    let problem = match &who {
        Ok(session) if of == Some(session.user.id) => None,
        Ok(session) => Some(Problem::AnotherUser {
            user_name: session.user.name.clone(),
        }),
        Err(Failure::Refused(problem)) if problem.retry() == Retry::SignIn => Some(problem.clone()),
        Err(_) => None,
    };
    if let Some(problem) = problem {
        doubt(drive, of, &problem);
        return Ok(());
    }
    let session = who?;
    if of == user(drive) {
        drive.session.set(SessionState::SignedIn(session));
    }
    Ok(())
}

pub fn is_signed_in(drive: Drive) -> bool {
    user(drive).is_some()
}

/// Another tab signed somebody in or out: the cookie is this tab's too. What goes from
/// this browser then is the other tab's business.
pub fn changed_elsewhere(drive: Drive, new: Option<UserId>) {
    // A tab that has slept hears several at once: each finds what the one before left.
    spawn_local(async move {
        let was = user(drive);
        if was == new {
            return;
        }
        if new.is_none() {
            return leave(drive, Leave::Elsewhere).await;
        }
        if was.is_some() {
            return find_out_who(drive);
        }
        drive.session.set(SessionState::Checking);
        end(drive);
        let who = drive.driver().api().me().await;
        settle(drive, who).await;
    });
}

async fn signed_in(drive: Drive, session: Session) {
    let user = Some(session.user.id);
    begin(drive, session).await;
    drive
        .driver()
        .tabs
        .tell(drive, &Message::SessionChanged { user });
}

/// The client's hook: an answer said that the user whose page asked is not signed in.
fn doubt(drive: Drive, of: Option<UserId>, problem: &Problem) {
    let driver = drive.driver();
    // The person asked for it, and the poll hears of it before the request does; or it
    // was asked for somebody who is not at this tab any more.
    if of.is_none() || of != user(drive) || driver.signs_out.get() {
        return;
    }
    if driver.asks_who.replace(true) {
        return;
    }
    let problem = problem.clone();
    spawn_local(async move {
        // A tab may have slept on that answer, and somebody signed in since.
        let who = drive.driver().api().me().await;
        drive.driver().asks_who.set(false);
        if of != user(drive) {
            return;
        }
        match (who, problem) {
            (Ok(session), _) if of == Some(session.user.id) => begin(drive, session).await,
            (Ok(session), _) => taken_over(drive, session.user.name),
            (Err(_), Problem::AnotherUser { user_name }) => taken_over(drive, user_name),
            (Err(_), problem) => ended_by_server(drive, &problem).await,
        }
    });
}

/// What this browser keeps is not this tab's any more.
pub fn find_out_who(drive: Drive) {
    doubt(drive, user(drive), &Problem::SessionEnded);
}

/// The server says that nobody is signed in.
async fn ended_by_server(drive: Drive, problem: &Problem) {
    let reason = match drive.session.get_untracked() {
        SessionState::SignedOut { .. } | SessionState::TakenOver { .. } => return,
        // The first visit: nothing has ended.
        SessionState::Checking if *problem == Problem::NotSignedIn => None,
        SessionState::Checking | SessionState::SignedIn(_) => {
            Some(Problem::SessionEnded.to_string())
        }
    };
    leave(drive, Leave::ByServer(reason)).await;
}

/// Who ends a session.
enum Leave {
    ByPerson,
    /// The person, in another tab.
    Elsewhere,
    /// Why, if somebody is to be told.
    ByServer(Option<String>),
}

/// Shows the way in, and forgets what is not to stay: see [`remains`].
async fn leave(drive: Drive, leave: Leave) {
    let driver = drive.driver();
    let reason = match &leave {
        Leave::ByPerson | Leave::Elsewhere => None,
        Leave::ByServer(reason) => reason.clone(),
    };
    let here = driver.client().map_or(0, |client| client.unsent());
    let user = user(drive);
    // At once: what is shown now is not for whoever looks at the page next.
    if is_signed_in(drive) {
        let sign_up_open = driver.sign_up_open.get().unwrap_or(true);
        drive.session.set(SessionState::SignedOut {
            sign_up_open,
            reason: reason.clone(),
        });
    }
    end(drive);
    match leave {
        Leave::Elsewhere => {}
        Leave::ByPerson => {
            remembered::forget_all(drive, user);
            remains::forget(drive).await;
        }
        Leave::ByServer(_) => {
            let unsent = here + driver.store.unsent_of_others().await;
            remains::forget_but_unsent(drive).await;
            if reason.is_some() && unsent > 0 {
                let text = "What was not sent yet is kept in this browser until you sign in \
                            again. If somebody else signs in here first, it is lost";
                drive.notify(Tone::Bad, text.to_owned());
            }
        }
    }
    show_signed_out(drive, reason).await;
}

/// Somebody else is signed in now. What this browser keeps is theirs: this tab stops,
/// and touches nothing of it.
fn taken_over(drive: Drive, by: String) {
    let lost = drive.driver().client().map_or(0, |client| client.unsent());
    drive.session.set(SessionState::TakenOver { by, lost });
    end(drive);
}

/// Stops everything, and shows nothing any more.
fn end(drive: Drive) {
    let driver = drive.driver();
    if let Some(client) = driver.client.take() {
        client.end();
    }
    driver.speak_for(None);
    driver.gate.set(Gate::Asking);
    driver.door.forget_all(drive);
    driver.panel.forget_all(drive);
    driver.cache.forget_what_comes();
    driver.downloads.cancel_all();
    show::nothing(drive);
}

async fn show_signed_out(drive: Drive, reason: Option<String>) {
    let driver = drive.driver();
    let sign_up_open = match driver.api().server().await {
        Ok(server) => server.sign_up_open,
        // If it is closed, the server says so when it is tried.
        Err(_) => true,
    };
    driver.sign_up_open.set(Some(sign_up_open));
    if !is_signed_in(drive) {
        drive.session.set(SessionState::SignedOut {
            sign_up_open,
            reason,
        });
    }
}

/// Who is signed in.
pub fn user(drive: Drive) -> Option<UserId> {
    drive.session.with_untracked(|state| match state {
        SessionState::SignedIn(session) => Some(session.user.id),
        _ => None,
    })
}

fn user_name(drive: Drive) -> String {
    drive.session.with_untracked(|state| match state {
        SessionState::SignedIn(session) => session.user.name.clone(),
        _ => String::new(),
    })
}

fn this_device() -> NewDevice {
    NewDevice {
        name: agent::device_name(&agent::user_agent()),
        kind: DeviceKind::Browser,
        id: agent::remembered_device(),
    }
}
