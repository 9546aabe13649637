//! A bar that fills, for eyes and for screen readers.

use crate::format::decimal;
use leptos::prelude::*;

#[component]
pub fn ProgressBar(
    /// Of what.
    #[prop(into)]
    label: String,
    /// How much of it is done, from 0 to 100.
    #[prop(into)]
    percent: Signal<f64>,
    /// Without round ends, along an edge.
    #[prop(optional)]
    is_flat: bool,
) -> impl IntoView {
    view! {
        <span
            class="bar"
            class:bar-flat=is_flat
            role="progressbar"
            aria-label=label
            aria-valuemin="0"
            aria-valuemax="100"
            aria-valuenow=move || decimal(percent.get(), 0)
        >
            <span
                class="bar-fill"
                style:transform=move || format!("scaleX({})", decimal(percent.get() / 100.0, 4))
            ></span>
        </span>
    }
}
