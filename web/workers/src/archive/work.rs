//! Writes zips, in the block worker. A message is `{ask: "zip", zip, step, …}`,
//! where `zip` is the number of one; packed lists are as in [`crate::cache::wire`].
//!
//! | step | answer |
//! | --- | --- |
//! | `open` | `{}`: an empty zip |
//! | `folder`, `path`, `at` | `{}`: one more entry, changed at that time |
//! | `file`, `path`, `at`, `size` | `{}`: and a file's beginning |
//! | `feed`, `body` | `{kept, wrong}`: blocks of an answer's frames, held until they are let go of |
//! | `append`, `blocks`, `places` | `{appended, damaged}`: so many of these blocks are the file's next; from what was fed, from the zip itself or from the cache |
//! | `takeBack` | `{}`: the file that was begun last is not in the zip |
//! | `letGo` | `{}`: of what was fed |
//! | `text`, `path`, `at`, `text` | `{}`: a file of these words |
//! | `close` | `{bytes}`: it is whole, and in the folder of zips by its number |
//! | `abandon` | `{}`: there is no such zip any more |
//!
//! An answer may be `full`: the disk is; or `failed`, a text.

use super::writer::{Changed, LocalTime, Writer};
use crate::cache::index::{BundleId, CachedBlock};
use crate::cache::wire::{self, Fields};
use crate::cache::work::{BlockSource, read_each};
use blocks::frame::{Payload, parse, read_lz4};
use blocks::hash::BlockHash;
use blocks::manifest::BlockRef;
use blocks::number::FileTime;
use js_sys::{Date, Uint8Array};
use platform::browser::js;
use platform::browser::opfs::{NotWritten, Output, ZIPS};
use platform::failure::refused;
use platform::packed::{pack, unpack};
use std::cell::RefCell;
use std::collections::{BTreeSet, HashMap};
use std::io;
use wasm_bindgen::{JsCast, JsValue};
use zip::result::ZipError;

thread_local! {
    /// The zips that are being made; none stands for one that a step works on.
    static OPEN: RefCell<HashMap<u64, Option<Open>>> = RefCell::default();
}

struct Open {
    writer: Writer<Output>,
    /// Blocks of the server, verified.
    fed: HashMap<BlockHash, Vec<u8>>,
    /// Where blocks are in the zip: one that comes often is fetched once.
    written: HashMap<BlockHash, u64>,
    /// Where the bytes of the file begin that was begun last.
    file_at: u64,
}

/// `None` for a message that is not one of this page's.
pub async fn step(message: &JsValue) -> Option<Fields> {
    let id = js::get_number(message, "zip")? as u64;
    let step = js::get_text(message, "step")?;
    Some(match step.as_str() {
        "open" => outcome(open(id).await.map(|()| Vec::new())),
        "abandon" => {
            match OPEN.with_borrow_mut(|open| open.remove(&id)) {
                // The step that works on it finds that out.
                Some(None) => {}
                open => discard(open.flatten(), id).await,
            }
            Vec::new()
        }
        "close" => {
            let open = OPEN.with_borrow_mut(|open| open.remove(&id))??;
            outcome(open.close().map(|bytes| vec![("bytes", number(bytes))]))
        }
        step => {
            // Nobody else has it while this step waits for bytes.
            let mut open = OPEN.with_borrow_mut(|open| open.get_mut(&id)?.take())?;
            let fields = open.step(step, message).await;
            let left = OPEN.with_borrow_mut(|all| match all.get_mut(&id) {
                Some(place) => {
                    *place = Some(open);
                    None
                }
                None => Some(open),
            });
            if left.is_some() {
                discard(left, id).await;
            }
            fields?
        }
    })
}

async fn open(id: u64) -> Result<(), NotWritten> {
    let open = Open {
        writer: Writer::new(ZIPS.output(&id.to_string()).await?),
        fed: HashMap::new(),
        written: HashMap::new(),
        file_at: 0,
    };
    OPEN.with_borrow_mut(|all| all.insert(id, Some(open)));
    Ok(())
}

impl Open {
    async fn step(&mut self, step: &str, message: &JsValue) -> Option<Fields> {
        let path = || js::get_text(message, "path");
        let at = || Some(changed(js::get_number(message, "at")?));
        let packed = |name| {
            let list: Uint8Array = js::get(message, name).dyn_into().ok()?;
            Some(list.to_vec())
        };
        let done = |done: Result<(), ZipError>| outcome(done.map_err(not_written).map(|()| vec![]));
        Some(match step {
            "folder" => done(self.writer.folder(&path()?, at()?)),
            "file" => {
                let size = js::get_number(message, "size")? as u64;
                let begun = self.writer.file(&path()?, size, at()?);
                self.file_at = self.position();
                done(begun)
            }
            "feed" => self.feed(&packed("body")?),
            "append" => {
                let places = wire::unpack_places(&packed("places")?)?;
                outcome(self.append(&unpack(&packed("blocks")?)?, &places).await)
            }
            "takeBack" => {
                let from = self.file_at;
                self.written.retain(|_, at| *at < from);
                done(self.writer.take_back())
            }
            "letGo" => {
                self.fed.clear();
                Vec::new()
            }
            "text" => {
                let text = js::get_text(message, "text")?;
                let begun = self.writer.file(&path()?, text.len() as u64, at()?);
                done(begun.and_then(|()| Ok(self.writer.append(text.as_bytes())?)))
            }
            _ => return None,
        })
    }

