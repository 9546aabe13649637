//! A band of rubber: who draws a rectangle with the mouse chooses the rows that it touches.
//! It begins where no row is, and in the columns beside the names. What it touches follows
//! from where rows stand, so rows that are not in the document count, too.

use super::browse::{Browse, use_browse};
use crate::format::px;
use crate::ui::dom;
use leptos::ev;
use leptos::prelude::*;
use protocol::ids::ItemId;
use std::collections::BTreeSet;
use std::ops::Range;
use sync::one_by_one::one_by_one;
use web_sys::{DomRect, Element, PointerEvent};

/// A press that moves by less is a click, in pixels.
const SLACK: f64 = 5.0;
/// So near to the upper or lower edge the list scrolls, in pixels.
const EDGE: f64 = 32.0;
/// How much of the way beyond that it scrolls with each picture.
const PULL: f64 = 0.25;

/// Where the press began, in pixels from the corner of the first row, and what was chosen.
#[derive(Clone)]
struct Begun {
    x: f64,
    y: f64,
    pointer: i32,
    /// What stays chosen: nothing, but with Ctrl or Shift.
    kept: BTreeSet<ItemId>,
    is_drawn: bool,
}

/// The rectangle, in pixels of the window.
#[derive(Clone, Copy, PartialEq)]
struct Frame {
    left: f64,
    top: f64,
    width: f64,
    height: f64,
}

#[derive(Clone, Copy)]
struct Band {
    browse: Browse,
    begun: StoredValue<Option<Begun>>,
    /// Where the mouse is, in pixels of the window.
    at: StoredValue<(f64, f64)>,
    frame: RwSignal<Option<Frame>>,
}

#[component]
pub fn RubberBand() -> impl IntoView {
    let band = Band {
        browse: use_browse(),
        begun: StoredValue::new(None),
        at: StoredValue::new((0.0, 0.0)),
        frame: RwSignal::new(None),
    };
    let listeners = [
        window_event_listener(ev::pointerdown, move |event| band.press(&event)),
        window_event_listener(ev::pointermove, move |event| band.go(&event)),
        window_event_listener(ev::pointerup, move |_| band.end()),
        window_event_listener(ev::pointercancel, move |_| band.end()),
    ];
    on_cleanup(move || listeners.into_iter().for_each(|listener| listener.remove()));
    move || {
        band.frame.get().map(|frame| {
            view! {
                <div
                    class="band"
                    aria-hidden="true"
                    data-testid="band"
                    style:left=px(frame.left)
                    style:top=px(frame.top)
                    style:width=px(frame.width)
                    style:height=px(frame.height)
                ></div>
            }
        })
    }
}

impl Band {
    fn list(self) -> Option<Element> {
        self.browse.viewport.node.get_untracked().map(Into::into)
    }

    /// What the rows stand in.
    fn body(self) -> Option<DomRect> {
        let body = self.list()?.query_selector(".grid-lines").ok()??;
        let parent = body.parent_element()?;
        Some(parent.get_bounding_client_rect())
    }

    fn press(self, event: &PointerEvent) {
        let is_mouse = event.pointer_type() == "mouse" && event.button() == 0;
        if !is_mouse || !is_free(event) {
            return;
        }
        let (Some(body), Some(list)) = (self.body(), self.list()) else {
            return;
        };
        let (x, y) = (f64::from(event.client_x()), f64::from(event.client_y()));
        // What scrolls the list is no place of it.
        let right = list.get_bounding_client_rect().left() + f64::from(list.client_width());
        if x >= right {
            return;
        }
        let adds = event.shift_key() || event.ctrl_key() || event.meta_key();
        let kept = match adds {
            true => self.browse.chosen.get_untracked(),
            false => BTreeSet::new(),
        };
        self.at.set_value((x, y));
        self.browse.draws_band.set_value(true);
        self.begun.set_value(Some(Begun {
            x: x - body.left(),
            y: y - body.top(),
            pointer: event.pointer_id(),
            kept,
            is_drawn: false,
        }));
    }

