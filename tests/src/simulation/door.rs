//! A request as it comes over HTTP: through the router, the handlers and the door of the
//! API server. What stands in here is the runtime, whose messages the world carries.

use super::call::{Call, Said};
use super::wire::{PAGE, Served};
use crate::model::legs::Answered;
use crate::model::packs::MemoryPacks;
use crate::model::server::Server;
use crate::model::sqlite::Sqlite;
use crate::model::turns::Turns;
use blocks::frame::{CARRYING_CONTENT_TYPE, FRAMES_CONTENT_TYPE, carrying_head};
use driftless_core::error::Failure;
use driftless_core::http::answer::{Body, Response};
use driftless_core::http::call::Call as Incoming;
use driftless_core::http::router;
use driftless_core::http::runtime::Runtime;
use driftless_core::services::Services;
use driftless_core::writes::deletion::Deletion;
use futures_channel::oneshot;
use protocol::batches::{ChangeItems, FilesMade, ItemsChanged, NewFiles};
use protocol::changes::{LIMIT, SINCE_TOKEN};
use protocol::files::BlocksStored;
use protocol::grants::ROOT;
use protocol::headers::TIMEOUT;
use protocol::ids::{ItemId, SpaceId, UnixMillis};
use protocol::items::{ItemChange, PlaceChange};
use protocol::notifications::{Drop, JournalGrew, Park, PollEvent};
use protocol::paths;
use protocol::positions::Positions;
use protocol::problem::Problem;
use serde::Serialize;
use serde::de::DeserializeOwned;
use std::cell::{Cell, RefCell};
use std::rc::Rc;

/// What the receipts of this server are made with.
pub const SECRET: &str = "000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f";

/// What a handler hands out before its answer.
#[derive(Default)]
pub struct Outbox {
    pub news: RefCell<Vec<JournalGrew>>,
    pub parking: RefCell<Option<Parking>>,
    /// What a poll was answered with.
    pub event: RefCell<Option<PollEvent>>,
}

/// A poll that is to be held.
pub struct Parking {
    pub poll: Park,
    pub ends: oneshot::Sender<Result<Option<PollEvent>, Problem>>,
}

/// Who sends a request, and which root it names.
pub struct By {
    pub token: String,
    pub root: Option<ItemId>,
}

/// What the server does with a request.
///
/// # Errors
/// What the client is refused with, and the server's own failures.
///
/// # Panics
/// If an answer is not what the API says.
pub async fn serve(
    server: Rc<Server>,
    now: Rc<Cell<UnixMillis>>,
    by: By,
    call: Call,
    outbox: Rc<Outbox>,
) -> Answered<Served> {
    let (request, reads) = Request::of(call, &by);
    let mut call = Incoming::new(Asked {
        server: &server,
        now: &now,
        request: &request,
        outbox: &outbox,
    });
    let response = router::answer(&mut call).await?;
    let is_quiet = response.status == 204;
    let bytes = read(response)?;
    Ok(Served::Said(match reads {
        Reads::Page => Said::Changes(json(&bytes)),
        Reads::News if is_quiet => Said::Quiet,
        Reads::News => {
            let told: PollEvent = json(&bytes);
            let root = told.root.or(by.root);
            outbox.event.replace(Some(told));
            Said::News(root)
        }
        Reads::Proposal => Said::Proposed(json(&bytes)),
        Reads::Stored => Said::Stored(json::<BlocksStored>(&bytes).receipts),
        Reads::Item => Said::Item(json(&bytes)),
        Reads::Read => Said::Read(json(&bytes)),
        Reads::Files => return Ok(batch(json::<FilesMade>(&bytes).results)),
        Reads::Items => return Ok(batch(json::<ItemsChanged>(&bytes).results)),
        Reads::Conflict => Said::Conflict(json(&bytes)),
        Reads::Manifest => Said::Manifest(json(&bytes)),
        Reads::Since => Said::Since(json(&bytes)),
        Reads::Bytes => Said::Bytes(bytes),
        Reads::Deleted => return Ok(Served::Deleted(json(&bytes))),
        Reads::Grants => Said::Grants(json(&bytes)),
        Reads::Nothing => Said::Done,
    }))
}

fn batch(results: Vec<protocol::batches::FileMade>) -> Served {
    let results = results.into_iter().map(Result::from);
    Served::Batch(results.map(|end| end.map_err(Failure::from)).collect())
}

fn json<T: DeserializeOwned>(bytes: &[u8]) -> T {
    serde_json::from_slice(bytes).expect("an answer is what the API says")
}

