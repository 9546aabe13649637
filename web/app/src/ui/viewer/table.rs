//! Rows of cells, the first as a head that stays at the top.

use super::super::dom;
use crate::format::{bytes, count};
use crate::words::say;
use futures_util::future::abortable;
use leptos::html;
use leptos::prelude::*;
use leptos::task::spawn_local;
use platform::browser::clock;
use wasm_bindgen::JsCast;
use web_sys::{Element, Node};
use workers::reading::table::{MAX_COLUMNS, Table};

/// Rows that are drawn at once: of the widest ones, what takes the page some milliseconds.
const LOT_ROWS: usize = 50;

#[component]
pub fn TableView(table: Table, first_bytes: Option<u64>, label: String) -> impl IntoView {
    let note = words(&table, first_bytes);
    view! {
        <p class="viewer-note" role="status" data-testid="viewer-table-note">
            {note}
        </p>
        <Rows rows=table.rows label />
    }
}

/// The cells, of which the first row is the head; of a sheet the first of each row is, too.
#[component]
pub fn Rows(
    rows: Vec<Vec<String>>,
    label: String,
    #[prop(optional)] is_sheet: bool,
) -> impl IntoView {
    let node = NodeRef::<html::Table>::new();
    let rows = StoredValue::new(rows);
    dom::when_drawn(node, move |place| {
        let place: Node = place.unchecked_into();
        let (drawing, stop) = abortable(async move {
            let count = rows.try_with_value(Vec::len).unwrap_or_default();
            for start in (0..count).step_by(LOT_ROWS) {
                let draw = |rows: &Vec<Vec<String>>| {
                    let lot = start..(start + LOT_ROWS).min(rows.len());
                    for (nth, cells) in lot.clone().zip(&rows[lot]) {
                        let _ = row(cells, nth, is_sheet).map(|row| place.append_child(&row));
                    }
                };
                if rows.try_with_value(draw).is_none() {
                    return;
                }
                clock::sleep(0).await;
            }
        });
        spawn_local(async move {
            let _ = drawing.await;
        });
        on_cleanup(move || stop.abort());
    });
    view! {
        <div class="viewer-scroll" tabindex="0" role="region" aria-label=label>
            <table
                node_ref=node
                class="viewer-table"
                class:viewer-sheet=is_sheet
                data-testid="viewer-table"
            ></table>
        </div>
    }
}

/// What there is, and how much of it is shown.
pub fn words(table: &Table, first_bytes: Option<u64>) -> String {
    let shown = table.rows.len();
    let rows = match (table.all_rows, first_bytes) {
        (Some(all), _) if all > shown => {
            say!(
                "The first {shown} of {all}",
                shown = count(shown, "row", "rows"),
                all = count(all, "row", "rows")
            )
        }
        (None, Some(first)) => {
            say!(
                "The first {rows} (the first {size} were read)",
                rows = count(shown, "row", "rows"),
                size = bytes(first)
            )
        }
        _ => count(shown, "row", "rows"),
    };
    match table.all_columns {
        all if all > MAX_COLUMNS => {
            say!(
                "{rows}, the first {shown} of {columns}",
                rows,
                shown = MAX_COLUMNS,
                columns = count(all, "column", "columns")
            )
        }
        all => say!(
            "{rows}, {columns}",
            rows,
            columns = count(all, "column", "columns")
        ),
    }
}

fn row(cells: &[String], nth: usize, is_sheet: bool) -> Option<Element> {
    let document = document();
    let row = document.create_element("tr").ok()?;
    for (column, cell) in cells.iter().enumerate() {
        let names_row = is_sheet && column == 0;
        // A head without words names nothing.
        let is_head = (nth == 0 || names_row) && !cell.trim().is_empty();
        let made = document
            .create_element(if is_head { "th" } else { "td" })
            .ok()?;
        if is_head {
            let _ = made.set_attribute("scope", if names_row { "row" } else { "col" });
        }
        made.set_text_content(Some(cell));
        let _ = row.append_child(&made);
    }
    Some(row)
}

#[cfg(test)]
mod tests {
    use super::words;
    use workers::reading::table;

    #[test]
    fn it_is_said_how_much_is_shown() {
        let told = |rows: usize, is_whole: bool| {
            let table = table::read(&"a,b\n".repeat(rows), false, is_whole);
            words(&table, (!is_whole).then_some(8 << 20))
        };
        assert_eq!(told(1, true), "1 row, 2 columns");
        assert_eq!(
            told(1_200, true),
            "The first 1,000 rows of 1,200 rows, 2 columns"
        );
        assert!(told(1_200, false).starts_with("The first 1,000 rows (the first 8"));
    }
}
