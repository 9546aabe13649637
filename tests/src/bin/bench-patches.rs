//! What an edit costs as patches: two versions of a file are cut into blocks, each
//! new block becomes a frame against the old ones, and each frame is applied and
//! compared. Then the same with signatures in place of the old bytes, and by what deflate
//! streams hold, where the files have some.
//!
//!     cargo run --release -p driftless-tests --bin bench-patches -- old new

use blocks::chunk::SizeClass;
use blocks::frame::{FRAME_HEADER_BYTES, parse, small_frame};
use blocks::frame::{lz4_payload, patch_payload};
use blocks::hash::BlockHash;
use blocks::limits::{MAX_PACK_BASES, MAX_PACK_PLAIN_BYTES};
use blocks::manifest::{BlockRef, Manifest};
use blocks::patch::{
    Base, BaseRun, Batch, Documents, Patch, Samples, Signature, SignedBase, apply, base_runs,
    first_sub_block_bytes,
};
use blocks::solid;
use std::collections::{HashMap, HashSet};
use std::ops::Range;
use std::time::{Duration, Instant};

fn main() {
    let mut files = std::env::args().skip(1);
    let mut next = || {
        let path = files
            .next()
            .expect("two files: the old one and the new one");
        File::read(&path)
    };
    let (old, new) = (next(), next());
    let runs = base_runs(&old.blocks, &new.blocks);
    println!("{} of {} blocks are new", runs.len(), new.blocks.len());
    with_bytes(&old, &new, &runs).print("patches");
    searched(&old, &new, &runs).print("patches of what was searched for in the whole file");
    if let Some(cost) = by_streams(&old, &new, &runs) {
        cost.print("patches by the symbols of streams");
    }
    with_signatures(&old, &new, &runs).print("patches by signatures");
    let whole: Vec<BaseRun> = runs.iter().map(|run| of_all(run, &old)).collect();
    with_signatures(&old, &new, &whole).print("patches by the signatures of the whole file");
    as_lz4(&new, &runs).print("blocks, as LZ4 where it pays");
}

/// A file and its blocks.
struct File {
    bytes: Vec<u8>,
    blocks: Vec<BlockRef>,
    places: Vec<Range<usize>>,
}

impl File {
    fn read(path: &str) -> Self {
        let bytes = std::fs::read(path).expect("a file");
        let class = SizeClass::for_size(bytes.len() as u64);
        let blocks = Manifest::of(&bytes, class, 0).blocks;
        let mut end = 0;
        let place = |block: &BlockRef| {
            let start = end;
            end += block.length as usize;
            start..end
        };
        Self {
            places: blocks.iter().map(place).collect(),
            bytes,
            blocks,
        }
    }

    fn block(&self, index: usize) -> &[u8] {
        &self.bytes[self.places[index].clone()]
    }
}

#[derive(Default)]
struct Cost {
    up_bytes: usize,
    down_bytes: usize,
    plain_bytes: usize,
    making: Duration,
    applying: Duration,
}

impl Cost {
    /// Counts a block as a frame, whichever is shorter.
    fn send(&mut self, block: &[u8], patch: Option<&Patch>) {
        let whole = lz4_payload(block).map_or(block.len(), |payload| payload.len());
        let patch = patch.map(|patch| patch_payload(block.len() as u32, patch).len());
        let payload = patch.map_or(whole, |patch| patch.min(whole));
        self.up_bytes += FRAME_HEADER_BYTES + payload;
        self.plain_bytes += block.len();
    }

    fn print(&self, what: &str) {
        let speed = |time: Duration| self.plain_bytes as f64 / time.as_secs_f64() / 1e6;
        print!("{what}: {} bytes up", self.up_bytes);
        if self.down_bytes > 0 {
            print!(", {} bytes of signatures down", self.down_bytes);
        }
        print!(", made at {:.0} MB/s", speed(self.making));
        if !self.applying.is_zero() {
            print!(", applied at {:.0} MB/s", speed(self.applying));
        }
        println!();
    }
}

