//! The ids of the requests that carry out an intention.
//!
//! An id is derived from the intention's nonce and from what is asked. So it is the same
//! after a crash and with the next release of the page, and the server answers a repeat
//! whose answer was lost with the first answer. This file therefore writes down byte by
//! byte what an id is made of, so that no renamed type and no other compiler can change
//! it, and `tests/all/ids.rs` pins it.

use super::place::Place;
use blocks::hash::BlockHash;
use blocks::manifest::Manifest;
use protocol::conflicts::Choice;
use protocol::content::{Content, Spliced};
use protocol::ids::{ConflictId, ItemId, OperationId, PlaceVersion, Version};
use serde::{Deserialize, Serialize};

/// What the ids of an intention are made of. It is stored with the intention, and never
/// changes as long as that waits.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(from = "u8", into = "u8")]
pub enum IdForm {
    /// Words that earlier releases made ids of. They stored intentions without saying which
    /// form these have.
    #[default]
    Words,
    /// Fields with their lengths, behind a tag.
    Fields,
}

impl IdForm {
    /// What is not said in storage.
    pub fn is_unsaid(&self) -> bool {
        *self == Self::Words
    }
}

/// A form that only a later release knows is not the one of earlier ones, at least.
impl From<u8> for IdForm {
    fn from(number: u8) -> Self {
        match number {
            0 => Self::Words,
            _ => Self::Fields,
        }
    }
}

impl From<IdForm> for u8 {
    fn from(form: IdForm) -> Self {
        match form {
            IdForm::Words => 0,
            IdForm::Fields => 1,
        }
    }
}

/// What is asked on behalf of an intention. What is asked differently has another id.
#[derive(Clone, Copy, Debug)]
#[allow(
    missing_docs,
    reason = "each is named as the request that it tells apart"
)]
pub enum RequestKey<'a> {
    Folder {
        item: ItemId,
        place: &'a Place,
    },
    File {
        item: ItemId,
        place: &'a Place,
        content: &'a Content,
    },
    Commit {
        item: ItemId,
        base: Version,
        content: &'a Content,
    },
    Conflict {
        item: ItemId,
        base: Version,
        content: &'a Content,
    },
    Place {
        item: ItemId,
        base: PlaceVersion,
        to: &'a Place,
    },
    Trashed {
        item: ItemId,
        base: PlaceVersion,
        wanted: bool,
        to: Option<&'a Place>,
    },
    Choice {
        conflict: ConflictId,
        seen: Version,
        choice: &'a Choice,
    },
    Merge {
        conflict: ConflictId,
        seen: Version,
        content: &'a Content,
    },
    Reopen {
        conflict: ConflictId,
        seen: Version,
    },
}

/// The source of the ids of one intention.
#[derive(Clone, Copy, Debug)]
pub struct Ids {
    /// The intention.
    pub nonce: Nonce,
    /// How they are made.
    pub form: IdForm,
}

impl Ids {
    /// The operation that asks for it.
    pub fn operation(self, asked: &RequestKey<'_>) -> OperationId {
        OperationId::from_random(self.derive(asked))
    }

    /// The conflict that the intention becomes if it comes second.
    pub fn conflict(self, asked: &RequestKey<'_>) -> ConflictId {
        ConflictId::from_random(self.derive(asked))
    }

    fn derive(self, asked: &RequestKey<'_>) -> [u8; 16] {
        match self.form {
            IdForm::Words => derive(WORDS_CONTEXT, self.nonce, words::of(asked).as_bytes()),
            IdForm::Fields => derive(FIELDS_CONTEXT, self.nonce, &fields(asked)),
        }
    }
}

/// 16 random bytes that name one intention.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Nonce(pub [u8; 16]);

/// The nonce in hexadecimal.
impl std::fmt::Display for Nonce {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&base16ct::lower::encode_string(&self.0))
    }
}

impl Nonce {
    /// The new item that this intention makes instead of another one.
    pub fn item_instead_of(self, item: ItemId) -> ItemId {
        let role = format!("instead of {item}");
        ItemId::from_random(derive(WORDS_CONTEXT, self, role.as_bytes()))
    }
}

