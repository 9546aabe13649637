//! What each SQL statement does grows as the rows do that it is about, and no
//! faster: four times as many rows are four times the work. Two things tell:
//!
//! 1. SQLite counts the steps of its machine for each statement, while every leg
//!    runs with lists of 1,000 and of 4,000 blocks.
//! 2. A step may parse a text of megabytes, which the count does not see. So each
//!    statement's program is looked at: the elements of a list are not read again for
//!    each row of something else.
//!
//! A statement that is not listed here fails a test, and so does one that no leg
//! runs.

use crate::stage::{LATE, Stage, THEN, owner};
use blocks::hash::BlockHash;
use blocks::manifest::{BlockRef, Manifest};
use driftless_core::access::Visitor;
use driftless_core::access::held::{self, SharedPart};
use driftless_core::access::reach::Reach;
use driftless_core::directory;
use driftless_core::ending::removal::StepBounds;
use driftless_core::ending::{announced, due};
use driftless_core::handover::{accept::accept, hints};
use driftless_core::ports::{Database, Statement};
use driftless_core::query;
use driftless_core::reads;
use driftless_core::reads::activity::{ActivityFilter as WantedOfPast, DoneBy, activity};
use driftless_core::reads::news::{Reader, news};
use driftless_core::reads::past::WantedPast;
use driftless_core::retention::{settings, thin, trash};
use driftless_core::rewrite::RewriteBounds;
use driftless_core::store;
use driftless_core::store::links::visited;
use driftless_core::store::packs::pack_key;
use driftless_core::store::sql;
use driftless_core::writes::blocks::copies;
use driftless_core::writes::create::Create;
use driftless_core::writes::deletion;
use driftless_core::writes::grants::{self, GrantTerms};
use driftless_core::writes::links;
use driftless_core::writes::mounts as writes_of_mounts;
use driftless_core::writes::offers;
use driftless_core::writes::openings as writes_of_openings;
use driftless_core::writes::thumbnails::{self as writes_of_thumbnails, NewThumbnail};
use driftless_core::writes::{Author, Contributor, apply};
use driftless_core::{collect, scrub};
use driftless_tests::client::{
    change_trashed, commit_of, conflict_id, frames, item_id, manifest, name, new_file,
    operation_id, patched, solid, thumbnail,
};
use driftless_tests::drive::{change_place, new_folder, proposal, reopen, resolve};
use driftless_tests::model::legs::Device;
use driftless_tests::model::night::Night;
use driftless_tests::model::ready::ready;
use driftless_tests::model::sqlite::Sqlite;
use driftless_tests::random::id_bytes;
use protocol::blocks::{Fetch, FetchSignatures, ToSign};
use protocol::conflicts::{Choice, NewConflict};
use protocol::content::{Base, Content, Spliced};
use protocol::files::{MarkVersion, NewFile, Proposal};
use protocol::grants::{GrantChange, Person, Role};
use protocol::ids::{GrantId, ItemId, LinkId, PackId, SpaceId, UserId};
use protocol::items::{DeleteForGood, EmptyTrash, NewMount};
use protocol::limits::{
    BLOCK_CHARGE, MAX_FETCH_BLOCKS, OPENING_TOLD_MILLIS, OPERATION_RETENTION_MILLIS,
};
use protocol::links::{LinkKey, May};
use protocol::notifications::EventType;
use protocol::openings::SayOpen;
use protocol::past::Revert;
use protocol::problem::Problem;
use protocol::retention::Retention;
use rusqlite::Row;
use std::collections::{BTreeMap, BTreeSet};

macro_rules! statements {
    ($($group:ident: $($name:ident)*;)*) => {
        /// Every statement, with its name.
        pub const STATEMENTS: &[(&str, &str)] = &[
            $($((concat!(stringify!($group), "::", stringify!($name)), sql::$group::$name)),*),*
        ];
    };
}

