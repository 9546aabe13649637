//! What a person has marked for themselves: stars on items, and searches that they have
//! saved. `GET /api/v1/marks`, `POST /api/v1/stars`, `POST /api/v1/searches`, and `PATCH`
//! and `DELETE` of one of these. Marks belong to the account: they are seen on all devices
//! of the person and by nobody else, and change nothing of what they are about.

use crate::ids::{ItemId, SearchId, UnixMillis, Version};
use serde::{Deserialize, Serialize};

/// All marks of a person.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Marks {
    /// What was starred last comes first. An item may be gone by now, or not be the
    /// person's to see any more.
    pub stars: Vec<Star>,
    /// By when they were saved.
    pub searches: Vec<SavedSearch>,
}

/// A star on a file or folder.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Star {
    /// What has it.
    pub item: ItemId,
    /// Where the person found it, of what others share with them; `None` in their own
    /// drive. An item has one star, wherever it is found.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub root: Option<ItemId>,
    /// When it was given.
    pub at_ms: UnixMillis,
}

/// `POST /api/v1/stars`: answered with 204, once all of it is so, or refused whole. What has
/// a star already keeps it, and what has none does not lose it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ChangeStars {
    /// What gets one. Any id may: a star tells nothing of an item.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub star: Vec<NewStar>,
    /// What loses it. No item may be in both lists.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub unstar: Vec<ItemId>,
}

/// A star that is to be.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct NewStar {
    /// What gets it.
    pub item: ItemId,
    /// As of a [`Star`].
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub root: Option<ItemId>,
}

/// A search that a person has saved.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct SavedSearch {
    /// Which one it is.
    pub id: SearchId,
    /// What the person calls it.
    pub name: String,
    /// What is looked for, as it is typed, with its filters.
    pub query: String,
    /// Counts its changes, from 1.
    pub version: Version,
    /// When it was saved.
    pub saved_at_ms: UnixMillis,
}

/// `POST /api/v1/searches`: answered with the [`SavedSearch`], also where it is a repeat.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct NewSearch {
    /// Chosen by the client.
    pub id: SearchId,
    /// 1 to 100 letters.
    pub name: String,
    /// 1 to 500 letters.
    pub query: String,
}

/// `PATCH /api/v1/searches/{id}`: answered with the [`SavedSearch`]. What is left out stays
/// as it is.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct SearchChange {
    /// The version that the person saw. If it is another one by now, nothing is changed.
    pub base_version: Version,
    /// What it is called from now on.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// What it looks for from now on.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub query: Option<String>,
}
