//! What the engine tells, in words for people. What a row of the panel or the
//! dialog about a conflict says is not said twice.

use super::{Client, session};
use crate::state::{Drive, Tone};
use leptos::prelude::{Set, WithUntracked};
use protocol::ids::ItemId;
use protocol::problem::Problem;
use sync::edit::{Edit, Trouble};
use sync::message::{Input, Notice, Observation};
use sync::place::Place;
use wasm_bindgen_futures::spawn_local;

pub fn tell(drive: Drive, client: &Client, notice: Notice) {
    let name = |item| name_of(drive, item);
    let text = match notice {
        // The dialog asks; the panel says; the sign-in page says.
        Notice::Conflicted { .. } | Notice::Withdrawn { .. } | Notice::SignedOut => return,
        Notice::Unchanged { draft } => return drive.driver().panel.is_unchanged(draft),
        Notice::MergeStopped { trouble, .. } => merge_stopped(&trouble),
        Notice::NotReopened { problem, .. } => {
            format!("The decision could not be taken back: {problem}")
        }
        Notice::PlaceLost {
            item,
            wanted,
            problem,
        } => place_lost(&name(item), &wanted, &problem),
        Notice::TrashLost { item, problem } => {
            format!("“{}” stays where it is: {problem}", name(item))
        }
        Notice::SavedAsNew { new, .. } => format!(
            "“{}” was deleted while you changed it. Your version is saved as a new file",
            name(new)
        ),
        Notice::Renamed { from, to, .. } => {
            format!("There was something named “{from}” already, so yours is “{to}”")
        }
        Notice::ChoiceOutdated { problem, .. } => {
            format!("Your choice was not carried out: {problem}. Look at both versions again")
        }
        Notice::NotKept { item } => format!(
            "This browser has no room to keep “{}”. Leave the page open until it is sent",
            name(item)
        ),
        Notice::Stuck { item } if no_room(client, item) => {
            // The panel says how full the drive is, and its figure is old.
            drive.uploads.found_full.set(true);
            spawn_local(async move {
                let _ = session::refresh(drive).await;
            });
            return;
        }
        Notice::Stuck { item } => match give_up(drive, client, item) {
            Some(text) => text,
            None => return,
        },
    };
    drive.notify(Tone::Bad, text);
}

fn place_lost(name: &str, wanted: &Place, problem: &Problem) -> String {
    match problem {
        Problem::PlaceConflict { .. } => {
            format!("Somebody else changed “{name}” first, so it was not renamed or moved")
        }
        Problem::NameTaken { .. } => format!(
            "There is something named “{}” already, so “{name}” was not renamed or moved",
            wanted.name
        ),
        other => format!("“{name}” was not renamed or moved: {other}"),
    }
}

fn merge_stopped(trouble: &Trouble) -> String {
    match trouble {
        Trouble::Refused {
            problem: Problem::VersionConflict { committed, .. },
        } => format!(
            "{} on {} changed the file while you merged. Your merge is kept: look at it again",
            committed.user_name, committed.device_name
        ),
        Trouble::Refused { problem } => {
            format!("Your merge was not saved: {problem}. It is kept")
        }
        Trouble::BytesGone | Trouble::KeepsChanging => {
            "This browser has lost your merge before it was sent. Please merge again".to_owned()
        }
    }
}

/// Whether an item's content was refused because the drive is full.
fn no_room(client: &Client, item: ItemId) -> bool {
    let engine = client.engine();
    let edit = engine.trees().edit(item);
    let is_full = |problem: &Problem| {
        matches!(
            problem,
            Problem::QuotaExceeded { .. } | Problem::LimitReached { .. }
        )
    };
    edit.filter(|edit| edit.draft().is_some_and(|draft| draft.copy_of.is_none()))
        .is_some_and(
            |edit| matches!(&edit.trouble, Some(Trouble::Refused { problem }) if is_full(problem)),
        )
}

/// The panel offers a way on for what has content. Anything else ends here.
fn give_up(drive: Drive, client: &Client, item: ItemId) -> Option<String> {
    let text = {
        let engine = client.engine();
        let edit: &Edit = engine.trees().edit(item)?;
        let is_copy = edit.draft().is_some_and(|draft| draft.copy_of.is_some());
        let name = name_of(drive, item);
        match &edit.trouble {
            Some(Trouble::Refused { problem }) if is_copy => {
                format!("“{name}” was not made: {problem}")
            }
            Some(Trouble::BytesGone) if is_copy => {
                format!("“{name}” was not made: the server has lost bytes of it")
            }
            // It can't be made, and what is in it stands nowhere else: it stays where
            // the person sees it, to be moved or trashed.
            Some(Trouble::Refused { problem })
                if edit.is_new && !engine.trees().edits_below(item).is_empty() =>
            {
                return Some(format!(
                    "The folder “{name}” was not made, with all in it: {problem}"
                ));
            }
            Some(Trouble::Refused { problem }) if edit.draft().is_none() => {
                format!("“{name}” was not changed: {problem}")
            }
            _ => return None,
        }
    };
    client.take(vec![Input::Observed(Observation::Withdrawn { item })]);
    Some(text)
}

fn name_of(drive: Drive, item: ItemId) -> String {
    drive.tree.with_untracked(|tree| {
        tree.get(item)
            .map_or_else(|| "A file".to_owned(), |item| item.name.to_string())
    })
}