statements! {
    administration: ADMINISTERS PEOPLE PERSON AUDIT_ROLE AUDIT_DOOR AUDIT_QUOTA CHANGE_PERSON QUOTA
        SIGN_UP NEWCOMER AUDIT_SIGN_UP PUT_SIGN_UP;
    audit: PAGE SIGNED_UP RECOVERED ENDED SWEEP;
    blocks: UNMET MISSING HAD BLOCK PLACES NAMED INSERT REPAIR MOVE COUNT IN_PACK;
    conflicts: CONFLICT OPEN RESOLVED CHANGED INSERT INSERT_BLOCKS LIST PLACES
        VERSION_BEFORE LIST_BEFORE COPY RESOLVE REOPEN GUARD_RESOLVED;
    content: INSERT_VERSION VERSION_SIZE VERSIONS VERSION MARK_VERSION VERSIONS_END LIST DAMAGED BASES PLACES HEAD_PLACES
        THUMBNAILS PUT_THUMBNAIL CLOSE_ROWS INSERT_FIRST_VERSIONS OPEN_FIRST_ROWS OPEN_ROWS;
    deletion: SUBTREE TRASHED_SUBTREES OPEN_CONFLICTS_BELOW OPEN_CONFLICTS_IN_TRASH
        GUARD_PLACES_ARE GUARD_NO_OPEN_CONFLICT ADVANCE_AND_UNCOUNT COUNT_CONFLICTS DOOM REMEMBER
        DELETE_CONFLICTS DELETE_ITEMS DOOMED_FILE_ROWS DOOMED_CONFLICT_ROWS
        DELETE_FILE_ROWS DELETE_CONFLICT_ROWS GUARD_REMOVED GIVEN_BACK GIVE_BACK
        DELETE_VERSIONS FORGET_DOOMED IS_LEFT SPACE_WITH_DOOMED GUARD_IS_THERE DELETED;
    devices: PUT_DEVICE INSERT_TOKEN BY_TOKEN TOUCH CONFIRM OF_USER OLDEST_OF_USER
        RENAME REVOKE REVOKE_OTHERS UNCONFIRM_OTHERS REMOVE_OF_USER SWEEP;
    directory: USER_BY_NAME USER_BY_ID INSERT_USER SIGN_IN_KEY FIRST_SIGN_IN_KEY
        NEXT_SIGN_IN_KEY PROVEN_SIGN_IN_KEY NAME_RECORDS NAME_RECORD PUT_RECORD
        END_ATTEMPTS INSERT_ATTEMPT TAKE_ATTEMPT SWEEP_ATTEMPTS COUNT_GUESS GUESSES_END
        UNCOUNT_GUESS KNOWN_PLACES KNOW_PLACES TRIM_PLACES FORGET_PLACES SWEEP_GUESSES
        SWEEP_PLACES NEWS_SEEN SEE_NEWS TELLS_OPENINGS TELL_OPENINGS PUT_END ENDING OWNERS LEFT REMOVE_PLACES
        REMOVE_ATTEMPTS REMOVE_RECORD REMOVE_USER;
    ending: END SET_END TAKE_END ENDING ENDS PEOPLE ADVANCE_EACH APPEND_EACH LEFT
        SPACES_OF_HELD REMOVE_HELD GRANTS REMOVE_GRANTS LINK_KEYS REMOVE_LINKS ITEMS UNCOUNT
        REMOVE_FILE_ROWS REMOVE_CONFLICT_ROWS REMOVE_VERSIONS REMOVE_CONFLICTS
        REMOVE_CHANGES REMOVE_OPERATIONS REMOVE_DELETED REMOVE_THINNED REMOVE_OPENINGS REMOVE_HANDOVERS
        REMOVE_SPACE;
    garbage: POSITION PUT_POSITION BLOCKS_END UNNEEDED OLDEST_UNNEEDED UNCOUNT_OF_PACK
        REMOVE_OF_PACK UNCOUNT REMOVE CONDEMN CONDEMN_OBJECT CONDEMNED STAY_NO_LONGER FORGET_CONDEMNED
        OPERATIONS_END TRIM_OPERATIONS;
    grants: HELD GUARD_EDITS GUARD_SEES GRANT GRANT_FOR OF_ITEM OF_SPACE OF_PERSON COUNT INSERT CHANGE
        REMOVE SWEEP REMOVE_OF_ITEMS;
    handover: COUNTS BLOCKS LACKED DAMAGED TAKEN ACCESS OFFER END_OFFER GUARD_OFFERED GUARD_LASTS
        FILL FILL_MOUNTS GUARD_SIZE COUNT_IN COUNT_OUT REMEMBER REMEMBER_MOUNTS FORGET_DELETED
        DELETE_MOUNTS DELETE_OWN_MOUNTS FORGET_OPENINGS MOVE_ITEMS MOVE_VERSIONS MOVE_THINNED MOVE_LISTS
        MOVE_CONFLICT_LISTS MOVE_CONFLICTS END_GRANTS MOVE_GRANTS MOVE_LINKS APPEND_GONE
        APPEND_COME EMPTY INSERT FIND UNMENDED_OF UNMENDED MENDED SWEEP PEOPLE GRANTS LINK_KEYS
        NOT_HELD;
    invites: OPEN INSERT AUDIT_MADE AUDIT_REMOVED REMOVE AUDIT_USED USE SWEEP;
    items: ITEM LIVE_CHILD ITEMS_AFTER ITEMS_CHANGED PATH PATHS PATHS_OF_PAGE BELOW_AFTER GUARD_WITHIN
        GUARD_PARENTS
        IDS_IN_USE LIVE_CHILDREN INSERT_ITEMS ITEMS_OF RIVALS HEIGHTS GUARD_PLACES
        UPDATE_PLACES GUARD_CHANGED UPDATE_HEAD GUARD_HEAD GUARD_HEAD_IS LIVE_SIBLING
        GUARD_PLACE_IS MOUNT_OF;
    jobs: PUT ALL;
    journal: INSERT_SPACE ADVANCE APPEND OPERATION OPERATIONS
        INSERT_OPERATIONS PAGE PAGE_END SHARED OLDEST NEWEST DONE DONE_END
        BY_OTHERS;
    link_keys: FIND PUT MOVE REMOVE REMOVE_EACH REMOVE_OF_SPACE INSERT_ATTEMPT TAKE_ATTEMPT;
    links: VISITED GUARD_UPLOADS COUNT_DOWNLOAD COUNT_VISIT RECORD LINK OF_SPACE OF_ITEM COUNT
        INSERT CHANGE PUT_PASSWORD REMOVE SWEEP REMOVE_OF_ITEMS;
    marks: ANY STARS SEARCHES FIT STAR UNSTAR SAVE_SEARCH SEARCH CHANGE_SEARCH REMOVE_SEARCH
        REMOVE_STARS REMOVE_SEARCHES;
    openings: SAID PUT AUDIENCE BY_OTHERS FORGET SWEEP_SPACE SWEEP;
    past: WAYS_THEN ENTRY_AT KNOWN_SINCE VERSIONS_THEN IN_CONFLICT;
    patches: INSERT FORGET_MOVED WANTED END TRIM;
    recovery: OF_USER ANY_OF END_SET INSERT_SET COUNT_SET PUT_RECORD REVOKE_ALL USE REMOVE_OF_USER;
    retention: OF_SPACE SET VERSIONS_AFTER VERSIONS_AFTER_END VERSIONS_OF UNCOUNT MARK THIN NEXT_FILES
        UNNEEDED_ROWS FORGET SPACES_END OLD_TRASH;
    reverts: VERSIONS OTHERS INSERT_VERSIONS CLOSE_ROWS OPEN_ROWS UPDATE_HEADS;
    rewriting: STORED NEEDED EMPTIED CONDEMN_STRAYS;
    scrub: PACKS_END BLOCKS MARK UNMARK MARKED;
    shares: SPACE_BY_TOKEN OF_USER OF_ITEM OF_GRANT PUT MOVE OF_USER_IN REMOVE REMOVE_EACH SOME_OF_USER
        REMOVE_SOME REMOVE_OF_SPACE PERSON_BY_NAME PERSON_BY_ID PEOPLE_BY_ID;
    space: SPACE SPACES PUT_QUOTA ROOM IN_NO_LIST IN_LISTS ADVANCE_AND_CHARGE GUARD_ROOM GUARD_PENDING TRASH;
}

/// Those of these groups are about people or the whole server, and no leg of a space runs them.
const NOT_RUN: [&str; 10] = [
    "administration::",
    "audit::",
    "devices::",
    "directory::",
    "invites::",
    "jobs::",
    "link_keys::",
    "marks::",
    "recovery::",
    "shares::",
];

/// Keys and constants that are no statements.
const NO_STATEMENTS: [&str; 1] = ["scrub::END_OF_KEYS"];

fn name_of(statement: &str) -> &'static str {
    let named = STATEMENTS.iter().find(|(_, sql)| *sql == statement);
    named.map_or("a statement without a name", |(name, _)| name)
}

