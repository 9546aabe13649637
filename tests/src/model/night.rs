//! The job that removes accounts, over the model.

use super::packs::MemoryPacks;
use super::ready::ready;
use super::server::Server;
use super::sqlite::Sqlite;
use driftless_core::ending::due::{self, EndingBounds, EndingRun};
use driftless_core::error::Failure;
use driftless_core::services::Services;
use protocol::ids::{SpaceId, UnixMillis};
use protocol::notifications::JournalGrew;
use std::cell::RefCell;

/// What the job reaches, and what it has announced.
pub struct Night<'a> {
    server: &'a Server,
    pub announced: RefCell<Vec<JournalGrew>>,
}

impl<'a> Night<'a> {
    pub fn over(server: &'a Server) -> Self {
        Self {
            server,
            announced: RefCell::default(),
        }
    }

    /// One run, as by its scheduled event.
    ///
    /// # Errors
    /// The database or the pack store fails, by a lapse for instance.
    pub fn run(&self, now: UnixMillis, bounds: &EndingBounds) -> Result<EndingRun, Failure> {
        ready(due::run(self, now, bounds))
    }
}

impl<'a> Services for Night<'a> {
    type Db = &'a Sqlite;
    type Packs = &'a MemoryPacks;

    fn directory(&self) -> Result<&'a Sqlite, Failure> {
        Ok(&self.server.db)
    }

    fn database_of(&self, _: SpaceId) -> Result<&'a Sqlite, Failure> {
        Ok(&self.server.db)
    }

    fn space_databases(&self) -> Result<Vec<&'a Sqlite>, Failure> {
        Ok(vec![&self.server.db])
    }

    fn packs(&self) -> Result<&'a MemoryPacks, Failure> {
        Ok(&self.server.packs)
    }

    fn announce(&self, news: JournalGrew) {
        self.announced.borrow_mut().push(news);
    }
}
