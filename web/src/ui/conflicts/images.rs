//! Two versions of a picture: beside each other, one wiped over the other, or
//! what differs.

use super::card::SideTitle;
use super::sides::{Side, Sides};
use crate::ui::segmented::Segmented;
use leptos::ev::Event;
use leptos::html;
use leptos::prelude::*;
use wasm_bindgen::JsCast;
use web_sys::HtmlImageElement;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Mode {
    SideBySide,
    Swipe,
    Difference,
}

const MODES: [(Mode, &str); 3] = [
    (Mode::SideBySide, "Side by side"),
    (Mode::Swipe, "Swipe"),
    (Mode::Difference, "Difference"),
];

#[component]
pub fn Images(sides: Sides, on_unshowable: Callback<()>) -> impl IntoView {
    let mode = RwSignal::new(Mode::SideBySide);
    let sides = StoredValue::new(sides);
    let read = move || sides.get_value();
    view! {
        <div class="compare-bar">
            <Segmented label="How to compare" options=MODES.to_vec() chosen=mode />
        </div>
        {move || match mode.get() {
            Mode::SideBySide => {
                view! {
                    <div class="compare-two">
                        <Framed sides=read() side=Side::First on_unshowable />
                        <Framed sides=read() side=Side::Second on_unshowable />
                    </div>
                }
                    .into_any()
            }
            Mode::Swipe => view! { <Swipe sides=read() /> }.into_any(),
            Mode::Difference => view! { <Difference sides=read() /> }.into_any(),
        }}
    }
}

#[component]
fn Framed(sides: Sides, side: Side, on_unshowable: Callback<()>) -> impl IntoView {
    let pixels = RwSignal::new(String::new());
    let measure = move |event: Event| {
        let image = event
            .target()
            .and_then(|target| target.dyn_into::<HtmlImageElement>().ok());
        if let Some(image) = image {
            pixels.set(format!(
                "{} × {} pixels",
                image.natural_width(),
                image.natural_height()
            ));
        }
    };
    view! {
        <figure class="picture" data-side=side.key()>
            <SideTitle sides=sides.clone() side />
            <div class="picture-ground">
                <img
                    src=sides.address(side)
                    alt=format!("The {} version", side.key())
                    on:load=measure
                    on:error=move |_| on_unshowable.run(())
                />
            </div>
            <figcaption>{pixels}</figcaption>
        </figure>
    }
}

/// The second version shows left of a line that can be moved.
#[component]
fn Swipe(sides: Sides) -> impl IntoView {
    let at = RwSignal::new(50_u32);
    let input = NodeRef::<html::Input>::new();
    let moved = move |_| {
        let value = input
            .get_untracked()
            .and_then(|input| input.value().parse().ok());
        at.set(value.unwrap_or(50).min(100));
    };
    view! {
        <div class="compare-two compare-titles">
            <SideTitle sides=sides.clone() side=Side::Second />
            <SideTitle sides=sides.clone() side=Side::First />
        </div>
        <div class="picture-ground stacked" style=("--at", move || format!("{}%", at.get()))>
            <img src=sides.address(Side::First) alt="The first version, on the right" />
            <img class="swiped" src=sides.address(Side::Second) alt="The second version, on the left" />
            <span class="swipe-line" aria-hidden="true"></span>
        </div>
        <label class="swipe-handle">
            <span>"How much of the second version shows"</span>
            <input
                node_ref=input
                type="range"
                min="0"
                max="100"
                prop:value=move || at.get().to_string()
                aria-valuetext=move || format!("{} per cent", at.get())
                on:input=moved
            />
        </label>
    }
}

/// Equal pixels are black.
#[component]
fn Difference(sides: Sides) -> impl IntoView {
    view! {
        <p class="hint">"What is the same in both is black; the brighter, the more it differs."</p>
        <div class="picture-ground stacked difference">
            <img src=sides.address(Side::First) alt="" />
            <img
                class="differing"
                src=sides.address(Side::Second)
                alt="The difference between the two versions"
            />
        </div>
    }
}
