//! One request, and what its handler reaches the outside with.

use crate::auth::SignedIn;
use crate::error::{Failure, bad_request};
use crate::store::d1::{D1, SpaceDatabases};
use crate::store::r2::R2;
use crate::writes::room::Limits;
use crate::writes::{Applied, Author};
use futures_util::StreamExt;
use serde::Serialize;
use serde::de::DeserializeOwned;
use shared::frame::{self, CARRYING_CONTENT_TYPE};
use shared::ids::{ItemId, Seq, UnixMillis};
use shared::limits::{MAX_CARRYING_BODY_BYTES, MAX_JSON_BODY_BYTES, MAX_PACK_BODY_BYTES};
use shared::name::BadName;
use shared::protocol::notifications::{Event, EventType, JournalGrew};
use shared::protocol::problem::Problem;
use worker::{Context, Date, Env, Method, Request, RequestInit, Response, Url, console_error};

/// A request under way.
pub struct Call {
    request: Request,
    url: Url,
    pub env: Env,
    pub context: Context,
}

impl Call {
    /// # Errors
    /// The runtime hands over a URL that is none.
    pub fn new(request: Request, env: Env, context: Context) -> Result<Self, Failure> {
        let url = request.url()?;
        Ok(Self {
            request,
            url,
            env,
            context,
        })
    }

    pub fn method(&self) -> Method {
        self.request.method()
    }

    pub fn is_head(&self) -> bool {
        self.method() == Method::Head
    }

    pub fn changes_state(&self) -> bool {
        !matches!(self.method(), Method::Get | Method::Head)
    }

    pub fn url(&self) -> &Url {
        &self.url
    }

    pub fn header(&self, name: &str) -> Result<Option<String>, Failure> {
        Ok(self.request.headers().get(name)?)
    }

    /// A query parameter; empty counts as absent.
    pub fn query(&self, name: &str) -> Option<String> {
        let mut pairs = self.url.query_pairs();
        let (_, value) = pairs.find(|(key, _)| key == name)?;
        Some(value.into_owned()).filter(|value| !value.is_empty())
    }

    /// A query parameter that is a number.
    ///
    /// # Errors
    /// 400: it is none.
    pub fn number(&self, name: &str) -> Result<Option<u64>, Failure> {
        let number = self.query(name).map(|text| text.parse()).transpose();
        number.map_err(|_| bad_request(format!("{name} is not a number")))
    }

    /// A query parameter that is an item's id.
    ///
    /// # Errors
    /// 400: it is none.
    pub fn item(&self, name: &str) -> Result<Option<ItemId>, Failure> {
        let id = self.query(name).map(|text| text.parse()).transpose();
        id.map_err(|_| bad_request(format!("{name} is not an id")))
    }

    pub fn now(&self) -> UnixMillis {
        Date::now().as_millis()
    }

    /// The body as JSON.
    ///
    /// # Errors
    /// 413 if it is too large, 400 `bad_name` or `bad_json` if it can't be read.
    pub async fn json<T: DeserializeOwned>(&mut self) -> Result<T, Failure> {
        from_json(&self.body(MAX_JSON_BODY_BYTES).await?)
    }

    /// The body as JSON, and the frames that it carries, if any.
    ///
    /// # Errors
    /// 413 if it is too large, 400 `bad_frames`, `bad_name` or `bad_json` if it
    /// can't be read.
    pub async fn carrying<T: DeserializeOwned>(&mut self) -> Result<(T, Vec<u8>), Failure> {
        let carries = self.header("content-type")?.as_deref() == Some(CARRYING_CONTENT_TYPE);
        if !carries {
            return Ok((self.json().await?, Vec::new()));
        }
        let mut body = self.body(MAX_CARRYING_BODY_BYTES).await?;
        let (json, frames) = frame::split_carrying(&body).ok_or_else(|| Problem::BadFrames {
            detail: "the body ends before its JSON does".into(),
        })?;
        check_length(json, MAX_JSON_BODY_BYTES)?;
        check_length(frames, MAX_PACK_BODY_BYTES)?;
        let read = from_json(json)?;
        // The frames stay where they are: a second copy would cost memory.
        let at = body.len().saturating_sub(frames.len());
        body.drain(..at);
        Ok((read, body))
    }

    /// The body, if it has at most so many bytes. A body that says to have more
    /// is refused before it is read, one that says nothing while it is read.
    ///
    /// # Errors
    /// 413 if it has more.
    pub async fn body(&mut self, limit: usize) -> Result<Vec<u8>, Failure> {
        let too_large = Problem::BodyTooLarge {
            limit_bytes: limit as u64,
        };
        let length = self.header("content-length")?;
        let length = length.and_then(|length| length.parse::<u64>().ok());
        if length.is_some_and(|length| length > limit as u64) {
            return Err(too_large.into());
        }
        if self.request.inner().body().is_none() {
            return Ok(Vec::new());
        }
        if length.is_some() {
            return Ok(self.request.bytes().await?);
        }
        let mut body = Vec::new();
        let mut stream = self.request.stream()?;
        while let Some(piece) = stream.next().await {
            let piece = piece?;
            if body.len().saturating_add(piece.len()) > limit {
                return Err(too_large.into());
            }
            body.extend_from_slice(&piece);
        }
        Ok(body)
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
        if let Some(item) = applied.news {
            self.announce_of(author, item, applied.seq);
        }
    }

    /// The same of an item's journal entry.
    pub fn announce_of(&self, author: &Author, item: ItemId, seq: Seq) {
        let news = JournalGrew {
            space: author.space,
            seq,
            event: Event {
                event_type: EventType::FileUpdate,
                file_id: item,
                timestamp: author.now,
            },
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

fn from_json<T: DeserializeOwned>(body: &[u8]) -> Result<T, Failure> {
    serde_json::from_slice(body).map_err(|why| {
        let detail = why.to_string();
        let problem = if detail.starts_with(BadName::BEGINNING) {
            Problem::BadName { detail }
        } else {
            Problem::BadJson { detail }
        };
        problem.into()
    })
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
