//! What must be true of a server's tables and packs after every step, whoever
//! did what and wherever it was cut off.

use super::server::Server;
use blocks::frame::{Codec, Payload, read_lz4};
use blocks::hash::BlockHash;
use blocks::patch::apply;
use rusqlite::{Connection, Row};
use std::collections::{BTreeMap, BTreeSet};

/// Everything that is wrong, in words; empty if all is well.
///
/// 1. A space's use is a recount: what is stored, what a list refers to, and its rows.
/// 2. Each block is in its pack, and is what its hash says.
/// 3. No list and no conflict needs a block that is not stored.
/// 4. A condemned pack has no block left.
/// 5. A patch is in its block's pack, and makes the block of its base blocks, if
///    they are stored.
///
/// What is marked as damaged may be so.
///
/// # Panics
/// If the database can't be read.
pub fn faults(server: &Server) -> Vec<String> {
    let db = server.db.connection();
    let mut faults = texts(db, USE);
    faults.extend(texts(db, NEEDS));
    faults.extend(texts(db, CONDEMNED));
    let stored = rows(db, BLOCKS, stored);
    for block in &stored {
        let is_whole = block.plain(server).is_some_and(|plain| block.is(&plain));
        if !is_whole {
            faults.push(format!("block {} is not in {}", block.hash, block.key));
        }
    }
    faults.extend(texts(db, STRAY_PATCHES));
    for patch in rows(db, PATCHES, self::stored) {
        let find = |hash: &BlockHash| {
            let is_it =
                |block: &&Stored| block.space() == patch.space() && block.hash == hash.to_string();
            stored.iter().find(is_it)?.plain(server)
        };
        let made = patch.made(server, find);
        if made.is_some_and(|made| !patch.is(&made)) {
            faults.push(format!("the patch of {} does not make it", patch.hash));
        }
    }
    faults
}

/// The pack of each stored block, by the space, the block's name and when it was stored: a
/// block that moves to another pack keeps that, one that comes again does not.
///
/// # Panics
/// If the database can't be read.
pub fn places(server: &Server) -> BTreeMap<String, String> {
    let place = |row: &Row| Ok((row.get(0)?, row.get(1)?));
    rows(server.db.connection(), PLACES, place)
        .into_iter()
        .collect()
}

/// The bytes of all blocks that can be read.
///
/// # Panics
/// If the database can't be read.
pub fn readable(server: &Server) -> Vec<Vec<u8>> {
    let stored = rows(server.db.connection(), BLOCKS, stored);
    let plain = stored.iter().filter_map(|block| block.plain(server));
    plain.collect()
}

/// The objects that no block stands in and that are not condemned: what an
/// upload or a collector leaves that was cut off.
///
/// # Panics
/// If the database can't be read.
pub fn strays(server: &Server) -> BTreeSet<String> {
    let known: BTreeSet<String> = texts(server.db.connection(), KNOWN).into_iter().collect();
    let keys = server.packs.keys().into_iter();
    keys.filter(|key| !known.contains(key)).collect()
}

/// A payload that a row tells of.
struct Stored {
    key: String,
    hash: String,
    offset: usize,
    length: usize,
    codec: u8,
}

fn stored(row: &Row) -> rusqlite::Result<Stored> {
    Ok(Stored {
        key: row.get(0)?,
        hash: row.get(1)?,
        offset: row.get::<_, u32>(2)? as usize,
        length: row.get::<_, u32>(3)? as usize,
        codec: row.get(4)?,
    })
}

impl Stored {
    fn space(&self) -> &str {
        self.key.split('/').next().expect("a space")
    }

    fn payload(&self, server: &Server) -> Option<Vec<u8>> {
        let pack = server.packs.get(&self.key)?;
        Some(pack.get(self.offset..)?.get(..self.length)?.to_vec())
    }

    /// The plain bytes of a block.
    fn plain(&self, server: &Server) -> Option<Vec<u8>> {
        let payload = self.payload(server)?;
        match self.codec {
            0 => Some(payload),
            _ => read_lz4(&payload).ok(),
        }
    }

