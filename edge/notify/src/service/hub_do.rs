//! The Durable Object around [`Waiters`]. Its key is `hub-<n>`; every poll of
//! the users whose hash falls on `n` waits here, because a parked request bills
//! the object's wall time once, however many wait in it. All state is in memory:
//! a hub that is reset ends its polls, and they come back.
//!
//! `fetch` calls interleave at every `await`. The table is only borrowed
//! between two of them, so each of its operations is atomic.

use super::error::{NotifyError, answer};
use crate::occasions::{Elsewhere, Openings};
use crate::waiters::{Outcome, SeatBounds, Ticket, Waiters};
use futures_channel::oneshot;
use futures_util::future::{Either, select};
use protocol::ids::{DeviceId, ItemId, SpaceId, UnixMillis, UserId};
use protocol::limits::{MAX_POLL_SECONDS, MAX_POLLS_PER_HUB, MAX_POLLS_PER_USER};
use protocol::notifications::{
    Awaited, Drop as DropDevice, Event, EventType, Opened, Park, PollEvent, Wake,
};
use protocol::problem::Problem;
use std::cell::RefCell;
use std::pin::pin;
use std::time::Duration;
use worker::{Date, Delay, DurableObject, Env, Request, Response, Result, State, durable_object};

/// Why a parked poll ends before its time, or has to look again at what it waits for.
enum Ended {
    News(PollEvent),
    /// Something happened of which no journal that it waits for tells.
    Occasion,
    Replaced,
    Revoked,
}

type Handle = oneshot::Sender<Ended>;

#[durable_object(fetch)]
pub struct Hub {
    waiters: RefCell<Waiters<Handle>>,
    elsewhere: RefCell<Elsewhere>,
    openings: RefCell<Openings>,
}

impl DurableObject for Hub {
    fn new(_state: State, _env: Env) -> Self {
        Self {
            waiters: RefCell::new(Waiters::new(SeatBounds {
                per_user: MAX_POLLS_PER_USER,
                per_hub: MAX_POLLS_PER_HUB,
            })),
            elsewhere: RefCell::default(),
            openings: RefCell::default(),
        }
    }

    async fn fetch(&self, mut request: Request) -> Result<Response> {
        answer(match request.path().as_str() {
            "/park" => self.park(request.json().await?).await,
            "/wake" => self.wake(&request.json().await?),
            "/opened" => self.opened(&request.json().await?),
            "/drop" => self.drop_device(&request.json().await?),
            _ => Err(NotifyError::NoSuchRoute),
        })
    }
}

impl Hub {
    /// Holds a poll until there is news, its device is gone, or its time is up.
    async fn park(&self, park: Park) -> Result<Response, NotifyError> {
        let seconds = park.timeout_seconds.min(MAX_POLL_SECONDS);
        let deadline = now().saturating_add(seconds.saturating_mul(1_000));
        loop {
            let mut until = deadline;
            for awaited in park.awaited() {
                let elsewhere = self.due_elsewhere(&park, awaited);
                if elsewhere.is_some_and(|due| due <= now()) {
                    return Ok(Response::from_json(&self.tell_elsewhere(&park, awaited))?);
                }
                let opened = self.due_opened(&park, awaited);
                if opened.is_some_and(|due| due <= now()) {
                    return Ok(Response::from_json(&self.tell_opened(&park, awaited))?);
                }
                let due = elsewhere.into_iter().chain(opened);
                until = due.fold(until, UnixMillis::min);
            }
            match self.hold(&park, until).await? {
                Some(Ended::News(news)) => return Ok(Response::from_json(&news)?),
                Some(Ended::Replaced) => {
                    return Err(NotifyError::Refused(Problem::PollReplaced));
                }
                Some(Ended::Revoked) => return Err(NotifyError::Refused(Problem::SessionEnded)),
                None if until == deadline => return Ok(Response::empty()?.with_status(204)),
                Some(Ended::Occasion) | None => {}
            }
        }
    }

