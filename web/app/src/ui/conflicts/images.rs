//! Two versions of a picture: beside each other, one wiped over the other, or
//! what differs. Both have one scale, so that one that is larger looks larger.

use super::card::SideTitle;
use super::map::ChangedRanges;
use super::previews::Unshown;
use super::sides::{Side, Sides};
use crate::ui::segmented::Segmented;
use crate::words::{english, say, t};
use leptos::ev::Event;
use leptos::html;
use leptos::prelude::*;
use leptos::task::spawn_local;
use platform::browser::js;
use wasm_bindgen::JsCast;
use web_sys::{HtmlImageElement, ImageBitmapOptions};

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Mode {
    SideBySide,
    Swipe,
    Difference,
}

const MODES: [(Mode, &str); 3] = [
    (Mode::SideBySide, english!("Side by side")),
    (Mode::Swipe, english!("Swipe")),
    (Mode::Difference, english!("Difference")),
];

/// What the browser has found out about the two pictures.
#[derive(Clone, Copy)]
struct Pictures {
    /// Width and height in pixels, each at least one; `None` before they are
    /// known, and of a drawing that has none.
    pixels: [RwSignal<Option<(u32, u32)>>; 2],
    failed: [RwSignal<bool>; 2],
}

impl Pictures {
    fn new() -> Self {
        Self {
            pixels: Side::BOTH.map(|_| RwSignal::new(None)),
            failed: Side::BOTH.map(|_| RwSignal::new(false)),
        }
    }

    fn pixels(self, side: Side) -> RwSignal<Option<(u32, u32)>> {
        self.pixels[side as usize]
    }

    fn failed(self, side: Side) -> RwSignal<bool> {
        self.failed[side as usize]
    }

    fn any_failed(self) -> bool {
        self.failed.iter().any(|failed| failed.get())
    }

    fn measure(self, side: Side, event: &Event) {
        let target = event.target();
        let Some(image) = target.and_then(|target| target.dyn_into::<HtmlImageElement>().ok())
        else {
            return;
        };
        let size = (image.natural_width(), image.natural_height());
        let is_known = size.0 > 0 && size.1 > 0;
        self.pixels(side).set(is_known.then_some(size));
        spawn_local(async move {
            if !is_whole(&image).await && image.is_connected() {
                self.failed(side).try_set(true);
            }
        });
    }

    /// Width and height, in pixels, of a frame that both pictures fit into;
    /// `None` before both sizes are known.
    fn frame(self) -> Option<(u32, u32)> {
        let [first, second] = self.pixels.map(|pixels| pixels.get());
        let (first, second) = (first?, second?);
        Some((first.0.max(second.0), first.1.max(second.1)))
    }

    /// A variable of the stylesheet, empty before it is known.
    fn wide(self) -> String {
        self.frame()
            .map_or_else(String::new, |(wide, _)| wide.to_string())
    }

    fn high(self) -> String {
        self.frame()
            .map_or_else(String::new, |(_, high)| high.to_string())
    }

    fn own(self, side: Side) -> String {
        let pixels = self.pixels(side).get();
        pixels.map_or_else(String::new, |(width, _)| width.to_string())
    }

    /// What is to be said of the sizes.
    fn words(self) -> Option<String> {
        let [first, second] = self.pixels.map(|pixels| pixels.get());
        let (first, second) = (first?, second?);
        let (width, height) = first;
        Some(if first == second {
            say!("Both have {width} × {height} pixels.", width, height)
        } else {
            say!(
                "Both are shown at one scale: the first has {width} × {height} pixels, the second {other_width} × {other_height} pixels.",
                width,
                height,
                other_width = second.0,
                other_height = second.1
            )
        })
    }
}

/// Whether all of a picture can be read. A browser that has loaded one knows its size,
/// and calls one decoded of which nothing but that can be read; yet it makes no other
/// picture of it.
async fn is_whole(image: &HtmlImageElement) -> bool {
    let one_pixel = ImageBitmapOptions::new();
    one_pixel.set_resize_width(1);
    one_pixel.set_resize_height(1);
    let Some(window) = web_sys::window() else {
        return false;
    };
    let made = window
        .create_image_bitmap_with_html_image_element_and_image_bitmap_options(image, &one_pixel);
    match made {
        Ok(made) => js::outcome(made).await.is_ok(),
        Err(_) => false,
    }
}

