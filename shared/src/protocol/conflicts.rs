//! A commit that came second, kept on the server until someone decides.

use super::content::Content;
use super::items::Committed;
use crate::ids::{ConflictId, ItemId, OperationId, UnixMillis, Version};
use crate::manifest::Manifest;
use crate::name::Name;
use serde::{Deserialize, Serialize};

/// `POST /api/v1/files/{id}/conflicts`: keeps a version that was refused. Its
/// blocks must be stored. 201 with the [`Conflict`].
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct NewConflict<C = Manifest> {
    pub operation_id: OperationId,
    /// Chosen at random by the client.
    pub id: ConflictId,
    /// The version from which the refused edit started.
    pub base_version: Version,
    pub content: C,
}

impl<C> NewConflict<C> {
    /// The same with its content in another form.
    pub fn with_content<D>(self, content: D) -> NewConflict<D> {
        NewConflict {
            operation_id: self.operation_id,
            id: self.id,
            base_version: self.base_version,
            content,
        }
    }
}

impl From<NewConflict> for NewConflict<Content> {
    fn from(conflict: NewConflict) -> Self {
        let content = conflict.content.clone().into();
        conflict.with_content(content)
    }
}

/// Two versions of one file that started from the same base. The side that was
/// first is the file's head; see [`super::items::FileHead`].
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Conflict {
    pub id: ConflictId,
    pub item: ItemId,
    /// The version from which the side that came second started.
    pub base_version: Version,
    /// The size of the side that came second, in bytes.
    pub size: u64,
    pub modified_at_ms: UnixMillis,
    /// Who wrote the side that came second, and when it arrived.
    pub committed: Committed,
    pub resolved: Option<Resolved>,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Resolved {
    pub choice: Choice,
    pub at_ms: UnixMillis,
}

/// Named from the view of the side that came second: "mine" is the conflict's
/// content, "theirs" the file's head.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "choice", rename_all = "snake_case")]
pub enum Choice {
    /// Mine becomes the file's next version.
    KeepMine,
    /// The file stays as it is.
    KeepTheirs,
    /// Mine becomes a new file beside it.
    KeepBoth { copy_id: ItemId, copy_name: Name },
}

/// `GET /api/v1/conflicts`: the open ones.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Conflicts {
    pub conflicts: Vec<Conflict>,
}

/// `POST /api/v1/conflicts/{id}/resolve`: version-checked like any commit, so
/// a choice that was made without seeing a third version is refused with 409.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Resolve {
    pub operation_id: OperationId,
    /// The head that the person saw.
    pub seen_version: Version,
    #[serde(flatten)]
    pub choice: Choice,
}
