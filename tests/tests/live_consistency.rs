//! The strong-consistency rule, against a running server:
//! 1. N writers on one base: one is taken, the others are told by whom
//! 2. after a 200 no read path answers with the older version
//! 3. a repeat of an operation is answered with the first answer and writes nothing
//! 4. an operation id is good for one request
//! 5. repeats that come late or out of order change nothing

use driftless_tests::client::{
    Client, Failure, change_trashed, commit_of, item_id, manifest, new_file, operation_id,
};
use driftless_tests::live::{Person, person};
use driftless_tests::random;
use driftless_tests::tree::Tree;
use shared::ids::ItemId;
use shared::protocol::accounts::Space;
use shared::protocol::files::Commit;
use shared::protocol::items::{ChangePlace, Item, ItemChanged, NewFolder};
use shared::protocol::paths;
use shared::protocol::problem::Problem;
use std::sync::Barrier;
use std::thread;

const WRITERS: usize = 8;

fn with_file(bytes: &[u8]) -> (Person, Item) {
    let ann = person();
    let item = ann.client.put_file(None, "file", bytes).unwrap().item;
    (ann, item)
}

/// Uploads what a commit needs, so that only the commit itself is left to do.
fn prepared(client: &Client, base: u64, bytes: &[u8]) -> Commit {
    client.store_blocks(&[bytes]).unwrap();
    commit_of(base, bytes)
}

/// All at once, each in a thread of its own.
fn at_once<T: Send>(
    writers: &[Client],
    write: impl Fn(usize, &Client) -> Result<T, Failure> + Sync,
) -> Vec<Result<T, Failure>> {
    let barrier = Barrier::new(writers.len());
    thread::scope(|scope| {
        let threads: Vec<_> = writers
            .iter()
            .enumerate()
            .map(|(i, client)| {
                let (barrier, write) = (&barrier, &write);
                scope.spawn(move || {
                    barrier.wait();
                    write(i, client)
                })
            })
            .collect();
        threads
            .into_iter()
            .map(|thread| thread.join().expect("a writer panicked"))
            .collect()
    })
}

/// nextcloud/desktop#225.
#[test]
#[ignore = "needs a running server: npm test starts one"]
fn a_second_writer_never_overwrites_the_first() {
    let (ann, item) = with_file(b"base");
    let writers: Vec<Client> = (0..WRITERS)
        .map(|i| ann.second_device(&format!("writer {i}")))
        .collect();
    for base in 1..=5 {
        let commits: Vec<Commit> = (0..WRITERS)
            .map(|i| prepared(&ann.client, base, format!("{base} by {i}").as_bytes()))
            .collect();
        let answers = at_once(&writers, |i, client| client.commit(item.id, &commits[i]));
        let winners: Vec<usize> = (0..WRITERS).filter(|&i| answers[i].is_ok()).collect();
        assert_eq!(winners.len(), 1, "base {base}: {answers:?}");
        let winner = winners[0];
        for (i, answer) in answers.into_iter().enumerate() {
            match answer {
                Ok(changed) => assert_eq!(changed.item.file.unwrap().version, base + 1),
                Err(Failure::Refused { status, body }) => {
                    assert_eq!(status, 409, "writer {i}");
                    let Problem::VersionConflict {
                        current_version,
                        committed,
                    } = body.problem
                    else {
                        panic!("writer {i}: {body:?}");
                    };
                    assert_eq!(current_version, base + 1);
                    assert_eq!(committed.device_name, format!("writer {winner}"));
                    assert_eq!(committed.user_name, ann.name);
                    assert!(committed.at_ms > 0);
                }
                Err(other) => panic!("writer {i}: {other}"),
            }
        }
        assert_eq!(
            ann.client.content(item.id, None).unwrap(),
            format!("{base} by {winner}").as_bytes()
        );
    }
    // Nobody's version was lost on the way.
    for version in 1..=6 {
        ann.client.content(item.id, Some(version)).unwrap();
    }
}

#[test]
#[ignore = "needs a running server: npm test starts one"]
fn one_of_many_takes_a_name() {
    let ann = person();
    let writers = vec![ann.client.clone(); WRITERS];
    let answers = at_once(&writers, |_, client| client.new_empty_file(None, "same"));
    let made: Vec<&ItemChanged> = answers.iter().flatten().collect();
    assert_eq!(made.len(), 1, "{answers:?}");
    let winner = made[0].item.id;
    for answer in answers {
        if let Err(failure) = answer {
            assert_eq!(failure.problem(), Problem::NameTaken { item: winner });
        }
    }
    assert_eq!(Tree::of(&ann.client).unwrap().items.len(), 1);
}

