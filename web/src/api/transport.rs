//! One request at the network.

use crate::browser::{clock, js};
use crate::failure::Failure;
use futures_util::future::{Either, select};
use shared::protocol::headers;
use std::pin::pin;
use wasm_bindgen::JsCast;
use web_sys::{AbortController, RequestCredentials, RequestInit, Response};

/// How long an answer may take, in milliseconds, where the request does not
/// say otherwise: a connection that is dead without having been closed must not
/// hold anything up for ever.
const DEADLINE_MILLIS: u64 = 30_000;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Method {
    Get,
    Post,
    Patch,
    Delete,
}

impl Method {
    fn as_str(self) -> &'static str {
        match self {
            Method::Get => "GET",
            Method::Post => "POST",
            Method::Patch => "PATCH",
            Method::Delete => "DELETE",
        }
    }
}

/// What is asked.
pub struct Request<'a> {
    method: Method,
    path: &'a str,
    json: Option<String>,
    header: Option<(&'a str, String)>,
    deadline_millis: u64,
}

impl<'a> Request<'a> {
    pub fn new(method: Method, path: &'a str) -> Self {
        Self {
            method,
            path,
            json: None,
            header: None,
            deadline_millis: DEADLINE_MILLIS,
        }
    }

    pub fn with_json(self, json: String) -> Self {
        Self {
            json: Some(json),
            ..self
        }
    }

    pub fn with_header(self, name: &'a str, value: String) -> Self {
        Self {
            header: Some((name, value)),
            ..self
        }
    }

    pub fn with_deadline(self, millis: u64) -> Self {
        Self {
            deadline_millis: millis,
            ..self
        }
    }
}

/// What was answered.
#[derive(Clone, Debug)]
pub struct Reply {
    pub status: u16,
    pub text: String,
}

impl Reply {
    pub fn is_success(&self) -> bool {
        (200..300).contains(&self.status)
    }
}

/// Sends a request and reads the whole answer. Dropping the future aborts it.
///
/// # Errors
/// `Unreachable`: no answer, not a whole one, or not in time.
pub async fn send(request: Request<'_>) -> Result<Reply, Failure> {
    let deadline = pin!(clock::sleep(request.deadline_millis));
    match select(pin!(send_without_deadline(request)), deadline).await {
        Either::Left((reply, _)) => reply,
        Either::Right(_) => Err(Failure::Unreachable),
    }
}

async fn send_without_deadline(request: Request<'_>) -> Result<Reply, Failure> {
    let window = web_sys::window().ok_or(Failure::Unreachable)?;
    let abort = AbortOnDrop(AbortController::new().map_err(|e| Failure::thrown(&e))?);
    let init = RequestInit::new();
    init.set_method(request.method.as_str());
    init.set_credentials(RequestCredentials::SameOrigin);
    init.set_signal(Some(&abort.0.signal()));
    let headers = web_sys::Headers::new().map_err(|e| Failure::thrown(&e))?;
    let set = |name: &str, value: &str| headers.set(name, value).map_err(|e| Failure::thrown(&e));
    set(headers::CLIENT, "web")?;
    if let Some((name, value)) = &request.header {
        set(name, value)?;
    }
    if let Some(json) = &request.json {
        set("content-type", "application/json")?;
        init.set_body(&json.into());
    }
    init.set_headers(&headers);

    let promise = window.fetch_with_str_and_init(request.path, &init);
    let response: Response = js::outcome(promise)
        .await
        .and_then(JsCast::dyn_into)
        .map_err(|_| Failure::Unreachable)?;
    let text = response.text().map_err(|_| Failure::Unreachable)?;
    let text = js::outcome(text).await.map_err(|_| Failure::Unreachable)?;
    Ok(Reply {
        status: response.status(),
        text: text.as_string().unwrap_or_default(),
    })
}

/// Frees the connection as soon as nobody waits for its answer any more. After
/// the answer it does nothing.
struct AbortOnDrop(AbortController);

impl Drop for AbortOnDrop {
    fn drop(&mut self) {
        self.0.abort();
    }
}
