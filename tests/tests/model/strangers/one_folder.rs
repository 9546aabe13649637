//! A token of one folder against the rest of its own person's drive, which is to it as
//! another person's.

use super::attempt::{BAD_PATCH, BAD_REQUEST, Code, MISSING, NO_BASE, NO_BLOCK, NO_ITEM};
use super::front::{Given, Request, ask};
use super::tries::NO_ID;
use super::world::{OF_FOLDER, READS_FOLDER, World, secret};
use crate::stage::{InTurns, THEN, owner};
use blocks::frame::carrying_head;
use blocks::hash::BlockHash;
use blocks::manifest::Manifest;
use driftless_tests::client::{
    change_trashed, commit_of, frames, manifest, new_file, operation_id, patched,
};
use driftless_tests::drive::{change_place, new_conflict, new_folder, resolve};
use driftless_tests::model::legs::Device;
use driftless_tests::model::orders::every_order;
use driftless_tests::model::server::Server;
use protocol::changes::{Change, ChangePage};
use protocol::conflicts::{Choice, Conflict};
use protocol::ids::{ConflictId, ItemId};
use protocol::items::{Item, ItemChanged};
use protocol::problem::Problem;
use serde::de::DeserializeOwned;
use serde_json::{Value as Json, json};

const ONE_FOLDER: Code = (403, "one_folder");
const FOLDER_GONE: Code = (403, "folder_gone");
const NO_CONFLICT: Code = (404, "no_such_conflict");

/// Ann's drive: something in her folder, and the rest of what the world has.
pub struct Drive {
    pub world: World,
    pub ann: Device,
    pub folder: ItemId,
    /// At version 2, with a conflict that came second.
    pub inner: Item,
    pub conflict: ConflictId,
    inner_folder: Item,
    inner_trashed: Item,
}

impl Drive {
    pub fn new() -> Self {
        let world = World::new();
        let folder = world.ann.folder;
        let ann = Device {
            space: world.ann.space,
            id: world.ann.device,
            ..owner(&Server::new(), "ann")
        };
        let server = &world.server;
        let stored = frames(&[b"in the folder", b"newer", b"second"]);
        server.store_blocks(&ann, THEN, stored).unwrap();
        let file = |name: &str| {
            let new = new_file(Some(folder), name, Some(manifest(b"in the folder")));
            server.create_file(&ann, THEN, new).unwrap().item
        };
        let (inner, trashed) = (file("inner"), file("trashed"));
        let trash = change_trashed(&trashed);
        let trashed = server.trash(&ann, THEN, trashed.id, trash).unwrap();
        let made = new_folder(Some(folder), "inner folder");
        let inner_folder = server.create_folder(&ann, THEN, made).unwrap().item;
        let newer = commit_of(1, b"newer");
        let inner = server.commit(&ann, THEN, inner.id, newer).unwrap().item;
        let second = new_conflict(b"second");
        let conflict = server.keep_conflict(&ann, THEN, inner.id, second);
        let conflict = conflict.unwrap().id;
        Self {
            inner_trashed: trashed.item,
            world,
            ann,
            folder,
            inner,
            conflict,
            inner_folder,
        }
    }

    pub fn request(&self, digit: char, route: &str, body: &Json) -> Request {
        let (method, path) = route.split_once(' ').expect("a method and a path");
        let body = match body {
            Json::Null => Vec::new(),
            body => body.to_string().into_bytes(),
        };
        Request {
            method: method.to_owned(),
            path: format!("/api/v1/{path}"),
            authorization: Some(format!("Bearer {}", secret(digit))),
            body,
            ..Request::default()
        }
    }

    pub fn asks(&self, route: &str, body: &Json) -> Result<Given, Problem> {
        ask(&self.world, &self.request(OF_FOLDER, route, body))
    }

    pub fn gets<T: DeserializeOwned>(&self, route: &str, body: Json) -> T {
        let told = self.asks(route, &body);
        match told.unwrap_or_else(|problem| panic!("{route}: {problem:?}")) {
            Given::Text(text) => serde_json::from_str(&text).expect("an answer"),
            Given::Each(ends) => panic!("{route}: {ends:?}"),
        }
    }

