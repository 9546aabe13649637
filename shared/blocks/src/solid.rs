//! Solid bodies: frames of which all patches share one stream, as the files of a solid
//! archive do. Patches of one edit are alike, and their names are what can't be
//! compressed, so most names do not travel.
//!
//! | part | what |
//! | --- | --- |
//! | mark | [`MARK`], which is no codec: who does not know solid bodies refuses this one as frames |
//! | version | 0 |
//! | digest | the hash of the hashes of all patches' blocks, one after another, and of the order (32) |
//! | columns | see below: of each its plain length, its stored length (0 if it is stored as it is) and its bytes |
//! | rest | the frames that are no patches, as in a body of frames |
//!
//! | column | numbers for each patch |
//! | --- | --- |
//! | order | for the whole body: how many patches come next, then how many frames of the rest, and so on |
//! | counts | how many base blocks there are, and how many steps |
//! | bases | which names they have: the difference to the number after the one before, zigzag-encoded |
//! | names | for the whole body: the first 8 bytes of each base block's hash |
//! | taken, copied, distances | of each step: see [`crate::patch`] |
//! | literals | those of all patches |
//!
//! Numbers are LEB128. A column is stored as DEFLATE (RFC 1951) where that is smaller. A
//! block's length is the sum of its steps. Its hash does not travel: who reads the body
//! makes the block, or knows it otherwise, and the digest tells whether all are right.

use crate::frame::{Codec, Frame, Payload, first_bytes, header, parse, patch_payload_of};
use crate::hash::{BlockHash, ShortHash};
use crate::limits::{
    MAX_BLOCK_BYTES, MAX_PACK_BLOCKS, MAX_PACK_PLAIN_BYTES, MAX_PATCH_BASES, MAX_SOLID_BYTES,
};
use crate::patch::Parts;
use crate::varint::{BadVarint, put, take, take_length, unzigzag, zigzag};
use miniz_oxide::deflate::compress_to_vec;
use miniz_oxide::inflate::decompress_slice_iter_to_slice;
use std::collections::HashMap;

/// The first byte of a solid body.
pub const MARK: u8 = 0x53;
const VERSION: u8 = 0;
const HASH_BYTES: usize = 32;
const NAME_BYTES: usize = 8;
/// Of DEFLATE. The levels above it save less than a hundredth more.
const LEVEL: u8 = 6;

/// Why a solid body was refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[allow(missing_docs, reason = "each message says what is wrong")]
pub enum BadSolid {
    #[error("the solid body ends in the middle")]
    Torn,
    #[error("the solid body has a version that is not known")]
    Version,
    #[error("a column of the solid body does not decode to the length that it claims")]
    Deflate,
    #[error("the columns of the solid body have more than {MAX_SOLID_BYTES} bytes")]
    TooLarge,
    #[error("the columns of the solid body do not fit each other")]
    Columns,
    #[error("a patch of the solid body makes no bytes, or more than a block may have")]
    Length,
    #[error("the patches of the solid body do not make the blocks that it was made of")]
    Digest,
}

impl From<BadVarint> for BadSolid {
    fn from(why: BadVarint) -> Self {
        match why {
            BadVarint::Torn => Self::Torn,
            BadVarint::TooLarge => Self::Columns,
        }
    }
}

/// Whether a body is a solid one.
pub fn is_solid(body: &[u8]) -> bool {
    body.first() == Some(&MARK)
}

const ORDER: usize = 0;
const COUNTS: usize = 1;
const BASES: usize = 2;
const NAMES: usize = 3;
const TAKEN: usize = 4;
const COPIED: usize = 5;
const DISTANCES: usize = 6;
const LITERALS: usize = 7;
const COLUMNS: usize = 8;

/// [`beginning`] of frames as they travel, each by itself.
pub fn beginning_of(frames: &[Option<&[u8]>]) -> Option<Vec<u8>> {
    let parsed = frames.iter().map(|frame| match frame {
        Some(bytes) => {
            let [frame] = parse(bytes).ok()?.try_into().ok()?;
            Some(Some(frame))
        }
        None => Some(None),
    });
    beginning(&parsed.collect::<Option<Vec<_>>>()?)
}

