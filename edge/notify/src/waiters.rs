//! Who waits in a hub, and what they missed: a plain table, without clock,
//! timers or IO, so that its rules are tested natively.
//!
//! The contract: [`Waiters::park`] either answers at once or keeps the caller's
//! handle and gives out a ticket. A handle is given back exactly once: by
//! [`Waiters::wake`], [`Waiters::take_own`], [`Waiters::take_of_space`] or
//! [`Waiters::drop_device`], or by a later `park` of the same person in [`Parked::replaced`]. Whoever stops waiting for any other
//! reason calls [`Waiters::leave`] with the ticket. Time never runs back.
//!
//! One poll waits for the person's own drive, for things that are shared with them, or for
//! both, and has one seat for all that.
//!
//! Who has gone without a word is not noticed before their poll's time is up. So a
//! newcomer is never refused for the sake of a seat that may be empty: it takes those
//! of its own device that wait for anything that it waits for, or else, where its person has no more of them or the hub is
//! full, the oldest of that person's. Only a poll that its device has asked for before
//! one of those is told that its own seat is taken.
//!
//! A hub is shared. A person's share grows only while seats are free: in a full hub,
//! whoever has fewer takes the oldest seat of the person who has most. So it takes as
//! many people as there are seats to shut one out, and not as many tokens.

use protocol::ids::{DeviceId, Seq, SpaceId, UnixMillis, UserId};
use protocol::notifications::{Awaited, Event, JournalGrew, Park, PollEvent};
use std::collections::{BTreeSet, HashMap, VecDeque};

/// How long news is remembered for devices that are between two polls, in
/// milliseconds. A poll reads the journal just before it is parked, so only
/// news of the moments in between can be missed; this is ample.
const MEMORY_MILLIS: UnixMillis = 30_000;

/// How many devices may wait.
#[derive(Clone, Copy, Debug)]
pub struct SeatBounds {
    pub per_user: usize,
    pub per_hub: usize,
}

/// Names one parked poll.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Ticket {
    user: UserId,
    number: u64,
}

/// What became of a poll.
#[derive(Debug, PartialEq, Eq)]
pub enum Outcome<H> {
    /// A journal has grown since: no need to wait.
    Answered(PollEvent),
    Parked(Parked<H>),
    /// Its device has asked for another one since, which waits for the same; nothing was
    /// kept.
    Outrun,
    /// The hub is full of other people, with a seat each; nothing was kept.
    Full,
}

#[derive(Debug, PartialEq, Eq)]
pub struct Parked<H> {
    pub ticket: Ticket,
    /// The polls whose seats this one took: all of the same device that wait for the same,
    /// or one of the same person or of whoever had most. They have to be ended.
    pub replaced: Vec<H>,
}

/// `H` is what a waiter is woken by.
#[derive(Debug)]
pub struct Waiters<H> {
    bounds: SeatBounds,
    users: HashMap<UserId, Vec<Waiter<H>>>,
    /// How many seats each of these people has, the fewest first.
    shares: BTreeSet<(usize, UserId)>,
    parked: usize,
    next_number: u64,
    news: HashMap<(UserId, SpaceId), News>,
    /// What is in `news`, oldest first.
    memory: VecDeque<(UnixMillis, UserId, SpaceId)>,
}

#[derive(Debug)]
struct Waiter<H> {
    number: u64,
    device: DeviceId,
    awaited: Vec<Awaited>,
    asked_at: Option<UnixMillis>,
    handle: H,
}

impl<H> Waiter<H> {
    /// Whether it waits for anything that is like this.
    fn awaits(&self, which: impl FnMut(&Awaited) -> bool) -> bool {
        self.awaited.iter().any(which)
    }
}

#[derive(Debug)]
struct News {
    at: UnixMillis,
    seq: Seq,
    event: Event,
}

impl<H> Waiters<H> {
    pub fn new(bounds: SeatBounds) -> Self {
        Self {
            bounds,
            users: HashMap::new(),
            shares: BTreeSet::new(),
            parked: 0,
            next_number: 0,
            news: HashMap::new(),
            memory: VecDeque::new(),
        }
    }

