//! Who has a file open, or had it some minutes ago: `GET` and `POST /api/v1/openings`, and
//! `POST /api/v1/openings/telling`. Only of files that several people have, and only
//! between people: programs and visitors of links neither say nor are told.
//!
//! A page says it when its person opens a file, again every
//! [`OPENING_SAID_EVERY_MILLIS`](crate::limits::OPENING_SAID_EVERY_MILLIS) while it stays
//! open and is looked at, and when it is closed. Whoever goes without a word counts as gone
//! after [`OPENING_HOLDS_MILLIS`].

use crate::grants::Person;
use crate::ids::ItemId;
use crate::limits::{OPENING_HOLDS_MILLIS, OPENING_TOLD_MILLIS};
use serde::{Deserialize, Serialize};

/// What others have open, or had some minutes ago.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Openings {
    /// Whether whoever asks tells others what they have open. If not, they are told
    /// nothing.
    pub tells: bool,
    /// What was said last comes first.
    pub openings: Vec<Opening>,
}

/// A file that somebody else has open, or had.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Opening {
    /// The file.
    pub item: ItemId,
    /// Who it is.
    pub person: Person,
    /// Whether they had it open when they last said so.
    pub is_open: bool,
    /// How long ago that was, in milliseconds by the server's clock.
    pub ago_ms: u64,
}

/// `POST /api/v1/openings`: answered with 204, also where nobody is told.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct SayOpen {
    /// The file.
    pub item: ItemId,
    /// Whether whoever says it has it open; if not, they have closed it just now.
    pub is_open: bool,
}

/// `POST /api/v1/openings/telling`: answered with 204.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Telling {
    /// Whether others are told what the person has open, and the person what others have.
    pub tells: bool,
}

/// What can be said of somebody and a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Presence {
    /// They have it open.
    Has,
    /// They had it open.
    Had,
}

impl Presence {
    /// By what they last said, and how long ago in milliseconds; `None` if that is too long
    /// ago to be told.
    pub fn of(is_open: bool, ago_ms: u64) -> Option<Self> {
        match ago_ms {
            ago if is_open && ago < OPENING_HOLDS_MILLIS => Some(Self::Has),
            ago if ago < OPENING_TOLD_MILLIS => Some(Self::Had),
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const MINUTE: u64 = 60_000;

    #[test]
    fn whoever_went_without_a_word_had_it_open_and_after_ten_minutes_nothing_is_told() {
        assert_eq!(Presence::of(true, 0), Some(Presence::Has));
        assert_eq!(Presence::of(true, 6 * MINUTE - 1), Some(Presence::Has));
        assert_eq!(Presence::of(true, 6 * MINUTE), Some(Presence::Had));
        assert_eq!(Presence::of(false, 0), Some(Presence::Had));
        assert_eq!(Presence::of(false, 10 * MINUTE - 1), Some(Presence::Had));
        assert_eq!(Presence::of(false, 10 * MINUTE), None);
        assert_eq!(Presence::of(true, 10 * MINUTE), None);
    }
}
