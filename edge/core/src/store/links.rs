//! Queries about links, and what their rows say.

use super::sql::links;
use super::stand_ins::{nearest, nearest_or_null, or_null};
use crate::access::ends::sooner;
use crate::ports::Statement;
use crate::query::Query;
use protocol::ids::{ItemId, LinkId, SpaceId, UnixMillis};
use protocol::links::{Link, LinkKey, May};
use serde::Deserialize;

/// What tells of a row that can't be read.
pub const KEY: &[&str] = &["space", "id"];

/// A link with its item as it is now.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct LinkRow {
    id: LinkId,
    key: LinkKey,
    item: ItemId,
    #[serde(deserialize_with = "or_null")]
    name: Option<String>,
    is_folder: u8,
    label: String,
    may: May,
    has_password: u8,
    #[serde(deserialize_with = "nearest")]
    created_at: UnixMillis,
    #[serde(deserialize_with = "nearest_or_null")]
    ends_at: Option<UnixMillis>,
    #[serde(deserialize_with = "nearest_or_null")]
    most_downloads: Option<u64>,
    #[serde(deserialize_with = "nearest")]
    opened: u64,
    #[serde(deserialize_with = "nearest")]
    downloaded: u64,
    #[serde(deserialize_with = "nearest_or_null")]
    account_ends_at: Option<UnixMillis>,
}

/// A link, and the end that it was given, however long the account of its owner lasts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LinkAsMade {
    /// The link as it is told.
    pub link: Link,
    /// Its own end.
    pub ends_at: Option<UnixMillis>,
    /// When the account of its owner ends.
    pub account_ends_at: Option<UnixMillis>,
}

impl From<LinkRow> for LinkAsMade {
    fn from(row: LinkRow) -> Self {
        Self {
            ends_at: row.ends_at,
            account_ends_at: row.account_ends_at,
            link: row.into(),
        }
    }
}

impl From<LinkRow> for Link {
    fn from(row: LinkRow) -> Self {
        Self {
            id: row.id,
            key: row.key,
            item: row.item,
            // Of a damaged record: the link can be taken back all the same.
            name: row.name.unwrap_or_else(|| row.item.to_string()),
            is_folder: row.is_folder != 0,
            label: row.label,
            may: row.may,
            has_password: row.has_password != 0,
            created_at_ms: row.created_at,
            ends_at_ms: sooner(row.ends_at, row.account_ends_at),
            most_downloads: row.most_downloads,
            opened: row.opened,
            downloaded: row.downloaded,
        }
    }
}

#[derive(Deserialize)]
struct RemovedRow {
    key: LinkKey,
}

/// Takes the links of items away, and tells their keys. `items` is a JSON list.
pub fn remove_of_items(space: SpaceId, items: &str) -> Query<Vec<LinkKey>> {
    let remove = Statement::new(links::REMOVE_OF_ITEMS).id(space);
    let removed = remove.bind(items).readable::<RemovedRow>(KEY);
    removed.then(|rows| Ok(rows.into_iter().map(|row| row.key).collect()))
}

/// A link as a visitor's request finds it.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct VisitedLink {
    /// Its id.
    pub id: LinkId,
    /// Whose space it is.
    pub owner_name: String,
    /// What its owner calls it.
    pub label: String,
    /// What it allows.
    pub may: May,
    #[serde(deserialize_with = "nearest_or_null")]
    ends_at: Option<UnixMillis>,
    #[serde(deserialize_with = "nearest_or_null")]
    account_ends_at: Option<UnixMillis>,
    /// After how many downloads it is no more.
    #[serde(deserialize_with = "nearest_or_null")]
    pub most_downloads: Option<u64>,
    #[serde(deserialize_with = "nearest")]
    downloaded: u64,
    /// The number of its password; `None` if it has none.
    #[serde(deserialize_with = "nearest_or_null")]
    pub password: Option<u64>,
}

impl VisitedLink {
    /// When it ends.
    pub fn ends_at(&self) -> Option<UnixMillis> {
        sooner(self.ends_at, self.account_ends_at)
    }

    /// Whether it has not ended.
    pub fn lasts_at(&self, now: UnixMillis) -> bool {
        self.ends_at().is_none_or(|end| end > now)
    }

    /// Whether something may be downloaded yet.
    pub fn has_downloads_left(&self) -> bool {
        self.most_downloads
            .is_none_or(|most| self.downloaded < most)
    }
}

/// The record of a link's password.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct PasswordRow {
    /// OPAQUE's record, in hexadecimal.
    pub record: String,
    /// The fingerprint of its keys.
    pub sign_in_key: String,
    /// OPAQUE's identifier.
    pub credential: String,
    /// Which of the link's passwords it is.
    #[serde(rename = "password_number", deserialize_with = "nearest")]
    pub number: u64,
}

/// What a visitor finds.
pub fn visited(space: SpaceId, id: LinkId) -> Query<Option<VisitedLink>> {
    Statement::new(links::VISITED).id(space).id(id).first()
}

/// The password of a link, if it has one.
pub fn password(space: SpaceId, id: LinkId) -> Query<Option<PasswordRow>> {
    Statement::new(links::RECORD).id(space).id(id).first()
}

/// A link of a space.
pub fn link(space: SpaceId, id: LinkId) -> Query<Option<LinkAsMade>> {
    let link = Statement::new(links::LINK).id(space).id(id);
    let row = link.first::<LinkRow>();
    row.then(|row| Ok(row.map(LinkAsMade::from)))
}

/// How many a space has that last.
pub fn count(space: SpaceId, now: UnixMillis) -> Query<u64> {
    Statement::new(links::COUNT).id(space).bind(now).count()
}
