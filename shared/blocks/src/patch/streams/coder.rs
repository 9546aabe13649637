//! An adaptive binary range coder, as in LZMA. The same code says how something is
//! written and how it is read: a [`Coder`] is given what to write, and returns what
//! stands there. One that reads looks at nothing that it is given.

use crate::patch::delta::BadDelta;

const PROBABILITY_BITS: u32 = 12;
const ADAPTS_BY: u32 = 4;
const TOP: u32 = 1 << 24;
/// Zeros at the end that are not written.
const MOST_AFTER_END: u32 = 4;

/// How probable it is that a bit is 0.
#[derive(Clone, Copy)]
pub struct Bit(u16);

impl Default for Bit {
    fn default() -> Self {
        Self(1 << (PROBABILITY_BITS - 1))
    }
}

impl Bit {
    fn learn(&mut self, bit: bool) {
        match bit {
            true => self.0 -= self.0 >> ADAPTS_BY,
            false => self.0 += ((1 << PROBABILITY_BITS) - self.0) >> ADAPTS_BY,
        }
    }
}

/// Writes or reads.
pub trait Coder {
    /// A bit that is often the same.
    fn bit(&mut self, model: &mut Bit, bit: bool) -> Result<bool, BadDelta>;
    /// Bits that may be anything, 32 at most.
    fn direct(&mut self, bits: u32, value: u32) -> Result<u32, BadDelta>;
}

pub struct Encoder {
    low: u64,
    range: u32,
    cache: u8,
    waiting: u64,
    bytes: Vec<u8>,
}

impl Encoder {
    pub fn new() -> Self {
        Self {
            low: 0,
            range: u32::MAX,
            cache: 0,
            waiting: 1,
            bytes: Vec::new(),
        }
    }

    pub fn finish(mut self) -> Vec<u8> {
        for _ in 0..5 {
            self.shift();
        }
        // The first byte is always 0, and zeros follow the end.
        for _ in 0..MOST_AFTER_END {
            if self.bytes.last() != Some(&0) {
                break;
            }
            self.bytes.pop();
        }
        self.bytes.get(1..).unwrap_or_default().to_vec()
    }

    fn shift(&mut self) {
        let carry = (self.low >> 32) as u8;
        if self.low < 0xFF00_0000 || carry != 0 {
            let mut byte = self.cache;
            while self.waiting > 0 {
                self.bytes.push(byte.wrapping_add(carry));
                byte = 0xFF;
                self.waiting -= 1;
            }
            self.cache = (self.low >> 24) as u8;
        }
        self.waiting += 1;
        self.low = (self.low & 0x00FF_FFFF) << 8;
    }

    fn normalise(&mut self) {
        while self.range < TOP {
            self.range <<= 8;
            self.shift();
        }
    }
}

impl Coder for Encoder {
    fn bit(&mut self, model: &mut Bit, bit: bool) -> Result<bool, BadDelta> {
        let bound = (self.range >> PROBABILITY_BITS) * u32::from(model.0);
        if bit {
            self.low += u64::from(bound);
            self.range -= bound;
        } else {
            self.range = bound;
        }
        model.learn(bit);
        self.normalise();
        Ok(bit)
    }

    fn direct(&mut self, bits: u32, value: u32) -> Result<u32, BadDelta> {
        for at in (0..bits).rev() {
            self.range >>= 1;
            if value >> at & 1 == 1 {
                self.low += u64::from(self.range);
            }
            self.normalise();
        }
        Ok(value)
    }
}

pub struct Decoder<'a> {
    range: u32,
    code: u32,
    bytes: &'a [u8],
    after_end: u32,
}

impl<'a> Decoder<'a> {
    pub fn new(bytes: &'a [u8]) -> Self {
        let mut decoder = Self {
            range: u32::MAX,
            code: 0,
            bytes,
            after_end: 0,
        };
        for _ in 0..4 {
            decoder.code = decoder.code << 8 | decoder.next();
        }
        decoder
    }

    fn next(&mut self) -> u32 {
        match self.bytes.split_first() {
            Some((&byte, after)) => {
                self.bytes = after;
                u32::from(byte)
            }
            None => {
                self.after_end += 1;
                0
            }
        }
    }

    fn normalise(&mut self) -> Result<(), BadDelta> {
        while self.range < TOP {
            self.range <<= 8;
            self.code = self.code << 8 | self.next();
        }
        match self.after_end > MOST_AFTER_END {
            true => Err(BadDelta::Torn),
            false => Ok(()),
        }
    }
}

impl Coder for Decoder<'_> {
    fn bit(&mut self, model: &mut Bit, _: bool) -> Result<bool, BadDelta> {
        let bound = (self.range >> PROBABILITY_BITS) * u32::from(model.0);
        let bit = self.code >= bound;
        if bit {
            self.code -= bound;
            self.range -= bound;
        } else {
            self.range = bound;
        }
        model.learn(bit);
        self.normalise()?;
        Ok(bit)
    }

    fn direct(&mut self, bits: u32, _: u32) -> Result<u32, BadDelta> {
        let mut value = 0;
        for _ in 0..bits {
            self.range >>= 1;
            let bit = self.code >= self.range;
            if bit {
                self.code -= self.range;
            }
            value = value << 1 | u32::from(bit);
            self.normalise()?;
        }
        Ok(value)
    }
}

/// A value of some bits, each of which is coded by those above it.
#[derive(Clone)]
pub struct Tree<const SIZE: usize>([Bit; SIZE]);

impl<const SIZE: usize> Default for Tree<SIZE> {
    fn default() -> Self {
        Self([Bit::default(); SIZE])
    }
}

impl<const SIZE: usize> Tree<SIZE> {
    /// A value below `SIZE`, which is a power of two.
    pub fn code(&mut self, coder: &mut impl Coder, value: u32) -> Result<u32, BadDelta> {
        let bits = SIZE.trailing_zeros();
        let mut node = 1_usize;
        for at in (0..bits).rev() {
            let bit = value >> at & 1 == 1;
            let bit = coder.bit(&mut self.0[node & (SIZE - 1)], bit)?;
            node = node << 1 | usize::from(bit);
        }
        Ok((node & (SIZE - 1)) as u32)
    }
}

/// A number of 32 bits at most: how many bits it has, the highest below the first, and
/// the rest as it is.
#[derive(Clone, Default)]
pub struct Number {
    bits: Tree<64>,
    second: Tree<64>,
}

impl Number {
    pub fn code(&mut self, coder: &mut impl Coder, value: u32) -> Result<u32, BadDelta> {
        let bits = self.bits.code(coder, 32 - value.leading_zeros())?;
        match bits {
            0 | 1 => Ok(bits),
            2..=32 => {
                let rest = bits - 1;
                let slot = &mut self.second.0[bits as usize];
                let second = coder.bit(slot, value >> (rest - 1) & 1 == 1)?;
                let below = rest - 1;
                let low = value & ((1_u32 << below) - 1);
                let low = coder.direct(below, low)?;
                Ok(1 << rest | u32::from(second) << below | low)
            }
            _ => Err(BadDelta::Length),
        }
    }
}
