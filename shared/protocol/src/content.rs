//! A file's content on the wire: its whole block list, or what is different
//! from a list that the server has.

use crate::ids::{ItemId, Version};
use crate::limits::MAX_FILE_BLOCKS;
use crate::receipts::{Receipt, Receipts};
use blocks::chunk::SizeClass;
use blocks::hash::BlockHash;
use blocks::manifest::{BlockRef, Manifest};
use blocks::number::{self, FileTime};
use blocks::splice::differences;
use serde::{Deserialize, Serialize};
use std::borrow::Cow;
use std::mem;

/// A content in one of two forms, which mean the same: an operation may be repeated
/// in the other form. In JSON the first form has `blocks`, the second `base` and
/// `splices`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "Fields", into = "Fields")]
pub enum Content {
    /// The whole list.
    Whole(Manifest),
    /// What is different from another list.
    Spliced(Spliced),
}

#[cfg(feature = "openapi")]
impl utoipa::PartialSchema for Content {
    fn schema() -> utoipa::openapi::RefOr<utoipa::openapi::Schema> {
        let forms = utoipa::openapi::OneOfBuilder::new()
            .item(utoipa::openapi::Ref::from_schema_name("Manifest"))
            .item(utoipa::openapi::Ref::from_schema_name("Spliced"))
            .description(Some(
                "A file's content: all of its blocks, or what is different from a version \
                 that the server has. Both forms of one content mean the same.",
            ));
        forms.into()
    }
}

#[cfg(feature = "openapi")]
impl utoipa::ToSchema for Content {
    fn schemas(all: &mut Vec<(String, utoipa::openapi::RefOr<utoipa::openapi::Schema>)>) {
        use utoipa::PartialSchema;
        all.push(("Manifest".to_owned(), Manifest::schema()));
        all.push(("Spliced".to_owned(), Spliced::schema()));
        Manifest::schemas(all);
        Spliced::schemas(all);
    }
}

/// A content as a change of another one's list. Without splices it is a copy.
#[derive(Clone, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Spliced {
    /// Bytes.
    pub size: u64,
    /// The class by which the file was cut.
    pub size_class: SizeClass,
    /// When the file was last changed where it came from.
    pub modified_at_ms: FileTime,
    /// The version whose list the splices change.
    pub base: Base,
    /// In the order of the base's list; no two of them touch the same block.
    pub splices: Vec<Splice>,
}

/// Any version of any file of the same space. Its list never changes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Base {
    /// The file.
    pub item: ItemId,
    /// One of its versions.
    #[serde(deserialize_with = "number::count")]
    pub version: Version,
}

/// Blocks that take the place of others.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Splice {
    /// How many blocks of the base's list stand before the splice.
    pub at: u32,
    /// How many of the base's blocks go…
    #[serde(default, skip_serializing_if = "is_zero")]
    pub remove: u32,
    /// …and which come in their place…
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub insert: Vec<BlockRef>,
    /// …before so many of the blocks that the request carries, which are not named
    /// here: each splice takes the next ones.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub carried: u32,
}

fn is_zero(count: &u32) -> bool {
    *count == 0
}

/// Why splices were refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[allow(missing_docs, reason = "each message says what is wrong")]
pub enum BadSplice {
    /// `blocks` is how many the base has.
    #[error("splice {index} does not fit into the base's {blocks} blocks, or comes out of order")]
    Misfit { index: usize, blocks: usize },
    #[error("splice {index} takes more blocks than the request carries")]
    NotCarried { index: usize },
}

/// What turns the list `old` into `new`.
pub fn splices(old: &[BlockRef], new: &[BlockRef]) -> Vec<Splice> {
    differences(old, new)
        .into_iter()
        .map(|(removed, inserted)| Splice {
            at: removed.start as u32,
            remove: removed.len() as u32,
            insert: new[inserted].to_vec(),
            carried: 0,
        })
        .collect()
}

