//! What is under way at the server.

use super::call::Caller;
use super::oracle::Promised;
use super::wire::Served;
use crate::model::legs::Answered;
use driftless_core::collect::Collected;
use driftless_core::writes::deletion::Deletion;
use protocol::ids::ItemId;
use std::collections::BTreeMap;
use std::pin::Pin;

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct JobId(pub u64);

/// What is under way at the server.
#[derive(Default)]
pub struct Jobs {
    pub running: BTreeMap<JobId, Job>,
    pub collector: Option<Collecting>,
    pub last: u64,
}

pub type Collecting = Pin<Box<dyn Future<Output = Answered<Collected>>>>;

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
    /// Of a poll: what its device has seen.
    pub since: Option<String>,
    /// Of a deletion for good, with how often nobody has heard of it.
    pub deletion: Option<(Deletion, u32)>,
    pub future: Pin<Box<dyn Future<Output = Answered<Served>>>>,
}
