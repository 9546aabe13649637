//! Texts that were typed and stand nowhere in a result: they are shown until the
//! person uses them or lets go of them.

use super::session::MergeSession;
use crate::commands::use_commands;
use crate::words::t;
use leptos::prelude::*;
use merge::LostEdit;
use protocol::ids::ConflictId;

#[component]
pub fn Lost(session: MergeSession, lost: LostEdit) -> impl IntoView {
    let text = lost.typed.text.clone();
    let again = lost.clone();
    let (words, button) = if lost.is_there {
        (
            t("You typed this and did not use it yet. It is not lost:"),
            t("Go on with it"),
        )
    } else {
        (
            t("You typed this for lines that are not as they were. It is not lost:"),
            t("Put it there again"),
        )
    };
    view! {
        <div class="note lost-edit" data-testid="lost-edit">
            <p>{words}</p>
            <textarea class="editor" readonly aria-label=t("What you typed") prop:value=text></textarea>
            <span class="bulk-buttons">
                {lost
                    .near
                    .is_some()
                    .then(|| {
                        view! {
                            <button
                                type="button"
                                class="button button-small"
                                on:click=move |_| session.place_lost(again.clone())
                            >
                                {button}
                            </button>
                        }
                    })}
                <button
                    type="button"
                    class="button button-small"
                    on:click=move |_| session.drop_lost(&lost)
                >
                    {t("Let it go")}
                </button>
            </span>
        </div>
    }
}

/// What was typed for a conflict that somebody else has settled meanwhile.
#[component]
pub fn KeptTexts(conflict: ConflictId) -> impl IntoView {
    let commands = use_commands();
    let texts: Vec<String> = commands
        .merge_draft(conflict)
        .texts()
        .into_iter()
        .map(str::to_owned)
        .collect();
    let kept = RwSignal::new(texts);
    let let_go = move |_| {
        commands.forget_merge_draft(conflict);
        kept.set(Vec::new());
    };
    view! {
        <Show when=move || kept.with(|kept| !kept.is_empty())>
            <div class="note lost-edit" data-testid="lost-edit">
                <p>{t("You typed this for it. It is not lost: copy what you need.")}</p>
                {move || {
                    kept.get()
                        .into_iter()
                        .map(|text| {
                            view! {
                                <textarea
                                    class="editor"
                                    readonly
                                    aria-label=t("What you typed")
                                    prop:value=text
                                ></textarea>
                            }
                        })
                        .collect_view()
                }}
                <span class="bulk-buttons">
                    <button type="button" class="button button-small" on:click=let_go>
                        {t("Let it go")}
                    </button>
                </span>
            </div>
        </Show>
    }
}
