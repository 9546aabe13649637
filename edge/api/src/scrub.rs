//! The scrub: reads stored packs again and compares every block with its hash. A
//! scheduled event runs it; each run does a bounded amount of work and leaves off
//! where the next one goes on, and after the last pack it begins anew.
//!
//! Packs are gone through by the names of their objects, those that rows name and
//! those that the pack store lists:
//!
//! 1. A pack that rows name is read. Blocks that are missing or not what their
//!    hash says are marked, and blocks that are whole again lose their mark.
//! 2. An object that no row names and that is older than [`BLOCK_GRACE_MILLIS`] is
//!    deleted: an upload that was cut off between object and rows has left it.
//!
//! **A marked block keeps its row**, so no version loses it silently. Proposals
//! and commits count it as missing: whoever has it is asked to send it, and that
//! upload gives the row its place in the new pack. Until then it is not sent to
//! anyone.
//!
//! **Races.** Rows are read after the objects were listed, so a pack that is just
//! being uploaded is too young to be deleted, and an old one gets no rows any
//! more: the id of a pack is never used again. A block that was removed or sent
//! again meanwhile is not marked, since the mark asks for the pack too.

use crate::collect::progress::Position;
use crate::error::Failure;
use crate::log;
use crate::ports::{Database, DbError, Listing, Packs, Statement};
use crate::reads::payloads::plain;
use crate::store::extents::Extent;
use crate::store::places::{Place, pack_key, pack_of_key};
use crate::store::sql::scrub;
use crate::writes::versioning::answers;
use serde::Deserialize;
use shared::frame::Codec;
use shared::hash::BlockHash;
use shared::ids::{PackId, SpaceId, UnixMillis};
use shared::limits::BLOCK_GRACE_MILLIS;
use std::collections::{BTreeMap, BTreeSet};

const POSITION: &str = "packs";

/// What one run does at most.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Bounds {
    /// Objects that are looked at; at least 1.
    pub packs: u32,
    /// Packs after which it is written down how far the run has gone.
    pub packs_per_step: usize,
    /// Rows of `blocks` that are read: more than one pack can have.
    pub rows: u64,
}

/// At most 44 calls of database and pack store, of which the free plan allows 50:
/// three to begin, one for each pack, two for each step, one for the rest. In the
/// usual packs of 4 MiB that are 128 MiB a run.
pub const BOUNDS: Bounds = Bounds {
    packs: 32,
    packs_per_step: 8,
    rows: 40_000,
};

/// What one run found.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Scrubbed {
    /// Blocks that were compared with their hash.
    pub blocks: u64,
    /// Those that are damaged or missing, and were not known to be.
    pub damaged: u64,
    /// Those that were known to be, and are whole again.
    pub recovered: u64,
    /// Packs that the store did not give out.
    pub unread: u64,
    /// Objects without rows that were deleted.
    pub orphans: u64,
}