    /// A device asks for news.
    pub fn park(&mut self, poll: &Park, handle: H) -> Outcome<H> {
        let (user, device, asked_at) = (poll.user, poll.device, poll.asked_at);
        let awaited: Vec<Awaited> = poll.awaited().collect();
        let mut missed = awaited.iter().filter_map(|one| {
            let news = self.news.get(&(user, one.space))?;
            let is_new = news.seq > one.seen;
            is_new.then(|| PollEvent::of_space(one.space, news.event.clone()))
        });
        if let Some(missed) = missed.next() {
            return Outcome::Answered(missed);
        }
        let is_same = |waiter: &Waiter<H>| {
            let meets = |other: &Awaited| awaited.iter().any(|one| one.is_same(other));
            waiter.device == device && waiter.awaits(meets)
        };
        let is_later = |waiter: &&Waiter<H>| asked_at.is_some() && waiter.asked_at > asked_at;
        let mut own = self.users.get(&user).into_iter().flatten();
        if own.any(|waiter| is_same(waiter) && is_later(&waiter)) {
            return Outcome::Outrun;
        }
        let mut replaced = self.take(user, is_same);
        if replaced.is_empty() {
            replaced.extend(self.make_room(user));
        }
        if self.parked >= self.bounds.per_hub {
            return Outcome::Full;
        }
        let number = self.next_number;
        self.next_number = number.wrapping_add(1);
        let waiting = self.users.entry(user).or_default();
        let before = waiting.len();
        waiting.push(Waiter {
            number,
            device,
            awaited,
            asked_at,
            handle,
        });
        self.count(user, before, before.saturating_add(1));
        let ticket = Ticket { user, number };
        Outcome::Parked(Parked { ticket, replaced })
    }

    /// The journal of a space has grown: gives back the handles of every poll
    /// of `user` that waits for it and has not seen it, and remembers the news for the
    /// others.
    pub fn wake(&mut self, user: UserId, news: &JournalGrew, now: UnixMillis) -> Vec<H> {
        self.remember(user, news, now);
        let is_new = |one: &Awaited| one.space == news.space && one.seen < news.seq;
        self.take(user, |waiter| waiter.awaits(is_new))
    }

    /// Gives back the handles of a person's polls of their own drive.
    pub fn take_own(&mut self, user: UserId) -> Vec<H> {
        self.take(user, |waiter| waiter.awaits(|one| one.root.is_none()))
    }

    /// Gives back the handles of a person's polls of a space, whatever they have seen.
    pub fn take_of_space(&mut self, user: UserId, space: SpaceId) -> Vec<H> {
        self.take(user, |waiter| waiter.awaits(|one| one.space == space))
    }

    /// A device was revoked: gives back the handles of its polls.
    pub fn drop_device(&mut self, user: UserId, device: DeviceId) -> Vec<H> {
        self.take(user, |waiter| waiter.device == device)
    }

    /// A poll has ended by itself.
    pub fn leave(&mut self, ticket: Ticket) {
        self.take(ticket.user, |waiter| waiter.number == ticket.number);
    }

    /// Takes a seat where there is no free one for one more of this person: of whoever
    /// has most, if that one is left with no fewer, else their own oldest.
    fn make_room(&mut self, user: UserId) -> Option<H> {
        let own = self.users.get(&user).map_or(0, Vec::len);
        if own >= self.bounds.per_user {
            return self.take_oldest(user);
        }
        if self.parked < self.bounds.per_hub {
            return None;
        }
        let &(most, other) = self.shares.last()?;
        let is_fair = most > own.saturating_add(1);
        self.take_oldest(if is_fair { other } else { user })
    }

    fn take_oldest(&mut self, user: UserId) -> Option<H> {
        // They are in the order in which they came.
        let oldest = self.users.get(&user)?.first()?.number;
        self.take(user, |waiter| waiter.number == oldest).pop()
    }

