//! What a change costs the database, counted on the native model, which runs the
//! Worker's own statements on SQLite with the Worker's migrations:
//!
//! - rows: of tables that were inserted, updated or deleted, and entries that
//!   indexes have more: what D1 bills as rows written
//! - calls of D1, each a batch, and the statements in them: the free plan has 50
//!   for a request
//!
//! And what it costs to wake whoever has access to the folder of a change, by their
//! number: the steps of SQLite's machine for the one statement that finds them, and how
//! long a hub takes to find their polls if it has all of them. A request goes to each
//! hub, of which there are `HUB_COUNT`.
//!
//! `bench-metadata` prints a table; `DRIFTLESS_BENCH_JSON` is a file for the same
//! as JSON. `npm run bench -- --only metadata` runs it.

use blocks::chunk::SizeClass;
use blocks::hash::BlockHash;
use blocks::manifest::{BlockRef, Manifest};
use blocks::number::FileTime;
use driftless_core::ports::{Database, DbError, Rows, Statement};
use driftless_core::writes::grants::{self, GrantTerms};
use driftless_notify::sql::WITH_ACCESS;
use driftless_notify::waiters::{SeatBounds, Waiters};
use driftless_tests::client::{frames, manifest, new_file, operation_id};
use driftless_tests::drive::new_folder;
use driftless_tests::model::legs::{Device, Legs};
use driftless_tests::model::packs::MemoryPacks;
use driftless_tests::model::ready::ready;
use driftless_tests::model::sqlite::Sqlite;
use driftless_tests::random::id_bytes;
use protocol::content::Content;
use protocol::files::{Commit, NewFile, Proposal};
use protocol::grants::{Person, Role};
use protocol::ids::{DeviceId, GrantId, ItemId, PackId, SpaceId, UserId};
use protocol::limits::{MAX_BATCH_FILES, MAX_POLLS_PER_HUB, MAX_POLLS_PER_USER};
use protocol::notifications::{Event, EventType, JournalGrew, Park};
use rusqlite::StatementStatus;
use serde_json::json;
use std::cell::Cell;
use std::error::Error;
use std::time::{Duration, Instant};

type Result<T> = std::result::Result<T, Box<dyn Error>>;

/// A file of 1 GiB has so many blocks of 256 KiB.
const BLOCKS: u64 = 4_096;
const BLOCK_BYTES: u32 = 256 << 10;
const NOW: u64 = 1_700_000_000_000;
/// The Notification Service's own.
const HUB: SeatBounds = SeatBounds {
    per_user: MAX_POLLS_PER_USER,
    per_hub: MAX_POLLS_PER_HUB,
};

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
    let shared = stage.share();
    let of_owner = stage.small_file("owner", shared.folder);
    stage.count("a small edit by the owner", || {
        stage.edit(&stage.who, of_owner)
    });
    let of_editor = stage.small_file("editor", shared.folder);
    stage.count("a small edit by an editor", || {
        stage.edit(&shared.editor, of_editor)
    });
    let wakes: Vec<Wakes> = [1, 100, 1_000]
        .into_iter()
        .map(|people| stage.wakes(&shared, of_editor, people))
        .collect();
    stage.report(&wakes)
}

/// A folder that somebody else may change.
struct Shared {
    folder: ItemId,
    editor: Device,
}

/// What it costs to wake so many people.
struct Wakes {
    people: u64,
    steps: i32,
    hub: Duration,
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

    /// A folder in four others, and an editor.
    fn share(&self) -> Shared {
        let legs = self.legs();
        let mut folder = None;
        for depth in 0..5 {
            let new = new_folder(folder, &format!("folder {depth}"));
            let made = ready(legs.create_folder(&self.who, NOW, new)).expect("a folder");
            folder = Some(made.item.id);
        }
        let folder = folder.expect("a folder");
        let editor = self.give(folder, 0);
        Shared { folder, editor }
    }

    fn give(&self, folder: ItemId, n: u64) -> Device {
        let person = Person {
            user_id: UserId::from_random(id_bytes()),
            user_name: format!("person {n}"),
        };
        let editor = Device {
            root: Some(folder),
            user: person.user_id,
            user_name: person.user_name.clone(),
            id: DeviceId::from_random(id_bytes()),
            ..self.who.clone()
        };
        let wanted = GrantTerms {
            id: GrantId::from_random(id_bytes()),
            item: folder,
            person,
            role: Role::Editor,
            ends_at: None,
        };
        ready(grants::give(&self.db, &self.who.at(NOW), &wanted)).expect("access");
        editor
    }

