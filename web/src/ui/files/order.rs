//! The order of a listing. Folders come first in any.

use shared::protocol::items::Item;
use std::cmp::Ordering;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Column {
    Name,
    Size,
    Modified,
    Device,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Order {
    pub column: Column,
    pub descending: bool,
}

impl Order {
    pub const fn by_name() -> Self {
        Self {
            column: Column::Name,
            descending: false,
        }
    }

    /// What a press on a column's head leads to.
    pub fn pressed(self, column: Column) -> Self {
        if self.column == column {
            return Self {
                column,
                descending: !self.descending,
            };
        }
        // The newest and the largest are what people look for.
        let descending = matches!(column, Column::Size | Column::Modified);
        Self { column, descending }
    }

    /// Brings a listing that is in the order of names into this one.
    pub fn apply(self, items: &mut [Item]) {
        let folders = items.iter().take_while(|item| item.is_folder()).count();
        let (folders, files) = items.split_at_mut(folders);
        match self.column {
            Column::Name if self.descending => {
                folders.reverse();
                files.reverse();
            }
            Column::Name => {}
            Column::Modified => {
                self.sort(folders, |item| item.created_at_ms);
                self.sort(files, modified_at_ms);
            }
            Column::Size => self.sort(files, |item| item.file.as_ref().map(|file| file.size)),
            Column::Device => self.sort(files, |item| {
                item.file
                    .as_ref()
                    .map(|file| file.committed.device_name.clone())
            }),
        }
    }

    fn sort<K: Ord>(self, items: &mut [Item], key: impl Fn(&Item) -> K) {
        items.sort_by(|a, b| {
            let order: Ordering = key(a).cmp(&key(b));
            if self.descending {
                order.reverse()
            } else {
                order
            }
        });
    }
}

/// When a file was changed, or a folder made.
pub fn modified_at_ms(item: &Item) -> u64 {
    item.file
        .as_ref()
        .map_or(item.created_at_ms, |file| file.modified_at_ms)
}
