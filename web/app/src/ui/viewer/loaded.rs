//! What has to be loaded before it is shown: the wait, the failure with another try, and
//! the words for what can't be shown.

use super::super::icon::{Glyph, Icon};
use crate::commands::use_commands;
use crate::format::{bytes, sentence};
use crate::refusals::InWords;
use crate::words::{english, say, t};
use futures_util::future::abortable;
use leptos::prelude::*;
use leptos::task::spawn_local;
use platform::failure::Failure;
use protocol::items::Item;
use protocol::paths;

/// Why something is not shown that was to be a file of its kind: in English.
pub const IS_ANOTHER: &str = english!("It is not what its name says, or it is broken.");

/// Tries once more to load what is shown.
#[derive(Clone, Copy)]
pub struct Again(pub Callback<()>);

/// Shows what a command loads; `None` is what can't be shown, and `why`. What is loaded
/// stays until the view goes.
pub fn loaded<T: 'static>(
    item: Item,
    why: &'static str,
    load: impl Future<Output = Result<Option<T>, Failure>> + 'static,
    show: impl Fn(&T) -> AnyView + Send + 'static,
) -> AnyView {
    let outcome = RwSignal::new_local(None::<Result<Option<T>, Failure>>);
    let (loading, stop) = abortable(load);
    spawn_local(async move {
        if let Ok(loaded) = loading.await {
            outcome.try_set(Some(loaded));
        }
    });
    on_cleanup(move || stop.abort());
    let view = move || {
        outcome.with(|outcome| match outcome {
            None => view! { <p class="viewer-words" role="status">{t("Loading…")}</p> }.into_any(),
            Some(Ok(Some(loaded))) => show(loaded),
            Some(Ok(None)) => view! { <Unshown item=item.clone() why /> }.into_any(),
            Some(Err(failure)) => failed(failure),
        })
    };
    view.into_any()
}

pub fn failed(failure: &Failure) -> AnyView {
    let Again(again) = expect_context();
    let words = sentence(&failure.in_words());
    view! {
        <div class="viewer-words">
            <p class="form-error" role="alert">{words}</p>
            <button type="button" class="button" on:click=move |_| again.run(())>
                {t("Try again")}
            </button>
        </div>
    }
    .into_any()
}

/// In place of what can't be shown.
#[component]
pub fn Unshown(item: Item, why: &'static str) -> impl IntoView {
    let commands = use_commands();
    let size = item.file.as_ref().map_or(0, |file| file.size);
    let name = item.name.to_string();
    let address = commands.address(&paths::content_named(item.id, item.version(), &item.name));
    view! {
        <div class="viewer-words" data-testid="unshown">
            <span class="row-icon viewer-large-icon">
                <Glyph icon=Icon::for_name(&name) />
            </span>
            <p role="status">
                <strong>{t("This file can’t be shown here.")}</strong>
                " "
                {why}
            </p>
            <a class="button button-main" href=address download=name>
                <Glyph icon=Icon::Download />
                {say!("Download ({size})", size = bytes(size))}
            </a>
        </div>
    }
}
