//! What becomes of each item, by what the server tells of it.

use crate::past::{Act, Came, Plan, Why, plan};
use protocol::activity::Spot;
use protocol::ids::ItemId;
use protocol::items::Item;
use protocol::name::Name;
use protocol::past::{PastItem, Stood, Then};
use std::collections::HashSet;

fn id(number: u8) -> ItemId {
    ItemId::from_random([number; 16])
}

/// A folder where it is now.
fn now(number: u8, parent: Option<u8>, name: &str) -> Item {
    Item {
        id: id(number),
        parent: parent.map(id),
        name: Name::parse(name).unwrap(),
        place_version: 3,
        file: None,
        mount: None,
        created_at_ms: 0,
        trashed_at_ms: None,
        damaged: false,
    }
}

fn then(stood: Stood, parent: Option<u8>, name: &str) -> Then {
    let place = Spot {
        parent: parent.map(id),
        name: name.to_owned(),
    };
    Then {
        stood,
        place: Some(place),
        content: None,
    }
}

fn entry(now: Item, then: Option<Then>) -> PastItem {
    PastItem {
        id: now.id,
        then,
        now: Some(now),
        in_conflict: false,
    }
}

fn places(plan: &Plan) -> Vec<Vec<ItemId>> {
    let levels = plan.places.iter();
    levels
        .map(|level| level.iter().map(|step| step.item).collect())
        .collect()
}

#[test]
fn a_folder_goes_back_before_what_was_in_it() {
    // 3 was in 2, and 2 in 1; all of them are at the top.
    let inside = |parent, name: &str| Some(then(Stood::Inside, parent, name));
    let entries = [
        entry(now(3, None, "c"), inside(Some(2), "c")),
        entry(now(2, None, "b"), inside(Some(1), "b")),
        entry(now(1, None, "a"), inside(None, "was a")),
        entry(now(4, None, "d"), inside(Some(9), "d")),
    ];
    let planned = plan(&entries, Came::Stays);
    assert_eq!(
        places(&planned),
        [vec![id(1), id(4)], vec![id(2)], vec![id(3)]]
    );
    // Whatever the order in which they are told, and however often.
    let mut again = entries.to_vec();
    again.reverse();
    again.extend(entries);
    assert_eq!(plan(&again, Came::Stays), planned);
    let only = planned.only(&HashSet::from([id(3)]));
    assert_eq!(only.steps().count(), 1);
}

#[test]
fn folders_that_were_in_each_other_the_other_way_round_do_not_wait_for_ever() {
    let inside = |parent| Some(then(Stood::Inside, parent, "x"));
    let entries = [
        entry(now(1, None, "x"), inside(Some(2))),
        entry(now(2, None, "y"), inside(Some(1))),
    ];
    assert_eq!(plan(&entries, Came::Stays).steps().count(), 2);
}

#[test]
fn what_has_come_goes_only_if_that_is_wanted_and_to_where_it_was() {
    let entries = [
        entry(now(1, None, "new"), None),
        entry(now(2, Some(1), "new in it"), None),
        entry(
            now(3, Some(1), "moved in"),
            Some(then(Stood::Elsewhere, Some(9), "moved in")),
        ),
        entry(
            now(4, None, "was in the trash"),
            Some(then(Stood::InTrash, None, "was in the trash")),
        ),
    ];
    let stays = plan(&entries, Came::Stays);
    assert!(stays.is_empty() && stays.stays.iter().all(|stay| stay.why == Why::Came));
    let goes = plan(&entries, Came::Goes);
    assert_eq!(goes.stays, []);
    // What is new goes along with its folder.
    let out: Vec<ItemId> = goes.folders_out.iter().map(|step| step.item).collect();
    assert_eq!(out, [id(1), id(4)]);
    let back = goes.places.concat();
    assert!(matches!(
        &back[..],
        [step] if step.item == id(3)
            && matches!(step.act, Act::Place { parent, from_trash: false, .. } if parent == Some(id(9)))
    ));
}

#[test]
fn what_can_not_come_back_stays_and_says_why() {
    let inside = || Some(then(Stood::Inside, None, "x"));
    let gone = PastItem {
        now: None,
        ..entry(now(1, None, "x"), inside())
    };
    let met = PastItem {
        in_conflict: true,
        ..entry(now(2, None, "y"), inside())
    };
    let hidden = Then {
        place: None,
        ..then(Stood::Elsewhere, None, "z")
    };
    let hidden = entry(now(3, None, "z"), Some(hidden));
    let newer = entry(now(4, None, "w"), Some(then(Stood::Unknown, None, "v")));
    let unnameable = entry(now(5, None, "u"), Some(then(Stood::Inside, None, "")));
    let planned = plan(&[gone, met, hidden, newer, unnameable], Came::Goes);
    assert!(planned.is_empty(), "{planned:?}");
    let whys: Vec<Why> = planned.stays.into_iter().map(|stay| stay.why).collect();
    let untold = Why::Untold;
    let expected = [
        Why::Gone,
        Why::InConflict,
        untold.clone(),
        untold.clone(),
        untold,
    ];
    assert_eq!(whys, expected);
}
