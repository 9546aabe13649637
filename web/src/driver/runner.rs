//! Drives one engine: hands in what happened, carries out its effects in their
//! order, and wakes it when it says.
//!
//! An input is handed in at the moment when it happens, and what it changes is
//! shown before anything else can happen: so whatever a person does is based on
//! what they see. Effects may wait longer. What is to be written waits in line
//! with them, and what waits at a moment is written in few transactions, each
//! before any of what follows it.

use super::requests::Requests;
use super::{fill, notices, session, show, tabs};
use crate::browser::bell::Latch;
use crate::browser::{agent, clock, opfs, random};
use crate::failure::Failure;
use crate::local_db::Written;
use crate::state::Drive;
use gloo_timers::callback::Timeout;
use protocol::ids::ConflictId;
use protocol::items::Committed;
use std::cell::{Cell, Ref, RefCell};
use std::collections::{BTreeSet, HashMap, VecDeque};
use std::rc::Rc;
use sync::edit::{DraftId, Edit};
use sync::message::{Answer, Effect, Failure as Lost, Input, Record, Request, RequestId};
use sync::{Engine, Silence};
use wasm_bindgen_futures::spawn_local;

/// A timer of a browser runs at most this long, in milliseconds. Waking early
/// costs nothing.
const LONGEST_MILLIS: u64 = 3_600_000;

/// Records that are enough for one transaction: more of them would keep the
/// page's thread for too long.
const RECORDS_AT_ONCE: usize = 50;

/// Requests and hashes begun before the page may draw: a browser takes one or two
/// milliseconds of its thread for each.
const BEGUN_AT_ONCE: usize = 4;

pub struct Runner {
    engine: RefCell<Engine>,
    effects: RefCell<VecDeque<Effect>>,
    /// Whether somebody carries out effects at this moment.
    working: Cell<bool>,
    timer: RefCell<Option<Timeout>>,
    asked_to_persist: Cell<bool>,
    /// What is kept of the way to the server.
    silence: Cell<Silence>,
    pub requests: Requests,
    /// Of which draft a request is that stores one, from its effect to its
    /// answer, and which conflict it makes.
    drafts_of: RefCell<HashMap<RequestId, (DraftId, Option<ConflictId>)>>,
    /// Who writes here.
    pub here: Committed,
    /// Whether this tab pulls and polls for all tabs of the browser.
    pub leads: Cell<bool>,
    /// Set when the session is over.
    pub over: Latch,
}

impl Runner {
    pub fn new(engine: Engine, here: Committed) -> Self {
        Self {
            silence: Cell::new(engine.silence()),
            engine: RefCell::new(engine),
            effects: RefCell::default(),
            working: Cell::new(false),
            timer: RefCell::new(None),
            asked_to_persist: Cell::new(false),
            requests: Requests::default(),
            drafts_of: RefCell::default(),
            here,
            leads: Cell::new(false),
            over: Latch::default(),
        }
    }

