//! Two people at one server: ann, whose things a stranger is after, and bob, who is
//! the stranger. Each has an account, devices and one of everything in a drive.

use crate::accounts::people::{SECRET, keys};
use crate::stage::{THEN, owner};
use blocks::hash::BlockHash;
use driftless_core::directory::keys::SignInKeys;
use driftless_core::directory::{self, marks, shares};
use driftless_core::writes::grants::{self, GrantTerms};
use driftless_core::writes::links;
use driftless_tests::client::{change_trashed, commit_of, frames, manifest, new_file};
use driftless_tests::drive::{new_conflict, new_folder, resolve};
use driftless_tests::model::legs::Device;
use driftless_tests::model::ready::ready;
use driftless_tests::model::server::Server;
use driftless_tests::model::sqlite::Sqlite;
use driftless_tests::random::id_bytes;
use protocol::conflicts::Choice;
use protocol::cursor::Cursor;
use protocol::grants::{Person, Role};
use protocol::ids::{
    ConflictId, DeviceId, GrantId, ItemId, LinkId, OperationId, SearchId, SpaceId, UserId,
};
use protocol::items::NewFolder;
use protocol::limits::SESSION_IDLE_MILLIS;
use protocol::links::{LinkKey, May};
use protocol::marks::NewSearch;
use rusqlite::types::Value;

/// What somebody has.
pub struct Things {
    pub user: UserId,
    pub space: SpaceId,
    pub device: DeviceId,
    /// At version 2.
    pub file: ItemId,
    pub folder: ItemId,
    pub trashed: ItemId,
    pub conflict: ConflictId,
    pub resolved: ConflictId,
    /// A stored block that nobody else has.
    pub block: BlockHash,
    /// Of their folder, to carl.
    pub grant: GrantId,
    /// To their folder.
    pub link: (LinkId, LinkKey),
    /// A saved search.
    pub search: SearchId,
    /// An operation that was done.
    pub operation: OperationId,
    pub cursor: String,
}

impl Things {
    /// Everything that says that it is theirs.
    pub fn marks(&self) -> Vec<String> {
        vec![
            self.space.to_string(),
            self.device.to_string(),
            self.file.to_string(),
            self.folder.to_string(),
            self.trashed.to_string(),
            self.conflict.to_string(),
            self.resolved.to_string(),
            self.block.to_string(),
            self.grant.to_string(),
            self.link.0.to_string(),
            self.link.1.to_string(),
            self.search.to_string(),
        ]
    }
}

pub struct World {
    pub server: Server,
    pub keys: SignInKeys,
    pub ann: Things,
    pub bob: Things,
    pub carl: UserId,
}

/// The secrets of bob's devices, told by their first digit. Ann's is [`ANNS`].
pub const ANNS: char = 'a';
/// A browser that has just given the password.
pub const BROWSER: char = 'b';
/// Carl's, who is no stranger to either.
pub const CARLS: char = 'e';
/// A browser that has not.
pub const UNCONFIRMED: char = 'c';
pub const TOKEN: char = '1';
pub const READ_ONLY: char = '2';
pub const REVOKED: char = '3';
pub const ENDED: char = '4';
pub const IDLE: char = '5';
/// Of a scope that only a later release knows.
pub const OF_THE_FUTURE: char = '6';
/// Ann's token of her folder, and one that only reads there.
pub const OF_FOLDER: char = '7';
pub const READS_FOLDER: char = '8';
/// Bob's token of his folder.
pub const BOBS_FOLDER: char = 'd';
/// Of no device at all.
pub const UNKNOWN: char = '9';

pub fn secret(digit: char) -> String {
    format!("dl_{}", String::from(digit).repeat(64))
}

