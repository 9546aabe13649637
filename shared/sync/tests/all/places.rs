//! Places: what comes out of the trash elsewhere, and folders that can't be made.

#[cfg(target_arch = "wasm32")]
use wasm_bindgen_test::wasm_bindgen_test as test;

use super::device::*;
use protocol::ids::ItemId;
use protocol::items::{ChangeTrashed, Item};
use protocol::problem::Problem;
use sync::edit::{Aspect, Edit, Trouble};
use sync::message::{Input, Notice, Observation, Request};
use sync::place::Place;

fn restore(body: &Request) -> Option<ChangeTrashed> {
    match body {
        Request::Restore { body, .. } => Some(body.clone()),
        _ => None,
    }
}

fn asked<T>(device: &Device, wanted: impl Fn(&Request) -> Option<T>) -> bool {
    device.sent.iter().any(|(_, body)| wanted(body).is_some())
}

/// A file in the trash that somebody wants back under another name, for its own is
/// taken.
fn wanted_back() -> Device {
    let mut device = Device::with(vec![trashed(file(1, None, "x", 1)), file(2, None, "x", 1)]);
    device.observe(Observation::Trashed {
        item: id(1),
        nonce: nonce(1),
        trashed: false,
    });
    let (_, plain) = device.take(restore);
    assert_eq!((plain.name, plain.parent), (None, None));
    let mut device = Device::with(vec![trashed(file(1, None, "x", 1)), file(2, None, "x", 1)]);
    device.observe(Observation::Restored {
        item: id(1),
        nonce: nonce(1),
        place: place(None, "x (2)"),
    });
    device
}

#[test]
fn what_comes_out_of_the_trash_under_another_name_is_one_request() {
    let mut device = wanted_back();
    let (request, body) = device.take(restore);
    assert_eq!(body.base_place_version, 2);
    assert_eq!(body.name, Some(name("x (2)")));
    assert_eq!(body.parent, Some(None));
    let back = Item {
        place_version: 3,
        ..file(1, None, "x (2)", 1)
    };
    device.answer(request, changed(back));
    assert!(device.stored.edits.is_empty());
    assert!(device.told.is_empty());
}

#[test]
fn a_lost_answer_to_it_is_asked_for_again_as_the_same_operation() {
    let mut device = wanted_back();
    let (request, first) = device.take(restore);
    device.lose(request);
    let mut device = device.restarted();
    let (_, again) = device.take(restore);
    assert_eq!(first.operation_id, again.operation_id);
    assert_eq!((first.name, first.parent), (again.name, again.parent));
}

/// Whoever can't have it there gets it back where it was.
#[test]
fn what_can_not_come_back_elsewhere_comes_back_where_it_was() {
    let mut device = Device::with(vec![
        trashed(file(1, None, "x", 1)),
        folder(3, None, "deep"),
    ]);
    device.observe(Observation::Restored {
        item: id(1),
        nonce: nonce(1),
        place: place(Some(id(3)), "x"),
    });
    let (request, body) = device.take(restore);
    assert_eq!(body.parent, Some(Some(id(3))));
    device.refuse(request, Problem::TooDeep);
    device.hears(page(Vec::new(), "c1"));
    device.hears(page(Vec::new(), "c1"));
    assert!(matches!(
        device.told[..],
        [Notice::PlaceLost {
            problem: Problem::TooDeep,
            ..
        }]
    ));
    let (request, body) = device.take(restore);
    assert_eq!((body.parent, body.name), (None, None));
    let back = Item {
        place_version: 3,
        ..file(1, None, "x", 1)
    };
    device.answer(request, changed(back));
    assert!(device.stored.edits.is_empty());
}

/// The server would not know the folder.
#[test]
fn a_move_into_a_new_folder_waits_for_the_folder() {
    let mut device = Device::with(vec![file(1, None, "a", 1)]);
    device.observe(Observation::Made {
        item: id(2),
        nonce: nonce(1),
        place: place(None, "new"),
        draft: None,
    });
    device.observe(placed(1, 2, Some(2), "a"));
    assert!(!asked(&device, asks::change_place));
    let (request, _) = device.take(asks::create_folder);
    device.answer(request, changed(folder(2, None, "new")));
    let (_, body) = device.take(asks::change_place);
    assert_eq!(body.parent, Some(id(2)));
}

