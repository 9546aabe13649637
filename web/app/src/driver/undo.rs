//! Taking back what a person did, and doing it again. Each is an ordinary change of what
//! there is now: what was changed elsewhere since then is left as it is, and told.

use super::acts::{Acts, nonce};
use super::promises::{Promised, When};
use crate::format::count;
use crate::state::notices::More;
use crate::state::undo::{Deed, Spot, Step, StepId, Went};
use crate::words::{say, say_many, t};
use leptos::prelude::{Update, WithUntracked};
use protocol::ids::ItemId;
use protocol::items::Item;
use protocol::limits::may_nest;
use std::collections::HashSet;
use sync::message::{Input, Observation};
use sync::place::Place;
use sync::tree::Tree;

/// Names that are told of those that stay as they are.
const MOST_NAMED: usize = 3;

/// What brings an item back.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Way {
    Place(Place),
    Trash,
    /// Out of the trash, to where it was.
    OutOfTrash,
    /// Out of the trash, to another place.
    Restore(Place),
}

/// Why an item stays as it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Stays {
    /// It was deleted for good.
    Gone,
    /// It is not where the step had left it.
    Changed,
    NoFolder,
    NameTaken,
    IntoItself,
    TooDeep,
    /// The folder has something in it by now.
    Filled,
    /// Not all that is in it is on the server.
    StillMade,
}

/// Which way a step is gone.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Direction {
    Back,
    Again,
}

/// What happens to the items of a step, for the words.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Change {
    Name,
    Folder,
    IntoTrash,
    OutOfTrash,
}

/// Takes a step back, the newest if none is named.
pub fn undo(acts: &Acts, which: Option<StepId>) {
    let mut step = None;
    acts.drive
        .steps
        .update(|steps| step = steps.take_done(which));
    if let Some(done) = step.and_then(|step| go(acts, step, Direction::Back)) {
        acts.drive.steps.update(|steps| steps.undid(done));
    }
}

/// Does again what was taken back last.
pub fn redo(acts: &Acts) {
    let mut step = None;
    acts.drive.steps.update(|steps| step = steps.take_undone());
    if let Some(done) = step.and_then(|step| go(acts, step, Direction::Again)) {
        acts.drive.steps.update(|steps| steps.redid(done));
    }
}

/// Goes a step back or again with each item that is where the step has left it. Returns
/// the step of those.
fn go(acts: &Acts, step: Step, direction: Direction) -> Option<Step> {
    let Step { id, deed, went } = step;
    let all = went.len();
    let change = Change::of(deed, direction);
    let (plan, stays) = acts
        .drive
        .tree
        .with_untracked(|tree| plan(tree, deed, went, direction));
    let stays = told(&stays);
    if plan.is_empty() {
        let words = match direction {
            Direction::Back => say!("Nothing was undone: {why}", why = stays),
            Direction::Again => say!("Nothing was done again: {why}", why = stays),
        };
        acts.drive.notices.bad(words);
        return None;
    }
    let inputs = plan
        .iter()
        .map(|(went, way)| Input::Observed(observation(went.item, way.clone())));
    acts.current.inputs(inputs.collect());
    let went: Vec<Went> = plan.into_iter().map(|(went, _)| went).collect();
    let goals = went
        .iter()
        .map(|went| (went.item, goal(went, direction).clone()));
    let items = went.iter().map(|went| went.item).collect();
    let promised = Promised::Put {
        to: goals.collect(),
        say: Box::new(move |tree, items, when| {
            let words = words(tree, (items, all), (change, direction), when);
            match stays.is_empty() {
                true => words,
                false => format!("{words}; {stays}"),
            }
        }),
    };
    acts.promise(promised, items, More::Nothing);
    Some(Step { id, deed, went })
}

fn goal(went: &Went, direction: Direction) -> &Spot {
    match direction {
        Direction::Back => &went.from,
        Direction::Again => &went.to,
    }
}

type Planned = Vec<(Went, Way)>;

