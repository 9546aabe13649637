//! The API server: everything under `/api/v1`. The page's files are static and
//! answered before this program is asked, which only sends the page itself at its other
//! addresses.
//!
//! A request goes through [`router`] to its handler; whatever fails on the way
//! becomes an answer in [`error`] and nowhere else. Handlers turn HTTP into
//! types and back; what is decided, and every statement, is in `driftless_core`, which
//! knows no Workers and so runs natively too. [`store`] puts D1 and R2 behind its
//! ports. On a schedule, [`collect`] removes what nothing needs any more, and [`scrub`]
//! reads what is stored again.
//!
//! Nothing here may panic: it would reset the isolate and end every other
//! request in it.

mod answer;
mod auth;
mod caching;
mod call;
pub mod error;
mod handlers;
pub mod router;
pub mod store;

use driftless_core::{collect, directory, log, scrub};
use futures_channel::oneshot;
use protocol::ids::UnixMillis;
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
    let answered = match call::Call::new(request, env, Rc::new(context)) {
        Ok(call) => to_its_end(call).await,
        Err(failure) => Err(failure),
    };
    let response = match answered {
        Ok(response) => response,
        Err(failure) => error::respond(failure)?,
    };
    with_common_headers(response)
}

/// Answers a request, also if its client goes away meanwhile: the runtime would leave
/// the call where it waits, with all the memory that it holds, and nothing would ever
/// drop it. A poll holds none.
async fn to_its_end(mut call: call::Call) -> Result<Response, error::Failure> {
    if call.is_poll() {
        return router::answer(&mut call).await;
    }
    let (tell, told) = oneshot::channel();
    let context = Rc::clone(&call.context);
    context.wait_until(async move {
        // Nobody may be left to be told.
        let _ = tell.send(router::answer(&mut call).await);
    });
    let ended = || error::Failure::Runtime("a request ended without an answer".into());
    told.await.unwrap_or_else(|_| Err(ended()))
}

#[event(scheduled)]
async fn scheduled(event: ScheduledEvent, env: Env, _context: ScheduleContext) {
    // The time for which the event was scheduled, in milliseconds since 1970.
    let now = event.schedule() as UnixMillis;
    if event.cron() == SCRUB_CRON {
        if let Err(why) = scrub(&env, now).await {
            log::fault(format_args!("the scrub stopped: {why}"));
        }
    } else {
        if let Err(why) = collect(&env, now).await {
            log::fault(format_args!("the collector stopped: {why}"));
        }
        if let Err(why) = sweep(&env, now).await {
            log::fault(format_args!("the directory was not swept: {why}"));
        }
    }
}

/// Which of the schedules in `wrangler.toml` is the scrub's; every other one is
/// the collector's.
const SCRUB_CRON: &str = "47 * * * *";

async fn scrub(env: &Env, now: UnixMillis) -> Result<(), error::Failure> {
    let packs = R2::bound(env)?;
    for db in SpaceDatabases(env).all()? {
        let scrubbed = scrub::run(&db, &packs, now, &scrub::BOUNDS).await?;
        console_log!("scrubbed: {scrubbed:?}");
    }
    Ok(())
}

async fn collect(env: &Env, now: UnixMillis) -> Result<(), error::Failure> {
    let packs = R2::bound(env)?;
    for db in SpaceDatabases(env).all()? {
        let removed = collect::run(&db, &packs, now, &collect::BOUNDS).await?;
        console_log!("collected: {removed:?}");
    }
    Ok(())
}

async fn sweep(env: &Env, now: UnixMillis) -> Result<(), error::Failure> {
    let swept = directory::sweep::run(&D1::bound(env, "DIRECTORY_DB")?, now).await?;
    console_log!("swept: {swept:?}");
    Ok(())
}

/// What holds for every answer: no cache keeps it unless its handler allowed
/// that, and no browser takes it for something else.
fn with_common_headers(mut response: Response) -> worker::Result<Response> {
    let headers = response.headers_mut();
    if !headers.has("cache-control")? {
        headers.set("cache-control", "no-store")?;
    }
    headers.set("x-content-type-options", "nosniff")?;
    Ok(response)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_scrub_is_scheduled() {
        let configuration = include_str!("../../../wrangler.toml");
        assert!(configuration.contains(&format!("\"{SCRUB_CRON}\"")));
    }
}
