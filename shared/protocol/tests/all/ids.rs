#[cfg(target_arch = "wasm32")]
use wasm_bindgen_test::wasm_bindgen_test as test;

use protocol::ids::{BadId, ItemId};

#[test]
fn random_bytes_become_a_version_4_uuid() {
    assert_eq!(
        ItemId::from_random([0; 16]).to_string(),
        "00000000-0000-4000-8000-000000000000"
    );
    assert_eq!(
        ItemId::from_random([0xFF; 16]).to_string(),
        "ffffffff-ffff-4fff-bfff-ffffffffffff"
    );
}

/// An id is a key in the database and a part of a path: with two spellings it
/// would be two keys.
#[test]
fn an_id_has_one_spelling() {
    let text = "67e55044-10b1-426f-9247-bb680e5fe0c8";
    let id: ItemId = text.parse().unwrap();
    assert_eq!(id.to_string(), text);
    for bad in [
        "",
        "67E55044-10B1-426F-9247-BB680E5FE0C8",
        "67e5504410b1426f9247bb680e5fe0c8",
        "{67e55044-10b1-426f-9247-bb680e5fe0c8}",
        "urn:uuid:67e55044-10b1-426f-9247-bb680e5fe0c8",
        "67e55044-10b1-426f-9247-bb680e5fe0c",
        "67e55044-10b1-426f-9247-bb680e5fe0c8 ",
        "67e55044-10b1-426f-9247-bb680e5fe0cg",
        "67e5504410b1426f9247bb680e5fe0c8----",
    ] {
        assert_eq!(bad.parse::<ItemId>(), Err(BadId), "{bad:?}");
    }
}

/// In a body as in a path.
#[test]
fn json_takes_the_one_spelling_only() {
    let text = "67e55044-10b1-426f-9247-bb680e5fe0c8";
    let id: ItemId = serde_json::from_value(text.into()).unwrap();
    assert_eq!(serde_json::to_value(id).unwrap(), text);
    for bad in [
        "67E55044-10B1-426F-9247-BB680E5FE0C8",
        "67e5504410b1426f9247bb680e5fe0c8",
        "{67e55044-10b1-426f-9247-bb680e5fe0c8}",
        "urn:uuid:67e55044-10b1-426f-9247-bb680e5fe0c8",
    ] {
        assert!(
            serde_json::from_value::<ItemId>(bad.into()).is_err(),
            "{bad:?}"
        );
    }
}
