//! Rows of which a part can't be read: a number that D1 does not give back, or whatever
//! else somebody wrote into the database. What can be read of such a row is told,
//! something stands in for the rest, and the result is marked as damaged. So a list
//! does not end at the row, and a person can repair or remove what it is about.

use crate::log;
use blocks::chunk::SizeClass;
use blocks::manifest::{BlockRef, Manifest};
use blocks::number::{FileTime, MAX_EXACT};
use protocol::ids::{DeviceId, GrantId, ItemId, UnixMillis};
use protocol::items::{Committed, FileHead, Item, Mount};
use protocol::name::Name;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Deserializer};
use serde_json::Value as Json;

/// What can be read of an item; `None` if its id can't be read.
pub fn item(row: &Json) -> Option<Item> {
    let mut place = Reading::of(row);
    let id: ItemId = place.key("an item", "id")?;
    let parent = place.or("parent", None);
    let name = place.or("name", Name::stand_in(id));
    let place_version = place.or("place_version", FIRST);
    let created_at_ms = place.count("created_at");
    let trashed_at_ms = place.count_or_null("trashed_at");
    let mount: Option<GrantId> = place.or("mount", None);
    let version = place.count_or_null("head");
    let damaged = place.has_damage;
    Some(Item {
        id,
        parent,
        name,
        place_version,
        file: version.map(|version| head(row, version.max(FIRST))),
        mount: mount.map(|grant| Mount { grant }),
        created_at_ms,
        trashed_at_ms,
        damaged,
    })
}

/// What stands in for a number that is counted from 1. The statements accept it for a
/// number that can't be read.
const FIRST: u64 = 1;

fn head(row: &Json, version: u64) -> FileHead {
    let mut content = Reading::of(row);
    let is_there: u64 = content.or("version", 0);
    let size = content.count("size");
    FileHead {
        version,
        size,
        size_class: content.or("size_class", SizeClass::for_size(size)),
        modified_at_ms: content.time("modified_at"),
        committed: content.committed(),
        damaged: content.has_damage || is_there == 0,
    }
}

/// The content that a version's row and its blocks tell. Its size is the sum of its
/// blocks.
pub fn content(row: &Json, blocks: Vec<BlockRef>) -> Manifest {
    let mut read = Reading::of(row);
    let size = blocks.iter().map(|block| u64::from(block.length)).sum();
    Manifest {
        size,
        size_class: read.or("size_class", SizeClass::for_size(size)),
        modified_at_ms: read.time("modified_at"),
        blocks,
    }
}

/// Reads a row column by column.
pub(super) struct Reading<'a> {
    row: &'a Json,
    has_damage: bool,
}

impl<'a> Reading<'a> {
    pub(super) fn of(row: &'a Json) -> Self {
        let has_damage = false;
        Self { row, has_damage }
    }

    fn value(&self, column: &str) -> &'a Json {
        self.row.get(column).unwrap_or(&Json::Null)
    }

    /// A column without which nobody knows what the row is about.
    pub(super) fn key<T: DeserializeOwned>(&self, of: &str, column: &str) -> Option<T> {
        let key = T::deserialize(self.value(column));
        if key.is_err() {
            let value = self.value(column);
            log::fault(format_args!("the {column} of {of} can't be read: {value}"));
        }
        key.ok()
    }

    pub(super) fn or<T: DeserializeOwned>(&mut self, column: &str, stand_in: T) -> T {
        T::deserialize(self.value(column)).unwrap_or_else(|_| {
            self.has_damage = true;
            stand_in
        })
    }

    /// A count, or the nearest one.
    pub(super) fn count(&mut self, column: &str) -> u64 {
        let nearest = nearest_count(self.value(column));
        self.or(column, nearest)
    }

    pub(super) fn count_or_null(&mut self, column: &str) -> Option<u64> {
        match self.value(column) {
            Json::Null => None,
            _ => Some(self.count(column)),
        }
    }

    pub(super) fn time(&mut self, column: &str) -> FileTime {
        let millis = self.value(column).as_f64().unwrap_or_default();
        self.or(column, FileTime::nearest_to(millis))
    }

    pub(super) fn committed(&mut self) -> Committed {
        Committed {
            user_name: self.or("user_name", "somebody".to_owned()),
            device_id: self.or("device", DeviceId::from_random([0; 16])),
            device_name: self.or("device_name", "an unknown device".to_owned()),
            at_ms: self.count("at"),
        }
    }
}

/// The count that is nearest to what a column holds; 0 if that is no number.
fn nearest_count(value: &Json) -> u64 {
    match (value.as_u64(), value.as_f64()) {
        (Some(count), _) => count.min(MAX_EXACT),
        (None, Some(number)) => (number as u64).min(MAX_EXACT),
        (None, None) => 0,
    }
}

/// Reads a count, or the nearest one, whatever the column holds: for
/// `#[serde(deserialize_with)]`.
///
/// # Errors
/// Only those of the row's own form.
pub fn nearest<'de, D: Deserializer<'de>>(deserializer: D) -> Result<u64, D::Error> {
    Ok(nearest_count(&Json::deserialize(deserializer)?))
}

/// The same for a column that may be null.
///
/// # Errors
/// Only those of the row's own form.
pub fn nearest_or_null<'de, D: Deserializer<'de>>(
    deserializer: D,
) -> Result<Option<UnixMillis>, D::Error> {
    let value = Json::deserialize(deserializer)?;
    Ok((!value.is_null()).then(|| nearest_count(&value)))
}

/// Reads a column as `None` if it can't be read.
///
/// # Errors
/// Only those of the row's own form.
pub fn or_null<'de, D: Deserializer<'de>, T: DeserializeOwned>(
    deserializer: D,
) -> Result<Option<T>, D::Error> {
    Ok(T::deserialize(Json::deserialize(deserializer)?).ok())
}