impl World {
    pub fn new() -> Self {
        let server = Server::new();
        let keys = keys(SECRET, None);
        let ann = moved_in(&server, "ann");
        let bob = moved_in(&server, "bob");
        let carl = moved_in(&server, "carl");
        let (ann_user, bob_user, carl_user) = (ann.user, bob.user, carl.user);
        for (name, things) in [("ann", &ann), ("bob", &bob), ("carl", &carl)] {
            account(&server.db, name, things);
        }
        for (name, things) in [("ann", &ann), ("bob", &bob)] {
            let person = Person {
                user_id: carl_user,
                user_name: "carl".into(),
            };
            shared(&server, name, things, person);
        }
        let in_use = |kind, is_token, scope| DeviceRow {
            kind,
            is_token,
            scope,
            seen_at: THEN,
            ends_at: THEN + 1,
            ..DeviceRow::default()
        };
        let browser = in_use("browser", false, "full");
        let token = |scope| in_use("program", true, scope);
        let confirmed = DeviceRow {
            proven_at: THEN,
            ..browser
        };
        let put = |user, id, digit, row: DeviceRow| row.put(&server.db, user, id, digit);
        put(ann_user, ann.device, ANNS, confirmed);
        put(bob_user, bob.device, BROWSER, confirmed);
        put(carl_user, carl.device, CARLS, confirmed);
        let other = || DeviceId::from_random(id_bytes());
        put(bob_user, other(), UNCONFIRMED, browser);
        put(bob_user, other(), TOKEN, token("full"));
        put(bob_user, other(), READ_ONLY, token("read_only"));
        put(bob_user, other(), OF_THE_FUTURE, token("of_the_future"));
        let (mut revoked, mut ended, mut idle) = (confirmed, confirmed, confirmed);
        revoked.revoked_at = Some(THEN - 1);
        ended.ends_at = THEN;
        idle.seen_at = THEN - SESSION_IDLE_MILLIS - 1;
        put(bob_user, other(), REVOKED, revoked);
        put(bob_user, other(), ENDED, ended);
        put(bob_user, other(), IDLE, idle);
        for (digit, scope) in [(OF_FOLDER, "folder"), (READS_FOLDER, "folder_read_only")] {
            let row = DeviceRow {
                folder: Some(ann.folder),
                ..token(scope)
            };
            put(ann_user, other(), digit, row);
        }
        let bobs_folder = DeviceRow {
            folder: Some(bob.folder),
            ..token("folder")
        };
        put(bob_user, other(), BOBS_FOLDER, bobs_folder);
        let world = Self {
            server,
            keys,
            ann,
            bob,
            carl: carl_user,
        };
        // The fingerprint of the keys, which the first request would write.
        let checked = world.keys.check(&world.server.db, THEN);
        ready(checked).expect("the keys are known");
        world
    }

    /// Every row of every table, and the name of every object.
    pub fn everything(&self) -> Vec<(String, Vec<String>)> {
        let connection = self.server.db.connection();
        let tables = "SELECT name FROM sqlite_schema WHERE type = 'table' ORDER BY name";
        let mut tables = connection.prepare_cached(tables).expect("the schema");
        let names = tables.query_map([], |row| row.get::<_, String>(0));
        let names: Vec<String> = names.expect("tables").map(Result::unwrap).collect();
        let rows = |table: &String| {
            let mut read = connection
                .prepare_cached(&format!("SELECT * FROM {table}"))
                .expect("a table");
            let columns = read.column_count();
            let rows = read.query_map([], |row| {
                let cells = (0..columns).map(|column| row.get::<_, Value>(column).unwrap());
                Ok(format!("{:?}", cells.collect::<Vec<_>>()))
            });
            rows.expect("rows").map(Result::unwrap).collect::<Vec<_>>()
        };
        let mut all: Vec<_> = names
            .iter()
            .map(|table| (table.clone(), rows(table)))
            .collect();
        all.push(("packs".to_owned(), self.server.packs.keys()));
        all
    }
}