/// The beginning of a solid body: all of it but the frames that are no patches, which
/// follow it in their order. `None` among the frames stands for such a one. There is no
/// solid body (`None`) without patches, nor of too many bytes, nor of a patch that is
/// malformed.
pub fn beginning(frames: &[Option<Frame<'_>>]) -> Option<Vec<u8>> {
    let mut columns: [Vec<u8>; COLUMNS] = Default::default();
    let mut names: HashMap<ShortHash, u64> = HashMap::new();
    let mut next_name = 0;
    let mut hashes = Vec::new();
    let mut runs: Vec<(bool, u64)> = Vec::new();
    for frame in frames {
        match runs.last_mut() {
            Some((is_patch, count)) if *is_patch == frame.is_some() => *count += 1,
            _ => runs.push((frame.is_some(), 1)),
        }
        let Some(frame) = frame else {
            continue;
        };
        let Payload::Patch {
            length,
            bases,
            delta,
        } = &frame.content
        else {
            return None;
        };
        hashes.extend_from_slice(frame.hash.as_bytes());
        let parts = Parts::read(delta, *length).ok()?;
        let steps = put_steps(&mut columns, &parts.steps, *length)?;
        columns[LITERALS].extend_from_slice(&parts.literals);
        put(&mut columns[COUNTS], bases.len() as u64);
        put(&mut columns[COUNTS], steps);
        for base in bases {
            let name = base.short();
            let new = names.len() as u64;
            let number = *names.entry(name).or_insert(new);
            if number == new {
                columns[NAMES].extend_from_slice(name.as_bytes());
            }
            let distance = zigzag(number as i64 - next_name as i64);
            put(&mut columns[BASES], distance);
            next_name = number + 1;
        }
        if columns.iter().map(Vec::len).sum::<usize>() > MAX_SOLID_BYTES {
            return None;
        }
    }
    if hashes.is_empty() {
        return None;
    }
    if runs.first().is_some_and(|(is_patch, _)| !is_patch) {
        put(&mut columns[ORDER], 0);
    }
    for (_, count) in runs {
        put(&mut columns[ORDER], count);
    }
    let mut body = vec![MARK, VERSION];
    hashes.extend_from_slice(&columns[ORDER]);
    body.extend_from_slice(BlockHash::of(&hashes).as_bytes());
    for column in &columns {
        put_column(&mut body, column);
    }
    (body.len() <= MAX_SOLID_BYTES).then_some(body)
}

/// Appends the steps of a delta, and says how many there are.
fn put_steps(columns: &mut [Vec<u8>; COLUMNS], steps: &[u8], length: usize) -> Option<u64> {
    let mut rest = steps;
    let (mut count, mut made) = (0, 0_u64);
    while !rest.is_empty() {
        let (taken, copied) = (take(&mut rest).ok()?, take(&mut rest).ok()?);
        put(&mut columns[TAKEN], taken);
        put(&mut columns[COPIED], copied);
        if copied > 0 {
            put(&mut columns[DISTANCES], take(&mut rest).ok()?);
        } else if !rest.is_empty() {
            return None;
        }
        made = made.checked_add(taken)?.checked_add(copied)?;
        count += 1;
    }
    (made == length as u64).then_some(count)
}

fn put_column(body: &mut Vec<u8>, column: &[u8]) {
    let deflated = compress_to_vec(column, LEVEL);
    let deflated = (deflated.len() < column.len()).then_some(deflated);
    put(body, column.len() as u64);
    put(body, deflated.as_ref().map_or(0, Vec::len) as u64);
    body.extend_from_slice(deflated.as_deref().unwrap_or(column));
}

/// A patch of a solid body.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SolidPatch {
    /// Bytes of the block.
    pub length: usize,
    /// The beginnings of the names of the base blocks, in order.
    pub bases: Vec<ShortHash>,
    /// The delta, as a frame has it.
    pub delta: Vec<u8>,
}

/// A solid body, taken apart.
pub struct Solid<'a> {
    /// The patches, in their order.
    pub patches: Vec<SolidPatch>,
    digest: BlockHash,
    order: Vec<usize>,
    rest: &'a [u8],
}

/// The columns of a body that are not decoded yet, their plain lengths, and what follows.
type Stored<'a> = ([(usize, Option<&'a [u8]>, &'a [u8]); COLUMNS], &'a [u8]);