/// A write invalidates every cache by changing the key.
#[test]
#[ignore = "needs a running server: npm test starts one"]
fn after_a_commit_no_read_returns_the_older_version() {
    let (ann, item) = with_file(b"version 1");
    let reader = ann.second_device("reader");
    let file = item.id;
    let mut tree = Tree::of(&reader).unwrap();
    for base in 1..=20 {
        let bytes = format!("version {}", base + 1).into_bytes();
        let commit = prepared(&ann.client, base, &bytes);
        let changed = ann.client.commit(file, &commit).unwrap();
        let version = base + 1;
        // Every path, by another device, at once.
        assert_eq!(reader.content(file, None).unwrap(), bytes);
        assert_eq!(reader.content(file, Some(version)).unwrap(), bytes);
        assert_eq!(
            reader.manifest(file, version).unwrap().blocks,
            commit.content.blocks
        );
        assert_eq!(reader.item(file).unwrap(), changed.item);
        tree.pull(&reader, None).unwrap();
        assert_eq!(tree.items[&file], changed.item);
        assert_eq!(Tree::of(&reader).unwrap().items[&file], changed.item);
        for client in [&ann.client, &reader] {
            match client.propose(file, base, vec![]).unwrap_err().problem() {
                Problem::VersionConflict {
                    current_version, ..
                } => assert_eq!(current_version, version),
                other => panic!("{other:?}"),
            }
        }
        assert!(reader.propose(file, version, vec![]).is_ok());
    }
}

/// What a repeat must leave alone: the feed's end, the tree and the space used.
fn state(client: &Client) -> (Tree, Space) {
    (Tree::of(client).unwrap(), client.me().unwrap().space)
}

/// Sends the same request twice more; the answers must equal the first one and
/// nothing may have been written.
fn repeats_are_answered_alike(
    client: &Client,
    what: &str,
    send: impl Fn() -> Result<ItemChanged, Failure>,
) -> ItemChanged {
    let first = send().unwrap_or_else(|failure| panic!("{what}: {failure}"));
    let before = state(client);
    for _ in 0..2 {
        let repeat = send().unwrap_or_else(|failure| panic!("{what}, repeated: {failure}"));
        assert_eq!(repeat, first, "{what}");
    }
    assert_eq!(state(client), before, "{what}");
    first
}

#[test]
#[ignore = "needs a running server: npm test starts one"]
fn a_repeated_operation_returns_the_first_answer_and_writes_nothing() {
    let ann = person();
    let client = &ann.client;
    let new_folder = NewFolder {
        operation_id: operation_id(),
        id: item_id(),
        parent: None,
        name: driftless_tests::client::name("folder"),
    };
    let folder = repeats_are_answered_alike(client, "new folder", || {
        client
            .send_json("POST", paths::FOLDERS, &new_folder)?
            .json()
    });

    client.store_blocks(&[b"first"]).unwrap();
    let file = new_file(None, "file", Some(manifest(b"first")));
    let made = repeats_are_answered_alike(client, "new file", || client.new_file(&file));
    let id = made.item.id;

    let commit = prepared(client, 1, b"second");
    repeats_are_answered_alike(client, "commit", || client.commit(id, &commit));

    let change = ChangePlace {
        operation_id: operation_id(),
        base_place_version: 1,
        parent: Some(folder.item.id),
        name: driftless_tests::client::name("renamed"),
    };
    let moved = repeats_are_answered_alike(client, "move", || {
        client.send_json("PATCH", &paths::item(id), &change)?.json()
    });

    let trash = change_trashed(&moved.item);
    let trashed = repeats_are_answered_alike(client, "trash", || {
        client.send_json("POST", &paths::trash(id), &trash)?.json()
    });

    let restore = change_trashed(&trashed.item);
    repeats_are_answered_alike(client, "restore", || {
        client
            .send_json("POST", &paths::restore(id), &restore)?
            .json()
    });
}

#[test]
#[ignore = "needs a running server: npm test starts one"]
fn many_repeats_at_once_commit_once() {
    let (ann, item) = with_file(b"base");
    let writers = vec![ann.client.clone(); WRITERS];
    let commit = prepared(&ann.client, 1, b"second");
    let answers = at_once(&writers, |_, client| client.commit(item.id, &commit));
    let mut changed = answers
        .into_iter()
        .map(|answer| answer.unwrap_or_else(|failure| panic!("a repeat was refused: {failure}")));
    let first = changed.next().unwrap();
    assert!(changed.all(|other| other == first));
    assert_eq!(first.item.file.as_ref().unwrap().version, 2);
    assert_eq!(Tree::of(&ann.client).unwrap().items[&item.id], first.item);
}

