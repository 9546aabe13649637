//! One poll for all that a page works on. Each client asks for news of its own root, and
//! what they ask travels in one request. Its answer is for one of them, and the others stay
//! asked for, so that each engine knows of nothing but its own poll.
//!
//! A request that lacks what is asked by now is given up for a new one. So a client may have
//! asked for longer than the request was silent, or for less; what a poll's silence teaches
//! ([`sync::Silence`]) must be true all the same. Where a request breaks, only those hear of
//! it that asked when it left. The others hear that their time is over and nothing was
//! heard: they pull, which finds out whether the server is there, and learn nothing. Their time ends a little early,
//! so that no engine takes it for a silence of that length.

use crate::bell::Bell;
use crate::failure::Failure;
use crate::ports::{Clock, Spawn};
use futures_channel::oneshot;
use futures_util::future::{Either, select};
use protocol::ids::{ItemId, UnixMillis};
use protocol::limits::MAX_POLLED_ROOTS;
use protocol::positions::Position;
use protocol::problem::Problem;
use std::cell::{Cell, RefCell};
use std::pin::pin;
use std::rc::Rc;

/// After an answer, the others wait so many milliseconds for whoever it was for, so that
/// one request follows and not two.
const RETURN_MILLIS: u64 = 200;
/// Whoever has asked less than this before a request left, in milliseconds, counts as
/// having asked then.
const JUST_ASKED_MILLIS: u64 = 1_000;
/// So many seconds early the time of whoever has asked before is over.
const EARLY_SECONDS: u64 = 1;
/// A request that would be held for fewer seconds is not worthwhile: that time is over.
const LEAST_SECONDS: u64 = 2;

/// What somebody is told who polls.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PollAnswer {
    /// There is something after the cursor.
    News,
    /// Something has happened in what others share with the person.
    Elsewhere,
    /// Others have opened or closed a file; no feed tells of it.
    Opened,
    /// There is nothing after the cursor.
    TimedOut,
    /// The time is over, and nothing was heard of the server.
    Unheard,
}

/// What a request was answered.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Heard {
    /// Whom it is for; of no interest if the time is over.
    pub root: Option<ItemId>,
    /// What it is.
    pub answer: PollAnswer,
}

/// What the requests travel by.
#[allow(async_fn_in_trait, reason = "there is one thread")]
pub trait Wire: Clock + Spawn + Clone + 'static {
    /// Whether both speak for one person.
    fn is_of_same(&self, other: &Self) -> bool;
    /// Waits for news of any of these up to `seconds`. Dropping the future gives that up.
    async fn poll_all(&self, positions: &[Position], seconds: u64) -> Result<Heard, Failure>;
}

/// What the clients of a page have in common. A clone is another handle of the same.
pub struct Polls<W>(Rc<Inner<W>>);

struct Inner<W> {
    asked: RefCell<Vec<Asked<W>>>,
    /// Rung when somebody asks, or does not wait any more.
    moved: Bell,
    /// Whether somebody sees to it that requests are made.
    is_served: Cell<bool>,
    /// A server that is older than this page takes one position in a poll.
    is_old: Cell<bool>,
}

struct Asked<W> {
    wire: W,
    position: Position,
    seconds: u64,
    at: UnixMillis,
    end: oneshot::Sender<Result<PollAnswer, Failure>>,
}

impl<W> Clone for Polls<W> {
    fn clone(&self) -> Self {
        Self(self.0.clone())
    }
}

impl<W> Default for Polls<W> {
    fn default() -> Self {
        Self(Rc::new(Inner {
            asked: RefCell::default(),
            moved: Bell::default(),
            is_served: Cell::default(),
            is_old: Cell::default(),
        }))
    }
}

/// Says that somebody sees to it that requests are made, until it is dropped.
struct Serves<'a, W>(&'a Inner<W>);

impl<W> Drop for Serves<'_, W> {
    fn drop(&mut self) {
        self.0.is_served.set(false);
        self.0.moved.ring();
    }
}

/// Tells that somebody does not wait any more.
struct Leaves<'a, W>(&'a Inner<W>);

impl<W> Drop for Leaves<'_, W> {
    fn drop(&mut self) {
        if let Ok(mut asked) = self.0.asked.try_borrow_mut() {
            asked.retain(Asked::is_wanted);
        }
        self.0.moved.ring();
    }
}

