//! One request: its parameters, headers and body, read by the rules of the API.

use super::runtime::Runtime;
use crate::access::reach::Reach;
use crate::access::receipts::{BlockSender, ReceiptBook};
use crate::access::{Caller, SignedIn};
use crate::conditions::ConditionalHeaders;
use crate::digits;
use crate::directory::keys;
use crate::error::{Failure, bad_request};
use crate::json;
use crate::memory::Hold;
use crate::room::Limits;
use crate::writes::{Announcement, Applied, Author, Contributor};
use blocks::frame::{self, CARRYING_CONTENT_TYPE, Frame, Payload};
use blocks::hash::BlockHash;
use blocks::number::MAX_EXACT;
use blocks::patch::has_streams;
use miniz_oxide::inflate::{TINFLStatus, decompress_to_vec_zlib_with_limit};
use protocol::content::Content;
use protocol::ids::{ItemId, Seq, SpaceId, UnixMillis, UserId};
use protocol::limits::{MAX_CARRYING_BODY_BYTES, MAX_JSON_BODY_BYTES, MAX_PACK_BODY_BYTES};
use protocol::name::Name;
use protocol::problem::Problem;
use protocol::receipts::Receipts;
use serde::de::DeserializeOwned;
use std::borrow::Cow;

/// How a body may be compressed: what HTTP calls `deflate` has a header of zlib.
const DEFLATE: &str = "deflate";
/// So many bytes deflate makes at most of one: a match of 258 takes at least two bits.
const MOST_INFLATED: usize = 1_032;

/// A request under way.
pub struct Call<R> {
    /// The request, and the ways to the outside.
    pub runtime: R,
    /// The memory that the body takes, held until the request ends.
    held: Hold,
}

impl<R: Runtime> Call<R> {
    /// A request of which nothing was read yet.
    pub fn new(runtime: R) -> Self {
        Self {
            runtime,
            held: Hold::default(),
        }
    }

    /// Whether the method is HEAD, so that no body is sent.
    pub fn is_head(&self) -> bool {
        self.runtime.method() == "HEAD"
    }

    /// Whether the method is one that changes something.
    pub fn changes_state(&self) -> bool {
        !matches!(self.runtime.method().as_str(), "GET" | "HEAD")
    }

    /// # Errors
    /// The platform can't read it.
    pub fn header(&self, name: &str) -> Result<Option<String>, Failure> {
        self.runtime.header(name)
    }

    /// A query parameter, decoded.
    ///
    /// # Errors
    /// 400: the parameter is there more than once, so nobody knows which one is meant.
    fn parameter(&self, name: &str) -> Result<Option<String>, Failure> {
        let mut values = self.runtime.parameters(name).into_iter();
        let value = values.next();
        match values.next() {
            Some(_) => Err(bad_request(format!("{name} is there more than once"))),
            None => Ok(value),
        }
    }

    /// A query parameter that is a text; empty counts as absent.
    ///
    /// # Errors
    /// 400: the parameter is there more than once.
    pub fn query(&self, name: &str) -> Result<Option<String>, Failure> {
        let value = self.parameter(name)?;
        Ok(value.filter(|value| !value.is_empty()))
    }

    /// A query parameter that is a number.
    ///
    /// # Errors
    /// 400: the parameter is no number, is larger than [`MAX_EXACT`], or is there more
    /// than once.
    pub fn number(&self, name: &str) -> Result<Option<u64>, Failure> {
        let Some(text) = self.parameter(name)? else {
            return Ok(None);
        };
        let number = digits::parse(&text);
        let number = number.ok_or_else(|| bad_request(format!("{name} is not a number")))?;
        if number > MAX_EXACT {
            return Err(bad_request(format!("{name} is larger than {MAX_EXACT}")));
        }
        Ok(Some(number))
    }

    /// A query parameter that is an item's id.
    ///
    /// # Errors
    /// 400: the parameter is no id, or is there more than once.
    pub fn item(&self, name: &str) -> Result<Option<ItemId>, Failure> {
        let id = self.parameter(name)?.map(|text| text.parse()).transpose();
        id.map_err(|_| bad_request(format!("{name} is not an id")))
    }

    /// A query parameter that is a list of items' ids, with commas between them; empty
    /// counts as absent.
    ///
    /// # Errors
    /// 400: one is none, or there is more than one list.
    pub fn items(&self, name: &str) -> Result<Vec<ItemId>, Failure> {
        let list = self.query(name)?.unwrap_or_default();
        let ids = list.split(',').filter(|_| !list.is_empty());
        let ids: Result<Vec<ItemId>, _> = ids.map(str::parse).collect();
        ids.map_err(|_| bad_request(format!("{name} is not a list of ids")))
    }

