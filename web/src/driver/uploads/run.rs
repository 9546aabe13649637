//! The way of one file, from its turn to its end.

use super::content::{Content, Located};
use super::job::Job;
use super::sender::Sent;
use super::target::Target;
use super::{create, version};
use crate::browser::{clock, random};
use crate::driver::learn;
use crate::failure::Failure;
use crate::local_db::BlockList;
use crate::state::Drive;
use crate::state::uploads::Stage;
use futures_util::future::{Either, select};
use shared::backoff;
use shared::chunk::SizeClass;
use shared::hash::BlockHash;
use shared::limits::MAX_FILE_BYTES;
use shared::protocol::items::Item;
use shared::protocol::problem::Problem;
use std::pin::pin;
use std::rc::Rc;
use wasm_bindgen_futures::spawn_local;

/// Takes a file to its end; its row tells which.
pub async fn run(drive: Drive, job: &Rc<Job>) {
    let cancelled = job.cancelled.borrow().clone();
    let outcome = match select(pin!(store(drive, job)), pin!(cancelled.wait())).await {
        Either::Left((outcome, _)) => outcome,
        Either::Right(_) => Err(Failure::Cancelled),
    };
    let stage = outcome.unwrap_or_else(|failure| match failure {
        Failure::Cancelled => Stage::Cancelled,
        failure => Stage::Failed {
            reason: failure.to_string(),
        },
    });
    if matches!(stage, Stage::Unchanged) {
        let size = job.size();
        job.count(|progress| progress.saved_bytes = size);
    }
    job.stage(stage);
    job.finished.borrow().set();
}

async fn store(drive: Drive, job: &Rc<Job>) -> Result<Stage, Failure> {
    if job.size() > MAX_FILE_BYTES {
        let limit_bytes = MAX_FILE_BYTES;
        return Err(Problem::BodyTooLarge { limit_bytes }.into());
    }
    follow_earlier_drop(job).await;
    let mut content = hash_in_the_end(drive, job).await?;
    let (mut failures, mut hashed_again) = (0, false);
    loop {
        let acknowledged = job.acknowledged_bytes.get();
        match store_once(drive, job, &content).await {
            // The file changed on disk while it was sent.
            Err(Failure::Refused(Problem::HashMismatch { .. })) if !hashed_again => {
                hashed_again = true;
                content = hash_in_the_end(drive, job).await?;
            }
            Err(Failure::Refused(Problem::HashMismatch { .. })) => {
                return Err(Failure::FileUnreadable);
            }
            Err(failure) if failure.is_passing() => {
                if job.acknowledged_bytes.get() > acknowledged {
                    failures = 0;
                }
                job.stage(Stage::Offline);
                wait(drive, failures, failure.asked_wait_millis()).await;
                failures += 1;
            }
            outcome => return outcome,
        }
    }
}

async fn store_once(drive: Drive, job: &Job, content: &Content) -> Result<Stage, Failure> {
    // What was acknowledged stays; what is still missing is asked anew.
    job.count(|progress| progress.sent_bytes = job.acknowledged_bytes.get());
    let target = job.target.borrow().clone();
    match &target {
        Target::Next { item, base } => version::store(drive, job, content, *item, *base).await,
        Target::New {
            parent,
            folders,
            name,
        } => create::store(drive, job, content, *parent, folders, name).await,
        Target::Impossible { reason } => Ok(Stage::Failed {
            reason: reason.clone(),
        }),
    }
}

/// Bases this drop on an earlier one onto the same place, once that has ended.
async fn follow_earlier_drop(job: &Job) {
    let Some(earlier) = &job.after else {
        return;
    };
    // It was cancelled and queued anew, behind this one: not to be waited for.
    if earlier.is_queued.get() {
        return;
    }
    let finished = earlier.finished.borrow().clone();
    finished.wait().await;
    if let Some((item, base)) = earlier.became.get() {
        *job.target.borrow_mut() = Target::Next { item, base };
    }
}

