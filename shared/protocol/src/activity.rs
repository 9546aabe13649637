//! What has happened in a space: `GET /api/v1/activity?before=&limit=&item=&kind=&by=`.
//! It reaches back as far as the journal does; in what was shared with whoever asks, as far
//! as their grant.

use crate::grants::Role;
use crate::ids::{ConflictId, ItemId, Seq, UnixMillis, Version};
use crate::notifications::Event;
use serde::{Deserialize, Serialize};

/// Query parameter: only what happened before this entry.
pub const BEFORE: &str = "before";
/// Query parameter: only of this file; or of this folder, of what is in it, however
/// deep, and of what came to it or left it.
pub const ITEM: &str = "item";
/// Query parameter: only entries of these kinds, as [`Event`] names them, with commas
/// between them.
pub const KIND: &str = "kind";
/// Query parameter: only what a person did: [`ME`], [`OTHERS`] or their id.
pub const BY: &str = "by";
/// Whoever asks.
pub const ME: &str = "me";
/// Everybody but whoever asks.
pub const OTHERS: &str = "others";

/// Some entries, the newest first.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Activity {
    /// Fewer than were asked for, or none, does not mean that there are no older ones.
    pub entries: Vec<Done>,
    /// What [`BEFORE`] is for the entries before these; `None` if there are none.
    #[cfg_attr(feature = "openapi", schema(required))]
    pub next_before: Option<Seq>,
}

/// Something that was done.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Done {
    /// Its place in the journal.
    pub seq: Seq,
    /// What, when, and by whom.
    pub event: Event,
    /// Where the item stood before; `None` for one that is new, and where only its
    /// content changed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub from: Option<Spot>,
    /// Where it stood then, which is where it came from if it went into the trash;
    /// `None` once it is deleted for good.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub at: Option<Spot>,
    /// The version of the file that came of it, or that it had.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub version: Option<Version>,
    /// The conflict that it is about.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub conflict: Option<ConflictId>,
    /// What became of the conflict.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub step: Option<ConflictStep>,
    /// Whose access it is about, by the name that they had then.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub person: Option<String>,
    /// What they could do from then on.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub role: Option<Role>,
    /// The link that was made, changed or taken back, by what its owner called it then;
    /// of anything else, the link over which somebody has done it, who is in no `by`.
    /// Empty for a link without a name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub link: Option<String>,
    /// Of an entry of access that is about everything that whoever did it shares, or had
    /// of others: what becomes of their account. Its item is none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub account: Option<AccountNews>,
    /// What became of an offer to be the owner of the item.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub offer: Option<OfferStep>,
}

/// What became of an offer to be the owner of an item.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum OfferStep {
    /// The owner has made it.
    Made,
    /// The owner has taken it back.
    TakenBack,
    /// The person does not want it.
    Declined,
    /// The person is the owner now: for whoever else has access to the item.
    Accepted,
    /// A step that this build does not know.
    #[serde(other)]
    Unknown,
}

/// What becomes of an account.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct AccountNews {
    /// When it ends, or has ended; `None`: it is kept after all.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ends_at_ms: Option<UnixMillis>,
}

/// What became of a conflict.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum ConflictStep {
    /// A version that came second was kept.
    Kept,
    /// Somebody has chosen.
    Resolved,
    /// The choice was taken back.
    Reopened,
    /// A step that this build does not know.
    #[serde(other)]
    Unknown,
}

/// Where an item stands, and what it is called there.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Spot {
    /// `None` is the top of the space.
    #[cfg_attr(feature = "openapi", schema(required))]
    pub parent: Option<ItemId>,
    /// As it was then.
    pub name: String,
}
