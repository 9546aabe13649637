//! What must be true of a server's tables and packs after every step, whoever
//! did what and wherever it was cut off.

use super::server::Server;
use rusqlite::{Connection, Row};
use shared::hash::BlockHash;
use std::collections::BTreeSet;

/// Everything that is wrong, in words; empty if all is well.
///
/// 1. A space's use is the sum of its blocks' lengths.
/// 2. Each block is in its pack, and is what its hash says.
/// 3. No list and no conflict needs a block that is not stored.
/// 4. A condemned pack has no block left.
///
/// # Panics
/// If the database can't be read.
pub fn faults(server: &Server) -> Vec<String> {
    let db = server.db.connection();
    let mut faults = texts(db, USE);
    faults.extend(texts(db, NEEDS));
    faults.extend(texts(db, CONDEMNED));
    let stored = rows(db, BLOCKS, |row| {
        Ok((row.get(0)?, row.get(1)?, row.get(2)?, row.get(3)?))
    });
    for (key, hash, offset, length) in stored {
        faults.extend(misplaced(server, key, hash, offset, length));
    }
    faults
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

fn misplaced(
    server: &Server,
    key: String,
    hash: String,
    offset: u32,
    length: u32,
) -> Option<String> {
    let Some(pack) = server.packs.get(&key) else {
        return Some(format!("block {hash} is in {key}, which is not there"));
    };
    let (start, length) = (offset as usize, length as usize);
    let bytes = pack.get(start..start + length);
    match bytes.map(BlockHash::of) {
        Some(actual) if actual.to_string() == hash => None,
        _ => Some(format!("block {hash} is not at {offset} of {key}")),
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
SELECT 'space ' || id || ' uses ' || used_bytes || ' bytes and has ' || stored FROM (
  SELECT s.id, s.used_bytes, coalesce(sum(b.length), 0) AS stored
  FROM spaces s LEFT JOIN blocks b ON b.space = s.id GROUP BY s.id
) WHERE used_bytes <> stored";

const BLOCKS: &str = "
SELECT space || '/' || pack, lower(hex(hash)), offset, length FROM blocks";

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
