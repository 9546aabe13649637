//! What a person asked for, until the server has agreed: only then it is said to be
//! done, with where things are now. What comes to nothing is told by the engine.

use crate::format::count;
use crate::state::notices::{More, Notices, Tone};
use crate::state::undo::Spot;
use crate::words::{say, say_many, t};
use leptos::prelude::{GetUntracked, RwSignal, Set, WithUntracked};
use protocol::ids::{ConflictId, ItemId};
use protocol::name::Name;
use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;
use sync::Engine;
use sync::one_by_one::one_by_one;
use sync::tree::Tree;

pub struct Promises {
    tree: RwSignal<Tree>,
    notices: Notices,
    open: RefCell<Vec<Promise>>,
}

/// What was asked for.
pub enum Promised {
    Trashed,
    Moved {
        to: Option<ItemId>,
    },
    Restored {
        /// Where it was, or was wanted.
        to: Option<ItemId>,
    },
    Renamed {
        from: Name,
        to: Name,
    },
    /// Each item is where it was before, or again where it was after.
    Put {
        to: BTreeMap<ItemId, Spot>,
        say: Say,
    },
    /// New items, with all that is in them.
    Made {
        /// How many the server does not have yet.
        left: RwSignal<usize>,
        /// What is told until then.
        told: Option<u64>,
        say: Say,
    },
}

/// The words for what has become of some items, or will become of them once there is a
/// connection.
pub type Say = Box<dyn Fn(&Tree, &[ItemId], When) -> String>;

/// Whether something is so, or will be.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum When {
    Now,
    Later,
}

enum Promise {
    Places {
        what: Promised,
        waiting: BTreeSet<ItemId>,
        kept: Vec<ItemId>,
        /// What the notice about them has, too.
        more: More,
    },
    Decided {
        conflicts: Vec<ConflictId>,
        /// Whether they are open then.
        opens: bool,
        words: String,
    },
}

/// Whether something still waits for the server, and what it has come to.
enum Standing {
    Waits,
    Kept,
    Lost,
}

impl Promises {
    pub fn new(tree: RwSignal<Tree>, notices: Notices) -> Rc<Self> {
        Rc::new(Self {
            tree,
            notices,
            open: RefCell::default(),
        })
    }

    /// Items were handed in to be moved. Without a connection it is said at once that
    /// this is still to come. `more` is in the notice.
    pub fn places(&self, engine: &Engine, what: Promised, items: Vec<ItemId>, more: More) {
        if items.is_empty() {
            return;
        }
        if !engine.is_connected() {
            let (number, named) = (items.len(), self.named(&items));
            let text = match &what {
                Promised::Trashed => say_many!(
                    number,
                    "{what} will be in the trash once there is a connection",
                    "{what} will be in the trash once there is a connection",
                    what = named
                ),
                Promised::Moved { to } => say_many!(
                    number,
                    "{what} will be in “{folder}” once there is a connection",
                    "{what} will be in “{folder}” once there is a connection",
                    what = named,
                    folder = self.place(*to)
                ),
                Promised::Restored { .. } => say_many!(
                    number,
                    "{what} will be back once there is a connection",
                    "{what} will be back once there is a connection",
                    what = named
                ),
                Promised::Renamed { from, to } => say!(
                    "“{from}” will be “{to}” everywhere once there is a connection",
                    from,
                    to
                ),
                Promised::Put { say, .. } | Promised::Made { say, .. } => {
                    let what = self
                        .tree
                        .with_untracked(|tree| say(tree, &items, When::Later));
                    say!("{what} once there is a connection", what)
                }
            };
            self.notices.tell_more(Tone::Good, text, more);
        }
        self.open.borrow_mut().push(Promise::Places {
            what,
            waiting: one_by_one(items),
            kept: Vec::new(),
            more,
        });
        self.news(engine, &BTreeSet::new());
    }

    /// The same of decisions about conflicts; `words` are said of them.
    pub fn decided(&self, engine: &Engine, conflicts: Vec<ConflictId>, opens: bool, words: String) {
        self.open.borrow_mut().push(Promise::Decided {
            conflicts,
            opens,
            words,
        });
        self.news(engine, &BTreeSet::new());
    }

