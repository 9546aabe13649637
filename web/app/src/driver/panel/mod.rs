//! The upload panel's rows, from when a file is taken in to their end. A row is
//! about one draft: the engine says where that stands, and the hashing and
//! sending how far.
//!
//! | file | does |
//! | --- | --- |
//! | [`row`] | one file, and what its row says |
//! | [`coming`] | files that have no row yet |
//! | [`paths`] | folders' paths for people |
//! | [`stage`] | the engine's word for it, in the panel's |
//! | [`total`] | the panel's head line |

pub mod coming;
pub mod paths;
pub mod row;
mod stage;
mod total;

use super::current::Current;
use super::ports::Client;
use crate::state::notices::Notices;
use crate::state::uploads::{Progress, Stage, Upload, UploadId, UploadSource, Uploads};
use crate::words::t;
use client::located::Located;
use client::ports::SendProgress;
use coming::Coming;
use leptos::prelude::{GetUntracked, Owner, RwSignal, Set, StoredValue, Update, WithUntracked};
use platform::browser::clock;
use protocol::ids::{ConflictId, ItemId};
use protocol::problem::Problem;
use row::{Dropped, PanelRow, RowOrigin};
use std::cell::{Cell, RefCell};
use std::collections::{BTreeMap, HashMap, HashSet};
use std::rc::Rc;
use sync::edit::{Draft, DraftId, Edit};
use sync::message::{Answer, Input, Lost, Observation};
use sync::tree::Tree;
use total::Summary;
use wasm_bindgen_futures::spawn_local;
use web_sys::File;

/// How often the head line is refreshed, in milliseconds.
const TOTAL_MILLIS: u64 = 250;

pub struct Panel {
    current: Current,
    shown: Uploads,
    tree: RwSignal<Tree>,
    notices: Notices,
    pub coming: Coming,
    /// A row's signals are made in the name of the page: they outlive the view that
    /// they came by.
    owner: Owner,
    rows: RefCell<BTreeMap<UploadId, Rc<PanelRow>>>,
    of_draft: RefCell<HashMap<DraftId, Rc<PanelRow>>>,
    last_id: Cell<UploadId>,
    summing: Cell<bool>,
    /// What the rows were staged by when the connection last came or went.
    was_connected: Cell<Option<bool>>,
}

impl Panel {
    pub fn new(
        current: Current,
        shown: Uploads,
        tree: RwSignal<Tree>,
        notices: Notices,
    ) -> Rc<Self> {
        Rc::new(Self {
            current,
            shown,
            tree,
            notices,
            coming: Coming::default(),
            owner: Owner::current().unwrap_or_default(),
            rows: RefCell::default(),
            of_draft: RefCell::default(),
            last_id: Cell::new(0),
            summing: Cell::new(false),
            was_connected: Cell::new(None),
        })
    }

    /// Opens rows, all at once.
    pub fn open(self: &Rc<Self>, sources: Vec<(UploadSource, RowOrigin)>) -> Vec<Rc<PanelRow>> {
        let rows: Vec<Rc<PanelRow>> = sources
            .into_iter()
            .map(|(source, origin)| {
                let id = self.last_id.get() + 1;
                self.last_id.set(id);
                let size = source.size;
                let view = self.owner.with(|| Upload {
                    id,
                    source: StoredValue::new(source),
                    progress: RwSignal::new(Progress::waiting()),
                });
                let row = Rc::new(PanelRow::new(view, size, origin));
                self.rows.borrow_mut().insert(id, row.clone());
                row
            })
            .collect();
        let views: Vec<Upload> = rows.iter().map(|row| row.view).collect();
        self.shown.entries.update(|entries| entries.extend(views));
        self.keep_summing();
        rows
    }

    /// Opens one row.
    pub fn open_one(self: &Rc<Self>, source: UploadSource, origin: RowOrigin) -> Rc<PanelRow> {
        let mut rows = self.open(vec![(source, origin)]);
        rows.remove(0)
    }

    /// From now on, a row is about this draft.
    pub fn set_draft(&self, row: &Rc<PanelRow>, draft: DraftId) {
        row.draft.set(Some(draft));
        self.of_draft.borrow_mut().insert(draft, row.clone());
    }

