//! What the person has starred, and the searches that they have saved. A star is shown at
//! once and kept in this browser until the server has it. What the server has said is kept as
//! well, so that it is there without a connection, and all tabs have it.
//!
//! All but the way there is in a part of the page: whoever has no marks never fetches it.

use super::root::Root;
use crate::parts::PartFuture;
use crate::state::marks::{UnsentStar, is_starred, wanted, with_sent};
use crate::state::notices::{More, Tone};
use crate::state::session::SessionState;
use crate::words::{say, say_many, t};
use futures_util::future::select;
use leptos::prelude::{RwSignal, Set, StoredValue, WithUntracked};
use platform::browser::{clock, locks, random, shelf};
use platform::failure::Failure;
use protocol::ids::{ItemId, SearchId, UserId};
use protocol::limits::MAX_BATCH_STARS;
use protocol::marks::{ChangeStars, Marks as Known, NewSearch, NewStar, SavedSearch, SearchChange};
use protocol::problem::{Problem, Retry};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use std::cell::{Cell, RefCell};
use std::collections::BTreeMap;
use std::pin::pin;
use std::rc::Rc;
use sync::backoff;
use sync::tree::Tree;
use wasm_bindgen_futures::spawn_local;

/// One tab at a time sends and asks, so that no request overtakes an earlier one.
const LOCK: &str = "driftless-marks";
/// A tab that was stopped in the middle of that does not hold others up for ever.
const TURN_MILLIS: u64 = 15_000;

/// What is done in a [part](crate::parts) of the page.
pub enum MarksAct {
    /// Shows what this browser knows.
    Look,
    /// Sends what is unsent, and asks the server what there is.
    Ask,
    /// Gives items of a root a star, or takes it away.
    Star {
        root: Option<ItemId>,
        /// What is in it.
        tree: RwSignal<Tree>,
        items: Vec<ItemId>,
        on: bool,
    },
}

pub struct Marks {
    /// The person's own drive.
    home: Rc<Root>,
    part: fn(Rc<Marks>, MarksAct) -> PartFuture<()>,
    /// What the browser would keep, where it keeps nothing: by its name there.
    memory: RefCell<BTreeMap<&'static str, String>>,
    /// What is said once the server has agreed.
    promised: RefCell<Vec<Promise>>,
    works: Cell<bool>,
    is_due: Cell<bool>,
    /// Whether the server is to be asked.
    asks: Cell<bool>,
}

/// That stars are taken away.
struct Promise {
    act: u64,
    words: String,
    root: Option<ItemId>,
    items: Vec<ItemId>,
}

/// What is kept, and whose it is.
#[derive(Serialize, Deserialize)]
struct Kept<T> {
    user: UserId,
    kept: T,
}

impl Marks {
    pub fn new(home: Rc<Root>, part: fn(Rc<Marks>, MarksAct) -> PartFuture<()>) -> Rc<Self> {
        Rc::new(Self {
            home,
            part,
            memory: RefCell::default(),
            promised: RefCell::default(),
            works: Cell::new(false),
            is_due: Cell::new(false),
            asks: Cell::new(false),
        })
    }

    /// Does something in a part of the page.
    pub fn act(self: &Rc<Self>, act: MarksAct) {
        if self.user().is_none() {
            return;
        }
        let marks = self.clone();
        spawn_local(async move {
            let is_asked_for = matches!(act, MarksAct::Star { .. });
            let done = (marks.part)(marks.clone(), act).await;
            // An old list is no reason to disturb anybody.
            if let Err(failure) = done
                && is_asked_for
            {
                let notices = marks.home.drive.notices;
                notices.failure(t("Nothing was starred"), &failure.into());
            }
        });
    }

    /// The same at the start, if there is anything that it could be about.
    pub fn begin(self: &Rc<Self>, has_marks: bool, act: MarksAct) {
        let names = [shelf::KNOWN, shelf::UNSENT];
        if has_marks || names.iter().any(|name| shelf::read(name).is_some()) {
            self.act(act);
        }
    }

    /// Nobody is signed in any more.
    pub fn forget(&self) {
        self.memory.borrow_mut().clear();
        self.promised.borrow_mut().clear();
        self.home.drive.marks.set(Known::default());
    }

    fn user(&self) -> Option<UserId> {
        self.home.drive.session.with_untracked(SessionState::user)
    }

