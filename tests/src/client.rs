//! A blocking client of the API, over plain HTTP. It adds nothing of its own:
//! no retries, no caching. A refusal is a value with the status and the
//! server's [`ErrorBody`], never a panic.

use crate::random;
use blocks::chunk::SizeClass;
use blocks::frame::{
    CARRYING_CONTENT_TYPE, Codec, FRAMES_CONTENT_TYPE, carrying_head, header, lz4_payload,
    patch_payload, plain_header,
};
use blocks::hash::BlockHash;
use blocks::manifest::{BlockRef, Manifest};
use blocks::number::FileTime;
use blocks::patch::{Documents, Patch, apply, encode};
use blocks::solid::{Solid, beginning_of};
use flate2::Compression;
use flate2::write::GzEncoder;
use protocol::accounts::{Server, Session};
use protocol::changes::{ChangePage, LIMIT, SINCE_TOKEN};
use protocol::conflicts::{Choice, Conflict, Conflicts, NewConflict, Reopen, Resolve};
use protocol::content::{Base, Content, Spliced};
use protocol::devices::{AccessToken, Devices, NewAccessToken, Scope};
use protocol::files::{BlocksStored, Commit, FileManifest, NewFile, Proposal, ProposalAnswer};
use protocol::headers;
use protocol::ids::{ConflictId, DeviceId, ItemId, OperationId, Version};
use protocol::items::{ChangePlace, ChangeTrashed, Item, ItemChanged, NewFolder};
use protocol::name::Name;
use protocol::notifications::Event;
use protocol::paths;
use protocol::problem::{ErrorBody, Problem};
use serde::Serialize;
use serde::de::DeserializeOwned;
use std::collections::HashMap;
use std::io::Write;
use std::time::Duration;
use ureq::http::{HeaderMap, Method, Request};

/// Longer than any poll is held.
const TIMEOUT: Duration = Duration::from_secs(120);

/// Why a call has no answer of the expected kind.
#[derive(Debug, thiserror::Error)]
pub enum Failure {
    #[error("refused with {status}: {}", .body.message)]
    Refused { status: u16, body: ErrorBody },
    #[error("answered {status} with something else than promised ({why}): {text}")]
    Odd {
        status: u16,
        why: String,
        text: String,
    },
    #[error("no answer: {0}")]
    Transport(#[from] ureq::Error),
}

impl Failure {
    /// How long the server asked to be left alone.
    pub fn asked_wait(&self) -> Duration {
        let seconds = match self {
            Self::Refused { body, .. } => body.problem.retry_after_seconds(),
            _ => None,
        };
        Duration::from_secs(seconds.unwrap_or(0))
    }

    /// What the server found wrong.
    ///
    /// # Panics
    /// If this is no refusal.
    pub fn problem(self) -> Problem {
        match self {
            Self::Refused { body, .. } => body.problem,
            other => panic!("a refusal was expected: {other}"),
        }
    }
}

/// An answer, whatever it is.
#[derive(Clone, Debug)]
pub struct Reply {
    pub status: u16,
    pub headers: HeaderMap,
    pub body: Vec<u8>,
}

impl Reply {
    /// A header's value, or the empty string.
    pub fn header(&self, name: &str) -> &str {
        self.headers
            .get(name)
            .map_or("", |value| value.to_str().unwrap_or("(not ASCII)"))
    }

    /// The reply itself if it is a success.
    pub fn success(self) -> Result<Self, Failure> {
        if (200..300).contains(&self.status) {
            return Ok(self);
        }
        match serde_json::from_slice(&self.body) {
            Ok(body) => Err(Failure::Refused {
                status: self.status,
                body,
            }),
            Err(error) => Err(self.odd(&error.to_string())),
        }
    }

    /// The body of a success, read as JSON.
    pub fn json<T: DeserializeOwned>(self) -> Result<T, Failure> {
        let reply = self.success()?;
        serde_json::from_slice(&reply.body).map_err(|error| reply.odd(&error.to_string()))
    }