/// What can be done of a step as things are now, and what can't, with why.
fn plan(
    tree: &Tree,
    deed: Deed,
    went: Vec<Went>,
    direction: Direction,
) -> (Planned, Vec<(String, Stays)>) {
    let (mut planned, mut stays) = (Vec::new(), Vec::new());
    // Two of them may have gone from one name, each at its time.
    let mut claimed = HashSet::new();
    for went in went {
        let (at, goal) = match direction {
            Direction::Back => (&went.to, &went.from),
            Direction::Again => (&went.from, &went.to),
        };
        let key = (goal.place.parent, goal.place.name.key());
        let way = match way(tree, deed, went.item, at, goal) {
            Ok(Way::Trash) => Ok(Way::Trash),
            Ok(way) if claimed.insert(key) => Ok(way),
            Ok(_) => Err(Stays::NameTaken),
            Err(why) => Err(why),
        };
        match way {
            Ok(way) => planned.push((went, way)),
            Err(why) => {
                let name = tree.get(went.item).map(|item| &item.name);
                let name = name.unwrap_or(&at.place.name);
                stays.push((name.to_string(), why));
            }
        }
    }
    (planned, stays)
}

/// The way of an item from where a step has left it to where it is wanted.
fn way(tree: &Tree, deed: Deed, id: ItemId, at: &Spot, goal: &Spot) -> Result<Way, Stays> {
    let item = tree.get(id).ok_or(Stays::Gone)?;
    // What is in a folder that went into the trash is not where it was.
    let is_there = Spot::of(item) == *at && (at.trashed || tree.is_live(id));
    if !is_there {
        return Err(Stays::Changed);
    }
    if goal.trashed {
        return match deed {
            Deed::MadeFolder if !tree.list(Some(id)).is_empty() => Err(Stays::Filled),
            _ if has_pending(tree, item) => Err(Stays::StillMade),
            _ => Ok(Way::Trash),
        };
    }
    let Place { parent, name } = &goal.place;
    if parent.is_some_and(|folder| !tree.is_live(folder)) {
        return Err(Stays::NoFolder);
    }
    let above = parent.map(|folder| tree.path(folder)).unwrap_or_default();
    if above.iter().any(|folder| folder.id == id) {
        return Err(Stays::IntoItself);
    }
    let rival = tree.child_named(*parent, name);
    if rival.is_some_and(|rival| rival.id != id) {
        return Err(Stays::NameTaken);
    }
    // What is nested too deeply since before may stay as deep as it is.
    let depth = item.parent.map_or(0, |folder| tree.path(folder).len());
    if above.len() > depth && !may_nest(above.len(), tree.height(id)) {
        return Err(Stays::TooDeep);
    }
    Ok(match at.trashed {
        true if at.place == goal.place => Way::OutOfTrash,
        true => Way::Restore(goal.place.clone()),
        false => Way::Place(goal.place.clone()),
    })
}

/// Whether something in a folder is still on its way to the server: in the trash, it would
/// have to go elsewhere.
fn has_pending(tree: &Tree, folder: &Item) -> bool {
    let mut next = vec![folder.id];
    while let Some(id) = next.pop() {
        for item in tree.list(Some(id)) {
            if tree.is_pending(item.id) {
                return true;
            }
            next.extend(item.is_folder().then_some(item.id));
        }
    }
    false
}

fn observation(item: ItemId, way: Way) -> Observation {
    let nonce = nonce();
    match way {
        Way::Place(place) => Observation::Placed { item, nonce, place },
        Way::Restore(place) => Observation::Restored { item, nonce, place },
        Way::Trash | Way::OutOfTrash => Observation::Trashed {
            item,
            nonce,
            trashed: way == Way::Trash,
        },
    }
}

impl Change {
    fn of(deed: Deed, direction: Direction) -> Self {
        let back = direction == Direction::Back;
        match deed {
            Deed::Renamed => Self::Name,
            Deed::Moved => Self::Folder,
            Deed::Trashed if back => Self::OutOfTrash,
            Deed::Trashed => Self::IntoTrash,
            Deed::Restored | Deed::MadeFolder | Deed::Copied if back => Self::IntoTrash,
            Deed::Restored | Deed::MadeFolder | Deed::Copied => Self::OutOfTrash,
        }
    }
}

