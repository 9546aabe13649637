//! The way from an item up to the top of the space.

use protocol::ids::ItemId;

/// An item and all folders above it, the nearest first. Two folders that two devices
/// have put into each other are in themselves for a while: so the way ends after as many
/// steps as there are items.
pub struct Upward<F> {
    next: Option<ItemId>,
    left: usize,
    parent: F,
}

impl<F: Fn(ItemId) -> Option<ItemId>> Upward<F> {
    /// From an item, or from a folder or the top, among so many items.
    pub fn from(item: Option<ItemId>, items: usize, parent: F) -> Self {
        Self {
            next: item,
            left: items + 1,
            parent,
        }
    }

    /// Whether it was given up before the top.
    pub fn is_lost(&self) -> bool {
        self.next.is_some()
    }
}

impl<F: Fn(ItemId) -> Option<ItemId>> Iterator for Upward<F> {
    type Item = ItemId;

    fn next(&mut self) -> Option<ItemId> {
        self.left = self.left.checked_sub(1)?;
        let id = self.next?;
        self.next = (self.parent)(id);
        Some(id)
    }
}