/// The contexts keep derived ids apart from every other use of BLAKE3.
const WORDS_CONTEXT: &str = "driftless 2026 sync: ids of an edit";
const FIELDS_CONTEXT: &str = "driftless 2026-11 sync: what an edit asks for";

fn derive(context: &str, nonce: Nonce, what: &[u8]) -> [u8; 16] {
    let mut hasher = blake3::Hasher::new_derive_key(context);
    hasher.update(&nonce.0);
    hasher.update(what);
    let mut bytes = [0; 16];
    bytes.copy_from_slice(&hasher.finalize().as_bytes()[..16]);
    bytes
}

/// Bytes that say what they are and where each field ends: a tag, and before each field
/// its length in 8 bytes, little-endian.
struct Fields(Vec<u8>);

impl Fields {
    fn tagged(tag: u8) -> Self {
        Self(vec![tag])
    }

    fn bytes(mut self, bytes: &[u8]) -> Self {
        self.0.extend((bytes.len() as u64).to_le_bytes());
        self.0.extend(bytes);
        self
    }

    fn text(self, text: impl ToString) -> Self {
        self.bytes(text.to_string().as_bytes())
    }

    fn number(self, number: u64) -> Self {
        self.bytes(&number.to_le_bytes())
    }

    fn place(self, Place { parent, name }: &Place) -> Self {
        let parent = parent.map_or_else(String::new, |parent| parent.to_string());
        self.text(parent).text(name)
    }

    fn content(self, content: &Content) -> Self {
        let fields = match content {
            Content::Whole(manifest) => Self::tagged(1)
                .number(manifest.size)
                .bytes(&manifest.modified_at_ms.millis().to_le_bytes())
                .bytes(&[manifest.size_class.into()])
                .blocks(manifest.blocks.iter().map(|block| block.hash)),
            Content::Spliced(spliced) => {
                let fields = Self::tagged(2)
                    .number(spliced.size)
                    .bytes(&spliced.modified_at_ms.millis().to_le_bytes())
                    .bytes(&[spliced.size_class.into()])
                    .text(spliced.base.item)
                    .number(spliced.base.version);
                spliced.splices.iter().fold(fields, |fields, splice| {
                    fields
                        .number(splice.at.into())
                        .number(splice.remove.into())
                        .number(splice.carried.into())
                        .blocks(splice.insert.iter().map(|block| block.hash))
                })
            }
        };
        self.bytes(BlockHash::of(&fields.0).as_bytes())
    }

    fn blocks(self, hashes: impl Iterator<Item = BlockHash>) -> Self {
        let hashes: Vec<u8> = hashes.flat_map(|hash| *hash.as_bytes()).collect();
        self.bytes(&hashes)
    }
}

fn fields(asked: &RequestKey<'_>) -> Vec<u8> {
    let fields = match *asked {
        RequestKey::Folder { item, place } => Fields::tagged(1).text(item).place(place),
        RequestKey::File {
            item,
            place,
            content,
        } => Fields::tagged(2).text(item).place(place).content(content),
        RequestKey::Commit {
            item,
            base,
            content,
        } => Fields::tagged(3).text(item).number(base).content(content),
        RequestKey::Conflict {
            item,
            base,
            content,
        } => Fields::tagged(4).text(item).number(base).content(content),
        RequestKey::Place { item, base, to } => Fields::tagged(5).text(item).number(base).place(to),
        RequestKey::Trashed {
            item,
            base,
            wanted,
            to,
        } => {
            let fields = Fields::tagged(6)
                .text(item)
                .number(base)
                .bytes(&[wanted.into()]);
            match to {
                Some(place) => fields.place(place),
                None => fields,
            }
        }
        RequestKey::Choice {
            conflict,
            seen,
            choice,
        } => {
            let fields = Fields::tagged(7).text(conflict).number(seen);
            match choice {
                Choice::KeepMine => fields.bytes(&[1]),
                Choice::KeepTheirs => fields.bytes(&[2]),
                Choice::KeepBoth { copy_id, copy_name } => {
                    fields.bytes(&[3]).text(copy_id).text(copy_name)
                }
                Choice::Merged { content } => fields.bytes(&[4]).content(content),
            }
        }
        RequestKey::Merge {
            conflict,
            seen,
            content,
        } => Fields::tagged(8)
            .text(conflict)
            .number(seen)
            .content(content),
        RequestKey::Reopen { conflict, seen } => Fields::tagged(9).text(conflict).number(seen),
    };
    fields.0
}

