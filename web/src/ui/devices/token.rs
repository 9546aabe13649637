//! Makes an access token for a program and shows it, once.

use crate::commands;
use crate::state::Drive;
use crate::ui::dialog::{Dialog, use_leave};
use crate::ui::dialogs::use_dialogs;
use crate::ui::icon::{Glyph, Icon};
use crate::ui::work::{Work, WorkError};
use leptos::ev::SubmitEvent;
use leptos::prelude::*;
use leptos::task::spawn_local;
use wasm_bindgen_futures::JsFuture;

#[component]
pub fn TokenDialog() -> impl IntoView {
    let dialogs = use_dialogs();
    let token = RwSignal::new(None::<String>);
    view! {
        <Dialog title="Create access token" on_close=dialogs.on_close()>
            {move || match token.get() {
                None => view! { <Form token /> }.into_any(),
                Some(token) => view! { <Shown token /> }.into_any(),
            }}
        </Dialog>
    }
}

#[component]
fn Form(token: RwSignal<Option<String>>) -> impl IntoView {
    let (drive, dialogs): (Drive, _) = (expect_context(), use_dialogs());
    let leave = use_leave();
    let name = RwSignal::new(String::new());
    let work = Work::new();
    let submit = move |event: SubmitEvent| {
        event.prevent_default();
        let name = name.get_untracked().trim().to_owned();
        if name.is_empty() {
            return work.refuse("Say what the token is for");
        }
        work.run(commands::create_access_token(drive, name), move |made| {
            dialogs.changes.update(|changes| *changes += 1);
            token.try_set(Some(made.token));
        });
    };
    view! {
        <form class="stack" novalidate on:submit=submit>
            <p>"With a token, a program can use this drive as you do, until you revoke it."</p>
            <label class="field">
                <span>"Name"</span>
                <input
                    type="text"
                    name="token-name"
                    autocomplete="off"
                    maxlength="64"
                    placeholder="Backup script"
                    autofocus
                    on:input=move |event| name.set(event_target_value(&event))
                />
            </label>
            <WorkError work />
            <footer class="dialog-foot">
                <button type="button" class="button" on:click=move |_| leave.run(())>
                    "Cancel"
                </button>
                <button type="submit" class="button button-main" disabled=work.busy>
                    "Create token"
                </button>
            </footer>
        </form>
    }
}

#[component]
fn Shown(token: String) -> impl IntoView {
    let dialogs = use_dialogs();
    let copied = RwSignal::new(false);
    let text = token.clone();
    let copy = move |_| {
        let write = window().navigator().clipboard().write_text(&text);
        spawn_local(async move {
            let done = JsFuture::from(write).await.is_ok();
            copied.try_set(done);
        });
    };
    view! {
        <div class="stack">
            <p>"Copy the token now. It is shown this once; the server keeps only its hash."</p>
            <div class="field-with-button">
                <input
                    type="text"
                    class="token"
                    readonly
                    data-testid="access-token"
                    aria-label="Access token"
                    value=token
                />
                <button type="button" class="button" autofocus on:click=copy>
                    <Glyph icon=Icon::Copy />
                    {move || if copied.get() { "Copied" } else { "Copy" }}
                </button>
            </div>
            <footer class="dialog-foot">
                <button type="button" class="button button-main" on:click=move |_| dialogs.close()>
                    "Done"
                </button>
            </footer>
        </div>
    }
}