    fn feed(&mut self, body: &[u8]) -> Fields {
        let mut kept = Vec::new();
        let mut wrong = Vec::new();
        for frame in parse(body).unwrap_or_default() {
            let plain = match &frame.content {
                Payload::Plain(bytes) => Some(bytes.to_vec()),
                Payload::Lz4 { .. } => read_lz4(frame.payload).ok(),
                // Nobody asked for one.
                Payload::Patch { .. } => None,
            };
            let (hash, plain) = (frame.hash, plain.unwrap_or_default());
            let length = plain.len() as u32;
            if length > 0 && BlockHash::of(&plain) == hash {
                kept.push(BlockRef { hash, length });
                self.fed.insert(hash, plain);
            } else {
                wrong.push(BlockRef { hash, length });
            }
        }
        vec![
            ("kept", packed(&pack(&kept))),
            ("wrong", packed(&pack(&wrong))),
        ]
    }

    /// Appends as many of these blocks as are to be had.
    async fn append(
        &mut self,
        blocks: &[BlockRef],
        places: &[CachedBlock],
    ) -> Result<Fields, NotWritten> {
        let places: HashMap<BlockHash, CachedBlock> = places
            .iter()
            .map(|place| (place.block.hash, *place))
            .collect();
        let mut damaged: BTreeSet<BundleId> = BTreeSet::new();
        let mut appended = 0;
        while let Some(block) = blocks.get(appended) {
            if let Some(bytes) = self.here(block) {
                self.put(block.hash, &bytes)?;
                appended += 1;
                continue;
            }
            // As far as they are in the cache and come for the first time, they are
            // read together.
            let from_cache = blocks[appended..]
                .iter()
                .map_while(|block| places.get(&block.hash).filter(|_| !self.has(block)));
            let from_cache: Vec<CachedBlock> = from_cache.copied().collect();
            let mut failed = None;
            let before = appended;
            read_each(&BlockSource::Cache, &from_cache, |place, bytes| {
                if failed.is_some() || !damaged.is_empty() {
                    return;
                }
                match bytes.map(|bytes| self.put(place.block.hash, bytes)) {
                    Some(Ok(())) => appended += 1,
                    Some(Err(error)) => failed = Some(error),
                    None => {
                        damaged.insert(place.bundle);
                    }
                }
            })
            .await;
            if let Some(failed) = failed {
                return Err(failed.into());
            }
            if appended == before {
                break;
            }
        }
        Ok(vec![
            ("appended", number(appended as u64)),
            ("damaged", packed(&wire::pack_ids(damaged))),
        ])
    }

    fn has(&self, block: &BlockRef) -> bool {
        self.fed.contains_key(&block.hash) || self.written.contains_key(&block.hash)
    }

    /// A block's bytes, as they were fed or from the zip.
    fn here(&self, block: &BlockRef) -> Option<Vec<u8>> {
        if let Some(bytes) = self.fed.get(&block.hash) {
            return Some(bytes.clone());
        }
        let at = *self.written.get(&block.hash)?;
        let bytes = self.writer.out()?.read_at(at, block.length as usize)?;
        (BlockHash::of(&bytes) == block.hash).then_some(bytes)
    }

    fn put(&mut self, hash: BlockHash, bytes: &[u8]) -> io::Result<()> {
        let at = self.position();
        self.writer.append(bytes)?;
        self.written.entry(hash).or_insert(at);
        Ok(())
    }

    fn position(&self) -> u64 {
        self.writer.out().map_or(0, Output::position)
    }

    fn close(self) -> Result<u64, NotWritten> {
        self.writer.finish().map_err(not_written)?.finish()
    }
}

async fn discard(open: Option<Open>, id: u64) {
    // Closes the file.
    drop(open);
    let _ = ZIPS.remove(&id.to_string()).await;
}

/// A moment, and what the clock on this computer's wall says then.
fn changed(at_ms: f64) -> Changed {
    let date = Date::new(&JsValue::from_f64(at_ms));
    let local = LocalTime {
        // Years that a `Date` can't have are far beyond those that a zip can.
        year: match date.get_time().is_nan() {
            true => i32::MAX,
            false => date.get_full_year().cast_signed(),
        },
        month: (date.get_month() + 1) as u8,
        day: date.get_date() as u8,
        hour: date.get_hours() as u8,
        minute: date.get_minutes() as u8,
        second: date.get_seconds() as u8,
    };
    Changed {
        at: FileTime::nearest_to(at_ms),
        local,
    }
}

fn not_written(error: ZipError) -> NotWritten {
    match error {
        ZipError::Io(error) => error.into(),
        other => NotWritten::Failed(refused(other.to_string())),
    }
}

fn outcome(done: Result<Fields, NotWritten>) -> Fields {
    match done {
        Ok(fields) => fields,
        Err(NotWritten::Full) => vec![("full", JsValue::TRUE)],
        Err(NotWritten::Failed(failure)) => vec![("failed", failure.to_string().into())],
    }
}

fn number(number: u64) -> JsValue {
    JsValue::from_f64(number as f64)
}

fn packed(bytes: &[u8]) -> JsValue {
    Uint8Array::from(bytes).into()
}
