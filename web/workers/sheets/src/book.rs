//! The sheets of a file, and the cells of one of them.

use super::bounds::is_bounded;
use super::shown;
use calamine::{Ods, Reader, SheetType, SheetVisible, Xls, Xlsx, open_workbook_from_rs};
use std::collections::BTreeMap;
use std::io::Cursor;
use workers::reading::table::{MAX_COLUMNS, MAX_ROWS, Table};
use workers::sheets::MAX_SHEETS;

type Bytes = Cursor<Vec<u8>>;

/// A file that is open.
pub struct Book {
    file: File,
    /// The sheets that a program shows, in their order.
    pub names: Vec<String>,
    /// How many there are, those that it hides left out.
    pub all: usize,
}

enum File {
    // Its sheets are read when they are looked at.
    Xlsx(Box<Xlsx<Bytes>>),
    Ods(Box<Ods<Bytes>>),
    Xls(Box<Xls<Bytes>>),
}

/// What files begin with that are zips, and those that are not.
const ZIP: &[u8] = b"PK";

impl Book {
    /// Opens a file; `None` if it is no spreadsheet, broken, locked by a password, or would
    /// unpack to too much.
    pub fn open(bytes: Vec<u8>) -> Option<Self> {
        let mut file = if bytes.starts_with(ZIP) {
            if !is_bounded(&bytes) {
                return None;
            }
            let bytes = Cursor::new(bytes);
            match open_workbook_from_rs::<Xlsx<_>, _>(bytes.clone()) {
                Ok(file) => File::Xlsx(Box::new(file)),
                Err(_) => File::Ods(Box::new(open_workbook_from_rs(bytes).ok()?)),
            }
        } else {
            File::Xls(Box::new(open_workbook_from_rs(Cursor::new(bytes)).ok()?))
        };
        let sheets = match &mut file {
            File::Xlsx(file) => file.sheets_metadata(),
            File::Ods(file) => file.sheets_metadata(),
            File::Xls(file) => file.sheets_metadata(),
        };
        let is_shown = |sheet: &&calamine::Sheet| {
            sheet.visible == SheetVisible::Visible && sheet.typ == SheetType::WorkSheet
        };
        let names = sheets.iter().filter(is_shown);
        let mut names: Vec<String> = names.map(|sheet| sheet.name.clone()).collect();
        let all = names.len();
        names.truncate(MAX_SHEETS);
        (all > 0).then_some(Self { file, names, all })
    }

    /// The cells of a sheet, from its first row and column on.
    pub fn sheet(&mut self, nth: usize) -> Option<Table> {
        let name = self.names.get(nth)?.clone();
        let mut cells = Cells::default();
        match &mut self.file {
            File::Xlsx(file) => {
                let mut reader = file.worksheet_cells_reader(&name).ok()?;
                while let Some((cell, style)) = reader.next_cell_with_style_id().ok()? {
                    let at = cell.get_position();
                    let format = reader.styles().get(style);
                    let format = format.and_then(|style| style.number_format.as_ref());
                    let format = format.map(|format| format.format_code.as_str());
                    cells.put(at, || shown::of_ref(cell.get_value(), format));
                }
            }
            File::Ods(file) => cells.take(&file.worksheet_range(&name).ok()?),
            File::Xls(file) => cells.take(&file.worksheet_range(&name).ok()?),
        }
        Some(cells.table())
    }
}

/// Cells as they come, in whatever order.
#[derive(Default)]
struct Cells {
    rows: BTreeMap<usize, Vec<String>>,
    all_rows: usize,
    all_columns: usize,
}

impl Cells {
    fn put(&mut self, (row, column): (u32, u32), text: impl FnOnce() -> String) {
        let (row, column) = (row as usize, column as usize);
        let text = match row < MAX_ROWS && column < MAX_COLUMNS {
            true => text(),
            false => String::new(),
        };
        let is_shown = !text.is_empty();
        if !is_shown && row < MAX_ROWS && column < MAX_COLUMNS {
            // Sheets have cells that are only coloured.
            return;
        }
        self.all_rows = self.all_rows.max(row + 1);
        self.all_columns = self.all_columns.max(column + 1);
        if is_shown {
            let cells = self.rows.entry(row).or_default();
            if cells.len() <= column {
                cells.resize(column + 1, String::new());
            }
            cells[column] = text;
        }
    }

    fn take(&mut self, range: &calamine::Range<calamine::Data>) {
        let Some((first_row, first_column)) = range.start() else {
            return;
        };
        for (row, column, value) in range.used_cells() {
            let at = (first_row + row as u32, first_column + column as u32);
            self.put(at, || shown::of(value));
        }
    }

    fn table(mut self) -> Table {
        let columns = self.all_columns.min(MAX_COLUMNS);
        let rows = (0..self.all_rows.min(MAX_ROWS)).map(|row| {
            let mut cells = self.rows.remove(&row).unwrap_or_default();
            cells.resize(columns, String::new());
            cells
        });
        Table {
            rows: rows.collect(),
            all_rows: Some(self.all_rows),
            all_columns: self.all_columns,
        }
    }
}
