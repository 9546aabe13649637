//! A picture: as large as fits, larger with the wheel, two fingers or keys, moved and
//! turned. It is an `img`, which runs nothing whatever its bytes are.

use super::super::dom;
use super::super::icon::{Glyph, Icon};
use super::loaded::{IS_ANOTHER, Unshown, loaded};
use crate::commands::{ObjectUrl, use_commands};
use crate::format::decimal;
use crate::state::Drive;
use crate::words::t;
use js_sys::Array;
use leptos::ev;
use leptos::html;
use leptos::prelude::*;
use leptos::task::spawn_local;
use platform::browser::js;
use protocol::items::Item;
use std::collections::BTreeMap;
use wasm_bindgen::JsValue;
use wasm_bindgen::prelude::Closure;
use web_sys::{KeyboardEvent, PointerEvent, WheelEvent};

/// How much one press makes it larger.
const STEP: f64 = 1.5;
/// The most and the least, times what fits.
const MOST: f64 = 40.0;
const LEAST: f64 = 0.2;
/// How far one press of an arrow key moves it, in pixels.
const MOVE_PIXELS: f64 = 80.0;

/// A drawing, by an address that has all of it: no part of a page's origin.
#[component]
pub fn Drawing(item: Item, address: String) -> impl IntoView {
    let commands = use_commands();
    let shown = item.clone();
    let of = (item.id, item.version());
    let load = async move { commands.drawing(&address, of).await.map(Some) };
    loaded(item, t(IS_ANOTHER), load, move |address: &String| {
        let (item, address) = (shown.clone(), address.clone());
        view! { <Picture item address /> }.into_any()
    })
}

#[component]
pub fn Picture(item: Item, address: String) -> impl IntoView {
    let (commands, drive): (_, Drive) = (use_commands(), expect_context());
    let failed = RwSignal::new(false);
    let name = item.name.to_string();
    let of = (item.id, item.version());
    // Where this device has it, that it can be shown without a connection.
    let kept = RwSignal::new_local(None::<ObjectUrl>);
    let tried = StoredValue::new(false);
    let missed = move |_| {
        if tried.get_value() {
            return failed.set(true);
        }
        tried.set_value(true);
        spawn_local(async move {
            match commands.kept_picture(of).await {
                Ok(url) => {
                    kept.try_set(Some(url));
                }
                Err(_) => {
                    failed.try_set(true);
                }
            }
        });
    };
    let address = move || {
        let kept = kept.with(|kept| kept.as_ref().map(|url| url.as_str().to_owned()));
        kept.unwrap_or_else(|| address.clone())
    };
    let view = View::new();
    view.follow_wheel();
    let turned = view.placed;
    let style = move || {
        let Placed {
            x,
            y,
            scale,
            quarters,
        } = turned.get();
        let scale = scale * view.turned_fit(quarters);
        format!(
            "translate({}px, {}px) rotate({}deg) scale({})",
            decimal(x, 1),
            decimal(y, 1),
            quarters * 90,
            decimal(scale, 4)
        )
    };
    view! {
        <Show
            when=move || !failed.get()
            fallback=move || {
                let why = match untrack(|| drive.connection.get()).is_cut() {
                    true => {
                        t("There is no connection, and this picture is not kept on this device.")
                    }
                    false => t("It is no picture that this browser knows, or it is broken."),
                };
                view! { <Unshown item=item.clone() why /> }
            }
        >
            <div
                node_ref=view.stage
                class="viewer-picture"
                class:viewer-picture-held=move || view.is_held()
                tabindex="0"
                role="group"
                aria-label=t("Picture. Plus and minus make it larger and smaller, R turns it.")
                on:wheel=move |event: WheelEvent| {
                    if event.cancelable() {
                        event.prevent_default();
                    }
                }
                on:pointerdown=move |event| view.press(&event)
                on:pointermove=move |event| view.drag(&event)
                on:pointerup=move |event| view.release(&event)
                on:pointercancel=move |event| view.release(&event)
                on:dblclick=move |event| view.double(&event)
                on:keydown=move |event| view.key(&event)
            >
                <img
                    node_ref=view.image
                    src=address.clone()
                    alt=name.clone()
                    draggable="false"
                    style:transform=style
                    on:load=move |_| view.has_loaded.set(true)
                    on:error=missed
                />
            </div>
            <Bar view />
        </Show>
    }
}

