//! The bytes of unsent edits. They are in the file that was picked, or in a copy
//! of it in the origin private file system, which survives the page.

use super::frames::{self, Frame};
use super::panel::content::{Content, Located};
use super::runner::{is_about_one_edit, lost};
use super::{input, lists};
use crate::browser::bell::Latch;
use crate::browser::opfs::{DRAFTS, NotWritten};
use crate::browser::{clock, random};
use crate::failure::Failure;
use crate::hashing::file;
use crate::state::Drive;
use blocks::chunk::SizeClass;
use blocks::hash::BlockHash;
use blocks::manifest::{BlockRef, Manifest};
use blocks::number::FileTime;
use futures_util::future::{Either, select};
use protocol::ids::Version;
use std::cell::{Cell, RefCell};
use std::collections::{BTreeSet, HashMap, VecDeque};
use std::pin::pin;
use std::rc::Rc;
use sync::backoff;
use sync::edit::{Bytes, Draft, DraftId};
use sync::message::{BytesLost, Failure as Lost, Input};
use wasm_bindgen_futures::spawn_local;
use web_sys::File;

/// Copies made at one time: more would wait for the disk together.
const COPIES_AT_ONCE: usize = 4;

/// How often a worker that broke is replaced for one draft.
const MAX_BROKEN: u32 = 2;

#[derive(Default)]
pub struct Drafts {
    held: RefCell<HashMap<DraftId, Rc<Held>>>,
    to_copy: RefCell<VecDeque<DraftId>>,
    copying: Cell<usize>,
}

/// A draft whose bytes are at hand. A copy that is not needed any more goes with
/// the last who reads it.
pub struct Held {
    id: DraftId,
    pub file: File,
    /// Whether this is the copy.
    is_copy: bool,
    /// Set when nobody works on the edit any more.
    released: Latch,
    /// Not where a session ends: then copies stay.
    is_unneeded: Cell<bool>,
}

impl Held {
    fn new(id: DraftId, file: File, is_copy: bool, released: Latch) -> Rc<Self> {
        Rc::new(Self {
            id,
            file,
            is_copy,
            released,
            is_unneeded: Cell::new(false),
        })
    }
}

impl Drop for Held {
    fn drop(&mut self) {
        if self.is_copy && self.is_unneeded.get() {
            remove_copy(self.id);
        }
    }
}

fn remove_copy(id: DraftId) {
    spawn_local(async move {
        // It may have been picked again, and never copied.
        let _ = DRAFTS.remove(&name(id)).await;
    });
}

/// Blocks of a draft, ready to travel.
pub struct Frames {
    /// In the order in which the file has them.
    pub frames: Vec<Frame>,
    /// How many bytes the whole draft has.
    pub file_bytes: u64,
    pub held: Rc<Held>,
}

impl Drafts {
    /// Takes a file in the hand: a new draft, not yet of any edit.
    pub fn pick(&self, file: &File) -> Draft {
        self.hold(DraftId(random::small_id()), file)
    }

    /// Takes the file in the hand that the bytes of a draft are in.
    pub fn hold(&self, id: DraftId, file: &File) -> Draft {
        let held = Held::new(id, file.clone(), false, Latch::default());
        self.held.borrow_mut().insert(id, held);
        Draft {
            id,
            size: file.size() as u64,
            modified_at_ms: FileTime::nearest_to(file.last_modified()),
            file_name: file.name(),
            bytes: Bytes::Here,
            manifest: None,
            copy_of: None,
        }
    }

    /// The bytes of a draft, as far as they are anywhere.
    pub async fn file(&self, id: DraftId) -> Option<File> {
        Some(self.find(id).await?.file.clone())
    }

    /// Nobody needs the bytes any more.
    pub fn release(&self, id: DraftId) {
        self.to_copy.borrow_mut().retain(|waiting| *waiting != id);
        let held = self.held.borrow_mut().remove(&id);
        match held {
            Some(held) => {
                held.is_unneeded.set(true);
                held.released.set();
            }
            // Kept by a page before this one.
            None => remove_copy(id),
        }
    }

    /// Lets go of everything that is in the hand; copies stay.
    pub fn let_go(&self) {
        for (_, held) in self.held.take() {
            held.released.set();
        }
        self.to_copy.take();
    }

    /// Deletes every copy that is not of one of these drafts.
    pub async fn clean_up(&self, needed: impl AsyncFnOnce() -> Option<BTreeSet<DraftId>>) {
        // The list comes first: an edit is stored before its bytes are copied.
        let Ok(copies) = DRAFTS.names().await else {
            return;
        };
        if copies.is_empty() {
            return;
        }
        let Some(needed) = needed().await else {
            return;
        };
        for copy in copies {
            let id = copy.parse().ok().map(DraftId);
            if id.is_none_or(|id| !needed.contains(&id)) {
                let _ = DRAFTS.remove(&copy).await;
            }
        }
    }

