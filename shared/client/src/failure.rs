//! What can go wrong, in words for people.

use protocol::problem::{Problem, Retry};
use sync::message::{BytesLost, Lost};

/// Why something was not done.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
pub enum Failure {
    /// The server refused.
    #[error("{0}")]
    Refused(Problem),
    /// The server was not reached, or its answer did not arrive whole.
    #[error("The server can't be reached")]
    Unreachable,
    /// The file was moved, deleted or changed on disk, so it can't be read any more.
    #[error("The file can't be read; it may have been moved or changed. Pick it again")]
    FileUnreadable,
    /// The storage or a worker of this device refused something; the text says what, in
    /// whole words.
    #[error("{0}")]
    Device(String),
    /// Nobody waits for the outcome any more.
    #[error("Cancelled")]
    Cancelled,
}

impl Failure {
    /// Whether the same request may succeed later by itself.
    pub fn is_passing(&self) -> bool {
        match self {
            Failure::Unreachable => true,
            Failure::Refused(problem) => problem.retry() == Retry::Later,
            Failure::FileUnreadable | Failure::Device(_) | Failure::Cancelled => false,
        }
    }

    /// How long the server asked to be left alone, in milliseconds; 0 if it did not ask.
    pub fn asked_wait_millis(&self) -> u64 {
        match self {
            Failure::Refused(problem) => {
                let seconds = problem.retry_after_seconds().unwrap_or(0);
                seconds.saturating_mul(1_000)
            }
            _ => 0,
        }
    }
}

impl From<Problem> for Failure {
    fn from(problem: Problem) -> Self {
        Failure::Refused(problem)
    }
}

/// Tells a failure in the engine's terms. What only this device knows of counts as a
/// server that was not reached, so that the engine tries again.
impl From<Failure> for Lost {
    fn from(failure: Failure) -> Self {
        match failure {
            Failure::Refused(problem) => Lost::Refused(problem),
            Failure::FileUnreadable => Lost::BytesLost(BytesLost::Gone),
            Failure::Unreachable | Failure::Device(_) | Failure::Cancelled => Lost::Unreachable,
        }
    }
}
