//! Merging two versions of a text, in a web worker that lives as long as the
//! merge does: it loads the texts, compares them and holds what was picked; the
//! page asks for the rows that are in sight.
//!
//! Questions are answered one after another, as JSON text beside a number.

pub mod drafts;
pub mod worker;

use js_sys::{Array, Uint8Array};
use merge::ranges::ChangedRange;
use merge::{
    AppliedDraft, ColumnRow, Encoding, Ends, Lacking, MergeCounts, MergeDraft, Pick, RegionText,
    ResultRow, Seek, SideRow, Typed, View,
};
use platform::browser::js;
use platform::failure::{Failure, refused};
use platform::worker::link::{Program, WorkerLink};
use protocol::ids::UserId;
use serde::{Deserialize, Serialize};
use std::ops::Range;
use wasm_bindgen::{JsCast, JsValue};

const PROGRAM: Program = Program {
    loader: "/workers-0000000000000000/merger_loader.js",
    name: "the merging worker",
    number: "number",
};

/// What the page asks of the worker. Regions are named by their index.
#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum MergeRequest {
    /// Loads three texts from their addresses, for this user, and picks what the
    /// draft says. Without a base, or where it is gone, both sides are all new.
    Open {
        user: Option<UserId>,
        base: Option<String>,
        first: String,
        second: String,
        draft: MergeDraft,
    },
    /// Loads what a side changed of a file that is no text, with what stood there, and
    /// says what of it differs. Needs nothing that is open.
    Differ {
        user: Option<UserId>,
        base: String,
        side: String,
        ranges: Vec<ChangedRange>,
    },
    Rows {
        view: View,
        window: Range<usize>,
    },
    Pick {
        region: usize,
        pick: Option<Pick>,
    },
    /// For all conflicts that are open.
    PickOpen {
        pick: Pick,
    },
    /// Picks what was typed in a region's place.
    Edit {
        region: usize,
        typed: String,
    },
    Undo,
    Redo,
    Seek {
        seek: Seek,
        from: Option<usize>,
        back: bool,
    },
    /// Where a region is…
    Find {
        region: usize,
    },
    /// …and what it says.
    Look {
        region: usize,
    },
    /// Reads the first and the second version in these encodings.
    ReadAs {
        sides: [Encoding; 2],
        typed: Vec<Typed>,
    },
    /// Writes the result in an encoding, or in the one that follows from the
    /// versions.
    WriteIn {
        encoding: Option<Encoding>,
    },
    /// The result's bytes.
    Finish,
}

/// What the worker says.
#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum MergeReply {
    /// It listens; what is sent earlier is lost.
    Ready,
    Opened {
        progress: MergeProgress,
        /// Of base, first and second.
        encodings: [Encoding; 3],
        ends: Ends,
        applied: AppliedDraft,
    },
    Differs {
        ranges: Vec<ChangedRange>,
    },
    Progress {
        progress: MergeProgress,
    },
    Rows {
        rows: ViewRows,
        /// What is picked for the regions of these rows.
        picks: Vec<(usize, PickKind)>,
    },
    Found {
        found: Option<FoundRegion>,
    },
    Region {
        text: Option<RegionText>,
    },
    /// The bytes come beside this.
    Finished {
        encoding: Encoding,
        is_encoding_changed: bool,
    },
    /// Why there are no bytes.
    Lacking {
        lacking: Lacking,
    },
    /// Why there is nothing to merge.
    NotText {
        reason: String,
    },
    Unreachable,
    /// A version is not there any more, or nobody is signed in.
    Gone,
    Failed {
        detail: String,
    },
}

/// How far the merge has come, after each step.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct MergeProgress {
    pub counts: MergeCounts,
    pub is_complete: bool,
    /// Rows of the views: sides, column, result.
    pub rows: [usize; 3],
    /// To be put apart.
    pub draft: MergeDraft,
    /// What the result is written in; `None` before anything was compared.
    pub encoding: Option<Encoding>,
    /// Characters of what was decided that this encoding does not have.
    pub lacking: Option<Lacking>,
}

/// Rows of one of the views.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ViewRows {
    Sides(Vec<SideRow>),
    Column(Vec<ColumnRow>),
    Result(Vec<ResultRow>),
}

/// A pick without its text.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PickKind {
    First,
    Second,
    FirstThenSecond,
    SecondThenFirst,
    Edited,
}

impl PickKind {
    pub fn of(pick: &Pick) -> Self {
        match pick {
            Pick::First => Self::First,
            Pick::Second => Self::Second,
            Pick::FirstThenSecond => Self::FirstThenSecond,
            Pick::SecondThenFirst => Self::SecondThenFirst,
            Pick::Edited { .. } => Self::Edited,
        }
    }
}

/// A region that was looked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct FoundRegion {
    pub region: usize,
    pub is_conflict: bool,
    /// Which conflict it is, counted from 1; of another region, how many come
    /// before it.
    pub nth: usize,
    pub pick: Option<PickKind>,
    /// Where it begins in the views: sides, column, result.
    pub rows: [usize; 3],
}

/// A merge's place in arrays with an entry for each view.
pub fn place_of(view: View) -> usize {
    match view {
        View::Sides => 0,
        View::Column => 1,
        View::Result => 2,
    }
}

type Answer = Result<(MergeReply, Option<Uint8Array>), Failure>;

/// A running merge worker; it ends when this is dropped.
pub struct Merger(WorkerLink);

impl Merger {
    /// Starts the worker.
    ///
    /// # Errors
    /// `Unreachable` where its script does not arrive.
    pub async fn launch() -> Result<Self, Failure> {
        WorkerLink::launch(PROGRAM).await.map(Self)
    }

    /// Ends it: whoever waits for an answer is told that it broke.
    pub fn end(&self) {
        self.0.end();
    }

    /// Asks and waits for the answer.
    ///
    /// # Errors
    /// `Device` where the worker breaks.
    pub async fn ask(&self, ask: &MergeRequest) -> Result<MergeReply, Failure> {
        self.ask_for_bytes(ask).await.map(|(say, _)| say)
    }

    /// The same for an answer that has bytes beside it.
    ///
    /// # Errors
    /// `Device` where the worker breaks.
    pub async fn ask_for_bytes(&self, ask: &MergeRequest) -> Answer {
        let text = serde_json::to_string(ask).map_err(|e| refused(e.to_string()))?;
        let fields = [("ask", JsValue::from_str(&text))];
        let said = self.0.ask(&fields, &Array::new()).await?;
        let say = js::get_text(&said, "say").and_then(|text| serde_json::from_str(&text).ok());
        let bytes = js::get(&said, "bytes").dyn_into().ok();
        Ok((say.ok_or_else(|| refused("a torn message"))?, bytes))
    }
}
