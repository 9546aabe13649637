//! The local database's stores, and how an older one becomes this one.

use idb::{Database, Error, ObjectStoreParams};

/// Raise by one with each step added to [`migrate`].
pub const VERSION: u32 = 1;

/// Files and folders: id → JSON of the `Item`.
pub const ITEMS: &str = "items";
/// Open conflicts: id → JSON of the `Conflict`.
pub const CONFLICTS: &str = "conflicts";
/// File id → [`super::BlockList`] as bytes.
pub const BLOCK_LISTS: &str = "block_lists";
/// The keys below → text.
pub const META: &str = "meta";

pub const ALL: [&str; 4] = [ITEMS, CONFLICTS, BLOCK_LISTS, META];

/// Whose data this is: JSON of the `Session`.
pub const SESSION_KEY: &str = "session";
/// Where the change feed goes on; set together with the items it stands for.
pub const CURSOR_KEY: &str = "cursor";
/// Set once the tree was complete.
pub const COMPLETE_KEY: &str = "complete";

/// Brings a database of version `from` (0: there was none) up to date. Each
/// step is run once, in order, within the browser's own upgrade transaction.
pub fn migrate(database: &Database, from: u32) -> Result<(), Error> {
    if from < 1 {
        for store in ALL {
            database.create_object_store(store, ObjectStoreParams::new())?;
        }
    }
    Ok(())
}
