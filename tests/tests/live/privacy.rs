//! Nothing is said about another person's space, against a running server:
//! what is somebody else's answers exactly as what does not exist, to the last
//! header.

use blocks::hash::BlockHash;
use driftless_tests::client::{
    Client, Reply, change_trashed, commit_of, conflict_id, item_id, manifest, name, new_file,
    operation_id,
};
use driftless_tests::live::{Person, person};
use driftless_tests::random;
use driftless_tests::tree::Tree;
use protocol::conflicts::{Choice, NewConflict, Resolve};
use protocol::content::Base;
use protocol::files::Proposal;
use protocol::ids::{ConflictId, ItemId};
use protocol::items::{ChangePlace, NewFolder};
use protocol::paths;
use protocol::problem::Problem;

/// Knowing a hash gave the file elsewhere (Dropship 2011).
#[test]
#[ignore = "needs a running server: npm test starts one"]
fn knowing_a_hash_gives_nothing() {
    let (ann, bob) = (person(), person());
    let bytes = random::unseen_bytes(10_000);
    ann.client.store_blocks(&[&bytes]).unwrap();
    let hash = BlockHash::of(&bytes);
    assert!(ann.client.block(hash).unwrap() == bytes);
    let theirs = bob.client.get(&paths::block(hash)).unwrap();
    let nobodys = bob
        .client
        .get(&paths::block(BlockHash::of(b"nobody has this")))
        .unwrap();
    assert_eq!(theirs.problem(), Problem::NoSuchBlock);
    assert_eq!(said(&theirs), said(&nobodys));
}

/// Everything of an answer but what differs between any two answers.
fn said(reply: &Reply) -> (u16, Vec<String>, String) {
    let mut names: Vec<String> = reply
        .headers
        .keys()
        .map(|name| name.as_str().to_owned())
        .collect();
    names.sort();
    let body = String::from_utf8_lossy(&reply.body).into_owned();
    (reply.status, names, body)
}

/// Every request that names an item, sent by `person` about `id`.
fn about_item(person: &Person, own: ItemId, id: ItemId) -> Vec<(String, Reply)> {
    let client = &person.client;
    let mut replies = Vec::new();
    for path in [
        paths::content(id, None),
        paths::content(id, Some(1)),
        paths::content(id, Some(99)),
        paths::manifest(id, 1),
        paths::item(id),
    ] {
        replies.push(client.get(&path).unwrap());
    }
    let place = |parent| ChangePlace {
        operation_id: operation_id(),
        base_place_version: 1,
        parent,
        name: name("mine now"),
    };
    let item = Tree::of(client).unwrap().items[&own].clone();
    let trash = change_trashed(&item);
    let content = manifest(b"");
    let into = NewFolder {
        operation_id: operation_id(),
        id: item_id(),
        parent: Some(id),
        name: name("inside"),
    };
    let conflict = NewConflict {
        operation_id: operation_id(),
        id: conflict_id(),
        base_version: 1,
        content,
    };
    let proposal = Proposal {
        current_version: 1,
        new_block_hashes: vec![],
        new_bytes: None,
    };
    replies.extend([
        client
            .send_json("POST", &paths::sync(id), &proposal)
            .unwrap(),
        client
            .send_json("POST", &paths::commit(id), &commit_of(1, b""))
            .unwrap(),
        client
            .send_json("POST", &paths::commit(id), &commit_of(7, b""))
            .unwrap(),
        client
            .send_json("PATCH", &paths::item(id), &place(None))
            .unwrap(),
        client.send_json("POST", &paths::trash(id), &trash).unwrap(),
        client
            .send_json("POST", &paths::restore(id), &change_trashed(&item))
            .unwrap(),
        client
            .send_json("POST", &paths::file_conflicts(id), &conflict)
            .unwrap(),
        client.send_json("POST", paths::FOLDERS, &into).unwrap(),
        client
            .send_json("POST", paths::FILES, &new_file(Some(id), "inside", None))
            .unwrap(),
        client
            .send_json("PATCH", &paths::item(own), &place(Some(id)))
            .unwrap(),
    ]);
    let what = |i: usize| format!("request {i}");
    (0..).map(what).zip(replies).collect()
}

