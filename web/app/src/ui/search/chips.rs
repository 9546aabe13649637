//! Filters to press. Each is a word of the query, which can be typed as well.

use crate::ui::each::Each;
use crate::words::{english, t};
use leptos::ev;
use leptos::prelude::*;
use sync::search::query::{toggled, tokens};

/// The words on a chip, and the word of the query.
const CHIPS: [(&str, &str); 14] = [
    (english!("Starred"), "is:starred"),
    (english!("Folders"), "kind:folder"),
    (english!("Pictures"), "kind:picture"),
    (english!("Documents"), "kind:document"),
    (english!("Videos"), "kind:video"),
    (english!("Sounds"), "kind:sound"),
    (english!("Archives"), "kind:archive"),
    (english!("Code"), "kind:code"),
    (english!("Changed today"), "changed:today"),
    (english!("Last 7 days"), "changed:week"),
    (english!("Last 30 days"), "changed:month"),
    (english!("Last 365 days"), "changed:year"),
    (english!("Over 10 MB"), "size:>10MB"),
    (english!("In the trash"), "in:trash"),
];

#[component]
pub fn Chips(
    #[prop(into)] text: Signal<String>,
    /// Is given the text with a filter more or less.
    change: Callback<String>,
) -> impl IntoView {
    view! {
        <div class="chips" role="group" aria-label=t("Filters")>
            <Each
                each=|| CHIPS.to_vec()
                key=|chip| *chip
                children=move |(label, word)| {
                    let is_on = Memo::new(move |_| {
                        let is_it = |token: &str| token.eq_ignore_ascii_case(word);
                        text.with(|text| tokens(text).into_iter().any(is_it))
                    });
                    view! {
                        <button
                            type="button"
                            class="chip"
                            aria-pressed=move || is_on.get().to_string()
                            title=word
                            data-filter=word
                            // A press leaves the keyboard in the field.
                            on:mousedown=|event: ev::MouseEvent| event.prevent_default()
                            on:click=move |_| {
                                change.run(text.with_untracked(|text| toggled(text, word)));
                            }
                        >
                            {t(label)}
                        </button>
                    }
                }
            />
        </div>
    }
}
