//! Deletion for good: an item that is in the trash with all that is below it, or all
//! that is in the trash. Versions end in no other way but [thinning](crate::retention::thin).
//!
//! One request does a bounded amount of work and says whether all is done; if not, the
//! client asks again. Every state in between is one that somebody could have meant:
//!
//! 1. Items go by hundreds, a folder after all that is in it, each with its conflicts
//!    and a journal entry. One batch takes the items away and writes down whose
//!    versions and lists are left over (`doomed`). From then on nothing leads to these,
//!    and none of them is forgotten. If somebody restores the item half-way, they get
//!    what is left of it.
//! 2. The rows that are left over go by thousands, and are counted out as they go:
//!    blocks that no list has any more, rows and versions. If the request is cut off,
//!    the next one goes on, and so does the collector.
//!
//! The collector removes the blocks themselves, like everything that nothing refers to.
//!
//! A batch holds only for what was read: it is refused if an item was restored, renamed
//! or moved since. It is also refused if a conflict of an item is open, unless the
//! request says that its person knows: an open conflict keeps the only copy of
//! somebody's work.

use super::{Announcement, Author, JournalEntry, append, operation};
use crate::access::reach::Named;
use crate::error::Failure;
use crate::ports::{Database, DbError, Statement};
use crate::query::{self, Query};
use crate::store::grants::{self, RemovedRow};
use crate::store::links;
use crate::store::rows::{HeadRow, from_json};
use crate::store::space::there;
use crate::store::sql::{deletion, ending, journal};
use blocks::hash::BlockHash;
use protocol::activity::Spot;
use protocol::ids::{ItemId, OperationId, PlaceVersion, Seq, SpaceId, UnixMillis};
use protocol::items::{DeleteForGood, DeletedForGood, EmptyTrash};
use protocol::limits::{BLOCK_CHARGE, ITEM_CHARGE, LIST_ROW_CHARGE, VERSION_CHARGE};
use protocol::links::LinkKey;
use protocol::problem::Problem;
use serde::{Deserialize, Serialize};
use serde_json::Value as Json;
use std::collections::{BTreeSet, HashMap, HashSet};

/// What one request does at most.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct DeletionBounds {
    /// Items of one step. They must be more than folders may be nested, so that each
    /// step gets somewhere.
    pub items_per_step: u64,
    /// Rows of each kind of list, and versions, of one step; at least 1.
    pub rows_per_step: u64,
    /// Steps of one request.
    pub steps: u32,
}

/// At most 38 calls of the database: two for each step, and two to begin.
pub const BOUNDS: DeletionBounds = DeletionBounds {
    items_per_step: 500,
    rows_per_step: 4_000,
    steps: 18,
};

/// How often a step is tried while others get in between, or the database does not
/// answer.
const MAX_ATTEMPTS: u32 = 6;

/// What is to be deleted.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Deletion {
    /// One item, with all that is below it.
    DeleteForGood {
        /// The item.
        item: ItemId,
        /// The request.
        #[serde(flatten)]
        request: DeleteForGood,
    },
    /// Everything that is in the trash.
    EmptyTrash(EmptyTrash),
}

/// How far a deletion came.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Deleted {
    /// What the client is answered.
    pub answer: DeletedForGood,
    /// What polls say of the last item that went, who is told, and its journal entry;
    /// `None` if no item went.
    pub news: Option<(Announcement, Seq)>,
    /// The access to it that went along.
    pub ended: Ended,
}

/// Access that is no more, because its item is not.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Ended {
    /// By grants; each with what its item was called.
    pub grants: Vec<(RemovedRow, String)>,
    /// By links with these keys.
    pub links: Vec<LinkKey>,
}

