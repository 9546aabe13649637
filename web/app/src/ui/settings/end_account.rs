//! The end of the account: what is said of it beside the devices, and the dialog that asks.

use crate::commands::use_commands;
use crate::format::{count, minute};
use crate::state::Drive;
use crate::state::session::SessionState;
use crate::ui::confirm::{Confirm, ConfirmField};
use crate::ui::dialog::Dialog;
use crate::ui::dialog_foot::{DialogFoot, First};
use crate::ui::dialogs::{Ask, use_dialogs};
use crate::ui::ending::use_end;
use crate::ui::refusal::{Refusal, invalid};
use crate::ui::work::{Work, WorkError};
use crate::words::{say, say_many, t};
use leptos::ev::SubmitEvent;
use leptos::prelude::*;
use leptos::task::spawn_local;
use platform::browser::clock;
use protocol::grants::Grants;
use protocol::ids::{ItemId, UserId};
use std::collections::BTreeSet;

/// Beside the devices. While the account ends, the note above every view says so, and has
/// the way back.
#[component]
pub fn EndAccount() -> impl IntoView {
    let (dialogs, end) = (use_dialogs(), use_end());
    view! {
        <section data-testid="end-account">
            <h2 class="page-part">{t("Delete the account")}</h2>
            {move || match end.get() {
                Some(end) => {
                    view! { <p class="hint">{say!("The account ends on {date}.", date = minute(end))}</p> }
                        .into_any()
                }
                None => {
                    view! {
                        <p class="hint">
                            {t("Everything in it goes with it. Whoever you share something with is told first, and has time to copy it.")}
                        </p>
                        <p class="page-foot">
                            <button
                                type="button"
                                class="button button-bad"
                                on:click=move |_| dialogs.open(Ask::EndAccount)
                            >
                                {t("Delete the account…")}
                            </button>
                        </p>
                    }
                        .into_any()
                }
            }}
        </section>
    }
}

/// What says why the account goes on, and the fields that it may be about.
const REFUSAL: &str = "end-error";
const NAME: &str = "[name=user-name-again]";
const PASSWORD: &str = "[name=password]";

#[component]
pub fn EndAccountDialog() -> impl IntoView {
    let (drive, dialogs): (Drive, _) = (expect_context(), use_dialogs());
    let commands = use_commands();
    let (work, confirm) = (Work::new(), Confirm::new());
    let refusal = Refusal::new(work, REFUSAL, NAME);
    let typed = RwSignal::new(String::new());
    let goes_on = RwSignal::new(None::<u64>);
    let unsent = RwSignal::new(0_usize);
    spawn_local(async move {
        commands.refresh_shares().await;
        unsent.try_set(commands.unsent().await);
        // Without an answer, no day is named before the server names it.
        if let Ok(Some(millis)) = commands.account_goes_on().await {
            goes_on.try_set(Some(millis));
        }
    });
    let name = drive.session.with_untracked(SessionState::user_name);
    let (asked, is_name) = (name.clone(), move |typed: &str| typed.trim() == name);
    let ends = move || {
        match goes_on.get() {
        Some(millis) => say!(
            "Your account ends on {date}. Until then everything is as before, and you can keep it after all.",
            date = minute(clock::now_ms().saturating_add(millis))
        ),
        None => t("Your account ends after a time, which you are told next. Until then everything is as before, and you can keep it after all.").to_owned(),
    }
    };
    let things = move || {
        let items = drive.session.with(|session| match session {
            SessionState::SignedIn(session) => session.space.counts.items,
            _ => 0,
        });
        say_many!(
            items,
            "Then everything in it is deleted for good, with all versions and the trash: 1 file or folder.",
            "Then everything in it is deleted for good, with all versions and the trash: {n} files and folders."
        )
    };
    let submit = move |event: SubmitEvent| {
        event.prevent_default();
        if !typed.with_untracked(|typed| is_name(typed)) {
            return refusal.refuse(NAME, t("Type your user name as it is written here"));
        }
        let end = async move {
            let ended = confirm.guard(commands, commands.end_account()).await;
            refusal.about(match confirm.is_asked() {
                true => PASSWORD,
                false => NAME,
            });
            ended
        };
        // The note above every view says when.
        work.run(end, move |_| dialogs.close());
    };
    view! {
        <Dialog title=t("Delete the account?") on_close=dialogs.on_close()>
            <form
                node_ref=refusal.form
                class="stack"
                novalidate on:submit=submit>
                <p>{ends}</p>
                <ul class="names-plain">
                    <li>{things}</li>
                    <li>{move || drive.shares.known.with(|known| shared_words(known.as_ref()))}</li>
                    <li>
                        {t("What others share with you is not yours any more then. What you wrote there stays, with your name.")}
                    </li>
                    <li>{move || unsent_words(unsent.get())}</li>
                </ul>
                <label class="field">
                    <span>{t("Your user name, to be sure:")} " " <strong><bdi>{asked}</bdi></strong></span>
                    <input
                        type="text"
                        name="user-name-again"
                        autocomplete="off"
                        autocapitalize="none"
                        spellcheck="false"
                        prop:value=typed
                        aria-invalid=invalid(refusal.of(NAME))
                        aria-describedby=refusal.of(NAME)
                        on:input=move |event| typed.set(event_target_value(&event))
                    />
                </label>
                <ConfirmField confirm refused_by=refusal.of(PASSWORD) />
                <WorkError work id=REFUSAL />
                <DialogFoot
                    verb=Signal::derive(move || match work.busy.get() {
                        true => t("One moment…").to_owned(),
                        false => t("Delete the account").to_owned(),
                    })
                    disabled=work.busy
                    bad=true
                    cancel=dialogs.on_close()
                    first=First::WayOut
                />
            </form>
        </Dialog>
    }
}

