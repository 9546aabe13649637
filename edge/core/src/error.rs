//! Everything that ends a request early. What becomes of it in HTTP is said in
//! [`answer`](crate::http::answer::failed), and nowhere else.

use crate::log;
use crate::ports::{DbError, PackError};
use protocol::problem::Problem;

/// Why there is no success. Says whose fault it is.
#[derive(Clone, Debug, thiserror::Error)]
pub enum Failure {
    /// The request can't be granted: the client's to deal with.
    #[error("{0}")]
    Problem(Problem),
    /// The database failed.
    #[error("the database: {0}")]
    Database(#[from] DbError),
    /// The pack store failed.
    #[error(transparent)]
    Packs(#[from] PackError),
    /// The operator has to act: nobody can sign in or up.
    #[error("nobody can sign in or sign up: {0}")]
    SignInKeys(String),
    /// What is stored of a sign-in can't be read.
    #[error("a stored sign-in: {0}")]
    StoredSignIn(String),
    /// The platform gives no random bytes.
    #[error("the platform has no randomness: {0}")]
    NoRandomness(getrandom::Error),
    /// A value has no form in JSON.
    #[error("something can't be written as JSON: {0}")]
    Json(String),
    /// The address takes other methods.
    #[error("{method} is not one of {allow}")]
    Method {
        /// The one that was used.
        method: String,
        /// The value of the header `Allow`.
        allow: String,
    },
    /// The platform refused something.
    #[error("the platform: {0}")]
    Platform(String),
}

impl From<Problem> for Failure {
    fn from(problem: Problem) -> Self {
        Self::Problem(problem)
    }
}

impl From<serde_json::Error> for Failure {
    fn from(error: serde_json::Error) -> Self {
        Self::Json(error.to_string())
    }
}

impl Failure {
    /// What the client is told. Details of the server's own faults are not.
    pub fn into_problem(self) -> Problem {
        match self {
            Self::Problem(problem) => problem,
            Self::Database(DbError::Busy(_)) | Self::Packs(_) => Problem::Unavailable,
            Self::SignInKeys(_) => Problem::SignInUnavailable,
            Self::Method { method, .. } => Problem::MethodNotAllowed { method },
            Self::Database(_)
            | Self::StoredSignIn(_)
            | Self::NoRandomness(_)
            | Self::Json(_)
            | Self::Platform(_) => Problem::Internal,
        }
    }

    /// What the client is told. A fault of the server is logged.
    pub fn told(self) -> Problem {
        if !matches!(self, Self::Problem(_) | Self::Method { .. }) {
            log::fault(format_args!("a request failed: {self}"));
        }
        self.into_problem()
    }
}

/// A request that contradicts itself or the API.
pub fn bad_request(detail: impl Into<String>) -> Failure {
    Failure::Problem(Problem::BadRequest {
        detail: detail.into(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use protocol::problem::ErrorBody;

    #[test]
    fn faults_are_not_described_to_the_client() {
        let secret = DbError::Fault("no such table: users".into());
        let problem = Failure::from(secret).into_problem();
        assert_eq!(problem, Problem::Internal);
        assert!(!ErrorBody::from(problem).message.contains("users"));
    }
}
