//! What a change adds to its space, and whether there is room for it: within the
//! quota, and within the limits that the operator has set.
//!
//! The counts are columns of the space's row, which every change writes anyway. A batch
//! counts before it writes its lists, because a block counts only if no list has it
//! yet. A guard refuses the batch if others have taken the room since the snapshot was
//! read.

use crate::error::Failure;
use crate::ports::{Database, Statement};
use crate::query::{self, Query};
use crate::store::rows::{HeadRow, SpaceRow, from_json};
use crate::store::space::{there, trash};
use crate::store::sql::{journal, space};
use blocks::manifest::BlockRef;
use protocol::ids::{Seq, SpaceId};
use protocol::limits::{
    BLOCK_CHARGE, DEFAULT_MAX_ITEMS, DEFAULT_MAX_LIST_ROWS, DEFAULT_MAX_VERSIONS_OF_A_FILE,
    ITEM_CHARGE, LIST_ROW_CHARGE, VERSION_CHARGE,
};
use protocol::problem::{Limited, Problem};
use serde::Deserialize;

/// How many rows there may be, as the operator has set the limits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// The most items of a space, those in the trash too.
    pub items: u64,
    /// The most versions of one file.
    pub versions_of_a_file: u64,
    /// The most list rows of a space, of all versions and conflicts.
    pub list_rows: u64,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            items: DEFAULT_MAX_ITEMS,
            versions_of_a_file: DEFAULT_MAX_VERSIONS_OF_A_FILE,
            list_rows: DEFAULT_MAX_LIST_ROWS,
        }
    }
}

/// What a change adds.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Charge {
    /// New files and folders.
    pub items: u64,
    /// Versions and conflicts.
    pub versions: u64,
    /// The new rows of lists, as their blocks.
    pub rows: Vec<BlockRef>,
}

impl Charge {
    /// Whether nothing is added.
    pub fn is_nothing(&self) -> bool {
        *self == Self::default()
    }

    /// What these rows are charged for, in bytes, without the blocks themselves.
    fn bytes(&self) -> u64 {
        let items = self.items.saturating_mul(ITEM_CHARGE);
        let versions = self.versions.saturating_mul(VERSION_CHARGE);
        let rows = (self.rows.len() as u64).saturating_mul(LIST_ROW_CHARGE);
        items.saturating_add(versions).saturating_add(rows)
    }
}

/// Blocks that no list has yet.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
pub struct NewBlocks {
    /// How many blocks they are.
    pub count: u64,
    /// Plain bytes of all of them.
    pub bytes: u64,
}

impl NewBlocks {
    /// These blocks and one more.
    #[must_use]
    pub fn with(self, block: &BlockRef) -> Self {
        Self {
            count: self.count.saturating_add(1),
            bytes: self.bytes.saturating_add(block.length.into()),
        }
    }

    /// The plain bytes with what the rows of the blocks are charged for.
    pub fn charged_bytes(self) -> u64 {
        let rows = self.count.saturating_mul(BLOCK_CHARGE);
        self.bytes.saturating_add(rows)
    }
}

/// The room of a space when a snapshot was read.
#[derive(Clone, Copy, Debug)]
pub struct Room {
    /// What the space holds.
    pub space: SpaceRow,
    /// How many rows it may have.
    pub limits: Limits,
}

#[derive(Deserialize)]
struct RoomRow {
    #[serde(flatten)]
    space: SpaceRow,
    /// `[blocks, bytes]`
    new: String,
}

/// The room of a space, and how many of the blocks that a change names are new.
///
/// # Errors
/// The list can't be written as JSON.
pub fn room(
    space: SpaceId,
    named: &[BlockRef],
    limits: Limits,
) -> serde_json::Result<Query<(Room, NewBlocks)>> {
    let named = serde_json::to_string(named)?;
    let room = Statement::new(space::ROOM).id(space).bind(named);
    Ok(room.first::<RoomRow>().then(move |row| {
        let row = there(row)?;
        let (count, bytes) = from_json(&row.new)?;
        let space = row.space;
        Ok((Room { space, limits }, NewBlocks { count, bytes }))
    }))
}

impl Room {
    /// The room of a space, for callers that look only at bytes: the limits are the
    /// default ones.
    pub fn of(space: SpaceRow) -> Self {
        let limits = Limits::default();
        Self { space, limits }
    }

    /// Checks whether there is room for a change with these new blocks.
    ///
    /// # Errors
    /// 507 `quota_exceeded`, without `trash_bytes`; 507 `limit_reached`.
    pub fn check(&self, charge: &Charge, new: NewBlocks) -> Result<(), Problem> {
        let limits = &self.limits;
        let rows = charge.rows.len() as u64;
        within(
            Limited::Items,
            self.space.item_count,
            charge.items,
            limits.items,
        )?;
        within(
            Limited::ListRows,
            self.space.row_count,
            rows,
            limits.list_rows,
        )?;
        self.check_bytes(charge.bytes().saturating_add(new.charged_bytes()))
    }

