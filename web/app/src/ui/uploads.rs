//! The upload panel, docked in the corner; on a phone it is as wide as the
//! screen.

mod entry;
mod head;
mod words;

use super::dom;
use super::door::LeftOutLine;
use super::each::Each;
use super::virtual_list::Viewport;
use crate::format::px;
use crate::state::Drive;
use crate::state::uploads::{Total, Upload};
use crate::words::t;
use entry::Entry;
use head::Head;
use leptos::html::Section;
use leptos::prelude::*;
use std::time::Duration;

/// `--row-tall` in the stylesheet.
const ROW_PIXELS: f64 = 60.0;
/// As in the stylesheet.
const PHONE: &str = "(max-width: 720px)";
/// How long the panel shows that all went well before it folds itself.
const SEEN_FOR: Duration = Duration::from_secs(6);

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
    let panel = NodeRef::new();
    let folded = folds_itself(drive, panel);
    view! {
        <Show when=move || any.get()>
            <section
                node_ref=panel
                class="uploads"
                class:uploads-folded=folded
                data-testid="uploads"
                aria-label=t("Uploads")
            >
                <Head folded />
                <LeftOutLine />
                // It keeps its place while it is folded.
                <div hidden=folded>
                    <Entries />
                </div>
            </section>
        </Show>
    }
}

/// Whether something is sent or still looked at.
fn goes_on(drive: Drive) -> Memo<bool> {
    Memo::new(move |_| {
        drive.uploads.total.with(Total::is_running) || drive.door.walking.get().is_some()
    })
}

/// Whether the panel is folded. On a phone it is until somebody unfolds it. Elsewhere it
/// folds itself when all is well, and unfolds when more comes.
fn folds_itself(drive: Drive, panel: NodeRef<Section>) -> RwSignal<bool> {
    let is_phone = dom::matches_media(PHONE);
    let goes_on = goes_on(drive);
    let fold = Fold {
        drive,
        panel,
        goes_on,
        folded: RwSignal::new(is_phone),
        by_itself: StoredValue::new(false),
    };
    Effect::new(move |went_on: Option<bool>| {
        let goes_on = goes_on.get();
        if goes_on && fold.by_itself.get_value() {
            fold.folded.set(false);
            fold.by_itself.set_value(false);
        } else if !goes_on && went_on == Some(true) && !is_phone {
            fold.later();
        }
        goes_on
    });
    fold.folded
}

/// What the panel is folded by.
#[derive(Clone, Copy)]
struct Fold {
    drive: Drive,
    panel: NodeRef<Section>,
    goes_on: Memo<bool>,
    folded: RwSignal<bool>,
    by_itself: StoredValue<bool>,
}

impl Fold {
    fn later(self) {
        set_timeout(move || _ = self.if_all_is_well(), SEEN_FOR);
    }

    /// Folds it if all is well and nobody uses it; asks again later while somebody does.
    /// `None`: the page shows something else by now.
    fn if_all_is_well(self) -> Option<()> {
        let total = self.drive.uploads.total.try_get_untracked()?;
        let is_over = !self.goes_on.try_get_untracked()?;
        let is_open = !self.folded.try_get_untracked()?;
        let panel = self.panel.try_get_untracked()??;
        if total.has_any() && !total.needs_somebody() && is_over && is_open {
            if panel.matches(":hover, :focus-within").unwrap_or(false) {
                self.later();
            } else {
                self.folded.set(true);
                self.by_itself.set_value(true);
            }
        }
        Some(())
    }
}

/// The entries with those first that somebody has to do something about; `None` where there
/// are none of these.
fn needs_somebody_first(drive: Drive) -> Memo<Option<Vec<Upload>>> {
    let number = Memo::new(move |_| {
        drive.uploads.total.with(|total| {
            (
                total.files_failed,
                total.files_to_pick,
                total.files_conflicted,
            )
        })
    });
    Memo::new(move |_| {
        if number.get() == (0, 0, 0) {
            return None;
        }
        let mut entries = drive.uploads.entries.get();
        entries.sort_by_key(|entry| {
            !entry
                .progress
                .with_untracked(|progress| progress.stage.needs_somebody())
        });
        Some(entries)
    })
}

#[component]
fn Entries() -> impl IntoView {
    let drive: Drive = expect_context();
    let viewport = Viewport::new(ROW_PIXELS, 0.0);
    let count = Memo::new(move |_| drive.uploads.entries.with(Vec::len));
    let range = Memo::new(move |_| viewport.in_sight(count.get()));
    let first = needs_somebody_first(drive);
    let shown = move || {
        let range = range.get();
        let cut = |entries: &[Upload]| entries.get(range).map(<[_]>::to_vec).unwrap_or_default();
        first.with(|first| match first {
            Some(first) => cut(first),
            None => drive.uploads.entries.with(|entries| cut(entries)),
        })
    };
    view! {
        <div
            node_ref=viewport.node
            class="uploads-scroll"
            tabindex="0"
            role="region"
            aria-label=t("Each upload")
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
