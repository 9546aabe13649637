//! How the symbols are written: what both sides do in the same way, with a [`Coder`] that
//! writes or reads.

use super::coder::{Bit, Coder, Number, Tree};
use super::cursor::Cursor;
use super::deflate::Lengths;
use super::symbols::{Token, distance_of, of_distance};
use super::{MAX_PIECE_TOKENS, Work};
use crate::patch::delta::BadDelta;

/// What a step costs that goes elsewhere in the base, in symbols.
const JUMP_WORK: u64 = 16;
/// The bytes of a told header at most: 288 and 32 lengths of codes of 7 bits with 7 more,
/// and what is before them.
pub const MAX_HEADER_BYTES: usize = 640;

/// What comes after some symbols that are as expected.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Step {
    /// A symbol in the place of the base's.
    Replace(Token),
    /// A symbol more.
    Insert(Token),
    /// On from another symbol of the base.
    Jump(usize),
    /// The base's copy, from another distance.
    Distance(u32),
}

/// Where a block's codes come from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Codes {
    /// From its symbols, as with zlib.
    Zlib,
    /// From the bits of a header after the type, packed.
    Told(Vec<u8>, u32),
    /// Those that deflate has fixed.
    Fixed,
}

/// A stretch of a deflate block of the target.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Piece {
    pub codes: Codes,
    /// Whether its header is among the bits of the target, and whether it is the last of its
    /// stream then.
    pub header: Option<bool>,
    /// Whether its end is.
    pub has_end: bool,
}

/// What is known of the numbers and bits so far.
#[derive(Default)]
pub struct Model {
    rest: Number,
    reuses: Bit,
    bit: Number,
    blocks: Number,
    pieces: Number,
    codes: Tree<4>,
    header: [Bit; 2],
    header_bits: Number,
    header_bytes: Tree<256>,
    tokens: Number,
    run: Number,
    step: [Tree<4>; 4],
    last_step: usize,
    is_copy: [Bit; 2],
    last_is_copy: bool,
    literals: Vec<Tree<256>>,
    last_literal: u8,
    length: Tree<256>,
    distance: [Tree<32>; 2],
    is_original: Bit,
    jump_back: Bit,
    jump: Number,
}

impl Model {
    pub fn new() -> Self {
        Self {
            literals: vec![Tree::default(); 8],
            ..Self::default()
        }
    }

    /// How many bits of the rest come next.
    pub fn rest(&mut self, coder: &mut impl Coder, bits: u32) -> Result<u32, BadDelta> {
        self.rest.code(coder, bits)
    }

    /// The section that follows: where it begins and how many blocks it has; `None` for the
    /// one before.
    pub fn section(
        &mut self,
        coder: &mut impl Coder,
        section: Option<(u32, u32)>,
    ) -> Result<Option<(u32, u32)>, BadDelta> {
        if coder.bit(&mut self.reuses, section.is_none())? {
            return Ok(None);
        }
        let (bit, blocks) = section.unwrap_or_default();
        let bit = self.bit.code(coder, bit)?;
        Ok(Some((bit, self.blocks.code(coder, blocks)?)))
    }

    /// How many pieces there are.
    pub fn pieces(&mut self, coder: &mut impl Coder, count: u32) -> Result<u32, BadDelta> {
        self.pieces.code(coder, count)
    }

    /// What a piece is.
    pub fn piece(&mut self, coder: &mut impl Coder, piece: &Piece) -> Result<Piece, BadDelta> {
        let number = match piece.codes {
            Codes::Zlib => 0,
            Codes::Told(..) => 1,
            Codes::Fixed => 2,
        };
        let number = self.codes.code(coder, number)?;
        let has_header = coder.bit(&mut self.header[0], piece.header.is_some())?;
        let header = match has_header {
            true => Some(coder.direct(1, u32::from(piece.header == Some(true)))? == 1),
            false => None,
        };
        let has_end = coder.bit(&mut self.header[1], piece.has_end)?;
        let codes = match number {
            0 => Codes::Zlib,
            1 => {
                let (bytes, bits) = match &piece.codes {
                    Codes::Told(bytes, bits) => (bytes.as_slice(), *bits),
                    _ => (&[][..], 0),
                };
                let bits = self.header_bits.code(coder, bits)?;
                let length = bits.div_ceil(8) as usize;
                if length > MAX_HEADER_BYTES {
                    return Err(BadDelta::Streams);
                }
                let byte = |at| {
                    let byte = bytes.get(at).copied().unwrap_or(0);
                    Ok::<u8, BadDelta>(self.header_bytes.code(coder, u32::from(byte))? as u8)
                };
                Codes::Told((0..length).map(byte).collect::<Result<_, _>>()?, bits)
            }
            2 => Codes::Fixed,
            _ => return Err(BadDelta::Streams),
        };
        Ok(Piece {
            codes,
            header,
            has_end,
        })
    }

