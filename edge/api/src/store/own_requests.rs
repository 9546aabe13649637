//! Parts of a content that this server asks itself for. A request may make only so
//! many calls, and each of these is a request of its own.

use crate::call::WorkerCall;
use crate::error::platform;
use crate::store::streams::Answers;
use driftless_core::digits;
use driftless_core::error::Failure;
use driftless_core::http::answer::StoredContent;
use driftless_core::http::runtime::Runtime;
use driftless_core::range::Span;
use protocol::grants::ROOT;
use protocol::headers::{LINK_PASS, REST};
use protocol::links::LINK;
use std::time::Duration;
use worker::web_sys::ReadableStream;
use worker::{Delay, Env, Fetcher, Headers, Method, RequestInit, Response, ResponseBody};

/// What tells who asks.
const CREDENTIALS: [&str; 3] = ["authorization", "cookie", LINK_PASS];

/// Asks for parts of what a request has asked for, on behalf of the same caller.
pub struct OwnRequests {
    server: Fetcher,
    address: String,
    /// Each part has to be of this very content.
    etag: String,
    credentials: Vec<(&'static str, String)>,
    size: u64,
}

impl OwnRequests {
    /// # Errors
    /// This Worker is not bound to itself.
    pub fn of(call: &WorkerCall, content: &StoredContent) -> Result<Self, Failure> {
        let mut address = call.url().clone();
        // The head may be another version by the time of a later part.
        let version = content
            .version
            .map(|version| ("version", version.to_string()));
        let same = |name| call.parameters(name).into_iter().map(move |is| (name, is));
        let (root, link) = (same(ROOT), same(LINK));
        address.set_query(None);
        address
            .query_pairs_mut()
            .extend_pairs(version.into_iter().chain(root).chain(link));
        let mut credentials = Vec::new();
        for name in CREDENTIALS {
            if let Some(value) = call.header(name)? {
                credentials.push((name, value));
            }
        }
        let rest = content.rest.clone();
        credentials.extend(rest.map(|rest| (REST, rest)));
        Ok(Self {
            server: own_server(&call.env)?,
            address: address.to_string(),
            etag: content.etag.clone(),
            credentials,
            size: content.size,
        })
    }
}

fn own_server(env: &Env) -> Result<Fetcher, Failure> {
    env.service("SELF").map_err(platform)
}

/// How often a part is asked for that the server has no memory for.
const MAX_TRIES: u32 = 10;

impl OwnRequests {
    /// The server's answer, once it has its hands free: it says how long to wait.
    async fn answer(&self, span: Span) -> Result<Response, Failure> {
        let mut tries = 1;
        loop {
            let answer = self.ask(span).await.map_err(platform)?;
            let wait = match answer.status_code() {
                503 => answer.headers().get("retry-after").map_err(platform)?,
                _ => None,
            };
            let wait = wait.and_then(|wait| digits::parse(&wait));
            match wait {
                Some(seconds) if tries < MAX_TRIES => {
                    tries = tries.saturating_add(1);
                    Delay::from(Duration::from_secs(seconds)).await;
                }
                _ => return Ok(answer),
            }
        }
    }

    async fn ask(&self, span: Span) -> worker::Result<Response> {
        let headers = Headers::new();
        for (name, value) in &self.credentials {
            headers.set(name, value)?;
        }
        let last = span.end.saturating_sub(1);
        headers.set("range", &format!("bytes={}-{last}", span.start))?;
        headers.set("if-range", &self.etag)?;
        let mut init = RequestInit::new();
        init.with_method(Method::Get).with_headers(headers);
        self.server.fetch(&self.address, Some(init)).await
    }
}

impl Answers for OwnRequests {
    async fn open(&self, span: Span) -> Result<ReadableStream, Failure> {
        let answer = self.answer(span).await?;
        let expected = span.content_range(self.size);
        let range = answer.headers().get("content-range").map_err(platform)?;
        let is_part = answer.status_code() == 206 && range.as_deref() == Some(&expected);
        match answer.body() {
            ResponseBody::Stream(body) if is_part => Ok(body.clone()),
            _ => {
                let status = answer.status_code();
                let why = format!("a part was answered with {status}, not with {expected}");
                Err(Failure::Platform(why))
            }
        }
    }
}
