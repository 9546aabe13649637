//! Where the rows of a list stand: one below the other or as tiles, in groups or not. It all
//! follows from numbers, so that a row has a place although it is not in the document.

use std::ops::Range;

/// The height of a row, in pixels; `--row` in the stylesheet.
pub const ROW_PIXELS: f64 = 48.0;
/// The height of the columns' heads; `--row-head` in the stylesheet.
pub const HEAD_PIXELS: f64 = 36.0;
/// The height of a line of tiles with the gap below it; `--tile` and `--tile-gap`.
const TILE_LINE_PIXELS: f64 = 184.0;
/// What a tile is wide at least.
const TILE_PIXELS: f64 = 148.0;
/// Between two tiles, and beside them; `--tile-gap`.
const TILE_GAP_PIXELS: f64 = 8.0;
/// The height of a group's heading; `--group-head`.
const GROUP_HEAD_PIXELS: f64 = 40.0;
/// Rows are drawn so far above and below what is in sight, so that scrolling shows no gap.
const MARGIN_PIXELS: f64 = 300.0;

/// Rows that follow each other below one heading.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Group {
    pub heading: &'static str,
    pub rows: usize,
}

/// How rows stand.
#[derive(Clone, Debug, PartialEq)]
pub struct Layout {
    columns: usize,
    line: f64,
    /// The height of a heading; 0 where there are none.
    heading: f64,
    spans: Vec<Span>,
}

#[derive(Clone, Copy, Debug, PartialEq)]
struct Span {
    first: usize,
    rows: usize,
    /// Where its heading begins.
    top: f64,
}

/// A way that a key leads.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Way {
    Left,
    Right,
    Up,
    Down,
}

impl Layout {
    /// Groups without a heading are a list in one piece.
    pub fn new(groups: &[Group], tiles: bool, width: f64) -> Self {
        let beside = (width - TILE_GAP_PIXELS) / (TILE_PIXELS + TILE_GAP_PIXELS);
        let (columns, line) = match tiles {
            true => ((beside as usize).max(1), TILE_LINE_PIXELS),
            false => (1, ROW_PIXELS),
        };
        let is_grouped = groups.iter().any(|group| !group.heading.is_empty());
        let mut layout = Self {
            columns,
            line,
            heading: if is_grouped { GROUP_HEAD_PIXELS } else { 0.0 },
            spans: Vec::with_capacity(groups.len()),
        };
        let (mut first, mut top) = (0, 0.0);
        for group in groups {
            let span = Span {
                first,
                rows: group.rows,
                top,
            };
            first += group.rows;
            top = layout.bottom(span);
            layout.spans.push(span);
        }
        layout
    }

    /// Tiles beside each other; 1 in a list.
    pub fn columns(&self) -> usize {
        self.columns
    }

    /// The height of a line of rows, in pixels.
    pub fn line_pixels(&self) -> f64 {
        self.line
    }

    /// How many rows there are.
    pub fn rows(&self) -> usize {
        self.spans.last().map_or(0, |span| span.first + span.rows)
    }

    /// How many headings there are.
    pub fn headings(&self) -> usize {
        if self.heading > 0.0 {
            self.spans.len()
        } else {
            0
        }
    }

    /// The height of everything, in pixels.
    pub fn height(&self) -> f64 {
        self.spans.last().map_or(0.0, |&span| self.bottom(span))
    }

    fn bottom(&self, span: Span) -> f64 {
        self.lines_top(span) + span.rows.div_ceil(self.columns) as f64 * self.line
    }

    fn lines_top(&self, span: Span) -> f64 {
        span.top + self.heading
    }

    /// The group that a row is in, counted from 0.
    fn group_of(&self, place: usize) -> usize {
        let after = self.spans.partition_point(|span| span.first <= place);
        after.saturating_sub(1)
    }

    fn span_of(&self, place: usize) -> Option<Span> {
        self.spans.get(self.group_of(place)).copied()
    }

    /// The top of the line that a row stands in.
    pub fn top_of(&self, place: usize) -> f64 {
        self.span_of(place).map_or(0.0, |span| {
            let line = (place - span.first) / self.columns;
            self.lines_top(span) + line as f64 * self.line
        })
    }

    /// The height of what stays at the top while the rows of a group scroll below it.
    pub fn heading_pixels(&self) -> f64 {
        self.heading
    }

    /// The group that a row is in, and how many headings and rows stand before its heading;
    /// `None` where there are no headings. The heading is drawn with the first row that is,
    /// wherever its group begins, since it stays in sight.
    pub fn heading_over(&self, place: usize) -> Option<(usize, usize)> {
        let group = self.group_of(place);
        let span = self.spans.get(group).filter(|_| self.heading > 0.0)?;
        Some((group, span.first + group))
    }

