//! The scrub reads stored packs again and compares every block with its hash. A
//! scheduled event runs it. Each run does a bounded amount of work, and the next one
//! goes on where it left off. After the last pack, the scrub begins anew.
//!
//! It goes through the packs that rows name, in the order of their keys, and reads each of
//! them. Blocks that are missing or do not match their hash are marked, and blocks that are
//! whole again lose their mark. Objects that no row names are left to the
//! [rewriting](crate::rewrite), which lists them all.
//!
//! **A marked block keeps its row**, so no version loses it silently. Proposals and
//! commits count it as missing, so a client that has the block is asked to send it.
//! That upload gives the row a place in the new pack. Until then the block is sent to
//! nobody.
//!
//! **Races.** A block that was removed or sent again after its row was read is not marked,
//! because the statement that marks it names the pack, too.

mod compare;
mod page;

use crate::collect::progress::Position;
use crate::error::Failure;
use crate::log;
use crate::ports::{Database, Packs};
use page::PackPage;
use protocol::ids::UnixMillis;

const POSITION: &str = "packs";

/// What one run does at most.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ScrubBounds {
    /// Packs that are looked at; at least 1.
    pub packs: u64,
    /// After so many packs, the run writes down how far it has gone.
    pub packs_per_step: usize,
    /// The most rows of `blocks` that are read; more than one pack can have.
    pub rows: u64,
}

/// At most 44 calls of database and pack store, of which the free plan allows 50: three
/// to begin, one for each pack, two for each step, one for the rest. At the usual 4 MiB
/// a pack, one run reads 128 MiB.
pub const BOUNDS: ScrubBounds = ScrubBounds {
    packs: 32,
    packs_per_step: 8,
    rows: 40_000,
};

/// What one run found.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Scrubbed {
    /// Blocks that were compared with their hash.
    pub blocks: u64,
    /// Blocks that are damaged or missing, and had no mark.
    pub damaged: u64,
    /// Blocks that had a mark, and are whole again.
    pub recovered: u64,
    /// Packs that the store did not give out.
    pub unread: u64,
}

/// Makes one run over a database and the packs of its spaces.
///
/// # Errors
/// The database does not answer. The next run goes on from the last step.
pub async fn run(
    db: &impl Database,
    packs: &impl Packs,
    now: UnixMillis,
    bounds: &ScrubBounds,
) -> Result<Scrubbed, Failure> {
    let at = Position::read(db, POSITION).await?;
    let PackPage { packs: all, next } = PackPage::read(db, at, bounds).await?;
    let mut scrubbed = Scrubbed::default();
    for step in all.chunks(bounds.packs_per_step) {
        let mut statements = Vec::new();
        for pack in step {
            let verdict = match pack.compare(packs).await {
                Ok(verdict) => verdict,
                Err(why) => {
                    // The pack may be whole. The next pass looks again, so the packs
                    // behind it need not wait.
                    log::fault(format_args!("{}: {why}", pack.key()));
                    scrubbed.unread = scrubbed.unread.saturating_add(1);
                    continue;
                }
            };
            scrubbed.blocks = scrubbed.blocks.saturating_add(pack.blocks.len() as u64);
            scrubbed.damaged = scrubbed
                .damaged
                .saturating_add(verdict.damaged.len() as u64);
            scrubbed.recovered = scrubbed
                .recovered
                .saturating_add(verdict.recovered.len() as u64);
            statements.extend(verdict.statements(pack, now)?);
        }
        if let Some(last) = step.last() {
            statements.push(last.position().put(POSITION));
            db.batch(statements).await?;
        }
    }
    db.run(next.unwrap_or_default().put(POSITION)).await?;
    Ok(scrubbed)
}
