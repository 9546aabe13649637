//! The entries of a zip in their order. What it takes is fetched for a few
//! megabytes of them at a time, so small files share requests, and a large one
//! is never in memory.

use super::fetch::{BlockOfFile, fetch};
use super::making::Making;
use super::words;
use crate::archive::plan::{FileContent, Omitted, Plan, ZipEntry};
use crate::driver::current::Current;
use crate::refusals::InWords;
use crate::state::downloads::Download;
use crate::words::t;
use blocks::hash::BlockHash;
use blocks::manifest::BlockRef;
use futures_util::StreamExt;
use futures_util::stream;
use leptos::prelude::Update;
use platform::browser::clock;
use platform::failure::Failure;
use protocol::problem::{Problem, Retry};
use std::collections::{HashMap, HashSet};
use std::mem;
use std::pin::pin;
use std::rc::Rc;
use workers::cache::Cache;
use workers::cache::index::CachedBlock;

/// Files whose block lists are asked for at one time.
const LISTS_AT_ONCE: usize = 6;

/// Bytes of the blocks that are fetched together; the worker holds them.
const WINDOW_BYTES: u64 = 12 << 20;
/// Entries in it, at most.
const WINDOW_PARTS: usize = 1_000;

/// How often blocks that were said to be here may turn out not to be.
const MAX_EMPTY: u32 = 8;

/// What became of a zip.
pub struct Ended {
    /// How many are in it.
    pub files: usize,
    pub omitted: Vec<Omitted>,
}

pub struct ZipJob<'a> {
    current: Current,
    cache: Rc<Cache>,
    plan: &'a Plan,
    download: &'a Download,
    making: Making,
    /// Blocks in the worker's hands.
    fed: HashSet<BlockHash>,
    /// Blocks in the zip.
    written: HashSet<BlockHash>,
    places: HashMap<BlockHash, CachedBlock>,
    lost: HashSet<BlockHash>,
    omitted: Vec<Omitted>,
    /// The files among these.
    given_up: HashSet<FileContent>,
    files: usize,
    /// Blocks that are in the zip only by the file that is being written.
    new_in_file: Vec<BlockHash>,
    last: Option<LastFiles<'a>>,
}

/// The files of words at the end of a zip, each with its path, once it is known what could not
/// be had. Without, it is one that says so, if something is missing.
pub type LastFiles<'a> = &'a dyn Fn(&[Omitted]) -> Vec<(String, String)>;

/// Some of a file's blocks, or a folder.
struct Part<'a> {
    entry: &'a ZipEntry,
    is_first: bool,
    is_last: bool,
    blocks: Vec<BlockRef>,
}

impl Part<'_> {
    /// Some of its blocks, as they are asked for.
    fn wanted(&self, blocks: &[BlockRef]) -> Vec<BlockOfFile> {
        let file = self.entry.file.map(|content| content.item);
        let wanted = |&block: &BlockRef| file.map(|file| BlockOfFile { block, file });
        blocks.iter().filter_map(wanted).collect()
    }
}

impl<'a> ZipJob<'a> {
    pub fn new(
        current: Current,
        cache: Rc<Cache>,
        (plan, download): (&'a Plan, &'a Download),
        zip: u64,
        last: Option<LastFiles<'a>>,
    ) -> Self {
        let making = Making::new(cache.clone(), zip);
        Self {
            current,
            cache,
            plan,
            download,
            making,
            fed: HashSet::new(),
            written: HashSet::new(),
            places: HashMap::new(),
            lost: HashSet::new(),
            omitted: plan.omitted.clone(),
            given_up: HashSet::new(),
            files: 0,
            new_in_file: Vec::new(),
            last,
        }
    }

    /// Makes the whole zip.
    ///
    /// # Errors
    /// It was not made, and nothing is left of it.
    pub async fn run(mut self) -> Result<Ended, Failure> {
        self.making.open().await?;
        let current = &self.current.clone();
        let lists = stream::iter(&self.plan.entries)
            .map(|entry| async move { (entry, list(current, entry).await) })
            .buffered(LISTS_AT_ONCE);
        let mut lists = pin!(lists);
        let (mut window, mut bytes) = (Vec::new(), 0);
        while let Some((entry, list)) = lists.next().await {
            let list = match list {
                Ok(list) => list,
                Err(failure) if ends_all(&failure) => return Err(failure),
                Err(failure) => {
                    self.omit(entry, failure.in_words());
                    continue;
                }
            };
            let mut part = Part {
                entry,
                is_first: true,
                is_last: false,
                blocks: Vec::new(),
            };
            for block in list {
                let length = u64::from(block.length);
                if bytes > 0 && bytes + length > WINDOW_BYTES {
                    let blocks = mem::take(&mut part.blocks);
                    window.push(Part { blocks, ..part });
                    part.is_first = false;
                    self.write(mem::take(&mut window)).await?;
                    bytes = 0;
                }
                bytes += length;
                part.blocks.push(block);
            }
            part.is_last = true;
            window.push(part);
            if window.len() == WINDOW_PARTS {
                self.write(mem::take(&mut window)).await?;
                bytes = 0;
            }
        }
        self.write(window).await?;
        self.end().await
    }

