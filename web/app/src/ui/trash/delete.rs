//! Deleting for good: what goes, said before; and what went, said after.

use crate::commands::{PurgeScope, Purged, use_commands};
use crate::format::{bytes, count};
use crate::refusals::InWords;
use crate::state::Drive;
use crate::state::connection::Connection;
use crate::ui::dialog::Dialog;
use crate::ui::dialog_foot::{DialogFoot, First};
use crate::ui::dialogs::{AskedDeletion, use_dialogs};
use crate::ui::each::Each;
use crate::words::{say, say_many, t};
use leptos::prelude::*;
use leptos::task::spawn_local;
use sync::tree::Weight;

/// Names that the dialog shows.
const NAMED: usize = 5;

#[component]
pub fn DeleteDialog(deletion: AskedDeletion) -> impl IntoView {
    let (drive, dialogs): (Drive, _) = (expect_context(), use_dialogs());
    let commands = use_commands();
    let AskedDeletion { what, roots } = deletion;
    let (names, weight) = drive.tree.with_untracked(|tree| {
        let names = roots.iter().filter_map(|&id| tree.get(id));
        let names: Vec<String> = names.map(|item| item.name.to_string()).collect();
        (names, tree.weigh(&roots))
    });
    let title = title(&what, &names);
    let words = going(weight);
    let all = weight.files + weight.folders;
    // The title names a single one.
    let shown: Vec<String> = match names.len() {
        1 => Vec::new(),
        _ => names.iter().take(NAMED).cloned().collect(),
    };
    let more = names.len().saturating_sub(NAMED);
    let offline = Memo::new(move |_| {
        matches!(
            drive.connection.get(),
            Connection::Offline | Connection::Reconnecting
        )
    });
    // What is asked for now; once more for what goes along with open conflicts.
    let next = StoredValue::new(what);
    let conflicts = RwSignal::new(0);
    let busy = RwSignal::new(false);
    let deleted = RwSignal::new(0);
    let agree = Callback::new(move |()| {
        if busy.get_untracked() || offline.get_untracked() {
            return;
        }
        busy.set(true);
        let (what, with_conflicts) = (next.get_value(), conflicts.get_untracked() > 0);
        let first = names.first().cloned().unwrap_or_default();
        let names = names.len();
        spawn_local(async move {
            let outcome = commands
                .delete_for_good(what, with_conflicts, deleted)
                .await;
            tell_outcome(drive, &outcome, (names == 1).then_some(&first));
            // The dialog may be closed by now, and the work went on.
            if busy.try_set(false).is_some() {
                return;
            }
            match outcome.asked {
                Some(asked) => {
                    next.set_value(asked);
                    conflicts.set(outcome.open_conflicts);
                }
                None => dialogs.close(),
            }
        });
    });
    view! {
        <Dialog title on_close=dialogs.on_close()>
            {(!shown.is_empty())
                .then(|| {
                    view! {
                        <ul class="dialog-names">
                            <Each
                                each=move || shown.clone()
                                key=|name| name.clone()
                                children=|name| view! { <li>{name}</li> }
                            />
                            {(more > 0).then(|| view! { <li>{say_many!(more, "and 1 more", "and {n} more")}</li> })}
                        </ul>
                    }
                })}
            <p>{words} " " <strong>{t("This can’t be undone.")}</strong></p>
            <div role="status">
                <Show when=move || busy.get()>
                    <p>
                        {move || {
                            say!("Deleting… {done} of {all} so far", done = deleted.get(), all)
                        }}
                    </p>
                </Show>
                <Show when=move || { conflicts.get() > 0 && !busy.get() }>
                    <p class="form-error">{move || with_conflicts(conflicts.get())}</p>
                </Show>
                <Show when=move || offline.get()>
                    <p class="form-error">
                        {t("Deleting for good needs a connection, and there is none now.")}
                    </p>
                </Show>
            </div>
            <DialogFoot
                verb=Signal::derive(move || match conflicts.get() {
                    0 => t("Delete for good").to_owned(),
                    _ => t("Delete them too").to_owned(),
                })
                act=agree
                disabled=Signal::derive(move || busy.get() || offline.get())
                bad=true
                cancel=dialogs.on_close()
                way_out=Signal::derive(move || match busy.get() {
                    true => t("Close").to_owned(),
                    false => t("Cancel").to_owned(),
                })
                first=First::WayOut
            />
        </Dialog>
    }
}

