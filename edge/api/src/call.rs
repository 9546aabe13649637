//! One request, and what its handler reaches the outside with.

use crate::error::{Failure, bad_request};
use crate::store::d1::{D1, SpaceDatabases};
use crate::store::r2::R2;
use crate::store::streams;
use blocks::frame::{self, CARRYING_CONTENT_TYPE};
use blocks::number::MAX_EXACT;
use driftless_core::access::SignedIn;
use driftless_core::conditions::Asked;
use driftless_core::digits;
use driftless_core::json;
use driftless_core::memory::Hold;
use driftless_core::memory::PIECE_BYTES;
use driftless_core::random;
use driftless_core::regroup;
use driftless_core::room::Limits;
use driftless_core::writes::{Applied, Author};
use protocol::ids::{ItemId, PackId, Seq, SpaceId, UnixMillis};
use protocol::limits::{MAX_CARRYING_BODY_BYTES, MAX_JSON_BODY_BYTES, MAX_PACK_BODY_BYTES};
use protocol::name::Name;
use protocol::notifications::{Event, JournalGrew};
use protocol::paths;
use protocol::problem::Problem;
use serde::Serialize;
use serde::de::DeserializeOwned;
use std::borrow::Cow;
use std::rc::Rc;
use worker::{Context, Date, Env, Method, Request, RequestInit, Response, Url, console_error};

/// A request under way.
pub struct Call {
    request: Request,
    url: Url,
    pub env: Env,
    pub context: Rc<Context>,
    /// What its body takes in memory, as long as it is under way.
    held: Hold,
}

impl Call {
    /// # Errors
    /// The runtime hands over a URL that is none.
    pub fn new(request: Request, env: Env, context: Rc<Context>) -> Result<Self, Failure> {
        let url = request.url()?;
        Ok(Self {
            request,
            url,
            env,
            context,
            held: Hold::default(),
        })
    }

    /// As it came: the crate calls every method that it does not know GET.
    pub fn method(&self) -> String {
        self.request.inner().method()
    }

    pub fn is_head(&self) -> bool {
        self.method() == "HEAD"
    }

    pub fn is_poll(&self) -> bool {
        self.url.path() == paths::POLL
    }

    pub fn changes_state(&self) -> bool {
        !matches!(self.method().as_str(), "GET" | "HEAD")
    }

    pub fn url(&self) -> &Url {
        &self.url
    }

    pub fn header(&self, name: &str) -> Result<Option<String>, Failure> {
        Ok(self.request.headers().get(name)?)
    }

    /// A query parameter, decoded.
    ///
    /// # Errors
    /// 400: it is there more than once, and nobody knows which is meant.
    fn parameter(&self, name: &str) -> Result<Option<String>, Failure> {
        let pairs = self.url.query_pairs();
        let mut values = pairs.filter(|(key, _)| key == name).map(|(_, value)| value);
        let value = values.next().map(Cow::into_owned);
        match values.next() {
            Some(_) => Err(bad_request(format!("{name} is there more than once"))),
            None => Ok(value),
        }
    }

    /// A query parameter that is a text; empty counts as absent.
    ///
    /// # Errors
    /// 400: it is there more than once.
    pub fn query(&self, name: &str) -> Result<Option<String>, Failure> {
        let value = self.parameter(name)?;
        Ok(value.filter(|value| !value.is_empty()))
    }

    /// A query parameter that is a number.
    ///
    /// # Errors
    /// 400: it is none, larger than [`MAX_EXACT`], or there more than once.
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
    /// 400: it is none, or there more than once.
    pub fn item(&self, name: &str) -> Result<Option<ItemId>, Failure> {
        let id = self.parameter(name)?.map(|text| text.parse()).transpose();
        id.map_err(|_| bad_request(format!("{name} is not an id")))
    }

    /// A query parameter that is a file's name.
    ///
    /// # Errors
    /// 400 `bad_name`, or it is there more than once.
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
    pub fn asked(&self) -> Result<Asked, Failure> {
        Ok(Asked {
            if_match: self.header("if-match")?,
            if_unmodified_since: self.header("if-unmodified-since")?,
            if_none_match: self.header("if-none-match")?,
            if_modified_since: self.header("if-modified-since")?,
            if_range: self.header("if-range")?,
            range: self.header("range")?,
            is_head: self.is_head(),
        })
    }

    pub fn now(&self) -> UnixMillis {
        Date::now().as_millis()
    }

