//! A text as rows of cells (RFC 4180, and what programs write instead).

use serde::{Deserialize, Serialize};

/// So many rows are shown, with the head.
pub const MAX_ROWS: usize = 1_000;
/// So many cells of a row.
pub const MAX_COLUMNS: usize = 100;
/// So many characters of a cell.
const MAX_CELL_CHARS: usize = 500;

/// What is shown of a table.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Table {
    /// The first is the head.
    pub rows: Vec<Vec<String>>,
    /// How many rows there are, with the head; `None` if the file was not read to its end.
    pub all_rows: Option<usize>,
    /// The most cells that one of the shown rows has in the file.
    pub all_columns: usize,
}

/// Takes a text apart at tabs, or at what its first lines are apart by.
pub fn read(text: &str, has_tabs: bool, is_whole: bool) -> Table {
    let apart_by = match has_tabs {
        true => '\t',
        false => separator(text),
    };
    let mut table = Table::default();
    let mut count = 0;
    let mut row = Row::default();
    let mut chars = text.chars().peekable();
    let mut is_quoted = false;
    while let Some(c) = chars.next() {
        match c {
            '"' if is_quoted && chars.peek() == Some(&'"') => {
                chars.next();
                row.push('"');
            }
            '"' if is_quoted => is_quoted = false,
            '"' if row.cell.is_empty() => (is_quoted, row.is_begun) = (true, true),
            c if is_quoted => row.push(c),
            c if c == apart_by => row.end_cell(),
            '\r' if chars.peek() == Some(&'\n') => {}
            '\n' | '\r' => {
                count += 1;
                table.take(std::mem::take(&mut row));
            }
            c => row.push(c),
        }
    }
    if row.is_begun {
        count += 1;
        table.take(row);
    }
    table.all_rows = is_whole.then_some(count);
    table
}

impl Table {
    fn take(&mut self, mut row: Row) {
        if self.rows.len() < MAX_ROWS {
            row.end_cell();
            self.all_columns = self.all_columns.max(row.all_cells);
            self.rows.push(row.cells);
        }
    }
}

#[derive(Default)]
struct Row {
    cells: Vec<String>,
    all_cells: usize,
    cell: String,
    chars: usize,
    /// Whether something is in it.
    is_begun: bool,
}

impl Row {
    fn push(&mut self, c: char) {
        self.is_begun = true;
        self.chars += 1;
        match self.chars {
            ..=MAX_CELL_CHARS => self.cell.push(c),
            n if n == MAX_CELL_CHARS + 1 => self.cell.push('…'),
            _ => {}
        }
    }

    fn end_cell(&mut self) {
        self.is_begun = true;
        self.all_cells += 1;
        self.chars = 0;
        let cell = std::mem::take(&mut self.cell);
        if self.cells.len() < MAX_COLUMNS {
            self.cells.push(cell);
        }
    }
}

/// What is most often in the first line, outside of quotes.
fn separator(text: &str) -> char {
    let first = text.lines().next().unwrap_or_default();
    let mut is_quoted = false;
    let outside: String = first
        .chars()
        .filter(|c| {
            is_quoted ^= *c == '"';
            !is_quoted
        })
        .collect();
    let count = |c: char| outside.matches(c).count();
    [';', '\t', '|']
        .into_iter()
        .fold(',', |best, c| if count(c) > count(best) { c } else { best })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rows(text: &str) -> Vec<Vec<String>> {
        read(text, false, true).rows
    }

    #[test]
    fn quotes_hold_separators_lines_and_quotes() {
        assert_eq!(
            rows("a,b\r\n\"1,5\",\"say \"\"x\"\"\nagain\"\r\n,\n"),
            [
                vec!["a", "b"],
                vec!["1,5", "say \"x\"\nagain"],
                vec!["", ""]
            ]
        );
        // A quote within a word is one.
        assert_eq!(rows("6\" pipe,2"), [["6\" pipe", "2"]]);
        // One that never ends takes the rest.
        assert_eq!(rows("a,\"b\nc"), [["a", "b\nc"]]);
    }

    #[test]
    fn the_separator_is_what_the_first_line_has_most_of() {
        assert_eq!(
            rows("a;b,c;d\n1;2;3"),
            [vec!["a", "b,c", "d"], vec!["1", "2", "3"]]
        );
        assert_eq!(rows("\"a;b;c\",d"), [["a;b;c", "d"]]);
        assert_eq!(read("a,b\tc", true, true).rows, [["a,b", "c"]]);
    }

    #[test]
    fn only_so_much_is_shown_and_all_is_counted() {
        let table = read(&"a,b\n".repeat(MAX_ROWS + 5), false, true);
        assert_eq!(
            (table.rows.len(), table.all_rows),
            (MAX_ROWS, Some(MAX_ROWS + 5))
        );
        assert_eq!(read("a\nb", false, false).all_rows, None);
        let wide = read(&vec!["x"; MAX_COLUMNS + 7].join(","), false, true);
        assert_eq!(
            (wide.rows[0].len(), wide.all_columns),
            (MAX_COLUMNS, MAX_COLUMNS + 7)
        );
        let long = read(&"x".repeat(10_000), false, true);
        assert_eq!(long.rows[0][0].chars().count(), MAX_CELL_CHARS + 1);
        assert_eq!(
            read("", false, true),
            Table {
                all_rows: Some(0),
                ..Table::default()
            }
        );
    }
}