/// Two tabs each moved one folder into the other; one of them was closed, and its edits
/// are this one's now.
#[test]
fn trying_again_ends_where_two_folders_lead_into_each_other() {
    let mut device = Device::with(vec![folder(1, None, "a"), folder(2, None, "b")]);
    device.observe(placed(1, 1, Some(2), "a"));
    let mut other = Edit::new(id(2), 1, false);
    other.place = Some(Aspect::new(nonce(2), 1, place(Some(id(1)), "b")));
    device.input(Input::Inherited {
        edits: vec![other],
        resolutions: Vec::new(),
        matters: Vec::new(),
    });
    assert_eq!(
        (parent_of(&device, 1), parent_of(&device, 2)),
        (Some(id(2)), Some(id(1)))
    );
    device.observe(Observation::Retried { item: id(1) });
    assert_eq!(device.stored.edits.len(), 2);
}

fn parent_of(device: &Device, n: u8) -> Option<ItemId> {
    let local = device.engine.trees().local(id(n))?;
    local.parent
}

/// A new folder in another one, with a file in it: the outer one can't be made.
fn too_deep() -> Device {
    let mut device = Device::with(vec![folder(9, None, "deepest")]);
    for (n, parent) in [(1, 9), (2, 1)] {
        device.observe(made(n, Some(parent), "more", None));
    }
    device.observe(made(3, Some(2), "file", Some(b"bytes")));
    let (request, _) = device.take(asks::create_folder);
    device.refuse(request, Problem::TooDeep);
    device
}

#[test]
fn what_does_not_fit_is_refused_whole_and_stands_nowhere_else() {
    let mut device = too_deep();
    let too_deep_is_told = |device: &Device, n: u8| {
        let trouble = device.engine.trees().edit(id(n)).unwrap().trouble.clone();
        let problem = Problem::TooDeep;
        trouble == Some(Trouble::Refused { problem })
    };
    for n in 1..=3 {
        assert!(too_deep_is_told(&device, n), "{n}");
    }
    assert!(!asked(&device, asks::create_file) && !asked(&device, asks::create_folder));
    assert_eq!(
        (parent_of(&device, 2), parent_of(&device, 3)),
        (Some(id(1)), Some(id(2)))
    );
    // So it is after a restart.
    device = device.restarted();
    assert!(!asked(&device, asks::create_file) && !asked(&device, asks::create_folder));
    // Once more, the folders come first.
    device.observe(Observation::Retried { item: id(3) });
    let (request, body) = device.take(asks::create_folder);
    assert_eq!(body.id, id(1));
    device.refuse(request, Problem::TooDeep);
    // Whoever lets go of the file does not keep the folders.
    device.observe(Observation::Withdrawn { item: id(3) });
    assert!(device.stored.edits.is_empty());
}

#[test]
fn what_did_not_fit_is_tried_where_it_is_moved_to() {
    let mut device = too_deep();
    device.observe(Observation::Placed {
        item: id(1),
        nonce: nonce(7),
        place: Place {
            parent: None,
            name: name("more"),
        },
    });
    let (request, body) = device.take(asks::create_folder);
    assert_eq!((body.id, body.parent), (id(1), None));
    device.answer(request, changed(folder(1, None, "more")));
    let (request, body) = device.take(asks::create_folder);
    assert_eq!((body.id, body.parent), (id(2), Some(id(1))));
    device.answer(request, changed(folder(2, Some(id(1)), "more")));
    device.hash(b"bytes");
    device.uploads();
    let (request, body) = device.take(asks::create_file);
    assert_eq!(body.parent, Some(id(2)));
    device.answer(request, changed(file(3, Some(id(2)), "file", 1)));
    assert!(device.stored.edits.is_empty());
}

#[test]
fn a_folder_that_can_not_be_made_goes_with_all_in_it() {
    let mut device = too_deep();
    device.observe(Observation::Trashed {
        item: id(1),
        nonce: nonce(7),
        trashed: true,
    });
    assert!(device.stored.edits.is_empty());
}

/// A walk of 128 steps took what is below for deleted.
#[test]
fn what_is_nested_too_deeply_since_before_is_edited_all_the_same() {
    let ids = |n: u8| ItemId::from_random([n, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2]);
    let mut items: Vec<Item> = (0..200)
        .map(|n| Item {
            id: ids(n),
            parent: n.checked_sub(1).map(ids),
            ..folder(1, None, "level")
        })
        .collect();
    items.push(file(1, Some(ids(199)), "a", 1));
    let mut device = Device::with(items);
    assert!(device.engine.trees().is_live(id(1)));
    assert!(!device.engine.trees().is_within(Some(ids(199)), id(1)));
    assert!(device.engine.trees().is_within(Some(ids(199)), ids(0)));
    assert_eq!(
        device.engine.trees().nearest_live(Some(ids(199))),
        Some(ids(199))
    );
    device.edits(1, b"two");
    device.take(asks::propose);
}