/// A drive with one of everything, whose bytes are its owner's only.
fn moved_in(server: &Server, name: &str) -> Things {
    let user = UserId::from_random(id_bytes());
    let who = Device {
        user,
        ..owner(server, name)
    };
    let bytes = |what: &str| format!("{what} of {name}").into_bytes();
    let (one, two, mine) = (bytes("one"), bytes("two"), bytes("mine"));
    let body = frames(&[&one, &two, &mine]);
    server.store_blocks(&who, THEN, body).expect("stored");
    let file = |name: &str, bytes: &[u8]| {
        let new = new_file(None, name, Some(manifest(bytes)));
        let made = server.create_file(&who, THEN, new).expect("made");
        made.item
    };
    let (kept, trashed) = (file("file", &one), file("trashed", &one));
    let (kept, trash) = (kept.id, change_trashed(&trashed));
    server
        .commit(&who, THEN, kept, commit_of(1, &two))
        .expect("committed");
    server
        .trash(&who, THEN, trashed.id, trash)
        .expect("trashed");
    let folder: NewFolder = new_folder(None, "folder");
    let operation = folder.operation_id;
    let folder = server.create_folder(&who, THEN, folder).expect("made");
    let keep = || server.keep_conflict(&who, THEN, kept, new_conflict(&mine));
    let (conflict, resolved) = (keep().expect("kept").id, keep().expect("kept").id);
    let choice = resolve(2, Choice::KeepTheirs);
    server
        .resolve(&who, THEN, resolved, choice)
        .expect("resolved");
    let (head, _) = server.newest(&who).expect("a journal");
    let cursor = Cursor {
        space: who.space,
        seq: head,
        listed_to: None,
    };
    Things {
        user,
        space: who.space,
        device: who.id,
        file: kept,
        folder: folder.item.id,
        trashed: trashed.id,
        conflict,
        resolved,
        block: BlockHash::of(&two),
        grant: GrantId::from_random(id_bytes()),
        link: (
            LinkId::from_random(id_bytes()),
            LinkKey::from_random(id_bytes()),
        ),
        search: SearchId::from_random(id_bytes()),
        operation,
        cursor: cursor.to_string(),
    }
}

/// Shares somebody's folder, and makes a link to it.
fn shared(server: &Server, name: &str, things: &Things, person: Person) {
    let who = Device {
        space: things.space,
        user: things.user,
        ..owner(server, name)
    };
    let wanted = GrantTerms {
        id: things.grant,
        item: things.folder,
        person,
        role: Role::Viewer,
        ends_at: None,
    };
    let given = ready(grants::give(&server.db, &who.at(THEN), &wanted)).expect("given");
    let put = shares::put(&server.db, things.space, &given.grant, THEN);
    ready(put).expect("written down");
    let wanted = links::LinkTerms {
        label: "Invoices".into(),
        may: May::View,
        ends_at: None,
        most_downloads: None,
        password: None,
    };
    let (id, key) = things.link;
    let at = (things.space, id, things.folder);
    let put_key = async || directory::links::put(&server.db, key, at, THEN).await;
    let ids = (id, key, things.folder);
    let author = who.at(THEN);
    let made = links::make(&server.db, &author, ids, &wanted, put_key);
    ready(made).expect("a link");
}

fn account(db: &Sqlite, name: &str, things: &Things) {
    let insert = "INSERT INTO users (id, name, name_key, home_space, sign_in_record, created_at)
        VALUES (?1, ?2, ?2, ?3, x'00', 0)";
    let insert = db.connection().execute(
        insert,
        (things.user.to_string(), name, things.space.to_string()),
    );
    insert.expect("an account");
    let search = NewSearch {
        id: things.search,
        name: format!("Saved by {name}"),
        query: "kind:picture".into(),
    };
    ready(marks::save_search(db, things.user, &search, THEN)).expect("a saved search");
}

#[derive(Clone, Copy, Default)]
struct DeviceRow {
    kind: &'static str,
    is_token: bool,
    scope: &'static str,
    seen_at: u64,
    ends_at: u64,
    proven_at: u64,
    revoked_at: Option<u64>,
    folder: Option<ItemId>,
}

impl DeviceRow {
    fn put(self, db: &Sqlite, user: UserId, id: DeviceId, digit: char) {
        let insert = "INSERT INTO devices (id, user, kind, name, token_hash, created_at,
            last_seen_at, revoked_at, is_token, scope, ends_at, proven_at, folder)
            VALUES (?1, ?2, ?3, 'Laptop', unhex(?4), 0, ?5, ?6, ?7, ?8, ?9, ?10, ?11)";
        let hash = BlockHash::of(secret(digit).as_bytes());
        let number = |number: u64| i64::try_from(number).expect("a time");
        let inserted = db.connection().execute(
            insert,
            (
                id.to_string(),
                user.to_string(),
                self.kind,
                hash.to_string(),
                number(self.seen_at),
                self.revoked_at.map(number),
                self.is_token,
                self.scope,
                number(self.ends_at),
                number(self.proven_at),
                self.folder.map(|id| id.to_string()),
            ),
        );
        inserted.expect("a device");
    }
}