    /// The problem of a refusal.
    ///
    /// # Panics
    /// If this is no refusal in the promised form, or the status is not the
    /// problem's own.
    pub fn problem(&self) -> Problem {
        let body: ErrorBody = serde_json::from_slice(&self.body).unwrap_or_else(|error| {
            panic!(
                "{} without an error body ({error}): {}",
                self.status,
                String::from_utf8_lossy(&self.body)
            )
        });
        assert_eq!(self.status, body.problem.status(), "{body:?}");
        assert!(!body.message.is_empty());
        body.problem
    }

    fn odd(&self, why: &str) -> Failure {
        let end = self.body.len().min(2_000);
        Failure::Odd {
            status: self.status,
            why: why.to_owned(),
            text: String::from_utf8_lossy(&self.body[..end]).into_owned(),
        }
    }
}

/// One signed-in device, or nobody.
#[derive(Clone, Debug)]
pub struct Client {
    agent: ureq::Agent,
    base: String,
    /// Sent as `Authorization: Bearer`.
    pub token: Option<String>,
}

impl Client {
    /// A client that is not signed in. `base` is the server's origin. Each
    /// request has a connection of its own.
    pub fn new(base: &str) -> Self {
        Self::with_idle_connections(base, 0)
    }

    /// A client that keeps up to `idle` connections for its next requests.
    pub fn with_idle_connections(base: &str, idle: usize) -> Self {
        Self {
            agent: agent(idle, TIMEOUT),
            base: base.trim_end_matches('/').to_owned(),
            token: None,
        }
    }

    /// The same with another token, or with none.
    pub fn with_token(&self, token: Option<&str>) -> Self {
        Self {
            token: token.map(str::to_owned),
            ..self.clone()
        }
    }

    /// The same, but it hangs up after so long, whatever the server does then.
    pub fn impatient(&self, timeout: Duration) -> Self {
        Self {
            agent: agent(0, timeout),
            ..self.clone()
        }
    }

    /// Any request. `headers` come on top of the token.
    pub fn send(
        &self,
        method: &str,
        path: &str,
        headers: &[(&str, &str)],
        body: Option<&[u8]>,
    ) -> Result<Reply, Failure> {
        let method = Method::from_bytes(method.as_bytes()).expect("a method");
        let mut request = Request::builder()
            .method(method)
            .uri(format!("{}{path}", self.base));
        if let Some(token) = &self.token {
            request = request.header("authorization", format!("Bearer {token}"));
        }
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let answer = match body {
            Some(body) => {
                let request = request.body(body).expect("a request");
                let request = self
                    .agent
                    .configure_request(request)
                    .allow_non_standard_methods(true)
                    .build();
                self.agent.run(request)?
            }
            None => {
                let request = request.body(()).expect("a request");
                let request = self
                    .agent
                    .configure_request(request)
                    .allow_non_standard_methods(true)
                    .build();
                self.agent.run(request)?
            }
        };
        let (head, mut body) = answer.into_parts();
        Ok(Reply {
            status: head.status.as_u16(),
            headers: head.headers,
            body: body.with_config().limit(u64::MAX).read_to_vec()?,
        })
    }

    pub fn get(&self, path: &str) -> Result<Reply, Failure> {
        self.send("GET", path, &[], None)
    }

    pub fn send_json(
        &self,
        method: &str,
        path: &str,
        body: &impl Serialize,
    ) -> Result<Reply, Failure> {
        let json = serde_json::to_vec(body).expect("JSON");
        let headers = [("content-type", "application/json")];
        self.send(method, path, &headers, Some(&json))
    }

    fn post<T: DeserializeOwned>(&self, path: &str, body: &impl Serialize) -> Result<T, Failure> {
        self.send_json("POST", path, body)?.json()
    }

    // Accounts and devices; sign-up and sign-in are in `crate::sign_in`.

    pub fn server(&self) -> Result<Server, Failure> {
        self.get(paths::SERVER)?.json()
    }

    pub fn me(&self) -> Result<Session, Failure> {
        self.get(paths::ME)?.json()
    }

    pub fn sign_out(&self) -> Result<Reply, Failure> {
        self.send("POST", paths::SIGN_OUT, &[], Some(b""))?
            .success()
    }

    pub fn devices(&self) -> Result<Devices, Failure> {
        self.get(paths::DEVICES)?.json()
    }

    pub fn revoke(&self, device: DeviceId) -> Result<Reply, Failure> {
        self.send("DELETE", &paths::device(device), &[], None)?
            .success()
    }

