//! Drives one engine: hands in what happened, carries out its effects in their
//! order, and wakes it when it says.
//!
//! An input is handed in at the moment when it happens, and its changes are shown before
//! anything else can happen. So a person always acts on what they see. Effects may wait
//! longer. Records wait in line with them; those that wait at one moment are written in
//! few transactions, each before the effects that follow it.

use crate::bell::Latch;
use crate::drafts::Drafts;
use crate::engine::EngineCell;
use crate::fill::Fill;
use crate::ports::Written;
use crate::requests::{Code, Requests};
use futures_util::future::{AbortHandle, abortable};
use protocol::ids::ConflictId;
use std::cell::{Cell, RefCell};
use std::collections::{BTreeSet, HashMap, VecDeque};
use std::rc::Rc;
use sync::edit::{DraftId, Edit};
use sync::message::{Answer, Effect, Input, Lost, Record, Request, RequestId};
use sync::{Engine, Silence};

/// A timer runs at most this long, in milliseconds. Waking early costs nothing.
const LONGEST_MILLIS: u64 = 3_600_000;

/// So many records are enough for one transaction; more would keep the thread for too
/// long.
const RECORDS_AT_ONCE: usize = 50;

/// The client begins so many requests and hashes before others have the thread. A browser
/// needs the thread for one or two milliseconds for each.
const BEGUN_AT_ONCE: usize = 4;

/// Runs one engine. A clone is another handle of the same runner.
pub(crate) struct Runner<P: Code>(Rc<Inner<P>>);

struct Inner<P: Code> {
    platform: P,
    engine: EngineCell,
    drafts: Drafts<P>,
    fill: Fill<P>,
    requests: Requests<P>,
    effects: RefCell<VecDeque<Effect>>,
    /// Whether somebody carries out effects at this moment.
    working: Cell<bool>,
    timer: RefCell<Option<AbortHandle>>,
    has_waited: Cell<bool>,
    /// How long silence lasts on the way to the server, as the store has it.
    silence: Cell<Silence>,
    /// The draft that each request in flight stores, and the conflict that it makes, by
    /// request.
    drafts_of: RefCell<HashMap<RequestId, (DraftId, Option<ConflictId>)>>,
    /// Set when the session is over.
    over: Latch,
}

impl<P: Code> Clone for Runner<P> {
    fn clone(&self) -> Self {
        Self(self.0.clone())
    }
}

impl<P: Code> Runner<P> {
    pub fn new(
        platform: P,
        engine: EngineCell,
        drafts: Drafts<P>,
        fill: Fill<P>,
        requests: Requests<P>,
        over: Latch,
    ) -> Self {
        let silence = engine.read().silence();
        Self(Rc::new(Inner {
            platform,
            engine,
            drafts,
            fill,
            requests,
            effects: RefCell::default(),
            working: Cell::default(),
            timer: RefCell::default(),
            has_waited: Cell::default(),
            silence: Cell::new(silence),
            drafts_of: RefCell::default(),
            over,
        }))
    }

    /// Ends the work: nothing is handed in, written or sent any more.
    pub fn end(&self) {
        self.0.over.set();
        if let Some(timer) = self.0.timer.take() {
            timer.abort();
        }
    }

    /// Hands inputs in, shows what they change and begins what follows.
    pub fn take(&self, inputs: Vec<Input>) {
        if self.0.over.is_set() {
            return;
        }
        let platform = &self.0.platform;
        let mut over = BTreeSet::new();
        let touched = {
            let mut engine = self.0.engine.write();
            for input in inputs {
                engine.handle(input, platform.now_ms(), platform.jitter());
                while let Some(effect) = engine.next_effect() {
                    self.note_draft(&engine, &effect);
                    if let Effect::Abandon { request } = &effect {
                        over.insert(*request);
                    }
                    self.0.effects.borrow_mut().push_back(effect);
                }
            }
            self.note_waiting(&engine);
            self.note_silence(&engine);
            engine.take_touched()
        };
        self.forget_unsent(&over);
        platform.changed(touched);
        self.set_timer();
        self.work();
    }

