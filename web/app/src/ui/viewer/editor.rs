//! A text that is typed over, in a plain field: the browser's own undo, search and spelling.
//! What is typed is kept in this browser at each pause, so closing it, however that is
//! done, loses nothing.

mod preview;
mod state;
mod words;

use super::super::dom;
use super::super::icon::{Glyph, Icon};
use super::super::route::{Link, Route};
use super::super::work::WorkError;
use super::kind::FileKind;
use super::loaded::{Again, loaded};
use crate::commands::{OpenText, Opened, use_commands};
use crate::format::{sentence, time};
use crate::refusals::InWords;
use crate::state::Drive;
use crate::words::{say, t};
use leptos::ev;
use leptos::html;
use leptos::prelude::*;
use leptos::task::spawn_local;
use platform::browser::js;
use preview::MarkdownPreview;
use protocol::items::Item;
use state::{Editing, Standing};
use web_sys::KeyboardEvent;

/// Whether Tab types a tab: the person's choice, for all texts.
const TAB_KEY: &str = "tab-types";
/// From this width on there is room for the text and what becomes of it, side by side.
const WIDE: &str = "(min-width: 900px)";

/// Loads the text, then lets it be typed over. `done` leads back to what the file says.
#[component]
pub fn TextEditor(item: Item, done: Callback<()>) -> impl IntoView {
    let commands = use_commands();
    // Each try makes the view anew.
    let tries = RwSignal::new(0_u32);
    provide_context(Again(Callback::new(move |()| {
        tries.update(|tries| *tries += 1)
    })));
    let shown = move || {
        tries.track();
        let (id, newest) = (item.id, item.version());
        let load = async move { commands.open_text(id, newest).await };
        let of = item.clone();
        let why = t("It is not text, or too long to be edited here.");
        loaded(item.clone(), why, load, move |opened| match opened {
            Opened::Text(text) => view! { <Field item=of.clone() text done /> }.into_any(),
            Opened::Damaged(encoding) => {
                let words = words::damaged(*encoding);
                view! {
                    <div class="viewer-words" role="status">
                        <p>{words}</p>
                        <button type="button" class="button" on:click=move |_| done.run(())>
                            {t("Back")}
                        </button>
                    </div>
                }
                .into_any()
            }
        })
    };
    view! {
        <div class="viewer-stage" data-testid="editor">
            {shown}
        </div>
    }
}

