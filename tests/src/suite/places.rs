//! 1. names that differ only in case or composition collide, and nothing is lost
//! 2. a rename on one device and an edit on another both succeed
//! 3. two renames conflict
//! 4. no folder is moved into itself or below itself, or too deep
//! 5. trash and restore, of a file and of a folder with all below it

use crate::client::commit_of;
use crate::drive::{Answered, Drive, Site};
use crate::tree::Tree;
use shared::ids::ItemId;
use shared::limits::MAX_FOLDER_DEPTH;
use shared::protocol::items::ItemChanged;
use shared::protocol::problem::Problem;

/// syncthing#439, owncloud/client#12104: names collided and one file was
/// deleted.
pub fn names_that_differ_in_case_or_composition_collide_and_nothing_is_lost(site: &impl Site) {
    let ann = site.person();
    for (first, second) in [
        ("Report.txt", "REPORT.TXT"),
        ("Caf\u{E9}", "Cafe\u{301}"),
        ("Straße", "STRASSE"),
        ("same", "same"),
    ] {
        let folder = ann.new_folder(None, &format!("with {first}")).unwrap();
        let parent = Some(folder.item.id);
        let file = ann.put_file(parent, first, b"kept").unwrap().item;
        let taken = Problem::NameTaken { item: file.id };
        let other = ann.new_empty_file(parent, "other").unwrap().item;
        let refused = [
            ann.new_empty_file(parent, second),
            ann.new_folder(parent, second),
            ann.move_to(&other, parent, second),
        ];
        for answer in refused {
            assert_eq!(answer.unwrap_err(), taken, "{second:?}");
        }
        assert_eq!(ann.content(file.id, None).unwrap(), b"kept");
        // In another folder it is free.
        let sub = ann.new_folder(parent, "sub").unwrap().item.id;
        assert!(ann.new_empty_file(Some(sub), second).is_ok());
    }
}

pub fn a_name_may_change_its_own_case(site: &impl Site) {
    let ann = site.person();
    let file = ann.new_empty_file(None, "readme").unwrap().item;
    let changed = ann.move_to(&file, None, "README").unwrap().item;
    assert_eq!(changed.name.as_str(), "README");
    assert_eq!(changed.place_version, 2);
}

pub fn a_rename_and_an_edit_both_succeed(site: &impl Site) {
    let ann = site.person();
    let file = ann.put_file(None, "old", b"first").unwrap().item;
    let renamed = ann.move_to(&file, None, "new").unwrap().item;
    let edited = ann.put_version(file.id, 1, b"second").unwrap().item;
    assert_eq!((renamed.place_version, edited.place_version), (2, 2));
    assert_eq!(edited.name.as_str(), "new");
    assert_eq!(edited.file.unwrap().version, 2);
    assert_eq!(ann.content(file.id, None).unwrap(), b"second");

    // The other way round, on bases from before.
    let file = ann.put_file(None, "old", b"first").unwrap().item;
    ann.put_version(file.id, 1, b"second").unwrap();
    let renamed = ann.move_to(&file, None, "newer").unwrap().item;
    assert_eq!(renamed.file.unwrap().version, 2);
}

pub fn two_renames_conflict(site: &impl Site) {
    let ann = site.person();
    let file = ann.new_empty_file(None, "old").unwrap().item;
    let folder = ann.new_folder(None, "folder").unwrap().item;
    ann.move_to(&file, None, "first").unwrap();
    let expected = Problem::PlaceConflict {
        current_place_version: 2,
    };
    let second = [
        ann.move_to(&file, None, "second"),
        ann.move_to(&file, Some(folder.id), "old"),
        ann.put_in_trash(&file),
    ];
    for answer in second {
        assert_eq!(answer.unwrap_err(), expected);
    }
    let tree = Tree::of(&ann).unwrap();
    assert_eq!(tree.items[&file.id].name.as_str(), "first");
}

pub fn a_rename_transfers_no_content_and_keeps_the_id(site: &impl Site) {
    let ann = site.person();
    let file = ann.put_file(None, "old", b"content").unwrap().item;
    let folder = ann.new_folder(None, "folder").unwrap().item;
    let used = ann.used();
    let moved = ann.move_to(&file, Some(folder.id), "new").unwrap().item;
    assert_eq!(moved.id, file.id);
    assert_eq!(moved.parent, Some(folder.id));
    assert_eq!(moved.file, file.file);
    assert_eq!(ann.used(), used);
    assert_eq!(ann.content(file.id, None).unwrap(), b"content");
}

