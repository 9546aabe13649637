//! What was deleted for good: it goes, what was made of it here stays, and nothing
//! brings it back.

#[cfg(target_arch = "wasm32")]
use wasm_bindgen_test::wasm_bindgen_test as test;

use super::device::*;
use protocol::changes::{Change, ChangePage};
use protocol::cursor::Cursor;
use protocol::ids::{ConflictId, ItemId, SpaceId};
use protocol::items::{Item, ItemChanged};
use protocol::problem::Problem;
use sync::message::{Answer, Input, Notice, Observation, Record, StoredState, TabRole};

fn cursor(seq: u64, listed_to: Option<ItemId>) -> String {
    let space = SpaceId::from_random([5; 16]);
    let cursor = Cursor {
        space,
        seq,
        listed_to,
    };
    cursor.to_string()
}

/// A page of the journal up to an entry that says that these are gone.
fn deletions(items: &[ItemId], seq: u64) -> ChangePage {
    ChangePage {
        changes: items
            .iter()
            .map(|item| Change::Deleted { item: *item })
            .collect(),
        ..page(Vec::new(), &cursor(seq, None))
    }
}

fn at(items: Vec<Item>, seq: u64) -> StoredState {
    StoredState {
        items,
        cursor: Some(cursor(seq, None)),
        complete: true,
        ..StoredState::default()
    }
}

#[test]
fn what_is_deleted_for_good_goes_with_its_conflicts() {
    let open = conflict(ConflictId::from_random([8; 16]), id(1), 1);
    let kept = StoredState {
        conflicts: vec![open],
        ..at(
            vec![
                trashed(folder(2, None, "docs")),
                file(1, Some(id(2)), "a", 2),
            ],
            3,
        )
    };
    let mut device = Device::from(kept);
    device.hears(deletions(&[id(1), id(2)], 5));
    let trees = device.engine.trees();
    assert!(!trees.has_remote() && trees.conflicts.is_empty());
    assert!(device.stored.items.is_empty() && device.stored.conflicts.is_empty());
    assert_eq!(device.stored.cursor, Some(cursor(5, None)));
}

#[test]
fn an_edit_of_what_was_deleted_for_good_becomes_a_new_file() {
    let items = vec![folder(2, None, "docs"), file(1, Some(id(2)), "a", 1)];
    let mut device = Device::from(at(items, 3)).caught_up();
    device.edits(1, b"two");
    device.refuse_edit(Problem::NoSuchItem);
    // The folder that it stood in is still there.
    device.hears(deletions(&[id(1)], 5));
    let (request, sent) = device.take(asks::upload);
    assert_eq!(sent, [hash_of(b"two")], "its bytes are sent whole");
    device.answer(request, Answer::Uploaded);
    let (request, made) = device.take(asks::create_file);
    assert_eq!((made.parent, made.name), (Some(id(2)), name("a")));
    assert_ne!(made.id, id(1), "an id is never used again");
    assert!(device.released.is_empty());
    let new = made.id;
    let item = Item {
        id: new,
        ..file(1, Some(id(2)), "a", 1)
    };
    device.answer(request, Answer::Item(ItemChanged { item, seq: 6 }));
    assert_eq!(device.told, [Notice::SavedAsNew { item: id(1), new }]);
    assert!(device.stored.edits.is_empty());
}

/// Its first answer was lost, and somebody has deleted it for good: it is not made again,
/// and what was to go into it goes to the top.
#[test]
fn a_folder_that_was_made_and_deleted_for_good_since_is_let_go_of() {
    let mut device = Device::from(at(Vec::new(), 3)).caught_up();
    for (n, parent) in [(5, None), (7, Some(id(5)))] {
        device.observe(Observation::Made {
            item: id(n),
            nonce: nonce(n),
            place: place(parent, "docs"),
            draft: None,
        });
    }
    let (request, _) = device.take(asks::create_folder);
    device.refuse(request, Problem::DeletedForGood);
    device.hears(deletions(&[id(5)], 5));
    let (request, inner) = device.take(asks::create_folder);
    assert_eq!((inner.id, inner.parent), (id(7), Some(id(5))));
    device.refuse(request, Problem::NoSuchItem);
    device.hears(page(Vec::new(), &cursor(5, None)));
    let (request, inner) = device.take(asks::create_folder);
    assert_eq!((inner.id, inner.parent), (id(7), None));
    let item = folder(7, None, "docs");
    device.answer(request, Answer::Item(ItemChanged { item, seq: 6 }));
    assert!(device.stored.edits.is_empty());
}

