//! From the page's start to sign-out.

use super::tabs::{self, Message};
use super::{live, pull};
use crate::browser::bell::Latch;
use crate::browser::{agent, clock, random};
use crate::failure::Failure;
use crate::signing::{Ask, Signer};
use crate::state::Drive;
use crate::state::connection::Connection;
use crate::state::session::SessionState;
use crate::state::tree::Tree;
use futures_util::future::{join, select};
use leptos::prelude::{GetUntracked, Set, WithUntracked};
use shared::backoff;
use shared::ids::UserId;
use shared::protocol::accounts::{NewDevice, Session, SignInFinish, SignInStart};
use shared::protocol::accounts::{SignUpFinish, SignUpStart};
use shared::protocol::devices::DeviceKind;
use shared::protocol::problem::Problem;
use std::pin::pin;
use wasm_bindgen_futures::spawn_local;

/// Shows what this browser keeps while it asks the server who is signed in.
pub async fn open(drive: Drive) {
    let engine = drive.engine();
    engine
        .client
        .on_session_end(move |problem| ended_by_server(drive, problem));
    engine.tabs.open(drive);
    let ((), who) = join(show_kept(drive), engine.client.me()).await;
    settle(drive, who).await;
}

async fn show_kept(drive: Drive) {
    let engine = drive.engine();
    engine.store.open(drive).await;
    let Some(session) = engine.store.session(drive).await else {
        return;
    };
    // The server may have answered by now that nobody is signed in.
    if drive.session.get_untracked() != SessionState::Checking {
        return;
    }
    pull::reload(drive).await;
    if drive.session.get_untracked() == SessionState::Checking {
        drive.session.set(SessionState::SignedIn(session));
    }
}

/// Acts upon the answer to "who am I?", and asks again until there is one.
async fn settle(drive: Drive, mut who: Result<Session, Failure>) {
    let mut failures = 0;
    loop {
        match who {
            Ok(session) => return begin(drive, session).await,
            Err(failure) if failure.is_passing() => {
                drive.connection.set(live::unconnected());
                let wait = backoff::delay_millis(failures, random::jitter());
                clock::sleep(failure.asked_wait_millis()).await;
                let retry = pin!(drive.engine().session_retry.next());
                select(pin!(clock::sleep(wait)), retry).await;
                failures += 1;
            }
            // Nobody is signed in: the client's hook sees to that.
            Err(Failure::Refused(Problem::NotSignedIn | Problem::SessionEnded)) => return,
            Err(failure) => return show_signed_out(drive, Some(failure.to_string())).await,
        }
        who = drive.engine().client.me().await;
    }
}

/// Starts to sync for whoever is signed in now.
async fn begin(drive: Drive, session: Session) {
    let engine = drive.engine();
    let is_shown = user(drive) == Some(session.user.id);
    if !is_shown {
        forget_tree(drive);
    }
    engine.store.claim(drive, &session).await;
    agent::remember_device(session.device.id);
    let over = Latch::default();
    engine.session_over.replace(over.clone()).set();
    drive.connection.set(Connection::Connecting);
    drive.session.set(SessionState::SignedIn(session));
    tabs::take_turns(drive, over);
}

pub async fn sign_up(drive: Drive, name: String, password: String) -> Result<(), Failure> {
    let client = drive.engine().client.clone();
    let mut signer = Signer::launch().await?;
    let message = signer.ask(&Ask::StartSignUp { password }).await?;
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
            device: this_device(),
        })
        .await?;
    signed_in(drive, session).await;
    Ok(())
}

pub async fn sign_in(drive: Drive, name: String, password: String) -> Result<(), Failure> {
    let client = drive.engine().client.clone();
    let mut signer = Signer::launch().await?;
    let message = signer.ask(&Ask::StartSignIn { password }).await?;
    let started = client
        .sign_in_start(&SignInStart {
            user_name: name,
            message,
        })
        .await?;
    let answer = started.message;
    let message = signer.ask(&Ask::FinishSignIn { answer }).await?;
    let session = client
        .sign_in_finish(&SignInFinish {
            attempt: started.attempt,
            message,
            device: this_device(),
        })
        .await?;
    signed_in(drive, session).await;
    Ok(())
}

