//! The block cache: blocks that this browser has sent or fetched, so that a next
//! version of a file travels as what is new in it, in both directions.
//!
//! Blocks are kept in bundles of at most [`BUNDLE_BYTES`], each a file of the
//! origin private file system that is written once. What is in them is listed in
//! a database of its own. Nothing in here is needed: what can't be read, or is
//! not what its hash says, is forgotten and fetched again.
//!
//! | file | does |
//! | --- | --- |
//! | [`index`] | which blocks are where, and what goes first |
//! | [`records`] | the list of bundles in IndexedDB |
//! | [`keeper`] | the block worker, as the page sees it |
//! | [`wire`] | what travels between them |
//! | [`worker`] | what runs in the worker |
//! | [`work`] | the work itself: reading, writing, patches, LZ4, hashes |
//!
//! Several tabs share it: the list's keys are read anew before each operation. A
//! bundle is entered before its file is written and gets its blocks after that,
//! so a file that is not in the list is nobody's.

pub mod index;
pub mod keeper;
pub mod received;
mod records;
pub mod wire;
pub mod work;
pub mod worker;

use blocks::hash::BlockHash;
use blocks::manifest::BlockRef;
use blocks::patch::BaseRun;
use client::located::Located;
use client::ports::{Against, Made, Received};
use index::{Bundle, BundleId, BundleIndex, CachedBlock};
use js_sys::{Array, Uint8Array};
use keeper::{Keeper, list, read};
use platform::browser::console::warn;
use platform::browser::opfs::{self, BLOCKS};
use platform::browser::{clock, js, random};
use platform::failure::{Failure, refused, thrown};
use platform::packed::{pack, unpack};
use records::Records;
use std::cell::{Cell, RefCell};
use std::collections::{HashMap, HashSet};
use std::rc::Rc;
use wasm_bindgen::{JsCast, JsValue};
use web_sys::{Blob, BlobPropertyBag, File};

/// The cache takes no more than this, whatever the browser would give: 2 GiB…
const MOST_BYTES: u64 = 2 << 30;
/// …nor more than this part of what the browser gives the page.
const QUOTA_DIVISOR: u64 = 10;

/// A file that takes more than this part of the cache would push out all else:
/// it passes by.
const FILE_DIVISOR: u64 = 2;

#[derive(Default)]
pub struct Cache {
    keeper: Keeper,
    records: RefCell<Option<Rc<Records>>>,
    index: RefCell<BundleIndex>,
    /// Counts how often everything was forgotten.
    era: Cell<u64>,
    /// After the disk was full: less than the quota would allow.
    room: Cell<Option<u64>>,
    cleaned_up: Cell<bool>,
}

impl Cache {
    /// Whether this browser can have one.
    pub fn is_possible(&self) -> bool {
        opfs::exists()
    }

    /// Whether a file of this size has its place in it.
    pub async fn takes(&self, file_bytes: u64) -> bool {
        file_bytes <= self.bound().await / FILE_DIVISOR
    }

    /// Where these blocks are, as far as they are here, in the order asked for.
    ///
    /// # Errors
    /// There is no cache.
    pub async fn find(
        &self,
        hashes: impl IntoIterator<Item = BlockHash>,
    ) -> Result<Vec<CachedBlock>, Failure> {
        let records = self.look().await?;
        let (places, uses) = {
            let mut index = self.index.borrow_mut();
            let places: Vec<CachedBlock> = hashes
                .into_iter()
                .filter_map(|hash| index.find(hash))
                .collect();
            let used: HashSet<BundleId> = places.iter().map(|place| place.bundle).collect();
            let uses = index.touch(&used, clock::now_ms());
            (places, uses)
        };
        if !uses.is_empty() {
            let now_ms = clock::now_ms();
            let used = |bundle: &mut Bundle| bundle.used_at_ms = now_ms;
            let _ = records.change(&uses, used).await;
        }
        Ok(places)
    }

