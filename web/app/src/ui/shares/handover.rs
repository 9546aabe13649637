//! Another person becomes the owner: the owner asks them, and they accept or decline.

use crate::commands::use_commands;
use crate::format::{bytes, sentence};
use crate::refusals::InWords;
use crate::state::Drive;
use crate::ui::sentence::Sentence;
use crate::ui::work::{Work, WorkError};
use crate::words::{say, say_many, t};
use leptos::prelude::*;
use leptos::task::spawn_local;
use protocol::grants::Grant;
use protocol::handover::Handover;

/// Beside a person who has access: asks them to be the owner, or takes that back.
#[component]
pub fn MakeOwner(grant: Grant) -> impl IntoView {
    let opened = RwSignal::new(false);
    let person = grant.person.user_name.clone();
    let asked = StoredValue::new(grant.clone());
    match grant.offered_at_ms {
        Some(_) => view! { <Asked grant /> }.into_any(),
        None => view! {
            <button
                type="button"
                class="button"
                aria-label=say!("Make {person} the owner", person)
                aria-expanded=move || opened.get().to_string()
                on:click=move |_| opened.update(|opened| *opened = !*opened)
            >
                {t("Make owner…")}
            </button>
            <Show when=move || opened.get()>
                <Ask grant=asked.get_value() opened />
            </Show>
        }
        .into_any(),
    }
}

/// The person was asked and has not answered.
#[component]
fn Asked(grant: Grant) -> impl IntoView {
    let commands = use_commands();
    let work = Work::new();
    let (id, person) = (grant.id, grant.person.user_name);
    let words = say!(
        "Asked to be the owner. Nothing changes before {person} accepts.",
        person
    );
    view! {
        <div class="line-more" data-testid="asked-to-own">
            <p><Sentence text=words /></p>
            <WorkError work />
            <button
                type="button"
                class="button"
                disabled=work.busy
                on:click=move |_| work.run(async move { commands.end_offer(id).await }, |()| {})
            >
                {t("Take the offer back")}
            </button>
        </div>
    }
}

/// What is going to happen, before the owner asks.
#[component]
fn Ask(grant: Grant, opened: RwSignal<bool>) -> impl IntoView {
    let (drive, commands): (Drive, _) = (expect_context(), use_commands());
    let work = Work::new();
    let (id, person) = (grant.id, grant.person.user_name.clone());
    let offer = LocalResource::new(move || async move { commands.show_offer(id).await });
    let name = grant.name.clone();
    let whom = person.clone();
    let words = move || {
        offer.get().map(|offer| match offer {
            Ok(offer) => {
                let words = what_happens(&name, &whom, &offer);
                view! { <p><Sentence text=words /></p> }.into_any()
            }
            Err(failure) => {
                let reason = sentence(&failure.in_words());
                view! { <p class="form-error" role="alert">{reason}</p> }.into_any()
            }
        })
    };
    let stays = say!(
        "You can still change it: it stays where you have it. {person} can share it, delete it, or take that away. Everybody else who has it, and every link to it, goes on; only who has it with a folder around it has it no more. What is shared with you and stands in it goes out of it, and stays under Shared.",
        person
    );
    let done = say!("{person} is asked, and has to accept", person);
    view! {
        <div class="line-more" data-testid="make-owner">
            {words}
            <p class="hint"><Sentence text=stays /></p>
            <WorkError work />
            <div class="page-acts">
                <button
                    type="button"
                    class="button button-main"
                    disabled=work.busy
                    on:click=move |_| {
                        let done = done.clone();
                        work.run(
                            async move { commands.offer(id).await },
                            move |_| drive.notices.good(done),
                        );
                    }
                >
                    {say!("Ask {person}", person)}
                </button>
                <button type="button" class="button" on:click=move |_| opened.set(false)>
                    {t("Cancel")}
                </button>
            </div>
        </div>
    }
}

fn what_happens(name: &str, person: &str, offer: &Handover) -> String {
    say_many!(
        offer.items,
        "“{name}” becomes {person}’s as soon as they accept, 1 file or folder with all versions: {size}. It takes their room then, and not yours.",
        "“{name}” becomes {person}’s as soon as they accept, {n} files and folders with all versions: {size}. It takes their room then, and not yours.",
        name,
        person,
        size = bytes(offer.bytes)
    )
}

