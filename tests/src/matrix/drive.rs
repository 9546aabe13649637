//! Ann's drive at some server, of which bob and visitors have parts; all of it made by
//! requests.

use super::{Answer, Host};
use crate::client::{
    change_trashed, commit_of, frames, item_id, manifest, name, new_file, operation_id,
};
use crate::drive::{change_place, new_conflict, new_folder};
use crate::model::http::Request;
use blocks::frame::FRAMES_CONTENT_TYPE;
use blocks::hash::BlockHash;
use protocol::accounts::Session;
use protocol::batches::{FilesMade, NewFiles};
use protocol::conflicts::Conflict;
use protocol::files::NewFile;
use protocol::grants::{Grant, ROOT};
use protocol::headers::{CLIENT, SESSION_COOKIE, TIMEOUT};
use protocol::ids::{ConflictId, ItemId, UnixMillis};
use protocol::items::{Item, ItemChanged};
use protocol::links::{LINK, Link, LinkKey};
use protocol::routes::Route;
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::json;
use std::sync::atomic::{AtomicU32, Ordering};

/// The bytes of a block that ann has, and a file of hers.
const BYTES: &[u8] = b"a block of ann's";

/// How long access lasts that ends while somebody has it.
const LASTS_MILLIS: u64 = 1_500;

/// How somebody shows who they are.
#[derive(Clone, Debug)]
pub enum Key {
    /// A browser's cookie.
    Session(String),
    Token(String),
}

/// Who there is.
#[derive(Clone, Debug)]
pub struct People {
    pub ann: Key,
    pub bob: Key,
    /// A token of bob's that only reads, and one of a folder of his own.
    pub bob_reads: Key,
    pub bobs_folder: Key,
    /// What bob and carl sign in with.
    pub bobs_name: String,
    pub carls_name: String,
}

pub struct Drive<H> {
    pub host: H,
    pub people: People,
    /// Of [`BYTES`].
    pub block: BlockHash,
    names: AtomicU32,
}

impl<H: Host> Drive<H> {
    pub fn new(host: H, people: People) -> Self {
        let drive = Self {
            host,
            people,
            block: BlockHash::of(BYTES),
            names: AtomicU32::new(0),
        };
        let request = drive.request(&drive.people.ann, Route::StoreBlocks, "", frames(&[BYTES]));
        let stored = drive.host.answer(&request);
        assert!(stored.status < 300, "{stored:?}");
        drive
    }

    /// A name that nothing else has.
    pub fn name(&self) -> String {
        format!("number {}", self.names.fetch_add(1, Ordering::Relaxed))
    }

    /// When access ends that is given now and ends while somebody has it.
    pub fn soon(&self) -> UnixMillis {
        self.host.now() + LASTS_MILLIS
    }

    /// A request as the page or a program sends it.
    pub fn request(&self, key: &Key, route: Route, id: &str, body: Vec<u8>) -> Request {
        let mut request = bare(route, id, body);
        let shown = match key {
            Key::Token(token) => vec![("authorization", format!("Bearer {token}"))],
            Key::Session(token) => vec![
                ("cookie", format!("{SESSION_COOKIE}={token}")),
                (CLIENT, "page".to_owned()),
                ("sec-fetch-site", "same-origin".to_owned()),
            ],
        };
        request.headers.extend(shown);
        request
    }

    /// A request about what was shared with somebody.
    pub fn request_in(
        &self,
        root: ItemId,
        key: &Key,
        route: Route,
        id: &str,
        body: Vec<u8>,
    ) -> Request {
        Request {
            query: vec![(ROOT, root.to_string())],
            ..self.request(key, route, id, body)
        }
    }

    /// A visitor's request.
    pub fn request_over(&self, key: LinkKey, route: Route, id: &str, body: Vec<u8>) -> Request {
        Request {
            query: vec![(LINK, key.to_string())],
            ..bare(route, id, body)
        }
    }

    /// What ann is answered.
    pub fn gets<T: DeserializeOwned>(
        &self,
        route: Route,
        id: impl ToString,
        body: impl Serialize,
    ) -> T {
        let answer = self.asks(route, id, body);
        serde_json::from_slice(&answer.body).unwrap_or_else(|why| panic!("{route:?}: {why}"))
    }

    /// Ann asks, and is not refused.
    pub fn asks(&self, route: Route, id: impl ToString, body: impl Serialize) -> Answer {
        let body = sent(&body);
        let request = self.request(&self.people.ann, route, &id.to_string(), body);
        self.succeeds(&request)
    }

