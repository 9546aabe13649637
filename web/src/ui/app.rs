//! The page as a whole: its contexts, and which of its faces is up.

use super::clock::Clock;
use super::dialogs::Dialogs;
use super::route::Router;
use super::shell::Shell;
use super::sign_in::SignIn;
use super::theme::Theme;
use super::toasts::Toasts;
use crate::commands;
use crate::state::Drive;
use crate::state::connection::Connection;
use crate::state::session::SessionState;
use leptos::ev;
use leptos::prelude::*;

#[component]
pub fn App() -> impl IntoView {
    let drive = Drive::new();
    provide_context(drive);
    provide_context(Router::start());
    provide_context(Dialogs::new());
    provide_context(Clock::start());
    provide_context(Theme::start());
    commands::start(drive);
    never_open_drops();

    let face = Memo::new(move |_| drive.session.with(Face::of));
    view! {
        {move || match face.get() {
            Face::Splash => view! { <Splash /> }.into_any(),
            Face::Door => view! { <SignIn /> }.into_any(),
            Face::Drive => view! { <Shell /> }.into_any(),
        }}
        <Toasts />
    }
}

/// A file dropped where nobody takes it must not replace the page.
fn never_open_drops() {
    let refuse = |event: ev::DragEvent| {
        let ours = event.default_prevented();
        let transfer = event.data_transfer();
        if let Some(transfer) = transfer.filter(|_| !ours)
            && transfer.types().includes(&"Files".into(), 0)
        {
            event.prevent_default();
            transfer.set_drop_effect("none");
        }
    };
    // They listen as long as the page lives, after the shell's own.
    let _ = window_event_listener(ev::dragover, refuse);
    let _ = window_event_listener(ev::drop, refuse);
}

/// Changes less often than the session does: a new figure of used storage must
/// not rebuild the page.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Face {
    Splash,
    Door,
    Drive,
}

impl Face {
    fn of(session: &SessionState) -> Self {
        match session {
            SessionState::Checking => Face::Splash,
            SessionState::SignedOut { .. } => Face::Door,
            SessionState::SignedIn(_) => Face::Drive,
        }
    }
}

#[component]
fn Splash() -> impl IntoView {
    let drive: Drive = expect_context();
    let words = move || match drive.connection.get() {
        Connection::Offline => "There is no network. Your drive opens when it is back.",
        Connection::Reconnecting => "The server can't be reached. Trying again…",
        Connection::Connecting | Connection::Live => "Opening your drive…",
    };
    view! {
        <div class="splash" role="status">
            <img class="splash-mark" src="/favicon.svg" alt="" width="48" height="48" />
            <p>{words}</p>
        </div>
    }
}
