//! Long lists: of all rows, each of one height, only those in sight are in the
//! document. 30,000 rows scroll like 30.

use super::dom;
use leptos::html;
use leptos::prelude::*;
use std::ops::Range;
use wasm_bindgen::prelude::*;
use web_sys::ResizeObserver;

/// Rows kept above and below those in sight, so that scrolling shows no gap.
const MARGIN_ROWS: usize = 6;

/// The scrolling element and what of it is in sight.
#[derive(Clone, Copy)]
pub struct Viewport {
    pub node: NodeRef<html::Div>,
    /// A row's height, in pixels; the stylesheet has the same.
    row: f64,
    /// What stays at the top while the rows scroll below it, in pixels.
    head: f64,
    top: RwSignal<f64>,
    height: RwSignal<f64>,
    width: RwSignal<f64>,
}

impl Viewport {
    pub fn new(row: f64, head: f64) -> Self {
        let this = Self {
            node: NodeRef::new(),
            row,
            head,
            top: RwSignal::new(0.0),
            height: RwSignal::new(800.0),
            width: RwSignal::new(800.0),
        };
        dom::when_drawn(this.node, move |element| this.measure(&element));
        this
    }

    /// To be called on every scroll event of the element.
    pub fn scrolled(self) {
        if let Some(element) = self.node.get_untracked() {
            self.top.set(f64::from(element.scroll_top()));
        }
    }

    /// The places of the rows to draw, of `count`.
    pub fn in_sight(self, count: usize) -> Range<usize> {
        let first = (self.top.get() / self.row) as usize;
        let rows = (self.height.get() / self.row).ceil() as usize + 1;
        let start = first.saturating_sub(MARGIN_ROWS).min(count);
        start..(first + rows + MARGIN_ROWS).min(count)
    }

    /// What is in sight, in pixels from the first row.
    pub fn sight(self) -> Range<f64> {
        let top = self.top.get();
        top..top + self.height.get()
    }

    /// How wide it is, without what scrolls it.
    pub fn width(self) -> f64 {
        self.width.get()
    }

    pub fn pixels(self, rows: usize) -> f64 {
        rows as f64 * self.row
    }

    /// How many whole rows are in sight: a page of the keyboard.
    pub fn page(self, row: f64) -> usize {
        let height = self.height.get_untracked() - self.head;
        ((height / row) as usize).max(1)
    }

    /// Scrolls as little as is needed to show a row.
    pub fn reveal(self, place: usize) {
        self.reveal_at(self.pixels(place), self.row, 0.0);
    }

    /// The same for a row that stands somewhere and has a height, in pixels, below something
    /// that stays over the rows.
    pub fn reveal_at(self, above: f64, row: f64, over: f64) {
        let Some(element) = self.node.get_untracked() else {
            return;
        };
        let below = above + row + self.head - f64::from(element.client_height());
        let top = f64::from(element.scroll_top());
        if above - over < top {
            element.set_scroll_top((above - over) as i32);
        } else if below > top {
            element.set_scroll_top(below.ceil() as i32);
        }
    }

    /// Gives it the keyboard.
    pub fn focus(self) {
        if let Some(element) = self.node.get_untracked() {
            let _ = element.focus();
        }
    }

    pub fn to_top(self) {
        if let Some(element) = self.node.get_untracked() {
            element.set_scroll_top(0);
        }
    }

    fn measure(self, element: &web_sys::HtmlDivElement) {
        // Drawn anew, it stands at its top again: to ask would make the browser
        // lay the page out at once.
        self.top.set(0.0);
        let watched = element.clone();
        let measured = Closure::<dyn Fn()>::new(move || {
            self.height.try_set(f64::from(watched.client_height()));
            self.width.try_set(f64::from(watched.client_width()));
        });
        let Ok(observer) = ResizeObserver::new(measured.as_ref().unchecked_ref()) else {
            return;
        };
        observer.observe(element);
        let kept = StoredValue::new_local((observer, measured));
        on_cleanup(move || {
            kept.try_with_value(|(observer, _)| observer.disconnect());
        });
    }
}