    /// Whether a group begins with this row.
    pub fn begins_group(&self, place: usize) -> bool {
        self.span_of(place).is_some_and(|span| span.first == place)
    }

    /// Where what is drawn begins, if this row is the first of it: with a heading.
    pub fn drawn_from(&self, place: usize) -> f64 {
        self.top_of(place) - self.heading
    }

    /// How many headings and rows stand before what is drawn, if this row is the first of
    /// it and the heading stands beside it.
    pub fn lines_before(&self, place: usize) -> usize {
        place + self.heading_over(place).map_or(0, |(group, _)| group)
    }

    /// The rows to draw while this much is in sight, in pixels from the first. It begins with
    /// a line.
    pub fn drawn(&self, sight: Range<f64>) -> Range<usize> {
        let lines = (sight.start - MARGIN_PIXELS)..(sight.end + MARGIN_PIXELS);
        let start = self.first_at(lines.start);
        let end = self.after(lines.end).max(start);
        start..end
    }

    /// The first row of the line at a height, or of the next one below it.
    fn first_at(&self, y: f64) -> usize {
        let group = self.spans.partition_point(|&span| self.bottom(span) <= y);
        let Some(&span) = self.spans.get(group) else {
            return self.rows();
        };
        let line = ((y - self.lines_top(span)) / self.line).max(0.0) as usize;
        span.first + line * self.columns
    }

    /// The first row that stands below a height as a whole.
    fn after(&self, y: f64) -> usize {
        let group = self.spans.partition_point(|span| span.top < y);
        let Some(span) = group.checked_sub(1).and_then(|group| self.spans.get(group)) else {
            return 0;
        };
        let lines = ((y - self.lines_top(*span)) / self.line).max(0.0).ceil() as usize;
        span.first + (lines * self.columns).min(span.rows)
    }

    /// The row that a key leads to.
    pub fn step(&self, place: usize, way: Way) -> usize {
        let last = self.rows().saturating_sub(1);
        let Some(span) = self.span_of(place) else {
            return place;
        };
        let at = place - span.first;
        let (line, column) = (at / self.columns, at % self.columns);
        let last_line = span.rows.saturating_sub(1) / self.columns;
        match way {
            Way::Left => place.saturating_sub(1),
            Way::Right => (place + 1).min(last),
            Way::Up if line > 0 => place - self.columns,
            Way::Up => {
                // The last line of the group above.
                let above = self.group_of(place).checked_sub(1);
                let Some(above) = above.and_then(|group| self.spans.get(group)) else {
                    return place;
                };
                let line = above.rows.saturating_sub(1) / self.columns;
                above.first + (line * self.columns + column).min(above.rows.saturating_sub(1))
            }
            Way::Down if line < last_line => {
                (place + self.columns).min(span.first + span.rows.saturating_sub(1))
            }
            Way::Down => match self.spans.get(self.group_of(place) + 1) {
                Some(below) => below.first + column.min(below.rows.saturating_sub(1)),
                None => place,
            },
        }
    }

    /// The rows that a rectangle touches, in pixels from the corner of the first, in a list
    /// that is this wide.
    pub fn touched(&self, x: Range<f64>, y: Range<f64>, width: f64) -> Vec<usize> {
        let cell = width / self.columns as f64;
        let column = |x: f64| ((x / cell).max(0.0) as usize).min(self.columns - 1);
        let columns = column(x.start)..=column(x.end);
        let mut touched = Vec::new();
        for &span in &self.spans {
            let top = self.lines_top(span);
            if span.rows == 0 || y.end < top || y.start >= self.bottom(span) {
                continue;
            }
            let last = (span.rows - 1) / self.columns;
            let line = |y: f64| (((y - top) / self.line).max(0.0) as usize).min(last);
            for line in line(y.start)..=line(y.end) {
                let row = |column| line * self.columns + column;
                let here = columns.clone().map(row).filter(|row| *row < span.rows);
                touched.extend(here.map(|row| span.first + row));
            }
        }
        touched
    }
}

#[cfg(test)]
mod tests {
    use super::{Group, Layout, Way};

    const WIDE: f64 = 500.0;

    fn grouped() -> Vec<Group> {
        [("Folders", 2), ("Pictures", 7), ("Other files", 4)]
            .map(|(heading, rows)| Group { heading, rows })
            .to_vec()
    }

    fn plain(rows: usize) -> Vec<Group> {
        vec![Group { heading: "", rows }]
    }