/// Deletes for good, as far as the bounds allow. A repeat goes on. Once all is done, a
/// repeat returns the answer that was kept when the last item went.
///
/// 1. 409 `operation_reused`.
/// 2. 404 `no_such_item`, 409 `not_in_trash`, 409 `place_conflict`.
/// 3. 409 `open_conflicts`.
///
/// # Errors
/// These, in this order. Once the last item went, a repeat is not refused for 2 or 3.
pub async fn delete_for_good(
    db: &impl Database,
    author: &Author,
    wanted: &Deletion,
    bounds: &DeletionBounds,
) -> Result<Deleted, Failure> {
    let (reach, space) = (&author.reach, author.space);
    reach.check_change(db, space, vec![wanted.named()]).await?;
    let mut deleted = Deleted {
        answer: DeletedForGood::default(),
        news: None,
        ended: Ended::default(),
    };
    let (mut steps, mut lost) = (0..bounds.steps, 0..MAX_ATTEMPTS);
    let mut repeated = None;
    while steps.next().is_some() {
        match take_items(db, author, wanted, bounds.items_per_step, &mut deleted).await {
            Ok(Step::Goes) => {}
            Ok(Step::Over) => break,
            Ok(Step::WasOver(first)) => {
                repeated = Some(first);
                break;
            }
            Err(Failure::Database(why @ (DbError::Constraint(_) | DbError::Busy(_)))) => {
                if lost.next().is_none() {
                    return Err(super::given_up(why).into());
                }
            }
            Err(refused) => return Err(refused),
        }
    }
    let mut is_left = true;
    let mut was_left = false;
    while is_left && steps.next().is_some() {
        let step = remove_rows(db, author.space, bounds.rows_per_step).await;
        match step {
            Ok(step) => {
                is_left = step.is_left;
                was_left |= step.was_left;
                let freed = &mut deleted.answer.freed_bytes;
                *freed = freed.saturating_add(step.freed_bytes);
            }
            Err(Failure::Database(DbError::Constraint(_) | DbError::Busy(_)))
                if lost.next().is_some() => {}
            Err(other) => return Err(other),
        }
    }
    deleted.answer.done = !is_left;
    match repeated {
        Some(first) if !is_left && !was_left => deleted.answer = first,
        _ => {}
    }
    Ok(deleted)
}

/// Removes rows that deletions for good have left over. Returns how many.
///
/// # Errors
/// The database does not answer.
pub async fn go_on(db: &impl Database, steps: u32, rows: u64) -> Result<u64, Failure> {
    #[derive(Deserialize)]
    struct OfSpace {
        space: SpaceId,
    }
    let mut removed = 0_u64;
    let mut steps = 0..steps;
    while !steps.is_empty() {
        let next = Statement::new(deletion::SPACE_WITH_DOOMED);
        let next: Option<OfSpace> = db.run(next).await?.first()?;
        let Some(OfSpace { space }) = next else {
            break;
        };
        while steps.next().is_some() {
            match remove_rows(db, space, rows).await {
                Ok(step) => {
                    removed = removed.saturating_add(step.rows);
                    if !step.is_left {
                        break;
                    }
                }
                // Another request removes them.
                Err(Failure::Database(DbError::Constraint(_))) => {}
                Err(other) => return Err(other),
            }
        }
    }
    Ok(removed)
}

/// Removes, of one space, a step of what deletions for good have left over. Returns whether
/// that was the last.
///
/// # Errors
/// Another request removes the same, or the database fails.
pub async fn go_on_in(db: &impl Database, space: SpaceId, rows: u64) -> Result<bool, Failure> {
    Ok(!remove_rows(db, space, rows).await?.is_left)
}

/// Takes items of a space that nobody has any more away, with their conflicts, so that what
/// is left over of them goes next. No journal tells of it. An id may be no text in a damaged
/// row, which goes all the same.
///
/// # Errors
/// The database fails.
pub async fn doom(db: &impl Database, space: SpaceId, items: &[Json]) -> Result<(), Failure> {
    let items = serde_json::to_string(items)?;
    let about = |sql| Statement::new(sql).id(space).bind(items.as_str());
    let statements = [
        ending::UNCOUNT,
        deletion::DOOM,
        deletion::DELETE_CONFLICTS,
        deletion::DELETE_ITEMS,
    ];
    let statements: Vec<Statement> = statements.into_iter().map(about).collect();
    query::all(db, statements).await?;
    Ok(())
}

/// What a step came to.
enum Step {
    /// There is more.
    Goes,
    /// The step took the last items away, or found none.
    Over,
    /// The last items went before, with this answer.
    WasOver(DeletedForGood),
}

/// An item of the trash or below it.
#[derive(Clone, Debug, Deserialize)]
struct SubtreeRow {
    id: ItemId,
    parent: Option<ItemId>,
    /// A damaged name may be no text; the item goes all the same.
    name: Json,
    place_version: PlaceVersion,
    trashed: u8,
    mount: u8,
}

