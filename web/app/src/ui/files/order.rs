//! The order of a listing. Folders come first in any.

use super::kind::Kind;
use super::names::by_name;
use crate::ui::who::Who;
use blocks::number::FileTime;
use protocol::ids::DeviceId;
use protocol::items::Item;
use std::cmp::Ordering;
use std::collections::{BTreeSet, HashMap};

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Column {
    Name,
    Size,
    Kind,
    Modified,
    Device,
}

impl Column {
    /// Those that can be left out.
    pub const OPTIONAL: [Self; 4] = [Self::Size, Self::Kind, Self::Modified, Self::Device];

    /// What its head says.
    pub fn title(self) -> &'static str {
        match self {
            Self::Name => "Name",
            Self::Size => "Size",
            Self::Kind => "Kind",
            Self::Modified => "Modified",
            Self::Device => "Changed by",
        }
    }

    /// What it is called in the stylesheet, and where the browser keeps that it is left out.
    pub fn word(self) -> &'static str {
        match self {
            Self::Name => "name",
            Self::Size => "size",
            Self::Kind => "kind",
            Self::Modified => "time",
            Self::Device => "device",
        }
    }

    pub fn bit(self) -> u8 {
        1 << self as u8
    }
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
    /// folders. `below`: how much there is in a folder.
    pub fn apply(self, items: &mut [Item], who: &Who, below: &dyn Fn(&Item) -> u64) {
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
            Column::Size => {
                self.sort(folders, &|a, b| below(a).cmp(&below(b)));
                self.sort(files, &|a, b| size(a).cmp(&size(b)));
            }
            Column::Kind => {
                self.sort(folders, &|a, b| Kind::of(a).cmp(&Kind::of(b)));
                self.sort(files, &|a, b| Kind::of(a).cmp(&Kind::of(b)));
            }
            Column::Device => {
                let ranks = ranks(files, who);
                let rank = |item: &Item| ranks.get(&author(item)?).copied();
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

/// What those who changed these files are called, and where they stand by that.
fn ranks(files: &[Item], who: &Who) -> HashMap<(String, DeviceId), usize> {
    let known: HashMap<_, String> = files
        .iter()
        .filter_map(|item| Some((author(item)?, who.changed(&item.file.as_ref()?.committed))))
        .collect();
    let names: BTreeSet<&str> = known.values().map(String::as_str).collect();
    let mut names: Vec<&str> = names.into_iter().collect();
    by_name(&mut names, |name| name);
    let places: HashMap<&str, usize> = names.into_iter().zip(0..).collect();
    let ranks = known
        .iter()
        .filter_map(|(author, words)| Some((author.clone(), *places.get(words.as_str())?)));
    ranks.collect()
}

/// Who changed a file last, and with which device.
fn author(item: &Item) -> Option<(String, DeviceId)> {
    let by = &item.file.as_ref()?.committed;
    Some((by.user_name.clone(), by.device_id))
}

/// When a file was changed, or a folder made.
pub fn modified_at_ms(item: &Item) -> FileTime {
    item.file
        .as_ref()
        .map_or(FileTime::of_clock(item.created_at_ms), |file| {
            file.modified_at_ms
        })
}
