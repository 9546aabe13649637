//! 1. names that differ only in case or composition collide, and nothing is lost
//! 2. a rename on one device and an edit on another both succeed
//! 3. two renames conflict
//! 4. no folder is moved into itself or below itself, or too deep with all that is
//!    in it
//! 5. trash and restore, of a file and of a folder with all below it, to where it
//!    was or elsewhere
//! 6. many changes in one request, each of which is an operation of its own

use crate::client::{change_trashed, commit_of, item_id, name};
use crate::drive::{Answered, Drive, Site, change_place};
use crate::tree::Tree;
use protocol::ids::ItemId;
use protocol::items::{Item, ItemChange, ItemChanged, PlaceChange};
use protocol::limits::{MAX_BATCH_ITEMS, MAX_FOLDER_DEPTH};
use protocol::problem::Problem;

/// syncthing#439, owncloud/client#12104: names collided and one file was
/// deleted.
pub fn names_that_differ_in_case_or_composition_collide_and_nothing_is_lost(site: &impl Site) {
    let ann = site.person();
    for (first, second) in [
        ("Report.txt", "REPORT.TXT"),
        ("Caf\u{E9}", "Cafe\u{301}"),
        ("Straße", "STRA\u{1E9E}E"),
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

/// Full case folding made one name of them.
pub fn names_that_differ_by_more_than_case_are_two(site: &impl Site) {
    let ann = site.person();
    let pairs = [
        ("Maße.txt", "Masse.txt"),
        ("\u{FB01}le.txt", "file.txt"),
        ("a  b", "a b"),
        ("\u{200E}report.pdf", "report.pdf"),
        ("\u{202A}C", "C"),
    ];
    for (first, second) in pairs {
        let one = ann.put_file(None, first, b"first").unwrap().item;
        let other = ann.put_file(None, second, b"second").unwrap().item;
        assert_eq!((one.name.as_str(), other.name.as_str()), (first, second));
        assert_eq!(ann.content(one.id, None).unwrap(), b"first");
        assert_eq!(ann.content(other.id, None).unwrap(), b"second");
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

/// Folders one in another, so many; the outermost and the innermost.
fn nested(drive: &impl Drive, parent: Option<ItemId>, count: usize) -> (Item, Item) {
    let mut made: Vec<Item> = Vec::new();
    for n in 0..count {
        let parent = made.last().map_or(parent, |folder| Some(folder.id));
        let folder = drive.new_folder(parent, &format!("level {n} {}", item_id()));
        made.push(folder.unwrap().item);
    }
    (made[0].clone(), made[count - 1].clone())
}

pub fn a_folder_takes_its_height_along(site: &impl Site) {
    let ann = site.person();
    let half = MAX_FOLDER_DEPTH / 2;
    let (high, _) = nested(&ann, None, half + 1);
    let (_, deep) = nested(&ann, None, half);
    let file = ann.put_file(Some(high.id), "file", b"inside").unwrap().item;
    let before = Tree::of(&ann).unwrap();
    let refused = ann.move_to(&high, Some(deep.id), "high").unwrap_err();
    assert_eq!(refused, Problem::TooDeep);
    assert_eq!(Tree::of(&ann).unwrap(), before);
    assert_eq!(ann.content(file.id, None).unwrap(), b"inside");
    // What is in the trash does not come along.
    let (small, _) = nested(&ann, None, half);
    let (_, last) = nested(&ann, Some(small.id), half - 1);
    let trashed = ann.new_folder(Some(last.id), "trashed").unwrap().item;
    ann.put_in_trash(&trashed).unwrap();
    assert!(ann.move_to(&small, Some(deep.id), "small").is_ok());
    // Back where it was, it would be too deep: it comes back at the top.
    let trashed = ann.item(trashed.id).unwrap();
    let back = ann.take_from_trash(&trashed).unwrap().item;
    assert_eq!((back.parent, back.trashed_at_ms), (None, None));
    // A file may stand in the deepest folder, and no folder.
    let (_, deepest) = nested(&ann, Some(deep.id), half);
    assert!(ann.move_to(&file, Some(deepest.id), "file").is_ok());
    let folder = ann.new_folder(None, "folder").unwrap().item;
    let refused = ann
        .move_to(&folder, Some(deepest.id), "folder")
        .unwrap_err();
    assert_eq!(refused, Problem::TooDeep);
    ann.put_in_trash(&folder).unwrap();
    let mut elsewhere = change_trashed(&ann.item(folder.id).unwrap());
    elsewhere.parent = Some(Some(deepest.id));
    let refused = ann.restore(folder.id, &elsewhere).unwrap_err();
    assert_eq!(refused, Problem::TooDeep);
}

pub fn what_is_restored_says_where_it_is(site: &impl Site) {
    let ann = site.person();
    let folder = ann.new_folder(None, "folder").unwrap().item;
    let other = ann.new_folder(None, "other").unwrap().item;
    let make = |name: &str| {
        let file = ann.put_file(Some(folder.id), name, b"kept").unwrap().item;
        ann.put_in_trash(&file).unwrap().item
    };
    let (first, second, third) = (make("first"), make("second"), make("third"));
    let back = ann.take_from_trash(&first).unwrap().item;
    assert_eq!(back.parent, Some(folder.id));
    ann.put_in_trash(&folder).unwrap();
    let back = ann.take_from_trash(&second).unwrap().item;
    assert_eq!(back.parent, None);
    let mut elsewhere = change_trashed(&third);
    elsewhere.parent = Some(Some(folder.id));
    let refused = ann.restore(third.id, &elsewhere).unwrap_err();
    assert_eq!(refused, Problem::InTrash);
    let mut elsewhere = change_trashed(&third);
    elsewhere.parent = Some(Some(other.id));
    let back = ann.restore(third.id, &elsewhere).unwrap();
    assert_eq!(back.item.parent, Some(other.id));
    assert_eq!(back.item, ann.item(third.id).unwrap());
    assert_eq!(ann.restore(third.id, &elsewhere).unwrap(), back);
}

pub fn what_is_restored_may_get_another_name(site: &impl Site) {
    let ann = site.person();
    let file = ann.put_file(None, "x.txt", b"old").unwrap().item;
    let trashed = ann.put_in_trash(&file).unwrap().item;
    let taken = ann.put_file(None, "X.txt", b"new").unwrap().item;
    let item = taken.id;
    let refused = ann.take_from_trash(&trashed).unwrap_err();
    assert_eq!(refused, Problem::NameTaken { item });
    let mut renamed = change_trashed(&trashed);
    renamed.name = Some(name("x.TXT"));
    let refused = ann.restore(file.id, &renamed).unwrap_err();
    assert_eq!(refused, Problem::NameTaken { item });
    let mut renamed = change_trashed(&trashed);
    renamed.name = Some(file.name.numbered(2));
    let back = ann.restore(file.id, &renamed).unwrap().item;
    assert_eq!(back.name.as_str(), "x (2).txt");
    assert_eq!(ann.content(file.id, None).unwrap(), b"old");
    assert_eq!(ann.content(taken.id, None).unwrap(), b"new");
    // What goes into the trash keeps its place.
    let mut renamed = change_trashed(&back);
    renamed.name = Some(name("y"));
    let refused = ann.trash(file.id, &renamed).unwrap_err();
    assert!(matches!(refused, Problem::BadRequest { .. }), "{refused:?}");
}

fn moved(item: &Item, parent: Option<ItemId>, name: &str) -> ItemChange {
    let to = PlaceChange::Move(change_place(item, parent, name));
    ItemChange { item: item.id, to }
}

fn trashed(item: &Item) -> ItemChange {
    let to = PlaceChange::Trash(change_trashed(item));
    ItemChange { item: item.id, to }
}

fn restored(item: &Item) -> ItemChange {
    let to = PlaceChange::Restore(change_trashed(item));
    ItemChange { item: item.id, to }
}

pub fn changes_of_one_request_are_made_in_their_order(site: &impl Site) {
    let ann = site.person();
    let folder = ann.new_folder(None, "folder").unwrap().item;
    let files: Vec<Item> = (0..MAX_BATCH_ITEMS)
        .map(|n| ann.new_empty_file(None, &format!("file {n}")).unwrap().item)
        .collect();
    let mut told = Tree::of(&ann).unwrap();
    let changes: Vec<ItemChange> = files
        .iter()
        .enumerate()
        .map(|(n, file)| match n % 3 {
            0 => trashed(file),
            1 => moved(file, Some(folder.id), file.name.as_str()),
            _ => moved(file, None, &format!("renamed {n}")),
        })
        .collect();
    let ends = ann.change_items(&changes).unwrap();
    let first = ends[0].as_ref().unwrap().seq;
    for (n, (end, file)) in ends.iter().zip(&files).enumerate() {
        let changed = end.as_ref().unwrap();
        assert_eq!(changed.seq, first + n as u64);
        assert_eq!((changed.item.id, changed.item.place_version), (file.id, 2));
        assert_eq!(changed.item, ann.item(file.id).unwrap());
    }
    told.pull(&ann, None).unwrap();
    assert_eq!(told, Tree::of(&ann).unwrap());
}

pub fn each_change_of_a_request_is_decided_on_by_itself(site: &impl Site) {
    let ann = site.person();
    let file = |name: &str| ann.new_empty_file(None, name).unwrap().item;
    let (a, b, c, d, e) = (file("a"), file("b"), file("c"), file("d"), file("e"));
    // What is refused is decided on anew by a repeat: nothing else happens to it.
    let f = file("f");
    let folder = ann.new_folder(None, "folder").unwrap().item;
    let inner = ann.new_folder(Some(folder.id), "inner").unwrap().item;
    let gone = Item {
        id: ItemId::from_random([9; 16]),
        ..a.clone()
    };
    let stale = Item {
        place_version: 7,
        ..b.clone()
    };
    let changes = [
        trashed(&gone),
        trashed(&a),
        trashed(&stale),
        moved(&b, None, "C"),
        restored(&d),
        moved(&folder, Some(inner.id), "folder"),
        moved(&f, Some(c.id), "below a file"),
        moved(&e, Some(inner.id), "inside"),
    ];
    let mut told = Tree::of(&ann).unwrap();
    let ends = ann.change_items(&changes).unwrap();
    let refused: Vec<Option<Problem>> = ends.iter().map(|end| end.clone().err()).collect();
    assert_eq!(refused[0], Some(Problem::NoSuchItem));
    assert_eq!(refused[1], None);
    let current_place_version = 1;
    let expected = Problem::PlaceConflict {
        current_place_version,
    };
    assert_eq!(refused[2], Some(expected));
    assert_eq!(refused[3], Some(Problem::NameTaken { item: c.id }));
    assert!(matches!(refused[4], Some(Problem::BadRequest { .. })));
    assert_eq!(refused[5], Some(Problem::MoveIntoItself));
    assert_eq!(refused[6], Some(Problem::NotAFolder));
    assert_eq!(refused[7], None);
    let pulled = told.pull(&ann, None).unwrap();
    assert_eq!(pulled.changes.len(), 2);
}

/// As if each had been sent after the answer to the one before.
pub fn a_change_sees_those_before_it(site: &impl Site) {
    let ann = site.person();
    let (a, b) = (
        ann.put_file(None, "a", b"a").unwrap().item,
        ann.put_file(None, "b", b"b").unwrap().item,
    );
    let folder = ann.new_folder(None, "folder").unwrap().item;
    let again = Item {
        place_version: 2,
        ..a.clone()
    };
    let ends = ann
        .change_items(&[
            trashed(&a),
            moved(&b, None, "A"),
            restored(&again),
            trashed(&folder),
            moved(&b, Some(folder.id), "into the trash"),
        ])
        .unwrap();
    assert!(ends[0].is_ok() && ends[3].is_ok(), "{ends:?}");
    assert_eq!(ends[1].as_ref().unwrap().item.name.as_str(), "A");
    assert_eq!(ends[2], Err(Problem::NameTaken { item: b.id }));
    assert!(matches!(ends[4], Err(Problem::PlaceConflict { .. })));
    // Two folders do not get into each other, nor past the limit together.
    let (one, other) = (
        ann.new_folder(None, "one").unwrap().item,
        ann.new_folder(None, "other").unwrap().item,
    );
    let ends = ann
        .change_items(&[
            moved(&one, Some(other.id), "one"),
            moved(&other, Some(one.id), "other"),
        ])
        .unwrap();
    assert!(ends[0].is_ok());
    assert_eq!(ends[1], Err(Problem::MoveIntoItself));
    let third = MAX_FOLDER_DEPTH / 3 + 1;
    let (top, _) = nested(&ann, None, third);
    let (middle, bottom) = nested(&ann, None, third);
    let (_, below) = nested(&ann, None, third);
    let ends = ann
        .change_items(&[
            moved(&top, Some(bottom.id), "top"),
            moved(&middle, Some(below.id), "middle"),
        ])
        .unwrap();
    assert!(ends[0].is_ok());
    assert_eq!(ends[1], Err(Problem::TooDeep));
}

pub fn a_repeated_batch_of_changes_changes_nothing_twice(site: &impl Site) {
    let ann = site.person();
    let (a, b) = (
        ann.new_empty_file(None, "a").unwrap().item,
        ann.new_empty_file(None, "b").unwrap().item,
    );
    let changes = [trashed(&a), moved(&b, None, "c"), trashed(&a)];
    let first = ann.change_items(&changes).unwrap();
    assert!(first[0].is_ok() && first[1].is_ok());
    let in_place = Problem::PlaceConflict {
        current_place_version: 2,
    };
    assert_eq!(first[2], Err(in_place));
    let before = Tree::of(&ann).unwrap();
    assert_eq!(ann.change_items(&changes).unwrap(), first);
    assert_eq!(Tree::of(&ann).unwrap(), before);
    // Alone, they are the same operations.
    let PlaceChange::Trash(change) = &changes[0].to else {
        unreachable!("it was made so");
    };
    assert_eq!(ann.trash(a.id, change), first[0]);
    let reused = ItemChange {
        item: b.id,
        to: changes[0].to.clone(),
    };
    let ends = ann.change_items(&[reused, changes[1].clone()]).unwrap();
    assert_eq!(ends, [Err(Problem::OperationReused), first[1].clone()]);
    let many = vec![trashed(&a); MAX_BATCH_ITEMS + 1];
    let refused = ann.change_items(&many).unwrap_err();
    assert!(matches!(refused, Problem::BadRequest { .. }), "{refused:?}");
    assert_eq!(ann.change_items(&[]).unwrap(), []);
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
