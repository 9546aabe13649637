//! What of a space somebody has: all of it; or one folder, as an access token that was
//! made for one; or one item, as somebody [with whom it was shared](super::held), be it a
//! person or whoever visits a link. What is elsewhere is answered as if it did not exist.
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
//! names in a change only what those have, what comes along with the change, and what a
//! [receipt](super::receipts) is shown for. So nobody learns or gets what the rest of the
//! drive has by naming a hash: all else is missing, whether it is stored or not.

use super::held::{Aim, LinkVisit, ShareRow, SharedPart};
use crate::error::{Failure, bad_request};
use crate::ports::{Database, Statement};
use crate::query::{self, Queries, Query, Told};
use crate::rules::{check_own, check_way, there};
use crate::store::blocks::{Had, had};
use crate::store::conflicts;
use crate::store::items::{item, ways};
use crate::store::links::VisitedLink;
use crate::store::rows::PathRow;
use crate::store::sql::items;
use blocks::hash::BlockHash;
use protocol::content::Content;
use protocol::ids::{ConflictId, DeviceId, ItemId, SpaceId, UnixMillis};
use protocol::items::{Committed, Item};
use protocol::limits::MAX_OF_FILES;
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
    /// An item that gets another place, or is deleted for good.
    Item(ItemId),
    /// A file that gets another version or a conflict.
    File(ItemId),
    /// A file that gets a copy beside it.
    Beside(ItemId),
    /// The file of a conflict.
    ConflictOf(ItemId),
    /// Where an item is to stand; `None` is the top of the space.
    Parent(Option<ItemId>),
    /// The content of a file, which may be new; its splices name the file of their base.
    Content(ItemId, &'a Content),
    /// All that is in the trash.
    Trash,
}

/// What of a space somebody has.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Reach {
    /// The whole space.
    Whole,
    /// One folder or file, and what is in it.
    Folder(OneFolder),
}

impl Reach {
    /// The reach of somebody with whom an item was shared.
    pub fn of_held(held: SharedPart) -> Self {
        Self::Folder(OneFolder::of_held(held))
    }

    /// The reach of a caller who has only this folder, or with `None` everything.
    pub fn of(folder: Option<ItemId>) -> Self {
        folder.map_or(Self::Whole, |id| {
            let brought = HashSet::new();
            let held = None;
            Self::Folder(OneFolder { id, brought, held })
        })
    }

    /// Whether the caller has the whole space.
    pub fn is_whole(&self) -> bool {
        *self == Self::Whole
    }

    /// The part that they have; `None` for the whole space.
    pub fn part(&self) -> Option<&OneFolder> {
        match self {
            Self::Whole => None,
            Self::Folder(folder) => Some(folder),
        }
    }

    /// The same with blocks that come with a change, or that receipts are shown for.
    #[must_use]
    pub fn bringing(mut self, blocks: impl IntoIterator<Item = BlockHash>) -> Self {
        if let Self::Folder(folder) = &mut self {
            folder.brought.extend(blocks);
        }
        self
    }

    /// Which of these blocks some files have that they may see; `None` for the whole
    /// space, where nobody need ask.
    ///
    /// # Errors
    /// 403 `folder_gone`; 400 `bad_request`: they are too many files.
    pub async fn had(
        &self,
        db: &impl Database,
        space: SpaceId,
        blocks: &[BlockHash],
        files: &[ItemId],
    ) -> Result<Option<HashSet<BlockHash>>, Failure> {
        let Self::Folder(folder) = self else {
            return Ok(None);
        };
        if files.len() > MAX_OF_FILES {
            let detail = format!("of names more than {MAX_OF_FILES} files");
            return Err(bad_request(detail));
        }
        if blocks.is_empty() || files.is_empty() {
            return Ok(Some(HashSet::new()));
        }
        let reached = folder.reached(db, space, files.to_vec()).await?;
        let files = files.iter().copied().filter(|id| reached.has(*id));
        let (blocks, files) = (blocks.iter().copied().collect(), files.collect());
        let had = read_had(db, space, &blocks, &files).await?;
        Ok(Some(had.into_iter().map(|(hash, _)| hash).collect()))
    }

    /// Reads what is told of an item, in one batch with whether they may see it: since they
    /// were let in, it may have been moved away, or their access may have ended.
    ///
    /// # Errors
    /// As of [`OneFolder::reached`]; 404 `no_such_item`.
    pub async fn read<Q: Queries>(
        &self,
        db: &impl Database,
        space: SpaceId,
        id: ItemId,
        looks: Q,
    ) -> Result<Q::Told, Failure> {
        let Self::Folder(folder) = self else {
            return Ok(query::all(db, looks).await?);
        };
        let starts = BTreeSet::from([folder.id, id]);
        let looks = (ways(space, &starts)?, folder.looks(space), looks);
        let (ways, row, told) = query::all(db, looks).await?;
        let reached = folder.held_still(ways?, row)?;
        reached.check(id, Problem::NoSuchItem)?;
        Ok(told)
    }

