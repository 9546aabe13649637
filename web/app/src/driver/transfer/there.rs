//! What of an import the drive has already: by content, so that an import can be repeated
//! after it broke off, and nothing comes twice.

use crate::archive::import::{Coming, ComingFile};
use crate::driver::root::Root;
use crate::words::t;
use leptos::prelude::WithUntracked;
use platform::browser::js;
use platform::failure::Failure;
use protocol::ids::{ItemId, Version};
use protocol::items::Item;
use protocol::name::Name;
use std::rc::Rc;
use sync::tree::Tree;
use web_sys::File;
use workers::hashing::file;

/// What is still to come.
pub enum Missing {
    Nothing,
    /// The versions that are left in the file. `item` is what has its name.
    Some {
        item: Option<ItemId>,
    },
    /// It can't come here, and why.
    Blocked(String),
}

/// Leaves the versions of a file that the drive does not have.
///
/// # Errors
/// The server does not tell what it has, or nobody is signed in any more.
pub async fn missing(
    root: &Rc<Root>,
    zips: &[File],
    coming: &mut ComingFile,
) -> Result<Missing, Failure> {
    if coming.versions.is_empty() {
        return Ok(Missing::Nothing);
    }
    let find = |tree: &_| find(tree, &coming.folders, &coming.name).cloned();
    let Some(item) = root.drive.tree.with_untracked(find) else {
        return Ok(Missing::Some { item: None });
    };
    if item.file.is_none() {
        return Ok(Missing::Blocked(t("a folder has its name").to_owned()));
    }
    let known = known(root, &item).await?;
    let mut rest = known.as_slice();
    let mut left = Vec::new();
    for version in std::mem::take(&mut coming.versions) {
        // In their order: a content that came back later is there twice.
        let mut found = None;
        for (n, (number, size)) in rest.iter().enumerate() {
            if *size == version.size && is_same(root, zips, (&item, *number), &version).await? {
                found = Some(n);
                break;
            }
        }
        match found {
            Some(n) => rest = rest.get(n + 1..).unwrap_or_default(),
            None => left.push(version),
        }
    }
    coming.versions = left;
    Ok(match coming.versions.is_empty() {
        true => Missing::Nothing,
        false => Missing::Some {
            item: Some(item.id),
        },
    })
}

/// All versions of a file, the oldest first, with their sizes.
async fn known(root: &Root, item: &Item) -> Result<Vec<(Version, u64)>, Failure> {
    let (mut all, mut before) = (Vec::new(), None);
    loop {
        let current = &root.current;
        let page = current
            .patiently(async || current.api().versions(item.id, before).await)
            .await?;
        all.extend(page.versions.iter().map(|one| (one.version, one.size)));
        before = page.next_before;
        if before.is_none() {
            all.sort_unstable();
            return Ok(all);
        }
    }
}

/// Whether a version of a file has these bytes: they are cut as it is, and the lists are
/// compared.
async fn is_same(
    root: &Root,
    zips: &[File],
    (item, version): (&Item, Version),
    coming: &Coming,
) -> Result<bool, Failure> {
    let client = root.current.client().ok_or(Failure::Cancelled)?;
    let Some(class) = item.file.as_ref().map(|file| file.size_class) else {
        return Ok(false);
    };
    let list = client.lists();
    let listed = root
        .current
        .patiently(async || list.look(item.id, version).await)
        .await?;
    let (start, end) = (coming.start as f64, (coming.start + coming.size) as f64);
    let slice = zips.get(coming.zip);
    let slice = slice.and_then(|zip| zip.slice_with_f64_and_f64(start, end).ok());
    let bytes = slice.and_then(|slice| js::dated(&slice, "", 0.0));
    let gone = || Failure::Device(t("the zip can’t be read any more").to_owned());
    let bytes = bytes.ok_or_else(gone)?;
    let cut = file::hash(&root.means.pool, &bytes, class, || {}, |_| {}).await?;
    Ok(cut == listed)
}

/// What is at a path of the drive.
pub fn find<'a>(tree: &'a Tree, folders: &[String], name: &str) -> Option<&'a Item> {
    let mut above = None;
    for folder in folders {
        let folder = tree.child_named(above, &Name::parse(folder).ok()?)?;
        above = Some(folder.id);
    }
    tree.child_named(above, &Name::parse(name).ok()?)
}
