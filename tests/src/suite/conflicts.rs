//! 1. a version that came second is kept, listed and told to every device
//! 2. both sides' bytes are readable
//! 3. it is resolved in each of four ways, once, by somebody who saw the head
//! 4. a resolution is listed, says who made it, and is taken back

use crate::client::{item_id, manifest, name};
use crate::drive::{Drive, Site, new_conflict, reopen, resolve};
use crate::random;
use crate::tree::Tree;
use blocks::manifest::Manifest;
use protocol::conflicts::{Choice, Chosen, Conflict, Resolve};
use protocol::content::{Base, Content, Spliced};
use protocol::ids::{ConflictId, ItemId, Version};
use protocol::items::Item;
use protocol::problem::Problem;

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
    assert_eq!(resolved.choice, Chosen::KeepTheirs);
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
    assert_eq!(conflict.resolved.unwrap().choice, choice.chosen());
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
    for choice in [Choice::KeepMine, Choice::KeepTheirs, copy, merged(b"base")] {
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

fn merged(bytes: &[u8]) -> Choice {
    Choice::Merged {
        content: manifest(bytes).into(),
    }
}

/// A content as splices of a version of the file.
fn spliced(q: &Quarrel<impl Drive>, content: &Manifest, version: Version) -> Choice {
    let list = q.phone.manifest(q.file.id, 2).unwrap().blocks;
    let base = Base {
        item: q.file.id,
        version,
    };
    Choice::Merged {
        content: Content::Spliced(Spliced::of(content, base, &list)),
    }
}

/// Whole, or as splices: the same operation.
pub fn a_merged_content_has_both_forms(site: &impl Site) {
    let q = quarrel(site);
    let content = manifest(b"base");
    let refused = q.phone.choose(q.conflict.id, 2, spliced(&q, &content, 9));
    assert_eq!(refused.unwrap_err(), Problem::NoSuchBase);
    let choice = resolve(2, spliced(&q, &content, 2));
    let resolved = q.phone.resolve(q.conflict.id, &choice).unwrap();
    assert_eq!(q.phone.content(q.file.id, None).unwrap(), b"base");
    let whole = Resolve {
        choice: merged(b"base"),
        ..choice.clone()
    };
    assert_eq!(q.phone.resolve(q.conflict.id, &whole).unwrap(), resolved);
    let other = Resolve {
        choice: merged(b"mine"),
        ..choice
    };
    let refused = q.phone.resolve(q.conflict.id, &other);
    assert_eq!(refused.unwrap_err(), Problem::OperationReused);
}

/// Another resolution than the one that was seen changes nothing, and neither
/// does a third writer: the suite's models and servers agree on that.
pub fn a_merged_content_is_the_next_version(site: &impl Site) {
    let q = quarrel(site);
    let unseen = random::unseen_bytes(100);
    let refused = q.phone.choose(q.conflict.id, 2, merged(&unseen));
    let Err(Problem::BlocksMissing { missing_blocks }) = refused else {
        panic!("{refused:?}");
    };
    assert_eq!(missing_blocks.len(), 1);
    assert_eq!(q.phone.conflicts().unwrap().len(), 1);
    q.phone.store(&[&unseen]).unwrap();
    let mut lying = manifest(&unseen);
    lying.size += 1;
    let content = lying.into();
    let refused = q.phone.choose(q.conflict.id, 2, Choice::Merged { content });
    assert!(matches!(refused, Err(Problem::BadManifest { .. })));

    let choice = resolve(2, merged(&unseen));
    let resolved = q.phone.resolve(q.conflict.id, &choice).unwrap();
    assert_eq!(q.phone.resolve(q.conflict.id, &choice).unwrap(), resolved);
    let resolution = resolved.resolved.unwrap();
    assert_eq!(resolution.choice, Chosen::Merged);
    assert_eq!(resolution.seen_version, Some(2));
    assert_eq!(resolution.by.unwrap().device_name, "Phone");
    assert_eq!(head(&q.laptop, q.file.id), 3);
    let read = |version| q.laptop.content(q.file.id, version).unwrap();
    assert_eq!(read(None), unseen);
    assert_eq!(read(Some(2)), b"theirs");
    assert!(q.laptop.conflicts().unwrap().is_empty());
}

pub fn a_merge_into_the_trash_is_refused(site: &impl Site) {
    let q = quarrel(site);
    let trashed = q.laptop.put_in_trash(&q.file).unwrap().item;
    let refused = q.phone.choose(q.conflict.id, 2, merged(b"base"));
    assert_eq!(refused.unwrap_err(), Problem::InTrash);
    q.laptop.take_from_trash(&trashed).unwrap();
    q.phone.choose(q.conflict.id, 2, merged(b"base")).unwrap();
    assert_eq!(q.phone.content(q.file.id, None).unwrap(), b"base");
}

pub fn the_second_sides_blocks_are_listed(site: &impl Site) {
    let q = quarrel(site);
    let listed = q.laptop.conflict_manifest(q.conflict.id).unwrap();
    assert_eq!(listed, manifest(b"mine"));
    // Resolved or not.
    q.phone
        .choose(q.conflict.id, 2, Choice::KeepTheirs)
        .unwrap();
    assert_eq!(q.laptop.conflict_manifest(q.conflict.id).unwrap(), listed);
    assert_eq!(q.laptop.conflict_content(q.conflict.id).unwrap(), b"mine");
    let nobody = ConflictId::from_random([1; 16]);
    let refused = q.laptop.conflict_manifest(nobody);
    assert_eq!(refused.unwrap_err(), Problem::NoSuchConflict);
}

/// A choice that made a version is undone by one more, with what was there.
pub fn a_choice_that_made_a_version_is_taken_back(site: &impl Site) {
    for choice in [Choice::KeepMine, merged(b"base")] {
        let q = quarrel(site);
        let refused = q.laptop.take_back(q.conflict.id, 2);
        assert_eq!(refused.unwrap_err(), Problem::NotResolved);
        q.phone.choose(q.conflict.id, 2, choice).unwrap();
        let mut tree = Tree::of(&q.phone).unwrap();
        // By somebody who has not seen what they take back.
        let refused = q.laptop.take_back(q.conflict.id, 2);
        assert!(matches!(refused, Err(Problem::VersionConflict { .. })));
        let back = reopen(3);
        let open = q.laptop.reopen(q.conflict.id, &back).unwrap();
        assert_eq!(open, q.conflict);
        assert_eq!(q.laptop.reopen(q.conflict.id, &back).unwrap(), open);
        // Every device hears of both.
        tree.pull(&q.phone, None).unwrap();
        assert_eq!(tree.conflicts[&q.conflict.id], q.conflict);
        let file = tree.items[&q.file.id].file.clone().unwrap();
        assert_eq!((file.version, file.size), (4, 6));
        assert_eq!(q.phone.content(q.file.id, None).unwrap(), b"theirs");
        assert_eq!(q.phone.conflict_content(q.conflict.id).unwrap(), b"mine");
        assert_eq!(
            q.phone.conflicts().unwrap(),
            std::slice::from_ref(&q.conflict)
        );
        // And it is decided again.
        q.laptop.choose(q.conflict.id, 4, Choice::KeepMine).unwrap();
        assert_eq!(q.phone.content(q.file.id, None).unwrap(), b"mine");
        let refused = q.phone.take_back(q.conflict.id, 4);
        assert!(matches!(refused, Err(Problem::VersionConflict { .. })));
        q.phone.take_back(q.conflict.id, 5).unwrap();
        assert_eq!(q.phone.content(q.file.id, None).unwrap(), b"theirs");
    }
}

/// What somebody has written since stays the head.
pub fn nothing_later_is_taken_back(site: &impl Site) {
    let q = quarrel(site);
    q.phone.choose(q.conflict.id, 2, Choice::KeepMine).unwrap();
    q.laptop.put_version(q.file.id, 3, b"later").unwrap();
    let refused = q.phone.take_back(q.conflict.id, 3);
    assert!(matches!(refused, Err(Problem::VersionConflict { .. })));
    q.phone.take_back(q.conflict.id, 4).unwrap();
    assert_eq!(head(&q.laptop, q.file.id), 4);
    assert_eq!(q.laptop.content(q.file.id, None).unwrap(), b"later");
    assert_eq!(q.laptop.conflicts().unwrap(), [q.conflict]);
}

pub fn a_choice_that_changed_nothing_is_taken_back(site: &impl Site) {
    let q = quarrel(site);
    q.phone
        .choose(q.conflict.id, 2, Choice::KeepTheirs)
        .unwrap();
    q.phone.take_back(q.conflict.id, 2).unwrap();
    assert_eq!(head(&q.laptop, q.file.id), 2);
    assert_eq!(q.laptop.conflicts().unwrap(), [q.conflict]);
}

/// A copy goes, unless somebody has made it their own.
pub fn a_copy_is_taken_back_as_long_as_it_is_as_it_was_made(site: &impl Site) {
    type Touch<D> = fn(&D, &Item);
    fn cases<D: Drive>() -> [(bool, Touch<D>); 3] {
        [
            (true, |_, _| {}),
            (false, |drive, copy| {
                drive.put_version(copy.id, 1, b"edited").map(drop).unwrap();
            }),
            (false, |drive, copy| {
                drive.move_to(copy, None, "mine now").map(drop).unwrap();
            }),
        ]
    }
    for (goes, touch) in cases() {
        let q = quarrel(site);
        let copy_id = item_id();
        let copy_name = name("copy.txt");
        let choice = Choice::KeepBoth { copy_id, copy_name };
        q.phone.choose(q.conflict.id, 2, choice).unwrap();
        touch(&q.laptop, &q.laptop.item(copy_id).unwrap());
        q.phone.take_back(q.conflict.id, 2).unwrap();
        let tree = Tree::of(&q.laptop).unwrap();
        assert_eq!(tree.items[&copy_id].trashed_at_ms.is_some(), goes);
        assert_eq!(tree.conflicts[&q.conflict.id], q.conflict);
        assert_eq!(head(&q.laptop, q.file.id), 2);
    }
}

pub fn a_version_in_the_trash_is_not_taken_back(site: &impl Site) {
    let q = quarrel(site);
    q.phone.choose(q.conflict.id, 2, Choice::KeepMine).unwrap();
    let file = q.laptop.item(q.file.id).unwrap();
    let trashed = q.laptop.put_in_trash(&file).unwrap().item;
    let refused = q.phone.take_back(q.conflict.id, 3);
    assert_eq!(refused.unwrap_err(), Problem::InTrash);
    q.laptop.take_from_trash(&trashed).unwrap();
    q.phone.take_back(q.conflict.id, 3).unwrap();
}

pub fn resolutions_are_listed_the_newest_first(site: &impl Site) {
    let ann = site.person();
    let mut resolved = Vec::new();
    for number in 0..5 {
        let file = ann.put_file(None, &format!("{number}"), b"base").unwrap();
        let file = file.item.id;
        ann.put_version(file, 1, b"theirs").unwrap();
        ann.store(&[b"mine"]).unwrap();
        let conflict = ann.keep_conflict(file, &new_conflict(b"mine")).unwrap();
        let choice = Choice::KeepTheirs;
        resolved.push(ann.choose(conflict.id, 2, choice).unwrap());
    }
    resolved.sort_by_key(|conflict| {
        let at_ms = conflict.resolved.as_ref().unwrap().at_ms;
        std::cmp::Reverse((at_ms, conflict.id))
    });
    let all = ann.resolved_conflicts(None, None).unwrap();
    assert_eq!((all.conflicts, all.next), (resolved.clone(), None));
    // Page by page.
    let (mut paged, mut after) = (Vec::new(), None);
    loop {
        let page = ann.resolved_conflicts(after.as_deref(), Some(2)).unwrap();
        assert!(page.conflicts.len() <= 2);
        paged.extend(page.conflicts);
        after = page.next;
        if after.is_none() {
            break;
        }
    }
    assert_eq!(paged, resolved);
    // What is open again is not among them.
    ann.take_back(resolved[1].id, 2).unwrap();
    let left = ann.resolved_conflicts(None, None).unwrap().conflicts;
    assert_eq!(left.len(), 4);
    assert!(!left.contains(&resolved[1]));
    let refused = ann.resolved_conflicts(Some("nowhere"), None);
    assert_eq!(refused.unwrap_err(), Problem::BadCursor);
    let refused = ann.resolved_conflicts(None, Some(0));
    assert!(matches!(refused, Err(Problem::BadRequest { .. })));
    assert!(
        site.person()
            .resolved_conflicts(None, None)
            .unwrap()
            .conflicts
            .is_empty()
    );
}