    /// What the part begins with.
    pub fn carry_out(self: &Rc<Self>, act: MarksAct) {
        let Some(user) = self.user() else {
            return;
        };
        match act {
            MarksAct::Look => self.show(user),
            MarksAct::Ask => {
                self.show(user);
                self.asks.set(true);
                self.work(user);
            }
            MarksAct::Star {
                root,
                tree,
                items,
                on,
            } => {
                self.star(user, (root, tree), items, on);
                self.show(user);
                self.work(user);
            }
        }
    }

    fn star(
        &self,
        user: UserId,
        (root, tree): (Option<ItemId>, RwSignal<Tree>),
        mut items: Vec<ItemId>,
        on: bool,
    ) {
        let marks = self.home.drive.marks;
        marks.with_untracked(|marks| items.retain(|item| is_starred(marks, *item) != on));
        if items.is_empty() {
            return;
        }
        let at_ms = clock::now_ms();
        let act = u64::from_le_bytes(
            random::id_bytes()
                .first_chunk()
                .copied()
                .unwrap_or_default(),
        );
        // What is wanted otherwise by now is not said to be done.
        let is_other = |promise: &Promise| promise.items.iter().any(|item| items.contains(item));
        self.promised
            .borrow_mut()
            .retain(|promise| !is_other(promise));
        if !on {
            let words = tree.with_untracked(|tree| unstarred(tree, &items));
            let items = items.clone();
            self.promised.borrow_mut().push(Promise {
                act,
                words,
                root,
                items,
            });
        }
        let now = items.into_iter().map(|item| UnsentStar {
            item,
            root,
            on,
            at_ms,
            act,
        });
        let mut unsent = self.unsent(user);
        wanted(&mut unsent, now.collect());
        self.keep(shelf::UNSENT, user, &unsent);
    }

    /// What there is, with what is not sent yet.
    fn show(&self, user: UserId) {
        let shown = with_sent(self.kept(shelf::KNOWN, user), &self.unsent(user));
        let marks = self.home.drive.marks;
        if marks.with_untracked(|now| *now != shown) {
            marks.set(shown);
        }
    }

    /// Sends and asks until nothing is due any more.
    fn work(self: &Rc<Self>, user: UserId) {
        self.is_due.set(true);
        if self.works.replace(true) {
            return;
        }
        let marks = self.clone();
        spawn_local(async move {
            let mut failures = 0;
            while marks.is_due.replace(false) && marks.user() == Some(user) {
                match marks.step(user).await {
                    Ok(()) => failures = 0,
                    Err(failure) if failure.is_passing() => {
                        marks.is_due.set(true);
                        clock::sleep(failure.asked_wait_millis()).await;
                        let wait = backoff::delay_millis(failures, random::jitter());
                        let again = pin!(marks.home.current.again().next());
                        select(pin!(clock::sleep(wait)), again).await;
                        failures += 1;
                    }
                    Err(_) => break,
                }
            }
            marks.works.set(false);
            // Somebody else has come in meanwhile.
            if let Some(user) = marks.user()
                && marks.is_due.get()
            {
                marks.work(user);
            }
        });
    }

    async fn step(&self, user: UserId) -> Result<(), Failure> {
        let _turn = match locks::exist() {
            true => locks::take_within(LOCK, TURN_MILLIS).await,
            false => None,
        };
        let api = self.home.current.api();
        let unsent = self.unsent(user);
        // Those first that are taken away: they make room.
        let on = unsent.iter().all(|one| one.on);
        let some = unsent.into_iter().filter(|one| one.on == on);
        let sent: Vec<UnsentStar> = some.take(MAX_BATCH_STARS).collect();
        if !sent.is_empty() {
            let told = api.change_stars(&change(&sent)).await;
            if let Err(failure) = &told
                && is_kept(failure)
            {
                return told;
            }
            if self.user() != Some(user) {
                return Ok(());
            }
            self.settle(user, &sent, told);
            self.is_due.set(true);
        }
        if self.asks.replace(false) {
            let known = api.marks().await.inspect_err(|_| self.asks.set(true))?;
            if self.user() == Some(user) {
                self.keep(shelf::KNOWN, user, &known);
            }
        }
        if self.user() == Some(user) {
            self.show(user);
        }
        Ok(())
    }

