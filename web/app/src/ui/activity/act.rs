//! What can still be done about an entry: taken back, or looked at where it is.

use crate::commands::{Commands, use_commands};
use crate::state::Drive;
use crate::ui::dialogs::{Ask, use_dialogs};
use crate::ui::route::{Link, Route};
use crate::words::{say, say_many, t};
use leptos::prelude::*;
use leptos::task::spawn_local;
use platform::failure::Failure;
use protocol::activity::{Done, Spot};
use protocol::ids::{ItemId, Version};
use protocol::name::Name;
use protocol::notifications::EventType;
use protocol::problem::Problem;
use sync::tree::Tree;

/// How something is taken back.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Undo {
    /// Out of the trash.
    Restore,
    /// Back to where it was.
    PutBack(Option<ItemId>, Name),
    /// The content before the newest version.
    Before { newest: Version },
    /// The content of a version that others follow.
    BringBack { version: Version, newest: Version },
}

/// What can be taken back of an entry, as things are now. Only what nobody has changed
/// again since is put back.
fn undo(done: &Done, tree: &Tree, root: Option<ItemId>) -> Option<Undo> {
    let id = done.event.file_id;
    let item = tree.get(id)?;
    let is_live = tree.is_live(id);
    match done.event.event_type {
        EventType::FileDelete if !is_live && done.at.is_some() => Some(Undo::Restore),
        EventType::FileMove if is_live && root != Some(id) => {
            let (from, at) = (done.from.as_ref()?, done.at.as_ref()?);
            let is_there =
                |spot: &Spot| item.parent == spot.parent && item.name.as_str() == spot.name;
            let back = Undo::PutBack(from.parent, Name::parse(&from.name).ok()?);
            is_there(at).then_some(back)
        }
        EventType::FileUpdate | EventType::FileCreate if is_live => {
            let version = done.version.filter(|version| *version > 0)?;
            let newest = item.version();
            match version {
                _ if version < newest => Some(Undo::BringBack { version, newest }),
                _ if version == newest && version > 1 => Some(Undo::Before { newest }),
                _ => None,
            }
        }
        _ => None,
    }
}

#[component]
pub fn Act(done: Done) -> impl IntoView {
    let drive: Drive = expect_context();
    let id = done.event.file_id;
    let name = done.event.name.clone().unwrap_or_default();
    let conflict = done.conflict;
    let undone = done.clone();
    let back = Memo::new(move |_| {
        let may_change = drive.may_change();
        let found = drive.tree.with(|tree| undo(&undone, tree, drive.root));
        found.filter(|_| may_change)
    });
    let place = Memo::new(move |_| {
        drive.tree.with(|tree| {
            let item = tree.get(id)?;
            tree.is_live(id).then_some(item.parent)
        })
    });
    let called = name.clone();
    let open = move || conflict.filter(|id| drive.conflicts.with(|open| open.contains_key(id)));
    view! {
        <span class="line-acts">
            {move || {
                let name = called.clone();
                back.get().map(|undo| view! { <Back id undo name /> })
            }}
            {move || match (open(), place.get()) {
                (Some(conflict), _) => {
                    view! { <Link to=Route::Conflict(conflict) class="button">{t("Compare")}</Link> }.into_any()
                }
                (None, Some(parent)) => {
                    let label = say!("Show where {name} is", name);
                    let parent = parent.filter(|parent| Some(*parent) != drive.root);
                    view! { <Link to=Route::Folder(parent) class="button" label>{t("Show")}</Link> }.into_any()
                }
                _ => ().into_any(),
            }}
        </span>
    }
}

#[component]
fn Back(id: ItemId, undo: Undo, name: String) -> impl IntoView {
    let (drive, dialogs, commands): (Drive, _, _) =
        (expect_context(), use_dialogs(), use_commands());
    let busy = RwSignal::new(false);
    let (words, label) = match &undo {
        Undo::Restore => (t("Restore"), say!("Restore {name}", name)),
        Undo::PutBack(..) => (t("Undo"), say!("Undo the move of {name}", name)),
        Undo::Before { newest } => (
            t("Undo"),
            say!("Undo version {version} of {name}", version = newest, name),
        ),
        Undo::BringBack { version, .. } => (
            t("Restore"),
            say!("Restore version {version} of {name}", version, name),
        ),
    };
    let press = move |_| {
        let (undo, name) = (undo.clone(), name.clone());
        busy.set(true);
        spawn_local(async move {
            let outcome = carry_out(commands, id, &undo).await;
            busy.try_set(false);
            match outcome {
                Ok(()) => {}
                Err(Failure::Refused(Problem::NameTaken { .. })) if undo == Undo::Restore => {
                    dialogs.open(Ask::RestoreAs(id));
                }
                Err(failure) => {
                    let what = match undo {
                        Undo::Restore => say!("“{name}” was not restored", name),
                        Undo::PutBack(..) => say!("“{name}” was not put back", name),
                        _ => say!("“{name}” stays as it is", name),
                    };
                    drive.notices.failure(&what, &failure);
                }
            }
        });
    };
    view! {
        <button type="button" class="button" aria-label=label disabled=busy on:click=press>
            {words}
        </button>
    }
}

async fn carry_out(commands: Commands, id: ItemId, undo: &Undo) -> Result<(), Failure> {
    match undo {
        Undo::Restore => commands.restore(id, None),
        Undo::PutBack(parent, name) => commands.put_back(id, *parent, name.clone()),
        Undo::Before { newest } => {
            let version = newest.saturating_sub(1);
            commands.bring_back(id, version, *newest).await
        }
        Undo::BringBack { version, newest } => commands.bring_back(id, *version, *newest).await,
    }
}

