//! The Worker: what reaches it from outside, and the hubs.

mod audience;
mod consumer;
mod delivery;
mod error;
mod hub_do;
mod hubs;

use protocol::notifications::{Drop, JournalGrew, Park};
use worker::{Context, Env, MessageBatch, Request, Response, Result, event};

/// Requests of the API server; nothing else reaches this Worker. Each goes to
/// the hub of the user whom it names.
#[event(fetch)]
async fn fetch(mut request: Request, env: Env, _context: Context) -> Result<Response> {
    error::answer(match request.path().as_str() {
        "/park" => match request.json::<Park>().await {
            Ok(park) => hubs::send(&env, park.user, "/park", &park).await,
            Err(error) => Err(error.into()),
        },
        "/drop" => match request.json::<Drop>().await {
            Ok(drop) => hubs::send(&env, drop.user, "/drop", &drop).await,
            Err(error) => Err(error.into()),
        },
        _ => Err(error::NotifyError::NoSuchRoute),
    })
}

/// Journal entries that were committed.
#[event(queue)]
async fn queue(batch: MessageBatch<JournalGrew>, env: Env, _context: Context) -> Result<()> {
    consumer::deliver(batch, &env).await;
    // An error returned from here would panic.
    Ok(())
}
