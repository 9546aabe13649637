//! Rewriting: packs of which little is needed are written anew. An object is deleted as a
//! whole, so without this, one block that is needed keeps all that came with it. A
//! scheduled event runs it. Each run does a bounded amount of work, and the next one goes
//! on where it left off; after the last pack it begins anew.
//!
//! 0. Objects of condemned packs are deleted, once they need not stay for readers.
//! 1. Pages of objects are listed, with how much of each its rows take. [`sparse`] packs are
//!    those that are much larger than that. Objects of which no row tells are condemned.
//! 2. One statement reads which blocks of the first sparse packs are needed.
//! 3. They are read, one call for each pack, and become full [new packs](crate::repack).
//! 4. The run writes down how far it has gone: behind the last pack that it has looked at,
//!    whatever became of that one. What is left over comes with the next pass.
//!
//! **What is not moved**: blocks that nothing needs, which the collector removes; damaged
//! ones, which the scrub finds; and packs of the last day, in which uploads under way may
//! have blocks that nothing needs yet, and of which versions are about to be thinned.
//!
//! **Never over and over.** A new pack has nothing but needed blocks, and is not looked at
//! for a day. A pack becomes sparse only by what is removed from it, so [`MOST_PER_NEEDED`]
//! bounds how many bytes are copied for each that is removed: 10/3.
//!
//! **Races and crashes.** See [`repack`](crate::repack). A crash leaves at most an object
//! that no row tells of. It is condemned when it is a day old, because an upload or a move
//! that was under way has written its rows by then, or never will: an id of a pack is never
//! used again.

pub mod sparse;

use crate::collect::packs as condemned;
use crate::collect::progress::Position;
use crate::error::Failure;
use crate::log;
use crate::memory;
use crate::ports::{Database, MAX_KEYS_PER_DELETE, Packs, Statement};
use crate::query;
use crate::repack::{Located, NewPack};
use crate::store::extents::Extent;
use crate::store::packs::pack_key;
use crate::store::places::BlockPlace;
use crate::store::sql::rewriting;
use blocks::frame::Codec;
use blocks::hash::BlockHash;
use protocol::ids::{PackId, SpaceId, UnixMillis};
use protocol::limits::{MAX_BLOCK_BYTES, MAX_PACK_BODY_BYTES};
use serde::Deserialize;
use sparse::{Page, Sparse};
use std::collections::BTreeMap;

/// Target. What is stored, for each 10 bytes that are needed: no pack that is older than a
/// day is larger than 1.3 times what is needed of it.
pub const MOST_PER_NEEDED: (u64, u64) = (13, 10);

const POSITION: &str = "rewriting";

/// What one run does at most.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RewriteBounds {
    /// Objects that are listed together; at least 1, and at most
    /// [`MAX_KEYS_PER_LIST`](crate::ports::MAX_KEYS_PER_LIST).
    pub objects_per_page: u32,
    /// Pages in which it looks for sparse packs.
    pub pages: u32,
    /// The most rows of `blocks` that are read with a page; more than one pack can have.
    pub rows_per_page: u64,
    /// Sparse packs that are read, with a call for each.
    pub sources: usize,
    /// Blocks of all of them.
    pub blocks: u64,
    /// Packs that are written.
    pub packs: usize,
    /// Stored bytes of each, but for the blocks of one sparse pack that are more.
    pub bytes: u64,
}

/// At most 45 calls of database and pack store, of which the free plan allows 50: three to
/// delete, one to begin, two for each page, one to condemn in each, one that reads which
/// blocks are needed, one for each sparse pack, three for each new one, and one for the end.
/// What is left is for writing down how it went.
pub const BOUNDS: RewriteBounds = RewriteBounds {
    objects_per_page: 1_000,
    pages: 3,
    rows_per_page: 40_000,
    sources: 18,
    blocks: 4_096,
    packs: 4,
    bytes: 8 << 20,
};