#[component]
pub fn Images(sides: Sides) -> impl IntoView {
    let mode = RwSignal::new(Mode::SideBySide);
    let pictures = Pictures::new();
    let sides = StoredValue::new(sides);
    let read = move || sides.get_value();
    let failed = Memo::new(move |_| pictures.any_failed());
    view! {
        <Show when=move || !failed.get()>
            <div class="compare-bar">
                <Segmented label=t("How to compare") options=MODES.map(|(mode, words)| (mode, t(words))).to_vec() chosen=mode />
                <span class="hint" role="status" data-testid="picture-sizes">
                    {move || pictures.words()}
                </span>
            </div>
        </Show>
        {move || match mode.get() {
            Mode::Swipe if !failed.get() => view! { <Swipe sides=read() pictures /> }.into_any(),
            Mode::Difference if !failed.get() => {
                view! { <Difference sides=read() pictures /> }.into_any()
            }
            _ => {
                view! {
                    <div class="compare-two">
                        <Framed sides=read() side=Side::First pictures />
                        <Framed sides=read() side=Side::Second pictures />
                    </div>
                }
                    .into_any()
            }
        }}
        <Show when=move || failed.get()>
            <ChangedRanges sides=read() />
        </Show>
    }
}

#[component]
fn Framed(sides: Sides, side: Side, pictures: Pictures) -> impl IntoView {
    let failed = pictures.failed(side);
    let address = sides.address(side);
    let shown = {
        let sides = sides.clone();
        move || {
            if failed.get() {
                let words = t(
                    "This browser can't show it as a picture. It may be damaged, of a kind that the browser does not know, or out of reach now.",
                );
                let again = Callback::new(move |()| failed.set(false));
                view! { <Unshown sides=sides.clone() side words again /> }.into_any()
            } else {
                let alt = match side {
                    Side::First => t("The first version"),
                    Side::Second => t("The second version"),
                };
                view! {
                    <div class="picture-ground">
                        <div
                            class="picture-frame"
                            class:picture-scaled=move || pictures.frame().is_some()
                style=("--wide", move || pictures.wide())
                style=("--high", move || pictures.high())
                        >
                            <Picture address=address.clone() alt side pictures />
                        </div>
                    </div>
                }
                .into_any()
            }
        }
    };
    view! {
        <figure class="picture" data-side=side.key()>
            <SideTitle sides side />
            {shown}
        </figure>
    }
}

#[component]
fn Picture(
    address: String,
    #[prop(into)] alt: String,
    side: Side,
    pictures: Pictures,
) -> impl IntoView {
    view! {
        <img
            src=address
            alt=alt
            style=("--own", move || pictures.own(side))
            on:load=move |event| pictures.measure(side, &event)
            on:error=move |_| pictures.failed(side).set(true)
        />
    }
}

/// The second version shows left of a line that can be moved.
#[component]
fn Swipe(sides: Sides, pictures: Pictures) -> impl IntoView {
    let at = RwSignal::new(50_u32);
    let input = NodeRef::<html::Input>::new();
    let moved = move |_| {
        let value = input
            .get_untracked()
            .and_then(|input| input.value().parse().ok());
        at.set(value.unwrap_or(50).min(100));
    };
    let (first, second) = (sides.address(Side::First), sides.address(Side::Second));
    view! {
        <div class="compare-two compare-titles">
            <SideTitle sides=sides.clone() side=Side::Second />
            <SideTitle sides side=Side::First />
        </div>
        <div class="picture-ground">
            <div
                class="picture-frame stacked"
                class:picture-scaled=move || pictures.frame().is_some()
                style=("--wide", move || pictures.wide())
                style=("--high", move || pictures.high())
                style=("--at", move || format!("{}%", at.get()))
            >
                <div>
                    <Picture address=first alt=t("The first version, on the right") side=Side::First pictures />
                </div>
                <div class="swiped">
                    <Picture
                        address=second
                        alt=t("The second version, on the left")
                        side=Side::Second
                        pictures
                    />
                </div>
                <span class="swipe-line" aria-hidden="true"></span>
            </div>
        </div>
        <label class="swipe-handle">
            <span>{t("How much of the second version shows")}</span>
            <input
                node_ref=input
                type="range"
                min="0"
                max="100"
                prop:value=move || at.get().to_string()
                aria-valuetext=move || say!("{number} per cent", number = at.get())
                on:input=moved
            />
        </label>
    }
}

/// Equal pixels are black.
#[component]
fn Difference(sides: Sides, pictures: Pictures) -> impl IntoView {
    let (first, second) = (sides.address(Side::First), sides.address(Side::Second));
    view! {
        <p class="hint">{t("What is the same in both is black; the brighter, the more it differs.")}</p>
        <div class="picture-ground difference">
            <div
                class="picture-frame stacked"
                class:picture-scaled=move || pictures.frame().is_some()
                style=("--wide", move || pictures.wide())
                style=("--high", move || pictures.high())
            >
                <div>
                    <Picture address=first alt="" side=Side::First pictures />
                </div>
                <div class="differing">
                    <Picture
                        address=second
                        alt=t("The difference between the two versions")
                        side=Side::Second
                        pictures
                    />
                </div>
            </div>
        </div>
    }
}