#[test]
fn every_statement_is_listed() {
    let sources = [
        (
            "administration",
            include_str!("../../../edge/core/src/store/sql/administration.rs"),
        ),
        (
            "audit",
            include_str!("../../../edge/core/src/store/sql/audit.rs"),
        ),
        (
            "blocks",
            include_str!("../../../edge/core/src/store/sql/blocks.rs"),
        ),
        (
            "conflicts",
            include_str!("../../../edge/core/src/store/sql/conflicts.rs"),
        ),
        (
            "content",
            include_str!("../../../edge/core/src/store/sql/content.rs"),
        ),
        (
            "deletion",
            include_str!("../../../edge/core/src/store/sql/deletion.rs"),
        ),
        (
            "devices",
            include_str!("../../../edge/core/src/store/sql/devices.rs"),
        ),
        (
            "directory",
            include_str!("../../../edge/core/src/store/sql/directory.rs"),
        ),
        (
            "ending",
            include_str!("../../../edge/core/src/store/sql/ending.rs"),
        ),
        (
            "garbage",
            include_str!("../../../edge/core/src/store/sql/garbage.rs"),
        ),
        (
            "grants",
            include_str!("../../../edge/core/src/store/sql/grants.rs"),
        ),
        (
            "handover",
            include_str!("../../../edge/core/src/store/sql/handover.rs"),
        ),
        (
            "invites",
            include_str!("../../../edge/core/src/store/sql/invites.rs"),
        ),
        (
            "items",
            include_str!("../../../edge/core/src/store/sql/items.rs"),
        ),
        (
            "jobs",
            include_str!("../../../edge/core/src/store/sql/jobs.rs"),
        ),
        (
            "journal",
            include_str!("../../../edge/core/src/store/sql/journal.rs"),
        ),
        (
            "link_keys",
            include_str!("../../../edge/core/src/store/sql/link_keys.rs"),
        ),
        (
            "links",
            include_str!("../../../edge/core/src/store/sql/links.rs"),
        ),
        (
            "marks",
            include_str!("../../../edge/core/src/store/sql/marks.rs"),
        ),
        (
            "openings",
            include_str!("../../../edge/core/src/store/sql/openings.rs"),
        ),
        (
            "past",
            include_str!("../../../edge/core/src/store/sql/past.rs"),
        ),
        (
            "patches",
            include_str!("../../../edge/core/src/store/sql/patches.rs"),
        ),
        (
            "recovery",
            include_str!("../../../edge/core/src/store/sql/recovery.rs"),
        ),
        (
            "retention",
            include_str!("../../../edge/core/src/store/sql/retention.rs"),
        ),
        (
            "reverts",
            include_str!("../../../edge/core/src/store/sql/reverts.rs"),
        ),
        (
            "rewriting",
            include_str!("../../../edge/core/src/store/sql/rewriting.rs"),
        ),
        (
            "scrub",
            include_str!("../../../edge/core/src/store/sql/scrub.rs"),
        ),
        (
            "shares",
            include_str!("../../../edge/core/src/store/sql/shares.rs"),
        ),
        (
            "space",
            include_str!("../../../edge/core/src/store/sql/space.rs"),
        ),
    ];
    let modules = include_str!("../../../edge/core/src/store/sql/mod.rs");
    let modules: Vec<&str> = modules
        .lines()
        .filter_map(|line| line.strip_prefix("pub mod ")?.strip_suffix(';'))
        .collect();
    assert_eq!(modules, sources.map(|(module, _)| module));
    let listed: BTreeSet<&str> = STATEMENTS.iter().map(|(name, _)| *name).collect();
    for (module, source) in sources {
        let names = source
            .lines()
            .filter_map(|line| line.strip_prefix("pub const "));
        for constant in names.filter_map(|line| line.split(':').next()) {
            let name = format!("{module}::{constant}");
            let is_listed = listed.contains(name.as_str());
            assert!(
                is_listed || NO_STATEMENTS.contains(&name.as_str()),
                "{name}"
            );
        }
    }
}

#[test]
fn four_times_the_rows_are_four_times_the_work() {
    let (few, many) = (work(1_000), work(4_000));
    let mut faster = Vec::new();
    for (sql, steps) in &many {
        let before = few.get(sql).copied().unwrap_or_default();
        // A step more for each row of something, and what every run costs anyway.
        if *steps > before * 5 + 2_000 {
            faster.push(format!("{}: {before} steps, then {steps}", name_of(sql)));
        }
    }
    assert!(faster.is_empty(), "{faster:#?}");
    let missed: Vec<&str> = STATEMENTS
        .iter()
        .filter(|(name, sql)| {
            !many.contains_key(sql) && !NOT_RUN.iter().any(|group| name.starts_with(group))
        })
        .map(|(name, _)| *name)
        .collect();
    assert!(missed.is_empty(), "no leg runs {missed:?}");
    let nameless: Vec<&&str> = many
        .keys()
        .filter(|sql| !STATEMENTS.iter().any(|(_, known)| known == *sql))
        .collect();
    assert!(nameless.is_empty(), "{nameless:?}");
}

fn block(kind: u8, n: usize) -> [u8; 5] {
    let [a, b, c, d] = (n as u32).to_le_bytes();
    [kind, a, b, c, d]
}

/// A file of `n` blocks of a kind, which are stored, and then found damaged and
/// stored again.
fn stored(stage: &Stage, kind: u8, n: usize) -> Manifest {
    let blocks: Vec<[u8; 5]> = (0..n).map(|at| block(kind, at)).collect();
    for pack in blocks.chunks(1_000) {
        let pack: Vec<&[u8]> = pack.iter().map(<[u8; 5]>::as_slice).collect();
        stage.store(&pack);
    }
    let blocks: Vec<BlockRef> = blocks
        .iter()
        .map(|block| BlockRef {
            hash: BlockHash::of(block),
            length: block.len() as u32,
        })
        .collect();
    Manifest {
        size: blocks.iter().map(|block| u64::from(block.length)).sum(),
        blocks,
        ..manifest(b"")
    }
}

/// Runs every leg with lists of `n` blocks, and a hundredth of it of all else, and
/// tells the most that each statement did at one time.
fn work(n: usize) -> BTreeMap<&'static str, u64> {
    let stage = Stage::new();
    let server = &stage.server;
    server.db.measure();
    server.new_space(1 << 30);
    let (old, new) = (stored(&stage, 1, n), stored(&stage, 2, n));
    stored(&stage, 3, n);
    let file = files(&stage, &old, n);
    versions(&stage, file, &old, &new);
    conflicts(&stage, file, &old, &new);
    regrouped(&stage, n / 20);
    patches(&stage, n / 100);
    blocks(&stage, file, &new);
    places(&stage, file);
    the_past(&stage, file);
    one_folder(&stage, &old, n);
    shares(&stage, n);
    mounts(&stage, n);
    links(&stage, n);
    handovers(&stage, n);
    thumbnails(&stage, n / 100);
    deletions(&stage, n);
    refusals(&stage, n / 4);
    evictions(&stage, n);
    repairs(&stage, n);
    administration(&stage, n);
    thinning(&stage, n);
    sparse(&stage, n);
    // All that nothing needs, and what is older than anything is kept.
    server.scrub(LATE, &ALL).unwrap();
    let late = LATE + OPERATION_RETENTION_MILLIS;
    server.collect(late, &collect::BOUNDS).unwrap();
    server.collect(late, &collect::BOUNDS).unwrap();
    for _ in 0..n / 10 {
        let stray = PackId::from_random(server.fresh_id());
        server
            .packs
            .restore(pack_key(stage.ann.space, stray), vec![1]);
    }
    let rewritten = server.rewrite(late, &ALL_PACKS).unwrap();
    assert!(rewritten.emptied >= n as u64 / 10, "{rewritten:?}");
    ending(&stage, n);
    let measured = server.db.measured().into_iter();
    measured.map(|(sql, work)| (sql, work.steps)).collect()
}