    /// A query parameter that is a file's name.
    ///
    /// # Errors
    /// 400: `bad_name`, or the parameter is there more than once.
    pub fn name(&self, name: &str) -> Result<Option<Name>, Failure> {
        let text = self.parameter(name)?;
        let name = text.map(|text| Name::parse(&text)).transpose();
        name.map_err(|bad| {
            let detail = bad.to_string();
            Problem::BadName { detail }.into()
        })
    }

    /// The conditions and the range that the headers ask for.
    ///
    /// # Errors
    /// The runtime refuses to read them.
    pub fn asked(&self) -> Result<ConditionalHeaders, Failure> {
        Ok(ConditionalHeaders {
            if_match: self.header("if-match")?,
            if_unmodified_since: self.header("if-unmodified-since")?,
            if_none_match: self.header("if-none-match")?,
            if_modified_since: self.header("if-modified-since")?,
            if_range: self.header("if-range")?,
            range: self.header("range")?,
            is_head: self.is_head(),
        })
    }

    /// The body as JSON.
    ///
    /// # Errors
    /// 413 if the body is too large, 400 `bad_request`, `bad_name` or `bad_json` if it can't
    /// be read, 503 `hands_full`.
    pub async fn json<T: DeserializeOwned>(&mut self) -> Result<T, Failure> {
        let body = self.json_text().await?;
        Ok(json::read(&body)?)
    }

    /// The text of a body that is JSON, which may come compressed: hashes in JSON take twice
    /// as many bytes as they have.
    ///
    /// # Errors
    /// 413 if it is too large, compressed or not, 400 if it is compressed in a way that is
    /// not known or can't be read, 503 `hands_full`.
    async fn json_text(&mut self) -> Result<Vec<u8>, Failure> {
        let coding = self.header("content-encoding")?;
        let body = self.body(MAX_JSON_BODY_BYTES).await?;
        let text = match coding.as_deref().map(str::trim) {
            None | Some("") => body,
            Some(coding) => self.decoded(&body, coding)?,
        };
        self.hold_json(&text)?;
        Ok(text)
    }

    fn decoded(&mut self, body: &[u8], coding: &str) -> Result<Vec<u8>, Failure> {
        if !coding.eq_ignore_ascii_case(DEFLATE) {
            let detail = format!("JSON may be compressed by {DEFLATE}, not by {coding}");
            return Err(bad_request(detail));
        }
        let most = body.len().saturating_mul(MOST_INFLATED);
        self.held.add(most.min(MAX_JSON_BODY_BYTES))?;
        decompress_to_vec_zlib_with_limit(body, MAX_JSON_BODY_BYTES).map_err(|why| {
            match why.status {
                TINFLStatus::HasMoreOutput => Problem::BodyTooLarge {
                    limit_bytes: MAX_JSON_BODY_BYTES as u64,
                },
                _ => Problem::BadJson {
                    detail: format!("its bytes are not compressed by {DEFLATE}"),
                },
            }
            .into()
        })
    }

    /// Holds memory for what is read from JSON, and for what is written of that for the
    /// database: each takes about as much as the text.
    fn hold_json(&mut self, json: &[u8]) -> Result<(), Failure> {
        self.held.add(json.len().saturating_mul(2))
    }

    /// The list `field` of the body, which is JSON; each entry is read by itself.
    ///
    /// # Errors
    /// 413 if the body is too large, 400 `bad_request` if it is compressed in another way than
    /// known, or `bad_json` if it has no such list of objects, 503 `hands_full`.
    pub async fn entries<T: DeserializeOwned>(
        &mut self,
        field: &str,
    ) -> Result<Vec<Result<T, Problem>>, Failure> {
        let body = self.json_text().await?;
        Ok(json::read_entries(&body, field)?)
    }

    /// The body as JSON, and the frames that it carries, if any.
    ///
    /// # Errors
    /// 413 if the body is too large, 400 `bad_frames`, `bad_request`, `bad_name` or `bad_json`
    /// if it can't be read, 503 `hands_full`.
    pub async fn carrying<T: DeserializeOwned>(&mut self) -> Result<(T, Vec<u8>), Failure> {
        let kind = self.header("content-type")?.unwrap_or_default();
        let Some(json_coding) = carrying_of(&kind) else {
            return Ok((self.json().await?, Vec::new()));
        };
        let mut body = self.body(MAX_CARRYING_BODY_BYTES).await?;
        let (json, frames) = frame::split_carrying(&body).ok_or_else(|| Problem::BadFrames {
            detail: "the body ends before its JSON does".into(),
        })?;
        check_length(json, MAX_JSON_BODY_BYTES)?;
        check_length(frames, MAX_PACK_BODY_BYTES)?;
        let json = match json_coding {
            None => Cow::Borrowed(json),
            Some(coding) => Cow::Owned(self.decoded(json, coding)?),
        };
        self.hold_json(&json)?;
        self.check_patches(frames)?;
        let read = json::read(&json)?;
        // The frames stay where they are: a second copy would cost memory.
        let at = body.len().saturating_sub(frames.len());
        body.drain(..at);
        Ok((read, body))
    }

