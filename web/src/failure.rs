//! What can go wrong with a command, in words for people.

use shared::protocol::problem::Problem;

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
    #[error("Cancelled")]
    Cancelled,
}

impl From<Problem> for Failure {
    fn from(problem: Problem) -> Self {
        Failure::Refused(problem)
    }
}