/// Applies splices to a list.
///
/// # Errors
/// The splices do not fit the list, would make more blocks than a file may have, or
/// take carried blocks that nobody has [put in](Content::put_in).
pub fn spliced(old: &[BlockRef], splices: &[Splice]) -> Result<Vec<BlockRef>, BadSplice> {
    let mut new = Vec::new();
    let mut rest = old;
    for (index, splice) in splices.iter().enumerate() {
        if splice.carried > 0 {
            return Err(BadSplice::NotCarried { index });
        }
        let blocks = old.len();
        let bad = BadSplice::Misfit { index, blocks };
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
    /// `content` as a change of `list`, the list of `base`.
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
    /// The splices do not fit the list.
    pub fn whole(&self, list: &[BlockRef]) -> Result<Manifest, BadSplice> {
        Ok(Manifest {
            size: self.size,
            size_class: self.size_class,
            modified_at_ms: self.modified_at_ms,
            blocks: spliced(list, &self.splices)?,
        })
    }

    /// The same content without the names of blocks that the request carries. It leaves
    /// out only blocks that are inserted in the order in which they travel.
    pub fn leave_out(self, carried: &[BlockRef]) -> Self {
        let mut carried = carried.iter().peekable();
        let mut splices = Vec::new();
        for splice in self.splices {
            let mut part = Splice {
                insert: Vec::new(),
                ..splice
            };
            for block in &splice.insert {
                if carried.next_if_eq(&block).is_some() {
                    part.carried += 1;
                    continue;
                }
                if part.carried > 0 {
                    let next = Splice {
                        at: part.at + part.remove,
                        ..Splice::default()
                    };
                    splices.push(mem::replace(&mut part, next));
                }
                part.insert.push(*block);
            }
            splices.push(part);
        }
        Self { splices, ..self }
    }

    /// The blocks that the splices bring.
    fn inserted(&self) -> Vec<BlockRef> {
        let blocks = self.splices.iter().map(|splice| splice.insert.as_slice());
        blocks.collect::<Vec<_>>().concat()
    }
}

impl Content {
    /// Names the carried blocks again that were [left out](Spliced::leave_out). If the
    /// request carries too few, the content is refused when its splices are applied.
    pub fn put_in(&mut self, carried: &[BlockRef]) {
        let Self::Spliced(spliced) = self else { return };
        let mut left = carried;
        for splice in &mut spliced.splices {
            let (taken, others) = left.split_at(left.len().min(splice.carried as usize));
            splice.insert.extend_from_slice(taken);
            splice.carried -= taken.len() as u32;
            left = others;
        }
    }

    /// The blocks that the content names: all of them, or those that its splices
    /// insert.
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

    /// When the file was last changed where it came from.
    pub fn modified_at_ms(&self) -> FileTime {
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

/// A content with receipts for blocks that it names, as it is sent. In JSON they are one
/// more field, `receipts`; see [`Receipts::shown`] for their order. A receipt is needed
/// for no block that comes along, or that the file or the base of the splices has in any
/// version.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "Fields", into = "Fields")]
pub struct Receipted {
    /// The content.
    pub content: Content,
    /// Receipts for blocks that it names.
    pub receipts: Option<Receipts>,
}

impl Receipted {
    /// A content with the receipts that are found for the blocks that it names.
    pub fn with(content: Content, find: impl Fn(&BlockHash) -> Option<Receipt>) -> Self {
        let receipts = Receipts::shown(&content.named(), find);
        Self { content, receipts }
    }
}

impl From<Content> for Receipted {
    fn from(content: Content) -> Self {
        let receipts = None;
        Self { content, receipts }
    }
}

impl TryFrom<Fields> for Receipted {
    type Error = NeitherForm;

    fn try_from(mut fields: Fields) -> Result<Self, NeitherForm> {
        let receipts = fields.receipts.take();
        let content = fields.try_into()?;
        Ok(Self { content, receipts })
    }
}

impl From<Receipted> for Fields {
    fn from(Receipted { content, receipts }: Receipted) -> Self {
        Self {
            receipts,
            ..content.into()
        }
    }
}

#[cfg(feature = "openapi")]
impl utoipa::PartialSchema for Receipted {
    fn schema() -> utoipa::openapi::RefOr<utoipa::openapi::Schema> {
        let receipts = utoipa::openapi::ObjectBuilder::new()
            .property(
                "receipts",
                utoipa::openapi::Ref::from_schema_name("Receipts"),
            )
            .description(Some(
                "For who has only a folder or a file: one for each block that the content \
                 names, each block once, in the order in which they are named first.",
            ));
        let both = utoipa::openapi::AllOfBuilder::new()
            .item(utoipa::openapi::Ref::from_schema_name("Content"))
            .item(receipts);
        both.into()
    }
}

#[cfg(feature = "openapi")]
impl utoipa::ToSchema for Receipted {
    fn schemas(all: &mut Vec<(String, utoipa::openapi::RefOr<utoipa::openapi::Schema>)>) {
        use utoipa::PartialSchema;
        all.push(("Receipted".to_owned(), Self::schema()));
        all.push(("Content".to_owned(), Content::schema()));
        all.push(("Receipts".to_owned(), Receipts::schema()));
        Content::schemas(all);
    }
}

/// Both forms as JSON has them.
#[derive(Clone, Serialize, Deserialize)]
struct Fields {
    size: u64,
    size_class: SizeClass,
    modified_at_ms: FileTime,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    blocks: Option<Vec<BlockRef>>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    base: Option<Base>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    splices: Option<Vec<Splice>>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    receipts: Option<Receipts>,
}

/// The content has neither form.
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
                receipts: None,
            },
            Content::Spliced(spliced) => Self {
                size: spliced.size,
                size_class: spliced.size_class,
                modified_at_ms: spliced.modified_at_ms,
                blocks: None,
                base: Some(spliced.base),
                splices: Some(spliced.splices),
                receipts: None,
            },
        }
    }
}
