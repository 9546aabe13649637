//! Two versions of a text, in the hands of the merging worker.

use super::current::Current;
use crate::refusals::InWords;
use crate::words::{english, t};
use js_sys::Array;
use merge::ranges::{ChangedRange, Map};
use merge::{
    AppliedDraft, ChangedLines, Encoding, Ends, MergeDraft, Pick, RegionText, Seek, Typed, View,
};
use platform::failure::{Failure, refused, thrown};
use protocol::ids::{ConflictId, ItemId, Version};
use protocol::paths;
use std::cell::RefCell;
use std::ops::Range;
use std::rc::Rc;
use web_sys::File;
use workers::merging::{
    FoundRegion, MergeProgress, MergeReply, MergeRequest, Merger, PickKind, ViewRows,
};

/// A merge; the worker ends with it.
pub struct TextMerge {
    current: Current,
    merger: RefCell<Option<Rc<Merger>>>,
}

/// Which versions are compared.
#[derive(Clone, Copy, Debug)]
pub struct Versions {
    pub item: ItemId,
    /// The one that both started from; 0 if there is none.
    pub base: Version,
    pub first: Version,
    /// The other side of this.
    pub second: ConflictId,
}

/// What came of it.
#[allow(clippy::large_enum_variant, reason = "one exists at a time")]
pub enum Compared {
    Texts(OpenedMerge),
    /// There is nothing to merge.
    NoText,
}

/// Texts, side by side.
pub struct OpenedMerge {
    pub progress: MergeProgress,
    /// Of base, first and second.
    pub encodings: [Encoding; 3],
    pub ends: Ends,
    /// What became of the draft.
    pub applied: AppliedDraft,
    /// What the second one changed of the base.
    pub changed: ChangedLines,
}

/// What a person does to a merge.
pub enum MergeStep {
    Pick {
        region: usize,
        pick: Option<Pick>,
    },
    /// For all conflicts that are open.
    PickOpen(Pick),
    /// Picks what was typed in a region's place.
    Edit {
        region: usize,
        typed: String,
    },
    Undo,
    Redo,
    /// Writes the result in an encoding, or in the one that follows from the versions.
    WriteIn(Option<Encoding>),
}

/// The result.
pub struct Finished {
    pub file: File,
    /// If it is not written as the versions are.
    pub converted: Option<Encoding>,
}

impl TextMerge {
    pub fn new(current: Current) -> Self {
        let merger = RefCell::default();
        Self { current, merger }
    }

    /// Compares versions, and picks what the draft says.
    ///
    /// # Errors
    /// Why there is nothing to compare, in words.
    pub async fn compare(&self, versions: Versions, draft: MergeDraft) -> Result<Compared, String> {
        let Versions {
            item,
            base,
            first,
            second,
        } = versions;
        let api = self.current.api();
        self.open(MergeRequest::Open {
            user: api.user(),
            base: (base > 0).then(|| api.at(&paths::content(item, Some(base)))),
            first: api.at(&paths::content(item, Some(first))),
            second: api.at(&paths::conflict_content(second)),
            draft,
        })
        .await
    }

    /// Compares two versions of a file: the older one is the base and the first side as well,
    /// so all that differs is the second side's.
    ///
    /// # Errors
    /// Why there is nothing to compare, in words.
    pub async fn compare_versions(
        &self,
        item: ItemId,
        (old, new): (Version, Version),
    ) -> Result<Compared, String> {
        let api = self.current.api();
        let content = |version| api.at(&paths::content(item, Some(version)));
        self.open(MergeRequest::Open {
            user: api.user(),
            base: Some(content(old)),
            first: content(old),
            second: content(new),
            draft: MergeDraft::default(),
        })
        .await
    }

    async fn open(&self, ask: MergeRequest) -> Result<Compared, String> {
        let merger = self.launched().await.map_err(|e| e.in_words())?;
        match merger.ask(&ask).await.map_err(|e| e.in_words())? {
            MergeReply::NotText { .. } => Ok(Compared::NoText),
            say @ MergeReply::Opened { .. } => match opened(say) {
                Some(opened) => Ok(Compared::Texts(opened)),
                None => Err(t(OTHER).to_owned()),
            },
            say => Err(trouble(say)),
        }
    }

    /// Loads what both sides changed and says of which bytes that is true. There is a base.
    ///
    /// # Errors
    /// Why that can't be told, in words.
    pub async fn exactly(&self, versions: Versions, map: Map) -> Result<Map, String> {
        let Versions {
            item,
            base,
            first,
            second,
        } = versions;
        let api = self.current.api();
        let content = |version| api.at(&paths::content(item, Some(version)));
        let of_first = self
            .differ(content(base), content(first), &map.first)
            .await?;
        let second = api.at(&paths::conflict_content(second));
        let of_second = self.differ(content(base), second, &map.second).await?;
        Ok(map.with(of_first, of_second))
    }

    /// The same for what the newer one of two versions changed, which the map has as its
    /// second side's.
    ///
    /// # Errors
    /// Why that can't be told, in words.
    pub async fn exactly_between(
        &self,
        item: ItemId,
        (old, new): (Version, Version),
        map: Map,
    ) -> Result<Map, String> {
        let api = self.current.api();
        let content = |version| api.at(&paths::content(item, Some(version)));
        let of_new = self.differ(content(old), content(new), &map.second).await?;
        Ok(map.with(Vec::new(), of_new))
    }

