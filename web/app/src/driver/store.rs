//! The local database, and life without it. One that fails, is full or was
//! deleted under the page is opened once more and written anew; where that
//! fails as well, everything still works from the server, and the person is
//! told once.

use crate::state::notices::Notices;
use crate::words::{english, t};
use client::bell::Latch;
use client::ports::Written;
use futures_util::future::join;
use platform::browser::clock;
use platform::failure::Failure;
use platform::local_db::{self, Inheritance, LocalDb, Own, Pieces};
use protocol::accounts::Session;
use protocol::grants::Grants;
use protocol::ids::{ItemId, UserId};
use protocol::items::Item;
use std::cell::{Cell, RefCell};
use std::collections::BTreeSet;
use std::rc::Rc;
use sync::edit::DraftId;
use sync::message::{Record, StoredState};

/// So many changes are taken in, shown and written in tasks of their own.
pub const MANY: usize = 200;

const GONE: &str = english!(
    "This browser keeps no data for this page. Everything works, but the list is loaded anew each time the page is opened, and what was not sent by then is lost"
);

/// The database while it works, as one root sees it.
pub struct Store {
    shared: Rc<Shared>,
    root: Option<ItemId>,
}

/// What all roots have together.
struct Shared {
    notices: Notices,
    open: RefCell<Option<LocalDb>>,
    told: Cell<bool>,
    /// The name under which this tab keeps what it has not sent.
    tab: RefCell<String>,
    /// Who is signed in, for a database that has to be made anew.
    session: RefCell<Option<Session>>,
}

impl Store {
    /// For the person's own drive.
    pub fn new(notices: Notices) -> Self {
        let shared = Shared {
            notices,
            open: RefCell::default(),
            told: Cell::new(false),
            tab: RefCell::default(),
            session: RefCell::default(),
        };
        Self {
            shared: Rc::new(shared),
            root: None,
        }
    }

    /// The same for something that is shared with the person.
    pub fn of_root(&self, root: ItemId) -> Self {
        Self {
            shared: self.shared.clone(),
            root: Some(root),
        }
    }

    /// Opens it for the tab of this name, which may yet be on its way.
    pub async fn open(&self, tab: impl Future<Output = String>) {
        let (tab, opened) = join(tab, LocalDb::open(local_db::NAME)).await;
        *self.shared.tab.borrow_mut() = tab;
        match opened {
            Ok(database) => *self.shared.open.borrow_mut() = Some(database),
            Err(failure) => self.do_without(&failure),
        }
    }

    pub fn works(&self) -> bool {
        self.database().is_some()
    }

    pub fn tab(&self) -> String {
        self.shared.tab.borrow().clone()
    }

    /// Set when the database that is open now is closed by somebody else.
    pub fn closed(&self) -> Option<Latch> {
        let open = self.shared.open.borrow();
        open.as_ref().map(|database| database.closed().clone())
    }

    pub async fn session(&self) -> Option<Session> {
        let database = self.database()?;
        let session = self.keep_going(database.session().await)?;
        self.shared.session.borrow_mut().clone_from(&session);
        session
    }

    pub async fn load(&self) -> Option<StoredState> {
        let database = self.database()?;
        if !self.is_ours().await? {
            return None;
        }
        self.keep_going(database.load(&self.tab()).await)
    }

    /// The same without items, and these piece by piece. See [`LocalDb::load_in_pieces`].
    pub async fn load_in_pieces(&self) -> Option<(StoredState, Pieces)> {
        let database = self.database()?;
        if !self.is_ours().await? {
            return None;
        }
        self.keep_going(database.load_in_pieces(&self.tab()).await)
    }

    /// Whose the database is; `None` also where nobody can tell.
    pub async fn owner(&self) -> Option<UserId> {
        let database = self.database()?;
        self.keep_going(database.owner().await)?
    }

    /// Whether it still is whose this tab takes it for; `None` where nobody can tell.
    pub async fn is_ours(&self) -> Option<bool> {
        let database = self.database()?;
        self.keep_going(database.is_ours().await)
    }

    /// Makes the database this user's.
    pub async fn claim(&self, session: &Session) {
        *self.shared.session.borrow_mut() = Some(session.clone());
        if let Some(database) = self.database() {
            self.keep_going(database.set_session(session).await);
        }
    }

    /// Writes what the engine says.
    ///
    /// # Errors
    /// The database is lost, or there is none. [`Self::reopen`] tells which.
    pub async fn write(&self, records: &[Record]) -> Result<Written, Failure> {
        // They were made in this task, and are written in the next.
        if records.len() >= MANY {
            clock::breathe().await;
        }
        let database = self.database().ok_or(Failure::Cancelled)?;
        database.write(&self.tab(), records).await
    }

