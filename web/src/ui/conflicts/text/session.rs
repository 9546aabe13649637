//! A merge as the views see it: signals, and what a person does to them. The
//! texts and what was picked are in the worker.

use super::super::sides::{Side, Sides};
use crate::commands;
use crate::failure::Failure;
use crate::merging::drafts;
use crate::merging::{Ask, Found, Merger, Picked, Progress, Rows, Say};
use crate::state::Drive;
use crate::ui::format::{count, sentence};
use crate::ui::route::{Route, Router, use_router};
use crate::ui::toasts::tell_decided;
use crate::ui::work::Work;
use js_sys::Array;
use leptos::prelude::*;
use leptos::task::spawn_local;
use shared::ids::Version;
use shared::merge::{Applied, Draft, Encoding, LostEdit, Pick, RegionText, Seek, View};
use shared::protocol::paths;
use std::ops::Range;
use std::rc::Rc;
use web_sys::File;

/// Narrower windows begin with one column, in pixels; the stylesheet's limit
/// for phones.
const NARROW: f64 = 720.0;

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Phase {
    Loading,
    Ready,
    Failed(String),
}

/// Rows of a pane.
#[derive(Clone, Debug, PartialEq)]
pub struct Shown {
    pub from: usize,
    pub rows: Rows,
    pub picks: Vec<(usize, Picked)>,
}

impl Shown {
    pub fn pick_of(&self, region: usize) -> Option<Picked> {
        let mut picks = self.picks.iter();
        picks.find(|(of, _)| *of == region).map(|(_, pick)| *pick)
    }
}

#[derive(Clone, Copy)]
pub struct Session {
    pub sides: Memo<Option<Sides>>,
    pub phase: RwSignal<Phase>,
    pub view: RwSignal<View>,
    pub progress: RwSignal<Progress>,
    pub encodings: RwSignal<Option<[Encoding; 3]>>,
    /// Counts what makes rows look different.
    pub revision: RwSignal<u32>,
    /// The region that keys and buttons are about.
    pub current: RwSignal<Option<Found>>,
    /// The region that is being edited by hand.
    pub editing: RwSignal<Option<(usize, RegionText)>>,
    /// What became of earlier choices.
    pub told: RwSignal<Option<String>>,
    pub lost: RwSignal<Vec<LostEdit>>,
    drive: Drive,
    router: Router,
    on_unshowable: Callback<()>,
    merger: StoredValue<Option<Rc<Merger>>, LocalStorage>,
    /// The first version that was compared.
    compared: RwSignal<Option<Version>>,
}

impl Session {
    pub fn start(sides: Memo<Option<Sides>>, on_unshowable: Callback<()>) -> Self {
        let width = window().inner_width().ok().and_then(|width| width.as_f64());
        let session = Self {
            sides,
            phase: RwSignal::new(Phase::Loading),
            view: RwSignal::new(if width.is_some_and(|width| width < NARROW) {
                View::Column
            } else {
                View::Sides
            }),
            progress: RwSignal::new(Progress::default()),
            encodings: RwSignal::new(None),
            revision: RwSignal::new(0),
            current: RwSignal::new(None),
            editing: RwSignal::new(None),
            told: RwSignal::new(None),
            lost: RwSignal::new(Vec::new()),
            drive: expect_context(),
            router: use_router(),
            on_unshowable,
            merger: StoredValue::new_local(None),
            compared: RwSignal::new(None),
        };
        let newest = Memo::new(move |_| sides.with(|s| s.as_ref().map(|s| s.head.version)));
        Effect::new(move |_| {
            let newest = newest.get();
            if newest.is_some() && newest != session.compared.get_untracked() {
                session.open();
            }
        });
        session
    }