fn split(body: &[u8]) -> Result<(BlockHash, Stored<'_>), BadSolid> {
    let (&[mark, version], rest) = body.split_first_chunk().ok_or(BadSolid::Torn)?;
    if (mark, version) != (MARK, VERSION) {
        return Err(BadSolid::Version);
    }
    let (digest, mut rest) = rest
        .split_first_chunk::<HASH_BYTES>()
        .ok_or(BadSolid::Torn)?;
    let mut columns = [(0, None, &[] as &[u8]); COLUMNS];
    let mut left = MAX_SOLID_BYTES;
    for column in &mut columns {
        let plain = take_length(&mut rest, MAX_SOLID_BYTES).map_err(too_large)?;
        left = left.checked_sub(plain).ok_or(BadSolid::TooLarge)?;
        let deflated = take_length(&mut rest, MAX_SOLID_BYTES).map_err(too_large)?;
        let stored = match deflated {
            0 => plain,
            deflated => deflated,
        };
        let (bytes, after) = rest.split_at_checked(stored).ok_or(BadSolid::Torn)?;
        *column = match deflated {
            0 => (plain, None, bytes),
            _ => (plain, Some(bytes), bytes),
        };
        rest = after;
    }
    Ok((BlockHash::from_bytes(*digest), (columns, rest)))
}

fn too_large(why: BadVarint) -> BadSolid {
    match why {
        BadVarint::Torn => BadSolid::Torn,
        BadVarint::TooLarge => BadSolid::TooLarge,
    }
}

/// About how many bytes of memory it takes to read a solid body, beside it.
///
/// # Errors
/// It is torn, or claims more than [`MAX_SOLID_BYTES`].
pub fn read_bytes(body: &[u8]) -> Result<usize, BadSolid> {
    let (_, (columns, _)) = split(body)?;
    let plain: usize = columns.iter().map(|(plain, ..)| plain).sum();
    // The columns, and the deltas made of them.
    Ok(2 * plain)
}

impl<'a> Solid<'a> {
    /// Takes a solid body apart. The lengths that it claims are limits, and nothing is
    /// decoded if they are too large.
    ///
    /// # Errors
    /// It is malformed, or its patches are of more bytes than a request may be.
    pub fn read(body: &'a [u8]) -> Result<Self, BadSolid> {
        Self::read_within(body, MAX_PACK_PLAIN_BYTES)
    }

    /// The same for patches of so many plain bytes at most.
    ///
    /// # Errors
    /// As above.
    pub fn read_within(body: &'a [u8], most_plain_bytes: usize) -> Result<Self, BadSolid> {
        let (digest, (stored, rest)) = split(body)?;
        let mut plain: [Vec<u8>; COLUMNS] = Default::default();
        for (column, (length, deflated, bytes)) in plain.iter_mut().zip(stored) {
            *column = match deflated {
                None => bytes.to_vec(),
                Some(deflated) => inflate(deflated, length)?,
            };
        }
        let (names, torn) = plain[NAMES].as_chunks::<NAME_BYTES>();
        if !torn.is_empty() {
            return Err(BadSolid::Columns);
        }
        let mut order = Vec::new();
        let mut runs = plain[ORDER].as_slice();
        while !runs.is_empty() {
            order.push(take_length(&mut runs, MAX_PACK_BLOCKS)?);
        }
        let patches = order
            .iter()
            .step_by(2)
            .try_fold(0_usize, |sum, &count| sum.checked_add(count))
            .filter(|&patches| patches <= MAX_PACK_BLOCKS)
            .ok_or(BadSolid::Columns)?;
        let mut reader = Reader {
            names,
            next_name: 0,
            counts: &plain[COUNTS],
            bases: &plain[BASES],
            steps: [&plain[TAKEN], &plain[COPIED], &plain[DISTANCES]],
            literals: &plain[LITERALS],
            left_bytes: most_plain_bytes,
        };
        let read: Result<Vec<SolidPatch>, BadSolid> =
            (0..patches).map(|_| reader.patch()).collect();
        let patches = read?;
        match reader.is_empty() {
            true => Ok(Self {
                patches,
                digest,
                order,
                rest,
            }),
            false => Err(BadSolid::Columns),
        }
    }

    /// The same as a body of frames. `named` has of each patch the hash of its block, and
    /// those of its base blocks.
    ///
    /// # Errors
    /// They are not the blocks of which the solid body was made.
    pub fn frames(&self, named: &[(BlockHash, Vec<BlockHash>)]) -> Result<Vec<u8>, BadSolid> {
        let mut hashes: Vec<u8> = named
            .iter()
            .flat_map(|(hash, _)| hash.as_bytes())
            .copied()
            .collect();
        for &run in &self.order {
            put(&mut hashes, run as u64);
        }
        let do_fit = named.len() == self.patches.len() && BlockHash::of(&hashes) == self.digest;
        if !do_fit {
            return Err(BadSolid::Digest);
        }
        let mut patches = self.patches.iter().zip(named);
        let mut rest = self.rest;
        let mut body = Vec::new();
        for run in self.order.chunks(2) {
            for _ in 0..run.first().copied().unwrap_or(0) {
                let (patch, (hash, bases)) = patches.next().ok_or(BadSolid::Columns)?;
                let payload = patch_payload_of(patch.length as u32, bases, &patch.delta);
                // It fits, since the columns of all patches do.
                let head = header(Codec::Patch, *hash, payload.len() as u32);
                body.extend_from_slice(&head);
                body.extend_from_slice(&payload);
            }
            for _ in 0..run.get(1).copied().unwrap_or(0) {
                let length = first_bytes(rest).ok_or(BadSolid::Torn)?;
                let (frame, after) = rest.split_at_checked(length).ok_or(BadSolid::Torn)?;
                body.extend_from_slice(frame);
                rest = after;
            }
        }
        match rest {
            [] => Ok(body),
            _ => Err(BadSolid::Columns),
        }
    }

