//! What a file says, for whoever looks at it: its bytes, or the first of them, by way of
//! the reading worker.

use futures_util::future::{Either, select, try_join};
use js_sys::{Array, Function, Reflect};
use platform::api::Api;
use platform::browser::{clock, js};
use platform::failure::{Failure, refused, thrown};
use std::cell::Cell;
use std::pin::pin;
use wasm_bindgen::{JsCast, JsValue};
use workers::reading::markdown::Mark;
use workers::reading::table::Table;
use workers::reading::zip_list::{END_BYTES, Entries, MAX_DIRECTORY_BYTES};
use workers::reading::{ReadReply, ReadRequest, Reader};

/// So much of a text is shown.
const TEXT_BYTES: u64 = 2 << 20;
/// So much of a text is shown as Markdown.
const MARKDOWN_BYTES: u64 = 1 << 20;
/// So much of a table is read.
const TABLE_BYTES: u64 = 8 << 20;
/// How long reading may take, in milliseconds.
const MOST_MILLIS: u64 = 20_000;

/// As what a file is read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ReadAs {
    Text,
    Markdown,
    /// Its cells are apart by tabs, or by what its first line says.
    Table {
        has_tabs: bool,
    },
    Zip,
}

/// What it says.
pub enum ReadFile {
    Text(String),
    Markdown(Vec<Mark>),
    Table(Table),
    Zip(Entries),
}

/// What it says, as far as it was read.
pub struct ReadPart {
    pub file: ReadFile,
    /// How many bytes of it, if not all.
    pub first_bytes: Option<u64>,
}

/// Reads a file; `None` for what is not what its name says.
///
/// # Errors
/// Those of loading it, and `Device` where it takes too long.
pub async fn read(
    api: &Api,
    address: &str,
    size: u64,
    kind: ReadAs,
) -> Result<Option<ReadPart>, Failure> {
    let reader = Reader::launch();
    if kind == ReadAs::Zip {
        return read_zip(&reader.await?, api, address, size).await;
    }
    let most = match kind {
        ReadAs::Markdown => MARKDOWN_BYTES,
        ReadAs::Table { .. } => TABLE_BYTES,
        _ => TEXT_BYTES,
    };
    let is_whole = size <= most;
    let ask = match kind {
        ReadAs::Markdown => ReadRequest::Markdown { is_whole },
        ReadAs::Table { has_tabs } => ReadRequest::Table { is_whole, has_tabs },
        _ => ReadRequest::Text { is_whole },
    };
    let bytes = api.span(address, 0..size.min(most));
    let (reader, bytes) = try_join(reader, bytes).await?;
    let file = match in_time(reader.ask(ask, &bytes)).await? {
        ReadReply::Text(text) => ReadFile::Text(text),
        ReadReply::Markdown(marks) => ReadFile::Markdown(marks),
        ReadReply::Table(table) => ReadFile::Table(table),
        _ => return Ok(None),
    };
    Ok(Some(ReadPart {
        file,
        first_bytes: (!is_whole).then_some(most),
    }))
}

/// Its list only: the rest does not travel.
async fn read_zip(
    reader: &Reader,
    api: &Api,
    address: &str,
    size: u64,
) -> Result<Option<ReadPart>, Failure> {
    let tail = api
        .span(address, size.saturating_sub(END_BYTES)..size)
        .await?;
    let end = in_time(reader.ask(ReadRequest::ZipEnd { size }, &tail)).await?;
    let ReadReply::ZipEnd(directory) = end else {
        return Ok(None);
    };
    let length = directory.bytes.min(MAX_DIRECTORY_BYTES);
    if length == 0 {
        let empty = Entries {
            shown: Vec::new(),
            all: 0,
        };
        let part = ReadPart {
            file: ReadFile::Zip(empty),
            first_bytes: None,
        };
        return Ok((directory.entries == 0).then_some(part));
    }
    let span = directory.start..directory.start + length;
    let list = api.span(address, span).await?;
    let ask = ReadRequest::ZipEntries { directory };
    Ok(match in_time(reader.ask(ask, &list)).await? {
        ReadReply::ZipEntries(entries) => Some(ReadPart {
            file: ReadFile::Zip(entries),
            first_bytes: None,
        }),
        _ => None,
    })
}

/// The worker ends with its question: a text that takes it for ever holds nothing up.
async fn in_time(
    answer: impl Future<Output = Result<ReadReply, Failure>>,
) -> Result<ReadReply, Failure> {
    match select(pin!(answer), pin!(clock::sleep(MOST_MILLIS))).await {
        Either::Left((answer, _)) => answer,
        Either::Right(_) => Err(refused("reading it takes too long")),
    }
}

/// A font in the document; it goes when this is dropped.
pub struct LoadedFont {
    face: JsValue,
    /// What styles call it.
    pub family: String,
}

impl Drop for LoadedFont {
    fn drop(&mut self) {
        let _ = fonts().and_then(|fonts| js::call(&fonts, "delete", &Array::of1(&self.face)));
    }
}

fn fonts() -> Result<JsValue, JsValue> {
    Reflect::get(&js::get(&js_sys::global(), "document"), &"fonts".into())
}

/// Loads a font. The browser checks its bytes, as it does with those of pages that nobody
/// trusts.
///
/// # Errors
/// Those of loading it.
pub async fn font(api: &Api, address: &str, size: u64) -> Result<Option<LoadedFont>, Failure> {
    thread_local! {
        static NEXT: Cell<u32> = const { Cell::new(0) };
    }
    let bytes = api.span(address, 0..size).await?.array_buffer();
    let bytes = js::outcome(bytes).await.map_err(|e| thrown(&e))?;
    let number = NEXT.with(|next| next.replace(next.get() + 1));
    let family = format!("looked-at-{number}");
    let make: Function = js::get(&js_sys::global(), "FontFace")
        .dyn_into()
        .map_err(|e| thrown(&e))?;
    let face = Reflect::construct(&make, &Array::of2(&family.as_str().into(), &bytes));
    let face = face.map_err(|e| thrown(&e))?;
    let loading = js::call(&face, "load", &Array::new()).map_err(|e| thrown(&e))?;
    if js::outcome(loading).await.is_err() {
        return Ok(None);
    }
    let added = fonts().and_then(|fonts| js::call(&fonts, "add", &Array::of1(&face)));
    added.map_err(|e| thrown(&e))?;
    Ok(Some(LoadedFont { face, family }))
}
