//! Conflicts, against a running server: what the suite's checks can't see.
//! 1. two choices at once are one
//! 2. the content of the side that came second is served like a file's

use driftless_tests::client::{Client, Failure, conflict_id, manifest, operation_id};
use driftless_tests::live::{Person, person};
use driftless_tests::tree::Tree;
use protocol::conflicts::{Choice, Conflict, NewConflict};
use protocol::ids::ItemId;
use protocol::items::Item;
use protocol::paths;
use protocol::problem::Problem;

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

#[test]
#[ignore = "needs a running server: npm test starts one"]
fn two_choices_at_once_are_one() {
    let q = quarrel();
    let (one, other) = std::thread::scope(|scope| {
        let one = scope.spawn(|| q.phone.resolve(q.conflict.id, 2, Choice::KeepMine));
        let other = scope.spawn(|| q.ann.client.resolve(q.conflict.id, 2, Choice::KeepTheirs));
        (one.join().unwrap(), other.join().unwrap())
    });
    let version = if one.is_ok() { 3 } else { 2 };
    let refused: Vec<Problem> = [one.err(), other.err()]
        .into_iter()
        .flatten()
        .map(Failure::problem)
        .collect();
    assert_eq!(refused, [Problem::AlreadyResolved]);
    assert_eq!(head(&q.phone, q.file.id), version);
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
    // And under a name that is not the first's, which follows it.
    assert!(
        reply
            .header("content-disposition")
            .contains("conflicted copy"),
        "{reply:?}"
    );
}
