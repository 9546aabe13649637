//! One version of the two: who wrote it, where and when, and its bytes.

use super::sides::{Side, Sides};
use crate::format::{bytes, minute, moment};
use crate::ui::icon::{Glyph, Icon};
use crate::words::t;
use leptos::prelude::*;

#[component]
pub fn Card(sides: Sides, side: Side) -> impl IntoView {
    let committed = sides.committed(side).clone();
    view! {
        <article class="version" data-testid="conflict-side" data-side=side.key()>
            <h3>
                {heading(side)}
                {sides.is_from_here(side).then(|| view! { <span class="tag">{t("This device")}</span> })}
            </h3>
            <dl>
                <dt>{t("Person")}</dt>
                <dd>{committed.user_name}</dd>
                <dt>{t("Device")}</dt>
                <dd>{committed.device_name}</dd>
                <dt>{t("Changed")}</dt>
                <dd title=moment(sides.modified_at_ms(side))>{minute(sides.modified_at_ms(side))}</dd>
                <dt>{t("Arrived")}</dt>
                <dd title=moment(committed.at_ms)>{minute(committed.at_ms)}</dd>
                <dt>{t("Size")}</dt>
                <dd>{bytes(sides.size(side))}</dd>
            </dl>
            <a
                class="button"
                href=sides.address(side)
                download=sides.file_name(side).to_string()
                aria-label=download_words(side)
            >
                <Glyph icon=Icon::Download />
                {t("Download")}
            </a>
        </article>
    }
}

fn heading(side: Side) -> &'static str {
    match side {
        Side::First => t("First: the file as it is"),
        Side::Second => t("Second: came after it"),
    }
}

fn download_words(side: Side) -> &'static str {
    match side {
        Side::First => t("Download the first version"),
        Side::Second => t("Download the second version"),
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
                    {heading(side)} " · " {bytes(sides.size(side))}
                </span>
            </span>
            <a
                class="icon-button"
                href=sides.address(side)
                download=sides.file_name(side).to_string()
                aria-label=download_words(side)
            >
                <Glyph icon=Icon::Download />
            </a>
        </div>
    }
}
