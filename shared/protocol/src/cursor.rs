//! The change feed's cursor: what a device has seen, as an opaque string
//! (`since_token` on the wire).

use crate::ids::{ItemId, Seq, SpaceId};
use base64ct::{Base64UrlUnpadded, Encoding};
use blocks::number;
use serde::{Deserialize, Serialize};
use std::fmt;
use std::str::FromStr;

/// A device's position in one space.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Cursor {
    /// The space whose journal it is a position in.
    pub space: SpaceId,
    /// The last journal entry that the device has seen. While a listing is under way,
    /// everything after this entry is still to come.
    #[serde(deserialize_with = "number::count")]
    pub seq: Seq,
    /// Set while the whole tree is being listed. Items are listed in the order of their
    /// ids, and those up to this id have been handed out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub listed_to: Option<ItemId>,
}

/// The string is no cursor.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("not a cursor that this server gave out")]
pub struct BadCursor;

/// Leads each cursor, so that a later form can be told apart.
const FORM: &str = "1.";

impl fmt::Display for Cursor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let json = serde_json::to_vec(self).map_err(|_| fmt::Error)?;
        write!(f, "{FORM}{}", Base64UrlUnpadded::encode_string(&json))
    }
}

impl FromStr for Cursor {
    type Err = BadCursor;

    fn from_str(text: &str) -> Result<Self, BadCursor> {
        let body = text.strip_prefix(FORM).ok_or(BadCursor)?;
        let json = Base64UrlUnpadded::decode_vec(body).map_err(|_| BadCursor)?;
        serde_json::from_slice(&json).map_err(|_| BadCursor)
    }
}