#[test]
#[ignore = "needs a running server: npm test starts one"]
fn an_operation_id_is_good_for_one_request() {
    let (ann, item) = with_file(b"base");
    let commit = prepared(&ann.client, 1, b"second");
    ann.client.commit(item.id, &commit).unwrap();
    let other_file = ann.client.new_empty_file(None, "other").unwrap().item;
    let before = state(&ann.client);

    let mut other_base = commit.clone();
    other_base.base_version = 2;
    let mut other_content = commit.clone();
    other_content.content = manifest(b"base");
    let mut other_time = commit.clone();
    other_time.content.modified_at_ms += 1;
    for (file, commit) in [
        (item.id, &other_base),
        (item.id, &other_content),
        (item.id, &other_time),
        (other_file.id, &commit),
    ] {
        let refused = ann.client.commit(file, commit).unwrap_err();
        assert_eq!(refused.problem(), Problem::OperationReused);
    }
    // Nor for another kind of change.
    let mut folder = NewFolder {
        operation_id: commit.operation_id,
        id: item_id(),
        parent: None,
        name: driftless_tests::client::name("folder"),
    };
    let reply = ann
        .client
        .send_json("POST", paths::FOLDERS, &folder)
        .unwrap();
    assert_eq!(reply.problem(), Problem::OperationReused);
    assert_eq!(state(&ann.client), before);

    // The same id in another space is another operation.
    let bob = person();
    folder.name = driftless_tests::client::name("bob's");
    let reply = bob
        .client
        .send_json("POST", paths::FOLDERS, &folder)
        .unwrap();
    assert_eq!(reply.status, 201);
}

/// A refused request leaves no trace: its id is still good.
#[test]
#[ignore = "needs a running server: npm test starts one"]
fn a_refused_operation_may_be_sent_again() {
    let (ann, item) = with_file(b"base");
    let commit = commit_of(1, b"not stored yet");
    let refused = ann.client.commit(item.id, &commit).unwrap_err().problem();
    assert!(matches!(refused, Problem::BlocksMissing { .. }));
    ann.client.store_blocks(&[b"not stored yet"]).unwrap();
    let changed = ann.client.commit(item.id, &commit).unwrap();
    assert_eq!(changed.item.file.unwrap().version, 2);
}

/// The network keeps copies and delivers them late, in any order.
#[test]
#[ignore = "needs a running server: npm test starts one"]
fn late_and_reordered_repeats_change_nothing() {
    let (ann, item) = with_file(b"version 1");
    let commits: Vec<Commit> = (1..=5)
        .map(|base| {
            prepared(
                &ann.client,
                base,
                format!("version {}", base + 1).as_bytes(),
            )
        })
        .collect();
    let answers: Vec<ItemChanged> = commits
        .iter()
        .map(|commit| ann.client.commit(item.id, commit).unwrap())
        .collect();
    let before = state(&ann.client);
    for i in [4, 0, 2, 2, 1, 3, 0] {
        let repeat = ann.client.commit(item.id, &commits[i]).unwrap();
        assert_eq!(repeat, answers[i]);
    }
    assert_eq!(state(&ann.client), before);
    assert_eq!(ann.client.content(item.id, None).unwrap(), b"version 6");
}

/// Blocks may be uploaded twice, at once, in any order.
#[test]
#[ignore = "needs a running server: npm test starts one"]
fn many_uploads_of_one_block_store_it_once() {
    let ann = person();
    let block = random::unseen_bytes(100_000);
    let writers = vec![ann.client.clone(); WRITERS];
    let answers = at_once(&writers, |_, client| client.store_blocks(&[&block]));
    for answer in &answers {
        let answer = answer.as_ref().expect("an upload is no conflict");
        assert_eq!(answer.stored + answer.already_stored, 1);
    }
    assert_eq!(
        ann.client.me().unwrap().space.used_bytes,
        block.len() as u64
    );
    let made = ann.client.put_file(None, "file", &block).unwrap();
    assert!(ann.client.content(made.item.id, None).unwrap() == block);
}

/// A new id for the same intention is refused by what it meets, not repeated.
#[test]
#[ignore = "needs a running server: npm test starts one"]
fn an_item_id_is_used_once() {
    let ann = person();
    let folder = ann.client.new_folder(None, "folder").unwrap().item;
    let mut again = new_file(None, "other name", None);
    again.id = folder.id;
    assert_eq!(
        ann.client.new_file(&again).unwrap_err().problem(),
        Problem::IdTaken
    );
    // Ids that clients choose do not collide across spaces, and tell nothing.
    let bob = person();
    bob.client.new_file(&again).unwrap();
    let own: Vec<ItemId> = Tree::of(&ann.client).unwrap().items.into_keys().collect();
    assert_eq!(own, [folder.id]);
}
