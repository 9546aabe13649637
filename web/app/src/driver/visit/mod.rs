//! Somebody who has a link, whoever is signed in: nobody needs to be. Nothing is kept in
//! this browser, and no engine works: the listing is read when the page is looked at.

mod sending;

use super::current::Current;
use super::zips;
use crate::refusals::InWords;
use crate::state::Drive;
use crate::state::visit::{LinkStanding, Visited};
use leptos::prelude::{GetUntracked, GetValue, LocalStorage, Set, StoredValue, WithUntracked};
use platform::failure::Failure;
use protocol::changes::{Change, ChangePage};
use protocol::ids::ItemId;
use protocol::links::{LinkKey, PassFinish, PassStart};
use protocol::problem::Problem;
use sending::Sending;
use std::cell::Cell;
use std::rc::Rc;
use sync::tree::{ListedItem, Tree};
use wasm_bindgen_futures::spawn_local;
use web_sys::{File, Storage};
use workers::hashing::pool::Pool;
use workers::signing::{SignRequest, Signer};

/// A handle of a visit. Cheap to copy.
#[derive(Clone, Copy)]
pub struct VisitHandle(StoredValue<Rc<Inner>, LocalStorage>);

struct Inner {
    key: LinkKey,
    drive: Drive,
    state: Visited,
    current: Current,
    sending: Rc<Sending>,
    /// Whether the visit was counted.
    is_counted: Cell<bool>,
    is_looking: Cell<bool>,
    /// What is found out now may be old already.
    is_wanted: Cell<bool>,
}

impl VisitHandle {
    /// Begins one. From now on the page speaks for whoever has the link.
    pub fn begin(key: LinkKey, drive: Drive, current: Current, pool: Pool) -> Self {
        current.speak_through(key, pass_kept(key).as_deref());
        let state = Visited::new();
        let inner = Inner {
            key,
            drive,
            state,
            sending: Sending::new(current.clone(), pool, state.handed_in),
            current,
            is_counted: Cell::new(false),
            is_looking: Cell::new(false),
            is_wanted: Cell::new(false),
        };
        spawn_local(zips::sweep());
        let visit = Self(StoredValue::new_local(Rc::new(inner)));
        visit.look();
        visit
    }

    pub fn state(self) -> Visited {
        self.0.get_value().state
    }

    /// Asks what the link is of now, and for what is new in it.
    pub fn look(self) {
        let inner = self.0.get_value();
        spawn_local(async move { inner.look().await });
    }

    /// Gives the link's password.
    pub async fn enter(self, password: String) -> Result<(), Failure> {
        let inner = self.0.get_value();
        inner
            .enter(password)
            .await
            .map_err(|failure| match failure {
                Failure::Refused(Problem::SignInRefused) => Problem::WrongPassword.into(),
                other => other,
            })?;
        inner.look().await;
        Ok(())
    }

    /// Puts files where the link leads, into a folder of it if that is seen.
    pub fn hand_in(self, folder: Option<ItemId>, files: Vec<File>) {
        let inner = self.0.get_value();
        let shown = inner.sending.add(folder, files);
        spawn_local(async move {
            shown.await;
            // What was sent is seen, where it may be.
            inner.look().await;
        });
    }

    /// Tries to send a file once more.
    pub fn hand_in_again(self, id: u64) {
        let inner = self.0.get_value();
        spawn_local(async move {
            inner.sending.again(id).await;
            inner.look().await;
        });
    }
}

impl Inner {
    async fn look(&self) {
        self.is_wanted.set(true);
        if self.is_looking.replace(true) {
            return;
        }
        while self.is_wanted.replace(false) {
            if let Err(failure) = self.find_out().await {
                self.tell(failure);
            }
        }
        self.is_looking.set(false);
    }

    async fn find_out(&self) -> Result<(), Failure> {
        let api = self.current.api();
        let shown = api.shown(false).await?;
        let Some(item) = shown.item.clone() else {
            self.show(LinkStanding::Locked);
            return Ok(());
        };
        let is_listed = shown.may.views();
        self.show(LinkStanding::Open(shown, item));
        if is_listed {
            self.list().await?;
        }
        // Not before: to see that a link has a password is no visit.
        if !self.is_counted.replace(true) {
            api.shown(true).await?;
        }
        Ok(())
    }

    /// The server lists everything anew each time: it tells a visitor of no change.
    async fn list(&self) -> Result<(), Failure> {
        let api = self.current.api();
        let (mut tree, mut since) = (Tree::default(), None::<String>);
        loop {
            let page = api.changes(since.as_deref()).await?;
            let next = page.has_more.then(|| page.next_token.clone());
            enter(&mut tree, page);
            if next.is_none() {
                break;
            }
            since = next;
        }
        if self.drive.tree.with_untracked(|shown| *shown != tree) {
            self.drive.tree.set(tree);
        }
        Ok(())
    }

    fn tell(&self, failure: Failure) {
        match failure {
            Failure::Refused(Problem::NoSuchLink) => self.show(LinkStanding::Gone),
            Failure::Refused(Problem::LinkPassword) => self.show(LinkStanding::Locked),
            // What is shown is as true as before.
            _ if matches!(self.state.standing.get_untracked(), LinkStanding::Open(..)) => {}
            failure => self.show(LinkStanding::Unreached(failure.in_words())),
        }
    }

    fn show(&self, standing: LinkStanding) {
        let is_open = matches!(standing, LinkStanding::Open(..));
        if self.state.standing.get_untracked() != standing {
            self.state.standing.set(standing);
        }
        if !is_open {
            self.drive.tree.set(Tree::default());
        }
    }

    async fn enter(&self, password: String) -> Result<(), Failure> {
        let api = self.current.api();
        let mut signer = Signer::launch().await?;
        let message = signer.ask(&SignRequest::StartSignIn { password }).await?;
        let started = api.pass_start(&PassStart { message }).await?;
        let answer = started.message;
        let message = signer.ask(&SignRequest::FinishSignIn { answer }).await?;
        let attempt = started.attempt;
        let given = api.pass_finish(&PassFinish { attempt, message }).await?;
        keep_pass(self.key, &given.pass);
        self.current.speak_through(self.key, Some(&given.pass));
        Ok(())
    }
}

/// What the tab keeps a link's pass under, so that a reload asks for no password.
fn pass_name(key: LinkKey) -> String {
    format!("driftless-pass-{key}")
}

fn pass_kept(key: LinkKey) -> Option<String> {
    tab_storage()?.get_item(&pass_name(key)).ok().flatten()
}

fn keep_pass(key: LinkKey, pass: &str) {
    if let Some(storage) = tab_storage() {
        // Without room for it, a reload asks again.
        let _ = storage.set_item(&pass_name(key), pass);
    }
}

fn tab_storage() -> Option<Storage> {
    web_sys::window()?.session_storage().ok().flatten()
}

/// Puts what a page of the feed says into the tree.
fn enter(tree: &mut Tree, page: ChangePage) {
    if page.reset {
        *tree = Tree::default();
    }
    tree.complete = !page.has_more;
    for change in page.changes {
        match change {
            Change::Item { item } => tree.put(ListedItem {
                item: item.into(),
                pending: false,
            }),
            Change::Deleted { item } => tree.remove(item),
            Change::Conflict { .. } | Change::Shared | Change::Unknown => {}
        }
    }
}