/// The form of earlier releases: they hashed what Rust prints of their types. None of
/// that is asked of Rust any more, for what is stored has to go on with the same ids.
mod words {
    use super::*;

    pub fn of(asked: &RequestKey<'_>) -> String {
        match *asked {
            RequestKey::Folder { item, place } => format!("folder {item} {}", where_to(place)),
            RequestKey::File {
                item,
                place,
                content,
            } => format!("file {item} {} {}", where_to(place), digest(content)),
            RequestKey::Commit {
                item,
                base,
                content,
            } => format!("commit {item} {base} {}", digest(content)),
            RequestKey::Conflict {
                item,
                base,
                content,
            } => format!("conflict {item} {base} {}", digest(content)),
            RequestKey::Place { item, base, to } => format!("place {item} {base} {}", where_to(to)),
            RequestKey::Trashed {
                item,
                base,
                wanted,
                to,
            } => {
                let to = to.map_or_else(String::new, |to| format!(" {}", where_to(to)));
                format!("trash {item} {base} {wanted}{to}")
            }
            RequestKey::Choice {
                conflict,
                seen,
                choice,
            } => format!("resolve {conflict} {seen} {}", chosen(choice)),
            RequestKey::Merge {
                conflict,
                seen,
                content,
            } => format!("merge {conflict} {seen} {}", digest(content)),
            RequestKey::Reopen { conflict, seen } => format!("reopen {conflict} {seen}"),
        }
    }

    fn where_to(Place { parent, name }: &Place) -> String {
        match parent {
            Some(parent) => format!("Some(ItemId({parent})) {name}"),
            None => format!("None {name}"),
        }
    }

    fn chosen(choice: &Choice) -> String {
        match choice {
            Choice::KeepMine => "KeepMine".to_owned(),
            Choice::KeepTheirs => "KeepTheirs".to_owned(),
            Choice::KeepBoth { copy_id, copy_name } => {
                let name = copy_name.as_str();
                format!("KeepBoth {{ copy_id: ItemId({copy_id}), copy_name: Name({name:?}) }}")
            }
            // A merge is stored as one, and asked for as `Asked::Merge`.
            Choice::Merged { content } => format!("Merged {}", digest(content)),
        }
    }

    fn digest(content: &Content) -> BlockHash {
        match content {
            Content::Whole(manifest) => of_blocks(manifest),
            Content::Spliced(copy) => of_copy(copy),
        }
    }

    fn of_blocks(manifest: &Manifest) -> BlockHash {
        let mut bytes = Vec::with_capacity(manifest.blocks.len() * 32 + 17);
        bytes.extend(manifest.size.to_le_bytes());
        bytes.extend(manifest.modified_at_ms.millis().to_le_bytes());
        bytes.push(manifest.size_class.into());
        for block in &manifest.blocks {
            bytes.extend(block.hash.as_bytes());
        }
        BlockHash::of(&bytes)
    }

    /// Names the content of a copy, which has no splices.
    fn of_copy(copy: &Spliced) -> BlockHash {
        let text = format!(
            "Spliced {{ size: {}, size_class: SizeClass({}), modified_at_ms: FileTime({}), \
             base: Base {{ item: ItemId({}), version: {} }}, splices: [] }}",
            copy.size,
            u8::from(copy.size_class),
            copy.modified_at_ms.millis(),
            copy.base.item,
            copy.base.version,
        );
        BlockHash::of(text.as_bytes())
    }
}
