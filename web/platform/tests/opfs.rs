//! The copies of picked files in a real browser: they hold the bytes, outlive
//! the file that they are of, and are gone when they are removed.

use js_sys::{Array, Uint8Array};
use platform::browser::js;
use platform::browser::opfs::DRAFTS;
use wasm_bindgen::JsCast;
use wasm_bindgen_test::{wasm_bindgen_test, wasm_bindgen_test_configure};
use web_sys::File;

wasm_bindgen_test_configure!(run_in_browser);

fn file(bytes: &[u8]) -> File {
    let parts = Array::of1(&Uint8Array::from(bytes));
    File::new_with_buffer_source_sequence(&parts, "picked.bin").unwrap()
}

async fn bytes(file: &File) -> Vec<u8> {
    let buffer = js::outcome(file.array_buffer()).await.unwrap();
    Uint8Array::new(&buffer.unchecked_into::<js_sys::ArrayBuffer>()).to_vec()
}

#[wasm_bindgen_test]
async fn a_copy_is_there_until_it_is_removed() {
    let name = format!("{}", js_sys::Math::random());
    let content: Vec<u8> = (0..3_000_000u32).map(|n| (n % 251) as u8).collect();
    let copy = DRAFTS.put(&name, &file(&content)).await.unwrap();
    assert_eq!(bytes(&copy).await, content);
    assert_eq!(bytes(&DRAFTS.get(&name).await.unwrap()).await, content);
    assert!(DRAFTS.names().await.unwrap().contains(&name));
    DRAFTS.remove(&name).await.unwrap();
    assert!(DRAFTS.get(&name).await.is_err());
    assert!(!DRAFTS.names().await.unwrap().contains(&name));
}

#[wasm_bindgen_test]
async fn a_second_copy_of_a_name_takes_the_place_of_the_first() {
    let name = format!("{}", js_sys::Math::random());
    DRAFTS
        .put(&name, &file(b"the first, which is longer"))
        .await
        .unwrap();
    DRAFTS.put(&name, &file(b"the second")).await.unwrap();
    let copy = DRAFTS.get(&name).await.unwrap();
    assert_eq!(bytes(&copy).await, b"the second");
    DRAFTS.remove(&name).await.unwrap();
}
