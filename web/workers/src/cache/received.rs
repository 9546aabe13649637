//! What an answer of the server becomes in the cache: its frames, or its solid body, are made
//! into blocks again. Runs in the worker.

use super::index::{BundleId, CachedBlock};
use super::work::{KeptBundle, read_whole, write};
use blocks::frame::{Frame, Payload, parse_within, read_lz4};
use blocks::hash::{BlockHash, ShortHash};
use blocks::manifest::BlockRef;
use blocks::patch;
use blocks::solid::{Solid, is_solid};
use platform::browser::opfs::NotWritten;
use protocol::limits::{MAX_FETCH_PLAIN_BYTES, MAX_PACK_BASE_BYTES};
use std::collections::{BTreeSet, HashMap};

/// Takes an answer apart, verifies every block and writes it into a new bundle.
///
/// # Errors
/// Nothing is kept then.
pub async fn receive(
    body: &[u8],
    bases: &[CachedBlock],
    into: BundleId,
) -> Result<KeptBundle, NotWritten> {
    let mut kept = KeptBundle::default();
    let mut bytes = Vec::new();
    let mut bases = BasesAtHand::of(bases);
    let opened = match is_solid(body) {
        true => opened(body, &mut bases).await,
        false => None,
    };
    let frames = opened.as_deref().unwrap_or(body);
    let Ok(frames) = parse_within(frames, MAX_FETCH_PLAIN_BYTES) else {
        kept.damaged = bases.damaged;
        return Ok(kept);
    };
    for frame in &frames {
        if !bases.have(bases_of(frame)).await {
            // It is asked for again, against what is left.
            continue;
        }
        match plain(frame, &bases) {
            Some(plain) if BlockHash::of(&plain) == frame.hash => {
                kept.blocks.push(BlockRef {
                    hash: frame.hash,
                    length: plain.len() as u32,
                });
                bytes.extend_from_slice(&plain);
            }
            _ => kept.wrong.push(frame.hash),
        }
    }
    kept.damaged = bases.damaged;
    write(into, &bytes).await?;
    Ok(kept)
}

/// A solid body as frames: its patches do not name their blocks, so each is made once to
/// learn its name. `None` if a base block is not here, or the blocks are not the server's.
async fn opened(body: &[u8], bases: &mut BasesAtHand) -> Option<Vec<u8>> {
    let solid = Solid::read_within(body, MAX_FETCH_PLAIN_BYTES).ok()?;
    let known = bases.places.keys().map(|hash| (hash.short(), *hash));
    let known: HashMap<ShortHash, BlockHash> = known.collect();
    let mut named = Vec::with_capacity(solid.patches.len());
    for patch in &solid.patches {
        let names = patch.bases.iter().map(|short| known.get(short).copied());
        let names: Vec<BlockHash> = names.collect::<Option<_>>()?;
        if !bases.have(&names).await {
            return None;
        }
        let base = bases.in_order(&names);
        let block = patch::apply(&base, &patch.delta, patch.length).ok()?;
        named.push((BlockHash::of(&block), names));
    }
    solid.frames(&named).ok()
}

/// The base blocks of an answer's patches, which may be a whole file: they are read as they
/// are needed, and not all are in memory.
struct BasesAtHand {
    places: HashMap<BlockHash, CachedBlock>,
    blocks: HashMap<BlockHash, Vec<u8>>,
    damaged: BTreeSet<BundleId>,
}

impl BasesAtHand {
    fn of(places: &[CachedBlock]) -> Self {
        Self {
            places: places
                .iter()
                .map(|place| (place.block.hash, *place))
                .collect(),
            blocks: HashMap::new(),
            damaged: BTreeSet::new(),
        }
    }

    /// Whether all these blocks are in memory now.
    async fn have(&mut self, named: &[BlockHash]) -> bool {
        if !named.iter().all(|block| self.blocks.contains_key(block)) {
            let bytes: usize = self.blocks.values().map(Vec::len).sum();
            if bytes > MAX_PACK_BASE_BYTES {
                self.blocks.clear();
            }
            let lacking = named
                .iter()
                .filter(|block| !self.blocks.contains_key(*block));
            let lacking = lacking.filter_map(|block| self.places.get(block).copied());
            let (read, damaged) = read_whole(&lacking.collect::<Vec<_>>()).await;
            self.blocks.extend(read);
            self.damaged.extend(damaged);
        }
        named.iter().all(|block| self.blocks.contains_key(block))
    }

    /// The bytes of blocks that are in memory.
    fn in_order(&self, named: &[BlockHash]) -> Vec<&[u8]> {
        named
            .iter()
            .map(|hash| self.blocks[hash].as_slice())
            .collect()
    }
}

fn bases_of<'a>(frame: &'a Frame<'_>) -> &'a [BlockHash] {
    match &frame.content {
        Payload::Patch { bases, .. } => bases,
        _ => &[],
    }
}

fn plain(frame: &Frame<'_>, at_hand: &BasesAtHand) -> Option<Vec<u8>> {
    match &frame.content {
        Payload::Plain(bytes) => Some(bytes.to_vec()),
        Payload::Lz4 { .. } => read_lz4(frame.payload).ok(),
        Payload::Patch {
            length,
            bases,
            delta,
        } => {
            let base = at_hand.in_order(bases);
            patch::apply(&base, delta, *length).ok()
        }
    }
}