impl<W: Wire> Polls<W> {
    /// Waits for news after a position up to `seconds`. Dropping the future withdraws that.
    ///
    /// # Errors
    /// Those of the request that it travels in.
    pub async fn ask(
        &self,
        wire: &W,
        position: Position,
        seconds: u64,
    ) -> Result<PollAnswer, Failure> {
        let inner = &*self.0;
        let _leaves = Leaves(inner);
        let (end, mut ended) = oneshot::channel();
        let asked = Asked {
            at: wire.now_ms(),
            wire: wire.clone(),
            position,
            seconds,
            end,
        };
        let is_full = {
            let mut all = inner.asked.borrow_mut();
            all.retain(|one| one.is_wanted() && one.wire.is_of_same(wire));
            let is_other = |one: &Asked<W>| one.position.root != asked.position.root;
            all.retain(is_other);
            let roots = all.iter().filter(|one| one.position.root.is_some());
            asked.position.root.is_some() && roots.count() >= MAX_POLLED_ROOTS
        };
        if inner.is_old.get() || is_full {
            wire.spawn(asked.alone());
        } else {
            inner.asked.borrow_mut().push(asked);
            inner.moved.ring();
        }
        loop {
            let moved = inner.moved.next();
            // The one who did may have ended with whatever it was part of.
            if self.is_anybody_there() && !inner.is_served.replace(true) {
                wire.spawn(self.clone().serve(wire.clone()));
            }
            match select(&mut ended, pin!(moved)).await {
                Either::Left((answer, _)) => return answer.unwrap_or(Err(Failure::Cancelled)),
                Either::Right(_) => {}
            }
        }
    }

    /// Makes requests until nobody asks.
    async fn serve(self, clock: W) {
        let _serves = Serves(&self.0);
        // Whoever was told something just now, and may ask again.
        let mut told = Vec::new();
        let mut was_given_up = false;
        loop {
            self.wait_for(&clock, &told).await;
            told.clear();
            let now = clock.now_ms();
            let Some((wire, positions, seconds)) = self.request(now) else {
                break;
            };
            let answer = {
                let request = pin!(wire.poll_all(&positions, seconds));
                match select(request, pin!(self.outdated(&positions))).await {
                    Either::Left((answer, _)) => answer,
                    Either::Right(_) => {
                        was_given_up = true;
                        continue;
                    }
                }
            };
            let is_again = std::mem::take(&mut was_given_up);
            match answer {
                // By the one that was given up, which came later than this.
                Err(Failure::Refused(Problem::PollReplaced)) if is_again => {}
                Err(Failure::Refused(Problem::BadCursor)) if positions.len() > 1 => {
                    self.0.is_old.set(true);
                    for asked in self.0.asked.take() {
                        wire.spawn(asked.alone());
                    }
                }
                Err(failure) => self.fail(&failure, &positions, now),
                Ok(heard) => told = self.tell(heard, &positions, now, clock.now_ms()),
            }
        }
    }

    /// Waits a moment until these ask again, if it is not one alone that ever asks.
    async fn wait_for(&self, clock: &W, told: &[Option<ItemId>]) {
        if told.is_empty() || (told.len() == 1 && !self.is_anybody_there()) {
            return;
        }
        let mut time = pin!(clock.sleep(RETURN_MILLIS));
        while told.iter().any(|root| !self.is_asked(*root)) {
            if let Either::Right(_) = select(pin!(self.0.moved.next()), &mut time).await {
                return;
            }
        }
    }

    fn is_anybody_there(&self) -> bool {
        self.0.asked.borrow().iter().any(Asked::is_wanted)
    }

    fn is_asked(&self, root: Option<ItemId>) -> bool {
        let asked = self.0.asked.borrow();
        let mut wanted = asked.iter().filter(|one| one.is_wanted());
        wanted.any(|one| one.position.root == root)
    }

