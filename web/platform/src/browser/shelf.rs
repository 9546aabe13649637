//! What this browser keeps in local storage, so that all tabs have it at once: of its person's
//! marks what the server has said, and which stars it has not heard of; that something is
//! kept offline; and how far an export has come.

use web_sys::Storage;

/// What the server has said.
pub const KNOWN: &str = "driftless-marks";
/// What it has not heard of.
pub const UNSENT: &str = "driftless-stars";

/// How far an export has come.
pub const EXPORT: &str = "driftless-export";

/// When something last changed of what is kept offline.
pub const OFFLINE: &str = "driftless-offline";

/// The text under a name.
pub fn read(name: &str) -> Option<String> {
    local_storage()?.get_item(name).ok()?
}

/// Keeps a text. Where storage is blocked or full, it is kept as long as the page is there.
pub fn write(name: &str, text: &str) {
    if let Some(storage) = local_storage() {
        let _ = storage.set_item(name, text);
    }
}

/// Nothing of what the server has said stays.
pub fn forget_known() {
    forget(KNOWN);
    forget(OFFLINE);
    forget(EXPORT);
}

/// Nothing stays.
pub fn forget_all() {
    forget_known();
    forget(UNSENT);
}

/// Keeps it no longer.
pub fn forget(name: &str) {
    if let Some(storage) = local_storage() {
        let _ = storage.remove_item(name);
    }
}

fn local_storage() -> Option<Storage> {
    web_sys::window()?.local_storage().ok()?
}
