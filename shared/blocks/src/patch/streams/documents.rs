//! Finds which streams of a document are those of its last version, and makes patches by
//! their symbols.

use super::apply::apply;
use super::bits::{BitReader, BitWriter, packed};
use super::coder::Encoder;
use super::container::{may_have_streams, streams};
use super::cursor::{Cursor, Section};
use super::deflate::{HEADER_BITS, Kind, Stream, StreamBlock};
use super::model::{Codes, MAX_HEADER_BYTES, Model, Piece, Step, take};
use super::rest;
use super::symbols::Token;
use super::zlib::Header;
use super::{MAX_PIECE_TOKENS, MAX_SECTION_TOKENS, MAX_STREAMS_BLOCK_BYTES, Work};
use crate::hash::BlockHash;
use crate::patch::Patch;
use crate::patch::base::Blocks;
use crate::patch::delta::{BadDelta, streams_of, with_streams};
use crate::patch::index::BaseIndex;
use std::ops::Range;

/// The largest file, old or new, whose streams are compared: a worker has both in memory,
/// and their symbols.
pub const MAX_DOCUMENT_BYTES: u64 = 16 << 20;
/// The most symbols of all streams that are compared, old and new: with the index of the
/// largest, they take some 16 bytes each.
const MAX_DOCUMENT_TOKENS: usize = 10 << 20;
/// Fewer symbols than these are not worth a piece.
const LEAST_TOKENS: usize = 32;
/// No stretch of a section is worth decoding for fewer symbols than these…
const LEAST_HITS: usize = 16;
/// …or than this part of those that are in common.
const HITS_DIVISOR: usize = 200;
/// So far on it is looked for where the base goes on.
const LOOK_AHEAD: usize = 64;
const NOT_ALIGNED: u32 = u32::MAX;

/// Whether a file that begins with these bytes and has so many may be compared by its
/// streams.
pub fn may_be_document(start: &[u8], bytes: u64) -> bool {
    bytes <= MAX_DOCUMENT_BYTES && may_have_streams(start)
}

/// A document and its last version.
pub struct Documents {
    target: Vec<u8>,
    blocks: Blocks,
    index: BaseIndex,
    pairs: Vec<Pair>,
}

/// A stream that both have under one name, and that differs.
struct Pair {
    base: Stream,
    target: Stream,
    /// Of each symbol of the target: the one of the base that it is.
    aligned: Vec<u32>,
}

impl Documents {
    /// Compares a document with its last version, whose blocks are given in order. `None` if
    /// there is nothing to be said by symbols.
    pub fn of<'a>(
        base: impl IntoIterator<Item = (BlockHash, &'a [u8])>,
        target: Vec<u8>,
    ) -> Option<Self> {
        let mut blocks = Blocks::default();
        let mut old = Vec::new();
        for (hash, bytes) in base {
            // Where a block comes twice, places in the file are none among the blocks.
            if !blocks.add(hash, bytes.len()) {
                return None;
            }
            old.extend_from_slice(bytes);
        }
        let pairs = pairs(&old, &target);
        (!pairs.is_empty()).then(|| Self {
            target,
            blocks,
            index: BaseIndex::of(old),
            pairs,
        })
    }

    /// The patch that makes a block of the document, given by its bytes; `None` where it has
    /// more than may be said by symbols, or where the patch would not come out.
    pub fn patch(&self, block: Range<usize>) -> Option<Patch> {
        let target = self.target.get(block.clone())?;
        if target.len() > MAX_STREAMS_BLOCK_BYTES {
            return None;
        }
        let bits = 8 * block.start as u64..8 * block.end as u64;
        let parts: Vec<Part<'_>> = self
            .pairs
            .iter()
            .filter_map(|pair| Part::of(pair, &self.target, &bits))
            .collect();
        let mut rest = Vec::new();
        for gap in gaps(&parts, &bits) {
            packed(&self.target, gap.start, gap.end, &mut rest);
        }
        let needed = parts.iter().map(Part::base_bytes);
        let named = self.blocks.named(self.index.copies(&rest), needed)?;
        let starts = parts.iter().map(|part| {
            let byte = part.section_bits.start / 8;
            let place = self.blocks.place_among(&named, byte as usize)?;
            u32::try_from(8 * place as u64 + part.section_bits.start % 8).ok()
        });
        let starts: Vec<u32> = starts.collect::<Option<_>>()?;
        let base = self.blocks.bytes_of(&named, self.index.base());
        let mut coder = Encoder::new();
        rest::write(&mut coder, &base, &rest, &named.copies).ok()?;
        symbols(&mut coder, &parts, &starts, &bits).ok()?;
        let delta = with_streams(rest.len(), &coder.finish());
        let mut work = Work::of_a_request();
        let made = apply(&[&base], streams_of(&delta)?, target.len(), &mut work);
        (made.as_deref() == Ok(target)).then_some(Patch {
            bases: named.hashes,
            delta,
        })
    }
}

