//! The few calls into the browser that several views need.

use leptos::html::{self, ElementType};
use leptos::prelude::*;
use platform::browser::js;
use std::cell::Cell;
use wasm_bindgen::JsCast;
use web_sys::{Element, Event, EventTarget, HtmlElement, KeyboardEvent, Storage};

pub fn storage() -> Option<Storage> {
    window().local_storage().ok().flatten()
}

/// What only this tab sees, and what goes with it.
pub fn tab_storage() -> Option<Storage> {
    window().session_storage().ok().flatten()
}

/// An element id that no other element has.
pub fn fresh_id(prefix: &str) -> String {
    thread_local! {
        static NEXT: Cell<u32> = const { Cell::new(0) };
    }
    let number = NEXT.with(|next| next.replace(next.get() + 1));
    format!("{prefix}-{number}")
}

/// Does something with a node's element each time that one is drawn. Leptos's own
/// `on_load` panics when the element is drawn a second time.
pub fn when_drawn<E>(node: NodeRef<E>, act: impl Fn(E::Output) + 'static)
where
    E: ElementType + 'static,
    E::Output: JsCast + Clone + 'static,
{
    Effect::new(move |_| {
        if let Some(element) = node.get() {
            untrack(|| act(element));
        }
    });
}

/// The nearest element around an event's target that fits a selector.
pub fn closest(target: Option<EventTarget>, selector: &str) -> Option<Element> {
    target?
        .dyn_into::<Element>()
        .ok()?
        .closest(selector)
        .ok()
        .flatten()
}

pub fn closest_to(event: &Event, selector: &str) -> Option<Element> {
    closest(event.target(), selector)
}

/// Whether somebody types where a key or a paste has come to.
pub fn is_typed_in(event: &Event) -> bool {
    let fields = "input:not([type=checkbox], [type=radio]), textarea, select, [contenteditable]";
    closest_to(event, fields).is_some()
}

/// What has the keyboard now, so that it can be given back.
pub fn focused() -> Option<HtmlElement> {
    document().active_element()?.dyn_into().ok()
}

/// Gives the keyboard to the first of `selector` within `parent`.
pub fn focus_within(parent: &Element, selector: &str) {
    if let Ok(Some(element)) = parent.query_selector(selector)
        && let Ok(element) = element.dyn_into::<HtmlElement>()
    {
        let _ = element.focus();
    }
}

/// Gives the keyboard to what has `data-first` in a node each time that `changed` is another,
/// if what had it has gone with what was shown before. (`autofocus` outside of dialogs would
/// scroll to it as soon as the page is opened.)
pub fn keep_keyboard<T: PartialEq + Send + Sync + 'static>(
    node: NodeRef<html::Div>,
    changed: Memo<T>,
) {
    Effect::new(move |before: Option<()>| {
        changed.track();
        if before.is_some() {
            request_animation_frame(move || {
                let is_lost =
                    focused().is_none_or(|element| element.matches("body").unwrap_or(false));
                if let (true, Some(Some(shown))) = (is_lost, node.try_get_untracked()) {
                    focus_within(&shown, "[data-first]");
                }
            });
        }
    });
}

/// The letter of a key that is pressed as a shortcut, whether or not capitals are
/// locked. On a keyboard for another script it is the one that the key has on a
/// Latin one; of other keys it is what they are called.
pub fn shortcut(event: &KeyboardEvent) -> String {
    let key = event.key().to_ascii_lowercase();
    let is_foreign = key.chars().count() == 1 && !key.is_ascii();
    let code = event.code();
    match code.strip_prefix("Key").filter(|_| is_foreign) {
        Some(letter) => letter.to_ascii_lowercase(),
        None => key,
    }
}

/// Whether a finger, not a mouse, made this click: there is no double click
/// and no hovering then.
pub fn is_touch(event: &web_sys::MouseEvent) -> bool {
    event
        .dyn_ref::<web_sys::PointerEvent>()
        .is_some_and(|pointer| pointer.pointer_type() == "touch")
}

/// Whether a media query holds now.
pub fn matches_media(query: &str) -> bool {
    let media = window().match_media(query).ok().flatten();
    media.is_some_and(|media| media.matches())
}

/// Whether the browser has a viewer for PDFs. Asked by name: web-sys does not
/// know it.
pub fn shows_pdf() -> bool {
    js::get(&window().navigator(), "pdfViewerEnabled").is_truthy()
}

/// Gives the keyboard to the element of this id, once it is drawn.
pub fn focus_soon(id: &'static str) {
    request_animation_frame(move || {
        let element = document().get_element_by_id(id);
        if let Some(element) = element.and_then(|element| element.dyn_into::<HtmlElement>().ok()) {
            let _ = element.focus();
        }
    });
}