    pub fn carries(&self, route: &str, body: &Json, frames: &[u8]) -> Result<Given, Problem> {
        let request = self.request(OF_FOLDER, route, body);
        let body = [carrying_head(&request.body).as_slice(), frames].concat();
        let request = Request {
            body,
            carries: true,
            ..request
        };
        ask(&self.world, &request)
    }

    /// What the token lists.
    fn listed(&self) -> Vec<Change> {
        let page: ChangePage = self.gets("GET changes/list", Json::Null);
        assert!(page.reset && !page.has_more, "{page:?}");
        page.changes
    }

    fn lists(&self, id: ItemId) -> bool {
        let items = self.listed();
        items
            .iter()
            .any(|change| matches!(change, Change::Item { item } if item.id == id))
    }

    pub fn is_refused(&self, route: &str, body: &Json, (status, code): Code) {
        let before = self.world.everything();
        let ends = match self.asks(route, body) {
            Ok(Given::Each(ends)) => ends,
            Ok(Given::Text(text)) => panic!("{route} {body}: answered {text}"),
            Err(problem) => vec![Err(problem)],
        };
        for end in ends {
            let problem = end.expect_err(route);
            let told = serde_json::to_value(&problem).unwrap();
            let told = (problem.status(), told["code"].as_str().unwrap_or_default());
            assert_eq!(told, (status, code), "{route} {body}");
        }
        assert!(before == self.world.everything(), "{route} {body}");
    }

    fn place(&self, item: &Item, parent: Option<ItemId>) -> Json {
        json!(change_place(item, parent, "another"))
    }

    pub fn move_by_ann(&self, id: ItemId, parent: Option<ItemId>) {
        let server = &self.world.server;
        let item = server.item(&self.ann, id).unwrap();
        let to = change_place(&item, parent, "moved");
        server.change_place(&self.ann, THEN, id, to).unwrap();
    }
}

pub fn copy_of(item: ItemId, version: u64) -> Json {
    json!({
        "size": 10, "size_class": 18, "modified_at_ms": 1,
        "base": {"item": item, "version": version}, "splices": [],
    })
}

pub fn file(parent: Option<ItemId>, content: Json) -> Json {
    let mut file = json!(new_file(parent, "another", None));
    file["content"] = content;
    file
}

