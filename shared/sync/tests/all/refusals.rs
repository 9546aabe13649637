//! What becomes of an edit that came second.

#[cfg(target_arch = "wasm32")]
use wasm_bindgen_test::wasm_bindgen_test as test;

use super::device::*;
use protocol::ids::{GrantId, ItemId};
use protocol::items::{Item, Mount};
use protocol::problem::Problem;
use sync::message::{Answer, Notice, Observation, Request};

/// A file at version 1 whose edit was refused because it is at 2.
fn beaten(bytes: &[u8]) -> Device {
    let mut device = Device::with(vec![file(1, None, "a", 1)]);
    device.pulled(Vec::new(), "c0");
    device.edits(1, bytes);
    device.refuse_edit(version_conflict(2));
    // The poll that stood in the way of the explaining pull is given up.
    assert_eq!(device.abandoned.len(), 1);
    device.hears(page(vec![file(1, None, "a", 2)], "c1"));
    device
}

#[test]
fn a_version_that_came_second_is_kept_as_a_conflict() {
    let mut device = beaten(b"two");
    let (request, asked) = device.take(asks::manifest);
    assert_eq!(asked, (id(1), 1), "is it its base again?");
    device.answer(request, Answer::Manifest(manifest(b"one").blocks));
    let (request, asked) = device.take(asks::manifest);
    assert_eq!(asked, (id(1), 2));
    device.answer(request, Answer::Manifest(manifest(b"other").blocks));
    let (request, (item, kept)) = device.take(asks::keep_conflict);
    assert_eq!((item, kept.base_version), (id(1), 1));
    device.refuse(
        request,
        Problem::BlocksMissing {
            missing_blocks: vec![hash_of(b"two")],
        },
    );
    let (request, blocks) = device.take(asks::upload);
    assert_eq!(blocks, [hash_of(b"two")]);
    device.answer(request, Answer::Uploaded);
    let (request, (_, again)) = device.take(asks::keep_conflict);
    assert_eq!(again.operation_id, kept.operation_id);
    device.answer(request, Answer::Conflict(conflict(kept.id, id(1), 1)));
    assert!(device.stored.edits.is_empty());
    // What it is now comes with the feed: the answer may be a repeat.
    assert!(device.stored.conflicts.is_empty());
    device.take(asks::changes);
    assert_eq!(
        device.told,
        [Notice::Conflicted {
            item: id(1),
            conflict: kept.id
        }]
    );
}

#[test]
fn the_same_content_twice_is_no_conflict() {
    let mut device = beaten(b"two");
    let (request, _) = device.take(asks::manifest);
    device.answer(request, Answer::Manifest(manifest(b"one").blocks));
    let (request, _) = device.take(asks::manifest);
    device.answer(request, Answer::Manifest(manifest(b"two").blocks));
    assert!(device.stored.edits.is_empty());
    assert!(matches!(device.told[..], [Notice::Unchanged { .. }]));
}

/// Found by the simulator: after a lost answer and a restart, the same was sent
/// again, came second to a third version, and conflicted with itself.
#[test]
fn an_edit_that_is_its_base_again_is_no_conflict() {
    let mut device = beaten(b"one");
    let (request, asked) = device.take(asks::manifest);
    assert_eq!(asked, (id(1), 1));
    device.answer(request, Answer::Manifest(manifest(b"one").blocks));
    assert!(device.stored.edits.is_empty());
    assert!(matches!(device.told[..], [Notice::Unchanged { .. }]));
}

#[test]
fn an_edit_of_a_deleted_file_is_saved_as_a_new_one() {
    let mut device = Device::with(vec![
        folder(2, None, "docs"),
        folder(3, Some(id(2)), "old"),
        file(1, Some(id(3)), "a", 1),
    ]);
    device.pulled(Vec::new(), "c0");
    device.edits(1, b"two");
    device.refuse_edit(Problem::InTrash);
    let gone = trashed(folder(3, Some(id(2)), "old"));
    device.hears(page(vec![gone], "c1"));
    device.uploads();
    let (request, made) = device.take(asks::create_file);
    assert_eq!((made.parent, made.name), (Some(id(2)), name("a")));
    assert_ne!(made.id, id(1));
    let new = made.id;
    assert!(device.released.is_empty(), "the bytes go along");
    device.answer(
        request,
        changed(Item {
            id: new,
            ..file(1, Some(id(2)), "a", 1)
        }),
    );
    assert_eq!(device.told, [Notice::SavedAsNew { item: id(1), new }]);
    assert!(device.stored.edits.is_empty());
}

