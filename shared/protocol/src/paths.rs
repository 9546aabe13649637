//! The API's paths, written once for everything that calls it. The router's
//! patterns are in `edge/api/src/router.rs`, and `docs/api.md` says what each does.

#![allow(missing_docs, reason = "each is named as its address is")]

use crate::content::Base;
use crate::ids::{ConflictId, DeviceId, ItemId, Version};
use crate::name::Name;
use blocks::hash::BlockHash;
use std::fmt::Write;

pub const SIGN_UP_START: &str = "/api/v1/accounts/sign-up/start";
pub const SIGN_UP_FINISH: &str = "/api/v1/accounts/sign-up/finish";
pub const SIGN_IN_START: &str = "/api/v1/accounts/sign-in/start";
pub const SIGN_IN_FINISH: &str = "/api/v1/accounts/sign-in/finish";
pub const CONFIRM: &str = "/api/v1/accounts/confirm";
pub const PASSWORD_START: &str = "/api/v1/accounts/password/start";
pub const PASSWORD_FINISH: &str = "/api/v1/accounts/password/finish";
pub const SIGN_OUT: &str = "/api/v1/accounts/sign-out";
pub const ME: &str = "/api/v1/accounts/me";
/// What anyone may know: whether sign-up is open.
pub const SERVER: &str = "/api/v1/server";

pub const DEVICES: &str = "/api/v1/devices";
pub const ACCESS_TOKENS: &str = "/api/v1/devices/tokens";

pub const FOLDERS: &str = "/api/v1/folders";
pub const FILES: &str = "/api/v1/files";
pub const FILES_BATCH: &str = "/api/v1/files/batch";
pub const ITEMS_BATCH: &str = "/api/v1/items/batch";
pub const BLOCKS: &str = "/api/v1/blocks";
pub const FETCH_BLOCKS: &str = "/api/v1/blocks/fetch";
pub const FETCH_SIGNATURES: &str = "/api/v1/blocks/signatures";
pub const CONFLICTS: &str = "/api/v1/conflicts";
pub const POLL: &str = "/api/v1/notifications/poll";
pub const CHANGES: &str = "/api/v1/changes/list";

pub fn device(id: DeviceId) -> String {
    format!("{DEVICES}/{id}")
}

pub fn item(id: ItemId) -> String {
    format!("/api/v1/items/{id}")
}

pub fn trash(id: ItemId) -> String {
    format!("/api/v1/items/{id}/trash")
}

/// Deletes everything in the trash for good. A single item is deleted for good at
/// [`item`] with the method `DELETE`.
pub const EMPTY_TRASH: &str = "/api/v1/trash/empty";

pub fn restore(id: ItemId) -> String {
    format!("/api/v1/items/{id}/restore")
}

pub fn sync(id: ItemId) -> String {
    format!("{FILES}/{id}/sync")
}

pub fn commit(id: ItemId) -> String {
    format!("{FILES}/{id}/commit")
}

pub fn manifest(id: ItemId, version: Version) -> String {
    format!("{FILES}/{id}/manifest?version={version}")
}

/// What differs in a version's list from the list of `since`, a version of this file or
/// of another.
pub fn manifest_since(id: ItemId, version: Version, since: Base) -> String {
    let path = format!("{}&since={}", manifest(id, version), since.version);
    match since.item == id {
        true => path,
        false => format!("{path}&of={}", since.item),
    }
}

/// Query parameter of contents: the name to save them under. With it, the answer for a
/// version or a conflict never changes.
pub const NAME: &str = "name";

/// The head's content, or an older version's.
pub fn content(id: ItemId, version: Option<Version>) -> String {
    match version {
        Some(version) => format!("{FILES}/{id}/content?version={version}"),
        None => format!("{FILES}/{id}/content"),
    }
}

/// A version's content, under a name.
pub fn content_named(id: ItemId, version: Version, name: &Name) -> String {
    let content = content(id, Some(version));
    format!("{content}&{NAME}={}", encoded(name))
}

/// A name, encoded for a query.
fn encoded(name: &Name) -> String {
    let mut text = String::new();
    for byte in name.as_str().bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) {
            text.push(char::from(byte));
        } else {
            // Writing to a string can't fail.
            let _ = write!(text, "%{byte:02X}");
        }
    }
    text
}

pub fn block(hash: BlockHash) -> String {
    format!("{BLOCKS}/{hash}")
}

pub fn file_conflicts(id: ItemId) -> String {
    format!("{FILES}/{id}/conflicts")
}

pub fn conflict(id: ConflictId) -> String {
    format!("{CONFLICTS}/{id}")
}

pub fn resolve(id: ConflictId) -> String {
    format!("{CONFLICTS}/{id}/resolve")
}

pub fn reopen(id: ConflictId) -> String {
    format!("{CONFLICTS}/{id}/reopen")
}

/// The resolved conflicts, newest first; with `after`, those behind that page.
pub fn resolved_conflicts(after: Option<&str>) -> String {
    match after {
        Some(after) => format!("{CONFLICTS}?state=resolved&after={after}"),
        None => format!("{CONFLICTS}?state=resolved"),
    }
}

pub fn conflict_manifest(id: ConflictId) -> String {
    format!("{CONFLICTS}/{id}/manifest")
}

pub fn conflict_content(id: ConflictId) -> String {
    format!("{CONFLICTS}/{id}/content")
}

/// The content of the side that came second, to be saved under a name.
pub fn conflict_content_named(id: ConflictId, name: &Name) -> String {
    format!("{}?{NAME}={}", conflict_content(id), encoded(name))
}
