//! SQLite in memory behind [`Database`]: the migrations of the Worker, and its
//! statements as they are.
//!
//! As in D1, numbers are bound as doubles, foreign keys are enforced, a batch is
//! one transaction, and a row is a JSON object whose whole numbers are integers.

use super::lapses::{Lapse, Lapses};
use driftless_core::ports::{Database, DbError, Param, Rows, Statement};
use rusqlite::config::DbConfig;
use rusqlite::types::{Null, ValueRef};
use rusqlite::{CachedStatement, Connection, OpenFlags, Row, StatementStatus};
use serde_json::{Map, Value as Json};
use std::cell::RefCell;
use std::collections::BTreeMap;

/// In the order in which they are applied.
const MIGRATIONS: &[&str] = &[
    include_str!("../../../edge/migrations/0001_directory.sql"),
    include_str!("../../../edge/migrations/0002_spaces.sql"),
    include_str!("../../../edge/migrations/0003_collection.sql"),
    include_str!("../../../edge/migrations/0004_patches.sql"),
    include_str!("../../../edge/migrations/0005_resolutions.sql"),
    include_str!("../../../edge/migrations/0006_exact_numbers.sql"),
    include_str!("../../../edge/migrations/0007_blocks_by_hash.sql"),
    include_str!("../../../edge/migrations/0008_space_use.sql"),
    include_str!("../../../edge/migrations/0009_deletion.sql"),
    include_str!("../../../edge/migrations/0010_simple_folding.sql"),
    include_str!("../../../edge/migrations/0011_folders.sql"),
    include_str!("../../../edge/migrations/0012_events.sql"),
    include_str!("../../../edge/migrations/0013_accounts.sql"),
    include_str!("../../../edge/migrations/0014_scrub.sql"),
    include_str!("../../../edge/migrations/0015_folder_tokens.sql"),
    include_str!("../../../edge/migrations/0016_activity.sql"),
    include_str!("../../../edge/migrations/0017_grants.sql"),
    include_str!("../../../edge/migrations/0018_links.sql"),
    include_str!("../../../edge/migrations/0019_news.sql"),
    include_str!("../../../edge/migrations/0020_mounts.sql"),
    include_str!("../../../edge/migrations/0021_account_end.sql"),
    include_str!("../../../edge/migrations/0022_openings.sql"),
    include_str!("../../../edge/migrations/0023_handover.sql"),
    include_str!("../../../edge/migrations/0024_marks.sql"),
    include_str!("../../../edge/migrations/0025_stream_patches.sql"),
    include_str!("../../../edge/migrations/0026_device_names.sql"),
    include_str!("../../../edge/migrations/0027_recovery_codes.sql"),
    include_str!("../../../edge/migrations/0028_retention.sql"),
    include_str!("../../../edge/migrations/0030_running.sql"),
    include_str!("../../../edge/migrations/0031_past.sql"),
    include_str!("../../../edge/migrations/0032_rewriting.sql"),
];

/// There is nothing to lose but the transaction under way, whose undo log is
/// kept in memory.
const PRAGMAS: &str = "
PRAGMA foreign_keys = ON;
PRAGMA journal_mode = MEMORY;
PRAGMA synchronous = OFF;
PRAGMA temp_store = MEMORY;
PRAGMA locking_mode = EXCLUSIVE;";

/// More than there are statements.
const STATEMENTS: usize = 320;

/// Every table, those that refer to others first.
const TABLES: [&str; 34] = [
    "moving",
    "handovers",
    "openings",
    "grants",
    "shares",
    "patches",
    "conflict_blocks",
    "file_blocks",
    "blocks",
    "items",
    "versions",
    "changes",
    "operations",
    "conflicts",
    "condemned_packs",
    "doomed",
    "thinned",
    "deleted_items",
    "collector",
    "guards",
    "spaces",
    "sign_in_attempts",
    "devices",
    "known_places",
    "stars",
    "saved_searches",
    "recovery_codes",
    "guesses",
    "server_settings",
    "invites",
    "audit",
    "job_runs",
    "sign_in_key",
    "users",
];

/// What a statement has done.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Work {
    /// How often it ran.
    pub times: u64,
    /// The most steps of SQLite's machine that it took at one time.
    pub steps: u64,
}

/// A database of its own, gone when it is dropped.
pub struct Sqlite {
    connection: Connection,
    pub lapses: Lapses,
    work: RefCell<Option<BTreeMap<&'static str, Work>>>,
}

impl Default for Sqlite {
    fn default() -> Self {
        Self::new()
    }
}

impl Sqlite {
    /// An empty database with the schema.
    ///
    /// # Panics
    /// If a migration fails.
    pub fn new() -> Self {
        let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
        let connection = Connection::open_in_memory_with_flags(flags).expect("memory");
        connection.set_prepared_statement_cache_capacity(STATEMENTS);
        // Without it, statements are planned anew for each value that they get.
        let stable_plans = DbConfig::SQLITE_DBCONFIG_ENABLE_QPSG;
        let set = connection.set_db_config(stable_plans, true);
        assert!(set.expect("a setting"), "plans are not kept");
        connection.execute_batch(PRAGMAS).expect("pragmas");
        for migration in MIGRATIONS {
            connection.execute_batch(migration).expect("a migration");
        }
        Self {
            connection,
            lapses: Lapses::default(),
            work: RefCell::default(),
        }
    }