    pub fn new_access_token(&self, name: &str) -> Result<AccessToken, Failure> {
        self.new_limited_token(name, Scope::Full, None)
    }

    pub fn new_limited_token(
        &self,
        name: &str,
        scope: Scope,
        days: Option<u64>,
    ) -> Result<AccessToken, Failure> {
        self.post(
            paths::ACCESS_TOKENS,
            &NewAccessToken {
                folder: None,
                name: name.to_owned(),
                scope,
                days,
            },
        )
    }

    // The write path.

    /// A token of one folder that may change what is in it.
    pub fn new_folder_token(&self, folder: ItemId) -> Result<AccessToken, Failure> {
        let new = NewAccessToken {
            name: "of a folder".to_owned(),
            scope: Scope::Full,
            days: None,
            folder: Some(folder),
        };
        self.post(paths::ACCESS_TOKENS, &new)
    }

    pub fn new_folder(&self, parent: Option<ItemId>, name: &str) -> Result<ItemChanged, Failure> {
        self.post(
            paths::FOLDERS,
            &NewFolder {
                operation_id: operation_id(),
                id: item_id(),
                parent,
                name: self::name(name),
            },
        )
    }

    pub fn new_file<C: Serialize>(&self, file: &NewFile<C>) -> Result<ItemChanged, Failure> {
        self.post(paths::FILES, file)
    }

    pub fn new_empty_file(
        &self,
        parent: Option<ItemId>,
        name: &str,
    ) -> Result<ItemChanged, Failure> {
        self.new_file(&new_file(parent, name, None))
    }

    pub fn propose(
        &self,
        file: ItemId,
        current_version: Version,
        hashes: Vec<BlockHash>,
    ) -> Result<ProposalAnswer, Failure> {
        self.post(
            &paths::sync(file),
            &Proposal {
                current_version,
                new_block_hashes: hashes,
                new_bytes: None,
            },
        )
    }

    pub fn store_blocks(&self, blocks: &[&[u8]]) -> Result<BlocksStored, Failure> {
        self.store_frames(&frames(blocks))?.json()
    }

    pub fn store_frames(&self, body: &[u8]) -> Result<Reply, Failure> {
        let headers = [("content-type", FRAMES_CONTENT_TYPE)];
        self.send("POST", paths::BLOCKS, &headers, Some(body))
    }

    pub fn commit<C: Serialize>(
        &self,
        file: ItemId,
        commit: &Commit<C>,
    ) -> Result<ItemChanged, Failure> {
        self.post(&paths::commit(file), commit)
    }

    /// Any request that carries blocks along.
    pub fn send_carrying(
        &self,
        path: &str,
        body: &impl Serialize,
        frames: &[u8],
    ) -> Result<Reply, Failure> {
        let json = serde_json::to_vec(body).expect("JSON");
        let body = [carrying_head(&json).as_slice(), frames].concat();
        let headers = [("content-type", CARRYING_CONTENT_TYPE)];
        self.send("POST", path, &headers, Some(&body))
    }

    /// Makes a file of `bytes`: asks by trying, uploads what is missing, and
    /// makes it.
    pub fn put_file(
        &self,
        parent: Option<ItemId>,
        name: &str,
        bytes: &[u8],
    ) -> Result<ItemChanged, Failure> {
        let class = SizeClass::for_size(bytes.len() as u64);
        let file = new_file(parent, name, Some(Manifest::of(bytes, class, MODIFIED_AT)));
        match self.new_file(&file) {
            Err(Failure::Refused {
                body:
                    ErrorBody {
                        problem: Problem::BlocksMissing { missing_blocks },
                        ..
                    },
                ..
            }) => {
                self.upload(
                    bytes,
                    file.content.as_ref().expect("content"),
                    &missing_blocks,
                )?;
                self.new_file(&file)
            }
            answer => answer,
        }
    }

    /// A new version of a file: propose, upload, commit.
    pub fn put_version(
        &self,
        file: ItemId,
        base: Version,
        bytes: &[u8],
    ) -> Result<ItemChanged, Failure> {
        let content = manifest(bytes);
        let hashes = content.blocks.iter().map(|block| block.hash).collect();
        let missing = self.propose(file, base, hashes)?.missing_blocks;
        self.upload(bytes, &content, &missing)?;
        let commit = Commit {
            operation_id: operation_id(),
            base_version: base,
            content,
        };
        self.commit_in_turn(file, &commit)
    }