    /// The engine, to be read.
    pub fn engine(&self) -> Ref<'_, Engine> {
        self.engine.borrow()
    }

    /// How many changes the server does not have.
    pub fn unsent(&self) -> usize {
        let engine = self.engine();
        let trees = engine.trees();
        let later: usize = trees.edits().map(|edit| edit.later.len()).sum();
        trees.edit_count() + later + trees.resolutions().len()
    }

    /// Ends it: nothing is handed in, written or sent any more.
    pub fn end(&self) {
        self.over.set();
        self.timer.take();
    }

    /// Hands inputs in, shows what they change and begins what follows.
    pub fn take(self: &Rc<Self>, drive: Drive, inputs: Vec<Input>) {
        if self.over.is_set() {
            return;
        }
        let mut over = BTreeSet::new();
        let touched = {
            let mut engine = self.engine.borrow_mut();
            for input in inputs {
                engine.handle(input, clock::now_ms(), random::jitter());
                while let Some(effect) = engine.next_effect() {
                    self.note_draft(&engine, &effect);
                    if let Effect::Abandon { request } = &effect {
                        over.insert(*request);
                    }
                    self.effects.borrow_mut().push_back(effect);
                }
            }
            self.ask_to_persist(&engine);
            self.keep_silence(&engine);
            engine.take_touched()
        };
        self.forget_unsent(&over);
        show::news(drive, self, touched);
        self.set_timer(drive);
        self.work(drive);
    }

    /// Keeps what the engine has learned of the way to the server.
    fn keep_silence(&self, engine: &Engine) {
        let learned = engine.silence();
        if self.silence.replace(learned) != learned {
            agent::remember_silence(learned);
        }
    }

    /// What waits to be sent and is of no interest any more does not set out.
    fn forget_unsent(&self, over: &BTreeSet<RequestId>) {
        if over.is_empty() {
            return;
        }
        let is_over = |effect: &Effect| match effect {
            Effect::Send { request, .. } => over.contains(request),
            _ => false,
        };
        self.effects.borrow_mut().retain(|effect| !is_over(effect));
    }

    /// From the first edit on that has to wait, the browser had better not clear
    /// what is kept here.
    fn ask_to_persist(&self, engine: &Engine) {
        let waits = !engine.is_connected() && engine.trees().has_edits();
        if waits && !self.asked_to_persist.replace(true) {
            spawn_local(opfs::ask_to_persist());
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
            self.drafts_of.borrow_mut().insert(*request, of);
        }
    }

    fn set_timer(self: &Rc<Self>, drive: Drive) {
        let wait = self.engine.borrow().wait();
        let timer = wait.map(|wait| {
            let runner = self.clone();
            let millis = wait.millis.min(LONGEST_MILLIS) as u32;
            Timeout::new(millis, move || runner.take(drive, vec![Input::Elapsed]))
        });
        // The one before is cancelled.
        self.timer.replace(timer);
    }

    /// Carries out what waits, unless that is being done.
    pub fn work(self: &Rc<Self>, drive: Drive) {
        if self.working.replace(true) {
            return;
        }
        let runner = self.clone();
        spawn_local(async move {
            runner.carry_out_all(drive).await;
            runner.working.set(false);
        });
    }

    async fn carry_out_all(self: &Rc<Self>, drive: Drive) {
        let mut load_wanted = false;
        let mut rewrites = false;
        while !self.over.is_set() {
            let (records, rest) = self.take_effects();
            if records.is_empty() && rest.is_empty() {
                if !load_wanted {
                    tabs::tell_standing(drive, self);
                    return;
                }
                load_wanted = !self.load(drive).await;
                continue;
            }
            if !records.is_empty() {
                match self.write(drive, &records, &mut rewrites).await {
                    Outcome::GoOn => {}
                    Outcome::Load => load_wanted = true,
                    Outcome::Rewrite => {
                        // All of it waits until everything is written anew, and
                        // what else was to be written is part of that.
                        let waiting = rest.into_iter().chain(self.effects.take());
                        let waiting = waiting.filter(|one| !matches!(one, Effect::Persist(_)));
                        self.take(drive, vec![Input::StorageLost]);
                        self.effects.borrow_mut().extend(waiting);
                        continue;
                    }
                }
            }
            let mut begun = 0;
            for effect in rest {
                if matches!(effect, Effect::Send { .. } | Effect::Hash { .. }) {
                    begun += 1;
                    if begun % BEGUN_AT_ONCE == 0 {
                        clock::breathe().await;
                    }
                    if self.over.is_set() {
                        return;
                    }
                }
                load_wanted |= matches!(effect, Effect::Load);
                self.carry_out(drive, effect);
            }
        }
    }

    /// What waits: what is to be written, and what follows it. What belongs
    /// together in storage stays together.
    fn take_effects(&self) -> (Vec<Record>, Vec<Effect>) {
        let (mut records, mut rest) = (Vec::new(), Vec::new());
        let mut effects = self.effects.borrow_mut();
        while records.len() < RECORDS_AT_ONCE {
            match effects.pop_front() {
                Some(Effect::Persist(some)) => records.extend(some),
                Some(other) => rest.push(other),
                None => break,
            }
        }
        (records, rest)
    }

    async fn write(&self, drive: Drive, records: &[Record], rewrites: &mut bool) -> Outcome {
        let driver = drive.driver();
        match driver.store.write(records).await {
            Ok(Written::Yes) => {
                *rewrites = false;
                tabs::share(drive, records);
                Outcome::GoOn
            }
            Ok(Written::CursorElsewhere) => Outcome::Load,
            Ok(Written::NotOurs) => {
                session::find_out_who(drive);
                Outcome::GoOn
            }
            // Full, perhaps: what could not be written once is not tried for ever.
            Err(failure) if *rewrites => {
                driver.store.do_without(drive, &failure);
                Outcome::GoOn
            }
            Err(failure) => {
                *rewrites = driver.store.reopen(drive, &failure).await;
                if *rewrites {
                    Outcome::Rewrite
                } else {
                    tabs::share(drive, records);
                    Outcome::GoOn
                }
            }
        }
    }

    /// Goes on from what another tab has stored. Returns false if something
    /// happened meanwhile that may be newer: then it has to be read again.
    async fn load(self: &Rc<Self>, drive: Drive) -> bool {
        let store = &drive.driver().store;
        if !store.works() {
            tabs::ask_for_state(drive);
            return true;
        }
        let Some(kept) = store.load(drive).await else {
            return true;
        };
        if !self.effects.borrow().is_empty() {
            return false;
        }
        self.take(drive, vec![Input::Loaded(kept)]);
        true
    }

    fn carry_out(self: &Rc<Self>, drive: Drive, effect: Effect) {
        let driver = drive.driver();
        match effect {
            // Taken apart before.
            Effect::Persist(_) | Effect::Load => {}
            Effect::Send { request, body } => self.send(drive, request, body),
            Effect::Abandon { request } => {
                self.drafts_of.borrow_mut().remove(&request);
                self.requests.abandon(request);
            }
            Effect::Hash { draft, class } => driver.drafts.hash(drive, draft, class),
            Effect::KeepBytes { draft } => driver.drafts.keep(drive, draft),
            Effect::ReleaseBytes { draft } => {
                driver.drafts.release(draft);
                driver.panel.end(drive, draft);
            }
            Effect::AskLeader => driver.tabs.tell(drive, &tabs::Message::PullPlease),
            Effect::Tell(notice) => notices::tell(drive, self, notice),
        }
    }

    fn send(self: &Rc<Self>, drive: Drive, request: RequestId, body: Request) {
        let runner = self.clone();
        let is_feed = tabs::is_feed(&body);
        self.requests
            .start(drive, self, request, body, move |result| {
                if let (true, Ok(answer)) = (is_feed, &result) {
                    tabs::feed_answered(drive, answer);
                }
                let is_failed = is_feed && result.is_err();
                runner.answered(drive, request, result);
                // The engine knows by now what to make of that.
                if is_failed {
                    tabs::feed_failed(drive, &runner);
                }
            });
    }

    fn answered(self: &Rc<Self>, drive: Drive, request: RequestId, result: Result<Answer, Lost>) {
        let of = self.drafts_of.borrow_mut().remove(&request);
        if let Some((draft, conflict)) = of {
            drive.driver().panel.note_answer(draft, conflict, &result);
            fill::answered(drive, draft, &result);
        }
        self.take(drive, vec![Input::Answered { request, result }]);
    }
}

/// What a transaction came to.
enum Outcome {
    GoOn,
    Load,
    Rewrite,
}

/// Whether at most one edit is on its way: what it sends need not wait for what
/// others bring.
pub fn is_about_one_edit(drive: Drive) -> bool {
    let runner = drive.driver().runner();
    runner.is_some_and(|runner| runner.engine().trees().edits().nth(1).is_none())
}

/// What went wrong with a request, as the engine takes it.
pub fn lost(failure: Failure) -> Lost {
    use sync::message::BytesLost;
    match failure {
        Failure::Refused(problem) => Lost::Refused(problem),
        Failure::FileUnreadable => Lost::BytesLost(BytesLost::Gone),
        Failure::Unreachable
        | Failure::Browser(_)
        | Failure::WeakPassword(_)
        | Failure::WrongPassword
        | Failure::Cancelled => Lost::Unreachable,
    }
}