#[component]
fn Bar(view: View) -> impl IntoView {
    let percent = move || {
        view.has_loaded.track();
        let placed = view.placed.get();
        let shown = placed.scale * view.turned_fit(placed.quarters) * view.fit();
        format!("{} %", decimal(shown * 100.0, 0))
    };
    view! {
        <div class="viewer-bar" role="toolbar" aria-label=t("Picture")>
            <button
                type="button"
                class="icon-button"
                aria-label=t("Smaller")
                title=t("Smaller (−)")
                on:click=move |_| view.zoom(1.0 / STEP, (0.0, 0.0))
            >
                <span aria-hidden="true">"−"</span>
            </button>
            <output class="viewer-percent" data-testid="viewer-percent">
                {percent}
            </output>
            <button
                type="button"
                class="icon-button"
                aria-label=t("Larger")
                title=t("Larger (+)")
                on:click=move |_| view.zoom(STEP, (0.0, 0.0))
            >
                <span aria-hidden="true">"+"</span>
            </button>
            <button type="button" class="button button-small" title=t("Fit (0)") on:click=move |_| view.reset()>
                {t("Fit")}
            </button>
            <button
                type="button"
                class="icon-button"
                aria-label=t("Turn")
                title=t("Turn (R)")
                on:click=move |_| view.turn()
            >
                <Glyph icon=Icon::Redo />
            </button>
        </div>
    }
}

/// How it is shown: moved by so many pixels, so many times as large as fits, turned.
#[derive(Clone, Copy, PartialEq)]
struct Placed {
    x: f64,
    y: f64,
    scale: f64,
    quarters: i32,
}

const FITTING: Placed = Placed {
    x: 0.0,
    y: 0.0,
    scale: 1.0,
    quarters: 0,
};

#[derive(Clone, Copy)]
struct View {
    stage: NodeRef<html::Div>,
    image: NodeRef<html::Img>,
    has_loaded: RwSignal<bool>,
    placed: RwSignal<Placed>,
    /// Where each finger is, or the mouse.
    pointers: RwSignal<BTreeMap<i32, (f64, f64)>>,
}

impl View {
    fn new() -> Self {
        Self {
            stage: NodeRef::new(),
            image: NodeRef::new(),
            has_loaded: RwSignal::new(false),
            placed: RwSignal::new(FITTING),
            pointers: RwSignal::new(BTreeMap::new()),
        }
    }

    fn is_held(self) -> bool {
        self.pointers.with(|pointers| !pointers.is_empty())
    }

    /// How large it is when it fits, as a part of its own pixels.
    fn fit(self) -> f64 {
        let image = self.image.get();
        let widths = image.map(|image| (f64::from(image.offset_width()), image.natural_width()));
        match widths {
            Some((width, natural)) if natural > 0 => width / f64::from(natural),
            _ => 1.0,
        }
    }

    /// Turned by a quarter, it fits in another size.
    fn turned_fit(self, quarters: i32) -> f64 {
        if quarters % 2 == 0 {
            return 1.0;
        }
        let (Some(stage), Some(image)) = (self.stage.get_untracked(), self.image.get_untracked())
        else {
            return 1.0;
        };
        let (width, height) = (
            f64::from(image.offset_width()),
            f64::from(image.offset_height()),
        );
        if width < 1.0 || height < 1.0 {
            return 1.0;
        }
        let room = (f64::from(stage.client_width()) / height)
            .min(f64::from(stage.client_height()) / width);
        // A small picture stays as small as it is.
        room.min((f64::from(image.natural_width()) / width).max(1.0))
    }

    fn reset(self) {
        self.placed.set(FITTING);
    }

    fn turn(self) {
        self.placed.update(|placed| {
            *placed = Placed {
                quarters: (placed.quarters + 1) % 4,
                ..FITTING
            };
        });
    }

    /// Makes it larger; what is at this place, seen from the middle, stays there.
    fn zoom(self, times: f64, (at_x, at_y): (f64, f64)) {
        self.placed.update(|placed| {
            let scale = (placed.scale * times).clamp(LEAST, MOST);
            let times = scale / placed.scale;
            placed.x = at_x - (at_x - placed.x) * times;
            placed.y = at_y - (at_y - placed.y) * times;
            placed.scale = scale;
            if scale <= 1.0 {
                (placed.x, placed.y) = (0.0, 0.0);
            }
        });
    }

    fn shift(self, x: f64, y: f64) {
        self.placed.update(|placed| {
            if placed.scale > 1.0 {
                placed.x += x;
                placed.y += y;
            }
        });
    }

