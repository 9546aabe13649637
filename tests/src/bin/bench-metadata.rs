//! What a change costs the database, counted on the native model, which runs the
//! Worker's own statements on SQLite with the Worker's migrations:
//!
//! - rows: of tables that were inserted, updated or deleted, and entries that
//!   indexes have more: what D1 bills as rows written
//! - calls of D1, each a batch, and the statements in them: the free plan has 50
//!   for a request
//!
//! `bench-metadata` prints a table; `DRIFTLESS_BENCH_JSON` is a file for the same
//! as JSON. `npm run bench -- --only metadata` runs it.

use blocks::chunk::SizeClass;
use blocks::hash::BlockHash;
use blocks::manifest::{BlockRef, Manifest};
use blocks::number::FileTime;
use driftless_core::ports::{Database, DbError, Rows, Statement};
use driftless_tests::client::{frames, manifest, new_file, operation_id};
use driftless_tests::model::legs::{Device, Legs};
use driftless_tests::model::packs::MemoryPacks;
use driftless_tests::model::ready::ready;
use driftless_tests::model::sqlite::Sqlite;
use driftless_tests::random::id_bytes;
use protocol::files::{Commit, NewFile, Proposal};
use protocol::ids::{DeviceId, ItemId, PackId, SpaceId, UserId};
use protocol::limits::MAX_BATCH_FILES;
use serde_json::json;
use std::cell::Cell;
use std::error::Error;

type Result<T> = std::result::Result<T, Box<dyn Error>>;

/// A file of 1 GiB has so many blocks of 256 KiB.
const BLOCKS: u64 = 4_096;
const BLOCK_BYTES: u32 = 256 << 10;
const NOW: u64 = 1_700_000_000_000;

fn main() -> Result<()> {
    let stage = Stage::new();
    let list: Vec<BlockRef> = (0..BLOCKS).map(block_ref).collect();
    stage.pretend(&list);
    let file = new_file(None, "1 GiB", Some(content(&list)));
    let (item, class) = (file.id, SizeClass::for_size(1 << 30));
    assert_eq!(
        class,
        content(&list).size_class,
        "the class of a file of 1 GiB"
    );
    stage.count("a new file of 1 GiB", || stage.create(file.clone()));

    let edited = |n: u64| {
        let mut list = list.clone();
        list[BLOCKS as usize / 2] = block_ref(BLOCKS + n);
        list
    };
    stage.pretend(&[block_ref(BLOCKS)]);
    let hashes = edited(0).iter().map(|block| block.hash).collect();
    let proposal = Proposal {
        current_version: 1,
        new_block_hashes: hashes,
        new_bytes: None,
    };
    stage.count("its proposal with one block changed", || {
        ready(stage.legs().propose(&stage.who, item, proposal.clone())).is_ok()
    });
    stage.count("the commit", || stage.commit(item, 1, &edited(0)));

    let small: Vec<Vec<u8>> = (0..2 * MAX_BATCH_FILES)
        .map(|n| format!("small file {n}").into_bytes())
        .collect();
    let new = |n: usize| new_file(None, &format!("small {n}"), Some(manifest(&small[n])));
    let bodies: Vec<&[u8]> = small.iter().map(Vec::as_slice).collect();
    let body = frames(&bodies);
    stage.count("an upload of 200 small blocks", || {
        let pack = PackId::from_random(id_bytes());
        let legs = stage.legs();
        ready(legs.store_blocks(&stage.who, NOW, pack, body.clone())).is_ok()
    });
    stage.count("a new small file", || stage.create(new(0)));
    let batch: Vec<NewFile> = (1..=MAX_BATCH_FILES).map(new).collect();
    stage.count("100 new small files in one request", || {
        let made = ready(stage.legs().create_files(&stage.who, NOW, batch.clone()));
        made.is_ok_and(|ends| ends.iter().all(|end| end.is_ok()))
    });
    stage.report()
}

/// A model whose calls are counted.
struct Stage {
    db: Counting,
    packs: MemoryPacks,
    who: Device,
    rows: std::cell::RefCell<Vec<(String, u64, u64, u64)>>,
}

/// A database that counts what it is asked.
struct Counting {
    sqlite: Sqlite,
    calls: Cell<u64>,
    statements: Cell<u64>,
}

impl Database for Counting {
    async fn batch(&self, statements: Vec<Statement>) -> std::result::Result<Vec<Rows>, DbError> {
        self.calls.set(self.calls.get() + 1);
        self.statements
            .set(self.statements.get() + statements.len() as u64);
        self.sqlite.batch(statements).await
    }
}