/// Who loses access to what.
fn shared_words(known: Option<&Grants>) -> String {
    let Some(known) = known else {
        let words = t("Whoever you share something with is told at once, and loses it then.");
        return words.to_owned();
    };
    let people: BTreeSet<UserId> = known.by_me.iter().map(|one| one.person.user_id).collect();
    let items: BTreeSet<ItemId> = known.by_me.iter().map(|one| one.item).collect();
    let items = count(items.len(), "file or folder", "files and folders");
    let shared = match people.len() {
        0 => t("Nobody else has access to anything of yours.").to_owned(),
        many => say_many!(
            many,
            "1 person has access to {items} of yours, is told at once, and loses it then.",
            "{n} people have access to {items} of yours, are told at once, and lose it then.",
            items
        ),
    };
    match known.linked.len() {
        0 => shared,
        many => {
            let links = say_many!(
                many,
                "Your links to 1 file or folder end then, too.",
                "Your links to {n} files and folders end then, too."
            );
            format!("{shared} {links}")
        }
    }
}

fn unsent_words(unsent: usize) -> String {
    match unsent {
        0 => t("What this browser has not sent to the server by then is lost.").to_owned(),
        many => say_many!(
            many,
            "The server does not have 1 change that you made in this browser. What is not sent by then is lost.",
            "The server does not have {n} changes that you made in this browser. What is not sent by then is lost."
        ),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use protocol::grants::{Grant, Person, Role};
    use protocol::ids::GrantId;

    fn grant(item: u8, person: u8) -> Grant {
        let of = |id: u8| Person {
            user_id: UserId::from_random([id; 16]),
            user_name: id.to_string(),
        };
        Grant {
            id: GrantId::from_random([item; 16]),
            item: ItemId::from_random([item; 16]),
            name: item.to_string(),
            is_folder: true,
            owner: of(0),
            person: of(person),
            role: Role::Viewer,
            created_at_ms: 1,
            ends_at_ms: None,
            account_ends_at_ms: None,
            offered_at_ms: None,
        }
    }

    #[test]
    fn it_says_how_many_people_lose_access_to_how_much() {
        let told = |by_me: Vec<Grant>, linked| {
            let with_me = Vec::new();
            shared_words(Some(&Grants {
                with_me,
                by_me,
                linked,
            }))
        };
        assert_eq!(
            told(vec![], vec![]),
            "Nobody else has access to anything of yours."
        );
        assert_eq!(
            told(vec![grant(1, 1), grant(2, 1)], vec![]),
            "1 person has access to 2 files and folders of yours, is told at once, and loses it then."
        );
        assert_eq!(
            told(
                vec![grant(1, 1), grant(1, 2)],
                vec![ItemId::from_random([1; 16])]
            ),
            "2 people have access to 1 file or folder of yours, are told at once, and lose it then. \
             Your links to 1 file or folder end then, too."
        );
    }
}
