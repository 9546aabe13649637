//! What differs between versions of a file, as views show it: of a conflict's two sides, and
//! of a file's versions.
//!
//! | file | shows |
//! | --- | --- |
//! | [`pane`] | lines of text, those in sight |
//! | [`row`] | one of them |
//! | [`ranges`] | stretches of bytes that nobody can read |

pub mod pane;
pub mod ranges;
pub mod row;

use crate::commands::TextMerge;
use leptos::prelude::*;
use leptos::task::spawn_local;
use merge::{Seek, View};
use std::ops::Range;
use std::rc::Rc;
use workers::merging::{FoundRegion, PickKind, ViewRows};

/// Narrower windows begin with one column, in pixels; the stylesheet's limit
/// for phones.
const NARROW: f64 = 720.0;

/// Rows of a pane.
#[derive(Clone, Debug, PartialEq)]
pub struct PaneRows {
    pub from: usize,
    pub rows: ViewRows,
    pub picks: Vec<(usize, PickKind)>,
}

impl PaneRows {
    pub fn pick_of(&self, region: usize) -> Option<PickKind> {
        let mut picks = self.picks.iter();
        picks.find(|(of, _)| *of == region).map(|(_, pick)| *pick)
    }
}

/// Texts in the hands of a worker, as panes show them.
#[derive(Clone, Copy)]
pub struct Comparison {
    /// The worker ends with the view.
    merge: StoredValue<Rc<TextMerge>, LocalStorage>,
    /// How many rows each view has: sides, column, result.
    pub rows: RwSignal<[usize; 3]>,
    /// Counts what makes rows look different.
    pub revision: RwSignal<u32>,
    /// The region that is looked at.
    pub current: RwSignal<Option<FoundRegion>>,
}

impl Comparison {
    pub fn new(merge: TextMerge) -> Self {
        Self {
            merge: StoredValue::new_local(Rc::new(merge)),
            rows: RwSignal::new([0; 3]),
            revision: RwSignal::new(0),
            current: RwSignal::new(None),
        }
    }

    /// `None` once the view is gone.
    pub fn merge(self) -> Option<Rc<TextMerge>> {
        self.merge.try_get_value()
    }

    /// Asks for rows; they come to `shown`.
    pub fn ask(self, view: View, window: Range<usize>, shown: RwSignal<Option<PaneRows>>) {
        let Some(merge) = self.merge() else {
            return;
        };
        spawn_local(async move {
            let from = window.start;
            if let Some((rows, picks)) = merge.rows(view, window).await {
                shown.try_set(Some(PaneRows { from, rows, picks }));
            }
        });
    }

    /// Goes to a region.
    pub async fn find(self, region: usize) {
        if let Some(merge) = self.merge()
            && let Some(found) = merge.find(region).await
        {
            self.current.try_set(found);
        }
    }

    /// Goes to the next region of a kind, or the one before.
    pub async fn seek(self, seek: Seek, back: bool) {
        let from = self.current.try_get_untracked().flatten();
        let from = from.map(|found| found.region);
        if let Some(merge) = self.merge()
            && let Some(found) = merge.seek(seek, from, back).await
        {
            self.current.try_set(found);
        }
    }
}

/// The view that has room here.
pub fn widest_view() -> View {
    let width = window().inner_width().ok().and_then(|width| width.as_f64());
    match width.is_some_and(|width| width <= NARROW) {
        true => View::Column,
        false => View::Sides,
    }
}
