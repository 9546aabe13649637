//! The page as a whole: its contexts, and which of its faces is up.

use super::clock::Clock;
use super::dialogs::Dialogs;
use super::first_sight;
use super::parts::{self, InPart, OfLists, PagePart};
use super::route::Router;
use super::shell::Shell;
use super::sign_in::SignIn;
use super::theme::Theme;
use super::toasts::Toasts;
use crate::commands::{self, Commands};
use crate::state::Drive;
use crate::state::connection::Connection;
use crate::state::session::SessionState;
use crate::words::{say, say_many, t};
use leptos::ev;
use leptos::prelude::*;

#[component]
pub fn App(driver_parts: commands::DriverParts, view_parts: parts::ViewParts) -> impl IntoView {
    let drive = Drive::new();
    let router = Router::start();
    if untrack(|| router.is_visit()) {
        drive.session.set(SessionState::Visiting);
    }
    provide_context(drive);
    provide_context(view_parts);
    provide_context(router);
    provide_context(Dialogs::new());
    provide_context(Clock::start());
    provide_context(Theme::start());
    provide_context(Commands::start(drive, driver_parts));
    never_open_drops();

    let face = Memo::new(move |_| drive.session.with(Face::of));
    // Once what comes in its place is there, and before anything is painted.
    Effect::new(move |_| {
        if face.get() != Face::Splash {
            first_sight::end();
        }
    });
    view! {
        {move || match face.get() {
            Face::Splash => view! { <Splash /> }.into_any(),
            Face::Door => view! { <SignIn /> }.into_any(),
            Face::TakenOver => view! { <TakenOver /> }.into_any(),
            Face::Drive => view! { <Shell /> }.into_any(),
            Face::Visit => {
                let key = untrack(|| router.visited());
                view! { <InPart part=PagePart::Visit(key) /> }.into_any()
            }
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
    TakenOver,
    Drive,
    Visit,
}

impl Face {
    fn of(session: &SessionState) -> Self {
        match session {
            SessionState::Checking => Face::Splash,
            SessionState::SignedOut { .. } => Face::Door,
            SessionState::TakenOver { .. } => Face::TakenOver,
            SessionState::SignedIn(_) => Face::Drive,
            SessionState::Visiting => Face::Visit,
        }
    }
}

/// Why the page still shows what the document showed before it.
#[component]
fn Splash() -> impl IntoView {
    let drive: Drive = expect_context();
    let words = move || match (drive.read.get(), drive.connection.get()) {
        (0, Connection::Offline) => {
            Some(t("There is no network. The page goes on when it is back.").to_owned())
        }
        (0, Connection::Reconnecting) => {
            Some(t("The server can't be reached. Trying again…").to_owned())
        }
        (0, Connection::Connecting | Connection::Live) => None,
        (read, _) => Some(say_many!(
            read,
            "Reading the list of your files: 1 name so far…",
            "Reading the list of your files: {n} names so far…"
        )),
    };
    // They stay until the list is there.
    let reads_many = Memo::new(move |did| did == Some(&true) || drive.read.get() > 0);
    view! {
        {move || words().map(|words| view! { <p class="first-note" role="status">{words}</p> })}
        {move || reads_many.get().then(|| view! { <InPart part=OfLists::FirstRows /> })}
    }
}

/// Of a tab that is somebody else's than who is signed in now.
#[component]
fn TakenOver() -> impl IntoView {
    let drive: Drive = expect_context();
    let (by, lost) = match drive.session.get_untracked() {
        SessionState::TakenOver { by, lost } => (by, lost),
        _ => (String::new(), 0),
    };
    let lost = (lost > 0).then(|| {
        say_many!(
            lost,
            "1 change of this tab had not reached the server. They went when the other person signed in: this browser keeps what is unsent of one person only.",
            "{n} changes of this tab had not reached the server. They went when the other person signed in: this browser keeps what is unsent of one person only."
        )
    });
    let button = say!("Open {name}’s drive", name = by);
    view! {
        <main class="splash">
            <h1><bdi>{by}</bdi>" "{t("is signed in here now")}</h1>
            <p class="splash-words">
                {t("They signed in in another tab of this browser. Nothing of what was open in this one is shown or sent any more.")}
            </p>
            {lost.map(|lost| view! { <p class="splash-words" role="alert">{lost}</p> })}
            <button
                type="button"
                class="button button-main"
                on:click=move |_| {
                    let _ = window().location().reload();
                }
            >
                {button}
            </button>
        </main>
    }
}
