//! A file that is new. The fewest round trips: what fits into one pack is sent
//! before anything is asked; for more, the server is asked first what it lacks.

use super::content::Content;
use super::folders::news_of;
use super::job::Job;
use super::run::{accepted, send_blocks, send_missing};
use super::{conflict, target::Target};
use crate::failure::Failure;
use crate::state::Drive;
use crate::state::uploads::Stage;
use leptos::prelude::WithUntracked;
use shared::ids::ItemId;
use shared::name::Name;
use shared::protocol::files::NewFile;
use shared::protocol::problem::Problem;

/// Times that the server may find blocks missing which it had before.
const MAX_ROUNDS: usize = 4;

/// Stores the content as a new file below `parent`.
pub async fn store(
    drive: Drive,
    job: &Job,
    content: &Content,
    parent: Option<ItemId>,
    folders: &[Name],
    name: &Name,
) -> Result<Stage, Failure> {
    let engine = drive.engine();
    let parent = engine
        .uploads
        .folders
        .ensure(drive, parent, folders)
        .await?;
    if content.fits_one_pack() {
        send_blocks(drive, job, content, content.all()).await?;
    } else {
        job.stage(Stage::Checking);
    }
    let intent = job.intent_for(content);
    let body = NewFile {
        operation_id: intent.create,
        id: intent.item,
        parent,
        name: name.clone(),
        content: Some(content.manifest.clone()),
    };
    for _ in 0..MAX_ROUNDS {
        if content.fits_one_pack() {
            job.stage(Stage::Committing);
        }
        match engine.client.create_file(&body).await {
            Ok(changed) => return Ok(accepted(drive, job, content, changed.item)),
            Err(Failure::Refused(Problem::BlocksMissing { missing_blocks })) => {
                send_missing(drive, job, content, &missing_blocks).await?;
                job.stage(Stage::Committing);
            }
            Err(Failure::Refused(Problem::NameTaken { item })) => {
                return taken(drive, job, content, item).await;
            }
            Err(failure) => return Err(failure),
        }
    }
    Err(Failure::Unreachable)
}

/// Somebody made a file of this name meanwhile: two versions that both started
/// from nothing.
async fn taken(drive: Drive, job: &Job, content: &Content, item: ItemId) -> Result<Stage, Failure> {
    let Some(found) = news_of(drive, item).await else {
        return Err(Failure::Unreachable);
    };
    match found.file {
        Some(head) => conflict::keep(drive, job, content, item, 0, head.version).await,
        None => Err(Problem::NameTaken { item }.into()),
    }
}

/// Stores an edit of a file that was deleted meanwhile: as a new file of the
/// same name, in the nearest folder above it that is still there.
pub async fn instead_of(
    drive: Drive,
    job: &Job,
    content: &Content,
    deleted: ItemId,
) -> Result<Stage, Failure> {
    let (parent, name) = drive.tree.with_untracked(|tree| {
        let mut path = tree.path(deleted);
        let name = path.pop().map(|item| item.name.clone());
        let mut parent = None;
        for folder in path {
            if folder.trashed_at_ms.is_some() {
                break;
            }
            parent = Some(folder.id);
        }
        (parent, name)
    });
    let name = match name {
        Some(name) => name,
        None => Name::parse(&job.file.name()).map_err(|bad| Problem::BadName {
            detail: bad.to_string(),
        })?,
    };
    // From here on it is a new file, in a retry too.
    *job.target.borrow_mut() = Target::New {
        parent,
        folders: Vec::new(),
        name: name.clone(),
    };
    store(drive, job, content, parent, &[], &name).await
}