impl SubtreeRow {
    fn spot(&self) -> Option<(ItemId, Spot)> {
        let (parent, name) = (self.parent, self.name.as_str()?.to_owned());
        Some((self.id, Spot { parent, name }))
    }
}

impl Deletion {
    fn operation_id(&self) -> OperationId {
        match self {
            Self::DeleteForGood { request, .. } => request.operation_id,
            Self::EmptyTrash(request) => request.operation_id,
        }
    }

    fn named(&self) -> Named<'static> {
        match self {
            Self::DeleteForGood { item, .. } => Named::Item(*item),
            Self::EmptyTrash(_) => Named::Trash,
        }
    }

    fn with_open_conflicts(&self) -> bool {
        match self {
            Self::DeleteForGood { request, .. } => request.with_open_conflicts,
            Self::EmptyTrash(request) => request.with_open_conflicts,
        }
    }

    /// The queries for up to `at_most` items, those below them included, and for the
    /// number of open conflicts of all that is to go.
    fn looks(&self, space: SpaceId, at_most: u64) -> (Query<Vec<SubtreeRow>>, Query<u64>) {
        let about = |sql| Statement::new(sql).id(space);
        let (rows, open) = match self {
            Self::DeleteForGood { item, .. } => (
                about(deletion::SUBTREE).id(item),
                about(deletion::OPEN_CONFLICTS_BELOW).id(item),
            ),
            Self::EmptyTrash(request) => {
                let up_to = request.trashed_up_to_ms.unwrap_or(WHENEVER);
                (
                    about(deletion::TRASHED_SUBTREES).bind(up_to),
                    about(deletion::OPEN_CONFLICTS_IN_TRASH).bind(up_to),
                )
            }
        };
        (rows.bind(at_most).rows(), open.count())
    }

    /// Checks whether the item may go. It is the first of the rows.
    fn check(&self, rows: &[SubtreeRow]) -> Result<(), Problem> {
        let Self::DeleteForGood { request, .. } = self else {
            return Ok(());
        };
        let item = rows.first().ok_or(Problem::NoSuchItem)?;
        if item.trashed == 0 {
            return Err(Problem::NotInTrash);
        }
        if item.place_version != request.base_place_version {
            return Err(Problem::PlaceConflict {
                current_place_version: item.place_version,
            });
        }
        Ok(())
    }
}

/// Later than any item is trashed; D1 keeps it exactly.
const WHENEVER: UnixMillis = 1 << 52;

/// Takes the items of one step away.
async fn take_items(
    db: &impl Database,
    author: &Author,
    wanted: &Deletion,
    at_most: u64,
    deleted: &mut Deleted,
) -> Result<Step, Failure> {
    let space = author.space;
    let before = operation(space, wanted.operation_id());
    // One row more than the step takes tells where the step ends.
    let looks = wanted.looks(space, at_most.saturating_add(1));
    let (before, (rows, open)) = query::all(db, (before, looks)).await?;
    let request_hash = BlockHash::of(&serde_json::to_vec(wanted)?);
    if let Some(first) = before? {
        if first.request_hash != request_hash {
            return Err(Problem::OperationReused.into());
        }
        return Ok(Step::WasOver(from_json(&first.answer)?));
    }
    let rows = rows?;
    wanted.check(&rows)?;
    let open = open?;
    if open > 0 && !wanted.with_open_conflicts() {
        return Err(Problem::OpenConflicts { count: open }.into());
    }
    let (whole, is_last) = whole_subtrees(&rows, at_most);
    if whole.is_empty() && !is_last {
        return Err(DbError::Fault("folders are nested too deeply to be deleted".into()).into());
    }
    let mut answer = deleted.answer;
    let count = whole.len() as u64;
    answer.deleted = answer.deleted.saturating_add(count);
    answer.add_freed(count, ITEM_CHARGE);
    let gone: HashSet<ItemId> = whole.iter().copied().collect();
    let parents = rows.iter().filter(|row| gone.contains(&row.id));
    let parents = parents.filter_map(|row| row.parent);
    let around = parents.filter(|id| !gone.contains(id));
    let around: Vec<ItemId> = around.collect();
    let mut taking = taking(author, wanted, &rows, &whole)?;
    let last = taking.last.take();
    if is_last {
        let last = serde_json::to_string(&DeletedForGood {
            done: true,
            ..answer
        })?;
        let operation = (wanted.operation_id(), request_hash, last, 0);
        let keep = Statement::new(journal::INSERT_OPERATIONS)
            .id(space)
            .bind(serde_json::to_string(&[operation])?)
            .bind(author.now);
        taking.writes.push(keep);
    }
    let access = (taking.grants, taking.links);
    let taking = (taking.head_seq, taking.conflicts, access, taking.writes);
    let (head_seq, conflicts, (grants, links), _) = query::all(db, taking).await?;
    let name = |id| rows.iter().find(|row| row.id == id)?.name.as_str();
    let named = |grant: RemovedRow| {
        let name = name(grant.item).unwrap_or_default().to_owned();
        (grant, name)
    };
    deleted.ended.grants.extend(grants?.into_iter().map(named));
    deleted.ended.links.extend(links?);
    answer.add_freed(conflicts?, VERSION_CHARGE);
    deleted.answer = answer;
    if let Some(last) = last {
        let before = deleted.news.take().map(|(news, _)| news.about);
        let mut about = before.unwrap_or_default();
        about.extend(around);
        let event = last.event_of(author);
        // Nothing is left in it, and what was in it was in the trash before.
        let below = BTreeSet::new();
        let news = Announcement {
            event,
            owner: None,
            about,
            below,
        };
        deleted.news = Some((news, head_seq?));
    }
    Ok(if is_last { Step::Over } else { Step::Goes })
}

