//! The small picture of a file over its icon, as large as whatever is around it.

use crate::commands::use_commands;
use leptos::prelude::*;
use protocol::items::Item;

/// Nothing for what has none, and until it is here. It says nothing that the name beside it
/// does not.
#[component]
pub fn Thumbnail(item: Item) -> impl IntoView {
    let failed = RwSignal::new(false);
    let address = use_commands().thumbnail(&item);
    address.map(|address| {
        move || {
            let address = address.get().filter(|_| !failed.get());
            address.map(|address| {
                view! {
                    <img
                        class="thumbnail"
                        src=address
                        alt=""
                        draggable="false"
                        on:error=move |_| failed.set(true)
                    />
                }
            })
        }
    })
}
