//! Keeping a version that came second. Nobody is asked anything before its
//! bytes are on the server.

use super::content::Content;
use super::job::Job;
use super::run::send_missing;
use crate::driver::learn;
use crate::failure::Failure;
use crate::state::Drive;
use crate::state::uploads::Stage;
use shared::ids::{ItemId, Version};
use shared::protocol::conflicts::NewConflict;
use shared::protocol::files::Proposal;
use shared::protocol::problem::Problem;

/// Heads that may come in between before it is given up for this time.
const MAX_HEADS: usize = 20;

/// Stores the blocks against the head as it is, and then the conflict.
pub async fn keep(
    drive: Drive,
    job: &Job,
    content: &Content,
    item: ItemId,
    base: Version,
    head: Version,
) -> Result<Stage, Failure> {
    if is_what_the_server_has(drive, content, item, head).await? {
        job.became.set(Some((item, head)));
        return Ok(Stage::Unchanged);
    }
    let mut current_version = head;
    for _ in 0..MAX_HEADS {
        let proposal = Proposal {
            current_version,
            new_block_hashes: content.hashes(),
        };
        match drive.engine().client.propose(item, &proposal).await {
            Ok(answer) => {
                send_missing(drive, job, content, &answer.missing_blocks).await?;
                return record(drive, job, content, item, base).await;
            }
            Err(Failure::Refused(Problem::VersionConflict {
                current_version: newer,
                ..
            })) => current_version = newer,
            Err(failure) => return Err(failure),
        }
    }
    Err(Failure::Unreachable)
}

async fn record(
    drive: Drive,
    job: &Job,
    content: &Content,
    item: ItemId,
    base_version: Version,
) -> Result<Stage, Failure> {
    job.stage(Stage::Committing);
    let intent = job.intent_for(content);
    let body = NewConflict {
        operation_id: intent.keep_conflict,
        id: intent.conflict,
        base_version,
        content: content.manifest.clone(),
    };
    let client = &drive.engine().client;
    let kept = match client.keep_conflict(item, &body).await {
        Err(Failure::Refused(Problem::BlocksMissing { missing_blocks })) => {
            send_missing(drive, job, content, &missing_blocks).await?;
            client.keep_conflict(item, &body).await?
        }
        kept => kept?,
    };
    let conflict = kept.id;
    // Together with the head that was first: who is asked now must not be shown
    // what this page knew before it was told.
    let file = client.item(item).await?;
    learn::conflict(drive, file, kept);
    Ok(Stage::Conflict { conflict })
}

/// Whether a version holds the same bytes: two people who save the same thing,
/// or a commit whose answer was lost, are no conflict.
pub async fn is_what_the_server_has(
    drive: Drive,
    content: &Content,
    item: ItemId,
    version: Version,
) -> Result<bool, Failure> {
    let manifest = drive.engine().client.manifest(item, version).await?;
    Ok(manifest.blocks == content.manifest.blocks)
}
