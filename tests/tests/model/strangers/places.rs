//! What is tried on places: folders made, items moved, trashed and deleted.

use super::attempt::{
    Attempt, BAD_JSON, BAD_NAME, BAD_REQUEST, ID_TAKEN, NAME_TAKEN, NO_FOLDER, NO_ITEM, OLD_PLACE,
};
use super::front::Request;
use super::honest::change;
use super::tries::{NO_ID, Tries};
use super::world::World;
use protocol::ids::ItemId;
use serde_json::{Value as Json, json};

pub fn at_folders(tries: &Tries<'_>) -> Vec<Attempt> {
    let World { ann, bob, .. } = tries.world;
    vec![
        tries.alters("in her folder", json!({"parent": ann.folder}), NO_ITEM),
        tries.alters("in a folder of nobody", json!({"parent": NO_ID}), NO_ITEM),
        tries.alters("in a file", json!({"parent": bob.file}), NO_FOLDER),
        tries.alters("in the trash", json!({"parent": bob.trashed}), NO_FOLDER),
        tries.alters("an id that is in use", json!({"id": bob.file}), ID_TAKEN),
        tries.alters(
            "a name that is taken",
            json!({"name": "FOLDER"}),
            NAME_TAKEN,
        ),
        tries.alters("a path as the name", json!({"name": "../x"}), BAD_NAME),
        tries.alters(
            "a name that turns around",
            json!({"name": "a\u{202e}b"}),
            BAD_NAME,
        ),
        tries.reuses_an_operation(),
    ]
}

pub fn at_move(tries: &Tries<'_>) -> Vec<Attempt> {
    let World { ann, bob, .. } = tries.world;
    vec![
        tries.alters("into her folder", json!({"parent": ann.folder}), NO_ITEM),
        tries.alters("into itself", json!({"parent": bob.file}), NO_FOLDER),
        tries.alters(
            "from an old place",
            json!({"base_place_version": 9}),
            OLD_PLACE,
        ),
        tries.alters(
            "to a taken name",
            json!({"parent": null, "name": "folder"}),
            NAME_TAKEN,
        ),
        tries.reuses_an_operation(),
    ]
}

pub fn at_deletion(tries: &Tries<'_>) -> Vec<Attempt> {
    let live = Request {
        path: tries.path_with(&tries.world.bob.file.to_string()),
        ..tries.honest()
    };
    vec![
        tries.refused("what is not in the trash", live, (409, "not_in_trash")),
        tries.alters(
            "from an old place",
            json!({"base_place_version": 9}),
            OLD_PLACE,
        ),
        tries.reuses_an_operation(),
    ]
}

pub fn at_trash(tries: &Tries<'_>) -> Vec<Attempt> {
    vec![
        tries.alters(
            "from an old place",
            json!({"base_place_version": 9}),
            OLD_PLACE,
        ),
        tries.reuses_an_operation(),
    ]
}

pub fn at_restore(tries: &Tries<'_>) -> Vec<Attempt> {
    let to = |parent: ItemId| json!({"base_place_version": 2, "parent": parent});
    vec![
        tries.alters("into her folder", to(tries.world.ann.folder), NO_ITEM),
        tries.alters("into a file", to(tries.world.bob.file), NO_FOLDER),
        tries.alters(
            "from an old place",
            json!({"base_place_version": 9}),
            OLD_PLACE,
        ),
    ]
}

pub fn at_item_batch(tries: &Tries<'_>) -> Vec<Attempt> {
    let World { ann, bob, .. } = tries.world;
    let batch = |changes: Vec<Json>| json!({"changes": changes});
    let none = NO_ITEM;
    let into_hers = json!({"parent": ann.folder, "name": "x"});
    let to_top = json!({"parent": null, "name": "x"});
    let back = json!({"base_place_version": 2, "parent": ann.folder});
    vec![
        tries.sends(
            "her file into the trash",
            &batch(vec![change("trash", ann.file, json!({}))]),
            none,
        ),
        tries.sends(
            "her file out of the trash",
            &batch(vec![change("restore", ann.trashed, json!({}))]),
            none,
        ),
        tries.sends(
            "her file to his top",
            &batch(vec![change("move", ann.file, to_top)]),
            none,
        ),
        tries.sends(
            "his file to her folder",
            &batch(vec![change("move", bob.file, into_hers)]),
            none,
        ),
        tries.sends(
            "his file back to her folder",
            &batch(vec![change("restore", bob.trashed, back)]),
            none,
        ),
        tries.sends(
            "one change of hers after another",
            &batch(vec![
                change("trash", ann.file, json!({})),
                change("trash", ann.folder, json!({})),
            ]),
            none,
        ),
        tries.sends(
            "a change that is none",
            &batch(vec![change("share", bob.file, json!({}))]),
            BAD_JSON,
        ),
        tries.sends(
            "a move to nowhere",
            &batch(vec![change("move", bob.file, json!({}))]),
            BAD_JSON,
        ),
        tries.sends(
            "too many",
            &batch(vec![change("trash", bob.file, json!({})); 101]),
            BAD_REQUEST,
        ),
    ]
}
