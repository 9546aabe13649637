//! A commit that came second, kept on the server until someone decides.

use super::content::{Content, Receipted};
use super::items::{Committed, is_false};
use crate::ids::{ConflictId, ItemId, OperationId, UnixMillis, Version};
use crate::name::Name;
use crate::receipts::Receipts;
use crate::tagged::tagged;
use blocks::manifest::Manifest;
use blocks::number::{self, FileTime};
use serde::{Deserialize, Deserializer, Serialize};

/// `POST /api/v1/files/{id}/conflicts`: keeps a version that was refused. Its
/// blocks must be stored. 201 with the [`Conflict`].
#[derive(Clone, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct NewConflict<C = Manifest> {
    /// Names the change for a repeat.
    pub operation_id: OperationId,
    /// Chosen at random by the client.
    pub id: ConflictId,
    /// The version from which the refused edit started.
    #[serde(deserialize_with = "number::count")]
    pub base_version: Version,
    /// What the second side wrote.
    pub content: C,
}

impl<C> NewConflict<C> {
    /// The same request with another content.
    pub fn with_content<D>(self, content: D) -> NewConflict<D> {
        NewConflict {
            operation_id: self.operation_id,
            id: self.id,
            base_version: self.base_version,
            content,
        }
    }
}

impl NewConflict<Receipted> {
    /// The request without its receipts, and those.
    pub fn parted(self) -> (NewConflict<Content>, Option<Receipts>) {
        let Self {
            operation_id,
            id,
            base_version,
            content: Receipted { content, receipts },
        } = self;
        let conflict = NewConflict {
            operation_id,
            id,
            base_version,
            content,
        };
        (conflict, receipts)
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
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Conflict {
    /// Chosen by the client that kept it.
    pub id: ConflictId,
    /// The file.
    pub item: ItemId,
    /// The version from which the side that came second started.
    pub base_version: Version,
    /// The size of the side that came second, in bytes.
    pub size: u64,
    /// When the second side's file was last changed where it came from.
    pub modified_at_ms: FileTime,
    /// Who wrote the side that came second, and when it arrived.
    pub committed: Committed,
    /// How the conflict ended; `None` while it is open.
    #[cfg_attr(feature = "openapi", schema(required))]
    pub resolved: Option<Resolved>,
    /// Whether parts of its record can't be read. Something stands in for them.
    #[serde(default, skip_serializing_if = "is_false")]
    pub damaged: bool,
}

/// How a conflict ended. It can be opened again: see [`Reopen`].
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Resolved {
    /// What was chosen.
    pub choice: Chosen,
    /// When, by the server's clock.
    pub at_ms: UnixMillis,
    /// Who chose; `None` for a conflict that was resolved before servers kept it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub by: Option<Committed>,
    /// The head that this person saw. If the choice made a version, that is the next
    /// one. `None` as above.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub seen_version: Option<Version>,
}

/// A [`Choice`] that was made.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(tag = "choice", rename_all = "snake_case")]
pub enum Chosen {
    /// The second side became the next version.
    KeepMine,
    /// The file stayed as it was.
    KeepTheirs,
    /// The second side became a file of its own.
    KeepBoth {
        /// That file.
        copy_id: ItemId,
        /// The name that it was given.
        copy_name: Name,
    },
    /// A merge of both sides became the next version.
    Merged,
    /// What a newer server says and this build does not know.
    Unknown,
}

impl<'de> Deserialize<'de> for Chosen {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        #[derive(Deserialize)]
        struct Tag {
            choice: String,
        }
        #[derive(Deserialize)]
        struct Copy {
            copy_id: ItemId,
            copy_name: Name,
        }
        tagged(deserializer, |unread| {
            let Tag { choice } = unread.read()?;
            Ok(match choice.as_str() {
                "keep_mine" => Self::KeepMine,
                "keep_theirs" => Self::KeepTheirs,
                "keep_both" => {
                    let Copy { copy_id, copy_name } = unread.read()?;
                    Self::KeepBoth { copy_id, copy_name }
                }
                "merged" => Self::Merged,
                _ => Self::Unknown,
            })
        })
    }
}

impl Chosen {
    /// Whether the choice made a next version of the file.
    pub fn made_a_version(&self) -> bool {
        matches!(self, Self::KeepMine | Self::Merged)
    }
}

/// What to do about a conflict. The names take the view of the side that came second:
/// "mine" is the conflict's content, "theirs" is the file's head.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(tag = "choice", rename_all = "snake_case")]
pub enum Choice<C = Content> {
    /// Mine becomes the file's next version.
    KeepMine,
    /// The file stays as it is.
    KeepTheirs,
    /// Mine becomes a new file beside it.
    KeepBoth {
        /// The new file's id, chosen at random by the client.
        copy_id: ItemId,
        /// The new file's name.
        #[serde(deserialize_with = "crate::name::given")]
        copy_name: Name,
    },
    /// What a person made of both becomes the file's next version. If its blocks are
    /// not stored, 422 `blocks_missing`.
    Merged {
        /// What the file holds from now on.
        content: C,
    },
}

impl<C> Choice<C> {
    /// What the server says of the choice later.
    pub fn chosen(&self) -> Chosen {
        match self {
            Self::KeepMine => Chosen::KeepMine,
            Self::KeepTheirs => Chosen::KeepTheirs,
            Self::KeepBoth { copy_id, copy_name } => Chosen::KeepBoth {
                copy_id: *copy_id,
                copy_name: copy_name.clone(),
            },
            Self::Merged { .. } => Chosen::Merged,
        }
    }
}

/// Query parameter of [`Conflicts`]: `resolved` for the resolved ones.
pub const STATE: &str = "state";
/// Query parameter: where the page starts, which is `next` of the page before.
pub const AFTER: &str = "after";

/// `GET /api/v1/conflicts`: all open ones, oldest first.
/// `GET /api/v1/conflicts?state=resolved&after=&limit=`: the resolved ones, the
/// newest resolution first, a page at a time.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Conflicts {
    /// The conflicts of this page.
    pub conflicts: Vec<Conflict>,
    /// What to pass as `after` for the next page; missing on the last page.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub next: Option<String>,
}