/// Takes back what was moved or trashed in one go, as far as that still can be.
#[component]
pub fn ActOnAll(group: Vec<Done>) -> impl IntoView {
    let (drive, commands): (Drive, Commands) = (expect_context(), use_commands());
    let is_of_places = group.first().is_some_and(|first| {
        matches!(
            first.event.event_type,
            EventType::FileMove | EventType::FileDelete
        )
    });
    let backs = Memo::new(move |_| {
        if !is_of_places || !drive.may_change() {
            return Vec::new();
        }
        drive.tree.with(|tree| {
            let each = group.iter().filter_map(|done| {
                let undo = undo(done, tree, drive.root)?;
                Some((done.event.file_id, undo))
            });
            each.collect::<Vec<_>>()
        })
    });
    let press = move |_| {
        let mut failed = Vec::new();
        for (id, undo) in backs.get_untracked() {
            let outcome = match undo {
                Undo::PutBack(parent, name) => commands.put_back(id, parent, name),
                _ => commands.restore(id, None),
            };
            failed.extend(outcome.err());
        }
        if let Some(failure) = failed.first() {
            let what = say_many!(
                failed.len(),
                "1 item stays where it is",
                "{n} items stay where it is"
            );
            drive.notices.failure(&what, failure);
        }
    };
    view! {
        <Show when=move || !backs.with(Vec::is_empty)>
            <span class="line-acts">
                <button
                    type="button"
                    class="button"
                    aria-label=move || say_many!(backs.with(Vec::len), "Undo for 1 item", "Undo for {n} items")
                    on:click=press
                >
                    {t("Undo")}
                </button>
            </span>
        </Show>
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use protocol::notifications::Event;
    use std::sync::Arc;
    use sync::tree::ListedItem;

    fn id(n: u8) -> ItemId {
        ItemId::from_random([n; 16])
    }

    fn tree(parent: Option<ItemId>, name: &str, version: Version, trashed: bool) -> Tree {
        let json = serde_json::json!({
            "id": id(1), "parent": parent, "name": name, "place_version": 1,
            "created_at_ms": 0, "trashed_at_ms": trashed.then_some(1),
            "file": {
                "version": version, "size": 0, "size_class": 18, "modified_at_ms": 0,
                "committed": {
                    "user_name": "ann", "device_id": "d0d0d0d0-d0d0-40d0-90d0-d0d0d0d0d0d0",
                    "device_name": "x", "at_ms": 0
                }
            }
        });
        let mut tree = Tree::default();
        tree.put(ListedItem {
            item: Arc::new(serde_json::from_value(json).unwrap()),
            pending: false,
        });
        tree
    }

    fn done(kind: EventType, from: Option<&str>, at: Option<&str>, version: Version) -> Done {
        let spot = |name: &str| Spot {
            parent: None,
            name: name.into(),
        };
        Done {
            seq: 1,
            event: Event {
                event_type: kind,
                file_id: id(1),
                timestamp: 1,
                name: at.map(str::to_owned),
                by: None,
            },
            from: from.map(spot),
            at: at.map(spot),
            version: Some(version),
            conflict: None,
            step: None,
            person: None,
            role: None,
            link: None,
            account: None,
            offer: None,
        }
    }

    #[test]
    fn the_newest_version_is_undone_and_an_older_one_is_brought_back() {
        let tree = tree(None, "a", 3, false);
        let edit = |version| {
            undo(
                &done(EventType::FileUpdate, None, Some("a"), version),
                &tree,
                None,
            )
        };
        assert_eq!(edit(3), Some(Undo::Before { newest: 3 }));
        let (version, newest) = (2, 3);
        assert_eq!(edit(2), Some(Undo::BringBack { version, newest }));
        let made = done(EventType::FileCreate, None, Some("a"), 1);
        let (version, newest) = (1, 3);
        assert_eq!(
            undo(&made, &tree, None),
            Some(Undo::BringBack { version, newest })
        );
    }

    #[test]
    fn a_move_is_taken_back_unless_it_was_moved_on() {
        let renamed = done(EventType::FileMove, Some("a"), Some("b"), 1);
        let back = Undo::PutBack(None, Name::parse("a").unwrap());
        assert_eq!(undo(&renamed, &tree(None, "b", 1, false), None), Some(back));
        assert_eq!(undo(&renamed, &tree(None, "c", 1, false), None), None);
        assert_eq!(
            undo(&renamed, &tree(Some(id(2)), "b", 1, false), None),
            None
        );
        // Where it stands is its owner's business, and not of whoever it is shared with.
        assert_eq!(
            undo(&renamed, &tree(None, "b", 1, false), Some(id(1))),
            None
        );
        // What left a share can't be reached.
        let mut left = renamed;
        left.at = None;
        assert_eq!(undo(&left, &tree(None, "b", 1, false), None), None);
    }

    #[test]
    fn what_is_in_the_trash_comes_back_and_what_is_gone_does_not() {
        let binned = done(EventType::FileDelete, None, Some("a"), 1);
        assert_eq!(
            undo(&binned, &tree(None, "a", 1, true), None),
            Some(Undo::Restore)
        );
        assert_eq!(undo(&binned, &tree(None, "a", 1, false), None), None);
        assert_eq!(undo(&binned, &Tree::default(), None), None);
    }
}
