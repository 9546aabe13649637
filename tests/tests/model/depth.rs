//! How deep folders are nested: the limit holds whatever meets, and what is nested
//! too deeply since before it did is no way around anything.

use crate::stage::{InTurns, LATE, Stage, THEN};
use driftless_tests::client::{change_trashed, commit_of, name, new_file};
use driftless_tests::drive::{change_place, new_folder};
use driftless_tests::model::orders::every_order;
use protocol::ids::ItemId;
use protocol::items::{ChangePlace, Item};
use protocol::limits::MAX_FOLDER_DEPTH;
use protocol::problem::Problem;

const HALF: usize = MAX_FOLDER_DEPTH / 2;

fn folder(stage: &Stage, parent: Option<ItemId>, name: &str) -> Item {
    let made = stage
        .server
        .create_folder(&stage.ann, THEN, new_folder(parent, name));
    made.unwrap().item
}

/// Folders one in another, from the outermost.
fn nested(stage: &Stage, name: &str, count: usize) -> Vec<Item> {
    let mut made: Vec<Item> = Vec::new();
    for _ in 0..count {
        let parent = made.last().map(|folder| folder.id);
        made.push(folder(stage, parent, name));
    }
    made
}

fn into(item: &Item, parent: Option<ItemId>) -> ChangePlace {
    change_place(item, parent, item.name.as_str())
}

/// How many folders there are on the way to an item.
fn depth(stage: &Stage, id: ItemId) -> usize {
    let (mut next, mut depth) = (Some(id), 0);
    while let Some(id) = next {
        next = stage.server.item(&stage.ann, id).unwrap().parent;
        depth += 1;
    }
    depth
}

#[test]
fn two_moves_that_meet_do_not_pass_the_limit_together() {
    let mut stage = Stage::new();
    let mut refused = 0;
    let orders = every_order(|order| {
        stage.reset();
        let third = MAX_FOLDER_DEPTH / 3 + 1;
        let high = nested(&stage, "high", third);
        let middle = nested(&stage, "middle", third);
        let deep = nested(&stage, "deep", third);
        let (ann, in_turns) = (&stage.ann, InTurns::of(&stage.server));
        let legs = in_turns.legs();
        let (first, second) = (
            into(&high[0], Some(middle[third - 1].id)),
            into(&middle[0], Some(deep[third - 1].id)),
        );
        let (one, other) = order.run(
            legs.change_place(ann, LATE, high[0].id, first),
            legs.change_place(ann, LATE, middle[0].id, second),
        );
        let ends = [one.is_ok(), other.is_ok()];
        assert_eq!(ends.iter().filter(|went| **went).count(), 1, "{ends:?}");
        refused += usize::from(!ends[0]);
        for end in [one, other].into_iter().filter_map(Result::err) {
            assert_eq!(end.into_problem(), Problem::TooDeep);
        }
        assert!(depth(&stage, high[third - 1].id) <= MAX_FOLDER_DEPTH);
        stage.is_sound();
    });
    assert!(0 < refused && refused < orders, "{refused} of {orders}");
}

#[test]
fn a_move_and_a_new_folder_that_meet_do_not_pass_the_limit_together() {
    let mut stage = Stage::new();
    every_order(|order| {
        stage.reset();
        let high = nested(&stage, "high", HALF);
        let deep = nested(&stage, "deep", HALF);
        let (ann, in_turns) = (&stage.ann, InTurns::of(&stage.server));
        let legs = in_turns.legs();
        let to = into(&high[0], Some(deep[HALF - 1].id));
        let new = new_folder(Some(high[HALF - 1].id), "one more");
        let id = new.id;
        let (moved, made) = order.run(
            legs.change_place(ann, LATE, high[0].id, to),
            legs.create_folder(ann, LATE, new),
        );
        let last = if made.is_ok() { id } else { high[HALF - 1].id };
        let refused = [moved.err(), made.err()].into_iter().flatten();
        let refused: Vec<Problem> = refused.map(|end| end.into_problem()).collect();
        assert_eq!(refused, [Problem::TooDeep]);
        assert!(depth(&stage, last) <= MAX_FOLDER_DEPTH);
        stage.is_sound();
    });
}

