//! What was picked in merges that are not saved yet: kept by this browser,
//! apart from the conflict, and read again when somebody goes on.

use crate::ui::dom;
use shared::ids::ConflictId;
use shared::merge::Draft;

fn key(conflict: ConflictId) -> String {
    format!("merge-draft-{conflict}")
}

/// What can't be read counts as nothing picked.
pub fn read(conflict: ConflictId) -> Draft {
    let text = dom::storage().and_then(|storage| storage.get_item(&key(conflict)).ok().flatten());
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
    dom::storage().is_some_and(|storage| storage.set_item(&key(conflict), &text).is_ok())
}

pub fn forget(conflict: ConflictId) {
    if let Some(storage) = dom::storage() {
        let _ = storage.remove_item(&key(conflict));
    }
}
