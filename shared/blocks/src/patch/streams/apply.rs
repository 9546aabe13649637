//! Makes a block of what a delta says of its streams.

use super::bits::BitWriter;
use super::coder::Decoder;
use super::cursor::{Cursor, Section};
use super::deflate::{self, Kind, Lengths};
use super::model::{Codes, Model, Piece, Step, take, told};
use super::rest;
use super::symbols::Token;
use super::zlib::Header;
use super::{MAX_STREAMS_BLOCK_BYTES, Work};
use crate::patch::delta::BadDelta;
use crate::varint::take_length;

/// What a piece costs beside its symbols: its codes have to be made.
const PIECE_WORK: u64 = 2_048;

/// Makes the block, which has `length` bytes, of a delta after its flags.
///
/// # Errors
/// The delta is malformed, reaches beyond the base, makes another length, or is too much
/// work.
pub fn apply(
    base: &[&[u8]],
    mut parts: &[u8],
    length: usize,
    work: &mut Work,
) -> Result<Vec<u8>, BadDelta> {
    if length > MAX_STREAMS_BLOCK_BYTES {
        return Err(BadDelta::TooLarge { length });
    }
    // Where the rest is interrupted, two of its bytes are not full.
    let rest_bytes = take_length(&mut parts, length + length / 8)?;
    let mut coder = Decoder::new(parts);
    let rest = rest::read(&mut coder, base, rest_bytes, work)?;
    let mut making = Making {
        coder,
        model: Model::new(),
        writer: BitWriter::of_length(length),
        tokens: Vec::new(),
        work,
    };
    let mut left = rest.as_slice();
    let mut section = None;
    loop {
        let bits = making.model.rest(&mut making.coder, 0)?;
        making.writer.put_packed(u64::from(bits), &mut left)?;
        if making.writer.left() == 0 {
            break;
        }
        if let Some((bit, blocks)) = making.model.section(&mut making.coder, None)? {
            // Two would be more than is told.
            drop(section.take());
            section = Some(Section::read(base, u64::from(bit), blocks, making.work)?);
        }
        making.pieces(section.as_ref().ok_or(BadDelta::Streams)?)?;
    }
    match left.is_empty() {
        true => making.writer.finish(),
        false => Err(BadDelta::Length),
    }
}

struct Making<'a> {
    coder: Decoder<'a>,
    model: Model,
    writer: BitWriter,
    /// Those of the last piece.
    tokens: Vec<Token>,
    work: &'a mut Work,
}

impl Making<'_> {
    fn pieces(&mut self, section: &Section<'_>) -> Result<(), BadDelta> {
        let mut cursor = Cursor::new(section);
        let count = self.model.pieces(&mut self.coder, 0)?;
        // Nothing would be made, again and again.
        if count == 0 {
            return Err(BadDelta::Streams);
        }
        for _ in 0..count {
            self.work.spend(PIECE_WORK)?;
            let nothing = Piece {
                codes: Codes::Zlib,
                header: None,
                has_end: false,
            };
            let piece = self.model.piece(&mut self.coder, &nothing)?;
            self.read(&mut cursor)?;
            self.write(&piece)?;
        }
        Ok(())
    }

    fn read(&mut self, cursor: &mut Cursor<'_>) -> Result<(), BadDelta> {
        let count = self.model.count(&mut self.coder, 0)?;
        // Each takes a bit at least.
        if count as u64 > self.writer.left() {
            return Err(BadDelta::Length);
        }
        self.work.spend(count as u64)?;
        self.tokens.clear();
        self.tokens.reserve_exact(count);
        loop {
            let run = self.model.run(&mut self.coder, 0)?;
            if run > count - self.tokens.len() {
                return Err(BadDelta::Length);
            }
            for _ in 0..run {
                let token = cursor.expected().ok_or(BadDelta::OutsideOfBase)?;
                cursor.replace(token);
                self.tokens.push(token);
            }
            if self.tokens.len() == count {
                return Ok(());
            }
            let nothing = Step::Jump(0);
            let step = self.model.step(&mut self.coder, cursor, nothing)?;
            take(step, cursor, &mut self.tokens, self.work)?;
        }
    }

    fn write(&mut self, piece: &Piece) -> Result<(), BadDelta> {
        let writer = &mut self.writer;
        if let Some(is_last) = piece.header {
            let kind = match piece.codes {
                Codes::Fixed => Kind::Fixed,
                _ => Kind::Dynamic,
            };
            let bits = (kind as u64) << 1 | u64::from(is_last);
            writer.put(bits, deflate::HEADER_BITS)?;
        }
        let lengths = match &piece.codes {
            Codes::Fixed => Lengths::fixed(),
            Codes::Zlib => {
                let header = Header::of(&self.tokens);
                if piece.header.is_some() {
                    header.write(writer)?;
                }
                header.lengths
            }
            Codes::Told(bytes, bits) => {
                if piece.header.is_some() {
                    let mut left = *bits;
                    for &byte in bytes {
                        let some = left.min(8);
                        writer.put(u64::from(byte) & ((1 << some) - 1), some)?;
                        left -= some;
                    }
                }
                told(bytes)?
            }
        };
        let codes = deflate::Codes::of(&lengths)?;
        for &token in &self.tokens {
            codes.write(writer, token)?;
        }
        match piece.has_end {
            true => codes.end(writer),
            false => Ok(()),
        }
    }
}
