//! One request at the network, by `gloo-net`. Uploads of blocks are not sent from here:
//! only `XMLHttpRequest` tells how far a body has come ([`super::upload`]).

use crate::browser::{clock, js};
use crate::failure::{Failure, refused, thrown};
use futures_util::future::{Either, select};
use gloo_net::http::{self, RequestBuilder, Response};
use js_sys::{Array, ArrayBuffer, JsString};
use protocol::headers;
use protocol::ids::UserId;
use std::ops::RangeInclusive;
use std::pin::pin;
use std::rc::Rc;
use wasm_bindgen::prelude::wasm_bindgen;
use wasm_bindgen::{JsCast, JsValue};
use web_sys::{AbortController, AbortSignal, Blob, ReadableWritablePair, RequestCredentials};

#[wasm_bindgen]
extern "C" {
    /// What web-sys has only as unstable.
    #[wasm_bindgen(extends = ReadableWritablePair)]
    type CompressionStream;
    #[wasm_bindgen(constructor, catch)]
    fn new(format: &str) -> Result<CompressionStream, JsValue>;
}

/// How long an answer may take, in milliseconds, where the request does not
/// say otherwise: a connection that is dead without having been closed must not
/// hold anything up for ever.
const DEADLINE_MILLIS: u64 = 30_000;

/// How many characters a body of JSON has that is compressed.
const COMPRESSED_CHARS: RangeInclusive<u32> = 1 << 10..=256 << 10;

/// In whose name a request is made.
pub enum Voice {
    Nobody,
    /// The page of whoever has the cookie: see [`headers::USER`].
    User(UserId),
    /// Whoever has a link, and maybe has given its password: see [`headers::LINK_PASS`].
    Visitor(Option<Rc<str>>),
}

impl Voice {
    /// The header that says so.
    pub fn header(&self) -> Option<(&'static str, String)> {
        match self {
            Voice::Nobody => None,
            Voice::User(user) => Some((headers::USER, user.to_string())),
            // Said also where there is none: with the cookie alone, the page would be let in
            // to look and refused whatever it sends.
            Voice::Visitor(pass) => {
                let pass = pass.as_deref().unwrap_or("none");
                Some((headers::LINK_PASS, pass.to_owned()))
            }
        }
    }
}

/// What is asked.
pub struct Request {
    builder: RequestBuilder,
    body: Option<JsValue>,
    deadline_millis: u64,
}

impl Request {
    pub fn get(path: &str) -> Self {
        Self::new(http::Request::get(path))
    }

    pub fn post(path: &str) -> Self {
        Self::new(http::Request::post(path))
    }

    pub fn patch(path: &str) -> Self {
        Self::new(http::Request::patch(path))
    }

    pub fn delete(path: &str) -> Self {
        Self::new(http::Request::delete(path))
    }

    fn new(builder: RequestBuilder) -> Self {
        Self {
            builder: builder
                .credentials(RequestCredentials::SameOrigin)
                .header(headers::CLIENT, "web"),
            body: None,
            deadline_millis: DEADLINE_MILLIS,
        }
    }

    pub fn with_json(self, json: String) -> Self {
        Self {
            builder: self.builder.header("content-type", "application/json"),
            body: Some(json.into()),
            ..self
        }
    }

    /// Sends bytes as they are.
    pub fn with_blob(self, blob: &Blob) -> Self {
        Self {
            body: Some(blob.into()),
            ..self
        }
    }

    pub fn with_header(self, name: &str, value: &str) -> Self {
        Self {
            builder: self.builder.header(name, value),
            ..self
        }
    }

    pub fn with_deadline(self, millis: u64) -> Self {
        Self {
            deadline_millis: millis,
            ..self
        }
    }

    /// Says in whose name it is made.
    fn by(self, voice: &Voice) -> Self {
        match voice.header() {
            Some((name, value)) => self.with_header(name, &value),
            None => self,
        }
    }

