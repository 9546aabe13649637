//! One engine with its storage in the hands of a test, which plays the server.

use blocks::chunk::SizeClass;
use blocks::hash::BlockHash;
use blocks::manifest::Manifest;
use protocol::changes::{Change, ChangePage};
use protocol::conflicts::Conflict;
use protocol::ids::{ConflictId, DeviceId, ItemId};
use protocol::items::{Committed, FileHead, Item, ItemChanged};
use protocol::name::Name;
use protocol::problem::Problem;
use sync::edit::{Draft, DraftBytes, DraftId, Resolution};
use sync::feed::has_told;
use sync::ids::Nonce;
use sync::message::{
    Answer, CopyLabel, Effect, Input, Lost, Notice, Observation, Record, Request, RequestId,
    StoredState, TabRole,
};
use sync::place::Place;
use sync::{Config, Engine, Silence};

/// Half of what jitter can be.
const JITTER: f64 = 0.5;

pub struct Device {
    pub engine: Engine,
    pub stored: StoredState,
    pub now: u64,
    pub sent: Vec<(RequestId, Request)>,
    pub abandoned: Vec<RequestId>,
    pub to_hash: Vec<DraftId>,
    pub to_keep: Vec<DraftId>,
    pub released: Vec<DraftId>,
    pub told: Vec<Notice>,
    pub asked_to_load: bool,
    /// Whether its driver takes blocks along with what asks for them.
    pub carries: bool,
}

impl Device {
    /// A page that has seen all of a drive with these items.
    pub fn with(items: Vec<Item>) -> Self {
        Self::from(StoredState {
            items,
            cursor: Some("c0".to_owned()),
            complete: true,
            ..StoredState::default()
        })
    }

    pub fn from(stored: StoredState) -> Self {
        Self::with_role(stored, TabRole::Leader)
    }

    pub fn with_role(stored: StoredState, role: TabRole) -> Self {
        Self::started(stored, role, false)
    }

    /// A program with a folder on disk, which holds the first version of a file
    /// and has seen all of the drive.
    pub fn on_disk(item: Item) -> Self {
        let kept = StoredState {
            held: vec![(item.id, 1)],
            items: vec![item],
            cursor: Some("c0".to_owned()),
            complete: true,
            ..StoredState::default()
        };
        Self::started(kept, TabRole::Leader, true)
    }

    fn started(stored: StoredState, role: TabRole, holds_content: bool) -> Self {
        let config = Config {
            role,
            holds_content,
            copy: CopyLabel {
                device: "Laptop".to_owned(),
                date: "2026-11-24".to_owned(),
            },
            silence: Silence::default(),
        };
        let mut device = Self {
            engine: Engine::new(config, stored.clone(), 1_000),
            stored,
            now: 1_000,
            sent: Vec::new(),
            abandoned: Vec::new(),
            to_hash: Vec::new(),
            to_keep: Vec::new(),
            released: Vec::new(),
            told: Vec::new(),
            asked_to_load: false,
            carries: false,
        };
        device.input(Input::Elapsed);
        device
    }

    /// The same device after a crash: only what was stored is left.
    pub fn restarted(self) -> Self {
        Self::from(self.stored)
    }

    pub fn input(&mut self, input: Input) {
        self.engine.handle(input, self.now, JITTER);
        self.drain();
    }

    pub fn observe(&mut self, observation: Observation) {
        self.input(Input::Observed(observation));
    }

    fn drain(&mut self) {
        let mut not_carried = Vec::new();
        while let Some(effect) = self.engine.next_effect() {
            match effect {
                Effect::Persist(records) => self.store(records),
                Effect::Send { request, body } if carries(&body) && !self.carries => {
                    not_carried.push(request);
                }
                Effect::Send { request, body } => self.sent.push((request, body)),
                Effect::Abandon { request } => self.abandoned.push(request),
                Effect::Hash { draft, .. } => self.to_hash.push(draft),
                Effect::KeepBytes { draft } => self.to_keep.push(draft),
                Effect::ReleaseBytes { draft } => self.released.push(draft),
                Effect::Tell(notice) => self.told.push(notice),
                Effect::Load => self.asked_to_load = true,
                Effect::AskLeader => {}
            }
        }
        for request in not_carried {
            self.answer(request, Answer::NotCarried);
        }
    }

