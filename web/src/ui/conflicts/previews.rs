//! Both versions of what a browser can play or leaf through.

use super::card::SideTitle;
use super::kind::Kind;
use super::sides::{Side, Sides};
use crate::api::content::{ObjectUrl, pdf};
use crate::failure::Failure;
use crate::ui::dom;
use crate::ui::format::sentence;
use leptos::prelude::*;
use leptos::task::spawn_local;

/// A larger PDF is saved and opened by another program instead: it would be
/// held in memory, twice.
const MAX_PDF_BYTES: u64 = 64 << 20;

#[component]
pub fn Previews(sides: Sides, kind: Kind) -> impl IntoView {
    view! {
        <div class="compare-two compare-previews">
            {Side::BOTH
                .map(|side| {
                    view! {
                        <div class="preview" data-side=side.key()>
                            <SideTitle sides=sides.clone() side />
                            <Preview sides=sides.clone() side kind />
                        </div>
                    }
                })}
        </div>
    }
}

#[component]
fn Preview(sides: Sides, side: Side, kind: Kind) -> impl IntoView {
    let address = sides.address(side);
    let label = format!("The {} version, from {}", side.key(), sides.name(side));
    match kind {
        Kind::Audio => {
            view! { <audio controls preload="metadata" src=address aria-label=label></audio> }
                .into_any()
        }
        Kind::Video => {
            view! { <video controls preload="metadata" src=address aria-label=label></video> }
                .into_any()
        }
        _ if sides.size(side) > MAX_PDF_BYTES => {
            view! { <p class="hint">"Too large to show here. Download it to look at it."</p> }
                .into_any()
        }
        _ => view! { <Pdf address label /> }.into_any(),
    }
}

/// The browser's own viewer, on bytes that are called a PDF whatever they are:
/// nothing in them can run as a page.
#[component]
fn Pdf(address: String, label: String) -> impl IntoView {
    let viewer = dom::shows_pdf();
    let loaded = RwSignal::new_local(None::<Result<ObjectUrl, Failure>>);
    if viewer {
        spawn_local(async move {
            loaded.try_set(Some(pdf(&address).await));
        });
    }
    move || {
        if !viewer {
            return view! {
                <p class="hint">"This browser does not show PDFs. Download it to look at it."</p>
            }
            .into_any();
        }
        loaded.with(|loaded| match loaded {
            None => view! { <p class="hint" role="status">"Loading…"</p> }.into_any(),
            Some(Ok(url)) => {
                view! { <iframe src=url.as_str().to_owned() title=label.clone()></iframe> }
                    .into_any()
            }
            Some(Err(failure)) => {
                view! { <p class="form-error" role="alert">{sentence(&failure.to_string())}</p> }
                    .into_any()
            }
        })
    }
}
