//! Reads many small parts of packs with few calls.

use super::packs::pack_key;
use crate::error::Failure;
use crate::memory::{self, Hold};
use crate::ports::Packs;
use futures_util::future::join_all;
use protocol::ids::{PackId, SpaceId};
use std::collections::BTreeMap;

/// Hard. The most reads that wait for an answer at a time: a Worker has six
/// connections.
const READS_AT_A_TIME: usize = 6;

/// A part of a pack.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Extent {
    /// The pack.
    pub pack: PackId,
    /// Where the part begins, in bytes.
    pub offset: u64,
    /// Bytes.
    pub length: u64,
}

impl Extent {
    /// The offset of the first byte behind the extent.
    pub fn end(&self) -> u64 {
        self.offset.saturating_add(self.length)
    }

    /// Whether the other extent begins where this one ends.
    pub fn is_followed_by(&self, other: &Self) -> bool {
        self.pack == other.pack && self.end() == other.offset
    }

    /// Whether the other extent is part of this one.
    pub fn contains(&self, other: &Self) -> bool {
        self.cover(other) == Some(*self)
    }

    /// Both extents with what is between them; `None` if they are in different packs.
    pub fn cover(&self, other: &Self) -> Option<Self> {
        let offset = self.offset.min(other.offset);
        let end = self.end().max(other.end());
        (self.pack == other.pack).then(|| Self {
            pack: self.pack,
            offset,
            length: end.saturating_sub(offset),
        })
    }

    /// Takes in the extent that follows this one.
    pub fn extend(&mut self, follower: &Self) {
        self.length = self.length.saturating_add(follower.length);
    }
}

/// Parts that are to be read. Parts that are side by side in a pack take one call.
#[derive(Debug, Default)]
pub struct Reads {
    /// The lengths, by pack and offset.
    parts: BTreeMap<(PackId, u64), u64>,
    calls: usize,
}

impl Reads {
    /// Adds a part, unless that would take more calls than `most_calls`. Returns
    /// whether it did. Parts must not overlap unless they are the same.
    pub fn add(&mut self, part: Extent, most_calls: usize) -> bool {
        let Extent { pack, offset, .. } = part;
        if self.parts.contains_key(&(pack, offset)) {
            return true;
        }
        let before = self.parts.range(..(pack, offset)).next_back();
        let joins_before = before.is_some_and(|(&(pack, offset), &length)| {
            let before = Extent {
                pack,
                offset,
                length,
            };
            before.is_followed_by(&part)
        });
        let joins_after = self.parts.contains_key(&(pack, part.end()));
        let calls = self
            .calls
            .saturating_add(1)
            .saturating_sub(usize::from(joins_before))
            .saturating_sub(usize::from(joins_after));
        if calls > most_calls {
            return false;
        }
        self.calls = calls;
        self.parts.insert((pack, offset), part.length);
        true
    }

    /// How many calls it takes.
    pub fn calls(&self) -> usize {
        self.calls
    }

    /// The extent of each call. Every part is within one of them.
    fn runs(&self) -> Vec<Extent> {
        let mut runs: Vec<Extent> = Vec::new();
        for (&(pack, offset), &length) in &self.parts {
            let part = Extent {
                pack,
                offset,
                length,
            };
            match runs.last_mut() {
                Some(last) if last.is_followed_by(&part) => last.extend(&part),
                _ => runs.push(part),
            }
        }
        runs
    }

    /// Reads all parts into memory. The caller has bounded how much that is.
    ///
    /// # Errors
    /// The pack store does not answer. 503 `hands_full`.
    pub async fn read(&self, packs: &impl Packs, space: SpaceId) -> Result<ExtentBytes, Failure> {
        read(packs, space, &self.runs()).await
    }
}

/// Reads extents into memory, with one call for each. The caller has bounded how much
/// that is.
///
/// # Errors
/// The pack store does not answer. 503 `hands_full`.
pub async fn read(
    packs: &impl Packs,
    space: SpaceId,
    extents: &[Extent],
) -> Result<ExtentBytes, Failure> {
    let length: u64 = extents.iter().map(|extent| extent.length).sum();
    let held = memory::hold(usize::try_from(length).unwrap_or(usize::MAX))?;
    let mut bytes = Vec::new();
    for some in extents.chunks(READS_AT_A_TIME) {
        let reads = some.iter().map(async |extent| {
            let key = pack_key(space, extent.pack);
            packs.read(&key, extent.offset, extent.length).await
        });
        for (extent, read) in some.iter().zip(join_all(reads).await) {
            if let Some(read) = read? {
                bytes.push((*extent, read));
            }
        }
    }
    Ok(ExtentBytes {
        read: bytes,
        _held: held,
    })
}

/// The bytes that were read, with the memory that is held for them.
pub struct ExtentBytes {
    read: Vec<(Extent, Vec<u8>)>,
    _held: Hold,
}

impl ExtentBytes {
    /// The bytes of a part; `None` if its pack is gone or shorter.
    pub fn of(&self, part: &Extent) -> Option<&[u8]> {
        let mut around = self.read.iter().filter(|(extent, _)| extent.contains(part));
        let (extent, bytes) = around.next()?;
        let start = usize::try_from(part.offset.checked_sub(extent.offset)?).ok()?;
        let length = usize::try_from(part.length).ok()?;
        bytes.get(start..)?.get(..length)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn extent(pack: u8, offset: u64, length: u64) -> Extent {
        Extent {
            pack: PackId::from_random([pack; 16]),
            offset,
            length,
        }
    }

    #[test]
    fn parts_side_by_side_are_one_call_in_whatever_order_they_come() {
        let mut reads = Reads::default();
        for part in [(1, 10, 5), (1, 20, 5), (2, 25, 5), (1, 15, 5), (1, 10, 5)] {
            assert!(reads.add(extent(part.0, part.1, part.2), 9));
        }
        assert_eq!(reads.calls, 2);
        assert_eq!(reads.runs(), [extent(1, 10, 15), extent(2, 25, 5)]);
    }

    #[test]
    fn a_part_that_takes_a_call_too_many_is_left_out() {
        let mut reads = Reads::default();
        assert!(reads.add(extent(1, 0, 5), 1));
        assert!(!reads.add(extent(1, 9, 5), 1));
        assert!(reads.add(extent(1, 5, 4), 1));
        assert!(reads.add(extent(1, 9, 5), 1));
        assert_eq!(reads.runs(), [extent(1, 0, 14)]);
    }
}