    /// Compares the versions as they are now, and picks again what was picked.
    pub fn open(self) {
        let Some(sides) = self.sides.get_untracked() else {
            return;
        };
        self.compared.set(Some(sides.head.version));
        let goes_on = self.phase.get_untracked() == Phase::Ready;
        let draft = if goes_on {
            self.progress
                .with_untracked(|progress| progress.draft.clone())
        } else {
            self.phase.set(Phase::Loading);
            drafts::read(sides.conflict.id)
        };
        spawn_local(async move {
            let outcome = self.compare(&sides, draft, goes_on).await;
            if let Err(reason) = outcome {
                self.compared.try_set(None);
                self.phase.try_set(Phase::Failed(sentence(&reason)));
            }
        });
    }

    async fn compare(self, sides: &Sides, draft: Draft, goes_on: bool) -> Result<(), String> {
        let merger = self.launched().await.map_err(|e| e.to_string())?;
        let had = draft.len();
        let (item, base) = (sides.item.id, sides.conflict.base_version);
        let ask = Ask::Open {
            base: (base > 0).then(|| paths::content(item, Some(base))),
            first: paths::content(item, Some(sides.head.version)),
            second: paths::conflict_content(sides.conflict.id),
            draft,
        };
        match merger.ask(&ask).await.map_err(|e| e.to_string())? {
            Say::Opened {
                progress,
                encodings,
                applied,
            } => {
                if self.progress.try_set(progress).is_some() {
                    // Nobody looks any more.
                    return Ok(());
                }
                self.told.set(words_of(sides, had, goes_on, &applied));
                self.lost.update(|lost| lost.extend(applied.edits));
                self.encodings.set(Some(encodings));
                self.revision.update(|revision| *revision += 1);
                self.phase.set(Phase::Ready);
                self.seek(Seek::Open, None, false).await;
                if self.current.try_get_untracked() == Some(None) {
                    self.seek(Seek::Change, None, false).await;
                }
                Ok(())
            }
            Say::NotText { .. } => {
                self.on_unshowable.run(());
                Ok(())
            }
            Say::Unreachable => Err("the server can't be reached".to_owned()),
            Say::Gone => Err("one of the versions is not there any more".to_owned()),
            Say::Failed { detail } => Err(detail),
            _ => Err("the merging worker said something else".to_owned()),
        }
    }

    async fn launched(self) -> Result<Rc<Merger>, Failure> {
        if let Some(merger) = self.merger() {
            return Ok(merger);
        }
        let merger = Rc::new(Merger::launch().await?);
        self.merger.try_set_value(Some(merger.clone()));
        Ok(merger)
    }

    fn merger(self) -> Option<Rc<Merger>> {
        self.merger.try_get_value().flatten()
    }

    /// Asks for rows; they come to `shown`.
    pub fn rows(self, view: View, window: Range<usize>, shown: RwSignal<Option<Shown>>) {
        let Some(merger) = self.merger() else {
            return;
        };
        spawn_local(async move {
            let from = window.start;
            if let Ok(Say::Rows { rows, picks }) = merger.ask(&Ask::Rows { view, window }).await {
                shown.try_set(Some(Shown { from, rows, picks }));
            }
        });
    }

    fn step(self, ask: Ask) {
        let Some(merger) = self.merger() else {
            return;
        };
        spawn_local(async move {
            if let Ok(Say::Progress { progress }) = merger.ask(&ask).await {
                self.keep(&progress.draft);
                self.progress.try_set(progress);
                self.revision.try_update(|revision| *revision += 1);
                if let Some(Some(current)) = self.current.try_get_untracked() {
                    self.find(current.region).await;
                }
            }
        });
    }

    fn keep(self, draft: &Draft) {
        if let Some(Some(sides)) = self.sides.try_get_untracked()
            && !drafts::write(sides.conflict.id, draft)
        {
            let words =
                "This browser has no room to keep your choices: they are here until you leave.";
            self.told.try_set(Some(words.to_owned()));
        }
    }

    /// Picks for the current region; the same once more takes it back.
    pub fn pick(self, pick: Pick) {
        if let Some(current) = self.current.get_untracked() {
            let again = current.pick == Some(Picked::of(&pick));
            self.step(Ask::Pick {
                region: current.region,
                pick: (!again).then_some(pick),
            });
        }
    }

    pub fn pick_open(self, pick: Pick) {
        self.step(Ask::PickOpen { pick });
    }

