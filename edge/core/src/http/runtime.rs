//! What a handler needs of its runtime: the request, and the ways to the outside.

use crate::error::Failure;
use crate::random;
use crate::services::Services;
use protocol::ids::{ItemId, SpaceId, UnixMillis};
use protocol::notifications::{Drop, Park, PollEvent};

/// One request under way, and what else its handler may use.
pub trait Runtime: Services {
    /// The method as it came, in upper or lower case.
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

    /// Reads the body, up to `at_most` bytes of it.
    ///
    /// # Errors
    /// The body breaks off.
    fn body(&mut self, at_most: usize) -> impl Future<Output = Result<Vec<u8>, Failure>>;

    /// The time, in milliseconds since 1970.
    fn now(&self) -> UnixMillis;

    /// An id that nothing has: of a pack, of a grant.
    ///
    /// # Errors
    /// The platform has no randomness.
    fn fresh_id(&self) -> Result<[u8; 16], Failure> {
        random::bytes()
    }

    /// A variable of the configuration.
    fn setting(&self, name: &str) -> Option<String>;

    /// Counts an attempt to sign in or up from a network, and says whether the network
    /// is still within the limit.
    ///
    /// # Errors
    /// The platform can't tell.
    fn is_within_rate(&self, network: String) -> impl Future<Output = Result<bool, Failure>>;

    /// Puts scattered blocks of a file together, after the answer. If that fails, the
    /// file stays as it is.
    fn regroup_later(&self, space: SpaceId, item: ItemId);

    /// Holds a poll until there is news; `None` at its timeout.
    ///
    /// # Errors
    /// Those of the poll's route. 503: the Notification Service can't be reached.
    fn park(&self, poll: &Park) -> impl Future<Output = Result<Option<PollEvent>, Failure>>;

    /// Ends a device's poll, after the answer.
    ///
    /// # Errors
    /// The message can't be written.
    fn end_poll(&self, of: &Drop) -> Result<(), Failure>;
}