fn title(what: &PurgeScope, names: &[String]) -> String {
    match (what, names) {
        (PurgeScope::TrashedUpTo(_), _) => t("Empty the trash?").to_owned(),
        (_, [name]) => say!("Delete “{name}” for good?", name),
        (_, names) => say_many!(
            names.len(),
            "Delete 1 item for good?",
            "Delete {n} items for good?"
        ),
    }
}

/// How much goes: what is below a folder goes with it.
fn going(weight: Weight) -> String {
    match (weight.files, weight.folders) {
        (0, folders) => say_many!(
            folders,
            "1 folder goes from all devices, with all older versions.",
            "{n} folders go from all devices, with all older versions."
        ),
        (files, 0) => say_many!(
            files,
            "1 file with {size} goes from all devices, with all older versions.",
            "{n} files with {size} go from all devices, with all older versions.",
            size = bytes(weight.bytes)
        ),
        (files, folders) => say!(
            "{folders} and {files} with {size} go from all devices, with all older versions.",
            folders = count(folders, "folder", "folders"),
            files = count(files, "file", "files"),
            size = bytes(weight.bytes)
        ),
    }
}

fn with_conflicts(number: u64) -> String {
    say_many!(
        number,
        "1 version that waits for your decision would go along.",
        "{n} versions that wait for your decision would go along."
    )
}

fn tell_outcome(drive: Drive, outcome: &Purged, only: Option<&String>) {
    if outcome.deleted > 0 {
        let what = match only {
            Some(name) if outcome.asked.is_none() => {
                say!("“{name}” is deleted for good", name)
            }
            _ => say_many!(
                outcome.deleted,
                "1 item is deleted for good",
                "{n} items are deleted for good"
            ),
        };
        let freed = match outcome.freed_bytes {
            0 => String::new(),
            freed => {
                let free = say!("{size} are free again", size = bytes(freed));
                format!(" · {free}")
            }
        };
        drive.notices.good(format!("{what}{freed}"));
    }
    for (item, failure) in &outcome.refused {
        let name = drive.tree.with_untracked(|tree| {
            tree.get(*item)
                .map_or_else(|| t("An item").to_owned(), |item| item.name.to_string())
        });
        drive.notices.bad(say!(
            "“{name}” was not deleted: {failure}",
            name,
            failure = failure.in_words()
        ));
    }
    if let Some(failure) = &outcome.stopped {
        drive.notices.bad(say!(
            "What is still in the trash was not deleted: {failure}",
            failure = failure.in_words()
        ));
    }
}

#[cfg(test)]
mod tests {
    use super::{going, title};
    use crate::commands::PurgeScope;
    use sync::tree::Weight;

    #[test]
    fn the_question_says_what_goes_and_how_much() {
        let names = ["a.txt".to_owned(), "b".to_owned()];
        let what = PurgeScope::Items(Vec::new());
        assert_eq!(title(&what, &names[..1]), "Delete “a.txt” for good?");
        assert_eq!(title(&what, &names), "Delete 2 items for good?");
        assert_eq!(
            title(&PurgeScope::TrashedUpTo(1), &names),
            "Empty the trash?"
        );
        let weight = |files, folders, bytes| Weight {
            files,
            folders,
            bytes,
        };
        let file = going(weight(1, 0, 9));
        assert!(file.starts_with("1 file with 9 B goes from all devices"));
        let both = going(weight(7, 1, 17_000_000));
        assert!(both.starts_with("1 folder and 7 files with 17 MB go from all devices"));
        assert!(going(weight(0, 2, 0)).starts_with("2 folders go from"));
    }
}