    /// After a loss: whether there is an empty database now to be written anew.
    pub async fn reopen(&self, loss: &Failure) -> bool {
        if self.shared.open.take().is_none() {
            return false;
        }
        leptos::logging::warn!("the local database is lost: {loss}");
        let session = self.shared.session.borrow().clone();
        let opened = async {
            let database = LocalDb::open(local_db::NAME).await?;
            let owner = database.owner().await?;
            match &session {
                Some(session) if owner.is_none_or(|owner| owner == session.user.id) => {
                    database.set_session(session).await?;
                }
                // Another user's by now: what is written is refused.
                _ => {}
            }
            Ok::<_, Failure>(database)
        };
        match opened.await {
            Ok(database) => {
                *self.shared.open.borrow_mut() = Some(database);
                true
            }
            Err(failure) => {
                self.do_without(&failure);
                false
            }
        }
    }

    /// Gives the database up until the page is opened anew: what is in it is
    /// old, but whole.
    pub fn do_without(&self, failure: &Failure) {
        *self.shared.open.borrow_mut() = None;
        leptos::logging::warn!("no local database: {failure}");
        if !self.shared.told.replace(true) {
            self.shared.notices.bad(t(GONE));
        }
    }

    /// The tabs, this one or others, that have something in here.
    pub async fn tabs(&self) -> BTreeSet<String> {
        match self.database() {
            Some(database) => database.tabs().await.unwrap_or_default(),
            None => BTreeSet::new(),
        }
    }

    /// The roots, but for the person's own drive, that have something in here that was not
    /// sent.
    pub async fn unsent_roots(&self) -> BTreeSet<ItemId> {
        match self.database() {
            Some(database) => database.unsent_roots().await.unwrap_or_default(),
            None => BTreeSet::new(),
        }
    }

    /// How many changes other tabs of the same user have not sent, to any root, and of how
    /// many texts something was typed and not saved.
    pub async fn unsent_of_others(&self) -> usize {
        let Some(database) = self.database() else {
            return 0;
        };
        match database.is_ours().await {
            Ok(true) => {
                let count = database.unsent_of_others(&self.tab()).await;
                let typed = database.typed_texts().await;
                count.unwrap_or_default() + typed.unwrap_or_default()
            }
            _ => 0,
        }
    }

    /// What is shared with the person and by them, as the server last said.
    pub async fn grants(&self) -> Option<Grants> {
        let database = self.database()?;
        if !database.is_ours().await.ok()? {
            return None;
        }
        database.grants().await.ok()?
    }

    /// Keeps it. A list less is no loss.
    pub async fn keep_grants(&self, grants: &Grants) {
        if let Some(database) = self.database() {
            let _ = database.set_grants(grants).await;
        }
    }

    /// See [`LocalDb::first_rows`]. None are no loss.
    pub async fn first_rows(&self, folder: Option<ItemId>) -> Vec<Item> {
        let Some(database) = self.database() else {
            return Vec::new();
        };
        match database.is_ours().await {
            Ok(true) => database.first_rows(folder).await.unwrap_or_default(),
            _ => Vec::new(),
        }
    }

    /// See [`LocalDb::keep_first_rows`].
    pub async fn keep_first_rows(&self, folder: Option<ItemId>, rows: Vec<ItemId>) {
        if let Some(database) = self.database() {
            let _ = database.keep_first_rows(folder, rows).await;
        }
    }

    /// See [`LocalDb::forget_own`].
    pub async fn forget_own(&self) {
        if self.is_ours().await == Some(true)
            && let Some(database) = self.database()
        {
            self.keep_going(database.forget_own(&self.tab()).await);
        }
    }

    /// See [`LocalDb::forget_root`].
    pub async fn forget_root(&self) {
        if self.is_ours().await == Some(true)
            && let Some(database) = self.database()
        {
            self.keep_going(database.forget_root().await);
        }
    }

    /// Takes over what a tab that is gone has not sent.
    pub async fn inherit(&self, from: &str, not: &Own) -> Option<Inheritance> {
        let database = self.database()?;
        if !database.is_ours().await.ok()? {
            return None;
        }
        database.inherit(from, &self.tab(), not).await.ok()
    }

    /// The drafts that some tab still needs; `None` where nobody can tell.
    pub async fn drafts(&self) -> Option<BTreeSet<DraftId>> {
        self.database()?.drafts().await.ok()
    }

    /// See [`LocalDb::empty`].
    pub async fn empty(&self) {
        if let Some(database) = self.database() {
            self.keep_going(database.empty().await);
        }
    }

    /// See [`LocalDb::wipe`].
    pub async fn wipe(&self) {
        self.shared.session.take();
        if let Some(database) = self.database() {
            self.keep_going(database.wipe().await);
        }
    }

    /// See [`LocalDb::close_session`].
    pub async fn close_session(&self) {
        self.shared.session.take();
        if let Some(database) = self.database() {
            self.keep_going(database.close_session().await);
        }
    }

    pub(super) fn database(&self) -> Option<LocalDb> {
        let open = self.shared.open.borrow();
        open.as_ref().map(|database| database.of(self.root))
    }

    fn keep_going<T>(&self, result: Result<T, Failure>) -> Option<T> {
        result.map_err(|failure| self.do_without(&failure)).ok()
    }
}
