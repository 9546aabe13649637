//! Requests to the model as they come over HTTP: the router, the handlers and the door
//! are those of the API server. What stands in here is the runtime: nothing is announced,
//! no poll is held, and nobody asks too often.

use super::packs::MemoryPacks;
use super::ready::ready;
use super::sqlite::Sqlite;
use driftless_core::error::Failure;
use driftless_core::http::answer::{Body, Response, StoredContent, failed};
use driftless_core::http::call::Call;
use driftless_core::http::router;
use driftless_core::http::runtime::Runtime;
use driftless_core::reads::content::{Opened, open_run};
use driftless_core::services::Services;
use protocol::ids::{ItemId, SpaceId, UnixMillis};
use protocol::notifications::{Drop, JournalGrew, Park, PollEvent};
use std::cell::RefCell;

/// A request as it is sent.
#[derive(Clone, Debug, Default)]
pub struct Request {
    pub method: String,
    /// Without the query.
    pub path: String,
    /// Names in their order, with decoded values.
    pub query: Vec<(&'static str, String)>,
    /// Names in small letters; each once.
    pub headers: Vec<(&'static str, String)>,
    pub body: Vec<u8>,
}

/// What came of it.
#[derive(Debug)]
pub struct Reply {
    pub status: u16,
    pub headers: Vec<(&'static str, String)>,
    pub body: Vec<u8>,
}

/// A server at one moment, with its configuration.
#[derive(Clone, Copy)]
pub struct Host<'a> {
    pub db: &'a Sqlite,
    pub packs: &'a MemoryPacks,
    pub now: UnixMillis,
    /// Scheme, host and port.
    pub origin: &'static str,
    /// Names and values.
    pub settings: &'a [(&'static str, &'a str)],
    /// Where it is put down whose polls were ended.
    pub ended_polls: Option<&'a RefCell<Vec<Drop>>>,
}

impl Host<'_> {
    /// Answers a request to its last byte.
    pub fn answer(&self, request: &Request) -> Reply {
        let mut call = Call::new(Asked {
            host: *self,
            request,
        });
        let answered = ready(router::answer(&mut call));
        let whole = answered.and_then(|response| self.read(response));
        whole.unwrap_or_else(|failure| self.read_failure(failure))
    }

    fn read(&self, response: Response) -> Result<Reply, Failure> {
        let Response {
            status,
            headers,
            body,
        } = response;
        let body = match body {
            Body::Empty => Vec::new(),
            Body::Bytes(bytes) => bytes,
            Body::Pieces { pieces, .. } => joined(pieces)?,
            Body::Content(content) => self.read_content(*content)?,
        };
        Ok(Reply {
            status,
            headers,
            body,
        })
    }

    fn read_failure(&self, failure: Failure) -> Reply {
        self.read(failed(failure))
            .expect("an error has a body in memory")
    }

    fn read_content(&self, content: StoredContent) -> Result<Vec<u8>, Failure> {
        let mut bytes = Vec::new();
        for run in content.runs {
            match ready(open_run(self.packs, content.space, run))? {
                Opened::Plain(body) => bytes.extend(body),
                Opened::Gathered(blocks) => bytes.extend(joined(blocks)?),
            }
        }
        Ok(bytes)
    }
}

fn joined(pieces: impl Iterator<Item = Result<Vec<u8>, Failure>>) -> Result<Vec<u8>, Failure> {
    let pieces: Result<Vec<_>, _> = pieces.collect();
    Ok(pieces?.concat())
}

/// A request under way at a host.
struct Asked<'a> {
    host: Host<'a>,
    request: &'a Request,
}

impl<'a> Services for Asked<'a> {
    type Db = &'a Sqlite;
    type Packs = &'a MemoryPacks;

    fn directory(&self) -> Result<&'a Sqlite, Failure> {
        Ok(self.host.db)
    }

    fn database_of(&self, _space: SpaceId) -> Result<&'a Sqlite, Failure> {
        Ok(self.host.db)
    }

    fn space_databases(&self) -> Result<Vec<&'a Sqlite>, Failure> {
        Ok(vec![self.host.db])
    }

    fn packs(&self) -> Result<&'a MemoryPacks, Failure> {
        Ok(self.host.packs)
    }

    fn announce(&self, _news: JournalGrew) {}
}

impl<'a> Runtime for Asked<'a> {
    fn method(&self) -> String {
        self.request.method.clone()
    }

    fn path(&self) -> &str {
        &self.request.path
    }

    fn origin(&self) -> String {
        self.host.origin.to_owned()
    }

    fn header(&self, name: &str) -> Result<Option<String>, Failure> {
        let mut headers = self.request.headers.iter();
        let found = headers.find(|(other, _)| *other == name);
        Ok(found.map(|(_, value)| value.clone()))
    }

    fn parameters(&self, name: &str) -> Vec<String> {
        let query = self.request.query.iter();
        let values = query.filter(|(other, _)| *other == name);
        values.map(|(_, value)| value.clone()).collect()
    }

    fn has_body(&self) -> bool {
        !self.request.body.is_empty()
    }

    async fn body(&mut self, at_most: usize) -> Result<Vec<u8>, Failure> {
        let body = &self.request.body;
        Ok(body.get(..at_most).unwrap_or(body).to_vec())
    }

    fn now(&self) -> UnixMillis {
        self.host.now
    }

    fn setting(&self, name: &str) -> Option<String> {
        let mut settings = self.host.settings.iter();
        let found = settings.find(|(other, _)| *other == name);
        found.map(|(_, value)| (*value).to_owned())
    }

    async fn is_within_rate(&self, _network: String) -> Result<bool, Failure> {
        Ok(true)
    }

    fn regroup_later(&self, _space: SpaceId, _item: ItemId) {}

    async fn park(&self, _poll: &Park) -> Result<Option<PollEvent>, Failure> {
        Ok(None)
    }

    fn end_poll(&self, of: &Drop) -> Result<(), Failure> {
        if let Some(ended) = self.host.ended_polls {
            ended.borrow_mut().push(of.clone());
        }
        Ok(())
    }
}
