//! A merge as the views see it: signals, and what a person does to them. The
//! texts and what was picked are in the worker, behind [`TextMerge`].

use super::super::sides::{Side, Sides};
use crate::commands::{
    Commands, Compared, Finished, MergeStep, OpenedMerge, TextMerge, Versions, use_commands,
};
use crate::format::sentence;
use crate::ui::compared::{Comparison, widest_view};
use crate::ui::route::{Route, Router, use_router};
use crate::ui::work::Work;
use crate::words::{say, say_many, t};
use leptos::ev;
use leptos::prelude::*;
use leptos::task::spawn_local;
use merge::{
    AppliedDraft, Encoding, Ends, LostEdit, MergeDraft, Pick, RegionText, Seek, Typed, View,
};
use platform::browser::clock;
use protocol::ids::Version;
use std::rc::Rc;
use workers::merging::{MergeProgress, PickKind};

/// After so many milliseconds without an answer it is said that it takes longer, and the
/// person may have it tried again.
const PATIENCE_MILLIS: u64 = 8_000;

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Phase {
    Loading,
    Ready,
    Failed(String),
}

#[derive(Clone, Copy)]
pub struct MergeSession {
    pub sides: Memo<Option<Sides>>,
    pub phase: RwSignal<Phase>,
    /// Whether the comparison takes longer than it should.
    pub is_slow: RwSignal<bool>,
    pub view: RwSignal<View>,
    pub progress: RwSignal<MergeProgress>,
    pub encodings: RwSignal<Option<[Encoding; 3]>>,
    pub ends: RwSignal<Ends>,
    /// The region that it is at is what keys and buttons are about.
    pub comparison: Comparison,
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
    commands: Commands,
    router: Router,
    on_unshowable: Callback<()>,
    /// The first version that was compared.
    compared: RwSignal<Option<Version>>,
    /// Counts the comparisons: only the last one shows what came of it.
    comparisons: StoredValue<u32>,
}

impl MergeSession {
    pub fn start(sides: Memo<Option<Sides>>, on_unshowable: Callback<()>) -> Self {
        let commands = use_commands();
        let session = Self {
            sides,
            phase: RwSignal::new(Phase::Loading),
            is_slow: RwSignal::new(false),
            view: RwSignal::new(widest_view()),
            progress: RwSignal::new(MergeProgress::default()),
            encodings: RwSignal::new(None),
            ends: RwSignal::new(Ends::default()),
            comparison: Comparison::new(commands.merge_texts()),
            editing: RwSignal::new(None),
            told: RwSignal::new(None),
            lost: RwSignal::new(Vec::new()),
            read_as: RwSignal::new(None),
            commands,
            router: use_router(),
            on_unshowable,
            compared: RwSignal::new(None),
            comparisons: StoredValue::new(0),
        };
        session.follow_width();
        let newest = Memo::new(move |_| sides.with(|s| s.as_ref().map(|s| s.head.version)));
        Effect::new(move |_| {
            let newest = newest.get();
            if newest.is_some() && newest != session.compared.get_untracked() {
                session.open();
            }
        });
        session
    }

    /// Two columns become one where the window becomes narrow, and come back with the room.
    fn follow_width(self) {
        let was = StoredValue::new(widest_view());
        let resized = window_event_listener(ev::resize, move |_| {
            let now = widest_view();
            if was.get_value() == now {
                return;
            }
            was.set_value(now);
            if self.view.get_untracked() != View::Result {
                self.view.set(now);
            }
        });
        on_cleanup(move || resized.remove());
    }

    /// Gives up what hangs, and compares anew.
    pub fn try_again(self) {
        if let Some(merge) = self.merge() {
            merge.end_worker();
        }
        self.open();
    }

