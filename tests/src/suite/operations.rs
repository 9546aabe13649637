//! 1. after a change is acknowledged no read path answers with the older state
//! 2. a repeat of an operation is answered with the first answer and writes nothing
//! 3. an operation id is good for one request
//! 4. repeats that come late or out of order change nothing

use crate::client::{change_trashed, commit_of, manifest, name, new_file};
use crate::drive::{Answered, Drive, Site, change_place, new_folder, proposal};
use crate::tree::Tree;
use protocol::accounts::Space;
use protocol::files::Commit;
use protocol::ids::ItemId;
use protocol::items::ItemChanged;
use protocol::problem::Problem;

/// Uploads what a commit needs, so that only the commit itself is left to do.
fn prepared(drive: &impl Drive, base: u64, bytes: &[u8]) -> Commit {
    drive.store(&[bytes]).unwrap();
    commit_of(base, bytes)
}

/// A write invalidates every cache by changing the key.
pub fn after_a_commit_no_read_returns_the_older_version(site: &impl Site) {
    let ann = site.person();
    let reader = site.second_device(&ann, "reader");
    let file = ann.put_file(None, "file", b"version 1").unwrap().item.id;
    let mut tree = Tree::of(&reader).unwrap();
    for base in 1..=10 {
        let bytes = format!("version {}", base + 1).into_bytes();
        let commit = prepared(&ann, base, &bytes);
        let changed = ann.commit(file, &commit).unwrap();
        let version = base + 1;
        // Every path, by another device, at once.
        assert_eq!(reader.content(file, None).unwrap(), bytes);
        assert_eq!(reader.content(file, Some(version)).unwrap(), bytes);
        let list = reader.manifest(file, version).unwrap();
        assert_eq!(list.blocks, commit.content.blocks);
        assert_eq!(reader.item(file).unwrap(), changed.item);
        tree.pull(&reader, None).unwrap();
        assert_eq!(tree.items[&file], changed.item);
        assert_eq!(Tree::of(&reader).unwrap().items[&file], changed.item);
        for drive in [&ann, &reader] {
            match drive.propose(file, &proposal(base, vec![])) {
                Err(Problem::VersionConflict {
                    current_version, ..
                }) => {
                    assert_eq!(current_version, version);
                }
                other => panic!("{other:?}"),
            }
        }
        assert!(reader.propose(file, &proposal(version, vec![])).is_ok());
    }
}

/// What a repeat must leave alone: the feed's end, the tree and the space used.
fn state(drive: &impl Drive) -> (Tree, Space) {
    (Tree::of(drive).unwrap(), drive.space().unwrap())
}

/// Sends the same request twice more; the answers must equal the first one and
/// nothing may have been written.
fn repeats_are_answered_alike(
    drive: &impl Drive,
    what: &str,
    send: impl Fn() -> Answered<ItemChanged>,
) -> ItemChanged {
    let first = send().unwrap_or_else(|refused| panic!("{what}: {refused:?}"));
    let before = state(drive);
    for _ in 0..2 {
        let repeat = send().unwrap_or_else(|refused| panic!("{what}, repeated: {refused:?}"));
        assert_eq!(repeat, first, "{what}");
    }
    assert_eq!(state(drive), before, "{what}");
    first
}

pub fn a_repeated_operation_returns_the_first_answer_and_writes_nothing(site: &impl Site) {
    let ann = &site.person();
    let new = new_folder(None, "folder");
    let folder = repeats_are_answered_alike(ann, "new folder", || ann.create_folder(&new));

    ann.store(&[b"first"]).unwrap();
    let file = new_file(None, "file", Some(manifest(b"first")));
    let made = repeats_are_answered_alike(ann, "new file", || ann.create_file(&file));
    let id = made.item.id;

    let commit = prepared(ann, 1, b"second");
    repeats_are_answered_alike(ann, "commit", || ann.commit(id, &commit));

    let place = change_place(&made.item, Some(folder.item.id), "renamed");
    let moved = repeats_are_answered_alike(ann, "move", || ann.change_place(id, &place));

    let trash = change_trashed(&moved.item);
    let trashed = repeats_are_answered_alike(ann, "trash", || ann.trash(id, &trash));

    let restore = change_trashed(&trashed.item);
    repeats_are_answered_alike(ann, "restore", || ann.restore(id, &restore));
}

