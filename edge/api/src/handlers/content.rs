//! Bytes on their way out: a file's content, a conflict's, a block.
//!
//! Stored files are strangers' bytes: they are always saved and never shown by
//! the browser, in no case run in the app's origin, and never guessed at.

use super::own_requests::OwnRequests;
use crate::auth;
use crate::caching::TO_BE_ASKED_AGAIN;
use crate::call::Call;
use crate::error::Failure;
use crate::store::streams;
use blocks::hash::BlockHash;
use driftless_core::access::SignedIn;
use driftless_core::access::reach::Use;
use driftless_core::conditions::{self, Answer, Modified, Validators};
use driftless_core::disposition::{attachment, content_type};
use driftless_core::ports::Database;
use driftless_core::range::Span;
use driftless_core::reads::content::{self, Stored};
use driftless_core::reads::files;
use driftless_core::store::places::requests_of;
use protocol::ids::{ConflictId, ItemId, SpaceId, Version};
use protocol::paths::NAME;
use worker::{Headers, Response, ResponseBody, ResponseBuilder};

/// What is asked for, as the headers tell it.
pub(super) struct Download {
    space: SpaceId,
    pub stored: Stored,
    pub validators: Validators,
    /// The file, and its version, which its address need not say.
    pub file: Option<(ItemId, Version)>,
}

impl Download {
    /// `never_changes` is said of the bytes.
    fn new(
        call: &Call,
        who: &SignedIn,
        mut stored: Stored,
        etag: String,
        never_changes: bool,
    ) -> Result<Self, Failure> {
        let name = call.name(NAME)?;
        if stored.name.is_some() && name.is_some() {
            stored.name = name;
        }
        // A server's clock may be ahead of another one's, and no date is to be of the
        // future.
        let modified = stored.at.map(|at| at.min(call.now()));
        let modified = modified.map(|at| Modified::new(at, never_changes));
        Ok(Self {
            space: who.space,
            stored,
            validators: Validators { etag, modified },
            file: None,
        })
    }
}

/// `GET /files/{id}/content?version=&name=`: the head's content without `version`.
///
/// 1. 400 for a version that is none, 400 `bad_name`.
/// 2. 404 unknown, 409 a folder, 404 `no_such_version`.
/// 3. 412, 304, 416, 206 or 200: see [`send`].
pub async fn of_file(call: &mut Call, id: ItemId) -> Result<Response, Failure> {
    let who = auth::signed_in(call, Use::Item(id)).await?;
    // 1
    let asked = call.number("version")?;
    call.name(NAME)?;
    let db = call.space_of(&who)?;
    // 2
    let (version, stored) = content::of_file(&db, who.space, id, asked).await?;
    let etag = format!("\"{id}.{version}\"");
    let mut subject = Download::new(call, &who, stored, etag, asked.is_some())?;
    subject.file = Some((id, version));
    if asked.is_none() && call.header("if-range")?.is_some() {
        subject.look_before(&db, id, version).await?;
    }
    // 3
    send(call, &db, subject).await
}

impl Download {
    /// Finds out whether the head's date is that of its bytes only, which asks for a
    /// read: the version before may have been taken in the same second.
    async fn look_before(
        &mut self,
        db: &impl Database,
        id: ItemId,
        version: Version,
    ) -> Result<(), Failure> {
        let before = version.saturating_sub(1);
        let before = files::taken_at(db, self.space, id, before).await?;
        if let Some(modified) = &mut self.validators.modified {
            modified.is_strong = !before.is_some_and(|at| modified.is_in_the_second_of(at));
        }
        Ok(())
    }
}

/// `GET /conflicts/{id}/content?name=`: what the side that came second wrote.
///
/// 1. 400 `bad_name`.
/// 2. 404 `no_such_conflict`.
/// 3. 412, 304, 416, 206 or 200: see [`send`].
pub async fn of_conflict(call: &mut Call, id: ConflictId) -> Result<Response, Failure> {
    let who = auth::signed_in(call, Use::Conflict(id)).await?;
    // 1
    call.name(NAME)?;
    let db = call.space_of(&who)?;
    // 2
    let stored = content::of_conflict(&db, who.space, id).await?;
    let subject = Download::new(call, &who, stored, format!("\"{id}\""), true)?;
    // 3
    send(call, &db, subject).await
}

/// `GET /blocks/{hash}`: one stored block.
///
/// 1. 404 `no_such_block`: this space has none, whoever else has it.
/// 2. 412, 304, 416, 206 or 200: see [`send`].
pub async fn of_block(call: &mut Call, hash: BlockHash) -> Result<Response, Failure> {
    let who = auth::signed_in(call, Use::Drive).await?;
    let db = call.space_of(&who)?;
    // 1
    let stored = content::of_block(&db, who.space, hash).await?;
    let subject = Download::new(call, &who, stored, format!("\"{hash}\""), true)?;
    // 2
    send(call, &db, subject).await
}

/// Answers content.
///
/// 1. What the conditions and the range of the request come to: see
///    [`conditions::decide`].
/// 2. The bytes, unless the method is HEAD.
async fn send(call: &Call, db: &impl Database, subject: Download) -> Result<Response, Failure> {
    let headers = headers(&subject)?;
    // 1
    let size = subject.stored.size;
    let (status, span) = match conditions::decide(&call.asked()?, &subject.validators, size)? {
        Answer::NotModified => {
            let response = ResponseBuilder::new().with_status(304);
            return Ok(response.with_headers(headers).empty());
        }
        Answer::Part(span) => {
            headers.set("content-range", &span.content_range(size))?;
            (206, span)
        }
        Answer::Whole => (200, Span::whole(size)),
    };
    headers.set("content-length", &span.length().to_string())?;
    // 2
    let body = match call.is_head() || span.length() == 0 {
        true => ResponseBody::Empty,
        false => open(call, db, &subject, span).await?,
    };
    let response = ResponseBuilder::new().with_status(status);
    Ok(response.with_headers(headers).body(body))
}

async fn open(
    call: &Call,
    db: &impl Database,
    subject: &Download,
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

fn headers(subject: &Download) -> Result<Headers, Failure> {
    let headers = Headers::new();
    headers.set("etag", &subject.validators.etag)?;
    let modified = subject.validators.modified;
    if let Some(date) = modified.and_then(Modified::header) {
        headers.set("last-modified", &date)?;
    }
    // Nobody on the way may compress it, for instance: ranges and lengths would no
    // longer hold.
    let cache = format!("{TO_BE_ASKED_AGAIN}, no-transform");
    headers.set("cache-control", &cache)?;
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
