//! What this device has changed and the server has not taken yet.
//!
//! An edit is an observation ("the person wants this, and saw that when they did it"),
//! never a list of things to do. Every part of it has a nonce, drawn when it was
//! observed. The ids of all requests that carry it out are derived from the nonce: see
//! [`super::ids`].

use super::ids::{IdForm, Ids, Nonce};
use super::place::Place;
use blocks::chunk::SizeClass;
use blocks::manifest::Manifest;
use blocks::number::FileTime;
use protocol::conflicts::Choice;
use protocol::content::{Base, Content, Spliced};
use protocol::ids::{ConflictId, ItemId, PlaceVersion, UnixMillis, Version};
use protocol::items::Committed;
use protocol::name::Name;
use protocol::problem::Problem;
use serde::de::value::MapAccessDeserializer;
use serde::de::{Error, MapAccess, Visitor};
use serde::{Deserialize, Deserializer, Serialize};
use std::fmt;

/// Bytes of an edit that the driver holds: a picked file, or a copy of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct DraftId(pub u64);

/// The content of an unsent edit.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Draft {
    /// Names the bytes to the driver.
    pub id: DraftId,
    /// Bytes.
    pub size: u64,
    /// When the file was last changed where it came from.
    pub modified_at_ms: FileTime,
    /// The file's name where it came from, so that a person knows which file to pick
    /// again.
    pub file_name: String,
    /// Where the bytes are.
    pub bytes: DraftBytes,
    /// The block list, once the bytes are hashed.
    pub manifest: Option<Manifest>,
    /// The version with this content, if the server has it: then no bytes are needed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub copy_of: Option<Copied>,
}

/// A version on the server, and the size class of its file.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Copied {
    /// The version that has this content.
    pub base: Base,
    /// The class by which that file was cut.
    pub size_class: SizeClass,
}

impl Draft {
    /// The content as it is asked for; `None` while its blocks are not known.
    pub fn content(&self) -> Option<Content> {
        if let Some(Copied { base, size_class }) = self.copy_of {
            return Some(Content::Spliced(Spliced {
                size: self.size,
                size_class,
                modified_at_ms: self.modified_at_ms,
                base,
                splices: Vec::new(),
            }));
        }
        self.manifest.clone().map(Content::Whole)
    }
}

/// Where a draft's bytes are.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DraftBytes {
    /// The running driver has them; they end with it.
    Here,
    /// The driver has stored them: they survive it.
    Kept,
    /// Nowhere. The person has to pick the file again.
    Gone,
}

/// One aspect of an item that was changed here.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Aspect<T, V = u64> {
    /// Names the intention.
    pub nonce: Nonce,
    /// How the ids are made that this intention's requests have.
    #[serde(default, skip_serializing_if = "IdForm::is_unsaid")]
    pub id_form: IdForm,
    /// What the person saw: the version, or the place version, that this is based on;
    /// 0 if there was none.
    pub base: V,
    /// What the person wants.
    pub wanted: T,
}

impl<T> Aspect<T> {
    /// What is wanted from now on.
    pub fn new(nonce: Nonce, base: u64, wanted: T) -> Self {
        Self {
            nonce,
            id_form: IdForm::Fields,
            base,
            wanted,
        }
    }

    /// Something else that is wanted by the same intention.
    pub fn with<W>(&self, base: u64, wanted: W) -> Aspect<W> {
        Aspect {
            nonce: self.nonce,
            id_form: self.id_form,
            base,
            wanted,
        }
    }

    /// What the ids of its requests are made of.
    pub fn ids(&self) -> Ids {
        Ids {
            nonce: self.nonce,
            form: self.id_form,
        }
    }
}

/// Everything about one item that was changed here and is not agreed on.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Edit {
    /// The item that was changed.
    pub item: ItemId,
    /// Edits are carried out in this order, except for those that wait for something.
    pub order: u64,
    /// Whether the server does not know the item yet.
    pub is_new: bool,
    /// The item's name and folder, if one of them changed.
    pub place: Option<Aspect<Place, PlaceVersion>>,
    /// Whether the item goes into the trash (true) or out of it, if it does.
    pub trashed: Option<Aspect<bool, PlaceVersion>>,
    /// What the file is to hold, if changed.
    pub content: Option<Aspect<Draft, Version>>,
    /// Contents that the person handed in while `content` was on its way, in their
    /// order. Each becomes a version of its own once the one before it is stored; its
    /// base is not known before.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub later: Vec<Aspect<Draft, Version>>,
    /// Why the edit does not go on by itself; `None` if it does.
    pub trouble: Option<Trouble>,
}

/// What only a person can help with.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "trouble", rename_all = "snake_case", try_from = "TroubleFields")]
#[allow(missing_docs, reason = "each variant says what its field is")]
pub enum Trouble {
    /// The server will not take it.
    Refused { problem: Problem },
    /// The bytes are gone; picking the file again helps.
    BytesGone,
    /// The bytes change while they are read.
    KeepsChanging,
}

impl Eq for Trouble {}