    /// These items may have come to rest.
    pub fn news(&self, engine: &Engine, touched: &BTreeSet<ItemId>) {
        if self.open.borrow().is_empty() {
            return;
        }
        let mut told = Vec::new();
        self.open.borrow_mut().retain_mut(|promise| match promise {
            Promise::Places {
                what,
                waiting,
                kept,
                more,
            } => {
                let few = match touched.len() < waiting.len() {
                    true => touched,
                    false => &*waiting,
                };
                let ended: Vec<(ItemId, bool)> = few
                    .iter()
                    .filter(|id| waiting.contains(id))
                    .filter_map(|id| match standing(engine, what, *id) {
                        Standing::Waits => None,
                        Standing::Kept => Some((*id, true)),
                        Standing::Lost => Some((*id, false)),
                    })
                    .collect();
                for (id, is_kept) in ended {
                    waiting.remove(&id);
                    kept.extend(is_kept.then_some(id));
                }
                if let Promised::Made { left, told, .. } = what {
                    if left.get_untracked() != waiting.len() {
                        left.set(waiting.len());
                    }
                    if let Some(id) = told.filter(|_| waiting.is_empty()) {
                        self.notices.dismiss(id);
                    }
                }
                if waiting.is_empty() {
                    let words = self.words(engine, what, kept);
                    told.extend(words.map(|words| (words, *more)));
                }
                !waiting.is_empty()
            }
            Promise::Decided {
                conflicts,
                opens,
                words,
            } => {
                let trees = engine.trees();
                let wants = |id: &ConflictId| trees.resolutions().contains_key(id);
                if conflicts.iter().any(wants) {
                    return true;
                }
                let is_so = |id: &ConflictId| trees.conflicts.contains_key(id) == *opens;
                if conflicts.iter().all(is_so) {
                    told.push((std::mem::take(words), More::Nothing));
                }
                false
            }
        });
        for (text, more) in told {
            self.notices.tell_more(Tone::Good, text, more);
        }
    }

    /// Nobody is signed in any more.
    pub fn forget(&self) {
        for promise in self.open.take() {
            if let Promise::Places { what, .. } = promise
                && let Promised::Made { told: Some(id), .. } = what
            {
                self.notices.dismiss(id);
            }
        }
    }

    fn words(&self, engine: &Engine, what: &Promised, kept: &[ItemId]) -> Option<String> {
        let first = kept.first()?;
        let named = self.named(kept);
        Some(match what {
            Promised::Trashed => say_many!(
                kept.len(),
                "{what} moved to the trash",
                "{what} moved to the trash",
                what = named
            ),
            Promised::Moved { to } => say_many!(
                kept.len(),
                "{what} moved to “{folder}”",
                "{what} moved to “{folder}”",
                what = named,
                folder = self.place(*to)
            ),
            Promised::Renamed { from, to } => say!("“{from}” is “{to}” now", from, to),
            Promised::Put { say, .. } | Promised::Made { say, .. } => {
                self.tree.with_untracked(|tree| say(tree, kept, When::Now))
            }
            Promised::Restored { to } => {
                let parent = engine.trees().remote(*first).and_then(|item| item.parent);
                let folder = self.place(parent);
                if parent == *to || kept.len() > 1 {
                    say_many!(
                        kept.len(),
                        "{what} is back in “{folder}”",
                        "{what} are back in “{folder}”",
                        what = named,
                        folder
                    )
                } else if to.is_some_and(|folder| engine.trees().is_live(folder)) {
                    say!(
                        "{what} is back, in “{folder}”: it was nested too deeply where it was",
                        what = named,
                        folder
                    )
                } else {
                    say!(
                        "{what} is back, in “{folder}”: the folder that it was in is not there",
                        what = named,
                        folder
                    )
                }
            }
        })
    }

    /// The name of one, or the number of several.
    fn named(&self, items: &[ItemId]) -> String {
        match items {
            [one] => self.tree.with_untracked(|tree| {
                let item = tree.get(*one);
                item.map_or_else(
                    || t("1 item").to_owned(),
                    |item| say!("“{name}”", name = item.name),
                )
            }),
            many => count(many.len(), "item", "items"),
        }
    }

    /// The name of a folder.
    fn place(&self, folder: Option<ItemId>) -> String {
        let name = folder.and_then(|id| {
            self.tree
                .with_untracked(|tree| tree.get(id).map(|folder| folder.name.to_string()))
        });
        name.unwrap_or_else(|| t("Files").to_owned())
    }
}

fn standing(engine: &Engine, what: &Promised, id: ItemId) -> Standing {
    let Some(entry) = engine.trees().entry(id) else {
        return Standing::Lost;
    };
    let edit = entry.edit.as_ref();
    let waits = edit.is_some_and(|edit| match what {
        // What needs a person may never be made.
        Promised::Made { .. } => edit.is_new && edit.trouble.is_none(),
        _ if edit.is_new => true,
        Promised::Trashed => edit.trashed.is_some(),
        Promised::Moved { .. } | Promised::Renamed { .. } => edit.place.is_some(),
        Promised::Restored { .. } | Promised::Put { .. } => {
            edit.trashed.is_some() || edit.place.is_some()
        }
    });
    if waits {
        return Standing::Waits;
    }
    let is_kept = entry.remote.as_ref().is_some_and(|item| match what {
        Promised::Trashed => item.trashed_at_ms.is_some(),
        Promised::Moved { to } => item.parent == *to,
        Promised::Restored { .. } => item.trashed_at_ms.is_none(),
        Promised::Renamed { to, .. } => item.name == *to,
        Promised::Put { to, .. } => to.get(&id).is_some_and(|spot| *spot == Spot::of(item)),
        Promised::Made { .. } => true,
    });
    match is_kept {
        true => Standing::Kept,
        false => Standing::Lost,
    }
}