fn read(response: Response) -> Answered<Vec<u8>> {
    match response.body {
        Body::Empty => Ok(Vec::new()),
        Body::Bytes(bytes) => Ok(bytes),
        Body::Pieces { pieces, .. } => {
            let pieces: Vec<Vec<u8>> = pieces.collect::<Answered<_>>()?;
            Ok(pieces.concat())
        }
        Body::Content(_) => unreachable!("no simulated device asks for one"),
    }
}

/// What a request is answered with.
enum Reads {
    Page,
    News,
    Proposal,
    Stored,
    Item,
    Read,
    Files,
    Items,
    Conflict,
    Manifest,
    Since,
    Bytes,
    Deleted,
    Grants,
    Nothing,
}

struct Request {
    method: &'static str,
    path: String,
    query: Vec<(String, String)>,
    headers: Vec<(&'static str, String)>,
    body: Vec<u8>,
}

impl Request {
    fn of(call: Call, by: &By) -> (Self, Reads) {
        let (request, reads) = Self::unsigned(call);
        let request = request.with("authorization", format!("Bearer {}", by.token));
        let mut query = request.query.iter();
        // Each position of a list says its root.
        let is_list = query.any(|(name, value)| name == SINCE_TOKEN && Positions::are_in(value));
        let request = match by.root.filter(|_| !is_list) {
            Some(root) => request.asking(ROOT, root.to_string()),
            None => request,
        };
        (request, reads)
    }

    fn unsigned(call: Call) -> (Self, Reads) {
        match call {
            Call::Changes { since } => {
                let request = Self::new("GET", paths::CHANGES).asking(LIMIT, PAGE.to_string());
                let request = match since {
                    Some(since) => request.asking(SINCE_TOKEN, since),
                    None => request,
                };
                (request, Reads::Page)
            }
            Call::Poll {
                positions,
                seconds,
                is_listed,
            } => {
                let since = match &positions[..] {
                    [one] if !is_listed || one.root.is_none() => one.cursor.clone(),
                    _ => Positions::new(positions)
                        .expect("different roots")
                        .to_string(),
                };
                let request = Self::new("GET", paths::POLL).asking(SINCE_TOKEN, since);
                (request.with(TIMEOUT, seconds.to_string()), Reads::News)
            }
            Call::Propose { item, body } => (post(&paths::sync(item), &body), Reads::Proposal),
            Call::StoreBlocks { frames, of } => {
                let request = Self::new("POST", &paths::store_blocks(&of));
                let request = request.with("content-type", FRAMES_CONTENT_TYPE.to_owned());
                (request.carrying(frames), Reads::Stored)
            }
            Call::CreateFile { body, frames } => {
                (with_frames(paths::FILES, &body, frames), Reads::Item)
            }
            Call::CreateFiles(files) => {
                (post(paths::FILES_BATCH, &NewFiles { files }), Reads::Files)
            }
            Call::CreateFolder(body) => (post(paths::FOLDERS, &body), Reads::Item),
            Call::Commit { item, body, frames } => (
                with_frames(&paths::commit(item), &body, frames),
                Reads::Item,
            ),
            Call::KeepConflict { item, body } => {
                (post(&paths::file_conflicts(item), &body), Reads::Conflict)
            }
            Call::Resolve { conflict, body } => {
                (post(&paths::resolve(conflict), &body), Reads::Conflict)
            }
            Call::Reopen { conflict, body } => {
                (post(&paths::reopen(conflict), &body), Reads::Conflict)
            }
            Call::ChangeItems(mut changes) if changes.len() == 1 => {
                (change_one(changes.remove(0)), Reads::Item)
            }
            Call::ChangeItems(changes) => {
                let body = ChangeItems { changes };
                (post(paths::ITEMS_BATCH, &body), Reads::Items)
            }
            Call::Item { item } => (Self::new("GET", &paths::item(item)), Reads::Read),
            Call::Manifest { item, version } => {
                let path = paths::manifest(item, version);
                (Self::new("GET", &path), Reads::Manifest)
            }
            Call::ManifestSince {
                item,
                version,
                since,
            } => {
                let path = paths::manifest_since(item, version, since);
                (Self::new("GET", &path), Reads::Since)
            }
            Call::FetchBlocks(body) => (post(paths::FETCH_BLOCKS, &body), Reads::Bytes),
            Call::Signatures(body) => (post(paths::FETCH_SIGNATURES, &body), Reads::Bytes),
            Call::Delete { wanted, .. } => (delete(wanted), Reads::Deleted),
            Call::Grants => (Self::new("GET", paths::GRANTS), Reads::Grants),
            Call::Give { item, body } => (post(&paths::grants_of(item), &body), Reads::Nothing),
            Call::ChangeGrant { grant, body } => {
                let request = Self::new("PATCH", &paths::grant(grant));
                (request.saying(&body), Reads::Nothing)
            }
            Call::TakeBack { grant } => (Self::new("DELETE", &paths::grant(grant)), Reads::Nothing),
        }
    }

