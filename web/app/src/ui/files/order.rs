//! The order of a listing. Folders come first in any.

use super::kind::Kind;
use super::names::by_name;
use crate::ui::who::Who;
use crate::words::t;
use blocks::number::FileTime;
use protocol::ids::DeviceId;
use protocol::items::{Committed, Item};
use std::cmp::Ordering;
use std::collections::{BTreeSet, HashMap};
use std::sync::Arc;

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
            Self::Name => t("Name"),
            Self::Size => t("Size"),
            Self::Kind => t("Kind"),
            Self::Modified => t("Modified"),
            Self::Device => t("Changed by"),
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
    pub fn apply(self, items: &mut [Arc<Item>], who: &Who, below: &dyn Fn(&Item) -> u64) {
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
                self.rank(folders, &|item| Kind::of(item) as usize);
                self.rank(files, &|item| Kind::of(item) as usize);
            }
            Column::Device => {
                let ranks = ranks(files, who);
                self.rank(files, &|item| rank(&ranks, item).unwrap_or_default());
            }
        }
    }

    /// By something that is asked of each item once.
    fn rank(self, items: &mut [Arc<Item>], rank: &dyn Fn(&Item) -> usize) {
        items.sort_by_cached_key(|item| {
            let rank = rank(item);
            if self.descending {
                usize::MAX - rank
            } else {
                rank
            }
        });
    }

    /// By a function at an address, since sorting is compiled anew for each that is known.
    fn sort(self, items: &mut [Arc<Item>], compare: &dyn Fn(&Item, &Item) -> Ordering) {
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

/// Where those who changed files stand by what they are called: by their device, and by
/// what that was called.
type Ranks = HashMap<DeviceId, HashMap<String, usize>>;

fn ranks(files: &[Arc<Item>], who: &Who) -> Ranks {
    let mut called: HashMap<DeviceId, HashMap<String, String>> = HashMap::new();
    for by in files.iter().filter_map(|item| author(item)) {
        let names = called.entry(by.device_id).or_default();
        if !names.contains_key(&by.device_name) {
            names.insert(by.device_name.clone(), who.changed(by));
        }
    }
    let words: BTreeSet<&str> = called
        .values()
        .flat_map(HashMap::values)
        .map(String::as_str)
        .collect();
    let mut words: Vec<&str> = words.into_iter().collect();
    by_name(&mut words, |words| words);
    let places: HashMap<&str, usize> = words.into_iter().zip(0..).collect();
    let ranked = |names: &HashMap<String, String>| {
        let ranked = names
            .iter()
            .filter_map(|(name, words)| Some((name.clone(), *places.get(words.as_str())?)));
        ranked.collect()
    };
    let ranks = called
        .iter()
        .map(|(device, names)| (*device, ranked(names)));
    ranks.collect()
}

fn rank(ranks: &Ranks, item: &Item) -> Option<usize> {
    let by = author(item)?;
    ranks.get(&by.device_id)?.get(&by.device_name).copied()
}

/// Who changed a file last.
fn author(item: &Item) -> Option<&Committed> {
    item.file.as_ref().map(|file| &file.committed)
}

fn size(item: &Item) -> Option<u64> {
    item.file.as_ref().map(|file| file.size)
}

/// When a file was changed, or a folder made.
pub fn modified_at_ms(item: &Item) -> FileTime {
    item.file
        .as_ref()
        .map_or(FileTime::of_clock(item.created_at_ms), |file| {
            file.modified_at_ms
        })
}

#[cfg(test)]
mod tests {
    use super::{Arc, Column, Item, Order, Who};

    fn item(name: &str, size: Option<u64>) -> Arc<Item> {
        let file = size.map(|size| {
            serde_json::json!({
                "version": 1, "size": size, "size_class": 18, "modified_at_ms": 0,
                "committed": {
                    "user_name": "ann", "device_name": "x", "at_ms": 0,
                    "device_id": "00000000-0000-4000-8000-000000000000",
                },
            })
        });
        let item = serde_json::json!({
            "id": "00000000-0000-4000-8000-000000000000", "name": name, "place_version": 1,
            "created_at_ms": 0, "file": file,
        });
        Arc::new(serde_json::from_value(item).unwrap())
    }

    #[test]
    fn folders_stand_first_and_by_what_is_in_them() {
        let mut items = vec![
            item("few", None),
            item("much", None),
            item("a.txt", Some(7)),
            item("b.png", Some(9)),
            item("c.txt", Some(8)),
        ];
        let below = |item: &Item| u64::from(item.name.as_str() == "much");
        let mut order = Order::by_name();
        let mut pressed = |column: Column, items: &mut Vec<Arc<Item>>| {
            order = order.pressed(column);
            order.apply(items, &Who::default(), &below);
            let names = items.iter().map(|item| item.name.to_string());
            names.collect::<Vec<_>>().join(" ")
        };
        let largest = pressed(Column::Size, &mut items);
        assert_eq!(largest, "much few b.png c.txt a.txt");
        assert_eq!(
            pressed(Column::Size, &mut items),
            "few much a.txt c.txt b.png"
        );
        assert_eq!(
            pressed(Column::Kind, &mut items),
            "few much b.png a.txt c.txt"
        );
        assert_eq!(
            pressed(Column::Kind, &mut items),
            "few much a.txt c.txt b.png"
        );
    }
}