    /// For each new block that is not in the old list: which old blocks to
    /// compare it with.
    ///
    /// # Errors
    /// There is no worker.
    pub async fn runs(&self, old: &[BlockRef], new: &[BlockRef]) -> Result<Vec<BaseRun>, Failure> {
        let fields = [("old", list(&pack(old))), ("new", list(&pack(new)))];
        let answer = self.keeper.ask("runs", &fields, &Array::new()).await?;
        read(&answer, "runs", wire::unpack_runs)
    }

    /// Frames of blocks of a file, of those that are smaller than the block. `None`
    /// if a base block was damaged: it is forgotten now.
    ///
    /// # Errors
    /// There is no worker.
    pub async fn frames(
        &self,
        file: &File,
        wanted: &[Located],
        against: Against<'_, Uint8Array>,
    ) -> Result<Option<Vec<(Made, Uint8Array)>>, Failure> {
        let wanted: Vec<CachedBlock> = wanted.iter().map(|one| in_file(*one, 0)).collect();
        let none = || list(&[]);
        let ([base, all, document], signatures) = match against {
            Against::Nothing => ([none(), none(), none()], none()),
            Against::Cached {
                near,
                all,
                document,
            } => {
                let places = [near, all, document];
                let places = places.map(|places| list(&wire::pack_places(places)));
                (places, none())
            }
            Against::Signed(signatures) => ([none(), none(), none()], signatures.into()),
        };
        let fields = [
            ("file", file.into()),
            ("wanted", list(&wire::pack_places(&wanted))),
            ("base", base),
            ("all", all),
            ("document", document),
            ("signatures", signatures),
        ];
        let answer = self.keeper.ask("frames", &fields, &Array::new()).await?;
        if self.forget_damaged(&answer).await? {
            return Ok(None);
        }
        let bytes: Uint8Array = js::get(&answer, "frames").unchecked_into();
        let made = read(&answer, "made", wire::unpack_made)?;
        let frames = made.into_iter().scan(0, |end, made| {
            let start = *end;
            *end += made.frame_bytes;
            Some((made, bytes.subarray(start, *end)))
        });
        Ok(Some(frames.collect()))
    }

    /// The beginning of a solid body of frames; `None` stands for one that travels behind
    /// it, and is the answer if there is no such body.
    ///
    /// # Errors
    /// There is no worker.
    pub async fn solid(
        &self,
        frames: &[Option<Uint8Array>],
    ) -> Result<Option<Uint8Array>, Failure> {
        let lengths: Vec<u32> = frames
            .iter()
            .map(|frame| frame.as_ref().map_or(0, Uint8Array::length))
            .collect();
        let joined = Uint8Array::new_with_length(lengths.iter().sum());
        let mut end = 0;
        for frame in frames.iter().flatten() {
            joined.set(frame, end);
            end += frame.length();
        }
        let fields = [
            ("lengths", list(&wire::pack_lengths(&lengths))),
            ("patches", joined.into()),
        ];
        let answer = self.keeper.ask("solid", &fields, &Array::new()).await?;
        let solid: Option<Uint8Array> = js::get(&answer, "solid").dyn_into().ok();
        Ok(solid.filter(|solid| solid.length() > 0))
    }

    /// Keeps blocks, each with the file that it is of; together at most a bundle.
    ///
    /// # Errors
    /// They could not be kept.
    pub async fn keep(&self, blocks: &[(File, Located)]) -> Result<(), Failure> {
        let mut files: Vec<&File> = Vec::new();
        let mut wanted = Vec::with_capacity(blocks.len());
        for (file, located) in blocks {
            if files.last() != Some(&file) {
                files.push(file);
            }
            wanted.push(in_file(*located, files.len() as BundleId - 1));
        }
        let bytes = wanted
            .iter()
            .map(|place| u64::from(place.block.length))
            .sum();
        let files: Array = files.into_iter().collect();
        let fields = [
            ("files", files.into()),
            ("wanted", list(&wire::pack_places(&wanted))),
        ];
        self.fill("keep", &fields, &Array::new(), (bytes, false))
            .await?;
        Ok(())
    }

