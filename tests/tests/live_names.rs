//! Names and places, against a running server:
//! 1. names that differ only in case or composition collide, and nothing is lost
//! 2. a rename on one device and an edit on another both succeed
//! 3. two renames conflict
//! 4. no folder is moved into itself or below itself, or too deep
//! 5. trash and restore, of a file and of a folder with all below it

use driftless_tests::client::{Failure, change_trashed, commit_of};
use driftless_tests::live::person;
use driftless_tests::tree::Tree;
use shared::ids::ItemId;
use shared::limits::MAX_FOLDER_DEPTH;
use shared::protocol::paths;
use shared::protocol::problem::Problem;

/// syncthing#439, owncloud/client#12104: names collided and one file was
/// deleted.
#[test]
#[ignore = "needs a running server: npm test starts one"]
fn names_that_differ_in_case_or_composition_collide_and_nothing_is_lost() {
    let ann = person();
    for (first, second) in [
        ("Report.txt", "REPORT.TXT"),
        ("Caf\u{E9}", "Cafe\u{301}"),
        ("Straße", "STRASSE"),
        ("same", "same"),
    ] {
        let folder = ann
            .client
            .new_folder(None, &format!("with {first}"))
            .unwrap();
        let parent = Some(folder.item.id);
        let file = ann.client.put_file(parent, first, b"kept").unwrap().item;
        let taken = Problem::NameTaken { item: file.id };
        let refused = [
            ann.client.new_empty_file(parent, second),
            ann.client.new_folder(parent, second),
        ];
        for answer in refused {
            assert_eq!(answer.unwrap_err().problem(), taken, "{second:?}");
        }
        let other = ann.client.new_empty_file(parent, "other").unwrap().item;
        let renamed = ann.client.change_place(&other, parent, second);
        assert_eq!(renamed.unwrap_err().problem(), taken);
        assert_eq!(ann.client.content(file.id, None).unwrap(), b"kept");
        // In another folder it is free.
        assert!(
            ann.client
                .new_empty_file(
                    Some(ann.client.new_folder(parent, "sub").unwrap().item.id),
                    second
                )
                .is_ok()
        );
    }
}

#[test]
#[ignore = "needs a running server: npm test starts one"]
fn a_name_may_change_its_own_case() {
    let ann = person();
    let file = ann.client.new_empty_file(None, "readme").unwrap().item;
    let changed = ann.client.change_place(&file, None, "README").unwrap().item;
    assert_eq!(changed.name.as_str(), "README");
    assert_eq!(changed.place_version, 2);
}

#[test]
#[ignore = "needs a running server: npm test starts one"]
fn a_rename_and_an_edit_both_succeed() {
    let ann = person();
    let file = ann.client.put_file(None, "old", b"first").unwrap().item;
    let renamed = ann.client.change_place(&file, None, "new").unwrap().item;
    let edited = ann.client.put_version(file.id, 1, b"second").unwrap().item;
    assert_eq!((renamed.place_version, edited.place_version), (2, 2));
    assert_eq!(edited.name.as_str(), "new");
    assert_eq!(edited.file.unwrap().version, 2);
    assert_eq!(ann.client.content(file.id, None).unwrap(), b"second");

    // The other way round, on bases from before.
    let file = ann.client.put_file(None, "old", b"first").unwrap().item;
    ann.client.put_version(file.id, 1, b"second").unwrap();
    let renamed = ann.client.change_place(&file, None, "newer").unwrap().item;
    assert_eq!(renamed.file.unwrap().version, 2);
}

#[test]
#[ignore = "needs a running server: npm test starts one"]
fn two_renames_conflict() {
    let ann = person();
    let file = ann.client.new_empty_file(None, "old").unwrap().item;
    let folder = ann.client.new_folder(None, "folder").unwrap().item;
    ann.client.change_place(&file, None, "first").unwrap();
    let expected = Problem::PlaceConflict {
        current_place_version: 2,
    };
    let second = [
        ann.client.change_place(&file, None, "second"),
        ann.client.change_place(&file, Some(folder.id), "old"),
        ann.client.trash(&file),
    ];
    for answer in second {
        assert_eq!(answer.unwrap_err().problem(), expected);
    }
    let tree = Tree::of(&ann.client).unwrap();
    assert_eq!(tree.items[&file.id].name.as_str(), "first");
}

#[test]
#[ignore = "needs a running server: npm test starts one"]
fn a_rename_transfers_no_content_and_keeps_the_id() {
    let ann = person();
    let file = ann.client.put_file(None, "old", b"content").unwrap().item;
    let folder = ann.client.new_folder(None, "folder").unwrap().item;
    let used = ann.client.me().unwrap().space.used_bytes;
    let moved = ann
        .client
        .change_place(&file, Some(folder.id), "new")
        .unwrap()
        .item;
    assert_eq!(moved.id, file.id);
    assert_eq!(moved.parent, Some(folder.id));
    assert_eq!(moved.file, file.file);
    assert_eq!(ann.client.me().unwrap().space.used_bytes, used);
    assert_eq!(ann.client.content(file.id, None).unwrap(), b"content");
}

