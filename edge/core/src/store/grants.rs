//! Queries about what has been shared of a space, and what their rows say.

use super::sql::grants;
use super::stand_ins::{nearest, nearest_or_null, or_null};
use crate::access::ends::sooner;
use crate::ports::Statement;
use crate::query::Query;
use protocol::grants::{Grant, Person, Role};
use protocol::ids::{GrantId, ItemId, SpaceId, UnixMillis, UserId};
use serde::Deserialize;

/// What tells of a row that can't be read.
pub const KEY: &[&str] = &["space", "id"];

/// A grant with its item as it is now.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct GrantRow {
    id: GrantId,
    item: ItemId,
    #[serde(deserialize_with = "or_null")]
    name: Option<String>,
    is_folder: u8,
    owner: UserId,
    owner_name: String,
    user: UserId,
    user_name: String,
    role: Role,
    #[serde(deserialize_with = "nearest")]
    created_at: UnixMillis,
    #[serde(deserialize_with = "nearest_or_null")]
    ends_at: Option<UnixMillis>,
    #[serde(deserialize_with = "nearest_or_null")]
    account_ends_at: Option<UnixMillis>,
    #[serde(deserialize_with = "nearest_or_null")]
    offered_at: Option<UnixMillis>,
}

/// A grant, and the end that it was given, however long the account of its owner lasts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct GrantAsGiven {
    /// The grant as it is told.
    pub grant: Grant,
    /// Its own end.
    pub ends_at: Option<UnixMillis>,
}

impl From<GrantRow> for GrantAsGiven {
    fn from(row: GrantRow) -> Self {
        Self {
            ends_at: row.ends_at,
            grant: row.into(),
        }
    }
}

impl From<GrantRow> for Grant {
    fn from(row: GrantRow) -> Self {
        let person = |user_id, user_name| Person { user_id, user_name };
        Self {
            id: row.id,
            item: row.item,
            // Of a damaged record: access to it can be taken back all the same.
            name: row.name.unwrap_or_else(|| row.item.to_string()),
            is_folder: row.is_folder != 0,
            owner: person(row.owner, row.owner_name),
            person: person(row.user, row.user_name),
            role: row.role,
            created_at_ms: row.created_at,
            ends_at_ms: sooner(row.ends_at, row.account_ends_at),
            account_ends_at_ms: row.account_ends_at,
            offered_at_ms: row.offered_at,
        }
    }
}

/// What somebody holds of an item.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
pub struct GrantedRole {
    role: Role,
    #[serde(deserialize_with = "nearest")]
    created_at: UnixMillis,
    #[serde(deserialize_with = "nearest_or_null")]
    ends_at: Option<UnixMillis>,
    #[serde(deserialize_with = "nearest_or_null")]
    account_ends_at: Option<UnixMillis>,
}

impl GrantedRole {
    /// Its end, if it has one.
    pub fn ends_at(self) -> Option<UnixMillis> {
        sooner(self.ends_at, self.account_ends_at)
    }

    /// When it was first given.
    pub fn since(self) -> UnixMillis {
        self.created_at
    }

    /// What they may do, unless it has ended.
    pub fn role_at(self, now: UnixMillis) -> Option<Role> {
        let lasts = self.ends_at().is_none_or(|end| end > now);
        lasts.then_some(self.role)
    }
}

/// A grant that was taken away with its item.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct RemovedRow {
    /// Its own id.
    pub id: GrantId,
    /// What was shared.
    pub item: ItemId,
    /// With whom.
    pub user: UserId,
    /// What they were called when it was.
    pub user_name: String,
    /// Its end.
    #[serde(deserialize_with = "nearest_or_null")]
    pub ends_at: Option<UnixMillis>,
}

/// Takes the grants of items away. `items` is a JSON list.
pub fn remove_of_items(space: SpaceId, items: &str) -> Query<Vec<RemovedRow>> {
    let remove = Statement::new(grants::REMOVE_OF_ITEMS).id(space);
    remove.bind(items).readable(KEY)
}

/// What somebody may do with an item, if it was shared with them.
pub fn held(space: SpaceId, item: ItemId, user: UserId) -> Query<Option<GrantedRole>> {
    let held = Statement::new(grants::HELD).id(space);
    held.id(item).id(user).first()
}

/// A grant of a space.
pub fn grant(space: SpaceId, id: GrantId) -> Query<Option<GrantAsGiven>> {
    let grant = Statement::new(grants::GRANT).id(space).id(id);
    as_given(grant.first())
}

/// The grant of an item for a person.
pub fn grant_for(space: SpaceId, item: ItemId, user: UserId) -> Query<Option<GrantAsGiven>> {
    let grant = Statement::new(grants::GRANT_FOR).id(space);
    as_given(grant.id(item).id(user).first())
}

fn as_given(row: Query<Option<GrantRow>>) -> Query<Option<GrantAsGiven>> {
    row.then(|row| Ok(row.map(GrantAsGiven::from)))
}

/// How many a space has that last.
pub fn count(space: SpaceId, now: UnixMillis) -> Query<u64> {
    Statement::new(grants::COUNT).id(space).bind(now).count()
}
