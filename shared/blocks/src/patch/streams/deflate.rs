//! Deflate blocks as symbols, and symbols as bits.

use super::bits::{BitReader, BitWriter};
use super::symbols::{
    DISTANCES, END, LITERALS, Token, distance_of, length_of, of_distance, of_length,
};
use crate::patch::delta::BadDelta;

/// Bits of a header before the lengths of its codes: whether the block is the last, and
/// its type.
pub const HEADER_BITS: u32 = 3;
/// In which order a header tells the lengths of the codes for lengths.
pub const ORDER: [usize; 19] = [
    16, 17, 18, 0, 8, 7, 9, 6, 10, 5, 11, 4, 12, 3, 13, 2, 14, 1, 15,
];
const MAX_CODE_BITS: usize = 15;
/// What a block of the base costs beside its tables and symbols, in symbols.
const BLOCK_WORK: u64 = 256;

/// A block's type.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    Stored = 0,
    Fixed = 1,
    Dynamic = 2,
}

/// Reads whether a block is the last one of its stream, and its type.
pub fn read_kind(reader: &mut BitReader<'_>) -> Result<(bool, Kind), BadDelta> {
    let bits = reader.take(HEADER_BITS)?;
    let kind = match bits >> 1 {
        0 => Kind::Stored,
        1 => Kind::Fixed,
        2 => Kind::Dynamic,
        _ => return Err(BadDelta::Streams),
    };
    Ok((bits & 1 == 1, kind))
}

/// How many bits the code of each symbol has; 0 if it has none.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Lengths {
    pub literals: [u8; LITERALS + 2],
    pub distances: [u8; DISTANCES + 2],
}

impl Lengths {
    pub fn none() -> Self {
        Self {
            literals: [0; LITERALS + 2],
            distances: [0; DISTANCES + 2],
        }
    }

    /// Those of a block of the type `Fixed`.
    pub fn fixed() -> Self {
        let literals = std::array::from_fn(|symbol| match symbol {
            0..=143 => 8,
            144..=255 => 9,
            256..=279 => 7,
            _ => 8,
        });
        Self {
            literals,
            distances: [5; DISTANCES + 2],
        }
    }

    /// Reads those that the header of a block of the type `Dynamic` tells.
    pub fn read(reader: &mut BitReader<'_>) -> Result<Self, BadDelta> {
        let literals = reader.take(5)? as usize + 257;
        let distances = reader.take(5)? as usize + 1;
        let told = reader.take(4)? as usize + 4;
        if literals > LITERALS {
            return Err(BadDelta::Streams);
        }
        let mut of_lengths = [0; 19];
        for &symbol in ORDER.iter().take(told) {
            of_lengths[symbol] = reader.take(3)? as u8;
        }
        let decoder = Decoder::of(&of_lengths)?;
        let mut all = Vec::with_capacity(literals + distances);
        while all.len() < literals + distances {
            let (value, times) = match decoder.read(reader)? {
                length @ 0..=15 => (length as u8, 1),
                16 => {
                    let last = *all.last().ok_or(BadDelta::Streams)?;
                    (last, reader.take(2)? + 3)
                }
                17 => (0, reader.take(3)? + 3),
                _ => (0, reader.take(7)? + 11),
            };
            all.extend(std::iter::repeat_n(value, times as usize));
        }
        if all.len() > literals + distances {
            return Err(BadDelta::Streams);
        }
        let mut lengths = Self::none();
        let (of_literals, of_distances) = all.split_at(literals);
        lengths.literals[..literals].copy_from_slice(of_literals);
        lengths.distances[..distances].copy_from_slice(of_distances);
        Ok(lengths)
    }
}

