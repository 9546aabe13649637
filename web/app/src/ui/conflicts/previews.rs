//! Both versions of what a browser can play or leaf through. Where it can't, it
//! is said in words, and shown what each side changed.

use super::card::SideTitle;
use super::kind::FileKind;
use super::map::ChangedRanges;
use super::sides::{Side, Sides};
use crate::commands::{ObjectUrl, use_commands};
use crate::format::sentence;
use crate::refusals::InWords;
use crate::ui::dom;
use crate::ui::icon::{Glyph, Icon};
use crate::words::{english, say, t};
use leptos::ev::Event;
use leptos::prelude::*;
use leptos::task::spawn_local;
use platform::browser::js;
use platform::failure::Failure;

/// A larger PDF is saved and opened by another program instead: it would be
/// held in memory, twice.
const MAX_PDF_BYTES: u64 = 64 << 20;

const UNPLAYABLE: &str = english!(
    "This browser can't play it. It may be damaged, of a kind that the browser does not know, or out of reach now."
);

#[component]
pub fn Previews(sides: Sides, kind: FileKind) -> impl IntoView {
    // Whether one of the two is not shown: then there is the map, once.
    let unshown = RwSignal::new(false);
    let all = StoredValue::new(sides.clone());
    view! {
        <div class="compare-two compare-previews">
            {Side::BOTH
                .map(|side| {
                    view! {
                        <div class="preview" data-side=side.key()>
                            <SideTitle sides=sides.clone() side />
                            <Preview sides=sides.clone() side kind unshown />
                        </div>
                    }
                })}
        </div>
        <Show when=move || unshown.get()>
            <ChangedRanges sides=all.get_value() />
        </Show>
    }
}

/// Why a version is not shown, and what can be done about it.
#[component]
pub fn Unshown(
    sides: Sides,
    side: Side,
    #[prop(into)] words: String,
    #[prop(optional)] again: Option<Callback<()>>,
) -> impl IntoView {
    view! {
        <div class="unshown" role="status" data-testid="unshown">
            <p>{words}</p>
            <span class="bulk-buttons">
                <a
                    class="button button-small"
                    href=sides.address(side)
                    download=sides.file_name(side).to_string()
                >
                    <Glyph icon=Icon::Download />
                    {t("Download it")}
                </a>
                {again
                    .map(|again| {
                        view! {
                            <button
                                type="button"
                                class="button button-small"
                                on:click=move |_| again.run(())
                            >
                                {t("Try again")}
                            </button>
                        }
                    })}
            </span>
        </div>
    }
}

#[component]
fn Preview(sides: Sides, side: Side, kind: FileKind, unshown: RwSignal<bool>) -> impl IntoView {
    match kind {
        FileKind::Audio | FileKind::Video => {
            view! { <Media sides side is_video=kind == FileKind::Video unshown /> }.into_any()
        }
        _ => view! { <Pdf sides side unshown /> }.into_any(),
    }
}

#[component]
fn Media(sides: Sides, side: Side, is_video: bool, unshown: RwSignal<bool>) -> impl IntoView {
    let failed = RwSignal::new(false);
    // A video of which the browser knows the sound only plays as a black box.
    let soundless_picture = RwSignal::new(false);
    let fail = move || {
        failed.set(true);
        unshown.set(true);
    };
    let measured = move |event: Event| {
        let width = event
            .target()
            .and_then(|target| js::get_number(&target, "videoWidth"));
        if is_video && width == Some(0.0) {
            soundless_picture.set(true);
            unshown.set(true);
        }
    };
    let address = sides.address(side);
    let label = label(&sides, side);
    let all = StoredValue::new(sides);
    let player = move || {
        if failed.get() {
            let again = Callback::new(move |()| failed.set(false));
            return view! { <Unshown sides=all.get_value() side words=t(UNPLAYABLE) again /> }
                .into_any();
        }
        let (src, label) = (address.clone(), label.clone());
        if is_video {
            view! {
                <video
                    controls
                    preload="metadata"
                    src=src
                    aria-label=label
                    on:error=move |_| fail()
                    on:loadedmetadata=measured
                ></video>
            }
            .into_any()
        } else {
            view! { <audio controls preload="metadata" src=src aria-label=label on:error=move |_| fail()></audio> }
                .into_any()
        }
    };
    view! {
        {player}
        <Show when=move || soundless_picture.get() && !failed.get()>
            <Unshown
                sides=all.get_value()
                side
                words=t("This browser plays its sound and can't show its picture.")
            />
        </Show>
    }
}

fn label(sides: &Sides, side: Side) -> String {
    let from = sides.name(side);
    match side {
        Side::First => say!("The first version, from {from}", from),
        Side::Second => say!("The second version, from {from}", from),
    }
}

/// The browser's own viewer, on bytes that are called a PDF whatever they are:
/// nothing in them can run as a page.
#[component]
fn Pdf(sides: Sides, side: Side, unshown: RwSignal<bool>) -> impl IntoView {
    let commands = use_commands();
    let reason = if !dom::shows_pdf() {
        Some(t("This browser does not show PDFs."))
    } else if sides.size(side) > MAX_PDF_BYTES {
        Some(t("It is too large to be shown here."))
    } else {
        None
    };
    let address = sides.address(side);
    let label = label(&sides, side);
    let loaded = RwSignal::new_local(None::<Result<Option<ObjectUrl>, Failure>>);
    let load = Callback::new(move |()| {
        let address = address.clone();
        loaded.set(None);
        spawn_local(async move {
            let outcome = commands.pdf(&address, None).await;
            let is_shown = matches!(outcome, Ok(Some(_)));
            loaded.try_set(Some(outcome));
            if !is_shown {
                unshown.try_set(true);
            }
        });
    });
    match reason {
        Some(_) => unshown.set(true),
        None => load.run(()),
    }
    let all = StoredValue::new(sides);
    move || {
        if let Some(words) = reason {
            return view! { <Unshown sides=all.get_value() side words /> }.into_any();
        }
        loaded.with(|loaded| match loaded {
            None => view! { <p class="hint" role="status">{t("Loading…")}</p> }.into_any(),
            Some(Ok(Some(url))) => {
                view! { <iframe src=url.as_str().to_owned() title=label.clone()></iframe> }
                    .into_any()
            }
            Some(Ok(None)) => {
                let words = t("It is called a PDF and is none.");
                view! { <Unshown sides=all.get_value() side words /> }.into_any()
            }
            Some(Err(failure)) => {
                let words = sentence(&failure.in_words());
                view! { <Unshown sides=all.get_value() side words again=load /> }.into_any()
            }
        })
    }
}
