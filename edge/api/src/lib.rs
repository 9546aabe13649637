//! The API server: everything under `/api/v1`. The page's files are static and
//! answered before this program is asked, which only sends the page itself at its other
//! addresses.
//!
//! What is asked and answered, every decision and every statement is in
//! `driftless_core`, which knows no Workers and so runs natively too. This program puts
//! a request of the runtime behind its port in [`call`], D1 and R2 in [`store`], and
//! [`send`]s what it answers. On a schedule, [`collect`] removes what nothing needs any
//! more, [`rewrite`] copies what is needed out of packs of which little is, [`thin`] removes versions by their age, [`due`] removes accounts that have ended,
//! and [`scrub`] reads what is stored again.
//!
//! Nothing here may panic: it would reset the isolate and end every other
//! request in it.

mod call;
mod error;
mod job;
mod page;
mod send;
mod store;

use call::WorkerCall;
use driftless_core::ending::due;
use driftless_core::error::Failure;
use driftless_core::handover::hints;
use driftless_core::http::call::Call;
use driftless_core::http::router;
use driftless_core::http::runtime::Runtime;
use driftless_core::retention::{settings, thin, trash};
use driftless_core::writes::openings;
use driftless_core::{collect, directory, health, log, random, rewrite, scrub};
use futures_channel::oneshot;
use job::JobServices;
use protocol::administration::Job;
use protocol::ids::{PackId, UnixMillis};
use std::rc::Rc;
use store::d1::{D1, SpaceDatabases};
use store::r2::R2;
use worker::{
    Context, Env, Request, Response, ScheduleContext, ScheduledEvent, console_error, console_log,
    event,
};

/// Before the first request of an isolate.
#[event(start)]
fn start() {
    log::listen(|line| console_error!("{line}"));
}

#[event(fetch)]
async fn fetch(request: Request, env: Env, context: Context) -> worker::Result<Response> {
    let call = match WorkerCall::new(request, env, Rc::new(context)) {
        Ok(call) => call,
        Err(failure) => return send::failure(failure),
    };
    if !call.path().starts_with("/api/") {
        return match page::page(&call).await {
            Ok(page) => Ok(page),
            Err(failure) => send::failure(failure),
        };
    }
    match call.is_poll() {
        // It holds no memory.
        true => answer(call).await,
        false => to_its_end(call).await,
    }
}

async fn answer(call: WorkerCall) -> worker::Result<Response> {
    let mut call = Call::new(call);
    let answered = router::answer(&mut call).await;
    send::answer(&call.runtime, answered).await
}

/// Answers a request, also if its client goes away meanwhile: the runtime would leave
/// the call where it waits, with all the memory that it holds, and nothing would ever
/// drop it.
async fn to_its_end(call: WorkerCall) -> worker::Result<Response> {
    let (tell, told) = oneshot::channel();
    let context = Rc::clone(&call.context);
    context.wait_until(async move {
        // Nobody may be left to be told.
        let _ = tell.send(answer(call).await);
    });
    let ended = || Failure::Platform("a request ended without an answer".into());
    told.await.unwrap_or_else(|_| send::failure(ended()))
}

#[event(scheduled)]
async fn scheduled(event: ScheduledEvent, env: Env, context: ScheduleContext) {
    // The time for which the event was scheduled, in milliseconds since 1970.
    let now = event.schedule() as UnixMillis;
    if event.cron() == SCRUB_CRON {
        ended(&env, Job::Scrub, now, scrub(&env, now).await).await;
    } else if event.cron() == REWRITE_CRON {
        ended(&env, Job::Rewriting, now, rewrite(&env, now).await).await;
    } else if event.cron() == ENDING_CRON {
        let removed = remove_ended(&env, &context, now).await;
        ended(&env, Job::Ending, now, removed).await;
    } else if event.cron() == RETENTION_CRON {
        let kept_to = keep_to_retention(&env, &context, now).await;
        ended(&env, Job::Retention, now, kept_to).await;
    } else {
        ended(&env, Job::Collector, now, collect(&env, now).await).await;
        ended(&env, Job::Sweep, now, sweep(&env, now).await).await;
    }
}

