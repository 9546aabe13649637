//! Conflicts, against a running server:
//! 1. a version that came second is kept, listed and told to every device
//! 2. both sides' bytes are readable
//! 3. it is resolved in each of three ways, once, by somebody who saw the head

use driftless_tests::client::{Client, conflict_id, item_id, manifest, name, operation_id};
use driftless_tests::live::{Person, person};
use driftless_tests::tree::Tree;
use shared::ids::{ConflictId, ItemId};
use shared::protocol::conflicts::{Choice, Conflict, NewConflict, Resolve};
use shared::protocol::items::Item;
use shared::protocol::paths;
use shared::protocol::problem::Problem;

fn new_conflict(bytes: &[u8]) -> NewConflict {
    NewConflict {
        operation_id: operation_id(),
        id: conflict_id(),
        base_version: 1,
        content: manifest(bytes),
    }
}

/// A file at version 2, and a second device whose edit of version 1 lost.
struct Quarrel {
    ann: Person,
    phone: Client,
    file: Item,
    conflict: Conflict,
}

fn quarrel() -> Quarrel {
    let ann = person();
    let phone = ann.second_device("Phone");
    let made = ann.client.put_file(None, "file.txt", b"base").unwrap();
    let file = ann.client.put_version(made.item.id, 1, b"theirs").unwrap();
    let refused = phone.put_version(made.item.id, 1, b"mine").unwrap_err();
    assert!(matches!(refused.problem(), Problem::VersionConflict { .. }));
    phone.store_blocks(&[b"mine"]).unwrap();
    let conflict = phone
        .new_conflict(made.item.id, &new_conflict(b"mine"))
        .unwrap();
    Quarrel {
        ann,
        phone,
        file: file.item,
        conflict,
    }
}

fn head(client: &Client, file: ItemId) -> u64 {
    let tree = Tree::of(client).unwrap();
    tree.items[&file].file.as_ref().unwrap().version
}

/// nextcloud/desktop#1928: the copy never reached the server. #2436, #8114 of
/// syncthing: no list of conflicts.
#[test]
#[ignore = "needs a running server: npm test starts one"]
fn the_side_that_came_second_is_on_the_server_for_every_device() {
    let q = quarrel();
    assert_eq!(q.conflict.item, q.file.id);
    assert_eq!(q.conflict.base_version, 1);
    assert_eq!(q.conflict.size, 4);
    assert_eq!(q.conflict.committed.device_name, "Phone");
    assert_eq!(q.conflict.committed.user_name, q.ann.name);
    assert_eq!(q.conflict.resolved, None);
    // In the list and in the feed, also of a device that starts from nothing.
    let listed = q.ann.client.conflicts().unwrap();
    assert_eq!(listed, std::slice::from_ref(&q.conflict));
    let tree = Tree::of(&q.ann.client).unwrap();
    assert_eq!(tree.conflicts[&q.conflict.id], q.conflict);
    assert_eq!(q.ann.client.conflict(q.conflict.id).unwrap(), q.conflict);
    // Both sides and their base.
    let read = |version| q.ann.client.content(q.file.id, version).unwrap();
    assert_eq!(read(None), b"theirs");
    assert_eq!(read(Some(1)), b"base");
    assert_eq!(
        q.ann.client.conflict_content(q.conflict.id).unwrap(),
        b"mine"
    );
    assert_eq!(head(&q.phone, q.file.id), 2, "the first version won");
}

#[test]
#[ignore = "needs a running server: npm test starts one"]
fn a_conflict_is_told_by_the_feed_when_it_comes_and_when_it_goes() {
    let ann = person();
    let file = ann.client.put_file(None, "file", b"base").unwrap().item.id;
    ann.client.put_version(file, 1, b"theirs").unwrap();
    let mut tree = Tree::of(&ann.client).unwrap();
    ann.client.store_blocks(&[b"mine"]).unwrap();
    let conflict = ann
        .client
        .new_conflict(file, &new_conflict(b"mine"))
        .unwrap();
    tree.pull(&ann.client, None).unwrap();
    assert_eq!(tree.conflicts[&conflict.id], conflict);
    ann.client
        .resolve(conflict.id, 2, Choice::KeepTheirs)
        .unwrap();
    let pulled = tree.pull(&ann.client, None).unwrap();
    assert_eq!(pulled.resets, 0);
    let resolved = tree.conflicts[&conflict.id].resolved.clone().unwrap();
    assert_eq!(resolved.choice, Choice::KeepTheirs);
    assert!(ann.client.conflicts().unwrap().is_empty());
}

