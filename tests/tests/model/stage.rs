//! Where the tests begin: a server with one space, and times to act at.

use blocks::hash::BlockHash;
use driftless_core::collect::packs::READER_GRACE_MILLIS;
use driftless_core::collect::{BOUNDS, Collected};
use driftless_core::room::Limits;
use driftless_tests::client::{frames, manifest, new_file};
use driftless_tests::model::audit::{faults, strays};
use driftless_tests::model::legs::{Device, Legs};
use driftless_tests::model::packs::MemoryPacks;
use driftless_tests::model::server::Server;
use driftless_tests::model::sqlite::Sqlite;
use driftless_tests::model::turns::Turns;
use driftless_tests::random::id_bytes;
use protocol::ids::{DeviceId, ItemId, UnixMillis, UserId};
use protocol::limits::{BLOCK_GRACE_MILLIS, DEFAULT_QUOTA_BYTES};

/// When everything is stored.
pub const THEN: UnixMillis = 1_795_392_000_000;
/// As late as a block of [`THEN`] is still kept.
pub const STILL: UnixMillis = THEN + BLOCK_GRACE_MILLIS;
/// When a block of [`THEN`] is kept only if something needs it.
pub const LATE: UnixMillis = STILL + 1;
/// When the objects go of what was collected [`LATE`].
pub const GONE: UnixMillis = LATE + READER_GRACE_MILLIS;

/// A server with ann's space.
pub struct Stage {
    pub server: Server,
    pub ann: Device,
}

impl Stage {
    pub fn new() -> Self {
        let server = Server::new();
        let ann = owner(&server, "ann");
        Self { server, ann }
    }

    /// Begins anew, which costs less than another stage.
    pub fn reset(&mut self) {
        self.server.clear();
        self.ann = owner(&self.server, "ann");
    }

    /// Stores blocks as one pack.
    pub fn store(&self, blocks: &[&[u8]]) {
        self.store_at(THEN, blocks);
    }

    pub fn store_at(&self, now: UnixMillis, blocks: &[&[u8]]) {
        let stored = self.server.store_blocks(&self.ann, now, frames(blocks));
        stored.expect("stored");
    }

    /// A file of one stored block.
    pub fn file(&self, name: &str, bytes: &[u8]) -> ItemId {
        self.store(&[bytes]);
        let file = new_file(None, name, Some(manifest(bytes)));
        let made = self.server.create_file(&self.ann, THEN, file);
        made.expect("made").item.id
    }

    pub fn has(&self, bytes: &[u8]) -> bool {
        self.server.block(&self.ann, BlockHash::of(bytes)).is_ok()
    }

    pub fn collect(&self, now: UnixMillis) -> Collected {
        self.server.collect(now, &BOUNDS).expect("collected")
    }

    /// How many rows each table of a space has.
    pub fn rows(&self) -> Vec<i64> {
        let tables = [
            "items",
            "versions",
            "blocks",
            "file_blocks",
            "changes",
            "operations",
            "conflicts",
            "conflict_blocks",
            "patches",
            "condemned_packs",
            "doomed",
        ];
        let count = |table: &&str| {
            let sql = format!("SELECT count(*) FROM {table}");
            let count = self
                .server
                .db
                .connection()
                .query_row(&sql, [], |row| row.get(0));
            count.expect("a count")
        };
        tables.iter().map(count).collect()
    }

    /// Nothing is wrong, and no object is left that nobody knows.
    pub fn is_sound(&self) {
        assert_eq!(faults(&self.server), Vec::<String>::new());
        assert_eq!(strays(&self.server), Default::default());
    }
}

/// Somebody with a space of their own.
pub fn owner(server: &Server, name: &str) -> Device {
    Device {
        space: server.new_space(DEFAULT_QUOTA_BYTES),
        user: UserId::from_random([1; 16]),
        user_name: name.into(),
        id: DeviceId::from_random(id_bytes()),
        name: "Laptop".into(),
        limits: Limits::default(),
        folder: None,
        root: None,
    }
}

/// Legs on stores that take turns.
pub type RacingLegs<'a, 'b> = Legs<'a, Turns<'b, Sqlite>, Turns<'b, MemoryPacks>>;

/// The doubles of a server, one call a turn.
pub struct InTurns<'a> {
    db: Turns<'a, Sqlite>,
    packs: Turns<'a, MemoryPacks>,
}

impl<'a> InTurns<'a> {
    pub fn of(server: &'a Server) -> Self {
        Self {
            db: Turns(&server.db),
            packs: Turns(&server.packs),
        }
    }

    pub fn legs(&self) -> RacingLegs<'_, 'a> {
        Legs {
            db: &self.db,
            packs: &self.packs,
        }
    }
}