#[test]
fn a_token_of_one_folder_reads_nothing_else() {
    let drive = Drive::new();
    let (outside, inner) = (&drive.world.ann, drive.inner.id);
    let none = Json::Null;
    for id in [
        outside.file.to_string(),
        outside.trashed.to_string(),
        NO_ID.into(),
    ] {
        for route in ["items/{}", "files/{}/content", "files/{}/manifest"] {
            let route = format!("GET {}", route.replace("{}", &id));
            drive.is_refused(&route, &none, NO_ITEM);
        }
    }
    for id in [
        outside.conflict.to_string(),
        outside.resolved.to_string(),
        NO_ID.into(),
    ] {
        for route in [
            "conflicts/{}",
            "conflicts/{}/content",
            "conflicts/{}/manifest",
        ] {
            let route = format!("GET {}", route.replace("{}", &id));
            drive.is_refused(&route, &none, NO_CONFLICT);
        }
    }
    let mut since = drive.request(OF_FOLDER, &format!("GET files/{inner}/manifest"), &none);
    for of in [outside.file.to_string(), NO_ID.into()] {
        since.query = vec![("version", "2".into()), ("since", "2".into()), ("of", of)];
        assert_eq!(ask(&drive.world, &since).unwrap_err(), Problem::NoSuchBase);
    }
    for of in [
        json!([]),
        json!([inner]),
        json!([outside.file]),
        json!([NO_ID]),
    ] {
        let fetch = json!({"want": [outside.block], "of": of});
        let signed = json!({"blocks": [[outside.block, 1_024]], "of": of});
        drive.is_refused("POST blocks/fetch", &fetch, NO_BLOCK);
        drive.is_refused("POST blocks/signatures", &signed, NO_BLOCK);
    }
    // Places would be of any version, and of any file.
    for item in [json!(inner), json!(outside.file), json!(NO_ID)] {
        let listed = json!({"item": item, "version": 1, "want": [[0, 1]], "since": 1, "bases": []});
        let fetch = json!({"listed": listed, "of": [inner]});
        drive.is_refused("POST blocks/fetch", &fetch, BAD_REQUEST);
    }
    drive.is_refused(&format!("GET blocks/{}", outside.block), &none, ONE_FOLDER);
    let proposal = json!({"current_version": 2, "new_block_hashes": [outside.block]});
    let route = format!("POST files/{}/sync", outside.file);
    drive.is_refused(&route, &proposal, NO_ITEM);
    for route in ["GET accounts/me", "GET conflicts", "GET news"] {
        drive.is_refused(route, &none, ONE_FOLDER);
    }
    let Given::Text(devices) = drive.asks("GET devices", &none).unwrap() else {
        panic!("no list");
    };
    assert!(!devices.contains(&outside.device.to_string()), "{devices}");
    // What is in the folder is read as ever.
    let item: Item = drive.gets(&format!("GET items/{inner}"), Json::Null);
    assert_eq!(item, drive.inner);
    let told = drive.asks(&format!("GET files/{inner}/content"), &none);
    assert!(told.is_ok(), "{told:?}");
    let id = drive.conflict;
    let conflict: Conflict = drive.gets(&format!("GET conflicts/{id}"), Json::Null);
    assert_eq!(conflict.item, inner);
    let second = drive.asks(&format!("GET conflicts/{id}/content"), &none);
    assert!(matches!(second.unwrap(), Given::Text(text) if text == "second"));
    let list: Manifest = drive.gets(&format!("GET conflicts/{id}/manifest"), Json::Null);
    assert_eq!(list.blocks[0].hash, BlockHash::of(b"second"));
}

