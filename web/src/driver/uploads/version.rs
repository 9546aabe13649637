//! A file as the next version of one that exists: propose, upload, commit.

use super::content::Content;
use super::job::Job;
use super::run::{accepted, send_missing};
use super::{conflict, create};
use crate::failure::Failure;
use crate::state::Drive;
use crate::state::uploads::Stage;
use leptos::prelude::WithUntracked;
use shared::chunk::SizeClass;
use shared::ids::{ItemId, Version};
use shared::protocol::files::{Commit, Proposal};
use shared::protocol::problem::Problem;

/// The class that the file has kept since it was made.
pub fn size_class(drive: Drive, item: ItemId) -> Option<SizeClass> {
    drive
        .tree
        .with_untracked(|tree| Some(tree.get(item)?.file.as_ref()?.size_class))
}

/// Stores the content as the version after `base`.
pub async fn store(
    drive: Drive,
    job: &Job,
    content: &Content,
    item: ItemId,
    base: Version,
) -> Result<Stage, Failure> {
    let mut outcome = propose_and_commit(drive, job, content, item, base).await;
    if let Err(Failure::Refused(Problem::VersionConflict {
        current_version: head,
        ..
    })) = outcome
    {
        outcome = conflict::keep(drive, job, content, item, base, head).await;
    }
    match outcome {
        // It was deleted while it was edited: the edit stays.
        Err(Failure::Refused(Problem::NoSuchItem | Problem::InTrash)) => {
            create::instead_of(drive, job, content, item).await
        }
        outcome => outcome,
    }
}

async fn propose_and_commit(
    drive: Drive,
    job: &Job,
    content: &Content,
    item: ItemId,
    base: Version,
) -> Result<Stage, Failure> {
    let engine = drive.engine();
    let kept = engine.store.block_list(drive, item).await;
    if let Some(kept) = kept
        && kept.version == base
        && kept.blocks == content.manifest.blocks
    {
        job.became.set(Some((item, base)));
        return Ok(Stage::Unchanged);
    }
    job.stage(Stage::Checking);
    let proposal = Proposal {
        current_version: base,
        new_block_hashes: content.hashes(),
    };
    let missing = engine.client.propose(item, &proposal).await?.missing_blocks;
    if missing.is_empty()
        && is_as_large(drive, item, base, content)
        && conflict::is_what_the_server_has(drive, content, item, base).await?
    {
        job.became.set(Some((item, base)));
        return Ok(Stage::Unchanged);
    }
    send_missing(drive, job, content, &missing).await?;
    job.stage(Stage::Committing);
    let commit = Commit {
        operation_id: job.intent_for(content).commit,
        base_version: base,
        content: content.manifest.clone(),
    };
    let changed = match engine.client.commit(item, &commit).await {
        // Collected in between.
        Err(Failure::Refused(Problem::BlocksMissing { missing_blocks })) => {
            send_missing(drive, job, content, &missing_blocks).await?;
            engine.client.commit(item, &commit).await?
        }
        changed => changed?,
    };
    Ok(accepted(drive, job, content, changed.item))
}

/// Whether the base may hold the same bytes, as far as the tree knows.
fn is_as_large(drive: Drive, item: ItemId, base: Version, content: &Content) -> bool {
    drive.tree.with_untracked(|tree| {
        let head = tree.get(item).and_then(|item| item.file.as_ref());
        head.is_none_or(|head| head.version != base || head.size == content.manifest.size)
    })
}
