//! One request at the network.

use crate::browser::{clock, js};
use crate::failure::Failure;
use futures_util::future::{Either, select};
use js_sys::ArrayBuffer;
use shared::protocol::headers;
use std::pin::pin;
use wasm_bindgen::JsCast;
use web_sys::{AbortController, AbortSignal, RequestCredentials, RequestInit, Response};

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

/// An answer that is not text if all went well.
pub enum Bytes {
    Whole(ArrayBuffer),
    /// What the server said instead.
    Refused(Reply),
}

/// Sends a request and reads the whole answer. Dropping the future aborts it.
///
/// # Errors
/// `Unreachable`: no answer, not a whole one, or not in time.
pub async fn send(request: Request<'_>) -> Result<Reply, Failure> {
    in_time(request, async |response| text(&response).await).await
}

/// The same for an answer of bytes, which stay in the browser's memory.
///
/// # Errors
/// As above.
pub async fn send_for_bytes(request: Request<'_>) -> Result<Bytes, Failure> {
    in_time(request, async |response| {
        if !response.ok() {
            return text(&response).await.map(Bytes::Refused);
        }
        let bytes = response.array_buffer().map_err(|_| Failure::Unreachable)?;
        let bytes = js::outcome(bytes).await.and_then(JsCast::dyn_into);
        bytes.map(Bytes::Whole).map_err(|_| Failure::Unreachable)
    })
    .await
}

async fn in_time<T>(
    request: Request<'_>,
    read: impl AsyncFnOnce(Response) -> Result<T, Failure>,
) -> Result<T, Failure> {
    let deadline = pin!(clock::sleep(request.deadline_millis));
    let answered = async {
        let abort = AbortOnDrop(AbortController::new().map_err(|e| Failure::thrown(&e))?);
        read(begin(&request, &abort.0.signal()).await?).await
    };
    match select(pin!(answered), deadline).await {
        Either::Left((answer, _)) => answer,
        Either::Right(_) => Err(Failure::Unreachable),
    }
}

async fn begin(request: &Request<'_>, signal: &AbortSignal) -> Result<Response, Failure> {
    let window = web_sys::window().ok_or(Failure::Unreachable)?;
    let init = RequestInit::new();
    init.set_method(request.method.as_str());
    init.set_credentials(RequestCredentials::SameOrigin);
    init.set_signal(Some(signal));
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
    js::outcome(promise)
        .await
        .and_then(JsCast::dyn_into)
        .map_err(|_| Failure::Unreachable)
}

async fn text(response: &Response) -> Result<Reply, Failure> {
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
