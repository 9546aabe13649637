//! Bytes on their way out: a file's content, a conflict's, a block.
//!
//! Stored files are strangers' bytes: they are always saved and never shown by
//! the browser, in no case run in the app's origin, and never guessed at.

use super::own_requests::OwnRequests;
use crate::auth;
use crate::call::Call;
use crate::disposition::{attachment, content_type};
use crate::error::Failure;
use crate::ports::Database;
use crate::range::{self, Span};
use crate::reads::content::{self, Stored};
use crate::store::places::requests_of;
use crate::store::streams;
use shared::hash::BlockHash;
use shared::ids::{ConflictId, ItemId, SpaceId, Version};
use worker::{Headers, Response, ResponseBody, ResponseBuilder};

/// Content of a version never changes. Nobody on the way may change it either,
/// by compressing it for instance: ranges and lengths would no longer hold.
const IMMUTABLE: &str = "private, max-age=31536000, immutable, no-transform";
/// The head may be another version the next time.
const REVALIDATED: &str = "private, no-cache, no-transform";

/// What is asked for, as the headers tell it.
pub(super) struct Subject {
    space: SpaceId,
    pub stored: Stored,
    pub etag: String,
    cache: &'static str,
    /// The file, and its version, which its address need not say.
    pub file: Option<(ItemId, Version)>,
}

/// `GET /files/{id}/content?version=`: the head's content without `version`.
///
/// 1. 404 unknown, 409 a folder, 404 `no_such_version`.
/// 2. 304, 416, 206 or 200: see [`send`].
pub async fn of_file(call: &mut Call, id: ItemId) -> Result<Response, Failure> {
    let who = auth::signed_in(call).await?;
    let asked = call.number("version")?;
    let db = call.space_of(&who)?;
    // 1
    let (version, stored) = content::of_file(&db, who.space, id, asked).await?;
    let subject = Subject {
        space: who.space,
        stored,
        etag: format!("\"{id}.{version}\""),
        cache: asked.map_or(REVALIDATED, |_| IMMUTABLE),
        file: Some((id, version)),
    };
    // 2
    send(call, &db, subject).await
}

/// `GET /conflicts/{id}/content`: what the side that came second wrote.
///
/// 1. 404 `no_such_conflict`.
/// 2. 304, 416, 206 or 200: see [`send`].
pub async fn of_conflict(call: &mut Call, id: ConflictId) -> Result<Response, Failure> {
    let who = auth::signed_in(call).await?;
    let db = call.space_of(&who)?;
    // 1
    let subject = Subject {
        space: who.space,
        stored: content::of_conflict(&db, who.space, id).await?,
        etag: format!("\"{id}\""),
        cache: IMMUTABLE,
        file: None,
    };
    // 2
    send(call, &db, subject).await
}

/// `GET /blocks/{hash}`: one stored block.
///
/// 1. 404 `no_such_block`: this space has none, whoever else has it.
/// 2. 304, 416, 206 or 200: see [`send`].
pub async fn of_block(call: &mut Call, hash: BlockHash) -> Result<Response, Failure> {
    let who = auth::signed_in(call).await?;
    let db = call.space_of(&who)?;
    // 1
    let subject = Subject {
        space: who.space,
        stored: content::of_block(&db, who.space, hash).await?,
        etag: format!("\"{hash}\""),
        cache: IMMUTABLE,
        file: None,
    };
    // 2
    send(call, &db, subject).await
}

/// Answers content.
///
/// 1. 304 if the client has it.
/// 2. 206 with the range that is asked for, if `If-Range` still holds; 416 if
///    no byte of it is there; 200 with the whole.
/// 3. The bytes, unless the method is HEAD.
async fn send(call: &Call, db: &impl Database, subject: Subject) -> Result<Response, Failure> {
    let headers = headers(&subject)?;
    // 1
    let known = call.header("if-none-match")?;
    if known.is_some_and(|tags| range::is_known(&tags, &subject.etag)) {
        let response = ResponseBuilder::new().with_status(304);
        return Ok(response.with_headers(headers).empty());
    }
    // 2
    let part = asked_part(call, &subject)?;
    let span = part.unwrap_or(Span::whole(subject.stored.size));
    headers.set("content-length", &span.length().to_string())?;
    if part.is_some() {
        headers.set("content-range", &span.content_range(subject.stored.size))?;
    }
    // 3
    let body = match call.is_head() || span.length() == 0 {
        true => ResponseBody::Empty,
        false => open(call, db, &subject, span).await?,
    };
    let status = part.map_or(200, |_| 206);
    let response = ResponseBuilder::new().with_status(status);
    Ok(response.with_headers(headers).body(body))
}

fn asked_part(call: &Call, subject: &Subject) -> Result<Option<Span>, Failure> {
    let Some(asked) = call.header("range")? else {
        return Ok(None);
    };
    let condition = call.header("if-range")?;
    if condition.is_some_and(|tag| tag.trim() != subject.etag) {
        return Ok(None);
    }
    Ok(range::parse(&asked, subject.stored.size)?)
}

async fn open(
    call: &Call,
    db: &impl Database,
    subject: &Subject,
    span: Span,
) -> Result<ResponseBody, Failure> {
    let runs = content::runs(db, &subject.stored, span).await?;
    let requests = requests_of(&runs, span);
    if requests.len() > 1 {
        if let Some((file, _)) = subject.file {
            call.regroup_later(subject.space, file);
        }
        let own = OwnRequests::of(call, subject)?;
        return streams::join_requests(own, &call.context, requests).await;
    }
    streams::open(call.packs()?, &call.context, subject.space, runs).await
}

fn headers(subject: &Subject) -> Result<Headers, Failure> {
    let headers = Headers::new();
    headers.set("etag", &subject.etag)?;
    headers.set("cache-control", subject.cache)?;
    headers.set("accept-ranges", "bytes")?;
    headers.set("content-security-policy", "default-src 'none'; sandbox")?;
    headers.set("cross-origin-resource-policy", "same-origin")?;
    let (kind, disposition) = match &subject.stored.name {
        Some(name) => (content_type(name), attachment(name)),
        None => ("application/octet-stream", "attachment".to_owned()),
    };
    headers.set("content-type", kind)?;
    headers.set("content-disposition", &disposition)?;
    Ok(headers)
}