    #[test]
    fn a_list_stands_one_row_below_the_other() {
        let list = Layout::new(&plain(100_000), false, WIDE);
        assert_eq!(
            (list.columns(), list.rows(), list.headings()),
            (1, 100_000, 0)
        );
        assert_eq!(list.height(), 4_800_000.0);
        assert_eq!(list.top_of(10), 480.0);
        // Whatever is in sight, few rows are drawn.
        for top in [0.0, 470.0, 2_400_013.0, 4_799_000.0] {
            let drawn = list.drawn(top..top + 800.0);
            assert!(drawn.len() < 32, "{drawn:?}");
            assert!(list.top_of(drawn.start) <= top);
            assert!(drawn.end == 100_000 || list.top_of(drawn.end) >= top + 800.0);
        }
        assert_eq!(list.step(5, Way::Down), 6);
        assert_eq!(list.step(99_999, Way::Down), 99_999);
        assert_eq!(list.step(0, Way::Up), 0);
    }

    #[test]
    fn each_group_begins_with_its_heading() {
        let list = Layout::new(&grouped(), false, WIDE);
        assert_eq!(list.headings(), 3);
        // Also over what begins within a group.
        assert_eq!(list.heading_over(0), Some((0, 0)));
        assert_eq!(list.heading_over(1), Some((0, 0)));
        assert_eq!(list.heading_over(2), Some((1, 3)));
        assert_eq!(list.heading_over(8), Some((1, 3)));
        assert!(list.begins_group(2) && !list.begins_group(3));
        assert_eq!(Layout::new(&plain(9), false, WIDE).heading_over(3), None);
        assert_eq!(list.top_of(0), 40.0);
        assert_eq!(list.top_of(2), 40.0 + 96.0 + 40.0);
        assert_eq!(list.drawn_from(2), 40.0 + 96.0);
        assert_eq!(list.drawn_from(3), list.top_of(3) - 40.0);
        assert_eq!(list.height(), 3.0 * 40.0 + 13.0 * 48.0);
        let before: Vec<usize> = [0, 1, 2, 3, 9]
            .map(|place| list.lines_before(place))
            .to_vec();
        assert_eq!(before, [0, 1, 3, 4, 11]);
        assert_eq!(list.step(1, Way::Down), 2);
        assert_eq!(list.step(2, Way::Up), 1);
    }

    #[test]
    fn tiles_stand_beside_each_other_and_a_group_begins_a_line() {
        let tiles = Layout::new(&grouped(), true, WIDE);
        assert_eq!(tiles.columns(), 3);
        // Folders: 0 1; pictures: 2 3 4, 5 6 7, 8; other files: 9 10 11, 12.
        assert_eq!(tiles.step(1, Way::Down), 3);
        assert_eq!(tiles.step(4, Way::Up), 1);
        assert_eq!(tiles.step(6, Way::Down), 8);
        assert_eq!(tiles.step(8, Way::Down), 9);
        assert_eq!(tiles.step(10, Way::Up), 8);
        assert_eq!(tiles.step(11, Way::Down), 12);
        assert_eq!(tiles.step(12, Way::Down), 12);
        assert_eq!(tiles.step(12, Way::Right), 12);
        assert_eq!(tiles.top_of(5), tiles.top_of(2) + 184.0);
        for top in 0..1_000 {
            let drawn = tiles.drawn(f64::from(top)..f64::from(top) + 100.0);
            let begins = [0, 2, 5, 8, 9, 12].contains(&drawn.start);
            assert!(begins, "a range that begins within a line: {drawn:?}");
        }
        // However narrow it is.
        assert_eq!(Layout::new(&grouped(), true, 100.0).columns(), 1);
    }

    #[test]
    fn a_rectangle_touches_what_it_covers_a_part_of() {
        let list = Layout::new(&grouped(), false, WIDE);
        assert_eq!(list.touched(10.0..20.0, 50.0..60.0, WIDE), [0]);
        // From the second row over the heading to the third.
        assert_eq!(list.touched(10.0..20.0, 100.0..180.0, WIDE), [1, 2]);
        let below = list.height();
        assert!(
            list.touched(0.0..9.0, below + 1.0..below + 50.0, WIDE)
                .is_empty()
        );
        let tiles = Layout::new(&grouped(), true, WIDE);
        assert_eq!(tiles.touched(10.0..20.0, 0.0..60.0, WIDE), [0]);
        let all = tiles.touched(0.0..WIDE, 0.0..tiles.height(), WIDE);
        assert_eq!(all, (0..13).collect::<Vec<_>>());
        let middle = tiles.touched(200.0..210.0, 0.0..tiles.height(), WIDE);
        assert_eq!(middle, [1, 3, 6, 10]);
    }

    #[test]
    fn nothing_stands_in_an_empty_list() {
        let none = Layout::new(&[], true, WIDE);
        assert_eq!((none.rows(), none.height()), (0, 0.0));
        assert_eq!(none.drawn(0.0..800.0), 0..0);
        assert!(none.touched(0.0..9.0, 0.0..9.0, WIDE).is_empty());
        let plain = Layout::new(&plain(0), false, WIDE);
        assert_eq!(plain.drawn(0.0..800.0), 0..0);
    }
}
