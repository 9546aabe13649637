//! The migration to simple case folding: the keys of names that are stored become
//! those that the server looks for.

use protocol::name::Name;
use protocol::unicode::fully_folded;
use rusqlite::Connection;

const BEFORE: &str = include_str!("../../../edge/migrations/0002_spaces.sql");
const MIGRATION: &str = include_str!("../../../edge/migrations/0010_simple_folding.sql");

/// Names with each letter whose full folding is longer, alone and among others,
/// with marks that compose with a small letter only, and names without any.
fn names() -> Vec<Name> {
    let mut texts = vec!["Plain ASCII.txt".to_owned(), "ÄPFEL und Ζωή".to_owned()];
    let odd = (' '..='\u{1FFFF}').filter(|c| {
        let name = Name::parse(&c.to_string());
        name.is_ok_and(|name| name.key() != fully_folded(name.as_str()))
    });
    for (n, c) in odd.enumerate() {
        texts.push(format!("{n}{c}"));
        texts.push(format!("ΆÉ{c}Ж {n}.TXT"));
        for mark in [
            '\u{300}', '\u{301}', '\u{308}', '\u{30C}', '\u{342}', '\u{345}',
        ] {
            texts.push(format!("{n}{c}{mark}{c}"));
        }
    }
    for capital in "HJTWYSſΑΕΗΙΟΡΥΩΪΫἘἙἸἹὙ".chars() {
        for mark in '\u{300}'..='\u{345}' {
            texts.push(format!("ß{capital}{mark}X"));
        }
    }
    let names = texts.iter().map(|text| Name::parse(text).expect(text));
    names.collect()
}

#[test]
fn the_keys_of_old_names_are_those_that_are_looked_for() {
    let db = Connection::open_in_memory().unwrap();
    db.execute_batch(BEFORE).unwrap();
    db.execute("INSERT INTO spaces (id, quota_bytes) VALUES ('s', 1)", [])
        .unwrap();
    let names = names();
    for (n, name) in names.iter().enumerate() {
        // Each in a folder of its own: some are one name.
        let row = (n as i64, name.as_str(), fully_folded(name.as_str()));
        db.execute(
            "INSERT INTO items (space, id, parent, name, name_key, place_version, created_at)
             VALUES ('s', ?1, 'in ' || ?1, ?2, ?3, 1, 0)",
            row,
        )
        .unwrap();
    }
    // Two that were two, whose keys pass each other on the way.
    let pair = [("ß", "ss"), ("ẞs", "sss")];
    for (n, (name, key)) in pair.iter().enumerate() {
        db.execute(
            "INSERT INTO items (space, id, parent, name, name_key, place_version, created_at)
             VALUES ('s', 'pair ' || ?1, 'one', ?2, ?3, 1, 0)",
            (n as i64, name, key),
        )
        .unwrap();
    }
    db.execute_batch(MIGRATION).unwrap();
    let mut rows = db.prepare("SELECT name, name_key FROM items").unwrap();
    let rows = rows.query_map([], |row| {
        Ok((row.get::<_, String>(0)?, row.get::<_, String>(1)?))
    });
    let mut changed = 0;
    for row in rows.unwrap() {
        let (name, key) = row.unwrap();
        let name = Name::parse(&name).unwrap();
        assert_eq!(key, name.key(), "{name:?}");
        changed += usize::from(key != fully_folded(name.as_str()));
    }
    assert!(changed > 500, "{changed}");
    let left = db.query_row(
        "SELECT count(*) FROM sqlite_schema WHERE name = 'letters'",
        [],
        |row| row.get::<_, u32>(0),
    );
    assert_eq!(left, Ok(0));
}