    fn store(&mut self, records: Vec<Record>) {
        let kept = &mut self.stored;
        for record in records {
            match record {
                Record::Replace => {
                    kept.items.clear();
                    kept.conflicts.clear();
                }
                Record::Item(item) => {
                    kept.items.retain(|old| old.id != item.id);
                    kept.items.push(item);
                }
                Record::Learned { item, seq } => {
                    let is_known = kept.items.iter().any(|old| old.id == item.id);
                    if is_known || !has_told(kept.cursor.as_deref(), seq) {
                        kept.items.retain(|old| old.id != item.id);
                        kept.items.push(item);
                    }
                }
                Record::Deleted(id) => {
                    kept.items.retain(|old| old.id != id);
                    kept.held.retain(|(old, _)| *old != id);
                }
                Record::Cursor { from, to } => {
                    assert_eq!(from, kept.cursor, "the engine knows what is stored");
                    kept.cursor = Some(to);
                }
                Record::Complete => kept.complete = true,
                Record::Edit(edit) => {
                    kept.edits.retain(|old| old.item != edit.item);
                    kept.edits.push(edit);
                }
                Record::EditDone(id) => kept.edits.retain(|old| old.item != id),
                Record::Conflict(conflict) => {
                    kept.conflicts.retain(|old| old.id != conflict.id);
                    kept.conflicts.push(conflict);
                }
                Record::ConflictClosed(id) => kept.conflicts.retain(|old| old.id != id),
                Record::Resolution(resolution) => {
                    let is_same = |old: &Resolution| old.conflict == resolution.conflict;
                    kept.resolutions.retain(|old| !is_same(old));
                    kept.resolutions.push(resolution);
                }
                Record::ResolutionDone(id) => kept.resolutions.retain(|old| old.conflict != id),
                Record::Matter(matter) => {
                    kept.matters.retain(|old| old.id != matter.id);
                    kept.matters.push(matter);
                }
                Record::MatterDone(id) => kept.matters.retain(|old| old.id != id),
                Record::Held { item, version } => kept.held.push((item, version)),
            }
        }
    }

    /// Lets the wait pass that the engine asked for.
    pub fn wait(&mut self) {
        let wait = self.engine.wait().expect("something is to come");
        assert!(wait.millis >= 1);
        self.now += wait.millis;
        self.input(Input::Elapsed);
    }

    /// The oldest request that `wanted` picks and that was not answered yet.
    pub fn take<T>(&mut self, wanted: impl Fn(&Request) -> Option<T>) -> (RequestId, T) {
        let at = self
            .sent
            .iter()
            .position(|(_, body)| wanted(body).is_some());
        let Some(at) = at else {
            panic!("not asked; under way: {:?}", self.sent);
        };
        let (request, body) = self.sent.remove(at);
        (request, wanted(&body).expect("it was just found"))
    }

    pub fn answer(&mut self, request: RequestId, answer: Answer) {
        self.input(Input::Answered {
            request,
            result: Ok(answer),
        });
    }

    pub fn refuse(&mut self, request: RequestId, problem: Problem) {
        self.input(Input::Answered {
            request,
            result: Err(Lost::Refused(problem)),
        });
    }

    pub fn lose(&mut self, request: RequestId) {
        self.input(Input::Answered {
            request,
            result: Err(Lost::Unreachable),
        });
    }

    /// Answers the pull that is under way.
    pub fn pulled(&mut self, items: Vec<Item>, next: &str) {
        let (request, _) = self.take(|body| matches!(body, Request::Changes { .. }).then_some(()));
        self.answer(request, Answer::Changes(page(items, next)));
    }

    /// The same device once it has pulled what there was.
    pub fn caught_up(mut self) -> Self {
        let next = self.stored.cursor.clone().expect("it has pulled before");
        self.pulled(Vec::new(), &next);
        self
    }

    /// Answers the next pull, which may still have to begin.
    pub fn hears(&mut self, page: ChangePage) {
        if self
            .sent
            .iter()
            .all(|(_, body)| asks::changes(body).is_none())
        {
            self.wait();
        }
        let (request, _) = self.take(asks::changes);
        self.answer(request, Answer::Changes(page));
    }

