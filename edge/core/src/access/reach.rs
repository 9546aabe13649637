//! What of a space somebody has: all of it, or one folder, as an access token that was
//! made for one. What is elsewhere is answered as if it did not exist.
//!
//! Nobody gets around these two:
//!
//! 1. Nobody is let in who does not say what a request is about ([`Use`]); whoever has a
//!    folder is refused what is about the drive as a whole.
//! 2. Every change of a space is an author's, whose [`Reach`] looks at what the change
//!    names, and puts a guard before and after what is written: the database refuses the
//!    batch if an item of its journal is elsewhere at that moment.
//!
//! Blocks have no place. A caller of a folder gets them through its files only, and
//! brings what is new along with the change, so that nobody learns or gets what the
//! rest of the drive has by naming a hash.

use crate::error::Failure;
use crate::ports::{Database, Statement};
use crate::query::{self, Query};
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
use std::collections::{BTreeSet, HashMap, HashSet};

/// What a request is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Use {
    /// The caller's own session, and nothing of a space.
    Oneself,
    /// The drive as a whole.
    Drive,
    /// What the body names, or the caller's part of the drive: the handler keeps to
    /// [`SignedIn::reach`](super::SignedIn), or makes a change.
    Named,
    /// One item.
    Item(ItemId),
    /// A file, told as what is new in it since a version of the second.
    Since(ItemId, ItemId),
    /// One conflict.
    Conflict(ConflictId),
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
    /// A content; its splices name the file of their base.
    Content(&'a Content),
    /// All that is in the trash.
    Trash,
}

/// What of a space somebody has.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Reach {
    /// The whole space.
    Whole,
    /// One folder, and what is in it.
    Folder(OneFolder),
}

impl Reach {
    /// The reach of a caller who has only this folder, or with `None` everything.
    pub fn of(folder: Option<ItemId>) -> Self {
        folder.map_or(Self::Whole, |id| {
            let carried = HashSet::new();
            Self::Folder(OneFolder { id, carried })
        })
    }

    /// Whether the caller has the whole space.
    pub fn is_whole(&self) -> bool {
        *self == Self::Whole
    }

    /// The folder that they have; `None` for the whole space.
    pub fn folder(&self) -> Option<ItemId> {
        match self {
            Self::Whole => None,
            Self::Folder(folder) => Some(folder.id),
        }
    }

    /// The same with blocks that come with a change.
    #[must_use]
    pub fn carrying(mut self, carried: &[BlockRef]) -> Self {
        if let Self::Folder(folder) = &mut self {
            let hashes = carried.iter().map(|block| block.hash);
            folder.carried.extend(hashes);
        }
        self
    }

    /// Whether a request may be about this.
    ///
    /// # Errors
    /// 403 `folder_gone`, 403 `one_folder`; 404 as of what does not exist.
    pub async fn check_use(
        &self,
        db: &impl Database,
        space: SpaceId,
        asked: Use,
    ) -> Result<(), Failure> {
        match self {
            Self::Whole => Ok(()),
            Self::Folder(folder) => folder.check_use(db, space, asked).await,
        }
    }

    /// Whether a change may name all this.
    ///
    /// # Errors
    /// The change may not name something of it, or [`check_changes`](Self::check_changes)
    /// fails.
    pub async fn check_change(
        &self,
        db: &impl Database,
        space: SpaceId,
        named: Vec<Named<'_>>,
    ) -> Result<(), Failure> {
        let checked = self.check_changes(db, space, &[named]).await?;
        let refused = checked.into_iter().find_map(Result::err);
        refused.map_or(Ok(()), |problem| Err(problem.into()))
    }

