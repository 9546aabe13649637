//! The local database's stores, and how an older one becomes this one. The keys of all but
//! the block lists say which root they are of, too: see [`super::keys`].

use idb::{Database, Error, KeyPath, ObjectStoreParams};

/// Raise by one with each step added to [`migrate`].
pub const VERSION: u32 = 6;

/// Files and folders: id → JSON of the `Item`.
pub const ITEMS: &str = "items";
/// Open conflicts: id → JSON of the `Conflict`.
pub const CONFLICTS: &str = "conflicts";
/// What was changed here and not sent: tab and item ([`super::keys`]) → JSON of
/// the `Edit`.
pub const EDITS: &str = "edits";
/// Choices that were not sent: tab and conflict → JSON of the `Resolution`.
pub const RESOLUTIONS: &str = "resolutions";
/// Block lists: item → an object with the fields below; one version of each.
pub const LISTS: &str = "manifests";
/// What met a change of somebody else's, until the person has seen it: tab and
/// nonce → JSON of the `Matter`.
pub const MATTERS: &str = "matters";
/// The keys below → text.
pub const META: &str = "meta";

pub const ALL: [&str; 7] = [ITEMS, CONFLICTS, EDITS, RESOLUTIONS, LISTS, MATTERS, META];
/// What is somebody's, but for whose it is.
pub const BUT_META: [&str; 6] = [ITEMS, CONFLICTS, EDITS, RESOLUTIONS, LISTS, MATTERS];
/// What the server has said, and says again.
pub const FROM_SERVER: [&str; 3] = [ITEMS, CONFLICTS, LISTS];
/// What is each tab's own.
pub const OF_TABS: [&str; 3] = [EDITS, RESOLUTIONS, MATTERS];

/// Who is signed in: JSON of the `Session`.
pub const SESSION_KEY: &str = "session";
/// The id of the user whose data this is, signed in or not.
pub const OWNER_KEY: &str = "owner";
/// Where the change feed goes on; set together with the items it stands for.
pub const CURSOR_KEY: &str = "cursor";
/// Set once the tree was complete.
pub const COMPLETE_KEY: &str = "complete";
/// What is shared with the person and by them: JSON of the `Grants`.
pub const GRANTS_KEY: &str = "grants";
/// The first rows of the folder that was looked at last: see [`super::first_rows`].
pub const FIRST_ROWS_KEY: &str = "first-rows";
// Texts that were typed over files are in the same store, and what is kept offline: see
// [`super::texts`] and [`super::offline`].

/// All that goes with the end of a session.
pub const OF_SESSION: [&str; 5] = [
    SESSION_KEY,
    CURSOR_KEY,
    COMPLETE_KEY,
    GRANTS_KEY,
    FIRST_ROWS_KEY,
];

/// Of a list: its version.
pub const LIST_VERSION: &str = "version";
/// When it was last written or read, in milliseconds: also the name of an index.
pub const LIST_USED: &str = "used";
/// The blocks, packed: see [`crate::packed`].
pub const LIST_BLOCKS: &str = "blocks";

/// Brings a database of version `from` (0: there was none) up to date. Each
/// step is run once, in order, within the browser's own upgrade transaction.
pub fn migrate(database: &Database, from: u32) -> Result<(), Error> {
    let make = |store: &str| database.create_object_store(store, ObjectStoreParams::new());
    if from < 1 {
        for store in [ITEMS, CONFLICTS, META] {
            make(store)?;
        }
    }
    if from < 2 {
        for store in [EDITS, RESOLUTIONS] {
            make(store)?;
        }
    }
    if from == 1 {
        // Block lists: an unsent edit holds its own now.
        database.delete_object_store("block_lists")?;
    }
    if from < 3 {
        let used = KeyPath::new_single(LIST_USED);
        make(LISTS)?.create_index(LIST_USED, used, None)?;
    }
    if from < 4 {
        make(MATTERS)?;
    }
    // From 5 on there may be more roots than the person's own drive: a page that knows of
    // none would take all that is here for the drive. From 6 on there may be mounts: a page
    // that knows of none would write them down as folders.
    Ok(())
}
