//! What is shown, and what is asked about it.

#[cfg(target_arch = "wasm32")]
use wasm_bindgen_test::wasm_bindgen_test as test;

use blocks::chunk::SizeClass;
use protocol::ids::{DeviceId, ItemId, Version};
use protocol::items::{Committed, FileHead, Item};
use protocol::name::Name;
use sync::tree::{ListedItem, Tree};

fn id(n: u16) -> ItemId {
    let mut bytes = [0; 16];
    bytes[..2].copy_from_slice(&n.to_be_bytes());
    ItemId::from_random(bytes)
}

fn name(text: &str) -> Name {
    Name::parse(text).unwrap()
}

fn folder(n: u16, parent: Option<ItemId>, text: &str) -> Item {
    Item {
        id: id(n),
        parent,
        name: name(text),
        place_version: 1,
        file: None,
        created_at_ms: 0,
        mount: None,
        trashed_at_ms: None,
        damaged: false,
    }
}

fn file(n: u16, parent: Option<ItemId>, text: &str, version: Version) -> Item {
    Item {
        file: Some(FileHead {
            version,
            size: 1,
            size_class: SizeClass::for_size(1),
            modified_at_ms: 0.into(),
            committed: Committed {
                user_name: "ann".to_owned(),
                device_id: DeviceId::from_random([0; 16]),
                device_name: "Chrome on Linux".to_owned(),
                at_ms: 0,
            },
            damaged: false,
        }),
        ..folder(n, parent, text)
    }
}

fn tree(items: impl IntoIterator<Item = Item>) -> Tree {
    let mut tree = Tree::default();
    for item in items {
        tree.put(sent(item));
    }
    tree
}

fn sent(item: Item) -> ListedItem {
    ListedItem {
        item: item.into(),
        pending: false,
    }
}

fn names(items: &[&Item]) -> Vec<String> {
    items.iter().map(|item| item.name.to_string()).collect()
}

#[test]
fn folders_come_first_then_names_in_any_case() {
    let tree = tree([
        file(1, None, "b.txt", 1),
        file(2, None, "A.txt", 1),
        folder(3, None, "z"),
        file(4, Some(id(3)), "inside", 1),
    ]);
    assert_eq!(names(&tree.list(None)), ["z", "A.txt", "b.txt"]);
    assert_eq!(names(&tree.list(Some(id(3)))), ["inside"]);
    assert!(tree.list(Some(id(9))).is_empty());
}

#[test]
fn a_child_is_found_in_whatever_case_and_composition() {
    let tree = tree([file(1, None, "Café.TXT", 1), folder(2, None, "Docs")]);
    let found = tree.child_named(None, &name("cafe\u{301}.txt"));
    assert_eq!(found.map(|item| item.id), Some(id(1)));
    assert_eq!(
        tree.child_named(None, &name("DOCS")).map(|i| i.id),
        Some(id(2))
    );
    assert_eq!(tree.child_named(None, &name("other")), None);
}

#[test]
fn a_move_a_rename_and_the_trash_take_an_item_off_its_old_place() {
    let mut tree = tree([folder(1, None, "a"), file(2, None, "f", 1)]);
    let moved = Item {
        parent: Some(id(1)),
        name: name("g"),
        place_version: 2,
        ..file(2, None, "f", 1)
    };
    tree.put(sent(moved.clone()));
    assert_eq!(names(&tree.list(None)), ["a"]);
    assert_eq!(names(&tree.list(Some(id(1)))), ["g"]);
    tree.put(sent(Item {
        trashed_at_ms: Some(5),
        place_version: 3,
        ..moved.clone()
    }));
    assert!(tree.list(Some(id(1))).is_empty());
    assert_eq!(names(&tree.trash()), ["g"]);
    assert!(!tree.is_live(id(2)));
    tree.put(sent(Item {
        place_version: 4,
        ..moved
    }));
    assert!(tree.trash().is_empty());
    assert!(tree.is_live(id(2)));
}

#[test]
fn what_is_below_a_trashed_folder_is_not_live_but_not_listed_as_trash() {
    let mut tree = tree([folder(1, None, "a"), file(2, Some(id(1)), "f", 1)]);
    tree.put(sent(Item {
        trashed_at_ms: Some(5),
        place_version: 2,
        ..folder(1, None, "a")
    }));
    assert!(!tree.is_live(id(2)));
    assert_eq!(names(&tree.trash()), ["a"]);
}