    /// Cuts and hashes a draft, and tells the engine.
    pub fn hash(&self, drive: Drive, id: DraftId, class: SizeClass) {
        spawn_local(async move {
            let held = drive.driver().drafts.find(id).await;
            let Some(held) = held else {
                let result = Err(BytesLost::Gone);
                return input(drive, Input::Hashed { draft: id, result });
            };
            let hashed = hash_in_the_end(drive, id, &held.file, class);
            let released = pin!(held.released.wait());
            if let Either::Left((result, _)) = select(pin!(hashed), released).await {
                input(drive, Input::Hashed { draft: id, result });
            }
        });
    }

    /// Sends blocks of a draft.
    ///
    /// # Errors
    /// Of the first pack that fails; `BytesLost` where the bytes are gone.
    pub async fn send(&self, drive: Drive, id: DraftId, blocks: &[BlockHash]) -> Result<(), Lost> {
        let driver = drive.driver();
        let (Some(held), Some(manifest)) = (self.find(id).await, manifest(drive, id)) else {
            return Err(Lost::BytesLost(BytesLost::Gone));
        };
        let located = Content::new(&manifest).locate(blocks);
        let progress = driver.panel.sending(id, manifest.size, &located);
        let count = located.len();
        let make = async |hand_on: &dyn Fn(Vec<Frame>)| {
            let base = base_list(drive, id, &manifest, &located).await;
            let hand_on = async |frames| {
                driver.sender.has_room().await;
                hand_on(frames);
                true
            };
            frames::make(
                drive,
                &held.file,
                &manifest,
                located,
                base.as_deref(),
                hand_on,
            )
            .await;
            if is_about_one_edit(drive) {
                driver.sender.set_out(&driver.client());
            }
        };
        let sent = driver
            .sender
            .send(&driver.client(), &held.file, count, progress, make)
            .await;
        sent.map_err(lost)
    }

    /// A draft that is in the hand: its bytes, its content, and the version that
    /// it is based on.
    pub fn content(&self, drive: Drive, id: DraftId) -> Option<(Rc<Held>, Manifest, Version)> {
        let held = self.held.borrow().get(&id)?.clone();
        let runner = drive.driver().runner()?;
        let engine = runner.engine();
        let item = engine.trees().draft_item(id)?;
        let part = engine.trees().edit(item)?.content.as_ref();
        let part = part.filter(|part| part.wanted.id == id)?;
        Some((held, part.wanted.manifest.clone()?, part.base))
    }

    /// Blocks of a draft as frames; `None` if these have more than `most` bytes.
    /// `base` is the list of what they are based on.
    ///
    /// # Errors
    /// `BytesLost` where the bytes are gone.
    pub async fn frames(
        &self,
        drive: Drive,
        id: DraftId,
        wanted: &[BlockHash],
        base: &[BlockRef],
        most: u64,
    ) -> Result<Option<Frames>, Lost> {
        let (Some(held), Some(manifest)) = (self.find(id).await, manifest(drive, id)) else {
            return Err(Lost::BytesLost(BytesLost::Gone));
        };
        let located = Content::new(&manifest).locate(wanted);
        let made = RefCell::new(Vec::new());
        let is_too_much = || frames::payload_bytes(&made.borrow()) > most;
        let gather = async |frames: Vec<Frame>| {
            made.borrow_mut().extend(frames);
            !is_too_much()
        };
        frames::make(drive, &held.file, &manifest, located, Some(base), gather).await;
        if is_too_much() {
            return Ok(None);
        }
        let mut frames = made.into_inner();
        frames.sort_by_key(|frame| frame.located.offset);
        Ok(Some(Frames {
            frames,
            file_bytes: manifest.size,
            held,
        }))
    }

    /// Copies a draft to where it survives the page, when it is its turn.
    pub fn keep(&self, drive: Drive, id: DraftId) {
        self.to_copy.borrow_mut().push_back(id);
        self.copy_more(drive);
    }

    fn copy_more(&self, drive: Drive) {
        while self.copying.get() < COPIES_AT_ONCE {
            let Some(id) = self.to_copy.borrow_mut().pop_front() else {
                return;
            };
            self.copying.set(self.copying.get() + 1);
            spawn_local(async move {
                let drafts = &drive.driver().drafts;
                drafts.copy(drive, id).await;
                drafts.copying.set(drafts.copying.get() - 1);
                drafts.copy_more(drive);
            });
        }
    }

