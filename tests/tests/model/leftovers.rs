//! What may be left of a space and of a person, as the statements say that ask for it, remove
//! it, and remove the space or the person once nothing is. A new table of theirs has to be
//! named in each, or here with the reason why it is not.

use super::statements::STATEMENTS;
use driftless_core::store::sql::{directory, ending};
use driftless_tests::model::sqlite::Sqlite;

/// Tables that say of which space a row is, and are no part of it.
const NOT_IN_A_SPACE: [(&str, &str); 4] = [
    ("collector", "where a job is that goes on anywhere"),
    ("link_keys", "of the directory: goes with the person"),
    ("patches", "goes with its block, by a foreign key"),
    ("shares", "of the directory: goes with the person"),
];

/// Tables that say of which person a row is, and are parts of spaces.
const IN_SPACES: [(&str, &str); 3] = [
    ("changes", "what they did stays in others' journals"),
    ("grants", "goes with what was shared with them, in `shares`"),
    (
        "openings",
        "goes with what was shared with them, in `shares`",
    ),
];

/// The tables that have this column.
fn tables_with(column: &str) -> Vec<String> {
    let db = Sqlite::new();
    let tables = "SELECT m.name FROM sqlite_master m JOIN pragma_table_info(m.name) c
        WHERE m.type = 'table' AND c.name = ?1 ORDER BY m.name";
    let mut tables = db.connection().prepare(tables).unwrap();
    let names = tables.query_map([column], |row| row.get(0)).unwrap();
    names.collect::<Result<_, _>>().unwrap()
}

fn but_for(all: Vec<String>, named: &[(&str, &str)]) -> Vec<String> {
    for (table, why) in named {
        assert!(all.iter().any(|one| one == table), "{table}: {why}");
    }
    let is_named = |table: &String| named.iter().any(|(one, _)| table == one);
    all.into_iter().filter(|table| !is_named(table)).collect()
}

/// Whether a statement of this group removes rows of a table.
fn is_removed(table: &str, group: &str) -> bool {
    let removes = format!("DELETE FROM {table} WHERE ");
    STATEMENTS
        .iter()
        .any(|(name, sql)| name.starts_with(group) && sql.contains(&removes))
}

#[test]
fn nothing_of_a_space_is_forgotten_when_it_ends() {
    let all = but_for(tables_with("space"), &NOT_IN_A_SPACE);
    assert!(all.len() >= 14, "{all:?}");
    for table in all {
        let any = format!("EXISTS (SELECT 1 FROM {table} WHERE space = ?1)");
        assert!(ending::LEFT.contains(&any), "is any of {table} left?");
        let none = format!("AND NOT {any}");
        assert!(ending::REMOVE_SPACE.contains(&none), "{table} may be left");
        // These go by other rules than that there are some.
        let by_rules = ["blocks", "condemned_packs", "doomed", "items"];
        let goes = by_rules.contains(&table.as_str()) || is_removed(&table, "ending::REMOVE_");
        assert!(goes, "{table} is not removed");
    }
}

#[test]
fn nothing_of_a_person_is_forgotten_when_their_account_ends() {
    let all = but_for(tables_with("user"), &IN_SPACES);
    assert!(all.len() >= 4, "{all:?}");
    for table in all {
        let any = format!("EXISTS (SELECT 1 FROM {table} WHERE user = ?1)");
        let none = format!("AND NOT {any}");
        assert!(
            directory::REMOVE_USER.contains(&none),
            "{table} may be left"
        );
        let all_of_it = format!("DELETE FROM {table} WHERE user = ?1");
        let goes = directory::LEFT.contains(&any)
            || is_removed(&table, "directory::REMOVE_")
            || STATEMENTS.iter().any(|(_, sql)| *sql == all_of_it);
        assert!(goes, "{table} is not removed");
    }
    for (table, why) in NOT_IN_A_SPACE
        .iter()
        .filter(|(_, why)| why.contains("directory"))
    {
        let none = format!("AND NOT EXISTS (SELECT 1 FROM {table} WHERE space = ?2)");
        assert!(directory::REMOVE_USER.contains(&none), "{table}, {why}");
    }
}