    /// How many symbols a piece has.
    pub fn count(&mut self, coder: &mut impl Coder, count: usize) -> Result<usize, BadDelta> {
        let count = self.tokens.code(coder, count as u32)? as usize;
        match count > MAX_PIECE_TOKENS {
            true => Err(BadDelta::Work),
            false => Ok(count),
        }
    }

    /// How many symbols are as expected.
    pub fn run(&mut self, coder: &mut impl Coder, run: usize) -> Result<usize, BadDelta> {
        Ok(self.run.code(coder, run as u32)? as usize)
    }

    /// What comes after them.
    pub fn step(
        &mut self,
        coder: &mut impl Coder,
        cursor: &Cursor<'_>,
        step: Step,
    ) -> Result<Step, BadDelta> {
        let number = match step {
            Step::Replace(_) => 0,
            Step::Insert(_) => 1,
            Step::Jump(_) => 2,
            Step::Distance(_) => 3,
        };
        let number = self.step[self.last_step].code(coder, number)? as usize;
        self.last_step = number;
        let (token, to, distance) = match step {
            Step::Replace(token) | Step::Insert(token) => (token, 0, 1),
            Step::Jump(to) => (Token::literal(0), to, 1),
            Step::Distance(distance) => (Token::literal(0), 0, distance),
        };
        Ok(match number {
            0 => Step::Replace(self.token(coder, token)?),
            1 => Step::Insert(self.token(coder, token)?),
            2 => {
                let is_back = coder.bit(&mut self.jump_back, to < cursor.at())?;
                let by = self.jump.code(coder, to.abs_diff(cursor.at()) as u32)? as usize;
                let to = match is_back {
                    true => cursor.at().checked_sub(by),
                    false => cursor.at().checked_add(by),
                };
                Step::Jump(to.ok_or(BadDelta::OutsideOfBase)?)
            }
            _ => {
                let original = cursor.original().filter(|token| token.is_copy());
                let original = original.ok_or(BadDelta::Streams)?.distance();
                match coder.bit(&mut self.is_original, distance == original)? {
                    true => Step::Distance(original),
                    false => Step::Distance(self.distance(coder, 1, distance)?),
                }
            }
        })
    }

    fn token(&mut self, coder: &mut impl Coder, token: Token) -> Result<Token, BadDelta> {
        let of_last = &mut self.is_copy[usize::from(self.last_is_copy)];
        self.last_is_copy = coder.bit(of_last, token.is_copy())?;
        if !self.last_is_copy {
            let of_last = self.literals.get_mut(usize::from(self.last_literal >> 5));
            let tree = of_last.ok_or(BadDelta::Streams)?;
            self.last_literal = tree.code(coder, u32::from(token.byte()))? as u8;
            return Ok(Token::literal(self.last_literal));
        }
        let (length, distance) = match token.is_copy() {
            true => (token.length() - 3, token.distance()),
            false => (0, 1),
        };
        let length = self.length.code(coder, length)? + 3;
        Ok(Token::copy(length, self.distance(coder, 0, distance)?))
    }

    fn distance(
        &mut self,
        coder: &mut impl Coder,
        which: usize,
        distance: u32,
    ) -> Result<u32, BadDelta> {
        let coded = of_distance(distance);
        let symbol = self.distance[which].code(coder, coded.symbol as u32)?;
        let (bits, least) = distance_of(symbol as usize)?;
        Ok(least + coder.direct(bits, coded.extra)?)
    }
}

/// Takes a step.
pub fn take(
    step: Step,
    cursor: &mut Cursor<'_>,
    tokens: &mut Vec<Token>,
    work: &mut Work,
) -> Result<(), BadDelta> {
    match step {
        Step::Replace(token) => {
            cursor.replace(token);
            tokens.push(token);
        }
        Step::Insert(token) => {
            cursor.insert(token);
            tokens.push(token);
        }
        Step::Jump(to) => {
            work.spend(JUMP_WORK)?;
            cursor.jump(to)?;
        }
        Step::Distance(distance) => {
            let original = cursor.original().filter(|token| token.is_copy());
            let token = original.ok_or(BadDelta::Streams)?.at_distance(distance);
            cursor.replace(token);
            tokens.push(token);
        }
    }
    Ok(())
}

/// The codes that told bits say.
pub fn told(bytes: &[u8]) -> Result<Lengths, BadDelta> {
    let slices = [bytes];
    let mut reader = super::bits::BitReader::at(&slices, 0).ok_or(BadDelta::Streams)?;
    Lengths::read(&mut reader)
}
