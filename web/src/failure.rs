//! What can go wrong with a command, in words for people.

use crate::browser::js;
use crate::signing::strength::Weak;
use protocol::problem::{Problem, Retry};
use wasm_bindgen::JsValue;

#[derive(Clone, Debug, PartialEq, thiserror::Error)]
pub enum Failure {
    /// The server refused.
    #[error("{0}")]
    Refused(Problem),
    /// The server was not reached, or its answer did not arrive whole.
    #[error("The server can't be reached")]
    Unreachable,
    /// The file can't be read any more: moved, deleted or changed on disk.
    #[error("The file can't be read; it may have been moved or changed. Pick it again")]
    FileUnreadable,
    /// The browser refused something: storage, a worker.
    #[error("The browser refused: {0}")]
    Browser(String),
    #[error("{0}")]
    WeakPassword(Weak),
    /// The password that was given again is not that of whoever is signed in.
    #[error("That is not your password")]
    WrongPassword,
    #[error("Cancelled")]
    Cancelled,
}

impl Failure {
    /// Whether the same request may succeed later without anyone's doing.
    pub fn is_passing(&self) -> bool {
        match self {
            Failure::Unreachable => true,
            Failure::Refused(problem) => problem.retry() == Retry::Later,
            Failure::FileUnreadable
            | Failure::Browser(_)
            | Failure::WeakPassword(_)
            | Failure::WrongPassword
            | Failure::Cancelled => false,
        }
    }

    /// How long the server asked to be left alone, in milliseconds.
    pub fn asked_wait_millis(&self) -> u64 {
        match self {
            Failure::Refused(problem) => {
                let seconds = problem.retry_after_seconds().unwrap_or(0);
                seconds.saturating_mul(1_000)
            }
            _ => 0,
        }
    }

    /// What the browser threw.
    pub fn thrown(error: &JsValue) -> Self {
        Failure::Browser(js::error_text(error))
    }
}

impl From<Problem> for Failure {
    fn from(problem: Problem) -> Self {
        Failure::Refused(problem)
    }
}
