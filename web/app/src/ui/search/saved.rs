//! Searches that are saved under a name: saving what is looked for, and the list of them.

use crate::commands::use_commands;
use crate::state::Drive;
use crate::ui::dom;
use crate::ui::each::Each;
use crate::ui::icon::{Glyph, Icon};
use crate::ui::route::use_router;
use crate::ui::sentence::Sentence;
use crate::ui::work::{Work, WorkError};
use crate::words::{say, t};
use leptos::ev;
use leptos::html;
use leptos::prelude::*;
use protocol::limits::{MAX_SEARCH_CHARS, MAX_SEARCH_NAME_CHARS};
use protocol::marks::SavedSearch;

/// Gets the keyboard when the form of the page of results is gone.
const SAVE_ID: &str = "save-search";

/// What is offered about what is looked for.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Face {
    /// Nothing is looked for, or more than can be saved.
    Nothing,
    /// It is saved under this name.
    Saved(String),
    Offer,
    Form,
}

/// On the page of results: saves what is looked for.
#[component]
pub fn SaveThis(text: Signal<String>) -> impl IntoView {
    let (drive, commands): (Drive, _) = (expect_context(), use_commands());
    let work = Work::new();
    let is_open = RwSignal::new(false);
    let face = Memo::new(move |_| {
        let query = text.with(|text| text.trim().to_owned());
        let of_query = |search: &&SavedSearch| search.query == query;
        let saved = drive.marks.with(|marks| {
            let saved = marks.searches.iter().find(of_query);
            saved.map(|search| search.name.clone())
        });
        match saved {
            _ if query.is_empty() || query.chars().count() > MAX_SEARCH_CHARS => Face::Nothing,
            Some(name) => Face::Saved(name),
            None if is_open.get() => Face::Form,
            None => Face::Offer,
        }
    });
    // The form is of one text.
    Effect::new(move |before: Option<String>| {
        let now = text.get();
        if before.is_some_and(|before| before != now) {
            is_open.set(false);
            work.error.set(None);
        }
        now
    });
    let close = Callback::new(move |()| {
        is_open.set(false);
        work.error.set(None);
        dom::focus_soon(SAVE_ID);
    });
    let save = Callback::new(move |name: String| {
        let query = text.get_untracked();
        work.run(commands.save_search(name, query), move |saved| {
            is_open.try_set(false);
            let words = say!(
                "The search is saved as “{name}”. It is under Starred",
                name = saved.name
            );
            drive.notices.good(words);
            dom::focus_soon(SAVE_ID);
        });
    });
    move || match face.get() {
        Face::Nothing => ().into_any(),
        Face::Saved(name) => {
            let words = say!("Saved as “{name}”", name);
            view! {
                <p id=SAVE_ID class="save-search hint" tabindex="-1" data-testid="saved-as">
                    <Sentence text=words />
                </p>
            }
            .into_any()
        }
        Face::Offer => view! {
            <p class="save-search">
                <button
                    id=SAVE_ID
                    type="button"
                    class="button button-quiet"
                    on:click=move |_| is_open.set(true)
                >
                    <Glyph icon=Icon::Star />
                    {t("Save this search")}
                </button>
            </p>
        }
        .into_any(),
        Face::Form => {
            let name = untrack(|| text.get()).trim().to_owned();
            view! { <NameForm name work save close /> }.into_any()
        }
    }
}

