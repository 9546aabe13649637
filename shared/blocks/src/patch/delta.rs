//! The delta format: which stretches of the base to copy, and the bytes in
//! between.
//!
//! | part | what |
//! | --- | --- |
//! | flags | one byte; bit 0: the steps are LZ4, bit 1: the literals are; the rest is zero. 4: what follows is another format, that of [`super::streams`] |
//! | lengths | the steps' stored length; if LZ4, their plain length; if the literals are LZ4, their plain length |
//! | steps | one after another: literals to take, bytes to copy, and where from |
//! | literals | all of them, to the end of the delta |
//!
//! Numbers are LEB128. A copy's start is a distance, zigzag-encoded: it counts from
//! the place where the copy before would go on if the literals in between had
//! replaced as many bytes of the base. So a change in place costs one byte for it. A
//! step that copies nothing has no distance and is the last. The target's length is
//! not part of a delta: its reader knows it.

use crate::limits::MAX_BLOCK_BYTES;
use crate::lz4;
use crate::varint::{BadVarint, put, take, take_length, unzigzag, zigzag};

const LZ4_STEPS: u8 = 1;
const LZ4_LITERALS: u8 = 2;
const STREAMS: u8 = 4;

/// Why a delta was refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[allow(missing_docs, reason = "each message says what is wrong")]
pub enum BadDelta {
    #[error("the delta ends in the middle")]
    Torn,
    #[error("the delta has the unknown flags {flags:#04x}")]
    Flags { flags: u8 },
    #[error("the delta holds broken LZ4 data")]
    Lz4,
    #[error("the delta does not make the length that it claims")]
    Length,
    #[error("the delta copies from outside of its base")]
    OutsideOfBase,
    #[error("{length} bytes are more than the {MAX_BLOCK_BYTES} of a block")]
    TooLarge { length: usize },
    #[error("the delta says deflate streams that can't be")]
    Streams,
    #[error("the delta's deflate streams are too much work")]
    Work,
}

impl From<BadVarint> for BadDelta {
    fn from(why: BadVarint) -> Self {
        match why {
            BadVarint::Torn => Self::Torn,
            BadVarint::TooLarge => Self::Length,
        }
    }
}

/// A stretch of the target that the base has as well.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Copy {
    /// Where it is in the base.
    pub from: usize,
    /// Where it is in the target.
    pub to: usize,
    /// Bytes, at least 1.
    pub length: usize,
}

/// Writes the delta that makes `target` from a base by `copies`. The copies are in
/// the order of the target and do not overlap there.
pub(super) fn write(target: &[u8], copies: &[Copy]) -> Vec<u8> {
    let mut steps = Vec::new();
    let mut literals = Vec::new();
    let mut to = 0;
    let mut from = 0;
    for copy in copies {
        let taken = copy.to - to;
        literals.extend_from_slice(&target[to..copy.to]);
        put(&mut steps, taken as u64);
        put(&mut steps, copy.length as u64);
        put(&mut steps, zigzag(copy.from as i64 - (from + taken) as i64));
        to = copy.to + copy.length;
        from = copy.from + copy.length;
    }
    if to < target.len() {
        literals.extend_from_slice(&target[to..]);
        put(&mut steps, (target.len() - to) as u64);
        put(&mut steps, 0);
    }
    Parts { steps, literals }.join()
}

/// A delta in the format of [`super::streams`]: how many bytes the rest has, and what the
/// range coder wrote.
pub(super) fn with_streams(rest_bytes: usize, coded: &[u8]) -> Vec<u8> {
    let mut delta = vec![STREAMS];
    put(&mut delta, rest_bytes as u64);
    delta.extend_from_slice(coded);
    delta
}

/// What stands after the flags of a delta in the format of [`super::streams`]; `None` of
/// another delta.
pub(super) fn streams_of(delta: &[u8]) -> Option<&[u8]> {
    let (&flags, parts) = delta.split_first()?;
    (flags == STREAMS).then_some(parts)
}

