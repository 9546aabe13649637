//! Copies of files and of folders with what is in them: new items with the contents that
//! the server has, so no bytes travel.

use super::acts::{Acts, nonce};
use super::promises::{Promised, When};
use crate::format::count;
use crate::state::notices::{More, Tone};
use crate::state::undo::Deed;
use crate::words::{say, say_many, t};
use leptos::prelude::{RwSignal, WithUntracked};
use platform::browser::{clock, random};
use protocol::ids::ItemId;
use protocol::items::Item;
use protocol::limits::may_nest;
use protocol::name::Name;
use std::collections::HashSet;
use std::rc::Rc;
use sync::free::free_name;
use sync::message::{Input, Observation};
use sync::place::Place;
use sync::tree::Tree;
use wasm_bindgen_futures::spawn_local;

/// Items that are handed to the engine before the page may draw.
const MOST_AT_ONCE: usize = 500;
/// From so many on it is told how far it is.
const TOLD_FROM: usize = 20;

/// What is made: decided once, from the tree as it is shown.
#[derive(Debug, Default)]
struct Plan {
    /// Each folder stands before what is in it.
    copies: Vec<NewCopy>,
    /// Those that are made of what was asked for, not of what is in it.
    tops: Vec<(ItemId, Place)>,
    /// Files that the server does not have yet.
    unsent: usize,
    mounts: usize,
    refused: Vec<(Name, Refused)>,
}

#[derive(Debug, PartialEq, Eq)]
struct NewCopy {
    item: ItemId,
    place: Place,
    /// Of which file; `None` is a folder.
    of: Option<ItemId>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Refused {
    IntoItself,
    TooDeep,
}

impl Plan {
    fn of(
        tree: &Tree,
        items: &[ItemId],
        parent: Option<ItemId>,
        new_id: &mut dyn FnMut() -> ItemId,
    ) -> Self {
        let mut plan = Self::default();
        let above = parent.map(|id| tree.path(id)).unwrap_or_default();
        let mut claimed = HashSet::new();
        let live = items.iter().filter(|id| tree.is_live(**id));
        for item in live.filter_map(|id| tree.get(*id)) {
            if above.iter().any(|folder| folder.id == item.id) {
                plan.refused.push((item.name.clone(), Refused::IntoItself));
                continue;
            }
            if item.is_folder() && !may_nest(above.len(), tree.height(item.id)) {
                plan.refused.push((item.name.clone(), Refused::TooDeep));
                continue;
            }
            let is_free = |name: &Name| {
                tree.child_named(parent, name).is_none() && !claimed.contains(&name.key())
            };
            let name = free_name(is_free, |nth| match nth {
                1 => item.name.clone(),
                nth => item.name.numbered(nth),
            });
            let place = Place { parent, name };
            if let Some(copy) = plan.add(item, place.clone(), new_id) {
                claimed.insert(place.name.key());
                plan.tops.push((copy, place));
                plan.fill(tree, item, copy, new_id);
            }
        }
        plan
    }

    /// Adds the copy of one item; `None` where there can be none.
    fn add(
        &mut self,
        item: &Item,
        place: Place,
        new_id: &mut dyn FnMut() -> ItemId,
    ) -> Option<ItemId> {
        if item.mount.is_some() {
            self.mounts += 1;
            return None;
        }
        if item.file.is_some() && item.version() == 0 {
            self.unsent += 1;
            return None;
        }
        let copy = new_id();
        self.copies.push(NewCopy {
            item: copy,
            place,
            of: item.file.is_some().then_some(item.id),
        });
        Some(copy)
    }

    /// Adds copies of all that is in a folder.
    fn fill(
        &mut self,
        tree: &Tree,
        folder: &Item,
        copy: ItemId,
        new_id: &mut dyn FnMut() -> ItemId,
    ) {
        let mut next = vec![(folder.id, copy)];
        while let Some((from, to)) = next.pop() {
            for item in tree.list(Some(from)) {
                let place = Place {
                    parent: Some(to),
                    name: item.name.clone(),
                };
                let copy = self.add(item, place, new_id);
                next.extend(
                    copy.filter(|_| item.is_folder())
                        .map(|copy| (item.id, copy)),
                );
            }
        }
    }

