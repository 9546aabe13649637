//! Bytes on their way out: a file's content, a conflict's, a block.
//!
//! Stored files are strangers' bytes: they are always saved and never shown by
//! the browser, in no case run in the app's origin, and never guessed at.

use super::conflicts;
use super::files;
use crate::auth;
use crate::call::Call;
use crate::disposition::{attachment, content_type};
use crate::error::Failure;
use crate::ports::{Database, Statement};
use crate::range::{self, Span};
use crate::store::rows::ListRow;
use crate::store::sql;
use crate::store::streams::{self, Place};
use crate::writes::versioning::{item, read_item};
use shared::hash::BlockHash;
use shared::ids::{ConflictId, ItemId, SpaceId};
use shared::name::Name;
use shared::protocol::problem::Problem;
use worker::{Headers, Response, ResponseBody, ResponseBuilder};

/// Content of a version never changes. Nobody on the way may change it either,
/// by compressing it for instance: ranges and lengths would no longer hold.
const IMMUTABLE: &str = "private, max-age=31536000, immutable, no-transform";
/// The head may be another version the next time.
const REVALIDATED: &str = "private, no-cache, no-transform";

/// What is asked for, as the headers tell it.
struct Subject {
    space: SpaceId,
    size: u64,
    etag: String,
    cache: &'static str,
    /// `None` for a block.
    name: Option<Name>,
    /// The read that answers its places; not made where no byte is sent.
    places: Statement,
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
    let item = item(&db.run(read_item(who.space, id)).await?)?;
    let (version, size) = files::version(&db, who.space, &item, asked).await?;
    let subject = Subject {
        space: who.space,
        size,
        etag: format!("\"{id}.{version}\""),
        cache: asked.map_or(REVALIDATED, |_| IMMUTABLE),
        name: Some(item.name),
        places: Statement::new(sql::content::PLACES)
            .id(who.space)
            .id(id)
            .bind(version),
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
    let row = conflicts::find(&db, who.space, id).await?;
    let item = item(&db.run(read_item(who.space, row.item)).await?)?;
    let subject = Subject {
        space: who.space,
        size: row.size,
        etag: format!("\"{id}\""),
        cache: IMMUTABLE,
        name: Some(item.name),
        places: Statement::new(sql::conflicts::PLACES).id(who.space).id(id),
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
    let read = Statement::new(sql::blocks::BLOCK).id(who.space).id(hash);
    let list: Option<ListRow> = db.run(read.clone()).await?.first()?;
    let places: Vec<Place> = list.ok_or(Problem::NoSuchBlock)?.read()?;
    let place = places.first().ok_or(Problem::NoSuchBlock)?;
    let subject = Subject {
        space: who.space,
        size: place.length,
        etag: format!("\"{hash}\""),
        cache: IMMUTABLE,
        name: None,
        places: read,
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
    let span = part.unwrap_or(Span::whole(subject.size));
    headers.set("content-length", &span.length().to_string())?;
    if part.is_some() {
        headers.set("content-range", &span.content_range(subject.size))?;
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
    Ok(range::parse(&asked, subject.size)?)
}

async fn open(
    call: &Call,
    db: &impl Database,
    subject: &Subject,
    span: Span,
) -> Result<ResponseBody, Failure> {
    let list: Option<ListRow> = db.run(subject.places.clone()).await?.first()?;
    let places: Vec<Place> = list.map(|row| row.read()).transpose()?.unwrap_or_default();
    let runs = streams::runs(&places, span);
    streams::open(call.packs()?, &call.context, subject.space, runs).await
}

fn headers(subject: &Subject) -> Result<Headers, Failure> {
    let headers = Headers::new();
    headers.set("etag", &subject.etag)?;
    headers.set("cache-control", subject.cache)?;
    headers.set("accept-ranges", "bytes")?;
    headers.set("content-security-policy", "default-src 'none'; sandbox")?;
    headers.set("cross-origin-resource-policy", "same-origin")?;
    let (kind, disposition) = match &subject.name {
        Some(name) => (content_type(name), attachment(name)),
        None => ("application/octet-stream", "attachment".to_owned()),
    };
    headers.set("content-type", kind)?;
    headers.set("content-disposition", &disposition)?;
    Ok(headers)
}