fn with_bytes(old: &File, new: &File, runs: &[BaseRun]) -> Cost {
    let mut cost = Cost::default();
    let index =
        |run: &Range<usize>| Base::of(run.clone().map(|i| (old.blocks[i].hash, old.block(i))));
    patches(old, new, runs, &mut cost, index, |base, block| {
        base.patch(block)
    });
    cost
}

/// The same block, compared with all of the old ones.
fn of_all(run: &BaseRun, old: &File) -> BaseRun {
    BaseRun {
        block: run.block,
        base: 0..old.blocks.len(),
    }
}

/// As the block worker does it: blocks whose patch against what they replaced is large are
/// compared with what a search of the whole file finds.
fn searched(old: &File, new: &File, runs: &[BaseRun]) -> Cost {
    let known: HashMap<BlockHash, usize> = (0..old.blocks.len())
        .map(|i| (old.blocks[i].hash, i))
        .collect();
    let mut cost = Cost::default();
    let start = Instant::now();
    let mut frames = Vec::new();
    for same_base in runs.chunk_by(|one, other| one.base == other.base) {
        let base = same_base[0].base.clone();
        let base = Base::of(base.map(|i| (old.blocks[i].hash, old.block(i))));
        for run in same_base {
            let block = new.block(run.block);
            frames.push((block, base.patch(block)));
        }
    }
    let is_large =
        |(block, patch): &&mut (&[u8], Patch)| patch.delta.len() > block.len() / LARGE_DIVISOR;
    let mut large: Vec<&mut (&[u8], Patch)> = frames.iter_mut().filter(is_large).collect();
    if !large.is_empty() {
        let mut samples = Samples::of(old.bytes.len() as u64);
        for (number, block) in old.blocks.iter().enumerate() {
            samples.add(*block, old.block(number));
        }
        let search = samples.index();
        for Batch { targets, base } in search.batches(large.iter().map(|(block, _)| *block)) {
            let of = base
                .iter()
                .map(|block| (block.hash, old.block(known[&block.hash])));
            let base = Base::of(of);
            for (block, patch) in large[targets].iter_mut().map(|one| &mut **one) {
                let found = base.patch(block);
                if found.delta.len() + 32 * found.bases.len()
                    < patch.delta.len() + 32 * patch.bases.len()
                {
                    *patch = found;
                }
            }
        }
    }
    cost.making = start.elapsed();
    as_solid(&frames);
    for (block, patch) in &frames {
        let named: Vec<&[u8]> = patch
            .bases
            .iter()
            .map(|hash| old.block(known[hash]))
            .collect();
        let start = Instant::now();
        let made = apply(&named, &patch.delta, block.len());
        cost.applying += start.elapsed();
        assert!(made.as_deref() == Ok(*block), "another block");
        cost.send(block, Some(patch));
    }
    cost
}

fn by_streams(old: &File, new: &File, runs: &[BaseRun]) -> Option<Cost> {
    let known: HashMap<BlockHash, usize> = (0..old.blocks.len())
        .map(|i| (old.blocks[i].hash, i))
        .collect();
    let mut cost = Cost::default();
    let start = Instant::now();
    let base = (0..old.blocks.len()).map(|i| (old.blocks[i].hash, old.block(i)));
    let documents = Documents::of(base, new.bytes.clone())?;
    cost.making = start.elapsed();
    for run in runs {
        let block = new.block(run.block);
        let start = Instant::now();
        let patch = documents.patch(new.places[run.block].clone());
        cost.making += start.elapsed();
        cost.send(block, patch.as_ref());
        let Some(patch) = patch else {
            continue;
        };
        let named = patch.bases.iter().map(|hash| old.block(known[hash]));
        let named: Vec<&[u8]> = named.collect();
        let start = Instant::now();
        let made = apply(&named, &patch.delta, block.len());
        cost.applying += start.elapsed();
        assert!(made.as_deref() == Ok(block), "another block");
    }
    Some(cost)
}

