//! A database of SQLite and the same after a day's work, byte for byte alike on
//! every machine, for `npm run bench -- --only wire`:
//!
//! `make-database OLD NEW`
//!
//! 1. a table of 180,000 rows with an index, about 50 MB
//! 2. of the copy, 700 rows all over the table are changed

use rusqlite::{Connection, params};
use std::error::Error;

const ROWS: u64 = 180_000;
const CHANGED: u64 = 700;

fn main() -> Result<(), Box<dyn Error>> {
    let mut paths = std::env::args().skip(1);
    let (Some(old), Some(new)) = (paths.next(), paths.next()) else {
        return Err("make-database OLD NEW".into());
    };
    for path in [&old, &new] {
        if std::fs::exists(path)? {
            std::fs::remove_file(path)?;
        }
    }
    let mut database = Connection::open(&old)?;
    database.execute_batch(
        "PRAGMA page_size = 4096; PRAGMA journal_mode = DELETE; PRAGMA synchronous = OFF;
         CREATE TABLE notes (id INTEGER PRIMARY KEY, author TEXT, body TEXT, changed_at INTEGER);
         CREATE INDEX by_author ON notes (author, changed_at);",
    )?;
    let all = database.transaction()?;
    let mut insert = all.prepare("INSERT INTO notes VALUES (?, ?, ?, ?)")?;
    for id in 0..ROWS {
        let author = format!("author {}", mixed(id) % 500);
        insert.execute(params![
            id as i64,
            author,
            body(id),
            1_700_000_000 + id as i64
        ])?;
    }
    drop(insert);
    all.commit()?;
    drop(database);

    std::fs::copy(&old, &new)?;
    let mut database = Connection::open(&new)?;
    let day = database.transaction()?;
    let mut update = day.prepare("UPDATE notes SET body = ?2, changed_at = ?3 WHERE id = ?1")?;
    for n in 0..CHANGED {
        let id = mixed(n + ROWS) % ROWS;
        update.execute(params![
            id as i64,
            body(id + ROWS),
            1_800_000_000 + n as i64
        ])?;
    }
    drop(update);
    day.commit()?;
    Ok(())
}

/// About 200 bytes of words that no other row has.
fn body(of: u64) -> String {
    let words = (0..12).map(|n| format!("{:016x}", mixed(of * 12 + n)));
    words.collect::<Vec<_>>().join(" ")
}

/// SplitMix64: numbers that look like chance and are the same everywhere.
fn mixed(n: u64) -> u64 {
    let n = n.wrapping_add(1).wrapping_mul(0x9e37_79b9_7f4a_7c15);
    let n = (n ^ (n >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    let n = (n ^ (n >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    n ^ (n >> 31)
}