pub fn an_operation_id_is_good_for_one_request(site: &impl Site) {
    let ann = site.person();
    let item = ann.put_file(None, "file", b"base").unwrap().item;
    let commit = prepared(&ann, 1, b"second");
    ann.commit(item.id, &commit).unwrap();
    let other_file = ann.new_empty_file(None, "other").unwrap().item;
    let before = state(&ann);

    let mut other_base = commit.clone();
    other_base.base_version = 2;
    let mut other_content = commit.clone();
    other_content.content = manifest(b"base");
    let mut other_time = commit.clone();
    other_time.content.modified_at_ms = 1.into();
    for (file, commit) in [
        (item.id, &other_base),
        (item.id, &other_content),
        (item.id, &other_time),
        (other_file.id, &commit),
    ] {
        let refused = ann.commit(file, commit).unwrap_err();
        assert_eq!(refused, Problem::OperationReused);
    }
    // Nor for another kind of change.
    let mut folder = new_folder(None, "folder");
    folder.operation_id = commit.operation_id;
    let refused = ann.create_folder(&folder).unwrap_err();
    assert_eq!(refused, Problem::OperationReused);
    assert_eq!(state(&ann), before);

    // The same id in another space is another operation.
    folder.name = name("bob's");
    site.person().create_folder(&folder).unwrap();
}

/// A refused request leaves no trace: its id is still good.
pub fn a_refused_operation_may_be_sent_again(site: &impl Site) {
    let ann = site.person();
    let item = ann.put_file(None, "file", b"base").unwrap().item;
    let commit = commit_of(1, b"not stored yet");
    let refused = ann.commit(item.id, &commit).unwrap_err();
    assert!(matches!(refused, Problem::BlocksMissing { .. }));
    ann.store(&[b"not stored yet"]).unwrap();
    let changed = ann.commit(item.id, &commit).unwrap();
    assert_eq!(changed.item.file.unwrap().version, 2);
}

/// The network keeps copies and delivers them late, in any order.
pub fn late_and_reordered_repeats_change_nothing(site: &impl Site) {
    let ann = site.person();
    let item = ann.put_file(None, "file", b"version 1").unwrap().item;
    let content = |base: u64| format!("version {}", base + 1).into_bytes();
    let commits: Vec<Commit> = (1..=5)
        .map(|base| prepared(&ann, base, &content(base)))
        .collect();
    let answers: Vec<ItemChanged> = commits
        .iter()
        .map(|commit| ann.commit(item.id, commit).unwrap())
        .collect();
    let before = state(&ann);
    for i in [4, 0, 2, 2, 1, 3, 0] {
        let repeat = ann.commit(item.id, &commits[i]).unwrap();
        assert_eq!(repeat, answers[i]);
    }
    assert_eq!(state(&ann), before);
    assert_eq!(ann.content(item.id, None).unwrap(), b"version 6");
}

/// A new id for the same intention is refused by what it meets, not repeated.
pub fn an_item_id_is_used_once(site: &impl Site) {
    let ann = site.person();
    let folder = ann.new_folder(None, "folder").unwrap().item;
    let mut again = new_file(None, "other name", None);
    again.id = folder.id;
    assert_eq!(ann.create_file(&again).unwrap_err(), Problem::IdTaken);
    // Ids that clients choose do not collide across spaces, and tell nothing.
    site.person().create_file(&again).unwrap();
    let own: Vec<ItemId> = Tree::of(&ann).unwrap().items.into_keys().collect();
    assert_eq!(own, [folder.id]);
}
