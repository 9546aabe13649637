//! Figures and times in words. Sizes count in thousands, as disks are sold:
//! 1 MB is 1,000,000 bytes.

use js_sys::Intl::DateTimeFormat;
use js_sys::{Array, Function, Object, Reflect};
use wasm_bindgen::JsValue;

pub fn bytes(count: u64) -> String {
    const UNITS: [&str; 5] = ["kB", "MB", "GB", "TB", "PB"];
    if count < 1000 {
        return format!("{count} B");
    }
    let mut value = count as f64 / 1000.0;
    let mut unit = 0;
    // 999.95 would be written as 1000.
    while value >= 999.5 && unit + 1 < UNITS.len() {
        value /= 1000.0;
        unit += 1;
    }
    // From GB on, a tenth is worth showing for longer.
    let exact_below = if unit >= 2 { 99.95 } else { 9.95 };
    if value < exact_below {
        format!("{value:.1} {}", UNITS[unit])
    } else {
        format!("{value:.0} {}", UNITS[unit])
    }
}

/// A count with its noun: "1 file", "12,345 files".
pub fn count(number: usize, one: &str, many: &str) -> String {
    format!(
        "{} {}",
        grouped(number),
        if number == 1 { one } else { many }
    )
}

/// A count without its noun: "12,345".
pub fn grouped(number: usize) -> String {
    let digits = number.to_string();
    let mut text = String::with_capacity(digits.len() + digits.len() / 3);
    for (place, digit) in digits.chars().enumerate() {
        if place > 0 && (digits.len() - place).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

/// How long is left, to the precision that a guess has.
pub fn time_left(seconds: u64) -> String {
    match seconds {
        0..=4 => "a few seconds left".into(),
        5..=59 => format!("{} seconds left", seconds.next_multiple_of(5)),
        60..=3599 => format!(
            "{} left",
            count(seconds.div_ceil(60) as usize, "minute", "minutes")
        ),
        _ => format!(
            "{} left",
            count(seconds.div_ceil(3600) as usize, "hour", "hours")
        ),
    }
}

/// "4 minutes ago"; a date once that says more.
pub fn ago(then_ms: u64, now_ms: u64) -> String {
    let seconds = now_ms.saturating_sub(then_ms) / 1000;
    let unit =
        |number: u64, one: &str, many: &str| format!("{} ago", count(number as usize, one, many));
    match seconds {
        0..=44 => "just now".into(),
        45..=3599 => unit((seconds / 60).max(1), "minute", "minutes"),
        3600..=86_399 => unit(seconds / 3600, "hour", "hours"),
        86_400..=604_799 => unit(seconds / 86_400, "day", "days"),
        _ => date(then_ms),
    }
}

/// "23 Nov 2026"
pub fn date(ms: u64) -> String {
    DATE.with(|written| written.of(ms))
}

/// "14:05"
pub fn time(ms: u64) -> String {
    TIME.with(|written| written.of(ms))
}

/// "23 Nov 2026, 14:05"
pub fn moment(ms: u64) -> String {
    MOMENT.with(|written| written.of(ms))
}

thread_local! {
    static DATE: Written = Written::new(&[("dateStyle", "medium")]);
    static TIME: Written = Written::new(&[("timeStyle", "short")]);
    static MOMENT: Written = Written::new(&[("dateStyle", "medium"), ("timeStyle", "short")]);
}

/// A way to write times. Kept, because a browser takes a millisecond to make one
/// and every row of a list shows a time.
struct Written(Function);

impl Written {
    fn new(options: &[(&str, &str)]) -> Self {
        let settings = Object::new();
        for (key, value) in options {
            let _ = Reflect::set(&settings, &(*key).into(), &(*value).into());
        }
        // The page speaks English; the day before the month is read right anywhere.
        let locales = Array::of1(&"en-GB".into());
        Self(DateTimeFormat::new(&locales, &settings).format())
    }

    fn of(&self, ms: u64) -> String {
        let text = self
            .0
            .call1(&JsValue::UNDEFINED, &JsValue::from_f64(ms as f64));
        text.ok()
            .and_then(|text| text.as_string())
            .unwrap_or_default()
    }
}

/// A problem's words as a sentence: with a capital and a full stop.
pub fn sentence(text: &str) -> String {
    let mut whole = text.trim().to_owned();
    if let Some(first) = whole.get_mut(..1) {
        first.make_ascii_uppercase();
    }
    if !whole.ends_with(['.', '!', '?', '…']) {
        whole.push('.');
    }
    whole
}
