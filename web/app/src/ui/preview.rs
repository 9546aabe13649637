//! What a browser can show of a file, where somebody asks for it: the bytes travel, and
//! count as a download.

mod dialog;

pub use dialog::PreviewDialog;

use crate::commands::{ObjectUrl, use_commands};
use crate::format::sentence;
use crate::ui::dom;
use crate::ui::icon::Icon;
use leptos::prelude::*;
use leptos::task::spawn_local;
use platform::failure::Failure;
use protocol::items::Item;

/// What is shown in a frame is in memory, and nobody reads a longer text here.
const MAX_PDF_BYTES: u64 = 64 << 20;
const MAX_TEXT_BYTES: u64 = 2 << 20;

#[derive(Clone, Copy, PartialEq, Eq)]
pub enum PreviewKind {
    Picture,
    Sound,
    Video,
    Pdf,
    Text,
}

impl PreviewKind {
    /// By the file's name and size; `None` where there is nothing to be shown.
    pub fn of(item: &Item) -> Option<Self> {
        let size = item.file.as_ref()?.size;
        let name = item.name.as_str();
        let ending = name.rsplit_once('.').map_or("", |(_, ending)| ending);
        let kind = match (ending.to_ascii_lowercase().as_str(), Icon::for_name(name)) {
            ("pdf", _) if dom::shows_pdf() => PreviewKind::Pdf,
            ("txt" | "md" | "csv" | "tsv" | "log" | "tex", _) | (_, Icon::Code) => {
                PreviewKind::Text
            }
            ("psd" | "raw" | "heic" | "tif" | "tiff", _) => return None,
            (_, Icon::Image) => PreviewKind::Picture,
            (_, Icon::Audio) => PreviewKind::Sound,
            (_, Icon::Video) => PreviewKind::Video,
            _ => return None,
        };
        let fits = match kind {
            PreviewKind::Pdf => size <= MAX_PDF_BYTES,
            PreviewKind::Text => size <= MAX_TEXT_BYTES,
            PreviewKind::Picture | PreviewKind::Sound | PreviewKind::Video => true,
        };
        (fits && size > 0).then_some(kind)
    }
}

#[component]
pub fn Preview(kind: PreviewKind, address: String, name: String) -> impl IntoView {
    let failed = RwSignal::new(false);
    let shown = match kind {
        PreviewKind::Picture => {
            view! { <img src=address alt=name on:error=move |_| failed.set(true) /> }.into_any()
        }
        PreviewKind::Sound => {
            view! { <audio controls src=address aria-label=name on:error=move |_| failed.set(true)></audio> }
                .into_any()
        }
        PreviewKind::Video => {
            view! { <video controls src=address aria-label=name on:error=move |_| failed.set(true)></video> }
                .into_any()
        }
        PreviewKind::Pdf | PreviewKind::Text => view! { <InFrame kind address name failed /> }.into_any(),
    };
    view! {
        <div class="preview-whole" data-testid="preview" hidden=failed>
            {shown}
        </div>
        <Show when=move || failed.get()>
            <p class="hint" role="status">
                "This browser can't show it. Download it to open it with another program."
            </p>
        </Show>
    }
}

/// By the browser's own viewer, on bytes that are called by their kind, whatever they are:
/// nothing in them can run as a page.
#[component]
fn InFrame(
    kind: PreviewKind,
    address: String,
    name: String,
    failed: RwSignal<bool>,
) -> impl IntoView {
    let commands = use_commands();
    let loaded = RwSignal::new_local(None::<Result<ObjectUrl, Failure>>);
    spawn_local(async move {
        let outcome = match kind {
            PreviewKind::Pdf => commands.pdf(&address).await,
            _ => commands.text(&address).await.map(Some),
        };
        match outcome {
            Ok(Some(url)) => {
                loaded.try_set(Some(Ok(url)));
            }
            Ok(None) => {
                failed.try_set(true);
            }
            Err(failure) => {
                loaded.try_set(Some(Err(failure)));
            }
        }
    });
    move || {
        loaded.with(|loaded| match loaded {
            None => view! { <p class="hint" role="status">"Loading…"</p> }.into_any(),
            Some(Ok(url)) => {
                view! { <iframe src=url.as_str().to_owned() title=name.clone()></iframe> }
                    .into_any()
            }
            Some(Err(failure)) => {
                let words = sentence(&failure.to_string());
                view! { <p class="form-error" role="alert">{words}</p> }.into_any()
            }
        })
    }
}
