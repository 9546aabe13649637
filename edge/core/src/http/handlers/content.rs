//! Bytes on their way out: a file's content, a conflict's, a block.
//!
//! Stored files are strangers' bytes. The browser is told to save them. It must not
//! show them, run them in the app's origin or guess their type.

use crate::access::Visitor;
use crate::access::held::Aim;
use crate::access::reach::Use;
use crate::conditions::{self, Modified, ReadOutcome, Validators};
use crate::disposition::{attachment, content_type};
use crate::error::Failure;
use crate::http::answer::{Body, Response, StoredContent};
use crate::http::auth;
use crate::http::caching::TO_BE_ASKED_AGAIN;
use crate::http::call::Call;
use crate::http::runtime::Runtime;
use crate::ports::Database;
use crate::range::Span;
use crate::reads::content::{self, Stored};
use crate::reads::files;
use crate::store::places::requests_of;
use crate::writes::links;
use blocks::hash::BlockHash;
use protocol::ids::{ConflictId, ItemId, SpaceId, Version};
use protocol::paths::NAME;

/// What a request downloads, with all that the headers of the answer need.
struct Download {
    space: SpaceId,
    stored: Stored,
    validators: Validators,
    /// The file and its version, which the address need not name; `None` if it is no
    /// file.
    file: Option<(ItemId, Version)>,
    /// The visitor of a link, whose downloads are counted.
    visitor: Option<Visitor>,
}

impl Download {
    /// `never_changes` says that this address always has these bytes.
    fn new(
        call: &Call<impl Runtime>,
        space: SpaceId,
        mut stored: Stored,
        etag: String,
        never_changes: bool,
    ) -> Result<Self, Failure> {
        let name = call.name(NAME)?;
        if stored.name.is_some() && name.is_some() {
            stored.name = name;
        }
        // Another server's clock may be ahead of this one's, and no date may lie in the
        // future.
        let modified = stored.at.map(|at| at.min(call.runtime.now()));
        let modified = modified.map(|at| Modified::new(at, never_changes));
        Ok(Self {
            space,
            stored,
            validators: Validators { etag, modified },
            file: None,
            visitor: None,
        })
    }
}

/// `GET /files/{id}/content?version=&name=`: the head's content without `version`.
///
/// 1. 400 for a version that is no number, 400 `bad_name`.
/// 2. 404 unknown, 409 a folder, 404 `no_such_version`.
/// 3. 412, 304, 416, 206 or 200: see [`send`].
pub async fn of_file(call: &mut Call<impl Runtime>, id: ItemId) -> Result<Response, Failure> {
    let who = auth::let_in(call, Use::Item(id)).await?;
    // 1
    let asked = call.number("version")?;
    call.name(NAME)?;
    let (db, space) = (call.space_of(who.space())?, who.space());
    // 2
    let (version, stored) = content::of_file(&db, space, &who.reach(), id, asked).await?;
    let etag = format!("\"{id}.{version}\"");
    let mut subject = Download::new(call, space, stored, etag, asked.is_some())?;
    subject.file = Some((id, version));
    subject.visitor = who.visitor().cloned();
    if asked.is_none() && call.header("if-range")?.is_some() {
        subject.look_before(&db, id, version).await?;
    }
    // 3
    send(call, &db, subject).await
}

