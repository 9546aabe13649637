//! Reading a file for the viewer, in a web worker that lives as long as the file is
//! open: texts are decoded, Markdown, tables and lists of archives are taken apart. What
//! comes of it is data of closed types, never markup: the page makes elements of it, and
//! nothing that a file says can become one that nobody meant.
//!
//! Questions are answered one after another, as JSON text beside a number.

pub mod colours;
pub mod markdown;
pub mod table;
pub mod unpack;
pub mod worker;
pub mod zip_files;
pub mod zip_list;

use js_sys::{Array, Uint8Array};
use markdown::Mark;
use merge::{Encoding, Unwritten};
use platform::browser::js;
use platform::failure::{Failure, refused};
use platform::worker::link::{Program, WorkerLink};
use serde::{Deserialize, Serialize};
use table::Table;
use unpack::{NoExport, Unpacked};
use wasm_bindgen::{JsCast, JsValue};
use web_sys::Blob;
use zip_list::{Directory, Entries};

const PROGRAM: Program = Program {
    loader: "/workers-0000000000000000/reader_loader.js",
    name: "the reading worker",
    number: "number",
};

/// What the page asks of the worker, about bytes that go with the question.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ReadRequest {
    /// `is_whole`: no part of the file is missing at its end.
    Text { is_whole: bool },
    /// As a text field takes it: all of it.
    Field,
    /// What was typed over it, as its bytes.
    Write { typed: String },
    /// As Markdown.
    Markdown { is_whole: bool },
    /// As rows of cells, apart by tabs if it `has_tabs`.
    Table { is_whole: bool, has_tabs: bool },
    /// Where a zip has its list of entries. The bytes are its last ones, and it has so
    /// many.
    ZipEnd { size: u64 },
    /// What is in that list.
    ZipEntries { directory: Directory },
    /// What of an export's zip is imported. The bytes are the whole zip, of which the worker
    /// reads its lists only.
    Unpack,
    /// The checksum of these bytes, which may be many: they are read piece by piece.
    Checksum,
}

/// What the worker says.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ReadReply {
    /// It listens; what is sent earlier is lost.
    Ready,
    Text(String),
    Field(Field),
    /// The bytes come beside this.
    Written,
    /// Why there are none.
    Unwritten(Unwritten),
    Markdown(Vec<Mark>),
    Table(Table),
    ZipEnd(Directory),
    ZipEntries(Entries),
    Unpacked(Unpacked),
    NoExport(NoExport),
    Checksum(u32),
    /// It is not what its name says, or broken.
    Unreadable,
}

/// A text as it can be typed over.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Field {
    /// With line feeds only. `None` if its bytes could not be written again as they are.
    pub text: Option<String>,
    pub encoding: Encoding,
    pub has_mixed_ends: bool,
}

/// A running reading worker; it ends when this is dropped.
pub struct Reader(WorkerLink);

impl Reader {
    /// Starts the worker.
    ///
    /// # Errors
    /// `Unreachable` where its script does not arrive.
    pub async fn launch() -> Result<Self, Failure> {
        WorkerLink::launch(PROGRAM).await.map(Self)
    }

    /// Asks and waits for the answer.
    ///
    /// # Errors
    /// `Device` where the worker breaks.
    pub async fn ask(&self, ask: ReadRequest, bytes: &Blob) -> Result<ReadReply, Failure> {
        self.ask_for_bytes(ask, bytes).await.map(|(say, _)| say)
    }

    /// The same for an answer that has bytes beside it.
    ///
    /// # Errors
    /// `Device` where the worker breaks.
    pub async fn ask_for_bytes(
        &self,
        ask: ReadRequest,
        bytes: &Blob,
    ) -> Result<(ReadReply, Option<Uint8Array>), Failure> {
        let text = serde_json::to_string(&ask).map_err(|e| refused(e.to_string()))?;
        let fields = [("ask", JsValue::from_str(&text)), ("bytes", bytes.into())];
        let said = self.0.ask(&fields, &Array::new()).await?;
        let say = js::get_text(&said, "say").and_then(|text| serde_json::from_str(&text).ok());
        let bytes = js::get(&said, "bytes").dyn_into().ok();
        Ok((say.ok_or_else(|| refused("a torn message"))?, bytes))
    }
}
