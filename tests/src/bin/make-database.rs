//! A database of SQLite and the same after a day's work, byte for byte alike on
//! every machine, for `npm run bench -- --only wire`:
//!
//! `make-database OLD NEW [tables]`
//!
//! 1. a table of 180,000 rows with an index, about 50 MB; or three tables with six
//!    indexes, as large together
//! 2. of the copy, 700 rows all over the tables are changed, or also added and removed

use rusqlite::{Connection, Transaction, params};
use std::error::Error;

const ROWS: u64 = 180_000;
const CHANGED: u64 = 700;

/// What all databases have.
const PRAGMAS: &str =
    "PRAGMA page_size = 4096; PRAGMA journal_mode = DELETE; PRAGMA synchronous = OFF;";

fn main() -> Result<(), Box<dyn Error>> {
    let mut paths = std::env::args().skip(1);
    let (Some(old), Some(new)) = (paths.next(), paths.next()) else {
        return Err("make-database OLD NEW [tables]".into());
    };
    let has_tables = match paths.next().as_deref() {
        None => false,
        Some("tables") => true,
        Some(other) => return Err(format!("there is no database {other}").into()),
    };
    for path in [&old, &new] {
        if std::fs::exists(path)? {
            std::fs::remove_file(path)?;
        }
    }
    let mut database = Connection::open(&old)?;
    database.execute_batch(PRAGMAS)?;
    change(
        &mut database,
        if has_tables { make_tables } else { make_notes },
    )?;
    drop(database);

    std::fs::copy(&old, &new)?;
    let mut database = Connection::open(&new)?;
    change(
        &mut database,
        if has_tables {
            change_tables
        } else {
            change_notes
        },
    )
}

/// Makes a change in one transaction.
fn change(
    database: &mut Connection,
    make: fn(&Transaction<'_>) -> rusqlite::Result<()>,
) -> Result<(), Box<dyn Error>> {
    let all = database.transaction()?;
    make(&all)?;
    Ok(all.commit()?)
}

fn make_notes(all: &Transaction<'_>) -> rusqlite::Result<()> {
    all.execute_batch(
        "CREATE TABLE notes (id INTEGER PRIMARY KEY, author TEXT, body TEXT, changed_at INTEGER);
         CREATE INDEX by_author ON notes (author, changed_at);",
    )?;
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
    Ok(())
}

fn change_notes(day: &Transaction<'_>) -> rusqlite::Result<()> {
    let mut update = day.prepare("UPDATE notes SET body = ?2, changed_at = ?3 WHERE id = ?1")?;
    for n in 0..CHANGED {
        let id = mixed(n + ROWS) % ROWS;
        update.execute(params![
            id as i64,
            body(id + ROWS),
            1_800_000_000 + n as i64
        ])?;
    }
    Ok(())
}

/// Customers, their orders and what is in these.
const CUSTOMERS: u64 = 40_000;
const ORDERS: u64 = 120_000;
const LINES: u64 = 240_000;

fn make_tables(all: &Transaction<'_>) -> rusqlite::Result<()> {
    all.execute_batch(
        "CREATE TABLE customers (id INTEGER PRIMARY KEY, name TEXT, town TEXT, note TEXT);
         CREATE TABLE orders (id INTEGER PRIMARY KEY, customer INTEGER, at INTEGER, state TEXT, note TEXT);
         CREATE TABLE lines (id INTEGER PRIMARY KEY, purchase INTEGER, article TEXT, cents INTEGER);
         CREATE INDEX customers_by_name ON customers (name);
         CREATE INDEX customers_by_town ON customers (town, name);
         CREATE INDEX orders_by_customer ON orders (customer, at);
         CREATE INDEX orders_by_state ON orders (state, at);
         CREATE INDEX lines_by_order ON lines (purchase);
         CREATE INDEX lines_by_article ON lines (article, cents);",
    )?;
    for id in 0..CUSTOMERS {
        put_customer(all, id, id)?;
    }
    for id in 0..ORDERS {
        put_order(all, id, id)?;
    }
    for id in 0..LINES {
        put_line(all, id, id)?;
    }
    Ok(())
}

/// 500 rows are changed, 100 come and 100 go.
fn change_tables(day: &Transaction<'_>) -> rusqlite::Result<()> {
    for n in 0..150 {
        put_customer(day, mixed(n) % CUSTOMERS, n + CUSTOMERS)?;
        put_order(day, mixed(n + 1_000) % ORDERS, n + ORDERS)?;
    }
    for n in 0..200 {
        put_line(day, mixed(n + 2_000) % LINES, n + LINES)?;
    }
    for n in 0..100 {
        put_order(day, ORDERS + n, n + 2 * ORDERS)?;
        let gone = mixed(n + 3_000) % LINES;
        day.execute("DELETE FROM lines WHERE id = ?1", [gone as i64])?;
    }
    Ok(())
}

fn put_customer(into: &Transaction<'_>, id: u64, of: u64) -> rusqlite::Result<()> {
    let name = format!("customer {:012x}", mixed(of) >> 16);
    let town = format!("town {}", mixed(of + 1) % 900);
    into.prepare_cached("INSERT OR REPLACE INTO customers VALUES (?, ?, ?, ?)")?
        .execute(params![id as i64, name, town, body(of)])?;
    Ok(())
}

fn put_order(into: &Transaction<'_>, id: u64, of: u64) -> rusqlite::Result<()> {
    let customer = mixed(of + 2) % CUSTOMERS;
    let at = 1_700_000_000 + of as i64 * 61;
    let state = ["new", "paid", "sent", "back"][(mixed(of + 3) % 4) as usize];
    let note = format!("order {:016x} of {:016x}", mixed(of + 4), mixed(of + 5));
    into.prepare_cached("INSERT OR REPLACE INTO orders VALUES (?, ?, ?, ?, ?)")?
        .execute(params![id as i64, customer as i64, at, state, note])?;
    Ok(())
}

fn put_line(into: &Transaction<'_>, id: u64, of: u64) -> rusqlite::Result<()> {
    let purchase = mixed(of + 6) % ORDERS;
    let article = format!("article {}", mixed(of + 7) % 20_000);
    let cents = mixed(of + 8) % 100_000;
    into.prepare_cached("INSERT OR REPLACE INTO lines VALUES (?, ?, ?, ?)")?
        .execute(params![id as i64, purchase as i64, article, cents as i64])?;
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
