//! Where the thumbnail of a file comes from, in this order: what this browser has kept, what
//! the server has, and a worker that makes it, of the file that this tab has uploaded or of
//! what is stored. A new one goes to the server, if the person may change the file, so that
//! the next browser need not make it.
//!
//! What nobody looks at any more is not asked for. What fails is not tried again in this
//! session, unless it was the network.

use super::{Key, Picture, Thumbnails, still};
use crate::archive::plan::FileContent;
use crate::state::shares::Access;
use blocks::frame::{self, Payload};
use blocks::hash::BlockHash;
use client::downloads::NotComposed;
use futures_util::future::{Either, join, join_all, select};
use js_sys::{Array, Uint8Array};
use leptos::prelude::{GetUntracked, RwSignal, Update, untrack};
use platform::api::Api;
use platform::api::content::ObjectUrl;
use platform::browser::opfs::THUMBNAILS;
use platform::browser::{agent, clock, js};
use platform::failure::Failure;
use platform::worker::link::{Program, WorkerLink};
use protocol::blocks::Fetch;
use protocol::ids::ItemId;
use protocol::limits::MAX_THUMBNAILS_ASKED;
use protocol::paths;
use protocol::thumbnails::{Thumbnail, content_type};
use std::cell::{Cell, RefCell};
use std::collections::{BTreeMap, VecDeque};
use std::pin::pin;
use std::rc::Rc;
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::spawn_local;
use web_sys::Blob;

const PROGRAM: Program = Program {
    loader: "/workers-0000000000000000/thumbnails.js",
    name: "the thumbnail worker",
    number: "number",
};

/// Rows come into sight together, and are asked for together, after so many milliseconds.
const GATHER_MILLIS: u64 = 80;
/// How long the browser may take for one, in milliseconds.
const MOST_MILLIS: u64 = 10_000;
/// How long a player may take for a still, in milliseconds: the file may come from the server.
const STILL_MILLIS: u64 = 40_000;
/// What is not in this browser is fetched as a whole to make a thumbnail of it, up to so many
/// bytes.
const MOST_FETCHED_BYTES: u64 = 8 << 20;
/// A file that the server has taken so many milliseconds ago may be getting its thumbnail
/// from whoever has sent it,
const FRESH_MILLIS: u64 = 30_000;
/// who is waited for so long at a time,
const PATIENCE_MILLIS: u64 = 1_500;
/// and so often.
const MOST_WAITS: u32 = 2;
/// How long what failed because of the network waits.
const AGAIN_MILLIS: u64 = 10_000;
/// How often it is looked whether something that waits is due.
const LOOK_MILLIS: u64 = 500;
/// Blocks of one request: the server reads each from where it was stored.
const FETCHED_AT_ONCE: usize = 32;
/// How many are shown or were shown a while ago; each is at most 32 KiB.
const MOST_SHOWN: usize = 600;
/// How many this browser keeps, which are at most 64 MiB. The oldest go first.
const MOST_KEPT: usize = 2_048;
/// After so many new ones it is looked how many there are.
const KEPT_BETWEEN_LOOKS: usize = 64;

/// What is known of a thumbnail that is not shown.
#[derive(Clone, Copy, Debug)]
pub enum Looked {
    /// It is asked for again then, by the clock that counts how long the page runs.
    Again {
        at: u64,
        /// How often whoever has sent the file was waited for.
        waits: u32,
    },
    /// There is none, in this session.
    None,
}

/// Works until nothing is left to be done.
pub fn run(thumbnails: Rc<Thumbnails>) {
    spawn_local(async move {
        let work = Work {
            thumbnails: &thumbnails,
            api: thumbnails.current.api(),
            worker: RefCell::default(),
            to_make: RefCell::default(),
            in_hand: RefCell::default(),
            has_ended: Cell::new(false),
            new: Cell::new(0),
        };
        work.run().await;
        thumbnails.works.set(false);
        // Whoever is signed in now, if it is somebody else, has wanted something meanwhile.
        if work.is_over() && !thumbnails.wanted.borrow().is_empty() {
            thumbnails.begin();
        }
    });
}

