//! Everything that ends a request early, and the one place where it becomes an
//! HTTP answer.

use crate::caching::FORGET_ANSWERS;
use driftless_core::error as core;
use driftless_core::ports::{DbError, PackError};
use protocol::problem::{ErrorBody, Problem};
use worker::{Headers, Response, console_error};

/// Why a request got no success. Says whose fault it is.
#[derive(Clone, Debug, thiserror::Error)]
pub enum Failure {
    /// As it was decided.
    #[error(transparent)]
    Decided(#[from] core::Failure),
    /// The address takes other methods.
    #[error("{method} is not one of {allow}")]
    Method {
        method: String,
        /// The value of the header `Allow`.
        allow: String,
    },
    /// The runtime refused something.
    #[error("the runtime: {0}")]
    Runtime(String),
}

impl From<Problem> for Failure {
    fn from(problem: Problem) -> Self {
        core::Failure::from(problem).into()
    }
}

impl From<DbError> for Failure {
    fn from(error: DbError) -> Self {
        core::Failure::from(error).into()
    }
}

impl From<PackError> for Failure {
    fn from(error: PackError) -> Self {
        core::Failure::from(error).into()
    }
}

impl From<serde_json::Error> for Failure {
    fn from(error: serde_json::Error) -> Self {
        core::Failure::from(error).into()
    }
}

impl From<worker::Error> for Failure {
    fn from(error: worker::Error) -> Self {
        Self::Runtime(error.to_string())
    }
}

impl Failure {
    /// What the client is told. Details of the server's own faults are not.
    pub fn into_problem(self) -> Problem {
        match self {
            Self::Decided(failure) => failure.into_problem(),
            Self::Method { method, .. } => Problem::MethodNotAllowed { method },
            Self::Runtime(_) => Problem::Internal,
        }
    }
}

/// What the client is told. A fault of the server is logged.
pub fn told(failure: impl Into<Failure>) -> Problem {
    let failure = failure.into();
    match &failure {
        Failure::Decided(core::Failure::Problem(_)) | Failure::Method { .. } => {}
        fault => console_error!("a request failed: {fault}"),
    }
    failure.into_problem()
}

/// The answer to a request that failed.
///
/// # Errors
/// The runtime takes no response.
pub fn respond(failure: Failure) -> worker::Result<Response> {
    let headers = Headers::new();
    if let Failure::Method { allow, .. } = &failure {
        headers.set("allow", allow)?;
    }
    let problem = told(failure);
    let status = problem.status();
    if let Some(seconds) = retry_after_seconds(&problem) {
        headers.set("retry-after", &seconds.to_string())?;
    }
    if let Problem::RangeNotSatisfiable { size } = &problem {
        headers.set("content-range", &format!("bytes */{size}"))?;
    }
    if problem == Problem::SessionEnded {
        let (name, value) = FORGET_ANSWERS;
        headers.set(name, value)?;
    }
    Response::builder()
        .with_status(status)
        .with_headers(headers)
        .from_json(&ErrorBody::from(problem))
}

fn retry_after_seconds(problem: &Problem) -> Option<u64> {
    match problem {
        Problem::TooManyPolls => Some(5),
        Problem::Unavailable => Some(1),
        other => other.retry_after_seconds(),
    }
}

/// A request that contradicts itself or the API.
pub fn bad_request(detail: impl Into<String>) -> Failure {
    core::bad_request(detail).into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_busy_database_may_be_tried_again() {
        let busy = Failure::from(DbError::Busy("overloaded".into())).into_problem();
        assert_eq!((busy.status(), retry_after_seconds(&busy)), (503, Some(1)));
    }
}
