//! A draft is the bytes of an unsent edit. They are in the file that a person picked, or
//! in a copy of that file, which survives the program.

use crate::bell::{Bell, Latch};
use crate::engine::EngineCell;
use crate::failure::Failure;
use crate::frames;
use crate::lists::Lists;
use crate::located::{BlockMap, Located};
use crate::patience::wait_for_another_try;
use crate::ports::{Frame, NotCopied, Platform};
use crate::sender::{FileToSend, Sender};
use crate::tuning::Tuning;
use blocks::chunk::SizeClass;
use blocks::hash::BlockHash;
use blocks::manifest::{BlockRef, Manifest};
use blocks::number::FileTime;
use futures_util::future::{Either, select};
use protocol::ids::{ItemId, Version};
use std::cell::{Cell, RefCell};
use std::collections::{HashMap, VecDeque};
use std::pin::pin;
use std::rc::Rc;
use sync::edit::{Draft, DraftBytes, DraftId};
use sync::message::{BytesLost, Input, Lost};

/// Copies that are made at one time: more of them would only wait for the disk
/// together.
const COPIES_AT_ONCE: usize = 4;

/// How often a worker that broke is replaced for one draft.
const MAX_BROKEN: u32 = 2;

/// All drafts whose bytes are at hand.
pub struct Drafts<P: Platform>(Rc<Inner<P>>);

struct Inner<P: Platform> {
    platform: P,
    engine: EngineCell,
    tuning: Tuning,
    lists: Lists<P>,
    sender: Sender<P>,
    /// Rung when what waits for the network is worth another try.
    again: Bell,
    held: RefCell<HashMap<DraftId, Rc<HeldDraft<P>>>>,
    to_copy: RefCell<VecDeque<DraftId>>,
    copying: Cell<usize>,
}

impl<P: Platform> Clone for Drafts<P> {
    fn clone(&self) -> Self {
        Self(self.0.clone())
    }
}

/// A draft whose bytes are at hand. The last reader of a copy that nobody needs any more
/// removes the copy.
pub struct HeldDraft<P: Platform> {
    platform: P,
    id: DraftId,
    /// The file with the bytes.
    pub file: P::File,
    /// Whether the file is the copy.
    is_copy: bool,
    /// Set when nobody works on the edit any more.
    released: Latch,
    /// Whether the copy may go. At the end of a session copies stay.
    is_unneeded: Cell<bool>,
}

impl<P: Platform> Drop for HeldDraft<P> {
    fn drop(&mut self) {
        if self.is_copy && self.is_unneeded.get() {
            remove_copy(&self.platform, self.id);
        }
    }
}

fn remove_copy<P: Platform>(platform: &P, id: DraftId) {
    let port = platform.clone();
    // There may be no copy: the file may have been picked again.
    platform.spawn(async move { port.remove_copy(id).await });
}

/// Blocks of a draft that are ready to travel.
pub(crate) struct Packed<P: Platform> {
    /// In the order in which the file has them.
    pub frames: Vec<Frame<P::Bytes>>,
    /// How many bytes the whole draft has.
    pub file_bytes: u64,
    /// The draft that they are read from.
    pub held: Rc<HeldDraft<P>>,
}

impl<P: Platform> Drafts<P> {
    pub(crate) fn new(
        platform: P,
        engine: EngineCell,
        tuning: Tuning,
        lists: Lists<P>,
        sender: Sender<P>,
        again: Bell,
    ) -> Self {
        Self(Rc::new(Inner {
            platform,
            engine,
            tuning,
            lists,
            sender,
            again,
            held: RefCell::default(),
            to_copy: RefCell::default(),
            copying: Cell::default(),
        }))
    }

    /// Takes a file in hand as a new draft, which belongs to no edit yet.
    pub fn pick(&self, file: &P::File) -> Draft {
        self.hold(DraftId(self.0.platform.small_id()), file)
    }

    /// Takes in hand the file that has the bytes of a draft.
    pub fn hold(&self, id: DraftId, file: &P::File) -> Draft {
        let held = self.held(id, file.clone(), false, Latch::default());
        self.0.held.borrow_mut().insert(id, held);
        Draft {
            id,
            size: P::size(file),
            modified_at_ms: P::modified_at_ms(file),
            file_name: P::name(file),
            bytes: DraftBytes::Here,
            manifest: None,
            copy_of: None,
        }
    }

    fn held(&self, id: DraftId, file: P::File, is_copy: bool, released: Latch) -> Rc<HeldDraft<P>> {
        Rc::new(HeldDraft {
            platform: self.0.platform.clone(),
            id,
            file,
            is_copy,
            released,
            is_unneeded: Cell::new(false),
        })
    }

    /// Finds the file with a draft's bytes; `None` if they are gone.
    pub async fn file(&self, id: DraftId) -> Option<P::File> {
        Some(self.find(id).await?.file.clone())
    }