/// One with a list, a copy of it, and many at once, each in a folder of its own, of
/// which some are copies.
fn files(stage: &Stage, content: &Manifest, n: usize) -> ItemId {
    let (server, ann) = (&stage.server, &stage.ann);
    let file = new_file(None, "file", Some(content.clone()));
    let item = server.create_file(ann, THEN, file.clone()).unwrap().item.id;
    let base = Base { item, version: 1 };
    let copy = |parent, name: &str| {
        let spliced = Spliced::of(content, base, &content.blocks);
        new_file(parent, name, None).with_content(Some(Content::Spliced(spliced)))
    };
    server.create_file(ann, THEN, copy(None, "copy")).unwrap();
    server
        .create_files(ann, THEN, vec![copy(None, "another")])
        .unwrap()[0]
        .as_ref()
        .unwrap();
    let mut many: Vec<NewFile<Content>> = Vec::new();
    for folder in 0..n / 40 {
        let folder = new_folder(None, &format!("folder {folder}"));
        server.create_folder(ann, THEN, folder.clone()).unwrap();
        let inner = new_folder(Some(folder.id), "inner");
        server.create_folder(ann, THEN, inner.clone()).unwrap();
        many.push(new_file(Some(inner.id), "file", Some(manifest(&block(1, 7)))).into());
    }
    for made in server.create_files(ann, THEN, many.clone()).unwrap() {
        made.unwrap();
    }
    // Once more: they are told from their operations.
    server.create_files(ann, THEN, many).unwrap();
    let page = server.changes(ann, None, None).unwrap();
    assert!(!page.changes.is_empty());
    let (db, limit) = (&server.db, Some(n as u64 / 40));
    let all = WantedOfPast::default();
    let done = ready(activity(db, ann.space, None, None, limit, &all)).unwrap();
    assert_eq!(done.entries.len(), n / 40);
    let some = WantedOfPast {
        of: Some(item),
        kinds: vec![EventType::FileCreate, EventType::FileMove],
        by: Some(DoneBy::Person(ann.user)),
    };
    ready(activity(db, ann.space, None, None, limit, &some)).unwrap();
    item
}

/// A file gets its first version again, and it is asked what was otherwise before that, and
/// before everything.
fn the_past(stage: &Stage, file: ItemId) {
    let (server, ann) = (&stage.server, &stage.ann);
    let revert = Revert {
        operation_id: operation_id(),
        item: file,
        version: 1,
        base_version: server.item(ann, file).unwrap().version(),
    };
    let ends = server.revert(ann, LATE, vec![revert]).unwrap();
    assert!(ends[0].is_ok(), "{ends:?}");
    for (at, least) in [(THEN, 1), (THEN - 1, 10)] {
        let wanted = WantedPast {
            of: None,
            at,
            after: None,
            limit: None,
        };
        let told = server.past(ann, LATE, &wanted).unwrap();
        assert!(told.entries.len() >= least, "{}", told.entries.len());
    }
}

/// A token of a folder fills it and lists it, and changes a file of it whose blocks the
/// rest of the drive has too.
fn one_folder(stage: &Stage, content: &Manifest, n: usize) {
    let (server, ann) = (&stage.server, &stage.ann);
    let folder = new_folder(None, "of a token");
    server.create_folder(ann, THEN, folder.clone()).unwrap();
    let token = Device {
        folder: Some(folder.id),
        ..ann.clone()
    };
    let before = server.changes(&token, None, None).unwrap().next_token;
    let files = (0..n / 40).map(|file| new_file(Some(folder.id), &format!("file {file}"), None));
    let files: Vec<NewFile<Content>> = files.map(Into::into).collect();
    for made in server.create_files(&token, THEN, files).unwrap() {
        made.unwrap();
    }
    let page = server.changes(&token, None, None).unwrap();
    assert_eq!(page.changes.len(), n / 40 + 1);
    let page = server.changes(&token, Some(&before), None).unwrap();
    assert_eq!(page.changes.len(), n / 40);
    server.poll(&token, Some(&before)).unwrap();
    let file = new_file(Some(folder.id), "of its owner", Some(content.clone()));
    let item = server.create_file(ann, THEN, file).unwrap().item.id;
    let commit = |base| commit_of(base, b"").with_content(content.clone());
    server.commit(&token, THEN, item, commit(1)).unwrap();
    let kept = NewConflict {
        operation_id: operation_id(),
        id: conflict_id(),
        base_version: 1,
        content: content.clone(),
    };
    server.keep_conflict(&token, THEN, item, kept).unwrap();
    let hashes = content.blocks.iter().map(|block| block.hash);
    let proposal = proposal(2, hashes.clone().collect());
    let told = server.propose(&token, item, proposal).unwrap();
    assert!(told.missing_blocks.is_empty());
    let fetch = Fetch {
        want: hashes.take(MAX_FETCH_BLOCKS).collect(),
        of: vec![item],
        ..Fetch::default()
    };
    server.fetch(&token, &fetch).unwrap();
}

/// Folders in a folder are shared, each with somebody, who works in it.
fn shares(stage: &Stage, n: usize) {
    let (server, ann) = (&stage.server, &stage.ann);
    let above = new_folder(None, "shared");
    server.create_folder(ann, THEN, above.clone()).unwrap();
    let (db, author) = (&server.db, ann.at(THEN));
    let mut given = Vec::new();
    for person in 0..n / 40 {
        let folder = new_folder(Some(above.id), &format!("folder {person}"));
        server.create_folder(ann, THEN, folder.clone()).unwrap();
        let bob = Device {
            user: UserId::from_random(id_bytes()),
            user_name: format!("bob {person}"),
            root: Some(folder.id),
            ..ann.clone()
        };
        let wanted = GrantTerms {
            id: GrantId::from_random(id_bytes()),
            item: folder.id,
            person: Person {
                user_id: bob.user,
                user_name: bob.user_name.clone(),
            },
            role: Role::Viewer,
            ends_at: None,
        };
        ready(grants::give(db, &author, &wanted)).unwrap();
        let to = GrantChange {
            role: Some(Role::Editor),
            ends_at_ms: None,
        };
        ready(grants::change(db, &author, wanted.id, &to)).unwrap();
        let file = new_file(bob.root, "file", None);
        let file = server.create_file(&bob, THEN, file).unwrap().item.id;
        given.push((bob, wanted.id, file));
    }
    let of_space = ready(reads::grants::of_space(db, ann.space, THEN)).unwrap();
    assert_eq!(of_space.len(), n / 40);
    openings(stage, &given);
    let items = given.iter().map(|(bob, ..)| (ann.space, bob.root.unwrap()));
    let items: Vec<_> = items.collect();
    for (bob, id, _) in &given {
        let of_item = reads::grants::of_item(db, ann.space, bob.root.unwrap(), THEN);
        assert_eq!(ready(of_item).unwrap().len(), 1);
        let of_bob = reads::grants::of_person(db, bob.user, &items, THEN);
        let of_bob = ready(of_bob).unwrap();
        assert_eq!(of_bob.len(), 1);
        let reader = Reader {
            user: bob.user,
            home: SpaceId::from_random(id_bytes()),
            now: THEN,
        };
        let shared: Vec<_> = of_bob.into_iter().map(|one| (ann.space, one)).collect();
        ready(news(db, &reader, &shared)).unwrap();
        ready(grants::take_back(db, &author, *id)).unwrap();
    }
}

/// Each of them has a file open, which its owner is told.
fn openings(stage: &Stage, given: &[(Device, GrantId, ItemId)]) {
    let (db, ann) = (&stage.server.db, &stage.ann);
    for (bob, _, item) in given {
        let (author, item) = (bob.at(THEN), *item);
        let said = SayOpen {
            item,
            is_open: true,
        };
        let step = ready(writes_of_openings::look(db, &author, said)).unwrap();
        let told = ready(writes_of_openings::write(db, &author, &step.unwrap()));
        assert_eq!(told.unwrap().len(), 1);
    }
    let whole = (ann.space, None);
    let all = ready(reads::openings::of_others(db, whole, ann.user, THEN)).unwrap();
    assert_eq!(all.len(), given.len());
    let forget = store::openings::forget(&[ann.space], given[0].0.user).unwrap();
    ready(db.run(forget)).unwrap();
    let swept = writes_of_openings::sweep(db, THEN + OPENING_TOLD_MILLIS);
    assert_eq!(ready(swept).unwrap() as usize, given.len() - 1);
}

