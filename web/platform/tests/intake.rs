//! What the browser hands over, in a real browser.

use js_sys::{Array, Reflect};
use platform::browser::js;
use platform::intake::{self, Watch};
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_test::{wasm_bindgen_test, wasm_bindgen_test_configure};
use web_sys::{DataTransfer, File};

wasm_bindgen_test_configure!(run_in_browser);

fn file(name: &str) -> File {
    File::new_with_str_sequence(&Array::of1(&JsValue::from_str("text")), name).unwrap()
}

fn transfer(files: &[File]) -> DataTransfer {
    let transfer = DataTransfer::new().unwrap();
    for file in files {
        transfer.items().add_with_file(file).unwrap();
    }
    transfer
}

#[wasm_bindgen_test]
fn a_file_picker_gives_files_without_folders() {
    let files = transfer(&[file("a"), file("b")]).files().unwrap();
    let intake = intake::from_picker(&files);
    let names: Vec<String> = intake.files.iter().map(|p| p.file.name()).collect();
    assert_eq!(names, ["a", "b"]);
    assert!(intake.files.iter().all(|picked| picked.folders.is_empty()));
}

#[wasm_bindgen_test]
fn a_folder_picker_gives_the_folders_above() {
    let file = file("c");
    let value = JsValue::from_str("photos/2026/c");
    let descriptor = js::object(&[("value", value)]);
    let key = JsValue::from_str("webkitRelativePath");
    let descriptor = descriptor.unchecked_ref();
    Reflect::define_property(&file, &key, descriptor).unwrap();
    let files = Array::of1(&file);
    let list = js::object(&[("length", 1.into()), ("0", files.get(0))]);
    let item = js_sys::Function::new_with_args("i", "return this[i]");
    Reflect::set(&list, &"item".into(), &item).unwrap();
    let intake = intake::from_picker(list.unchecked_ref());
    assert_eq!(intake.files[0].folders, ["photos", "2026"]);
}

#[wasm_bindgen_test]
async fn dropped_files_are_taken_before_the_event_ends() {
    let transfer = transfer(&[file("a"), file("b")]);
    let intake = intake::from_drop(&transfer, ());
    transfer.items().clear().unwrap();
    let intake = intake.await;
    let names: Vec<String> = intake.files.iter().map(|p| p.file.name()).collect();
    assert_eq!(names, ["a", "b"]);
}

/// A dropped folder as browsers hand it over: at most a hundred entries a call.
const FOLDER: &str = r#"
    const entry = (name, more) => ({ name, isFile: false, isDirectory: false, ...more });
    const fileEntry = (name) => entry(name, {
        isFile: true,
        file: (done) => setTimeout(() => done(new File(["x"], name))),
    });
    const folderEntry = (name, children) => entry(name, {
        isDirectory: true,
        createReader() {
            let from = 0;
            return { readEntries(done) {
                const some = children.slice(from, from + 100);
                from += some.length;
                setTimeout(() => done(some));
            } };
        },
    });
    const broken = entry("gone", { isFile: true, file: (_, failed) => failed(new Error("gone")) });
    const nameless = entry("", { isFile: true, file: (_, failed) => failed(new Error("gone")) });
    const many = Array.from({ length: 350 }, (_, n) => fileEntry("file " + n));
    const root = folderEntry("root", [folderEntry("empty", []), folderEntry("deep", many), broken, nameless]);
    const item = { kind: "file", webkitGetAsEntry: () => root, getAsFile: () => null };
    return { items: Object.assign([item], {}) };
"#;

#[wasm_bindgen_test]
async fn a_dropped_folder_is_walked_to_its_end() {
    let make = js_sys::Function::new_no_args(FOLDER);
    let transfer: DataTransfer = make.call0(&JsValue::NULL).unwrap().unchecked_into();
    let intake = intake::from_drop(&transfer, ()).await;
    assert_eq!(intake.files.len(), 350);
    assert_eq!(intake.files[0].folders, ["root", "deep"]);
    assert_eq!(intake.files[349].file.name(), "file 349");
    assert_eq!(intake.empty_folders, [["root", "empty"]]);
    let unreadable: Vec<&str> = intake
        .unreadable
        .iter()
        .map(|one| one.what.as_str())
        .collect();
    assert_eq!(
        unreadable,
        ["root/gone", "A file in “root” whose name can’t be read"]
    );
}

/// Ends a walk once a hundred files are found.
struct Impatient;

impl Watch for Impatient {
    fn found(&self, files: usize) -> bool {
        files < 100
    }
}

#[wasm_bindgen_test]
async fn a_walk_that_was_ended_finds_nothing_more() {
    let make = js_sys::Function::new_no_args(FOLDER);
    let transfer: DataTransfer = make.call0(&JsValue::NULL).unwrap().unchecked_into();
    let intake = intake::from_drop(&transfer, Impatient).await;
    // It asks for 64 files at one time, and looks in between.
    assert_eq!(intake.files.len(), 128);
    assert!(intake.unreadable.is_empty());
}
