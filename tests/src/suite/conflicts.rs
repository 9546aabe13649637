//! 1. a version that came second is kept, listed and told to every device
//! 2. both sides' bytes are readable
//! 3. it is resolved in each of three ways, once, by somebody who saw the head

use crate::client::{item_id, name};
use crate::drive::{Drive, Site, new_conflict, resolve};
use crate::random;
use crate::tree::Tree;
use shared::ids::{ConflictId, ItemId};
use shared::protocol::conflicts::{Choice, Conflict};
use shared::protocol::items::Item;
use shared::protocol::problem::Problem;

/// A file at version 2, and a second device whose edit of version 1 lost.
struct Quarrel<D> {
    laptop: D,
    phone: D,
    file: Item,
    conflict: Conflict,
}

fn quarrel<S: Site>(site: &S) -> Quarrel<S::Drive> {
    let laptop = site.person();
    let phone = site.second_device(&laptop, "Phone");
    let file = laptop.put_file(None, "file.txt", b"base").unwrap().item.id;
    let theirs = laptop.put_version(file, 1, b"theirs").unwrap().item;
    let refused = phone.put_version(file, 1, b"mine").unwrap_err();
    assert!(matches!(refused, Problem::VersionConflict { .. }));
    phone.store(&[b"mine"]).unwrap();
    let conflict = phone.keep_conflict(file, &new_conflict(b"mine")).unwrap();
    Quarrel {
        laptop,
        phone,
        file: theirs,
        conflict,
    }
}

fn head(drive: &impl Drive, file: ItemId) -> u64 {
    drive.item(file).unwrap().file.unwrap().version
}

/// nextcloud/desktop#1928: the copy never reached the server. #2436, #8114 of
/// syncthing: no list of conflicts.
pub fn the_side_that_came_second_is_on_the_server_for_every_device(site: &impl Site) {
    let q = quarrel(site);
    assert_eq!(q.conflict.item, q.file.id);
    assert_eq!(q.conflict.base_version, 1);
    assert_eq!(q.conflict.size, 4);
    assert_eq!(q.conflict.committed.device_name, "Phone");
    assert_eq!(q.conflict.committed.user_name, q.laptop.user_name());
    assert_eq!(q.conflict.resolved, None);
    // In the list and in the feed, also of a device that starts from nothing.
    let listed = q.laptop.conflicts().unwrap();
    assert_eq!(listed, std::slice::from_ref(&q.conflict));
    let tree = Tree::of(&q.laptop).unwrap();
    assert_eq!(tree.conflicts[&q.conflict.id], q.conflict);
    assert_eq!(q.laptop.conflict(q.conflict.id).unwrap(), q.conflict);
    // Both sides and their base.
    let read = |version| q.laptop.content(q.file.id, version).unwrap();
    assert_eq!(read(None), b"theirs");
    assert_eq!(read(Some(1)), b"base");
    assert_eq!(q.laptop.conflict_content(q.conflict.id).unwrap(), b"mine");
    assert_eq!(head(&q.phone, q.file.id), 2, "the first version won");
}

pub fn a_conflict_is_told_by_the_feed_when_it_comes_and_when_it_goes(site: &impl Site) {
    let ann = site.person();
    let file = ann.put_file(None, "file", b"base").unwrap().item.id;
    ann.put_version(file, 1, b"theirs").unwrap();
    let mut tree = Tree::of(&ann).unwrap();
    ann.store(&[b"mine"]).unwrap();
    let conflict = ann.keep_conflict(file, &new_conflict(b"mine")).unwrap();
    tree.pull(&ann, None).unwrap();
    assert_eq!(tree.conflicts[&conflict.id], conflict);
    ann.choose(conflict.id, 2, Choice::KeepTheirs).unwrap();
    let pulled = tree.pull(&ann, None).unwrap();
    assert_eq!(pulled.resets, 0);
    let resolved = tree.conflicts[&conflict.id].resolved.clone().unwrap();
    assert_eq!(resolved.choice, Choice::KeepTheirs);
    assert!(ann.conflicts().unwrap().is_empty());
}

pub fn keep_theirs_leaves_the_file_as_it_is(site: &impl Site) {
    let q = quarrel(site);
    q.phone
        .choose(q.conflict.id, 2, Choice::KeepTheirs)
        .unwrap();
    assert_eq!(head(&q.phone, q.file.id), 2);
    assert_eq!(q.phone.content(q.file.id, None).unwrap(), b"theirs");
    assert!(q.phone.conflicts().unwrap().is_empty());
}

pub fn keep_mine_makes_the_next_version(site: &impl Site) {
    let q = quarrel(site);
    q.phone.choose(q.conflict.id, 2, Choice::KeepMine).unwrap();
    let tree = Tree::of(&q.laptop).unwrap();
    let head = tree.items[&q.file.id].file.clone().unwrap();
    assert_eq!((head.version, head.size), (3, 4));
    assert_eq!(q.phone.content(q.file.id, None).unwrap(), b"mine");
    assert_eq!(q.phone.content(q.file.id, Some(2)).unwrap(), b"theirs");
    assert!(q.phone.conflicts().unwrap().is_empty());
    // From there on it is a version like any other.
    q.laptop.put_version(q.file.id, 3, b"next").unwrap();
}