/// A file with long lists, and one of many versions and conflicts, of which one is pinned.
fn thinning(stage: &Stage, n: usize) {
    let (server, ann) = (&stage.server, &stage.ann);
    let lists = [stored(stage, 12, n), stored(stage, 13, n)];
    let long = new_file(None, "of long lists", Some(lists[0].clone()));
    let long = server.create_file(ann, THEN, long).unwrap().item.id;
    for base in 1..4 {
        let content = lists[base as usize % 2].clone();
        let commit = commit_of(base, b"").with_content(content);
        server.commit(ann, THEN, long, commit).unwrap();
    }
    let many = new_file(None, "of many versions", None);
    let many = server.create_file(ann, THEN, many).unwrap().item.id;
    for base in 1..n as u64 / 20 {
        let content = manifest(&block(12, base as usize));
        let commit = commit_of(base, b"").with_content(content.clone());
        server.commit(ann, THEN, many, commit).unwrap();
        if base % 2 == 0 {
            let kept = NewConflict {
                operation_id: operation_id(),
                id: conflict_id(),
                base_version: base,
                content,
            };
            server.keep_conflict(ann, THEN, many, kept).unwrap();
        }
    }
    let mark = MarkVersion {
        version: 1,
        base_marks: 0,
        name: "the first".into(),
        pinned: true,
    };
    server.mark_version(ann, THEN, many, &mark).unwrap();
    let db = &server.db;
    let otherwise = Retention::default();
    let set = settings::set(db, ann.space, Some(&otherwise));
    ready(set).unwrap();
    let told = settings::tell(db, ann.space, Retention::EVERYTHING);
    assert_eq!(ready(told).unwrap().retention, otherwise);
    let late = THEN + 40 * 24 * 60 * 60 * 1_000;
    let few = thin::ThinBounds {
        versions_per_page: 2,
        pages: n as u32,
        ..thin::BOUNDS
    };
    let all = &Retention::EVERYTHING;
    let mut thinned = server.thin(late, all, &thin::BOUNDS).unwrap();
    assert!(thinned.versions as usize > n / 41, "{thinned:?}");
    for _ in 0..9 {
        let more = server.thin(late, all, &few).unwrap();
        thinned.rows += more.rows;
    }
    assert!(thinned.rows as usize > 2 * n, "{thinned:?}");
    let night = Night::over(server);
    ready(trash::run(&night, db, late, all, &trash::BOUNDS)).unwrap();
    let left = reads::files::versions(db, ann.space, &Reach::Whole, long, (None, None));
    assert_eq!(ready(left).unwrap().versions.len(), 1);
}

/// Files that have one, and are asked for it.
fn thumbnails(stage: &Stage, n: usize) {
    let (server, ann) = (&stage.server, &stage.ann);
    let files: Vec<ItemId> = (0..n)
        .map(|number| {
            let new = new_file(None, &format!("picture {number}"), None);
            server.create_file(ann, THEN, new).unwrap().item.id
        })
        .collect();
    for file in &files {
        let new = NewThumbnail {
            item: *file,
            version: Some(1),
            bytes: thumbnail(file.to_string().as_bytes()),
        };
        let id = PackId::from_random(id_bytes());
        let author = ann.at(THEN);
        let stored = writes_of_thumbnails::store(&server.db, &server.packs, &author, id, &new);
        ready(stored).unwrap();
    }
    let found = reads::thumbnails::of_files(&server.db, ann.space, &Reach::Whole, &files);
    assert_eq!(ready(found).unwrap().len(), n);
}

/// What is shared gets a place and loses it, by its owner's hand and with the access.
fn mounts(stage: &Stage, n: usize) {
    let (db, author) = (&stage.server.db, stage.ann.at(THEN));
    let folder = new_folder(None, "of mounts");
    let parent = Some(folder.id);
    stage
        .server
        .create_folder(&stage.ann, THEN, folder)
        .unwrap();
    for _ in 0..n / 40 {
        let grant = GrantId::from_random(id_bytes());
        let mount = || {
            let new = NewMount {
                operation_id: operation_id(),
                id: item_id(),
                grant,
                parent,
                name: name("mount"),
            };
            let made = ready(apply(db, &author, &Create::from(new))).unwrap();
            made.item_changed().unwrap().item.id
        };
        ready(writes_of_mounts::remove(db, &author, mount())).unwrap();
        mount();
        ready(writes_of_mounts::forget(db, &author, grant))
            .unwrap()
            .unwrap();
    }
}

/// Folders in a folder have a link each, over which somebody sends files.
fn links(stage: &Stage, n: usize) {
    let (server, ann) = (&stage.server, &stage.ann);
    let above = new_folder(None, "linked");
    server.create_folder(ann, THEN, above.clone()).unwrap();
    let (db, author) = (&server.db, ann.at(THEN));
    let mut made = Vec::new();
    for number in 0..n / 40 {
        let folder = new_folder(Some(above.id), &format!("folder {number}"));
        server.create_folder(ann, THEN, folder.clone()).unwrap();
        let password = links::NewPassword {
            record: "00".into(),
            sign_in_key: "key".into(),
            credential: "credential".into(),
        };
        let wanted = links::LinkTerms {
            label: format!("link {number}"),
            may: May::ViewAndUpload,
            ends_at: None,
            most_downloads: None,
            password: Some(password),
        };
        let id = LinkId::from_random(id_bytes());
        let ids = (id, LinkKey::from_random(id_bytes()), folder.id);
        ready(links::make(db, &author, ids, &wanted, async || Ok(()))).unwrap();
        let label = Some("another".into());
        let change = links::LinkTermsChange {
            label,
            ..links::LinkTermsChange::default()
        };
        ready(links::change(db, &author, id, &change)).unwrap();
        let visit = held::LinkVisit {
            link: id,
            password: Some(1),
            aim: held::Aim::Inside,
        };
        let held = SharedPart {
            root: folder.id,
            by: held::SharedBy::Link(visit),
            now: THEN,
            changes: true,
        };
        let link = ready(query::one(db, visited(ann.space, id))).unwrap();
        let visitor = Visitor {
            space: ann.space,
            held,
            link: link.unwrap(),
        };
        ready(links::count_visit(db, &visitor)).unwrap();
        ready(links::count_download(db, &visitor)).unwrap();
        ready(reads::links::password(db, &visitor)).unwrap();
        ready(reads::links::shown(db, &visitor)).unwrap();
        let by_visitor = Author {
            by: Contributor::Visitor("another".into()),
            reach: Reach::of_held(held),
            ..author.clone()
        };
        for _ in 0..2 {
            let file: NewFile<Content> = new_file(Some(folder.id), "scan", None).into();
            let create = Create::from(file).under_a_free_name();
            ready(apply(db, &by_visitor, &create)).unwrap();
        }
        made.push((id, folder.id));
    }
    let all = ready(reads::links::links(db, ann.space, None, THEN)).unwrap();
    assert_eq!(all.len(), n / 40);
    for (id, item) in made {
        let of_item = reads::links::links(db, ann.space, Some(item), THEN);
        assert_eq!(ready(of_item).unwrap().len(), 1);
        ready(links::remove(db, &author, id)).unwrap();
    }
}

