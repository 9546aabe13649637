//! The API's paths with their ids and queries, for everything that calls it. The table
//! of routes is in [`crate::routes`], and `docs/api.md` says what each does.

#![allow(missing_docs, reason = "each is named as its address is")]

use crate::content::Base;
use crate::files::BEFORE;
use crate::ids::{ConflictId, DeviceId, GrantId, ItemId, LinkId, Version};
use crate::links::{ITEM, LINK, LinkKey, OPENED};
use crate::name::Name;
use crate::routes::Route;
use blocks::hash::BlockHash;
use std::fmt::Write;

pub const SIGN_UP_START: &str = Route::SignUpStart.path();
pub const SIGN_UP_FINISH: &str = Route::SignUpFinish.path();
pub const SIGN_IN_START: &str = Route::SignInStart.path();
pub const SIGN_IN_FINISH: &str = Route::SignInFinish.path();
pub const CONFIRM: &str = Route::Confirm.path();
pub const PASSWORD_START: &str = Route::PasswordStart.path();
pub const PASSWORD_FINISH: &str = Route::PasswordFinish.path();
pub const SIGN_OUT: &str = Route::SignOut.path();
pub const ME: &str = Route::Me.path();
pub const END_ACCOUNT: &str = Route::EndAccount.path();
pub const KEEP_ACCOUNT: &str = Route::KeepAccount.path();
/// What anyone may know: whether sign-up is open.
pub const SERVER: &str = Route::Server.path();

pub const DEVICES: &str = Route::Devices.path();
pub const ACCESS_TOKENS: &str = Route::CreateToken.path();

pub const FOLDERS: &str = Route::CreateFolder.path();
pub const FILES: &str = Route::CreateFile.path();
pub const FILES_BATCH: &str = Route::CreateFiles.path();
pub const ITEMS_BATCH: &str = Route::ChangeItems.path();
pub const REVERT: &str = Route::RevertFiles.path();
pub const PAST: &str = Route::Past.path();
pub const BLOCKS: &str = Route::StoreBlocks.path();
pub const FETCH_BLOCKS: &str = Route::FetchBlocks.path();
pub const FETCH_SIGNATURES: &str = Route::FetchSignatures.path();
pub const CONFLICTS: &str = Route::Conflicts.path();
pub const POLL: &str = Route::Poll.path();
pub const CHANGES: &str = Route::Changes.path();

/// [`BLOCKS`], with the files that have the base blocks of patches.
pub fn store_blocks(of: &[ItemId]) -> String {
    with_files(BLOCKS, of)
}

/// The thumbnails of these files.
pub fn thumbnails(of: &[ItemId]) -> String {
    with_files(Route::Thumbnails.path(), of)
}

/// Where the thumbnail of a file's version is stored.
pub fn store_thumbnail(id: ItemId, version: Version) -> String {
    format!("{}?version={version}", Route::StoreThumbnail.of(id))
}

fn with_files(path: &str, of: &[ItemId]) -> String {
    let mut path = path.to_owned();
    for (number, file) in of.iter().enumerate() {
        let before = if number == 0 { "?of=" } else { "," };
        let _ = write!(path, "{before}{file}");
    }
    path
}

pub fn device(id: DeviceId) -> String {
    Route::RevokeDevice.of(id)
}

pub fn item(id: ItemId) -> String {
    Route::Item.of(id)
}

pub fn trash(id: ItemId) -> String {
    Route::Trash.of(id)
}

/// Deletes everything in the trash for good. A single item is deleted for good at
/// [`item`] with the method `DELETE`.
pub const EMPTY_TRASH: &str = Route::EmptyTrash.path();

pub fn restore(id: ItemId) -> String {
    Route::Restore.of(id)
}

pub const GRANTS: &str = Route::Grants.path();
pub const OPENINGS: &str = Route::SayOpen.path();

pub fn grants_of(id: ItemId) -> String {
    Route::ItemGrants.of(id)
}

pub const MOUNTS: &str = Route::CreateMount.path();

pub fn mount(id: ItemId) -> String {
    Route::RemoveMount.of(id)
}

pub fn grant(id: GrantId) -> String {
    Route::ChangeGrant.of(id)
}

/// An offer to be the owner: shown, made or ended, by its method.
pub fn offer(id: GrantId) -> String {
    Route::Offer.of(id)
}

pub fn accept_offer(id: GrantId) -> String {
    Route::AcceptOffer.of(id)
}

pub const LINKS: &str = Route::Links.path();
pub const LINK_PASSWORD_START: &str = Route::LinkPasswordStart.path();

/// Those of one item.
pub fn links_of(id: ItemId) -> String {
    format!("{LINKS}?{ITEM}={id}")
}

/// Makes one, with the method `POST`.
pub fn new_link(id: ItemId) -> String {
    Route::MakeLink.of(id)
}

pub fn link(id: LinkId) -> String {
    Route::ChangeLink.of(id)
}

/// A path that has no query yet, or one, as a visitor of a link asks for it.
pub fn over_link(key: LinkKey, path: &str) -> String {
    let before = if path.contains('?') { '&' } else { '?' };
    format!("{path}{before}{LINK}={key}")
}

/// What a visitor finds; `opened` at the beginning of a visit.
pub fn shown_link(key: LinkKey, opened: bool) -> String {
    let path = over_link(key, Route::ShownLink.path());
    match opened {
        true => format!("{path}&{OPENED}=1"),
        false => path,
    }
}

pub fn pass_start(key: LinkKey) -> String {
    over_link(key, Route::PassStart.path())
}

pub fn pass_finish(key: LinkKey) -> String {
    over_link(key, Route::PassFinish.path())
}

pub fn sync(id: ItemId) -> String {
    Route::Propose.of(id)
}

pub fn commit(id: ItemId) -> String {
    Route::Commit.of(id)
}

/// The versions before one, or the newest.
pub fn versions(id: ItemId, before: Option<Version>) -> String {
    let path = Route::FileVersions.of(id);
    match before {
        Some(before) => format!("{path}?{BEFORE}={before}"),
        None => path,
    }
}

pub fn manifest(id: ItemId, version: Version) -> String {
    format!("{}?version={version}", Route::FileManifest.of(id))
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
    let content = Route::FileContent.of(id);
    match version {
        Some(version) => format!("{content}?version={version}"),
        None => content,
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
    Route::Block.of(hash)
}

pub fn file_conflicts(id: ItemId) -> String {
    Route::KeepConflict.of(id)
}

pub fn conflict(id: ConflictId) -> String {
    Route::Conflict.of(id)
}

pub fn resolve(id: ConflictId) -> String {
    Route::Resolve.of(id)
}

pub fn reopen(id: ConflictId) -> String {
    Route::Reopen.of(id)
}

/// The resolved conflicts, newest first; with `after`, those behind that page.
pub fn resolved_conflicts(after: Option<&str>) -> String {
    match after {
        Some(after) => format!("{CONFLICTS}?state=resolved&after={after}"),
        None => format!("{CONFLICTS}?state=resolved"),
    }
}

pub fn conflict_manifest(id: ConflictId) -> String {
    Route::ConflictManifest.of(id)
}

pub fn conflict_content(id: ConflictId) -> String {
    Route::ConflictContent.of(id)
}

/// The content of the side that came second, to be saved under a name.
pub fn conflict_content_named(id: ConflictId, name: &Name) -> String {
    format!("{}?{NAME}={}", conflict_content(id), encoded(name))
}