/// `POST /api/v1/conflicts/{id}/resolve`: version-checked like any commit, so
/// a choice that was made without seeing a third version is refused with 409.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(try_from = "Fields<C>", bound(deserialize = "C: Deserialize<'de>"))]
pub struct Resolve<C = Content> {
    /// Names the change for a repeat.
    pub operation_id: OperationId,
    /// The head that the person saw.
    #[serde(deserialize_with = "number::count")]
    pub seen_version: Version,
    /// What to do.
    #[serde(flatten)]
    pub choice: Choice<C>,
}

impl<C> Resolve<C> {
    /// The same request with another content of a merge.
    pub fn map_content<D>(self, map: impl FnOnce(C) -> D) -> Resolve<D> {
        let choice = match self.choice {
            Choice::KeepMine => Choice::KeepMine,
            Choice::KeepTheirs => Choice::KeepTheirs,
            Choice::KeepBoth { copy_id, copy_name } => Choice::KeepBoth { copy_id, copy_name },
            Choice::Merged { content } => Choice::Merged {
                content: map(content),
            },
        };
        Resolve {
            operation_id: self.operation_id,
            seen_version: self.seen_version,
            choice,
        }
    }
}

impl Resolve<Receipted> {
    /// The request without its receipts, and those.
    pub fn parted(self) -> (Resolve, Option<Receipts>) {
        let mut receipts = None;
        let resolve = self.map_content(|shown| {
            receipts = shown.receipts;
            shown.content
        });
        (resolve, receipts)
    }
}

/// A [`Resolve`] as JSON has it. It is read flat, because serde reads flattened
/// fields by rules of its own.
#[derive(Deserialize)]
struct Fields<C> {
    operation_id: OperationId,
    #[serde(deserialize_with = "number::count")]
    seen_version: Version,
    choice: ChoiceName,
    copy_id: Option<ItemId>,
    #[serde(default, deserialize_with = "crate::name::given_if_present")]
    copy_name: Option<Name>,
    content: Option<C>,
}

#[derive(Clone, Copy, Deserialize)]
#[serde(rename_all = "snake_case")]
enum ChoiceName {
    KeepMine,
    KeepTheirs,
    KeepBoth,
    Merged,
}

/// The choice lacks a field that it needs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("missing field `{0}` of the choice")]
struct Missing(&'static str);

impl<C> TryFrom<Fields<C>> for Resolve<C> {
    type Error = Missing;

    fn try_from(fields: Fields<C>) -> Result<Self, Missing> {
        let choice = match fields.choice {
            ChoiceName::KeepMine => Choice::KeepMine,
            ChoiceName::KeepTheirs => Choice::KeepTheirs,
            ChoiceName::KeepBoth => Choice::KeepBoth {
                copy_id: fields.copy_id.ok_or(Missing("copy_id"))?,
                copy_name: fields.copy_name.ok_or(Missing("copy_name"))?,
            },
            ChoiceName::Merged => Choice::Merged {
                content: fields.content.ok_or(Missing("content"))?,
            },
        };
        Ok(Self {
            operation_id: fields.operation_id,
            seen_version: fields.seen_version,
            choice,
        })
    }
}

/// `POST /api/v1/conflicts/{id}/reopen`: takes a resolution back. Answered with
/// the [`Conflict`], open again.
///
/// - `keep_mine`, `merged`: if the version that the choice made is still the
///   head, the next version has the content from before the choice. If somebody
///   has written since, the file stays as it is, and the second side is open
///   against what is there now.
/// - `keep_theirs`: nothing else changes.
/// - `keep_both`: the copy goes into the trash if it is as it was made, and else
///   stays.
///
/// Refused with 409 `not_resolved`, and like any commit with 409
/// `version_conflict` if the head is not the one that the person saw.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Reopen {
    /// Names the change for a repeat.
    pub operation_id: OperationId,
    /// The head that the person saw.
    #[serde(deserialize_with = "number::count")]
    pub seen_version: Version,
}
