//! 1. make a file empty and with content, read it back to the byte
//! 2. commit versions: numbers go up by one, old versions stay readable
//! 3. whoever comes second is told by whom
//! 4. the trash holds on to content; folders hold files

use crate::client::{MODIFIED_AT, commit_of, manifest, new_file};
use crate::drive::{Drive, Site};
use crate::random;
use crate::tree::Feed;
use blocks::hash::BlockHash;
use protocol::problem::Problem;

pub fn an_empty_file(site: &impl Site) {
    let ann = site.person();
    let made = ann.new_empty_file(None, "empty.txt").unwrap();
    let head = made.item.file.clone().unwrap();
    assert_eq!((head.version, head.size), (1, 0));
    assert_eq!(made.item.name.as_str(), "empty.txt");
    assert_eq!(made.item.place_version, 1);
    assert_eq!(made.item.parent, None);
    assert_eq!(made.item.trashed_at_ms, None);
    assert_eq!(head.committed.user_name, ann.user_name());
    assert_eq!(head.committed.device_id, ann.device());
    assert_eq!(ann.content(made.item.id, None).unwrap(), b"");
    assert!(ann.manifest(made.item.id, 1).unwrap().blocks.is_empty());

    // Empty by an empty list too, and full afterwards, and empty again.
    let other = ann.put_file(None, "other.txt", b"").unwrap();
    let id = other.item.id;
    assert_eq!(other.item.file.unwrap().size, 0);
    ann.put_version(id, 1, b"full").unwrap();
    assert_eq!(ann.content(id, None).unwrap(), b"full");
    ann.put_version(id, 2, b"").unwrap();
    assert_eq!(ann.content(id, None).unwrap(), b"");
    assert_eq!(ann.content(id, Some(2)).unwrap(), b"full");
}

pub fn versions_count_up_and_stay_readable(site: &impl Site) {
    let ann = site.person();
    let contents = [1, 65_537, 400_000, 900_000].map(random::unseen_bytes);
    let made = ann.put_file(None, "file", &contents[0]).unwrap().item;
    let file = made.id;
    assert_eq!(made.file.unwrap().modified_at_ms, MODIFIED_AT);
    for (content, base) in contents[1..].iter().zip(1..) {
        let changed = ann.put_version(file, base, content).unwrap();
        let head = changed.item.file.unwrap();
        assert_eq!(head.version, base + 1);
        assert_eq!(head.size, content.len() as u64);
        assert_eq!(changed.item.place_version, 1, "a commit moves nothing");
        assert!(ann.content(file, None).unwrap() == *content);
    }
    for (content, version) in contents.iter().zip(1..) {
        assert!(ann.content(file, Some(version)).unwrap() == *content);
        let (got, expected) = (ann.manifest(file, version).unwrap(), manifest(content));
        assert_eq!(got.version, version);
        assert_eq!(got.size, expected.size);
        assert_eq!(got.blocks, expected.blocks);
    }
    for version in [0, 5, 1 << 52] {
        let refused = ann.content(file, Some(version)).unwrap_err();
        assert_eq!(refused, Problem::NoSuchVersion, "{version}");
        let refused = ann.manifest(file, version).unwrap_err();
        assert_eq!(refused, Problem::NoSuchVersion, "{version}");
    }
}

/// nextcloud/desktop#225.
pub fn a_second_writer_is_told_who_was_first(site: &impl Site) {
    let laptop = site.person();
    let phone = site.second_device(&laptop, "Phone");
    let file = laptop.put_file(None, "file", b"base").unwrap().item.id;
    laptop.store(&[b"one", b"other"]).unwrap();
    let won = phone.commit(file, &commit_of(1, b"one")).unwrap().item;
    for base in [0, 1, 3] {
        let refused = laptop.commit(file, &commit_of(base, b"other"));
        let expected = Problem::VersionConflict {
            current_version: 2,
            committed: won.file.clone().unwrap().committed,
        };
        assert_eq!(refused.unwrap_err(), expected, "{base}");
    }
    assert_eq!(won.file.unwrap().committed.device_name, "Phone");
    assert_eq!(laptop.content(file, None).unwrap(), b"one");
}

pub fn folders_hold_files(site: &impl Site) {
    let ann = site.person();
    let folder = ann.new_folder(None, "folder").unwrap().item;
    assert!(folder.is_folder());
    let made = ann
        .put_file(Some(folder.id), "file", b"inside")
        .unwrap()
        .item;
    assert_eq!(made.parent, Some(folder.id));
    let into_file = ann.new_empty_file(Some(made.id), "x");
    assert_eq!(into_file.unwrap_err(), Problem::NotAFolder);
    let refused = [
        ann.content(folder.id, None).map(drop),
        ann.manifest(folder.id, 1).map(drop),
        ann.commit(folder.id, &commit_of(1, b"")).map(drop),
    ];
    assert_eq!(refused, [(); 3].map(|()| Err(Problem::NotAFile)));
}

pub fn content_comes_back_from_the_trash(site: &impl Site) {
    let ann = site.person();
    let file = ann.put_file(None, "file", b"precious").unwrap().item.id;
    let item = ann.put_version(file, 1, b"more precious").unwrap().item;
    let trashed = ann.put_in_trash(&item).unwrap().item;
    assert!(trashed.trashed_at_ms.is_some());
    let refused = ann.commit(file, &commit_of(2, b""));
    assert_eq!(refused.unwrap_err(), Problem::InTrash);
    let restored = ann.take_from_trash(&trashed).unwrap().item;
    assert_eq!(restored.trashed_at_ms, None);
    assert_eq!(restored.file, item.file);
    assert_eq!(ann.content(file, None).unwrap(), b"more precious");
    assert_eq!(ann.content(file, Some(1)).unwrap(), b"precious");
}

/// A file is made in one step: refused for its blocks, it leaves nothing.
pub fn a_file_whose_blocks_are_missing_is_not_made(site: &impl Site) {
    let ann = site.person();
    let bytes = random::unseen_bytes(900_000);
    let content = manifest(&bytes);
    let file = new_file(None, "file", Some(content.clone()));
    let before = ann.changes(None, None).unwrap();
    let hashes: Vec<BlockHash> = content.blocks.iter().map(|b| b.hash).collect();
    let missing_blocks = hashes.clone();
    let refused = ann.create_file(&file).unwrap_err();
    assert_eq!(refused, Problem::BlocksMissing { missing_blocks });
    assert_eq!(ann.changes(None, None).unwrap(), before);
    let refused = ann.content(file.id, None);
    assert_eq!(refused.unwrap_err(), Problem::NoSuchItem);
    // The same request succeeds once they are there.
    ann.upload(&bytes, &content, &hashes).unwrap();
    ann.create_file(&file).unwrap();
    assert!(ann.content(file.id, None).unwrap() == bytes);
}
