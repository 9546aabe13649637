//! The change feed: `GET /api/v1/changes/list?since_token=`.

use super::conflicts::Conflict;
use super::items::Item;
use crate::ids::ItemId;
use crate::tagged::tagged;
use serde::{Deserialize, Deserializer, Serialize};

/// Query parameter: the cursor after which changes are wanted.
pub const SINCE_TOKEN: &str = "since_token";
/// Query parameter: how many entries a page may have, up to
/// [`MAX_CHANGES_PER_PAGE`](crate::limits::MAX_CHANGES_PER_PAGE).
pub const LIMIT: &str = "limit";

/// One page of changes. Each entry is the state at the time of reading, so that
/// applying an entry twice or two entries in any order ends in the same tree.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ChangePage {
    /// Whether this page begins a listing of the whole tree, because the cursor was
    /// missing, expired or of another space. The client forgets its tree. Later
    /// pages of the listing say false.
    pub reset: bool,
    /// The entries, in the order of the journal or, in a listing, of their ids.
    pub changes: Vec<Change>,
    /// The cursor for the next call, opaque.
    pub next_token: String,
    /// Whether the next call will have entries.
    pub has_more: bool,
}

/// One entry of the feed: what an item or a conflict is now.
#[allow(missing_docs, reason = "each variant says what its field is")]
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Change {
    /// A file or folder is new or has changed; a trashed one has its time set.
    Item { item: Item },
    /// A conflict is new or has been resolved.
    Conflict { conflict: Conflict },
    /// A file or folder was deleted for good, and its conflicts with it. Each item
    /// below a deleted folder has an entry of its own.
    Deleted { item: ItemId },
    /// Somebody has shared something with the person whose space this is, or has changed
    /// or taken back what they shared: `GET /api/v1/grants` tells what there is now.
    Shared,
    /// What a newer server says and this build does not know.
    Unknown,
}

impl<'de> Deserialize<'de> for Change {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        #[derive(Deserialize)]
        struct Tag {
            kind: String,
        }
        #[derive(Deserialize)]
        struct OfItem {
            item: Item,
        }
        #[derive(Deserialize)]
        struct OfConflict {
            conflict: Conflict,
        }
        #[derive(Deserialize)]
        struct OfDeleted {
            item: ItemId,
        }
        tagged(deserializer, |unread| {
            let Tag { kind } = unread.read()?;
            Ok(match kind.as_str() {
                "item" => {
                    let OfItem { item } = unread.read()?;
                    Self::Item { item }
                }
                "conflict" => {
                    let OfConflict { conflict } = unread.read()?;
                    Self::Conflict { conflict }
                }
                "deleted" => {
                    let OfDeleted { item } = unread.read()?;
                    Self::Deleted { item }
                }
                "shared" => Self::Shared,
                _ => Self::Unknown,
            })
        })
    }
}
