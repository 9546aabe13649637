//! What a handler needs of whatever runs it: the request, and the ways to the outside.

use crate::error::Failure;
use crate::ports::{Database, Packs};
use protocol::ids::{ItemId, SpaceId, UnixMillis};
use protocol::notifications::{Drop, Event, JournalGrew, Park};

/// One request under way, and the services that its handler may use.
pub trait Runtime {
    /// The directory and the spaces are databases of this kind.
    type Db: Database;
    /// Where blocks are.
    type Packs: Packs;

    /// The method as it came, in its case.
    fn method(&self) -> String;

    /// The path of the address, as it was sent.
    fn path(&self) -> &str;

    /// Scheme, host and port of the address, as the header `Origin` has them.
    fn origin(&self) -> String;

    /// # Errors
    /// The platform can't read it.
    fn header(&self, name: &str) -> Result<Option<String>, Failure>;

    /// The values of a query parameter, decoded, in their order.
    fn parameters(&self, name: &str) -> Vec<String>;

    /// Whether the request has a body.
    fn has_body(&self) -> bool;

    /// Reads the body, or so many bytes of it.
    ///
    /// # Errors
    /// It breaks off.
    fn body(&mut self, at_most: usize) -> impl Future<Output = Result<Vec<u8>, Failure>>;

    /// The time, in milliseconds since 1970.
    fn now(&self) -> UnixMillis;

    /// A variable of the configuration.
    fn setting(&self, name: &str) -> Option<String>;

    /// Where people and their devices are.
    ///
    /// # Errors
    /// It is not configured.
    fn directory(&self) -> Result<Self::Db, Failure>;

    /// Where a space is.
    ///
    /// # Errors
    /// It is not configured.
    fn database_of(&self, space: SpaceId) -> Result<Self::Db, Failure>;

    /// # Errors
    /// It is not configured.
    fn packs(&self) -> Result<Self::Packs, Failure>;

    /// Counts an attempt to sign in or up from a network, and says whether there have
    /// not been too many.
    ///
    /// # Errors
    /// The platform can't tell.
    fn is_within_rate(&self, network: String) -> impl Future<Output = Result<bool, Failure>>;

    /// Tells other devices of a journal entry, after the answer. It may fail: then they
    /// learn of it with their next pull.
    fn announce(&self, news: JournalGrew);

    /// Puts scattered blocks of a file together, after the answer. It may fail: then
    /// the file stays as it is.
    fn regroup_later(&self, space: SpaceId, item: ItemId);

    /// Holds a poll until there is news; `None` at its timeout.
    ///
    /// # Errors
    /// As the route of the poll says. 503: the Notification Service can't be reached.
    fn park(&self, poll: &Park) -> impl Future<Output = Result<Option<Event>, Failure>>;

    /// Ends a device's poll, after the answer.
    ///
    /// # Errors
    /// The message can't be written.
    fn end_poll(&self, of: &Drop) -> Result<(), Failure>;
}