#[test]
fn a_token_of_one_folder_changes_nothing_else() {
    let drive = Drive::new();
    let (ann, inner) = (&drive.world.ann, &drive.inner);
    let outside = drive.world.server.item(&drive.ann, ann.file).unwrap();
    let trashed = drive.world.server.item(&drive.ann, ann.trashed).unwrap();
    let own = drive.world.server.item(&drive.ann, drive.folder).unwrap();
    let at = |method: &str, id: ItemId, rest: &str| format!("{method} items/{id}{rest}");
    // What is elsewhere.
    let bin = json!(change_trashed(&outside));
    let back = json!(change_trashed(&trashed));
    let in_folder = Some(drive.folder);
    drive.is_refused(
        &at("PATCH", ann.file, ""),
        &drive.place(&outside, in_folder),
        NO_ITEM,
    );
    drive.is_refused(&at("POST", ann.file, "/trash"), &bin, NO_ITEM);
    drive.is_refused(&at("POST", ann.trashed, "/restore"), &back, NO_ITEM);
    drive.is_refused(&at("DELETE", ann.trashed, ""), &back, NO_ITEM);
    drive.is_refused(
        "POST trash/empty",
        &json!({"operation_id": operation_id()}),
        ONE_FOLDER,
    );
    let commit = json!(commit_of(2, b"one of ann"));
    drive.is_refused(&format!("POST files/{}/commit", ann.file), &commit, NO_ITEM);
    let second = json!(new_conflict(b"mine of ann"));
    drive.is_refused(
        &format!("POST files/{}/conflicts", ann.file),
        &second,
        NO_ITEM,
    );
    let theirs = json!(resolve(2, Choice::KeepTheirs));
    drive.is_refused(
        &format!("POST conflicts/{}/resolve", ann.conflict),
        &theirs,
        NO_CONFLICT,
    );
    let seen = json!({"operation_id": operation_id(), "seen_version": 2});
    drive.is_refused(
        &format!("POST conflicts/{}/reopen", ann.resolved),
        &seen,
        NO_CONFLICT,
    );
    // Out of the folder.
    let out = |parent| drive.place(inner, parent);
    drive.is_refused(&at("PATCH", inner.id, ""), &out(None), ONE_FOLDER);
    drive.is_refused(&at("PATCH", inner.id, ""), &out(Some(ann.file)), NO_ITEM);
    let trashed = &drive.inner_trashed;
    let mut back = json!(change_trashed(trashed));
    back["parent"] = Json::Null;
    drive.is_refused(&at("POST", trashed.id, "/restore"), &back, ONE_FOLDER);
    back["parent"] = json!(ann.file);
    drive.is_refused(&at("POST", trashed.id, "/restore"), &back, NO_ITEM);
    drive.is_refused("POST folders", &json!(new_folder(None, "x")), ONE_FOLDER);
    drive.is_refused(
        "POST folders",
        &json!(new_folder(Some(ann.trashed), "x")),
        NO_ITEM,
    );
    // Back to the top, where its own folder is in the trash: also where the name is
    // taken there, of which nothing is told.
    let server = &drive.world.server;
    let lost = new_file(Some(drive.inner_folder.id), "file", None);
    let lost = server.create_file(&drive.ann, THEN, lost).unwrap().item;
    for item in [&lost, &drive.inner_folder] {
        let bin = change_trashed(item);
        server.trash(&drive.ann, THEN, item.id, bin).unwrap();
    }
    let lost = server.item(&drive.ann, lost.id).unwrap();
    let back = json!(change_trashed(&lost));
    drive.is_refused(&at("POST", lost.id, "/restore"), &back, ONE_FOLDER);
    // The folder itself.
    let bin = json!(change_trashed(&own));
    drive.is_refused(&at("POST", own.id, "/trash"), &bin, ONE_FOLDER);
    drive.is_refused(
        &at("PATCH", own.id, ""),
        &drive.place(&own, None),
        ONE_FOLDER,
    );
    drive.is_refused(&at("DELETE", own.id, ""), &bin, ONE_FOLDER);
    // Bytes from elsewhere, by the name of a file or of a block.
    let block = json!(manifest(b"two of ann"));
    for (content, refused) in [(copy_of(ann.file, 2), NO_BASE), (block, MISSING)] {
        drive.is_refused("POST files", &file(in_folder, content.clone()), refused);
        let batch = json!({"files": [file(in_folder, content.clone())]});
        drive.is_refused("POST files/batch", &batch, refused);
        let mut commit = json!(commit_of(2, b"newer"));
        commit["content"] = content.clone();
        drive.is_refused(&format!("POST files/{}/commit", inner.id), &commit, refused);
        let mut second = json!(new_conflict(b"newer"));
        second["content"] = content.clone();
        drive.is_refused(
            &format!("POST files/{}/conflicts", inner.id),
            &second,
            refused,
        );
        let merged = json!({
            "operation_id": operation_id(), "seen_version": 2, "choice": "merged",
            "content": content,
        });
        drive.is_refused(
            &format!("POST conflicts/{}/resolve", drive.conflict),
            &merged,
            refused,
        );
    }
    let patch = patched(&[b"two of ann"], b"two of ann, changed");
    let new = file(in_folder, json!(manifest(b"two of ann, changed")));
    let before = drive.world.everything();
    let problem = drive.carries("POST files", &new, &patch).unwrap_err();
    assert_eq!((problem.status(), "patch_refused"), BAD_PATCH);
    assert!(matches!(problem, Problem::PatchRefused { .. }));
    assert!(before == drive.world.everything());
    // Of many, each by itself.
    let change = |kind: &str, item: &Item| {
        json!({
            "change": kind, "item": item.id, "operation_id": operation_id(),
            "base_place_version": item.place_version, "parent": null, "name": "x",
        })
    };
    let changes = json!({"changes": [change("move", &outside), change("restore", &outside)]});
    drive.is_refused("POST items/batch", &changes, NO_ITEM);
    let changes = json!({"changes": [change("move", inner), change("restore", trashed)]});
    drive.is_refused("POST items/batch", &changes, ONE_FOLDER);
    // One that only reads.
    let new = json!(new_folder(in_folder, "x"));
    let reader = drive.request(READS_FOLDER, "POST folders", &new);
    assert_eq!(ask(&drive.world, &reader).unwrap_err(), Problem::ReadOnly);
}

