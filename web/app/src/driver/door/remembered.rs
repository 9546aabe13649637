//! What becomes of names that are taken, in folders where the person said so for
//! good: kept in this browser, for each user.

use leptos::prelude::{GetUntracked, RwSignal, Set, Update, WithUntracked};
use protocol::ids::{ItemId, UserId};
use std::collections::BTreeMap;
use sync::intake::OnTakenName;
use web_sys::Storage;

const KEY: &str = "taken-names";
/// What was said of which folder.
pub type Said = RwSignal<BTreeMap<Option<ItemId>, OnTakenName>>;

/// A root has no id.
const ROOT: &str = "root";

/// Reads what this user said, in any tab.
pub fn read(said: Said, user: UserId) {
    let stored = storage().and_then(|storage| storage.get_item(&key(user)).ok().flatten());
    let stored = stored.unwrap_or_default();
    let known = stored.split_whitespace().filter_map(|one| {
        let (folder, word) = one.split_once('=')?;
        let folder = match folder {
            ROOT => None,
            id => Some(id.parse().ok()?),
        };
        Some((folder, taken(word)?))
    });
    said.set(known.collect());
}

/// `user` says it for a folder; `None`: they are asked again.
pub fn set(said: Said, user: Option<UserId>, folder: Option<ItemId>, wanted: Option<OnTakenName>) {
    said.update(|all| match wanted {
        Some(wanted) => {
            all.insert(folder, wanted);
        }
        None => {
            all.remove(&folder);
        }
    });
    let (Some(user), Some(storage)) = (user, storage()) else {
        return;
    };
    let all = said.get_untracked();
    // Without storage it holds until the page is reloaded.
    let _ = storage.set_item(&key(user), &text(&all));
}

/// Nothing of it stays in the browser.
pub fn forget_all(said: Said, user: Option<UserId>) {
    if let (Some(user), Some(storage)) = (user, storage()) {
        let _ = storage.remove_item(&key(user));
    }
    if !said.with_untracked(BTreeMap::is_empty) {
        said.set(BTreeMap::new());
    }
}

fn text(all: &BTreeMap<Option<ItemId>, OnTakenName>) -> String {
    let all = all.iter().map(|(folder, wanted)| {
        let folder = folder.map_or_else(|| ROOT.to_owned(), |id| id.to_string());
        format!("{folder}={}", word(*wanted))
    });
    all.collect::<Vec<_>>().join(" ")
}

fn word(wanted: OnTakenName) -> &'static str {
    match wanted {
        OnTakenName::NextVersion => "version",
        OnTakenName::KeepBoth => "both",
        OnTakenName::Skip => "skip",
    }
}

fn taken(word: &str) -> Option<OnTakenName> {
    Some(match word {
        "version" => OnTakenName::NextVersion,
        "both" => OnTakenName::KeepBoth,
        "skip" => OnTakenName::Skip,
        _ => return None,
    })
}

fn key(user: UserId) -> String {
    format!("{KEY}-{user}")
}

fn storage() -> Option<Storage> {
    web_sys::window()?.local_storage().ok().flatten()
}
