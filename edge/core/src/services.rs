//! What a request and a job reach the outside with.

use crate::error::Failure;
use crate::ports::{Database, Packs};
use protocol::ids::SpaceId;
use protocol::notifications::JournalGrew;

/// The databases, the packs and the queue, as a request or a job finds them.
pub trait Services {
    /// The directory and the spaces are databases of this kind.
    type Db: Database;
    /// The store of blocks is of this kind.
    type Packs: Packs;

    /// The database of people and their devices.
    ///
    /// # Errors
    /// It is not configured.
    fn directory(&self) -> Result<Self::Db, Failure>;

    /// The database of a space.
    ///
    /// # Errors
    /// It is not configured.
    fn database_of(&self, space: SpaceId) -> Result<Self::Db, Failure>;

    /// Those that hold any space.
    ///
    /// # Errors
    /// One is not configured.
    fn space_databases(&self) -> Result<Vec<Self::Db>, Failure>;

    /// # Errors
    /// It is not configured.
    fn packs(&self) -> Result<Self::Packs, Failure>;

    /// Tells other devices of a journal entry, after the answer. If that fails, they
    /// learn of it with their next pull.
    fn announce(&self, news: JournalGrew);
}