/// Tells the operator how a job ended, and writes it down for administrators.
async fn ended(env: &Env, job: Job, at: UnixMillis, ended: Result<String, Failure>) {
    match &ended {
        Ok(did) => console_log!("{job:?}: {did}"),
        Err(why) => log::fault(format_args!("{job:?} stopped: {why}")),
    }
    let recorded = async {
        let directory = D1::bound(env, "DIRECTORY_DB")?;
        health::record(&directory, job, at, ended.as_deref()).await
    };
    if let Err(why) = recorded.await {
        log::fault(format_args!(
            "it is not written down how {job:?} went: {why}"
        ));
    }
}

/// Which of the schedules in `wrangler.toml` is the scrub's, which is that of accounts that
/// have ended, which that of what is kept for a time, and which that of packs that are written
/// anew; every other one is the collector's.
const SCRUB_CRON: &str = "47 * * * *";
const ENDING_CRON: &str = "27 * * * *";
const RETENTION_CRON: &str = "7 * * * *";
const REWRITE_CRON: &str = "*/15 * * * *";

async fn scrub(env: &Env, now: UnixMillis) -> Result<String, Failure> {
    let packs = R2::bound(env)?;
    let mut did = Vec::new();
    for db in SpaceDatabases(env).all()? {
        let scrubbed = scrub::run(&db, &packs, now, &scrub::BOUNDS).await?;
        did.push(format!("{scrubbed:?}"));
    }
    Ok(did.join(", "))
}

async fn rewrite(env: &Env, now: UnixMillis) -> Result<String, Failure> {
    let packs = R2::bound(env)?;
    let fresh_id = || Ok(PackId::from_random(random::bytes()?));
    let mut did = Vec::new();
    for db in SpaceDatabases(env).all()? {
        let rewritten = rewrite::run(&db, &packs, now, fresh_id, &rewrite::BOUNDS).await?;
        did.push(format!("{rewritten:?}"));
    }
    Ok(did.join(", "))
}

async fn keep_to_retention(
    env: &Env,
    context: &ScheduleContext,
    now: UnixMillis,
) -> Result<String, Failure> {
    let services = JobServices { env, context };
    let set = env.var("RETENTION").ok().map(|text| text.to_string());
    let retention = settings::configured(set.as_deref())?;
    let mut did = Vec::new();
    for db in SpaceDatabases(env).all()? {
        let thinned = thin::run(&db, now, &retention, &thin::BOUNDS).await?;
        let deleted = trash::run(&services, &db, now, &retention, &trash::BOUNDS).await?;
        did.push(format!("{thinned:?}, out of the trash: {deleted}"));
    }
    Ok(did.join(", "))
}

async fn collect(env: &Env, now: UnixMillis) -> Result<String, Failure> {
    let packs = R2::bound(env)?;
    let mut did = Vec::new();
    for db in SpaceDatabases(env).all()? {
        let removed = collect::run(&db, &packs, now, &collect::BOUNDS).await?;
        did.push(format!("{removed:?}"));
        openings::sweep(&db, now).await?;
    }
    Ok(did.join(", "))
}

async fn sweep(env: &Env, now: UnixMillis) -> Result<String, Failure> {
    let swept = directory::sweep::run(&D1::bound(env, "DIRECTORY_DB")?, now).await?;
    Ok(format!("{swept:?}"))
}

async fn remove_ended(
    env: &Env,
    context: &ScheduleContext,
    now: UnixMillis,
) -> Result<String, Failure> {
    let services = JobServices { env, context };
    let done = due::run(&services, now, &due::BOUNDS).await?;
    let mended = hints::run(&services, now).await?;
    Ok(format!("{done:?}, handed over half-way: {mended}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_job_is_scheduled() {
        let configuration = include_str!("../../../wrangler.toml");
        for cron in [SCRUB_CRON, ENDING_CRON, RETENTION_CRON, REWRITE_CRON] {
            assert!(configuration.contains(&format!("\"{cron}\"")));
        }
        let set = configuration
            .lines()
            .find_map(|line| line.strip_prefix("RETENTION = \""));
        let set = set
            .and_then(|line| line.strip_suffix('"'))
            .unwrap_or_default();
        let default = protocol::retention::Retention::default();
        assert!(set.contains("all="));
        assert!(settings::configured(Some(set)).is_ok_and(|set| set == default));
    }
}