    /// Whether a request may be about this. Returns the link over which it comes, if it
    /// does.
    ///
    /// # Errors
    /// 403 `folder_gone`, 403 `one_folder`; 404 as of what does not exist.
    pub async fn check_use(
        &self,
        db: &impl Database,
        space: SpaceId,
        asked: Use,
    ) -> Result<Option<VisitedLink>, Failure> {
        match self {
            Self::Whole => Ok(None),
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

    /// Whether they may see versions that are not the newest. Visitors of a link see what
    /// there is, and not what there was, but for the rest of what they have begun.
    ///
    /// # Errors
    /// 404 `no_such_version`.
    pub fn check_history(&self) -> Result<(), Problem> {
        match self.part().and_then(OneFolder::visit) {
            Some(visit) if visit.aim != Aim::RestOfDownload => Err(Problem::NoSuchVersion),
            _ => Ok(()),
        }
    }

    /// Whether a copy of a file may stand beside it.
    ///
    /// # Errors
    /// 403 `one_folder`: what is around the file is not theirs.
    pub fn check_beside(&self, file: ItemId) -> Result<(), Problem> {
        match self.part().is_some_and(|part| part.id == file) {
            true => Err(Problem::OneFolder),
            false => Ok(()),
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
        let held = folder.held.map(|held| held.guard(space));
        let mut guarded: Vec<Statement> = held.into_iter().collect();
        guarded.push(guard.clone());
        guarded.extend(statements);
        guarded.push(guard);
        Ok(guarded)
    }

    /// What refuses a batch unless they may see an item at that moment, for what is written
    /// of it and changes nothing of the space.
    ///
    /// # Errors
    /// 403 `one_folder` for a visitor, or the list can't be written.
    pub fn guards_to_see(&self, space: SpaceId, item: ItemId) -> Result<Vec<Statement>, Failure> {
        let Self::Folder(folder) = self else {
            return Ok(Vec::new());
        };
        let mut guards = vec![folder.guard(space, &BTreeSet::from([item]))?];
        if let Some(held) = folder.held {
            guards.push(held.guard_sight(space)?);
        }
        Ok(guards)
    }

    /// See [`OneFolder::told`].
    pub fn told(&self, item: Item) -> Item {
        match self {
            Self::Whole => item,
            Self::Folder(folder) => folder.told(item),
        }
    }
}

/// Whether a token can be made for a folder.
///
/// # Errors
/// 403 `folder_gone`: it is in the trash, or there is none. 409 a file or a mount.
pub async fn check_folder(
    db: &impl Database,
    space: SpaceId,
    folder: ItemId,
) -> Result<(), Failure> {
    let part = OneFolder {
        id: folder,
        brought: HashSet::new(),
        held: None,
    };
    let item = query::one(db, item(space, folder)).await?;
    item.as_ref().map_or(Ok(()), check_own)?;
    part.reached(db, space, Vec::new()).await?;
    match there(item)?.is_folder() {
        true => Ok(()),
        false => Err(Problem::NotAFolder.into()),
    }
}

/// One folder of a space, or one file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OneFolder {
    id: ItemId,
    /// Blocks that come with a change, or that receipts are shown for.
    brought: HashSet<BlockHash>,
    /// With whom it was shared; `None` for a token of its owner.
    held: Option<SharedPart>,
}

impl OneFolder {
    /// What was shared with somebody.
    pub fn of_held(held: SharedPart) -> Self {
        Self {
            id: held.root,
            brought: HashSet::new(),
            held: Some(held),
        }
    }

    /// The folder or file.
    pub fn id(&self) -> ItemId {
        self.id
    }

    /// Since when it is shared; `None` for a token of its owner.
    pub fn since(&self, space: SpaceId) -> Option<Query<Option<UnixMillis>>> {
        let row = self.looks(space)?;
        Some(row.then(|row| Ok(row.map(|row| row.since()))))
    }

    /// The visit, if it is one over a link.
    pub fn visit(&self) -> Option<LinkVisit> {
        self.held.and_then(|held| held.visit())
    }

    /// An item as they are told of it: where their part stands is not theirs to know, and
    /// a visitor of a link does not learn who works on it, and with what.
    pub fn told(&self, mut item: Item) -> Item {
        if self.id == item.id {
            item.parent = None;
        }
        if let (Some(_), Some(head)) = (self.visit(), &mut item.file) {
            head.committed = Committed {
                user_name: String::new(),
                device_id: DeviceId::from_random([0; 16]),
                device_name: String::new(),
                at_ms: head.committed.at_ms,
            };
        }
        item
    }

    /// Which of these items are in it, itself counted.
    ///
    /// # Errors
    /// It is in the trash, or deleted for good: 403 `folder_gone` for a token, 404
    /// `no_such_item` or `no_such_link` for others, as where it is not shared any more.
    /// As [`SharedPart::check_allowed`].
    pub async fn reached(
        &self,
        db: &impl Database,
        space: SpaceId,
        ids: Vec<ItemId>,
    ) -> Result<Reached, Failure> {
        let starts: BTreeSet<ItemId> = ids.into_iter().chain([self.id]).collect();
        let looks = (ways(space, &starts)?, self.looks(space));
        let (ways, row) = query::all(db, looks).await?;
        self.held_still(ways?, row)
    }

    /// The query that tells whether it is shared, if it has to be.
    pub fn looks(&self, space: SpaceId) -> Option<Query<Option<ShareRow>>> {
        self.held.map(|held| held.looks(space))
    }

    /// The same as [`reached`](Self::reached), by what one batch has read: the ways up and
    /// what [`looks`](Self::looks) asks, beside all that is told.
    ///
    /// # Errors
    /// As there.
    pub fn held_still(
        &self,
        ways: HashMap<ItemId, Vec<PathRow>>,
        row: Option<Told<Option<ShareRow>>>,
    ) -> Result<Reached, Failure> {
        let (Some(held), Some(row)) = (self.held, row) else {
            return Ok(self.found(ways)?);
        };
        let row = held.check_there(row?)?;
        let mut reached = self.found(ways)?;
        held.check_allowed(&row)?;
        if let ShareRow::Link(link) = row {
            if !link.may.views() {
                reached.inside.retain(|id| *id == self.id);
            }
            reached.link = Some(link);
        }
        Ok(reached)
    }

    /// The same, found in the ways up from some items and from the folder or file itself.
    ///
    /// # Errors
    /// 403 `folder_gone` or 404, as above.
    pub fn found(&self, mut ways: HashMap<ItemId, Vec<PathRow>>) -> Result<Reached, Problem> {
        // What somebody else shares with the owner is not the owner's to pass on.
        ways.retain(|_, way| !way.first().is_some_and(PathRow::is_mount));
        if self.visit().is_some() {
            // What is in the trash is not there, to a visitor.
            ways.retain(|id, way| *id == self.id || check_way(way).is_ok());
        }
        let gone = self.held.map_or(Problem::FolderGone, |held| held.gone());
        Reached::of(self.id, ways).ok_or(gone)
    }

    async fn check_use(
        &self,
        db: &impl Database,
        space: SpaceId,
        asked: Use,
    ) -> Result<Option<VisitedLink>, Failure> {
        let reached = |ids: Vec<ItemId>| self.reached(db, space, ids);
        let reached = match asked {
            Use::Oneself => return Ok(None),
            Use::Drive => {
                reached(Vec::new()).await?;
                return Err(Problem::OneFolder.into());
            }
            Use::Named => reached(Vec::new()).await?,
            Use::Item(id) => {
                let reached = reached(vec![id]).await?;
                reached.check(id, Problem::NoSuchItem)?;
                reached
            }
            Use::Since(id, base) => {
                let reached = reached(vec![id, base]).await?;
                reached.check(id, Problem::NoSuchItem)?;
                reached.check(base, Problem::NoSuchBase)?;
                reached
            }
            Use::Conflict(id) => {
                reached(Vec::new()).await?;
                let row = query::one(db, conflicts::conflict(space, id)).await?;
                let item = row.ok_or(Problem::NoSuchConflict)?.item;
                let reached = reached(vec![item]).await?;
                reached.check(item, Problem::NoSuchConflict)?;
                reached
            }
        };
        Ok(reached.link)
    }

    async fn check_changes(
        &self,
        db: &impl Database,
        space: SpaceId,
        changes: &[Vec<Named<'_>>],
    ) -> Result<Vec<Result<(), Problem>>, Failure> {
        let ids = changes.iter().flatten().filter_map(|named| match named {
            Named::Item(id) | Named::File(id) | Named::ConflictOf(id) => Some(*id),
            Named::Parent(parent) => *parent,
            Named::Content(..) | Named::Beside(_) | Named::Trash => None,
        });
        let contents = || {
            let each = changes.iter().flatten();
            each.filter_map(|named| match named {
                Named::Content(of, content) => Some((*of, *content)),
                _ => None,
            })
        };
        let files = || contents().flat_map(|(of, content)| files_of(of, content));
        let ids = ids.chain(files()).collect();
        let reached = self.reached(db, space, ids).await?;
        let files: BTreeSet<ItemId> = files().filter(|id| reached.has(*id)).collect();
        let named = contents().flat_map(|(_, content)| self.not_brought(content));
        let had = read_had(db, space, &named.collect(), &files).await?;
        let of_change = |named: &Vec<Named<'_>>| {
            let mut each = named.iter();
            each.try_for_each(|named| self.check_named(&reached, &had, named))
        };
        Ok(changes.iter().map(of_change).collect())
    }

    fn check_named(
        &self,
        reached: &Reached,
        had: &HashSet<Had>,
        named: &Named<'_>,
    ) -> Result<(), Problem> {
        match named {
            // It stays where it is, with what is around it.
            Named::Item(id) | Named::Beside(id) if *id == self.id => Err(Problem::OneFolder),
            Named::Beside(_) => Ok(()),
            Named::Item(id) | Named::File(id) => reached.check(*id, Problem::NoSuchItem),
            Named::ConflictOf(id) => reached.check(*id, Problem::NoSuchConflict),
            Named::Parent(Some(id)) => reached.check(*id, Problem::NoSuchItem),
            Named::Parent(None) | Named::Trash => Err(Problem::OneFolder),
            Named::Content(of, content) => {
                if let Content::Spliced(spliced) = content {
                    reached.check(spliced.base.item, Problem::NoSuchBase)?;
                    // A copy of an older version would show a visitor what there was.
                    if self.visit().is_some() {
                        return Err(Problem::NoSuchBase);
                    }
                }
                self.check_brought(had, *of, content)
            }
        }
    }

    /// The blocks that a content names and that were not brought, each once, in order.
    fn not_brought(&self, content: &Content) -> Vec<BlockHash> {
        let mut seen = HashSet::new();
        let named = content.named();
        let hashes = named.iter().map(|block| block.hash);
        let others = hashes.filter(|hash| !self.brought.contains(hash) && seen.insert(*hash));
        others.collect()
    }

    /// Blocks that were not brought are missing, whether they are stored or not, unless
    /// the file has them, or that of the base.
    fn check_brought(
        &self,
        had: &HashSet<Had>,
        of: ItemId,
        content: &Content,
    ) -> Result<(), Problem> {
        let is_had = |hash: &BlockHash| {
            let mut files = files_of(of, content);
            files.any(|file| had.contains(&(*hash, file)))
        };
        let mut missing_blocks = self.not_brought(content);
        missing_blocks.retain(|hash| !is_had(hash));
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

/// The files whose blocks a content may name: the one that gets it, and that of its base.
fn files_of(of: ItemId, content: &Content) -> impl Iterator<Item = ItemId> + use<> {
    let base = match content {
        Content::Spliced(spliced) => Some(spliced.base.item),
        Content::Whole(_) => None,
    };
    [of].into_iter().chain(base)
}

async fn read_had(
    db: &impl Database,
    space: SpaceId,
    blocks: &BTreeSet<BlockHash>,
    files: &BTreeSet<ItemId>,
) -> Result<HashSet<Had>, Failure> {
    if blocks.is_empty() || files.is_empty() {
        return Ok(HashSet::new());
    }
    Ok(query::one(db, had(space, blocks, files)?).await?)
}

/// Which of some items are in a folder, itself counted.
pub struct Reached {
    inside: HashSet<ItemId>,
    /// The link that led there.
    link: Option<VisitedLink>,
}

impl Reached {
    /// `None` if the folder is in the trash, or deleted for good.
    fn of(folder: ItemId, ways: HashMap<ItemId, Vec<PathRow>>) -> Option<Self> {
        let own = ways.get(&folder).map(Vec::as_slice).unwrap_or_default();
        let ends_at_top = own.last().is_some_and(PathRow::is_at_top);
        if !ends_at_top || check_way(own).is_err() {
            return None;
        }
        let leads_there = |way: &[PathRow]| way.iter().any(|row| row.id == folder);
        let inside = ways.into_iter().filter(|(_, way)| leads_there(way));
        Some(Self {
            inside: inside.map(|(start, _)| start).collect(),
            link: None,
        })
    }

    /// Whether an item is the folder, or in it.
    pub fn has(&self, id: ItemId) -> bool {
        self.inside.contains(&id)
    }

    fn check(&self, id: ItemId, otherwise: Problem) -> Result<(), Problem> {
        match self.has(id) {
            true => Ok(()),
            false => Err(otherwise),
        }
    }
}