/// A folder is handed over, with a long list, a conflict, folders that others have, and what
/// is among the files of either.
fn handovers(stage: &Stage, n: usize) {
    let (server, ann) = (&stage.server, &stage.ann);
    let db = &server.db;
    let content = stored(stage, 11, n);
    let folder = new_folder(None, "to hand over");
    server.create_folder(ann, THEN, folder.clone()).unwrap();
    let file = new_file(Some(folder.id), "file", Some(content.clone()));
    server.create_file(ann, THEN, file.clone()).unwrap();
    let kept = NewConflict {
        operation_id: operation_id(),
        id: conflict_id(),
        base_version: 0,
        content,
    };
    server.keep_conflict(ann, THEN, file.id, kept).unwrap();
    let bob = Device {
        user: UserId::from_random(id_bytes()),
        ..owner(server, "the new owner")
    };
    let insert = "INSERT INTO users (id, name, name_key, home_space, sign_in_record, created_at)
        VALUES (?1, 'the new owner', 'the new owner', ?2, x'00', 0)";
    let row = (bob.user.to_string(), bob.space.to_string());
    db.connection().execute(insert, row).unwrap();
    let author = ann.at(THEN);
    let gives = |item, user| {
        let wanted = GrantTerms {
            id: GrantId::from_random(id_bytes()),
            item,
            person: Person {
                user_id: user,
                user_name: "somebody".into(),
            },
            role: Role::Viewer,
            ends_at: None,
        };
        let given = ready(grants::give(db, &author, &wanted)).unwrap().grant;
        ready(directory::shares::put(db, ann.space, &given, THEN)).unwrap();
        given
    };
    for number in 0..n / 40 {
        let inner = new_folder(Some(folder.id), &format!("folder {number}"));
        server.create_folder(ann, THEN, inner.clone()).unwrap();
        gives(inner.id, UserId::from_random(id_bytes()));
        let mount = |who: &Device, grant, parent| {
            let mounted = Create::from(NewMount {
                operation_id: operation_id(),
                id: item_id(),
                grant,
                parent,
                name: name("mounted"),
            });
            ready(apply(db, &who.at(THEN), &mounted)).unwrap();
        };
        mount(ann, GrantId::from_random(id_bytes()), Some(inner.id));
        mount(&bob, gives(inner.id, bob.user).id, None);
        let wanted = links::LinkTerms {
            label: String::new(),
            may: May::View,
            ends_at: None,
            most_downloads: None,
            password: None,
        };
        let ids = (
            LinkId::from_random(id_bytes()),
            LinkKey::from_random(id_bytes()),
            inner.id,
        );
        let made = links::make(db, &author, ids, &wanted, async || Ok(()));
        ready(made).unwrap();
    }
    let grant = gives(folder.id, bob.user).id;
    ready(offers::offer(db, &author, grant)).unwrap();
    ready(offers::end(db, &author, grant)).unwrap();
    ready(offers::offer(db, &author, grant)).unwrap();
    let night = Night::over(server);
    let by = bob.at(THEN);
    let accepts = || {
        let fresh = || Ok(id_bytes());
        ready(accept(&night, &by, grant, fresh, &copies::BOUNDS)).unwrap()
    };
    assert!((0..100).any(|_| accepts().done), "it never ends");
    ready(hints::run(&night, LATE)).unwrap();
}

/// An account ends, is kept, ends again and is removed, which has shared and was given
/// something.
fn ending(stage: &Stage, n: usize) {
    let (server, ann) = (&stage.server, &stage.ann);
    let db = &server.db;
    let person = |number: usize| {
        let name = format!("person {number}");
        let device = Device {
            user: UserId::from_random(id_bytes()),
            ..owner(server, &name)
        };
        let insert =
            "INSERT INTO users (id, name, name_key, home_space, sign_in_record, created_at)
            VALUES (?1, ?2, ?2, ?3, x'00', 0)";
        let row = (device.user.to_string(), name, device.space.to_string());
        db.connection().execute(insert, row).unwrap();
        device
    };
    let leaver = Device {
        space: ann.space,
        ..person(n)
    };
    let home = "UPDATE users SET home_space = ?1 WHERE id = ?2";
    let row = (ann.space.to_string(), leaver.user.to_string());
    db.connection().execute(home, row).unwrap();
    let gives = |from: &Device, to: &Device, name: &str| {
        let folder = new_folder(None, name);
        server.create_folder(from, THEN, folder.clone()).unwrap();
        let wanted = GrantTerms {
            id: GrantId::from_random(id_bytes()),
            item: folder.id,
            person: Person {
                user_id: to.user,
                user_name: to.user_name.clone(),
            },
            role: Role::Viewer,
            ends_at: None,
        };
        let given = ready(grants::give(db, &from.at(THEN), &wanted)).unwrap();
        ready(directory::shares::put(db, from.space, &given.grant, THEN)).unwrap();
        folder.id
    };
    for number in 0..n / 40 {
        let other = person(number);
        let folder = gives(&leaver, &other, &format!("given {number}"));
        gives(&other, &leaver, "given");
        let wanted = links::LinkTerms {
            label: String::new(),
            may: May::View,
            ends_at: None,
            most_downloads: None,
            password: None,
        };
        let ids = (
            LinkId::from_random(id_bytes()),
            LinkKey::from_random(id_bytes()),
            folder,
        );
        let author = leaver.at(THEN);
        let made = links::make(db, &author, ids, &wanted, async || Ok(()));
        ready(made).unwrap();
    }
    let night = Night::over(server);
    let author = leaver.at(LATE);
    ready(announced::begin(&night, &author, LATE + 1, None)).unwrap();
    ready(announced::keep(&night, &author, Some(LATE + 1))).unwrap();
    ready(announced::begin(&night, &author, LATE + 1, None)).unwrap();
    let bounds = due::EndingBounds {
        steps: 1_000,
        step: StepBounds {
            access: n as u64,
            rows: n as u64,
        },
        ..due::BOUNDS
    };
    let done = night.run(2 * LATE, &bounds).unwrap();
    assert_eq!(done.gone, 1, "{done:?}");
}

/// Every second block of the list is another one, then all are.
fn versions(stage: &Stage, file: ItemId, old: &Manifest, new: &Manifest) {
    let (server, ann) = (&stage.server, &stage.ann);
    let cursor = server.changes(ann, None, None).unwrap().next_token;
    let pairs = old.blocks.iter().zip(&new.blocks).enumerate();
    let mixed = pairs.map(|(n, (old, new))| if n % 2 == 0 { *old } else { *new });
    let mixed = Manifest {
        blocks: mixed.collect(),
        ..old.clone()
    };
    for (base, content) in [(1, &mixed), (2, new)] {
        let hashes = content.blocks.iter().map(|block| block.hash).collect();
        let proposal = Proposal {
            new_bytes: Some(1),
            ..proposal(base, hashes)
        };
        server.propose(ann, file, proposal).unwrap();
        let commit = commit_of(base, b"").with_content(content.clone());
        server.commit(ann, THEN, file, commit).unwrap();
    }
    let base = Base {
        item: file,
        version: 1,
    };
    let page = (Some(3), Some(1));
    let listed = ready(reads::files::versions(
        &server.db,
        ann.space,
        &Reach::Whole,
        file,
        page,
    ))
    .unwrap();
    assert_eq!(listed.next_before, Some(2));
    server.manifest(ann, file, Some(2)).unwrap();
    server.manifest_since(ann, file, 3, base).unwrap();
    server.changes(ann, Some(&cursor), None).unwrap();
    server.newest(ann).unwrap();
}

