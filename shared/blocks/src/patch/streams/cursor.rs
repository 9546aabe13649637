//! How the symbols of a section of the base become those of the target.
//!
//! A cursor stands at a symbol of the section, which is what the target is expected to go on
//! with. A literal is expected as it is. A copy is expected to copy the same bytes: where
//! these are in the target by now follows from what was taken from the base before it,
//! so whatever was put in or left out in between moves a copy's distance along.

use super::bits::BitReader;
use super::deflate::{Decoders, Kind, Lengths, read_kind};
use super::symbols::{MAX_DISTANCE, Token};
use super::{MAX_SECTION_TOKENS, Work};
use crate::patch::delta::BadDelta;
use std::collections::VecDeque;

/// How many of the last stretches that were taken are looked at for the bytes of a copy.
const STRETCHES: usize = 32;
/// After so many symbols it is known how many bytes those before have made.
const CHECKPOINT: usize = 64;

/// Some symbols of a base.
pub struct Section<'a> {
    tokens: std::borrow::Cow<'a, [Token]>,
    /// The plain bytes before each [`CHECKPOINT`]th symbol.
    checkpoints: Vec<u32>,
}

impl<'a> Section<'a> {
    pub fn of(tokens: impl Into<std::borrow::Cow<'a, [Token]>>) -> Self {
        let tokens = tokens.into();
        let mut checkpoints = Vec::with_capacity(tokens.len() / CHECKPOINT + 1);
        let mut bytes = 0_u32;
        for part in tokens.chunks(CHECKPOINT) {
            checkpoints.push(bytes);
            bytes += part.iter().map(|token| token.length()).sum::<u32>();
        }
        checkpoints.push(bytes);
        Self {
            tokens,
            checkpoints,
        }
    }

    /// Reads so many blocks of the base, the first of which begins at a bit.
    pub fn read(
        base: &[&[u8]],
        bit: u64,
        blocks: u32,
        work: &mut Work,
    ) -> Result<Section<'static>, BadDelta> {
        let mut reader = BitReader::at(base, bit).ok_or(BadDelta::OutsideOfBase)?;
        // Growing would take up to three times as much.
        let bytes: usize = base.iter().map(|block| block.len()).sum();
        let mut tokens = Vec::with_capacity(bytes.min(MAX_SECTION_TOKENS));
        for _ in 0..blocks {
            let lengths = match read_kind(&mut reader)? {
                (_, Kind::Stored) => return Err(BadDelta::Streams),
                (_, Kind::Fixed) => Lengths::fixed(),
                (_, Kind::Dynamic) => Lengths::read(&mut reader)?,
            };
            let decoders = Decoders::of(&lengths)?;
            work.spend(decoders.work())?;
            let before = tokens.len();
            while let Some((token, _)) = decoders.next(&mut reader)? {
                if tokens.len() == MAX_SECTION_TOKENS {
                    return Err(BadDelta::Work);
                }
                tokens.push(token);
            }
            work.spend((tokens.len() - before) as u64)?;
        }
        Ok(Section::of(tokens))
    }

    fn bytes_before(&self, at: usize) -> Option<u32> {
        let checkpoint = at / CHECKPOINT;
        let from = checkpoint * CHECKPOINT;
        let some = self.tokens.get(from..at)?;
        let before = self.checkpoints.get(checkpoint)?;
        Some(before + some.iter().map(|token| token.length()).sum::<u32>())
    }
}

/// A stretch of plain bytes that both have, but for what was replaced by as many bytes.
#[derive(Clone, Copy)]
struct Stretch {
    base: i64,
    length: i64,
    /// How much farther on it is in the target.
    moved: i64,
}

/// Stands in a section.
pub struct Cursor<'a> {
    section: &'a Section<'a>,
    at: usize,
    /// Plain bytes of the section before it.
    base: i64,
    /// Plain bytes of the target, from where the cursor began.
    target: i64,
    taken: VecDeque<Stretch>,
}

impl<'a> Cursor<'a> {
    pub fn new(section: &'a Section<'a>) -> Self {
        Self {
            section,
            at: 0,
            base: 0,
            target: 0,
            taken: VecDeque::with_capacity(STRETCHES),
        }
    }

    /// The number of the symbol where it stands.
    pub fn at(&self) -> usize {
        self.at
    }

    /// The symbol where it stands, as the base has it; `None` at the end.
    pub fn original(&self) -> Option<Token> {
        self.section.tokens.get(self.at).copied()
    }

    /// The symbol that the target is expected to go on with.
    pub fn expected(&self) -> Option<Token> {
        let token = self.original()?;
        if !token.is_copy() {
            return Some(token);
        }
        let from = self.base - i64::from(token.distance());
        let Some(moved) = self.moved(from) else {
            return Some(token);
        };
        let distance = self.target - from - moved;
        match u32::try_from(distance) {
            Ok(distance @ 1..=MAX_DISTANCE) => Some(token.at_distance(distance)),
            _ => Some(token),
        }
    }

    /// How much farther on a byte of the base is in the target: as its stretch, or where it
    /// is in none, as the one before it.
    fn moved(&self, from: i64) -> Option<i64> {
        let is_in = |stretch: &&Stretch| (0..stretch.length).contains(&(from - stretch.base));
        let before = |stretch: &&Stretch| stretch.base <= from;
        let stretches = || self.taken.iter().rev();
        let stretch = stretches()
            .find(is_in)
            .or_else(|| {
                stretches()
                    .filter(before)
                    .max_by_key(|stretch| stretch.base)
            })
            .or_else(|| stretches().min_by_key(|stretch| stretch.base));
        Some(stretch?.moved)
    }

    /// The target goes on with this symbol, in place of the one where the cursor stands.
    pub fn replace(&mut self, token: Token) {
        let length = i64::from(token.length());
        if let Some(original) = self.original() {
            let old = i64::from(original.length());
            if old == length {
                self.took(length);
            }
            self.at += 1;
            self.base += old;
        }
        self.target += length;
    }

    /// The target has this symbol more.
    pub fn insert(&mut self, token: Token) {
        self.target += i64::from(token.length());
    }

    /// Goes to another symbol of the section.
    pub fn jump(&mut self, at: usize) -> Result<(), BadDelta> {
        let before = self.section.bytes_before(at);
        self.base = i64::from(before.ok_or(BadDelta::OutsideOfBase)?);
        self.at = at;
        Ok(())
    }

    fn took(&mut self, length: i64) {
        let moved = self.target - self.base;
        if let Some(last) = self.taken.back_mut()
            && last.moved == moved
            && last.base <= self.base
        {
            last.length = last.length.max(self.base + length - last.base);
            return;
        }
        if self.taken.len() == STRETCHES {
            self.taken.pop_front();
        }
        self.taken.push_back(Stretch {
            base: self.base,
            length,
            moved,
        });
    }
}