    /// Lets go of bytes that nobody needs any more. Their copy goes with its last reader.
    pub(crate) fn release(&self, id: DraftId) {
        let inner = &self.0;
        inner.sender.wallet().release(id);
        inner.to_copy.borrow_mut().retain(|waiting| *waiting != id);
        let held = inner.held.borrow_mut().remove(&id);
        match held {
            Some(held) => {
                held.is_unneeded.set(true);
                held.released.set();
            }
            // A program before this one has made the copy.
            None => remove_copy(&inner.platform, id),
        }
    }

    /// Lets go of all files in hand. Copies stay.
    pub(crate) fn let_go(&self) {
        for (_, held) in self.0.held.take() {
            held.released.set();
        }
        self.0.to_copy.take();
        self.0.sender.wallet().let_go();
    }

    /// Cuts and hashes a draft; `None` if the draft was released meanwhile.
    pub(crate) async fn hash(&self, id: DraftId, class: SizeClass) -> Option<Input> {
        let Some(held) = self.find(id).await else {
            let result = Err(BytesLost::Gone);
            return Some(Input::Hashed { draft: id, result });
        };
        let hashed = self.hash_in_the_end(id, &held.file, class);
        let released = pin!(held.released.wait());
        match select(pin!(hashed), released).await {
            Either::Left((result, _)) => Some(Input::Hashed { draft: id, result }),
            Either::Right(_) => None,
        }
    }

    /// Sends blocks of a draft.
    ///
    /// # Errors
    /// The error of the first pack that fails; `BytesLost` if the bytes are gone.
    pub(crate) async fn send(&self, id: DraftId, blocks: &[BlockHash]) -> Result<(), Lost> {
        let inner = &*self.0;
        let (Some(held), Some(manifest)) = (self.find(id).await, self.manifest(id)) else {
            return Err(Lost::BytesLost(BytesLost::Gone));
        };
        let located = BlockMap::new(&manifest).locate(blocks);
        let progress = inner.platform.sending(id, manifest.size, &located);
        let count = located.len();
        let item = inner.engine.read().trees().draft_item(id);
        let make = async |hand_on: &dyn Fn(Vec<Frame<P::Bytes>>)| {
            let base = self.base_list(id, &manifest, &located).await;
            let hand_on = async |frames| {
                inner.sender.has_room().await;
                hand_on(frames);
                true
            };
            let base = (item, base.as_deref().unwrap_or_default());
            self.make_frames(&held.file, &manifest, located, base, hand_on)
                .await;
            if inner.engine.is_about_one_edit() {
                inner.sender.set_out();
            }
        };
        let source = FileToSend {
            draft: id,
            item,
            file: &held.file,
        };
        let sent = inner.sender.send(source, count, progress, make).await;
        Ok(sent?)
    }

    async fn make_frames(
        &self,
        file: &P::File,
        content: &Manifest,
        wanted: Vec<Located>,
        base: (Option<ItemId>, &[BlockRef]),
        hand_on: impl AsyncFn(Vec<Frame<P::Bytes>>) -> bool,
    ) {
        let Inner {
            platform, tuning, ..
        } = &*self.0;
        frames::make(platform, tuning, file, content, wanted, base, hand_on).await;
    }

    /// The bytes, the content and the base version of a hashed draft that is in hand.
    pub(crate) fn content(&self, id: DraftId) -> Option<(Rc<HeldDraft<P>>, Manifest, Version)> {
        let held = self.0.held.borrow().get(&id)?.clone();
        let engine = self.0.engine.read();
        let item = engine.trees().draft_item(id)?;
        let part = engine.trees().edit(item)?.content.as_ref();
        let part = part.filter(|part| part.wanted.id == id)?;
        Some((held, part.wanted.manifest.clone()?, part.base))
    }

    /// Makes frames of blocks of a draft; `None` if their payloads have more than `most`
    /// bytes. `base` is the block list of the version that the draft is based on.
    ///
    /// # Errors
    /// `BytesLost` where the bytes are gone.
    pub(crate) async fn frames(
        &self,
        id: DraftId,
        wanted: &[BlockHash],
        base: &[BlockRef],
        most: u64,
    ) -> Result<Option<Packed<P>>, Lost> {
        let (Some(held), Some(manifest)) = (self.find(id).await, self.manifest(id)) else {
            return Err(Lost::BytesLost(BytesLost::Gone));
        };
        let located = BlockMap::new(&manifest).locate(wanted);
        let made = RefCell::new(Vec::new());
        let is_too_much = || frames::payload_bytes(&made.borrow()) > most;
        let gather = async |frames: Vec<Frame<P::Bytes>>| {
            made.borrow_mut().extend(frames);
            !is_too_much()
        };
        let item = self.0.engine.read().trees().draft_item(id);
        self.make_frames(&held.file, &manifest, located, (item, base), gather)
            .await;
        if is_too_much() {
            return Ok(None);
        }
        let mut frames = made.into_inner();
        frames.sort_by_key(|frame| frame.located.offset);
        Ok(Some(Packed {
            frames,
            file_bytes: manifest.size,
            held,
        }))
    }

