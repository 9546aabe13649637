//! What was not taken in: one line in the panel, and a list.

use crate::commands::use_commands;
use crate::state::Drive;
use crate::state::door::{LeftOut, RefusedFile};
use crate::ui::dialog::Dialog;
use crate::ui::dialog_foot::{DialogFoot, First};
use crate::ui::dialogs::{Ask, use_dialogs};
use crate::ui::each::Each;
use crate::ui::icon::{Glyph, Icon};
use crate::words::{say, say_many, t};
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
                    {t("List")}
                </button>
                <button
                    type="button"
                    class="icon-button"
                    aria-label=t("Dismiss what was not uploaded")
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
        [one] => Some(say!(
            "{file} was not uploaded: {why}",
            file = quoted(&one.what),
            why = one.why
        )),
        many => Some(say_many!(
            many.len(),
            "1 file or folder could not be uploaded",
            "{n} files and folders could not be uploaded"
        )),
    };
    let junk = match left_out.junk.len() {
        0 => None,
        many => Some(say_many!(
            many,
            "1 system file left out",
            "{n} system files left out"
        )),
    };
    let parts: Vec<String> = refused.into_iter().chain(junk).collect();
    parts.join(" · ")
}

/// A path in quotation marks; words for what has none stay as they are.
fn quoted(what: &str) -> String {
    let quoted = say!("“{name}”", name = what);
    // Each language has its own.
    let mark = quoted.chars().next();
    match mark.is_some_and(|mark| what.contains(mark)) {
        true => what.to_owned(),
        false => quoted,
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
        (number > 0).then(|| view! { <li>{say_many!(number, "and 1 more", "and {n} more")}</li> })
    };
    let dismiss = Callback::new(move |()| {
        commands.clear_left_out();
        dialogs.close();
    });
    view! {
        <Dialog title=t("Not uploaded") on_close=dialogs.on_close()>
            <Show when=move || left_out.with(|all| !all.refused.is_empty())>
                <ul class="listed" tabindex="0" aria-label=t("Files and folders that could not be uploaded")>
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
                    {t("These were left out, because systems and programs make them for themselves:")}
                </p>
                <ul class="listed" tabindex="0" aria-label=t("System files that were left out")>
                    <Each
                        each=junk
                        key=String::clone
                        children=move |path| view! { <li><strong>{path}</strong></li> }
                    />
                    {move || more(|all| all.junk.len())}
                </ul>
            </Show>
            <DialogFoot
                verb=t("Keep the list")
                act=dialogs.on_close()
                cancel=dismiss
                way_out=t("Dismiss")
                first=First::Act
            />
        </Dialog>
    }
}
