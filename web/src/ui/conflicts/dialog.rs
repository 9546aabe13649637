//! The dialog that settles a conflict. Closing it decides nothing: the
//! conflict stays in the badge.

use super::card::{Card, Version};
use super::put_off::use_put_off;
use super::sides::{Sides, View, file_name};
use crate::commands::{self, KeepWhich};
use crate::state::Drive;
use crate::ui::dialog::Dialog;
use crate::ui::dialogs::{Dialogs, use_dialogs};
use crate::ui::toasts::tell;
use crate::ui::work::{Work, WorkError};
use leptos::prelude::*;
use shared::ids::ConflictId;
use shared::protocol::paths;

#[component]
pub fn ConflictDialog(conflict: ConflictId) -> impl IntoView {
    let (drive, dialogs): (Drive, _) = (expect_context(), use_dialogs());
    let sides = Memo::new(move |_| Sides::read(drive, conflict));
    let item = drive
        .conflicts
        .with_untracked(|all| all.get(&conflict).map(|conflict| conflict.item));
    let title = Memo::new(move |_| {
        let name = item.map_or_else(String::new, |item| file_name(drive, item));
        format!("Two versions of {name}")
    });
    let work = Work::new();
    let put_off = use_put_off();
    let on_close = Callback::new(move |()| {
        put_off.put_off_all(drive);
        dialogs.close();
    });
    view! {
        <Dialog title on_close wide=true>
            {move || match sides.get() {
                Some(sides) => view! { <Choice sides work /> }.into_any(),
                None => view! { <Settled /> }.into_any(),
            }}
            <WorkError work />
            <Others conflict />
        </Dialog>
    }
}

#[component]
fn Choice(sides: Sides, work: Work) -> impl IntoView {
    let (first, second) = (first_version(&sides), second_version(&sides));
    view! {
        <p class="lead">{explanation(&sides)}</p>
        <Moved sides=sides.clone() />
        <div class="versions">
            <Card version=first />
            <Card version=second />
        </div>
        <Buttons sides work />
        <p class="hint">"Not sure? Close this and decide later: nothing is lost meanwhile."</p>
    }
}

fn explanation(sides: &Sides) -> &'static str {
    match sides.view {
        View::Second => {
            "While you were changing this file, another version of it was saved. That one was first, so it is the file now. Yours is safe beside it until you decide."
        }
        View::First => {
            "You saved this file while it was being changed elsewhere. Yours was first, so it is the file now. The other version is safe beside it until you decide."
        }
        View::Neither => {
            "This file was changed on two devices at a time. The version that was first is the file now. The second is safe beside it until you decide."
        }
    }
}

/// The file went on since the conflict arose.
#[component]
fn Moved(sides: Sides) -> impl IntoView {
    let moved = sides.head.version > sides.conflict.base_version + 1;
    moved.then(|| {
        view! {
            <p class="note" role="status" data-testid="newer-version">
                {format!(
                    "The file is at version {} by now: the newest of it is what you see as the first version.",
                    sides.head.version,
                )}
            </p>
        }
    })
}

fn first_version(sides: &Sides) -> Version {
    Version {
        side: "first",
        heading: "First: the file as it is",
        from_here: sides.view == View::First,
        committed: sides.head.committed.clone(),
        size: sides.head.size,
        modified_at_ms: sides.head.modified_at_ms,
        address: paths::content(sides.item.id, Some(sides.head.version)),
        file_name: sides.item.name.to_string(),
    }
}

fn second_version(sides: &Sides) -> Version {
    Version {
        side: "second",
        heading: "Second: came after it",
        from_here: sides.view == View::Second,
        committed: sides.conflict.committed.clone(),
        size: sides.conflict.size,
        modified_at_ms: sides.conflict.modified_at_ms,
        address: paths::conflict_content(sides.conflict.id),
        file_name: sides.copy_name.to_string(),
    }
}

#[component]
fn Buttons(sides: Sides, work: Work) -> impl IntoView {
    let id = sides.conflict.id;
    let name = &sides.item.name;
    let [(first, first_label), (second, second_label)] = sides.choices();
    let first_words = format!("“{name}” stays as it is. The second version is let go.");
    let second_words = format!(
        "The second version becomes version {} of “{name}”, for every device.",
        sides.head.version + 1
    );
    let both_words = format!(
        "“{name}” stays as it is, and the second version is put beside it as “{}”.",
        sides.copy_name
    );
    view! {
        <div class="choices">
            <Keep id work keep=first label=first_label words=first_words />
            <Keep id work keep=second label=second_label words=second_words />
            <Keep id work keep=KeepWhich::Both label="Keep both" words=both_words />
        </div>
    }
}

#[component]
fn Keep(
    id: ConflictId,
    work: Work,
    keep: KeepWhich,
    label: &'static str,
    words: String,
) -> impl IntoView {
    let (drive, dialogs): (Drive, Dialogs) = (expect_context(), use_dialogs());
    let described = crate::ui::dom::fresh_id("consequence");
    let choose = move |_| {
        let chosen = std::future::ready(commands::resolve(drive, id, keep));
        work.run(chosen, move |()| {
            tell(drive, "Settled");
            dialogs.close();
        });
    };
    view! {
        <div class="choice">
            <button
                type="button"
                class="button"
                class:button-main=keep == KeepWhich::Both
                aria-describedby=described.clone()
                disabled=work.busy
                on:click=choose
            >
                {label}
            </button>
            <p id=described>{words}</p>
        </div>
    }
}

#[component]
fn Settled() -> impl IntoView {
    let dialogs = use_dialogs();
    view! {
        <p class="lead">"This conflict is settled already, perhaps on another device."</p>
        <footer class="dialog-foot">
            <button type="button" class="button button-main" on:click=move |_| dialogs.close()>
                "Close"
            </button>
        </footer>
    }
}

/// Leads to the next conflict, where there are several.
#[component]
fn Others(conflict: ConflictId) -> impl IntoView {
    use crate::ui::dialogs::Ask;
    let (drive, dialogs): (Drive, _) = (expect_context(), use_dialogs());
    let next = Memo::new(move |_| {
        drive.conflicts.with(|all| {
            let after = all
                .range(conflict..)
                .map(|(id, _)| *id)
                .find(|id| *id != conflict);
            after
                .or_else(|| all.keys().copied().find(|id| *id != conflict))
                .map(|id| (id, all.len()))
        })
    });
    move || {
        next.get().map(|(id, number)| {
            view! {
                <p class="others">
                    {format!("{number} conflicts are open. ")}
                    <button type="button" class="link" on:click=move |_| dialogs.open(Ask::Conflict(id))>
                        "Show the next one"
                    </button>
                </p>
            }
        })
    }
}
