//! 1. deduplication never crosses users, and a hash gives no bytes
//! 2. what is somebody else's does not exist

use crate::client::{change_trashed, commit_of, item_id, manifest, new_file};
use crate::drive::{Drive, Site, change_place, new_conflict, new_folder, proposal};
use crate::random;
use crate::tree::Tree;
use blocks::hash::BlockHash;
use protocol::conflicts::Choice;
use protocol::problem::Problem;

/// Deduplication across users told elsewhere whether somebody has a file
/// (Harnik 2010), and knowing a hash gave the file (Dropship 2011).
pub fn deduplication_never_crosses_users(site: &impl Site) {
    let (ann, bob) = (site.person(), site.person());
    let bytes = random::unseen_bytes(700_000);
    ann.put_file(None, "secret", &bytes).unwrap();
    let hashes: Vec<BlockHash> = manifest(&bytes).blocks.iter().map(|b| b.hash).collect();
    let own = bob.new_empty_file(None, "own").unwrap().item.id;
    let answer = bob.propose(own, &proposal(1, hashes.clone())).unwrap();
    assert_eq!(answer.missing_blocks, hashes, "all of them");
    for &hash in &hashes {
        assert!(ann.block(hash).is_ok());
        assert_eq!(bob.block(hash).unwrap_err(), Problem::NoSuchBlock);
    }
    let made = bob.create_file(&new_file(None, "claimed", Some(manifest(&bytes))));
    let missing_blocks = hashes;
    assert_eq!(made.unwrap_err(), Problem::BlocksMissing { missing_blocks });

    let stored = bob.store(&[&bytes[..1_000]]).unwrap();
    assert_eq!((stored.stored, stored.already_stored), (1, 0));
    bob.put_file(None, "same", &bytes).unwrap();
    assert_eq!(bob.used(), bytes.len() as u64 + 1_000, "it counts in full");
}

pub fn what_is_anothers_does_not_exist(site: &impl Site) {
    let (ann, bob) = (site.person(), site.person());
    let file = ann.put_file(None, "secret", b"base").unwrap().item.id;
    let theirs = ann.put_version(file, 1, b"theirs").unwrap().item;
    ann.store(&[b"mine"]).unwrap();
    let conflict = ann.keep_conflict(file, &new_conflict(b"mine")).unwrap();
    let own = bob.new_empty_file(None, "own").unwrap().item;
    let before = Tree::of(&ann).unwrap();

    for id in [file, item_id()] {
        let no_item = |what: &str, answer: Result<(), Problem>| {
            assert_eq!(answer.unwrap_err(), Problem::NoSuchItem, "{what}");
        };
        no_item("content", bob.content(id, None).map(drop));
        no_item("version", bob.content(id, Some(1)).map(drop));
        no_item("manifest", bob.manifest(id, 1).map(drop));
        no_item("item", bob.item(id).map(drop));
        no_item("propose", bob.propose(id, &proposal(2, vec![])).map(drop));
        no_item("commit", bob.commit(id, &commit_of(2, b"")).map(drop));
        let place = change_place(&theirs, None, "mine now");
        no_item("rename", bob.change_place(id, &place).map(drop));
        no_item("trash", bob.trash(id, &change_trashed(&theirs)).map(drop));
        let restored = bob.restore(id, &change_trashed(&theirs));
        no_item("restore", restored.map(drop));
        let kept = bob.keep_conflict(id, &new_conflict(b""));
        no_item("conflict", kept.map(drop));
        let folder = new_folder(Some(id), "inside");
        no_item("folder", bob.create_folder(&folder).map(drop));
        let inside = new_file(Some(id), "inside", None);
        no_item("file", bob.create_file(&inside).map(drop));
        no_item("move", bob.move_to(&own, Some(id), "x").map(drop));
    }
    let refused = [
        bob.conflict(conflict.id).map(drop),
        bob.conflict_content(conflict.id).map(drop),
        bob.choose(conflict.id, 2, Choice::KeepMine).map(drop),
    ];
    assert_eq!(refused, [(); 3].map(|()| Err(Problem::NoSuchConflict)));
    assert!(bob.conflicts().unwrap().is_empty());
    assert_eq!(Tree::of(&bob).unwrap().items.len(), 1);
    assert_eq!(Tree::of(&ann).unwrap(), before);
}