/// The streams that differ, in the order of the target.
fn pairs(old: &[u8], new: &[u8]) -> Vec<Pair> {
    let old_streams = streams(old);
    let mut found: Vec<(Range<usize>, Range<usize>)> = streams(new)
        .into_iter()
        .filter_map(|(name, place)| Some((place, old_streams.get(name)?.clone())))
        .filter(|(place, before)| new[place.clone()] != old[before.clone()])
        .collect();
    found.sort_by_key(|(place, _)| place.start);
    let mut left = MAX_DOCUMENT_TOKENS;
    let mut end = 0;
    let mut pairs = Vec::new();
    for (place, before) in found {
        // Entries of a zip that is broken may stand in each other.
        if place.start < end {
            continue;
        }
        let Ok(target) = Stream::read(new, place.start, left) else {
            continue;
        };
        let most = left.saturating_sub(target.tokens.len());
        let Ok(mut base) = Stream::read(old, before.start, most) else {
            continue;
        };
        base.widths = Vec::new();
        end = place.end.max(bytes_to(&target));
        left = left.saturating_sub(target.tokens.len() + base.tokens.len());
        let aligned = aligned(&base.tokens, &target.tokens);
        pairs.push(Pair {
            base,
            target,
            aligned,
        });
    }
    pairs
}

fn bytes_to(stream: &Stream) -> usize {
    let end = stream.blocks.last().map_or(0, |block| block.end);
    end.div_ceil(8) as usize
}

/// Which symbol of the base each of the target is. They are compared as bytes.
fn aligned(base: &[Token], target: &[Token]) -> Vec<u32> {
    let bytes = |tokens: &[Token]| -> Vec<u8> {
        let bytes = tokens.iter().flat_map(|token| token.0.to_le_bytes());
        bytes.collect()
    };
    const SIZE: usize = size_of::<u32>();
    let mut aligned = vec![NOT_ALIGNED; target.len()];
    for copy in BaseIndex::of(bytes(base)).copies(&bytes(target)) {
        let torn = copy.to.next_multiple_of(SIZE) - copy.to;
        if (copy.from + torn) % SIZE != 0 || copy.length < torn + SIZE {
            continue;
        }
        let (from, to) = ((copy.from + torn) / SIZE, (copy.to + torn) / SIZE);
        for at in 0..(copy.length - torn) / SIZE {
            aligned[to + at] = (from + at) as u32;
        }
    }
    aligned
}

/// What a block has of a stream.
struct Part<'a> {
    pair: &'a Pair,
    /// The symbols of the base that it is said by, and where they stand.
    section: Range<usize>,
    section_bits: Range<u64>,
    section_blocks: u32,
    pieces: Vec<PlacedPiece>,
}

/// A piece and where it stands.
struct PlacedPiece {
    piece: Piece,
    tokens: Range<usize>,
    bits: Range<u64>,
}

impl<'a> Part<'a> {
    fn of(pair: &'a Pair, file: &[u8], bits: &Range<u64>) -> Option<Self> {
        let overlaps = |block: &&StreamBlock| block.start < bits.end && block.end > bits.start;
        let blocks = pair.target.blocks.iter().filter(overlaps);
        let pieces = blocks.filter_map(|block| PlacedPiece::of(&pair.target, block, file, bits));
        let pieces: Vec<PlacedPiece> = pieces.collect();
        let first = pieces.first()?.tokens.start;
        let last = pieces.last()?.tokens.end;
        let blocks = section(pair, first..last)?;
        let blocks = &pair.base.blocks[blocks];
        let (first, last) = (blocks.first()?, blocks.last()?);
        let section = first.tokens.start..last.tokens.end;
        let is_stored = blocks.iter().any(|block| block.kind == Kind::Stored);
        (!is_stored && section.len() <= MAX_SECTION_TOKENS).then_some(Self {
            pair,
            section,
            section_bits: first.start..last.end,
            section_blocks: blocks.len() as u32,
            pieces,
        })
    }