    async fn end(self) -> Result<Ended, Failure> {
        let Self { files, omitted, .. } = &self;
        let last = match self.last {
            Some(last) => last(omitted),
            None if omitted.is_empty() => Vec::new(),
            None if *files == 0 => return Err(Failure::Device(words::nothing(omitted))),
            None => vec![words::file_of_omitted(self.plan, omitted)],
        };
        for (path, text) in last {
            self.making.text(&path, clock::now_ms(), &text).await?;
        }
        self.making.close().await?;
        Ok(Ended {
            files: self.files,
            omitted: self.omitted,
        })
    }

    async fn write(&mut self, window: Vec<Part<'_>>) -> Result<(), Failure> {
        let all = window.iter().flat_map(|part| part.wanted(&part.blocks));
        let all: Vec<BlockOfFile> = all.collect();
        self.provide(&all).await?;
        for part in &window {
            match part.entry.file {
                Some(content) if self.given_up.contains(&content) => {}
                Some(_) => self.write_part(part).await?,
                None => self.making.begin(part.entry).await?,
            }
        }
        self.making.let_go().await?;
        self.fed.clear();
        self.places.clear();
        Ok(())
    }

    async fn write_part(&mut self, part: &Part<'_>) -> Result<(), Failure> {
        if part.is_first {
            self.making.begin(part.entry).await?;
            self.new_in_file.clear();
        }
        let mut rest = part.blocks.as_slice();
        let mut empty = 0;
        while !rest.is_empty() {
            if rest.iter().any(|block| self.lost.contains(&block.hash)) {
                return self.take_back(part.entry).await;
            }
            let places = rest.iter().filter_map(|block| self.places.get(&block.hash));
            let places: Vec<CachedBlock> = places.copied().collect();
            let count = self.making.append(rest, &places).await?;
            let (appended, left) = rest.split_at(count.min(rest.len()));
            for block in appended {
                if self.written.insert(block.hash) {
                    self.new_in_file.push(block.hash);
                }
            }
            let bytes: u64 = appended.iter().map(|block| u64::from(block.length)).sum();
            self.download.done.update(|done| *done += bytes);
            rest = left;
            if !rest.is_empty() {
                // The cache does not have what its list says.
                empty += 1;
                if empty > MAX_EMPTY {
                    let why = t("it loses what it keeps for this page").to_owned();
                    return Err(Failure::Device(why));
                }
                self.places.clear();
                self.provide(&part.wanted(rest)).await?;
            }
        }
        if part.is_last {
            self.files += 1;
            if let Some(files) = self.download.files {
                files.done.update(|done| *done += 1);
            }
        }
        Ok(())
    }

    async fn take_back(&mut self, entry: &ZipEntry) -> Result<(), Failure> {
        self.making.take_back().await?;
        for hash in self.new_in_file.drain(..) {
            self.written.remove(&hash);
        }
        self.omit(entry, t(words::DAMAGED).to_owned());
        Ok(())
    }

    fn omit(&mut self, entry: &ZipEntry, why: String) {
        self.given_up.extend(entry.file);
        self.omitted.push(Omitted {
            path: entry.path.clone(),
            why,
        });
    }

    /// Finds or fetches what these blocks need, as far as it is to be had.
    async fn provide(&mut self, all: &[BlockOfFile]) -> Result<(), Failure> {
        let mut known = HashSet::new();
        let mut wanted: Vec<BlockOfFile> = all
            .iter()
            .filter(|BlockOfFile { block, .. }| {
                let hash = &block.hash;
                let is_here = self.fed.contains(hash)
                    || self.written.contains(hash)
                    || self.places.contains_key(hash)
                    || self.lost.contains(hash);
                !is_here && known.insert(*hash)
            })
            .copied()
            .collect();
        if wanted.is_empty() {
            return Ok(());
        }
        // The cache is of whoever is signed in. Without it, everything is fetched.
        if self.current.api().user().is_some() {
            let hashes = wanted.iter().map(|wanted| wanted.block.hash);
            let places = self.cache.find(hashes).await.unwrap_or_default();
            let places = places.into_iter().map(|place| (place.block.hash, place));
            self.places.extend(places);
        }
        wanted.retain(|wanted| !self.places.contains_key(&wanted.block.hash));
        let fetched = fetch(&self.current, &self.making, wanted).await?;
        self.fed.extend(fetched.here);
        self.lost.extend(fetched.lost);
        Ok(())
    }
}

async fn list(current: &Current, entry: &ZipEntry) -> Result<Vec<BlockRef>, Failure> {
    match entry.file {
        Some(FileContent {
            item,
            version,
            size,
        }) if size > 0 => {
            let api = current.api();
            let listed = async || match current.client() {
                Some(client) => client.lists().look(item, version).await,
                // A visitor keeps no lists.
                None if api.is_somebodys() => Ok(api.manifest(item, version).await?.blocks),
                None => Err(Failure::Cancelled),
            };
            current.patiently(listed).await
        }
        _ => Ok(Vec::new()),
    }
}

/// What keeps every file from its place, and not only one.
fn ends_all(failure: &Failure) -> bool {
    let Failure::Refused(problem) = failure else {
        return true;
    };
    let is_of_all = matches!(
        problem,
        Problem::NoSuchLink | Problem::LinkPassword | Problem::DownloadsCounted
    );
    is_of_all || problem.retry() == Retry::SignIn || failure.is_passing()
}
