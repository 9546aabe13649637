//! One version of the two: who wrote it, where and when, and its bytes.

use super::sides::{Side, Sides};
use crate::format::{bytes, minute, moment};
use crate::ui::icon::{Glyph, Icon};
use leptos::prelude::*;

#[component]
pub fn Card(sides: Sides, side: Side) -> impl IntoView {
    let committed = sides.committed(side).clone();
    let heading = match side {
        Side::First => "First: the file as it is",
        Side::Second => "Second: came after it",
    };
    let label = format!("Download the {} version", side.key());
    view! {
        <article class="version" data-testid="conflict-side" data-side=side.key()>
            <h3>
                {heading}
                {sides.is_from_here(side).then(|| view! { <span class="tag">"This device"</span> })}
            </h3>
            <dl>
                <dt>"Person"</dt>
                <dd>{committed.user_name}</dd>
                <dt>"Device"</dt>
                <dd>{committed.device_name}</dd>
                <dt>"Changed"</dt>
                <dd title=moment(sides.modified_at_ms(side))>{minute(sides.modified_at_ms(side))}</dd>
                <dt>"Arrived"</dt>
                <dd title=moment(committed.at_ms)>{minute(committed.at_ms)}</dd>
                <dt>"Size"</dt>
                <dd>{bytes(sides.size(side))}</dd>
            </dl>
            <a
                class="button"
                href=sides.address(side)
                download=sides.file_name(side).to_string()
                aria-label=label
            >
                <Glyph icon=Icon::Download />
                "Download"
            </a>
        </article>
    }
}

/// A side's name in its colour, with what it says of the file: for views that
/// show the bytes themselves.
#[component]
pub fn SideTitle(sides: Sides, side: Side) -> impl IntoView {
    view! {
        <div class="side-title" data-side=side.key()>
            <span class="side-mark" aria-hidden="true"></span>
            <span class="side-words">
                <strong>{sides.name(side)}</strong>
                <span>
                    {match side {
                        Side::First => "First: the file as it is",
                        Side::Second => "Second: came after it",
                    }} " · " {bytes(sides.size(side))}
                </span>
            </span>
            <a
                class="icon-button"
                href=sides.address(side)
                download=sides.file_name(side).to_string()
                aria-label=format!("Download the {} version", side.key())
            >
                <Glyph icon=Icon::Download />
            </a>
        </div>
    }
}
