//! A spreadsheet: its sheets as tabs, and the rows of one of them under the letters of its
//! columns.

use super::super::dom;
use super::loaded::{IS_ANOTHER, Unshown, failed, loaded};
use super::table::{Rows, words};
use crate::commands::{MAX_SHEETS_BYTES, OpenSheets, use_commands};
use crate::words::{say_many, t};
use leptos::prelude::*;
use leptos::task::spawn_local;
use platform::failure::Failure;
use protocol::items::Item;
use std::rc::Rc;
use web_sys::KeyboardEvent;
use workers::reading::table::Table;

#[component]
pub fn SheetsView(item: Item, address: String) -> impl IntoView {
    let commands = use_commands();
    let size = item.file.as_ref().map_or(0, |file| file.size);
    if size > MAX_SHEETS_BYTES {
        let why = t("It is too large to be read here.");
        return view! { <Unshown item why /> }.into_any();
    }
    let label = item.name.to_string();
    let of = (item.id, item.version());
    let load = async move {
        let opened = commands.open_sheets(&address, size, of).await?;
        Ok(opened.map(Rc::new))
    };
    loaded(item, t(IS_ANOTHER), load, move |sheets: &Rc<OpenSheets>| {
        view! { <Sheets sheets=sheets.clone() label=label.clone() /> }.into_any()
    })
}

type Shown = Option<Result<Option<Table>, Failure>>;

#[component]
fn Sheets(sheets: Rc<OpenSheets>, label: String) -> impl IntoView {
    let names = sheets.names.clone();
    let (shown_count, all) = (names.len(), sheets.all);
    let sheets = StoredValue::new_local(sheets);
    let chosen = RwSignal::new(0_usize);
    let shown: RwSignal<Shown, LocalStorage> = RwSignal::new_local(None);
    Effect::new(move |_| {
        let nth = chosen.get();
        shown.set(None);
        let Some(sheets) = sheets.try_get_value() else {
            return;
        };
        spawn_local(async move {
            let table = sheets.sheet(nth).await;
            // Another one may be looked at by now.
            if chosen.try_get_untracked() == Some(nth) {
                shown.try_set(Some(table));
            }
        });
    });
    let panel = dom::fresh_id("sheet");
    let named = label.clone();
    let more = (all > shown_count).then(|| {
        view! {
            <p class="viewer-note" role="status">
                {say_many!(all, "The first {shown} of 1 sheet", "The first {shown} of {n} sheets", shown = shown_count)}
            </p>
        }
    });
    view! {
        {more}
        <Tabs names chosen panel=panel.clone() />
        <div class="viewer-stage" id=panel role="tabpanel" aria-label=named>
            {move || {
                shown
                    .with(|shown| match shown {
                        None => {
                            view! { <p class="viewer-words" role="status">{t("Loading…")}</p> }.into_any()
                        }
                        Some(Ok(Some(table))) => sheet(table, &label),
                        Some(Ok(None)) => {
                            view! {
                                <p class="viewer-words" role="status">
                                    {t("This sheet can’t be read.")}
                                </p>
                            }
                                .into_any()
                        }
                        Some(Err(failure)) => failed(failure),
                    })
            }}
        </div>
    }
}

fn sheet(table: &Table, label: &str) -> AnyView {
    if table.rows.is_empty() {
        return view! { <p class="viewer-words" role="status">{t("This sheet is empty.")}</p> }
            .into_any();
    }
    let note = words(table, None);
    let rows = lettered(table);
    view! {
        <p class="viewer-note" role="status" data-testid="viewer-table-note">
            {note}
        </p>
        <Rows rows label=label.to_owned() is_sheet=true />
    }
    .into_any()
}

/// The rows below the letters of their columns, each after its number.
fn lettered(table: &Table) -> Vec<Vec<String>> {
    let columns = table.rows.first().map_or(0, Vec::len);
    let letters = std::iter::once(String::new()).chain((0..columns).map(letters));
    let mut rows = vec![letters.collect()];
    for (nth, cells) in table.rows.iter().enumerate() {
        let number = (nth + 1).to_string();
        rows.push(
            std::iter::once(number)
                .chain(cells.iter().cloned())
                .collect(),
        );
    }
    rows
}

/// What a sheet calls a column: A to Z, then AA.
fn letters(column: usize) -> String {
    let mut letters = Vec::new();
    let mut left = column + 1;
    while left > 0 {
        left -= 1;
        letters.push(char::from(b'A' + (left % 26) as u8));
        left /= 26;
    }
    letters.into_iter().rev().collect()
}

#[component]
fn Tabs(names: Vec<String>, chosen: RwSignal<usize>, panel: String) -> impl IntoView {
    let last = names.len().saturating_sub(1);
    let list = NodeRef::<leptos::html::Div>::new();
    let pressed = move |event: KeyboardEvent| {
        let at = chosen.get_untracked();
        let to = match event.key().as_str() {
            "ArrowLeft" => at.saturating_sub(1),
            "ArrowRight" => (at + 1).min(last),
            "Home" => 0,
            "End" => last,
            _ => return,
        };
        // The arrows lead to other files elsewhere.
        event.prevent_default();
        chosen.set(to);
        request_animation_frame(move || {
            if let Some(Some(list)) = list.try_get_untracked() {
                dom::focus_within(&list, "[aria-selected=true]");
            }
        });
    };
    let tabs = names
        .into_iter()
        .enumerate()
        .map(|(nth, name)| {
            view! {
                <button
                    type="button"
                    role="tab"
                    class="sheet-tab"
                    aria-controls=panel.clone()
                    aria-selected=move || (chosen.get() == nth).to_string()
                    tabindex=move || if chosen.get() == nth { "0" } else { "-1" }
                    on:click=move |_| chosen.set(nth)
                >
                    <bdi>{name}</bdi>
                </button>
            }
        })
        .collect_view();
    view! {
        <div node_ref=list class="sheet-tabs" role="tablist" aria-label=t("Sheets") on:keydown=pressed>
            {tabs}
        </div>
    }
}

#[cfg(test)]
mod tests {
    use super::{lettered, letters};
    use workers::reading::table::Table;

    #[test]
    fn columns_are_called_as_sheets_call_them() {
        let called: Vec<String> = [0, 25, 26, 51, 52, 701, 702, 16_383].map(letters).to_vec();
        assert_eq!(called, ["A", "Z", "AA", "AZ", "BA", "ZZ", "AAA", "XFD"]);
    }

    #[test]
    fn rows_have_their_numbers() {
        let table = Table {
            rows: vec![vec!["x".to_owned(), String::new()]],
            all_rows: Some(1),
            all_columns: 2,
        };
        assert_eq!(lettered(&table), [vec!["", "A", "B"], vec!["1", "x", ""]]);
    }
}
