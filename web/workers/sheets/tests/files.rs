//! Files that other programs have written, and files that would like to be too much.
//!
//! The fixtures are of openpyxl, xlwt and odfpy.

use sheets::book::Book;
use std::io::{Cursor, Write};
use workers::reading::table::{MAX_COLUMNS, MAX_ROWS, Table};
use zip::ZipWriter;
use zip::write::SimpleFileOptions;

fn sheet(bytes: &[u8], nth: usize) -> Table {
    let mut book = Book::open(bytes.to_vec()).expect("it is a spreadsheet");
    book.sheet(nth).expect("it has that sheet")
}

/// A workbook of one sheet with these rows as XML.
fn xlsx(rows: &str, before: &str) -> Vec<u8> {
    let main = "http://schemas.openxmlformats.org/spreadsheetml/2006/main";
    let related = "http://schemas.openxmlformats.org/officeDocument/2006/relationships";
    let package = "http://schemas.openxmlformats.org/package/2006";
    let files = [
        (
            "[Content_Types].xml",
            format!(r#"<Types xmlns="{package}/content-types"/>"#),
        ),
        (
            "_rels/.rels",
            format!(
                r#"<Relationships xmlns="{package}/relationships"><Relationship Id="rId1" Type="{related}/officeDocument" Target="xl/workbook.xml"/></Relationships>"#
            ),
        ),
        (
            "xl/workbook.xml",
            format!(
                r#"<workbook xmlns="{main}" xmlns:r="{related}"><sheets><sheet name="One" sheetId="1" r:id="rId1"/></sheets></workbook>"#
            ),
        ),
        (
            "xl/_rels/workbook.xml.rels",
            format!(
                r#"<Relationships xmlns="{package}/relationships"><Relationship Id="rId1" Type="{related}/worksheet" Target="worksheets/sheet1.xml"/></Relationships>"#
            ),
        ),
        (
            "xl/worksheets/sheet1.xml",
            format!(
                r#"{before}<worksheet xmlns="{main}"><sheetData>{rows}</sheetData></worksheet>"#
            ),
        ),
    ];
    let mut writer = ZipWriter::new(Cursor::new(Vec::new()));
    for (name, text) in files {
        let options = SimpleFileOptions::default();
        writer.start_file(name, options).unwrap();
        writer.write_all(text.as_bytes()).unwrap();
    }
    writer.finish().unwrap().into_inner()
}

#[test]
fn a_workbook_of_openpyxl_has_its_sheets_and_cells() {
    let bytes = include_bytes!("fixtures/made-by-openpyxl.xlsx");
    let book = Book::open(bytes.to_vec()).unwrap();
    // What is hidden stays so.
    assert_eq!(book.names, ["Prices", "Empty", "Far"]);
    let prices = sheet(bytes, 0);
    assert_eq!(
        prices.rows,
        [
            ["Item", "Price", "Share", "Bought", "Sum"],
            // Nobody has counted the sum yet.
            ["Tea & <b>cake</b>", "1,234.50", "25.6%", "2026-11-29", ""],
            ["Über ☃", "-3", "0.3", "2026-11-29 10:40:00", ""],
        ]
    );
    assert_eq!(
        sheet(bytes, 1),
        Table {
            all_rows: Some(0),
            ..Table::default()
        }
    );
    let far = sheet(bytes, 2);
    assert_eq!((far.all_rows, far.all_columns), (Some(2_000), 104));
    assert_eq!((far.rows.len(), far.rows[0].len()), (MAX_ROWS, MAX_COLUMNS));
    assert_eq!(far.rows[3][2], "TRUE");
}

#[test]
fn older_and_open_files_are_read() {
    let old = sheet(include_bytes!("fixtures/made-by-xlwt.xls"), 0);
    assert_eq!(old.rows, [["Größe", "12.5"], ["2026-11-29", ""]]);
    let open = sheet(include_bytes!("fixtures/made-by-odfpy.ods"), 0);
    assert_eq!(open.rows, [["a", "b"], ["1", "é"], ["2.5", ""]]);
}

#[test]
fn a_formula_shows_what_was_counted_when_the_file_was_saved() {
    let row = r#"<row r="1"><c r="A1"><f>1+1</f><v>2</v></c><c r="B1" t="e"><f>1/0</f><v>#DIV/0!</v></c></row>"#;
    assert_eq!(sheet(&xlsx(row, ""), 0).rows, [["2", "#DIV/0!"]]);
}

#[test]
fn a_cell_far_away_takes_no_room_for_those_between() {
    let rows = r#"<row r="1"><c r="A1"><v>1</v></c></row><row r="1048576"><c r="XFD1048576"><v>2</v></c></row>"#;
    let table = sheet(&xlsx(rows, ""), 0);
    assert_eq!(
        (table.all_rows, table.all_columns),
        (Some(1 << 20), 1 << 14)
    );
    assert_eq!(
        (table.rows.len(), table.rows[0].len()),
        (MAX_ROWS, MAX_COLUMNS)
    );
}

#[test]
fn entities_are_not_multiplied() {
    let mut bomb = String::from("<!DOCTYPE lol [<!ENTITY a0 \"ha\">");
    for nth in 1..20 {
        let ten = format!("&a{};", nth - 1).repeat(10);
        bomb.push_str(&format!("<!ENTITY a{nth} \"{ten}\">"));
    }
    bomb.push_str("]>");
    let row = r#"<row r="1"><c r="A1" t="inlineStr"><is><t>&a19;</t></is></c></row>"#;
    let mut book = Book::open(xlsx(row, &bomb)).expect("its names can be read");
    // It is told as broken, or shows the name of what it would have been.
    let shown = book.sheet(0).map(|table| table.rows.concat().concat());
    assert!(shown.is_none_or(|text| text.len() < 100));
}

#[test]
fn what_is_broken_or_something_else_is_none() {
    let whole = include_bytes!("fixtures/made-by-openpyxl.xlsx");
    for bytes in [
        &b""[..],
        b"PK",
        b"no spreadsheet",
        &whole[..whole.len() / 2],
        &[0xd0, 0xcf, 0x11, 0xe0, 0xa1, 0xb1, 0x1a, 0xe1],
    ] {
        assert!(Book::open(bytes.to_vec()).is_none());
    }
    // A zip of something else.
    let mut writer = ZipWriter::new(Cursor::new(Vec::new()));
    let options = SimpleFileOptions::default();
    writer.start_file("a.xml", options).unwrap();
    writer.write_all(b"<a/>").unwrap();
    assert!(Book::open(writer.finish().unwrap().into_inner()).is_none());
    // Each byte of a small one damaged in turn ends in an answer.
    let small = include_bytes!("fixtures/made-by-xlwt.xls");
    for at in (0..small.len()).step_by(97) {
        let mut bytes = small.to_vec();
        bytes[at] ^= 0xff;
        if let Some(mut book) = Book::open(bytes) {
            let _ = book.sheet(0);
        }
    }
}
