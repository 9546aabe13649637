//! A merge as the views see it: signals, and what a person does to them. The
//! texts and what was picked are in the worker.

use super::super::sides::{Side, Sides};
use crate::commands;
use crate::state::Drive;
use crate::ui::format::{count, sentence};
use crate::ui::route::{Route, Router, use_router};
use crate::ui::toasts::tell_decided;
use crate::ui::work::Work;
use js_sys::Array;
use leptos::prelude::*;
use leptos::task::spawn_local;
use merge::{Applied, Draft, Encoding, Ends, LostEdit, Pick, RegionText, Seek, Typed, View};
use platform::failure::{Failure, refused, thrown};
use protocol::ids::Version;
use protocol::paths;
use std::ops::Range;
use std::rc::Rc;
use web_sys::File;
use workers::merging::drafts;
use workers::merging::{Ask, Found, Merger, Picked, Progress, Rows, Say};

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
    pub ends: RwSignal<Ends>,
    /// Counts what makes rows look different.
    pub revision: RwSignal<u32>,
    /// The region that keys and buttons are about.
    pub current: RwSignal<Option<Found>>,
    /// The region that is being edited by hand, with what the editor begins
    /// with.
    pub editing: RwSignal<Option<(usize, RegionText, String)>>,
    /// What became of earlier choices.
    pub told: RwSignal<Option<String>>,
    /// Texts that were typed and stand nowhere in the result, that of an open
    /// editor among them.
    pub lost: RwSignal<Vec<LostEdit>>,
    /// What a person had the versions read as.
    read_as: RwSignal<Option<[Encoding; 2]>>,
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
            ends: RwSignal::new(Ends::default()),
            revision: RwSignal::new(0),
            current: RwSignal::new(None),
            editing: RwSignal::new(None),
            told: RwSignal::new(None),
            lost: RwSignal::new(Vec::new()),
            read_as: RwSignal::new(None),
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
            self.draft()
        } else {
            self.phase.set(Phase::Loading);
            let draft = drafts::read(sides.conflict.id);
            self.read_as.set(draft.read_as);
            draft
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
            user: commands::user(self.drive),
            base: (base > 0).then(|| paths::content(item, Some(base))),
            first: paths::content(item, Some(sides.head.version)),
            second: paths::conflict_content(sides.conflict.id),
            draft,
        };
        match merger.ask(&ask).await.map_err(|e| e.to_string())? {
            say @ Say::Opened { .. } => {
                let Some(applied) = self.opened(say) else {
                    // Nobody looks any more.
                    return Ok(());
                };
                self.told.set(words_of(sides, had, goes_on, &applied));
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

    /// Shows what was compared; returns what became of the draft.
    fn opened(self, say: Say) -> Option<Applied> {
        let Say::Opened {
            progress,
            encodings,
            ends,
            applied,
        } = say
        else {
            return None;
        };
        if self.progress.try_set(progress).is_some() {
            return None;
        }
        self.lost.set(applied.edits.clone());
        self.move_editor(&applied);
        self.keep_typed();
        self.keep();
        self.encodings.set(Some(encodings));
        self.ends.set(ends);
        self.revision.update(|revision| *revision += 1);
        Some(applied)
    }

    /// An open editor goes with its region. If that is not there any more, what
    /// was typed is told as lost.
    fn move_editor(self, applied: &Applied) {
        let Some((_, text, _)) = self.editing.get_untracked() else {
            return;
        };
        let mut typed = applied.edits.iter();
        let there = typed.find(|one| one.is_there && one.typed.place == text.place);
        let there = there.and_then(|one| Some((one.near?, text, one.typed.text.clone())));
        self.editing.set(there);
    }

    /// All that was decided and typed so far.
    fn draft(self) -> Draft {
        let mut draft = self
            .progress
            .with_untracked(|progress| progress.draft.clone());
        draft.read_as = self.read_as.get_untracked();
        draft.typed = self.typed_texts();
        draft
    }

    fn typed_texts(self) -> Vec<Typed> {
        let typed = |lost: &LostEdit| lost.typed.clone();
        self.lost
            .with_untracked(|lost| lost.iter().map(typed).collect())
    }

    /// Reads the versions in other encodings; what was picked stays.
    pub fn read_versions_as(self, sides: [Encoding; 2]) {
        let Some(merger) = self.merger() else {
            return;
        };
        self.read_as.set(Some(sides));
        spawn_local(async move {
            let typed = self.typed_texts();
            let Ok(say) = merger.ask(&Ask::ReadAs { sides, typed }).await else {
                return;
            };
            let Some(applied) = self.opened(say) else {
                return;
            };
            if applied.again > 0 {
                let again = count(applied.again, "choice has", "choices have");
                self.told.set(Some(format!("{again} to be made again.")));
            }
            if let Some(Some(current)) = self.current.try_get_untracked() {
                self.find(current.region).await;
            }
        });
    }

    /// Converts the whole result to an encoding, or not.
    pub fn write_in(self, encoding: Option<Encoding>) {
        self.step(Ask::WriteIn { encoding });
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
                self.progress.try_set(progress);
                self.keep();
                self.revision.try_update(|revision| *revision += 1);
                if let Some(Some(current)) = self.current.try_get_untracked() {
                    self.find(current.region).await;
                }
            }
        });
    }

    fn keep(self) {
        let Some(Some(sides)) = self.sides.try_get_untracked() else {
            return;
        };
        let mut draft = self.draft();
        draft.typed.clear();
        if !drafts::write(sides.conflict.id, &draft) {
            self.tell_no_room();
        }
    }

    fn keep_typed(self) {
        if let Some(Some(sides)) = self.sides.try_get_untracked()
            && !drafts::write_typed(sides.conflict.id, &self.typed_texts())
        {
            self.tell_no_room();
        }
    }

    fn tell_no_room(self) {
        let words = "This browser has no room to keep what you chose and typed: it is here until you leave.";
        self.told.try_set(Some(words.to_owned()));
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

    /// Keeps what is in an open editor, so that nothing that closes it loses it.
    pub fn typing(self, region: usize, text: &RegionText, typed: String) {
        self.lost.update(|lost| {
            lost.retain(|one| one.typed.place != text.place);
            if without_cr(&text.start) != typed {
                let place = text.place.clone();
                lost.push(LostEdit {
                    near: Some(region),
                    is_there: true,
                    typed: Typed { place, text: typed },
                });
            }
        });
        self.keep_typed();
    }

    /// Puts what was typed into the result.
    pub fn typed(self, region: usize, text: &RegionText, typed: String) {
        self.editing.set(None);
        self.lost
            .update(|lost| lost.retain(|one| one.typed.place != text.place));
        self.step(Ask::Edit { region, typed });
        self.keep_typed();
    }

    pub fn place_lost(self, lost: LostEdit) {
        if lost.is_there {
            if let Some(region) = lost.near {
                self.change_text(region);
            }
            return;
        }
        self.drop_lost(&lost);
        if let Some(region) = lost.near {
            let text = lost.typed.text;
            self.step(Ask::Pick {
                region,
                pick: Some(Pick::Edited { text }),
            });
            self.go_to(region);
        }
    }

    pub fn drop_lost(self, lost: &LostEdit) {
        self.lost.update(|all| all.retain(|one| one != lost));
        self.keep_typed();
    }

    /// Opens the editor for the current region.
    pub fn edit(self) {
        if let Some(current) = self.current.get_untracked() {
            self.edit_region(current.region);
        }
    }

    /// Goes to a region and opens the editor for it.
    pub fn change_text(self, region: usize) {
        self.go_to(region);
        self.edit_region(region);
    }

    /// Opens the editor, with what was typed there before if there is something.
    fn edit_region(self, region: usize) {
        let Some(merger) = self.merger() else {
            return;
        };
        spawn_local(async move {
            if let Ok(Say::Region { text: Some(text) }) = merger.ask(&Ask::Look { region }).await {
                let before = self.lost.try_with_untracked(|lost| {
                    let mut lost = lost.iter();
                    lost.find(|one| one.typed.place == text.place)
                        .map(|one| one.typed.text.clone())
                });
                let start = before.flatten().unwrap_or_else(|| text.start.clone());
                self.editing.try_set(Some((region, text, start)));
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
            let (
                Say::Finished {
                    encoding,
                    is_encoding_changed,
                },
                Some(bytes),
            ) = (say, bytes)
            else {
                return Err(refused("there is no result".to_owned()));
            };
            let converted = is_encoding_changed.then_some(encoding);
            let parts = Array::of1(&bytes);
            let file = File::new_with_u8_array_sequence(&parts, &name);
            let file = file.map_err(|e| thrown(&e))?;
            commands::resolve_merged(drive, id, &file, seen)?;
            Ok(converted)
        };
        // The draft stays until the conflict is settled: somebody may be faster.
        work.run(saved, move |converted| {
            let done = converted.map_or("Merged".to_owned(), |encoding| {
                format!("Merged, and written in {}", encoding.title())
            });
            tell_decided(drive, vec![id], false, done);
            router.go(Route::Conflicts);
        });
    }
}

/// As a text field has it.
pub fn without_cr(text: &str) -> String {
    text.replace("\r\n", "\n").replace('\r', "\n")
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