fn conflicts(stage: &Stage, file: ItemId, old: &Manifest, new: &Manifest) {
    let (server, ann) = (&stage.server, &stage.ann);
    let cursor = server.changes(ann, None, None).unwrap().next_token;
    let keep = || {
        let kept = NewConflict {
            operation_id: operation_id(),
            id: conflict_id(),
            base_version: 1,
            content: old.clone(),
        };
        server.keep_conflict(ann, THEN, file, kept).unwrap().id
    };
    let (copied, kept, merged) = (keep(), keep(), keep());
    server.conflict_content(ann, kept).unwrap();
    server.conflict_manifest(ann, kept).unwrap();
    server.changes(ann, Some(&cursor), None).unwrap();
    let both = Choice::KeepBoth {
        copy_id: item_id(),
        copy_name: name("kept beside it"),
    };
    server.resolve(ann, THEN, copied, resolve(3, both)).unwrap();
    server
        .resolve(ann, THEN, kept, resolve(3, Choice::KeepMine))
        .unwrap();
    server.reopen(ann, THEN, kept, reopen(4)).unwrap();
    server.reopen(ann, THEN, copied, reopen(5)).unwrap();
    let content = new.clone().into();
    let merge = resolve(5, Choice::Merged { content });
    server.resolve(ann, THEN, merged, merge).unwrap();
    server
        .resolve(ann, THEN, copied, resolve(6, Choice::KeepTheirs))
        .unwrap();
    server.resolved_conflicts(ann, None, None).unwrap();
    server.conflicts(ann).unwrap();
}

/// Patches of a block each, in one request.
fn patches(stage: &Stage, n: usize) {
    for request in (0..n).collect::<Vec<_>>().chunks(16) {
        let frames: Vec<u8> = request
            .iter()
            .flat_map(|n| patched(&[&block(1, *n)], &[&block(1, *n)[..], b"patched"].concat()))
            .collect();
        stage.server.store_blocks(&stage.ann, THEN, frames).unwrap();
        let frames: Vec<Vec<u8>> = request
            .iter()
            .map(|n| patched(&[&block(1, *n)], &[&block(1, *n)[..], b"again"].concat()))
            .collect();
        let body = solid(&frames);
        stage.server.store_blocks(&stage.ann, THEN, body).unwrap();
    }
}

/// A file of blocks that are in a pack each.
fn regrouped(stage: &Stage, n: usize) {
    let scattered: Vec<u8> = (0..n).flat_map(|n| block(9, n)).collect();
    let blocks: Vec<&[u8]> = scattered.chunks(5).collect();
    for block in &blocks {
        stage.store(&[block]);
    }
    let blocks = blocks.iter().map(|block| BlockRef {
        hash: BlockHash::of(block),
        length: 5,
    });
    let content = Manifest {
        size: scattered.len() as u64,
        blocks: blocks.collect(),
        ..manifest(b"")
    };
    let file = new_file(None, "scattered", Some(content));
    stage
        .server
        .create_file(&stage.ann, THEN, file.clone())
        .unwrap();
    assert!(stage.server.regroup(&stage.ann, THEN, file.id).unwrap() >= 30);
    let read = stage.server.content(&stage.ann, file.id, None).unwrap();
    assert_eq!(read, scattered);
}

fn blocks(stage: &Stage, file: ItemId, content: &Manifest) {
    let (server, ann) = (&stage.server, &stage.ann);
    server.content(ann, file, None).unwrap();
    server.block(ann, content.blocks[0].hash).unwrap();
    let hashes = content.blocks.iter().map(|block| block.hash);
    let want: Vec<BlockHash> = hashes.take(MAX_FETCH_BLOCKS).collect();
    let to_sign = want.iter().map(|&hash| ToSign {
        hash,
        first_bytes: 1 << 10,
    });
    let blocks = to_sign.collect();
    let of = Vec::new();
    let signed = FetchSignatures { blocks, of };
    server.signatures(ann, &signed).unwrap();
    let fetch = Fetch {
        want,
        ..Fetch::default()
    };
    server.fetch(ann, &fetch).unwrap();
}

fn places(stage: &Stage, file: ItemId) {
    let (server, ann) = (&stage.server, &stage.ann);
    let folder = new_folder(None, "a folder");
    server.create_folder(ann, THEN, folder.clone()).unwrap();
    let item = server.item(ann, file).unwrap();
    let to = change_place(&item, Some(folder.id), "moved");
    let item = server.change_place(ann, THEN, file, to).unwrap().item;
    let item = server
        .trash(ann, THEN, file, change_trashed(&item))
        .unwrap()
        .item;
    server
        .restore(ann, THEN, file, change_trashed(&item))
        .unwrap();
}

/// One run of the scrub looks at every pack.
const ALL: scrub::ScrubBounds = scrub::ScrubBounds {
    packs: 1_000,
    packs_per_step: 100,
    rows: 100_000,
};

/// One run of the job that writes packs anew does all.
const ALL_PACKS: RewriteBounds = RewriteBounds {
    objects_per_page: 100_000,
    pages: 1,
    rows_per_page: 100_000,
    sources: 10_000,
    blocks: 100_000,
    packs: 10_000,
    bytes: 8 << 20,
};

/// Packs of ten blocks, of which a file needs five.
fn sparse(stage: &Stage, n: usize) {
    let blocks: Vec<[u8; 5]> = (0..n).map(|at| block(21, at)).collect();
    for pack in blocks.chunks(10) {
        let pack: Vec<&[u8]> = pack.iter().map(<[u8; 5]>::as_slice).collect();
        stage.store(&pack);
    }
    let needed: Vec<u8> = blocks.iter().step_by(2).flatten().copied().collect();
    let list = needed.chunks(5).map(|block| BlockRef {
        hash: BlockHash::of(block),
        length: 5,
    });
    let content = Manifest {
        size: needed.len() as u64,
        blocks: list.collect(),
        ..manifest(b"")
    };
    let file = new_file(None, "of sparse packs", Some(content));
    stage.server.create_file(&stage.ann, THEN, file).unwrap();
}