    fn small_file(&self, name: &str, folder: ItemId) -> ItemId {
        let bytes = name.as_bytes();
        let file = new_file(Some(folder), name, Some(manifest(bytes)));
        let pack = PackId::from_random(id_bytes());
        let legs = self.legs();
        let stored = legs.store_blocks(&self.who, NOW, pack, frames(&[bytes]));
        ready(stored).expect("its block");
        let item = file.id;
        assert!(self.create(file), "{name} was refused");
        item
    }

    /// A commit with its only block in it, as the page sends it.
    fn edit(&self, who: &Device, item: ItemId) -> bool {
        let bytes = id_bytes();
        let commit = Commit {
            operation_id: operation_id(),
            base_version: 1,
            content: Content::Whole(manifest(&bytes)),
        };
        let carried = (PackId::from_random(id_bytes()), frames(&[&bytes[..]]));
        let legs = self.legs();
        let made = legs.commit_carrying(who, NOW, item, commit, carried);
        ready(made).is_ok()
    }

    /// Shares the folder with as many people as are still wanted, lets each of them
    /// wait for news of it, and finds them all.
    fn wakes(&self, shared: &Shared, changed: ItemId, people: u64) -> Wakes {
        let connection = self.db.sqlite.connection();
        let count = "SELECT count(*) FROM grants";
        let given = connection.query_row(count, [], |row| row.get::<_, i64>(0));
        let given = given.expect("a count");
        for n in given as u64..people {
            self.give(shared.folder, n);
        }
        let (users, steps) = self.with_access(changed);
        assert_eq!(users.len() as u64, people, "people with access");
        let hub = self.woken(shared, &users);
        Wakes { people, steps, hub }
    }

    /// Whoever has access to an item, and what it took to find them.
    fn with_access(&self, item: ItemId) -> (Vec<UserId>, i32) {
        let connection = self.db.sqlite.connection();
        let mut statement = connection.prepare(WITH_ACCESS).expect("a statement");
        let list = json!([[self.who.space, item]]).to_string();
        let users = statement.query_map((list, NOW as i64), |row| row.get::<_, String>(1));
        let users = users
            .expect("people")
            .map(|user| user.expect("a row").parse());
        let users = users.collect::<std::result::Result<_, _>>().expect("ids");
        (users, statement.get_status(StatementStatus::VmStep))
    }

    /// How long a hub takes to find the polls of so many people who wait in it.
    fn woken(&self, shared: &Shared, users: &[UserId]) -> Duration {
        let mut waiters = Waiters::new(HUB);
        for user in users {
            let poll = Park {
                user: *user,
                device: DeviceId::from_random(id_bytes()),
                space: self.who.space,
                root: Some(shared.folder),
                seen: 0,
                timeout_seconds: 60,
                also: Vec::new(),
                asked_at: None,
            };
            waiters.park(&poll, ());
        }
        let event = Event {
            event_type: EventType::FileUpdate,
            file_id: shared.folder,
            timestamp: NOW,
            name: None,
            by: None,
        };
        let news = JournalGrew {
            space: self.who.space,
            owner: None,
            seq: 1,
            event,
            about: Vec::new(),
            below: Vec::new(),
            also: Vec::new(),
        };
        let since = Instant::now();
        let woken: usize = users
            .iter()
            .map(|user| waiters.wake(*user, &news, NOW).len())
            .sum();
        let took = since.elapsed();
        assert_eq!(woken, users.len(), "polls that were found");
        took
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

    fn report(&self, wakes: &[Wakes]) -> Result<()> {
        let rows = self.rows.borrow();
        println!(
            "{:<38} {:>6} {:>6} {:>11}",
            "what", "rows", "calls", "statements"
        );
        for (what, rows, calls, statements) in rows.iter() {
            println!("{what:<38} {rows:>6} {calls:>6} {statements:>11}");
        }
        println!("\n{:<38} {:>6} {:>18}", "who is woken", "steps", "in a hub");
        for Wakes { people, steps, hub } in wakes {
            println!(
                "{:<38} {steps:>6} {hub:>18.1?}",
                format!("{people} with access")
            );
        }
        if let Ok(file) = std::env::var("DRIFTLESS_BENCH_JSON") {
            let rows = rows.iter().map(|(what, rows, calls, statements)| {
                json!({"what": what, "rowsWritten": rows, "calls": calls, "statements": statements})
            });
            let wakes = wakes.iter().map(|Wakes { people, steps, hub }| {
                json!({"people": people, "steps": steps, "hubMicros": hub.as_micros() as u64})
            });
            let report = json!({
                "changes": rows.collect::<Vec<_>>(),
                "wakes": wakes.collect::<Vec<_>>(),
            });
            std::fs::write(file, report.to_string())?;
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
