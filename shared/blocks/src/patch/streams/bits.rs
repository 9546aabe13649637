//! Bits in the order of deflate: the lowest of a byte first.

use crate::patch::delta::BadDelta;

/// Reads bits of bytes that stand one after another in several slices.
#[derive(Clone)]
pub struct BitReader<'a> {
    current: &'a [u8],
    rest: &'a [&'a [u8]],
    buffer: u64,
    held: u32,
    position: u64,
}

impl<'a> BitReader<'a> {
    /// Begins at a bit; `None` beyond the end.
    pub fn at(slices: &'a [&'a [u8]], bit: u64) -> Option<Self> {
        let mut skipped = usize::try_from(bit / 8).ok()?;
        let mut rest = slices;
        loop {
            let (first, after) = rest.split_first()?;
            rest = after;
            if let Some(current) = first.get(skipped..) {
                let mut reader = Self {
                    current,
                    rest,
                    buffer: 0,
                    held: 0,
                    position: bit / 8 * 8,
                };
                reader.take((bit % 8) as u32).ok()?;
                return Some(reader);
            }
            skipped -= first.len();
        }
    }

    /// The bit that is next, counted from the first of all.
    pub fn position(&self) -> u64 {
        self.position
    }

    /// The next bits, 56 at least where there are so many; zeros after the end.
    pub fn peek(&mut self) -> u64 {
        if self.held <= 56 {
            self.fill();
        }
        self.buffer
    }

    fn fill(&mut self) {
        if let Some(word) = self.current.first_chunk() {
            self.buffer |= u64::from_le_bytes(*word) << self.held;
            let bytes = (63 - self.held) / 8;
            self.current = &self.current[bytes as usize..];
            self.held += 8 * bytes;
            return;
        }
        while self.held <= 56 {
            match (self.current.split_first(), self.rest.split_first()) {
                (Some((&byte, after)), _) => {
                    self.current = after;
                    self.buffer |= u64::from(byte) << self.held;
                    self.held += 8;
                }
                (None, Some((&next, after))) => (self.current, self.rest) = (next, after),
                (None, None) => return,
            }
        }
    }

    /// Moves on by bits that were peeked at, 56 at most.
    pub fn skip(&mut self, bits: u32) -> Result<(), BadDelta> {
        self.held = self.held.checked_sub(bits).ok_or(BadDelta::Torn)?;
        self.buffer >>= bits;
        self.position += u64::from(bits);
        Ok(())
    }

    /// The next bits, 32 at most.
    pub fn take(&mut self, bits: u32) -> Result<u32, BadDelta> {
        let value = self.peek() & ((1 << bits) - 1);
        self.skip(bits)?;
        Ok(value as u32)
    }
}

/// Writes bits, up to a length that is known before.
pub struct BitWriter {
    bytes: Vec<u8>,
    buffer: u64,
    held: u32,
    most_bits: u64,
}

impl BitWriter {
    /// Takes as many bits as `length` bytes have.
    pub fn of_length(length: usize) -> Self {
        Self {
            bytes: Vec::with_capacity(length),
            buffer: 0,
            held: 0,
            most_bits: 8 * length as u64,
        }
    }

    /// How many bits were written.
    pub fn position(&self) -> u64 {
        8 * self.bytes.len() as u64 + u64::from(self.held)
    }

    /// How many bits are left.
    pub fn left(&self) -> u64 {
        self.most_bits - self.position()
    }

    /// Writes bits, 48 at most, above which `value` has none.
    pub fn put(&mut self, value: u64, bits: u32) -> Result<(), BadDelta> {
        if u64::from(bits) > self.left() {
            return Err(BadDelta::Length);
        }
        self.buffer |= value << self.held;
        self.held += bits;
        while self.held >= 8 {
            self.bytes.push(self.buffer as u8);
            self.buffer >>= 8;
            self.held -= 8;
        }
        Ok(())
    }

    /// Writes bits of packed bytes: those up to the next whole byte stand in a byte of
    /// their own, and so do those that remain. See [`packed`].
    pub fn put_packed(&mut self, mut bits: u64, from: &mut &[u8]) -> Result<(), BadDelta> {
        if bits > self.left() {
            return Err(BadDelta::Length);
        }
        let mut part = |writer: &mut Self, bits: u32| {
            let (&byte, after) = from.split_first().ok_or(BadDelta::Torn)?;
            *from = after;
            writer.put(u64::from(byte) & ((1 << bits) - 1), bits)
        };
        let head = bits.min(u64::from((8 - self.held) % 8));
        if head > 0 {
            part(self, head as u32)?;
            bits -= head;
        }
        while bits >= 8 {
            part(self, 8)?;
            bits -= 8;
        }
        match bits {
            0 => Ok(()),
            bits => part(self, bits as u32),
        }
    }

    /// The bytes that were written so far, the last one filled up with zeros.
    pub fn whatever_there_is(mut self) -> Vec<u8> {
        if self.held > 0 {
            self.bytes.push(self.buffer as u8);
        }
        self.bytes
    }

    /// The bytes, if all are whole.
    pub fn finish(self) -> Result<Vec<u8>, BadDelta> {
        match self.left() {
            0 => Ok(self.bytes),
            _ => Err(BadDelta::Length),
        }
    }
}

/// Packs some bits of bytes as [`BitWriter::put_packed`] takes them.
pub fn packed(bytes: &[u8], from: u64, to: u64, into: &mut Vec<u8>) {
    let slices = [bytes];
    let Some(mut reader) = BitReader::at(&slices, from) else {
        return;
    };
    let mut left = to.saturating_sub(from);
    let head = left.min((8 - from % 8) % 8);
    let mut part = |bits: u64| into.extend(reader.take(bits as u32).map(|bits| bits as u8));
    if head > 0 {
        part(head);
        left -= head;
    }
    while left > 0 {
        let bits = left.min(8);
        part(bits);
        left -= bits;
    }
}