/// A file with a long list is deleted for good: by itself, with a conflict, and with
/// the trash.
fn deletions(stage: &Stage, n: usize) {
    let (server, ann) = (&stage.server, &stage.ann);
    for (kind, by_itself) in [(5, true), (6, false)] {
        let content = stored(stage, kind, n);
        let file = new_file(None, "to go", Some(content.clone()));
        let item = server.create_file(ann, THEN, file).unwrap().item;
        let kept = NewConflict {
            operation_id: operation_id(),
            id: conflict_id(),
            base_version: 0,
            content,
        };
        if by_itself {
            server.keep_conflict(ann, THEN, item.id, kept).unwrap();
        }
        let gone = server.trash(ann, THEN, item.id, change_trashed(&item));
        let gone = gone.unwrap().item;
        server.space(ann).unwrap();
        let (operation_id, with_open_conflicts) = (operation_id(), by_itself);
        let delete = || match by_itself {
            true => {
                let request = DeleteForGood {
                    operation_id,
                    base_place_version: gone.place_version,
                    with_open_conflicts,
                };
                server.delete(ann, THEN, gone.id, request, &deletion::BOUNDS)
            }
            false => {
                let request = EmptyTrash {
                    operation_id,
                    trashed_up_to_ms: None,
                    with_open_conflicts,
                };
                server.empty_trash(ann, THEN, request, &deletion::BOUNDS)
            }
        };
        let done = (0..100).any(|_| delete().unwrap().done);
        assert!(done, "it never ends");
    }
}

/// A new file that carries its blocks has a name that is taken.
fn refusals(stage: &Stage, n: usize) {
    let blocks: Vec<[u8; 5]> = (0..n).map(|at| block(7, at)).collect();
    let blocks: Vec<&[u8]> = blocks.iter().map(<[u8; 5]>::as_slice).collect();
    let file = new_file(None, "copy", Some(manifest(blocks[0])));
    let refused = stage
        .server
        .create_file_carrying(&stage.ann, THEN, file.into(), frames(&blocks));
    assert!(
        matches!(refused, Err(Problem::NameTaken { .. })),
        "{refused:?}"
    );
}

/// Uploads that nothing refers to make room for others.
fn evictions(stage: &Stage, n: usize) {
    let quota = n as u64 * (5 + BLOCK_CHARGE);
    let ann = Device {
        space: stage.server.new_space(quota),
        ..stage.ann.clone()
    };
    for kind in [8, 10] {
        for at in (0..n).collect::<Vec<_>>().chunks(1_000) {
            let blocks: Vec<[u8; 5]> = at.iter().map(|at| block(kind, *at)).collect();
            let blocks: Vec<&[u8]> = blocks.iter().map(<[u8; 5]>::as_slice).collect();
            let stored = stage.server.store_blocks(&ann, THEN, frames(&blocks));
            assert_eq!(stored.unwrap().stored, blocks.len() as u32);
        }
    }
}

/// Packs are lost and come back, or are sent again.
fn repairs(stage: &Stage, n: usize) {
    let server = &stage.server;
    let keys = server.packs.keys();
    let lost: Vec<_> = keys
        .iter()
        .map(|key| (key.clone(), server.packs.remove(key).expect("a pack")))
        .collect();
    server.scrub(LATE, &ALL).unwrap();
    for at in (0..n).collect::<Vec<_>>().chunks(1_000) {
        let blocks: Vec<[u8; 5]> = at.iter().map(|n| block(1, *n)).collect();
        let blocks: Vec<&[u8]> = blocks.iter().map(<[u8; 5]>::as_slice).collect();
        server
            .store_blocks(&stage.ann, THEN, frames(&blocks))
            .unwrap();
    }
    for (key, bytes) in lost {
        server.packs.restore(key, bytes);
    }
    server.scrub(LATE, &ALL).unwrap();
}

/// An administrator looks at as many drives as there may be on a page, sets a quota, and asks
/// what is damaged.
fn administration(stage: &Stage, n: usize) {
    let db = &stage.server.db;
    let spaces: Vec<SpaceId> = (0..n).map(|_| stage.server.new_space(1)).collect();
    let list = serde_json::to_string(&spaces).unwrap();
    let read = Statement::new(sql::space::SPACES).bind(list);
    assert_eq!(ready(db.run(read)).unwrap().rows.len(), n);
    let put = Statement::new(sql::space::PUT_QUOTA).id(spaces[0]);
    assert_eq!(ready(db.run(put.bind(2_u64))).unwrap().changes, 1);
    ready(db.run(Statement::new(sql::scrub::MARKED))).unwrap();
}

/// A step of SQLite's machine, as `EXPLAIN` tells it.
#[derive(Debug)]
struct Step {
    at: i64,
    code: String,
    p1: i64,
    p2: i64,
}

fn program(db: &Sqlite, sql: &str) -> Vec<Step> {
    let explain = format!("EXPLAIN {sql}");
    let mut explained = db.connection().prepare(&explain).unwrap();
    let step = |row: &Row| {
        Ok(Step {
            at: row.get(0)?,
            code: row.get(1)?,
            p1: row.get(2)?,
            p2: row.get(3)?,
        })
    };
    // Its parameters stay null.
    explained
        .raw_query()
        .mapped(step)
        .map(Result::unwrap)
        .collect()
}

/// The loops of a program: the cursor of each, and where it begins and ends.
fn loops(program: &[Step]) -> Vec<(i64, i64, i64)> {
    let ends = ["Next", "Prev", "VNext", "SorterNext"];
    let loops = program
        .iter()
        .filter(|step| ends.contains(&step.code.as_str()));
    loops
        .filter(|step| step.p2 < step.at)
        .map(|step| (step.p1, step.p2, step.at))
        .collect()
}

/// The column of `json_each` that has an element, however large it is.
const VALUE: i64 = 1;

/// Where a list's element is read once for each row of something else.
fn read_again(program: &[Step]) -> Vec<&Step> {
    let loops = loops(program);
    let reads = program
        .iter()
        .filter(|step| step.code == "VColumn" && step.p2 == VALUE);
    reads
        .filter(|step| {
            let around = loops
                .iter()
                .filter(|(_, from, to)| (*from..=*to).contains(&step.at));
            let innermost = around.min_by_key(|(_, from, to)| to - from);
            innermost.is_some_and(|(cursor, ..)| *cursor != step.p1)
        })
        .collect()
}

#[test]
fn no_element_of_a_list_is_read_again_for_each_row() {
    let stage = Stage::new();
    for (name, sql) in STATEMENTS {
        let program = program(&stage.server.db, sql);
        let again = read_again(&program);
        assert!(again.is_empty(), "{name}: {again:?}");
    }
    // As it once was: 63 seconds for 20,000 blocks.
    let slow = "
SELECT c.value ->> 0, r.value ->> 0 FROM json_each(?2) c CROSS JOIN json_each(c.value, '$[1]') r";
    assert_eq!(read_again(&program(&stage.server.db, slow)).len(), 1);
}

/// Removing a block asks every list for it, and has to find that in an index: with
/// the space alone, all lists of it would be read for each block.
#[test]
fn removing_a_block_does_not_read_every_list() {
    let stage = Stage::new();
    let plan = format!("EXPLAIN QUERY PLAN {}", sql::garbage::REMOVE);
    let mut plan = stage.server.db.connection().prepare(&plan).unwrap();
    let steps = plan.raw_query().mapped(|row| row.get::<_, String>(3));
    let steps: Vec<String> = steps.map(Result::unwrap).collect();
    let of_spaces: Vec<_> = steps
        .iter()
        .filter(|step| step.ends_with("(space=?)"))
        .collect();
    assert!(of_spaces.is_empty(), "{steps:#?}");
}
