//! How somebody wants lists shown: as rows or tiles, in groups or not, with which columns.
//! The browser keeps it.

use super::order::Column;
use crate::ui::dom;

const KEY: &str = "driftless-list";

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Arrangement {
    pub tiles: bool,
    pub grouping: Grouping,
    /// A bit for each column that is left out.
    hidden: u8,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Grouping {
    #[default]
    Nothing,
    Kind,
    Date,
}

impl Arrangement {
    pub fn read() -> Self {
        let kept = dom::storage().and_then(|storage| storage.get_item(KEY).ok().flatten());
        kept.map(|kept| Self::parse(&kept)).unwrap_or_default()
    }

    /// A choice that can't be kept still holds until the page is closed.
    pub fn keep(self) {
        if let Some(storage) = dom::storage() {
            let _ = storage.set_item(KEY, &self.written());
        }
    }

    /// The name is always there.
    pub fn shows(self, column: Column) -> bool {
        self.hidden & column.bit() == 0
    }

    #[must_use]
    pub fn with_or_without(self, column: Column) -> Self {
        Self {
            hidden: self.hidden ^ column.bit(),
            ..self
        }
    }

    /// The classes of the list.
    pub fn classes(self) -> String {
        let mut classes = match self.tiles {
            true => "grid tiles".to_owned(),
            false => "grid".to_owned(),
        };
        for column in Column::OPTIONAL {
            if !self.shows(column) {
                classes.push_str(" without-");
                classes.push_str(column.word());
            }
        }
        classes
    }

    fn written(self) -> String {
        let mut words = vec![match self.tiles {
            true => "tiles",
            false => "rows",
        }];
        words.push(match self.grouping {
            Grouping::Nothing => "whole",
            Grouping::Kind => "by-kind",
            Grouping::Date => "by-date",
        });
        let hidden = Column::OPTIONAL.into_iter();
        words.extend(
            hidden
                .filter(|column| !self.shows(*column))
                .map(Column::word),
        );
        words.join(" ")
    }

    /// Words that it does not know say nothing.
    fn parse(kept: &str) -> Self {
        let mut arrangement = Self::default();
        for word in kept.split(' ') {
            match word {
                "tiles" => arrangement.tiles = true,
                "by-kind" => arrangement.grouping = Grouping::Kind,
                "by-date" => arrangement.grouping = Grouping::Date,
                word => {
                    let mut columns = Column::OPTIONAL.into_iter();
                    let hidden = columns.find(|column| column.word() == word);
                    arrangement.hidden |= hidden.map_or(0, Column::bit);
                }
            }
        }
        arrangement
    }
}

#[cfg(test)]
mod tests {
    use super::{Arrangement, Column, Grouping};

    #[test]
    fn what_is_kept_is_read_as_it_was() {
        let plain = Arrangement::default();
        assert_eq!(Arrangement::parse(&plain.written()), plain);
        let other = Arrangement {
            tiles: true,
            grouping: Grouping::Date,
            ..plain
        };
        let other = other
            .with_or_without(Column::Device)
            .with_or_without(Column::Kind);
        assert_eq!(other.classes(), "grid tiles without-kind without-device");
        assert_eq!(Arrangement::parse(&other.written()), other);
        assert!(other.with_or_without(Column::Kind).shows(Column::Kind));
        assert_eq!(Arrangement::parse("something of a later page"), plain);
    }
}