    /// The bytes of the base that its section is in.
    fn base_bytes(&self) -> Range<usize> {
        let bits = &self.section_bits;
        (bits.start / 8) as usize..bits.end.div_ceil(8) as usize
    }

    /// Pieces that follow each other.
    fn runs(&self) -> impl Iterator<Item = &[PlacedPiece]> {
        self.pieces
            .chunk_by(|piece, next| piece.bits.end == next.bits.start)
    }
}

/// The blocks of the base that have most of what these symbols have in common with it.
fn section(pair: &Pair, tokens: Range<usize>) -> Option<Range<usize>> {
    let blocks = &pair.base.blocks;
    let mut hits = vec![0_usize; blocks.len()];
    let count = tokens.len();
    for &at in &pair.aligned[tokens] {
        if at != NOT_ALIGNED {
            let block = blocks.partition_point(|block| block.tokens.end <= at as usize);
            hits[block] += 1;
        }
    }
    let all: usize = hits.iter().sum();
    if all < count / 8 {
        return None;
    }
    let is_worth_it = |&hits: &usize| hits >= LEAST_HITS.max(all / HITS_DIVISOR);
    let first = hits.iter().position(is_worth_it)?;
    let last = hits.iter().rposition(is_worth_it)?;
    Some(first..last + 1)
}

impl PlacedPiece {
    /// What some bits of the file have of a block.
    fn of(stream: &Stream, block: &StreamBlock, file: &[u8], bits: &Range<u64>) -> Option<Self> {
        if block.kind == Kind::Stored || block.body > bits.end {
            return None;
        }
        let has_header = block.start >= bits.start;
        let widths = stream.widths.get(block.tokens.clone())?;
        let mut widths = widths.iter().map(|&bits| u64::from(bits));
        let mut first = block.tokens.start;
        let mut at = block.body;
        while at < bits.start {
            at += widths.next()?;
            first += 1;
        }
        let start = if has_header { block.start } else { at };
        let has_end = block.end <= bits.end;
        let mut last = first;
        for width in widths {
            if at + width > bits.end {
                break;
            }
            at += width;
            last += 1;
        }
        let end = if has_end { block.end } else { at };
        let tokens = stream.tokens.get(first..last)?;
        let header = has_header.then_some(block.is_last);
        let codes = match block.kind {
            Kind::Fixed => Codes::Fixed,
            _ => {
                let header = block.start + u64::from(HEADER_BITS)..block.body;
                let told = told(file, header)?;
                match (has_header && has_end).then(|| of_zlib(tokens)) {
                    Some(Some(of_zlib)) if of_zlib == told => Codes::Zlib,
                    _ => Codes::Told(told.0, told.1),
                }
            }
        };
        let is_worth_it = tokens.len() >= LEAST_TOKENS || codes == Codes::Zlib;
        (is_worth_it && tokens.len() <= MAX_PIECE_TOKENS).then_some(Self {
            piece: Piece {
                codes,
                header,
                has_end,
            },
            tokens: first..last,
            bits: start..end,
        })
    }
}

/// Some bits of a file, packed, and how many they are.
fn told(file: &[u8], bits: Range<u64>) -> Option<(Vec<u8>, u32)> {
    let slices = [file];
    let mut reader = BitReader::at(&slices, bits.start)?;
    let count = u32::try_from(bits.end - bits.start).ok()?;
    let mut bytes = Vec::new();
    let mut left = count;
    while left > 0 {
        let some = left.min(8);
        bytes.push(reader.take(some).ok()? as u8);
        left -= some;
    }
    (bytes.len() <= MAX_HEADER_BYTES).then_some((bytes, count))
}

/// The same of the header that zlib would write.
fn of_zlib(tokens: &[Token]) -> Option<(Vec<u8>, u32)> {
    let mut writer = BitWriter::of_length(MAX_HEADER_BYTES);
    Header::of(tokens).write(&mut writer).ok()?;
    let bits = u32::try_from(writer.position()).ok()?;
    Some((writer.whatever_there_is(), bits))
}