/// What the worker is given, and what of it leaves the page's memory.
type Asked = ((&'static str, JsValue), Array);

struct Work<'a> {
    thumbnails: &'a Rc<Thumbnails>,
    /// In whose name it is done, from the beginning to the end.
    api: Api,
    /// It ends with the work.
    worker: RefCell<Option<Rc<WorkerLink>>>,
    /// What nobody has.
    to_make: RefCell<VecDeque<Picture>>,
    /// What is being made.
    in_hand: RefCell<Vec<Key>>,
    /// Nothing is left to be looked for or made.
    has_ended: Cell<bool>,
    /// How many were kept since it was looked how many there are.
    new: Cell<usize>,
}

impl Work<'_> {
    /// What somebody has is shown while something else is being made, two at a time.
    async fn run(&self) {
        join(self.look_on(), join(self.make_on(), self.make_on())).await;
    }

    async fn look_on(&self) {
        loop {
            clock::sleep(GATHER_MILLIS).await;
            if self.is_over() {
                break;
            }
            let due = self.due();
            if !due.is_empty() {
                self.look(due).await;
            } else if self.is_idle() {
                break;
            } else {
                clock::sleep(LOOK_MILLIS).await;
            }
        }
        self.has_ended.set(true);
    }

    async fn make_on(&self) {
        while !self.has_ended.get() {
            let Some((picture, local)) = self.next() else {
                clock::sleep(GATHER_MILLIS).await;
                continue;
            };
            self.in_hand.borrow_mut().push(picture.key);
            self.make(picture, local).await;
            let mut in_hand = self.in_hand.borrow_mut();
            in_hand.retain(|key| *key != picture.key);
        }
    }

    /// Whether somebody else is signed in by now, or nobody.
    fn is_over(&self) -> bool {
        let user = self.thumbnails.current.api().user();
        user.is_none() || user != self.api.user()
    }

    /// What is in sight and was not looked for, or is to be looked for again.
    fn due(&self) -> Vec<Picture> {
        let (now, all) = (clock::running_ms(), self.thumbnails);
        let (urls, looked) = (all.urls.borrow(), all.looked.borrow());
        let (to_make, in_hand) = (self.to_make.borrow(), self.in_hand.borrow());
        let wanted = all.wanted.borrow();
        let due = wanted.values().map(|(picture, _)| *picture).filter(|one| {
            let is_due = match looked.get(&one.key) {
                Some(Looked::Again { at, .. }) => *at <= now,
                Some(Looked::None) => false,
                None => true,
            };
            let is_in_line =
                to_make.iter().any(|other| other.key == one.key) || in_hand.contains(&one.key);
            is_due && !is_in_line && !urls.contains_key(&one.key)
        });
        due.collect()
    }

    /// Whether nothing is being made, and nothing may be due later.
    fn is_idle(&self) -> bool {
        let all = self.thumbnails;
        let looked = all.looked.borrow();
        let again = |key: &Key| matches!(looked.get(key), Some(Looked::Again { .. }));
        self.to_make.borrow().is_empty()
            && self.in_hand.borrow().is_empty()
            && all.uploaded.borrow().is_empty()
            && !all.wanted.borrow().keys().any(again)
    }

    fn has_local(&self, key: Key) -> bool {
        let uploaded = self.thumbnails.uploaded.borrow();
        uploaded.iter().any(|(picture, _)| picture.key == key)
    }

    /// What is made next: what is in sight, and else what this tab has uploaded, once
    /// nothing is on its way to the server.
    fn next(&self) -> Option<(Picture, Option<Blob>)> {
        let all = self.thumbnails;
        while let Some(picture) = self.to_make.borrow_mut().pop_front() {
            if all.wanted.borrow().contains_key(&picture.key) {
                return Some((picture, self.take_local(picture.key)));
            }
        }
        if all.drive.unsent.get_untracked().going > 0 {
            return None;
        }
        loop {
            let (picture, file) = all.uploaded.borrow_mut().pop_front()?;
            let is_settled = all.urls.borrow().contains_key(&picture.key)
                || matches!(all.looked.borrow().get(&picture.key), Some(Looked::None));
            if !is_settled {
                return Some((picture, Some(file.into())));
            }
        }
    }

    fn take_local(&self, key: Key) -> Option<Blob> {
        let mut uploaded = self.thumbnails.uploaded.borrow_mut();
        let at = uploaded
            .iter()
            .position(|(picture, _)| picture.key == key)?;
        uploaded.remove(at).map(|(_, file)| file.into())
    }

    /// Looks for what is in this browser, and then for what the server has. What neither has
    /// is to be made.
    async fn look(&self, due: Vec<Picture>) {
        let kept = due
            .iter()
            .map(|one| THUMBNAILS.get_quietly(name_of(one.key)));
        let kept = join_all(kept).await;
        let mut shown = Vec::new();
        let mut rest = Vec::new();
        for (picture, file) in due.into_iter().zip(kept) {
            match file {
                Some(file) if file.size() > 0.0 => shown.push((picture.key, file.into())),
                _ => rest.push(picture),
            }
        }
        self.show(shown);
        for lot in rest.chunks(MAX_THUMBNAILS_ASKED) {
            if self.is_over() {
                return;
            }
            let all = lot.iter().copied();
            let (here, asked): (Vec<Picture>, Vec<Picture>) =
                all.partition(|one| self.has_local(one.key));
            self.to_make.borrow_mut().extend(here);
            if asked.is_empty() {
                continue;
            }
            let items: Vec<ItemId> = asked.iter().map(|one| one.key.0).collect();
            match self.api.thumbnails(&items).await {
                Ok(found) => self.take_found(asked, found).await,
                Err(failure) => asked.iter().for_each(|one| self.put_off(one, &failure)),
            }
        }
    }

    /// Fetches those that the server has.
    async fn take_found(&self, asked: Vec<Picture>, found: Vec<Thumbnail>) {
        let found = found.into_iter();
        let found: BTreeMap<Key, BlockHash> = found
            .map(|one| ((one.item, one.version), one.hash))
            .collect();
        let mut there = Vec::new();
        for picture in asked {
            match found.get(&picture.key) {
                Some(hash) => there.push((picture, *hash)),
                None => self.lacks(picture),
            }
        }
        for lot in there.chunks(FETCHED_AT_ONCE) {
            self.fetch(lot).await;
        }
    }

    /// Nobody has it. Whoever has just sent the file may be making it.
    fn lacks(&self, picture: Picture) {
        let mut looked = self.thumbnails.looked.borrow_mut();
        let waits = match looked.get(&picture.key) {
            Some(Looked::Again { waits, .. }) => *waits,
            _ => 0,
        };
        let is_fresh = clock::now_ms().abs_diff(picture.taken_at) < FRESH_MILLIS;
        if is_fresh && waits < MOST_WAITS {
            let again = Looked::Again {
                at: clock::running_ms() + PATIENCE_MILLIS,
                waits: waits + 1,
            };
            looked.insert(picture.key, again);
            return;
        }
        looked.remove(&picture.key);
        drop(looked);
        self.to_make.borrow_mut().push_back(picture);
    }

    /// It is looked for again if it was the network, and else never.
    fn put_off(&self, picture: &Picture, failure: &Failure) {
        let looked = match failure.is_passing() {
            true => Looked::Again {
                at: clock::running_ms() + AGAIN_MILLIS,
                waits: 0,
            },
            false => Looked::None,
        };
        let mut all = self.thumbnails.looked.borrow_mut();
        all.insert(picture.key, looked);
    }

    fn give_up(&self, key: Key) {
        let mut all = self.thumbnails.looked.borrow_mut();
        all.insert(key, Looked::None);
    }

    /// Fetches blocks; the server may send fewer than it was asked for.
    async fn fetch(&self, lot: &[(Picture, BlockHash)]) {
        let mut left = lot.to_vec();
        while !left.is_empty() {
            let of = match self.api.is_about_a_part() {
                true => left.iter().map(|(picture, _)| picture.key.0).collect(),
                false => Vec::new(),
            };
            let mut want: Vec<BlockHash> = left.iter().map(|(_, hash)| *hash).collect();
            want.sort();
            want.dedup();
            let fetch = Fetch {
                want,
                of,
                ..Fetch::default()
            };
            let frames = match self.api.fetch_blocks(&fetch).await {
                Ok(frames) => Uint8Array::new(&frames).to_vec(),
                Err(failure) => {
                    left.iter().for_each(|(one, _)| self.put_off(one, &failure));
                    return;
                }
            };
            let come = plain(&frames);
            let before = left.len();
            let mut shown = Vec::new();
            left.retain(|(picture, hash)| {
                let Some(bytes) = come.get(hash) else {
                    return true;
                };
                match picture_of(bytes) {
                    Some(blob) => shown.push((picture.key, blob)),
                    None => self.give_up(picture.key),
                }
                false
            });
            for (key, blob) in &shown {
                self.keep(*key, blob).await;
            }
            self.show(shown);
            if left.len() == before {
                left.iter().for_each(|(one, _)| self.give_up(one.key));
                return;
            }
        }
    }

    /// Makes one, of the file that this tab has uploaded, or of what is stored.
    async fn make(&self, picture: Picture, local: Option<Blob>) {
        if local.is_none() && agent::saves_data() {
            return self.give_up(picture.key);
        }
        let fields = match picture.is_video {
            true => self.still(&picture, local).await,
            false => self.picture(&picture, local).await,
        };
        let fields = match fields {
            Ok(Some(fields)) => fields,
            Ok(None) => return self.give_up(picture.key),
            Err(failure) => return self.put_off(&picture, &failure),
        };
        let Some(thumbnail) = self.made(fields).await else {
            return self.give_up(picture.key);
        };
        if self.is_over() {
            return;
        }
        self.keep(picture.key, &thumbnail).await;
        self.show(vec![(picture.key, thumbnail.clone())]);
        if untrack(|| self.thumbnails.drive.access()) == Access::Change {
            let (item, version) = picture.key;
            // The next browser makes it if this one's does not arrive.
            let _ = self.api.store_thumbnail(item, version, &thumbnail).await;
        }
    }

    /// The file, for the worker to decode.
    async fn picture(
        &self,
        picture: &Picture,
        local: Option<Blob>,
    ) -> Result<Option<Asked>, Failure> {
        let file = match local {
            Some(file) => file,
            None if picture.size > MOST_FETCHED_BYTES => return Ok(None),
            None => self.stored(picture).await?,
        };
        Ok(Some((("file", file.into()), Array::new())))
    }

    /// A still of the video, for the worker to make small. A player that fails does not say
    /// whether it was the network.
    async fn still(&self, video: &Picture, local: Option<Blob>) -> Result<Option<Asked>, Failure> {
        let local = local.map(|file| ObjectUrl::of(&file)).transpose()?;
        let (item, version) = video.key;
        let address = match &local {
            Some(url) => url.as_str().to_owned(),
            None => self.api.at(&paths::content(item, Some(version))),
        };
        let still = pin!(still::of(&address));
        Ok(
            match select(still, pin!(clock::sleep(STILL_MILLIS))).await {
                Either::Left((Some(still), _)) => {
                    Some((("still", still.clone().into()), Array::of1(&still)))
                }
                Either::Left((None, _)) | Either::Right(_) => None,
            },
        )
    }

    /// The file's bytes: out of the block cache, as far as they are there.
    async fn stored(&self, picture: &Picture) -> Result<Blob, Failure> {
        let (item, version) = picture.key;
        let size = picture.size;
        let means = &self.thumbnails.means;
        if means.cache.is_possible()
            && let Some(client) = self.thumbnails.current.client()
        {
            let content = FileContent {
                item,
                version,
                size,
            };
            let done = RwSignal::new(0);
            let composed = (means.downloads)(client, content, done).await;
            match composed.map_err(Failure::from)?.await {
                Ok(file) => return Ok(file),
                Err(NotComposed::Server(failure)) => return Err(failure),
                // The browser fetches it past the cache.
                Err(NotComposed::Cache(_) | NotComposed::Damaged) => {}
            }
        }
        let address = self.api.at(&paths::content(item, Some(version)));
        self.api.span(&address, 0..size).await
    }

    /// `None`: the browser can't, or it takes too long.
    async fn made(&self, (field, lent): Asked) -> Option<Blob> {
        let worker = match self.worker.borrow().clone() {
            Some(worker) if !worker.is_broken() => Some(worker),
            _ => None,
        };
        let worker = match worker {
            Some(worker) => worker,
            None => {
                let worker = Rc::new(WorkerLink::launch(PROGRAM).await.ok()?);
                *self.worker.borrow_mut() = Some(worker.clone());
                worker
            }
        };
        let fields = [field];
        let asked = pin!(worker.ask(&fields, &lent));
        let said = match select(asked, pin!(clock::sleep(MOST_MILLIS))).await {
            Either::Left((said, _)) => said.ok()?,
            Either::Right(_) => {
                // It ends with whoever waits for it, and the next one gets another.
                self.worker.take();
                return None;
            }
        };
        let blob = js::get(&said, "blob").dyn_into::<Blob>().ok()?;
        (blob.size() > 0.0).then_some(blob)
    }

    fn show(&self, shown: Vec<(Key, Blob)>) {
        if shown.is_empty() || self.is_over() {
            return;
        }
        let all = self.thumbnails;
        let mut urls = all.urls.borrow_mut();
        let mut added = Vec::new();
        for (key, blob) in shown {
            // Whatever a file says of itself, the browser is told that it is a picture.
            let typed =
                blob.slice_with_f64_and_f64_and_content_type(0.0, blob.size(), "image/webp");
            if let Some(url) = typed.ok().and_then(|blob| ObjectUrl::of(&blob).ok()) {
                added.push((key, url.as_str().to_owned()));
                urls.insert(key, url);
                all.looked.borrow_mut().remove(&key);
            }
        }
        let mut gone = Vec::new();
        if urls.len() > MOST_SHOWN {
            let wanted = all.wanted.borrow();
            gone.extend(urls.keys().filter(|key| !wanted.contains_key(key)).copied());
            urls.retain(|key, _| wanted.contains_key(key));
        }
        drop(urls);
        all.drive.thumbnails.update(|shown| {
            shown.extend(added);
            shown.retain(|key, _| !gone.contains(key));
        });
    }

    /// Keeps it in this browser, for the next time. Where that fails, it is asked for again.
    async fn keep(&self, key: Key, thumbnail: &Blob) {
        if self.is_over() {
            return;
        }
        let name = name_of(key);
        let Ok(file) = js::file_of(thumbnail, &name) else {
            return;
        };
        let _ = THUMBNAILS.put(&name, &file).await;
        let new = self.new.get() + 1;
        self.new.set(new);
        if new % KEPT_BETWEEN_LOOKS == 1 {
            THUMBNAILS.keep_newest(MOST_KEPT).await;
        }
    }
}

/// What it is called where the browser keeps it.
fn name_of((item, version): Key) -> String {
    format!("{item}-{version}")
}

/// The bytes of each block. Thumbnails are no patches of anything.
fn plain(frames: &[u8]) -> BTreeMap<BlockHash, Vec<u8>> {
    let frames = frame::parse(frames).unwrap_or_default().into_iter();
    let plain = frames.filter_map(|frame| {
        let bytes = match frame.content {
            Payload::Plain(bytes) => bytes.to_vec(),
            Payload::Lz4 { .. } => frame::read_lz4(frame.payload).ok()?,
            Payload::Patch { .. } => return None,
        };
        Some((frame.hash, bytes))
    });
    plain.collect()
}

/// `None` for what is no picture: it is not shown, whatever it is.
fn picture_of(bytes: &[u8]) -> Option<Blob> {
    content_type(bytes)?;
    let parts = Array::of1(&Uint8Array::from(bytes));
    Blob::new_with_u8_array_sequence(&parts).ok()
}