    /// Takes an answer of frames with blocks of so many plain bytes into a new
    /// bundle, which `stays` whatever the bound is; `bases` is where their base blocks are.
    ///
    /// # Errors
    /// They could not be kept.
    pub async fn receive(
        &self,
        body: &Uint8Array,
        bases: &[CachedBlock],
        plain_bytes: u64,
        stays: bool,
    ) -> Result<Received, Failure> {
        let fields = [
            ("body", body.into()),
            ("bases", list(&wire::pack_places(bases))),
        ];
        let lent = Array::of1(&body.buffer());
        let (blocks, answer) = self
            .fill("receive", &fields, &lent, (plain_bytes, stays))
            .await?;
        self.forget_damaged(&answer).await?;
        Ok(Received {
            blocks,
            is_wrong: js::get(&answer, "wrong").is_truthy(),
        })
    }

    /// Reads these blocks and forgets the bundles of those that are damaged.
    /// Returns whether there were any.
    ///
    /// # Errors
    /// There is no worker, or no cache.
    pub async fn check(&self, places: &[CachedBlock]) -> Result<bool, Failure> {
        let fields = [("places", list(&wire::pack_places(places)))];
        let answer = self.keeper.ask("check", &fields, &Array::new()).await?;
        self.forget_damaged(&answer).await
    }

    /// These blocks one after another; the bytes stay where they are until they
    /// are read.
    ///
    /// # Errors
    /// A bundle is not there any more.
    pub async fn compose(&self, places: &[CachedBlock]) -> Result<Blob, Failure> {
        let mut files: HashMap<BundleId, File> = HashMap::new();
        let parts = Array::new();
        let mut rest = places;
        while let Some(first) = rest.first() {
            let mut until = first.offset;
            let follows = |next: &&CachedBlock| {
                let does = next.bundle == first.bundle && next.offset == until;
                until += u64::from(next.block.length) * u64::from(does);
                does
            };
            let count = rest.iter().take_while(follows).count();
            let file = match files.get(&first.bundle) {
                Some(file) => file,
                None => {
                    let file = BLOCKS.get(&first.bundle.to_string()).await?;
                    files.entry(first.bundle).or_insert(file)
                }
            };
            let slice = file.slice_with_f64_and_f64(first.offset as f64, until as f64);
            let slice: Blob = slice.map_err(|e| thrown(&e))?;
            parts.push(&slice);
            rest = &rest[count..];
        }
        let options = BlobPropertyBag::new();
        options.set_type("application/octet-stream");
        Blob::new_with_blob_sequence_and_options(&parts, &options).map_err(|e| thrown(&e))
    }

    /// What is under way is not kept.
    pub fn forget_what_comes(&self) {
        self.era.set(self.era.get() + 1);
    }

    /// Forgets everything, and what is under way.
    pub async fn clear(&self) {
        self.forget_what_comes();
        *self.index.borrow_mut() = BundleIndex::default();
        if let Ok(records) = self.records().await {
            let _ = records.clear().await;
        }
        BLOCKS.clear().await;
    }

    /// Makes room for what can't be fetched again: everything goes that nobody has asked to
    /// stay. Returns whether there was anything.
    pub async fn give_way(&self) -> bool {
        let holds_something = self.look().await.is_ok() && self.index.borrow().bytes() > 0;
        if holds_something {
            self.forget_what_comes();
            let _ = self.let_go(0, 0).await;
        }
        holds_something
    }