    /// What the next request asks for, and for how long; `None` if nobody asks.
    fn request(&self, now: UnixMillis) -> Option<(W, Vec<Position>, u64)> {
        let mut asked = self.0.asked.borrow_mut();
        asked.retain(Asked::is_wanted);
        let over = asked.extract_if(.., |one| one.left(now) < LEAST_SECONDS.min(one.seconds));
        for one in over {
            let _ = one.end.send(Ok(PollAnswer::Unheard));
        }
        let wire = asked.first()?.wire.clone();
        let seconds = asked.iter().map(|one| one.left(now)).min()?;
        let positions = asked.iter().map(|one| one.position.clone());
        Some((wire, positions.collect(), seconds))
    }

    /// Returns once a request for these is not what is asked any more.
    async fn outdated(&self, positions: &[Position]) {
        loop {
            let moved = self.0.moved.next();
            let is_right = {
                let asked = self.0.asked.borrow();
                let mut wanted = asked.iter().filter(|one| one.is_wanted()).peekable();
                wanted.peek().is_some() && wanted.all(|one| positions.contains(&one.position))
            };
            if !is_right {
                return;
            }
            moved.await;
        }
    }

    /// Those of a request that still wait and are like this.
    fn take(&self, positions: &[Position], which: impl Fn(&Asked<W>) -> bool) -> Vec<Asked<W>> {
        let mut asked = self.0.asked.borrow_mut();
        asked.retain(Asked::is_wanted);
        let is_in = |one: &mut Asked<W>| positions.contains(&one.position) && which(one);
        asked.extract_if(.., is_in).collect()
    }

    /// Tells an answer to a request that left at `sent`, and gives back who was told.
    fn tell(
        &self,
        heard: Heard,
        positions: &[Position],
        sent: UnixMillis,
        now: UnixMillis,
    ) -> Vec<Option<ItemId>> {
        let was_held = now.saturating_sub(sent) >= JUST_ASKED_MILLIS;
        let is_over = heard.answer == PollAnswer::TimedOut;
        let is_known = positions.iter().any(|one| one.root == heard.root);
        let is_for = |one: &Asked<W>| match is_over {
            // Whoever has only just asked goes on, unless the server holds no poll.
            true => !was_held || now.saturating_sub(one.at) >= JUST_ASKED_MILLIS,
            // News of nobody is a reason to pull for everybody.
            false => one.position.root == heard.root || !is_known,
        };
        let told = self.take(positions, is_for);
        let mut roots: Vec<_> = told.iter().map(|one| one.position.root).collect();
        if told.is_empty() && !is_over {
            // It has given up waiting, to pull.
            roots.push(heard.root);
        }
        for one in told {
            let _ = one.end.send(Ok(heard.answer));
        }
        roots
    }

    /// A request that left at `sent` has failed.
    fn fail(&self, failure: &Failure, positions: &[Position], sent: UnixMillis) {
        let is_broken = *failure == Failure::Unreachable;
        for one in self.take(positions, |_| true) {
            let pulls = is_broken && !one.has_just_asked(sent);
            let _ = one.end.send(match pulls {
                true => Ok(PollAnswer::Unheard),
                false => Err(failure.clone()),
            });
        }
    }
}

impl<W> Asked<W> {
    fn is_wanted(&self) -> bool {
        !self.end.is_canceled()
    }

    /// Whether it was asked just before a request that left then: so long the request has
    /// been silent.
    fn has_just_asked(&self, sent: UnixMillis) -> bool {
        let before = sent.checked_sub(self.at);
        before.is_some_and(|before| before < JUST_ASKED_MILLIS)
    }

    /// For how many seconds a request that leaves now may be held.
    fn left(&self, now: UnixMillis) -> u64 {
        if self.has_just_asked(now) {
            return self.seconds;
        }
        let asked = now.saturating_sub(self.at).div_ceil(1_000);
        self.seconds.saturating_sub(asked + EARLY_SECONDS)
    }
}

impl<W: Wire> Asked<W> {
    /// Travels in a request of its own.
    async fn alone(self) {
        let Self {
            wire,
            position,
            seconds,
            mut end,
            ..
        } = self;
        let positions = [position];
        let answer = {
            let request = pin!(wire.poll_all(&positions, seconds));
            match select(request, pin!(end.cancellation())).await {
                Either::Left((answer, _)) => answer,
                Either::Right(_) => return,
            }
        };
        let _ = end.send(answer.map(|heard| heard.answer));
    }
}
