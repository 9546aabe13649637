//! The header that zlib writes for a deflate block, which follows from how often each
//! symbol comes (`trees.c` of zlib 1.3). Most programs make their streams with zlib or with
//! a translation of it, so their headers need not be told.

use super::bits::BitWriter;
use super::deflate::{Lengths, ORDER};
use super::symbols::{DISTANCES, END, LITERALS, Token, of_distance, of_length};
use crate::patch::delta::BadDelta;

const MAX_BITS: usize = 15;
const MAX_LENGTH_BITS: usize = 7;
const REPEAT_LAST: usize = 16;
const REPEAT_ZERO: usize = 17;
const REPEAT_ZERO_LONG: usize = 18;

/// A block's codes, and the part of its header that tells them.
pub struct Header {
    pub lengths: Lengths,
    literals: usize,
    distances: usize,
}

impl Header {
    /// Of the block that has these symbols and an end.
    pub fn of(tokens: &[Token]) -> Self {
        let mut literals = [0_u32; LITERALS];
        let mut distances = [0_u32; DISTANCES];
        literals[END] = 1;
        for token in tokens {
            if token.is_copy() {
                literals[of_length(token.length()).symbol] += 1;
                distances[of_distance(token.distance()).symbol] += 1;
            } else {
                literals[usize::from(token.byte())] += 1;
            }
        }
        let mut lengths = Lengths::none();
        let of_literals = build(&literals, MAX_BITS);
        let of_distances = build(&distances, MAX_BITS);
        lengths.literals[..LITERALS].copy_from_slice(&of_literals);
        lengths.distances[..DISTANCES].copy_from_slice(&of_distances);
        Self {
            literals: used(&of_literals),
            distances: used(&of_distances),
            lengths,
        }
    }

    /// Writes the part of the header after the block's type.
    pub fn write(&self, writer: &mut BitWriter) -> Result<(), BadDelta> {
        let mut runs = runs(&self.lengths.literals[..self.literals]);
        runs.extend(self::runs(&self.lengths.distances[..self.distances]));
        let mut counts = [0_u32; 19];
        for &(symbol, _) in &runs {
            counts[symbol] += 1;
        }
        let lengths = build(&counts, MAX_LENGTH_BITS);
        let told = ORDER.iter().rposition(|&symbol| lengths[symbol] != 0);
        let told = told.map_or(4, |last| (last + 1).max(4));
        writer.put(self.literals as u64 - 257, 5)?;
        writer.put(self.distances as u64 - 1, 5)?;
        writer.put(told as u64 - 4, 4)?;
        for &symbol in &ORDER[..told] {
            writer.put(u64::from(lengths[symbol]), 3)?;
        }
        let codes = canonical(&lengths);
        for (symbol, extra) in runs {
            writer.put(u64::from(codes[symbol]), u32::from(lengths[symbol]))?;
            let bits = match symbol {
                REPEAT_LAST => 2,
                REPEAT_ZERO => 3,
                REPEAT_ZERO_LONG => 7,
                _ => 0,
            };
            writer.put(u64::from(extra), bits)?;
        }
        Ok(())
    }
}

/// How many symbols there are up to the last one with a code.
fn used(lengths: &[u8]) -> usize {
    lengths.iter().rposition(|&length| length != 0).unwrap_or(0) + 1
}

/// Lengths as symbols with their extra bits: `scan_tree` and `send_tree`.
fn runs(lengths: &[u8]) -> Vec<(usize, u32)> {
    let mut runs = Vec::new();
    let mut last = None;
    let mut count = 0_u32;
    let bounds = |current: Option<u8>, next: Option<u8>| match next {
        Some(0) => (138, 3),
        next if next == current => (6, 3),
        _ => (7, 4),
    };
    let (mut most, mut least) = bounds(None, lengths.first().copied());
    for (at, &length) in lengths.iter().enumerate() {
        let next = lengths.get(at + 1).copied();
        count += 1;
        if count < most && next == Some(length) {
            continue;
        }
        if count < least {
            runs.extend(std::iter::repeat_n(
                (usize::from(length), 0),
                count as usize,
            ));
        } else if length != 0 {
            if last != Some(length) {
                runs.push((usize::from(length), 0));
                count -= 1;
            }
            runs.push((REPEAT_LAST, count - 3));
        } else if count <= 10 {
            runs.push((REPEAT_ZERO, count - 3));
        } else {
            runs.push((REPEAT_ZERO_LONG, count - 11));
        }
        count = 0;
        last = Some(length);
        (most, least) = bounds(Some(length), next);
    }
    runs
}

