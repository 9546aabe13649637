//! Finds while somebody types: a slice of work at a time, so that the page goes on
//! drawing. A newer text takes the place of an older one at once.

use super::times::calendar;
use crate::state::Drive;
use crate::ui::icon::Icon;
use leptos::prelude::*;
use leptos::task::spawn_local;
use platform::browser::clock;
use protocol::ids::ItemId;
use std::collections::BTreeSet;
use std::time::Duration;
use sync::search::fold::Folder;
use sync::search::index::Index;
use sync::search::query::{Kind, Query};
use sync::search::scan::{Hit, Scan};

/// How long the page's thread may be busy at a time.
const SLICE_MS: u64 = 8;
/// Names that are looked at between two looks at the clock.
const CHUNK: usize = 1_000;
/// What was found so far is shown after this long, and again after as long.
const PATIENCE_MS: u64 = 40;
/// An index that took a millisecond to make is not made anew for this many: while
/// thousands of files arrive, the page stays usable.
const REST_FACTOR: u64 = 6;

/// What was found.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Found {
    /// What was looked for.
    pub text: String,
    pub query: Query,
    /// The best, in order.
    pub hits: Vec<Hit>,
    /// How many there are of them.
    pub total: usize,
    /// Whether everything was looked at.
    pub is_whole: bool,
}

#[derive(Clone, Copy)]
pub struct Finder {
    drive: Drive,
    work: StoredValue<Work, LocalStorage>,
    pub found: RwSignal<Found>,
}

struct Work {
    /// How many of the best are shown.
    most: usize,
    text: String,
    scan: Scan,
    index: Index,
    /// The next index, while it is made.
    next: Option<Index>,
    next_began_ms: u64,
    /// Whether the tree has changed since the newest index was begun.
    is_stale: bool,
    rest_until_ms: u64,
    /// Whether something will look at [`Self::is_stale`] later.
    is_awaited: bool,
    is_running: bool,
    shown_at_ms: u64,
    is_shown: bool,
}

impl Finder {
    /// Finds for a text, and again for each that it becomes, and whenever the tree is
    /// another one. Shows the best `most`.
    pub fn start(text: Signal<String>, most: usize) -> Self {
        let drive: Drive = expect_context();
        let index = drive.tree.with_untracked(Index::begin);
        let this = Self {
            drive,
            work: StoredValue::new_local(Work {
                most,
                text: String::new(),
                scan: Scan::begin(Query::recent()),
                index,
                next: None,
                next_began_ms: 0,
                is_stale: false,
                rest_until_ms: 0,
                is_awaited: false,
                is_running: false,
                shown_at_ms: 0,
                is_shown: false,
            }),
            found: RwSignal::new(Found::default()),
        };
        Effect::new(move |_| this.look_for(text.get()));
        // What is starred by now.
        Effect::new(move |before: Option<()>| {
            drive.marks.track();
            if before.is_some() {
                this.begin_again();
            }
        });
        Effect::new(move |before: Option<()>| {
            drive.tree.track();
            if before.is_some() {
                this.work.update_value(|work| work.is_stale = true);
                this.renew();
            }
        });
        this
    }

    /// Whether what is shown is of this text, and nothing is missing in it.
    pub fn is_of(self, text: &str) -> bool {
        self.found
            .with_untracked(|found| found.is_whole && found.text == text)
    }

    fn look_for(self, text: String) {
        let query = Query::parse(&text, calendar(), &mut Folder::default());
        let query = match query.is_empty() {
            true => Query::recent(),
            false => query,
        };
        self.work.update_value(|work| {
            work.text = text;
            work.begin(query, self.stars());
        });
        self.run();
    }

    /// What the person has starred.
    fn stars(self) -> BTreeSet<ItemId> {
        let marks = self.drive.marks.read_untracked();
        marks.stars.iter().map(|star| star.item).collect()
    }

    /// Looks for the same again, if stars count in it.
    fn begin_again(self) {
        let stars = self.stars();
        let counts = self.work.try_update_value(|work| {
            let query = work.scan.query().clone();
            let counts = query.starred;
            if counts {
                work.begin(query, stars);
            }
            counts
        });
        if counts == Some(true) {
            self.run();
        }
    }