    pub fn succeeds(&self, request: &Request) -> Answer {
        let answer = self.host.answer(request);
        let told = String::from_utf8_lossy(&answer.body);
        assert!(answer.status < 300, "{}: {told}", request.path);
        answer
    }

    pub fn folder(&self, parent: Option<ItemId>) -> ItemId {
        let new = new_folder(parent, &self.name());
        let made: ItemChanged = self.gets(Route::CreateFolder, "", new);
        made.item.id
    }

    /// Of something that bob shares with ann.
    pub fn new_mount(&self, parent: Option<ItemId>) -> serde_json::Value {
        let by_bob = |route, id: &str, body: &serde_json::Value| {
            let request = self.request(&self.people.bob, route, id, sent(body));
            self.succeeds(&request).body
        };
        let read = "an answer";
        let new = json!(new_folder(None, &self.name()));
        let made = by_bob(Route::CreateFolder, "", &new);
        let made: ItemChanged = serde_json::from_slice(&made).expect(read);
        let ann: Session = self.gets(Route::Me, "", ());
        let given = json!({"person": ann.user.name, "role": "viewer"});
        let given = by_bob(Route::Give, &made.item.id.to_string(), &given);
        let given: Grant = serde_json::from_slice(&given).expect(read);
        json!({
            "operation_id": operation_id(), "id": item_id(), "grant": given.id,
            "parent": parent, "name": self.name(),
        })
    }

    /// Empty files.
    pub fn files(&self, parent: ItemId, count: usize) -> Vec<Item> {
        let new = || new_file(Some(parent), &self.name(), None);
        let files: Vec<NewFile> = (0..count).map(|_| new()).collect();
        let made: FilesMade = self.gets(Route::CreateFiles, "", NewFiles { files });
        let results = made.results.into_iter();
        let made = results.map(|end| Result::<ItemChanged, _>::from(end).expect("made").item);
        made.collect()
    }

    /// A file of the block that she has.
    pub fn file_of_a_block(&self, parent: ItemId) -> Item {
        let new = new_file(Some(parent), &self.name(), Some(manifest(BYTES)));
        let made: ItemChanged = self.gets(Route::CreateFile, "", new);
        made.item
    }

    /// Makes an empty file one at version 2, with a conflict that came second.
    pub fn conflict(&self, file: ItemId) -> ConflictId {
        self.asks(Route::Commit, file, commit_of(1, b""));
        let kept: Conflict = self.gets(Route::KeepConflict, file, new_conflict(b""));
        kept.id
    }

    pub fn trash(&self, item: ItemId) -> Item {
        let now: Item = self.gets(Route::Item, item, ());
        let trashed: ItemChanged = self.gets(Route::Trash, item, change_trashed(&now));
        trashed.item
    }

    pub fn deletes(&self, trashed: &Item) {
        let gone = json!({
            "operation_id": operation_id(), "base_place_version": trashed.place_version,
            "with_open_conflicts": true,
        });
        self.asks(Route::DeleteItem, trashed.id, gone);
    }

    pub fn moves_out(&self, item: ItemId) {
        let now: Item = self.gets(Route::Item, item, ());
        let to = change_place(&now, None, name(&self.name()).as_str());
        self.asks(Route::ChangePlace, item, to);
    }

    /// Gives bob access.
    pub fn shares(&self, item: ItemId, role: &str, ends_at: Option<UnixMillis>) -> Grant {
        let mut new = json!({"person": self.people.bobs_name, "role": role});
        if let Some(end) = ends_at {
            new["ends_at_ms"] = end.into();
        }
        self.gets(Route::Give, item, new)
    }

    pub fn link(&self, item: ItemId, new: impl Serialize) -> Link {
        self.gets(Route::MakeLink, item, new)
    }
}

/// A request of nobody.
fn bare(route: Route, id: &str, body: Vec<u8>) -> Request {
    let mut headers = Vec::new();
    if !body.is_empty() {
        let kind = match route {
            Route::StoreBlocks => FRAMES_CONTENT_TYPE,
            _ => "application/json",
        };
        headers.push(("content-type", kind.to_owned()));
    }
    if route == Route::Poll {
        headers.push((TIMEOUT, "0".to_owned()));
    }
    Request {
        method: route.method().name().to_owned(),
        path: route.of(id),
        query: Vec::new(),
        headers,
        body,
    }
}

/// A body as it is sent; nothing has none.
pub fn sent(body: &impl Serialize) -> Vec<u8> {
    match serde_json::to_vec(body).expect("JSON") {
        null if null == b"null" => Vec::new(),
        json => json,
    }
}
