//! A secret that is shown once, to be copied.

use super::dialogs::use_dialogs;
use super::icon::{Glyph, Icon};
use crate::words::t;
use leptos::prelude::*;
use leptos::task::spawn_local;
use wasm_bindgen_futures::JsFuture;

/// The last step of a dialog that has made one.
#[component]
pub fn ShownOnce(
    /// What to do with it, and that it does not come again.
    #[prop(into)]
    words: String,
    secret: String,
    label: &'static str,
    testid: &'static str,
) -> impl IntoView {
    let dialogs = use_dialogs();
    let copied = RwSignal::new(false);
    let text = secret.clone();
    let copy = move |_| {
        let write = window().navigator().clipboard().write_text(&text);
        spawn_local(async move {
            let done = JsFuture::from(write).await.is_ok();
            copied.try_set(done);
        });
    };
    view! {
        <div class="stack">
            <p>{words}</p>
            <div class="field-with-button">
                <input
                    type="text"
                    class="token"
                    readonly
                    data-testid=testid
                    aria-label=label
                    value=secret
                />
                <button type="button" class="button" autofocus on:click=copy>
                    <Glyph icon=Icon::Copy />
                    {move || if copied.get() { t("Copied") } else { t("Copy") }}
                </button>
            </div>
            <div class="dialog-foot">
                <button type="button" class="button button-main" on:click=move |_| dialogs.close()>
                    {t("Done")}
                </button>
            </div>
        </div>
    }
}