impl Stage {
    fn new() -> Self {
        let db = Counting {
            sqlite: Sqlite::new(),
            calls: Cell::new(0),
            statements: Cell::new(0),
        };
        let packs = MemoryPacks::default();
        let space = SpaceId::from_random(id_bytes());
        let legs = Legs {
            db: &db,
            packs: &packs,
        };
        ready(legs.new_space(space, 1 << 40)).expect("a space");
        let who = Device {
            folder: None,
            root: None,
            space,
            user: UserId::from_random([1; 16]),
            user_name: "ann".into(),
            id: DeviceId::from_random(id_bytes()),
            name: "Laptop".into(),
            limits: driftless_core::room::Limits::default(),
        };
        Self {
            db,
            packs,
            who,
            rows: Default::default(),
        }
    }

    fn legs(&self) -> Legs<'_, Counting, MemoryPacks> {
        Legs {
            db: &self.db,
            packs: &self.packs,
        }
    }

    /// Rows of blocks whose bytes nobody reads here.
    fn pretend(&self, blocks: &[BlockRef]) {
        let insert = "INSERT INTO blocks (space, hash, pack, offset, length) \
                      VALUES (?1, unhex(?2), 'pack', 0, ?3)";
        for block in blocks {
            let row = (
                self.who.space.to_string(),
                block.hash.to_string(),
                block.length,
            );
            let connection = self.db.sqlite.connection();
            connection.execute(insert, row).expect("a block");
        }
    }

    fn create(&self, file: NewFile) -> bool {
        ready(self.legs().create_file(&self.who, NOW, file)).is_ok()
    }

    fn commit(&self, item: ItemId, base_version: u64, list: &[BlockRef]) -> bool {
        let commit = Commit {
            operation_id: operation_id(),
            base_version,
            content: content(list),
        };
        ready(self.legs().commit(&self.who, NOW, item, commit)).is_ok()
    }

    fn count(&self, what: &str, leg: impl FnOnce() -> bool) {
        let (calls, statements) = (self.db.calls.get(), self.db.statements.get());
        let before = self.written();
        assert!(leg(), "{what} was refused");
        self.rows.borrow_mut().push((
            what.to_owned(),
            self.written() - before,
            self.db.calls.get() - calls,
            self.db.statements.get() - statements,
        ));
    }

    /// Rows of tables written so far, and entries that indexes have.
    fn written(&self) -> u64 {
        let connection = self.db.sqlite.connection();
        let rows = connection.total_changes();
        let indexes = "SELECT tbl_name, coalesce(substr(sql, nullif(instr(sql, 'WHERE'), 0)), '') \
                       FROM sqlite_master WHERE type = 'index' AND sql IS NOT NULL";
        let mut indexes = connection.prepare(indexes).expect("indexes");
        let of_index = indexes.query_map([], |row| {
            Ok((row.get::<_, String>(0)?, row.get::<_, String>(1)?))
        });
        let of_index = of_index.expect("indexes").map(|index| {
            let (table, condition) = index.expect("an index");
            let count = format!("SELECT count(*) FROM {table} {condition}");
            connection
                .query_row(&count, [], |row| row.get::<_, i64>(0))
                .expect("a count")
        });
        rows + of_index.sum::<i64>() as u64
    }

    fn report(&self) -> Result<()> {
        let rows = self.rows.borrow();
        println!(
            "{:<38} {:>6} {:>6} {:>11}",
            "what", "rows", "calls", "statements"
        );
        for (what, rows, calls, statements) in rows.iter() {
            println!("{what:<38} {rows:>6} {calls:>6} {statements:>11}");
        }
        if let Ok(file) = std::env::var("DRIFTLESS_BENCH_JSON") {
            let rows = rows.iter().map(|(what, rows, calls, statements)| {
                json!({"what": what, "rowsWritten": rows, "calls": calls, "statements": statements})
            });
            std::fs::write(file, serde_json::to_string(&rows.collect::<Vec<_>>())?)?;
        }
        Ok(())
    }
}

fn block_ref(n: u64) -> BlockRef {
    BlockRef {
        hash: BlockHash::of(&n.to_le_bytes()),
        length: BLOCK_BYTES,
    }
}

fn content(list: &[BlockRef]) -> Manifest {
    let size = list.iter().map(|block| u64::from(block.length)).sum();
    Manifest {
        size,
        size_class: SizeClass::for_size(size),
        modified_at_ms: FileTime::of_clock(NOW),
        blocks: list.to_vec(),
    }
}