/// The bits around the pieces.
fn gaps(parts: &[Part<'_>], bits: &Range<u64>) -> Vec<Range<u64>> {
    let mut at = bits.start;
    let mut gaps = Vec::new();
    for run in parts.iter().flat_map(Part::runs) {
        if let (Some(first), Some(last)) = (run.first(), run.last()) {
            gaps.push(at..first.bits.start);
            at = last.bits.end;
        }
    }
    gaps.push(at..bits.end);
    gaps
}

/// Writes all but the rest; `starts` are those of the sections among the blocks that are
/// named.
fn symbols(
    coder: &mut Encoder,
    parts: &[Part<'_>],
    starts: &[u32],
    bits: &Range<u64>,
) -> Result<(), BadDelta> {
    let mut model = Model::new();
    let mut work = Work::of_a_request();
    let mut gaps = gaps(parts, bits).into_iter();
    let mut rest = |coder: &mut Encoder, model: &mut Model| {
        let gap = gaps.next().ok_or(BadDelta::Torn)?;
        model.rest(coder, (gap.end - gap.start) as u32)
    };
    for (part, &start) in parts.iter().zip(starts) {
        let base = &part.pair.base.tokens[part.section.clone()];
        let section = Section::of(base);
        for (number, run) in part.runs().enumerate() {
            rest(coder, &mut model)?;
            let told = (number == 0).then_some((start, part.section_blocks));
            model.section(coder, told)?;
            model.pieces(coder, run.len() as u32)?;
            let mut writing = Writing {
                coder,
                model: &mut model,
                cursor: Cursor::new(&section),
                work: &mut work,
                part,
            };
            for piece in run {
                writing.piece(piece)?;
            }
        }
    }
    // Where the last piece ends with the block, the rest is empty and still told.
    rest(coder, &mut model)?;
    Ok(())
}

struct Writing<'a> {
    coder: &'a mut Encoder,
    model: &'a mut Model,
    cursor: Cursor<'a>,
    work: &'a mut Work,
    part: &'a Part<'a>,
}

impl Writing<'_> {
    fn piece(&mut self, placed: &PlacedPiece) -> Result<(), BadDelta> {
        self.model.piece(self.coder, &placed.piece)?;
        self.model.count(self.coder, placed.tokens.len())?;
        let mut run = 0;
        let mut made = Vec::new();
        for at in placed.tokens.clone() {
            let token = self.part.pair.target.tokens[at];
            if self.cursor.expected() != Some(token) {
                self.model.run(self.coder, run)?;
                run = 0;
                let there = self.in_section(at).filter(|&to| to != self.cursor.at());
                if let Some(to) = there {
                    self.step(Step::Jump(to), &mut made)?;
                    if self.cursor.expected() != Some(token) {
                        self.model.run(self.coder, 0)?;
                    }
                }
                if self.cursor.expected() != Some(token) {
                    let step = self.step_for(token, at, placed.tokens.end);
                    self.step(step, &mut made)?;
                    continue;
                }
            }
            self.cursor.replace(token);
            run += 1;
        }
        self.model.run(self.coder, run)?;
        Ok(())
    }

    fn step(&mut self, step: Step, made: &mut Vec<Token>) -> Result<(), BadDelta> {
        self.model.step(self.coder, &self.cursor, step)?;
        take(step, &mut self.cursor, made, self.work)
    }

    /// The symbol of the section that one of the target is.
    fn in_section(&self, at: usize) -> Option<usize> {
        let section = &self.part.section;
        let place = *self.part.pair.aligned.get(at)?;
        let is_in = place != NOT_ALIGNED && section.contains(&(place as usize));
        is_in.then(|| place as usize - section.start)
    }

    fn step_for(&self, token: Token, at: usize, end: usize) -> Step {
        let original = self.cursor.original();
        if let Some(original) = original
            && original.is_copy()
            && token.is_copy()
            && original.length() == token.length()
        {
            return Step::Distance(token.distance());
        }
        let next = (at + 1..end.min(at + LOOK_AHEAD)).find_map(|at| self.in_section(at));
        let is_more = original.is_none() || next == Some(self.cursor.at());
        match is_more {
            true => Step::Insert(token),
            false => Step::Replace(token),
        }
    }
}
