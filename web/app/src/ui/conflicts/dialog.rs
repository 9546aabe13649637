//! The dialog that settles a conflict. Closing it decides nothing: the
//! conflict stays in the badge.

use super::card::Card;
use super::choices::Choices;
use super::put_off::use_put_off;
use super::sides::{Side, Sides, View, file_name};
use crate::commands::use_commands;
use crate::state::Drive;
use crate::ui::dialog::Dialog;
use crate::ui::dialogs::{Ask, use_dialogs};
use crate::ui::icon::{Glyph, Icon};
use crate::ui::openings::{OpenBy, tell_open};
use crate::ui::route::{Route, use_router};
use crate::ui::work::{Work, WorkError};
use crate::words::{say, say_many, t};
use leptos::prelude::*;
use protocol::ids::ConflictId;

#[component]
pub fn ConflictDialog(conflict: ConflictId) -> impl IntoView {
    let (drive, dialogs): (Drive, _) = (expect_context(), use_dialogs());
    let commands = use_commands();
    let sides = Memo::new(move |_| Sides::read(drive, commands, conflict));
    let item = drive
        .conflicts
        .with_untracked(|all| all.get(&conflict).map(|conflict| conflict.item));
    if let Some(item) = item {
        tell_open(item);
    }
    let title = Memo::new(move |_| {
        let name = item.map_or_else(String::new, |item| file_name(drive, item));
        say!("Two versions of {name}", name)
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
                Some(sides) => view! { <Choice sides work on_close /> }.into_any(),
                None => view! { <Settled /> }.into_any(),
            }}
            <WorkError work />
            {item.map(|item| view! { <OpenBy item /> })}
            <Others conflict />
        </Dialog>
    }
}

#[component]
fn Choice(sides: Sides, work: Work, on_close: Callback<()>) -> impl IntoView {
    let (dialogs, router) = (use_dialogs(), use_router());
    let id = sides.conflict.id;
    let compare = move |_| {
        on_close.run(());
        router.go(Route::Conflict(id));
    };
    view! {
        <p class="lead">{explanation(&sides)} " " {t("It is in")} " " <bdi>{sides.place.clone()}</bdi> "."</p>
        <Moved sides=sides.clone() />
        <div class="versions">
            <Card sides=sides.clone() side=Side::First />
            <Card sides=sides.clone() side=Side::Second />
        </div>
        <button type="button" class="button" on:click=compare>
            <Glyph icon=Icon::Compare />
            {t("Compare and merge")}
        </button>
        <Choices sides work on_settled=move || dialogs.close() />
        <p class="hint">{t("Not sure? Close this and decide later: nothing is lost meanwhile.")}</p>
    }
}

pub fn explanation(sides: &Sides) -> &'static str {
    match sides.view {
        View::Second => t(
            "While you were changing this file, another version of it was saved. That one was first, so it is the file now. Yours is safe beside it until you decide.",
        ),
        View::First => t(
            "You saved this file while it was being changed elsewhere. Yours was first, so it is the file now. The other version is safe beside it until you decide.",
        ),
        View::Neither => t(
            "This file was changed on two devices at a time. The version that was first is the file now. The second is safe beside it until you decide.",
        ),
    }
}

/// The file went on since the conflict arose.
#[component]
pub fn Moved(sides: Sides) -> impl IntoView {
    let moved = sides.head.version > sides.conflict.base_version + 1;
    moved.then(|| {
        view! {
            <p class="note" role="status" data-testid="newer-version">
                {say!(
                    "The file is at version {version} by now: the newest of it is what you see as the first version.",
                    version = sides.head.version,
                )}
            </p>
        }
    })
}

#[component]
fn Settled() -> impl IntoView {
    let dialogs = use_dialogs();
    view! {
        <p class="lead">{t("This conflict is settled already, perhaps on another device.")}</p>
        <div class="dialog-foot">
            <button type="button" class="button button-main" on:click=move |_| dialogs.close()>
                {t("Close")}
            </button>
        </div>
    }
}

/// Leads to the next conflict, where there are several.
#[component]
fn Others(conflict: ConflictId) -> impl IntoView {
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
                    {say_many!(number, "1 conflict is open.", "{n} conflicts are open.")}
                    " "
                    <button type="button" class="link" on:click=move |_| dialogs.open(Ask::Conflict(id))>
                        {t("Show the next one")}
                    </button>
                </p>
            }
        })
    }
}