impl Download {
    /// Finds out whether the head's date is that of its bytes only. That needs a read,
    /// because the version before may have been taken in the same second.
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
pub async fn of_conflict(
    call: &mut Call<impl Runtime>,
    id: ConflictId,
) -> Result<Response, Failure> {
    let who = auth::signed_in(call, Use::Conflict(id)).await?;
    // 1
    call.name(NAME)?;
    let db = call.space_of(who.space)?;
    // 2
    let stored = content::of_conflict(&db, who.space, &who.reach(), id).await?;
    let subject = Download::new(call, who.space, stored, format!("\"{id}\""), true)?;
    // 3
    send(call, &db, subject).await
}

/// `GET /blocks/{hash}`: one stored block.
///
/// 1. 404 `no_such_block`: this space does not have it, even if another one does.
/// 2. 412, 304, 416, 206 or 200: see [`send`].
pub async fn of_block(call: &mut Call<impl Runtime>, hash: BlockHash) -> Result<Response, Failure> {
    let who = auth::signed_in(call, Use::Drive).await?;
    let db = call.space_of(who.space)?;
    // 1
    let stored = content::of_block(&db, who.space, hash).await?;
    let subject = Download::new(call, who.space, stored, format!("\"{hash}\""), true)?;
    // 2
    send(call, &db, subject).await
}

/// Answers content.
///
/// 1. The conditions and the range of the request are decided on: see
///    [`conditions::decide`]. A link whose downloads are limited has no ranges, so that
///    each answer counts.
/// 2. The bytes are answered, unless the method is HEAD. A visitor's download is counted
///    if it begins with the first byte: see [`links::count_download`].
async fn send(
    call: &Call<impl Runtime>,
    db: &impl Database,
    subject: Download,
) -> Result<Response, Failure> {
    // 1
    let size = subject.stored.size;
    let mut asked = call.asked()?;
    if subject.visitor.as_ref().is_some_and(has_no_ranges) {
        asked.range = None;
    }
    let decided = conditions::decide(&asked, &subject.validators, size)?;
    let (status, span) = match decided {
        ReadOutcome::NotModified => (304, None),
        ReadOutcome::Part(span) => (206, Some(span)),
        ReadOutcome::Whole => (200, Some(Span::whole(size))),
    };
    // 2
    let body = match span {
        Some(span) if !call.is_head() && span.length() > 0 => {
            Body::Content(Box::new(part(call, db, &subject, span).await?))
        }
        _ => Body::Empty,
    };
    if let (Some(visitor), Some(Span { start: 0, .. })) = (&subject.visitor, span)
        && !call.is_head()
        && is_counted(visitor)
    {
        links::count_download(db, visitor).await?;
    }
    let mut response = Response::new(status, body);
    if let ReadOutcome::Part(span) = decided {
        response = response.with("content-range", span.content_range(size));
    }
    if let Some(span) = span {
        response = response.with("content-length", span.length().to_string());
    }
    Ok(with_headers(response, &subject))
}

/// Whether it is not the rest of a download that was counted.
fn is_counted(visitor: &Visitor) -> bool {
    let visit = visitor.held.visit();
    visit.is_none_or(|visit| visit.aim != Aim::RestOfDownload)
}

fn has_no_ranges(visitor: &Visitor) -> bool {
    visitor.link.most_downloads.is_some() && is_counted(visitor)
}

async fn part(
    call: &Call<impl Runtime>,
    db: &impl Database,
    subject: &Download,
    span: Span,
) -> Result<StoredContent, Failure> {
    let runs = content::runs(db, &subject.stored, span).await?;
    let requests = requests_of(&runs, span);
    let mut rest = None;
    if let Some((file, version)) = subject.file.filter(|_| requests.len() > 1) {
        call.runtime.regroup_later(subject.space, file);
        if subject.visitor.is_some() {
            rest = Some(auth::ticket(call, file, version)?);
        }
    }
    Ok(StoredContent {
        space: subject.space,
        runs,
        requests,
        etag: subject.validators.etag.clone(),
        size: subject.stored.size,
        version: subject.file.map(|(_, version)| version),
        rest,
    })
}

fn with_headers(response: Response, subject: &Download) -> Response {
    let modified = subject.validators.modified;
    let response = response.with("etag", subject.validators.etag.as_str());
    let response = match modified.and_then(Modified::header) {
        Some(date) => response.with("last-modified", date),
        None => response,
    };
    let (kind, disposition) = match &subject.stored.name {
        Some(name) => (content_type(name), attachment(name)),
        None => ("application/octet-stream", "attachment".to_owned()),
    };
    response
        // No proxy may change the bytes, for instance compress them: ranges and lengths
        // would no longer hold.
        .with(
            "cache-control",
            format!("{TO_BE_ASKED_AGAIN}, no-transform"),
        )
        .with("accept-ranges", "bytes")
        .with("content-security-policy", "default-src 'none'; sandbox")
        .with("cross-origin-resource-policy", "same-origin")
        .with("content-type", kind)
        .with("content-disposition", disposition)
}