/// The batch that takes items away.
struct Taking {
    /// Moves the journal on, and tells where it is then.
    head_seq: Query<Seq>,
    /// Tells how many conflicts go along.
    conflicts: Query<u64>,
    /// Take along what gave access to them.
    grants: Query<Vec<RemovedRow>>,
    links: Query<Vec<LinkKey>>,
    writes: Vec<Statement>,
    /// The last entry of the journal.
    last: Option<JournalEntry>,
}

fn taking(
    author: &Author,
    wanted: &Deletion,
    rows: &[SubtreeRow],
    whole: &[ItemId],
) -> Result<Taking, Failure> {
    let gone = whole.len() as u64;
    let items = serde_json::to_string(whole)?;
    let about = |sql| Statement::new(sql).id(author.space);
    let advance = about(deletion::ADVANCE_AND_UNCOUNT)
        .bind(gone)
        .bind(items.as_str());
    let advance = advance.first::<HeadRow>();
    let head_seq = advance.then(|row| Ok(there(row)?.head_seq));
    let conflicts = about(deletion::COUNT_CONFLICTS).bind(items.as_str());
    let mut statements =
        author
            .reach
            .guarded(author.space, Vec::new(), &whole.iter().copied().collect())?;
    let places: HashSet<_> = rows.iter().map(|row| (row.id, row.place_version)).collect();
    let places = serde_json::to_string(&places)?;
    statements.push(about(deletion::GUARD_PLACES_ARE).bind(places));
    if !wanted.with_open_conflicts() {
        statements.push(about(deletion::GUARD_NO_OPEN_CONFLICT).bind(items.as_str()));
    }
    for sql in [
        deletion::DOOM,
        deletion::REMEMBER,
        deletion::DELETE_CONFLICTS,
        deletion::DELETE_ITEMS,
    ] {
        statements.push(about(sql).bind(items.as_str()));
    }
    let mut spots: HashMap<ItemId, Spot> = rows.iter().filter_map(SubtreeRow::spot).collect();
    let mounts = rows.iter().filter(|row| row.mount != 0);
    let mounts: HashSet<ItemId> = mounts.map(|row| row.id).collect();
    let entries = whole.iter().map(|item| {
        let from = spots.remove(item);
        match mounts.contains(item) {
            true => JournalEntry::unmounted(*item, from),
            false => JournalEntry::deleted(*item, from),
        }
    });
    let mut entries: Vec<JournalEntry> = entries.collect();
    let below_head = (0..gone).rev();
    statements.push(append(author, below_head.zip(&entries))?);
    Ok(Taking {
        head_seq,
        conflicts: conflicts.count(),
        grants: grants::remove_of_items(author.space, &items),
        links: links::remove_of_items(author.space, &items),
        writes: statements,
        last: entries.pop(),
    })
}

