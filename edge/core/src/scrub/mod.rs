//! The scrub reads stored packs again and compares every block with its hash. A
//! scheduled event runs it. Each run does a bounded amount of work, and the next one
//! goes on where it left off. After the last pack, the scrub begins anew.
//!
//! It goes through packs in the order of their keys, both those that rows name and
//! those that the pack store lists:
//!
//! 1. A pack that rows name is read. Blocks that are missing or do not match their hash
//!    are marked, and blocks that are whole again lose their mark.
//! 2. An object that no row names and that is older than
//!    [`BLOCK_GRACE_MILLIS`](protocol::limits::BLOCK_GRACE_MILLIS) is condemned. It is
//!    left from an upload that was cut off between object and rows, or its blocks were
//!    removed or have moved: then it is condemned already, and stays for its time.
//!
//! **A marked block keeps its row**, so no version loses it silently. Proposals and
//! commits count it as missing, so a client that has the block is asked to send it.
//! That upload gives the row a place in the new pack. Until then the block is sent to
//! nobody.
//!
//! **Races.** Rows are read after the objects were listed. A pack that is just being
//! uploaded is too young to be condemned, and an old one gets no rows any more, because a
//! pack's id is never used again. A block that was removed or sent again meanwhile is
//! not marked, because the statement that marks it names the pack, too.

mod compare;
mod page;

use crate::collect::progress::Position;
use crate::error::Failure;
use crate::log;
use crate::ports::{Database, Packs, Statement};
use crate::store::sql::rewriting;
use page::{Object, PackPage};
use protocol::ids::UnixMillis;

const POSITION: &str = "packs";

/// What one run does at most.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ScrubBounds {
    /// The most objects that are looked at; at least 1.
    pub packs: u32,
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
    /// Objects without rows.
    pub orphans: u64,
}

/// Makes one run over a database and the packs of its spaces.
///
/// # Errors
/// The database does not answer, or the pack store does not list. The
/// next run goes on from the last step.
pub async fn run(
    db: &impl Database,
    packs: &impl Packs,
    now: UnixMillis,
    bounds: &ScrubBounds,
) -> Result<Scrubbed, Failure> {
    let at = Position::read(db, POSITION).await?;
    let page = PackPage::read(db, packs, at, bounds).await?;
    let mut scrubbed = Scrubbed::default();
    let all: Vec<&Object> = page.objects.values().collect();
    for step in all.chunks(bounds.packs_per_step) {
        let mut statements = Vec::new();
        let mut orphans = Vec::new();
        for object in step {
            if object.blocks.is_empty() {
                if object.is_orphan(now) {
                    orphans.push((object.space, object.pack));
                }
                continue;
            }
            let verdict = match object.compare(packs).await {
                Ok(verdict) => verdict,
                Err(why) => {
                    // The pack may be whole. The next pass looks again, so the packs
                    // behind it need not wait.
                    log::fault(format_args!("{}: {why}", object.key()));
                    scrubbed.unread = scrubbed.unread.saturating_add(1);
                    continue;
                }
            };
            scrubbed.blocks = scrubbed.blocks.saturating_add(object.blocks.len() as u64);
            scrubbed.damaged = scrubbed
                .damaged
                .saturating_add(verdict.damaged.len() as u64);
            scrubbed.recovered = scrubbed
                .recovered
                .saturating_add(verdict.recovered.len() as u64);
            statements.extend(verdict.statements(object, now)?);
        }
        scrubbed.orphans = scrubbed.orphans.saturating_add(orphans.len() as u64);
        if !orphans.is_empty() {
            let orphans = serde_json::to_string(&orphans)?;
            statements.push(Statement::new(rewriting::CONDEMN_STRAYS).bind(orphans));
        }
        if let Some(last) = step.last() {
            statements.push(last.position().put(POSITION));
            db.batch(statements).await?;
        }
    }
    let next = match page.up_to {
        Some(key) if all.is_empty() => Some(Position::of_key(&key)),
        Some(_) => None,
        None => Some(Position::default()),
    };
    if let Some(next) = next {
        db.run(next.put(POSITION)).await?;
    }
    Ok(scrubbed)
}
