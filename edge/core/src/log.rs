//! What an operator is told beyond the answers.

use serde_json::Value as Json;
use std::fmt::Display;
use std::sync::OnceLock;

/// Writes a line where the operator looks. Without one, as in most tests, nobody listens.
static LISTENER: OnceLock<fn(&str)> = OnceLock::new();

/// Names the program's only listener; a second one is not heard.
pub fn listen(listener: fn(&str)) {
    // It is the same program's, and so the same.
    let _ = LISTENER.set(listener);
}

/// A row can't be read, of which nothing but its key is told.
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

/// Something went wrong that no answer speaks of.
pub fn fault(what: impl Display) {
    if let Some(tell) = LISTENER.get() {
        tell(&what.to_string());
    }
}
