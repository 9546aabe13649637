//! A map in many small ones. A map that is full moves all that is in it at once, which takes
//! the thread for long where that is a million items; of these, one moves at a time.

use std::collections::HashMap;
use std::hash::{Hash, Hasher};

/// One for each value of a byte: 4,000 of a million are in each.
const SHARDS: usize = 256;

/// See the head of this module.
#[derive(Clone, Debug, PartialEq)]
pub struct Shards<K: Eq + Hash, V>(Vec<HashMap<K, V>>);

impl<K: Eq + Hash, V> Default for Shards<K, V> {
    fn default() -> Self {
        Self((0..SHARDS).map(|_| HashMap::new()).collect())
    }
}

impl<K: Eq + Hash, V> Shards<K, V> {
    /// The map that a key is in, if it is in any.
    pub fn of(&self, key: &K) -> &HashMap<K, V> {
        &self.0[shard(key)]
    }

    /// The map that a key is in, or belongs into.
    pub fn of_mut(&mut self, key: &K) -> &mut HashMap<K, V> {
        &mut self.0[shard(key)]
    }

    /// All maps.
    pub fn all(&self) -> impl Iterator<Item = &HashMap<K, V>> {
        self.0.iter()
    }
}

/// Ids and hashes differ in any of their bytes, so something simple spreads them.
struct Fold(u8);

impl Hasher for Fold {
    fn write(&mut self, bytes: &[u8]) {
        for byte in bytes {
            self.0 = self.0.wrapping_mul(31) ^ byte;
        }
    }

    fn finish(&self) -> u64 {
        u64::from(self.0)
    }
}

fn shard(key: &impl Hash) -> usize {
    let mut fold = Fold(0);
    key.hash(&mut fold);
    usize::from(fold.0)
}

#[cfg(test)]
mod tests {
    use super::{SHARDS, Shards};
    use protocol::ids::ItemId;

    #[test]
    fn keys_are_spread_and_found_again() {
        const COUNT: usize = 64 * SHARDS;
        let mut shards: Shards<ItemId, usize> = Shards::default();
        let id = |n: usize| {
            let mixed = (n as u128 + 1).wrapping_mul(0x9E37_79B9_7F4A_7C15_F39C_C060_5CED_C835);
            ItemId::from_random(mixed.to_be_bytes())
        };
        for n in 0..COUNT {
            shards.of_mut(&id(n)).insert(id(n), n);
        }
        assert!((0..COUNT).all(|n| shards.of(&id(n)).get(&id(n)) == Some(&n)));
        let largest = shards.all().map(|map| map.len()).max();
        // 64 are in each if they are spread evenly.
        assert!(largest < Some(128), "{largest:?} of {COUNT} are in one map");
        shards.of_mut(&id(7)).remove(&id(7));
        let left: usize = shards.all().map(|map| map.len()).sum();
        assert_eq!((left, shards.of(&id(7)).get(&id(7))), (COUNT - 1, None));
    }
}
