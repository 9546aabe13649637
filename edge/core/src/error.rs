//! Everything that ends a request early. Only [`answer`](crate::http::answer::failed)
//! says what becomes of it in HTTP.

use crate::log;
use crate::ports::{DbError, PackError};
use protocol::problem::Problem;

/// Why a request failed, and whose fault that is.
#[derive(Clone, Debug, thiserror::Error)]
pub enum Failure {
    /// The request can't be granted, and the client has to deal with that.
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
    /// A stored sign-in record or state can't be read.
    #[error("a stored sign-in: {0}")]
    StoredSignIn(String),
    /// The platform gives no random bytes.
    #[error("the platform has no randomness: {0}")]
    NoRandomness(getrandom::Error),
    /// A value has no form in JSON.
    #[error("something can't be written as JSON: {0}")]
    Json(String),
    /// The address does not take this method.
    #[error("{method} is not one of {allow}")]
    Method {
        /// The method that was used.
        method: String,
        /// The value of the header `Allow`.
        allow: String,
    },
    /// The operator has to act: a variable of the configuration says what it can't say.
    #[error("the configuration: {0}")]
    Settings(String),
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
    /// The problem that the client is told, without details of the server's own faults.
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
            | Self::Settings(_)
            | Self::Platform(_) => Problem::Internal,
        }
    }

    /// The problem that the client is told; a fault of the server is logged, too.
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
