//! Who may come in: accounts, their devices, and what is done against guessing. These
//! are decisions and statements, without HTTP, on the trait [`Database`], so they run
//! natively, too.
//!
//! - [`keys`]: which OPAQUE keys this server has, and whether they are those that
//!   the accounts were made with.
//! - [`accounts`]: sign-up, sign-in, and the password that is given again.
//! - [`administration`]: what administrators read and change.
//! - [`newcomers`]: who may make an account.
//! - [`ends`]: when accounts end, and what is left of those that have ended.
//! - [`guesses`]: how often somebody may try.
//! - [`devices`]: devices and access tokens: how many there may be, and until when they
//!   get in.
//! - [`marks`]: what a person has starred, and searches that they have saved.
//! - [`password`]: a change of password, and what ends with the old one.
//! - [`recovery`]: recovery codes, and a new password for whoever has one.
//! - [`links`]: where the item of a link is, and the passwords of links.
//! - [`seen`]: up to when a person has seen what others did.
//! - [`shares`]: where something is that was shared with somebody.
//! - [`sweep`]: rows whose time is over.
//! - [`telling`]: whether a person tells others what they have open.

pub mod accounts;
pub mod administration;
pub mod devices;
pub mod ends;
pub mod guesses;
pub mod keys;
pub mod links;
pub mod marks;
pub mod newcomers;
pub mod password;
pub mod recovery;
pub mod seen;
pub mod shares;
pub mod sweep;
pub mod telling;

use crate::error::Failure;
use crate::ports::{Database, DbError};
use keys::SignInKeys;
use protocol::ids::UnixMillis;

/// What all rules of the directory need.
pub struct Door<'a, D: Database> {
    /// The database of accounts and devices.
    pub db: &'a D,
    /// The keys that accounts are made with.
    pub keys: &'a SignInKeys,
    /// The time of the request.
    pub now: UnixMillis,
}

/// Bytes that the database answered in hexadecimal.
fn from_hex(hex: &str) -> Result<Vec<u8>, Failure> {
    let bytes = data_encoding::HEXLOWER.decode(hex.as_bytes());
    bytes.map_err(|e| DbError::Fault(format!("stored hexadecimal: {e}")).into())
}
