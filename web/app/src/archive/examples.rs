//! Items of drives, for the tests.

use protocol::ids::{ItemId, Version};
use protocol::items::Item;
use protocol::name::Name;
use std::sync::Arc;
use sync::tree::{ListedItem, Tree};

pub fn id(n: u8) -> ItemId {
    ItemId::from_random([n; 16])
}

/// An item made at `n` milliseconds; a file of so many bytes, taken by the server at `at_ms`.
pub fn item(n: u8, parent: Option<u8>, name: &str, file: Option<(Version, u64, u64)>) -> Item {
    let file = file.map(|(version, size, at_ms)| {
        serde_json::json!({
            "version": version, "size": size, "size_class": 18, "modified_at_ms": 7,
            "committed": {
                "user_name": "ann", "device_id": "00000000-0000-4000-8000-000000000000",
                "device_name": "Chrome", "at_ms": at_ms,
            },
        })
    });
    Item {
        id: id(n),
        parent: parent.map(id),
        name: Name::parse(name).unwrap(),
        place_version: 1,
        file: file.map(|file| serde_json::from_value(file).unwrap()),
        damaged: false,
        created_at_ms: u64::from(n),
        mount: None,
        trashed_at_ms: None,
    }
}

pub fn tree(items: Vec<Item>) -> Tree {
    let mut tree = Tree::default();
    for item in items {
        let item = Arc::new(item);
        let pending = false;
        tree.put(ListedItem { item, pending });
    }
    tree
}
