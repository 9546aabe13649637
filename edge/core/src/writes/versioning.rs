//! What every change that looks at a version, a place or blocks has in common:
//! the reads, the checks of their answers, and the statements.

use crate::error::Failure;
use crate::ports::{DbError, Rows, Statement};
use crate::store::rows::{self, IdRow, ListRow, PathRow};
use crate::store::sql::{self, blocks, content, items};
use crate::store::stand_ins::or_null;
use crate::writes::Author;
use ::blocks::hash::BlockHash;
use ::blocks::manifest::{BlockRef, Manifest};
use ::blocks::splice::{Row, RowChanges};
use protocol::ids::{ItemId, SpaceId, Version};
use protocol::items::{FileHead, Item};
use protocol::limits::MAX_FOLDER_DEPTH;
use protocol::name::Name;
use protocol::problem::Problem;
use protocol::seeded::{self, Bug};
use serde::Deserialize;
use std::collections::{BTreeSet, HashSet};

/// The answers to one read of a snapshot.
pub fn answers(snapshot: &[Rows], index: usize) -> Result<&Rows, Failure> {
    let missing = || DbError::Fault("a read has no answer".into());
    Ok(snapshot.get(index).ok_or_else(missing)?)
}

/// The answers from one read of a snapshot on.
pub fn after(snapshot: &[Rows], index: usize) -> &[Rows] {
    snapshot.get(index..).unwrap_or_default()
}

pub fn read_item(space: SpaceId, id: ItemId) -> Statement {
    Statement::new(items::ITEM).id(space).id(id)
}

/// # Errors
/// There is no such item in the space.
pub fn item(rows: &Rows) -> Result<Item, Failure> {
    let row = rows.rows.first().ok_or(Problem::NoSuchItem)?;
    let unreadable = || DbError::Fault("an item's id can't be read".into());
    Ok(rows::item(row).ok_or_else(unreadable)?)
}

/// # Errors
/// The item is a folder.
pub fn head(item: &Item) -> Result<&FileHead, Failure> {
    Ok(item.file.as_ref().ok_or(Problem::NotAFile)?)
}

/// # Errors
/// The head is another one, told with who wrote it.
pub fn check_version(head: &FileHead, base: Version) -> Result<(), Failure> {
    if head.version == base || seeded::is(Bug::BaseNotChecked) {
        return Ok(());
    }
    Err(Problem::VersionConflict {
        current_version: head.version,
        committed: head.committed.clone(),
    }
    .into())
}

/// The way from an item up to the root.
pub fn read_path(space: SpaceId, id: ItemId) -> Statement {
    Statement::new(items::PATH).id(space).id(id)
}

/// # Errors
/// The item or a folder above it is in the trash.
pub fn check_not_trashed(path: &Rows) -> Result<(), Failure> {
    check_way(&path.all::<PathRow>()?)
}

/// The rows that a way up has at most; see `sql::items`.
const MOST_ABOVE: usize = 10_000;

/// Checks an item's own way up. One that ends at a folder that is not there, or that
/// can't be read, is in no trash: what stands there may be changed, and moved to where
/// it is found again.
///
/// # Errors
/// Something on it is in the trash, or may be, beyond what was read.
pub fn check_way(path: &[PathRow]) -> Result<(), Failure> {
    if path.is_empty() || path.len() > MOST_ABOVE || path.iter().any(PathRow::is_trashed) {
        return Err(Problem::InTrash.into());
    }
    Ok(())
}

/// The way up from a parent, and the child of it that has the name already.
pub fn read_place(space: SpaceId, parent: Option<ItemId>, name: &Name) -> [Statement; 2] {
    let parent_id = parent.map(|id| id.to_string());
    [
        Statement::new(items::PATH)
            .id(space)
            .bind(parent_id.clone()),
        Statement::new(items::LIVE_CHILD)
            .id(space)
            .bind(parent_id)
            .bind(name.key()),
    ]
}

/// Checks that an item may stand in a folder: the folder is one, live, not the
/// item or below it, and not too deep; and the name is free there.
pub fn check_place(
    path: &Rows,
    child: &Rows,
    parent: Option<ItemId>,
    id: ItemId,
    is_folder: bool,
) -> Result<(), Failure> {
    if parent.is_some() {
        let path: Vec<PathRow> = path.all()?;
        check_live(&path, id)?;
        check_depth(path.len() as u64, u64::from(is_folder))?;
    }
    let child: Option<IdRow> = child.first()?;
    check_free(child.map(|row| row.id).filter(|child| *child != id))
}

/// Checks the way up from a folder that is to take an item.
///
/// # Errors
/// It is unknown, no folder, the item or below it, or in the trash; so is a folder
/// whose way up does not end at the top of the space.
pub fn check_live(path: &[PathRow], id: ItemId) -> Result<(), Failure> {
    let folder = path.first().ok_or(Problem::NoSuchItem)?;
    if !folder.is_folder() {
        return Err(Problem::NotAFolder.into());
    }
    if path.iter().any(|above| above.id == id) {
        return Err(Problem::MoveIntoItself.into());
    }
    if path.last().is_some_and(|top| !top.is_at_top()) {
        return Err(Problem::InTrash.into());
    }
    check_way(path)
}