    /// The body, if it has at most `limit` bytes. A body whose `content-length` is
    /// larger is refused before it is read. Memory for the whole body is held before it
    /// is read, too: as much as `content-length` says, or as the limit allows.
    ///
    /// # Errors
    /// 413 if the body is larger, 503 `hands_full`.
    pub async fn body(&mut self, limit: usize) -> Result<Vec<u8>, Failure> {
        let too_large = Problem::BodyTooLarge {
            limit_bytes: limit as u64,
        };
        let said = self.header("content-length")?;
        let said = said.and_then(|length| digits::parse(&length));
        if said.is_some_and(|length| length > limit as u64) {
            return Err(too_large.into());
        }
        if !self.runtime.has_body() {
            return Ok(Vec::new());
        }
        let length = said.and_then(|length| usize::try_from(length).ok());
        if let Some(length) = length {
            self.held.add(length)?;
            return self.runtime.body(length).await;
        }
        // One byte more tells whether the body is too large.
        let most = limit.saturating_add(1);
        self.held.add(most)?;
        let mut body = self.runtime.body(most).await?;
        if body.len() > limit {
            return Err(too_large.into());
        }
        body.shrink_to_fit();
        Ok(body)
    }

    /// The database of a space.
    ///
    /// # Errors
    /// It is not configured.
    pub fn space_of(&self, space: SpaceId) -> Result<R::Db, Failure> {
        self.runtime.database_of(space)
    }

    /// Who changes something with this request.
    pub fn author(&self, who: &SignedIn) -> Author {
        let home = who.held.is_none().then_some(who.space);
        Author {
            home,
            ..self.author_with(who.space, Contributor::Person(who.actor()), who.reach())
        }
    }

    /// The same of whoever was let in.
    pub fn author_of(&self, caller: &Caller) -> Author {
        match caller {
            Caller::Person(who) => self.author(who),
            Caller::Visitor(visitor) => {
                let by = Contributor::Visitor(visitor.link.label.clone());
                self.author_with(visitor.space, by, caller.reach())
            }
        }
    }

    fn author_with(&self, space: SpaceId, by: Contributor, reach: Reach) -> Author {
        Author {
            space,
            by,
            home: None,
            now: self.runtime.now(),
            limits: self.limits(),
            reach,
        }
    }