    fn go(self, event: &PointerEvent) {
        let Some(begun) = self.begun.get_value() else {
            return;
        };
        // It ended outside of the window.
        if event.buttons() & 1 == 0 {
            return self.end();
        }
        let was = self.at.get_value();
        let now = (f64::from(event.client_x()), f64::from(event.client_y()));
        if begun.is_drawn {
            self.at.set_value(now);
            return self.draw();
        }
        if (now.0 - was.0).abs() < SLACK && (now.1 - was.1).abs() < SLACK {
            return;
        }
        self.at.set_value(now);
        self.begun.update_value(|begun| {
            if let Some(begun) = begun {
                begun.is_drawn = true;
            }
        });
        // So that it goes on outside of the list, and ends in no click on a row.
        if let Some(list) = self.list() {
            let _ = list.set_pointer_capture(begun.pointer);
        }
        self.browse.focus();
        self.draw();
        self.scroll();
    }

    /// Shows the rectangle and chooses what it touches.
    fn draw(self) {
        let (Some(begun), Some(body), Some(list)) =
            (self.begun.get_value(), self.body(), self.list())
        else {
            return;
        };
        let (x, y) = self.at.get_value();
        let (x, y) = (x - body.left(), y - body.top());
        let across = begun.x.min(x)..begun.x.max(x);
        let down = begun.y.min(y)..begun.y.max(y);
        self.frame.set(Some(frame(&across, &down, &body, &list)));
        let places = self
            .browse
            .layout
            .with_untracked(|layout| layout.touched(across, down, body.width()));
        let touched: BTreeSet<ItemId> = self.browse.rows.with_untracked(|rows| {
            let items = places.iter().filter_map(|&place| rows.get(place));
            one_by_one(items.map(|item| item.id))
        });
        let mut chosen = begun.kept;
        chosen.extend(touched);
        if self
            .browse
            .chosen
            .with_untracked(|before| *before != chosen)
        {
            self.browse.chosen.set(chosen);
        }
    }

    /// Scrolls while the mouse is at an edge.
    fn scroll(self) {
        request_animation_frame(move || {
            // The view may be gone by then.
            let is_drawn = self
                .begun
                .try_with_value(|begun| begun.as_ref().is_some_and(|begun| begun.is_drawn));
            if is_drawn != Some(true) {
                return;
            }
            if let Some(list) = self.list() {
                let (edges, (_, y)) = (list.get_bounding_client_rect(), self.at.get_value());
                let over = (y - edges.bottom() + EDGE).max(0.0) - (edges.top() + EDGE - y).max(0.0);
                if over != 0.0 {
                    let top = f64::from(list.scroll_top()) + (over * PULL).trunc() + over.signum();
                    list.set_scroll_top(top as i32);
                    self.draw();
                }
            }
            self.scroll();
        });
    }

    /// A press on nothing chooses nothing.
    fn end(self) {
        let Some(begun) = self.begun.get_value() else {
            return;
        };
        self.begun.set_value(None);
        self.browse.draws_band.set_value(false);
        self.frame.set(None);
        if !begun.is_drawn && begun.is_outside(self) && begun.kept.is_empty() {
            self.browse.chosen.set(BTreeSet::new());
        }
    }
}

impl Begun {
    /// Whether no row was there.
    fn is_outside(&self, band: Band) -> bool {
        let (x, y) = band.at.get_value();
        let under = document().element_from_point(x as f32, y as f32);
        under.is_none_or(|under| under.closest(".row").ok().flatten().is_none())
    }
}

/// Whether a press is in the list, and on nothing that can be opened, dragged or pressed.
fn is_free(event: &PointerEvent) -> bool {
    let is_in_list = dom::closest_to(event, ".grid").is_some();
    let is_in_row = dom::closest_to(event, ".row").is_some();
    let is_beside = dom::closest_to(event, ".cell-size, .cell-kind, .cell-time, .cell-device");
    let is_taken = dom::closest_to(event, ".grid-heads, button, a, input").is_some();
    is_in_list && !is_taken && (!is_in_row || is_beside.is_some())
}

/// What of a rectangle is within the list.
fn frame(across: &Range<f64>, down: &Range<f64>, body: &DomRect, list: &Element) -> Frame {
    let edges = list.get_bounding_client_rect();
    let left = (across.start + body.left()).max(edges.left());
    let right = (across.end + body.left()).min(edges.right());
    let top = (down.start + body.top()).max(edges.top());
    let bottom = (down.end + body.top()).min(edges.bottom());
    Frame {
        left,
        top,
        width: (right - left).max(0.0),
        height: (bottom - top).max(0.0),
    }
}
