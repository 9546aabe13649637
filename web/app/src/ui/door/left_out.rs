//! What was not taken in: one line in the panel, and a list.

use crate::commands::use_commands;
use crate::format::count;
use crate::state::Drive;
use crate::state::door::{LeftOut, RefusedFile};
use crate::ui::dialog::Dialog;
use crate::ui::dialog_foot::{DialogFoot, First};
use crate::ui::dialogs::{Ask, use_dialogs};
use crate::ui::each::Each;
use crate::ui::icon::{Glyph, Icon};
use leptos::prelude::*;

/// A list of more than this is no help; how many there are is said.
const MOST_LISTED: usize = 1_000;

#[component]
pub fn LeftOutLine() -> impl IntoView {
    let (drive, dialogs): (Drive, _) = (expect_context(), use_dialogs());
    let commands = use_commands();
    let left_out = drive.door.left_out;
    let words = Memo::new(move |_| left_out.with(words));
    let is_bad = Memo::new(move |_| left_out.with(|all| !all.refused.is_empty()));
    view! {
        <Show when=move || words.with(|words| !words.is_empty())>
            <div class="left-out" class:left-out-bad=is_bad data-testid="left-out">
                {move || {
                    let icon = if is_bad.get() { Icon::Warning } else { Icon::Check };
                    view! { <Glyph icon /> }
                }}
                <p role="status">{words}</p>
                <button type="button" class="link" on:click=move |_| dialogs.open(Ask::LeftOut)>
                    "List"
                </button>
                <button
                    type="button"
                    class="icon-button"
                    aria-label="Dismiss what was not uploaded"
                    on:click=move |_| commands.clear_left_out()
                >
                    <Glyph icon=Icon::Close />
                </button>
            </div>
        </Show>
    }
}

fn words(left_out: &LeftOut) -> String {
    let refused = match left_out.refused.as_slice() {
        [] => None,
        [one] => Some(format!(
            "{} was not uploaded: {}",
            quoted(&one.what),
            one.why
        )),
        many => Some(format!(
            "{} could not be uploaded",
            count(many.len(), "file or folder", "files and folders")
        )),
    };
    let junk = match left_out.junk.len() {
        0 => None,
        many => Some(format!(
            "{} left out",
            count(many, "system file", "system files")
        )),
    };
    let parts: Vec<String> = refused.into_iter().chain(junk).collect();
    parts.join(" · ")
}

/// A path in quotation marks; words for what has none stay as they are.
fn quoted(what: &str) -> String {
    match what.contains('“') {
        true => what.to_owned(),
        false => format!("“{what}”"),
    }
}

#[component]
pub fn LeftOutDialog() -> impl IntoView {
    let (drive, dialogs): (Drive, _) = (expect_context(), use_dialogs());
    let commands = use_commands();
    let left_out = drive.door.left_out;
    let refused = move || {
        left_out.with(|all| {
            all.refused
                .iter()
                .take(MOST_LISTED)
                .cloned()
                .collect::<Vec<_>>()
        })
    };
    let junk = move || {
        left_out.with(|all| {
            all.junk
                .iter()
                .take(MOST_LISTED)
                .cloned()
                .collect::<Vec<_>>()
        })
    };
    let more = move |of: fn(&LeftOut) -> usize| {
        let number = left_out.with(of).saturating_sub(MOST_LISTED);
        (number > 0).then(|| view! { <li>{format!("and {}", count(number, "more", "more"))}</li> })
    };
    let dismiss = Callback::new(move |()| {
        commands.clear_left_out();
        dialogs.close();
    });
    view! {
        <Dialog title="Not uploaded" on_close=dialogs.on_close()>
            <Show when=move || left_out.with(|all| !all.refused.is_empty())>
                <ul class="listed" tabindex="0" aria-label="Files and folders that could not be uploaded">
                    <Each
                        each=refused
                        key=RefusedFile::clone
                        children=move |one| {
                            view! {
                                <li>
                                    <strong>{one.what}</strong>
                                    <span>{one.why}</span>
                                </li>
                            }
                        }
                    />
                    {move || more(|all| all.refused.len())}
                </ul>
            </Show>
            <Show when=move || left_out.with(|all| !all.junk.is_empty())>
                <p class="lead">
                    "These were left out, because systems and programs make them for themselves:"
                </p>
                <ul class="listed" tabindex="0" aria-label="System files that were left out">
                    <Each
                        each=junk
                        key=String::clone
                        children=move |path| view! { <li><strong>{path}</strong></li> }
                    />
                    {move || more(|all| all.junk.len())}
                </ul>
            </Show>
            <DialogFoot
                verb="Keep the list"
                act=dialogs.on_close()
                cancel=dismiss
                way_out="Dismiss"
                first=First::Act
            />
        </Dialog>
    }
}
