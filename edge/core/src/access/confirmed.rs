//! The rules for what is never for tokens, and of that for what needs a password that was
//! given just now.

use protocol::devices::Device;
use protocol::ids::{UnixMillis, UserId};
use protocol::limits::CONFIRMED_MILLIS;
use protocol::problem::Problem;

/// A device that asks, and when it last gave the password.
#[derive(Clone, Debug)]
pub struct Asking<'a> {
    /// Whose device it is.
    pub user: UserId,
    /// The device.
    pub device: &'a Device,
    /// When the device last gave the password.
    pub proven_at: UnixMillis,
}

impl Asking<'_> {
    /// Refuses what a stolen session or token must not do.
    ///
    /// # Errors
    /// 403 `not_for_tokens`, 403 `confirm_password`.
    pub fn check_confirmed(&self, now: UnixMillis) -> Result<(), Problem> {
        check_person(self.device)?;
        if self.proven_at <= confirmed_after(now) {
            return Err(Problem::ConfirmPassword);
        }
        Ok(())
    }
}

/// Refuses what only a person does, by a browser in which they have signed in.
///
/// # Errors
/// 403 `not_for_tokens`.
pub fn check_person(device: &Device) -> Result<(), Problem> {
    match device.is_token {
        true => Err(Problem::NotForTokens),
        false => Ok(()),
    }
}

/// A password that was given at this time or earlier has to be given again.
pub fn confirmed_after(now: UnixMillis) -> UnixMillis {
    now.saturating_sub(CONFIRMED_MILLIS)
}
