//! A request at the server: the real logic, and its answer as it travels.

use crate::model::legs::Device as Asker;
use crate::model::server::Server;
use shared::hash::BlockHash;
use shared::ids::{ItemId, UnixMillis, Version};
use shared::manifest::BlockRef;
use shared::protocol::problem::Problem;
use shared::sync::message::{Answer, Request};

/// Entries in a page of the feed: few, so that pages are many.
const PAGE: u64 = 7;

/// What travels to the server.
#[derive(Clone, Debug)]
pub enum Parcel {
    Asked(Request),
    /// The body of an upload.
    Frames(Vec<u8>),
}

/// What the server answers at once. A poll is the hub's matter, a fetch is many
/// requests: neither is asked here.
pub fn serve(
    server: &Server,
    who: &Asker,
    now: UnixMillis,
    parcel: Parcel,
) -> Result<Answer, Problem> {
    let request = match parcel {
        Parcel::Frames(frames) => {
            return server
                .store_blocks(who, now, frames)
                .map(|_| Answer::Uploaded);
        }
        Parcel::Asked(request) => request,
    };
    match request {
        Request::Changes { since } => server
            .changes(who, since.as_deref(), Some(PAGE))
            .map(Answer::Changes),
        Request::Propose { item, body } => server
            .propose(who, item, body)
            .map(|answer| Answer::Missing(answer.missing_blocks)),
        Request::CreateFile { body } => server.create_file(who, now, body).map(Answer::Item),
        Request::CreateFolder { body } => server.create_folder(who, now, body).map(Answer::Item),
        Request::Commit { item, body } => server.commit(who, now, item, body).map(Answer::Item),
        Request::KeepConflict { item, body } => server
            .keep_conflict(who, now, item, body)
            .map(Answer::Conflict),
        Request::ChangePlace { item, body } => {
            server.change_place(who, now, item, body).map(Answer::Item)
        }
        Request::Trash { item, body } => server.trash(who, now, item, body).map(Answer::Item),
        Request::Restore { item, body } => server.restore(who, now, item, body).map(Answer::Item),
        Request::Resolve { conflict, body } => server
            .resolve(who, now, conflict, body)
            .map(Answer::Conflict),
        Request::Manifest { item, version } => server
            .manifest(who, item, Some(version))
            .map(|manifest| Answer::Manifest(manifest.blocks)),
        Request::Poll { .. } | Request::Upload { .. } | Request::Fetch { .. } => {
            Err(Problem::NoSuchRoute)
        }
    }
}

/// What a device finds when it fetches a version.
pub enum Fetched {
    Whole(Vec<BlockRef>),
    /// A block's bytes are not what its hash says.
    Damaged,
    Refused(Problem),
}

/// Fetches a version as a careful device does: each block is hashed before it
/// counts.
pub fn fetch(server: &Server, who: &Asker, item: ItemId, version: Version) -> Fetched {
    let manifest = match server.manifest(who, item, Some(version)) {
        Ok(manifest) => manifest,
        Err(problem) => return Fetched::Refused(problem),
    };
    for block in &manifest.blocks {
        match server.block(who, block.hash) {
            Ok(bytes) if BlockHash::of(&bytes) == block.hash => {}
            Ok(_) => return Fetched::Damaged,
            Err(problem) => return Fetched::Refused(problem),
        }
    }
    Fetched::Whole(manifest.blocks)
}