    /// Reads the draft that is to be hashed.
    pub fn hash(&mut self, bytes: &[u8]) {
        let draft = self.to_hash.remove(0);
        self.input(Input::Hashed {
            draft,
            result: Ok(manifest(bytes)),
        });
    }

    /// Edits file 1, and reads what is to be sent.
    pub fn edits(&mut self, n: u8, bytes: &[u8]) {
        self.observe(edit(n, bytes));
        self.hash(bytes);
    }

    /// Refuses an edit's proposal, and the edit itself.
    pub fn refuse_edit(&mut self, problem: Problem) {
        let (request, _) = self.take(asks::propose);
        self.refuse(request, problem.clone());
        let (request, _) = self.take(asks::commit);
        self.refuse(request, problem);
    }

    /// The blocks that are to be sent arrive.
    pub fn uploads(&mut self) {
        let (request, _) = self.take(asks::upload);
        self.answer(request, Answer::Uploaded);
    }

    pub fn polls(&self) -> usize {
        let polls = self.sent.iter();
        polls
            .filter(|(_, body)| matches!(body, Request::Poll { .. }))
            .count()
    }
}

/// Whether a request brings blocks along.
pub fn carries(body: &Request) -> bool {
    matches!(
        body,
        Request::Commit {
            carries: Some(_),
            ..
        } | Request::CreateFile {
            carries: Some(_),
            ..
        }
    )
}

pub fn page(items: Vec<Item>, next: &str) -> ChangePage {
    ChangePage {
        reset: false,
        changes: items
            .into_iter()
            .map(|item| Change::Item { item })
            .collect(),
        next_token: next.to_owned(),
        has_more: false,
    }
}

pub fn id(n: u8) -> ItemId {
    ItemId::from_random([n; 16])
}

pub fn nonce(n: u8) -> Nonce {
    Nonce([n; 16])
}

pub fn name(text: &str) -> Name {
    Name::parse(text).expect("a good name")
}

pub fn place(parent: Option<ItemId>, text: &str) -> Place {
    Place {
        parent,
        name: name(text),
    }
}

/// A folder, or a file of these bytes.
pub fn made(n: u8, parent: Option<u8>, text: &str, bytes: Option<&[u8]>) -> Observation {
    Observation::Made {
        item: id(n),
        nonce: nonce(n),
        place: place(parent.map(id), text),
        draft: bytes.map(|bytes| draft(u64::from(n), bytes)),
    }
}

/// Another content of file 1.
pub fn edit(n: u8, bytes: &[u8]) -> Observation {
    Observation::Edited {
        item: id(1),
        nonce: nonce(n),
        draft: draft(u64::from(n), bytes),
        seen: None,
    }
}

pub fn placed(item: u8, n: u8, parent: Option<u8>, text: &str) -> Observation {
    Observation::Placed {
        item: id(item),
        nonce: nonce(n),
        place: place(parent.map(id), text),
    }
}

pub fn folder(n: u8, parent: Option<ItemId>, text: &str) -> Item {
    Item {
        id: id(n),
        parent,
        name: name(text),
        place_version: 1,
        file: None,
        created_at_ms: 0,
        mount: None,
        trashed_at_ms: None,
        damaged: false,
    }
}

pub fn file(n: u8, parent: Option<ItemId>, text: &str, version: u64) -> Item {
    Item {
        file: Some(FileHead {
            version,
            size: 3,
            size_class: SizeClass::for_size(3),
            modified_at_ms: 0.into(),
            committed: committed(),
            damaged: false,
        }),
        ..folder(n, parent, text)
    }
}

/// The item once somebody has put it into the trash.
pub fn trashed(item: Item) -> Item {
    Item {
        place_version: item.place_version + 1,
        trashed_at_ms: Some(9),
        ..item
    }
}

pub fn committed() -> Committed {
    Committed {
        user_name: "ann".to_owned(),
        device_id: DeviceId::from_random([9; 16]),
        device_name: "Phone".to_owned(),
        at_ms: 5,
    }
}