    /// The server has taken these, or has refused them for good.
    fn settle(&self, user: UserId, sent: &[UnsentStar], told: Result<(), Failure>) {
        let mut unsent = self.unsent(user);
        unsent.retain(|one| !sent.contains(one));
        if told.is_ok() {
            let known = with_sent(self.kept(shelf::KNOWN, user), sent);
            self.keep(shelf::KNOWN, user, &known);
        }
        self.keep(shelf::UNSENT, user, &unsent);
        let is_settled = |promise: &mut Promise| !unsent.iter().any(|one| one.act == promise.act);
        let mut promised = self.promised.borrow_mut();
        let done: Vec<Promise> = promised.extract_if(.., is_settled).collect();
        drop(promised);
        let notices = self.home.drive.notices;
        match told {
            Ok(()) => {
                for promise in done {
                    let stars = StoredValue::new((promise.root, promise.items));
                    notices.tell_more(Tone::Good, promise.words, More::Unstarred(stars));
                }
            }
            Err(failure) => notices.failure(t("That was not starred"), &failure),
        }
    }

    fn unsent(&self, user: UserId) -> Vec<UnsentStar> {
        self.kept(shelf::UNSENT, user)
    }

    fn kept<T: DeserializeOwned + Default>(&self, name: &'static str, user: UserId) -> T {
        let text = shelf::read(name).or_else(|| self.memory.borrow().get(name).cloned());
        let kept: Option<Kept<T>> = text.and_then(|text| serde_json::from_str(&text).ok());
        let kept = kept.filter(|kept| kept.user == user);
        kept.map(|kept| kept.kept).unwrap_or_default()
    }

    fn keep<T: Serialize>(&self, name: &'static str, user: UserId, kept: &T) {
        if let Ok(text) = serde_json::to_string(&Kept { user, kept }) {
            shelf::write(name, &text);
            self.memory.borrow_mut().insert(name, text);
        }
    }

    /// Saves a search. Returns once the server has it.
    pub async fn save_search(
        self: &Rc<Self>,
        name: String,
        query: String,
    ) -> Result<SavedSearch, Failure> {
        let id = SearchId::from_random(random::id_bytes());
        let new = NewSearch { id, name, query };
        let saved = self.home.current.api().save_search(&new).await?;
        self.searched(saved.id, Some(saved.clone()));
        Ok(saved)
    }

    /// Gives a search that the person sees another name.
    pub async fn rename_search(
        self: &Rc<Self>,
        search: &SavedSearch,
        name: String,
    ) -> Result<(), Failure> {
        let change = SearchChange {
            base_version: search.version,
            name: Some(name),
            query: None,
        };
        let api = self.home.current.api();
        let told = api.change_search(search.id, &change).await;
        if told.is_err() {
            // It may be another one by now, or gone.
            self.act(MarksAct::Ask);
        }
        self.searched(search.id, Some(told?));
        Ok(())
    }

    pub async fn remove_search(self: &Rc<Self>, id: SearchId) -> Result<(), Failure> {
        match self.home.current.api().remove_search(id).await {
            // On another device.
            Ok(()) | Err(Failure::Refused(Problem::NoSuchSearch)) => {}
            Err(failure) => return Err(failure),
        }
        self.searched(id, None);
        Ok(())
    }

    /// This is what a search is now. The server is asked as well: what it was asked before
    /// may be answered later.
    fn searched(self: &Rc<Self>, id: SearchId, now: Option<SavedSearch>) {
        if let Some(user) = self.user() {
            let mut known: Known = self.kept(shelf::KNOWN, user);
            let searches = &mut known.searches;
            match searches.iter().position(|search| search.id == id) {
                Some(place) => drop(searches.splice(place..=place, now)),
                None => searches.extend(now),
            }
            self.keep(shelf::KNOWN, user, &known);
            self.show(user);
            self.act(MarksAct::Ask);
        }
    }
}

fn change(sent: &[UnsentStar]) -> ChangeStars {
    let star = sent.iter().filter(|one| one.on).map(|one| NewStar {
        item: one.item,
        root: one.root,
    });
    let unstar = sent.iter().filter(|one| !one.on).map(|one| one.item);
    ChangeStars {
        star: star.collect(),
        unstar: unstar.collect(),
    }
}

/// Whether what could not be sent is sent again, now or when its person is back.
fn is_kept(failure: &Failure) -> bool {
    match failure {
        Failure::Refused(problem) if problem.retry() == Retry::SignIn => true,
        failure => failure.is_passing(),
    }
}

fn unstarred(tree: &Tree, items: &[ItemId]) -> String {
    let only = match items {
        [one] => tree.get(*one),
        _ => None,
    };
    match only {
        Some(item) => say!("“{name}” is not starred any more", name = item.name),
        None => say_many!(
            items.len(),
            "1 item is not starred any more",
            "{n} items are not starred any more"
        ),
    }
}