    /// Commits a content in the form whose turn it is, with splices only if the
    /// base's list is told.
    pub fn commit_in_turn(&self, file: ItemId, commit: &Commit) -> Result<ItemChanged, Failure> {
        let version = commit.base_version;
        let list = match Form::after(version) {
            Form::Spliced => self.manifest(file, version).ok(),
            Form::Whole => None,
        };
        let Some(list) = list else {
            return self.commit(file, commit);
        };
        let base = Base {
            item: file,
            version,
        };
        let spliced = Spliced::of(&commit.content, base, &list.blocks);
        let commit = commit.clone().with_content(Content::Spliced(spliced));
        self.commit(file, &commit)
    }

    /// Uploads the named blocks of a file, in packs of a few megabytes.
    pub fn upload(
        &self,
        bytes: &[u8],
        content: &Manifest,
        missing: &[BlockHash],
    ) -> Result<(), Failure> {
        let blocks = blocks_by_hash(bytes, content);
        let mut pack: Vec<&[u8]> = Vec::new();
        for hash in missing {
            pack.push(blocks[hash]);
            let size: usize = pack.iter().map(|block| block.len()).sum();
            if size >= protocol::limits::TARGET_PACK_BYTES {
                self.store_blocks(&pack)?;
                pack.clear();
            }
        }
        if !pack.is_empty() {
            self.store_blocks(&pack)?;
        }
        Ok(())
    }

    pub fn change_place(
        &self,
        item: &Item,
        parent: Option<ItemId>,
        name: &str,
    ) -> Result<ItemChanged, Failure> {
        let change = ChangePlace {
            operation_id: operation_id(),
            base_place_version: item.place_version,
            parent,
            name: self::name(name),
        };
        self.send_json("PATCH", &paths::item(item.id), &change)?
            .json()
    }

    pub fn trash(&self, item: &Item) -> Result<ItemChanged, Failure> {
        self.post(&paths::trash(item.id), &change_trashed(item))
    }

    pub fn restore(&self, item: &Item) -> Result<ItemChanged, Failure> {
        self.post(&paths::restore(item.id), &change_trashed(item))
    }

    // The read path.

    pub fn manifest(&self, file: ItemId, version: Version) -> Result<FileManifest, Failure> {
        self.get(&paths::manifest(file, version))?.json()
    }

    pub fn item(&self, id: ItemId) -> Result<Item, Failure> {
        self.get(&paths::item(id))?.json()
    }

    pub fn content(&self, file: ItemId, version: Option<Version>) -> Result<Vec<u8>, Failure> {
        Ok(self.get(&paths::content(file, version))?.success()?.body)
    }

    pub fn block(&self, hash: BlockHash) -> Result<Vec<u8>, Failure> {
        Ok(self.get(&paths::block(hash))?.success()?.body)
    }

    pub fn changes(&self, since: Option<&str>, limit: Option<u64>) -> Result<ChangePage, Failure> {
        self.get(&changes_path(since, limit))?.json()
    }

    /// Waits for news: `None` when the server answered that there is none.
    pub fn poll(&self, since: Option<&str>, seconds: u64) -> Result<Option<Event>, Failure> {
        let reply = self.poll_raw(since, &seconds.to_string())?;
        if reply.status == 204 {
            return Ok(None);
        }
        reply.json().map(Some)
    }

    pub fn poll_raw(&self, since: Option<&str>, timeout: &str) -> Result<Reply, Failure> {
        let path = match since {
            Some(since) => format!("{}?{SINCE_TOKEN}={since}", paths::POLL),
            None => paths::POLL.to_owned(),
        };
        self.send("GET", &path, &[(headers::TIMEOUT, timeout)], None)
    }

    // Conflicts.

    pub fn new_conflict<C: Serialize>(
        &self,
        file: ItemId,
        conflict: &NewConflict<C>,
    ) -> Result<Conflict, Failure> {
        self.post(&paths::file_conflicts(file), conflict)
    }

    pub fn conflicts(&self) -> Result<Vec<Conflict>, Failure> {
        let list: Conflicts = self.get(paths::CONFLICTS)?.json()?;
        Ok(list.conflicts)
    }