#[test]
fn a_token_of_one_folder_works_in_it() {
    let drive = Drive::new();
    let in_folder = Some(drive.folder);
    let new = file(in_folder, json!(manifest(b"brought along")));
    let refused = drive.asks("POST files", &new).unwrap_err();
    assert!(
        matches!(refused, Problem::BlocksMissing { .. }),
        "{refused:?}"
    );
    let body = frames(&[b"brought along"]);
    drive.carries("POST files", &new, &body).unwrap();
    let id: ItemId = serde_json::from_value(new["id"].clone()).unwrap();
    let made: Item = drive.gets(&format!("GET items/{id}"), Json::Null);
    let next = json!(commit_of(1, b"two of ann"));
    let (route, two) = (format!("POST files/{id}/commit"), frames(&[b"two of ann"]));
    drive.carries(&route, &next, &two).unwrap();
    // A copy of a file of the folder, a place in it, the trash and back, and away.
    let copied = file(Some(drive.inner_folder.id), copy_of(id, 2));
    let copied: ItemChanged = drive.gets("POST files", copied);
    let place = change_place(&made, Some(drive.inner_folder.id), "moved");
    let moved: ItemChanged = drive.gets(&format!("PATCH items/{id}"), json!(place));
    assert_eq!(moved.item.parent, Some(drive.inner_folder.id));
    let bin = |item: &Item| json!(change_trashed(item));
    let route = format!("POST items/{}/trash", copied.item.id);
    let gone: ItemChanged = drive.gets(&route, bin(&copied.item));
    let route = format!("DELETE items/{}", copied.item.id);
    let told = drive.asks(&route, &bin(&gone.item));
    assert!(told.is_ok(), "{told:?}");
    let trashed = &drive.inner_trashed;
    let route = format!("POST items/{}/restore", trashed.id);
    let back: ItemChanged = drive.gets(&route, bin(trashed));
    assert_eq!(back.item.parent, in_folder);
    let both = Choice::KeepBoth {
        copy_id: driftless_tests::client::item_id(),
        copy_name: driftless_tests::client::name("mine"),
    };
    let route = format!("POST conflicts/{}/resolve", drive.conflict);
    let resolved: Conflict = drive.gets(&route, json!(resolve(2, both)));
    assert!(resolved.resolved.is_some());
}

#[test]
fn the_list_of_one_folder_follows_what_comes_and_goes() {
    let drive = Drive::new();
    let outside = drive.world.ann.file;
    let told = serde_json::to_string(&drive.listed()).unwrap();
    for mark in [outside, drive.world.ann.trashed] {
        assert!(!told.contains(&mark.to_string()), "{told}");
    }
    assert!(!told.contains(&drive.world.ann.conflict.to_string()));
    assert!(told.contains(&drive.conflict.to_string()));
    let inside = [&drive.inner, &drive.inner_folder, &drive.inner_trashed];
    assert!(inside.iter().all(|item| drive.lists(item.id)) && drive.lists(drive.folder));
    let listed = drive.listed();
    let top = listed.iter().find_map(|change| match change {
        Change::Item { item } if item.id == drive.folder => Some(item.parent),
        _ => None,
    });
    assert_eq!(top, Some(None));
    // By pages of one, the same.
    let (mut since, mut paged) = (None::<String>, Vec::new());
    loop {
        let mut request = drive.request(OF_FOLDER, "GET changes/list", &Json::Null);
        request.query = vec![("limit", "1".into())];
        request
            .query
            .extend(since.map(|since| ("since_token", since)));
        let Ok(Given::Text(text)) = ask(&drive.world, &request) else {
            panic!("no page");
        };
        let page: ChangePage = serde_json::from_str(&text).unwrap();
        paged.extend(page.changes);
        since = Some(page.next_token);
        if !page.has_more {
            break;
        }
    }
    assert_eq!(paged, drive.listed());
    // A folder that comes brings what is in it, and takes it along when it goes.
    let server = &drive.world.server;
    let other = new_folder(None, "other");
    let other = server.create_folder(&drive.ann, THEN, other).unwrap().item;
    drive.move_by_ann(outside, Some(other.id));
    drive.move_by_ann(other.id, Some(drive.folder));
    assert!(drive.lists(other.id) && drive.lists(outside));
    assert_eq!(
        drive.listed().len(),
        inside.len() + 5,
        "all, and two conflicts"
    );
    let _: Item = drive.gets(&format!("GET items/{outside}"), Json::Null);
    drive.move_by_ann(other.id, None);
    assert!(!drive.lists(other.id) && !drive.lists(outside));
    drive.is_refused(&format!("GET items/{outside}"), &Json::Null, NO_ITEM);
}