    async fn differ(
        &self,
        base: String,
        side: String,
        ranges: &[ChangedRange],
    ) -> Result<Vec<ChangedRange>, String> {
        let merger = self.launched().await.map_err(|e| e.in_words())?;
        let ask = MergeRequest::Differ {
            user: self.current.api().user(),
            base,
            side,
            ranges: ranges.to_vec(),
        };
        match merger.ask(&ask).await.map_err(|e| e.in_words())? {
            MergeReply::Differs { ranges } => Ok(ranges),
            say => Err(trouble(say)),
        }
    }

    /// Ends the worker, and with it what it was asked; the next question has a new one.
    pub fn end_worker(&self) {
        if let Some(merger) = self.merger.borrow_mut().take() {
            merger.end();
        }
    }

    /// Reads the versions in other encodings. `typed` stands nowhere in the result.
    pub async fn read_as(&self, sides: [Encoding; 2], typed: Vec<Typed>) -> Option<OpenedMerge> {
        opened(self.ask(MergeRequest::ReadAs { sides, typed }).await?)
    }

    /// Rows of a view, and what is picked for their regions.
    pub async fn rows(
        &self,
        view: View,
        window: Range<usize>,
    ) -> Option<(ViewRows, Vec<(usize, PickKind)>)> {
        match self.ask(MergeRequest::Rows { view, window }).await? {
            MergeReply::Rows { rows, picks } => Some((rows, picks)),
            _ => None,
        }
    }

    /// Returns how far the merge has come by it.
    pub async fn step(&self, step: MergeStep) -> Option<MergeProgress> {
        let ask = match step {
            MergeStep::Pick { region, pick } => MergeRequest::Pick { region, pick },
            MergeStep::PickOpen(pick) => MergeRequest::PickOpen { pick },
            MergeStep::Edit { region, typed } => MergeRequest::Edit { region, typed },
            MergeStep::Undo => MergeRequest::Undo,
            MergeStep::Redo => MergeRequest::Redo,
            MergeStep::WriteIn(encoding) => MergeRequest::WriteIn { encoding },
        };
        match self.ask(ask).await? {
            MergeReply::Progress { progress } => Some(progress),
            _ => None,
        }
    }

    /// Where a region is; `Some(None)`: nowhere.
    pub async fn find(&self, region: usize) -> Option<Option<FoundRegion>> {
        found(self.ask(MergeRequest::Find { region }).await?)
    }

    /// The next region of a kind.
    pub async fn seek(
        &self,
        seek: Seek,
        from: Option<usize>,
        back: bool,
    ) -> Option<Option<FoundRegion>> {
        found(self.ask(MergeRequest::Seek { seek, from, back }).await?)
    }

    /// What a region says.
    pub async fn text(&self, region: usize) -> Option<RegionText> {
        match self.ask(MergeRequest::Look { region }).await? {
            MergeReply::Region { text } => text,
            _ => None,
        }
    }

    /// Makes a file of this name of the result.
    ///
    /// # Errors
    /// There is none.
    pub async fn finish(&self, name: &str) -> Result<Finished, Failure> {
        let no_result = || refused(t("there is no result"));
        let merger = self.merger.borrow().clone().ok_or_else(no_result)?;
        let (say, bytes) = merger.ask_for_bytes(&MergeRequest::Finish).await?;
        let (
            MergeReply::Finished {
                encoding,
                is_encoding_changed,
            },
            Some(bytes),
        ) = (say, bytes)
        else {
            return Err(no_result());
        };
        let parts = Array::of1(&bytes);
        let file = File::new_with_u8_array_sequence(&parts, name).map_err(|e| thrown(&e))?;
        let converted = is_encoding_changed.then_some(encoding);
        Ok(Finished { file, converted })
    }

    async fn launched(&self) -> Result<Rc<Merger>, Failure> {
        let running = self.merger.borrow().clone();
        if let Some(merger) = running {
            return Ok(merger);
        }
        let started = Rc::new(Merger::launch().await?);
        // Another one may have started meanwhile, and may be asked already.
        let mut merger = self.merger.borrow_mut();
        Ok(merger.get_or_insert(started).clone())
    }

    /// Nothing without a worker, or from one that breaks.
    async fn ask(&self, ask: MergeRequest) -> Option<MergeReply> {
        let merger = self.merger.borrow().clone()?;
        merger.ask(&ask).await.ok()
    }
}

const OTHER: &str = english!("the merging worker said something else");

/// Why there is no answer, in words.
fn trouble(say: MergeReply) -> String {
    match say {
        MergeReply::Unreachable => t("the server can't be reached").to_owned(),
        MergeReply::Gone => t("one of the versions is not there any more").to_owned(),
        MergeReply::Failed { detail } => detail,
        _ => t(OTHER).to_owned(),
    }
}

fn opened(say: MergeReply) -> Option<OpenedMerge> {
    match say {
        MergeReply::Opened {
            progress,
            encodings,
            ends,
            applied,
            changed,
        } => Some(OpenedMerge {
            progress,
            encodings,
            ends,
            applied,
            changed,
        }),
        _ => None,
    }
}

fn found(say: MergeReply) -> Option<Option<FoundRegion>> {
    match say {
        MergeReply::Found { found } => Some(found),
        _ => None,
    }
}
