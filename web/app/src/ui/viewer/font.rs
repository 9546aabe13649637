//! A font, by words that are set in it.

use super::loaded::{IS_ANOTHER, loaded};
use crate::commands::use_commands;
use crate::words::t;
use leptos::prelude::*;
use protocol::items::Item;

const SAMPLES: [(&str, &str); 6] = [
    ("font-sample font-sample-huge", "AaBbCc 123"),
    (
        "font-sample font-sample-large",
        "The quick brown fox jumps over the lazy dog.",
    ),
    (
        "font-sample",
        "ABCDEFGHIJKLMNOPQRSTUVWXYZ abcdefghijklmnopqrstuvwxyz",
    ),
    ("font-sample", "0123456789 .,:;!?“”‘’()[]{}@#$%&*+−=/€£"),
    (
        "font-sample",
        "Zwölf Boxkämpfer jagen Viktor quer über den großen Sylter Deich.",
    ),
    (
        "font-sample font-sample-small",
        "Съешь же ещё этих мягких французских булок. Γαζέες καὶ μυρτιὲς δὲν θὰ βρῶ πιά.",
    ),
];

#[component]
pub fn FontView(item: Item, address: String) -> impl IntoView {
    let commands = use_commands();
    let size = item.file.as_ref().map_or(0, |file| file.size);
    let label = item.name.to_string();
    let of = (item.id, item.version());
    let load = async move { commands.font(&address, size, of).await };
    loaded(item, t(IS_ANOTHER), load, move |font| {
        let samples = SAMPLES
            .map(|(class, words)| view! { <p class=class>{words}</p> })
            .collect_view();
        view! {
            <div class="viewer-scroll" tabindex="0" role="region" aria-label=label.clone()>
                <div
                    class="viewer-paper"
                    data-testid="viewer-font"
                    style:font-family=font.family.clone()
                >
                    {samples}
                </div>
            </div>
        }
        .into_any()
    })
}