#[test]
fn a_token_whose_folder_is_gone_is_told_so_and_sees_nothing() {
    let drive = Drive::new();
    let server = &drive.world.server;
    let everywhere = |id: ItemId| {
        for route in ["GET items/{}", "GET files/{}/content", "GET changes/list"] {
            let route = route.replace("{}", &id.to_string());
            drive.is_refused(&route, &Json::Null, FOLDER_GONE);
        }
        drive.is_refused("GET accounts/me", &Json::Null, FOLDER_GONE);
        let new = json!(new_folder(Some(drive.folder), "x"));
        drive.is_refused("POST folders", &new, FOLDER_GONE);
    };
    // In a folder that is in the trash, by itself in the trash, and deleted.
    let above = new_folder(None, "above");
    let above = server.create_folder(&drive.ann, THEN, above).unwrap().item;
    drive.move_by_ann(drive.folder, Some(above.id));
    assert!(drive.lists(drive.inner.id));
    let bin = change_trashed(&above);
    let gone = server.trash(&drive.ann, THEN, above.id, bin).unwrap().item;
    everywhere(drive.inner.id);
    let back = change_trashed(&gone);
    server.restore(&drive.ann, THEN, above.id, back).unwrap();
    assert!(drive.lists(drive.inner.id));
    let item = server.item(&drive.ann, drive.folder).unwrap();
    let bin = change_trashed(&item);
    server.trash(&drive.ann, THEN, item.id, bin).unwrap();
    everywhere(drive.inner.id);
    everywhere(drive.world.ann.file);
}

/// The owner moves a file away while the token changes it: whatever is written is
/// written while the file is in the folder.
#[test]
fn a_file_that_is_moved_away_meanwhile_is_not_changed() {
    let (mut before, mut refused) = (0, 0);
    let orders = every_order(|order| {
        let server = Server::new();
        let ann = owner(&server, "ann");
        let folder = server.create_folder(&ann, THEN, new_folder(None, "folder"));
        let folder = folder.unwrap().item.id;
        let new = new_file(Some(folder), "file", None);
        let item = server.create_file(&ann, THEN, new).unwrap().item;
        let token = Device {
            folder: Some(folder),
            ..ann.clone()
        };
        let in_turns = InTurns::of(&server);
        let legs = in_turns.legs();
        let away = change_place(&item, None, "file");
        let (committed, moved) = order.run(
            legs.commit(&token, THEN, item.id, commit_of(1, b"")),
            legs.change_place(&ann, THEN, item.id, away),
        );
        let moved = moved.unwrap().seq;
        match committed {
            Ok(committed) => {
                assert!(committed.seq < moved, "changed after it was moved");
                before += 1;
            }
            Err(failure) => {
                let problem = failure.into_problem();
                let expected = [Problem::NoSuchItem, Problem::Unavailable];
                assert!(expected.contains(&problem), "{problem:?}");
                refused += 1;
            }
        }
    });
    assert!(
        before > 0 && refused > 0,
        "{before} and {refused} of {orders}"
    );
}
