//! What several clients saw of a server that is killed and started again, and
//! whether it can have been so.
//!
//! [`clients`] make a history, [`rest`] reads what is there afterwards, and
//! [`check`] judges. A history is the requests of
//! every client with the times of their begin and end, and what was on the
//! server afterwards.

pub mod check;
pub mod clients;
pub mod rest;

use blocks::hash::BlockHash;
use protocol::ids::{ConflictId, ItemId, PlaceVersion, Seq, Version};
use std::collections::BTreeMap;
use std::time::Duration;

/// One change or page as its client saw it. A change that is repeated until it
/// is answered is one entry.
#[derive(Clone, Debug, PartialEq)]
pub struct Entry {
    pub client: usize,
    /// Since the history's begin.
    pub began: Duration,
    /// `None` if it was never answered.
    pub ended: Option<Duration>,
    /// How often it was sent without an answer.
    pub unanswered: u32,
    pub what: What,
}

/// Contents and names are used once, so each says who wrote it.
#[derive(Clone, Debug, PartialEq)]
pub enum What {
    /// A version of a file; base 0 makes the file.
    Write {
        item: ItemId,
        base: Version,
        content: BlockHash,
        end: End,
    },
    Rename {
        item: ItemId,
        base: PlaceVersion,
        name: String,
        end: End,
    },
    /// A version that came second.
    Keep {
        item: ItemId,
        conflict: ConflictId,
        content: BlockHash,
        end: End,
    },
    /// A page of the feed.
    Page {
        /// Where the one before led to; `None` for the first.
        since: Option<Seq>,
        to: Seq,
        reset: bool,
        items: Vec<(ItemId, Version, PlaceVersion)>,
        conflicts: Vec<ConflictId>,
    },
}

/// What a change came to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum End {
    /// The version or place version that it made, and its journal entry; a
    /// conflict has no number.
    Done { number: u64, seq: Option<Seq> },
    /// Another version or place version was there.
    Second { current: u64 },
    /// Never answered: it may have happened.
    Unknown,
}

/// A server at rest.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct AtRest {
    pub head: Seq,
    pub items: BTreeMap<ItemId, ItemAtRest>,
    /// With the hash of the bytes that were read.
    pub conflicts: BTreeMap<ConflictId, BlockHash>,
}

#[derive(Clone, Debug, PartialEq)]
pub struct ItemAtRest {
    pub name: String,
    pub place_version: PlaceVersion,
    /// The hash of the bytes that were read, from version 1 on.
    pub versions: Vec<BlockHash>,
}