/// Its content is not made a new file that would stand in its own way.
#[test]
fn a_file_that_is_edited_and_restored_is_restored_first() {
    let gone = trashed(file(1, None, "a", 1));
    let mut device = Device::with(vec![gone]);
    device.pulled(Vec::new(), "c0");
    device.observe(edit(1, b"two"));
    device.observe(Observation::Trashed {
        item: id(1),
        nonce: nonce(2),
        trashed: false,
    });
    device.hash(b"two");
    let (request, _) = device.take(asks::restore);
    device.answer(
        request,
        changed(Item {
            place_version: 3,
            ..file(1, None, "a", 1)
        }),
    );
    let (_, proposal) = device.take(asks::propose);
    assert_eq!(proposal.current_version, 1);
}

/// Makes `name` in the root, and is told that `rival` has it.
fn name_taken(is_file: bool, rival: Item) -> Device {
    let mut device = Device::with(Vec::new());
    device.pulled(Vec::new(), "c0");
    device.observe(Observation::Made {
        item: id(5),
        nonce: nonce(5),
        place: place(None, "Report"),
        draft: is_file.then(|| draft(5, b"mine")),
    });
    let taken = Problem::NameTaken { item: rival.id };
    if is_file {
        device.hash(b"mine");
        device.uploads();
        let (request, _) = device.take(asks::create_file);
        device.refuse(request, taken);
    } else {
        let (request, _) = device.take(asks::create_folder);
        device.refuse(request, taken);
    }
    device.hears(page(vec![rival], "c1"));
    device
}

#[test]
fn two_files_made_under_one_name_are_two_sides_of_a_conflict() {
    let mut device = name_taken(true, file(6, None, "REPORT", 3));
    let (request, asked) = device.take(asks::manifest);
    assert_eq!(asked, (id(6), 3));
    device.answer(request, Answer::Manifest(manifest(b"theirs").blocks));
    let (request, (item, kept)) = device.take(asks::keep_conflict);
    assert_eq!((item, kept.base_version), (id(6), 0));
    device.answer(request, Answer::Conflict(conflict(kept.id, id(6), 0)));
    assert!(device.stored.edits.is_empty());
}

#[test]
fn two_folders_made_under_one_name_are_one() {
    let mut device = Device::with(Vec::new());
    device.pulled(Vec::new(), "c0");
    device.observe(made(5, None, "Docs", None));
    device.observe(made(7, Some(5), "inner", None));
    let (request, _) = device.take(asks::create_folder);
    device.refuse(request, Problem::NameTaken { item: id(6) });
    device.hears(page(vec![folder(6, None, "docs")], "c1"));
    let (_, made) = device.take(asks::create_folder);
    assert_eq!((made.id, made.parent), (id(7), Some(id(6))));
}

#[test]
fn of_a_file_and_a_folder_the_second_gets_another_name() {
    let mut device = name_taken(false, file(6, None, "report", 1));
    let (_, made) = device.take(asks::create_folder);
    let expected = "Report (conflicted copy, Laptop, 2026-11-24)";
    assert_eq!(made.name, name(expected));
    assert!(matches!(device.told[..], [Notice::Renamed { .. }]));
}

#[test]
fn a_second_rename_is_told_and_undone() {
    let mut device = Device::with(vec![folder(1, None, "a")]);
    device.pulled(Vec::new(), "c0");
    device.observe(placed(1, 1, None, "mine"));
    let shown = |device: &Device, item: ItemId| {
        let local = device.engine.trees().local(item);
        local.map(|local| local.name.to_string())
    };
    assert_eq!(shown(&device, id(1)).as_deref(), Some("mine"));
    let (request, _) = device.take(asks::change_place);
    let current_place_version = 2;
    device.refuse(
        request,
        Problem::PlaceConflict {
            current_place_version,
        },
    );
    let theirs = Item {
        place_version: 2,
        ..folder(1, None, "theirs")
    };
    device.hears(page(vec![theirs], "c1"));
    assert_eq!(shown(&device, id(1)).as_deref(), Some("theirs"));
    assert!(matches!(device.told[..], [Notice::PlaceLost { .. }]));
}

#[test]
fn what_the_server_will_never_take_waits_for_a_person() {
    let mut device = Device::with(vec![file(1, None, "a", 1)]);
    device.edits(1, b"two");
    let (request, _) = device.take(asks::propose);
    let full = Problem::QuotaExceeded {
        used_bytes: 1,
        quota_bytes: 1,
        needed_bytes: Some(1),
        trash_bytes: None,
    };
    device.refuse(request, full);
    assert!(matches!(device.told[..], [Notice::Stuck { .. }]));
    assert!(device.released.is_empty());
    device.observe(Observation::Retried { item: id(1) });
    device.take(asks::propose);
}

