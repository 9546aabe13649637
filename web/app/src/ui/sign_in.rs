//! The page's door: signing in and making an account.

mod password;
mod user_name;

pub use password::PasswordField;
pub use user_name::UserNameField;

use super::dom;
use super::first_sight::AtDoor;
use super::icon::{Glyph, Icon};
use super::parts::{InPart, OfPages};
use super::refusal::Refusal;
use super::route::{forget_invite, invite};
use super::work::{Work, WorkError};
use crate::commands::use_commands;
use crate::refusals::InWords;
use crate::state::Drive;
use crate::state::session::SessionState;
use crate::words::{say, t};
use leptos::ev::SubmitEvent;
use leptos::prelude::*;
use platform::failure::Failure;
use protocol::devices::Device;
use protocol::limits::MIN_PASSWORD_CHARS;
use protocol::problem::Problem;
use workers::signing::strength::Weak;

/// What says why somebody was refused.
const REFUSAL: &str = "door-error";
const NAME: &str = "[name=username]";
const PASSWORD: &str = "[name=password]";

#[derive(Clone, Copy, PartialEq, Eq)]
enum Purpose {
    SignIn,
    SignUp,
}

#[component]
pub fn SignIn() -> impl IntoView {
    // The name of whoever has forgotten the password, as far as they have typed it.
    let forgot = RwSignal::new(None::<String>);
    view! {
        <main class="door">
            <section class="door-form">
                <div class="brand">
                    <img src="/favicon.svg" alt="" width="36" height="36" />
                    <span>"Driftless"</span>
                </div>
                {move || match forgot.with(Option::is_some) {
                    true => view! { <InPart part=OfPages::RecoveryForm(forgot) /> }.into_any(),
                    false => view! { <DoorForm forgot /> }.into_any(),
                }}
            </section>
            <aside class="door-art">
                <p class="door-line">{t("Only what changed travels.")}</p>
                <p>
                    {t("Every device is up to date within a blink, and no edit is ever overwritten.")}
                </p>
            </aside>
        </main>
    }
}

#[component]
fn DoorForm(forgot: RwSignal<Option<String>>) -> impl IntoView {
    let commands = use_commands();
    let at_door = AtDoor::take();
    let invite = StoredValue::new(invite());
    let is_invited = invite.with_value(Option::is_some);
    let purpose = RwSignal::new(match is_invited || at_door.pressed("sign-up") {
        true => Purpose::SignUp,
        false => Purpose::SignIn,
    });
    let name = RwSignal::new(at_door.name.clone());
    let password = RwSignal::new(at_door.password.clone());
    let work = Work::new();
    let refusal = Refusal::new(work, REFUSAL, PASSWORD);
    // Where there are as many devices as there may be, the one to end.
    let full = RwSignal::new(None::<Device>);
    let enter = move |replaces| {
        let (name, password) = (
            name.get_untracked().trim().to_owned(),
            password.get_untracked(),
        );
        if name.is_empty() {
            return refusal.refuse(NAME, t("Enter a name"));
        }
        refusal.about(PASSWORD);
        match purpose.get_untracked() {
            Purpose::SignUp if password.chars().count() < MIN_PASSWORD_CHARS => {
                work.refuse(&Weak::Short.in_words());
            }
            Purpose::SignUp => {
                let made = commands.sign_up(name, password, invite.get_value());
                work.run(made, move |()| {
                    if is_invited {
                        forget_invite();
                    }
                });
            }
            Purpose::SignIn => {
                let command = async move {
                    let entered = commands.sign_in(name, password, replaces).await;
                    full.try_set(match &entered {
                        Err(Failure::Refused(Problem::TooManyDevices { oldest, .. })) => {
                            oldest.as_deref().cloned()
                        }
                        _ => None,
                    });
                    entered
                };
                work.run(command, |()| {});
            }
        }
    };
    let submit = move |event: SubmitEvent| {
        event.prevent_default();
        enter(None);
    };
    let new = Signal::derive(move || purpose.get() == Purpose::SignUp);
    let forget = move || forgot.set(Some(name.get_untracked()));
    if at_door.pressed("forgot") {
        forget();
    } else if at_door.pressed("enter") {
        enter(None);
    }
    dom::when_drawn(refusal.form, move |form| at_door.focus_in(&form));
    view! {
        <form node_ref=refusal.form class="stack" novalidate on:submit=submit aria-busy=move || work.busy.get().to_string()>
            <h1>{move || if new.get() { t("Create your account") } else { t("Welcome back") }}</h1>
            <Reason />
            <UserNameField name refused_by=refusal.of(NAME) />
            <PasswordField password new refused_by=refusal.of(PASSWORD) />
            <WorkError work id=REFUSAL />
            {move || {
                full.get().map(|device| {
                    let replaced = Some(device.id);
                    view! {
                        <button
                            type="button"
                            class="button button-wrap"
                            disabled=work.busy
                            on:click=move |_| enter(replaced)
                        >
                            {say!("Revoke “{name}” and sign in", name = device.name)}
                        </button>
                    }
                })
            }}
            <button type="submit" class="button button-main" disabled=work.busy>
                {move || match (purpose.get(), work.busy.get()) {
                    (Purpose::SignIn, false) => t("Sign in"),
                    (Purpose::SignIn, true) => t("Signing in…"),
                    (Purpose::SignUp, false) => t("Create account"),
                    (Purpose::SignUp, true) => t("Creating your account…"),
                }}
            </button>
            <Show when=move || !new.get()>
                <p class="door-switch">
                    <button type="button" class="link" on:click=move |_| forget()>
                        {t("Forgot your password?")}
                    </button>
                </p>
            </Show>
            <Switch purpose work is_invited />
        </form>
    }
}

/// Why the person is here again, if they did not ask for it.
#[component]
fn Reason() -> impl IntoView {
    let drive: Drive = expect_context();
    let reason = Memo::new(move |_| match drive.session.get() {
        SessionState::SignedOut { reason, .. } => reason,
        _ => None,
    });
    move || {
        reason.get().map(|reason| {
            view! {
                <p class="note" role="status">
                    <Glyph icon=Icon::Warning />
                    {reason}
                </p>
            }
        })
    }
}

#[component]
fn Switch(purpose: RwSignal<Purpose>, work: Work, is_invited: bool) -> impl IntoView {
    let drive: Drive = expect_context();
    let open = Memo::new(move |_| {
        matches!(
            drive.session.get(),
            SessionState::SignedOut {
                sign_up_open: true,
                ..
            }
        )
    });
    // A server that closes its doors meanwhile leaves nobody on the wrong form.
    let turn = move |to: Purpose| {
        work.error.set(None);
        purpose.set(to);
    };
    move || {
        let (words, act) = match purpose.get() {
            Purpose::SignIn if !open.get() && !is_invited => {
                let words = t("New here? Ask whoever runs this server for an account.");
                (words, None)
            }
            Purpose::SignIn => (
                t("New here?"),
                Some((t("Create an account"), Purpose::SignUp)),
            ),
            Purpose::SignUp => (
                t("Been here before?"),
                Some((t("I have an account"), Purpose::SignIn)),
            ),
        };
        let act = act.map(|(label, to)| {
            view! {
                " "
                <button type="button" class="link" on:click=move |_| turn(to)>
                    {label}
                </button>
            }
        });
        view! { <p class="door-switch">{words} {act}</p> }
    }
}