#[test]
#[ignore = "needs a running server: npm test starts one"]
fn keep_theirs_leaves_the_file_as_it_is() {
    let q = quarrel();
    q.phone
        .resolve(q.conflict.id, 2, Choice::KeepTheirs)
        .unwrap();
    assert_eq!(head(&q.phone, q.file.id), 2);
    assert_eq!(q.phone.content(q.file.id, None).unwrap(), b"theirs");
    assert!(q.phone.conflicts().unwrap().is_empty());
}

#[test]
#[ignore = "needs a running server: npm test starts one"]
fn keep_mine_makes_the_next_version() {
    let q = quarrel();
    q.phone.resolve(q.conflict.id, 2, Choice::KeepMine).unwrap();
    let tree = Tree::of(&q.ann.client).unwrap();
    let head = tree.items[&q.file.id].file.clone().unwrap();
    assert_eq!((head.version, head.size), (3, 4));
    assert_eq!(q.phone.content(q.file.id, None).unwrap(), b"mine");
    assert_eq!(q.phone.content(q.file.id, Some(2)).unwrap(), b"theirs");
    assert!(q.phone.conflicts().unwrap().is_empty());
    // From there on it is a version like any other.
    q.ann.client.put_version(q.file.id, 3, b"next").unwrap();
}

#[test]
#[ignore = "needs a running server: npm test starts one"]
fn keep_both_makes_a_file_beside_it() {
    let q = quarrel();
    let copy_id = item_id();
    let copy_name = q.file.name.conflicted_copy("Phone", "2026-11-23", 1);
    let choice = Choice::KeepBoth {
        copy_id,
        copy_name: copy_name.clone(),
    };
    q.phone.resolve(q.conflict.id, 2, choice.clone()).unwrap();
    let tree = Tree::of(&q.ann.client).unwrap();
    let copy = &tree.items[&copy_id];
    assert_eq!(copy.name, copy_name);
    assert_eq!(copy.parent, q.file.parent);
    assert_eq!(copy.file.as_ref().unwrap().version, 1);
    assert_eq!(q.phone.content(copy_id, None).unwrap(), b"mine");
    assert_eq!(q.phone.content(q.file.id, None).unwrap(), b"theirs");
    assert_eq!(head(&q.phone, q.file.id), 2);
    let conflict = q.phone.conflict(q.conflict.id).unwrap();
    assert_eq!(conflict.resolved.unwrap().choice, choice);
}

#[test]
#[ignore = "needs a running server: npm test starts one"]
fn a_copys_name_that_is_taken_is_refused_and_the_conflict_stays_open() {
    let q = quarrel();
    let taken = q
        .ann
        .client
        .new_empty_file(None, "COPY.txt")
        .unwrap()
        .item
        .id;
    let choice = |text: &str| Choice::KeepBoth {
        copy_id: item_id(),
        copy_name: name(text),
    };
    let refused = q.phone.resolve(q.conflict.id, 2, choice("copy.txt"));
    assert_eq!(
        refused.unwrap_err().problem(),
        Problem::NameTaken { item: taken }
    );
    assert_eq!(q.phone.conflicts().unwrap().len(), 1);
    q.phone
        .resolve(q.conflict.id, 2, choice("copy 2.txt"))
        .unwrap();
}

#[test]
#[ignore = "needs a running server: npm test starts one"]
fn a_choice_made_without_seeing_the_head_is_refused() {
    let q = quarrel();
    q.ann.client.put_version(q.file.id, 2, b"third").unwrap();
    let copy = Choice::KeepBoth {
        copy_id: item_id(),
        copy_name: name("copy"),
    };
    for choice in [Choice::KeepMine, Choice::KeepTheirs, copy] {
        let refused = q.phone.resolve(q.conflict.id, 2, choice.clone());
        match refused.unwrap_err().problem() {
            Problem::VersionConflict {
                current_version, ..
            } => assert_eq!(current_version, 3),
            other => panic!("{choice:?}: {other:?}"),
        }
    }
    assert_eq!(q.phone.content(q.file.id, None).unwrap(), b"third");
    assert_eq!(q.phone.conflicts().unwrap().len(), 1);
    q.phone.resolve(q.conflict.id, 3, Choice::KeepMine).unwrap();
    assert_eq!(head(&q.phone, q.file.id), 4);
}

#[test]
#[ignore = "needs a running server: npm test starts one"]
fn a_conflict_is_resolved_once() {
    let q = quarrel();
    let resolve = Resolve {
        operation_id: operation_id(),
        seen_version: 2,
        choice: Choice::KeepMine,
    };
    let path = paths::resolve(q.conflict.id);
    let send = |resolve: &Resolve| q.phone.send_json("POST", &path, resolve).unwrap();
    let first = send(&resolve);
    assert!((200..300).contains(&first.status), "{first:?}");
    // A repeat is answered alike; another choice comes too late.
    let repeat = send(&resolve);
    assert_eq!((repeat.status, repeat.body), (first.status, first.body));
    assert_eq!(head(&q.phone, q.file.id), 3, "one new version, not two");
    for (seen_version, choice) in [(2, Choice::KeepTheirs), (3, Choice::KeepMine)] {
        let late = Resolve {
            operation_id: operation_id(),
            seen_version,
            choice,
        };
        assert_eq!(send(&late).problem(), Problem::AlreadyResolved);
    }
}