/// # Errors
/// Folders would be nested too deeply: `above` are those on the way up, `height`
/// those that come along.
pub fn check_depth(above: u64, height: u64) -> Result<(), Failure> {
    if above.saturating_add(height) <= MAX_FOLDER_DEPTH as u64 {
        return Ok(());
    }
    Err(Problem::TooDeep.into())
}

/// # Errors
/// Somebody has the name.
pub fn check_free(rival: Option<ItemId>) -> Result<(), Failure> {
    match rival {
        Some(item) => Err(Problem::NameTaken { item }.into()),
        None => Ok(()),
    }
}

/// Refuses the batch if a parent can't take a new item any more.
pub fn guard_parents<'a>(
    space: SpaceId,
    new: impl Iterator<Item = &'a Item>,
) -> Result<Option<Statement>, Failure> {
    let guarded: BTreeSet<(ItemId, u64)> = new
        .filter(|_| !seeded::is(Bug::ParentGuardDropped))
        .filter_map(|item| Some((item.parent?, most_above(item.is_folder()))))
        .collect();
    if guarded.is_empty() {
        return Ok(None);
    }
    let guarded = serde_json::to_string(&guarded)?;
    let guard = Statement::new(items::GUARD_PARENTS).id(space).bind(guarded);
    Ok(Some(guard))
}

/// How many folders may be above an item: a folder counts itself.
fn most_above(is_folder: bool) -> u64 {
    (MAX_FOLDER_DEPTH as u64).saturating_sub(u64::from(is_folder))
}

/// Whether the blocks are stored, and as long as the manifest says.
pub fn read_unmet(space: SpaceId, blocks: &[BlockRef]) -> Result<Statement, Failure> {
    let claimed = serde_json::to_string(blocks)?;
    Ok(Statement::new(blocks::UNMET).id(space).bind(claimed))
}

#[derive(Deserialize)]
struct UnmetRow {
    hash: BlockHash,
    claimed: u32,
    #[serde(deserialize_with = "or_null")]
    stored: Option<u32>,
}

/// # Errors
/// A length is wrong, or blocks are not stored: each is told once, in order.
pub fn check_blocks(unmet: &Rows) -> Result<(), Failure> {
    let unmet: Vec<UnmetRow> = unmet.all()?;
    if seeded::is(Bug::ForeignKeyDropped) {
        return Ok(());
    }
    if let Some((row, stored)) = unmet.iter().find_map(|row| Some((row, row.stored?))) {
        let UnmetRow { hash, claimed, .. } = row;
        let detail = format!("block {hash} is {stored} bytes long, not {claimed}");
        return Err(Problem::BadManifest { detail }.into());
    }
    let mut seen = HashSet::new();
    let missing_blocks: Vec<BlockHash> = unmet
        .into_iter()
        .map(|row| row.hash)
        .filter(|&hash| seen.insert(hash))
        .collect();
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

pub fn read_list(space: SpaceId, item: ItemId, version: Version) -> Statement {
    Statement::new(content::LIST)
        .id(space)
        .id(item)
        .bind(version)
}

/// A version's rows, in order.
pub fn list(rows: &Rows) -> Result<Vec<Row>, Failure> {
    let row: Option<ListRow> = rows.first()?;
    let list: Vec<(u64, BlockHash, u32)> =
        row.map(|row| row.read()).transpose()?.unwrap_or_default();
    let rows = list.into_iter().map(|(ord, hash, length)| Row {
        ord,
        block: BlockRef { hash, length },
    });
    Ok(rows.collect())
}

/// The row of a new version. Its key is what two writers race for.
pub fn insert_version(
    author: &Author,
    item: ItemId,
    version: Version,
    content: &Manifest,
) -> Statement {
    let insert = if seeded::is(Bug::VersionPredicateDropped) {
        sql::seeded::INSERT_VERSION
    } else {
        content::INSERT_VERSION
    };
    Statement::new(insert)
        .id(author.space)
        .id(item)
        .bind(version)
        .bind(content.size)
        .bind(u64::from(u8::from(content.size_class)))
        .bind(content.modified_at_ms)
        .bind(author.user_name.as_str())
        .id(author.device_id)
        .bind(author.device_name.as_str())
        .bind(author.now)
}

/// The rows of a block list that a version ends and begins.
pub fn change_list(
    author: &Author,
    item: ItemId,
    version: Version,
    changes: &RowChanges,
) -> Result<Vec<Statement>, Failure> {
    let mut statements = Vec::new();
    let about = |sql| Statement::new(sql).id(author.space).id(item).bind(version);
    if !changes.closed.is_empty() && !seeded::is(Bug::OldRowsStayOpen) {
        let ords = serde_json::to_string(&changes.closed)?;
        statements.push(about(content::CLOSE_ROWS).bind(ords));
    }
    if !changes.opened.is_empty() {
        let rows: Vec<_> = changes
            .opened
            .iter()
            .map(|row| (row.ord, row.block.hash, row.block.length))
            .collect();
        let open = if seeded::is(Bug::VersionPredicateDropped) {
            sql::seeded::OPEN_ROWS
        } else {
            content::OPEN_ROWS
        };
        statements.push(about(open).bind(serde_json::to_string(&rows)?));
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