    /// The same for each of some changes.
    ///
    /// # Errors
    /// 403 `folder_gone`, or the database fails.
    pub async fn check_changes(
        &self,
        db: &impl Database,
        space: SpaceId,
        changes: &[Vec<Named<'_>>],
    ) -> Result<Vec<Result<(), Problem>>, Failure> {
        match self {
            Self::Whole => Ok(changes.iter().map(|_| Ok(())).collect()),
            Self::Folder(folder) => folder.check_changes(db, space, changes).await,
        }
    }

    /// Whether something may come to stand at the top of the space.
    ///
    /// # Errors
    /// 403 `one_folder`.
    pub fn check_top(&self) -> Result<(), Problem> {
        match self {
            Self::Whole => Ok(()),
            Self::Folder(_) => Err(Problem::OneFolder),
        }
    }

    /// Puts the guard of the folder around statements that change these items.
    ///
    /// # Errors
    /// The list can't be written.
    pub fn guarded(
        &self,
        space: SpaceId,
        statements: Vec<Statement>,
        items: &BTreeSet<ItemId>,
    ) -> Result<Vec<Statement>, Failure> {
        let Self::Folder(folder) = self else {
            return Ok(statements);
        };
        let guard = folder.guard(space, items)?;
        let mut guarded = vec![guard.clone()];
        guarded.extend(statements);
        guarded.push(guard);
        Ok(guarded)
    }

    /// An item as they are told of it: where their folder stands is not theirs to know.
    pub fn told(&self, item: Item) -> Item {
        match self.folder() == Some(item.id) {
            true => Item {
                parent: None,
                ..item
            },
            false => item,
        }
    }
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
    match there(query::one(db, item(space, folder)).await?)?.is_folder() {
        true => Ok(()),
        false => Err(Problem::NotAFolder.into()),
    }
}

/// One folder of a space.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OneFolder {
    id: ItemId,
    /// Blocks that came with a change.
    carried: HashSet<BlockHash>,
}

impl OneFolder {
    async fn check_use(
        &self,
        db: &impl Database,
        space: SpaceId,
        asked: Use,
    ) -> Result<(), Failure> {
        let reached = |ids: Vec<ItemId>| Reached::read(db, space, self.id, ids);
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

    async fn check_changes(
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
        let reached = Reached::read(db, space, self.id, ids.collect()).await?;
        let of_change = |named: &Vec<Named<'_>>| {
            let mut each = named.iter();
            each.try_for_each(|named| self.check_named(&reached, named))
        };
        Ok(changes.iter().map(of_change).collect())
    }

    fn check_named(&self, reached: &Reached, named: &Named<'_>) -> Result<(), Problem> {
        match named {
            // The folder itself stays where it is.
            Named::Item(id) if *id == self.id => Err(Problem::OneFolder),
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
    fn guard(&self, space: SpaceId, items: &BTreeSet<ItemId>) -> Result<Statement, Failure> {
        let mut starts = items.clone();
        starts.insert(self.id);
        Ok(Statement::new(items::GUARD_WITHIN)
            .id(space)
            .bind(serde_json::to_string(&starts)?)
            .id(self.id))
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
        Ok(query::one(db, Self::looks(space, folder, ids)?).await??)
    }

    /// The query that tells it, for a batch that looks at more.
    fn looks(
        space: SpaceId,
        folder: ItemId,
        ids: Vec<ItemId>,
    ) -> Result<Query<Result<Self, Problem>>, Failure> {
        let starts: BTreeSet<ItemId> = ids.into_iter().chain([folder]).collect();
        Ok(ways(space, &starts)?.then(move |ways| Ok(Self::of(folder, ways))))
    }

    /// Finds it in the ways up from some items and from the folder.
    ///
    /// # Errors
    /// 403 `folder_gone`.
    pub fn of(folder: ItemId, ways: HashMap<ItemId, Vec<PathRow>>) -> Result<Self, Problem> {
        let own = ways.get(&folder).map(Vec::as_slice).unwrap_or_default();
        let ends_at_top = own.last().is_some_and(PathRow::is_at_top);
        if !ends_at_top || check_way(own).is_err() {
            return Err(Problem::FolderGone);
        }
        let leads_there = |way: &[PathRow]| way.iter().any(|row| row.id == folder);
        let inside = ways.into_iter().filter(|(_, way)| leads_there(way));
        Ok(Self(inside.map(|(start, _)| start).collect()))
    }

    /// Whether an item is the folder, or in it.
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
