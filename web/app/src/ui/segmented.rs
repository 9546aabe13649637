//! A few options of which one is chosen, as buttons in a row.

use leptos::prelude::*;

#[component]
pub fn Segmented<T>(
    label: &'static str,
    /// Each with its words.
    options: Vec<(T, &'static str)>,
    chosen: RwSignal<T>,
) -> impl IntoView
where
    T: Copy + PartialEq + Send + Sync + 'static,
{
    view! {
        <div class="segmented" role="group" aria-label=label>
            {options
                .into_iter()
                .map(|(option, words)| {
                    view! {
                        <button
                            type="button"
                            aria-pressed=move || (chosen.get() == option).to_string()
                            on:click=move |_| chosen.set(option)
                        >
                            {words}
                        </button>
                    }
                })
                .collect_view()}
        </div>
    }
}