    fn note_silence(&self, engine: &Engine) {
        let learned = engine.silence();
        if self.0.silence.replace(learned) != learned {
            self.0.platform.learned(learned);
        }
    }

    /// Drops requests that wait to be sent and that the engine has abandoned.
    fn forget_unsent(&self, over: &BTreeSet<RequestId>) {
        if over.is_empty() {
            return;
        }
        let is_over = |effect: &Effect| match effect {
            Effect::Send { request, .. } => over.contains(request),
            _ => false,
        };
        self.0
            .effects
            .borrow_mut()
            .retain(|effect| !is_over(effect));
    }

    fn note_waiting(&self, engine: &Engine) {
        let waits = !engine.is_connected() && engine.trees().has_edits();
        if waits && !self.0.has_waited.replace(true) {
            self.0.platform.has_to_wait();
        }
    }

    fn note_draft(&self, engine: &Engine, effect: &Effect) {
        if let Effect::Send { request, body } = effect
            && let Some(item) = engine.item_of(*request)
            && let Some(draft) = engine.trees().edit(item).and_then(Edit::draft)
        {
            let conflict = match body {
                Request::KeepConflict { body, .. } => Some(body.id),
                Request::CreateFile { .. } | Request::Commit { .. } => None,
                _ => return,
            };
            let of = (draft.id, conflict);
            self.0.drafts_of.borrow_mut().insert(*request, of);
        }
    }

    fn set_timer(&self) {
        let wait = self.0.engine.read().wait();
        let timer = wait.map(|wait| {
            let runner = self.clone();
            let sleep = self.0.platform.sleep(wait.millis.min(LONGEST_MILLIS));
            let (timer, handle) = abortable(async move {
                sleep.await;
                runner.take(vec![Input::Elapsed]);
            });
            self.0.platform.spawn(async move {
                // An error means that another timer was set instead.
                let _ = timer.await;
            });
            handle
        });
        if let Some(before) = self.0.timer.replace(timer) {
            before.abort();
        }
    }

    /// Carries out the effects that wait, unless that is being done.
    pub fn work(&self) {
        if self.0.working.replace(true) {
            return;
        }
        let runner = self.clone();
        self.0.platform.spawn(async move {
            runner.carry_out_all().await;
            runner.0.working.set(false);
        });
    }

    async fn carry_out_all(&self) {
        let mut load_wanted = false;
        let mut rewrites = false;
        while !self.0.over.is_set() {
            let (records, rest) = self.take_effects();
            if records.is_empty() && rest.is_empty() {
                if !load_wanted {
                    self.0.platform.rests();
                    return;
                }
                load_wanted = !self.load().await;
                continue;
            }
            if !records.is_empty() {
                match self.write(&records, &mut rewrites).await {
                    Outcome::GoOn => {}
                    Outcome::Load => load_wanted = true,
                    Outcome::Rewrite => {
                        // The effects wait until everything is written anew; other
                        // records are part of that.
                        let waiting = rest.into_iter().chain(self.0.effects.take());
                        let waiting = waiting.filter(|one| !matches!(one, Effect::Persist(_)));
                        self.take(vec![Input::StorageLost]);
                        self.0.effects.borrow_mut().extend(waiting);
                        continue;
                    }
                }
            }
            let mut begun = 0;
            for effect in rest {
                if matches!(effect, Effect::Send { .. } | Effect::Hash { .. }) {
                    begun += 1;
                    if begun % BEGUN_AT_ONCE == 0 {
                        self.0.platform.breathe().await;
                    }
                    if self.0.over.is_set() {
                        return;
                    }
                }
                load_wanted |= matches!(effect, Effect::Load);
                self.carry_out(effect);
            }
        }
    }

