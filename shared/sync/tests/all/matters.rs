//! What met a change of somebody else's: listed until the person has seen it.

#[cfg(target_arch = "wasm32")]
use wasm_bindgen_test::wasm_bindgen_test as test;

use super::device::*;
use protocol::items::Item;
use protocol::problem::Problem;
use serde_json::json;
use sync::edit::{Matter, Met};
use sync::message::{Input, Observation};
use sync::place::Place;

fn the_matter(device: &Device) -> &Matter {
    assert_eq!(
        device.stored.matters.len(),
        1,
        "{:?}",
        device.stored.matters
    );
    &device.stored.matters[0]
}

#[test]
fn an_edit_of_what_was_deleted() {
    let mut device = Device::with(vec![file(1, None, "a", 1)]).caught_up();
    device.edits(3, b"mine");
    device.refuse_edit(Problem::InTrash);
    device.hears(page(vec![trashed(file(1, None, "a", 1))], "c1"));
    let new = nonce(3).item_instead_of(id(1));
    let matter = the_matter(&device);
    assert_eq!(matter.what, Met::Deleted { new });
    assert_eq!((matter.item, matter.by.clone()), (id(1), Some(committed())));
    // Read again after a crash, until it is settled.
    let matter = matter.id;
    let mut device = device.restarted();
    assert!(device.engine.trees().matters.contains_key(&matter));
    device.observe(Observation::Settled { matter });
    assert!(device.stored.matters.is_empty());
}

#[test]
fn two_renames() {
    let mut device = Device::with(vec![file(1, None, "a", 1)]).caught_up();
    device.observe(placed(1, 3, None, "mine"));
    let (request, _) = device.take(asks::change_place);
    let current_place_version = 2;
    device.refuse(
        request,
        Problem::PlaceConflict {
            current_place_version,
        },
    );
    let theirs = Item {
        name: name("theirs"),
        place_version: 2,
        ..file(1, None, "a", 1)
    };
    device.hears(page(vec![theirs], "c1"));
    let wanted = place(None, "mine");
    assert_eq!(the_matter(&device).what, Met::Placed { wanted });
}

#[test]
fn a_move_into_a_folder_that_was_deleted() {
    let mut device = Device::with(vec![file(1, None, "a", 1), folder(2, None, "f")]).caught_up();
    device.observe(placed(1, 3, Some(2), "a"));
    let (request, _) = device.take(asks::change_place);
    device.refuse(request, Problem::InTrash);
    device.hears(page(vec![trashed(folder(2, None, "f"))], "c1"));
    let met = Met::FolderDeleted {
        wanted: place(Some(id(2)), "a"),
        folder: id(2),
    };
    assert_eq!(the_matter(&device).what, met);
}

#[test]
fn a_name_that_was_taken() {
    let mut device = Device::with(vec![file(1, None, "a", 1)]).caught_up();
    device.observe(placed(1, 3, None, "b"));
    let (request, _) = device.take(asks::change_place);
    device.refuse(request, Problem::NameTaken { item: id(5) });
    device.hears(page(vec![file(5, None, "b", 1)], "c1"));
    let wanted = place(None, "b");
    assert_eq!(the_matter(&device).what, Met::NameTaken { wanted });
}

#[test]
fn a_folder_and_a_file_under_one_name() {
    let mut device = Device::with(vec![]).caught_up();
    device.observe(Observation::Made {
        item: id(1),
        nonce: nonce(3),
        place: place(None, "x"),
        draft: None,
    });
    let (request, _) = device.take(asks::create_folder);
    device.refuse(request, Problem::NameTaken { item: id(5) });
    device.hears(page(vec![file(5, None, "x", 1)], "c1"));
    let met = &the_matter(&device).what;
    assert!(matches!(met, Met::Renamed { from, .. } if *from == name("x")));
}

#[test]
fn what_a_closed_tab_has_left_is_listed_here_and_kept_when_the_storage_is_lost() {
    let matter = Matter {
        id: nonce(3),
        item: id(1),
        at_ms: 1,
        by: None,
        what: Met::Deleted { new: id(2) },
    };
    let mut device = Device::with(vec![]);
    device.input(Input::Inherited {
        edits: Vec::new(),
        resolutions: Vec::new(),
        matters: vec![matter.clone()],
    });
    assert_eq!(
        device.stored.matters.as_slice(),
        std::slice::from_ref(&matter)
    );
    device.stored.matters.clear();
    device.stored.cursor = None;
    device.input(Input::StorageLost);
    assert_eq!(device.stored.matters, [matter]);
}

#[test]
fn a_file_comes_back_once_its_name_is_free() {
    let gone = trashed(file(1, None, "a", 1));
    let mut device = Device::with(vec![gone, file(2, None, "a", 1)]);
    for (item, trashed) in [(2, true), (1, false)] {
        device.observe(Observation::Trashed {
            item: id(item),
            nonce: nonce(item),
            trashed,
        });
    }
    assert!(
        device
            .sent
            .iter()
            .all(|(_, body)| asks::restore(body).is_none())
    );
    let (request, _) = device.take(|body| match body {
        sync::message::Request::Trash { item, .. } => Some(*item),
        _ => None,
    });
    device.answer(request, changed(trashed(file(2, None, "a", 1))));
    assert_eq!(device.take(asks::restore).1, id(1));
}

/// Pages of other releases store them in the same browser.
#[test]
fn what_a_page_stored_of_a_matter_is_read_by_the_next_one() {
    let place = || Place {
        parent: Some(id(1)),
        name: name("a"),
    };
    let there = json!({"parent": id(1), "name": "a"});
    let too_deep = json!({"code": "too_deep"});
    let stored = [
        (
            Met::Deleted { new: id(2) },
            json!({"met": "deleted", "new": id(2)}),
        ),
        (
            Met::Placed { wanted: place() },
            json!({"met": "placed", "wanted": there}),
        ),
        (
            Met::FolderDeleted {
                wanted: place(),
                folder: id(2),
            },
            json!({"met": "folder_deleted", "wanted": there, "folder": id(2)}),
        ),
        (
            Met::NameTaken { wanted: place() },
            json!({"met": "name_taken", "wanted": there}),
        ),
        (
            Met::Impossible {
                wanted: place(),
                problem: Problem::TooDeep,
            },
            json!({"met": "impossible", "wanted": there, "problem": too_deep}),
        ),
        (
            Met::Renamed {
                from: name("a"),
                to: name("b"),
            },
            json!({"met": "renamed", "from": "a", "to": "b"}),
        ),
        (
            Met::Trashed {
                wanted: true,
                problem: Problem::TooDeep,
            },
            json!({"met": "trashed", "wanted": true, "problem": too_deep}),
        ),
    ];
    for (met, json) in stored {
        assert_eq!(serde_json::to_value(&met).expect("plain data"), json);
        assert_eq!(
            serde_json::from_str::<Met>(&json.to_string()).expect("it was written"),
            met
        );
    }
    // Torn, and none of what a matter can be.
    for torn in [
        json!({"met": "placed", "wanted": true}),
        json!({"met": "trashed", "wanted": there, "problem": too_deep}),
        json!({"met": "impossible", "wanted": there}),
        json!({"met": "of the future"}),
    ] {
        assert!(serde_json::from_value::<Met>(torn).is_err());
    }
}
