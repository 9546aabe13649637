//! A cell's value as text: as the sheet shows it, as far as that is known. Dates are
//! written with the year first, whatever the sheet's language. Of number formats, those of
//! figures, decimals and percents are known; any other is left out.

use calamine::{CellErrorType, Data, DataRef, ExcelDateTime};

/// So many characters of a cell are shown.
const MAX_CELL_CHARS: usize = 500;

/// `format` is the number format of the cell, where it is known.
pub fn of_ref(value: &DataRef<'_>, format: Option<&str>) -> String {
    match value {
        DataRef::Empty => String::new(),
        DataRef::Int(value) => number(*value as f64, format),
        DataRef::Float(value) => number(*value, format),
        DataRef::String(text) => cut(text),
        DataRef::SharedString(text) => cut(text),
        DataRef::Bool(value) => truth(*value),
        DataRef::DateTime(value) => moment(value),
        DataRef::DateTimeIso(text) | DataRef::DurationIso(text) => cut(text),
        DataRef::Error(error) => failure(error),
    }
}

pub fn of(value: &Data) -> String {
    match value {
        Data::Empty => String::new(),
        Data::Int(value) => number(*value as f64, None),
        Data::Float(value) => number(*value, None),
        Data::String(text) => cut(text),
        Data::Bool(value) => truth(*value),
        Data::DateTime(value) => moment(value),
        Data::DateTimeIso(text) | Data::DurationIso(text) => cut(text),
        Data::Error(error) => failure(error),
    }
}

fn cut(text: &str) -> String {
    match text.char_indices().nth(MAX_CELL_CHARS) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text.to_owned(),
    }
}

fn truth(value: bool) -> String {
    if value { "TRUE" } else { "FALSE" }.to_owned()
}

fn failure(error: &CellErrorType) -> String {
    error.to_string()
}

fn moment(value: &ExcelDateTime) -> String {
    let days = value.as_f64();
    if !days.is_finite() {
        return String::new();
    }
    if value.is_duration() {
        let seconds = (days.abs() * 86_400.0).round() as u64;
        let sign = if days < 0.0 { "-" } else { "" };
        let (hours, minutes) = (seconds / 3600, seconds / 60 % 60);
        return format!("{sign}{hours}:{minutes:02}:{:02}", seconds % 60);
    }
    let (year, month, day, hour, minute, second, _) = value.to_ymd_hms_milli();
    let date = format!("{year:04}-{month:02}-{day:02}");
    let time = format!("{hour:02}:{minute:02}:{second:02}");
    match (days, days.fract() == 0.0) {
        (..1.0, _) => time,
        (_, true) => date,
        _ => format!("{date} {time}"),
    }
}

fn number(value: f64, format: Option<&str>) -> String {
    if !value.is_finite() {
        return value.to_string();
    }
    match format.and_then(Shape::of) {
        Some(shape) => shape.written(value),
        None => general(value),
    }
}

/// As a sheet shows a number without a format: so many figures as count.
fn general(value: f64) -> String {
    let rounded: f64 = format!("{value:.9e}").parse().unwrap_or(value);
    match rounded.abs() {
        0.0 => "0".to_owned(),
        1e-9..1e15 => {
            // Whole numbers have all of their figures.
            if value.fract() == 0.0 {
                format!("{value:.0}")
            } else {
                rounded.to_string()
            }
        }
        _ => format!("{rounded:E}"),
    }
}

/// What a number format says of a number's shape.
struct Shape {
    decimals: usize,
    is_grouped: bool,
    is_percent: bool,
}

impl Shape {
    /// `None` for formats that say more than that.
    fn of(format: &str) -> Option<Self> {
        let (rest, is_percent) = match format.strip_suffix('%') {
            Some(rest) => (rest, true),
            None => (format, false),
        };
        let (whole, decimals) = rest.split_once('.').unwrap_or((rest, ""));
        let is_grouped = whole == "#,##0";
        let is_known = is_grouped || whole == "0";
        let are_figures = decimals.chars().all(|c| c == '0') && decimals.len() <= 15;
        (is_known && are_figures).then_some(Self {
            decimals: decimals.len(),
            is_grouped,
            is_percent,
        })
    }

    fn written(&self, value: f64) -> String {
        let value = if self.is_percent {
            value * 100.0
        } else {
            value
        };
        let text = format!("{:.*}", self.decimals, value.abs());
        let (whole, decimals) = text.split_once('.').unwrap_or((&text, ""));
        let is_zero = text.chars().all(|c| matches!(c, '0' | '.'));
        let mut written = String::from(if value < 0.0 && !is_zero { "-" } else { "" });
        for (nth, figure) in whole.chars().enumerate() {
            if self.is_grouped && nth > 0 && (whole.len() - nth) % 3 == 0 {
                written.push(',');
            }
            written.push(figure);
        }
        if !decimals.is_empty() {
            written.push('.');
            written.push_str(decimals);
        }
        if self.is_percent {
            written.push('%');
        }
        written
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use calamine::ExcelDateTimeType;

    #[test]
    fn numbers_are_written_as_sheets_show_them() {
        let cases = [
            (1234.5, None, "1234.5"),
            (0.1 + 0.2, None, "0.3"),
            (1.0 / 3.0, None, "0.3333333333"),
            (123_456_789_012.0, None, "123456789012"),
            (1e300, None, "1E300"),
            (-0.0, None, "0"),
            (0.256, Some("0.0%"), "25.6%"),
            (-1_234_567.891, Some("#,##0.00"), "-1,234,567.89"),
            (-0.001, Some("0.0"), "0.0"),
            (999.0, Some("#,##0"), "999"),
            (3.0, Some("\"about\" 0"), "3"),
        ];
        for (value, format, wanted) in cases {
            assert_eq!(number(value, format), wanted, "{value} as {format:?}");
        }
    }

    #[test]
    fn dates_times_and_durations_are_told_apart() {
        let shown = |days: f64, kind| moment(&ExcelDateTime::new(days, kind, false));
        let date = ExcelDateTimeType::DateTime;
        assert_eq!(shown(45_943.0, date), "2025-10-13");
        assert_eq!(shown(45_943.5, date), "2025-10-13 12:00:00");
        assert_eq!(shown(0.25, date), "06:00:00");
        assert_eq!(shown(1.5, ExcelDateTimeType::TimeDelta), "36:00:00");
        assert_eq!(shown(f64::NAN, date), "");
    }

    #[test]
    fn a_long_text_is_cut() {
        let shown = of(&Data::String("é".repeat(MAX_CELL_CHARS + 1)));
        assert_eq!(shown.chars().count(), MAX_CELL_CHARS + 1);
        assert!(shown.ends_with('…'));
    }
}
