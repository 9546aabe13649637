//! What an operator is told beyond the answers. Outside of the Workers runtime
//! nobody listens.

use serde_json::Value as Json;
use std::fmt::Display;

/// A row can't be read, of which nothing but its key is told.
pub fn unreadable(row: &Json, key: &[&str], why: impl Display) {
    let key: Vec<String> = key
        .iter()
        .map(|column| {
            let value = row.get(*column).unwrap_or(&Json::Null);
            format!("{column} {value}")
        })
        .collect();
    fault(format_args!("a row is passed over, {}: {why}", key.join(", ")));
}

/// Something went wrong that no answer speaks of.
pub fn fault(what: impl Display) {
    #[cfg(target_arch = "wasm32")]
    worker::console_error!("{what}");
    #[cfg(not(target_arch = "wasm32"))]
    let _ = what;
}