#[test]
#[ignore = "needs a running server: npm test starts one"]
fn no_folder_goes_into_itself() {
    let ann = person();
    let outer = ann.client.new_folder(None, "outer").unwrap().item;
    let middle = ann
        .client
        .new_folder(Some(outer.id), "middle")
        .unwrap()
        .item;
    let inner = ann
        .client
        .new_folder(Some(middle.id), "inner")
        .unwrap()
        .item;
    let before = Tree::of(&ann.client).unwrap();
    for target in [outer.id, middle.id, inner.id] {
        let refused = ann.client.change_place(&outer, Some(target), "outer");
        assert_eq!(refused.unwrap_err().problem(), Problem::MoveIntoItself);
    }
    assert_eq!(Tree::of(&ann.client).unwrap(), before);
    // Out of its parent is fine.
    assert!(
        ann.client
            .change_place(&inner, Some(outer.id), "inner")
            .is_ok()
    );
}

/// Two moves that are each fine alone and would make a ring together.
#[test]
#[ignore = "needs a running server: npm test starts one"]
fn two_moves_at_once_make_no_ring() {
    let ann = person();
    for round in 0..5 {
        let a = ann
            .client
            .new_folder(None, &format!("a{round}"))
            .unwrap()
            .item;
        let b = ann
            .client
            .new_folder(None, &format!("b{round}"))
            .unwrap()
            .item;
        let (first, second) = std::thread::scope(|scope| {
            let first = scope.spawn(|| ann.client.change_place(&a, Some(b.id), "x"));
            let second = scope.spawn(|| ann.client.change_place(&b, Some(a.id), "y"));
            (first.join().unwrap(), second.join().unwrap())
        });
        assert!(first.is_err() || second.is_err(), "round {round}");
        let tree = Tree::of(&ann.client).unwrap();
        for start in [a.id, b.id] {
            let mut at = Some(start);
            let mut steps = 0;
            while let Some(id) = at {
                at = tree.items[&id].parent;
                steps += 1;
                assert!(steps < 10, "a ring");
            }
        }
    }
}

#[test]
#[ignore = "needs a running server: npm test starts one"]
fn folders_nest_only_so_deep() {
    let ann = person();
    let mut parent: Option<ItemId> = None;
    let mut depth = 0;
    let refused = loop {
        match ann.client.new_folder(parent, "folder") {
            Ok(made) => {
                parent = Some(made.item.id);
                depth += 1;
                assert!(depth <= MAX_FOLDER_DEPTH, "no limit at {depth}");
            }
            Err(failure) => break failure,
        }
    };
    assert_eq!(refused.problem(), Problem::TooDeep);
    assert!(depth + 1 >= MAX_FOLDER_DEPTH, "only {depth} deep");
}

#[test]
#[ignore = "needs a running server: npm test starts one"]
fn the_trash_frees_the_name_and_restore_wants_it_back() {
    let ann = person();
    let file = ann.client.put_file(None, "file", b"old").unwrap().item;
    let trashed = ann.client.trash(&file).unwrap().item;
    assert_eq!(trashed.place_version, 2);
    let other = ann.client.put_file(None, "FILE", b"new").unwrap().item;
    assert_eq!(
        ann.client.restore(&trashed).unwrap_err().problem(),
        Problem::NameTaken { item: other.id }
    );
    ann.client.change_place(&other, None, "moved away").unwrap();
    let restored = ann.client.restore(&trashed).unwrap().item;
    assert_eq!(restored.trashed_at_ms, None);
    assert_eq!(restored.name, file.name);
    assert_eq!(ann.client.content(file.id, None).unwrap(), b"old");
    assert_eq!(ann.client.content(other.id, None).unwrap(), b"new");
}

#[test]
#[ignore = "needs a running server: npm test starts one"]
fn trash_and_restore_are_checked_against_the_place_version() {
    let ann = person();
    let file = ann.client.new_empty_file(None, "file").unwrap().item;
    let trashed = ann.client.trash(&file).unwrap().item;
    let reply = ann
        .client
        .send_json("POST", &paths::restore(file.id), &change_trashed(&file))
        .unwrap();
    assert_eq!(
        reply.problem(),
        Problem::PlaceConflict {
            current_place_version: 2
        }
    );
    ann.client.restore(&trashed).unwrap();
}

#[test]
#[ignore = "needs a running server: npm test starts one"]
fn trashing_a_folder_takes_what_is_below_along() {
    let ann = person();
    let folder = ann.client.new_folder(None, "folder").unwrap().item;
    let inner = ann
        .client
        .new_folder(Some(folder.id), "inner")
        .unwrap()
        .item;
    let file = ann
        .client
        .put_file(Some(inner.id), "file", b"below")
        .unwrap()
        .item;
    let mut tree = Tree::of(&ann.client).unwrap();
    let trashed = ann.client.trash(&folder).unwrap().item;
    let pulled = tree.pull(&ann.client, None).unwrap();
    assert_eq!(pulled.changes.len(), 1, "one row, whatever is below");
    assert_eq!(tree.items[&file.id].trashed_at_ms, None);

    let in_trash = |answer: Result<_, Failure>| {
        let answer: Result<shared::protocol::items::ItemChanged, Failure> = answer;
        assert_eq!(answer.unwrap_err().problem(), Problem::InTrash);
    };
    in_trash(ann.client.new_empty_file(Some(folder.id), "new"));
    in_trash(ann.client.new_folder(Some(inner.id), "new"));
    in_trash(ann.client.commit(file.id, &commit_of(1, b"")));
    let elsewhere = ann.client.new_empty_file(None, "elsewhere").unwrap().item;
    in_trash(ann.client.change_place(&elsewhere, Some(inner.id), "x"));
    assert_eq!(ann.client.content(file.id, None).unwrap(), b"below");

    ann.client.restore(&trashed).unwrap();
    ann.client.put_version(file.id, 1, b"edited").unwrap();
    assert_eq!(ann.client.content(file.id, None).unwrap(), b"edited");
}