    async fn begin(self, signal: &AbortSignal) -> Result<Response, Failure> {
        let builder = self.builder.abort_signal(Some(signal));
        let request = match self.body {
            Some(body) => match smaller(&body).await {
                Some(smaller) => builder.header("content-encoding", "deflate").body(smaller),
                None => builder.body(body),
            },
            None => builder.build(),
        };
        let request = request.map_err(|e| refused(e.to_string()))?;
        request.send().await.map_err(|_| Failure::Unreachable)
    }
}

/// A text compressed by the browser, where that is worth it and the browser can: hashes in
/// JSON take twice as many bytes as they have. The page's thread does it, so long ones go as
/// they are.
pub(super) async fn smaller(body: &JsValue) -> Option<Blob> {
    let length = body.dyn_ref::<JsString>()?.length();
    if !COMPRESSED_CHARS.contains(&length) {
        return None;
    }
    let deflate = CompressionStream::new("deflate").ok()?;
    let text = Blob::new_with_str_sequence(&Array::of1(body)).ok()?;
    let stream = text.stream().pipe_through(&deflate);
    let whole = web_sys::Response::new_with_opt_readable_stream(Some(&stream)).ok()?;
    let blob = js::outcome(whole.blob().ok()?).await.ok()?;
    blob.dyn_into().ok()
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
pub enum BinaryAnswer<T> {
    Whole(T),
    /// What the server said instead.
    Refused(Reply),
}

/// Sends a request of a user's page and reads the whole answer. Dropping the future
/// aborts it.
///
/// # Errors
/// `Unreachable`: no answer, not a whole one, or not in time.
pub async fn send(voice: &Voice, request: Request) -> Result<Reply, Failure> {
    in_time(voice, request, async |response| text(&response).await).await
}

/// The same for an answer of bytes, which stay in the browser's memory.
///
/// # Errors
/// As above.
pub async fn send_for_bytes(
    voice: &Voice,
    request: Request,
) -> Result<BinaryAnswer<ArrayBuffer>, Failure> {
    in_time(voice, request, async |response| {
        if !response.ok() {
            return text(&response).await.map(BinaryAnswer::Refused);
        }
        let response = web_sys::Response::from(response);
        let bytes = response.array_buffer().map_err(|_| Failure::Unreachable)?;
        let bytes = js::outcome(bytes).await.and_then(JsCast::dyn_into);
        bytes
            .map(BinaryAnswer::Whole)
            .map_err(|_| Failure::Unreachable)
    })
    .await
}

/// The same for an answer that may be on the disk: its bytes are not copied into the
/// page.
///
/// # Errors
/// As above.
pub async fn send_for_blob(voice: &Voice, request: Request) -> Result<BinaryAnswer<Blob>, Failure> {
    in_time(voice, request, async |response| {
        if !response.ok() {
            return text(&response).await.map(BinaryAnswer::Refused);
        }
        let blob = web_sys::Response::from(response).blob();
        let blob = js::outcome(blob.map_err(|_| Failure::Unreachable)?).await;
        let blob = blob.and_then(JsCast::dyn_into);
        blob.map(BinaryAnswer::Whole)
            .map_err(|_| Failure::Unreachable)
    })
    .await
}

/// Sends a request and reads what is wanted of the answer, unless it takes too long.
///
/// # Errors
/// `Unreachable` as above; whatever `read` refuses.
async fn in_time<T>(
    voice: &Voice,
    request: Request,
    read: impl AsyncFnOnce(Response) -> Result<T, Failure>,
) -> Result<T, Failure> {
    let deadline = pin!(clock::sleep(request.deadline_millis));
    let answered = async {
        let abort = AbortOnDrop(AbortController::new().map_err(|e| thrown(&e))?);
        read(request.by(voice).begin(&abort.0.signal()).await?).await
    };
    match select(pin!(answered), deadline).await {
        Either::Left((answer, _)) => answer,
        Either::Right(_) => Err(Failure::Unreachable),
    }
}

async fn text(response: &Response) -> Result<Reply, Failure> {
    let text = response.text().await.map_err(|_| Failure::Unreachable)?;
    Ok(Reply {
        status: response.status(),
        text,
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
