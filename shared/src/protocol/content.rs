//! A file's content on the wire: its whole block list, or what is different
//! from a list that the server has.

use crate::chunk::SizeClass;
use crate::ids::{ItemId, UnixMillis, Version};
use crate::limits::MAX_FILE_BLOCKS;
use crate::manifest::{BlockRef, Manifest};
use crate::splice::differences;
use serde::{Deserialize, Serialize};
use std::borrow::Cow;

/// Both forms of one content mean the same: an operation may be repeated in the
/// other one. In JSON the first has `blocks`, the second `base` and `splices`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "Fields", into = "Fields")]
pub enum Content {
    Whole(Manifest),
    Spliced(Spliced),
}

/// A content as a change of another one's list. Without splices it is a copy.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Spliced {
    /// Bytes.
    pub size: u64,
    pub size_class: SizeClass,
    pub modified_at_ms: UnixMillis,
    pub base: Base,
    /// In the order of the base's list; no two of them touch the same block.
    pub splices: Vec<Splice>,
}

/// A version of a file of the same space, whichever. Its list never changes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Base {
    pub item: ItemId,
    pub version: Version,
}

/// Blocks in place of others.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Splice {
    /// Blocks of the base's list before it.
    pub at: u32,
    /// How many of the base's blocks go…
    #[serde(default)]
    pub remove: u32,
    /// …and which come in their place.
    #[serde(default)]
    pub insert: Vec<BlockRef>,
}

/// The splices do not fit to the list that they are to change.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("splice {index} does not fit into the base's {blocks} blocks, or comes out of order")]
pub struct BadSplice {
    pub index: usize,
    /// How many the base has.
    pub blocks: usize,
}

/// What turns the list `old` into `new`.
pub fn splices(old: &[BlockRef], new: &[BlockRef]) -> Vec<Splice> {
    differences(old, new)
        .into_iter()
        .map(|(removed, inserted)| Splice {
            at: removed.start as u32,
            remove: removed.len() as u32,
            insert: new[inserted].to_vec(),
        })
        .collect()
}

/// Applies splices to a list.
///
/// # Errors
/// They do not fit to it, or would make more blocks than a file may have.
pub fn spliced(old: &[BlockRef], splices: &[Splice]) -> Result<Vec<BlockRef>, BadSplice> {
    let mut new = Vec::new();
    let mut rest = old;
    for (index, splice) in splices.iter().enumerate() {
        let bad = BadSplice {
            index,
            blocks: old.len(),
        };
        let done = old.len() - rest.len();
        let kept = (splice.at as usize).checked_sub(done).ok_or(bad)?;
        let (kept, after) = rest.split_at_checked(kept).ok_or(bad)?;
        let (_, after) = after.split_at_checked(splice.remove as usize).ok_or(bad)?;
        new.extend_from_slice(kept);
        new.extend_from_slice(&splice.insert);
        if new.len() > MAX_FILE_BLOCKS {
            return Err(bad);
        }
        rest = after;
    }
    new.extend_from_slice(rest);
    Ok(new)
}

impl Spliced {
    /// `content` as a change of `list`, which is the base's.
    pub fn of(content: &Manifest, base: Base, list: &[BlockRef]) -> Self {
        Self {
            size: content.size,
            size_class: content.size_class,
            modified_at_ms: content.modified_at_ms,
            base,
            splices: splices(list, &content.blocks),
        }
    }

    /// The whole content, where `list` is the base's.
    ///
    /// # Errors
    /// The splices do not fit to the list.
    pub fn whole(&self, list: &[BlockRef]) -> Result<Manifest, BadSplice> {
        Ok(Manifest {
            size: self.size,
            size_class: self.size_class,
            modified_at_ms: self.modified_at_ms,
            blocks: spliced(list, &self.splices)?,
        })
    }

    /// The blocks that the splices bring.
    fn inserted(&self) -> Vec<BlockRef> {
        let blocks = self.splices.iter().map(|splice| splice.insert.as_slice());
        blocks.collect::<Vec<_>>().concat()
    }
}

impl Content {
    /// The blocks that it names: all, or those that the splices bring.
    pub fn named(&self) -> Cow<'_, [BlockRef]> {
        match self {
            Self::Whole(manifest) => Cow::Borrowed(&manifest.blocks),
            Self::Spliced(spliced) => Cow::Owned(spliced.inserted()),
        }
    }

    /// Bytes.
    pub fn size(&self) -> u64 {
        match self {
            Self::Whole(manifest) => manifest.size,
            Self::Spliced(spliced) => spliced.size,
        }
    }

    pub fn modified_at_ms(&self) -> UnixMillis {
        match self {
            Self::Whole(manifest) => manifest.modified_at_ms,
            Self::Spliced(spliced) => spliced.modified_at_ms,
        }
    }
}

impl From<Manifest> for Content {
    fn from(manifest: Manifest) -> Self {
        Self::Whole(manifest)
    }
}

/// Both forms, as JSON has them.
#[derive(Clone, Serialize, Deserialize)]
struct Fields {
    size: u64,
    size_class: SizeClass,
    modified_at_ms: UnixMillis,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    blocks: Option<Vec<BlockRef>>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    base: Option<Base>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    splices: Option<Vec<Splice>>,
}

/// A content that is in neither form.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a content has either `blocks`, or `base` and `splices`")]
struct NeitherForm;

impl TryFrom<Fields> for Content {
    type Error = NeitherForm;

    fn try_from(fields: Fields) -> Result<Self, NeitherForm> {
        let Fields {
            size,
            size_class,
            modified_at_ms,
            ..
        } = fields;
        match (fields.blocks, fields.base, fields.splices) {
            (Some(blocks), None, None) => Ok(Self::Whole(Manifest {
                size,
                size_class,
                modified_at_ms,
                blocks,
            })),
            (None, Some(base), Some(splices)) => Ok(Self::Spliced(Spliced {
                size,
                size_class,
                modified_at_ms,
                base,
                splices,
            })),
            _ => Err(NeitherForm),
        }
    }
}

impl From<Content> for Fields {
    fn from(content: Content) -> Self {
        match content {
            Content::Whole(manifest) => Self {
                size: manifest.size,
                size_class: manifest.size_class,
                modified_at_ms: manifest.modified_at_ms,
                blocks: Some(manifest.blocks),
                base: None,
                splices: None,
            },
            Content::Spliced(spliced) => Self {
                size: spliced.size,
                size_class: spliced.size_class,
                modified_at_ms: spliced.modified_at_ms,
                blocks: None,
                base: Some(spliced.base),
                splices: Some(spliced.splices),
            },
        }
    }
}
