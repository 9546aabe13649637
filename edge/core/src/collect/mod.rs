//! The collector: removes what nothing needs any more. A scheduled event runs
//! it; each run does a bounded amount of work and leaves off where the next one
//! goes on.
//!
//! 0. What was [deleted for good](crate::writes::deletion) and is not removed whole,
//!    because the request that did it was cut off: the rows that are left of it.
//! 1. [`blocks`] that no version and no conflict needs, and that were stored
//!    longer ago than [`BLOCK_GRACE_MILLIS`]: their rows.
//! 2. [Patches](old::PATCHES) older than [`PATCH_RETENTION_MILLIS`], and those of which a base
//!    block is gone. A patch of a block that is removed goes with it.
//! 3. [Operations](old::OPERATIONS) older than [`OPERATION_RETENTION_MILLIS`].
//! 4. [`packs`] of which no block is left: their objects.
//!
//! **Races.** One statement looks whether a block is needed and removes it, so a
//! commit is either before it and the block stays, or after it and the foreign
//! key refuses the commit, which is then told `blocks_missing`. The bytes that
//! the client sends again become a new pack: the id of one is never used again,
//! so whatever the collector deletes afterwards is not what was sent.
//!
//! **Crashes.** A pack is condemned in the same batch that removes its last
//! row, and is forgotten after its object was deleted. In between, the object is
//! without rows, which harms nobody, and the next run deletes it.
//!
//! A version is removed by deletion for good and by nothing else, and so is a conflict:
//! what can be read once can be read until then. A pack of which some blocks are needed is kept whole, with
//! the bytes of patches that are forgotten.

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
pub struct Bounds {
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
    /// Objects that are deleted.
    pub packs: u64,
    /// Steps in which rows of what was deleted for good are removed.
    pub deletion_steps: u32,
    /// Rows of one of them; at least 1.
    pub rows_per_step: u64,
}

/// At most 47 calls of database and pack store, of which the free plan allows
/// 50: one for each table to begin, two for a page or a step, three for the packs. That
/// are 40,000 blocks a run, about as many as a space of the default quota has.
pub const BOUNDS: Bounds = Bounds {
    blocks_per_page: 4_000,
    block_pages: 10,
    patches_per_page: 4_000,
    patch_pages: 2,
    operations_per_page: 4_000,
    operation_pages: 6,
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

/// One run over a database and its packs.
///
/// # Errors
/// The database or the pack store does not answer. What was done is done, and
/// the next run goes on from there.
pub async fn run(
    db: &impl Database,
    packs: &impl Packs,
    now: UnixMillis,
    bounds: &Bounds,
) -> Result<Collected, Failure> {
    let stored_before = now.saturating_sub(BLOCK_GRACE_MILLIS);
    let patched_before = now.saturating_sub(PATCH_RETENTION_MILLIS);
    let done_before = now.saturating_sub(OPERATION_RETENTION_MILLIS);
    let deleted_rows = deletion::go_on(db, bounds.deletion_steps, bounds.rows_per_step).await?;
    Ok(Collected {
        deleted_rows,
        // 1
        blocks: blocks::collect(db, stored_before, bounds).await?,
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
        packs: packs::delete(db, packs, bounds.packs).await?,
    })
}