/// Makes the target of a delta of steps and literals. See [`super::apply`].
pub(super) fn apply(base: &[&[u8]], delta: &[u8], length: usize) -> Result<Vec<u8>, BadDelta> {
    if length > MAX_BLOCK_BYTES {
        return Err(BadDelta::TooLarge { length });
    }
    let parts = Parts::read(delta, length)?;
    let starts = starts(base);
    let mut steps = parts.steps.as_slice();
    let mut literals = parts.literals.as_slice();
    let mut target = Vec::with_capacity(length);
    let mut from = 0_u64;
    while target.len() < length {
        let left = length - target.len();
        let taken = take_length(&mut steps, left)?;
        let (these, rest) = literals.split_at_checked(taken).ok_or(BadDelta::Torn)?;
        target.extend_from_slice(these);
        literals = rest;
        let copied = take_length(&mut steps, left - taken)?;
        if copied == 0 {
            if target.len() < length {
                return Err(BadDelta::Length);
            }
            break;
        }
        let distance = unzigzag(take(&mut steps)?);
        let start = (from + taken as u64).checked_add_signed(distance);
        let start = start.ok_or(BadDelta::OutsideOfBase)?;
        copy(base, &starts, start, copied, &mut target)?;
        from = start + copied as u64;
    }
    if !steps.is_empty() || !literals.is_empty() {
        return Err(BadDelta::Length);
    }
    Ok(target)
}

/// A delta's steps and literals, decompressed.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Parts {
    pub steps: Vec<u8>,
    pub literals: Vec<u8>,
}

impl Parts {
    /// The delta of these.
    pub fn join(&self) -> Vec<u8> {
        let lz4_steps = lz4::compress(&self.steps);
        let lz4_literals = lz4::compress(&self.literals);
        let mut delta = vec![0];
        let stored_steps = lz4_steps.as_ref().unwrap_or(&self.steps);
        put(&mut delta, stored_steps.len() as u64);
        if lz4_steps.is_some() {
            delta[0] |= LZ4_STEPS;
            put(&mut delta, self.steps.len() as u64);
        }
        if lz4_literals.is_some() {
            delta[0] |= LZ4_LITERALS;
            put(&mut delta, self.literals.len() as u64);
        }
        delta.extend_from_slice(stored_steps);
        delta.extend_from_slice(lz4_literals.as_ref().unwrap_or(&self.literals));
        delta
    }

    /// Takes apart the delta of a target of so many bytes.
    ///
    /// # Errors
    /// The delta is malformed, or could not be of such a target.
    pub fn read(delta: &[u8], length: usize) -> Result<Self, BadDelta> {
        let (&flags, mut rest) = delta.split_first().ok_or(BadDelta::Torn)?;
        if flags & !(LZ4_STEPS | LZ4_LITERALS) != 0 {
            return Err(BadDelta::Flags { flags });
        }
        // The shortest copies have six bytes, and are written in three.
        let most_steps = length + ONE_STEP_BYTES;
        let stored_steps = take_length(&mut rest, most_steps)?;
        let plain_steps = match flags & LZ4_STEPS {
            0 => None,
            _ => Some(take_length(&mut rest, most_steps)?),
        };
        let plain_literals = match flags & LZ4_LITERALS {
            0 => None,
            _ => Some(take_length(&mut rest, length)?),
        };
        let (steps, literals) = rest.split_at_checked(stored_steps).ok_or(BadDelta::Torn)?;
        Ok(Self {
            steps: plain(steps, plain_steps)?,
            literals: plain(literals, plain_literals)?,
        })
    }
}

/// The most bytes that a step takes: three numbers of at most ten.
const ONE_STEP_BYTES: usize = 30;

fn plain(stored: &[u8], lz4_length: Option<usize>) -> Result<Vec<u8>, BadDelta> {
    match lz4_length {
        Some(length) => lz4::decompress(stored, length).map_err(|_| BadDelta::Lz4),
        None => Ok(stored.to_vec()),
    }
}

/// Where each block of the base begins.
pub(super) fn starts(base: &[&[u8]]) -> Vec<u64> {
    let next = |at: &mut u64, block: &&[u8]| {
        let start = *at;
        *at += block.len() as u64;
        Some(start)
    };
    base.iter().scan(0, next).collect()
}

/// Appends `length` bytes of the base from `start` on to `target`.
pub(super) fn copy(
    base: &[&[u8]],
    starts: &[u64],
    start: u64,
    length: usize,
    target: &mut Vec<u8>,
) -> Result<(), BadDelta> {
    let first = starts.partition_point(|&at| at <= start).saturating_sub(1);
    let into = starts.get(first).map_or(0, |&at| start - at);
    let mut skipped = usize::try_from(into).map_err(|_| BadDelta::OutsideOfBase)?;
    let mut left = length;
    for block in base.iter().skip(first) {
        let here = block.get(skipped..).unwrap_or_default();
        let here = here.get(..left).unwrap_or(here);
        target.extend_from_slice(here);
        left -= here.len();
        if left == 0 {
            return Ok(());
        }
        skipped = 0;
    }
    Err(BadDelta::OutsideOfBase)
}
