//! Which live items of one folder are one file on somebody's disk although they are
//! two here. Counted by a hash of what such names have in common, so that a hundred
//! thousand of them cost little; one that is wrong would only be marked for nothing.

use super::shards::Shards;
use protocol::disks::disk_key;
use protocol::ids::ItemId;
use protocol::name::Name;
use std::hash::{DefaultHasher, Hash, Hasher};

/// The counts.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Twins(Shards<u64, u32>);

impl Twins {
    /// An item stands in a folder.
    pub fn put(&mut self, folder: Option<ItemId>, name: &Name) {
        let key = key(folder, name);
        *self.0.of_mut(&key).entry(key).or_default() += 1;
    }

    /// It does not any more.
    pub fn remove(&mut self, folder: Option<ItemId>, name: &Name) {
        let key = key(folder, name);
        let counts = self.0.of_mut(&key);
        if let Some(count) = counts.get_mut(&key) {
            *count = count.saturating_sub(1);
            if *count == 0 {
                counts.remove(&key);
            }
        }
    }

    /// Whether another item of the folder would be the same file.
    pub fn has(&self, folder: Option<ItemId>, name: &Name) -> bool {
        let key = key(folder, name);
        let count = self.0.of(&key).get(&key);
        count.is_some_and(|count| *count > 1)
    }
}

fn key(folder: Option<ItemId>, name: &Name) -> u64 {
    let mut hasher = DefaultHasher::new();
    folder.hash(&mut hasher);
    disk_key(name).hash(&mut hasher);
    hasher.finish()
}
