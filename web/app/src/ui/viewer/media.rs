//! Sounds and videos, which the browser plays while they come: it asks the server for
//! the stretch that it needs (`Range`), and for another one when somebody seeks.

use super::super::icon::{Glyph, Icon};
use super::loaded::Unshown;
use crate::words::{english, t};
use leptos::prelude::*;
use protocol::items::Item;

const WHY: &str = english!("This browser can’t play it, or the connection is gone.");

#[component]
pub fn Sound(item: Item, address: String) -> impl IntoView {
    let failed = RwSignal::new(false);
    let label = item.name.to_string();
    view! {
        <Show when=move || !failed.get() fallback=move || view! { <Unshown item=item.clone() why=t(WHY) /> }>
            <div class="viewer-sound">
                <span class="row-icon viewer-large-icon">
                    <Glyph icon=Icon::Audio />
                </span>
                <audio
                    controls
                    preload="metadata"
                    src=address.clone()
                    aria-label=label.clone()
                    on:error=move |_| failed.set(true)
                ></audio>
            </div>
        </Show>
    }
}

#[component]
pub fn Video(item: Item, address: String) -> impl IntoView {
    let failed = RwSignal::new(false);
    let label = item.name.to_string();
    view! {
        <Show when=move || !failed.get() fallback=move || view! { <Unshown item=item.clone() why=t(WHY) /> }>
            <video
                class="viewer-video"
                controls
                playsinline
                preload="metadata"
                src=address.clone()
                aria-label=label.clone()
                on:error=move |_| failed.set(true)
            ></video>
        </Show>
    }
}
