//! What administrators read and change. Each of these asks in its batch whether whoever asks
//! still is one, and each change writes into the same batch who made it.
//!
//! - [`people`]: everybody who has an account.
//! - [`settings`]: who may make an account.
//! - [`invites`]: invitations to make an account.
//! - [`audit`]: who did what to whom.

pub mod audit;
pub mod invites;
pub mod people;
pub mod settings;

use protocol::limits::{ADMINISTRATION_PAGE, MAX_ADMINISTRATION_PAGE};

/// How many entries a page has, for a request that names this many or none.
fn page_of(limit: Option<u64>) -> u64 {
    let limit = limit.unwrap_or(ADMINISTRATION_PAGE);
    limit.clamp(1, MAX_ADMINISTRATION_PAGE)
}