#[test]
#[ignore = "needs a running server: npm test starts one"]
fn anothers_items_answer_as_if_they_did_not_exist() {
    let (ann, bob) = (person(), person());
    let file = ann.client.put_file(None, "secret", b"secret").unwrap();
    let folder = ann.client.new_folder(None, "folder").unwrap();
    let own = bob.client.new_empty_file(None, "own").unwrap().item.id;
    let before = Tree::of(&ann.client).unwrap();
    let nothing = about_item(&bob, own, item_id());
    for id in [file.item.id, folder.item.id] {
        for ((what, theirs), (_, nobodys)) in about_item(&bob, own, id).iter().zip(&nothing) {
            assert_eq!(theirs.problem(), Problem::NoSuchItem, "{what}");
            assert_eq!(said(theirs), said(nobodys), "{what}");
        }
    }
    assert_eq!(Tree::of(&ann.client).unwrap(), before);
    assert_eq!(Tree::of(&bob.client).unwrap().items.len(), 1);
}

/// A file with a second version, and a conflict that is open about it.
fn conflict_about_a_file(client: &Client) -> (ItemId, ConflictId) {
    let file = client.put_file(None, "file", b"base").unwrap().item.id;
    client.put_version(file, 1, b"theirs").unwrap();
    client.store_blocks(&[b"mine"]).unwrap();
    let conflict = NewConflict {
        operation_id: operation_id(),
        id: conflict_id(),
        base_version: 1,
        content: manifest(b"mine"),
    };
    client.new_conflict(file, &conflict).unwrap();
    (file, conflict.id)
}

#[test]
#[ignore = "needs a running server: npm test starts one"]
fn anothers_conflicts_answer_as_if_they_did_not_exist() {
    let (ann, bob) = (person(), person());
    let (_, conflict) = conflict_about_a_file(&ann.client);
    let about = |id: ConflictId| -> Vec<Reply> {
        let resolve: Resolve = Resolve {
            operation_id: operation_id(),
            seen_version: 2,
            choice: Choice::KeepMine,
        };
        vec![
            bob.client.get(&paths::conflict(id)).unwrap(),
            bob.client.get(&paths::conflict_content(id)).unwrap(),
            bob.client
                .send_json("POST", &paths::resolve(id), &resolve)
                .unwrap(),
        ]
    };
    for (theirs, nobodys) in about(conflict).iter().zip(&about(conflict_id())) {
        assert_eq!(theirs.problem(), Problem::NoSuchConflict);
        assert_eq!(said(theirs), said(nobodys));
    }
    assert!(bob.client.conflicts().unwrap().is_empty());
    assert_eq!(ann.client.conflicts().unwrap().len(), 1);
}

/// What a browser keeps of ann's answers is of no use to bob, who signs in there next:
/// all of it is asked for again, which costs ann a small answer, and bob gets none.
#[test]
#[ignore = "needs a running server: npm test starts one"]
fn what_a_browser_keeps_is_asked_for_again_and_is_not_for_the_next_person() {
    let (ann, bob) = (person(), person());
    let (file, conflict) = conflict_about_a_file(&ann.client);
    let since = Base {
        item: file,
        version: 1,
    };
    for path in [
        paths::content(file, None),
        paths::content(file, Some(1)),
        paths::content_named(file, 1, &name("file")),
        paths::manifest(file, 1),
        paths::manifest_since(file, 2, since),
        paths::conflict_content(conflict),
        paths::conflict_content_named(conflict, &name("file")),
        paths::conflict_manifest(conflict),
        paths::block(BlockHash::of(b"mine")),
    ] {
        let first = ann.client.get(&path).unwrap().success().unwrap();
        let rules: Vec<&str> = first.header("cache-control").split(", ").collect();
        let asks_again = rules.starts_with(&["private", "no-cache"]);
        assert!(
            asks_again && !rules.contains(&"immutable"),
            "{path}: {rules:?}"
        );
        let known = [("if-none-match", first.header("etag"))];
        let again = ann.client.send("GET", &path, &known, None).unwrap();
        assert_eq!((again.status, again.body.len()), (304, 0), "{path}");
        assert_eq!(again.header("etag"), first.header("etag"), "{path}");
        let next = bob.client.send("GET", &path, &known, None).unwrap();
        assert_eq!(next.status, 404, "{path}");
    }
}