/// A tree as it could be made when a move counted only what is above: the folders
/// from the outermost, and a file in the innermost.
fn too_deep(stage: &Stage) -> (Vec<Item>, Item) {
    let high = nested(stage, "high", MAX_FOLDER_DEPTH);
    let deep = nested(stage, "deep", HALF);
    let inside = new_file(Some(high[MAX_FOLDER_DEPTH - 1].id), "file", None);
    let file = stage.server.create_file(&stage.ann, THEN, inside);
    let moved = stage.server.db.connection().execute(
        "UPDATE items SET parent = ?1 WHERE id = ?2",
        (deep[HALF - 1].id.to_string(), high[0].id.to_string()),
    );
    assert_eq!(moved, Ok(1));
    let all = deep.into_iter().chain(high);
    let read = |item: Item| stage.server.item(&stage.ann, item.id).unwrap();
    (all.map(read).collect(), file.unwrap().item)
}

#[test]
fn what_is_nested_too_deeply_is_read_moved_up_and_trashed() {
    let stage = Stage::new();
    let (server, ann) = (&stage.server, &stage.ann);
    let (folders, file) = too_deep(&stage);
    assert_eq!(depth(&stage, file.id), MAX_FOLDER_DEPTH + HALF + 1);
    assert_eq!(server.content(ann, file.id, Some(1)).unwrap(), b"");
    server
        .commit(ann, LATE, file.id, commit_of(1, b""))
        .unwrap();

    // No deeper, and not below something else that is as deep.
    let other = folder(&stage, None, "other");
    let last = folders.last().unwrap();
    let refused = server.change_place(ann, LATE, other.id, into(&other, Some(last.id)));
    assert_eq!(refused, Err(Problem::TooDeep));
    let down = into(&folders[HALF], Some(other.id));
    let up = server
        .change_place(ann, LATE, folders[HALF].id, down)
        .unwrap();
    assert_eq!(depth(&stage, file.id), MAX_FOLDER_DEPTH + 2);
    let refused = server.change_place(ann, LATE, other.id, into(&other, Some(folders[0].id)));
    assert_eq!(refused, Err(Problem::TooDeep));
    // Its name can be changed, and it can be brought up all the way.
    let renamed = change_place(&up.item, Some(other.id), "renamed");
    let renamed = server.change_place(ann, LATE, up.item.id, renamed).unwrap();
    let top = into(&renamed.item, None);
    let top = server.change_place(ann, LATE, up.item.id, top).unwrap();
    assert_eq!(depth(&stage, file.id), MAX_FOLDER_DEPTH + 1);

    let trashed = server
        .trash(ann, LATE, top.item.id, change_trashed(&top.item))
        .unwrap();
    server
        .restore(ann, LATE, top.item.id, change_trashed(&trashed.item))
        .unwrap();
    stage.is_sound();
}

/// The walk up ended at the 129th folder, and whatever was above did not count.
#[test]
fn a_folder_in_the_trash_is_found_however_far_up_it_is() {
    let stage = Stage::new();
    let (server, ann) = (&stage.server, &stage.ann);
    let (folders, file) = too_deep(&stage);
    let change = change_trashed(&folders[0]);
    server.trash(ann, LATE, folders[0].id, change).unwrap();
    let refused = server.commit(ann, LATE, file.id, commit_of(1, b""));
    assert_eq!(refused, Err(Problem::InTrash));
    let refused = server.change_place(ann, LATE, file.id, change_place(&file, None, "out"));
    assert_eq!(refused, Err(Problem::InTrash));
    let last = folders.last().unwrap();
    let new = new_file(Some(last.id), "new", None);
    assert_eq!(server.create_file(ann, LATE, new), Err(Problem::InTrash));
    // What is restored alone comes back at the top.
    let inner = change_trashed(last);
    let inner = server.trash(ann, LATE, last.id, inner).unwrap().item;
    let mut elsewhere = change_trashed(&inner);
    elsewhere.name = Some(name("brought back"));
    let back = server.restore(ann, LATE, last.id, elsewhere).unwrap();
    assert_eq!(back.item.parent, None);
    stage.is_sound();
}
