//! Who is signed in.

use protocol::accounts::Session;
use protocol::ids::{DeviceId, UserId};

#[derive(Clone, Debug, PartialEq, Eq)]
#[allow(clippy::large_enum_variant, reason = "there is one")]
pub enum SessionState {
    /// The page has just been opened and does not know yet.
    Checking,
    SignedOut {
        /// Whether the server takes new accounts.
        sign_up_open: bool,
        /// Why, if the person did not ask for it: "This sign-in has ended…"
        reason: Option<String>,
    },
    /// Somebody else has signed in in this browser, in another tab.
    TakenOver {
        /// Their name.
        by: String,
        /// What this tab had not sent: it was cleared when they signed in.
        lost: usize,
    },
    SignedIn(Session),
    /// Whoever it is has come by a link, and the page is about nothing else.
    Visiting,
}

impl SessionState {
    /// Who is signed in.
    pub fn user(&self) -> Option<UserId> {
        match self {
            Self::SignedIn(session) => Some(session.user.id),
            _ => None,
        }
    }

    /// The device that this browser is.
    pub fn device(&self) -> Option<DeviceId> {
        match self {
            Self::SignedIn(session) => Some(session.device.id),
            _ => None,
        }
    }

    /// Whether they run the server for others.
    pub fn is_administrator(&self) -> bool {
        matches!(self, Self::SignedIn(session) if session.is_administrator)
    }

    /// Their name; empty if nobody is.
    pub fn user_name(&self) -> String {
        match self {
            Self::SignedIn(session) => session.user.name.clone(),
            _ => String::new(),
        }
    }
}
