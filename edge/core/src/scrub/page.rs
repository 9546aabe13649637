//! The packs that a run looks at: those that rows name, and those that the store
//! lists.

use super::ScrubBounds;
use crate::collect::progress::Position;
use crate::error::Failure;
use crate::log;
use crate::ports::{self, Database, ObjectListing, Packs, Statement};
use crate::query;
use crate::store::packs::{pack_key, pack_of_key};
use crate::store::sql::scrub;
use blocks::frame::Codec;
use blocks::hash::BlockHash;
use blocks::number::MAX_EXACT;
use protocol::ids::{PackId, SpaceId, UnixMillis};
use protocol::limits::BLOCK_GRACE_MILLIS;
use serde::Deserialize;
use serde_json::Value as Json;
use std::collections::{BTreeMap, BTreeSet};

/// The next packs, by their keys.
pub struct PackPage {
    pub objects: BTreeMap<String, Object>,
    /// The last key of the page; `None` if nothing follows.
    pub up_to: Option<String>,
}

/// A pack, whether its object is there or not.
pub struct Object {
    pub space: SpaceId,
    pub pack: PackId,
    /// `None` if the store did not list the object.
    uploaded_at: Option<UnixMillis>,
    /// Whether the space is in this database. If not, another database may name the
    /// object.
    is_known_space: bool,
    pub blocks: Vec<Block>,
}

/// A block as its row tells it.
#[derive(Deserialize)]
pub struct Block {
    space: SpaceId,
    pub pack: PackId,
    pub hash: BlockHash,
    pub offset: u64,
    pub length: u64,
    pub codec: Codec,
    pub stored_length: u64,
    pub is_damaged: u8,
}

impl Block {
    /// Reads a row. A row that does not say where its block is stands for a block that
    /// is not there.
    fn read(row: &Json) -> Option<Self> {
        Self::deserialize(row).ok().or_else(|| {
            let key = BlockKey::deserialize(row);
            if let Err(why) = &key {
                log::unreadable(row, &["space", "hash", "pack"], why);
            }
            let key = key.ok()?;
            Some(Self {
                space: key.space,
                pack: key.pack,
                hash: key.hash,
                offset: MAX_EXACT,
                length: 0,
                codec: Codec::Plain,
                stored_length: 0,
                is_damaged: key.is_damaged,
            })
        })
    }
}

/// The columns without which nobody knows which block a row is about.
#[derive(Deserialize)]
struct BlockKey {
    space: SpaceId,
    pack: PackId,
    hash: BlockHash,
    is_damaged: u8,
}

/// The key of a row's pack, even if the rest of the row can't be read.
fn key_of(row: &Json) -> Option<String> {
    let text = |column| row.get(column).and_then(Json::as_str);
    Some(format!("{}/{}", text("space")?, text("pack")?))
}

#[derive(Deserialize)]
struct KnownSpace {
    space: SpaceId,
}

/// The blocks of a stretch of packs.
struct BlockRows {
    blocks: Vec<Block>,
    /// The key of the last pack, if its rows may go on after the last row that was
    /// read.
    cut_key: Option<String>,
}

impl BlockRows {
    fn read(told: &ports::Rows, at_most: u64) -> Self {
        let is_cut = told.rows.len() as u64 >= at_most;
        let last = told.rows.last().filter(|_| is_cut);
        Self {
            blocks: told.rows.iter().filter_map(Block::read).collect(),
            cut_key: last.and_then(key_of),
        }
    }
}

impl PackPage {
    /// Lists objects after a position, and reads the rows of the same stretch.
    ///
    /// # Errors
    /// The database or the pack store does not answer.
    pub async fn read(
        db: &impl Database,
        packs: &impl Packs,
        at: Position,
        bounds: &ScrubBounds,
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
        let end = Position::of_key(up_to.as_deref().unwrap_or(scrub::END_OF_KEYS));
        let blocks = Statement::new(scrub::BLOCKS)
            .bind(at.space)
            .bind(at.key)
            .bind(end.space)
            .bind(end.key)
            .bind(bounds.rows);
        let known = Statement::new(scrub::SPACES).bind(serde_json::to_string(&spaces)?);
        let rows = bounds.rows;
        let looks = (
            blocks.read_by(move |told| Ok(BlockRows::read(told, rows))),
            known.readable::<KnownSpace>(&["space"]),
        );
        let (rows, known) = query::all(db, looks).await?;
        let BlockRows { blocks, cut_key } = rows?;
        let known: BTreeSet<SpaceId> = known?.into_iter().map(|row| row.space).collect();
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

/// The packs among the objects. Other objects are left alone.
fn listed(listing: &ObjectListing) -> Vec<Object> {
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

    /// The key of the pack's object.
    pub fn key(&self) -> String {
        pack_key(self.space, self.pack)
    }

    pub fn position(&self) -> Position {
        Position {
            space: self.space.to_string(),
            key: self.pack.to_string(),
        }
    }

    /// Whether an object without rows is so old that no upload will give it any.
    pub fn is_orphan(&self, now: UnixMillis) -> bool {
        let stored_before = now.saturating_sub(BLOCK_GRACE_MILLIS);
        self.is_known_space && self.uploaded_at.is_some_and(|at| at < stored_before)
    }
}
