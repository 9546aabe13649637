//! Who may make an account, and invitations that hold.

use super::dialog::{Act, open};
use super::question::Question;
use crate::commands::use_commands;
use crate::format::{minute, sentence};
use crate::refusals::InWords;
use crate::state::Drive;
use crate::ui::confirm::{Confirm, ConfirmField};
use crate::ui::dialogs::use_dialogs;
use crate::ui::icon::{Glyph, Icon};
use crate::ui::refusal::Refusal;
use crate::ui::segmented::Segmented;
use crate::ui::work::{Work, WorkError};
use crate::words::{say, t};
use leptos::ev::SubmitEvent;
use leptos::prelude::*;
use leptos::task::spawn_local;
use protocol::administration::{Invite, SignUpMode};

#[component]
pub fn SignUpPart() -> impl IntoView {
    let (commands, dialogs) = (use_commands(), use_dialogs());
    let settings = Question::new(move || commands.server_settings());
    let invites = Question::new(move || commands.invites());
    view! {
        <section class="stack" data-testid="sign-up">
            <h2 class="page-part">{t("New accounts")}</h2>
            {settings
                .view(
                    t("Loading who may make an account"),
                    |settings| view! { <Mode mode=settings.sign_up /> }.into_any(),
                )}
            <h3 class="page-part">{t("Invitations")}</h3>
            <p class="hint">
                {t("Whoever has the address of an invitation makes one account with it, within a week, also where others may make none. Where sign-up is closed, no invitation holds.")}
            </p>
            {invites.view(t("Loading the invitations"), |invites| view! { <List invites /> }.into_any())}
            <p class="page-foot">
                <button type="button" class="button" on:click=move |_| open(dialogs, Act::Invite)>
                    <Glyph icon=Icon::Link />
                    {t("Invite somebody…")}
                </button>
            </p>
        </section>
    }
}

/// What says why it stays as it is.
const REFUSAL: &str = "sign-up-error";
const MODE: &str = ".segmented button";
const PASSWORD: &str = "[name=password]";

#[component]
fn Mode(mode: SignUpMode) -> impl IntoView {
    let commands = use_commands();
    let drive: Drive = expect_context();
    let set = RwSignal::new(mode);
    let chosen = RwSignal::new(mode);
    let (work, confirm) = (Work::new(), Confirm::new());
    let refusal = Refusal::new(work, REFUSAL, MODE);
    let submit = move |event: SubmitEvent| {
        event.prevent_default();
        let wanted = chosen.get_untracked();
        let put = async move {
            let put = commands.set_sign_up(wanted);
            let done = confirm.guard(commands, put).await;
            refusal.about(match confirm.is_asked() {
                true => PASSWORD,
                false => MODE,
            });
            done
        };
        work.run(put, move |settings| {
            set.try_set(settings.sign_up);
            chosen.try_set(settings.sign_up);
            drive.notices.good(words_of(settings.sign_up));
        });
    };
    view! {
        <form node_ref=refusal.form class="stack" novalidate on:submit=submit>
            <div class="field">
                <span>{t("Who may make an account")}</span>
                <Segmented
                    label=t("Who may make an account")
                    options=vec![
                        (SignUpMode::Open, t("Anybody")),
                        (SignUpMode::Invited, t("Invited people")),
                        (SignUpMode::Closed, t("Nobody")),
                    ]
                    chosen
                />
            </div>
            <p class="hint" data-testid="sign-up-mode">{move || words_of(set.get())}</p>
            <Show when=move || chosen.get() != set.get()>
                <ConfirmField confirm refused_by=refusal.of(PASSWORD) />
                <p>
                    <button type="submit" class="button button-main" disabled=work.busy>
                        {t("Save")}
                    </button>
                </p>
            </Show>
            <WorkError work id=REFUSAL />
        </form>
    }
}

fn words_of(mode: SignUpMode) -> &'static str {
    match mode {
        SignUpMode::Open => t("Anybody who has the address of this server can make an account"),
        SignUpMode::Invited => t("Only whoever has an invitation can make an account"),
        SignUpMode::Closed => t("Nobody can make an account"),
        SignUpMode::Unknown => t("This page is too old to say who can make an account"),
    }
}

#[component]
fn List(invites: Vec<Invite>) -> impl IntoView {
    let is_empty = invites.is_empty();
    view! {
        <Show when=move || is_empty>
            <p class="hint">{t("No invitation is open.")}</p>
        </Show>
        <ul class="lines lines-boxed">
            {invites.into_iter().map(|invite| view! { <Line invite /> }).collect_view()}
        </ul>
    }
}

#[component]
fn Line(invite: Invite) -> impl IntoView {
    let (commands, dialogs) = (use_commands(), use_dialogs());
    let drive: Drive = expect_context();
    let busy = RwSignal::new(false);
    let id = invite.id;
    let name = match invite.note.is_empty() {
        true => t("For somebody").to_owned(),
        false => invite.note.clone(),
    };
    let remove = move |_| {
        if busy.get_untracked() {
            return;
        }
        busy.set(true);
        spawn_local(async move {
            if let Err(failure) = commands.remove_invite(id).await {
                drive.notices.bad(sentence(&failure.in_words()));
            }
            busy.try_set(false);
            dialogs.changes.update(|changes| *changes += 1);
        });
    };
    view! {
        <li class="line line-device line-grows" data-testid="invite" data-name=name.clone()>
            <span class="row-icon">
                <Glyph icon=Icon::Link />
            </span>
            <span class="line-words line-words-whole">
                <strong><bdi>{name.clone()}</bdi></strong>
                <span>
                    {say!(
                        "Made by {name}, holds until {time}",
                        name = invite.made_by,
                        time = minute(invite.ends_at_ms),
                    )}
                </span>
            </span>
            <button
                type="button"
                class="button"
                aria-label=say!("Take back: {name}", name)
                disabled=busy
                on:click=remove
            >
                {t("Take back")}
            </button>
        </li>
    }
}