pub fn no_folder_goes_into_itself(site: &impl Site) {
    let ann = site.person();
    let outer = ann.new_folder(None, "outer").unwrap().item;
    let middle = ann.new_folder(Some(outer.id), "middle").unwrap().item;
    let inner = ann.new_folder(Some(middle.id), "inner").unwrap().item;
    let before = Tree::of(&ann).unwrap();
    for target in [outer.id, middle.id, inner.id] {
        let refused = ann.move_to(&outer, Some(target), "outer");
        assert_eq!(refused.unwrap_err(), Problem::MoveIntoItself);
    }
    assert_eq!(Tree::of(&ann).unwrap(), before);
    // Out of its parent is fine.
    assert!(ann.move_to(&inner, Some(outer.id), "inner").is_ok());
}

pub fn folders_nest_only_so_deep(site: &impl Site) {
    let ann = site.person();
    let mut parent: Option<ItemId> = None;
    let mut depth = 0;
    let refused = loop {
        match ann.new_folder(parent, "folder") {
            Ok(made) => {
                parent = Some(made.item.id);
                depth += 1;
                assert!(depth <= MAX_FOLDER_DEPTH, "no limit at {depth}");
            }
            Err(refused) => break refused,
        }
    };
    assert_eq!(refused, Problem::TooDeep);
    assert!(depth + 1 >= MAX_FOLDER_DEPTH, "only {depth} deep");
}

pub fn the_trash_frees_the_name_and_restore_wants_it_back(site: &impl Site) {
    let ann = site.person();
    let file = ann.put_file(None, "file", b"old").unwrap().item;
    let trashed = ann.put_in_trash(&file).unwrap().item;
    assert_eq!(trashed.place_version, 2);
    let other = ann.put_file(None, "FILE", b"new").unwrap().item;
    let refused = ann.take_from_trash(&trashed).unwrap_err();
    assert_eq!(refused, Problem::NameTaken { item: other.id });
    ann.move_to(&other, None, "moved away").unwrap();
    let restored = ann.take_from_trash(&trashed).unwrap().item;
    assert_eq!(restored.trashed_at_ms, None);
    assert_eq!(restored.name, file.name);
    assert_eq!(ann.content(file.id, None).unwrap(), b"old");
    assert_eq!(ann.content(other.id, None).unwrap(), b"new");
}

pub fn trash_and_restore_are_checked_against_the_place_version(site: &impl Site) {
    let ann = site.person();
    let file = ann.new_empty_file(None, "file").unwrap().item;
    let trashed = ann.put_in_trash(&file).unwrap().item;
    let expected = Problem::PlaceConflict {
        current_place_version: 2,
    };
    assert_eq!(ann.take_from_trash(&file).unwrap_err(), expected);
    assert_eq!(ann.put_in_trash(&trashed).unwrap_err(), Problem::InTrash);
    let restored = ann.take_from_trash(&trashed).unwrap().item;
    let refused = ann.take_from_trash(&restored).unwrap_err();
    assert!(matches!(refused, Problem::BadRequest { .. }), "{refused:?}");
}

pub fn trashing_a_folder_takes_what_is_below_along(site: &impl Site) {
    let ann = site.person();
    let folder = ann.new_folder(None, "folder").unwrap().item;
    let inner = ann.new_folder(Some(folder.id), "inner").unwrap().item;
    let file = ann.put_file(Some(inner.id), "file", b"below").unwrap().item;
    let mut tree = Tree::of(&ann).unwrap();
    let trashed = ann.put_in_trash(&folder).unwrap().item;
    let pulled = tree.pull(&ann, None).unwrap();
    assert_eq!(pulled.changes.len(), 1, "one row, whatever is below");
    assert_eq!(tree.items[&file.id].trashed_at_ms, None);

    let in_trash = |answer: Answered<ItemChanged>| {
        assert_eq!(answer.unwrap_err(), Problem::InTrash);
    };
    in_trash(ann.new_empty_file(Some(folder.id), "new"));
    in_trash(ann.new_folder(Some(inner.id), "new"));
    in_trash(ann.commit(file.id, &commit_of(1, b"")));
    let elsewhere = ann.new_empty_file(None, "elsewhere").unwrap().item;
    in_trash(ann.move_to(&elsewhere, Some(inner.id), "x"));
    assert_eq!(ann.content(file.id, None).unwrap(), b"below");

    ann.take_from_trash(&trashed).unwrap();
    ann.put_version(file.id, 1, b"edited").unwrap();
    assert_eq!(ann.content(file.id, None).unwrap(), b"edited");
}