    /// The records that wait, and the effects that follow them. Records that belong together
    /// in storage stay together.
    fn take_effects(&self) -> (Vec<Record>, Vec<Effect>) {
        let (mut records, mut rest) = (Vec::new(), Vec::new());
        let mut effects = self.0.effects.borrow_mut();
        while records.len() < RECORDS_AT_ONCE {
            match effects.pop_front() {
                Some(Effect::Persist(some)) => records.extend(some),
                Some(other) => rest.push(other),
                None => break,
            }
        }
        (records, rest)
    }

    async fn write(&self, records: &[Record], rewrites: &mut bool) -> Outcome {
        let platform = &self.0.platform;
        match platform.write(records).await {
            Ok(Written::Yes) => {
                *rewrites = false;
                platform.written(records);
                Outcome::GoOn
            }
            Ok(Written::CursorElsewhere) => Outcome::Load,
            Ok(Written::NotOurs) => {
                platform.is_not_ours();
                Outcome::GoOn
            }
            // The storage may be full: writing everything anew is not tried for ever.
            Err(failure) if *rewrites => {
                platform.do_without(&failure);
                Outcome::GoOn
            }
            Err(failure) => {
                *rewrites = platform.recover(&failure).await;
                if *rewrites {
                    Outcome::Rewrite
                } else {
                    platform.written(records);
                    Outcome::GoOn
                }
            }
        }
    }

    /// Goes on from what another engine has stored. Returns false if something
    /// happened meanwhile that may be newer: then it has to be read again.
    async fn load(&self) -> bool {
        let platform = &self.0.platform;
        if !platform.works() {
            platform.ask_for_state();
            return true;
        }
        let Some(kept) = platform.load().await else {
            return true;
        };
        if !self.0.effects.borrow().is_empty() {
            return false;
        }
        self.take(vec![Input::Loaded(kept)]);
        true
    }

    fn carry_out(&self, effect: Effect) {
        match effect {
            // Taken apart before.
            Effect::Persist(_) | Effect::Load => {}
            Effect::Send { request, body } => self.send(request, body),
            Effect::Abandon { request } => {
                self.0.drafts_of.borrow_mut().remove(&request);
                self.0.requests.abandon(request);
            }
            Effect::Hash { draft, class } => {
                let (runner, drafts) = (self.clone(), self.0.drafts.clone());
                self.0.platform.spawn(async move {
                    if let Some(hashed) = drafts.hash(draft, class).await {
                        runner.take(vec![hashed]);
                    }
                });
            }
            Effect::KeepBytes { draft } => {
                let runner = self.clone();
                self.0
                    .drafts
                    .keep(draft, move |kept| runner.take(vec![kept]));
            }
            Effect::ReleaseBytes { draft } => {
                self.0.drafts.release(draft);
                self.0.platform.released(draft);
            }
            Effect::AskLeader => self.0.platform.ask_leader(),
            Effect::Tell(notice) => self.0.platform.tell(notice),
        }
    }

    fn send(&self, request: RequestId, body: Request) {
        let runner = self.clone();
        let is_feed = matches!(body, Request::Changes { .. } | Request::Poll { .. });
        self.0.requests.start(request, body, move |result| {
            let platform = &runner.0.platform;
            if let (true, Ok(answer)) = (is_feed, &result) {
                platform.fed(answer);
            }
            let is_failed = is_feed && result.is_err();
            runner.answered(request, result);
            // The engine knows by now what the failure means.
            if is_failed {
                platform.feed_failed();
            }
        });
    }

    fn answered(&self, request: RequestId, result: Result<Answer, Lost>) {
        let of = self.0.drafts_of.borrow_mut().remove(&request);
        if let Some((draft, conflict)) = of {
            self.0.platform.answered(draft, conflict, &result);
            self.0.fill.answered(draft, &result);
        }
        self.take(vec![Input::Answered { request, result }]);
    }
}

/// How a transaction ended.
enum Outcome {
    GoOn,
    Load,
    Rewrite,
}
