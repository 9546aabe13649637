//! A request at the server: the real logic, and its answer as it travels.

use super::network::{Outcome, Parcel};
use crate::model::legs::{Answered, Device as Asker, Legs};
use blocks::hash::BlockHash;
use blocks::manifest::BlockRef;
use driftless_api::ports::{Database, Packs};
use driftless_api::reads::space::Polled;
use driftless_api::writes::deletion::{self, Deletion};
use protocol::ids::{ItemId, PackId, Seq, UnixMillis, Version};
use protocol::items::{DeletedForGood, ItemChanged};
use protocol::problem::Problem;
use sync::message::{Answer, Request};

/// Entries in a page of the feed: few, so that pages are many.
const PAGE: u64 = 7;

/// How a request ends at the server.
#[allow(clippy::large_enum_variant, reason = "a few exist at a time")]
#[derive(Debug)]
pub enum Served {
    Outcome(Outcome),
    /// What became of each new file, or each change of a place, of a batch.
    Batch(Vec<Answered<ItemChanged>>),
    /// How far a deletion for good has come.
    Deleted(DeletedForGood),
    /// A block's bytes are not what its hash says: found by who fetched it.
    Damaged,
    /// To be parked in the hub.
    WaitAfter {
        seen: Seq,
        seconds: u64,
    },
}

/// How far a deletion for good goes in one request: deeper than simulated folders are.
const DELETED: deletion::Bounds = deletion::Bounds {
    items_per_step: 60,
    rows_per_step: 4,
    steps: 3,
};

/// What the server does with a request. A fetch is many requests, and whoever
/// fetches hashes each block before it counts.
///
/// # Errors
/// What the client is refused with, and the server's own failures.
pub async fn serve<D: Database, P: Packs<Body = Vec<u8>>>(
    legs: &Legs<'_, D, P>,
    who: &Asker,
    now: UnixMillis,
    pack: PackId,
    parcel: Parcel,
) -> Answered<Served> {
    let request = match parcel {
        Parcel::Frames { body, .. } => {
            legs.store_blocks(who, now, pack, body).await?;
            return Ok(answered(Answer::Uploaded));
        }
        Parcel::Batch(files) => {
            let files = files.into_iter().map(|new| new.file).collect();
            return Ok(Served::Batch(legs.create_files(who, now, files).await?));
        }
        Parcel::Places(changes) => {
            let changes = changes.into_iter().map(|(_, change)| change).collect();
            return Ok(Served::Batch(legs.change_items(who, now, changes).await?));
        }
        Parcel::Deletion { wanted, .. } => {
            let deleted = match wanted {
                Deletion::DeleteForGood { item, request } => {
                    legs.delete(who, now, item, request, &DELETED).await?
                }
                Deletion::EmptyTrash(request) => {
                    legs.empty_trash(who, now, request, &DELETED).await?
                }
            };
            return Ok(Served::Deleted(deleted));
        }
        Parcel::Asked {
            request, frames, ..
        } => match request {
            Request::CreateFile { body, .. } if !frames.is_empty() => {
                let carried = (pack, frames);
                let changed = legs.create_file_carrying(who, now, body, carried).await?;
                return Ok(answered(Answer::Item(changed)));
            }
            Request::Commit { item, body, .. } if !frames.is_empty() => {
                let carried = (pack, frames);
                let changed = legs.commit_carrying(who, now, item, body, carried).await?;
                return Ok(answered(Answer::Item(changed)));
            }
            request => request,
        },
    };
    let answer = match request {
        Request::Changes { since } => {
            Answer::Changes(legs.changes(who, since.as_deref(), Some(PAGE)).await?)
        }
        Request::Poll { since, seconds } => match legs.poll(who, Some(&since)).await? {
            Polled::News(_) => Answer::News,
            Polled::WaitAfter(seen) => return Ok(Served::WaitAfter { seen, seconds }),
        },
        Request::Propose { item, body } => {
            Answer::Missing(legs.propose(who, item, body).await?.missing_blocks)
        }
        Request::CreateFile { body, .. } => Answer::Item(legs.create_file(who, now, body).await?),
        Request::CreateFolder { body } => Answer::Item(legs.create_folder(who, now, body).await?),
        Request::Commit { item, body, .. } => {
            Answer::Item(legs.commit(who, now, item, body).await?)
        }
        Request::KeepConflict { item, body } => {
            Answer::Conflict(legs.keep_conflict(who, now, item, body).await?)
        }
        Request::ChangePlace { item, body } => {
            Answer::Item(legs.change_place(who, now, item, body).await?)
        }
        Request::Trash { item, body } => Answer::Item(legs.trash(who, now, item, body).await?),
        Request::Restore { item, body } => Answer::Item(legs.restore(who, now, item, body).await?),
        Request::Resolve { conflict, body } => {
            Answer::Conflict(legs.resolve(who, now, conflict, body).await?)
        }
        Request::Reopen { conflict, body } => {
            Answer::Conflict(legs.reopen(who, now, conflict, body).await?)
        }
        Request::Manifest { item, version } => {
            Answer::Manifest(legs.manifest(who, item, Some(version)).await?.blocks)
        }
        Request::Fetch { item, version } => return fetch(legs, who, item, version).await,
        Request::Upload { .. } => return Err(Problem::NoSuchRoute.into()),
    };
    Ok(answered(answer))
}

fn answered(answer: Answer) -> Served {
    Served::Outcome(Outcome::Answer(answer))
}

async fn fetch<D: Database, P: Packs<Body = Vec<u8>>>(
    legs: &Legs<'_, D, P>,
    who: &Asker,
    item: ItemId,
    version: Version,
) -> Answered<Served> {
    let manifest = legs.manifest(who, item, Some(version)).await?;
    let blocks: Vec<BlockRef> = manifest.blocks;
    for block in &blocks {
        let bytes = legs.block(who, block.hash).await?;
        if BlockHash::of(&bytes) != block.hash {
            return Ok(Served::Damaged);
        }
    }
    Ok(Served::Outcome(Outcome::Fetched {
        item,
        version,
        blocks,
    }))
}
