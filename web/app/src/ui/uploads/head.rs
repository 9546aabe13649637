//! The panel's head: how far everything is together.

use super::goes_on;
use super::words::{
    headline, headline_note, paused_headline, paused_note, total_percent, walking_words,
};
use crate::commands::{Commands, use_commands};
use crate::state::Drive;
use crate::state::uploads::{Stage, Total};
use crate::ui::icon::{Glyph, Icon};
use crate::ui::progress_bar::ProgressBar;
use crate::ui::space::RefusedForSpace;
use crate::words::{say_many, t};
use leptos::prelude::*;

#[component]
pub fn Head(folded: RwSignal<bool>) -> impl IntoView {
    let drive: Drive = expect_context();
    let total = drive.uploads.total;
    // Read out once, at the end, and not at every file.
    let outcome = Memo::new(move |_| {
        total.with(|total| (total.has_any() && !total.is_running()).then(|| headline(total)))
    });
    let walking = drive.door.walking;
    let is_paused = Memo::new(move |_| drive.uploads.paused.get() && total.with(Total::is_running));
    let words = Memo::new(move |_| {
        let has_any = total.with(Total::has_any);
        match walking.get() {
            Some(found) if !has_any => walking_words(found),
            None if !has_any => t("Uploads").to_owned(),
            _ if is_paused.get() => total.with(paused_headline),
            _ => total.with(headline),
        }
    });
    let note = Memo::new(move |_| {
        total.with(|total| match is_paused.get() {
            true => paused_note(total),
            false => headline_note(total, drive.connection.get()),
        })
    });
    let failed = Memo::new(move |_| total.with(|total| total.files_failed > 0));
    let full = drive.uploads.found_full;
    Effect::new(move |_| {
        if !failed.get() {
            full.set(false);
        }
    });
    view! {
        <header class="uploads-head">
            <div class="uploads-words">
                <h2>{words}</h2>
                <p>{note}</p>
                <span class="unseen" role="status">{outcome}</span>
            </div>
            <button
                type="button"
                class="icon-button fold"
                aria-label=move || if folded.get() { t("Unfold uploads") } else { t("Fold uploads") }
                aria-expanded=move || (!folded.get()).to_string()
                on:click=move |_| folded.update(|folded| *folded = !*folded)
            >
                <Glyph icon=Icon::ChevronDown />
            </button>
        </header>
        <ProgressBar
            label=t("All uploads")
            percent=Signal::derive(move || total.with(total_percent))
            is_flat=true
        />
        <Show when=move || full.get() && failed.get() && !folded.get()>
            <RefusedForSpace />
        </Show>
        <Show when=move || !folded.get()>
            <Actions />
        </Show>
    }
}

#[component]
fn Actions() -> impl IntoView {
    let drive: Drive = expect_context();
    let commands = use_commands();
    let total = drive.uploads.total;
    let paused = drive.uploads.paused;
    let running = goes_on(drive);
    let failed = Memo::new(move |_| total.with(|total| total.files_failed));
    let some_final = Memo::new(move |_| {
        total
            .with(|total| total.files_finished > 0 || (total.files_cancelled > 0 && !running.get()))
    });
    view! {
        <div class="uploads-actions">
            <Show when=move || running.get()>
                <button
                    type="button"
                    class="link"
                    on:click=move |_| commands.pause_uploads(!paused.get_untracked())
                >
                    {move || if paused.get() { t("Resume") } else { t("Pause") }}
                </button>
                <button type="button" class="link" on:click=move |_| commands.cancel_all_uploads()>
                    {t("Cancel all")}
                </button>
            </Show>
            <Show when=move || { failed.get() > 0 }>
                <button type="button" class="link" on:click=move |_| retry_failed(drive, commands)>
                    {move || say_many!(failed.get(), "Retry 1 failed", "Retry {n} failed")}
                </button>
            </Show>
            <Show when=move || { failed.get() > 0 }>
                <button type="button" class="link" on:click=move |_| commands.give_up_uploads(None)>
                    {move || say_many!(failed.get(), "Give up 1 failed", "Give up {n} failed")}
                </button>
            </Show>
            <Show when=move || some_final.get()>
                <button
                    type="button"
                    class="link"
                    on:click=move |_| commands.clear_finished_uploads()
                >
                    {t("Clear finished")}
                </button>
            </Show>
        </div>
    }
}

fn retry_failed(drive: Drive, commands: Commands) {
    for entry in drive.uploads.entries.get_untracked() {
        let failed = entry
            .progress
            .with_untracked(|progress| matches!(progress.stage, Stage::Failed { .. }));
        if failed {
            commands.retry_upload(entry.id);
        }
    }
}
