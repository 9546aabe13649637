//! An owner hands an item over, with all that is in it, to a person who has access to it:
//! from then on it is in that person's space, and counts there. Nothing changes hands
//! unless that person accepts.

use crate::ids::ItemId;
use serde::{Deserialize, Serialize};

/// `GET /api/v1/grants/{id}/offer`: what is or would be handed over.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Handover {
    /// Files and folders, itself counted, and those in the trash.
    pub items: u64,
    /// What they count against the quota of a space that has nothing of it yet, with all
    /// versions and conflicts.
    pub bytes: u64,
    /// For whoever is offered it: the room that it takes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub room: Option<HandoverRoom>,
}

/// The room that something takes which is handed over.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct HandoverRoom {
    /// What it adds to their space: what that has already does not count again.
    pub needed_bytes: u64,
    /// Bytes that count now: see [`Space`](crate::accounts::Space).
    pub used_bytes: u64,
    /// Bytes that may count.
    pub quota_bytes: u64,
}

/// `POST /api/v1/grants/{id}/accept`: how far it has come. While it is not done, nothing
/// has changed hands, and the same request goes on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Accepted {
    /// The item.
    pub item: ItemId,
    /// Whether it is the person's now.
    pub done: bool,
    /// Bytes that this request has copied within the server.
    pub copied_bytes: u64,
    /// Bytes that are still to be copied.
    pub left_bytes: u64,
}
