//! What other people did, and how much of it a person has not seen yet:
//! `GET /api/v1/news?limit=` and `POST /api/v1/news/seen`. It is about their own drive and
//! all that is shared with them.

use crate::activity::Done;
use crate::ids::{ItemId, UnixMillis};
use serde::{Deserialize, Serialize};

/// What others did lately.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct News {
    /// How much of it the person has not seen on any device. It is not counted beyond a few
    /// hundred.
    pub unseen: u64,
    /// They have seen what is not newer than this.
    pub seen_up_to_ms: UnixMillis,
    /// The newest first, be they seen or not.
    pub entries: Vec<ByOthers>,
}

/// Of [`News`], only how much there is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
pub struct Unseen {
    /// As there.
    pub unseen: u64,
}

/// Something that somebody else did.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ByOthers {
    /// What is shared with the person and it happened in; `None` for their own drive.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub root: Option<ItemId>,
    /// What it was.
    pub done: Done,
}

/// `POST /api/v1/news/seen`: answered with 204.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Seen {
    /// The time of the newest entry that the person has seen. What was seen before stays
    /// seen.
    pub up_to_ms: UnixMillis,
}
