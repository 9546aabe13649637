//! Days as a date field has them, where the person is.

use crate::ui::refusal::invalid;
use crate::words::t;
use leptos::prelude::*;
use protocol::day::day;
use protocol::ids::UnixMillis;

/// Asks for the day at whose end access ends, if it is to end.
#[component]
pub fn EndField(
    name: &'static str,
    day: RwSignal<String>,
    /// The id of what says why somebody was refused, while something does.
    refused_by: Signal<Option<&'static str>>,
) -> impl IntoView {
    view! {
        <label class="field">
            <span>{t("Until (if it is to end)")}</span>
            <input
                type="date"
                name=name
                prop:value=day
                aria-invalid=invalid(refused_by)
                aria-describedby=refused_by
                on:input=move |event| day.set(event_target_value(&event))
            />
        </label>
    }
}

/// The end of a day as a date field writes it, here; none for no day.
pub fn end_of(day: &str) -> Result<Option<UnixMillis>, &'static str> {
    if day.is_empty() {
        return Ok(None);
    }
    let end = js_sys::Date::new(&format!("{day}T23:59:59.999").into()).get_time();
    if end.is_nan() {
        return Err(t("Say the day as the field shows it"));
    }
    if end <= js_sys::Date::now() {
        return Err(t("That day is over"));
    }
    Ok(Some(end as UnixMillis))
}

/// The day of a moment, as a date field writes it.
pub fn day_of(at_ms: UnixMillis) -> String {
    let date = js_sys::Date::new(&(at_ms as f64).into());
    let offset_ms = date.get_timezone_offset() * 60_000.0;
    day((at_ms as f64 - offset_ms).max(0.0) as UnixMillis)
}
