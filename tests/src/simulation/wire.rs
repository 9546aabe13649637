//! A request at the server: the real logic, and its answer as it travels.

use super::call::{Call, Said};
use crate::model::legs::{Answered, Device as Asker, Legs};
use driftless_core::ports::{Database, Packs};
use driftless_core::reads::space::PollStart;
use driftless_core::writes::deletion::{self, Deletion};
use protocol::grants::Grants;
use protocol::ids::{PackId, Seq, UnixMillis};
use protocol::items::{DeletedForGood, ItemChange, ItemChanged, PlaceChange};

/// Entries in a page of the feed: few, so that pages are many.
pub const PAGE: u64 = 7;

/// How a request ends at the server.
#[allow(clippy::large_enum_variant, reason = "a few exist at a time")]
#[derive(Debug)]
pub enum Served {
    Said(Said),
    /// What became of each new file, or each change of a place, of a batch.
    Batch(Vec<Answered<ItemChanged>>),
    /// How far a deletion for good has come.
    Deleted(DeletedForGood),
    /// To be parked in the hub.
    WaitAfter {
        seen: Seq,
        seconds: u64,
    },
}

/// How far a deletion for good goes in one request: deeper than simulated folders are.
const DELETED: deletion::DeletionBounds = deletion::DeletionBounds {
    items_per_step: 60,
    rows_per_step: 4,
    steps: 3,
};

/// What the server does with a request.
///
/// # Errors
/// What the client is refused with, and the server's own failures.
pub async fn serve<D: Database, P: Packs<Body = Vec<u8>>>(
    legs: &Legs<'_, D, P>,
    who: &Asker,
    now: UnixMillis,
    pack: PackId,
    call: Call,
) -> Answered<Served> {
    Ok(Served::Said(match call {
        Call::Changes { since } => {
            Said::Changes(legs.changes(who, since.as_deref(), Some(PAGE)).await?)
        }
        // Of a whole drive, where there are no roots.
        Call::Poll {
            positions, seconds, ..
        } => {
            let since = positions.first().map(|one| one.cursor.as_str());
            match legs.poll(who, since).await? {
                PollStart::News(_) => Said::News(None),
                PollStart::WaitAfter(seen) => return Ok(Served::WaitAfter { seen, seconds }),
            }
        }
        Call::Propose { item, body } => Said::Proposed(legs.propose(who, item, body).await?),
        Call::StoreBlocks { frames, .. } => {
            legs.store_blocks(who, now, pack, frames).await?;
            Said::Stored(None)
        }
        Call::CreateFile { body, frames } => Said::Item(match frames {
            Some(frames) => {
                let (body, carried) = (body.parted().0, (pack, frames));
                legs.create_file_carrying(who, now, body, carried).await?
            }
            None => legs.create_file(who, now, body.parted().0).await?,
        }),
        Call::CreateFiles(files) => {
            let files = files
                .into_iter()
                .map(|file| file.parted().0)
                .collect::<Vec<_>>();
            return Ok(Served::Batch(legs.create_files(who, now, files).await?));
        }
        Call::CreateFolder(body) => Said::Item(legs.create_folder(who, now, body).await?),
        Call::Commit { item, body, frames } => Said::Item(match frames {
            Some(frames) => {
                let (body, carried) = (body.parted().0, (pack, frames));
                legs.commit_carrying(who, now, item, body, carried).await?
            }
            None => legs.commit(who, now, item, body.parted().0).await?,
        }),
        Call::KeepConflict { item, body } => {
            Said::Conflict(legs.keep_conflict(who, now, item, body.parted().0).await?)
        }
        Call::Resolve { conflict, body } => {
            Said::Conflict(legs.resolve(who, now, conflict, body.parted().0).await?)
        }
        Call::Reopen { conflict, body } => {
            Said::Conflict(legs.reopen(who, now, conflict, body).await?)
        }
        Call::ChangeItems(changes) if changes.len() == 1 => {
            Said::Item(change_one(legs, who, now, changes).await?)
        }
        Call::ChangeItems(changes) => {
            return Ok(Served::Batch(legs.change_items(who, now, changes).await?));
        }
        Call::Item { item } => Said::Read(legs.item(who, item).await?),
        Call::Manifest { item, version } => {
            Said::Manifest(legs.manifest(who, item, Some(version)).await?)
        }
        Call::ManifestSince {
            item,
            version,
            since,
        } => Said::Since(legs.manifest_since(who, item, version, since).await?),
        Call::FetchBlocks(body) => Said::Bytes(legs.fetch(who, &body).await?),
        Call::Signatures(body) => Said::Bytes(legs.signatures(who, &body).await?),
        // Of a drive with several people, whose requests come by the door.
        Call::Grants => Said::Grants(Grants {
            with_me: Vec::new(),
            by_me: Vec::new(),
            linked: Vec::new(),
        }),
        Call::Give { .. } | Call::ChangeGrant { .. } | Call::TakeBack { .. } => Said::Done,
        Call::Delete { wanted, .. } => {
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
    }))
}

/// A change of a place that travels alone.
async fn change_one<D: Database, P: Packs<Body = Vec<u8>>>(
    legs: &Legs<'_, D, P>,
    who: &Asker,
    now: UnixMillis,
    mut changes: Vec<ItemChange>,
) -> Answered<ItemChanged> {
    let ItemChange { item, to } = changes.remove(0);
    match to {
        PlaceChange::Move(to) => legs.change_place(who, now, item, to).await,
        PlaceChange::Trash(change) => legs.trash(who, now, item, change).await,
        PlaceChange::Restore(change) => legs.restore(who, now, item, change).await,
    }
}