#[test]
#[ignore = "needs a running server: npm test starts one"]
fn two_choices_at_once_are_one() {
    let q = quarrel();
    let (one, other) = std::thread::scope(|scope| {
        let one = scope.spawn(|| q.phone.resolve(q.conflict.id, 2, Choice::KeepMine));
        let other = scope.spawn(|| q.ann.client.resolve(q.conflict.id, 2, Choice::KeepTheirs));
        (one.join().unwrap(), other.join().unwrap())
    });
    assert!(one.is_ok() != other.is_ok(), "{one:?} and {other:?}");
    let version = if one.is_ok() { 3 } else { 2 };
    assert_eq!(head(&q.phone, q.file.id), version);
}

#[test]
#[ignore = "needs a running server: npm test starts one"]
fn a_repeated_conflict_is_one() {
    let ann = person();
    let file = ann.client.put_file(None, "file", b"base").unwrap().item.id;
    ann.client.put_version(file, 1, b"theirs").unwrap();
    ann.client.store_blocks(&[b"mine"]).unwrap();
    let conflict = new_conflict(b"mine");
    let first = ann.client.new_conflict(file, &conflict).unwrap();
    assert_eq!(ann.client.new_conflict(file, &conflict).unwrap(), first);
    assert_eq!(ann.client.conflicts().unwrap().len(), 1);
    let mut other = new_conflict(b"theirs");
    other.id = conflict.id;
    assert_eq!(
        ann.client.new_conflict(file, &other).unwrap_err().problem(),
        Problem::IdTaken
    );
}

#[test]
#[ignore = "needs a running server: npm test starts one"]
fn a_conflict_needs_its_blocks_and_its_file() {
    let ann = person();
    let file = ann.client.put_file(None, "file", b"base").unwrap().item.id;
    ann.client.put_version(file, 1, b"theirs").unwrap();
    let bytes = driftless_tests::random::unseen_bytes(100);
    let refused = ann.client.new_conflict(file, &new_conflict(&bytes));
    assert!(matches!(
        refused.unwrap_err().problem(),
        Problem::BlocksMissing { .. }
    ));
    let folder = ann.client.new_folder(None, "folder").unwrap().item.id;
    let refused = ann.client.new_conflict(folder, &new_conflict(b"base"));
    assert_eq!(refused.unwrap_err().problem(), Problem::NotAFile);
    let nobody = ConflictId::from_random([1; 16]);
    let refused = ann.client.resolve(nobody, 1, Choice::KeepMine);
    assert_eq!(refused.unwrap_err().problem(), Problem::NoSuchConflict);
    let refused = ann.client.conflict_content(nobody);
    assert_eq!(refused.unwrap_err().problem(), Problem::NoSuchConflict);
}

/// What a conflict's content refers to is served as carefully as any file's.
#[test]
#[ignore = "needs a running server: npm test starts one"]
fn a_conflicts_content_cannot_run_in_the_apps_origin() {
    let q = quarrel();
    let reply = q
        .phone
        .get(&paths::conflict_content(q.conflict.id))
        .unwrap()
        .success()
        .unwrap();
    assert!(reply.header("content-security-policy").contains("sandbox"));
    assert_eq!(reply.header("x-content-type-options"), "nosniff");
    assert!(
        reply
            .header("content-disposition")
            .starts_with("attachment")
    );
}

/// Several devices may lose against one head, and each is heard.
#[test]
#[ignore = "needs a running server: npm test starts one"]
fn several_conflicts_of_one_file() {
    let q = quarrel();
    q.phone.store_blocks(&[b"another"]).unwrap();
    let second = q
        .phone
        .new_conflict(q.file.id, &new_conflict(b"another"))
        .unwrap();
    assert_eq!(q.phone.conflicts().unwrap().len(), 2);
    q.phone.resolve(q.conflict.id, 2, Choice::KeepMine).unwrap();
    let left = q.phone.conflicts().unwrap();
    assert_eq!(left, std::slice::from_ref(&second));
    q.phone.resolve(second.id, 3, Choice::KeepMine).unwrap();
    assert_eq!(q.phone.content(q.file.id, None).unwrap(), b"another");
    assert_eq!(q.phone.content(q.file.id, Some(3)).unwrap(), b"mine");
}
