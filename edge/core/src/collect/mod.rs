//! The collector removes what nothing needs any more. A scheduled event runs it. Each
//! run does a bounded amount of work, and the next one goes on where it left off.
//!
//! 0. Rows that a [deletion for good](crate::writes::deletion) has left over, because
//!    its request ended before all was done.
//! 1. The rows of [`blocks`] that no version and no conflict needs, and that were
//!    stored longer ago than [`BLOCK_GRACE_MILLIS`].
//! 2. [Patches](old::PATCHES) that are older than [`PATCH_RETENTION_MILLIS`] or have
//!    lost a base block. When a block is removed, its patch goes with it.
//! 3. [Operations](old::OPERATIONS) that are older than [`OPERATION_RETENTION_MILLIS`].
//! 4. The objects of [`packs`] that have had no block for an hour.
//!
//! **Races.** One statement looks whether a block is needed and removes it. If a commit
//! comes before it, the block stays. If a commit comes after it, the foreign key
//! refuses the commit, which is then told `blocks_missing`. The bytes that the client
//! sends again become a new pack. A pack's id is never used again, so the collector
//! can't delete what was just sent.
//!
//! **Crashes.** The batch that removes the last row of a pack condemns the pack, and
//! the pack is forgotten after its object was deleted, an hour later at the earliest, by
//! this or by the [rewriting](crate::rewrite) of packs. In between, the object has no rows,
//! which harms nobody.
//!
//! Only deletion for good and [thinning](crate::retention::thin) remove versions, and only
//! the former conflicts, so what can be read once can be read until then. A pack is kept
//! whole as long as one of its blocks is needed, even with the bytes of patches that are
//! forgotten; packs of which little is needed are [written anew](crate::rewrite).

mod blocks;
pub mod evict;
mod old;
pub mod packs;
pub mod progress;

use crate::error::Failure;
use crate::ports::{Database, MAX_KEYS_PER_DELETE, Packs};
use crate::writes::deletion;
use protocol::ids::UnixMillis;
use protocol::limits::{BLOCK_GRACE_MILLIS, OPERATION_RETENTION_MILLIS, PATCH_RETENTION_MILLIS};

/// What one run does at most.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CollectBounds {
    /// Rows of `blocks` that are looked at together; at least 1.
    pub blocks_per_page: u64,
    /// Pages of `blocks` in one run.
    pub block_pages: u32,
    /// Rows of `patches` that are looked at together; at least 1.
    pub patches_per_page: u64,
    /// Pages of `patches` in one run.
    pub patch_pages: u32,
    /// Rows of `operations` that are looked at together; at least 1.
    pub operations_per_page: u64,
    /// Pages of `operations` in one run.
    pub operation_pages: u32,
    /// The most objects that are deleted.
    pub packs: u64,
    /// Steps in which rows of what was deleted for good are removed.
    pub deletion_steps: u32,
    /// Rows that one such step removes; at least 1.
    pub rows_per_step: u64,
}

/// At most 46 calls of database and pack store, of which the free plan allows 50: one
/// to begin with each of three tables and two for each page, one to find a space for
/// each deletion step and two for the step, and three for the packs. What is left is for
/// openings, for the directory's sweep, and to write down how both went. One run looks at
/// 40,000 blocks, about as many as a space of the default quota has.
pub const BOUNDS: CollectBounds = CollectBounds {
    blocks_per_page: 4_000,
    block_pages: 10,
    patches_per_page: 4_000,
    patch_pages: 2,
    operations_per_page: 4_000,
    operation_pages: 5,
    packs: MAX_KEYS_PER_DELETE,
    deletion_steps: 2,
    rows_per_step: deletion::BOUNDS.rows_per_step,
};

/// What one run removed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Collected {
    /// Rows of lists of what was deleted for good.
    pub deleted_rows: u64,
    /// Rows of `blocks`.
    pub blocks: u64,
    /// Rows of `patches`.
    pub patches: u64,
    /// Rows of `operations`.
    pub operations: u64,
    /// Objects of the pack store.
    pub packs: u64,
}

/// Makes one run over a database and its packs.
///
/// # Errors
/// The database or the pack store does not answer. What was removed stays removed, and
/// the next run goes on from there.
pub async fn run(
    db: &impl Database,
    packs: &impl Packs,
    now: UnixMillis,
    bounds: &CollectBounds,
) -> Result<Collected, Failure> {
    let stored_before = now.saturating_sub(BLOCK_GRACE_MILLIS);
    let patched_before = now.saturating_sub(PATCH_RETENTION_MILLIS);
    let done_before = now.saturating_sub(OPERATION_RETENTION_MILLIS);
    let deleted_rows = deletion::go_on(db, bounds.deletion_steps, bounds.rows_per_step).await?;
    Ok(Collected {
        deleted_rows,
        // 1
        blocks: blocks::collect(db, (stored_before, now), bounds).await?,
        // 2
        patches: old::trim(
            db,
            &old::PATCHES,
            patched_before,
            bounds.patches_per_page,
            bounds.patch_pages,
        )
        .await?,
        // 3
        operations: old::trim(
            db,
            &old::OPERATIONS,
            done_before,
            bounds.operations_per_page,
            bounds.operation_pages,
        )
        .await?,
        // 4
        packs: packs::delete(db, packs, now, bounds.packs).await?,
    })
}