    pub fn resolved_conflicts(
        &self,
        after: Option<&str>,
        limit: Option<u64>,
    ) -> Result<Conflicts, Failure> {
        let limit = limit.map_or(String::new(), |limit| format!("&limit={limit}"));
        self.get(&(paths::resolved_conflicts(after) + &limit))?
            .json()
    }

    pub fn conflict_manifest(&self, id: ConflictId) -> Result<Manifest, Failure> {
        self.get(&paths::conflict_manifest(id))?.json()
    }

    pub fn reopen(&self, id: ConflictId, reopen: &Reopen) -> Result<Conflict, Failure> {
        self.post(&paths::reopen(id), reopen)
    }

    pub fn conflict(&self, id: ConflictId) -> Result<Conflict, Failure> {
        self.get(&paths::conflict(id))?.json()
    }

    pub fn conflict_content(&self, id: ConflictId) -> Result<Vec<u8>, Failure> {
        Ok(self.get(&paths::conflict_content(id))?.success()?.body)
    }

    /// The raw answer, because what it holds depends on the choice.
    pub fn resolve(
        &self,
        id: ConflictId,
        seen_version: Version,
        choice: Choice,
    ) -> Result<Reply, Failure> {
        let resolve = Resolve {
            operation_id: operation_id(),
            seen_version,
            choice,
        };
        self.send_json("POST", &paths::resolve(id), &resolve)?
            .success()
    }
}

fn agent(idle: usize, timeout: Duration) -> ureq::Agent {
    let config = ureq::Agent::config_builder()
        .http_status_as_error(false)
        .max_redirects(0)
        .timeout_global(Some(timeout))
        .max_idle_connections(idle)
        .max_idle_connections_per_host(idle)
        .proxy(None);
    config.build().into()
}

/// The two forms of a content.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Form {
    Whole,
    Spliced,
}

impl Form {
    /// They take turns from version to version, so a test that leaves the form open
    /// sends the same in each run.
    pub fn after(version: Version) -> Self {
        match version % 2 {
            0 => Self::Whole,
            _ => Self::Spliced,
        }
    }
}

/// When every file of these tests was changed where it came from.
pub const MODIFIED_AT: FileTime = FileTime::nearest(1_795_392_000_123);

pub fn operation_id() -> OperationId {
    OperationId::from_random(random::id_bytes())
}

pub fn item_id() -> ItemId {
    ItemId::from_random(random::id_bytes())
}

pub fn conflict_id() -> ConflictId {
    ConflictId::from_random(random::id_bytes())
}

pub fn name(text: &str) -> Name {
    Name::parse(text).expect("a name")
}

/// The manifest of bytes in the size class of a small file.
pub fn manifest(bytes: &[u8]) -> Manifest {
    Manifest::of(bytes, SizeClass::for_size(0), MODIFIED_AT)
}

/// The list of these blocks, wherever a file of their bytes would be cut.
pub fn content(blocks: &[impl AsRef<[u8]>]) -> Manifest {
    let list = blocks.iter().map(|block| BlockRef {
        hash: BlockHash::of(block.as_ref()),
        length: block.as_ref().len() as u32,
    });
    Manifest {
        size: blocks.iter().map(|block| block.as_ref().len() as u64).sum(),
        blocks: list.collect(),
        ..manifest(b"")
    }
}

pub fn new_file(parent: Option<ItemId>, name: &str, content: Option<Manifest>) -> NewFile {
    NewFile {
        operation_id: operation_id(),
        id: item_id(),
        parent,
        name: self::name(name),
        content,
    }
}

pub fn commit_of(base_version: Version, bytes: &[u8]) -> Commit {
    Commit {
        operation_id: operation_id(),
        base_version,
        content: manifest(bytes),
    }
}

pub fn change_trashed(item: &Item) -> ChangeTrashed {
    ChangeTrashed::new(operation_id(), item.place_version)
}

/// A body of plain frames.
pub fn frames(blocks: &[&[u8]]) -> Vec<u8> {
    let mut body = Vec::new();
    for block in blocks {
        body.extend(plain_header(BlockHash::of(block), block.len() as u32));
        body.extend_from_slice(block);
    }
    body
}

