//! Deletion for good.

use crate::client::{commit_of, item_id, new_file, operation_id};
use crate::drive::{Drive, Site, new_conflict, new_folder};
use crate::tree::Tree;
use protocol::changes::Change;
use protocol::items::{DeleteForGood, EmptyTrash, Item, NewFolder};
use protocol::problem::Problem;

fn deletion(item: &Item) -> DeleteForGood {
    DeleteForGood {
        operation_id: operation_id(),
        base_place_version: item.place_version,
        with_open_conflicts: false,
    }
}

pub fn what_is_deleted_for_good_is_gone(site: &impl Site) {
    let ann = site.person();
    let mut device = Tree::of(&ann).unwrap();
    let empty = ann.space().unwrap();
    let folder = ann.new_folder(None, "folder").unwrap().item;
    let file = ann.put_file(Some(folder.id), "file", b"first").unwrap();
    let file = file.item.id;
    ann.put_version(file, 1, b"second").unwrap();
    let trashed = ann.put_in_trash(&folder).unwrap().item;
    let full = ann.space().unwrap();
    assert_eq!((full.trash.items, full.trash.bytes), (2, 6));
    assert!(full.used_bytes > full.metadata_bytes && full.metadata_bytes > 0);
    device.pull(&ann, None).unwrap();

    let request = deletion(&trashed);
    let deleted = ann.delete(folder.id, &request).unwrap();
    assert!(deleted.done, "{deleted:?}");
    let after = ann.space().unwrap();
    assert_eq!((after.used_bytes, after.counts), (0, empty.counts));
    assert_eq!(after.trash, empty.trash);
    assert_eq!(ann.item(file).unwrap_err(), Problem::NoSuchItem);
    assert_eq!(ann.content(file, Some(1)).unwrap_err(), Problem::NoSuchItem);
    let commit = commit_of(2, b"first");
    assert_eq!(ann.commit(file, &commit).unwrap_err(), Problem::NoSuchItem);
    // Each item is told, the one below first.
    let pulled = device.pull(&ann, None).unwrap();
    let told: Vec<Change> = [file, folder.id]
        .map(|item| Change::Deleted { item })
        .into();
    assert_eq!(pulled.changes, told);
    assert_eq!(Tree::of(&ann).unwrap().items.len(), 0);
    let again = ann.delete(folder.id, &request).unwrap();
    assert!(again.done);
    assert_eq!(device.pull(&ann, None).unwrap().changes, []);
}

/// A request to make it may arrive late, in another form than the one that was taken.
pub fn a_deleted_items_id_is_not_used_again(site: &impl Site) {
    let ann = site.person();
    let folder = ann.new_folder(None, "folder").unwrap().item;
    let trashed = ann.put_in_trash(&folder).unwrap().item;
    ann.delete(folder.id, &deletion(&trashed)).unwrap();
    let late = NewFolder {
        id: folder.id,
        ..new_folder(None, "other name")
    };
    let refused = ann.create_folder(&late).unwrap_err();
    assert_eq!(refused, Problem::DeletedForGood);
    let file = ann.put_file(None, "file", b"first").unwrap().item;
    let trashed = ann.put_in_trash(&file).unwrap().item;
    ann.delete(file.id, &deletion(&trashed)).unwrap();
    let mut late = new_file(None, "other name", None);
    late.id = file.id;
    assert_eq!(ann.create_file(&late).unwrap_err(), Problem::DeletedForGood);
    let ends = ann.create_files(&[late]).unwrap();
    assert_eq!(ends, [Err(Problem::DeletedForGood)]);
}

pub fn what_may_not_be_deleted_for_good_stays(site: &impl Site) {
    let ann = site.person();
    let folder = ann.new_folder(None, "folder").unwrap().item;
    let file = ann.put_file(Some(folder.id), "file", b"first").unwrap();
    let file = file.item;
    let delete = |item: &Item| ann.delete(item.id, &deletion(item)).unwrap_err();
    assert_eq!(delete(&folder), Problem::NotInTrash);
    ann.put_version(file.id, 1, b"second").unwrap();
    let conflict = new_conflict(b"first");
    ann.keep_conflict(file.id, &conflict).unwrap();
    let trashed = ann.put_in_trash(&folder).unwrap().item;
    assert_eq!(delete(&file), Problem::NotInTrash);
    let nobody = Item {
        id: item_id(),
        ..file.clone()
    };
    assert_eq!(delete(&nobody), Problem::NoSuchItem);
    let stale = Problem::PlaceConflict {
        current_place_version: trashed.place_version,
    };
    assert_eq!(delete(&folder), stale);
    assert_eq!(delete(&trashed), Problem::OpenConflicts { count: 1 });
    assert_eq!(ann.content(file.id, Some(1)).unwrap(), b"first");
    assert_eq!(ann.conflict_content(conflict.id).unwrap(), b"first");
    let request = DeleteForGood {
        with_open_conflicts: true,
        ..deletion(&trashed)
    };
    assert!(ann.delete(folder.id, &request).unwrap().done);
    assert_eq!(ann.conflicts().unwrap(), []);
}

pub fn an_emptied_trash_is_empty(site: &impl Site) {
    let ann = site.person();
    let kept = ann.put_file(None, "kept", b"kept").unwrap().item.id;
    for name in ["one", "two", "three"] {
        let file = ann.put_file(None, name, name.as_bytes()).unwrap().item;
        ann.put_in_trash(&file).unwrap();
    }
    let request = EmptyTrash {
        operation_id: operation_id(),
        trashed_up_to_ms: None,
        with_open_conflicts: false,
    };
    assert!(ann.empty_trash(&request).unwrap().done);
    let later = ann.put_file(None, "later", b"later").unwrap().item;
    let later = ann.put_in_trash(&later).unwrap().item;
    assert!(ann.empty_trash(&request).unwrap().done, "a repeat");
    assert_eq!(ann.item(later.id).unwrap(), later, "it came later");
    assert_eq!(ann.content(kept, None).unwrap(), b"kept");
    assert_eq!(Tree::of(&ann).unwrap().items.len(), 2);
}
