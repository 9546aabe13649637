//! One file's upload.

use super::words::{bar_percent, saved_words, stage_name, stage_words};
use crate::commands::use_commands;
use crate::state::Drive;
use crate::state::uploads::{Stage, Upload};
use crate::ui::dialogs::{Ask, use_dialogs};
use crate::ui::icon::{Glyph, Icon};
use crate::ui::progress_bar::ProgressBar;
use crate::words::{say, t};
use leptos::html;
use leptos::prelude::*;

#[component]
pub fn Entry(upload: Upload) -> impl IntoView {
    let source = upload.source;
    let (name, folder) = source.with_value(|source| (source.name.clone(), source.folder.clone()));
    let progress = upload.progress;
    let percent = Memo::new(move |_| {
        progress.with(|progress| source.with_value(|source| bar_percent(progress, source)))
    });
    let words = Memo::new(move |_| {
        progress.with(|progress| source.with_value(|source| stage_words(progress, source)))
    });
    let saved = Memo::new(move |_| {
        progress.with(|progress| source.with_value(|source| saved_words(progress, source)))
    });
    let title = if folder.is_empty() {
        name.clone()
    } else {
        format!("{folder}/{name}")
    };
    let drive: Drive = expect_context();
    let place = match (folder.is_empty(), drive.root) {
        (true, None) => t("in Files").to_owned(),
        (true, Some(_)) => t("in what is shared").to_owned(),
        (false, _) => say!("in {folder}", folder),
    };
    view! {
        <li
            class="line upload"
            data-testid="upload"
            data-name=name.clone()
            data-stage=move || progress.with(|progress| stage_name(&progress.stage))
        >
            <span class="row-icon">
                <StageGlyph upload name=name.clone() />
            </span>
            <span class="line-words">
                <span class="upload-what">
                    <strong title=title>{name.clone()}</strong>
                    <span class="upload-place" title=place.clone()>{place.clone()}</span>
                </span>
                <span class="upload-state">
                    <span title=words>{words}</span>
                    <span
                        class="upload-saved"
                        data-testid="saved-bytes"
                        data-bytes=move || progress.with(|progress| progress.saved_bytes.to_string())
                    >
                        {saved}
                    </span>
                </span>
                <ProgressBar label=say!("Upload of {name}", name) percent />
            </span>
            <Act upload name=name.clone() />
        </li>
    }
}

/// A file's picture while it runs, the outcome after.
#[component]
fn StageGlyph(upload: Upload, name: String) -> impl IntoView {
    let icon = Memo::new(move |_| {
        upload.progress.with(|progress| match progress.stage {
            Stage::Done { .. } | Stage::Unchanged => Icon::Check,
            Stage::Conflict { .. } => Icon::Conflict,
            Stage::Failed { .. } | Stage::PickAgain => Icon::Warning,
            _ => Icon::for_name(&name),
        })
    });
    move || view! { <Glyph icon=icon.get() /> }
}

/// What can be done with an upload as it is now.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Offer {
    Cancel,
    Retry,
    RetryOrGiveUp,
    PickAgain,
    Decide(protocol::ids::ConflictId),
    Nothing,
}

impl Offer {
    fn of(stage: &Stage) -> Self {
        match stage {
            Stage::Cancelled => Offer::Retry,
            Stage::Failed { .. } => Offer::RetryOrGiveUp,
            Stage::Conflict { conflict } => Offer::Decide(*conflict),
            Stage::PickAgain => Offer::PickAgain,
            Stage::Done { .. } | Stage::Unchanged => Offer::Nothing,
            _ => Offer::Cancel,
        }
    }
}

#[component]
fn Act(upload: Upload, name: String) -> impl IntoView {
    let dialogs = use_dialogs();
    let commands = use_commands();
    let offer = Memo::new(move |_| upload.progress.with(|progress| Offer::of(&progress.stage)));
    move || match offer.get() {
        Offer::Nothing => ().into_any(),
        Offer::Cancel => view! { <Cancel upload name=name.clone() /> }.into_any(),
        Offer::PickAgain => view! {
            <PickAgain upload name=name.clone() />
            <Cancel upload name=name.clone() />
        }
        .into_any(),
        Offer::Retry => view! { <Retry upload name=name.clone() /> }.into_any(),
        Offer::RetryOrGiveUp => {
            let press = move |_| commands.give_up_uploads(Some(upload.id));
            view! {
                <Retry upload name=name.clone() />
                <button
                    type="button"
                    class="icon-button"
                    aria-label=say!("Give up {name}", name)
                    title=t("Give up")
                    on:click=press
                >
                    <Glyph icon=Icon::Close />
                </button>
            }
            .into_any()
        }
        Offer::Decide(conflict) => {
            let press = move |_| dialogs.open(Ask::Conflict(conflict));
            view! {
                <button
                    type="button"
                    class="button button-small"
                    aria-label=say!("Decide on {name}", name)
                    on:click=press
                >
                    {t("Decide")}
                </button>
            }
            .into_any()
        }
    }
}

#[component]
fn Retry(upload: Upload, name: String) -> impl IntoView {
    let commands = use_commands();
    view! {
        <button
            type="button"
            class="icon-button"
            aria-label=say!("Retry {name}", name)
            title=t("Retry")
            on:click=move |_| commands.retry_upload(upload.id)
        >
            <Glyph icon=Icon::Retry />
        </button>
    }
}

#[component]
fn Cancel(upload: Upload, name: String) -> impl IntoView {
    let commands = use_commands();
    view! {
        <button
            type="button"
            class="icon-button"
            aria-label=say!("Cancel {name}", name)
            title=t("Cancel")
            on:click=move |_| commands.cancel_upload(upload.id)
        >
            <Glyph icon=Icon::Close />
        </button>
    }
}

/// The bytes went with the page: the person gives them again.
#[component]
fn PickAgain(upload: Upload, name: String) -> impl IntoView {
    let commands = use_commands();
    let picker = NodeRef::<html::Input>::new();
    let open = move |_| {
        if let Some(picker) = picker.get_untracked() {
            picker.click();
        }
    };
    let picked = move |_| {
        let Some(input) = picker.get_untracked() else {
            return;
        };
        let file = input.files().and_then(|files| files.get(0));
        input.set_value("");
        if let Some(file) = file {
            commands.pick_again(upload.id, &file);
        }
    };
    view! {
        <input node_ref=picker type="file" hidden on:change=picked />
        <button
            type="button"
            class="button button-small"
            aria-label=say!("Pick {name} again", name)
            data-testid="pick-again"
            on:click=open
        >
            {t("Pick again")}
        </button>
    }
}
