//! Reading JSON of which one field says what its others are.
//!
//! Serde's own way keeps all of it in memory in a form of its own, and reads each variant from
//! that by code of its own, with all that is in it, which made the page larger. Here it is
//! read twice from the text: first the field that tells, then those of that variant and no
//! others. So what a newer release says of its own is passed over.

use serde::de::{DeserializeOwned, Error};
use serde::{Deserialize, Deserializer};
use serde_json::value::RawValue;

/// JSON that is not read yet.
#[derive(Deserialize)]
#[serde(transparent)]
pub struct Unread(Box<RawValue>);

impl Unread {
    /// Those of its fields that `T` has.
    ///
    /// # Errors
    /// They are not there, or of another type.
    pub fn read<T: DeserializeOwned>(&self) -> Result<T, serde_json::Error> {
        serde_json::from_str(self.0.get())
    }
}

/// For a `deserialize` that is about this JSON.
///
/// # Errors
/// It is no JSON, or `read` fails.
pub fn tagged<'de, D: Deserializer<'de>, T>(
    deserializer: D,
    read: impl FnOnce(&Unread) -> Result<T, serde_json::Error>,
) -> Result<T, D::Error> {
    let unread = Unread::deserialize(deserializer)?;
    read(&unread).map_err(Error::custom)
}