pub fn manifest(bytes: &[u8]) -> Manifest {
    Manifest::of(bytes, SizeClass::for_size(bytes.len() as u64), 7)
}

pub fn draft(n: u64, bytes: &[u8]) -> Draft {
    Draft {
        id: DraftId(n),
        size: bytes.len() as u64,
        modified_at_ms: 7.into(),
        file_name: "picked.txt".to_owned(),
        bytes: DraftBytes::Here,
        manifest: None,
        copy_of: None,
    }
}

pub fn changed(item: Item) -> Answer {
    Answer::Item(ItemChanged { item, seq: 1 })
}

pub fn missing(bytes: &[u8]) -> Answer {
    Answer::Missing(
        manifest(bytes)
            .blocks
            .iter()
            .map(|block| block.hash)
            .collect(),
    )
}

pub fn conflict(id: ConflictId, item: ItemId, base_version: u64) -> Conflict {
    Conflict {
        id,
        item,
        base_version,
        size: 3,
        modified_at_ms: 7.into(),
        committed: committed(),
        resolved: None,
        damaged: false,
    }
}

pub fn version_conflict(current_version: u64) -> Problem {
    Problem::VersionConflict {
        current_version,
        committed: committed(),
    }
}

pub fn hash_of(bytes: &[u8]) -> BlockHash {
    BlockHash::of(bytes)
}

/// What picks requests in [`Device::take`].
pub mod asks {
    use super::*;
    use protocol::conflicts::NewConflict;
    use protocol::content::Content;
    use protocol::files::{Commit, NewFile, Proposal};
    use protocol::items::{ChangePlace, NewFolder};

    fn whole(content: &Content) -> Option<Manifest> {
        match content {
            Content::Whole(manifest) => Some(manifest.clone()),
            Content::Spliced(_) => None,
        }
    }

    pub fn propose(body: &Request) -> Option<Proposal> {
        match body {
            Request::Propose { body, .. } => Some(body.clone()),
            _ => None,
        }
    }

    pub fn upload(body: &Request) -> Option<Vec<BlockHash>> {
        match body {
            Request::Upload { blocks, .. } => Some(blocks.clone()),
            _ => None,
        }
    }

    pub fn commit(body: &Request) -> Option<Commit> {
        match body {
            Request::Commit { body, .. } => Some(body.clone().with_content(whole(&body.content)?)),
            _ => None,
        }
    }

    pub fn create_file(body: &Request) -> Option<NewFile> {
        match body {
            Request::CreateFile { body, .. } => {
                let content = body.content.as_ref().and_then(whole);
                Some(body.clone().with_content(content))
            }
            _ => None,
        }
    }

    pub fn create_folder(body: &Request) -> Option<NewFolder> {
        match body {
            Request::CreateFolder { body } => Some(body.clone()),
            _ => None,
        }
    }

    pub fn change_place(body: &Request) -> Option<ChangePlace> {
        match body {
            Request::ChangePlace { body, .. } => Some(body.clone()),
            _ => None,
        }
    }

    pub fn restore(body: &Request) -> Option<ItemId> {
        match body {
            Request::Restore { item, .. } => Some(*item),
            _ => None,
        }
    }

    pub fn keep_conflict(body: &Request) -> Option<(ItemId, NewConflict)> {
        match body {
            Request::KeepConflict { item, body } => {
                let content = whole(&body.content)?;
                Some((*item, body.clone().with_content(content)))
            }
            _ => None,
        }
    }

    pub fn manifest(body: &Request) -> Option<(ItemId, u64)> {
        match body {
            Request::Manifest { item, version } => Some((*item, *version)),
            _ => None,
        }
    }

    pub fn changes(body: &Request) -> Option<Option<String>> {
        match body {
            Request::Changes { since } => Some(since.clone()),
            _ => None,
        }
    }

    /// How long a poll asks to be held.
    pub fn poll_seconds(body: &Request) -> Option<u64> {
        match body {
            Request::Poll { seconds, .. } => Some(*seconds),
            _ => None,
        }
    }

    pub fn poll(body: &Request) -> Option<String> {
        match body {
            Request::Poll { since, .. } => Some(since.clone()),
            _ => None,
        }
    }
}