/// What the same takes as solid bodies, a request each. Those of signatures differ little.
fn as_solid(frames: &[(&[u8], Patch)]) {
    let mut requests: Vec<Vec<Vec<u8>>> = vec![Vec::new()];
    let (mut bases, mut plain_bytes) = (HashSet::new(), 0);
    for (block, patch) in frames {
        let frame = small_frame(BlockHash::of(block), block, Some(patch.clone()));
        let Some(frame) = frame else {
            continue;
        };
        bases.extend(frame.bases.iter().copied());
        plain_bytes += block.len();
        if bases.len() > MAX_PACK_BASES || plain_bytes > MAX_PACK_PLAIN_BYTES {
            requests.push(Vec::new());
            bases = frame.bases.iter().copied().collect();
            plain_bytes = block.len();
        }
        if let Some(last) = requests.last_mut() {
            last.push(frame.bytes);
        }
    }
    let start = Instant::now();
    let (mut framed, mut solid_bytes) = (0, 0);
    for request in &requests {
        let parsed: Vec<_> = request
            .iter()
            .map(|frame| parse(frame).expect("a frame").remove(0))
            .collect();
        let is_patch = |frame: &blocks::frame::Frame<'_>| {
            matches!(frame.content, blocks::frame::Payload::Patch { .. })
        };
        let patches: Vec<_> = parsed
            .iter()
            .map(|frame| is_patch(frame).then(|| frame.clone()))
            .collect();
        let whole: usize = request.iter().map(Vec::len).sum();
        let rest = request.iter().zip(&patches);
        let rest: usize = rest
            .filter_map(|(frame, patch)| patch.is_none().then_some(frame.len()))
            .sum();
        framed += whole;
        solid_bytes += solid::beginning(&patches).map_or(whole, |body| {
            solid::Solid::read(&body).expect("a solid body");
            body.len() + rest
        });
    }
    println!(
        "as solid bodies: {solid_bytes} bytes up in {} requests, where frames have {framed}; written and read in {:?}",
        requests.len(),
        start.elapsed()
    );
}

/// See `SMALL_PATCH_DIVISOR` of `web/workers/src/cache/work.rs`.
const LARGE_DIVISOR: usize = 16;

fn with_signatures(old: &File, new: &File, runs: &[BaseRun]) -> Cost {
    // The server makes them, and each once.
    let mut signed = HashMap::new();
    let mut down_bytes = 0;
    for i in runs.iter().flat_map(|run| run.base.clone()) {
        signed.entry(i).or_insert_with(|| {
            let first = first_sub_block_bytes(old.places[i].start as u64);
            let signature = Signature::of(old.blocks[i].hash, old.block(i), first);
            let signature = signature.expect("a signature");
            let mut bytes = Vec::new();
            signature.write(&mut bytes);
            down_bytes += bytes.len();
            signature
        });
    }
    let mut cost = Cost {
        down_bytes,
        ..Cost::default()
    };
    let index = |run: &Range<usize>| {
        let signatures: Vec<Signature> = run.clone().map(|i| signed[&i].clone()).collect();
        SignedBase::of(&signatures)
    };
    patches(old, new, runs, &mut cost, index, |base, block| {
        base.patch(block)
    });
    cost
}

fn patches<B>(
    old: &File,
    new: &File,
    runs: &[BaseRun],
    cost: &mut Cost,
    index: impl Fn(&Range<usize>) -> B,
    patch: impl Fn(&B, &[u8]) -> Patch,
) {
    let known: HashMap<BlockHash, usize> = (0..old.blocks.len())
        .map(|i| (old.blocks[i].hash, i))
        .collect();
    for same_base in runs.chunk_by(|one, other| one.base == other.base) {
        let start = Instant::now();
        let base = index(&same_base[0].base);
        cost.making += start.elapsed();
        for run in same_base {
            let block = new.block(run.block);
            let start = Instant::now();
            let patch = patch(&base, block);
            cost.making += start.elapsed();
            cost.send(block, Some(&patch));
            let named = patch.bases.iter().map(|hash| old.block(known[hash]));
            let named: Vec<&[u8]> = named.collect();
            let start = Instant::now();
            let made = apply(&named, &patch.delta, block.len());
            cost.applying += start.elapsed();
            assert!(made.as_deref() == Ok(block), "another block");
        }
    }
}

fn as_lz4(new: &File, runs: &[BaseRun]) -> Cost {
    let mut cost = Cost::default();
    let start = Instant::now();
    for run in runs {
        cost.send(new.block(run.block), None);
    }
    cost.making = start.elapsed();
    cost
}
