//! Answers on their way out: as the runtime takes them, with content that is read from
//! the packs while the client reads.

use crate::call::WorkerCall;
use crate::error::platform;
use crate::store::own_requests::OwnRequests;
use crate::store::streams;
use driftless_core::error::Failure;
use driftless_core::http::answer::{Body, Response, StoredContent, failed};
use driftless_core::services::Services;
use worker::{Headers, ResponseBody, ResponseBuilder};

/// # Errors
/// The runtime takes no response.
pub async fn answer(
    call: &WorkerCall,
    answered: Result<Response, Failure>,
) -> worker::Result<worker::Response> {
    let answer = answered.unwrap_or_else(failed);
    match with_body(call, answer).await {
        Ok(response) => Ok(response),
        // Nothing of the body was sent: it could not be opened.
        Err(why) => failure(why),
    }
}

/// # Errors
/// The runtime takes no response.
pub fn failure(why: Failure) -> worker::Result<worker::Response> {
    let Response {
        status,
        headers,
        body,
    } = failed(why);
    let body = match body {
        Body::Bytes(bytes) => ResponseBody::Body(bytes),
        _ => ResponseBody::Empty,
    };
    let response = ResponseBuilder::new().with_status(status);
    Ok(response.with_headers(of(headers)?).body(body))
}

async fn with_body(call: &WorkerCall, answer: Response) -> Result<worker::Response, Failure> {
    let Response {
        status,
        headers,
        body,
    } = answer;
    let body = match body {
        Body::Empty => ResponseBody::Empty,
        Body::Bytes(bytes) => ResponseBody::Body(bytes),
        Body::Pieces { length, pieces } => streams::pieces(&call.context, length, pieces)?,
        Body::Content(content) => open(call, *content).await?,
    };
    let headers = of(headers).map_err(platform)?;
    let response = ResponseBuilder::new().with_status(status);
    Ok(response.with_headers(headers).body(body))
}

async fn open(call: &WorkerCall, content: StoredContent) -> Result<ResponseBody, Failure> {
    if content.requests.len() > 1 {
        let own = OwnRequests::of(call, &content)?;
        return streams::join_requests(own, &call.context, content.requests).await;
    }
    streams::open(call.packs()?, &call.context, content.space, content.runs).await
}

fn of(headers: Vec<(&'static str, String)>) -> worker::Result<Headers> {
    let taken = Headers::new();
    for (name, value) in headers {
        taken.append(name, &value)?;
    }
    Ok(taken)
}
