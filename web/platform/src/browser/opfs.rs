//! The origin private file system: files that the browser keeps for this page
//! and nobody else sees. Called by name, because web-sys holds half of it to be
//! unstable. On the page's thread the browser copies by itself: no byte passes
//! it. A worker may write bytes of its own.

use super::js;
use crate::failure::{Failure, refused, thrown};
use js_sys::{Array, Uint8Array};
use std::io::{self, Seek, SeekFrom, Write};
use wasm_bindgen::prelude::wasm_bindgen;
use wasm_bindgen::{JsCast, JsValue};
use web_sys::File;

/// A folder of files, made at its first use.
#[derive(Clone, Copy, Debug)]
pub struct Folder(&'static str);

/// Copies of picked files that were not sent yet.
pub const DRAFTS: Folder = Folder("drafts");
/// The block cache.
pub const BLOCKS: Folder = Folder("blocks");
/// Zips on their way to the person.
pub const ZIPS: Folder = Folder("zips");
/// Thumbnails.
pub const THUMBNAILS: Folder = Folder("thumbnails");

impl Folder {
    /// Copies a file to a name, and returns the copy.
    ///
    /// # Errors
    /// `Full`: there is no room. `Failed` with `Device`: there is no such file
    /// system, or the file can't be read. Nothing is left of the copy then.
    pub async fn put(self, name: &str, file: &File) -> Result<File, NotWritten> {
        let folder = self.handle().await?;
        let copied = copy(&folder, name, file).await;
        if copied.is_err() {
            let _ = remove_from(&folder, name).await;
        }
        copied
    }

    /// Writes these bytes to a name. Only a worker may do so.
    ///
    /// # Errors
    /// As above.
    pub async fn write(self, name: &str, bytes: &Uint8Array) -> Result<(), NotWritten> {
        let folder = self.handle().await?;
        let written = write(&folder, name, bytes).await;
        if written.is_err() {
            let _ = remove_from(&folder, name).await;
        }
        written
    }

    /// Makes an empty file that is written bit by bit. Only a worker may do so.
    ///
    /// # Errors
    /// As above.
    pub async fn output(self, name: &str) -> Result<Output, NotWritten> {
        let folder = self.handle().await?;
        let handle = ask(&folder, "getFileHandle", &named(name, true)).await?;
        let opened = js::call(&handle, "createSyncAccessHandle", &Array::new());
        let access = js::outcome(opened.map_err(|e| not_written(&e))?).await;
        let access: Access = access.map_err(|e| not_written(&e))?.unchecked_into();
        access.truncate(0.0).map_err(|e| not_written(&e))?;
        let (at, end) = (0, 0);
        Ok(Output { access, at, end })
    }

    /// # Errors
    /// `Device`: it is not there.
    pub async fn get(self, name: &str) -> Result<File, Failure> {
        let handle = ask(&self.handle().await?, "getFileHandle", &named(name, false)).await?;
        file_of(&handle).await
    }

    /// The same where it is no news that it is not there.
    pub async fn get_quietly(self, name: String) -> Option<File> {
        self.get(&name).await.ok()
    }

    /// Removes the files that were written first, until so many are left.
    pub async fn keep_newest(self, count: usize) {
        let names = self.names().await.unwrap_or_default();
        if names.len() <= count {
            return;
        }
        let mut written = Vec::with_capacity(names.len());
        for name in names {
            let at = self
                .get(&name)
                .await
                .map_or(0.0, |file| file.last_modified());
            written.push((at, name));
        }
        written.sort_by(|one, other| one.0.total_cmp(&other.0));
        let too_many = written.len() - count;
        for (_, name) in written.into_iter().take(too_many) {
            let _ = self.remove(&name).await;
        }
    }

    /// # Errors
    /// `Device`: it was not there, most of all.
    pub async fn remove(self, name: &str) -> Result<(), Failure> {
        remove_from(&self.handle().await?, name).await
    }

    /// The names of all files.
    ///
    /// # Errors
    /// `Device`: there is no such file system.
    pub async fn names(self) -> Result<Vec<String>, Failure> {
        let folder = self.handle().await?;
        let keys = js::call(&folder, "keys", &Array::new()).map_err(|e| thrown(&e))?;
        let mut names = Vec::new();
        loop {
            let next = ask(&keys, "next", &Array::new()).await?;
            if js::get(&next, "done").is_truthy() {
                return Ok(names);
            }
            names.extend(js::get(&next, "value").as_string());
        }
    }

    /// Removes every file, as far as that is possible.
    pub async fn clear(self) {
        for name in self.names().await.unwrap_or_default() {
            let _ = self.remove(&name).await;
        }
    }

    async fn handle(self) -> Result<JsValue, Failure> {
        let storage = storage().ok_or_else(|| refused("no storage".to_owned()))?;
        let root = ask(&storage, "getDirectory", &Array::new()).await?;
        ask(&root, "getDirectoryHandle", &named(self.0, true)).await
    }
}

#[wasm_bindgen]
extern "C" {
    /// A `FileSystemSyncAccessHandle`. It borrows bytes where they are.
    type Access;
    #[wasm_bindgen(method, catch)]
    fn write(this: &Access, bytes: &[u8], options: &JsValue) -> Result<f64, JsValue>;
    #[wasm_bindgen(method, catch)]
    fn read(this: &Access, into: &mut [u8], options: &JsValue) -> Result<f64, JsValue>;
    #[wasm_bindgen(method, catch)]
    fn truncate(this: &Access, bytes: f64) -> Result<(), JsValue>;
    #[wasm_bindgen(method, catch)]
    fn flush(this: &Access) -> Result<(), JsValue>;
    #[wasm_bindgen(method)]
    fn close(this: &Access);
}

/// A file that is being written, and that nobody else can open until this is
/// dropped.
pub struct Output {
    access: Access,
    at: u64,
    end: u64,
}

impl Output {
    /// Where the next byte goes.
    pub fn position(&self) -> u64 {
        self.at
    }

    /// Bytes that were written before; `None` where there are fewer.
    pub fn read_at(&self, at: u64, length: usize) -> Option<Vec<u8>> {
        let mut bytes = vec![0; length];
        let count = self.access.read(&mut bytes, &place(at)).ok()?;
        (count == length as f64).then_some(bytes)
    }

    /// Ends the file where the next byte would have gone.
    ///
    /// # Errors
    /// The browser did not write what it was given.
    pub fn finish(self) -> Result<u64, NotWritten> {
        self.access
            .truncate(self.at as f64)
            .and_then(|()| self.access.flush())
            .map_err(|e| not_written(&e))?;
        Ok(self.at)
    }
}

impl Write for Output {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let written = self.access.write(bytes, &place(self.at));
        let count = written.map_err(|e| match not_written(&e) {
            NotWritten::Full => io::ErrorKind::StorageFull.into(),
            NotWritten::Failed(failure) => io::Error::other(failure),
        })? as usize;
        if count == 0 && !bytes.is_empty() {
            return Err(io::ErrorKind::StorageFull.into());
        }
        self.at += count as u64;
        self.end = self.end.max(self.at);
        Ok(count)
    }

    fn flush(&mut self) -> io::Result<()> {
        // Once, at the end: see `finish`.
        Ok(())
    }
}