/// Hashes; without a network for the worker's script, when there is one again.
async fn hash_in_the_end(drive: Drive, job: &Rc<Job>) -> Result<Content, Failure> {
    let mut failures = 0;
    loop {
        match hash(drive, job).await {
            Err(failure) if failure.is_passing() => {
                job.stage(Stage::Offline);
                wait(drive, failures, failure.asked_wait_millis()).await;
                failures += 1;
            }
            outcome => return outcome,
        }
    }
}

async fn hash(drive: Drive, job: &Rc<Job>) -> Result<Content, Failure> {
    let class = match &*job.target.borrow() {
        Target::Next { item, .. } => version::size_class(drive, *item),
        Target::New { .. } => None,
        Target::Impossible { reason } => {
            return Err(Problem::BadName {
                detail: reason.clone(),
            }
            .into());
        }
    };
    let class = class.unwrap_or_else(|| SizeClass::for_size(job.size()));
    let engine = drive.engine();
    let started = || job.stage(Stage::Hashing);
    let progress = |bytes| job.count(|progress| progress.hashed_bytes = bytes);
    let blocks = engine
        .pool
        .hash(&job.file, class, started, progress)
        .await?;
    let content = Content::new(blocks, class, job.modified_at_ms());
    if content.manifest.check().is_err() {
        // More blocks than a file may have: it grew far beyond its class.
        let limit_bytes = MAX_FILE_BYTES;
        return Err(Problem::BodyTooLarge { limit_bytes }.into());
    }
    Ok(content)
}

/// Sends what the server lacks of a file.
pub async fn send_missing(
    drive: Drive,
    job: &Job,
    content: &Content,
    missing: &[BlockHash],
) -> Result<(), Failure> {
    send_blocks(drive, job, content, content.locate(missing)).await
}

pub async fn send_blocks(
    drive: Drive,
    job: &Job,
    content: &Content,
    blocks: Vec<Located>,
) -> Result<(), Failure> {
    let to_send: u64 = blocks.iter().map(|b| u64::from(b.block.length)).sum();
    let already_sent = job.acknowledged_bytes.get();
    job.count(|progress| {
        progress.to_send_bytes = already_sent + to_send;
        progress.saved_bytes = content.manifest.size.saturating_sub(progress.to_send_bytes);
    });
    if blocks.is_empty() {
        return Ok(());
    }
    job.stage(Stage::Uploading);
    let engine = drive.engine();
    let queue = &engine.uploads;
    let row = queue.job(job.id);
    let progress = move |sent: Sent| {
        if let Some(job) = &row {
            let acknowledged = already_sent + sent.stored;
            job.acknowledged_bytes.set(acknowledged);
            job.count(|progress| progress.sent_bytes = acknowledged + sent.travelling);
        }
    };
    queue
        .sender
        .send(&engine.client, &job.file, blocks, progress)
        .await
}

/// Takes in the server's yes.
pub fn accepted(drive: Drive, job: &Job, content: &Content, item: Item) -> Stage {
    let engine = drive.engine();
    let version = item.file.as_ref().map_or(1, |head| head.version);
    let id = item.id;
    job.became.set(Some((id, version)));
    learn::item(drive, item);
    let list = BlockList {
        version,
        size_class: content.manifest.size_class,
        blocks: content.manifest.blocks.clone(),
    };
    let over = engine.session_over();
    spawn_local(async move {
        engine.store.set_block_list(drive, &over, id, list).await;
    });
    Stage::Done { version }
}

/// Waits before the next try; coming back online ends the wait, unless the
/// server asked for it.
pub async fn wait(drive: Drive, failures: u32, asked_millis: u64) {
    let engine = drive.engine();
    let again = pin!(engine.uploads.again.next());
    clock::sleep(asked_millis).await;
    let backoff = backoff::delay_millis(failures, random::jitter());
    select(pin!(clock::sleep(backoff)), again).await;
}
