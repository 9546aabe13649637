//! Figures and times in words.

pub use crate::words::count;
use crate::words::{self, say, say_many, t};
use blocks::number::FileTime;
use js_sys::Intl::DateTimeFormat;
use js_sys::{Array, Function, Number, Object, Reflect};
use protocol::ids::UnixMillis;
use protocol::units;
use wasm_bindgen::JsValue;

/// "4.3 MB"
pub fn bytes(count: u64) -> String {
    words::measure(&units::bytes(count))
}

/// "29 MB of 30 MB are used; 17 MB of that is in the trash"
pub fn used(used_bytes: u64, quota_bytes: u64, trash_bytes: u64) -> String {
    let (used, quota) = (bytes(used_bytes), bytes(quota_bytes));
    let whole = match used == quota && used_bytes < quota_bytes {
        true => say!(
            "all but {free} of {quota} are used",
            free = bytes(quota_bytes - used_bytes),
            quota
        ),
        false => say!("{used} of {quota} are used", used, quota),
    };
    match trash_bytes {
        0 => whole,
        _ => say!(
            "{whole}; {trash} of that is in the trash",
            whole,
            trash = bytes(trash_bytes.min(used_bytes))
        ),
    }
}

/// A figure with so many decimals, for a style or an attribute. The browser writes it:
/// what Rust has for that is seventeen kilobytes of the page.
pub fn decimal(value: f64, decimals: u8) -> String {
    let text = Number::from(value).to_fixed(decimals);
    text.map_or_else(|_| String::new(), String::from)
}

/// A length for a style, in whole pixels.
pub fn px(pixels: f64) -> String {
    format!("{}px", pixels.round() as i64)
}

/// How long is left, to the precision that a guess has.
pub fn time_left(seconds: u64) -> String {
    match seconds {
        0..=4 => t("a few seconds left").into(),
        5..=59 => {
            let seconds = seconds.next_multiple_of(5);
            say_many!(seconds, "1 second left", "{n} seconds left")
        }
        60..=3599 => say_many!(seconds.div_ceil(60), "1 minute left", "{n} minutes left"),
        _ => say_many!(seconds.div_ceil(3600), "1 hour left", "{n} hours left"),
    }
}

/// A moment, in milliseconds since 1970: before it if negative.
#[derive(Clone, Copy, Debug, PartialEq, PartialOrd)]
pub struct When(f64);

impl From<UnixMillis> for When {
    fn from(ms: UnixMillis) -> Self {
        Self(ms as f64)
    }
}

impl From<FileTime> for When {
    fn from(time: FileTime) -> Self {
        Self(time.millis() as f64)
    }
}

impl When {
    /// What a calendar can tell; a year more or less in 275,000 is all the same.
    const MAX: f64 = FileTime::MAX_MILLIS as f64;
    /// The beginning of the year 1 of our calendar.
    const YEAR_1: f64 = -62_135_596_800_000.0;
}

/// A clock may be ahead of another by this much, in seconds: what was just written
/// there is not in the future.
const AHEAD_SECONDS: f64 = 120.0;

/// "4 minutes ago"; a date where that says more, as of anything in the future.
pub fn ago(then: impl Into<When>, now: impl Into<When>) -> String {
    let (then, now) = (then.into(), now.into());
    let seconds = ((now.0 - then.0) / 1000.0).floor();
    if seconds < -AHEAD_SECONDS {
        return match seconds > -86_400.0 {
            // A date alone would look like today's.
            true => minute(then),
            false => date(then),
        };
    }
    match seconds.max(0.0) as u64 {
        0..=44 => t("just now").into(),
        seconds @ 45..=3599 => {
            say_many!((seconds / 60).max(1), "1 minute ago", "{n} minutes ago")
        }
        seconds @ 3600..=86_399 => say_many!(seconds / 3600, "1 hour ago", "{n} hours ago"),
        seconds @ 86_400..=604_799 => say_many!(seconds / 86_400, "1 day ago", "{n} days ago"),
        _ => date(then),
    }
}

/// "23 Nov 2026"
pub fn date(when: impl Into<When>) -> String {
    DATE.with(|written| written.of(when.into()))
}

/// "14:05"
pub fn time(when: impl Into<When>) -> String {
    TIME.with(|written| written.of(when.into()))
}

/// "23 Nov 2026, 14:05"
pub fn minute(when: impl Into<When>) -> String {
    MINUTE.with(|written| written.of(when.into()))
}

/// All that can be said of a moment, for whoever asks: "Monday 23 November 2026 at
/// 14:05:12 CET"
pub fn moment(when: impl Into<When>) -> String {
    MOMENT.with(|written| written.of(when.into()))
}

thread_local! {
    static DATE: Written = Written::new(&[("dateStyle", "medium")]);
    static TIME: Written = Written::new(&[("timeStyle", "short")]);
    static MINUTE: Written = Written::new(&[("dateStyle", "medium"), ("timeStyle", "short")]);
    static MOMENT: Written = Written::new(&[("dateStyle", "full"), ("timeStyle", "long")]);
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
        let locales = Array::of1(&words::locale().into());
        Self(DateTimeFormat::new(&locales, &settings).format())
    }

    fn of(&self, when: When) -> String {
        let ms = when.0.clamp(-When::MAX, When::MAX);
        let text = self
            .0
            .call1(&JsValue::UNDEFINED, &JsValue::from_f64(ms))
            .ok();
        let text = text.and_then(|text| text.as_string()).unwrap_or_default();
        match when < When(When::YEAR_1) {
            // The browser writes the year without it, as if it were after.
            true => say!("{date} (BC)", date = text),
            false => text,
        }
    }
}

/// Words that say what is wrong, as a sentence: with a capital and a full stop.
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