    /// How many frames of the body come before each patch, that patch not counted.
    pub fn places(&self) -> Vec<usize> {
        let mut places = Vec::with_capacity(self.patches.len());
        let mut at = 0;
        for run in self.order.chunks(2) {
            let count = run.first().copied().unwrap_or(0);
            places.extend(at..at + count);
            at += count + run.get(1).copied().unwrap_or(0);
        }
        places
    }

    /// Bytes of the frames that are no patches.
    pub fn rest_bytes(&self) -> usize {
        self.rest.len()
    }
}

/// The plain bytes of a column, of which there must be `length`.
fn inflate(deflated: &[u8], length: usize) -> Result<Vec<u8>, BadSolid> {
    let mut plain = vec![0; length];
    let parts = std::iter::once(deflated);
    match decompress_slice_iter_to_slice(&mut plain, parts, false, true) {
        Ok(written) if written == length => Ok(plain),
        _ => Err(BadSolid::Deflate),
    }
}

/// What is left of the columns.
struct Reader<'a> {
    names: &'a [[u8; NAME_BYTES]],
    next_name: i64,
    counts: &'a [u8],
    bases: &'a [u8],
    /// What is taken, what is copied, and from where.
    steps: [&'a [u8]; 3],
    literals: &'a [u8],
    /// How many bytes all further blocks may have.
    left_bytes: usize,
}

impl Reader<'_> {
    fn patch(&mut self) -> Result<SolidPatch, BadSolid> {
        let bases = take_length(&mut self.counts, MAX_PATCH_BASES)?;
        let bases = (0..bases).map(|_| self.name());
        let bases: Vec<ShortHash> = bases.collect::<Result<_, _>>()?;
        let count = take_length(&mut self.counts, MAX_SOLID_BYTES)?;
        let mut steps = Vec::new();
        let (mut length, mut literals) = (0_usize, 0_usize);
        for number in 1..=count {
            let [all_taken, all_copied, distances] = &mut self.steps;
            let taken = take_length(all_taken, MAX_BLOCK_BYTES)?;
            let copied = take_length(all_copied, MAX_BLOCK_BYTES)?;
            put(&mut steps, taken as u64);
            put(&mut steps, copied as u64);
            if copied > 0 {
                put(&mut steps, take(distances)?);
            } else if number < count {
                return Err(BadSolid::Columns);
            }
            literals += taken;
            length += taken + copied;
            if length > MAX_BLOCK_BYTES {
                return Err(BadSolid::Length);
            }
        }
        if length == 0 {
            return Err(BadSolid::Length);
        }
        self.left_bytes = self
            .left_bytes
            .checked_sub(length)
            .ok_or(BadSolid::TooLarge)?;
        let (literals, rest) = self
            .literals
            .split_at_checked(literals)
            .ok_or(BadSolid::Columns)?;
        self.literals = rest;
        let literals = literals.to_vec();
        let delta = Parts { steps, literals }.join();
        Ok(SolidPatch {
            length,
            bases,
            delta,
        })
    }

    fn name(&mut self) -> Result<ShortHash, BadSolid> {
        let distance = unzigzag(take(&mut self.bases)?);
        let number = self.next_name.checked_add(distance);
        let number = number.and_then(|number| usize::try_from(number).ok());
        let number = number.filter(|&number| number < self.names.len());
        let number = number.ok_or(BadSolid::Columns)?;
        self.next_name = number as i64 + 1;
        Ok(ShortHash::from_bytes(self.names[number]))
    }

    fn is_empty(&self) -> bool {
        let left = [self.counts, self.bases, self.literals];
        left.iter().chain(&self.steps).all(|left| left.is_empty())
    }
}