fn canonical(lengths: &[u8]) -> Vec<u16> {
    let mut next = [0_u16; MAX_LENGTH_BITS + 2];
    for bits in 1..=MAX_LENGTH_BITS {
        let before = lengths
            .iter()
            .filter(|&&length| usize::from(length) == bits - 1);
        let before = if bits == 1 { 0 } else { before.count() as u16 };
        next[bits] = (next[bits - 1] + before) << 1;
    }
    // `next` was the first code of each length, and becomes the next one.
    let code = |&length: &u8| {
        let bits = usize::from(length);
        let code = next[bits];
        next[bits] += 1;
        if bits == 0 {
            0
        } else {
            code.reverse_bits() >> (16 - bits)
        }
    };
    lengths.iter().map(code).collect()
}

/// A heap of nodes, the least frequent first and the shallower first among equals.
struct Heap<'a> {
    /// From 1 on.
    nodes: Vec<usize>,
    frequency: &'a mut Vec<u32>,
    depth: &'a mut Vec<u8>,
}

impl Heap<'_> {
    fn is_smaller(&self, a: usize, b: usize) -> bool {
        let (of_a, of_b) = (self.frequency[a], self.frequency[b]);
        of_a < of_b || (of_a == of_b && self.depth[a] <= self.depth[b])
    }

    fn length(&self) -> usize {
        self.nodes.len() - 1
    }

    fn sink(&mut self, mut at: usize) {
        let node = self.nodes[at];
        let mut below = at << 1;
        while below <= self.length() {
            if below < self.length() && self.is_smaller(self.nodes[below + 1], self.nodes[below]) {
                below += 1;
            }
            if self.is_smaller(node, self.nodes[below]) {
                break;
            }
            self.nodes[at] = self.nodes[below];
            at = below;
            below <<= 1;
        }
        self.nodes[at] = node;
    }

    /// Takes the least. There must be one.
    fn take(&mut self) -> usize {
        let least = self.nodes[1];
        let last = self.nodes.pop().unwrap_or(0);
        if self.length() >= 1 {
            self.nodes[1] = last;
            self.sink(1);
        }
        least
    }
}

/// The lengths of the codes for symbols that come so often: `build_tree` and `gen_bitlen`.
fn build(counts: &[u32], most_bits: usize) -> Vec<u8> {
    let symbols = counts.len();
    let mut frequency = counts.to_vec();
    let mut depth = vec![0_u8; symbols];
    let mut nodes = vec![0];
    nodes.extend((0..symbols).filter(|&symbol| counts[symbol] != 0));
    let mut largest = nodes
        .iter()
        .skip(1)
        .max()
        .map(|&symbol| symbol as isize)
        .unwrap_or(-1);
    // There are two codes at least.
    while nodes.len() < 3 {
        let symbol = match largest < 2 {
            true => {
                largest += 1;
                largest as usize
            }
            false => 0,
        };
        frequency[symbol] = 1;
        nodes.push(symbol);
    }
    let mut parent = vec![0_usize; symbols];
    // From the last that was taken to the first: parents before their children.
    let mut taken = Vec::with_capacity(2 * symbols);
    let mut heap = Heap {
        nodes,
        frequency: &mut frequency,
        depth: &mut depth,
    };
    for at in (1..=heap.length() / 2).rev() {
        heap.sink(at);
    }
    while heap.length() >= 2 {
        let first = heap.take();
        let second = heap.nodes[1];
        taken.extend([first, second]);
        let node = heap.frequency.len();
        heap.frequency
            .push(heap.frequency[first].saturating_add(heap.frequency[second]));
        heap.depth
            .push(heap.depth[first].max(heap.depth[second]).saturating_add(1));
        parent.push(0);
        parent[first] = node;
        parent[second] = node;
        heap.nodes[1] = node;
        heap.sink(1);
    }
    lengths(&taken, &parent, symbols, most_bits)
}

fn lengths(taken: &[usize], parent: &[usize], symbols: usize, most_bits: usize) -> Vec<u8> {
    let mut bits = vec![0_usize; parent.len()];
    let mut counts = [0_i32; MAX_BITS + 1];
    let mut overflow = 0_i32;
    for &node in taken.iter().rev() {
        bits[node] = bits[parent[node]] + 1;
        if bits[node] > most_bits {
            bits[node] = most_bits;
            overflow += 1;
        }
        if node < symbols {
            counts[bits[node]] += 1;
        }
    }
    if overflow > 0 {
        while overflow > 0 {
            let mut at = most_bits - 1;
            while counts[at] == 0 {
                at -= 1;
            }
            counts[at] -= 1;
            counts[at + 1] += 2;
            counts[most_bits] -= 1;
            overflow -= 2;
        }
        // From the least frequent on, the longest first.
        let mut leaves = taken.iter().filter(|&&node| node < symbols);
        for length in (1..=most_bits).rev() {
            for &node in leaves.by_ref().take(counts[length] as usize) {
                bits[node] = length;
            }
        }
    }
    let leaves = bits.iter().take(symbols);
    leaves.map(|&bits| bits as u8).collect()
}