    fn take(&mut self, user: UserId, mut which: impl FnMut(&Waiter<H>) -> bool) -> Vec<H> {
        let Some(waiting) = self.users.get_mut(&user) else {
            return Vec::new();
        };
        let before = waiting.len();
        let taken: Vec<H> = waiting
            .extract_if(.., |waiter| which(waiter))
            .map(|waiter| waiter.handle)
            .collect();
        let after = waiting.len();
        if after == 0 {
            self.users.remove(&user);
        }
        self.count(user, before, after);
        taken
    }

    /// A person has another number of seats now.
    fn count(&mut self, user: UserId, before: usize, after: usize) {
        self.shares.remove(&(before, user));
        if after > 0 {
            self.shares.insert((after, user));
        }
        self.parked = self.parked.saturating_sub(before).saturating_add(after);
    }

    fn remember(&mut self, user: UserId, news: &JournalGrew, now: UnixMillis) {
        while let Some(&(at, user, space)) = self.memory.front()
            && at.saturating_add(MEMORY_MILLIS) < now
        {
            self.memory.pop_front();
            // Newer news of the same space has an entry further back.
            if self.news.get(&(user, space)).is_some_and(|n| n.at == at) {
                self.news.remove(&(user, space));
            }
        }
        let key = (user, news.space);
        if self.news.get(&key).is_none_or(|known| known.seq < news.seq) {
            let (at, seq, event) = (now, news.seq, news.event.clone());
            self.news.insert(key, News { at, seq, event });
            self.memory.push_back((now, user, news.space));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use protocol::ids::ItemId;
    use protocol::notifications::EventType;

    const BOUNDS: SeatBounds = SeatBounds {
        per_user: 3,
        per_hub: 5,
    };

    fn user(n: u8) -> UserId {
        UserId::from_random([n; 16])
    }

    fn device(n: u8) -> DeviceId {
        DeviceId::from_random([n; 16])
    }

    fn space(n: u8) -> SpaceId {
        SpaceId::from_random([n; 16])
    }

    fn root(n: u8) -> Option<ItemId> {
        Some(ItemId::from_random([n; 16]))
    }

    /// A space of one's own, or something that is shared.
    type Where = (SpaceId, Option<ItemId>);

    fn park(user: UserId, device: DeviceId, all: &[(Where, Seq)]) -> Park {
        let awaited = all
            .iter()
            .map(|&((space, root), seen)| Awaited { space, root, seen });
        let mut awaited: Vec<Awaited> = awaited.collect();
        let first = awaited.remove(0);
        Park {
            user,
            device,
            space: first.space,
            root: first.root,
            seen: first.seen,
            timeout_seconds: 60,
            also: awaited,
            asked_at: None,
        }
    }

    impl<H> Waiters<H> {
        /// A poll of one drive.
        fn asks(
            &mut self,
            user: UserId,
            device: DeviceId,
            one: impl Into<One>,
            seen: Seq,
            handle: H,
        ) -> Outcome<H> {
            self.park(&park(user, device, &[(one.into().0, seen)]), handle)
        }
    }

    struct One(Where);

    impl From<SpaceId> for One {
        fn from(space: SpaceId) -> Self {
            Self((space, None))
        }
    }

    impl From<Where> for One {
        fn from(shared: Where) -> Self {
            Self(shared)
        }
    }

    fn answered<H>(n: u8, seq: Seq) -> Outcome<H> {
        Outcome::Answered(PollEvent::of_space(space(n), news(n, seq).event))
    }

    fn news(n: u8, seq: Seq) -> JournalGrew {
        JournalGrew {
            space: space(n),
            owner: None,
            seq,
            event: Event {
                event_type: EventType::FileUpdate,
                file_id: ItemId::from_random([1; 16]),
                timestamp: seq,
                name: None,
                by: None,
            },
            about: Vec::new(),
            below: Vec::new(),
            also: Vec::new(),
        }
    }

    fn parked<H: std::fmt::Debug>(outcome: Outcome<H>) -> Parked<H> {
        match outcome {
            Outcome::Parked(parked) => parked,
            other => panic!("expected a parked poll, got {other:?}"),
        }
    }

    #[test]
    fn news_wakes_every_device_of_the_user_and_nobody_else() {
        let mut waiters = Waiters::new(BOUNDS);
        parked(waiters.asks(user(1), device(1), space(1), 4, "phone"));
        parked(waiters.asks(user(1), device(2), space(1), 4, "laptop"));
        parked(waiters.asks(user(2), device(3), space(2), 0, "stranger"));
        let mut woken = waiters.wake(user(1), &news(1, 5), 0);
        woken.sort_unstable();
        assert_eq!(woken, ["laptop", "phone"]);
        assert_eq!(waiters.wake(user(1), &news(1, 6), 0), [""; 0]);
        assert_eq!(waiters.parked, 1);
    }

    #[test]
    fn news_between_two_polls_is_not_lost() {
        let mut waiters = Waiters::new(BOUNDS);
        assert!(waiters.wake(user(1), &news(1, 5), 0).is_empty());
        let outcome = waiters.asks(user(1), device(1), space(1), 4, ());
        assert_eq!(outcome, answered(1, 5));
        parked(waiters.asks(user(1), device(1), space(1), 5, ()));
    }

    #[test]
    fn late_and_repeated_news_does_not_replace_newer_news() {
        let mut waiters = Waiters::new(BOUNDS);
        waiters.wake(user(1), &news(1, 7), 0);
        waiters.wake(user(1), &news(1, 6), 1);
        let outcome = waiters.asks(user(1), device(1), space(1), 6, ());
        assert_eq!(outcome, answered(1, 7));
    }

    #[test]
    fn news_is_forgotten_in_time() {
        let mut waiters: Waiters<()> = Waiters::new(BOUNDS);
        for n in 0..100 {
            let at = UnixMillis::from(n) * MEMORY_MILLIS;
            waiters.wake(user(n), &news(n, 1), at);
        }
        assert!(waiters.news.len() <= 2);
        assert_eq!(waiters.news.len(), waiters.memory.len());
    }

    #[test]
    fn a_device_has_one_poll() {
        let mut waiters = Waiters::new(BOUNDS);
        parked(waiters.asks(user(1), device(1), space(1), 0, "old"));
        let second = parked(waiters.asks(user(1), device(1), space(1), 0, "new"));
        assert_eq!(second.replaced, ["old"]);
        assert_eq!(waiters.parked, 1);
    }

    #[test]
    fn news_that_a_device_has_seen_does_not_wake_it() {
        let mut waiters = Waiters::new(BOUNDS);
        parked(waiters.asks(user(1), device(1), space(1), 5, "knows"));
        parked(waiters.asks(user(1), device(2), space(1), 4, "does not"));
        // Its own commit, or one that it has pulled: the message comes later.
        assert_eq!(waiters.wake(user(1), &news(1, 5), 0), ["does not"]);
        assert_eq!(waiters.wake(user(1), &news(1, 3), 0), [""; 0]);
        assert_eq!(waiters.wake(user(1), &news(1, 6), 0), ["knows"]);
    }

    #[test]
    fn a_person_whose_devices_went_without_a_word_is_not_shut_out() {
        let mut waiters = Waiters::new(BOUNDS);
        for n in 1..=3 {
            parked(waiters.asks(user(1), device(n), space(1), 0, n));
        }
        // Whoever was there longest goes, be they dead or not.
        let newcomer = parked(waiters.asks(user(1), device(4), space(1), 0, 4));
        assert_eq!(newcomer.replaced, [1]);
        // A device with a seat takes that one and nobody else's.
        let again = parked(waiters.asks(user(1), device(3), space(1), 0, 33));
        assert_eq!(again.replaced, [3]);
        let newcomer = parked(waiters.asks(user(1), device(5), space(1), 0, 5));
        assert_eq!(newcomer.replaced, [2]);
        assert_eq!(waiters.parked, 3);
        let mut woken = waiters.wake(user(1), &news(1, 1), 0);
        woken.sort_unstable();
        assert_eq!(woken, [4, 5, 33]);
    }

    #[test]
    fn a_full_hub_of_one_seat_each_takes_a_person_in_place_of_themselves_only() {
        let mut waiters = Waiters::new(BOUNDS);
        let tickets: Vec<Ticket> = (1..=5)
            .map(|n| parked(waiters.asks(user(n), device(n), space(n), 0, n)).ticket)
            .collect();
        let full = waiters.asks(user(6), device(6), space(6), 0, 6);
        assert_eq!(full, Outcome::Full);
        assert!(!waiters.users.contains_key(&user(6)));
        let second = parked(waiters.asks(user(2), device(8), space(2), 0, 8));
        assert_eq!((second.replaced, waiters.parked), (vec![2], 5));
        waiters.leave(tickets[0]);
        parked(waiters.asks(user(6), device(6), space(6), 0, 6));
        // A ticket that was left already changes nothing.
        waiters.leave(tickets[0]);
        assert_eq!(waiters.parked, 5);
    }

    #[test]
    fn in_a_full_hub_whoever_has_most_gives_up_their_oldest_seat() {
        let mut waiters = Waiters::new(BOUNDS);
        for n in 1..=3 {
            parked(waiters.asks(user(1), device(n), space(1), 0, n));
        }
        for n in 4..=5 {
            parked(waiters.asks(user(2), device(n), space(2), 0, n));
        }
        let newcomer = parked(waiters.asks(user(3), device(6), space(3), 0, 6));
        assert_eq!(newcomer.replaced, [1]);
        // Two, two and one: the second seat of the third would be at another's cost.
        let more = parked(waiters.asks(user(3), device(7), space(3), 0, 7));
        assert_eq!(more.replaced, [6]);
        // Whose seat went takes no other person's for it.
        let back = parked(waiters.asks(user(1), device(1), space(1), 0, 11));
        assert_eq!(back.replaced, [2]);
        assert_eq!((waiters.parked, waiters.shares.len()), (5, 3));
    }

    #[test]
    fn strangers_with_64_tokens_each_take_nobodys_seat_until_they_are_as_many_as_the_seats() {
        let bounds = SeatBounds {
            per_user: protocol::limits::MAX_POLLS_PER_USER,
            per_hub: protocol::limits::MAX_POLLS_PER_HUB,
        };
        let id = |n: usize| {
            let mut bytes = [0; 16];
            bytes[..8].copy_from_slice(&n.to_le_bytes());
            bytes
        };
        let mut waiters = Waiters::new(bounds);
        let honest = UserId::from_random([255; 16]);
        let mut polls = 0;
        let mut park = |waiters: &mut Waiters<()>, user| {
            polls += 1;
            let device = DeviceId::from_random(id(polls));
            waiters.asks(user, device, space(1), 0, ())
        };
        let mut strangers = 0;
        let needed = loop {
            // The first ones with all of their tokens; later ones get no further with more.
            let user = UserId::from_random(id(strangers));
            let tokens = if strangers < 128 { bounds.per_user } else { 3 };
            for _ in 0..tokens {
                park(&mut waiters, user);
            }
            strangers += 1;
            if strangers % 64 == 0 {
                match park(&mut waiters, honest) {
                    Outcome::Parked(parked) => waiters.leave(parked.ticket),
                    _ => break strangers,
                }
            }
        };
        // It would be 128 if each kept what they took.
        assert_eq!(needed, 8_192);
        assert_eq!(waiters.parked, bounds.per_hub);
    }

    #[test]
    fn what_the_news_is_about_is_what_was_newest() {
        let mut waiters: Waiters<()> = Waiters::new(BOUNDS);
        let of = |seq, event_type| {
            let mut news = news(1, seq);
            news.event.event_type = event_type;
            news
        };
        waiters.wake(user(1), &of(5, EventType::FileMove), 0);
        waiters.wake(user(1), &of(6, EventType::FileDelete), 0);
        waiters.wake(user(1), &of(4, EventType::FileUpdate), 0);
        let Outcome::Answered(event) = waiters.asks(user(1), device(1), space(1), 3, ()) else {
            panic!("there is news");
        };
        assert_eq!(event.event.event_type, EventType::FileDelete);
    }

    #[test]
    fn a_device_waits_for_its_own_drive_and_for_each_share_at_one_time() {
        let mut waiters = Waiters::new(BOUNDS);
        let share = |n: u8| (space(2), root(n));
        parked(waiters.asks(user(1), device(1), space(1), 0, "own"));
        for (n, handle) in [(1, "first"), (2, "second")] {
            let taken = parked(waiters.asks(user(1), device(1), share(n), 0, handle));
            assert_eq!(taken.replaced, [""; 0]);
        }
        let again = parked(waiters.asks(user(1), device(1), share(1), 0, "first again"));
        assert_eq!(again.replaced, ["first"]);
        assert_eq!(waiters.wake(user(1), &news(1, 1), 0), ["own"]);
        assert_eq!(
            waiters.wake(user(1), &news(2, 1), 0),
            ["second", "first again"]
        );
    }

    #[test]
    fn the_polls_of_ones_own_drive_are_taken_and_no_other() {
        let mut waiters = Waiters::new(BOUNDS);
        let share = (space(2), root(7));
        parked(waiters.asks(user(1), device(1), space(1), 0, "one"));
        parked(waiters.asks(user(1), device(1), share, 0, "the share"));
        parked(waiters.asks(user(1), device(2), space(1), 0, "two"));
        assert_eq!(waiters.take_own(user(1)), ["one", "two"]);
        assert_eq!(waiters.wake(user(1), &news(2, 1), 0), ["the share"]);
    }

    #[test]
    fn the_polls_of_a_space_are_taken_whatever_they_have_seen_and_no_other() {
        let mut waiters = Waiters::new(BOUNDS);
        let share = (space(2), root(7));
        parked(waiters.asks(user(1), device(1), space(1), 0, "own"));
        parked(waiters.asks(user(1), device(1), share, 9, "the share"));
        parked(waiters.asks(user(2), device(2), space(2), 9, "its owner's"));
        assert_eq!(waiters.take_of_space(user(1), space(2)), ["the share"]);
        assert_eq!(waiters.take_of_space(user(2), space(2)), ["its owner's"]);
        assert_eq!(waiters.parked, 1);
        // Nothing is remembered of it.
        parked(waiters.asks(user(1), device(1), share, 9, "again"));
    }

    #[test]
    fn a_revoked_device_is_dropped() {
        let mut waiters = Waiters::new(BOUNDS);
        parked(waiters.asks(user(1), device(1), space(1), 0, "stolen"));
        parked(waiters.asks(user(1), device(1), space(2), 0, "too"));
        parked(waiters.asks(user(1), device(2), space(1), 0, "honest"));
        assert_eq!(waiters.drop_device(user(1), device(1)), ["stolen", "too"]);
        assert!(waiters.drop_device(user(1), device(1)).is_empty());
        assert_eq!((waiters.parked, waiters.users.len()), (1, 1));
    }

    #[test]
    fn one_poll_waits_for_several_drives_with_one_seat() {
        let (own, first, second) = ((space(1), None), (space(2), root(1)), (space(3), root(2)));
        let mut waiters = Waiters::new(BOUNDS);
        let all = park(user(1), device(1), &[(own, 4), (first, 7), (second, 0)]);
        let news_of = [(1, 5), (2, 8), (3, 1)];
        for (n, seq) in news_of {
            parked(waiters.park(&all, n));
            assert_eq!((waiters.parked, waiters.shares.len()), (1, 1));
            // What it has seen of each counts for that one alone.
            assert!(waiters.wake(user(1), &news(n, seq - 1), 0).is_empty());
            assert!(waiters.wake(user(1), &news(9, 99), 0).is_empty());
            assert_eq!(waiters.wake(user(1), &news(n, seq), 0), [n]);
            assert_eq!(waiters.parked, 0);
            // Whoever has not heard of it is told where it was.
            assert_eq!(waiters.park(&all, n), answered(n, seq));
            waiters.news.clear();
            waiters.memory.clear();
        }
        parked(waiters.park(&all, 4));
        assert_eq!(waiters.take_own(user(1)), [4]);
        parked(waiters.park(&all, 5));
        assert_eq!(waiters.take_of_space(user(1), space(3)), [5]);
        parked(waiters.park(&all, 6));
        assert_eq!(waiters.drop_device(user(1), device(1)), [6]);
        let left = parked(waiters.park(&all, 7));
        waiters.leave(left.ticket);
        assert_eq!((waiters.parked, waiters.users.len()), (0, 0));
    }

    #[test]
    fn a_poll_takes_all_seats_of_its_device_that_wait_for_anything_of_the_same() {
        let (own, one, two) = ((space(1), None), (space(2), root(1)), (space(2), root(2)));
        let mut waiters = Waiters::new(BOUNDS);
        let asks = |all: &[Where]| {
            let all: Vec<_> = all.iter().map(|&one| (one, 0)).collect();
            park(user(1), device(1), &all)
        };
        // A page opens something, and another tab has opened something else.
        parked(waiters.park(&asks(&[own]), "own"));
        assert_eq!(
            parked(waiters.park(&asks(&[own, one]), "more")).replaced,
            ["own"]
        );
        assert_eq!(
            parked(waiters.park(&asks(&[two]), "the other tab")).replaced,
            [""; 0]
        );
        assert_eq!(waiters.parked, 2);
        // Another device of the person waits for the same.
        parked(waiters.asks(user(1), device(2), one, 0, "phone"));
        // The other tab is closed, and the first leads for all.
        let all = parked(waiters.park(&asks(&[own, one, two]), "all"));
        assert_eq!(all.replaced, ["more", "the other tab"]);
        assert_eq!((waiters.parked, waiters.shares.len()), (2, 1));
        // A share is not looked at any more.
        assert_eq!(
            parked(waiters.park(&asks(&[own]), "less")).replaced,
            ["all"]
        );
        assert_eq!(waiters.wake(user(1), &news(2, 1), 0), ["phone"]);
        assert_eq!(waiters.wake(user(1), &news(1, 1), 0), ["less"]);
    }

    #[test]
    fn an_older_poll_that_comes_late_does_not_take_the_seat_of_a_newer_one() {
        let mut waiters = Waiters::new(BOUNDS);
        let at = |at, device, all: &[(Where, Seq)]| Park {
            asked_at: at,
            ..park(user(1), device, all)
        };
        let (own, share) = (((space(1), None), 0), ((space(2), root(1)), 0));
        parked(waiters.park(&at(Some(9), device(1), &[own, share]), "newer"));
        // It was given up, but was under way.
        assert_eq!(
            waiters.park(&at(Some(8), device(1), &[own]), "older"),
            Outcome::Outrun
        );
        assert_eq!(waiters.parked, 1);
        // Other devices, and other things, are no matter.
        parked(waiters.park(&at(Some(8), device(2), &[own]), "phone"));
        parked(waiters.park(&at(Some(8), device(1), &[((space(3), root(3)), 0)]), "else"));
        // At the same moment whoever comes last has it, and so does one of which it is not
        // known.
        let same = parked(waiters.park(&at(Some(9), device(1), &[share]), "same"));
        assert_eq!(same.replaced, ["newer"]);
        let unknown = parked(waiters.park(&at(None, device(1), &[share]), "unknown"));
        assert_eq!(unknown.replaced, ["same"]);
        let known = parked(waiters.park(&at(Some(1), device(1), &[share]), "known"));
        assert_eq!(known.replaced, ["unknown"]);
        assert_eq!(waiters.parked, 3);
    }
}
