//! What an engine knows of an edit while it carries the edit out. It never stores any
//! of this: after a crash, it finds it out again.

use super::edit::DraftId;
use super::ids::Nonce;
use super::message::RequestId;
use blocks::hash::BlockHash;
use protocol::ids::{ItemId, PlaceVersion, Version};
use protocol::problem::Problem;

/// Which part of an edit a request carries out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[allow(
    missing_docs,
    reason = "a nonce names the part of the edit, a base what that part is based on"
)]
pub enum SentRequest {
    Propose {
        nonce: Nonce,
    },
    Upload {
        nonce: Nonce,
    },
    Create {
        place: Nonce,
        content: Option<Nonce>,
        carries: bool,
    },
    Commit {
        nonce: Nonce,
        base: Version,
        carries: bool,
    },
    /// Asks whether this version has, by chance, the very same content.
    Compare {
        nonce: Nonce,
        item: ItemId,
        version: Version,
    },
    KeepConflict {
        nonce: Nonce,
    },
    Place {
        nonce: Nonce,
        base: PlaceVersion,
    },
    Trashed {
        nonce: Nonce,
        base: PlaceVersion,
    },
    Resolve {
        nonce: Nonce,
    },
    Fetch {
        version: Version,
    },
}

impl SentRequest {
    /// The content that the request is about.
    pub fn content(self) -> Option<Nonce> {
        match self {
            SentRequest::Propose { nonce }
            | SentRequest::Upload { nonce }
            | SentRequest::Commit { nonce, .. }
            | SentRequest::Compare { nonce, .. }
            | SentRequest::KeepConflict { nonce }
            | SentRequest::Resolve { nonce } => Some(nonce),
            SentRequest::Create { content, .. } => content,
            _ => None,
        }
    }

    /// Whether the request brings the bytes along.
    pub fn carries(self) -> bool {
        matches!(
            self,
            SentRequest::Create { carries: true, .. } | SentRequest::Commit { carries: true, .. }
        )
    }
}

/// One edit, or one fetch, being carried out.
#[derive(Clone, Debug, Default)]
pub struct Task {
    /// The request under way.
    pub in_flight: Option<(RequestId, SentRequest)>,
    /// The draft that is being cut and hashed.
    pub hashing: Option<DraftId>,
    /// What is known of the content on its way.
    pub content: Option<ContentKnown>,
    /// The server's no to a request, until the feed has told why.
    pub refused: Option<Refusal>,
    /// The server's yes to a choice, until the feed has told what it made.
    pub done: Option<ChoiceMade>,
    /// Failures in a row, refusals among them.
    pub failures: u32,
    /// Refusals in a row after which the feed was read.
    pub explained: u32,
    /// When the next attempt may begin, in milliseconds of the engine's clock.
    pub not_before: u64,
}

/// A refusal that waits for its explanation.
#[derive(Clone, Debug)]
pub struct Refusal {
    /// What was refused.
    pub sent: SentRequest,
    /// Why, in the server's words.
    pub problem: Problem,
    /// The pull that has the explanation…
    pub pull: u64,
    /// …which is not waited for any longer than until then.
    pub deadline: u64,
}

/// A choice that was carried out. Its answer may be a repeat, and the conflict may
/// have changed since; the feed tells what it is now.
#[derive(Clone, Copy, Debug)]
pub struct ChoiceMade {
    /// The pull that tells…
    pub pull: u64,
    /// …which is not waited for any longer than until then.
    pub deadline: u64,
}

/// What is known so far of a draft on its way.
#[derive(Clone, Debug)]
pub struct ContentKnown {
    /// The content that this is about.
    pub nonce: Nonce,
    /// Whether the server was asked if the base is still the head.
    pub proposed: bool,
    /// Whether it was sent together with its blocks, or can't be sent so. After that,
    /// the server is asked what it lacks, so that bytes do not travel twice.
    pub carried: bool,
    /// What the server lacks, as far as it has said.
    pub missing: Option<Vec<BlockHash>>,
    /// Whether it was hashed a second time because its bytes had changed.
    pub rehashed: bool,
    /// A version that may hold this very content.
    pub compare: Option<(ItemId, Version)>,
    /// Set if it came second: then it is to be kept as a conflict of this file.
    pub second: Option<Second>,
}

/// What a content came second to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Second {
    /// The file that was first.
    pub item: ItemId,
    /// The version that both started from.
    pub base: Version,
}

impl ContentKnown {
    /// Nothing is known yet.
    pub fn new(nonce: Nonce) -> Self {
        Self {
            nonce,
            proposed: false,
            carried: false,
            missing: None,
            rehashed: false,
            compare: None,
            second: None,
        }
    }
}

impl Task {
    /// What is known of this content. Drops what was known of an older one.
    pub fn known(&mut self, nonce: Nonce) -> &mut ContentKnown {
        let known = self.content.take().filter(|known| known.nonce == nonce);
        self.content
            .insert(known.unwrap_or_else(|| ContentKnown::new(nonce)))
    }

    /// What is known of a content; nothing if another one is on its way.
    pub fn known_of(&self, nonce: Nonce) -> ContentKnown {
        let known = self.content.as_ref().filter(|known| known.nonce == nonce);
        known.cloned().unwrap_or_else(|| ContentKnown::new(nonce))
    }

    /// Whether a request or hashing is under way.
    pub fn is_busy(&self) -> bool {
        self.in_flight.is_some() || self.hashing.is_some()
    }
}