    /// What is not copied, in a sentence without its end; empty if all is.
    fn left_out(&self) -> String {
        let mut parts = Vec::new();
        if self.unsent > 0 {
            parts.push(say_many!(
                self.unsent,
                "1 file is not on the server yet and left out",
                "{n} files are not on the server yet and left out"
            ));
        }
        if self.mounts > 0 {
            parts.push(say_many!(
                self.mounts,
                "1 item leads to what others share, and can't be copied",
                "{n} items lead to what others share, and can't be copied"
            ));
        }
        for (name, why) in &self.refused {
            parts.push(match why {
                Refused::IntoItself => say!("“{name}” can't be copied into itself", name),
                Refused::TooDeep => say!("“{name}” would be nested too deeply", name),
            });
        }
        parts.join("; ")
    }
}

/// Makes copies in a folder, and tells how far that is, and its end.
pub fn copy_into(acts: &Rc<Acts>, items: &[ItemId], parent: Option<ItemId>) {
    let tree = acts.drive.tree;
    let mut new_id = || ItemId::from_random(random::id_bytes());
    let plan = tree.with_untracked(|tree| Plan::of(tree, items, parent, &mut new_id));
    let left_out = plan.left_out();
    if plan.copies.is_empty() {
        let why = match left_out.is_empty() {
            true => t("what you copied is not here any more").to_owned(),
            false => left_out,
        };
        return acts
            .drive
            .notices
            .bad(say!("Nothing was copied: {why}", why));
    }
    if !left_out.is_empty() {
        acts.drive
            .notices
            .bad(say!("Not all is copied: {why}", why = left_out));
    }
    let acts = acts.clone();
    spawn_local(async move { hand_in(&acts, plan, parent).await });
}

async fn hand_in(acts: &Acts, plan: Plan, parent: Option<ItemId>) {
    let notices = acts.drive.notices;
    let all = plan.copies.len();
    let left = RwSignal::new(all);
    let what = match plan.tops.as_slice() {
        [(_, place)] => say!("“{name}”", name = place.name),
        tops => count(tops.len(), "item", "items"),
    };
    let told = (all >= TOLD_FROM).then(|| {
        let more = More::Progress { all, left };
        notices.tell_more(Tone::Good, say!("Copying {what}", what), more)
    });
    let mut rest = plan.copies.iter();
    while !rest.as_slice().is_empty() {
        let next = rest.by_ref().take(MOST_AT_ONCE);
        let inputs = next.filter_map(|copy| observation(acts, copy));
        acts.current.inputs(inputs.collect());
        clock::breathe().await;
    }
    let items = plan.copies.iter().map(|copy| copy.item).collect();
    let more = acts.made(Deed::Copied, plan.tops);
    let say = Box::new(move |tree: &Tree, made: &[ItemId], when: When| {
        let folder = parent.and_then(|id| tree.get(id));
        let folder = folder.map_or_else(|| t("Files").to_owned(), |item| item.name.to_string());
        words(&what, &folder, (made.len(), all), when)
    });
    acts.promise(Promised::Made { left, told, say }, items, more);
}

fn observation(acts: &Acts, copy: &NewCopy) -> Option<Input> {
    let draft = match copy.of {
        // It may have been deleted for good meanwhile.
        Some(file) => Some(acts.copied(file).ok()?),
        None => None,
    };
    Some(Input::Observed(Observation::Made {
        item: copy.item,
        nonce: nonce(),
        place: copy.place.clone(),
        draft,
    }))
}

/// What became of so many items of all.
fn words(what: &str, folder: &str, (made, all): (usize, usize), when: When) -> String {
    // A name stands in the quotation marks of the reader's language; else it is a number.
    let number: usize = match what.starts_with(['“', '„', '«']) {
        true => 1,
        false => 2,
    };
    let items = count(all, "item", "items");
    let some = protocol::units::grouped(made as u64);
    match (made == all, all, when) {
        (true, 1, When::Now) => say_many!(
            number,
            "{what} is in “{folder}”",
            "{what} are in “{folder}”",
            what,
            folder
        ),
        (true, 1, When::Later) => say_many!(
            number,
            "{what} will be in “{folder}”",
            "{what} will be in “{folder}”",
            what,
            folder
        ),
        (true, _, When::Now) => say_many!(
            number,
            "{what} is in “{folder}”, {items} in all",
            "{what} are in “{folder}”, {items} in all",
            what,
            folder,
            items
        ),
        (true, _, When::Later) => say_many!(
            number,
            "{what} will be in “{folder}”, {items} in all",
            "{what} will be in “{folder}”, {items} in all",
            what,
            folder,
            items
        ),
        (false, _, When::Now) => say_many!(
            number,
            "{what} is in “{folder}”, but only {some} of {items}",
            "{what} are in “{folder}”, but only {some} of {items}",
            what,
            folder,
            some,
            items
        ),
        (false, _, When::Later) => say_many!(
            number,
            "{what} will be in “{folder}”, but only {some} of {items}",
            "{what} will be in “{folder}”, but only {some} of {items}",
            what,
            folder,
            some,
            items
        ),
    }
}

#[cfg(test)]
mod tests {
    use super::{Plan, words};
    use crate::driver::promises::When;
    use blocks::chunk::SizeClass;
    use blocks::number::FileTime;
    use protocol::ids::{DeviceId, ItemId, Version};
    use protocol::items::{Committed, FileHead, Item};
    use protocol::name::Name;
    use std::sync::Arc;
    use sync::tree::{ListedItem, Tree};