#[component]
fn Field<'a>(item: Item, text: &'a OpenText, done: Callback<()>) -> impl IntoView {
    let drive: Drive = expect_context();
    let node = NodeRef::<html::Textarea>::new();
    let kind = FileKind::of(&item);
    let is_markdown = kind == FileKind::Markdown;
    let is_prose = matches!(kind, FileKind::Prose | FileKind::Markdown);
    let editing = Editing::begin(&item, text);
    let tab_types = RwSignal::new(stored_tab());
    let preview = RwSignal::new(is_markdown && dom::matches_media(WIDE));
    let start = editing.start(text);
    let label = say!("Text of {name}", name = item.name);
    let told = words::told(text, time);
    let begun = start.clone();
    dom::when_drawn(node, move |area| {
        // Its value is set once, so that what was typed is never written over.
        area.set_value(&begun);
        let _ = area.set_selection_range(0, 0);
        let _ = area.focus();
        editing.field.set_value(Some(area));
        editing.seen.set(begun.clone());
        editing.typed();
    });
    let leave = move || {
        spawn_local(async move {
            editing.keep().await;
            done.try_run(());
        });
    };
    let pressed = move |event: KeyboardEvent| {
        if event.default_prevented() || event.is_composing() {
            return;
        }
        let is_mod = (event.ctrl_key() || event.meta_key()) && !event.alt_key();
        match dom::shortcut(&event).as_str() {
            "s" if is_mod && !event.shift_key() => editing.save(),
            "escape" => leave(),
            "tab" if !is_mod && !event.shift_key() && tab_types.get_untracked() => {
                if dom::closest_to(&event, "textarea").is_none() {
                    return;
                }
                // So that the browser can take it back as what was typed.
                let arguments =
                    js_sys::Array::of3(&"insertText".into(), &false.into(), &"\t".into());
                let _ = js::call(&document(), "execCommand", &arguments);
            }
            _ => return,
        }
        event.prevent_default();
    };
    let hidden = window_event_listener(ev::visibilitychange, move |_| editing.keep_soon());
    let unload = window_event_listener(ev::beforeunload, move |event| {
        if editing.is_unkept() {
            event.prevent_default();
        }
    });
    on_cleanup(move || {
        hidden.remove();
        unload.remove();
        editing.end();
    });
    view! {
        <div class="editor-bar" on:keydown=pressed>
            <button
                type="button"
                class="button button-main"
                disabled=move || !editing.may_save()
                title=t("Save (Ctrl S)")
                on:click=move |_| editing.save()
            >
                {t("Save")}
            </button>
            <button type="button" class="button" on:click=move |_| leave()>
                {t("Done")}
            </button>
            <Show when=move || is_markdown>
                <button
                    type="button"
                    class="button"
                    aria-pressed=move || preview.get().to_string()
                    on:click=move |_| preview.update(|shown| *shown = !*shown)
                >
                    <Glyph icon=Icon::Eye />
                    {t("Preview")}
                </button>
            </Show>
            <label class="editor-tab">
                <input
                    type="checkbox"
                    prop:checked=tab_types
                    on:change=move |event| choose_tab(tab_types, event_target_checked(&event))
                />
                {t("Tab types a tab")}
            </label>
            <p class="editor-state" role="status" data-testid="editor-state">
                {move || {
                    let is_cut = drive.connection.get().is_cut();
                    words::standing(editing.standing.get(), editing.is_dirty.get(), editing.kept.get(), is_cut)
                }}
            </p>
        </div>
        <div class="editor-notes">
            <WorkError work=editing.work />
            {told.map(|told| view! { <p class="viewer-note" data-testid="editor-told">{told}</p> })}
            <Show when=move || editing.is_gone.get()>
                <p class="viewer-note" role="status">
                    {t("This file is not here any more. What you type is kept in this browser.")}
                </p>
            </Show>
            {move || {
                editing
                    .newer
                    .get()
                    .map(|newer| {
                        view! {
                            <p class="viewer-note" role="status" data-testid="editor-newer">
                                {words::newer(&newer)}
                            </p>
                        }
                    })
            }}
            {move || match editing.standing.get() {
                Standing::Conflict(conflict) => {
                    view! {
                        <p class="viewer-note" role="status">
                            {t("Somebody else’s version was first. Both are kept.")} " "
                            <Link to=Route::Conflict(conflict)>{t("Choose between them")}</Link>
                        </p>
                    }
                        .into_any()
                }
                _ => ().into_any(),
            }}
        </div>
        <div
            class="editor-panes"
            class:editor-split=preview
            on:keydown=pressed
        >
            <textarea
                node_ref=node
                class="editor-field"
                class:editor-prose=is_prose
                aria-label=label
                spellcheck=if is_prose { "true" } else { "false" }
                autocapitalize="off"
                autocomplete="off"
                on:input=move |_| editing.typed()
            ></textarea>
            <Show when=move || preview.get()>
                <MarkdownPreview text=editing.seen />
            </Show>
        </div>
    }
}

fn stored_tab() -> bool {
    let stored = dom::storage().and_then(|storage| storage.get_item(TAB_KEY).ok().flatten());
    stored.is_some()
}

fn choose_tab(tab_types: RwSignal<bool>, chosen: bool) {
    tab_types.set(chosen);
    // A choice that can't be kept holds until the file is closed.
    if let Some(storage) = dom::storage() {
        let _ = match chosen {
            true => storage.set_item(TAB_KEY, "yes"),
            false => storage.remove_item(TAB_KEY),
        };
    }
}

/// What was typed and not saved, over what the file says.
#[component]
pub fn Unsaved(item: Item, go_on: Callback<()>) -> impl IntoView {
    let commands = use_commands();
    let (id, version) = (item.id, item.version());
    let kept = RwSignal::new(None);
    let refused = RwSignal::new(None);
    spawn_local(async move {
        let found = commands.kept_text(id).await;
        kept.try_set(found);
    });
    let discard = move |_| {
        spawn_local(async move {
            match commands.forget_text(id).await {
                Ok(()) => {
                    kept.try_set(None);
                }
                Err(failure) => {
                    refused.try_set(Some(sentence(&failure.in_words())));
                }
            }
        });
    };
    move || {
        let kept = kept.get()?;
        let words = words::unsaved(&kept, version, time(kept.at_ms));
        Some(view! {
            <div class="viewer-note editor-unsaved" role="status" data-testid="unsaved">
                <p>{words}</p>
                <button type="button" class="button button-small" on:click=move |_| go_on.run(())>
                    {t("Go on")}
                </button>
                <button type="button" class="button button-small" on:click=discard>
                    {t("Discard")}
                </button>
                {move || refused.get().map(|why| view! { <p class="form-error" role="alert">{why}</p> })}
            </div>
        })
    }
}