/// What somebody offers the person, who takes it or declines.
#[component]
pub fn Offered(grant: Grant) -> impl IntoView {
    let (drive, commands): (Drive, _) = (expect_context(), use_commands());
    let (work, declining) = (Work::new(), Work::new());
    let left = RwSignal::new(None::<u64>);
    let offer = RwSignal::new(None::<Handover>);
    let failed = RwSignal::new(None::<String>);
    let id = grant.id;
    spawn_local(async move {
        match commands.show_offer(id).await {
            Ok(told) => drop(offer.try_set(Some(told))),
            Err(failure) => drop(failed.try_set(Some(sentence(&failure.in_words())))),
        }
    });
    let owner = grant.owner.user_name.clone();
    let words = move || {
        offer.get().map(|offer| {
            let (what, room) = offered_words(&owner, &offer);
            view! {
                <p><Sentence text=what /></p>
                <p class="hint">{room}</p>
            }
        })
    };
    let has_room = move || offer.get().is_some_and(|offer| fits(&offer));
    let name = grant.name.clone();
    let accept = move |_| {
        let (grant, name) = (grant.clone(), name.clone());
        work.run(
            async move { commands.accept_offer(&grant, left).await },
            move |()| {
                drive
                    .notices
                    .good(say!("“{name}” is yours now, and among your files", name));
            },
        );
    };
    let progress = move || {
        work.busy.get().then(|| match left.get() {
            Some(left) => say!(
                "Copying within the server: {size} to go",
                size = bytes(left)
            ),
            None => t("Copying within the server…").to_owned(),
        })
    };
    view! {
        <div class="line-more" data-testid="offered">
            {words}
            {move || failed.get().map(|reason| view! { <p class="form-error" role="alert">{reason}</p> })}
            <p class="hint" role="status">{progress}</p>
            <WorkError work />
            <WorkError work=declining />
            <div class="page-acts">
                <button
                    type="button"
                    class="button button-main"
                    disabled=move || work.busy.get() || !has_room()
                    on:click=accept
                >
                    {t("Accept")}
                </button>
                <button
                    type="button"
                    class="button"
                    disabled=move || work.busy.get() || declining.busy.get()
                    on:click=move |_| {
                        declining.run(async move { commands.end_offer(id).await }, |()| {})
                    }
                >
                    {t("Decline")}
                </button>
            </div>
        </div>
    }
}

/// What is offered, and how it fits into the person's room.
fn offered_words(owner: &str, offer: &Handover) -> (String, String) {
    let what = say_many!(
        offer.items,
        "{owner} asks you to become the owner: 1 file or folder, with all versions. {owner} can still change it.",
        "{owner} asks you to become the owner: {n} files and folders, with all versions. {owner} can still change it.",
        owner
    );
    let Some(room) = offer.room else {
        return (what, String::new());
    };
    let free = room.quota_bytes.saturating_sub(room.used_bytes);
    let room = match fits(offer) {
        true => say!(
            "It takes {needed} of your room, of which {free} are free.",
            needed = bytes(room.needed_bytes),
            free = bytes(free)
        ),
        false => say!(
            "It takes {needed} of your room, of which only {free} are free: make room first.",
            needed = bytes(room.needed_bytes),
            free = bytes(free)
        ),
    };
    (what, room)
}

fn fits(offer: &Handover) -> bool {
    offer
        .room
        .is_none_or(|room| room.used_bytes.saturating_add(room.needed_bytes) <= room.quota_bytes)
}

#[cfg(test)]
mod tests {
    use super::*;
    use protocol::handover::HandoverRoom;

    #[test]
    fn it_is_said_how_much_it_is_and_whether_it_fits() {
        let offer = |quota_bytes| Handover {
            items: 3,
            bytes: 2_000,
            room: Some(HandoverRoom {
                needed_bytes: 1_000,
                used_bytes: 500,
                quota_bytes,
            }),
        };
        assert!(fits(&offer(1_500)) && !fits(&offer(1_499)));
        let (what, room) = offered_words("ann", &offer(1_499));
        assert_eq!(
            what,
            "ann asks you to become the owner: 3 files and folders, with all versions. ann can still change it."
        );
        assert!(room.contains("only 999 B are free"), "{room}");
        let words = what_happens("Plans", "bob", &offer(1_500));
        assert!(words.starts_with("“Plans” becomes bob’s as soon as they accept"));
    }
}
