//! A merge that was not taken, because somebody was faster: its bytes are kept
//! until the person merges again or lets go of it.

use crate::api::content::ObjectUrl;
use crate::commands;
use crate::state::Drive;
use crate::ui::dom;
use leptos::prelude::*;
use leptos::task::spawn_local;
use shared::ids::ConflictId;

#[component]
pub fn StoppedMerge(conflict: ConflictId, #[prop(into)] name: Signal<String>) -> impl IntoView {
    let drive: Drive = expect_context();
    let stopped = Memo::new(move |_| drive.merges.with(|merges| merges.contains_key(&conflict)));
    // The address has to last as long as the download does.
    let url = StoredValue::new_local(None::<ObjectUrl>);
    let save = move |_| {
        spawn_local(async move {
            let file = commands::merged_file(drive, conflict).await;
            if let Some(Ok(made)) = file.map(|file| ObjectUrl::of(&file)) {
                dom::download(made.as_str(), &name.get_untracked());
                url.try_set_value(Some(made));
            }
        });
    };
    view! {
        <Show when=move || stopped.get()>
            <div class="note stopped" role="status" data-testid="stopped-merge">
                <p>
                    "The file changed before your merge was saved, so it was not put in its place. What you merged is kept, and your choices are applied to the newest version below."
                </p>
                <span class="bulk-buttons">
                    <button type="button" class="button button-small" on:click=save>
                        "Download what I merged"
                    </button>
                    <button
                        type="button"
                        class="button button-small"
                        on:click=move |_| commands::unresolve(drive, conflict)
                    >
                        "Let it go"
                    </button>
                </span>
            </div>
        </Show>
    }
}
