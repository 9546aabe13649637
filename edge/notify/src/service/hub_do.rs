//! The Durable Object around [`Waiters`]. Its key is `hub-<n>`; every poll of
//! the users whose hash falls on `n` waits here, because a parked request bills
//! the object's wall time once, however many wait in it. All state is in memory:
//! a hub that is reset ends its polls, and they come back.
//!
//! `fetch` calls interleave at every `await`. The table is only borrowed
//! between two of them, so each of its operations is atomic.

use super::error::{NotifyError, answer};
use crate::waiters::{Awaited, Bounds, Outcome, Ticket, Waiters};
use futures_channel::oneshot;
use futures_util::future::{Either, select};
use protocol::limits::{MAX_POLL_SECONDS, MAX_POLLS_PER_HUB, MAX_POLLS_PER_USER};
use protocol::notifications::{Drop as DropDevice, Event, Park, Wake};
use protocol::problem::Problem;
use std::cell::RefCell;
use std::pin::pin;
use std::time::Duration;
use worker::{Date, Delay, DurableObject, Env, Request, Response, Result, State, durable_object};

/// Why a parked poll ends before its time.
enum Ended {
    News(Event),
    Replaced,
    Revoked,
}

type Handle = oneshot::Sender<Ended>;

#[durable_object(fetch)]
pub struct Hub {
    waiters: RefCell<Waiters<Handle>>,
}

impl DurableObject for Hub {
    fn new(_state: State, _env: Env) -> Self {
        Self {
            waiters: RefCell::new(Waiters::new(Bounds {
                per_user: MAX_POLLS_PER_USER,
                per_hub: MAX_POLLS_PER_HUB,
            })),
        }
    }

    async fn fetch(&self, mut request: Request) -> Result<Response> {
        answer(match request.path().as_str() {
            "/park" => self.park(request.json().await?).await,
            "/wake" => self.wake(&request.json().await?),
            "/drop" => self.drop_device(&request.json().await?),
            _ => Err(NotifyError::NoSuchRoute),
        })
    }
}

impl Hub {
    /// Holds a poll until there is news, its device is gone, or its time is up.
    async fn park(&self, park: Park) -> Result<Response, NotifyError> {
        let (handle, ended) = oneshot::channel();
        let Park {
            space, root, seen, ..
        } = park;
        let awaited = Awaited { space, root };
        let outcome = self
            .waiters
            .borrow_mut()
            .park(park.user, park.device, awaited, seen, handle);
        let parked = match outcome {
            Outcome::Answered(event) => return Ok(Response::from_json(&event)?),
            Outcome::Full => return Err(NotifyError::Refused(Problem::TooManyPolls)),
            Outcome::Parked(parked) => parked,
        };
        end(parked.replaced, Ended::Replaced);
        let _seat = Seat {
            waiters: &self.waiters,
            ticket: parked.ticket,
        };
        let seconds = park.timeout_seconds.min(MAX_POLL_SECONDS);
        // Dropped with this call, which clears its timer.
        let timeout = pin!(Delay::from(Duration::from_secs(seconds)));
        match select(ended, timeout).await {
            Either::Left((Ok(Ended::News(event)), _)) => Ok(Response::from_json(&event)?),
            Either::Left((Ok(Ended::Replaced), _)) => {
                Err(NotifyError::Refused(Problem::PollReplaced))
            }
            Either::Left((Ok(Ended::Revoked), _)) => {
                Err(NotifyError::Refused(Problem::SessionEnded))
            }
            Either::Left((Err(_), _)) | Either::Right(_) => Ok(Response::empty()?.with_status(204)),
        }
    }

    fn wake(&self, wake: &Wake) -> Result<Response, NotifyError> {
        let now = Date::now().as_millis();
        for &user in &wake.users {
            let space = wake.news.space;
            let elsewhere = self.waiters.borrow_mut().wake_elsewhere(user, space, now);
            for (handle, event) in elsewhere {
                end(Some(handle), Ended::News(event));
            }
            let woken = self.waiters.borrow_mut().wake(user, &wake.news, now);
            for handle in woken {
                end(Some(handle), Ended::News(wake.news.event.clone()));
            }
        }
        Ok(Response::empty()?.with_status(204))
    }

    fn drop_device(&self, drop: &DropDevice) -> Result<Response, NotifyError> {
        let dropped = self
            .waiters
            .borrow_mut()
            .drop_device(drop.user, drop.device);
        for handle in dropped {
            end(Some(handle), Ended::Revoked);
        }
        Ok(Response::empty()?.with_status(204))
    }
}

/// Tells a parked poll why it ends. If it has gone meanwhile, nobody needs to know.
fn end(handle: Option<Handle>, why: Ended) {
    if let Some(handle) = handle {
        let _ = handle.send(why);
    }
}

/// Gives up a poll's place when its call ends, however it ends.
struct Seat<'a> {
    waiters: &'a RefCell<Waiters<Handle>>,
    ticket: Ticket,
}

impl Drop for Seat<'_> {
    fn drop(&mut self) {
        if let Ok(mut waiters) = self.waiters.try_borrow_mut() {
            waiters.leave(self.ticket);
        }
    }
}
