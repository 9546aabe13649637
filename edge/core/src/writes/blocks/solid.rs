//! Solid bodies become bodies of frames. Their patches do not name their blocks and name
//! base blocks by the beginnings of their hashes, so they are made here before anything
//! else, and what they make tells their names.

use super::pack::Rebuilt;
use super::rebuild::{self, Delta};
use super::{BlockUpload, undamaged};
use crate::error::Failure;
use crate::memory::{self, Hold};
use crate::ports::{Database, Packs};
use crate::query;
use crate::store::blocks::named;
use crate::store::places::BlockPlace;
use ::blocks::hash::{BlockHash, ShortHash};
use ::blocks::solid::{BadSolid, Solid, is_solid, read_bytes};
use protocol::limits::{MAX_PACK_BASES, MAX_PACK_BODY_BYTES, MAX_SOLID_BYTES};
use protocol::problem::Problem;
use std::collections::{BTreeSet, HashMap, VecDeque};

/// A body of frames, as it came or made of a solid one.
pub struct Opened {
    /// The frames.
    pub frames: Vec<u8>,
    /// The blocks of its patches, if they had to be made already.
    pub rebuilt: Option<(VecDeque<Rebuilt>, Hold)>,
    /// The memory of what was made here.
    pub held: Hold,
}

/// Opens a body.
///
/// 1. 400 `bad_frames`: a solid body is malformed, or has more than [`MAX_SOLID_BYTES`].
/// 2. 400 `bad_frames`: a base block is not stored, can't be told from another, or is in
///    none of the files that whoever has only a folder names. The answer is the same.
/// 3. 400 `bad_frames`: a patch does not come out, or the blocks are others than the
///    sender's. The answer does not name them: whoever sends them as frames learns more.
///
/// # Errors
/// These, in this order. 503 `hands_full` before each step.
pub async fn open(
    db: &impl Database,
    packs: &impl Packs,
    upload: &BlockUpload<'_>,
    body: Vec<u8>,
) -> Result<Opened, Failure> {
    if !is_solid(&body) {
        return Ok(Opened {
            frames: body,
            rebuilt: None,
            held: Hold::default(),
        });
    }
    // 1
    let mut held = memory::hold(read_bytes(&body).map_err(refused)?)?;
    let solid = Solid::read(&body).map_err(refused)?;
    if solid.rest_bytes() > MAX_SOLID_BYTES {
        return Err(refused(BadSolid::TooLarge));
    }
    let shorts = solid.patches.iter().flat_map(|patch| &patch.bases);
    let shorts: BTreeSet<ShortHash> = shorts.copied().collect();
    if shorts.len() > MAX_PACK_BASES {
        return Err(rebuild::bad_solid(format!(
            "more than {MAX_PACK_BASES} base blocks in one request"
        )));
    }
    // 2
    let found = match shorts.is_empty() {
        true => Vec::new(),
        false => query::one(db, named(upload.space, &shorts)?).await?,
    };
    let bases = bases(upload, db, found).await?;
    let named: Option<Vec<Vec<BlockHash>>> = solid
        .patches
        .iter()
        .map(|patch| {
            let names = patch.bases.iter();
            names.map(|short| Some(bases.get(short)?.0)).collect()
        })
        .collect();
    let named = named.ok_or_else(rebuild::unknown_base)?;
    // 3
    let deltas = solid.patches.iter().zip(&named);
    let deltas: Vec<Delta<'_>> = deltas
        .map(|(patch, bases)| Delta {
            block: None,
            bases,
            length: patch.length,
            delta: &patch.delta,
        })
        .collect();
    let places: HashMap<BlockHash, BlockPlace> = bases.into_values().collect();
    let rebuilt = rebuild::blocks(packs, upload.space, &deltas, &places).await?;
    drop(deltas);
    let names: Vec<(BlockHash, Vec<BlockHash>)> = rebuilt
        .0
        .iter()
        .map(|block| block.hash)
        .zip(named)
        .collect();
    held.add(body.len())?;
    let frames = solid.frames(&names).map_err(refused)?;
    if frames.len() > MAX_PACK_BODY_BYTES {
        return Err(refused(BadSolid::TooLarge));
    }
    Ok(Opened {
        frames,
        rebuilt: Some(rebuilt),
        held,
    })
}

/// The stored blocks that may be base blocks, each that is known by its short name alone.
async fn bases(
    upload: &BlockUpload<'_>,
    db: &impl Database,
    found: Vec<(BlockHash, BlockPlace)>,
) -> Result<HashMap<ShortHash, (BlockHash, BlockPlace)>, Failure> {
    let hashes: Vec<BlockHash> = found.iter().map(|(hash, _)| *hash).collect();
    let had = upload
        .reach
        .had(db, upload.space, &hashes, upload.of)
        .await?;
    let mut by_name: HashMap<ShortHash, Option<(BlockHash, BlockPlace)>> = HashMap::new();
    for (hash, place) in undamaged(found) {
        if had.as_ref().is_some_and(|had| !had.contains(&hash)) {
            continue;
        }
        by_name
            .entry(hash.short())
            .and_modify(|known| *known = None)
            .or_insert(Some((hash, place)));
    }
    let by_name = by_name.into_iter();
    Ok(by_name
        .filter_map(|(name, block)| Some((name, block?)))
        .collect())
}

fn refused(why: BadSolid) -> Failure {
    let detail = why.to_string();
    Problem::BadFrames { detail }.into()
}
