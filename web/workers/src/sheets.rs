//! Spreadsheets, in a web worker of their own that lives as long as the file is open: what
//! reads them is fetched for nothing else. It answers with names and rows of text.

use crate::reading::table::Table;
use js_sys::Array;
use platform::browser::js;
use platform::failure::{Failure, refused};
use platform::worker::link::{Program, WorkerLink};
use serde::{Deserialize, Serialize};
use wasm_bindgen::JsValue;
use web_sys::Blob;

/// So many sheets of a file are shown.
pub const MAX_SHEETS: usize = 50;
/// A larger file is not read, in bytes.
pub const MAX_SHEETS_BYTES: u64 = 32 << 20;

const PROGRAM: Program = Program {
    loader: "/workers-0000000000000000/sheets_loader.js",
    name: "the worker for spreadsheets",
    number: "number",
};

/// What the page asks of the worker.
#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SheetsRequest {
    /// To read the file whose bytes go with the question.
    Open,
    /// What is in one of its sheets, counted from 0.
    Sheet(usize),
}

/// What the worker says.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SheetsReply {
    /// It listens; what is sent earlier is lost.
    Ready,
    Opened {
        /// Of the sheets that can be looked at.
        names: Vec<String>,
        /// How many sheets there are.
        all: usize,
    },
    Sheet(Table),
    /// It is no spreadsheet, broken, locked, or too much.
    Unreadable,
}

/// A running worker; it ends when this is dropped.
pub struct SheetReader(WorkerLink);

impl SheetReader {
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
    pub async fn ask(
        &self,
        ask: SheetsRequest,
        bytes: Option<&Blob>,
    ) -> Result<SheetsReply, Failure> {
        let text = serde_json::to_string(&ask).map_err(|e| refused(e.to_string()))?;
        let bytes = bytes.map_or(JsValue::UNDEFINED, JsValue::from);
        let fields = [("ask", JsValue::from_str(&text)), ("bytes", bytes)];
        let said = self.0.ask(&fields, &Array::new()).await?;
        let say = js::get_text(&said, "say").and_then(|text| serde_json::from_str(&text).ok());
        say.ok_or_else(|| refused("a torn message"))
    }
}
