//! Callers who have one folder of a space and nothing else of it: access tokens that
//! were made for one. What is elsewhere is answered as if it did not exist.
//!
//! Nobody gets around these two:
//!
//! 1. [`auth::signed_in`](crate::auth::signed_in) lets nobody in who does not say what
//!    a request is about ([`Use`]); whatever is about the drive as a whole is refused.
//! 2. Every change of a space is an [`Author`]'s, whose [`Within`] looks at what the
//!    change names, and puts a guard before and after what is written: the database
//!    refuses the batch if an item of its journal is elsewhere at that moment.
//!
//! Blocks have no place. A caller of a folder gets them through its files only, and
//! brings what is new along with the change, so that nobody learns or gets what the
//! rest of the drive has by naming a hash.

use crate::error::Failure;
use crate::ports::{Database, Statement};
use crate::query;
use crate::rules::{check_way, there};
use crate::store::conflicts;
use crate::store::items::{item, ways};
use crate::store::rows::PathRow;
use crate::store::sql::items;
use blocks::hash::BlockHash;
use blocks::manifest::BlockRef;
use protocol::content::Content;
use protocol::ids::{ConflictId, ItemId, SpaceId};
use protocol::items::Item;
use protocol::problem::Problem;
use std::collections::{BTreeSet, HashSet};

/// What a request is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Use {
    /// The caller's own session, and nothing of a space.
    Oneself,
    /// The drive as a whole.
    Drive,
    /// What the body names, or the caller's part of the drive: the handler keeps to
    /// [`SignedIn::folder`](crate::auth::SignedIn), or makes a change.
    Named,
    Item(ItemId),
    /// A file, told as what is new in it since a version of the second.
    Since(ItemId, ItemId),
    Conflict(ConflictId),
}

/// Whether a caller who has only a folder may do this.
///
/// # Errors
/// 403 `folder_gone`, 403 `one_folder`; 404 as of what does not exist.
pub async fn check_use(
    db: &impl Database,
    space: SpaceId,
    folder: ItemId,
    asked: Use,
) -> Result<(), Failure> {
    let reached = |ids: Vec<ItemId>| Reached::read(db, space, folder, ids);
    match asked {
        Use::Oneself => {}
        Use::Drive => {
            reached(Vec::new()).await?;
            return Err(Problem::OneFolder.into());
        }
        Use::Named => drop(reached(Vec::new()).await?),
        Use::Item(id) => reached(vec![id]).await?.check(id, Problem::NoSuchItem)?,
        Use::Since(id, base) => {
            let reached = reached(vec![id, base]).await?;
            reached.check(id, Problem::NoSuchItem)?;
            reached.check(base, Problem::NoSuchBase)?;
        }
        Use::Conflict(id) => {
            reached(Vec::new()).await?;
            let row = query::one(db, conflicts::conflict(space, id)).await?;
            let item = row.ok_or(Problem::NoSuchConflict)?.item;
            let reached = reached(vec![item]).await?;
            reached.check(item, Problem::NoSuchConflict)?;
        }
    }
    Ok(())
}

/// Whether a token can be made for a folder.
///
/// # Errors
/// 403 `folder_gone`: it is in the trash, or there is none. 409 a file.
pub async fn check_folder(
    db: &impl Database,
    space: SpaceId,
    folder: ItemId,
) -> Result<(), Failure> {
    Reached::read(db, space, folder, Vec::new()).await?;
    let folder = there(query::one(db, item(space, folder)).await?)?;
    match folder.is_folder() {
        true => Ok(()),
        false => Err(Problem::NotAFolder.into()),
    }
}

/// An item as the caller is told of it: where their folder stands is not theirs to
/// know.
pub fn told(folder: Option<ItemId>, item: Item) -> Item {
    match folder == Some(item.id) {
        true => Item {
            parent: None,
            ..item
        },
        false => item,
    }
}

/// Which of some items are in a folder, itself counted.
pub struct Reached(HashSet<ItemId>);

impl Reached {
    /// # Errors
    /// 403 `folder_gone`: it is in the trash, or deleted for good.
    pub async fn read(
        db: &impl Database,
        space: SpaceId,
        folder: ItemId,
        ids: Vec<ItemId>,
    ) -> Result<Self, Failure> {
        let starts: BTreeSet<ItemId> = ids.into_iter().chain([folder]).collect();
        let ways = query::one(db, ways(space, &starts)?).await?;
        let own = ways.get(&folder).map(Vec::as_slice).unwrap_or_default();
        let ends_at_top = own.last().is_some_and(PathRow::is_at_top);
        if !ends_at_top || check_way(own).is_err() {
            return Err(Problem::FolderGone.into());
        }
        let leads_there = |way: &[PathRow]| way.iter().any(|row| row.id == folder);
        let inside = ways.into_iter().filter(|(_, way)| leads_there(way));
        Ok(Self(inside.map(|(start, _)| start).collect()))
    }