pub fn keep_both_makes_a_file_beside_it(site: &impl Site) {
    let q = quarrel(site);
    let copy_id = item_id();
    let copy_name = q.file.name.conflicted_copy("Phone", "2026-11-23", 1);
    let choice = Choice::KeepBoth {
        copy_id,
        copy_name: copy_name.clone(),
    };
    q.phone.choose(q.conflict.id, 2, choice.clone()).unwrap();
    let tree = Tree::of(&q.laptop).unwrap();
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

pub fn a_copys_name_that_is_taken_is_refused_and_the_conflict_stays_open(site: &impl Site) {
    let q = quarrel(site);
    let taken = q.laptop.new_empty_file(None, "COPY.txt").unwrap().item.id;
    let choice = |text: &str| Choice::KeepBoth {
        copy_id: item_id(),
        copy_name: name(text),
    };
    let refused = q.phone.choose(q.conflict.id, 2, choice("copy.txt"));
    assert_eq!(refused.unwrap_err(), Problem::NameTaken { item: taken });
    assert_eq!(q.phone.conflicts().unwrap().len(), 1);
    q.phone
        .choose(q.conflict.id, 2, choice("copy 2.txt"))
        .unwrap();
}

pub fn a_choice_made_without_seeing_the_head_is_refused(site: &impl Site) {
    let q = quarrel(site);
    q.laptop.put_version(q.file.id, 2, b"third").unwrap();
    let copy = Choice::KeepBoth {
        copy_id: item_id(),
        copy_name: name("copy"),
    };
    for choice in [Choice::KeepMine, Choice::KeepTheirs, copy] {
        match q.phone.choose(q.conflict.id, 2, choice.clone()) {
            Err(Problem::VersionConflict {
                current_version, ..
            }) => {
                assert_eq!(current_version, 3);
            }
            other => panic!("{choice:?}: {other:?}"),
        }
    }
    assert_eq!(q.phone.content(q.file.id, None).unwrap(), b"third");
    assert_eq!(q.phone.conflicts().unwrap().len(), 1);
    q.phone.choose(q.conflict.id, 3, Choice::KeepMine).unwrap();
    assert_eq!(head(&q.phone, q.file.id), 4);
}

pub fn a_conflict_is_resolved_once(site: &impl Site) {
    let q = quarrel(site);
    let send = |resolve: &_| q.phone.resolve(q.conflict.id, resolve);
    let choice = resolve(2, Choice::KeepMine);
    let first = send(&choice).unwrap();
    // A repeat is answered alike; another choice comes too late.
    assert_eq!(send(&choice).unwrap(), first);
    assert_eq!(head(&q.phone, q.file.id), 3, "one new version, not two");
    for late in [resolve(2, Choice::KeepTheirs), resolve(3, Choice::KeepMine)] {
        assert_eq!(send(&late).unwrap_err(), Problem::AlreadyResolved);
    }
}

pub fn a_repeated_conflict_is_one(site: &impl Site) {
    let ann = site.person();
    let file = ann.put_file(None, "file", b"base").unwrap().item.id;
    ann.put_version(file, 1, b"theirs").unwrap();
    ann.store(&[b"mine"]).unwrap();
    let conflict = new_conflict(b"mine");
    let first = ann.keep_conflict(file, &conflict).unwrap();
    assert_eq!(ann.keep_conflict(file, &conflict).unwrap(), first);
    assert_eq!(ann.conflicts().unwrap().len(), 1);
    let mut other = new_conflict(b"theirs");
    other.id = conflict.id;
    let refused = ann.keep_conflict(file, &other).unwrap_err();
    assert_eq!(refused, Problem::IdTaken);
}

pub fn a_conflict_needs_its_blocks_and_its_file(site: &impl Site) {
    let ann = site.person();
    let file = ann.put_file(None, "file", b"base").unwrap().item.id;
    // Nothing conflicts with the head.
    let refused = ann.keep_conflict(file, &new_conflict(b"base"));
    assert!(matches!(refused, Err(Problem::BadRequest { .. })));
    ann.put_version(file, 1, b"theirs").unwrap();
    let unseen = random::unseen_bytes(100);
    let refused = ann.keep_conflict(file, &new_conflict(&unseen));
    assert!(matches!(refused, Err(Problem::BlocksMissing { .. })));
    let folder = ann.new_folder(None, "folder").unwrap().item.id;
    let refused = ann.keep_conflict(folder, &new_conflict(b"base"));
    assert_eq!(refused.unwrap_err(), Problem::NotAFile);
    let nobody = ConflictId::from_random([1; 16]);
    let refused = ann.choose(nobody, 1, Choice::KeepMine);
    assert_eq!(refused.unwrap_err(), Problem::NoSuchConflict);
    let refused = ann.conflict_content(nobody);
    assert_eq!(refused.unwrap_err(), Problem::NoSuchConflict);
}

/// Several devices may lose against one head, and each is heard.
pub fn several_conflicts_of_one_file(site: &impl Site) {
    let q = quarrel(site);
    q.phone.store(&[b"another"]).unwrap();
    let second = new_conflict(b"another");
    let second = q.phone.keep_conflict(q.file.id, &second).unwrap();
    assert_eq!(q.phone.conflicts().unwrap().len(), 2);
    q.phone.choose(q.conflict.id, 2, Choice::KeepMine).unwrap();
    let left = q.phone.conflicts().unwrap();
    assert_eq!(left, std::slice::from_ref(&second));
    q.phone.choose(second.id, 3, Choice::KeepMine).unwrap();
    assert_eq!(q.phone.content(q.file.id, None).unwrap(), b"another");
    assert_eq!(q.phone.content(q.file.id, Some(3)).unwrap(), b"mine");
}