pub async fn sign_out(drive: Drive) -> Result<(), Failure> {
    let engine = drive.engine();
    engine.signs_out.set(true);
    let signed_out = engine.client.sign_out().await;
    engine.signs_out.set(false);
    match signed_out {
        // Nobody is signed in any more either way.
        Ok(()) | Err(Failure::Refused(Problem::NotSignedIn | Problem::SessionEnded)) => {}
        Err(failure) => return Err(failure),
    }
    engine.tabs.tell(&Message::SessionChanged { user: None });
    leave(drive, None).await;
    Ok(())
}

pub async fn refresh(drive: Drive) -> Result<(), Failure> {
    let session = drive.engine().client.me().await?;
    if user(drive) == Some(session.user.id) {
        drive.session.set(SessionState::SignedIn(session));
    }
    Ok(())
}

pub fn is_signed_in(drive: Drive) -> bool {
    user(drive).is_some()
}

/// Another tab signed somebody in or out: the cookie is this tab's too.
pub fn changed_elsewhere(drive: Drive, new: Option<UserId>) {
    if user(drive) == new {
        return;
    }
    spawn_local(async move {
        if new.is_none() {
            return leave(drive, None).await;
        }
        drive.session.set(SessionState::Checking);
        end(drive).await;
        let who = drive.engine().client.me().await;
        settle(drive, who).await;
    });
}

async fn signed_in(drive: Drive, session: Session) {
    let user = Some(session.user.id);
    begin(drive, session).await;
    drive.engine().tabs.tell(&Message::SessionChanged { user });
}

/// The client's hook: an answer said that nobody is signed in.
fn ended_by_server(drive: Drive, problem: &Problem) {
    // The person asked for it: the poll hears of it before the request does.
    if drive.engine().signs_out.get() {
        return;
    }
    let reason = match drive.session.get_untracked() {
        SessionState::SignedOut { .. } => return,
        // The first visit: nothing has ended.
        SessionState::Checking if *problem == Problem::NotSignedIn => None,
        SessionState::Checking | SessionState::SignedIn(_) => {
            Some(Problem::SessionEnded.to_string())
        }
    };
    spawn_local(leave(drive, reason));
}

/// Shows the way in, and forgets everything.
async fn leave(drive: Drive, reason: Option<String>) {
    // At once: what is shown now is not for whoever looks at the page next.
    if is_signed_in(drive) {
        let sign_up_open = drive.engine().sign_up_open.get().unwrap_or(true);
        drive.session.set(SessionState::SignedOut {
            sign_up_open,
            reason: reason.clone(),
        });
    }
    end(drive).await;
    show_signed_out(drive, reason).await;
}

/// Stops everything and forgets everything.
async fn end(drive: Drive) {
    let engine = drive.engine();
    engine.session_over().set();
    engine.uploads.forget_all(drive);
    forget_tree(drive);
    engine.store.wipe(drive).await;
}

fn forget_tree(drive: Drive) {
    let feed = &drive.engine().feed;
    feed.cursor.take();
    feed.staged.take();
    if !drive.tree.with_untracked(|tree| *tree == Tree::default()) {
        drive.tree.set(Tree::default());
    }
    drive.conflicts.set(Default::default());
}

async fn show_signed_out(drive: Drive, reason: Option<String>) {
    let engine = drive.engine();
    let sign_up_open = match engine.client.server().await {
        Ok(server) => server.sign_up_open,
        // If it is closed, the server says so when it is tried.
        Err(_) => true,
    };
    engine.sign_up_open.set(Some(sign_up_open));
    if !is_signed_in(drive) {
        drive.session.set(SessionState::SignedOut {
            sign_up_open,
            reason,
        });
    }
}

fn user(drive: Drive) -> Option<UserId> {
    drive.session.with_untracked(|state| match state {
        SessionState::SignedIn(session) => Some(session.user.id),
        _ => None,
    })
}

fn this_device() -> NewDevice {
    NewDevice {
        name: agent::device_name(&agent::user_agent()),
        kind: DeviceKind::Browser,
        id: agent::remembered_device(),
    }
}
