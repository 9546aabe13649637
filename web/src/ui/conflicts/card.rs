//! One version of the two: who wrote it, where and when, and its bytes.

use crate::ui::format::{bytes, moment};
use crate::ui::icon::{Glyph, Icon};
use leptos::prelude::*;
use shared::protocol::items::Committed;

/// What a card shows.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Version {
    /// "first" or "second".
    pub side: &'static str,
    pub heading: &'static str,
    pub from_here: bool,
    pub committed: Committed,
    pub size: u64,
    pub modified_at_ms: u64,
    pub address: String,
    pub file_name: String,
}

#[component]
pub fn Card(version: Version) -> impl IntoView {
    let Version {
        side,
        heading,
        from_here,
        committed,
        size,
        modified_at_ms,
        address,
        file_name,
    } = version;
    let label = format!("Download the {side} version");
    view! {
        <article class="version" class:version-mine=from_here data-testid="conflict-side" data-side=side>
            <h3>
                {heading}
                {from_here.then(|| view! { <span class="tag">"This device"</span> })}
            </h3>
            <dl>
                <dt>"Person"</dt>
                <dd>{committed.user_name}</dd>
                <dt>"Device"</dt>
                <dd>{committed.device_name}</dd>
                <dt>"Changed"</dt>
                <dd>{moment(modified_at_ms)}</dd>
                <dt>"Arrived"</dt>
                <dd>{moment(committed.at_ms)}</dd>
                <dt>"Size"</dt>
                <dd>{bytes(size)}</dd>
            </dl>
            <a class="button" href=address download=file_name aria-label=label>
                <Glyph icon=Icon::Download />
                "Download"
            </a>
        </article>
    }
}
