//! Identities. Each is a newtype, so that no id can be passed for another.

use serde::{Deserialize, Deserializer, Serialize};
use std::fmt;
use std::str::FromStr;
use uuid::Uuid;

/// The string is no id: ids are UUIDs in their hyphenated form.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("not an id: a UUID such as 67e55044-10b1-426f-9247-bb680e5fe0c8 is expected")]
pub struct BadId;

macro_rules! uuid_id {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
        #[cfg_attr(
            feature = "openapi",
            derive(utoipa::ToSchema),
            schema(value_type = String, format = "uuid")
        )]
        #[serde(transparent)]
        pub struct $name(Uuid);

        impl $name {
            /// Makes a version 4 UUID of 16 random bytes.
            pub fn from_random(bytes: [u8; 16]) -> Self {
                Self(uuid::Builder::from_random_bytes(bytes).into_uuid())
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.0.hyphenated().fmt(f)
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, concat!(stringify!($name), "({})"), self.0)
            }
        }

        impl FromStr for $name {
            type Err = BadId;

            fn from_str(text: &str) -> Result<Self, BadId> {
                // Only the form that `Display` writes: an id has one spelling.
                match Uuid::try_parse(text) {
                    Ok(id) if text.len() == 36 && !text.bytes().any(|b| b.is_ascii_uppercase()) => {
                        Ok(Self(id))
                    }
                    _ => Err(BadId),
                }
            }
        }

        impl<'de> Deserialize<'de> for $name {
            fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                String::deserialize(deserializer)?
                    .parse()
                    .map_err(serde::de::Error::custom)
            }
        }
    };
}

uuid_id! {
    /// A person who can sign in.
    UserId
}
uuid_id! {
    /// One signed-in browser or one access token: whatever holds one secret.
    DeviceId
}
uuid_id! {
    /// The unit of ownership, deduplication, quota and journal. Every user has
    /// a home space; nothing is deduplicated across spaces.
    SpaceId
}
uuid_id! {
    /// A file or a folder. Names and parents change, ids do not, and an id is
    /// never used again.
    ItemId
}
uuid_id! {
    /// One intended change. A repeat of a change with the same id is answered
    /// with the first answer, so a request whose reply was lost is safe to send
    /// again.
    OperationId
}
uuid_id! {
    /// A version that lost the race for its number, kept until someone decides.
    ConflictId
}
uuid_id! {
    /// Access of one person to one item of somebody else.
    GrantId
}
uuid_id! {
    /// A link to one item, for whoever has its address. Its key, which is secret, is
    /// another.
    LinkId
}
uuid_id! {
    /// A search that somebody has saved.
    SearchId
}
uuid_id! {
    /// An invitation to make an account. The secret in its address is another.
    InviteId
}
uuid_id! {
    /// One stored object of blocks. A pack's id is never used again, so deleting a
    /// pack can't hit a newer upload.
    PackId
}

/// The number of a file's content: 1 for the first, one more for each accepted
/// commit. 0 is the base of a file that does not exist yet.
pub type Version = u64;

/// The number of an item's name, parent and trashed state, counted apart from
/// its content so that a rename and an edit do not collide.
pub type PlaceVersion = u64;

/// A position in a space's journal: 1 for its first entry, with no gaps.
pub type Seq = u64;

/// Milliseconds since 1970-01-01T00:00:00Z.
pub type UnixMillis = u64;
