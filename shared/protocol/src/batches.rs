//! Many changes in one request, each with an end of its own.

use super::files::NewFile;
use super::items::{ItemChange, ItemChanged};
use super::problem::{ErrorBody, Problem};
use crate::tagged::tagged;
use blocks::manifest::Manifest;
use serde::{Deserialize, Deserializer, Serialize};

/// The field of [`NewFiles`].
pub const FILES: &str = "files";

/// `POST /api/v1/files/batch`: up to [`MAX_BATCH_FILES`] new files with up to
/// [`MAX_BATCH_BLOCKS`] blocks in all, where the blocks of a file's base count as
/// well; more are 400. Each file is an operation of its own, made or refused as if it
/// had been sent by itself to `POST /api/v1/files`, but carries no blocks. A file that
/// can't be read refuses no other; a body that is no list of objects refuses all.
///
/// [`MAX_BATCH_FILES`]: crate::limits::MAX_BATCH_FILES
/// [`MAX_BATCH_BLOCKS`]: crate::limits::MAX_BATCH_BLOCKS
#[derive(Clone, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct NewFiles<C = Manifest> {
    /// The files, made in this order.
    pub files: Vec<NewFile<C>>,
}

/// The answer to [`NewFiles`]: 200, whatever became of each.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct FilesMade {
    /// One for each file, in their order.
    pub results: Vec<FileMade>,
}

/// The field of [`ChangeItems`].
pub const CHANGES: &str = "changes";

/// `POST /api/v1/items/batch`: up to [`MAX_BATCH_ITEMS`] changes of places; more are
/// 400. Each change is an operation of its own, made or refused as if it had been sent
/// by itself after those before it. A change that can't be read refuses no other.
///
/// [`MAX_BATCH_ITEMS`]: crate::limits::MAX_BATCH_ITEMS
#[derive(Clone, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ChangeItems {
    /// The changes, made in this order.
    pub changes: Vec<ItemChange>,
}

/// The answer to [`ChangeItems`]: 200, whatever became of each.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ItemsChanged {
    /// One for each change, in their order.
    pub results: Vec<FileMade>,
}

/// What became of one new file.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(untagged)]
pub enum FileMade {
    /// As `POST /api/v1/files` would have answered.
    Made(ItemChanged),
    /// What `POST /api/v1/files` would have been refused with.
    Refused(ErrorBody),
}

impl<'de> Deserialize<'de> for FileMade {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        #[derive(Deserialize)]
        struct Tag {
            code: Option<String>,
        }
        tagged(deserializer, |unread| {
            let Tag { code } = unread.read()?;
            Ok(match code {
                None => Self::Made(unread.read()?),
                Some(_) => Self::Refused(unread.read()?),
            })
        })
    }
}

impl From<Result<ItemChanged, Problem>> for FileMade {
    fn from(end: Result<ItemChanged, Problem>) -> Self {
        match end {
            Ok(changed) => Self::Made(changed),
            Err(problem) => Self::Refused(problem.into()),
        }
    }
}

impl From<FileMade> for Result<ItemChanged, Problem> {
    fn from(made: FileMade) -> Self {
        match made {
            FileMade::Made(changed) => Ok(changed),
            FileMade::Refused(body) => Err(body.problem),
        }
    }
}