/// The answer to a rename was late: the feed has told the rename and the deletion.
#[test]
fn a_late_answer_brings_nothing_back() {
    let mut device = Device::from(at(vec![file(1, None, "a", 1)], 3)).caught_up();
    device.observe(placed(1, 1, None, "b"));
    let (request, _) = device.take(asks::change_place);
    device.input(Input::PullWanted);
    device.hears(deletions(&[id(1)], 6));
    let renamed = Item {
        place_version: 2,
        ..file(1, None, "b", 1)
    };
    let late = ItemChanged {
        item: renamed.clone(),
        seq: 4,
    };
    device.answer(request, Answer::Item(late));
    assert!(device.engine.trees().remote(id(1)).is_none());
    assert!(device.stored.items.is_empty() && device.stored.edits.is_empty());
    // Nor does another tab, which had not heard of it when it was answered.
    let learned = Record::Learned {
        item: renamed,
        seq: 4,
    };
    device.input(Input::Shared(vec![learned]));
    assert!(device.engine.trees().remote(id(1)).is_none());
}

/// A repeat is answered as the first time, though a listing begun later has it no more.
#[test]
fn a_listing_without_it_takes_away_what_an_answer_told_before() {
    for is_first in [true, false] {
        let kept = match is_first {
            true => StoredState::default(),
            false => at(vec![file(7, None, "old", 1)], 3),
        };
        let mut device = Device::from(kept);
        device.observe(made(1, None, "gone", None));
        device.observe(made(9, None, "new", None));
        let (gone, _) = device.take(asks::create_folder);
        let (new, _) = device.take(asks::create_folder);
        let (request, _) = device.take(asks::changes);
        let first = ChangePage {
            reset: true,
            has_more: true,
            ..page(vec![file(3, None, "b", 1)], &cursor(20, Some(id(3))))
        };
        device.answer(request, Answer::Changes(first));
        let told = |n, text, seq| {
            let item = folder(n, None, text);
            Answer::Item(ItemChanged { item, seq })
        };
        device.answer(gone, told(1, "gone", 10));
        device.answer(new, told(9, "new", 21));
        let (request, _) = device.take(asks::changes);
        let last = page(vec![file(5, None, "c", 1)], &cursor(20, None));
        device.answer(request, Answer::Changes(last));
        let trees = device.engine.trees();
        assert!(trees.remote(id(1)).is_none(), "made and deleted before it");
        assert!([3, 5, 9].iter().all(|&n| trees.remote(id(n)).is_some()));
        assert_eq!(device.stored.items.len(), 3);
    }
}

/// Something that came second to a file that is gone is made again.
#[test]
fn what_came_second_to_a_deleted_file_is_made_after_all() {
    let mut device = Device::from(at(Vec::new(), 3)).caught_up();
    device.observe(made(1, None, "a", Some(b"two")));
    device.hash(b"two");
    device.uploads();
    let (request, _) = device.take(asks::create_file);
    device.refuse(request, Problem::NameTaken { item: id(6) });
    let rival = page(vec![file(6, None, "a", 1)], &cursor(4, None));
    device.hears(rival);
    let (request, _) = device.take(asks::manifest);
    device.answer(request, Answer::Manifest(Vec::new()));
    let (request, (item, _)) = device.take(asks::keep_conflict);
    assert_eq!(item, id(6));
    device.refuse(request, Problem::NoSuchItem);
    device.hears(deletions(&[id(6)], 7));
    for _ in 0..3 {
        if device
            .sent
            .iter()
            .any(|(_, body)| asks::create_file(body).is_some())
        {
            break;
        }
        device.wait();
    }
    let (_, made) = device.take(asks::create_file);
    assert_eq!((made.id, made.name), (id(1), name("a")));
}

#[test]
fn a_follower_takes_deletions_from_the_leader() {
    let mut device = Device::with_role(at(vec![file(1, None, "a", 1)], 3), TabRole::Follower);
    device.input(Input::Shared(vec![
        Record::Deleted(id(1)),
        Record::Cursor {
            from: Some(cursor(3, None)),
            to: cursor(5, None),
        },
    ]));
    assert!(!device.engine.trees().has_remote());
    assert!(!device.asked_to_load);
}