    pub fn undo(self) {
        self.step(Ask::Undo);
    }

    pub fn redo(self) {
        self.step(Ask::Redo);
    }

    pub fn typed(self, region: usize, typed: String) {
        self.editing.set(None);
        self.step(Ask::Edit { region, typed });
    }

    pub fn place_lost(self, lost: LostEdit) {
        self.drop_lost(&lost);
        if let Some(region) = lost.near {
            let pick = Some(Pick::Edited { text: lost.text });
            self.step(Ask::Pick { region, pick });
            self.go_to(region);
        }
    }

    pub fn drop_lost(self, lost: &LostEdit) {
        self.lost.update(|all| all.retain(|one| one != lost));
    }

    /// Opens the editor for the current region.
    pub fn edit(self) {
        let (Some(merger), Some(current)) = (self.merger(), self.current.get_untracked()) else {
            return;
        };
        spawn_local(async move {
            let region = current.region;
            if let Ok(Say::Region { text: Some(text) }) = merger.ask(&Ask::Look { region }).await {
                self.editing.try_set(Some((region, text)));
            }
        });
    }

    /// To the next conflict that is open, or the next of all once none is.
    pub fn travel(self, back: bool) {
        let counts = self.progress.with_untracked(|progress| progress.counts);
        let seek = match counts.conflicts {
            0 => Seek::Change,
            all if counts.resolved == all => Seek::Conflict,
            _ => Seek::Open,
        };
        let from = self.current.get_untracked().map(|found| found.region);
        spawn_local(self.seek(seek, from, back));
    }

    pub fn go_to(self, region: usize) {
        spawn_local(self.find(region));
    }

    async fn find(self, region: usize) {
        self.look(Ask::Find { region }).await;
    }

    async fn seek(self, seek: Seek, from: Option<usize>, back: bool) {
        self.look(Ask::Seek { seek, from, back }).await;
    }

    async fn look(self, ask: Ask) {
        if let Some(merger) = self.merger()
            && let Ok(Say::Found { found }) = merger.ask(&ask).await
        {
            self.current.try_set(found);
        }
    }

    /// Makes the result the file's next version, against the one compared with.
    pub fn save(self, work: Work) {
        let (Some(merger), Some(sides), Some(seen)) = (
            self.merger(),
            self.sides.get_untracked(),
            self.compared.get_untracked(),
        ) else {
            return;
        };
        let (drive, router) = (self.drive, self.router);
        let id = sides.conflict.id;
        let name = sides.item.name.to_string();
        let saved = async move {
            let (say, bytes) = merger.ask_for_bytes(&Ask::Finish).await?;
            let (Say::Finished { .. }, Some(bytes)) = (say, bytes) else {
                return Err(Failure::Browser("there is no result".to_owned()));
            };
            let parts = Array::of1(&bytes);
            let file = File::new_with_u8_array_sequence(&parts, &name);
            let file = file.map_err(|e| Failure::thrown(&e))?;
            commands::resolve_merged(drive, id, &file, seen)
        };
        // The draft stays until the conflict is settled: somebody may be faster.
        work.run(saved, move |()| {
            tell_decided(drive, vec![id], false, "Merged");
            router.go(Route::Conflicts);
        });
    }
}

/// What a newer version, or a draft of another day, means for the choices.
fn words_of(sides: &Sides, had: usize, goes_on: bool, applied: &Applied) -> Option<String> {
    let from = sides.name(Side::First);
    let kept = count(applied.kept, "choice holds", "choices hold");
    let again = match applied.again {
        0 => String::new(),
        again => format!(", {} to be made again", count(again, "has", "have")),
    };
    match (goes_on, had) {
        (true, 0) => Some(format!(
            "A newer version has arrived, from {from}. It is what you see as the first one now."
        )),
        (true, _) => Some(format!(
            "A newer version has arrived, from {from}, and your work goes on with it: {kept}{again}."
        )),
        (false, 0) => None,
        (false, _) => Some(format!("You have been here before: {kept}{again}.")),
    }
}