    pub fn has(&self, id: ItemId) -> bool {
        self.0.contains(&id)
    }

    fn check(&self, id: ItemId, otherwise: Problem) -> Result<(), Problem> {
        match self.has(id) {
            true => Ok(()),
            false => Err(otherwise),
        }
    }
}

/// Something that a change names.
#[derive(Clone, Copy, Debug)]
pub enum Named<'a> {
    /// An item that gets another place, another version or a conflict.
    Item(ItemId),
    /// The file of a conflict.
    ConflictOf(ItemId),
    /// Where an item is to stand; `None` is the top of the space.
    Parent(Option<ItemId>),
    Content(&'a Content),
    /// All that is in the trash.
    Trash,
}

/// The folder of whoever makes a change.
#[derive(Clone, Debug)]
pub struct Within {
    folder: ItemId,
    /// Blocks that came with the change.
    carried: HashSet<BlockHash>,
}

impl Within {
    pub fn new(folder: ItemId) -> Self {
        Self {
            folder,
            carried: HashSet::new(),
        }
    }

    #[must_use]
    pub fn carrying(mut self, carried: &[BlockRef]) -> Self {
        self.carried.extend(carried.iter().map(|block| block.hash));
        self
    }

    /// Whether all that changes name is in the folder; for each of them.
    ///
    /// # Errors
    /// 403 `folder_gone`, or the database fails.
    pub async fn check(
        &self,
        db: &impl Database,
        space: SpaceId,
        changes: &[Vec<Named<'_>>],
    ) -> Result<Vec<Result<(), Problem>>, Failure> {
        let ids = changes.iter().flatten().filter_map(|named| match named {
            Named::Item(id) | Named::ConflictOf(id) => Some(*id),
            Named::Parent(parent) => *parent,
            Named::Content(Content::Spliced(spliced)) => Some(spliced.base.item),
            Named::Content(Content::Whole(_)) | Named::Trash => None,
        });
        let reached = Reached::read(db, space, self.folder, ids.collect()).await?;
        let of_change = |named: &Vec<Named<'_>>| {
            let mut each = named.iter();
            each.try_for_each(|named| self.check_named(&reached, named))
        };
        Ok(changes.iter().map(of_change).collect())
    }

    fn check_named(&self, reached: &Reached, named: &Named<'_>) -> Result<(), Problem> {
        match named {
            // The folder itself stays where it is.
            Named::Item(id) if *id == self.folder => Err(Problem::OneFolder),
            Named::Item(id) => reached.check(*id, Problem::NoSuchItem),
            Named::ConflictOf(id) => reached.check(*id, Problem::NoSuchConflict),
            Named::Parent(Some(id)) => reached.check(*id, Problem::NoSuchItem),
            Named::Parent(None) | Named::Trash => Err(Problem::OneFolder),
            Named::Content(content) => {
                if let Content::Spliced(spliced) = content {
                    reached.check(spliced.base.item, Problem::NoSuchBase)?;
                }
                self.check_carried(content)
            }
        }
    }

    /// Blocks that did not come along are missing, whether they are stored or not: each
    /// is told once, in order.
    fn check_carried(&self, content: &Content) -> Result<(), Problem> {
        let mut seen = HashSet::new();
        let named = content.named();
        let hashes = named.iter().map(|block| block.hash);
        let missing_blocks: Vec<BlockHash> = hashes
            .filter(|hash| !self.carried.contains(hash) && seen.insert(*hash))
            .collect();
        match missing_blocks.is_empty() {
            true => Ok(()),
            false => Err(Problem::BlocksMissing { missing_blocks }),
        }
    }

    /// Refuses the batch unless these items, those that are there, are in the folder,
    /// and the folder is live.
    ///
    /// # Errors
    /// The list can't be written.
    pub fn guard(&self, space: SpaceId, items: &BTreeSet<ItemId>) -> Result<Statement, Failure> {
        let mut starts = items.clone();
        starts.insert(self.folder);
        Ok(Statement::new(items::GUARD_WITHIN)
            .id(space)
            .bind(serde_json::to_string(&starts)?)
            .id(self.folder))
    }
}
