//! A download under way, among the notices.

use super::icon::{Glyph, Icon};
use super::progress_bar::ProgressBar;
use super::sentence::Sentence;
use crate::commands::use_commands;
use crate::format::{bytes, count};
use crate::state::downloads::Download;
use crate::words::say;
use leptos::prelude::*;

#[component]
pub fn DownloadToast(download: Download) -> impl IntoView {
    let commands = use_commands();
    let Download {
        id,
        name,
        size,
        done,
        files,
    } = download;
    // A zip of empty files counts by number.
    let percent = Memo::new(move |_| match files {
        Some(files) if size == 0 => files.done.get() as f64 * 100.0 / files.count.max(1) as f64,
        _ => done.get() as f64 * 100.0 / size.max(1) as f64,
    });
    let of_files = files.map(|files| {
        let all = count(files.count, "file", "files");
        move || " · ".to_owned() + &say!("{done} of {all}", done = files.done.get(), all)
    });
    let words = say!("Downloading “{name}”", name) + " · ";
    view! {
        // What changes all the time is not read out.
        <div class="toast" data-testid="download" data-name=name.clone() aria-live="off">
            <Glyph icon=Icon::Download />
            <div class="toast-words">
                <p><Sentence text=words />{move || say!("{done} of {all}", done = bytes(done.get()), all = bytes(size))}{of_files}</p>
                <ProgressBar label=say!("Download of {name}", name) percent />
            </div>
            <button
                type="button"
                class="icon-button"
                aria-label=say!("Cancel the download of {name}", name)
                on:click=move |_| commands.cancel_download(id)
            >
                <Glyph icon=Icon::Close />
            </button>
        </div>
    }
}