impl Seek for Output {
    fn seek(&mut self, to: SeekFrom) -> io::Result<u64> {
        let at = match to {
            SeekFrom::Start(at) => Some(at),
            SeekFrom::End(offset) => self.end.checked_add_signed(offset),
            SeekFrom::Current(offset) => self.at.checked_add_signed(offset),
        };
        self.at = at.ok_or(io::ErrorKind::InvalidInput)?;
        Ok(self.at)
    }
}

impl Drop for Output {
    fn drop(&mut self) {
        self.access.close();
    }
}

fn place(at: u64) -> JsValue {
    js::object(&[("at", JsValue::from_f64(at as f64))]).into()
}

/// Why bytes were not written.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
pub enum NotWritten {
    #[error("the browser gives this page no more room")]
    Full,
    #[error(transparent)]
    Failed(#[from] Failure),
}

impl From<io::Error> for NotWritten {
    fn from(error: io::Error) -> Self {
        match error.kind() {
            io::ErrorKind::StorageFull => NotWritten::Full,
            _ => NotWritten::Failed(refused(error.to_string())),
        }
    }
}

/// Whether this browser has such a file system at all.
pub fn exists() -> bool {
    storage().is_some_and(|storage| js::get(&storage, "getDirectory").is_function())
}

/// Asks the browser not to clear this page's data when its disk is full. It may
/// ask the person, or say no; neither is an error.
pub async fn ask_to_persist() {
    if let Some(storage) = storage() {
        let _ = ask(&storage, "persist", &Array::new()).await;
    }
}

/// How many bytes this page may keep in all, as far as the browser says.
pub async fn quota() -> Option<u64> {
    let estimate = ask(&storage()?, "estimate", &Array::new()).await.ok()?;
    js::get_number(&estimate, "quota").map(|quota| quota as u64)
}

/// How many bytes more than now this page may keep, as far as the browser says.
pub async fn room() -> Option<u64> {
    let estimate = ask(&storage()?, "estimate", &Array::new()).await.ok()?;
    let (quota, used) = (
        js::get_number(&estimate, "quota")?,
        js::get_number(&estimate, "usage")?,
    );
    Some((quota - used).max(0.0) as u64)
}

async fn copy(folder: &JsValue, name: &str, file: &File) -> Result<File, NotWritten> {
    let handle = ask(folder, "getFileHandle", &named(name, true)).await?;
    let to = ask(&handle, "createWritable", &Array::new()).await?;
    let from = js::call(file, "stream", &Array::new()).map_err(|e| not_written(&e))?;
    // Closes the writable at the end, which makes the copy visible at once.
    let piped = js::call(&from, "pipeTo", &Array::of1(&to)).map_err(|e| not_written(&e))?;
    js::outcome(piped).await.map_err(|e| not_written(&e))?;
    Ok(file_of(&handle).await?)
}

async fn write(folder: &JsValue, name: &str, bytes: &Uint8Array) -> Result<(), NotWritten> {
    let handle = ask(folder, "getFileHandle", &named(name, true)).await?;
    let opened = js::call(&handle, "createSyncAccessHandle", &Array::new());
    let access = js::outcome(opened.map_err(|e| not_written(&e))?)
        .await
        .map_err(|e| not_written(&e))?;
    let written = js::call(&access, "write", &Array::of1(bytes))
        .and_then(|written| js::call(&access, "flush", &Array::new()).map(|_| written));
    let _ = js::call(&access, "close", &Array::new());
    match written.map_err(|e| not_written(&e))?.as_f64() {
        Some(count) if count == f64::from(bytes.length()) => Ok(()),
        _ => Err(NotWritten::Full),
    }
}

fn not_written(error: &JsValue) -> NotWritten {
    match js::get_text(error, "name").as_deref() {
        Some("QuotaExceededError") => NotWritten::Full,
        _ => NotWritten::Failed(thrown(error)),
    }
}

async fn file_of(handle: &JsValue) -> Result<File, Failure> {
    let file = ask(handle, "getFile", &Array::new()).await?;
    file.dyn_into().map_err(|e| thrown(&e))
}

async fn remove_from(folder: &JsValue, name: &str) -> Result<(), Failure> {
    let arguments = Array::of1(&JsValue::from_str(name));
    ask(folder, "removeEntry", &arguments).await.map(|_| ())
}

/// The page's or the worker's.
fn storage() -> Option<JsValue> {
    let storage = js::get(&js::get(&js_sys::global(), "navigator"), "storage");
    storage.is_object().then_some(storage)
}

fn named(name: &str, create: bool) -> Array {
    let options = js::object(&[("create", JsValue::from_bool(create))]);
    Array::of2(&JsValue::from_str(name), &options)
}

async fn ask(target: &JsValue, method: &str, arguments: &Array) -> Result<JsValue, Failure> {
    let promise = js::call(target, method, arguments).map_err(|e| thrown(&e))?;
    js::outcome(promise).await.map_err(|e| thrown(&e))
}