/// A [`Trouble`] as JSON has it. Like the other enums of this file, it is read flat: for
/// each variant of a tagged enum, serde makes as much code as for a struct.
#[derive(Deserialize)]
struct TroubleFields {
    trouble: TroubleName,
    problem: Option<Problem>,
}

#[derive(Clone, Copy, Deserialize)]
#[serde(rename_all = "snake_case")]
enum TroubleName {
    Refused,
    BytesGone,
    KeepsChanging,
}

/// Something lacks a field that its kind has.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("missing field `{0}`")]
struct Missing(&'static str);

impl TryFrom<TroubleFields> for Trouble {
    type Error = Missing;

    fn try_from(fields: TroubleFields) -> Result<Self, Missing> {
        Ok(match fields.trouble {
            TroubleName::Refused => Self::Refused {
                problem: fields.problem.ok_or(Missing("problem"))?,
            },
            TroubleName::BytesGone => Self::BytesGone,
            TroubleName::KeepsChanging => Self::KeepsChanging,
        })
    }
}

impl Trouble {
    /// Whether the server has refused; another place may help.
    pub fn is_refusal(&self) -> bool {
        matches!(self, Self::Refused { .. })
    }
}

impl Edit {
    /// An edit without parts.
    pub fn new(item: ItemId, order: u64, is_new: bool) -> Self {
        Self {
            item,
            order,
            is_new,
            place: None,
            trashed: None,
            content: None,
            later: Vec::new(),
            trouble: None,
        }
    }

    /// Whether nothing is left that differs from what the server has.
    pub fn is_done(&self) -> bool {
        !self.is_new && self.place.is_none() && self.trashed.is_none() && self.content.is_none()
    }

    /// The draft that is on its way.
    pub fn draft(&self) -> Option<&Draft> {
        self.content.as_ref().map(|part| &part.wanted)
    }

    /// The draft that is on its way, and those that follow it.
    pub fn drafts(&self) -> impl DoubleEndedIterator<Item = &Draft> {
        let parts = self.content.iter().chain(&self.later);
        parts.map(|part| &part.wanted)
    }

    /// All drafts, to be changed.
    pub fn drafts_mut(&mut self) -> impl Iterator<Item = &mut Draft> {
        let parts = self.content.iter_mut().chain(&mut self.later);
        parts.map(|part| &mut part.wanted)
    }

    /// What the person wants the file to hold in the end.
    pub fn newest_draft(&self) -> Option<&Draft> {
        self.drafts().next_back()
    }

    /// The first content is over: the next one takes its place, based on `base`.
    pub fn end_content(&mut self, base: Version) {
        let mut later = std::mem::take(&mut self.later).into_iter();
        self.content = later.next().map(|part| Aspect { base, ..part });
        self.later = later.collect();
    }
}

/// What a person decided about a conflict, on its way.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Resolution {
    /// The conflict that was decided.
    pub conflict: ConflictId,
    /// Names the intention.
    pub nonce: Nonce,
    /// How the ids are made that this intention's requests have.
    #[serde(default, skip_serializing_if = "IdForm::is_unsaid")]
    pub id_form: IdForm,
    /// Shares the order of edits: see [`Edit::order`].
    pub order: u64,
    /// The head that the person saw.
    pub seen_version: Version,
    /// What becomes of the conflict.
    #[serde(rename = "choice")]
    pub wanted: ConflictDecision,
    /// Why a merge does not go on: it was not made on what there is now, or its bytes
    /// are gone. The merge is kept, and not sent, until the person merges again or lets
    /// go of it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub trouble: Option<Trouble>,
}

/// What becomes of a conflict. In storage, a plain choice looks as it does at
/// the server.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "choice", rename_all = "snake_case", try_from = "WantedFields")]
#[allow(missing_docs, reason = "each variant says what its fields are")]
pub enum ConflictDecision {
    /// What the person made of both sides is the file's next version.
    Merge { item: ItemId, draft: Draft },
    /// The conflict is open again.
    Reopen,
    /// One of the choices that the server knows.
    #[serde(untagged)]
    Keep(Choice),
}

/// A [`ConflictDecision`] as JSON has it.
#[derive(Deserialize)]
struct WantedFields {
    choice: WantedName,
    item: Option<ItemId>,
    draft: Option<Draft>,
    copy_id: Option<ItemId>,
    copy_name: Option<Name>,
    content: Option<Content>,
}

#[derive(Clone, Copy, Deserialize)]
#[serde(rename_all = "snake_case")]
enum WantedName {
    Merge,
    Reopen,
    KeepMine,
    KeepTheirs,
    KeepBoth,
    Merged,
}

impl TryFrom<WantedFields> for ConflictDecision {
    type Error = Missing;

    fn try_from(fields: WantedFields) -> Result<Self, Missing> {
        Ok(match fields.choice {
            WantedName::Merge => Self::Merge {
                item: fields.item.ok_or(Missing("item"))?,
                draft: fields.draft.ok_or(Missing("draft"))?,
            },
            WantedName::Reopen => Self::Reopen,
            WantedName::KeepMine => Self::Keep(Choice::KeepMine),
            WantedName::KeepTheirs => Self::Keep(Choice::KeepTheirs),
            WantedName::KeepBoth => Self::Keep(Choice::KeepBoth {
                copy_id: fields.copy_id.ok_or(Missing("copy_id"))?,
                copy_name: fields.copy_name.ok_or(Missing("copy_name"))?,
            }),
            WantedName::Merged => Self::Keep(Choice::Merged {
                content: fields.content.ok_or(Missing("content"))?,
            }),
        })
    }
}

