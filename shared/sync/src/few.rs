//! A set of items that nearly always has one. It takes no memory of its own then, where
//! there are a million of them.

use protocol::ids::ItemId;
use std::collections::BTreeSet;

/// At least one item.
#[derive(Clone, Debug, PartialEq)]
pub enum Few {
    /// This one.
    One(ItemId),
    /// Several, or one that is left of several.
    More(BTreeSet<ItemId>),
}

impl Few {
    /// Adds an item.
    pub fn insert(&mut self, id: ItemId) {
        match self {
            Self::One(one) if *one == id => {}
            Self::One(one) => *self = Self::More(BTreeSet::from([*one, id])),
            Self::More(more) => {
                more.insert(id);
            }
        }
    }

    /// Takes an item away. Returns whether that was the last.
    pub fn remove(&mut self, id: ItemId) -> bool {
        match self {
            Self::One(one) => *one == id,
            Self::More(more) => {
                more.remove(&id);
                more.is_empty()
            }
        }
    }

    /// The first by its id.
    pub fn first(&self) -> Option<ItemId> {
        self.iter().next()
    }

    /// All of them, by their ids.
    pub fn iter(&self) -> impl Iterator<Item = ItemId> + '_ {
        let (one, more) = match self {
            Self::One(one) => (Some(*one), None),
            Self::More(more) => (None, Some(more.iter().copied())),
        };
        one.into_iter().chain(more.into_iter().flatten())
    }
}

#[cfg(test)]
mod tests {
    use super::{Few, ItemId};

    #[test]
    fn it_holds_what_a_set_holds() {
        let [one, two, three] = [1, 2, 3].map(|n| ItemId::from_random([n; 16]));
        let mut few = Few::One(two);
        assert!(!few.remove(one));
        few.insert(two);
        assert_eq!((few.iter().count(), &few), (1, &Few::One(two)));
        few.insert(three);
        few.insert(one);
        assert_eq!(few.iter().collect::<Vec<_>>(), [one, two, three]);
        assert_eq!((few.first(), few.iter().count()), (Some(one), 3));
        assert!(!few.remove(one));
        assert!(!few.remove(three));
        assert_eq!(few.first(), Some(two));
        assert!(few.remove(two));
        assert!(Few::One(one).remove(one));
    }
}