#[test]
fn what_is_pending_is_so_until_it_is_put_as_sent() {
    let mut tree = Tree::default();
    let item = file(1, None, "f", 1);
    tree.put(ListedItem {
        item: item.clone().into(),
        pending: true,
    });
    assert!(tree.is_pending(id(1)));
    tree.put(sent(item));
    assert!(!tree.is_pending(id(1)));
    tree.remove(id(1));
    assert_eq!(tree, Tree::default());
}

#[test]
fn what_is_deleted_for_good_is_weighed_with_all_below_it_once() {
    let trashed = |item| Item {
        trashed_at_ms: Some(5),
        ..item
    };
    let tree = tree([
        trashed(folder(1, None, "a")),
        file(2, Some(id(1)), "f", 1),
        trashed(file(3, Some(id(1)), "g", 1)),
        file(4, None, "h", 1),
    ]);
    let weight = tree.weigh(&[id(1), id(3), id(9)]);
    assert_eq!((weight.files, weight.folders, weight.bytes), (2, 1, 2));
}

#[test]
fn a_folder_knows_how_much_is_in_it_and_below() {
    let trashed = |item| Item {
        trashed_at_ms: Some(5),
        ..item
    };
    // What is in a folder may be known before it.
    let mut tree = tree([
        file(3, Some(id(2)), "f", 1),
        folder(2, Some(id(1)), "b"),
        file(4, Some(id(1)), "g", 1),
        trashed(file(5, Some(id(1)), "h", 1)),
        folder(1, None, "a"),
    ]);
    let of = |tree: &Tree, n| {
        let below = tree.below(id(n));
        let weight = below.weight;
        (below.items, weight.files, weight.folders, weight.bytes)
    };
    assert_eq!(of(&tree, 1), (2, 2, 1, 2));
    assert_eq!(of(&tree, 2), (1, 1, 0, 1));
    tree.put(sent(trashed(folder(2, Some(id(1)), "b"))));
    assert_eq!(of(&tree, 1), (1, 1, 0, 1));
    tree.put(sent(folder(2, None, "b")));
    tree.remove(id(4));
    assert_eq!((of(&tree, 1), of(&tree, 2)), ((0, 0, 0, 0), (1, 1, 0, 1)));
}

#[test]
fn a_path_goes_from_the_root_to_the_item() {
    let tree = tree([
        folder(1, None, "a"),
        folder(2, Some(id(1)), "b"),
        file(3, Some(id(2)), "c", 1),
    ]);
    assert_eq!(names(&tree.path(id(3))), ["a", "b", "c"]);
    assert!(tree.path(id(9)).is_empty());
}

#[test]
fn two_names_that_are_one_file_on_some_disks_are_twins() {
    let (sharp, plain) = (file(1, None, "Maße.txt", 1), file(2, None, "Masse.txt", 1));
    let mut tree = tree([
        sharp.clone(),
        plain.clone(),
        file(3, Some(id(9)), "masse.txt", 1),
    ]);
    assert!(tree.has_twin(&sharp) && tree.has_twin(&plain));
    assert!(!tree.has_twin(&file(3, Some(id(9)), "masse.txt", 1)));
    tree.put(sent(Item {
        name: name("other"),
        ..plain.clone()
    }));
    assert!(!tree.has_twin(&sharp));
    tree.put(sent(plain));
    tree.put(sent(Item {
        trashed_at_ms: Some(1),
        ..sharp.clone()
    }));
    assert!(!tree.has_twin(&sharp));
}

#[test]
fn a_folder_is_as_high_as_the_folders_in_it() {
    let tree = tree([
        folder(1, None, "a"),
        folder(2, Some(id(1)), "b"),
        file(3, Some(id(2)), "c", 1),
        folder(4, Some(id(1)), "d"),
    ]);
    assert_eq!([1, 2, 3, 4].map(|n| tree.height(id(n))), [2, 1, 0, 1]);
}

#[test]
fn thirty_thousand_files_in_one_folder_take_no_time_to_speak_of() {
    let mut tree = Tree::default();
    for n in 0..30_000 {
        tree.put(sent(file(n, None, &format!("IMG_{n}.jpg"), 1)));
    }
    // Quadratic work would take minutes here.
    for n in 0..30_000 {
        tree.put(sent(file(n, None, &format!("IMG_{n}.jpg"), 2)));
    }
    assert_eq!(tree.list(None).len(), 30_000);
}