/// The items whose whole subtree is among the first `at_most` rows, each once, and each
/// folder after all that is in it; and whether no more rows follow. The rows are depth
/// first, so only the folders above the next row have a part of their subtree beyond
/// the cut.
fn whole_subtrees(rows: &[SubtreeRow], at_most: u64) -> (Vec<ItemId>, bool) {
    let at_most = usize::try_from(at_most).unwrap_or(usize::MAX);
    let parents: HashMap<ItemId, Option<ItemId>> =
        rows.iter().map(|row| (row.id, row.parent)).collect();
    let next = rows.get(at_most);
    let mut above = HashSet::new();
    let mut up = next.and_then(|row| row.parent);
    while let Some(id) = up.filter(|id| above.insert(*id)) {
        up = parents.get(&id).copied().flatten();
    }
    let mut seen = HashSet::new();
    let from_below = rows.iter().take(at_most).rev().map(|row| row.id);
    let whole = from_below.filter(|id| !above.contains(id) && seen.insert(*id));
    (whole.collect(), next.is_none())
}

/// What one step of rows removed.
#[derive(Clone, Copy, Debug, Default)]
struct Removed {
    rows: u64,
    freed_bytes: u64,
    /// Whether anything was left before the step.
    was_left: bool,
    /// Whether anything is left after it.
    is_left: bool,
}

/// A row of a list that is left over: the file or conflict, the row's place, the
/// version that it stands since (0 for a conflict), its block.
type LeftOver = (String, u64, u64, BlockHash);

#[derive(Deserialize)]
struct GivenBack {
    blocks: u64,
    bytes: u64,
    versions: u64,
}

/// Removes one step of what is left over: up to `at_most` rows each of files' lists, of
/// conflicts' lists, and of versions.
async fn remove_rows(db: &impl Database, space: SpaceId, at_most: u64) -> Result<Removed, Failure> {
    let about = |sql| Statement::new(sql).id(space);
    let left_over = |sql| about(sql).bind(at_most).list::<LeftOver>().or_default();
    let looks = (
        about(deletion::IS_LEFT).count(),
        left_over(deletion::DOOMED_FILE_ROWS),
        left_over(deletion::DOOMED_CONFLICT_ROWS),
    );
    let (left, of_files, of_conflicts) = query::all(db, looks).await?;
    if left? == 0 {
        return Ok(Removed::default());
    }
    let lists = [
        (deletion::DELETE_FILE_ROWS, of_files?),
        (deletion::DELETE_CONFLICT_ROWS, of_conflicts?),
    ];
    let mut removal = Vec::new();
    for (sql, list) in &lists {
        removal.push(about(sql).bind(serde_json::to_string(list)?));
        // If fewer were removed, another request has removed the rest and counted them
        // out.
        removal.push(Statement::new(deletion::GUARD_REMOVED).bind(list.len() as u64));
    }
    let lists = lists.into_iter().flat_map(|(_, list)| list);
    let hashes: Vec<BlockHash> = lists.map(|(.., hash)| hash).collect();
    let rows = hashes.len() as u64;
    let hashes = serde_json::to_string(&hashes)?;
    let back = |sql| about(sql).bind(hashes.as_str()).bind(at_most);
    let step = (
        removal,
        back(deletion::GIVEN_BACK).first::<GivenBack>(),
        back(deletion::GIVE_BACK).bind(rows),
        about(deletion::DELETE_VERSIONS).bind(at_most),
        about(deletion::FORGET_DOOMED),
        about(deletion::IS_LEFT).count(),
    );
    let (_, given, .., left) = query::all(db, step).await?;
    let given = given?.ok_or_else(|| DbError::Fault("rows were not counted".into()))?;
    let mut freed = DeletedForGood {
        freed_bytes: given.bytes,
        ..DeletedForGood::default()
    };
    freed.add_freed(given.blocks, BLOCK_CHARGE);
    freed.add_freed(given.versions, VERSION_CHARGE);
    freed.add_freed(rows, LIST_ROW_CHARGE);
    Ok(Removed {
        rows,
        freed_bytes: freed.freed_bytes,
        was_left: true,
        is_left: left? > 0,
    })
}