    async fn copy(&self, drive: Drive, id: DraftId) {
        let Some(held) = self.held.borrow().get(&id).cloned() else {
            return;
        };
        let mut copied = DRAFTS.put(&name(id), &held.file).await;
        if copied == Err(NotWritten::Full) && drive.driver().cache.give_way().await {
            copied = DRAFTS.put(&name(id), &held.file).await;
        }
        match copied {
            Ok(_) if held.released.is_set() => {
                let _ = DRAFTS.remove(&name(id)).await;
            }
            Ok(copy) => {
                // The file on the disk may go or change from now on.
                let copy = Held::new(id, copy, true, held.released.clone());
                self.held.borrow_mut().insert(id, copy);
                input(drive, Input::BytesKept { draft: id });
            }
            Err(failure) => {
                leptos::logging::warn!("no copy of a draft: {failure}");
                if !held.released.is_set() {
                    input(drive, Input::BytesNotKept { draft: id });
                }
            }
        }
    }

    /// The bytes, from the hand or from the copy.
    async fn find(&self, id: DraftId) -> Option<Rc<Held>> {
        if let Some(held) = self.held.borrow().get(&id) {
            return Some(held.clone());
        }
        let file = DRAFTS.get(&name(id)).await.ok()?;
        let held = Held::new(id, file, true, Latch::default());
        self.held.borrow_mut().insert(id, held.clone());
        Some(held)
    }
}

/// A copy's name.
fn name(id: DraftId) -> String {
    id.0.to_string()
}

fn manifest(drive: Drive, id: DraftId) -> Option<Manifest> {
    let runner = drive.driver().runner()?;
    let engine = runner.engine();
    engine.trees().draft(id)?.manifest.clone()
}

/// Bytes of a block in a list that is asked of the server.
const LISTED_BLOCK_BYTES: u64 = 75;
/// What has to be sent, for each byte of a list that is asked for because of it.
const WORTH_ASKING_FACTOR: u64 = 4;

/// The list of the version that a draft is based on, if it is worth its bytes.
async fn base_list(
    drive: Drive,
    id: DraftId,
    content: &Manifest,
    wanted: &[Located],
) -> Option<Vec<BlockRef>> {
    let (item, base) = {
        let runner = drive.driver().runner()?;
        let engine = runner.engine();
        let item = engine.trees().draft_item(id)?;
        (item, engine.trees().edit(item)?.content.as_ref()?.base)
    };
    if base == 0 {
        return None;
    }
    let wanted: u64 = wanted.iter().map(|one| u64::from(one.block.length)).sum();
    let list = content.blocks.len() as u64 * LISTED_BLOCK_BYTES;
    match wanted < list * WORTH_ASKING_FACTOR {
        true => lists::get(drive, item, base).await,
        false => lists::fetch(drive, item, base).await.ok(),
    }
}

/// Hashes; without a network for the worker's script, when there is one again.
async fn hash_in_the_end(
    drive: Drive,
    id: DraftId,
    file: &File,
    class: SizeClass,
) -> Result<Manifest, BytesLost> {
    let driver = drive.driver();
    let (mut failures, mut broken) = (0, 0);
    loop {
        let started = || driver.panel.hashing(id);
        let progress = |bytes| driver.panel.hashed(id, bytes);
        match file::hash(&driver.pool, file, class, started, progress).await {
            Ok(blocks) => {
                return Ok(Manifest {
                    size: blocks.iter().map(|block| u64::from(block.length)).sum(),
                    size_class: class,
                    modified_at_ms: modified_at_ms(drive, id, file),
                    blocks,
                });
            }
            Err(failure) if failure.is_passing() => {
                driver.panel.unhashed(id);
                let again = pin!(driver.again.next());
                let wait = clock::sleep(backoff::delay_millis(failures, random::jitter()));
                select(pin!(wait), again).await;
                failures += 1;
            }
            Err(Failure::Browser(reason)) if broken < MAX_BROKEN => {
                leptos::logging::warn!("{reason}");
                broken += 1;
            }
            Err(_) => return Err(BytesLost::Gone),
        }
    }
}

/// A copy is younger than what it is a copy of.
fn modified_at_ms(drive: Drive, id: DraftId, file: &File) -> FileTime {
    let known = drive.driver().runner().and_then(|runner| {
        let engine = runner.engine();
        Some(engine.trees().draft(id)?.modified_at_ms)
    });
    known.unwrap_or(FileTime::nearest_to(file.last_modified()))
}