    fn id(number: u8) -> ItemId {
        ItemId::from_random([number; 16])
    }

    /// An item; a file of some version, or a folder.
    fn item(number: u8, parent: Option<u8>, name: &str, version: Option<Version>) -> Item {
        Item {
            id: id(number),
            parent: parent.map(id),
            name: Name::parse(name).unwrap(),
            place_version: 1,
            file: version.map(|version| FileHead {
                version,
                size: 9,
                size_class: SizeClass::for_size(9),
                modified_at_ms: FileTime::of_clock(0),
                committed: Committed {
                    user_name: "ann".to_owned(),
                    device_id: DeviceId::from_random([1; 16]),
                    device_name: "Laptop".to_owned(),
                    at_ms: 0,
                },
                damaged: false,
            }),
            created_at_ms: 0,
            mount: None,
            trashed_at_ms: None,
            damaged: false,
        }
    }

    fn tree() -> Tree {
        let mut tree = Tree::default();
        let items = [
            item(1, None, "Docs", None),
            item(2, Some(1), "a.txt", Some(3)),
            item(3, Some(1), "Deep", None),
            item(4, Some(3), "b.txt", Some(1)),
            item(5, Some(3), "new.txt", Some(0)),
            item(6, None, "c.txt", Some(1)),
            item(7, None, "c (2).txt", Some(1)),
        ];
        for item in items {
            let pending = false;
            let item = Arc::new(item);
            tree.put(ListedItem { item, pending });
        }
        tree
    }

    fn plan(items: &[u8], parent: Option<u8>) -> Plan {
        let items: Vec<ItemId> = items.iter().map(|&number| id(number)).collect();
        let mut next = 100;
        let mut new_id = || {
            next += 1;
            id(next)
        };
        Plan::of(&tree(), &items, parent.map(id), &mut new_id)
    }

    #[test]
    fn a_folder_is_copied_with_what_is_in_it_but_for_what_the_server_lacks() {
        let plan = plan(&[1], None);
        let made = plan.copies.iter();
        let made: Vec<_> = made
            .map(|copy| (copy.place.name.as_str(), copy.place.parent, copy.of))
            .collect();
        let (docs, deep) = (Some(id(101)), Some(id(102)));
        assert_eq!(
            made,
            [
                ("Docs (2)", None, None),
                ("Deep", docs, None),
                ("a.txt", docs, Some(id(2))),
                ("b.txt", deep, Some(id(4))),
            ]
        );
        assert_eq!(plan.tops.len(), 1);
        assert_eq!(
            plan.left_out(),
            "1 file is not on the server yet and left out"
        );
    }

    #[test]
    fn a_copy_gets_the_first_name_that_is_free() {
        let names = |plan: Plan| {
            let tops = plan.tops.iter();
            tops.map(|(_, place)| place.name.to_string())
                .collect::<Vec<_>>()
        };
        assert_eq!(names(plan(&[6], None)), ["c (3).txt"]);
        assert_eq!(names(plan(&[6, 7], Some(1))), ["c.txt", "c (2).txt"]);
        // Two of one name that come into one folder.
        assert_eq!(names(plan(&[2, 2], Some(3))), ["a.txt", "a (2).txt"]);
    }

    #[test]
    fn nothing_is_copied_into_itself() {
        for into in [1, 3] {
            let plan = plan(&[1, 6], Some(into));
            assert_eq!(plan.copies.len(), 1, "c.txt");
            assert_eq!(plan.left_out(), "“Docs” can't be copied into itself");
        }
    }

    #[test]
    fn the_end_says_how_much_there_is() {
        let (now, later) = (When::Now, When::Later);
        assert_eq!(words("“a”", "Docs", (1, 1), now), "“a” is in “Docs”");
        assert_eq!(
            words("“a”", "Docs", (1_204, 1_204), now),
            "“a” is in “Docs”, 1,204 items in all"
        );
        assert_eq!(
            words("2 items", "Files", (3, 4), now),
            "2 items are in “Files”, but only 3 of 4 items"
        );
        assert_eq!(words("“a”", "Docs", (1, 1), later), "“a” will be in “Docs”");
    }
}
