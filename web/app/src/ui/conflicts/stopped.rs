//! A merge that was not taken, because somebody was faster: its bytes are kept
//! until the person merges again or lets go of it.

use crate::commands::use_commands;
use crate::refusals::InWords;
use crate::state::Drive;
use crate::words::t;
use leptos::prelude::*;
use leptos::task::spawn_local;
use platform::browser::save;
use protocol::ids::ConflictId;

#[component]
pub fn StoppedMerge(conflict: ConflictId, #[prop(into)] name: Signal<String>) -> impl IntoView {
    let drive: Drive = expect_context();
    let commands = use_commands();
    let stopped = Memo::new(move |_| drive.merges.with(|merges| merges.contains_key(&conflict)));
    let keep_a_copy = move |_| {
        spawn_local(async move {
            let Some(file) = commands.merged_file(conflict).await else {
                return;
            };
            if let Err(failure) = save::blob(&file, &name.get_untracked()) {
                drive.notices.bad(failure.in_words());
            }
        });
    };
    view! {
        <Show when=move || stopped.get()>
            <div class="note stopped" role="status" data-testid="stopped-merge">
                <p>
                    {t("The file changed before your merge was saved, so it was not put in its place. What you merged is kept, and your choices are applied to the newest version below.")}
                </p>
                <span class="bulk-buttons">
                    <button type="button" class="button button-small" on:click=keep_a_copy>
                        {t("Download what I merged")}
                    </button>
                    <button
                        type="button"
                        class="button button-small"
                        on:click=move |_| commands.unresolve(conflict)
                    >
                        {t("Let it go")}
                    </button>
                </span>
            </div>
        </Show>
    }
}