    /// Gives a poll its seat until then; `None` if nothing came.
    async fn hold(&self, park: &Park, until: UnixMillis) -> Result<Option<Ended>, NotifyError> {
        let (handle, ended) = oneshot::channel();
        let outcome = self.waiters.borrow_mut().park(park, handle);
        let parked = match outcome {
            Outcome::Answered(news) => return Ok(Some(Ended::News(news))),
            Outcome::Outrun => return Ok(Some(Ended::Replaced)),
            Outcome::Full => return Err(NotifyError::Refused(Problem::TooManyPolls)),
            Outcome::Parked(parked) => parked,
        };
        for replaced in parked.replaced {
            end(replaced, Ended::Replaced);
        }
        let _seat = Seat {
            waiters: &self.waiters,
            ticket: parked.ticket,
        };
        let millis = until.saturating_sub(now());
        // Dropped with this call, which clears its timer.
        let timeout = pin!(Delay::from(Duration::from_millis(millis)));
        Ok(match select(ended, timeout).await {
            Either::Left((ended, _)) => ended.ok(),
            Either::Right(_) => None,
        })
    }

    /// When a poll of somebody's own drive has to be told that something happened elsewhere.
    fn due_elsewhere(&self, park: &Park, awaited: Awaited) -> Option<UnixMillis> {
        let elsewhere = self.elsewhere.borrow();
        let is_own = awaited.root.is_none();
        is_own.then(|| elsewhere.due(park.user, park.device, now()))?
    }

    /// It says nothing of what it was: that is looked up by what the person may know.
    fn tell_elsewhere(&self, park: &Park, awaited: Awaited) -> PollEvent {
        let mut elsewhere = self.elsewhere.borrow_mut();
        let at = elsewhere.tell(park.user, park.device, now());
        of_no_item(EventType::Elsewhere, at, awaited)
    }

    /// When a poll has to be told that others have opened or closed a file.
    fn due_opened(&self, park: &Park, awaited: Awaited) -> Option<UnixMillis> {
        let openings = self.openings.borrow();
        let (to, by) = opened_to(park, awaited);
        openings.due(to, by, now())
    }

    /// Which one, and who it was, is looked up by what the person may know.
    fn tell_opened(&self, park: &Park, awaited: Awaited) -> PollEvent {
        let mut openings = self.openings.borrow_mut();
        let (to, by) = opened_to(park, awaited);
        of_no_item(EventType::FileOpened, openings.tell(to, by, now()), awaited)
    }

    fn wake(&self, wake: &Wake) -> Result<Response, NotifyError> {
        // First, because a poll may wait for that and for the own drive.
        for &user in &wake.users {
            let woken = self.waiters.borrow_mut().wake(user, &wake.news, now());
            for handle in woken {
                let news = PollEvent::of_space(wake.news.space, wake.news.event.clone());
                end(handle, Ended::News(news));
            }
        }
        for &user in &wake.elsewhere {
            self.elsewhere.borrow_mut().happens(user, now());
            let own = self.waiters.borrow_mut().take_own(user);
            for handle in own {
                end(handle, Ended::Occasion);
            }
        }
        Ok(Response::empty()?.with_status(204))
    }

    fn opened(&self, opened: &Opened) -> Result<Response, NotifyError> {
        for &user in &opened.users {
            let mut openings = self.openings.borrow_mut();
            openings.happens((user, opened.space), now());
            let mut waiters = self.waiters.borrow_mut();
            for handle in waiters.take_of_space(user, opened.space) {
                end(handle, Ended::Occasion);
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
            end(handle, Ended::Revoked);
        }
        Ok(Response::empty()?.with_status(204))
    }
}

/// To whom it happens that others open a file, and what tells the polls apart that tell it.
fn opened_to(park: &Park, awaited: Awaited) -> ((UserId, SpaceId), (DeviceId, Option<ItemId>)) {
    ((park.user, awaited.space), (park.device, awaited.root))
}

fn of_no_item(event_type: EventType, timestamp: UnixMillis, awaited: Awaited) -> PollEvent {
    PollEvent {
        event: Event {
            event_type,
            file_id: ItemId::from_random([0; 16]),
            timestamp,
            name: None,
            by: None,
        },
        root: awaited.root,
        space: Some(awaited.space),
    }
}

fn now() -> UnixMillis {
    Date::now().as_millis()
}

/// Tells a parked poll why it ends. If it has gone meanwhile, nobody needs to know.
fn end(handle: Handle, why: Ended) {
    let _ = handle.send(why);
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
