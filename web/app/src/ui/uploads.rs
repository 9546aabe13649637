//! The upload panel, docked in the corner; on a phone it is as wide as the
//! screen.

mod entry;
mod head;
mod words;

use super::door::LeftOutLine;
use super::each::Each;
use super::virtual_list::Viewport;
use crate::format::px;
use crate::state::Drive;
use crate::state::uploads::Total;
use entry::Entry;
use head::Head;
use leptos::prelude::*;

/// `--row-tall` in the stylesheet.
const ROW_PIXELS: f64 = 60.0;

#[component]
pub fn UploadPanel() -> impl IntoView {
    let drive: Drive = expect_context();
    let any = Memo::new(move |_| {
        let door = drive.door;
        drive.uploads.entries.with(|entries| !entries.is_empty())
            || drive.uploads.total.with(Total::has_any)
            || door.walking.get().is_some()
            || door.left_out.with(|left_out| !left_out.is_empty())
    });
    let folded = RwSignal::new(false);
    view! {
        <Show when=move || any.get()>
            <section class="uploads" data-testid="uploads" aria-label="Uploads">
                <Head folded />
                <LeftOutLine />
                <Show when=move || !folded.get()>
                    <Entries />
                </Show>
            </section>
        </Show>
    }
}

#[component]
fn Entries() -> impl IntoView {
    let drive: Drive = expect_context();
    let viewport = Viewport::new(ROW_PIXELS, 0.0);
    let count = Memo::new(move |_| drive.uploads.entries.with(Vec::len));
    let range = Memo::new(move |_| viewport.in_sight(count.get()));
    let shown = move || {
        let range = range.get();
        let entries = drive.uploads.entries;
        entries.with(|entries| entries.get(range).map(<[_]>::to_vec).unwrap_or_default())
    };
    view! {
        <div
            node_ref=viewport.node
            class="uploads-scroll"
            tabindex="0"
            role="region"
            aria-label="Each upload"
            on:scroll=move |_| viewport.scrolled()
        >
            <div
                class="tall"
                style:height=move || px(viewport.pixels(count.get()))
            >
                <ul
                    class="lines"
                    style:transform=move || {
                        format!("translateY({})", px(viewport.pixels(range.get().start)))
                    }
                >
                    <Each
                        each=shown
                        key=|upload| upload.id
                        children=move |upload| view! { <Entry upload /> }
                    />
                </ul>
            </div>
        </div>
    }
}
