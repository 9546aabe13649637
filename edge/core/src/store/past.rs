//! Queries about the past: where items stood, and what files held.

use super::blocks::about;
use super::rows::{IdRow, SeqRow};
use super::sql::past as sql;
use super::stand_ins::{nearest, nearest_or_null, or_null};
use crate::ports::{Rows, Statement};
use crate::query::Query;
use blocks::number::FileTime;
use protocol::activity::Spot;
use protocol::ids::{ItemId, Seq, SpaceId, UnixMillis, Version};
use protocol::past::PastContent;
use serde::Deserialize;
use std::collections::{BTreeSet, HashMap, HashSet};

/// An item on a way up as it was then.
#[derive(Clone, Debug, Deserialize)]
pub struct WayRow {
    /// The item.
    pub id: ItemId,
    /// Its first entry since then that changed its place; `None` if it stands where it stood.
    #[serde(deserialize_with = "nearest_or_null")]
    pub seq: Option<Seq>,
    #[serde(deserialize_with = "or_null")]
    parent: Option<ItemId>,
    /// Only of the item where the way begins.
    #[serde(deserialize_with = "or_null")]
    name: Option<String>,
    #[serde(deserialize_with = "or_null")]
    was_there: Option<u8>,
    #[serde(deserialize_with = "or_null")]
    was_trashed: Option<u8>,
}

impl WayRow {
    /// Whether the item was there, live or in the trash; `None` if that is not known.
    pub fn was_there(&self) -> Option<bool> {
        Some(self.was_there? != 0)
    }

    /// Whether it was in the trash by itself; `None` if that is not known.
    pub fn was_trashed(&self) -> Option<bool> {
        Some(self.was_trashed? != 0)
    }

    /// Where it stood, if the way begins here and its name can be read.
    pub fn spot(&self) -> Option<Spot> {
        let (parent, name) = (self.parent, self.name.clone()?);
        Some(Spot { parent, name })
    }

    /// Whether it stood at the top of the space.
    pub fn was_at_top(&self) -> bool {
        self.parent.is_none()
    }
}

/// The ways up from items as they were at a time, each by its item, from below.
///
/// # Errors
/// The list can't be written.
pub fn ways_then(
    space: SpaceId,
    items: &BTreeSet<ItemId>,
    at: UnixMillis,
) -> serde_json::Result<Query<HashMap<ItemId, Vec<WayRow>>>> {
    #[derive(Deserialize)]
    struct OfStart {
        start: ItemId,
        #[serde(flatten)]
        row: WayRow,
    }
    let ways = about(sql::WAYS_THEN, space, items)?.bind(at);
    Ok(ways.read_by(|rows: &Rows| {
        let mut ways: HashMap<ItemId, Vec<WayRow>> = HashMap::new();
        for OfStart { start, row } in rows.readable(&["start", "id"]) {
            ways.entry(start).or_default().push(row);
        }
        Ok(ways)
    }))
}

/// The entry before the first that was made after a time.
pub fn entry_at(space: SpaceId, at: UnixMillis) -> Query<Seq> {
    let entry = Statement::new(sql::ENTRY_AT).id(space).bind(at);
    let entry = entry.first::<SeqRow>();
    entry.then(|row| Ok(row.and_then(|row| row.seq).unwrap_or_default()))
}

/// Since when it is known where everything stood; 0 if it always was.
pub fn known_since(space: SpaceId) -> Query<UnixMillis> {
    #[derive(Deserialize)]
    struct AtRow {
        #[serde(deserialize_with = "nearest_or_null")]
        at: Option<UnixMillis>,
    }
    let since = Statement::new(sql::KNOWN_SINCE).id(space).first::<AtRow>();
    since.then(|row| Ok(row.and_then(|row| row.at).unwrap_or_default()))
}

/// What a file held, and the next version that is kept.
pub struct Held {
    /// What it held.
    pub content: PastContent,
    /// The next version that is kept.
    pub next: Option<Version>,
}

/// What files held at a time, as far as it is kept. Of each file, a version is given that
/// came after that time, or is the one that it held.
///
/// # Errors
/// The list can't be written.
pub fn held_then(
    space: SpaceId,
    files: &[(ItemId, Version)],
    at: UnixMillis,
) -> serde_json::Result<Query<HashMap<ItemId, Held>>> {
    #[derive(Deserialize)]
    struct VersionRow {
        item: ItemId,
        #[serde(deserialize_with = "nearest")]
        version: Version,
        #[serde(deserialize_with = "nearest")]
        size: u64,
        modified_at: FileTime,
        #[serde(deserialize_with = "nearest")]
        at: UnixMillis,
        #[serde(deserialize_with = "nearest_or_null")]
        next: Option<Version>,
        same: u8,
    }
    let versions = about(sql::VERSIONS_THEN, space, files)?.bind(at);
    let versions = versions.readable::<VersionRow>(&["item", "version"]);
    Ok(versions.then(|rows| {
        let held = rows.into_iter().map(|row| {
            let follows = row.version.saturating_add(1);
            let content = PastContent {
                version: row.version,
                size: row.size,
                modified_at_ms: row.modified_at,
                committed_at_ms: row.at,
                is_exact: row.next.is_none_or(|next| next == follows),
                is_now: row.same != 0,
            };
            let next = row.next;
            (row.item, Held { content, next })
        });
        Ok(held.collect())
    }))
}

/// Those of some items that have an open conflict.
///
/// # Errors
/// The list can't be written.
pub fn in_conflict(
    space: SpaceId,
    items: &BTreeSet<ItemId>,
) -> serde_json::Result<Query<HashSet<ItemId>>> {
    let rows = about(sql::IN_CONFLICT, space, items)?.readable::<IdRow>(&["id"]);
    Ok(rows.then(|rows| Ok(rows.into_iter().map(|row| row.id).collect())))
}