impl Resolution {
    /// What the ids of its requests are made of.
    pub fn ids(&self) -> Ids {
        Ids {
            nonce: self.nonce,
            form: self.id_form,
        }
    }

    /// The draft of a merge.
    pub fn draft(&self) -> Option<&Draft> {
        match &self.wanted {
            ConflictDecision::Merge { draft, .. } => Some(draft),
            ConflictDecision::Reopen | ConflictDecision::Keep(_) => None,
        }
    }
}

/// A change of this device that met somebody else's change and could not be made as it
/// was meant. It says what was done instead, and stays until the person has seen it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Matter {
    /// The nonce of the intention, so that it is the same after a crash.
    pub id: Nonce,
    /// The item that the two changes met at.
    pub item: ItemId,
    /// When the engine noticed, by this device's clock.
    pub at_ms: UnixMillis,
    /// Who wrote the file's head on the server; `None` for a folder.
    pub by: Option<Committed>,
    /// What met, and what was done.
    pub what: Met,
}

impl Eq for Matter {}

/// Which changes met, and what was done.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "met", rename_all = "snake_case", try_from = "MetFields")]
#[allow(missing_docs, reason = "each variant says what its fields are")]
pub enum Met {
    /// An edit met a deletion: the edit is a new file.
    Deleted { new: ItemId },
    /// Two renames or moves met: the other one stays.
    Placed { wanted: Place },
    /// A move met the deletion of its target folder: the item stays where it is.
    FolderDeleted { wanted: Place, folder: ItemId },
    /// Another item had the name by the time of a rename or move: the item keeps its
    /// own.
    NameTaken { wanted: Place },
    /// A rename or a move is impossible, whoever was first: the item stays as it is.
    Impossible { wanted: Place, problem: Problem },
    /// A new file met a folder of its name, or a new folder a file: the new item has
    /// another name.
    Renamed { from: Name, to: Name },
    /// Something speaks against a move to the trash (true) or out of it.
    Trashed { wanted: bool, problem: Problem },
}

/// A [`Met`] as JSON has it.
#[derive(Deserialize)]
struct MetFields {
    met: MetName,
    new: Option<ItemId>,
    wanted: Option<WantedThere>,
    folder: Option<ItemId>,
    problem: Option<Problem>,
    from: Option<Name>,
    to: Option<Name>,
}

#[derive(Clone, Copy, Deserialize)]
#[serde(rename_all = "snake_case")]
enum MetName {
    Deleted,
    Placed,
    FolderDeleted,
    NameTaken,
    Impossible,
    Renamed,
    Trashed,
}

/// What was wanted: a place, or whether the item is in the trash.
enum WantedThere {
    Place(Place),
    Trashed(bool),
}

impl<'de> Deserialize<'de> for WantedThere {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Either;

        impl<'de> Visitor<'de> for Either {
            type Value = WantedThere;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a place, or whether something is in the trash")
            }

            fn visit_bool<E: Error>(self, trashed: bool) -> Result<WantedThere, E> {
                Ok(WantedThere::Trashed(trashed))
            }

            fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<WantedThere, A::Error> {
                Place::deserialize(MapAccessDeserializer::new(map)).map(WantedThere::Place)
            }
        }

        deserializer.deserialize_any(Either)
    }
}

impl TryFrom<MetFields> for Met {
    type Error = Missing;

    fn try_from(fields: MetFields) -> Result<Self, Missing> {
        let (place, trashed) = match fields.wanted {
            Some(WantedThere::Place(place)) => (Some(place), None),
            Some(WantedThere::Trashed(trashed)) => (None, Some(trashed)),
            None => (None, None),
        };
        let (place, trashed) = (
            place.ok_or(Missing("wanted")),
            trashed.ok_or(Missing("wanted")),
        );
        let problem = fields.problem.ok_or(Missing("problem"));
        Ok(match fields.met {
            MetName::Deleted => Self::Deleted {
                new: fields.new.ok_or(Missing("new"))?,
            },
            MetName::Placed => Self::Placed { wanted: place? },
            MetName::FolderDeleted => Self::FolderDeleted {
                wanted: place?,
                folder: fields.folder.ok_or(Missing("folder"))?,
            },
            MetName::NameTaken => Self::NameTaken { wanted: place? },
            MetName::Impossible => Self::Impossible {
                wanted: place?,
                problem: problem?,
            },
            MetName::Renamed => Self::Renamed {
                from: fields.from.ok_or(Missing("from"))?,
                to: fields.to.ok_or(Missing("to"))?,
            },
            MetName::Trashed => Self::Trashed {
                wanted: trashed?,
                problem: problem?,
            },
        })
    }
}