#[test]
fn a_session_that_ended_stops_everything_and_loses_nothing() {
    let mut device = Device::with(vec![file(1, None, "a", 1)]);
    device.edits(1, b"two");
    let (request, _) = device.take(asks::propose);
    device.refuse(request, Problem::SessionEnded);
    assert_eq!(device.told, [Notice::SignedOut]);
    assert_eq!(device.engine.wait(), None);
    assert_eq!(device.stored.edits.len(), 1);
    let before = device.sent.len();
    device.input(sync::message::Input::SignedIn);
    let again = device.sent.split_off(before);
    assert!(
        again
            .iter()
            .any(|(_, body)| matches!(body, Request::Propose { .. }))
    );
    assert!(
        again
            .iter()
            .any(|(_, body)| matches!(body, Request::Changes { .. }))
    );
}

/// Found by the simulator: the folder that it was merged into stood in it, and
/// then in itself, for ever.
#[test]
fn a_folder_merged_into_one_that_was_to_stand_in_it_does_not_stand_in_itself() {
    let made = |n: u8, text| Observation::Made {
        item: id(n),
        nonce: nonce(n),
        place: place(None, text),
        draft: None,
    };
    let mut device = Device::with(Vec::new());
    device.pulled(Vec::new(), "c1");
    device.observe(made(6, "f"));
    let (request, _) = device.take(asks::create_folder);
    device.observe(made(5, "F"));
    let (second, _) = device.take(asks::create_folder);
    device.observe(placed(6, 7, Some(5), "f"));
    device.refuse(request, Problem::Unavailable);
    device.refuse(second, Problem::NameTaken { item: id(6) });
    device.hears(page(vec![folder(6, None, "f")], "c1"));
    let edit = device.engine.trees().edit(id(6)).expect("still to be sent");
    let place = edit.place.as_ref().expect("a place");
    assert_eq!(place.wanted.parent, None);
    assert!(
        device.engine.trees().edit(id(5)).is_none(),
        "it is one with it"
    );
}

/// Found by the simulator: what an edit of a deleted file had become was deleted
/// as well, and its edit became itself, for ever.
#[test]
fn an_edit_whose_new_file_is_deleted_too_becomes_another_new_file() {
    let mut device = Device::with(vec![file(1, None, "a", 1)]).caught_up();
    device.edits(1, b"two");
    let (request, _) = device.take(asks::propose);
    device.answer(request, missing(b"two"));
    device.uploads();
    let (request, _) = device.take(asks::commit);
    device.refuse(request, Problem::InTrash);
    device.hears(page(vec![trashed(file(1, None, "a", 1))], "c1"));
    device.uploads();
    let (request, first) = device.take(asks::create_file);
    // It was made, with other bytes, and its answer was lost.
    device.refuse(request, Problem::IdTaken);
    let there = Item {
        id: first.id,
        ..file(1, None, "a", 1)
    };
    device.hears(page(vec![trashed(there)], "c2"));
    let (request, _) = device.take(asks::manifest);
    device.answer(request, Answer::Manifest(manifest(b"other").blocks));
    device.refuse_edit(Problem::InTrash);
    let is_asked = |device: &Device| {
        let mut sent = device.sent.iter();
        sent.any(|(_, body)| asks::upload(body).is_some())
    };
    while !is_asked(&device) {
        device.hears(page(Vec::new(), "c2"));
    }
    device.uploads();
    let (_, second) = device.take(asks::create_file);
    assert_ne!(second.id, first.id);
}

/// Found by the simulator: it was made in a folder that was moved out of what is shared, its
/// answer was lost, and the person has moved it to another folder.
#[test]
fn a_new_file_that_went_out_of_sight_is_made_anew() {
    let mut device = Device::with(vec![folder(2, None, "docs")]).caught_up();
    device.observe(made(1, Some(2), "a", Some(b"one")));
    device.hash(b"one");
    device.uploads();
    let (refused, made) = refuse_unseen(&mut device, asks::create_file, |made| made.id);
    assert_eq!(refused, 5, "a pull may be late");
    assert_eq!((made.parent, made.name), (Some(id(2)), name("a")));
    assert!(device.released.is_empty(), "the bytes go along");
    let new = made.id;
    assert_eq!(device.told, [Notice::SavedAsNew { item: id(1), new }]);
    assert!(device.engine.trees().edit(id(1)).is_none());
}

