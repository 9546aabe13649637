//! One line of compared texts.

use crate::words::t;
use leptos::prelude::*;
use merge::{Cell, ColumnRow, RegionKind, ResultRow, RowSource, Side, SideRow};
use workers::merging::{PickKind, ViewRows};

/// The length of the longest line, in characters.
pub fn longest(rows: &ViewRows) -> usize {
    let length = |cell: &Cell| cell.text.chars().count();
    let longest = match rows {
        ViewRows::Sides(rows) => {
            let cells = rows.iter().flat_map(|row| [&row.first, &row.second]);
            cells.flatten().map(length).max()
        }
        ViewRows::Column(rows) => rows.iter().map(|row| length(&row.cell)).max(),
        ViewRows::Result(rows) => {
            let cells = rows.iter().filter_map(|row| row.cell.as_ref());
            cells.map(length).max()
        }
    };
    longest.unwrap_or(0)
}

/// What a line looks like.
#[derive(Clone, Copy, Default)]
struct Look {
    /// Whose colour it has.
    side: Option<&'static str>,
    /// Nothing is picked for it.
    open: bool,
    /// It does not go into the result.
    dropped: bool,
    sign: &'static str,
}

fn cell(cell: Option<&Cell>, look: Look) -> AnyView {
    let Some(cell) = cell else {
        return view! { <div class="cell cell-none"></div> }.into_any();
    };
    view! {
        <div
            class="cell"
            class:cell-changed=look.side.is_some()
            class:cell-open=look.open
            data-side=look.side
        >
            {number(cell)}
            <span class="cell-sign" aria-hidden="true">{look.sign}</span>
            <span class:cell-dropped=look.dropped>{pieces(cell)}</span>
        </div>
    }
    .into_any()
}

/// The text with what changed in it marked.
fn pieces(cell: &Cell) -> Vec<AnyView> {
    let text = |from: usize, to: usize| cell.text.get(from..to).unwrap_or_default().to_owned();
    let mut pieces: Vec<AnyView> = Vec::new();
    let mut at = 0;
    for range in &cell.changed {
        pieces.push(text(at, range.start).into_any());
        pieces.push(view! { <mark>{text(range.start, range.end)}</mark> }.into_any());
        at = range.end;
    }
    pieces.push(text(at, cell.text.len()).into_any());
    pieces
}

/// A line's number; an arrow where it goes on from the row above.
fn number(cell: &Cell) -> AnyView {
    if cell.is_continued {
        view! { <span class="cell-number" title=t("The line goes on")>"↪"</span> }.into_any()
    } else {
        view! { <span class="cell-number">{cell.number}</span> }.into_any()
    }
}

/// Whether the first and the second side's lines of a region are left out.
fn dropped(pick: Option<PickKind>) -> (bool, bool) {
    match pick {
        Some(PickKind::First) => (false, true),
        Some(PickKind::Second) => (true, false),
        Some(PickKind::Edited) => (true, true),
        _ => (false, false),
    }
}

/// A row of any view, with what stands in it.
fn row(class: &'static str, region: usize, is_current: bool, cells: impl IntoView) -> AnyView {
    view! {
        <div class=class class:region-current=is_current data-region=region.to_string()>
            {cells}
        </div>
    }
    .into_any()
}

pub fn of_sides(line: &SideRow, pick: Option<PickKind>, is_current: bool) -> AnyView {
    let (no_first, no_second) = dropped(pick);
    let open = line.kind == RegionKind::Conflict && pick.is_none();
    let look = |side, own: RegionKind, dropped| Look {
        side: (line.kind == own || matches!(line.kind, RegionKind::Both | RegionKind::Conflict))
            .then_some(side),
        open,
        dropped,
        sign: if open && line.differs { "?" } else { "" },
    };
    let cells = view! {
        {cell(line.first.as_ref(), look("first", RegionKind::FromFirst, no_first))}
        {cell(line.second.as_ref(), look("second", RegionKind::FromSecond, no_second))}
    };
    let is_current = is_current && line.kind != RegionKind::Same;
    row("merge-row", line.region, is_current, cells)
}

pub fn of_column(line: &ColumnRow, pick: Option<PickKind>, is_current: bool) -> AnyView {
    let (no_first, no_second) = dropped(pick);
    let open = line.kind == RegionKind::Conflict && pick.is_none();
    let added = if open { "?" } else { "+" };
    let (side, sign, dropped) = match line.side {
        Side::All => (None, "", false),
        Side::Base => (None, "−", true),
        Side::First => (Some("first"), added, no_first),
        Side::Second => (Some("second"), added, no_second),
        Side::Both => (None, "+", false),
    };
    let look = Look {
        side,
        open,
        dropped,
        sign,
    };
    let is_current = is_current && line.kind != RegionKind::Same;
    row(
        "merge-row-one",
        line.region,
        is_current,
        cell(Some(&line.cell), look),
    )
}

pub fn of_result(line: &ResultRow, is_current: bool) -> AnyView {
    let (side, sign) = match line.source {
        RowSource::First => (Some("first"), ""),
        RowSource::Second => (Some("second"), ""),
        RowSource::Edited => (None, "✎"),
        RowSource::All | RowSource::Both | RowSource::Open => (None, ""),
    };
    let look = Look {
        side,
        sign,
        ..Look::default()
    };
    let content = match &line.cell {
        Some(of) => cell(Some(of), look),
        None => view! { <span class="region-open">{t("Not decided yet")}</span> }.into_any(),
    };
    let is_current = is_current && line.kind != RegionKind::Same;
    row("merge-row-one", line.region, is_current, content)
}
