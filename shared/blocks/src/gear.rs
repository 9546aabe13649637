//! FastCDC 2020's inner loop: where the next block ends.
//!
//! The table and the masks are those of the crate `fastcdc`, and tests compare the
//! boundaries with that crate's. Its own loop asks for each byte whether the byte is
//! within the source, and takes each pair of bytes in a turn of its own. In wasm this
//! loop cuts twice as fast, and cutting and hashing a file takes a quarter less time.

use fastcdc::v2020::{MASKS, get_gear_with_seed};

/// Normalized chunking level 2: sends 4 to 12 % less than the crate's default
/// of 1 after an edit, for slightly more blocks.
const NORMALIZATION_LEVEL: usize = 2;

/// Finds boundaries for one size of blocks. All lengths are even.
pub(crate) struct Gear {
    min: usize,
    average: usize,
    max: usize,
    /// The bits that a hash must not have at a boundary: before the average length
    /// (`small`), and after it (`large`).
    small: u64,
    large: u64,
    table: [u64; 256],
    /// The table shifted by one: for the first byte of each pair.
    shifted: [u64; 256],
}

impl Gear {
    /// For blocks of 2^`bits` bytes on average.
    pub fn new(bits: u8, min: usize, average: usize, max: usize) -> Self {
        let (table, _) = get_gear_with_seed(0);
        let table = std::array::from_fn(|byte| table[byte]);
        let bits = usize::from(bits);
        Self {
            min,
            average,
            max,
            small: MASKS[bits + NORMALIZATION_LEVEL],
            large: MASKS[bits - NORMALIZATION_LEVEL],
            table,
            shifted: table.map(|value| value << 1),
        }
    }

    /// The length of the first block of `source`, which holds either the largest
    /// block's bytes or all that the file has left.
    pub fn cut(&self, source: &[u8]) -> usize {
        let source = &source[..source.len().min(self.max)];
        if source.len() <= self.min {
            return source.len();
        }
        let (before, after) = source.split_at(self.average.min(source.len()));
        let mut hash = 0;
        if let Some(at) = self.scan(&before[self.min..], &mut hash, self.small) {
            return self.min + at;
        }
        match self.scan(after, &mut hash, self.large) {
            Some(at) => before.len() + at,
            None => source.len(),
        }
    }

    /// The place of the first byte whose hash has none of the mask's bits. A last
    /// byte without a pair is not asked.
    fn scan(&self, source: &[u8], hash: &mut u64, mask: u64) -> Option<usize> {
        let (table, shifted) = (&self.table, &self.shifted);
        let shifted_mask = mask << 1;
        let mut h = *hash;
        macro_rules! pair {
            ($first:expr, $second:expr, $at:expr) => {
                h = (h << 2).wrapping_add(shifted[usize::from($first)]);
                if h & shifted_mask == 0 {
                    return Some($at);
                }
                h = h.wrapping_add(table[usize::from($second)]);
                if h & mask == 0 {
                    return Some($at + 1);
                }
            };
        }
        let (turns, rest) = source.as_chunks::<8>();
        for (turn, bytes) in turns.iter().enumerate() {
            pair!(bytes[0], bytes[1], 8 * turn);
            pair!(bytes[2], bytes[3], 8 * turn + 2);
            pair!(bytes[4], bytes[5], 8 * turn + 4);
            pair!(bytes[6], bytes[7], 8 * turn + 6);
        }
        for (number, bytes) in rest.as_chunks::<2>().0.iter().enumerate() {
            pair!(bytes[0], bytes[1], 8 * turns.len() + 2 * number);
        }
        *hash = h;
        None
    }
}