#[test]
fn a_new_folder_that_went_out_of_sight_is_made_anew_with_what_goes_into_it() {
    let mut device = Device::with(Vec::new()).caught_up();
    device.observe(made(1, None, "docs", None));
    device.observe(made(7, Some(1), "inner", None));
    let (_, again) = refuse_unseen(&mut device, asks::create_folder, |made| made.id);
    assert_eq!((again.parent, again.name), (None, name("docs")));
    let inner = device.engine.trees().edit(id(7)).expect("still to be sent");
    let place = inner.place.as_ref().expect("a place");
    assert_eq!(place.wanted.parent, Some(again.id));
    assert!(device.told.is_empty(), "to a person it is the same folder");
}

/// Found by the simulator: the answer to what it made was lost, and after that it could not
/// reach the server, so no pull had told what is there.
#[test]
fn a_new_file_is_not_out_of_sight_before_the_feed_was_read() {
    let mut device = Device::with(Vec::new()).caught_up();
    device.observe(made(1, None, "a", Some(b"one")));
    device.hash(b"one");
    device.uploads();
    for _ in 0..12 {
        let (request, made) = device.take(asks::create_file);
        assert_eq!(made.id, id(1), "it is made once");
        device.refuse(request, Problem::IdTaken);
        let is_asked = |device: &Device, wanted: &dyn Fn(&Request) -> bool| {
            let mut sent = device.sent.iter();
            sent.any(|(_, body)| wanted(body))
        };
        while !is_asked(&device, &|body| asks::create_file(body).is_some()) {
            if is_asked(&device, &|body| asks::upload(body).is_some()) {
                device.uploads();
            } else if is_asked(&device, &|body| asks::changes(body).is_some()) {
                let (pull, _) = device.take(asks::changes);
                device.lose(pull);
            } else {
                device.wait();
            }
        }
    }
    assert_eq!(device.told, []);
}

/// Says that item 1 is there already, which no pull shows, until another one is asked for:
/// how often, and that one.
fn refuse_unseen<T>(
    device: &mut Device,
    asked: impl Fn(&Request) -> Option<T>,
    id_of: impl Fn(&T) -> ItemId,
) -> (u32, T) {
    let mut refused = 0;
    let is_sent = |device: &Device, wanted: &dyn Fn(&Request) -> bool| {
        let mut sent = device.sent.iter();
        sent.any(|(_, body)| wanted(body))
    };
    loop {
        while !is_sent(device, &|body| asked(body).is_some()) {
            if is_sent(device, &|body| asks::upload(body).is_some()) {
                device.uploads();
            } else {
                device.wait();
            }
        }
        let (request, made) = device.take(&asked);
        if id_of(&made) != id(1) {
            return (refused, made);
        }
        refused += 1;
        assert!(refused < 20, "this goes on for ever");
        device.refuse(request, Problem::IdTaken);
        device.hears(page(Vec::new(), "c1"));
    }
}

/// A mount of the owner's, which nobody else sees, has the name already.
#[test]
fn what_is_hidden_has_a_name_and_a_new_folder_gets_another_one() {
    let mut device = Device::with(vec![folder(2, None, "shared")]);
    device.pulled(Vec::new(), "c0");
    device.observe(Observation::Made {
        item: id(3),
        nonce: nonce(1),
        place: place(Some(id(2)), "Plans"),
        draft: None,
    });
    let (request, made) = device.take(asks::create_folder);
    device.refuse(request, Problem::NameTaken { item: id(9) });
    device.hears(page(Vec::new(), "c1"));
    let (_, again) = device.take(asks::create_folder);
    assert_eq!(again.parent, made.parent);
    assert_ne!(again.name, made.name);
    assert!(matches!(device.told[..], [Notice::Renamed { .. }]));
}

#[test]
fn a_new_folder_of_the_name_of_a_mount_does_not_go_into_it() {
    let mut device = Device::with(Vec::new());
    device.pulled(Vec::new(), "c0");
    device.observe(Observation::Made {
        item: id(3),
        nonce: nonce(1),
        place: place(None, "Plans"),
        draft: None,
    });
    let (request, _) = device.take(asks::create_folder);
    device.refuse(request, Problem::NameTaken { item: id(9) });
    let mount = Item {
        mount: Some(Mount {
            grant: GrantId::from_random([1; 16]),
        }),
        ..folder(9, None, "plans")
    };
    device.hears(page(vec![mount], "c1"));
    let (_, again) = device.take(asks::create_folder);
    assert_ne!(again.name, name("Plans"));
    assert!(matches!(device.told[..], [Notice::Renamed { .. }]));
}
