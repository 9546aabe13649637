//! What a file says, for whoever looks at it: its bytes, or the first of them, by way of
//! the reading worker.

use super::ports::Client;
use crate::words::t;
use client::downloads::compose_here;
use futures_util::future::{Either, select, try_join};
use js_sys::{Array, Function, Reflect};
use platform::api::Api;
use platform::browser::{clock, js};
use platform::failure::{Failure, refused, thrown};
use protocol::ids::{ItemId, Version};
use std::cell::{Cell, RefCell};
use std::ops::Range;
use std::pin::pin;
use std::rc::Rc;
use wasm_bindgen::{JsCast, JsValue};
use web_sys::Blob;
use workers::reading::markdown::Mark;
use workers::reading::table::Table;
use workers::reading::zip_list::{END_BYTES, Entries, MAX_DIRECTORY_BYTES};
use workers::reading::{ReadReply, ReadRequest, Reader};
pub use workers::sheets::MAX_SHEETS_BYTES;
use workers::sheets::{SheetReader, SheetsReply, SheetsRequest};

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

/// Where the bytes of a file are from: the server, or without a connection the block cache.
pub struct Source {
    pub api: Api,
    /// The file, if it may be in the cache.
    pub here: Option<(Client, ItemId, Version)>,
}

impl Source {
    /// A part of the file.
    ///
    /// # Errors
    /// Those of the server; without it, that the file is not on this device.
    pub async fn span(&self, address: &str, span: Range<u64>) -> Result<Blob, Failure> {
        match self.api.span(address, span.clone()).await {
            Err(Failure::Unreachable) => {
                let whole = self.kept().await?;
                let part = whole.slice_with_f64_and_f64(span.start as f64, span.end as f64);
                part.map_err(|e| thrown(&e))
            }
            outcome => outcome,
        }
    }

    /// All of it.
    ///
    /// # Errors
    /// The same.
    pub async fn whole(&self, address: &str) -> Result<Blob, Failure> {
        match self.api.content(address).await {
            Err(Failure::Unreachable) => self.kept().await,
            outcome => outcome,
        }
    }

    /// What the cache has of it, each block verified.
    ///
    /// # Errors
    /// It is not on this device.
    pub async fn kept(&self) -> Result<Blob, Failure> {
        let Some((client, item, version)) = &self.here else {
            return Err(Failure::Unreachable);
        };
        let (page, lists) = (client.platform(), client.lists());
        page.recall_list(lists, *item, *version).await;
        match compose_here(page, lists, (*item, *version)).await {
            Ok(Some(whole)) => Ok(whole),
            Ok(None) | Err(_) => {
                let why = t(
                    "The server can’t be reached, and this file is not kept on this device. It can be shown once there is a connection",
                );
                Err(Failure::Device(why.to_owned()))
            }
        }
    }
}

/// Reads a file; `None` for what is not what its name says.
///
/// # Errors
/// Those of loading it, and `Device` where it takes too long.
pub async fn read(
    from: &Source,
    address: &str,
    size: u64,
    kind: ReadAs,
) -> Result<Option<ReadPart>, Failure> {
    let reader = Reader::launch();
    if kind == ReadAs::Zip {
        return read_zip(&reader.await?, from, address, size).await;
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
    let bytes = from.span(address, 0..size.min(most));
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

/// A spreadsheet that is open; its worker ends with it.
pub struct OpenSheets {
    reader: SheetReader,
    /// Of the sheets that can be looked at.
    pub names: Vec<String>,
    /// How many there are.
    pub all: usize,
}

impl OpenSheets {
    /// What is in a sheet, counted from 0; `None` if it can't be read.
    ///
    /// # Errors
    /// `Device` where it takes too long, or more room than there is.
    pub async fn sheet(&self, nth: usize) -> Result<Option<Table>, Failure> {
        match in_time(self.reader.ask(SheetsRequest::Sheet(nth), None)).await? {
            SheetsReply::Sheet(table) => Ok(Some(table)),
            _ => Ok(None),
        }
    }
}

/// Opens a spreadsheet; `None` for what is none.
///
/// # Errors
/// Those of loading it, and `Device` where it takes too long, or more room than there is.
pub async fn sheets(
    from: &Source,
    address: &str,
    size: u64,
) -> Result<Option<OpenSheets>, Failure> {
    let (reader, bytes) = try_join(SheetReader::launch(), from.span(address, 0..size)).await?;
    match in_time(reader.ask(SheetsRequest::Open, Some(&bytes))).await? {
        SheetsReply::Opened { names, all } => Ok(Some(OpenSheets { reader, names, all })),
        _ => Ok(None),
    }
}

/// What is typed, read as Markdown again and again: one worker does it.
#[derive(Default)]
pub struct Preview(RefCell<Option<Rc<Reader>>>);

impl Preview {
    /// The marks of a text, or of the first [`MARKDOWN_BYTES`] of it.
    ///
    /// # Errors
    /// `Device` where it takes too long, or there is no worker.
    pub async fn marks(&self, text: &str) -> Result<Vec<Mark>, Failure> {
        let running = self.0.borrow().clone();
        let reader = match running {
            Some(reader) => reader,
            None => {
                let reader = Rc::new(Reader::launch().await?);
                *self.0.borrow_mut() = Some(reader.clone());
                reader
            }
        };
        let blob = Blob::new_with_str_sequence(&Array::of1(&text.into()));
        let blob = blob.map_err(|e| thrown(&e))?;
        let is_whole = blob.size() <= MARKDOWN_BYTES as f64;
        let blob = match is_whole {
            true => blob,
            false => blob
                .slice_with_f64_and_f64(0.0, MARKDOWN_BYTES as f64)
                .map_err(|e| thrown(&e))?,
        };
        let answer = in_time(reader.ask(ReadRequest::Markdown { is_whole }, &blob)).await;
        match answer {
            Ok(ReadReply::Markdown(marks)) => Ok(marks),
            Ok(_) => Ok(Vec::new()),
            Err(failure) => {
                // The next text may be a better one.
                *self.0.borrow_mut() = None;
                Err(failure)
            }
        }
    }
}

/// Its list only: the rest does not travel.
async fn read_zip(
    reader: &Reader,
    from: &Source,
    address: &str,
    size: u64,
) -> Result<Option<ReadPart>, Failure> {
    let tail = from
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
    let list = from.span(address, span).await?;
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
pub(super) async fn in_time<T>(
    answer: impl Future<Output = Result<T, Failure>>,
) -> Result<T, Failure> {
    match select(pin!(answer), pin!(clock::sleep(MOST_MILLIS))).await {
        Either::Left((answer, _)) => answer,
        Either::Right(_) => Err(refused(t("reading it takes too long"))),
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
pub async fn font(from: &Source, address: &str, size: u64) -> Result<Option<LoadedFont>, Failure> {
    thread_local! {
        static NEXT: Cell<u32> = const { Cell::new(0) };
    }
    let bytes = from.span(address, 0..size).await?.array_buffer();
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