    /// Empties the database, which costs less than a new one: the statements
    /// stay prepared.
    ///
    /// # Panics
    /// If a table can't be emptied.
    pub fn clear(&self) {
        self.lapses.clear();
        for table in TABLES {
            let delete = format!("DELETE FROM {table}");
            let mut delete = self.connection.prepare_cached(&delete).expect("a table");
            delete.execute([]).expect("emptied");
        }
    }

    /// Whether a row may point nowhere from now on; a new database refuses it.
    ///
    /// # Panics
    /// If the setting can't be made.
    pub fn enforce_foreign_keys(&self, enforced: bool) {
        let pragma = format!("PRAGMA foreign_keys = {enforced}");
        self.connection.execute_batch(&pragma).expect("a pragma");
    }

    /// Begins to count what statements do, from nothing.
    pub fn measure(&self) {
        self.work.replace(Some(BTreeMap::new()));
    }

    /// What each statement has done since then; and no more is counted.
    pub fn measured(&self) -> BTreeMap<&'static str, Work> {
        self.work.take().unwrap_or_default()
    }

    /// The connection, for a test that looks at the tables themselves.
    pub fn connection(&self) -> &Connection {
        &self.connection
    }

    fn transaction(&self, statements: &[Statement]) -> rusqlite::Result<Vec<Rows>> {
        self.execute("BEGIN")?;
        let answers = statements.iter().map(|statement| self.answer(statement));
        let end = answers.collect::<rusqlite::Result<_>>().and_then(|rows| {
            self.execute("COMMIT")?;
            Ok(rows)
        });
        if end.is_err() {
            self.execute("ROLLBACK")?;
        }
        end
    }

    fn execute(&self, sql: &str) -> rusqlite::Result<()> {
        self.connection.prepare_cached(sql)?.execute([]).map(drop)
    }

    fn answer(&self, statement: &Statement) -> rusqlite::Result<Rows> {
        let mut prepared = self.connection.prepare_cached(statement.sql)?;
        for (param, index) in statement.params.iter().zip(1..) {
            bind(&mut prepared, index, param)?;
        }
        let names: Vec<String> = prepared.column_names().map(str::to_owned).collect();
        let mut rows = Vec::new();
        let mut cursor = prepared.raw_query();
        while let Some(row) = cursor.next()? {
            rows.push(object(&names, row)?);
        }
        drop(cursor);
        if let Some(work) = self.work.borrow_mut().as_mut() {
            let steps = prepared.reset_status(StatementStatus::VmStep);
            let done = work.entry(statement.sql).or_default();
            done.times += 1;
            done.steps = done.steps.max(u64::from(steps.unsigned_abs()));
        }
        let changes = match prepared.readonly() {
            true => 0,
            false => self.connection.changes(),
        };
        Ok(Rows { rows, changes })
    }
}

impl Database for Sqlite {
    async fn batch(&self, statements: Vec<Statement>) -> Result<Vec<Rows>, DbError> {
        let lapse = self.lapses.take();
        if lapse == Some(Lapse::Unreached) {
            return Err(DbError::Busy("the database was not reached".into()));
        }
        if statements.is_empty() {
            return Err(DbError::Fault("No SQL statements detected.".into()));
        }
        let answers = self.transaction(&statements);
        if lapse == Some(Lapse::AnswerLost) {
            return Err(DbError::Busy("the database's answer was lost".into()));
        }
        answers.map_err(|error| DbError::told_as(error.to_string()))
    }
}

fn bind(statement: &mut CachedStatement, index: usize, param: &Param) -> rusqlite::Result<()> {
    match param {
        Param::Null => statement.raw_bind_parameter(index, Null),
        Param::Number(number) => statement.raw_bind_parameter(index, number.as_double()),
        Param::Text(text) => statement.raw_bind_parameter(index, text),
    }
}

fn object(names: &[String], row: &Row) -> rusqlite::Result<Json> {
    let mut object = Map::new();
    for (index, name) in names.iter().enumerate() {
        object.insert(name.clone(), json(row.get_ref(index)?));
    }
    Ok(Json::Object(object))
}

/// JavaScript has one kind of number, and one that it keeps exactly is an integer.
fn double(number: f64) -> Json {
    if number.fract() == 0.0 && number.abs() < 2_f64.powi(53) {
        return (number as i64).into();
    }
    number.into()
}

fn json(value: ValueRef) -> Json {
    match value {
        ValueRef::Null => Json::Null,
        ValueRef::Integer(number) => double(number as f64),
        ValueRef::Real(number) => double(number),
        ValueRef::Text(text) => String::from_utf8_lossy(text).into(),
        // No statement wants one.
        ValueRef::Blob(bytes) => bytes.into(),
    }
}