    /// Begins another index, if there is anything new and the last one is long enough ago.
    fn renew(self) {
        let now = clock::running_ms();
        let wait = self.work.try_update_value(|work| {
            if !work.is_stale || work.next.is_some() || work.is_awaited {
                return None;
            }
            if now >= work.rest_until_ms {
                work.is_stale = false;
                work.next = Some(self.drive.tree.with_untracked(Index::begin));
                work.next_began_ms = now;
                return Some(0);
            }
            work.is_awaited = true;
            Some(work.rest_until_ms - now + 1)
        });
        match wait.flatten() {
            None => {}
            Some(0) => self.run(),
            Some(wait) => {
                let later = move || {
                    // The view may be gone by then.
                    let is_there = self.work.try_update_value(|work| work.is_awaited = false);
                    if is_there.is_some() {
                        self.renew();
                    }
                };
                set_timeout(later, Duration::from_millis(wait));
            }
        }
    }

    fn run(self) {
        let is_running = self
            .work
            .try_update_value(|work| std::mem::replace(&mut work.is_running, true));
        if is_running == Some(false) {
            spawn_local(async move {
                // The key that was pressed is drawn first.
                clock::breathe().await;
                while self.slice() {
                    clock::breathe().await;
                }
                self.renew();
            });
        }
    }

    /// Works for a while; whether there is more to do.
    fn slice(self) -> bool {
        let began = clock::running_ms();
        let outcome = self.work.try_update_value(|work| {
            let tree = self.drive.tree.read_untracked();
            loop {
                let goes_on = work.step(&tree);
                let now = clock::running_ms();
                let is_patient = now.saturating_sub(work.shown_at_ms) < PATIENCE_MS;
                let found = match work.is_seen() {
                    true => !work.is_shown,
                    false => !is_patient && work.scan.found() > 0,
                };
                let found = found.then(|| work.show(now));
                if !goes_on {
                    work.is_running = false;
                }
                if found.is_some() || !goes_on || now - began >= SLICE_MS {
                    return (goes_on, found);
                }
            }
        });
        let Some((goes_on, found)) = outcome else {
            return false;
        };
        if let Some(found) = found {
            self.found.set(found);
        }
        goes_on
    }
}

impl Work {
    fn begin(&mut self, query: Query, stars: BTreeSet<ItemId>) {
        self.scan = Scan::begin(query).starred(stars);
        self.begin_showing();
    }

    fn begin_showing(&mut self) {
        self.is_shown = false;
        self.shown_at_ms = clock::running_ms();
    }

    /// Whether the query has seen every name.
    fn is_seen(&self) -> bool {
        self.index.is_whole() && self.scan.has_seen(&self.index)
    }

    /// Does a bit; whether there is more. What somebody waits for comes first.
    fn step(&mut self, tree: &sync::tree::Tree) -> bool {
        if !self.index.is_whole() {
            self.index.go_on(tree, CHUNK);
        }
        if !self.scan.has_seen(&self.index) {
            self.scan.go_on(&self.index, tree, &kind_of, CHUNK);
            return true;
        }
        if !self.index.is_whole() {
            return true;
        }
        // What is found is shown before the next index is made.
        let Some(next) = self.next.as_mut() else {
            return false;
        };
        next.go_on(tree, CHUNK);
        if next.is_whole() {
            let now = clock::running_ms();
            self.rest_until_ms = now + (now - self.next_began_ms) * REST_FACTOR;
            self.index = self.next.take().unwrap_or_default();
            self.scan = self.scan.anew();
            self.begin_showing();
        }
        true
    }

    fn show(&mut self, now: u64) -> Found {
        let is_whole = self.is_seen();
        self.is_shown = is_whole;
        self.shown_at_ms = now;
        Found {
            text: self.text.clone(),
            query: self.scan.query().clone(),
            hits: self.scan.best(self.most),
            total: self.scan.found(),
            is_whole,
        }
    }
}

/// What a file of this name is.
fn kind_of(name: &str) -> Option<Kind> {
    match Icon::for_name(name) {
        Icon::Image => Some(Kind::Picture),
        Icon::Text | Icon::Table => Some(Kind::Document),
        Icon::Video => Some(Kind::Video),
        Icon::Audio => Some(Kind::Sound),
        Icon::Archive => Some(Kind::Archive),
        Icon::Code => Some(Kind::Code),
        _ => None,
    }
}