    fn new(method: &'static str, path: &str) -> Self {
        let (path, query) = path.split_once('?').unwrap_or((path, ""));
        let query = query.split('&').filter_map(|pair| pair.split_once('='));
        Self {
            method,
            path: path.to_owned(),
            query: query
                .map(|(name, value)| (name.to_owned(), value.to_owned()))
                .collect(),
            headers: Vec::new(),
            body: Vec::new(),
        }
    }

    fn with(mut self, name: &'static str, value: String) -> Self {
        self.headers.push((name, value));
        self
    }

    fn asking(mut self, name: &str, value: String) -> Self {
        self.query.push((name.to_owned(), value));
        self
    }

    fn carrying(mut self, body: Vec<u8>) -> Self {
        self.body = body;
        self
    }

    fn saying(self, body: &impl Serialize) -> Self {
        self.carrying(serde_json::to_vec(body).expect("it is JSON"))
    }
}

fn post(path: &str, body: &impl Serialize) -> Request {
    Request::new("POST", path).saying(body)
}

fn with_frames(path: &str, body: &impl Serialize, frames: Option<Vec<u8>>) -> Request {
    let request = post(path, body);
    let Some(frames) = frames else {
        return request;
    };
    let mut whole = carrying_head(&request.body);
    whole.extend(frames);
    let kind = CARRYING_CONTENT_TYPE.to_owned();
    request.with("content-type", kind).carrying(whole)
}

fn change_one(ItemChange { item, to }: ItemChange) -> Request {
    match to {
        PlaceChange::Move(to) => Request::new("PATCH", &paths::item(item)).saying(&to),
        PlaceChange::Trash(change) => post(&paths::trash(item), &change),
        PlaceChange::Restore(change) => post(&paths::restore(item), &change),
    }
}

fn delete(wanted: Deletion) -> Request {
    match wanted {
        Deletion::DeleteForGood { item, request } => {
            Request::new("DELETE", &paths::item(item)).saying(&request)
        }
        Deletion::EmptyTrash(request) => post(paths::EMPTY_TRASH, &request),
    }
}

/// A request under way.
struct Asked<'a> {
    server: &'a Server,
    now: &'a Cell<UnixMillis>,
    request: &'a Request,
    outbox: &'a Outbox,
}

impl<'a> Services for Asked<'a> {
    type Db = Turns<'a, Sqlite>;
    type Packs = Turns<'a, MemoryPacks>;

    fn directory(&self) -> Result<Self::Db, Failure> {
        Ok(Turns(&self.server.db))
    }

    fn database_of(&self, _: SpaceId) -> Result<Self::Db, Failure> {
        Ok(Turns(&self.server.db))
    }

    fn space_databases(&self) -> Result<Vec<Self::Db>, Failure> {
        Ok(vec![Turns(&self.server.db)])
    }

    fn packs(&self) -> Result<Self::Packs, Failure> {
        Ok(Turns(&self.server.packs))
    }

    fn announce(&self, news: JournalGrew) {
        self.outbox.news.borrow_mut().push(news);
    }
}

impl<'a> Runtime for Asked<'a> {
    fn method(&self) -> String {
        self.request.method.to_owned()
    }

    fn path(&self) -> &str {
        &self.request.path
    }

    fn origin(&self) -> String {
        "https://drive.example".to_owned()
    }

    fn header(&self, name: &str) -> Result<Option<String>, Failure> {
        let mut headers = self.request.headers.iter();
        let found = headers.find(|(other, _)| *other == name);
        Ok(found.map(|(_, value)| value.clone()))
    }

    fn parameters(&self, name: &str) -> Vec<String> {
        let query = self.request.query.iter();
        let values = query.filter(|(other, _)| other == name);
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
        self.now.get()
    }

    fn fresh_id(&self) -> Result<[u8; 16], Failure> {
        Ok(self.server.fresh_id())
    }

    fn setting(&self, name: &str) -> Option<String> {
        (name == "SIGN_IN_SECRET").then(|| SECRET.to_owned())
    }

    async fn is_within_rate(&self, _: String) -> Result<bool, Failure> {
        Ok(true)
    }

    fn regroup_later(&self, _: SpaceId, _: ItemId) {}

    async fn park(&self, poll: &Park) -> Result<Option<PollEvent>, Failure> {
        let (ends, ended) = oneshot::channel();
        let poll = poll.clone();
        self.outbox.parking.replace(Some(Parking { poll, ends }));
        match ended.await {
            Ok(end) => Ok(end?),
            Err(_) => Ok(None),
        }
    }

    fn end_poll(&self, _: &Drop) -> Result<(), Failure> {
        Ok(())
    }
}