/// What became of these items, of so many.
fn words(
    tree: &Tree,
    (items, all): (&[ItemId], usize),
    (change, direction): (Change, Direction),
    when: When,
) -> String {
    let number = items.len();
    let (what, where_to) = match items {
        [one] if all == 1 => {
            let item = tree.get(*one);
            let folder = item
                .and_then(|item| item.parent)
                .and_then(|id| tree.get(id));
            let folder = folder.map_or_else(|| t("Files").to_owned(), |item| item.name.to_string());
            let name = item.map_or_else(
                || t("An item").to_owned(),
                |item| say!("“{name}”", name = item.name),
            );
            (name, Some(folder))
        }
        some if some.len() < all => {
            let some = count_only(some.len());
            (
                say_many!(all, "{some} of 1 item", "{some} of {n} items", some),
                None,
            )
        }
        some => (count(some.len(), "item", "items"), None),
    };
    match (change, where_to, when) {
        (Change::Name, _, When::Now) => say_many!(
            number,
            "{what} is called so again",
            "{what} are called so again",
            what
        ),
        (Change::Name, _, When::Later) => say_many!(
            number,
            "{what} will be called so again",
            "{what} will be called so again",
            what
        ),
        (Change::Folder, folder, when) => match direction {
            Direction::Back => moved_back(number, &what, folder, when),
            Direction::Again => moved_again(number, &what, folder, when),
        },
        (Change::IntoTrash, _, When::Now) => say_many!(
            number,
            "{what} was moved to the trash",
            "{what} were moved to the trash",
            what
        ),
        (Change::IntoTrash, _, When::Later) => say_many!(
            number,
            "{what} will be moved to the trash",
            "{what} will be moved to the trash",
            what
        ),
        (Change::OutOfTrash, Some(folder), When::Now) => {
            say!("{what} is back in “{folder}”", what, folder)
        }
        (Change::OutOfTrash, Some(folder), When::Later) => {
            say!("{what} will be back in “{folder}”", what, folder)
        }
        (Change::OutOfTrash, None, When::Now) => say_many!(
            number,
            "{what} is back out of the trash",
            "{what} are back out of the trash",
            what
        ),
        (Change::OutOfTrash, None, When::Later) => say_many!(
            number,
            "{what} will be back out of the trash",
            "{what} will be back out of the trash",
            what
        ),
    }
}

/// That so many items are where they were before; one of them alone with its folder.
fn moved_back(number: usize, what: &str, folder: Option<String>, when: When) -> String {
    match (folder, when) {
        (Some(folder), When::Now) => {
            say!("{what} was moved back to “{folder}”", what, folder)
        }
        (Some(folder), When::Later) => {
            say!("{what} will be moved back to “{folder}”", what, folder)
        }
        (None, When::Now) => say_many!(
            number,
            "{what} was moved back",
            "{what} were moved back",
            what
        ),
        (None, When::Later) => say_many!(
            number,
            "{what} will be moved back",
            "{what} will be moved back",
            what
        ),
    }
}

/// The same of where they were moved to.
fn moved_again(number: usize, what: &str, folder: Option<String>, when: When) -> String {
    match (folder, when) {
        (Some(folder), When::Now) => {
            say!("{what} was moved to “{folder}” again", what, folder)
        }
        (Some(folder), When::Later) => {
            say!("{what} will be moved to “{folder}” again", what, folder)
        }
        (None, When::Now) => say_many!(
            number,
            "{what} was moved again",
            "{what} were moved again",
            what
        ),
        (None, When::Later) => say_many!(
            number,
            "{what} will be moved again",
            "{what} will be moved again",
            what
        ),
    }
}

fn count_only(number: usize) -> String {
    protocol::units::grouped(number as u64)
}

/// The items that stay, each reason once.
fn told(stays: &[(String, Stays)]) -> String {
    let mut reasons: Vec<Stays> = stays.iter().map(|(_, why)| *why).collect();
    reasons.sort_unstable();
    reasons.dedup();
    let of_reason = |reason: &Stays| {
        let names = stays.iter().filter(|(_, why)| why == reason);
        let names: Vec<&str> = names.map(|(name, _)| name.as_str()).collect();
        let shown = names.iter().take(MOST_NAMED);
        let shown: Vec<String> = shown.map(|name| say!("“{name}”", name)).collect();
        let shown = shown.join(", ");
        let who = match names.len().saturating_sub(MOST_NAMED) {
            0 => shown,
            more => say_many!(
                more,
                "{names} and 1 other",
                "{names} and {n} others",
                names = shown
            ),
        };
        reason.words(names.len(), &who)
    };
    let sentences: Vec<String> = reasons.iter().map(of_reason).collect();
    sentences.join("; ")
}