/// Asks for the name of a search.
#[component]
fn NameForm(
    name: String,
    work: Work,
    save: Callback<String>,
    close: Callback<()>,
) -> impl IntoView {
    let name: String = name.chars().take(MAX_SEARCH_NAME_CHARS).collect();
    let input = NodeRef::<html::Input>::new();
    dom::when_drawn(input, move |input| {
        let _ = input.focus();
        input.select();
    });
    let submit = move |event: ev::SubmitEvent| {
        event.prevent_default();
        let typed = input.get_untracked().map(|input| input.value());
        let typed = typed.unwrap_or_default().trim().to_owned();
        match typed.is_empty() {
            true => work.refuse(t("Type a name for the search")),
            false => save.run(typed),
        }
    };
    let pressed = move |event: ev::KeyboardEvent| {
        if event.key() == "Escape" && !event.is_composing() {
            event.prevent_default();
            close.run(());
        }
    };
    view! {
        <form class="save-search" on:submit=submit>
            <input
                node_ref=input
                type="text"
                aria-label=t("Name of the search")
                maxlength=MAX_SEARCH_NAME_CHARS.to_string()
                autocomplete="off"
                value=name
                data-testid="search-name"
                on:keydown=pressed
            />
            <button type="submit" class="button button-main" disabled=move || work.busy.get()>
                {t("Save")}
            </button>
            <button type="button" class="button" on:click=move |_| close.run(())>
                {t("Cancel")}
            </button>
            <WorkError work />
        </form>
    }
}

/// All that are saved, if there are any.
#[component]
pub fn SavedSearches() -> impl IntoView {
    let drive: Drive = expect_context();
    let all = Memo::new(move |_| drive.marks.with(|marks| marks.searches.clone()));
    view! {
        <Show when=move || !all.with(Vec::is_empty)>
            <section class="saved" aria-label=t("Saved searches")>
                <h2 class="page-part">{t("Saved searches")}</h2>
                <ul class="lines lines-boxed">
                    <Each
                        each=move || all.get()
                        key=|search| (search.id, search.version)
                        children=|search| view! { <Saved search /> }
                    />
                </ul>
            </section>
        </Show>
    }
}

#[component]
fn Saved(search: SavedSearch) -> impl IntoView {
    let (drive, commands): (Drive, _) = (expect_context(), use_commands());
    let router = use_router();
    let work = Work::new();
    let is_renamed = RwSignal::new(false);
    let name = search.name.clone();
    let search = StoredValue::new(search);
    let run = move |_| router.search(search.with_value(|search| search.query.clone()));
    let remove = move |_| {
        let id = search.with_value(|search| search.id);
        work.run(commands.remove_search(id), move |()| {
            let Some(name) = search.try_with_value(|search| search.name.clone()) else {
                return;
            };
            drive
                .notices
                .good(say!("The search “{name}” is deleted", name));
        });
    };
    let rename = Callback::new(move |name: String| {
        let seen = search.get_value();
        let renamed = async move { commands.rename_search(&seen, name).await };
        work.run(renamed, move |()| {
            is_renamed.try_set(false);
        });
    });
    let close = Callback::new(move |()| {
        is_renamed.set(false);
        work.error.set(None);
    });
    let words = move || {
        let SavedSearch { name, query, .. } = search.get_value();
        view! {
            <span class="line-words">
                <button type="button" class="result-name" on:click=run>
                    <bdi>{name.clone()}</bdi>
                </button>
                <span title=query.clone()>
                    <bdi>{query.clone()}</bdi>
                </span>
                <WorkError work />
            </span>
            <button
                type="button"
                class="icon-button"
                aria-label=say!("Rename {name}", name)
                title=t("Rename")
                on:click=move |_| is_renamed.set(true)
            >
                <Glyph icon=Icon::Pencil />
            </button>
            <button
                type="button"
                class="icon-button"
                aria-label=say!("Delete {name}", name)
                title=t("Delete")
                disabled=move || work.busy.get()
                on:click=remove
            >
                <Glyph icon=Icon::Trash />
            </button>
        }
        .into_any()
    };
    view! {
        <li class="line line-grows" data-testid="saved-search" data-name=name>
            <span class="row-icon">
                <Glyph icon=Icon::Search />
            </span>
            {move || match is_renamed.get() {
                true => {
                    let name = search.with_value(|search| search.name.clone());
                    view! { <NameForm name work save=rename close /> }.into_any()
                }
                false => words(),
            }}
        </li>
    }
}
