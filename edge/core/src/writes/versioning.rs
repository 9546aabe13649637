//! What changes that make items and versions have in common: the checks of the content,
//! and the statements.

use crate::error::Failure;
use crate::ports::Statement;
use crate::store::blocks::Unmet;
use crate::store::sql::{content, items};
use crate::writes::Author;
use ::blocks::hash::BlockHash;
use ::blocks::manifest::Manifest;
use ::blocks::splice::RowChanges;
use protocol::ids::{ItemId, SpaceId, Version};
use protocol::items::{FileHead, Item};
use protocol::limits::MAX_FOLDER_DEPTH;
use protocol::problem::Problem;
use std::collections::{BTreeSet, HashSet};

/// The guard that refuses the batch if a parent can't take a new item any more.
pub fn guard_parents<'a>(
    space: SpaceId,
    new: impl Iterator<Item = &'a Item>,
) -> Result<Option<Statement>, Failure> {
    let guarded: BTreeSet<(ItemId, u64)> = new
        .filter_map(|item| Some((item.parent?, most_above(item.is_folder()))))
        .collect();
    if guarded.is_empty() {
        return Ok(None);
    }
    let guarded = serde_json::to_string(&guarded)?;
    let guard = Statement::new(items::GUARD_PARENTS).id(space).bind(guarded);
    Ok(Some(guard))
}

/// How many folders may be above an item: one less if the item is a folder itself.
fn most_above(is_folder: bool) -> u64 {
    (MAX_FOLDER_DEPTH as u64).saturating_sub(u64::from(is_folder))
}

/// # Errors
/// A length is wrong, or blocks are not stored. Each missing block is told once, in
/// order.
pub fn check_blocks(unmet: &[Unmet]) -> Result<(), Failure> {
    if let Some((row, stored)) = unmet.iter().find_map(|row| Some((row, row.stored?))) {
        let Unmet { hash, claimed, .. } = row;
        let detail = format!("block {hash} is {stored} bytes long, not {claimed}");
        return Err(Problem::BadManifest { detail }.into());
    }
    let mut seen = HashSet::new();
    let hashes = unmet.iter().map(|row| row.hash);
    let missing_blocks: Vec<BlockHash> = hashes.filter(|&hash| seen.insert(hash)).collect();
    if missing_blocks.is_empty() {
        return Ok(());
    }
    Err(Problem::BlocksMissing { missing_blocks }.into())
}

/// # Errors
/// The manifest contradicts itself.
pub fn check_manifest(content: &Manifest) -> Result<(), Failure> {
    let bad = |detail: String| Failure::from(Problem::BadManifest { detail });
    content.check().map_err(|why| bad(why.to_string()))
}

/// The row of a new version. Its key is what two writers race for.
pub fn insert_version(
    author: &Author,
    item: ItemId,
    version: Version,
    content: &Manifest,
) -> Statement {
    let by = author.committed();
    Statement::new(content::INSERT_VERSION)
        .id(author.space)
        .id(item)
        .bind(version)
        .bind(content.size)
        .bind(u64::from(u8::from(content.size_class)))
        .bind(content.modified_at_ms)
        .bind(by.user_name)
        .id(by.device_id)
        .bind(by.device_name)
        .bind(author.now)
}

/// The statements that end and begin rows of a block list with a version.
pub fn change_list(
    author: &Author,
    item: ItemId,
    version: Version,
    changes: &RowChanges,
) -> Result<Vec<Statement>, Failure> {
    let mut statements = Vec::new();
    let about = |sql| Statement::new(sql).id(author.space).id(item).bind(version);
    if !changes.closed.is_empty() {
        let ords = serde_json::to_string(&changes.closed)?;
        statements.push(about(content::CLOSE_ROWS).bind(ords));
    }
    if !changes.opened.is_empty() {
        let rows: Vec<_> = changes
            .opened
            .iter()
            .map(|row| (row.ord, row.block.hash, row.block.length))
            .collect();
        statements.push(about(content::OPEN_ROWS).bind(serde_json::to_string(&rows)?));
    }
    Ok(statements)
}

/// The head that an accepted version becomes.
pub fn new_head(author: &Author, version: Version, content: &Manifest) -> FileHead {
    FileHead {
        version,
        size: content.size,
        size_class: content.size_class,
        modified_at_ms: content.modified_at_ms,
        committed: author.committed(),
        damaged: false,
    }
}