/// A body of one frame: a block as a patch against others.
pub fn patched(bases: &[&[u8]], block: &[u8]) -> Vec<u8> {
    let named = bases.iter().map(|base| BlockHash::of(base));
    let patch = Patch {
        bases: named.collect(),
        delta: encode(&bases.concat(), block),
    };
    let payload = patch_payload(block.len() as u32, &patch);
    framed(Codec::Patch, BlockHash::of(block), &payload)
}

/// A gzip of these bytes.
///
/// # Panics
/// Never: it is made in memory.
pub fn gzipped(plain: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::new(6));
    encoder.write_all(plain).expect("memory takes all");
    encoder.finish().expect("memory takes all")
}

/// A body of one frame: a zip or a gzip, which is one block, by the symbols of what it was
/// before; `None` where they have nothing in common.
pub fn patched_by_symbols(base: &[u8], block: &[u8]) -> Option<Vec<u8>> {
    let documents = Documents::of([(BlockHash::of(base), base)], block.to_vec())?;
    let patch = documents.patch(0..block.len())?;
    let payload = patch_payload(block.len() as u32, &patch);
    Some(framed(Codec::Patch, BlockHash::of(block), &payload))
}

/// The solid body of these frames.
///
/// # Panics
/// If none of them is a patch.
pub fn solid(frames: &[Vec<u8>]) -> Vec<u8> {
    let is_patch = |frame: &[u8]| frame.first() == Some(&u8::from(Codec::Patch));
    let patches: Vec<Option<&[u8]>> = frames
        .iter()
        .map(|frame| Some(frame.as_slice()).filter(|frame| is_patch(frame)))
        .collect();
    let mut body = beginning_of(&patches).expect("patches");
    let rest = frames.iter().filter(|frame| !is_patch(frame));
    body.extend(rest.flatten());
    body
}

/// The frames of a solid answer, for a device that holds these blocks; `None` if they make
/// no frames of it.
pub fn opened(answer: &[u8], held: &[&[u8]]) -> Option<Vec<u8>> {
    let solid = Solid::read(answer).ok()?;
    let named = solid.patches.iter().map(|patch| {
        let bases = patch.bases.iter();
        let bases = bases.map(|short| held.iter().find(|one| BlockHash::of(one).short() == *short));
        let bases: Vec<&[u8]> = bases.map(|base| base.copied()).collect::<Option<_>>()?;
        let block = apply(&bases, &patch.delta, patch.length).ok()?;
        let names = bases.iter().map(|base| BlockHash::of(base));
        Some((BlockHash::of(&block), names.collect()))
    });
    solid.frames(&named.collect::<Option<Vec<_>>>()?).ok()
}

/// A body of one frame: a block as LZ4.
///
/// # Panics
/// If that does not pay.
pub fn compressed(block: &[u8]) -> Vec<u8> {
    let payload = lz4_payload(block).expect("a block that LZ4 makes smaller");
    framed(Codec::Lz4, BlockHash::of(block), &payload)
}

/// One frame.
pub fn framed(codec: Codec, hash: BlockHash, payload: &[u8]) -> Vec<u8> {
    let header = header(codec, hash, payload.len() as u32);
    [header.as_slice(), payload].concat()
}

pub fn changes_path(since: Option<&str>, limit: Option<u64>) -> String {
    let mut query = Vec::new();
    if let Some(since) = since {
        query.push(format!("{SINCE_TOKEN}={since}"));
    }
    if let Some(limit) = limit {
        query.push(format!("{LIMIT}={limit}"));
    }
    match query.is_empty() {
        true => paths::CHANGES.to_owned(),
        false => format!("{}?{}", paths::CHANGES, query.join("&")),
    }
}

pub fn blocks_by_hash<'a>(bytes: &'a [u8], content: &Manifest) -> HashMap<BlockHash, &'a [u8]> {
    let mut rest = bytes;
    content
        .blocks
        .iter()
        .map(|block| {
            let (bytes, after) = rest.split_at(block.length as usize);
            rest = after;
            (block.hash, bytes)
        })
        .collect()
}

/// Bytes that begin as a WebP, and differ as `of` does.
pub fn thumbnail(of: &[u8]) -> Vec<u8> {
    [b"RIFF\x10\0\0\0WEBPVP8 ".as_slice(), of].concat()
}
