//! Finds what a target has in common with bytes that are at hand.

use super::delta::Copy;

/// Bytes whose hash is looked up. A common stretch of `WINDOW + STEP - 1` bytes or
/// more is found wherever it is.
const WINDOW: usize = 16;
/// Every so many bytes, one place of the base is entered.
const STEP: usize = 8;
/// How many places of the same hash are tried.
const MAX_TRIES: usize = 8;
/// A stretch as long as this is taken without trying further places.
const LONG_ENOUGH: usize = 2_048;
/// Where the last copy goes on, fewer bytes in common are worth a step.
const SHORTEST_IN_PLACE: usize = 6;

/// The base, and where in it each hash stands.
pub(super) struct BaseIndex {
    base: Vec<u8>,
    /// By hash: the first place with that hash, in steps and counted from 1; 0 is
    /// none.
    first: Vec<u32>,
    /// By place: the next place with the same hash.
    next: Vec<u32>,
    hash_bits: u32,
}

impl BaseIndex {
    pub fn of(base: Vec<u8>) -> Self {
        let places = base.len().saturating_sub(WINDOW - 1).div_ceil(STEP);
        let hash_bits = places.next_power_of_two().trailing_zeros().max(8);
        let mut index = Self {
            first: vec![0; 1 << hash_bits],
            next: vec![0; places],
            base,
            hash_bits,
        };
        // From the end, so that the first place of a hash is the first tried.
        for place in (0..places).rev() {
            let at = place * STEP;
            if let Some(slot) = hash_at(&index.base, at, hash_bits) {
                index.next[place] = index.first[slot];
                index.first[slot] = place as u32 + 1;
            }
        }
        index
    }

    /// The bytes that were indexed.
    pub fn base(&self) -> &[u8] {
        &self.base
    }

    /// The copies that make up as much of the target as can be found.
    pub fn copies(&self, target: &[u8]) -> Vec<Copy> {
        let mut copies: Vec<Copy> = Vec::new();
        let mut end = 0;
        let mut from = 0;
        let mut at = 0;
        while at < target.len() {
            let in_place = self.in_place(target, at, from + (at - end));
            let Some(found) = in_place.or_else(|| self.longest(target, at, end)) else {
                at += 1;
                continue;
            };
            end = found.to + found.length;
            from = found.from + found.length;
            at = end;
            copies.push(found);
        }
        copies
    }

    /// The stretch that the last copy would go on with after what was changed
    /// in place.
    fn in_place(&self, target: &[u8], to: usize, from: usize) -> Option<Copy> {
        let base = self.base.get(from..)?;
        let target = &target[to..];
        if base.get(..SHORTEST_IN_PLACE)? != target.get(..SHORTEST_IN_PLACE)? {
            return None;
        }
        let length = common(base, target);
        Some(Copy { from, to, length })
    }

    /// The longest stretch around `at` that begins after `floor`.
    fn longest(&self, target: &[u8], at: usize, floor: usize) -> Option<Copy> {
        let mut place = self.first[hash_at(target, at, self.hash_bits)?];
        let mut best: Option<Copy> = None;
        for _ in 0..MAX_TRIES {
            let step = place.checked_sub(1)? as usize;
            let from = step * STEP;
            let ahead = common(&self.base[from..], &target[at..]);
            if ahead >= WINDOW {
                let behind = common_end(&self.base[..from], &target[floor..at]);
                let length = ahead + behind;
                if best.is_none_or(|best| length > best.length) {
                    best = Some(Copy {
                        from: from - behind,
                        to: at - behind,
                        length,
                    });
                }
                if length >= LONG_ENOUGH {
                    break;
                }
            }
            place = self.next[step];
            if place == 0 {
                break;
            }
        }
        best
    }
}

/// The slot of the [`WINDOW`] bytes at a place; `None` if they are not there.
fn hash_at(bytes: &[u8], at: usize, bits: u32) -> Option<usize> {
    let window = bytes.get(at..at + WINDOW)?;
    let (low, high) = window.split_first_chunk::<8>()?;
    let high = high.first_chunk::<8>()?;
    let mixed = u64::from_le_bytes(*low).wrapping_mul(0x9E37_79B9_7F4A_7C15)
        ^ u64::from_le_bytes(*high)
            .wrapping_mul(0xC2B2_AE3D_27D4_EB4F)
            .rotate_left(31);
    Some((mixed.wrapping_mul(0x9E37_79B9_7F4A_7C15) >> (64 - bits)) as usize)
}

/// How many bytes two slices have in common at their beginning.
fn common(a: &[u8], b: &[u8]) -> usize {
    let words = a.chunks_exact(8).zip(b.chunks_exact(8));
    let whole = 8 * words.take_while(|(a, b)| a == b).count();
    let rest = a[whole..].iter().zip(&b[whole..]);
    whole + rest.take_while(|(a, b)| a == b).count()
}

/// How many bytes two slices have in common at their end.
fn common_end(a: &[u8], b: &[u8]) -> usize {
    let pairs = a.iter().rev().zip(b.iter().rev());
    pairs.take_while(|(a, b)| a == b).count()
}