    /// Makes the bundles of these blocks stay, whatever the bound is. Returns whether all of
    /// the blocks are here.
    ///
    /// # Errors
    /// There is no cache.
    pub async fn make_stay(
        &self,
        hashes: impl IntoIterator<Item = BlockHash>,
    ) -> Result<bool, Failure> {
        let records = self.look().await?;
        let (loose, are_here) = self.index.borrow().loose_of(hashes);
        let loose: Vec<BundleId> = loose.into_iter().collect();
        let now = records.change(&loose, |bundle| bundle.stays = true).await?;
        let are_here = are_here && now.len() == loose.len();
        self.learn(now);
        Ok(are_here)
    }

    /// Lets all bundles go by the bound again in which none of these blocks is.
    ///
    /// # Errors
    /// There is no cache.
    pub async fn let_others_go(&self, needed: &HashSet<BlockHash>) -> Result<(), Failure> {
        let records = self.look().await?;
        let others = self.index.borrow().staying_without(needed);
        let now = records
            .change(&others, |bundle| bundle.stays = false)
            .await?;
        self.learn(now);
        self.let_go(0, self.bound().await).await
    }

    fn learn(&self, bundles: Vec<(BundleId, Bundle)>) {
        let mut index = self.index.borrow_mut();
        for (id, bundle) in bundles {
            index.put(id, bundle);
        }
    }

    /// Makes room, lets the worker write a new bundle, and enters it.
    async fn fill(
        &self,
        what: &str,
        fields: &[(&str, JsValue)],
        lent: &Array,
        (bytes, stays): (u64, bool),
    ) -> Result<(Vec<BlockRef>, JsValue), Failure> {
        let era = self.era.get();
        let records = self.look().await?;
        if !stays {
            let bound = self.bound().await;
            if bytes > bound {
                return Err(refused("there is no room".to_owned()));
            }
            self.let_go(bytes, bound).await?;
        }
        let id = random::small_id();
        let mut bundle = Bundle {
            used_at_ms: clock::now_ms(),
            bytes,
            blocks: Vec::new(),
            stays,
        };
        records.put(&[(id, bundle.clone())]).await?;
        let mut fields = fields.to_vec();
        fields.push(("into", JsValue::from_f64(id as f64)));
        let filled = match self.keeper.ask(what, &fields, lent).await {
            Ok(answer) if js::get(&answer, "full").is_truthy() => {
                self.shrink().await?;
                Err(refused("there is no more room".to_owned()))
            }
            Ok(answer) => read(&answer, "kept", unpack).map(|blocks| (blocks, answer)),
            Err(failure) => Err(failure),
        };
        let is_over = self.era.get() != era;
        match filled {
            Ok((blocks, answer)) if !is_over && !blocks.is_empty() => {
                bundle.bytes = blocks.iter().map(|block| u64::from(block.length)).sum();
                bundle.blocks.clone_from(&blocks);
                records.put(&[(id, bundle.clone())]).await?;
                self.index.borrow_mut().put(id, bundle);
                Ok((blocks, answer))
            }
            other => {
                self.forget(&[id]).await?;
                match other {
                    Ok(_) if is_over => Err(Failure::Cancelled),
                    other => other,
                }
            }
        }
    }

    /// The disk is full: from now on half of what is kept has to do.
    async fn shrink(&self) -> Result<(), Failure> {
        let room = self.index.borrow().bytes() / 2;
        self.room.set(Some(room));
        self.let_go(0, room).await
    }

    /// Lets bundles go so that `more` bytes in a new one go over no bound. What another tab has
    /// made stay since this one last looked stays.
    async fn let_go(&self, more: u64, bound: u64) -> Result<(), Failure> {
        loop {
            let surplus = self.index.borrow().surplus(more, bound);
            if surplus.is_empty() {
                return Ok(());
            }
            let stay = self.records().await?.delete_loose(&surplus).await?;
            let staying: HashSet<BundleId> = stay.iter().map(|(id, _)| *id).collect();
            for id in surplus.iter().filter(|id| !staying.contains(id)) {
                self.index.borrow_mut().remove(*id);
                let _ = BLOCKS.remove(&id.to_string()).await;
            }
            self.learn(stay);
        }
    }

