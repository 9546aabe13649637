//! The loop of the leading tab: pull, wait for news, and again.

use super::{pull, tabs};
use crate::api::Polled;
use crate::browser::{agent, clock, random};
use crate::failure::Failure;
use crate::state::Drive;
use crate::state::connection::Connection;
use futures_util::future::{Either, select};
use leptos::prelude::{GetUntracked, Set};
use shared::limits::MAX_POLL_SECONDS;
use shared::sync::pace::{Pace, Round};
use std::pin::pin;
use wasm_bindgen_futures::spawn_local;

/// Never returns; the session's end drops it.
pub async fn run(drive: Drive) {
    let engine = drive.engine();
    let mut pace = Pace::new(clock::now_ms());
    let mut promised = false;
    loop {
        let round = round(drive, &mut promised).await.unwrap_or_else(|failure| {
            show(drive, unconnected());
            Round::Failed {
                asked_wait_millis: failure.asked_wait_millis(),
            }
        });
        let wait = pace.after(round, clock::now_ms(), random::jitter());
        clock::sleep(wait.at_least_millis).await;
        if wait.then_millis > 0 {
            // Somebody who comes back online does not wait for the backoff.
            let wanted = pin!(engine.feed.wanted.next());
            select(pin!(clock::sleep(wait.then_millis)), wanted).await;
        }
    }
}

/// One round: everything new, then a poll until there is more. `promised` says
/// that the last poll spoke of news.
async fn round(drive: Drive, promised: &mut bool) -> Result<Round, Failure> {
    let engine = drive.engine();
    // Made before the pull, so that what is wanted during it is not lost.
    let wanted = pin!(engine.feed.wanted.next());
    let moved = pull::pull(drive).await?;
    let in_vain = *promised && !moved;
    *promised = false;
    if drive.connection.get_untracked() != Connection::Live {
        show(drive, Connection::Live);
        went_live(drive);
    }
    let Some(cursor) = engine.feed.cursor.borrow().clone() else {
        return Ok(Round::Quiet { held_millis: 0 });
    };
    let began = clock::now_ms();
    let poll = pin!(engine.client.poll(&cursor, MAX_POLL_SECONDS));
    let polled = match select(poll, wanted).await {
        Either::Left((polled, _)) => polled?,
        Either::Right(_) => return Ok(Round::News),
    };
    *promised = polled == Polled::News;
    // News that no pull finds are none.
    Ok(if *promised && !in_vain {
        Round::News
    } else {
        Round::Quiet {
            held_millis: clock::now_ms().saturating_sub(began),
        }
    })
}

/// Uses the connection while there is one.
pub fn went_live(drive: Drive) {
    let engine = drive.engine();
    engine.uploads.try_again_now();
    spawn_local(async move { engine.pool.warm_up().await });
}

/// What the header says after a failure.
pub fn unconnected() -> Connection {
    if agent::is_online() {
        Connection::Reconnecting
    } else {
        Connection::Offline
    }
}

/// Shows the connection in all tabs.
pub fn show(drive: Drive, connection: Connection) {
    if drive.connection.get_untracked() != connection {
        drive.connection.set(connection);
        tabs::tell_standing(drive);
    }
}
