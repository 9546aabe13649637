//! Moments as a field for date and time has them, where the person is.

use protocol::ids::UnixMillis;

/// The moment that the field says; none for what is no moment.
pub fn read(field: &str) -> Option<UnixMillis> {
    let moment = js_sys::Date::new(&field.into()).get_time();
    (!field.is_empty() && moment.is_finite() && moment >= 0.0).then_some(moment as UnixMillis)
}

/// A moment as the field writes it, to the second.
pub fn write(at_ms: UnixMillis) -> String {
    let date = js_sys::Date::new(&(at_ms as f64).into());
    let offset_ms = date.get_timezone_offset() * 60_000.0;
    let here = js_sys::Date::new(&(at_ms as f64 - offset_ms).into());
    let text = String::from(here.to_iso_string());
    text.get(..19).unwrap_or_default().to_owned()
}
