//! The order of a listing. Folders come first in any.

use super::names::by_name;
use blocks::number::FileTime;
use protocol::items::Item;
use std::cmp::Ordering;
use std::collections::{HashMap, HashSet};

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

    /// Brings a listing that is in the order of names into this one. Mounts stand with the
    /// folders.
    pub fn apply(self, items: &mut [Item]) {
        let folders = items.iter().take_while(|item| item.file.is_none()).count();
        let (folders, files) = items.split_at_mut(folders);
        match self.column {
            Column::Name if self.descending => {
                folders.reverse();
                files.reverse();
            }
            Column::Name => {}
            Column::Modified => {
                self.sort(folders, &|a, b| a.created_at_ms.cmp(&b.created_at_ms));
                self.sort(files, &|a, b| modified_at_ms(a).cmp(&modified_at_ms(b)));
            }
            Column::Size => self.sort(files, &|a, b| size(a).cmp(&size(b))),
            Column::Device => {
                let ranks = ranks(files);
                let rank = |item: &Item| device(item).and_then(|name| ranks.get(name));
                self.sort(files, &|a, b| rank(a).cmp(&rank(b)));
            }
        }
    }

    /// By a function at an address, since sorting is compiled anew for each that is known.
    fn sort(self, items: &mut [Item], compare: &dyn Fn(&Item, &Item) -> Ordering) {
        items.sort_by(|a, b| {
            let order = compare(a, b);
            if self.descending {
                order.reverse()
            } else {
                order
            }
        });
    }
}

fn size(item: &Item) -> Option<u64> {
    item.file.as_ref().map(|file| file.size)
}

fn device(item: &Item) -> Option<&str> {
    let file = item.file.as_ref();
    file.map(|file| file.committed.device_name.as_str())
}

/// Where the devices of these files stand by their names.
fn ranks(files: &[Item]) -> HashMap<String, usize> {
    let devices: HashSet<&str> = files.iter().filter_map(device).collect();
    let mut devices: Vec<&str> = devices.into_iter().collect();
    // In one order, so that equal names stay apart in the same way.
    devices.sort_unstable();
    by_name(&mut devices, |name| name);
    let names = devices.into_iter().map(str::to_owned);
    names.zip(0..).collect()
}

/// When a file was changed, or a folder made.
pub fn modified_at_ms(item: &Item) -> FileTime {
    item.file
        .as_ref()
        .map_or(FileTime::of_clock(item.created_at_ms), |file| {
            file.modified_at_ms
        })
}
