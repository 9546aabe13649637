//! What the frame watches while the person is elsewhere.

use crate::commands::use_commands;
use crate::state::Drive;
use crate::state::session::SessionState;
use crate::state::uploads::Total;
use crate::ui::conflicts::{PutOff, undecided, use_put_off};
use crate::ui::dialogs::{Ask, use_dialogs};
use crate::ui::route::{PAGES, Route, use_router};
use crate::words::{say, t};
use leptos::prelude::*;
use leptos::task::spawn_local;
use platform::browser::clock;
use protocol::conflicts::Conflict;
use protocol::ids::ItemId;
use sync::tree::Tree;

/// What the tab is called where nobody is signed in.
const TITLE: &str = "Driftless";
/// How long changes gather before the use of storage is asked for, in milliseconds.
const FIGURE_MILLIS: u64 = 2_000;

/// Puts into the tab's title where the person is and the number of what waits for a
/// decision, and a dot on its icon: people look at a tab, not into it.
pub fn mark_title() {
    let drive: Drive = expect_context();
    let (open, router) = (undecided(drive), use_router());
    let place = Memo::new(move |_| place(drive, router.at()));
    on_cleanup(|| document().set_title(TITLE));
    Effect::new(move |_| {
        let place = place.get();
        let (title, icon) = match open.get() {
            0 => (format!("{place} – {TITLE}"), "/favicon.svg"),
            number => (
                format!("({number}) {place} – {TITLE}"),
                "/favicon-alert.svg",
            ),
        };
        document().set_title(&title);
        if let Ok(Some(link)) = document().query_selector("link[rel=icon]") {
            let _ = link.set_attribute("href", icon);
        }
    });
}

/// What the page shows, in a word or a name.
fn place(drive: Drive, route: Route) -> String {
    let name = |id: Option<ItemId>| {
        let name = |tree: &Tree| Some(tree.get(id?)?.name.to_string());
        drive.tree.with(name)
    };
    let conflict = |id| drive.conflicts.with(|open| Some(open.get(&id)?.item));
    let words = match route {
        Route::Folder(folder) => name(folder.or(drive.root)),
        Route::Activity(of) if of.is_some() => {
            name(of).map(|name| say!("Activity of {name}", name))
        }
        Route::Conflict(id) => name(conflict(id)).map(|name| say!("Two versions of {name}", name)),
        Route::Unknown => Some(t("Nothing here").to_owned()),
        Route::Storage => Some(t("Storage").to_owned()),
        Route::Administration => Some(t("Administration").to_owned()),
        page => PAGES
            .iter()
            .find(|one| one.route == page)
            .map(|one| t(one.title).to_owned()),
    };
    words.unwrap_or_else(|| t("Files").to_owned())
}

/// Asks for the use of storage once, and again after anything has changed here or elsewhere,
/// but for what this tab is still sending.
pub fn refresh_storage() {
    let drive: Drive = expect_context();
    let commands = use_commands();
    let running = Memo::new(move |_| drive.uploads.total.with(Total::is_running));
    let waits = StoredValue::new(false);
    Effect::new(move |before: Option<()>| {
        // While the first list comes, every page of it is a change.
        let is_listed = drive.tree.with(|tree| tree.complete);
        let is_running = running.get();
        let pause = match before {
            None => 0,
            Some(()) if !is_running && is_listed => FIGURE_MILLIS,
            Some(()) => return,
        };
        if waits.get_value() {
            return;
        }
        waits.set_value(true);
        spawn_local(async move {
            clock::sleep(pause).await;
            // What changes from now on is asked for anew.
            if waits.try_update_value(|waits| *waits = false).is_some() {
                // An old figure is no reason to disturb anybody.
                let _ = commands.refresh_account().await;
            }
        });
    });
}

/// Opens the dialog for an intake that asks, as soon as no other is open.
pub fn ask_about_taken_names() {
    let (drive, dialogs): (Drive, _) = (expect_context(), use_dialogs());
    Effect::new(move |_| {
        let next = drive
            .door
            .questions
            .with(|all| all.first().map(|question| question.id));
        if let Some(id) = next.filter(|_| dialogs.none_open()) {
            dialogs.open(Ask::Taken(id));
        }
    });
}

/// Opens the dialog for a conflict that this device has run into, unless the
/// person has put it off: that one waits in the badge. It waits, too, while the
/// person works on a conflict, and nothing covers that one's page.
pub fn ask_about_own_conflicts() {
    let (drive, dialogs): (Drive, _) = (expect_context(), use_dialogs());
    let (put_off, router) = (use_put_off(), use_router());
    Effect::new(move |_| {
        if matches!(router.at(), Route::Conflict(_)) {
            dialogs.close_conflict();
            return;
        }
        // A conflict may be known before its file is.
        drive.tree.track();
        let next = drive.conflicts.with(|all| {
            let mut all = all.values();
            all.find(|conflict| is_askable(drive, put_off, conflict))
                .map(|conflict| conflict.id)
        });
        if let Some(id) = next.filter(|_| dialogs.none_open()) {
            dialogs.open(Ask::Conflict(id));
        }
    });
}

fn is_askable(drive: Drive, put_off: PutOff, conflict: &Conflict) -> bool {
    let device = drive.session.with_untracked(SessionState::device);
    let known = drive
        .tree
        .with_untracked(|tree| tree.get(conflict.item).is_some());
    Some(conflict.committed.device_id) == device && known && !put_off.has(conflict.id)
}