/// What one run did.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Rewritten {
    /// Objects that were looked at.
    pub looked_at: u64,
    /// Packs that had little that is needed, and have nothing any more.
    pub emptied: u64,
    /// Packs that were written of their blocks.
    pub written: u64,
    /// Bytes that go with the packs that were emptied, less those that were written.
    pub saved_bytes: u64,
    /// Packs that the store did not give out, or not now.
    pub unread: u64,
    /// Objects that were deleted, of packs that were condemned before.
    pub deleted: u64,
}

/// Makes one run over a database and the packs of its spaces.
///
/// # Errors
/// The database does not answer, or the pack store does not list, write or delete. What was
/// moved stays so, and the next run goes on from there.
pub async fn run(
    db: &impl Database,
    packs: &impl Packs,
    now: UnixMillis,
    fresh_id: impl Fn() -> Result<PackId, Failure>,
    bounds: &RewriteBounds,
) -> Result<Rewritten, Failure> {
    // 0
    let deleted = condemned::delete(db, packs, now, MAX_KEYS_PER_DELETE).await?;
    let mut rewritten = Rewritten {
        deleted,
        ..Rewritten::default()
    };
    // 1
    let mut at = Position::read(db, POSITION).await?;
    let mut sparse = Vec::new();
    for _ in 0..bounds.pages {
        let page = Page::read(db, packs, &at, now, bounds).await?;
        page.condemn_strays(db).await?;
        rewritten.looked_at = rewritten.looked_at.saturating_add(page.looked_at);
        let is_last = page.next.is_none();
        at = page.next.unwrap_or_default();
        sparse = page.sparse;
        if let Some(last) = bounds.sources.checked_sub(1).and_then(|n| sparse.get(n))
            && sparse.len() > bounds.sources
        {
            at = last.position();
            sparse.truncate(bounds.sources);
        }
        if is_last || !sparse.is_empty() {
            break;
        }
    }
    // 2
    let needed = Needed::read(db, &sparse, bounds.blocks).await?;
    let (plans, planned) = plans(&sparse, needed, bounds);
    if let Some(last) = planned.checked_sub(1).and_then(|n| sparse.get(n))
        && planned < sparse.len()
    {
        at = last.position();
    }
    // 3
    let sizes: BTreeMap<PackId, u64> = sparse.iter().map(|one| (one.pack, one.size)).collect();
    for Plan { space, sources, .. } in plans {
        let (pack, unread) = read(packs, space, &sources).await?;
        rewritten.unread = rewritten.unread.saturating_add(unread);
        let bytes = pack.bytes();
        let stored = pack.store(db, packs, fresh_id()?, now).await?;
        let emptied = stored.emptied.iter().filter_map(|pack| sizes.get(pack));
        let freed = emptied.fold(0, |sum: u64, size| sum.saturating_add(*size));
        rewritten.saved_bytes = rewritten
            .saved_bytes
            .saturating_add(freed.saturating_sub(bytes));
        let count = stored.emptied.len() as u64;
        rewritten.emptied = rewritten.emptied.saturating_add(count);
        let is_written = u64::from(stored.blocks > 0);
        rewritten.written = rewritten.written.saturating_add(is_written);
    }
    // 4
    db.run(at.put(POSITION)).await?;
    Ok(rewritten)
}

/// The blocks of one sparse pack that go into a new one, in their order.
type Source = Vec<Located>;

#[derive(Deserialize)]
struct NeededRow {
    space: SpaceId,
    pack: PackId,
    hash: BlockHash,
    offset: u64,
    length: u64,
    codec: Codec,
    stored_length: u64,
}

/// The needed blocks of sparse packs, by pack.
#[derive(Default)]
struct Needed {
    of: BTreeMap<PackId, Source>,
    /// The pack of which there may be more than was read.
    cut: Option<PackId>,
}