    async fn bound(&self) -> u64 {
        let quota = opfs::quota().await.unwrap_or(0);
        let room = self.room.get().unwrap_or(u64::MAX);
        (quota / QUOTA_DIVISOR).min(MOST_BYTES).min(room)
    }

    /// Asks the worker for a step of a zip, and forgets what it finds damaged.
    ///
    /// # Errors
    /// There is no worker, or it says that it failed.
    pub async fn zip_step(
        &self,
        fields: &[(&str, JsValue)],
        lent: &Array,
    ) -> Result<JsValue, Failure> {
        let answer = self.keeper.ask("zip", fields, lent).await?;
        if js::get(&answer, "damaged").is_truthy() {
            self.forget_damaged(&answer).await?;
        }
        Ok(answer)
    }

    async fn forget_damaged(&self, answer: &JsValue) -> Result<bool, Failure> {
        let damaged = read(answer, "damaged", wire::unpack_ids)?;
        if !damaged.is_empty() {
            warn(&format!(
                "{} bundles of the block cache are damaged",
                damaged.len()
            ));
            self.forget(&damaged).await?;
        }
        Ok(!damaged.is_empty())
    }

    async fn forget(&self, ids: &[BundleId]) -> Result<(), Failure> {
        if ids.is_empty() {
            return Ok(());
        }
        for &id in ids {
            self.index.borrow_mut().remove(id);
        }
        self.records().await?.delete(ids).await?;
        for id in ids {
            // It was never written, or another tab was faster.
            let _ = BLOCKS.remove(&id.to_string()).await;
        }
        Ok(())
    }

    /// Reads the list anew.
    async fn look(&self) -> Result<Rc<Records>, Failure> {
        let records = self.records().await?;
        match self.refresh(&records).await {
            Ok(()) => Ok(records),
            Err(failure) => {
                // Closed or deleted under the page: the next look opens it anew.
                self.records.take();
                Err(failure)
            }
        }
    }

    async fn refresh(&self, records: &Records) -> Result<(), Failure> {
        let ids: HashSet<BundleId> = records.ids().await?.into_iter().collect();
        let (gone, new): (Vec<BundleId>, Vec<BundleId>) = {
            let index = self.index.borrow();
            let gone = index.ids().filter(|id| !ids.contains(id)).collect();
            (
                gone,
                ids.iter()
                    .copied()
                    .filter(|&id| !index.is_whole(id))
                    .collect(),
            )
        };
        let new = records.get(&new).await?;
        let mut index = self.index.borrow_mut();
        for id in gone {
            index.remove(id);
        }
        for (id, bundle) in new {
            index.put(id, bundle);
        }
        Ok(())
    }

    async fn records(&self) -> Result<Rc<Records>, Failure> {
        if let Some(records) = self.records.borrow().clone() {
            return Ok(records);
        }
        let records = Rc::new(Records::open().await?);
        *self.records.borrow_mut() = Some(records.clone());
        if !self.cleaned_up.replace(true) {
            self.remove_orphans(&records).await?;
        }
        Ok(records)
    }

    /// Removes files that are in no list: their tab was closed in the middle.
    async fn remove_orphans(&self, records: &Records) -> Result<(), Failure> {
        // The files come first: a bundle is in the list before it has one.
        let names = BLOCKS.names().await?;
        if names.is_empty() {
            return Ok(());
        }
        let listed: HashSet<String> = records.ids().await?.iter().map(u64::to_string).collect();
        for name in names.iter().filter(|name| !listed.contains(*name)) {
            let _ = BLOCKS.remove(name).await;
        }
        Ok(())
    }
}

/// A block of a file, as the worker is told of it.
fn in_file(Located { block, offset }: Located, file: BundleId) -> CachedBlock {
    CachedBlock {
        block,
        bundle: file,
        offset,
    }
}
