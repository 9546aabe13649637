//! What was picked in merges that are not saved yet: kept by this browser,
//! apart from the conflict, and read again when somebody goes on.

use shared::ids::ConflictId;
use shared::merge::Draft;
use web_sys::Storage;

const PREFIX: &str = "merge-draft-";

fn key(conflict: ConflictId) -> String {
    format!("{PREFIX}{conflict}")
}

fn storage() -> Option<Storage> {
    web_sys::window()?.local_storage().ok().flatten()
}

/// What can't be read counts as nothing picked.
pub fn read(conflict: ConflictId) -> Draft {
    let text = storage().and_then(|storage| storage.get_item(&key(conflict)).ok().flatten());
    text.and_then(|text| serde_json::from_str(&text).ok())
        .unwrap_or_default()
}

/// Whether there was room for it.
pub fn write(conflict: ConflictId, draft: &Draft) -> bool {
    if draft.is_empty() {
        forget(conflict);
        return true;
    }
    let text = serde_json::to_string(draft).unwrap_or_default();
    storage().is_some_and(|storage| storage.set_item(&key(conflict), &text).is_ok())
}

pub fn forget(conflict: ConflictId) {
    if let Some(storage) = storage() {
        let _ = storage.remove_item(&key(conflict));
    }
}

/// For whoever signs in next.
pub fn forget_all() {
    let Some(storage) = storage() else {
        return;
    };
    let names = (0..storage.length().unwrap_or(0)).filter_map(|at| storage.key(at).ok().flatten());
    let drafts: Vec<String> = names.filter(|name| name.starts_with(PREFIX)).collect();
    for draft in drafts {
        let _ = storage.remove_item(&draft);
    }
}
