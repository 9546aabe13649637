//! A zip in the worker's hands, as [`workers::archive::work`] takes it. One that is
//! dropped before it is whole is abandoned.

use crate::archive::plan::{FileContent, ZipEntry};
use crate::words::t;
use blocks::manifest::BlockRef;
use js_sys::{Array, ArrayBuffer, Uint8Array};
use platform::browser::js;
use platform::failure::Failure;
use platform::packed::{pack, unpack};
use protocol::ids::UnixMillis;
use std::cell::Cell;
use std::rc::Rc;
use wasm_bindgen::JsValue;
use wasm_bindgen_futures::spawn_local;
use workers::cache::Cache;
use workers::cache::index::CachedBlock;
use workers::cache::keeper::{list, read};
use workers::cache::wire;

pub struct Making {
    cache: Rc<Cache>,
    zip: u64,
    is_open: Cell<bool>,
}

/// What became of an answer of frames.
pub struct Fed {
    /// In the worker's hands now, verified.
    pub kept: Vec<BlockRef>,
    /// Not what their hashes say.
    pub wrong: Vec<BlockRef>,
}

type Fields<'a> = &'a [(&'static str, JsValue)];

impl Making {
    pub fn new(cache: Rc<Cache>, zip: u64) -> Self {
        let is_open = Cell::new(false);
        Self {
            cache,
            zip,
            is_open,
        }
    }

    /// # Errors
    /// There is no worker, or its disk is full. The same goes for all below.
    pub async fn open(&self) -> Result<(), Failure> {
        self.is_open.set(true);
        self.step("open", &[]).await.map(|_| ())
    }

    /// Adds a folder, or begins a file.
    pub async fn begin(&self, entry: &ZipEntry) -> Result<(), Failure> {
        let path = ("path", JsValue::from_str(&entry.path));
        let at = ("at", JsValue::from_f64(entry.changed_at_ms.millis() as f64));
        match entry.file {
            None => self.step("folder", &[path, at]).await,
            Some(FileContent { size, .. }) => {
                let size = ("size", JsValue::from_f64(size as f64));
                self.step("file", &[path, at, size]).await
            }
        }
        .map(|_| ())
    }

    /// Hands the worker an answer of frames.
    pub async fn feed(&self, body: &ArrayBuffer) -> Result<Fed, Failure> {
        let fields = [("body", Uint8Array::new(body).into())];
        let answer = self.lend("feed", &fields, &Array::of1(body)).await?;
        Ok(Fed {
            kept: read(&answer, "kept", unpack)?,
            wrong: read(&answer, "wrong", unpack)?,
        })
    }

    /// Goes on with the file. Returns how many of these blocks were to be had.
    pub async fn append(
        &self,
        blocks: &[BlockRef],
        places: &[CachedBlock],
    ) -> Result<usize, Failure> {
        let fields = [
            ("blocks", list(&pack(blocks))),
            ("places", list(&wire::pack_places(places))),
        ];
        let answer = self.step("append", &fields).await?;
        Ok(js::get_number(&answer, "appended").unwrap_or_default() as usize)
    }

    /// Takes the file back that was begun last.
    pub async fn take_back(&self) -> Result<(), Failure> {
        self.step("takeBack", &[]).await.map(|_| ())
    }

    /// The worker needs nothing of what it was fed any more.
    pub async fn let_go(&self) -> Result<(), Failure> {
        self.step("letGo", &[]).await.map(|_| ())
    }

    /// Adds a file of these words.
    pub async fn text(&self, path: &str, at: UnixMillis, text: &str) -> Result<(), Failure> {
        let fields = [
            ("path", path.into()),
            ("at", JsValue::from_f64(at as f64)),
            ("text", text.into()),
        ];
        self.step("text", &fields).await.map(|_| ())
    }

    pub async fn close(&self) -> Result<(), Failure> {
        self.step("close", &[]).await?;
        self.is_open.set(false);
        Ok(())
    }

    async fn step(&self, step: &str, fields: Fields<'_>) -> Result<JsValue, Failure> {
        self.lend(step, fields, &Array::new()).await
    }

    async fn lend(&self, step: &str, fields: Fields<'_>, lent: &Array) -> Result<JsValue, Failure> {
        let mut all = vec![
            ("zip", JsValue::from_f64(self.zip as f64)),
            ("step", step.into()),
        ];
        all.extend_from_slice(fields);
        let answer = self.cache.zip_step(&all, lent).await?;
        if js::get(&answer, "full").is_truthy() {
            let why = t("it has no more room for this page").to_owned();
            return Err(Failure::Device(why));
        }
        Ok(answer)
    }
}

impl Drop for Making {
    fn drop(&mut self) {
        if !self.is_open.get() {
            return;
        }
        let gone = Making::new(self.cache.clone(), self.zip);
        spawn_local(async move {
            // What the worker can't do, the next sweep does.
            let _ = gone.step("abandon", &[]).await;
        });
    }
}