#[cfg(test)]
mod tests {
    use super::{Promised, Promises};
    use crate::state::notices::{More, Notices, Tone};
    use crate::state::undo::Spot;
    use leptos::prelude::{Owner, RwSignal};
    use protocol::ids::ItemId;
    use protocol::items::{Item, ItemChanged};
    use protocol::name::Name;
    use protocol::problem::Problem;
    use std::collections::{BTreeMap, BTreeSet};
    use std::sync::Arc;
    use sync::ids::Nonce;
    use sync::message::{
        Answer, CopyLabel, Effect, Input, Lost, Observation, Request, StoredState, TabRole,
    };
    use sync::tree::{ListedItem, Tree};
    use sync::{Config, Engine, Silence};

    const NOW: u64 = 1_000;

    fn folder() -> Item {
        Item {
            id: ItemId::from_random([1; 16]),
            parent: None,
            name: Name::parse("Docs").unwrap(),
            place_version: 1,
            file: None,
            created_at_ms: 0,
            mount: None,
            trashed_at_ms: None,
            damaged: false,
        }
    }

    /// The engine of a tab that has this folder, to be trashed; with the words that are
    /// said before the server has answered, and after.
    fn trash(answer: Result<Answer, Lost>) -> (Vec<String>, Vec<String>) {
        promise(|_| Promised::Trashed, answer)
    }

    /// The same where something is promised of it.
    fn promise(
        what: impl FnOnce(Notices) -> Promised,
        answer: Result<Answer, Lost>,
    ) -> (Vec<String>, Vec<String>) {
        let owner = Owner::new();
        owner.with(|| {
            let mut tree = Tree::default();
            tree.put(ListedItem {
                item: Arc::new(folder()),
                pending: false,
            });
            let notices = Notices::new();
            let promises = Promises::new(RwSignal::new(tree), notices);
            let said = || {
                let all = notices.all().into_iter();
                all.map(|notice| notice.text).collect::<Vec<_>>()
            };
            let config = Config {
                role: TabRole::Follower,
                holds_content: false,
                copy: CopyLabel {
                    device: "Laptop".to_owned(),
                    date: "2026-11-24".to_owned(),
                },
                silence: Silence::default(),
            };
            let kept = StoredState {
                items: vec![folder()],
                cursor: Some("c0".to_owned()),
                complete: true,
                ..StoredState::default()
            };
            let mut engine = Engine::new(config, kept, NOW);
            let item = folder().id;
            let trashed = Observation::Trashed {
                item,
                nonce: Nonce([1; 16]),
                trashed: true,
            };
            engine.handle(Input::Observed(trashed), NOW, 0.5);
            promises.places(&engine, what(notices), vec![item], More::Nothing);
            let before = said();
            let request = std::iter::from_fn(|| engine.next_effect()).find_map(|effect| {
                let Effect::Send { request, body } = effect else {
                    return None;
                };
                matches!(body, Request::Trash { .. }).then_some(request)
            });
            let answered = Input::Answered {
                request: request.unwrap(),
                result: answer,
            };
            engine.handle(answered, NOW, 0.5);
            promises.news(&engine, &BTreeSet::from([item]));
            (before, said())
        })
    }

    /// The folder, in the trash, as the server tells it.
    fn trashed() -> Item {
        Item {
            place_version: 2,
            trashed_at_ms: Some(NOW),
            ..folder()
        }
    }

    #[test]
    fn what_is_undone_is_said_to_be_so_where_the_server_has_it_there() {
        let put = |_| Promised::Put {
            to: BTreeMap::from([(folder().id, Spot::of(&trashed()))]),
            say: Box::new(|_, items, _| format!("{} is back", items.len())),
        };
        let answer = |item| Ok(Answer::Item(ItemChanged { item, seq: 1 }));
        let (before, after) = promise(put, answer(trashed()));
        assert!(before.is_empty());
        assert_eq!(after, ["1 is back"]);
        // Somebody else was faster, and it is called otherwise.
        let name = Name::parse("Other").unwrap();
        let (_, after) = promise(put, answer(Item { name, ..trashed() }));
        assert!(after.is_empty());
    }

    #[test]
    fn what_tells_how_far_copies_are_goes_with_the_last_of_them() {
        let made = |notices: Notices| {
            let left = RwSignal::new(1);
            let more = More::Progress { all: 1, left };
            let told = notices.tell_more(Tone::Good, "Copying".to_owned(), more);
            Promised::Made {
                left,
                told: Some(told),
                say: Box::new(|_, items, _| format!("{} copied", items.len())),
            }
        };
        let item = trashed();
        let (_, after) = promise(made, Ok(Answer::Item(ItemChanged { item, seq: 1 })));
        assert_eq!(after, ["1 copied"]);
    }

    #[test]
    fn what_is_trashed_is_said_to_be_so_once_the_server_agrees() {
        let item = trashed();
        let (before, after) = trash(Ok(Answer::Item(ItemChanged { item, seq: 1 })));
        assert!(before.is_empty());
        assert_eq!(after, ["“Docs” moved to the trash"]);
    }

    #[test]
    fn what_the_server_refuses_is_never_said_to_be_done() {
        let (before, after) = trash(Err(Lost::Refused(Problem::NoSuchItem)));
        assert!(before.is_empty() && after.is_empty());
    }
}