    /// The body as JSON.
    ///
    /// # Errors
    /// 413 if it is too large, 400 `bad_name` or `bad_json` if it can't be read, 503
    /// `hands_full`.
    pub async fn json<T: DeserializeOwned>(&mut self) -> Result<T, Failure> {
        let body = self.body(MAX_JSON_BODY_BYTES).await?;
        self.hold_json(&body)?;
        Ok(json::read(&body)?)
    }

    /// What is read of JSON, and what is written of that for the database, takes about
    /// as much as the text, each.
    fn hold_json(&mut self, json: &[u8]) -> Result<(), Failure> {
        Ok(self.held.add(json.len().saturating_mul(2))?)
    }

    /// The body as JSON with a list, each entry of which is read by itself.
    ///
    /// # Errors
    /// 413 if it is too large, 400 `bad_json` if it is no list of objects, 503
    /// `hands_full`.
    pub async fn entries<T: DeserializeOwned>(
        &mut self,
        field: &str,
    ) -> Result<Vec<Result<T, Problem>>, Failure> {
        let body = self.body(MAX_JSON_BODY_BYTES).await?;
        self.hold_json(&body)?;
        Ok(json::read_entries(&body, field)?)
    }

    /// The body as JSON, and the frames that it carries, if any.
    ///
    /// # Errors
    /// 413 if it is too large, 400 `bad_frames`, `bad_name` or `bad_json` if it
    /// can't be read, 503 `hands_full`.
    pub async fn carrying<T: DeserializeOwned>(&mut self) -> Result<(T, Vec<u8>), Failure> {
        let kind = self.header("content-type")?;
        if !kind.is_some_and(|kind| is_carrying(&kind)) {
            return Ok((self.json().await?, Vec::new()));
        }
        let mut body = self.body(MAX_CARRYING_BODY_BYTES).await?;
        let (json, frames) = frame::split_carrying(&body).ok_or_else(|| Problem::BadFrames {
            detail: "the body ends before its JSON does".into(),
        })?;
        check_length(json, MAX_JSON_BODY_BYTES)?;
        check_length(frames, MAX_PACK_BODY_BYTES)?;
        self.hold_json(json)?;
        let read = json::read(json)?;
        // The frames stay where they are: a second copy would cost memory.
        let at = body.len().saturating_sub(frames.len());
        body.drain(..at);
        Ok((read, body))
    }

    /// The body, if it has at most so many bytes. A body that says to have more
    /// is refused before it is read, and memory for all of it is taken at once: one that
    /// says nothing may have as many as are allowed.
    ///
    /// # Errors
    /// 413 if it has more. 503 `hands_full`.
    pub async fn body(&mut self, limit: usize) -> Result<Vec<u8>, Failure> {
        let too_large = Problem::BodyTooLarge {
            limit_bytes: limit as u64,
        };
        let said = self.header("content-length")?;
        let said = said.and_then(|length| digits::parse(&length));
        if said.is_some_and(|length| length > limit as u64) {
            return Err(too_large.into());
        }
        let Some(stream) = self.request.inner().body() else {
            return Ok(Vec::new());
        };
        let length = said.and_then(|length| usize::try_from(length).ok());
        match length {
            Some(length) if length <= PIECE_BYTES => {
                self.held.add(length)?;
                return Ok(self.request.bytes().await?);
            }
            Some(length) => {
                self.held.add(length)?;
                Ok(streams::read_whole(&stream, length).await?)
            }
            None => {
                // One byte more tells whether there are too many.
                let most = limit.saturating_add(1);
                self.held.add(most)?;
                let mut body = streams::read_whole(&stream, most).await?;
                if body.len() > limit {
                    return Err(too_large.into());
                }
                body.shrink_to_fit();
                Ok(body)
            }
        }
    }

    pub fn directory(&self) -> Result<D1, Failure> {
        Ok(D1::bound(&self.env, "DIRECTORY_DB")?)
    }

    /// The database of the space of whoever asks.
    pub fn space_of(&self, who: &SignedIn) -> Result<D1, Failure> {
        Ok(SpaceDatabases(&self.env).of(who.space)?)
    }

    pub fn packs(&self) -> Result<R2, Failure> {
        Ok(R2::bound(&self.env)?)
    }

    /// A variable of the configuration.
    pub fn setting(&self, name: &str) -> Option<String> {
        self.env.var(name).ok().map(|value| value.to_string())
    }

    pub fn author(&self, who: &SignedIn) -> Author {
        Author {
            space: who.space,
            user_name: who.user_name.clone(),
            device_id: who.device.id,
            device_name: who.device.name.clone(),
            now: self.now(),
            limits: self.limits(),
            reach: who.reach(),
        }
    }