impl Stays {
    /// Why one item stays, or several, of which these are the names.
    fn words(self, number: usize, names: &str) -> String {
        match self {
            Self::Gone => say_many!(
                number,
                "{names} is deleted for good",
                "{names} are deleted for good",
                names
            ),
            Self::Changed => say_many!(
                number,
                "{names} was changed by somebody else or elsewhere since then",
                "{names} were changed by somebody else or elsewhere since then",
                names
            ),
            Self::NoFolder => say_many!(
                number,
                "{names} stays: the folder that it was in is not there any more",
                "{names} stay: the folder that they were in is not there any more",
                names
            ),
            Self::NameTaken => say_many!(
                number,
                "{names} stays: something else has that name there by now",
                "{names} stay: something else has those names there by now",
                names
            ),
            Self::IntoItself => say_many!(
                number,
                "{names} stays: that folder is in it by now",
                "{names} stay: that folder is in them by now",
                names
            ),
            Self::TooDeep => say_many!(
                number,
                "{names} stays: it would be nested too deeply",
                "{names} stay: they would be nested too deeply",
                names
            ),
            Self::Filled => say_many!(
                number,
                "{names} stays: there is something in it by now",
                "{names} stay: there is something in them by now",
                names
            ),
            Self::StillMade => say_many!(
                number,
                "{names} stays: not all that is in it is stored yet",
                "{names} stay: not all that is in them is stored yet",
                names
            ),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{Change, Direction, Stays, Way, plan, told, way, words};
    use crate::driver::promises::When;
    use crate::state::undo::{Deed, Spot, Went};
    use protocol::ids::ItemId;
    use protocol::items::Item;
    use protocol::name::Name;
    use std::sync::Arc;
    use sync::place::Place;
    use sync::tree::{ListedItem, Tree};

    fn id(number: u8) -> ItemId {
        ItemId::from_random([number; 16])
    }

    fn place(parent: Option<u8>, name: &str) -> Place {
        Place {
            parent: parent.map(id),
            name: Name::parse(name).unwrap(),
        }
    }

    fn live(parent: Option<u8>, name: &str) -> Spot {
        let place = place(parent, name);
        Spot {
            place,
            trashed: false,
        }
    }

    /// A folder of each of these, in the trash or not.
    fn tree(items: &[(u8, Spot)]) -> Tree {
        let mut tree = Tree::default();
        for (number, spot) in items {
            let item = Item {
                id: id(*number),
                parent: spot.place.parent,
                name: spot.place.name.clone(),
                place_version: 1,
                file: None,
                created_at_ms: 0,
                mount: None,
                trashed_at_ms: spot.trashed.then_some(1),
                damaged: false,
            };
            let pending = false;
            let item = Arc::new(item);
            tree.put(ListedItem { item, pending });
        }
        tree
    }

    fn went(item: u8, from: Spot, to: Spot) -> Went {
        let item = id(item);
        Went { item, from, to }
    }

    #[test]
    fn each_deed_has_its_opposite() {
        let (here, there) = (live(None, "a"), live(Some(9), "a"));
        let folder = (9, live(None, "folder"));
        let bin = here.clone().trashed(true);
        let cases = [
            (
                Deed::Renamed,
                live(None, "b"),
                here.clone(),
                Way::Place(place(None, "a")),
            ),
            (
                Deed::Moved,
                there.clone(),
                here.clone(),
                Way::Place(place(None, "a")),
            ),
            (Deed::Trashed, bin.clone(), here.clone(), Way::OutOfTrash),
            (Deed::Restored, here.clone(), bin.clone(), Way::Trash),
            // It had come out of the trash under another name, and goes back there.
            (
                Deed::Restored,
                bin,
                there.clone(),
                Way::Restore(there.place),
            ),
        ];
        for (deed, at, goal, expected) in cases {
            let tree = tree(&[folder.clone(), (1, at.clone())]);
            assert_eq!(
                way(&tree, deed, id(1), &at, &goal),
                Ok(expected),
                "{deed:?}"
            );
        }
    }

    #[test]
    fn what_was_changed_since_stays_as_it_is() {
        let (before, after) = (live(None, "a"), live(Some(9), "a"));
        let folder = (9, live(None, "folder"));
        let refused = |items: &[(u8, Spot)]| {
            way(&tree(items), Deed::Moved, id(1), &after, &before).unwrap_err()
        };
        assert_eq!(refused(std::slice::from_ref(&folder)), Stays::Gone);
        let others = [
            live(Some(9), "renamed"),
            live(Some(8), "a"),
            after.clone().trashed(true),
        ];
        for other in others {
            assert_eq!(refused(&[folder.clone(), (1, other)]), Stays::Changed);
        }
        // Its folder went into the trash, with it.
        let bin = live(None, "folder").trashed(true);
        assert_eq!(refused(&[(9, bin), (1, after.clone())]), Stays::Changed);
        let taken = [folder, (1, after.clone()), (2, live(None, "A"))];
        assert_eq!(refused(&taken), Stays::NameTaken);
    }

    #[test]
    fn where_it_was_has_to_be_there_and_outside_of_it() {
        let (before, after) = (live(Some(9), "a"), live(None, "a"));
        let refused = |folder: Spot| {
            let tree = tree(&[(9, folder), (1, after.clone())]);
            way(&tree, Deed::Moved, id(1), &after, &before).unwrap_err()
        };
        assert_eq!(refused(live(None, "f").trashed(true)), Stays::NoFolder);
        assert_eq!(refused(live(Some(1), "f")), Stays::IntoItself);
    }

    #[test]
    fn a_new_folder_that_has_something_in_it_is_not_taken_back() {
        let made = live(None, "new");
        let before = made.clone().trashed(true);
        let inside = (2, live(Some(1), "in it"));
        let of = |tree: &Tree, deed| way(tree, deed, id(1), &made, &before);
        assert_eq!(
            of(&tree(&[(1, made.clone())]), Deed::MadeFolder),
            Ok(Way::Trash)
        );
        let mut filled = tree(&[(1, made.clone()), inside]);
        assert_eq!(of(&filled, Deed::MadeFolder), Err(Stays::Filled));
        assert_eq!(of(&filled, Deed::Copied), Ok(Way::Trash));
        // A copy of a folder that is still being made.
        let mut listed = filled.listed(id(2)).unwrap();
        listed.pending = true;
        filled.put(listed);
        assert_eq!(of(&filled, Deed::Copied), Err(Stays::StillMade));
    }

    #[test]
    fn of_several_those_that_can_go_do_and_the_others_are_told() {
        let tree = tree(&[
            (9, live(None, "folder")),
            (1, live(Some(9), "a")),
            (2, live(Some(9), "b")),
            (3, live(None, "c")),
        ]);
        let step = ["a", "b", "c"].iter().zip(1..);
        let step = step.map(|(name, n)| went(n, live(None, name), live(Some(9), name)));
        let (planned, stays) = plan(&tree, Deed::Moved, step.collect(), Direction::Back);
        let gone: Vec<ItemId> = planned.iter().map(|(went, _)| went.item).collect();
        assert_eq!(gone, [id(1), id(2)]);
        let back = words(
            &tree,
            (&gone, 3),
            (Change::Folder, Direction::Back),
            When::Now,
        );
        assert_eq!(
            format!("{back}; {}", told(&stays)),
            "2 of 3 items were moved back; “c” was changed by somebody else or elsewhere since then"
        );
    }

    #[test]
    fn two_that_had_one_name_in_turn_do_not_both_get_it_back() {
        let tree = tree(&[(1, live(None, "b")), (2, live(None, "c"))]);
        let step = vec![
            went(1, live(None, "a"), live(None, "b")),
            went(2, live(None, "A"), live(None, "c")),
        ];
        let (planned, stays) = plan(&tree, Deed::Renamed, step, Direction::Back);
        assert_eq!(planned.len(), 1);
        assert_eq!(stays, [("c".to_owned(), Stays::NameTaken)]);
    }

    #[test]
    fn the_words_say_what_became_of_it() {
        let tree = tree(&[(9, live(None, "Docs")), (1, live(Some(9), "a"))]);
        let one = [id(1)];
        let say = |change, direction, when| words(&tree, (&one, 1), (change, direction), when);
        let (back, again) = (Direction::Back, Direction::Again);
        let (now, later) = (When::Now, When::Later);
        assert_eq!(say(Change::Name, back, now), "“a” is called so again");
        assert_eq!(
            say(Change::Folder, back, now),
            "“a” was moved back to “Docs”"
        );
        assert_eq!(
            say(Change::Folder, again, now),
            "“a” was moved to “Docs” again"
        );
        assert_eq!(
            say(Change::Folder, back, later),
            "“a” will be moved back to “Docs”"
        );
        assert_eq!(say(Change::OutOfTrash, back, now), "“a” is back in “Docs”");
        assert_eq!(
            say(Change::IntoTrash, again, now),
            "“a” was moved to the trash"
        );
        let names = ["a", "b", "c", "d", "e"];
        let gone = names.map(|name| (name.to_owned(), Stays::Gone));
        assert_eq!(
            told(&gone),
            "“a”, “b”, “c” and 2 others are deleted for good"
        );
    }
}