    /// Checks the room for what was decided. If blocks are missing, it checks whether
    /// they would fit, so that they do not travel in vain.
    ///
    /// # Errors
    /// Those of [`check`](Self::check).
    pub fn check_end(
        &self,
        decided: Result<&Charge, &Failure>,
        new: NewBlocks,
    ) -> Result<(), Problem> {
        match decided {
            Ok(charge) => self.check(charge, new),
            Err(Failure::Problem(Problem::BlocksMissing { .. })) => {
                self.check_bytes(new.charged_bytes())
            }
            Err(_) => Ok(()),
        }
    }

    /// Checks whether so many bytes fit.
    ///
    /// # Errors
    /// 507 `quota_exceeded`, without `trash_bytes`.
    pub fn check_bytes(&self, needed_bytes: u64) -> Result<(), Problem> {
        let used_bytes = self.space.counted_bytes();
        let quota_bytes = self.space.quota_bytes;
        if needed_bytes == 0 || used_bytes.saturating_add(needed_bytes) <= quota_bytes {
            return Ok(());
        }
        Err(Problem::QuotaExceeded {
            used_bytes,
            quota_bytes,
            needed_bytes: Some(needed_bytes),
            trash_bytes: None,
        })
    }

    /// The room that is left once a change has taken its own.
    #[must_use]
    pub fn after(mut self, charge: &Charge, new: NewBlocks) -> Self {
        let space = &mut self.space;
        space.item_count = space.item_count.saturating_add(charge.items);
        space.version_count = space.version_count.saturating_add(charge.versions);
        space.row_count = space.row_count.saturating_add(charge.rows.len() as u64);
        space.needed_blocks = space.needed_blocks.saturating_add(new.count);
        space.needed_bytes = space.needed_bytes.saturating_add(new.bytes);
        self
    }
}

fn within(what: Limited, there_are: u64, more: u64, most: u64) -> Result<(), Problem> {
    if more == 0 || there_are.saturating_add(more) <= most {
        return Ok(());
    }
    Err(Problem::LimitReached { what, most })
}

/// Checks whether a file with so many versions may have one more.
///
/// # Errors
/// 507 `limit_reached`.
pub fn check_versions(limits: &Limits, there_are: u64) -> Result<(), Failure> {
    let most = limits.versions_of_a_file;
    Ok(within(Limited::VersionsOfAFile, there_are, 1, most)?)
}

/// Two parts of a batch. The query moves the journal on by so many entries, counts what
/// the statements after it add, and tells where the journal is then. The guard, if
/// there is one, refuses the batch if there is no room for that.
///
/// # Errors
/// The list can't be written as JSON.
pub fn advance(
    space: SpaceId,
    entries: u64,
    charge: &Charge,
    limits: &Limits,
) -> Result<(Query<Seq>, Option<Statement>), Failure> {
    let head = |advance: Statement| {
        let head = advance.first::<HeadRow>();
        head.then(|row| Ok(there(row)?.head_seq))
    };
    if charge.is_nothing() {
        let advance = Statement::new(journal::ADVANCE).id(space).bind(entries);
        return Ok((head(advance), None));
    }
    let advance = Statement::new(space::ADVANCE_AND_CHARGE)
        .id(space)
        .bind(entries)
        .bind(charge.items)
        .bind(charge.versions)
        .bind(charge.rows.len() as u64)
        .bind(serde_json::to_string(&charge.rows)?);
    // A change that adds no such row is not refused, even if the space is over the
    // limit already.
    let most = |more: u64, most| if more == 0 { NO_LIMIT } else { most };
    let guard = Statement::new(space::GUARD_ROOM)
        .id(space)
        .bind(most(charge.items, limits.items))
        .bind(most(charge.rows.len() as u64, limits.list_rows));
    Ok((head(advance), Some(guard)))
}

/// More than any count; D1 keeps it exactly.
const NO_LIMIT: u64 = 1 << 52;

/// Adds what the trash holds to a refusal by the quota. Any other failure stays as it
/// is.
pub async fn with_trash(db: &impl Database, space: SpaceId, failure: Failure) -> Failure {
    match failure {
        Failure::Problem(problem @ Problem::QuotaExceeded { .. }) => {
            match tell_trash(db, space, problem).await {
                Ok(problem) => problem.into(),
                Err(other) => other,
            }
        }
        other => other,
    }
}

/// Does the same to a problem.
///
/// # Errors
/// The database does not answer.
pub async fn tell_trash(
    db: &impl Database,
    space: SpaceId,
    mut problem: Problem,
) -> Result<Problem, Failure> {
    if let Problem::QuotaExceeded { trash_bytes, .. } = &mut problem {
        *trash_bytes = Some(query::one(db, trash(space)).await?.bytes);
    }
    Ok(problem)
}