    /// What a patch makes; `None` if a block of its base is not there.
    fn made(
        &self,
        server: &Server,
        find: impl Fn(&BlockHash) -> Option<Vec<u8>>,
    ) -> Option<Vec<u8>> {
        let payload = self.payload(server).unwrap_or_default();
        let Ok(Payload::Patch {
            length,
            bases,
            delta,
        }) = Payload::of(Codec::Patch, &payload)
        else {
            return Some(Vec::new());
        };
        let bases: Option<Vec<Vec<u8>>> = bases.iter().map(find).collect();
        let bases = bases?;
        let bases: Vec<&[u8]> = bases.iter().map(Vec::as_slice).collect();
        Some(apply(&bases, delta, length).unwrap_or_default())
    }

    fn is(&self, plain: &[u8]) -> bool {
        BlockHash::of(plain).to_string() == self.hash
    }
}

fn texts(db: &Connection, sql: &str) -> Vec<String> {
    rows(db, sql, |row| row.get(0))
}

fn rows<T>(db: &Connection, sql: &str, read: fn(&Row) -> rusqlite::Result<T>) -> Vec<T> {
    let mut statement = db.prepare_cached(sql).expect("a statement");
    let rows = statement.query_map([], read).expect("rows");
    rows.collect::<Result<_, _>>().expect("a row")
}

const USE: &str = "
WITH listed AS (
  SELECT space, hash FROM file_blocks UNION ALL SELECT space, hash FROM conflict_blocks
)
SELECT 'space ' || id || ' counts ' || counted || ' and has ' || recount FROM (
  SELECT id, json_array(
    used_bytes, used_blocks, needed_bytes, needed_blocks, item_count, version_count, row_count
  ) AS counted, json_array(
    (SELECT coalesce(sum(b.length), 0) FROM blocks b WHERE b.space = id),
    (SELECT count(*) FROM blocks b WHERE b.space = id),
    (SELECT coalesce(sum(b.length), 0) FROM blocks b WHERE b.space = id AND EXISTS (
      SELECT 1 FROM listed l WHERE l.space = b.space AND l.hash = b.hash
    )),
    (SELECT count(*) FROM blocks b WHERE b.space = id AND EXISTS (
      SELECT 1 FROM listed l WHERE l.space = b.space AND l.hash = b.hash
    )),
    (SELECT count(*) FROM items i WHERE i.space = spaces.id),
    (SELECT count(*) FROM versions v WHERE v.space = spaces.id)
      + (SELECT count(*) FROM conflicts c WHERE c.space = spaces.id),
    (SELECT count(*) FROM listed l WHERE l.space = spaces.id)
  ) AS recount
  FROM spaces
) WHERE counted <> recount";

const BLOCKS: &str = "
SELECT space || '/' || pack, lower(hex(hash)), offset, coalesce(stored_length, length), codec
FROM blocks WHERE damaged_at IS NULL";

const PLACES: &str = "
SELECT space || '/' || lower(hex(hash)) || '/' || stored_at, space || '/' || pack
FROM blocks WHERE damaged_at IS NULL";

const PATCHES: &str = "
SELECT p.space || '/' || p.pack, lower(hex(p.hash)), p.offset, p.length, 2
FROM patches p JOIN blocks b ON b.space = p.space AND b.hash = p.hash
WHERE b.damaged_at IS NULL";

const STRAY_PATCHES: &str = "
SELECT 'the patch of ' || lower(hex(p.hash)) || ' is not in the pack of its block'
FROM patches p LEFT JOIN blocks b ON b.space = p.space AND b.hash = p.hash
WHERE b.pack IS NOT p.pack";

const NEEDS: &str = "
SELECT 'block ' || lower(hex(hash)) || ' is needed and not stored' FROM (
  SELECT space, hash FROM file_blocks UNION SELECT space, hash FROM conflict_blocks
) needed
WHERE NOT EXISTS (
  SELECT 1 FROM blocks b WHERE b.space = needed.space AND b.hash = needed.hash
)";

const CONDEMNED: &str = "
SELECT DISTINCT 'pack ' || c.pack || ' is condemned and has blocks'
FROM condemned_packs c JOIN blocks b ON b.space = c.space AND b.pack = c.pack";

const KNOWN: &str = "
SELECT space || '/' || pack FROM blocks
UNION SELECT space || '/' || pack FROM condemned_packs";
