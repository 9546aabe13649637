//! A scrolling view of compared texts: of 100,000 lines, only those in sight are
//! asked for and drawn.

use super::{Comparison, PaneRows, row};
use crate::format::px;
use crate::ui::dom;
use crate::ui::virtual_list::Viewport;
use leptos::prelude::*;
use leptos::task::spawn_local;
use merge::View;
use workers::merging::{ViewRows, place_of};

/// A line's height in pixels; the stylesheet has the same.
const LINE_PIXELS: f64 = 22.0;
/// Characters beside a line's text: its number and sign.
const MARGIN_CHARS: usize = 8;
/// Lines that stay in sight around a region that is gone to.
const AROUND: usize = 2;

#[component]
pub fn Pane(
    comparison: Comparison,
    #[prop(into)] view: Signal<View>,
    label: &'static str,
) -> impl IntoView {
    let viewport = Viewport::new(LINE_PIXELS, 0.0);
    let place = move || place_of(view.get());
    let total = Memo::new(move |_| comparison.rows.get()[place()]);
    let window = Memo::new(move |_| viewport.in_sight(total.get()));
    let shown = RwSignal::new(None::<PaneRows>);
    Effect::new(move |_| {
        comparison.revision.track();
        comparison.ask(view.get(), window.get(), shown);
    });
    // Of all lines seen so far, so that scrolling down moves nothing aside.
    let longest = Memo::new(move |before: Option<&usize>| {
        let seen = shown.with(|shown| shown.as_ref().map_or(0, |shown| row::longest(&shown.rows)));
        seen.max(before.copied().unwrap_or(0))
    });
    let target = Memo::new(move |_| {
        let found = comparison.current.get()?;
        Some((found.region, found.rows[place()]))
    });
    Effect::new(move |_| {
        if let Some((_, row)) = target.get() {
            viewport.reveal(row + AROUND);
            viewport.reveal(row.saturating_sub(AROUND));
        }
    });
    let pressed = move |event: leptos::ev::MouseEvent| {
        let row = dom::closest_to(&event, "[data-region]");
        let region = row.and_then(|row| row.get_attribute("data-region"));
        if let Some(region) = region.and_then(|region| region.parse().ok()) {
            spawn_local(comparison.find(region));
        }
    };
    let width = move || {
        let columns = if view.get() == View::Sides { 2 } else { 1 };
        format!("max(100%, {}ch)", columns * (longest.get() + MARGIN_CHARS))
    };
    view! {
        <div
            node_ref=viewport.node
            class="merge-pane"
            tabindex="0"
            role="region"
            aria-label=label
            data-view=move || ["sides", "column", "result"][place()]
            on:scroll=move |_| viewport.scrolled()
            on:click=pressed
        >
            <div
                class="merge-tall"
                style:height=move || px(viewport.pixels(total.get()))
                style:width=width
            >
                <div
                    class="merge-rows"
                    style:transform=move || {
                        let from = shown.with(|shown| shown.as_ref().map_or(0, |shown| shown.from));
                        format!("translateY({})", px(viewport.pixels(from)))
                    }
                >
                    {move || {
                        let current = comparison.current.get().map(|found| found.region);
                        shown.with(|shown| shown.as_ref().map(|shown| rows(shown, current)))
                    }}
                </div>
            </div>
        </div>
    }
}

fn rows(shown: &PaneRows, current: Option<usize>) -> Vec<AnyView> {
    let is_current = |region| current == Some(region);
    match &shown.rows {
        ViewRows::Sides(rows) => {
            let draw =
                |line| row::of_sides(line, shown.pick_of(line.region), is_current(line.region));
            rows.iter().map(draw).collect()
        }
        ViewRows::Column(rows) => {
            let draw =
                |line| row::of_column(line, shown.pick_of(line.region), is_current(line.region));
            rows.iter().map(draw).collect()
        }
        ViewRows::Result(rows) => {
            let draw = |line| row::of_result(line, is_current(line.region));
            rows.iter().map(draw).collect()
        }
    }
}