/// One run over a database and the packs of its spaces.
///
/// # Errors
/// The database does not answer, or the pack store does not list or delete. The
/// next run goes on from the last step.
pub async fn run(
    db: &impl Database,
    packs: &impl Packs,
    now: UnixMillis,
    bounds: &Bounds,
) -> Result<Scrubbed, Failure> {
    let at = Position::read(db, POSITION).await?;
    let page = Page::read(db, packs, at, bounds).await?;
    let mut scrubbed = Scrubbed::default();
    let all: Vec<&Object> = page.objects.values().collect();
    for step in all.chunks(bounds.packs_per_step) {
        let mut statements = Vec::new();
        let mut orphans = Vec::new();
        for object in step {
            if object.blocks.is_empty() {
                if object.is_orphan(now) {
                    orphans.push(object.key());
                }
                continue;
            }
            let verdict = match object.compare(packs).await {
                Ok(verdict) => verdict,
                Err(why) => {
                    // It may be whole. The next pass looks again, and the packs
                    // behind it do not have to wait for that.
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
            packs.delete(orphans).await?;
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

/// The next packs, by their keys.
struct Page {
    objects: BTreeMap<String, Object>,
    /// Where the page ends; `None` if nothing follows.
    up_to: Option<String>,
}

/// A pack, whether its object is there or not.
struct Object {
    space: SpaceId,
    pack: PackId,
    /// `None` where the store did not list it.
    uploaded_at: Option<UnixMillis>,
    /// Whether the space is in this database: another one may name the object.
    is_known_space: bool,
    blocks: Vec<Block>,
}

#[derive(Deserialize)]
struct Block {
    space: SpaceId,
    pack: PackId,
    hash: BlockHash,
    offset: u64,
    length: u64,
    codec: Codec,
    stored_length: u64,
    is_damaged: u8,
}

#[derive(Deserialize)]
struct SpaceRow {
    space: SpaceId,
}

impl Page {
    /// Lists objects after a position, and reads the rows of the same stretch.
    async fn read(
        db: &impl Database,
        packs: &impl Packs,
        at: Position,
        bounds: &Bounds,
    ) -> Result<Self, Failure> {
        let after = match at.space.is_empty() {
            true => String::new(),
            false => format!("{}/{}", at.space, at.key),
        };
        let listing = packs.list(&after, bounds.packs).await?;
        // Up to the last object that was listed, or to the end.
        let last = listing.objects.last().filter(|_| listing.has_more);
        let up_to = last.map(|object| object.key.clone());
        let listed = listed(&listing);
        let spaces: BTreeSet<SpaceId> = listed.iter().map(|object| object.space).collect();
        let blocks = Statement::new(scrub::BLOCKS)
            .bind(after)
            .bind(up_to.as_deref().unwrap_or(scrub::END_OF_KEYS))
            .bind(at.space)
            .bind(bounds.rows);
        let known = Statement::new(scrub::SPACES).bind(serde_json::to_string(&spaces)?);
        let read = db.batch(vec![blocks, known]).await?;
        let blocks: Vec<Block> = answers(&read, 0)?.all()?;
        let known: Vec<SpaceRow> = answers(&read, 1)?.all()?;
        let known: BTreeSet<SpaceId> = known.into_iter().map(|row| row.space).collect();
        // The last pack's rows may go on after the last row that was read.
        let is_cut = blocks.len() as u64 >= bounds.rows;
        let cut_pack = blocks.last().filter(|_| is_cut);
        let cut_key = cut_pack.map(|block| pack_key(block.space, block.pack));
        let mut up_to = up_to;
        let mut objects = BTreeMap::new();
        for mut object in listed {
            object.is_known_space = known.contains(&object.space);
            objects.insert(object.key(), object);
        }
        for block in blocks {
            let object = objects
                .entry(pack_key(block.space, block.pack))
                .or_insert_with(|| Object::new(block.space, block.pack));
            object.blocks.push(block);
        }
        let most = usize::try_from(bounds.packs).unwrap_or(usize::MAX);
        for key in [cut_key, objects.keys().nth(most).cloned()]
            .into_iter()
            .flatten()
        {
            objects.split_off(&key);
            up_to = Some(key);
        }
        Ok(Self { objects, up_to })
    }
}

/// The packs among the objects; what else there is, is left alone.
fn listed(listing: &Listing) -> Vec<Object> {
    let packs = listing.objects.iter().filter_map(|object| {
        let (space, pack) = pack_of_key(&object.key)?;
        Some(Object {
            uploaded_at: Some(object.uploaded_at),
            ..Object::new(space, pack)
        })
    });
    packs.collect()
}

impl Object {
    fn new(space: SpaceId, pack: PackId) -> Self {
        Self {
            space,
            pack,
            uploaded_at: None,
            is_known_space: false,
            blocks: Vec::new(),
        }
    }

    fn key(&self) -> String {
        pack_key(self.space, self.pack)
    }

    fn position(&self) -> Position {
        Position {
            space: self.space.to_string(),
            key: self.pack.to_string(),
        }
    }

    /// Whether no upload will give it rows any more.
    fn is_orphan(&self, now: UnixMillis) -> bool {
        let stored_before = now.saturating_sub(BLOCK_GRACE_MILLIS);
        self.is_known_space && self.uploaded_at.is_some_and(|at| at < stored_before)
    }

    /// Reads the pack and compares each of its blocks.
    async fn compare(&self, packs: &impl Packs) -> Result<Verdict, Failure> {
        let key = self.key();
        let bytes = packs.read_whole(&key).await?.unwrap_or_default();
        let mut verdict = Verdict::default();
        for block in &self.blocks {
            match (block.check(&bytes), block.is_damaged != 0) {
                (Ok(()), true) => verdict.recovered.push(block.hash),
                (Err(why), false) => {
                    log::fault(format_args!("block {} in {key}: {why}", block.hash));
                    verdict.damaged.push(block.hash);
                }
                _ => {}
            }
        }
        Ok(verdict)
    }
}

impl Block {
    fn check(&self, pack: &[u8]) -> Result<(), DbError> {
        let gone = || DbError::Fault("it is missing".into());
        let start = usize::try_from(self.offset).map_err(|_| gone())?;
        let length = usize::try_from(self.stored_length).map_err(|_| gone())?;
        let payload = pack.get(start..).and_then(|rest| rest.get(..length));
        let place = Place {
            extent: Extent {
                pack: self.pack,
                offset: self.offset,
                length: self.stored_length,
            },
            length: self.length,
            codec: self.codec,
            is_damaged: false,
        };
        let actual = BlockHash::of(&plain(&place, payload.ok_or_else(gone)?)?);
        if actual != self.hash {
            return Err(DbError::Fault(format!("its bytes have the hash {actual}")));
        }
        Ok(())
    }
}

/// What is new about a pack's blocks.
#[derive(Default)]
struct Verdict {
    damaged: Vec<BlockHash>,
    recovered: Vec<BlockHash>,
}

impl Verdict {
    fn statements(&self, object: &Object, now: UnixMillis) -> Result<Vec<Statement>, Failure> {
        let about = |sql, hashes: &[BlockHash]| -> Result<Statement, Failure> {
            let statement = Statement::new(sql).id(object.space).id(object.pack);
            Ok(statement.bind(serde_json::to_string(hashes)?))
        };
        let mut statements = Vec::new();
        if !self.damaged.is_empty() {
            statements.push(about(scrub::MARK, &self.damaged)?.bind(now));
        }
        if !self.recovered.is_empty() {
            statements.push(about(scrub::UNMARK, &self.recovered)?);
        }
        Ok(statements)
    }
}