    /// Opens rows for what an engine was given, and nobody dropped here.
    pub fn adopt(self: &Rc<Self>, client: &Client) {
        if self.shown.paused.get_untracked() {
            client.take(vec![Input::Paused(true)]);
        }
        let engine = client.engine();
        let trees = engine.trees();
        let known = self.of_draft.borrow();
        let news: Vec<(ItemId, Draft)> = trees
            .edits()
            .flat_map(|edit| edit.drafts().map(|draft| (edit.item, draft.clone())))
            // A copy has nothing to upload: the list shows it.
            .filter(|(_, draft)| draft.copy_of.is_none() && !known.contains_key(&draft.id))
            .collect();
        drop(known);
        if news.is_empty() {
            return;
        }
        let sources = news.iter().map(|(item, draft)| {
            let parent = trees.local(*item).and_then(|local| local.parent);
            (
                UploadSource {
                    name: draft.file_name.clone(),
                    folder: self.tree.with_untracked(|tree| paths::shown(tree, parent)),
                    size: draft.size,
                    modified_at_ms: draft.modified_at_ms,
                },
                RowOrigin::Kept,
            )
        });
        let rows = self.open(sources.collect());
        for (row, (item, draft)) in rows.iter().zip(&news) {
            self.set_draft(row, draft.id);
            if let Some(edit) = trees.edit(*item) {
                self.restage(client, edit);
            }
        }
        self.sum_once();
    }

    /// Says where the drafts of these items stand now.
    pub fn news(&self, client: &Client, touched: impl Iterator<Item = ItemId>) {
        let touched: Vec<ItemId> = touched.collect();
        self.recall_late(client, &touched);
        let engine = client.engine();
        if self.was_connected.replace(Some(engine.is_connected())) != Some(engine.is_connected()) {
            for edit in engine.trees().edits() {
                self.restage(client, edit);
            }
            return;
        }
        for item in touched {
            if let Some(edit) = engine.trees().edit(item) {
                self.restage(client, edit);
            }
        }
    }

    fn restage(&self, client: &Client, edit: &Edit) {
        for draft in edit.drafts() {
            if let Some(row) = self.row_of(draft.id) {
                row.item.set(Some(edit.item));
                row.stage(stage::of(&client.engine(), edit, draft, &row));
            }
        }
    }

    /// A worker has begun to read a draft.
    pub fn hashing(&self, draft: DraftId) {
        if let Some(row) = self.row_of(draft) {
            row.is_reading.set(true);
            row.stage(Stage::Hashing);
        }
    }

    pub fn hashed(&self, draft: DraftId, bytes: u64) {
        if let Some(row) = self.row_of(draft) {
            row.count(|progress| progress.hashed_bytes = bytes);
        }
    }

    /// There is no worker for it, because there is no network to load one.
    pub fn unhashed(&self, draft: DraftId) {
        if let Some(row) = self.row_of(draft) {
            row.is_reading.set(false);
            row.stage(Stage::Offline);
        }
    }

