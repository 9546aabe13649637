//! What can go wrong in the Notification Service, and the one place where it
//! becomes an HTTP answer.

use protocol::problem::{ErrorBody, Problem};
use worker::{Response, Result, console_error};

#[derive(Debug, thiserror::Error)]
pub enum NotifyError {
    #[error("no such route")]
    NoSuchRoute,
    #[error("HUB_COUNT is not set to a number from 1 to 65,536")]
    BadHubCount,
    /// Passed on to the program that polls.
    #[error("{0}")]
    Refused(Problem),
    #[error("the platform failed: {0}")]
    Platform(#[from] worker::Error),
}

/// Turns a handler's result into the answer.
pub fn answer(result: std::result::Result<Response, NotifyError>) -> Result<Response> {
    let problem = match result {
        Ok(response) => return Ok(response),
        Err(NotifyError::Refused(problem)) => problem,
        Err(NotifyError::NoSuchRoute) => Problem::NoSuchRoute,
        Err(error) => {
            console_error!("{error}");
            Problem::Unavailable
        }
    };
    let status = problem.status();
    Ok(Response::from_json(&ErrorBody::from(problem))?.with_status(status))
}