    /// Copies a draft, in its turn, to where it survives the program. `tell` hears what
    /// became of the copy.
    pub(crate) fn keep(&self, id: DraftId, tell: impl Fn(Input) + Clone + 'static) {
        self.0.to_copy.borrow_mut().push_back(id);
        self.copy_more(tell);
    }

    fn copy_more(&self, tell: impl Fn(Input) + Clone + 'static) {
        while self.0.copying.get() < COPIES_AT_ONCE {
            let Some(id) = self.0.to_copy.borrow_mut().pop_front() else {
                return;
            };
            self.0.copying.set(self.0.copying.get() + 1);
            let (drafts, tell) = (self.clone(), tell.clone());
            self.0.platform.spawn(async move {
                let told = drafts.copy(id).await;
                told.into_iter().for_each(&tell);
                drafts.0.copying.set(drafts.0.copying.get() - 1);
                drafts.copy_more(tell);
            });
        }
    }

    async fn copy(&self, id: DraftId) -> Option<Input> {
        let Inner { platform, held, .. } = &*self.0;
        let original = held.borrow().get(&id).cloned()?;
        let mut copied = platform.copy(id, &original.file).await;
        if copied == Err(NotCopied::Full) && platform.give_way().await {
            copied = platform.copy(id, &original.file).await;
        }
        match copied {
            Ok(_) if original.released.is_set() => {
                platform.remove_copy(id).await;
                None
            }
            Ok(copy) => {
                // The file on the disk may go or change from now on.
                let copy = self.held(id, copy, true, original.released.clone());
                held.borrow_mut().insert(id, copy);
                Some(Input::BytesKept { draft: id })
            }
            Err(failure) => {
                platform.log(format_args!("no copy of a draft: {failure:?}"));
                let is_needed = !original.released.is_set();
                is_needed.then_some(Input::BytesNotKept { draft: id })
            }
        }
    }

    /// Finds a draft that is in hand, or takes its copy in hand.
    async fn find(&self, id: DraftId) -> Option<Rc<HeldDraft<P>>> {
        if let Some(held) = self.0.held.borrow().get(&id) {
            return Some(held.clone());
        }
        let file = self.0.platform.copied(id).await?;
        let held = self.held(id, file, true, Latch::default());
        self.0.held.borrow_mut().insert(id, held.clone());
        Some(held)
    }

    fn manifest(&self, id: DraftId) -> Option<Manifest> {
        let engine = self.0.engine.read();
        engine.trees().draft(id)?.manifest.clone()
    }

    /// Looks up the list of the version that a draft is based on, and asks the server for
    /// it only if that is worth the list's bytes.
    async fn base_list(
        &self,
        id: DraftId,
        content: &Manifest,
        wanted: &[Located],
    ) -> Option<Vec<BlockRef>> {
        let (item, base) = {
            let engine = self.0.engine.read();
            let item = engine.trees().draft_item(id)?;
            (item, engine.trees().edit(item)?.content.as_ref()?.base)
        };
        if base == 0 {
            return None;
        }
        let wanted: u64 = wanted.iter().map(|one| u64::from(one.block.length)).sum();
        let list = content.blocks.len() as u64 * LISTED_BLOCK_BYTES;
        match wanted < list * WORTH_ASKING_FACTOR {
            true => self.0.lists.get(item, base).await,
            false => self.0.lists.fetch(item, base).await.ok(),
        }
    }

    /// Hashes a draft. If the worker's script can't be loaded, it waits for the network.
    async fn hash_in_the_end(
        &self,
        id: DraftId,
        file: &P::File,
        class: SizeClass,
    ) -> Result<Manifest, BytesLost> {
        let Inner {
            platform, again, ..
        } = &*self.0;
        let (mut failures, mut broken) = (0, 0);
        loop {
            let started = || platform.hashing(id);
            let progress = |bytes| platform.hashed(id, bytes);
            match platform.hash(file, class, started, progress).await {
                Ok(blocks) => {
                    return Ok(Manifest {
                        size: blocks.iter().map(|block| u64::from(block.length)).sum(),
                        size_class: class,
                        modified_at_ms: self.modified_at_ms(id, file),
                        blocks,
                    });
                }
                Err(failure) if failure.is_passing() => {
                    platform.unhashed(id);
                    wait_for_another_try(platform, again, failures, &failure).await;
                    failures += 1;
                }
                Err(Failure::Device(reason)) if broken < MAX_BROKEN => {
                    platform.log(format_args!("{reason}"));
                    broken += 1;
                }
                Err(_) => return Err(BytesLost::Gone),
            }
        }
    }

    /// When the draft's file was changed, which is not when its copy was made.
    fn modified_at_ms(&self, id: DraftId, file: &P::File) -> FileTime {
        let engine = self.0.engine.read();
        let draft = engine.trees().draft(id);
        draft.map_or_else(|| P::modified_at_ms(file), |draft| draft.modified_at_ms)
    }
}

/// The bytes that one block takes in a list from the server: about 75 as JSON.
const LISTED_BLOCK_BYTES: u64 = 75;
/// The client asks for a list if at least so many bytes have to be sent for each byte of
/// the list.
const WORTH_ASKING_FACTOR: u64 = 4;