    /// Says so once a comparison takes long; it goes on.
    fn watch(self, comparison: u32) {
        self.is_slow.set(false);
        spawn_local(async move {
            clock::sleep(PATIENCE_MILLIS).await;
            if self.comparisons.try_get_value() == Some(comparison) {
                self.is_slow.try_set(true);
            }
        });
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
            let draft = self.commands.merge_draft(sides.conflict.id);
            self.read_as.set(draft.read_as);
            draft
        };
        let comparison = self.comparisons.get_value() + 1;
        self.comparisons.set_value(comparison);
        self.watch(comparison);
        spawn_local(async move {
            let outcome = self.compare(&sides, draft, comparison).await;
            let is_last = self.comparisons.try_get_value() == Some(comparison);
            if let (Err(reason), true) = (outcome, is_last) {
                self.compared.try_set(None);
                self.phase.try_set(Phase::Failed(sentence(&reason)));
            }
        });
    }

    async fn compare(
        self,
        sides: &Sides,
        draft: MergeDraft,
        comparison: u32,
    ) -> Result<(), String> {
        let Some(merge) = self.merge() else {
            return Ok(());
        };
        let had = draft.len();
        let versions = Versions {
            item: sides.item.id,
            base: sides.conflict.base_version,
            first: sides.head.version,
            second: sides.conflict.id,
        };
        let compared = merge.compare(versions, draft).await?;
        if self.comparisons.try_get_value() != Some(comparison) {
            // It was tried again meanwhile, or nobody looks any more.
            return Ok(());
        }
        let goes_on = self.phase.get_untracked() == Phase::Ready;
        match compared {
            Compared::Texts(opened) => {
                let Some(applied) = self.opened(opened) else {
                    // Nobody looks any more.
                    return Ok(());
                };
                self.told.set(words_of(sides, had, goes_on, &applied));
                self.phase.set(Phase::Ready);
                self.comparison.current.set(None);
                self.comparison.seek(Seek::Open, false).await;
                if self.comparison.current.try_get_untracked() == Some(None) {
                    self.comparison.seek(Seek::Change, false).await;
                }
            }
            Compared::NoText => self.on_unshowable.run(()),
        }
        Ok(())
    }

    /// Shows what was compared; returns what became of the draft.
    fn opened(self, opened: OpenedMerge) -> Option<AppliedDraft> {
        let OpenedMerge {
            progress,
            encodings,
            ends,
            applied,
            changed: _,
        } = opened;
        self.comparison.rows.try_set(progress.rows);
        if self.progress.try_set(progress).is_some() {
            return None;
        }
        self.lost.set(applied.edits.clone());
        self.move_editor(&applied);
        self.keep_typed();
        self.keep();
        self.encodings.set(Some(encodings));
        self.ends.set(ends);
        self.comparison.revision.update(|revision| *revision += 1);
        Some(applied)
    }

    /// An open editor goes with its region. If that is not there any more, what
    /// was typed is told as lost.
    fn move_editor(self, applied: &AppliedDraft) {
        let Some((_, text, _)) = self.editing.get_untracked() else {
            return;
        };
        let mut typed = applied.edits.iter();
        let there = typed.find(|one| one.is_there && one.typed.place == text.place);
        let there = there.and_then(|one| Some((one.near?, text, one.typed.text.clone())));
        self.editing.set(there);
    }

    /// All that was decided and typed so far.
    fn draft(self) -> MergeDraft {
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
        let Some(merge) = self.merge() else {
            return;
        };
        self.read_as.set(Some(sides));
        spawn_local(async move {
            let typed = self.typed_texts();
            let Some(opened) = merge.read_as(sides, typed).await else {
                return;
            };
            let Some(applied) = self.opened(opened) else {
                return;
            };
            if applied.again > 0 {
                self.told.set(Some(say_many!(
                    applied.again,
                    "1 choice has to be made again.",
                    "{n} choices have to be made again."
                )));
            }
            self.come_back().await;
        });
    }

    /// Converts the whole result to an encoding, or not.
    pub fn write_in(self, encoding: Option<Encoding>) {
        self.step(MergeStep::WriteIn(encoding));
    }

    fn merge(self) -> Option<Rc<TextMerge>> {
        self.comparison.merge()
    }

    fn step(self, step: MergeStep) {
        let Some(merge) = self.merge() else {
            return;
        };
        spawn_local(async move {
            if let Some(progress) = merge.step(step).await {
                self.comparison.rows.try_set(progress.rows);
                self.progress.try_set(progress);
                self.keep();
                self.comparison
                    .revision
                    .try_update(|revision| *revision += 1);
                self.come_back().await;
            }
        });
    }

    fn keep(self) {
        let Some(Some(sides)) = self.sides.try_get_untracked() else {
            return;
        };
        let mut draft = self.draft();
        draft.typed.clear();
        if !self.commands.keep_merge_draft(sides.conflict.id, &draft) {
            self.tell_no_room();
        }
    }

    fn keep_typed(self) {
        if let Some(Some(sides)) = self.sides.try_get_untracked()
            && !self
                .commands
                .keep_typed(sides.conflict.id, &self.typed_texts())
        {
            self.tell_no_room();
        }
    }

    fn tell_no_room(self) {
        let words = t(
            "This browser has no room to keep what you chose and typed: it is here until you leave.",
        );
        self.told.try_set(Some(words.to_owned()));
    }

    /// Picks for the current region; the same once more takes it back.
    pub fn pick(self, pick: Pick) {
        if let Some(current) = self.comparison.current.get_untracked() {
            let again = current.pick == Some(PickKind::of(&pick));
            self.step(MergeStep::Pick {
                region: current.region,
                pick: (!again).then_some(pick),
            });
        }
    }

    pub fn pick_open(self, pick: Pick) {
        self.step(MergeStep::PickOpen(pick));
    }

    pub fn undo(self) {
        self.step(MergeStep::Undo);
    }

    pub fn redo(self) {
        self.step(MergeStep::Redo);
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
        self.step(MergeStep::Edit { region, typed });
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
            self.step(MergeStep::Pick {
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
        if let Some(current) = self.comparison.current.get_untracked() {
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
        let Some(merge) = self.merge() else {
            return;
        };
        spawn_local(async move {
            if let Some(text) = merge.text(region).await {
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
        spawn_local(self.comparison.seek(seek, back));
    }

    pub fn go_to(self, region: usize) {
        spawn_local(self.comparison.find(region));
    }

    /// Where the region that is looked at is by now, and what is picked for it.
    async fn come_back(self) {
        if let Some(Some(current)) = self.comparison.current.try_get_untracked() {
            self.comparison.find(current.region).await;
        }
    }

    /// Makes the result the file's next version, against the one compared with.
    pub fn save(self, work: Work) {
        let (Some(merge), Some(sides), Some(seen)) = (
            self.merge(),
            self.sides.get_untracked(),
            self.compared.get_untracked(),
        ) else {
            return;
        };
        let (commands, router) = (self.commands, self.router);
        let id = sides.conflict.id;
        let name = sides.item.name.to_string();
        let saved = async move {
            let Finished { file, converted } = merge.finish(&name).await?;
            commands.resolve_merged(id, &file, seen)?;
            Ok(converted)
        };
        // The draft stays until the conflict is settled: somebody may be faster.
        work.run(saved, move |converted| {
            let done = converted.map_or(t("Merged").to_owned(), |encoding| {
                say!(
                    "Merged, and written in {encoding}",
                    encoding = encoding.title()
                )
            });
            commands.tell_when_decided(vec![id], false, done);
            router.go_on(Route::Conflict(id), Route::Conflicts);
        });
    }
}

/// As a text field has it.
pub fn without_cr(text: &str) -> String {
    text.replace("\r\n", "\n").replace('\r', "\n")
}

/// What a newer version, or a draft of another day, means for the choices.
fn words_of(sides: &Sides, had: usize, goes_on: bool, applied: &AppliedDraft) -> Option<String> {
    let from = sides.name(Side::First);
    let kept = say_many!(applied.kept, "1 choice holds", "{n} choices hold");
    let choices = match applied.again {
        0 => kept,
        again => say_many!(
            again,
            "{kept}, 1 has to be made again",
            "{kept}, {n} have to be made again",
            kept
        ),
    };
    match (goes_on, had) {
        (true, 0) => Some(say!(
            "A newer version has arrived, from {from}. It is what you see as the first one now.",
            from
        )),
        (true, _) => Some(say!(
            "A newer version has arrived, from {from}, and your work goes on with it: {choices}.",
            from,
            choices
        )),
        (false, 0) => None,
        (false, _) => Some(say!("You have been here before: {choices}.", choices)),
    }
}