    /// Blocks of a draft set out; the answer wants to hear how far they come.
    pub fn sending(
        &self,
        draft: DraftId,
        size: u64,
        blocks: &[Located],
    ) -> impl Fn(SendProgress) + 'static {
        let row = self.row_of(draft);
        let to_send: u64 = blocks.iter().map(|b| u64::from(b.block.length)).sum();
        let before = row.as_ref().map_or(0, |row| row.acknowledged_bytes.get());
        if let Some(row) = &row {
            row.count(|progress| {
                progress.hashed_bytes = size;
                progress.travels(size, before + to_send, SendProgress::default());
                progress.has_sent(before);
            });
        }
        move |sent: SendProgress| {
            if let Some(row) = &row {
                let acknowledged = before + sent.stored;
                row.acknowledged_bytes.set(acknowledged);
                row.count(|progress| {
                    progress.travels(size, before + to_send, sent);
                    progress.has_sent(acknowledged + sent.travelling);
                });
            }
        }
    }

    /// What the server said to a request that stores a draft.
    pub fn note_answer(
        &self,
        draft: DraftId,
        conflict: Option<ConflictId>,
        result: &Result<Answer, Lost>,
    ) {
        let Some(row) = self.row_of(draft) else {
            return;
        };
        let outcome = match (result, conflict) {
            (Ok(Answer::Item(changed)), _) => Stage::Done {
                version: changed.item.version(),
            },
            // The id is made of the content: it was kept before.
            (Ok(Answer::Conflict(_)) | Err(Lost::Refused(Problem::IdTaken)), Some(conflict)) => {
                Stage::Conflict { conflict }
            }
            _ => return,
        };
        row.outcome.replace(Some(outcome));
    }

    /// A draft is not needed any more: its row has ended.
    pub fn end(&self, draft: DraftId) {
        let Some(row) = self.of_draft.borrow_mut().remove(&draft) else {
            return;
        };
        row.draft.set(None);
        // Nothing is said to be stored of which nobody said so.
        let outcome = row.outcome.take();
        row.finish(outcome.unwrap_or(Stage::Cancelled));
        self.sum_once();
    }

    /// A draft was compared, and is what the server has.
    pub fn is_unchanged(&self, draft: DraftId) {
        if let Some(row) = self.row_of(draft) {
            row.outcome.replace(Some(Stage::Unchanged));
        }
    }

    /// Begins to send nothing more, or goes on.
    pub fn pause(self: &Rc<Self>, paused: bool) {
        self.shown.paused.set(paused);
        self.current.input(Input::Paused(paused));
        self.keep_summing();
    }

    pub fn cancel(&self, id: UploadId) {
        let row = self.rows.borrow().get(&id).cloned();
        if let Some(row) = row {
            self.cancel_rows(&[row]);
        }
    }

    /// Ends all that goes on: nothing more is taken in, sent or made. What the
    /// server is being asked to store at this moment ends first, so that the
    /// rows say what is there.
    pub fn cancel_all(&self) {
        let rows: Vec<Rc<PanelRow>> = self.rows.borrow().values().cloned().collect();
        self.cancel_rows(&rows);
    }

    fn cancel_rows(&self, rows: &[Rc<PanelRow>]) {
        let Some(client) = self.current.client() else {
            return;
        };
        let mut recalled = Vec::new();
        // The newest first: what waits behind the others never begins.
        for row in rows.iter().rev().filter(|row| !row.has_finished()) {
            row.is_cancelled.set(true);
            recalled.extend(self.recalled(&client, row));
        }
        client.take(recalled);
    }

    /// What takes a cancelled row's draft back, if nothing speaks against it.
    fn recalled(&self, client: &Client, row: &PanelRow) -> Option<Input> {
        let engine = client.engine();
        let draft = row.draft.get()?;
        let item = engine.trees().draft_item(draft)?;
        let is_first = engine.trees().edit(item)?.draft()?.id == draft;
        if is_first && stage::is_being_stored(&engine, item) {
            return None;
        }
        row.outcome.replace(Some(Stage::Cancelled));
        Some(Input::Observed(Observation::Recalled { draft }))
    }

    /// Cancelled rows whose draft could not be taken back while it was being
    /// stored, and was not stored.
    fn recall_late(&self, client: &Client, items: &[ItemId]) {
        let engine = client.engine();
        let edits = items.iter().filter_map(|item| engine.trees().edit(*item));
        let drafts = edits.filter_map(Edit::draft).map(|draft| draft.id);
        let rows = drafts.filter_map(|draft| self.row_of(draft));
        let late = rows.filter(|row| row.is_cancelled.get());
        let recalled: Vec<Input> = late.filter_map(|row| self.recalled(client, &row)).collect();
        if !recalled.is_empty() {
            // Later: this is in the middle of what is shown.
            let current = self.current.clone();
            spawn_local(async move { current.inputs(recalled) });
        }
    }

    /// Tries a row once more. Returns what has to be handed in again for that.
    pub fn retry(self: &Rc<Self>, id: UploadId) -> Option<(Rc<PanelRow>, Dropped)> {
        let row = self.rows.borrow().get(&id).cloned()?;
        let item = self.current.client().and_then(|client| {
            let engine = client.engine();
            engine.trees().draft_item(row.draft.get()?)
        });
        let mut again = None;
        match (item, &row.origin) {
            (Some(item), _) => {
                row.reset();
                let retried = Observation::Retried { item };
                self.current.input(Input::Observed(retried));
            }
            (None, RowOrigin::Kept) => {
                let text = t("Its bytes are not here any more: drop the file again");
                self.notices.bad(text);
            }
            (None, RowOrigin::Dropped(dropped)) => {
                row.reset();
                again = Some((row.clone(), dropped.clone()));
            }
        }
        self.keep_summing();
        again
    }

    /// The person has picked the file of this row once more.
    pub fn pick_again(self: &Rc<Self>, id: UploadId, file: &File) {
        let Some(row) = self.rows.borrow().get(&id).cloned() else {
            return;
        };
        if let Some(draft) = row.draft.get() {
            row.reset();
            self.hold(draft, file);
            self.keep_summing();
        }
    }

    /// The file that a draft has lost is here again.
    pub fn back(self: &Rc<Self>, draft: DraftId, file: &File) {
        match self.row_of(draft) {
            Some(row) => self.pick_again(row.view.id, file),
            None => self.hold(draft, file),
        }
    }

    /// Takes what is finished off the panel. What has failed stays.
    pub fn clear_finished(&self) {
        self.coming.clear_cancelled();
        self.take_off(|row| row.has_finished() && !row.has_failed());
    }

    /// Gives up what has failed: this one, or all.
    pub fn give_up(&self, id: Option<UploadId>) {
        let is_meant = |row: &PanelRow| row.has_failed() && id.is_none_or(|id| row.view.id == id);
        let rows = self.rows.borrow();
        let failed = rows.values().filter(|row| is_meant(row));
        let failed: Vec<Rc<PanelRow>> = failed.cloned().collect();
        drop(rows);
        let ids: HashSet<UploadId> = failed.iter().map(|row| row.view.id).collect();
        self.cancel_rows(&failed);
        for row in failed {
            if let Some(draft) = row.draft.get() {
                self.end(draft);
            }
        }
        self.take_off(|row| ids.contains(&row.view.id));
    }

    fn take_off(&self, is_over: impl Fn(&PanelRow) -> bool) {
        self.rows.borrow_mut().retain(|_, row| !is_over(row));
        let left: HashSet<UploadId> = self.rows.borrow().keys().copied().collect();
        self.shown
            .entries
            .update(|entries| entries.retain(|entry| left.contains(&entry.id)));
        self.sum_once();
    }

    /// The person has signed out.
    pub fn forget_all(&self) {
        self.shown.paused.set(false);
        self.rows.borrow_mut().clear();
        self.of_draft.borrow_mut().clear();
        self.was_connected.set(None);
        if !self.shown.entries.with_untracked(Vec::is_empty) {
            self.shown.entries.set(Vec::new());
        }
        self.sum_once();
    }

    fn row_of(&self, draft: DraftId) -> Option<Rc<PanelRow>> {
        self.of_draft.borrow().get(&draft).cloned()
    }

    /// Keeps the head line up to date for as long as something goes on.
    pub fn keep_summing(self: &Rc<Self>) {
        if self.summing.replace(true) {
            return;
        }
        let panel = self.clone();
        spawn_local(async move {
            let mut summary = Summary::default();
            loop {
                if !panel.sum(&mut summary) {
                    panel.summing.set(false);
                    return;
                }
                clock::sleep(TOTAL_MILLIS).await;
            }
        });
    }

    /// Brings the head line up to date.
    pub fn sum_once(&self) {
        if !self.summing.get() {
            self.sum(&mut Summary::default());
        }
    }

    /// Returns whether something goes on.
    fn sum(&self, summary: &mut Summary) -> bool {
        let rows: Vec<(u64, Progress)> = self
            .rows
            .borrow()
            .values()
            .map(|row| (row.size, row.with_progress(Progress::clone)))
            .collect();
        let rows = rows.iter().map(|(size, progress)| (*size, progress));
        let mut total = summary.sum(rows, clock::running_ms());
        total.files += self.coming.files();
        total.files_cancelled += self.coming.cancelled();
        let is_running = total.is_running();
        if self.shown.total.get_untracked() != total {
            self.shown.total.set(total);
        }
        if !is_running && self.shown.paused.get_untracked() {
            // What is handed in next does not wait.
            self.shown.paused.set(false);
            self.current.input(Input::Paused(false));
        }
        is_running
    }

    /// The bytes of a draft are in this file.
    fn hold(&self, draft: DraftId, file: &File) {
        if let Some(client) = self.current.client() {
            let draft = client.drafts().hold(draft, file);
            client.take(vec![Input::BytesBack { draft }]);
        }
    }
}