impl Needed {
    async fn read(db: &impl Database, sparse: &[Sparse], at_most: u64) -> Result<Self, Failure> {
        if sparse.is_empty() {
            return Ok(Self::default());
        }
        let wanted: Vec<_> = sparse.iter().map(|one| (one.space, one.pack)).collect();
        let read = Statement::new(rewriting::NEEDED)
            .bind(serde_json::to_string(&wanted)?)
            .bind(at_most);
        let read = read.readable::<NeededRow>(&["space", "pack", "hash"]);
        let rows = query::one(db, read).await?;
        let mut needed = Self {
            cut: rows
                .last()
                .filter(|_| rows.len() as u64 >= at_most)
                .map(|row| row.pack),
            ..Self::default()
        };
        let most_bytes = MAX_PACK_BODY_BYTES as u64;
        for row in rows {
            let extent = Extent {
                pack: row.pack,
                offset: row.offset,
                length: row.stored_length,
            };
            let place = BlockPlace {
                extent,
                length: row.length,
                codec: row.codec,
                is_damaged: false,
            };
            let of = sparse
                .iter()
                .find(|one| (one.space, one.pack) == (row.space, row.pack));
            // What its row has elsewhere than in the object is damaged.
            let is_in_it = of.is_some_and(|of| extent.end() <= of.size.min(most_bytes));
            if is_in_it && row.length <= MAX_BLOCK_BYTES as u64 {
                let source = needed.of.entry(row.pack).or_default();
                source.push((row.hash, place));
            }
        }
        Ok(needed)
    }
}

/// What becomes one pack.
struct Plan {
    space: SpaceId,
    sources: Vec<Source>,
    /// Of all of them.
    bytes: u64,
}

/// Which packs become one: those of a space, in their order, as long as there is room. Also
/// tells how many of the sparse packs were gone through.
fn plans(sparse: &[Sparse], mut needed: Needed, bounds: &RewriteBounds) -> (Vec<Plan>, usize) {
    let mut plans: Vec<Plan> = Vec::new();
    for (n, one) in sparse.iter().enumerate() {
        if n > 0 && needed.cut == Some(one.pack) {
            return (plans, n);
        }
        let Some(source) = needed.of.remove(&one.pack) else {
            continue;
        };
        let lengths = source.iter().map(|(_, place)| place.extent.length);
        let bytes: u64 = lengths.sum();
        let is_full = plans.len() >= bounds.packs;
        match plans.last_mut() {
            Some(plan)
                if plan.space == one.space && plan.bytes.saturating_add(bytes) <= bounds.bytes =>
            {
                plan.sources.push(source);
                plan.bytes = plan.bytes.saturating_add(bytes);
            }
            _ if is_full => return (plans, n),
            _ => plans.push(Plan {
                space: one.space,
                sources: vec![source],
                bytes,
            }),
        }
    }
    (plans, sparse.len())
}

/// Reads what becomes one pack, one sparse pack after another. Returns how many of them the
/// store did not give out.
async fn read(
    packs: &impl Packs,
    space: SpaceId,
    sources: &[Source],
) -> Result<(NewPack, u64), Failure> {
    let mut pack = NewPack::of(space, sources.iter().flatten())?;
    let mut unread = 0_u64;
    for source in sources {
        let Some(cover) = cover(source) else {
            continue;
        };
        let key = pack_key(space, cover.pack);
        let _held = memory::hold(usize::try_from(cover.length).unwrap_or(usize::MAX))?;
        let bytes = match packs.read(&key, cover.offset, cover.length).await {
            Ok(bytes) => bytes.unwrap_or_default(),
            Err(why) => {
                // It comes again with the next pass, and the packs behind it need not wait.
                log::fault(format_args!("{key}: {why}"));
                unread = unread.saturating_add(1);
                continue;
            }
        };
        for block in source {
            pack.take(block, part(&bytes, &cover, &block.1.extent));
        }
    }
    Ok((pack, unread))
}

/// All blocks of a source, with what is between them.
fn cover(source: &Source) -> Option<Extent> {
    let mut extents = source.iter().map(|(_, place)| place.extent);
    let first = extents.next()?;
    Some(extents.fold(first, |all, extent| all.cover(&extent).unwrap_or(all)))
}

fn part<'a>(bytes: &'a [u8], cover: &Extent, of: &Extent) -> Option<&'a [u8]> {
    let start = usize::try_from(of.offset.checked_sub(cover.offset)?).ok()?;
    let length = usize::try_from(of.length).ok()?;
    bytes.get(start..)?.get(..length)
}