/// The codes of these lengths, each as it is written: its first bit is the lowest.
fn codes(lengths: &[u8]) -> Result<Vec<(u16, u8)>, BadDelta> {
    let mut counts = [0_u32; MAX_CODE_BITS + 1];
    for &length in lengths {
        let count = counts.get_mut(usize::from(length));
        *count.ok_or(BadDelta::Streams)? += 1;
    }
    counts[0] = 0;
    let mut next = [0_u32; MAX_CODE_BITS + 2];
    let mut code = 0;
    for bits in 1..=MAX_CODE_BITS {
        code = (code + counts[bits - 1]) << 1;
        next[bits] = code;
        if code + counts[bits] > 1 << bits {
            return Err(BadDelta::Streams);
        }
    }
    let code = |&length: &u8| {
        let bits = usize::from(length);
        let code = next[bits];
        next[bits] += 1;
        let code = match length {
            0 => 0,
            _ => (code as u16).reverse_bits() >> (16 - bits),
        };
        (code, length)
    };
    Ok(lengths.iter().map(code).collect())
}

/// Finds the symbol with whose code some bits begin.
struct Decoder {
    /// By the next bits: the symbol above four bits with the length of its code.
    table: Vec<u16>,
    bits: u32,
}

impl Decoder {
    fn of(lengths: &[u8]) -> Result<Self, BadDelta> {
        let bits = u32::from(lengths.iter().copied().max().unwrap_or(0));
        let mut table = vec![0; 1 << bits];
        for (symbol, (code, length)) in codes(lengths)?.into_iter().enumerate() {
            if length > 0 {
                let places = table.iter_mut().skip(usize::from(code));
                for entry in places.step_by(1 << length) {
                    *entry = (symbol as u16) << 4 | u16::from(length);
                }
            }
        }
        Ok(Self { table, bits })
    }

    fn look(&self, bits: u64) -> Result<(usize, u32), BadDelta> {
        let at = bits & ((1 << self.bits) - 1);
        match self.table.get(at as usize) {
            None | Some(0) => Err(BadDelta::Streams),
            Some(&entry) => Ok((usize::from(entry >> 4), u32::from(entry & 15))),
        }
    }

    fn read(&self, reader: &mut BitReader<'_>) -> Result<usize, BadDelta> {
        let (symbol, length) = self.look(reader.peek())?;
        reader.skip(length)?;
        Ok(symbol)
    }
}

/// Reads the symbols of a block.
pub struct Decoders {
    literals: Decoder,
    distances: Decoder,
}

impl Decoders {
    pub fn of(lengths: &Lengths) -> Result<Self, BadDelta> {
        Ok(Self {
            literals: Decoder::of(&lengths.literals)?,
            distances: Decoder::of(&lengths.distances)?,
        })
    }

    /// What it costs to read the lengths and to make the tables, in symbols: blocks without
    /// any symbol are not free.
    pub fn work(&self) -> u64 {
        (self.literals.table.len() + self.distances.table.len()) as u64 / 16 + BLOCK_WORK
    }

    /// The next symbol with the number of its bits; `None` at the end of the block.
    pub fn next(&self, reader: &mut BitReader<'_>) -> Result<Option<(Token, u32)>, BadDelta> {
        let start = reader.position();
        let symbol = self.literals.read(reader)?;
        let token = match symbol {
            0..END => Token::literal(symbol as u8),
            END => return Ok(None),
            _ => {
                let (bits, least) = length_of(symbol)?;
                let length = least + reader.take(bits)?;
                // It has a symbol of its own, and would be written with that.
                if length == 258 && bits > 0 {
                    return Err(BadDelta::Streams);
                }
                let (bits, least) = distance_of(self.distances.read(reader)?)?;
                Token::copy(length, least + reader.take(bits)?)
            }
        };
        Ok(Some((token, (reader.position() - start) as u32)))
    }
}

/// Writes symbols.
pub struct Codes {
    literals: Vec<(u16, u8)>,
    distances: Vec<(u16, u8)>,
}

