//! A PDF, by the browser's own viewer, on bytes that are called a PDF whatever they are:
//! nothing in them can run as a page.

use super::super::dom;
use super::loaded::{IS_ANOTHER, Unshown, loaded};
use crate::commands::use_commands;
use crate::words::t;
use leptos::prelude::*;
use protocol::items::Item;

#[component]
pub fn Pdf(item: Item, address: String) -> impl IntoView {
    let commands = use_commands();
    if !dom::shows_pdf() {
        let why = t("This browser does not show PDFs.");
        return view! { <Unshown item why /> }.into_any();
    }
    let title = item.name.to_string();
    let of = Some((item.id, item.version()));
    let load = async move { commands.pdf(&address, of).await };
    loaded(item, t(IS_ANOTHER), load, move |url| {
        let address = url.as_str().to_owned();
        view! { <iframe class="viewer-frame" src=address title=title.clone()></iframe> }.into_any()
    })
}
