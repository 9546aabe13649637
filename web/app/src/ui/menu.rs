//! A menu in the top layer (a native popover), placed beside the button that
//! opened it or at the pointer, and used with the arrow keys.

use super::dom;
use super::icon::{Glyph, Icon};
use crate::format::px;
use leptos::ev;
use leptos::html;
use leptos::prelude::*;
use wasm_bindgen::JsCast;
use web_sys::{Element, HtmlElement};

/// Pixels between the menu and its button, and the window's edge.
const GAP: f64 = 6.0;

/// Where a menu opens, in pixels of the window.
#[derive(Clone, Copy, Debug, PartialEq)]
struct Spot {
    left: f64,
    right: f64,
    top: f64,
    bottom: f64,
}

/// A menu's state: open at a spot, or not.
#[derive(Clone, Copy)]
pub struct Menu {
    spot: RwSignal<Option<Spot>>,
    opener: StoredValue<Option<HtmlElement>, LocalStorage>,
}

impl Menu {
    pub fn new() -> Self {
        Self {
            spot: RwSignal::new(None),
            opener: StoredValue::new_local(None),
        }
    }

    pub fn is_open(self) -> bool {
        self.spot.with(Option::is_some)
    }

    pub fn open_beside(self, button: &Element) {
        let place = button.get_bounding_client_rect();
        self.opener.set_value(button.clone().dyn_into().ok());
        self.spot.set(Some(Spot {
            left: place.left(),
            right: place.right(),
            top: place.top(),
            bottom: place.bottom(),
        }));
    }

    /// What gets the keyboard when the menu closes.
    pub fn ends_in(self, element: HtmlElement) {
        self.opener.set_value(Some(element));
    }

    pub fn open_at(self, x: f64, y: f64) {
        self.opener.set_value(dom::focused());
        self.spot.set(Some(Spot {
            left: x,
            right: x,
            top: y,
            bottom: y,
        }));
    }

    pub fn close(self) {
        self.spot.set(None);
    }

    fn close_to_opener(self) {
        self.close();
        if let Some(opener) = self.opener.get_value() {
            let _ = opener.focus();
        }
    }
}

/// The menu itself. Its children are [`MenuItem`]s, or buttons and links with such a role.
#[component]
pub fn MenuPopover(
    menu: Menu,
    #[prop(into)] label: Signal<String>,
    children: ChildrenFn,
) -> impl IntoView {
    let children = StoredValue::new(children);
    move || {
        menu.spot.get().map(|spot| {
            view! {
                <Opened menu spot label>
                    {children.with_value(|children| children())}
                </Opened>
            }
        })
    }
}

/// Something that can be done.
#[component]
pub fn MenuItem(icon: Icon, label: &'static str, act: impl Fn() + 'static) -> impl IntoView {
    item(icon, label, Box::new(act))
}

/// Compiled once, whatever the items do.
fn item(icon: Icon, label: &'static str, act: Box<dyn Fn()>) -> AnyView {
    view! {
        <button type="button" role="menuitem" on:click=move |_| act()>
            <Glyph icon />
            {label}
        </button>
    }
    .into_any()
}

#[component]
fn Opened(menu: Menu, spot: Spot, label: Signal<String>, children: Children) -> impl IntoView {
    let node = NodeRef::<html::Div>::new();
    dom::when_drawn(node, move |popover| {
        let _ = popover.show_popover();
        place(&popover, spot);
        dom::focus_within(&popover, "[role^=menuitem]");
    });
    let outside = window_event_listener(ev::pointerdown, move |event| {
        let inside = dom::closest_to(&event, "[role=menu], [aria-haspopup=menu]");
        if inside.is_none() {
            menu.close();
        }
    });
    let resized = window_event_listener(ev::resize, move |_| menu.close());
    on_cleanup(move || {
        outside.remove();
        resized.remove();
    });
    view! {
        <div
            node_ref=node
            popover="manual"
            role="menu"
            class="menu"
            aria-label=label
            on:keydown=move |event| on_key(menu, node, &event)
            on:click=move |event| {
                if dom::closest_to(&event, "[role^=menuitem]").is_some() {
                    menu.close_to_opener();
                }
            }
        >
            {children()}
        </div>
    }
}

/// Below the button and flush with its right edge, or above and flush left
/// where there is no room; over it where there is none at all.
fn place(popover: &HtmlElement, spot: Spot) {
    let (width, height) = (
        f64::from(popover.offset_width()),
        f64::from(popover.offset_height()),
    );
    let edge = |size: Result<wasm_bindgen::JsValue, _>| {
        size.ok().and_then(|size| size.as_f64()).unwrap_or(0.0)
    };
    let (room_x, room_y) = (edge(window().inner_width()), edge(window().inner_height()));
    let left = if spot.left == spot.right {
        spot.left
    } else {
        spot.right - width
    };
    let below = spot.bottom + GAP;
    let top = if below + height + GAP > room_y && spot.top - height - GAP > 0.0 {
        spot.top - height - GAP
    } else {
        below.min(room_y - height - GAP).max(GAP)
    };
    let style = popover.style();
    let left = left.min(room_x - width - GAP).max(GAP);
    let _ = style.set_property("left", &px(left));
    let _ = style.set_property("top", &px(top));
}

fn on_key(menu: Menu, node: NodeRef<html::Div>, event: &ev::KeyboardEvent) {
    let step = match event.key().as_str() {
        "ArrowDown" => 1,
        "ArrowUp" => -1,
        "Escape" | "Tab" => {
            event.prevent_default();
            event.stop_propagation();
            menu.close_to_opener();
            return;
        }
        _ => return,
    };
    event.prevent_default();
    event.stop_propagation();
    if let Some(popover) = node.get_untracked() {
        move_focus(&popover, step);
    }
}

fn move_focus(popover: &Element, step: i32) {
    let Ok(items) = popover.query_selector_all("[role^=menuitem]") else {
        return;
    };
    let count = items.length() as i32;
    let focused = document().active_element();
    let at = (0..count).find(|&place| {
        let item = items.get(place as u32);
        item.is_some() && item.as_ref() == focused.as_ref().map(AsRef::as_ref)
    });
    let next = at.map_or(0, |at| (at + step).rem_euclid(count.max(1)));
    if let Some(item) = items.get(next as u32)
        && let Ok(item) = item.dyn_into::<HtmlElement>()
    {
        let _ = item.focus();
    }
}
