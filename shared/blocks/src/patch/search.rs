//! Finds the old blocks that a new block has bytes of, wherever in a file they stand.
//!
//! Windows of [`WINDOW`] bytes are sampled by their content: of all windows, those whose
//! hash ends in zeros. The same bytes give the same samples wherever they are, so what
//! moved is found without comparing any bytes. The index has at most about
//! [`MOST_SAMPLES`], whatever the file's size; a larger file is sampled more sparsely.

use crate::limits::{MAX_PACK_BASE_BYTES, MAX_PATCH_BASES};
use crate::manifest::BlockRef;
use fastcdc::v2020::get_gear_with_seed;
use std::collections::{BTreeSet, HashMap};
use std::ops::Range;

/// The bytes of a window. The lower 48 bits of a gear hash are made of so many bytes.
const WINDOW: usize = 48;
/// At least one of so many windows is sampled, as a power of two.
const MIN_SAMPLE_BITS: u32 = 7;
/// About the most windows that an index has: 16 MB of them.
const MOST_SAMPLES: u64 = 1 << 20;
/// Blocks that are tried for a window that many have, as pages of zeros.
const MOST_TRIED: usize = 8;

/// Samples of old blocks, while they are taken.
pub struct Samples {
    sampler: Sampler,
    blocks: Vec<BlockRef>,
    samples: Vec<Sample>,
}

/// A window's hash, and the number of the block that it is in.
type Sample = (u64, u32);

impl Samples {
    /// For old blocks of so many bytes together.
    pub fn of(old_bytes: u64) -> Self {
        Self {
            sampler: Sampler::new(old_bytes),
            blocks: Vec::new(),
            samples: Vec::new(),
        }
    }

    /// Takes the samples of an old block.
    pub fn add(&mut self, block: BlockRef, bytes: &[u8]) {
        let number = self.blocks.len() as u32;
        self.blocks.push(block);
        let hashes = self.sampler.hashes(bytes);
        self.samples.extend(hashes.map(|hash| (hash, number)));
    }

    /// Makes them searchable.
    pub fn index(mut self) -> Search {
        self.samples.sort_unstable();
        self.samples.dedup();
        Search(self)
    }
}

/// Old blocks that can be searched by content.
pub struct Search(Samples);

/// New blocks that follow each other, and the old blocks to compare them with.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Batch {
    /// The new blocks' places among those that were searched for.
    pub targets: Range<usize>,
    /// The old blocks, in their order; together at most [`MAX_PACK_BASE_BYTES`].
    pub base: Vec<BlockRef>,
}

impl Search {
    /// The old blocks that share most with `target`, by their numbers: as many as a patch
    /// may name. The first gives most; each further one is chosen by what those before
    /// it do not give.
    pub fn find(&self, target: &[u8]) -> Vec<usize> {
        let hashes = self.0.sampler.hashes(target);
        let mut left: Vec<&[Sample]> = hashes.map(|hash| self.blocks_with(hash)).collect();
        let mut found = Vec::new();
        let mut left_bytes = MAX_PACK_BASE_BYTES;
        while found.len() < MAX_PATCH_BASES {
            let mut given: HashMap<u32, usize> = HashMap::new();
            for (_, block) in left.iter().copied().flatten() {
                *given.entry(*block).or_default() += 1;
            }
            given.retain(|block, _| self.length(*block) <= left_bytes);
            // Of those that give as much, the first.
            let best = given.into_iter().max_by_key(|&(block, gift)| {
                let first = std::cmp::Reverse(block);
                (gift, first)
            });
            let Some((best, _)) = best else {
                break;
            };
            left_bytes -= self.length(best);
            found.push(best as usize);
            left.retain(|blocks| blocks.iter().all(|(_, block)| *block != best));
        }
        found
    }

    /// Finds old blocks for all of these, which follow each other, and puts neighbours
    /// together for as long as their old blocks do not come to too many bytes.
    pub fn batches<'a>(&self, targets: impl IntoIterator<Item = &'a [u8]>) -> Vec<Batch> {
        let mut batches: Vec<(Range<usize>, BTreeSet<usize>)> = Vec::new();
        for (place, target) in targets.into_iter().enumerate() {
            let found: BTreeSet<usize> = self.find(target).into_iter().collect();
            if let Some((places, base)) = batches.last_mut() {
                let both: BTreeSet<usize> = base.union(&found).copied().collect();
                let bytes: usize = both.iter().map(|&block| self.length(block as u32)).sum();
                if bytes <= MAX_PACK_BASE_BYTES {
                    (*places, *base) = (places.start..place + 1, both);
                    continue;
                }
            }
            batches.push((place..place + 1, found));
        }
        let batch = |(targets, base): (Range<usize>, BTreeSet<usize>)| Batch {
            targets,
            base: base.into_iter().map(|block| self.0.blocks[block]).collect(),
        };
        batches.into_iter().map(batch).collect()
    }

    fn length(&self, block: u32) -> usize {
        self.0.blocks[block as usize].length as usize
    }

    /// The samples with this hash, one for each block that has it.
    fn blocks_with(&self, hash: u64) -> &[Sample] {
        let samples = &self.0.samples;
        let start = samples.partition_point(|&(other, _)| other < hash);
        let same = samples[start..].iter().take(MOST_TRIED);
        let count = same.take_while(|&&(other, _)| other == hash).count();
        &samples[start..start + count]
    }
}

/// Says which windows are sampled.
struct Sampler {
    table: [u64; 256],
    /// The bits that a sampled window's hash does not have.
    mask: u64,
}

impl Sampler {
    fn new(old_bytes: u64) -> Self {
        let bits = (old_bytes / MOST_SAMPLES).next_power_of_two().ilog2();
        let bits = bits.clamp(MIN_SAMPLE_BITS, WINDOW as u32 / 2);
        let (table, _) = get_gear_with_seed(0);
        Self {
            table: std::array::from_fn(|byte| table[byte]),
            mask: ((1 << bits) - 1) << (WINDOW as u32 - bits),
        }
    }

    /// The hashes of the sampled windows, in their order.
    fn hashes<'a>(&'a self, bytes: &'a [u8]) -> impl Iterator<Item = u64> + 'a {
        let mut hash = 0_u64;
        let of_window = move |(end, &byte): (usize, &u8)| {
            hash = (hash << 1).wrapping_add(self.table[usize::from(byte)]);
            let is_sampled = hash & self.mask == 0 && end + 1 >= WINDOW;
            is_sampled.then_some(hash & ((1 << WINDOW) - 1))
        };
        bytes.iter().enumerate().filter_map(of_window)
    }
}
