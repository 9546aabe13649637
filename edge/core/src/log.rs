//! The operator's log: faults that no answer to a request tells of.

use serde_json::Value as Json;
use std::fmt::Display;
use std::sync::OnceLock;

/// Writes a line where the operator looks. Most tests set no listener, and lines are
/// dropped.
static LISTENER: OnceLock<fn(&str)> = OnceLock::new();

/// Sets the program's only listener. A second call changes nothing.
pub fn listen(listener: fn(&str)) {
    // A program sets the same listener each time, so nothing is lost.
    let _ = LISTENER.set(listener);
}

/// Tells of a row that can't be read: its key, and why.
pub fn unreadable(row: &Json, key: &[&str], why: impl Display) {
    let key: Vec<String> = key
        .iter()
        .map(|column| {
            let value = row.get(*column).unwrap_or(&Json::Null);
            format!("{column} {value}")
        })
        .collect();
    fault(format_args!(
        "a row is passed over, {}: {why}",
        key.join(", ")
    ));
}

/// Tells of a fault.
pub fn fault(what: impl Display) {
    if let Some(tell) = LISTENER.get() {
        tell(&what.to_string());
    }
}