    /// How many rows a space may have.
    pub fn limits(&self) -> Limits {
        let set = |name, otherwise| {
            let setting = self.setting(name).and_then(|text| text.parse().ok());
            setting.unwrap_or(otherwise)
        };
        let otherwise = Limits::default();
        Limits {
            items: set("MAX_ITEMS", otherwise.items),
            versions_of_a_file: set("MAX_VERSIONS_OF_A_FILE", otherwise.versions_of_a_file),
            list_rows: set("MAX_LIST_ROWS", otherwise.list_rows),
        }
    }

    /// Tells the other devices, after the answer. It may fail: then they learn
    /// of the change with their next pull.
    pub fn announce(&self, author: &Author, applied: &Applied) {
        if let Some(event) = applied.news.clone() {
            self.announce_event(author, event, applied.seq);
        }
    }

    /// The same of a journal entry.
    pub fn announce_event(&self, author: &Author, event: Event, seq: Seq) {
        let news = JournalGrew {
            space: author.space,
            seq,
            event,
        };
        let queue = self.env.queue("EVENTS");
        self.context.wait_until(async move {
            let sent = match queue {
                Ok(queue) => queue.send(news).await,
                Err(missing) => Err(missing),
            };
            if let Err(why) = sent {
                console_error!("a journal entry was not announced: {why}");
            }
        });
    }

    /// Puts scattered blocks of a file together, after the answer. It may fail: then
    /// the file stays as it is.
    pub fn regroup_later(&self, space: SpaceId, item: ItemId) {
        let env = self.env.clone();
        self.context.wait_until(async move {
            if let Err(why) = regroup(&env, space, item).await {
                console_error!("{item} was not regrouped: {why}");
            }
        });
    }

    /// Asks the Notification Service.
    ///
    /// # Errors
    /// 503: it can't be reached.
    pub async fn notify<T: Serialize>(&self, path: &str, body: &T) -> Result<Response, Failure> {
        let answer = notify(&self.env, path, serde_json::to_string(body)?).await;
        answer.map_err(|why| {
            console_error!("the Notification Service: {why}");
            Problem::Unavailable.into()
        })
    }

    /// Tells the Notification Service something, after the answer.
    pub fn notify_later<T: Serialize>(&self, path: &'static str, body: &T) -> Result<(), Failure> {
        let (env, body) = (self.env.clone(), serde_json::to_string(body)?);
        self.context.wait_until(async move {
            if let Err(why) = notify(&env, path, body).await {
                console_error!("the Notification Service: {why}");
            }
        });
        Ok(())
    }
}

/// Whether a content type is the carrying one: case and parameters make no other
/// type of it.
fn is_carrying(content_type: &str) -> bool {
    let essence = content_type.split(';').next().unwrap_or_default();
    essence.trim().eq_ignore_ascii_case(CARRYING_CONTENT_TYPE)
}

async fn regroup(env: &Env, space: SpaceId, item: ItemId) -> Result<(), Failure> {
    let (db, packs) = (SpaceDatabases(env).of(space)?, R2::bound(env)?);
    let id = PackId::from_random(random::bytes()?);
    Ok(regroup::file(&db, &packs, space, item, id)
        .await
        .map(drop)?)
}

fn check_length(part: &[u8], limit: usize) -> Result<(), Problem> {
    if part.len() <= limit {
        return Ok(());
    }
    let limit_bytes = limit as u64;
    Err(Problem::BodyTooLarge { limit_bytes })
}

async fn notify(env: &Env, path: &str, body: String) -> worker::Result<Response> {
    let service = env.service("NOTIFY")?;
    let mut init = RequestInit::new();
    init.with_method(Method::Post).with_body(Some(body.into()));
    service
        .fetch(format!("https://notify{path}"), Some(init))
        .await
}

#[cfg(test)]
mod tests {
    use super::is_carrying;

    #[test]
    fn a_content_type_has_no_case_and_may_have_parameters() {
        for kind in [
            "application/vnd.driftless.carrying",
            "Application/Vnd.Driftless.CARRYING",
            "application/vnd.driftless.carrying; charset=utf-8",
            " application/vnd.driftless.carrying ;v=1;",
        ] {
            assert!(is_carrying(kind), "{kind}");
        }
        for kind in [
            "",
            "application/json",
            "application/vnd.driftless.carrying2",
            "x; y=application/vnd.driftless.carrying",
        ] {
            assert!(!is_carrying(kind), "{kind}");
        }
    }
}