    /// The same author with the blocks that they show receipts for.
    ///
    /// # Errors
    /// See [`receipt_book`](Self::receipt_book).
    pub fn showing<'a>(
        &self,
        author: Author,
        sender: BlockSender,
        shown: impl IntoIterator<Item = ShownReceipts<'a>>,
    ) -> Result<Author, Failure> {
        let shown = shown.into_iter();
        let shown: Vec<ShownReceipts<'_>> =
            shown.filter(|shown| shown.receipts.is_some()).collect();
        if author.reach.is_whole() || shown.is_empty() {
            return Ok(author);
        }
        let book = self.receipt_book(sender, author.space)?;
        let brought: Vec<BlockHash> = shown
            .iter()
            .flat_map(|shown| shown.blocks(&book, author.now))
            .collect();
        Ok(Author {
            reach: author.reach.bringing(brought),
            ..author
        })
    }

    /// What gives a sender receipts for blocks of a space, and knows them again.
    ///
    /// # Errors
    /// 503 `sign_in_unavailable`: the secret is missing or too short.
    pub fn receipt_book(
        &self,
        sender: BlockSender,
        space: SpaceId,
    ) -> Result<ReceiptBook, Failure> {
        let secret = self.runtime.setting("SIGN_IN_SECRET");
        let secret = keys::secret(secret.as_deref())?;
        Ok(ReceiptBook::new(&secret, sender, space))
    }

    /// Refuses patches that say deflate streams by their symbols, where the operator has
    /// turned them off with the variable `STREAM_PATCHES`: a block of them takes some ten
    /// times as long as another one.
    ///
    /// # Errors
    /// 422 `patch_refused`, naming the first of them. The client sends the block whole.
    pub fn check_patches(&self, frames: &[u8]) -> Result<(), Failure> {
        if self.runtime.setting("STREAM_PATCHES").as_deref() != Some("off") {
            return Ok(());
        }
        // What is no frame is refused where it is read.
        let frames = frame::parse(frames).unwrap_or_default();
        let is_by_symbols = |frame: &&Frame<'_>| match &frame.content {
            Payload::Patch { delta, .. } => has_streams(delta),
            _ => false,
        };
        match frames.iter().find(is_by_symbols) {
            None => Ok(()),
            Some(frame) => Err(Problem::PatchRefused {
                block: frame.hash,
                detail: "this server takes no patches of deflate streams".into(),
            }
            .into()),
        }
    }

    /// Whether answers of blocks may be compressed. The operator may have turned that off
    /// with the variable `COMPRESSED_DOWNLOADS`: it takes some 30 ms for a megabyte.
    pub fn compresses_downloads(&self) -> bool {
        self.runtime.setting("COMPRESSED_DOWNLOADS").as_deref() != Some("off")
    }

    /// How many rows a space may have, as the operator has set it.
    pub fn limits(&self) -> Limits {
        let set = |name, otherwise| {
            let setting = self.runtime.setting(name);
            let setting = setting.and_then(|text| text.parse().ok());
            setting.unwrap_or(otherwise)
        };
        let otherwise = Limits::default();
        Limits {
            items: set("MAX_ITEMS", otherwise.items),
            versions_of_a_file: set("MAX_VERSIONS_OF_A_FILE", otherwise.versions_of_a_file),
            list_rows: set("MAX_LIST_ROWS", otherwise.list_rows),
        }
    }

    /// Tells the other devices of a change, unless it is a repeat.
    pub fn announce(&self, author: &Author, applied: &Applied) {
        if let Some(news) = &applied.news {
            self.announce_news(author.space, news, applied.seq, Vec::new());
        }
    }

    /// Tells devices of a journal entry, and those of these people besides.
    pub fn announce_news(&self, space: SpaceId, news: &Announcement, seq: Seq, also: Vec<UserId>) {
        self.runtime.announce(news.message(space, seq, also));
    }
}

/// Receipts that a request shows for blocks of a content.
pub struct ShownReceipts<'a> {
    /// The content as it was sent.
    pub content: &'a Content,
    /// The receipts, if there are some.
    pub receipts: Option<Receipts>,
}

impl ShownReceipts<'_> {
    /// The blocks of which a receipt is good.
    fn blocks(&self, book: &ReceiptBook, now: UnixMillis) -> Vec<BlockHash> {
        let receipts = self.receipts.as_ref();
        let receipts = receipts.map(|receipts| receipts.by_block(&self.content.named()));
        let receipts = receipts.unwrap_or_default().into_iter();
        let good = receipts.filter(|(hash, receipt)| book.knows(*hash, receipt, now));
        good.map(|(hash, _)| hash).collect()
    }
}

/// Of a content type that is the carrying one, how its JSON is compressed, if it is. Its
/// case and other parameters do not matter.
fn carrying_of(content_type: &str) -> Option<Option<&str>> {
    let mut parts = content_type.split(';').map(str::trim);
    let is_carrying = parts.next()?.eq_ignore_ascii_case(CARRYING_CONTENT_TYPE);
    let parameters = parts.filter_map(|part| part.split_once('='));
    let mut json = parameters.filter(|(name, _)| name.eq_ignore_ascii_case("json"));
    is_carrying.then(|| json.next().map(|(_, coding)| coding))
}

fn check_length(part: &[u8], limit: usize) -> Result<(), Problem> {
    if part.len() <= limit {
        return Ok(());
    }
    let limit_bytes = limit as u64;
    Err(Problem::BodyTooLarge { limit_bytes })
}

#[cfg(test)]
mod tests {
    use super::carrying_of;

    #[test]
    fn a_content_type_has_no_case_and_may_have_parameters() {
        for kind in [
            "application/vnd.driftless.carrying",
            "Application/Vnd.Driftless.CARRYING",
            "application/vnd.driftless.carrying; charset=utf-8",
            " application/vnd.driftless.carrying ;v=1;",
        ] {
            assert_eq!(carrying_of(kind), Some(None), "{kind}");
        }
        let compressed = "application/vnd.driftless.carrying; v=1; JSON=deflate";
        assert_eq!(carrying_of(compressed), Some(Some("deflate")));
        for kind in [
            "",
            "application/json",
            "application/vnd.driftless.carrying2",
            "x; y=application/vnd.driftless.carrying",
            "x; json=deflate",
        ] {
            assert_eq!(carrying_of(kind), None, "{kind}");
        }
    }
}
