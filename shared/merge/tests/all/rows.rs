#[cfg(target_arch = "wasm32")]
use wasm_bindgen_test::wasm_bindgen_test as test;

use super::merge;
use merge::{Cell, Merge, Pick, RowSource, Side, View};

/// A cell as `number:text`, with what changed in brackets.
fn shown(cell: &Cell) -> String {
    let mut text = String::new();
    let mut at = 0;
    for range in &cell.changed {
        text += &cell.text[at..range.start];
        text += &format!("[{}]", &cell.text[range.clone()]);
        at = range.end;
    }
    format!("{}:{text}{}", cell.number, &cell.text[at..])
}

fn shown_or_gap(cell: &Option<Cell>) -> String {
    cell.as_ref().map_or("-".into(), shown)
}

fn example() -> Merge {
    merge(
        "head\nold line here\nmid\ngone\nend\n",
        "head\nnew line here\nmid\nend\nfirst said this\nand that\n",
        "head\nold line here\nmid\ngone\nend\nsecond said this\n",
    )
}

#[test]
fn sides_stand_beside_each_other() {
    let merge = example();
    let rows: Vec<(String, String)> = merge
        .side_rows(0..100)
        .iter()
        .map(|row| (shown_or_gap(&row.first), shown_or_gap(&row.second)))
        .collect();
    let expected = [
        ("1:head", "1:head"),
        ("2:[new] line here", "2:[old] line here"),
        ("3:mid", "3:mid"),
        ("-", "4:gone"),
        ("4:end", "5:end"),
        ("5:[first] said this", "6:[second] said this"),
        ("6:and that", "-"),
    ];
    let expected = expected.map(|(first, second)| (first.to_owned(), second.to_owned()));
    assert_eq!(rows, expected);
    assert_eq!(merge.row_count(View::Sides), expected.len());
}

#[test]
fn one_column_has_all_of_it() {
    let merge = example();
    let rows: Vec<(Side, String)> = merge
        .column_rows(0..100)
        .iter()
        .map(|row| (row.side, shown(&row.cell)))
        .collect();
    let expected = [
        (Side::All, "1:head"),
        (Side::Base, "2:[old] line here"),
        (Side::First, "2:[new] line here"),
        (Side::All, "3:mid"),
        (Side::Base, "4:gone"),
        (Side::All, "4:end"),
        (Side::First, "5:[first] said this"),
        (Side::First, "6:and that"),
        (Side::Second, "6:[second] said this"),
    ];
    assert_eq!(rows, expected.map(|(side, cell)| (side, cell.to_owned())));
    assert_eq!(merge.row_count(View::Column), expected.len());
}

#[test]
fn the_result_lives() {
    let mut merge = example();
    let rows = |merge: &Merge| -> Vec<(RowSource, String)> {
        let rows = merge.result_rows(0..100);
        assert_eq!(rows.len(), merge.row_count(View::Result));
        let rows = rows.iter();
        rows.map(|row| (row.source, shown_or_gap(&row.cell)))
            .collect()
    };
    let common = [
        (RowSource::All, "1:head"),
        (RowSource::First, "2:new line here"),
        (RowSource::All, "3:mid"),
        (RowSource::All, "4:end"),
    ];
    let expect = |rest: &[(RowSource, &str)]| -> Vec<(RowSource, String)> {
        let all = common.iter().chain(rest);
        all.map(|(source, cell)| (*source, (*cell).to_owned()))
            .collect()
    };
    assert_eq!(rows(&merge), expect(&[(RowSource::Open, "-")]));
    let conflict = merge.regions().len() - 1;
    merge.pick(conflict, Some(Pick::SecondThenFirst));
    let picked = [
        (RowSource::Second, "5:second said this"),
        (RowSource::First, "6:first said this"),
        (RowSource::First, "7:and that"),
    ];
    assert_eq!(rows(&merge), expect(&picked));
    merge.pick(
        conflict,
        Some(Pick::Edited {
            text: "both\nsaid\n".into(),
        }),
    );
    let edited = [(RowSource::Edited, "5:both"), (RowSource::Edited, "6:said")];
    assert_eq!(rows(&merge), expect(&edited));
    merge.pick(
        conflict,
        Some(Pick::Edited {
            text: String::new(),
        }),
    );
    assert_eq!(rows(&merge), expect(&[]));
}

#[test]
fn a_window_is_a_part_of_the_whole() {
    let merge = example();
    let (sides, column, result) = (
        merge.side_rows(0..100),
        merge.column_rows(0..100),
        merge.result_rows(0..100),
    );
    for from in 0..12 {
        for to in from..12 {
            let of = |length: usize| from.min(length)..to.min(length);
            assert_eq!(merge.side_rows(from..to), sides[of(sides.len())]);
            assert_eq!(merge.column_rows(from..to), column[of(column.len())]);
            assert_eq!(merge.result_rows(from..to), result[of(result.len())]);
        }
    }
}

#[test]
fn a_region_is_found_by_its_rows_and_back() {
    let merge = example();
    for view in [View::Sides, View::Column, View::Result] {
        let rows = merge.row_count(view);
        for region in 0..merge.regions().len() {
            let row = merge.row_of(view, region);
            let has_rows = row < rows && merge.region_at(view, row) == Some(region);
            let is_nothing = view == View::Result && merge.regions()[region].first.is_empty();
            assert!(has_rows || is_nothing, "{view:?} {region}");
        }
        assert_eq!(merge.region_at(view, rows), None);
        assert_eq!(merge.row_of(view, 99), rows);
    }
    assert!(merge.side_rows(0..0).is_empty());
    assert!(super::merge("", "", "").side_rows(0..9).is_empty());
}
