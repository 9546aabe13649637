//! What is under way at the server.

use super::call::Caller;
use super::door::{Outbox, Parking};
use super::looked_up::LookedUp;
use super::oracle::Promised;
use super::returner::Returning;
use super::wire::Served;
use crate::model::legs::Answered;
use blocks::hash::BlockHash;
use driftless_core::writes::deletion::Deletion;
use protocol::content::Base;
use protocol::ids::{ItemId, Seq, UnixMillis};
use protocol::positions::Position;
use std::collections::BTreeMap;
use std::fmt::Debug;
use std::pin::Pin;
use std::rc::Rc;

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct JobId(pub u64);

/// What is under way at the server.
#[derive(Default)]
pub struct Jobs {
    pub running: BTreeMap<JobId, Job>,
    /// Polls that wait at the hub, in a drive of several people.
    pub held: BTreeMap<Caller, Held>,
    /// Beside the requests.
    pub background: BTreeMap<Background, Run>,
    /// Who goes back to an earlier moment, or did so last.
    pub returning: Option<Returning>,
    pub looked_up: LookedUp,
    pub last: u64,
}

/// What is at work beside the requests.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Background {
    Collecting,
    Thinning,
    Rewriting,
    Returning,
}

/// A run of it, which ends with what there is to tell.
pub type Run = Pin<Box<dyn Future<Output = Box<dyn Debug>>>>;

/// A poll that waits at the hub.
pub struct Held {
    pub id: JobId,
    pub job: Job,
    pub parking: Parking,
}

/// One of the things that a request asks for.
#[derive(Default)]
pub struct Asked {
    /// What it is about, in a batch of changes of places.
    pub item: Option<ItemId>,
    /// What is promised by an answer.
    pub promised: Option<Promised>,
}

pub struct Job {
    pub caller: Caller,
    /// One, but for a batch.
    pub asked: Vec<Asked>,
    /// Whether somebody waits for the answer.
    pub answered: bool,
    /// Whether the caller takes one answer for each of a batch.
    pub is_batch: bool,
    pub reads_packs: bool,
    /// Whether it puts an item into a folder.
    pub puts: bool,
    /// Of a page of the feed: what its device has seen.
    pub since: Option<String>,
    /// Of a poll: what its device has seen of each thing that it waits for.
    pub polled: Vec<Position>,
    /// Of a deletion for good, with how often nobody has heard of it.
    pub deletion: Option<(Deletion, u32)>,
    /// In a drive of several people: who sent it, and what became of it so far.
    pub sent: Option<Sent>,
    pub future: Pin<Box<dyn Future<Output = Answered<Served>>>>,
}

/// A request that came by the door.
pub struct Sent {
    /// Which of the people sent it.
    pub person: usize,
    /// When it came, and what there was to see then.
    pub at: UnixMillis,
    pub sight: u64,
    pub about: About,
    /// Whether it is a poll with a list of positions.
    pub is_listed: bool,
    pub outbox: Rc<Outbox>,
    /// The entries of the journal that it made.
    pub wrote: Vec<Seq>,
}

/// What the answer has to be compared with.
#[derive(Clone, Debug)]
pub enum About {
    Nothing,
    Version(Base),
    /// Of a version, as what is new since another.
    Since(Base, Base),
    /// Blocks that are told to be stored, if they are not told to be missing.
    Proposed(Vec<BlockHash>),
    Frames,
    Signatures,
}
