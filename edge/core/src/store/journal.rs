//! Entries of the journal as they are stored, and what they tell.

use super::rows::from_json;
use super::stand_ins::{nearest, nearest_or_null};
use crate::log;
use protocol::activity::{AccountNews, ConflictStep, Done, OfferStep, Spot};
use protocol::grants::Role;
use protocol::ids::{ConflictId, DeviceId, ItemId, Seq, UnixMillis, UserId, Version};
use protocol::items::Item;
use protocol::notifications::{Actor, Event, EventType};
use serde::{Deserialize, Serialize};

/// What is known of an entry besides its kind and its author. It is stored as JSON.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Detail {
    /// Where the item stood before, if it stands elsewhere now.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub from: Option<Spot>,
    /// Where it stands; `None` once it is deleted for good.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub at: Option<Spot>,
    /// The newest version of a file.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub version: Option<Version>,
    /// What became of a conflict.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub step: Option<ConflictStep>,
    /// Whose access it is about.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub person: Option<String>,
    /// What they could do from then on.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub role: Option<Role>,
    /// The name of the link that it is about, or over which it was done.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub link: Option<String>,
    /// What becomes of the account of whoever made it, if it is about all that they share or
    /// have of others.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub account: Option<AccountNews>,
    /// What became of an offer to be the owner of the item.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub offer: Option<OfferStep>,
}

impl Detail {
    /// What the item is called.
    pub fn name(&self) -> Option<&str> {
        let spot = self.at.as_ref().or(self.from.as_ref());
        spot.map(|spot| spot.name.as_str())
    }
}

/// Where an item stands.
pub fn spot(item: &Item) -> Spot {
    Spot {
        parent: item.parent,
        name: item.name.to_string(),
    }
}

/// A row of the journal. Who and what else may be missing: it was not always written
/// down.
#[derive(Deserialize)]
pub struct EntryRow {
    /// Its place in the journal.
    #[serde(deserialize_with = "nearest")]
    pub seq: Seq,
    item: ItemId,
    conflict: Option<ConflictId>,
    #[serde(deserialize_with = "nearest")]
    at: UnixMillis,
    event: Option<EventType>,
    detail: Option<String>,
    user: Option<UserId>,
    user_name: Option<String>,
    device: Option<DeviceId>,
    device_name: Option<String>,
}

/// Where entries that were read end.
#[derive(Deserialize)]
pub struct EndRow {
    /// The place of the oldest.
    #[serde(deserialize_with = "nearest_or_null")]
    pub seq: Option<Seq>,
    /// When the first of them was made.
    #[serde(deserialize_with = "nearest_or_null")]
    pub at: Option<UnixMillis>,
    /// How many there are.
    pub count: u64,
}

/// What tells of a row that can't be read.
pub const KEY: &[&str] = &["seq", "item"];

impl EntryRow {
    /// What polls say of it.
    pub fn event(self) -> Event {
        Done::from(self).event
    }

    fn actor(&self) -> Option<Actor> {
        Some(Actor {
            user_id: self.user?,
            user_name: self.user_name.clone()?,
            device_id: self.device?,
            device_name: self.device_name.clone()?,
        })
    }

    fn detail(&self) -> Detail {
        let Some(text) = &self.detail else {
            return Detail::default();
        };
        from_json(text).unwrap_or_else(|why| {
            let seq = self.seq;
            log::fault(format_args!("what entry {seq} says can't be read: {why}"));
            Detail::default()
        })
    }
}

impl From<EntryRow> for Done {
    fn from(row: EntryRow) -> Self {
        let detail = row.detail();
        Self {
            seq: row.seq,
            event: Event {
                event_type: row.event.unwrap_or(EventType::FileUpdate),
                file_id: row.item,
                timestamp: row.at,
                name: detail.name().map(str::to_owned),
                by: row.actor(),
            },
            from: detail.from,
            at: detail.at,
            version: detail.version,
            conflict: row.conflict,
            step: detail.step,
            person: detail.person,
            role: detail.role,
            link: detail.link,
            account: detail.account,
            offer: detail.offer,
        }
    }
}