impl Codes {
    pub fn of(lengths: &Lengths) -> Result<Self, BadDelta> {
        Ok(Self {
            literals: codes(&lengths.literals)?,
            distances: codes(&lengths.distances)?,
        })
    }

    pub fn write(&self, writer: &mut BitWriter, token: Token) -> Result<(), BadDelta> {
        if !token.is_copy() {
            return put(writer, &self.literals, usize::from(token.byte()));
        }
        let length = of_length(token.length());
        put(writer, &self.literals, length.symbol)?;
        writer.put(u64::from(length.extra), length.extra_bits)?;
        let distance = of_distance(token.distance());
        put(writer, &self.distances, distance.symbol)?;
        writer.put(u64::from(distance.extra), distance.extra_bits)
    }

    pub fn end(&self, writer: &mut BitWriter) -> Result<(), BadDelta> {
        put(writer, &self.literals, END)
    }
}

fn put(writer: &mut BitWriter, codes: &[(u16, u8)], symbol: usize) -> Result<(), BadDelta> {
    match codes.get(symbol) {
        Some(&(code, length)) if length > 0 => writer.put(u64::from(code), u32::from(length)),
        _ => Err(BadDelta::Streams),
    }
}

/// A block of a stream that was taken apart. Bits count from the first of the file.
#[derive(Clone, Debug)]
pub struct StreamBlock {
    pub kind: Kind,
    pub is_last: bool,
    /// From the header's first bit to the bit after the end.
    pub start: u64,
    pub end: u64,
    /// Where the header ends and the first symbol begins.
    pub body: u64,
    /// Its symbols among those of the stream; none of a stored block.
    pub tokens: std::ops::Range<usize>,
}

/// A stream that was taken apart.
#[derive(Debug)]
pub struct Stream {
    pub blocks: Vec<StreamBlock>,
    pub tokens: Vec<Token>,
    /// How many bits each symbol has.
    pub widths: Vec<u8>,
}

impl Stream {
    /// Takes the stream apart that begins at a byte of a file. It has `most` symbols at
    /// most.
    pub fn read(file: &[u8], start: usize, most: usize) -> Result<Self, BadDelta> {
        let slices = [file];
        let mut reader = BitReader::at(&slices, 8 * start as u64).ok_or(BadDelta::Torn)?;
        let mut stream = Self {
            blocks: Vec::new(),
            tokens: Vec::new(),
            widths: Vec::new(),
        };
        loop {
            let block = stream.block(&mut reader, most)?;
            let is_last = block.is_last;
            stream.blocks.push(block);
            if is_last {
                return Ok(stream);
            }
        }
    }

    fn block(&mut self, reader: &mut BitReader<'_>, most: usize) -> Result<StreamBlock, BadDelta> {
        let start = reader.position();
        let first = self.tokens.len();
        let (is_last, kind) = read_kind(reader)?;
        let lengths = match kind {
            Kind::Stored => {
                reader.take(((8 - reader.position() % 8) % 8) as u32)?;
                let length = reader.take(16)?;
                if reader.take(16)? != length ^ 0xFFFF {
                    return Err(BadDelta::Streams);
                }
                let body = reader.position();
                for _ in 0..length {
                    reader.take(8)?;
                }
                return Ok(StreamBlock {
                    kind,
                    is_last,
                    start,
                    body,
                    end: reader.position(),
                    tokens: first..first,
                });
            }
            Kind::Fixed => Lengths::fixed(),
            Kind::Dynamic => Lengths::read(reader)?,
        };
        let body = reader.position();
        let decoders = Decoders::of(&lengths)?;
        while let Some((token, bits)) = decoders.next(reader)? {
            if self.tokens.len() >= most {
                return Err(BadDelta::Work);
            }
            self.tokens.push(token);
            self.widths.push(bits as u8);
        }
        Ok(StreamBlock {
            kind,
            is_last,
            start,
            body,
            end: reader.position(),
            tokens: first..self.tokens.len(),
        })
    }
}
