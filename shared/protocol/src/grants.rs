//! Access that a person gives to somebody else, to one file or folder with all that is
//! in it.
//!
//! Whoever was given some names it with the query [`ROOT`] in every request that is
//! about a space: the request is then about that part of the other person's space, and
//! nothing around it.

use crate::ids::{GrantId, ItemId, UnixMillis, UserId};
use serde::{Deserialize, Deserializer, Serialize};

/// Query parameter: the item that was shared with whoever asks, and that the request
/// is about, with what is in it. Without it, a request is about one's own drive.
pub const ROOT: &str = "root";

/// What somebody may do with what was shared with them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum Role {
    /// Look at it, and keep what is new of it.
    Viewer,
    /// Change it, too: not where it stands, nor who has access.
    Editor,
    /// A role of a newer server.
    #[serde(other)]
    Unknown,
}

/// A person by name.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Person {
    /// Never changes.
    pub user_id: UserId,
    /// What the person signs in with.
    pub user_name: String,
}

/// Access of one person to one item.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Grant {
    /// Its own id.
    pub id: GrantId,
    /// The item, which is the [`ROOT`] of whoever was given access.
    pub item: ItemId,
    /// What the item is called now.
    pub name: String,
    /// Whether it is a folder.
    pub is_folder: bool,
    /// Whose item it is.
    pub owner: Person,
    /// Who was given access.
    pub person: Person,
    /// What they may do.
    pub role: Role,
    /// When it was first given.
    pub created_at_ms: UnixMillis,
    /// From then on it is no more; `None`: until it is taken back. It ends with the account
    /// of its owner at the latest.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ends_at_ms: Option<UnixMillis>,
    /// When the account of its owner ends, if they have ended it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub account_ends_at_ms: Option<UnixMillis>,
    /// Since when its owner offers the person to become the owner.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub offered_at_ms: Option<UnixMillis>,
}

/// `POST /api/v1/items/{id}/grants`: answered with the [`Grant`]. One for the same item
/// and person takes the place of the one before, and keeps its id.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct NewGrant {
    /// The name that the person signs in with.
    pub person: String,
    /// What they may do.
    pub role: Role,
    /// When it ends; without it, once it is taken back.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ends_at_ms: Option<UnixMillis>,
}

/// `PATCH /api/v1/grants/{id}`: answered with the [`Grant`].
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct GrantChange {
    /// The role from now on; without it, the one that it has.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub role: Option<Role>,
    /// The end from now on, `null` for none; without it, the one that it has.
    #[serde(
        default,
        deserialize_with = "said",
        skip_serializing_if = "Option::is_none"
    )]
    pub ends_at_ms: Option<Option<UnixMillis>>,
}

/// A field that is there, also if it is `null`.
pub(crate) fn said<'de, T: Deserialize<'de>, D: Deserializer<'de>>(
    deserializer: D,
) -> Result<Option<Option<T>>, D::Error> {
    Option::deserialize(deserializer).map(Some)
}

/// `GET /api/v1/items/{id}/grants`: who has access to an item.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ItemGrants {
    /// Those of the item itself and of the folders that it is in, which each names as its
    /// `item`.
    pub grants: Vec<Grant>,
}

/// `GET /api/v1/grants`: those that have not ended, of items that are in no trash.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Grants {
    /// What others have shared with whoever asks.
    pub with_me: Vec<Grant>,
    /// What they have shared.
    pub by_me: Vec<Grant>,
    /// What they have made links to that have not ended.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub linked: Vec<ItemId>,
}