    /// A place in the window, seen from the middle of the stage.
    fn place_from_middle(self, x: f64, y: f64) -> (f64, f64) {
        let Some(stage) = self.stage.get_untracked() else {
            return (0.0, 0.0);
        };
        let place = stage.get_bounding_client_rect();
        (
            x - place.left() - place.width() / 2.0,
            y - place.top() - place.height() / 2.0,
        )
    }

    /// Chromium does not always tell an element in a dialog of the wheel, but it tells what
    /// listens to the document and keeps it from nothing. The element only keeps the browser
    /// from zooming the page.
    fn follow_wheel(self) {
        let turned: Closure<dyn FnMut(WheelEvent)> =
            Closure::new(move |event: WheelEvent| self.wheel(&event));
        let listener: &JsValue = turned.as_ref();
        let options = js::object(&[("passive", true.into())]);
        let arguments = Array::of3(&"wheel".into(), listener, &options);
        let _ = js::call(&document(), "addEventListener", &arguments);
        let turned = StoredValue::new_local(turned);
        on_cleanup(move || {
            turned.try_with_value(|turned| {
                let arguments = Array::of2(&"wheel".into(), turned.as_ref());
                let _ = js::call(&document(), "removeEventListener", &arguments);
            });
        });
    }

    fn wheel(self, event: &WheelEvent) {
        if dom::closest_to(event, ".viewer-picture").is_none() {
            return;
        }
        // Lines and pages are some pixels.
        let unit = if event.delta_mode() == 0 { 1.0 } else { 24.0 };
        let times = (-event.delta_y() * unit / 300.0).clamp(-1.0, 1.0).exp();
        let at = self.place_from_middle(event.client_x().into(), event.client_y().into());
        self.zoom(times, at);
    }

    fn press(self, event: &PointerEvent) {
        if let Some(stage) = self.stage.get_untracked() {
            let _ = stage.set_pointer_capture(event.pointer_id());
        }
        self.pointers.update(|pointers| {
            pointers.insert(event.pointer_id(), place(event));
        });
    }

    fn drag(self, event: &PointerEvent) {
        let known = self.pointers.with_untracked(Clone::clone);
        let Some(&(old_x, old_y)) = known.get(&event.pointer_id()) else {
            return;
        };
        let (x, y) = place(event);
        let other = known.iter().find(|(id, _)| **id != event.pointer_id());
        if let Some((_, &(other_x, other_y))) = other {
            let apart = |x: f64, y: f64| (x - other_x).hypot(y - other_y).max(1.0);
            let middle = self.place_from_middle((x + other_x) / 2.0, (y + other_y) / 2.0);
            self.zoom(apart(x, y) / apart(old_x, old_y), middle);
            self.shift((x - old_x) / 2.0, (y - old_y) / 2.0);
        } else {
            self.shift(x - old_x, y - old_y);
        }
        self.pointers.update(|pointers| {
            pointers.insert(event.pointer_id(), (x, y));
        });
    }

    fn release(self, event: &PointerEvent) {
        self.pointers.update(|pointers| {
            pointers.remove(&event.pointer_id());
        });
    }

    fn double(self, event: &ev::MouseEvent) {
        if self.placed.with_untracked(|placed| placed.scale != 1.0) {
            self.reset();
        } else {
            let at = self.place_from_middle(event.client_x().into(), event.client_y().into());
            self.zoom(2.5, at);
        }
    }

    fn key(self, event: &KeyboardEvent) {
        if event.ctrl_key() || event.meta_key() || event.alt_key() {
            return;
        }
        let is_larger = self.placed.with_untracked(|placed| placed.scale > 1.0);
        match event.key().as_str() {
            "+" | "=" => self.zoom(STEP, (0.0, 0.0)),
            "-" => self.zoom(1.0 / STEP, (0.0, 0.0)),
            "0" => self.reset(),
            // Otherwise they go to another file.
            "ArrowLeft" if is_larger => self.shift(MOVE_PIXELS, 0.0),
            "ArrowRight" if is_larger => self.shift(-MOVE_PIXELS, 0.0),
            "ArrowUp" if is_larger => self.shift(0.0, MOVE_PIXELS),
            "ArrowDown" if is_larger => self.shift(0.0, -MOVE_PIXELS),
            _ if dom::shortcut(event) == "r" => self.turn(),
            _ => return,
        }
        event.prevent_default();
    }
}

fn place(event: &PointerEvent) -> (f64, f64) {
    (event.client_x().into(), event.client_y().into())
}
