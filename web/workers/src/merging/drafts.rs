//! What was picked and typed in merges that are not saved yet: kept by this
//! browser, apart from the conflict, and read again when somebody goes on.

use merge::{MergeDraft, Typed};
use protocol::ids::ConflictId;
use web_sys::Storage;

const PICKED: &str = "merge-draft-";
/// Texts that stand nowhere in the result. Apart from the picks, because they
/// are written with every letter.
const TYPED: &str = "merge-typed-";

fn storage() -> Option<Storage> {
    web_sys::window()?.local_storage().ok().flatten()
}

fn stored<T: serde::de::DeserializeOwned + Default>(prefix: &str, conflict: ConflictId) -> T {
    let key = format!("{prefix}{conflict}");
    let text = storage().and_then(|storage| storage.get_item(&key).ok().flatten());
    text.and_then(|text| serde_json::from_str(&text).ok())
        .unwrap_or_default()
}

/// Whether there was room for it.
fn store<T: serde::Serialize>(prefix: &str, conflict: ConflictId, what: Option<&T>) -> bool {
    let key = format!("{prefix}{conflict}");
    let Some(storage) = storage() else {
        return what.is_none();
    };
    let Some(what) = what else {
        return storage.remove_item(&key).is_ok();
    };
    let text = serde_json::to_string(what).unwrap_or_default();
    storage.set_item(&key, &text).is_ok()
}

/// What can't be read counts as nothing picked.
pub fn read(conflict: ConflictId) -> MergeDraft {
    let mut draft: MergeDraft = stored(PICKED, conflict);
    draft.typed = stored(TYPED, conflict);
    draft
}

/// Keeps all of a draft but for what was typed and not used. Returns whether
/// there was room for it.
pub fn write(conflict: ConflictId, draft: &MergeDraft) -> bool {
    store(
        PICKED,
        conflict,
        Some(draft).filter(|draft| !draft.is_empty()),
    )
}

/// Keeps what was typed and not used. Returns whether there was room for it.
pub fn write_typed(conflict: ConflictId, typed: &Vec<Typed>) -> bool {
    store(
        TYPED,
        conflict,
        Some(typed).filter(|typed| !typed.is_empty()),
    )
}

pub fn forget(conflict: ConflictId) {
    store::<MergeDraft>(PICKED, conflict, None);
    store::<MergeDraft>(TYPED, conflict, None);
}

/// Of a merge that was saved: what was typed and not used is kept until the
/// person lets go of it.
pub fn forget_used(conflict: ConflictId) {
    store::<MergeDraft>(PICKED, conflict, None);
}

/// Of a conflict that was settled otherwise: all that was typed for it is kept.
pub fn forget_unless_typed(conflict: ConflictId) {
    if read(conflict).texts().is_empty() {
        forget(conflict);
    }
}

/// For whoever signs in next.
pub fn forget_all() {
    let Some(storage) = storage() else {
        return;
    };
    let names = (0..storage.length().unwrap_or(0)).filter_map(|at| storage.key(at).ok().flatten());
    let is_ours = |name: &String| name.starts_with(PICKED) || name.starts_with(TYPED);
    let drafts: Vec<String> = names.filter(is_ours).collect();
    for draft in drafts {
        let _ = storage.remove_item(&draft);
    }
}
