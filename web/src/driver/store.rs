//! The local database, and life without it: where the browser keeps none, or
//! loses it while the page is open, everything still works from the server. The
//! person is told once.

use crate::browser::bell::Latch;
use crate::failure::Failure;
use crate::local_db::{self, BlockList, Kept, LocalDb, Write, Written};
use crate::state::{Drive, Tone};
use shared::ids::ItemId;
use shared::protocol::accounts::Session;
use std::cell::{Cell, RefCell};
use std::collections::HashMap;
use std::rc::Rc;

const GONE: &str = "This browser keeps no data for this page. Everything works, but the list is \
                    loaded anew each time the page is opened";

/// The database while it works.
#[derive(Default)]
pub struct Store {
    open: RefCell<Option<Rc<LocalDb>>>,
    told: Cell<bool>,
    /// Block lists of this page's own commits, for when there is no database.
    lists: RefCell<HashMap<ItemId, BlockList>>,
}

impl Store {
    pub async fn open(&self, drive: Drive) {
        match LocalDb::open(local_db::NAME).await {
            Ok(database) => *self.open.borrow_mut() = Some(Rc::new(database)),
            Err(failure) => self.lose(drive, &failure),
        }
    }

    pub fn works(&self) -> bool {
        self.database().is_some()
    }

    pub async fn session(&self, drive: Drive) -> Option<Session> {
        let database = self.database()?;
        self.keep_going(drive, database.session().await)?
    }

    pub async fn load(&self, drive: Drive) -> Option<Kept> {
        let database = self.database()?;
        self.keep_going(drive, database.load().await)
    }

    /// Makes the database this user's: what is another's is wiped.
    pub async fn claim(&self, drive: Drive, session: &Session) {
        let Some(database) = self.database() else {
            return;
        };
        let claimed = async {
            let owner = database.session().await?;
            if owner.is_none_or(|owner| owner.user.id != session.user.id) {
                database.wipe().await?;
            }
            database.set_session(session).await
        };
        self.keep_going(drive, claimed.await);
    }

    /// Writes, unless the session has ended in between.
    pub async fn write(&self, drive: Drive, over: &Latch, write: &Write<'_>) -> Option<Written> {
        let database = self.database()?;
        if over.is_set() {
            return None;
        }
        self.keep_going(drive, database.write(write).await)
    }

    pub async fn block_list(&self, drive: Drive, item: ItemId) -> Option<BlockList> {
        if let Some(list) = self.lists.borrow().get(&item) {
            return Some(list.clone());
        }
        let database = self.database()?;
        self.keep_going(drive, database.block_list(item).await)?
    }

    pub async fn set_block_list(&self, drive: Drive, over: &Latch, item: ItemId, list: BlockList) {
        if over.is_set() {
            return;
        }
        match self.database() {
            Some(database) => {
                self.keep_going(drive, database.set_block_list(item, &list).await);
            }
            None => {
                self.lists.borrow_mut().insert(item, list);
            }
        }
    }

    pub async fn wipe(&self, drive: Drive) {
        self.lists.borrow_mut().clear();
        if let Some(database) = self.database() {
            self.keep_going(drive, database.wipe().await);
        }
    }

    fn database(&self) -> Option<Rc<LocalDb>> {
        let database = self.open.borrow().clone()?;
        (!database.closed().is_set()).then_some(database)
    }

    fn keep_going<T>(&self, drive: Drive, result: Result<T, Failure>) -> Option<T> {
        result.map_err(|failure| self.lose(drive, &failure)).ok()
    }

    /// A database that failed once may hold half of the truth: it is not used
    /// again before the page is opened anew.
    fn lose(&self, drive: Drive, failure: &Failure) {
        *self.open.borrow_mut() = None;
        leptos::logging::warn!("no local database: {failure}");
        if !self.told.replace(true) {
            drive.notify(Tone::Bad, GONE.to_owned());
        }
    }
}
