//! How the server is: how its jobs went when they ran last, and what of the stored blocks is
//! damaged. Each job writes its row when it ends, however it ends; one that the platform has
//! stopped in the middle writes none, and is told by the age of its last run.

use crate::access::administrator::Administrator;
use crate::error::Failure;
use crate::ports::{Database, Statement};
use crate::query;
use crate::services::Services;
use crate::store::sql::{jobs, scrub};
use crate::store::stand_ins::{nearest, nearest_or_null};
use protocol::administration::{Health, Job, JobHealth, JobRun};
use protocol::ids::UnixMillis;
use serde::Deserialize;

const HOUR_MILLIS: u64 = 60 * 60 * 1_000;

/// Each job, and how long it may be between two runs by the crons of `wrangler.toml`: as long
/// as there, and some time more. What is delivered is written down by the Notification Service.
const JOBS: [(Job, &str, Option<u64>); 7] = [
    (Job::Collector, "collector", Some(26 * HOUR_MILLIS)),
    (Job::Sweep, "sweep", Some(26 * HOUR_MILLIS)),
    (Job::Scrub, "scrub", Some(2 * HOUR_MILLIS)),
    (Job::Rewriting, "rewriting", Some(HOUR_MILLIS)),
    (Job::Ending, "ending", Some(2 * HOUR_MILLIS)),
    (Job::Retention, "retention", Some(2 * HOUR_MILLIS)),
    (Job::Delivery, "delivery", None),
];

/// Hard. The longest text that is kept of a run, in bytes.
const MAX_DETAIL_BYTES: usize = 500;

#[derive(Deserialize)]
struct RunRow {
    job: String,
    #[serde(deserialize_with = "nearest")]
    at: UnixMillis,
    is_done: u8,
    #[serde(deserialize_with = "nearest_or_null")]
    done_at: Option<UnixMillis>,
    detail: String,
}

#[derive(Default, Deserialize)]
struct MarkedRow {
    blocks: u64,
    spaces: u64,
}

/// Writes down how a job went that was due at a time.
///
/// # Errors
/// The database fails.
pub async fn record(
    directory: &impl Database,
    job: Job,
    at: UnixMillis,
    ended: Result<&str, &Failure>,
) -> Result<(), Failure> {
    let Some((_, name, _)) = JOBS.iter().find(|(known, ..)| *known == job) else {
        return Ok(());
    };
    let mut detail = match ended {
        Ok(did) => did.to_owned(),
        Err(why) => why.to_string(),
    };
    detail.truncate(detail.floor_char_boundary(MAX_DETAIL_BYTES));
    let put = Statement::new(jobs::PUT).bind(*name).bind(at);
    let put = put.bind(u64::from(ended.is_ok())).bind(detail);
    directory.run(put).await?;
    Ok(())
}

/// How everything is.
///
/// # Errors
/// 404 `no_such_route`, or a database fails.
pub async fn read(services: &impl Services, by: &Administrator) -> Result<Health, Failure> {
    let runs = Statement::new(jobs::ALL).readable::<RunRow>(&["job"]);
    let runs = by.ask(&services.directory()?, runs).await??;
    let mut health = Health {
        now_ms: by.now(),
        ..Health::default()
    };
    for (job, name, due_every_ms) in JOBS {
        let last = runs.iter().find(|run| run.job == name).map(|run| JobRun {
            at_ms: run.at,
            is_done: run.is_done != 0,
            done_at_ms: run.done_at,
            detail: run.detail.clone(),
        });
        health.jobs.push(JobHealth {
            job,
            due_every_ms,
            last,
        });
    }
    for db in services.space_databases()? {
        let marked = Statement::new(scrub::MARKED).first::<MarkedRow>();
        let marked = query::one(&db, marked.or_default()).await?;
        health.damaged_blocks = health.damaged_blocks.saturating_add(marked.blocks);
        health.damaged_drives = health.damaged_drives.saturating_add(marked.spaces);
    }
    Ok(health)
}
