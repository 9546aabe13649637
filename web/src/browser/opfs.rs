//! The origin private file system: files that the browser keeps for this page
//! and nobody else sees. Called by name, because web-sys holds half of it to be
//! unstable. The browser copies by itself: no byte passes the page's thread.

use super::js;
use crate::failure::Failure;
use js_sys::Array;
use wasm_bindgen::{JsCast, JsValue};
use web_sys::File;

/// All that this page keeps is in one folder.
const FOLDER: &str = "drafts";

/// Copies a file to a name, and returns the copy.
///
/// # Errors
/// `Browser`: there is no such file system, no room, or the file can't be read.
/// Nothing is left of the copy then.
pub async fn put(name: &str, file: &File) -> Result<File, Failure> {
    let folder = folder().await?;
    let copied = copy(&folder, name, file).await;
    if copied.is_err() {
        let _ = remove_from(&folder, name).await;
    }
    copied
}

async fn copy(folder: &JsValue, name: &str, file: &File) -> Result<File, Failure> {
    let handle = ask(folder, "getFileHandle", &named(name, true)).await?;
    let to = ask(&handle, "createWritable", &Array::new()).await?;
    let from = js::call(file, "stream", &Array::new()).map_err(|e| Failure::thrown(&e))?;
    // Closes the writable at the end, which makes the copy visible at once.
    ask(&from, "pipeTo", &Array::of1(&to)).await?;
    file_of(&handle).await
}

/// # Errors
/// `Browser`: it is not there.
pub async fn get(name: &str) -> Result<File, Failure> {
    let handle = ask(&folder().await?, "getFileHandle", &named(name, false)).await?;
    file_of(&handle).await
}

/// # Errors
/// `Browser`: it was not there, most of all.
pub async fn remove(name: &str) -> Result<(), Failure> {
    remove_from(&folder().await?, name).await
}

/// The names of all files.
///
/// # Errors
/// `Browser`: there is no such file system.
pub async fn names() -> Result<Vec<String>, Failure> {
    let folder = folder().await?;
    let keys = js::call(&folder, "keys", &Array::new()).map_err(|e| Failure::thrown(&e))?;
    let mut names = Vec::new();
    loop {
        let next = ask(&keys, "next", &Array::new()).await?;
        if js::get(&next, "done").is_truthy() {
            return Ok(names);
        }
        names.extend(js::get(&next, "value").as_string());
    }
}

/// Asks the browser not to clear this page's data when its disk is full. It may
/// ask the person, or say no; neither is an error.
pub async fn ask_to_persist() {
    if let Some(storage) = storage() {
        let _ = ask(&storage, "persist", &Array::new()).await;
    }
}

async fn file_of(handle: &JsValue) -> Result<File, Failure> {
    let file = ask(handle, "getFile", &Array::new()).await?;
    file.dyn_into().map_err(|e| Failure::thrown(&e))
}

async fn remove_from(folder: &JsValue, name: &str) -> Result<(), Failure> {
    let arguments = Array::of1(&JsValue::from_str(name));
    ask(folder, "removeEntry", &arguments).await.map(|_| ())
}

async fn folder() -> Result<JsValue, Failure> {
    let storage = storage().ok_or_else(|| Failure::Browser("no storage".to_owned()))?;
    let root = ask(&storage, "getDirectory", &Array::new()).await?;
    ask(&root, "getDirectoryHandle", &named(FOLDER, true)).await
}

fn storage() -> Option<JsValue> {
    let storage = js::get(&web_sys::window()?.navigator(), "storage");
    storage.is_object().then_some(storage)
}

fn named(name: &str, create: bool) -> Array {
    let options = js::object(&[("create", JsValue::from_bool(create))]);
    Array::of2(&JsValue::from_str(name), &options)
}

async fn ask(target: &JsValue, method: &str, arguments: &Array) -> Result<JsValue, Failure> {
    let promise = js::call(target, method, arguments).map_err(|e| Failure::thrown(&e))?;
    js::outcome(promise).await.map_err(|e| Failure::thrown(&e))
}
