//! Blocks: frames in, one pack out. They belong to no version yet, so the
//! journal does not speak of them.

pub mod copies;
mod pack;
mod rebuild;
mod solid;

use super::given_up;
use crate::access::reach::Reach;
use crate::access::receipts::ReceiptBook;
use crate::collect::evict::evict;
use crate::collect::packs::AT_ONCE;
use crate::error::Failure;
use crate::log;
use crate::memory::{self, Hold};
use crate::ports::{Database, DbError, Packs, Statement};
use crate::query;
use crate::room::{NewBlocks, Room, tell_trash};
use crate::store::blocks::{missing, places};
use crate::store::packs::pack_key;
use crate::store::places::BlockPlace;
use crate::store::rows::SpaceRow;
use crate::store::space::space as read_space;
use crate::store::sql::{self, blocks, garbage, patches};
use ::blocks::frame::{self, BadFrame, BadPayload, Frame, Payload};
use ::blocks::hash::BlockHash;
use ::blocks::manifest::BlockRef;
use pack::{Pack, Rebuilt};
use protocol::files::BlocksStored;
use protocol::ids::{ItemId, PackId, SpaceId, UnixMillis};
use protocol::limits::MAX_BLOCK_BYTES;
use protocol::problem::Problem;
use protocol::receipts::{Receipt, Receipts};
use solid::Opened;
use std::collections::{BTreeSet, HashMap, HashSet, VecDeque};

/// How often the rows are written before the upload counts as failed.
const MAX_ATTEMPTS: u32 = 3;

/// An upload of blocks.
pub struct BlockUpload<'a> {
    /// The space that gets them.
    pub space: SpaceId,
    /// The time of the request.
    pub now: UnixMillis,
    /// The pack that they become, which must be fresh.
    pub id: PackId,
    /// What of the space whoever sends them has.
    pub reach: &'a Reach,
    /// Files that have the base blocks of patches, for who has not the whole space.
    pub of: &'a [ItemId],
}

/// Stores blocks of somebody who has not the whole space, and gives a receipt for each
/// frame. The answer does not tell which of the blocks were stored.
///
/// # Errors
/// See [`store`].
pub async fn store_for_receipts(
    db: &impl Database,
    packs: &impl Packs,
    upload: &BlockUpload<'_>,
    book: &ReceiptBook,
    body: Vec<u8>,
) -> Result<BlocksStored, Failure> {
    let opened = solid::open(db, packs, upload, body).await?;
    let frames = frame::parse(&opened.frames).map_err(bad_frames)?;
    let receipts = frames
        .iter()
        .map(|frame| Some(book.give(frame.hash, upload.now)));
    let receipts: Vec<Option<Receipt>> = receipts.collect();
    store_opened(db, packs, upload, opened).await?;
    Ok(BlocksStored {
        stored: u32::try_from(receipts.len()).unwrap_or(u32::MAX),
        already_stored: 0,
        receipts: Some(Receipts(receipts)),
    })
}

/// Stores the blocks of a body of frames, or of a solid body, as a pack. A repeat stores
/// nothing twice.
///
/// 0. A solid body: see [`solid::open`].
/// 1. 400 `bad_frames`, 413 `block_too_large`, 422 `patch_refused` where the
///    patches need more base blocks than a request may.
/// 2. 422 `hash_mismatch`: every hash is computed here before it is believed. 422
///    `patch_refused` where whoever has not the whole space sends a patch of what they
///    may not see, or one that does not come out, though its block is stored: else they
///    would get that block for its hash.
/// 3. Blocks that the space has whole are left out. If none is left, that is all.
/// 4. 507 `quota_exceeded`: no commit could refer to them. For who has not the whole space
///    all blocks count, also those that are stored. What nothing refers to never
///    refuses an upload: it may be as much as the quota, and the oldest of it makes room.
/// 5. Patched blocks are made of their base blocks, which are read once each. 422
///    `patch_refused` names the first block that does not come out.
/// 6. The pack is written first, then its rows, so that no row points nowhere.
///    The rows, what the space stores and the guard of that are one batch.
///
/// # Errors
/// These, in this order; 503 `hands_full` before any of the last three.
pub async fn store(
    db: &impl Database,
    packs: &impl Packs,
    upload: &BlockUpload<'_>,
    body: Vec<u8>,
) -> Result<BlocksStored, Failure> {
    // 0
    let opened = solid::open(db, packs, upload, body).await?;
    store_opened(db, packs, upload, opened).await
}

async fn store_opened(
    db: &impl Database,
    packs: &impl Packs,
    upload: &BlockUpload<'_>,
    opened: Opened,
) -> Result<BlocksStored, Failure> {
    let BlockUpload { space, now, id, .. } = *upload;
    let Opened {
        frames: body,
        rebuilt,
        held: _opened,
    } = opened;
    // 1
    let mut frames = frame::parse(&body).map_err(bad_frames)?;
    let bases = rebuild::named_bases(&frames)?;
    // 2
    check_hashes(&frames)?;
    let verified = match rebuilt {
        Some(rebuilt) => Some(rebuilt),
        None => upload.verified(db, packs, &frames, &bases).await?,
    };
    // 3
    let sent = frames.len();
    let all = each_once(&frames);
    let found = keep_missing(db, space, &mut frames, &bases).await?;
    // 4
    let new = new_blocks(&frames, &found.damaged);
    let room = Room::of(found.space);
    let counted = match upload.reach.is_whole() {
        true => new,
        false => all,
    };
    if let Err(full) = room.check_bytes(counted.charged_bytes()) {
        return Err(tell_trash(db, space, full).await?.into());
    }
    if frames.is_empty() {
        return Ok(answer(0, sent));
    }
    let making = MakeRoom {
        space,
        now,
        new,
        named: found.named,
    };
    making.make(db, packs, &room.space).await?;
    // 5
    let (pack, _held) = match pack::payloads(&body, &frames) {
        Some(payloads) => {
            drop(frames);
            (Pack::within(id, body, payloads)?, Hold::default())
        }
        None => {
            let (rebuilt, _rebuilt) = match verified {
                Some(verified) => verified,
                None => {
                    let deltas = rebuild::deltas(&frames);
                    rebuild::blocks(packs, space, &deltas, &found.bases).await?
                }
            };
            let made = Pack::of(id, &frames, rebuilt)?;
            // Only one copy of the bytes is kept while they are written.
            drop(frames);
            drop(body);
            made
        }
    };
    // 6
    let rows = PackRows::of(space, now, &pack, &found.damaged)?;
    match making.store(db, packs, pack, &rows).await {
        Err(Failure::Database(lost)) => Err(given_up(lost).into()),
        Err(other) => Err(other),
        Ok(stored) => Ok(answer(stored, sent)),
    }
}

impl BlockUpload<'_> {
    /// The blocks of all patches, from somebody who has not the whole space.
    async fn verified(
        &self,
        db: &impl Database,
        packs: &impl Packs,
        frames: &[Frame<'_>],
        bases: &BTreeSet<BlockHash>,
    ) -> Result<Option<(VecDeque<Rebuilt>, Hold)>, Failure> {
        let has_patches = rebuild::patches(frames).next().is_some();
        if self.reach.is_whole() || !has_patches {
            return Ok(None);
        }
        let may_see = (self.reach, self.of);
        rebuild::check_had(db, self.space, may_see, frames, bases).await?;
        let places = query::one(db, places(self.space, bases)?).await?;
        let places = undamaged(places);
        let deltas = rebuild::deltas(frames);
        let verified = rebuild::blocks(packs, self.space, &deltas, &places).await?;
        Ok(Some(verified))
    }
}

fn undamaged(places: Vec<(BlockHash, BlockPlace)>) -> HashMap<BlockHash, BlockPlace> {
    let places = places.into_iter();
    places.filter(|(_, place)| !place.is_damaged).collect()
}

fn is_refused(written: &Result<u64, Failure>) -> bool {
    matches!(written, Err(Failure::Database(DbError::Constraint(_))))
}

/// Room for what is stored and nothing refers to yet.
struct MakeRoom {
    space: SpaceId,
    now: UnixMillis,
    new: NewBlocks,
    /// What the request names stays.
    named: Vec<BlockHash>,
}

impl MakeRoom {
    async fn make(
        &self,
        db: &impl Database,
        packs: &impl Packs,
        row: &SpaceRow,
    ) -> Result<(), Failure> {
        let pending = row.pending_bytes().saturating_add(self.new.charged_bytes());
        match pending.saturating_sub(row.quota_bytes) {
            0 => Ok(()),
            too_much => evict(db, packs, (self.space, self.now), too_much, &self.named).await,
        }
    }

    /// Stores a pack for which room was made, and then its rows. Returns how many of its blocks
    /// nobody else had stored. Without rows, nothing of it stays.
    async fn store(
        &self,
        db: &impl Database,
        packs: &impl Packs,
        pack: Pack,
        rows: &PackRows,
    ) -> Result<u64, Failure> {
        let key = pack_key(self.space, pack.id);
        packs.put(&key, pack.bytes).await?;
        let mut written = rows.write(db).await;
        for _ in 1..MAX_ATTEMPTS {
            if !is_refused(&written) {
                break;
            }
            // Others have stored something meanwhile.
            written = match self.make_again(db, packs).await {
                Ok(()) => rows.write(db).await,
                Err(other) => Err(other),
            };
        }
        let stored = *written.as_ref().unwrap_or(&0);
        let may_have_rows = matches!(&written, Err(Failure::Database(DbError::Busy(_))));
        if stored == 0 && !may_have_rows {
            // No room was made, or others stored all of these blocks meanwhile.
            if let Err(why) = packs.delete(vec![key]).await {
                log::fault(format_args!("a pack without rows stays behind: {why}"));
            }
        }
        written
    }

    async fn make_again(&self, db: &impl Database, packs: &impl Packs) -> Result<(), Failure> {
        let row = query::one(db, read_space(self.space)).await?;
        self.make(db, packs, &row).await
    }
}

/// Stores the blocks that another request carries, if it carries some, and says which
/// they are.
///
/// # Errors
/// See [`store`].
pub async fn store_carried(
    db: &impl Database,
    packs: &impl Packs,
    upload: &BlockUpload<'_>,
    frames: Vec<u8>,
) -> Result<Vec<BlockRef>, Failure> {
    if frames.is_empty() {
        return Ok(Vec::new());
    }
    let opened = solid::open(db, packs, upload, frames).await?;
    let carried = frame::parse(&opened.frames).map_err(bad_frames)?;
    let carried = carried.iter().map(Frame::block).collect();
    store_opened(db, packs, upload, opened).await?;
    Ok(carried)
}

fn answer(stored: u64, sent: usize) -> BlocksStored {
    let already_stored = (sent as u64).saturating_sub(stored);
    BlocksStored {
        stored: u32::try_from(stored).unwrap_or(u32::MAX),
        already_stored: u32::try_from(already_stored).unwrap_or(u32::MAX),
        receipts: None,
    }
}

fn bad_frames(why: BadFrame) -> Failure {
    let problem = match why {
        BadFrame::Payload {
            why: BadPayload::TooLarge { .. },
            ..
        } => Problem::BlockTooLarge {
            limit_bytes: MAX_BLOCK_BYTES as u64,
        },
        other => Problem::BadFrames {
            detail: other.to_string(),
        },
    };
    problem.into()
}

/// Patched blocks are not here yet: theirs are compared when they are made. Compressed
/// ones are decoded one after another.
fn check_hashes(frames: &[Frame<'_>]) -> Result<(), Failure> {
    let decoded = frames.iter().filter_map(|frame| match &frame.content {
        Payload::Lz4 { length, .. } => Some(*length),
        _ => None,
    });
    let _decoded = memory::hold(decoded.max().unwrap_or(0))?;
    for (index, frame) in frames.iter().enumerate() {
        let actual = match &frame.content {
            Payload::Plain(bytes) => BlockHash::of(bytes),
            Payload::Lz4 { .. } => match frame::read_lz4(frame.payload) {
                Ok(plain) => BlockHash::of(&plain),
                Err(why) => {
                    let detail = format!("frame {index}: {why}");
                    return Err(Problem::BadFrames { detail }.into());
                }
            },
            Payload::Patch { .. } => continue,
        };
        let claimed = frame.hash;
        if actual != claimed {
            return Err(Problem::HashMismatch { claimed, actual }.into());
        }
    }
    Ok(())
}

/// What the space has of what was sent.
struct FoundHere {
    space: SpaceRow,
    /// The blocks that were sent, and the base blocks of the patches among them.
    named: Vec<BlockHash>,
    /// The damaged ones of the blocks that are left, and their packs.
    damaged: HashMap<BlockHash, PackId>,
    /// The places of the base blocks that are stored.
    bases: HashMap<BlockHash, BlockPlace>,
}

/// Leaves one frame of each block that the space lacks, and reads the space.
async fn keep_missing(
    db: &impl Database,
    space: SpaceId,
    frames: &mut Vec<Frame<'_>>,
    bases: &BTreeSet<BlockHash>,
) -> Result<FoundHere, Failure> {
    let hashes: Vec<BlockHash> = frames.iter().map(|frame| frame.hash).collect();
    let looks = (
        missing(space, &hashes)?,
        read_space(space),
        match bases.is_empty() {
            true => None,
            false => Some(places(space, bases)?),
        },
    );
    let (missing, row, places) = query::all(db, looks).await?;
    let missing = missing?.into_iter();
    let mut missing: HashMap<BlockHash, Option<PackId>> =
        missing.map(|row| (row.hash, row.damaged_in)).collect();
    let damaged = missing
        .iter()
        .filter_map(|(&hash, &pack)| Some((hash, pack?)))
        .collect();
    frames.retain(|frame| missing.remove(&frame.hash).is_some());
    let places = places.transpose()?.unwrap_or_default();
    let named = hashes.iter().chain(bases).copied().collect();
    Ok(FoundHere {
        space: row?,
        named,
        damaged,
        bases: undamaged(places),
    })
}

/// Blocks that are not counted yet. Damaged ones are.
fn new_blocks(frames: &[Frame<'_>], damaged: &HashMap<BlockHash, PackId>) -> NewBlocks {
    frames
        .iter()
        .filter(|frame| !damaged.contains_key(&frame.hash))
        .map(Frame::block)
        .fold(NewBlocks::default(), |sum, block| sum.with(&block))
}

/// All blocks that were sent.
fn each_once(frames: &[Frame<'_>]) -> NewBlocks {
    let mut seen = HashSet::new();
    let frames = frames.iter().filter(|frame| seen.insert(frame.hash));
    let blocks = frames.map(Frame::block);
    blocks.fold(NewBlocks::default(), |sum, block| sum.with(&block))
}

/// What records a pack and counts it into the space; a repeat after a lost
/// answer finds its own rows and counts nothing again. Without patches and
/// damaged blocks, that is a row for each block and one for the space.
struct PackRows {
    writes: Vec<Statement>,
    /// Tells how many of the blocks there are that nobody else had written.
    in_pack: Statement,
}

impl PackRows {
    fn of(
        space: SpaceId,
        now: UnixMillis,
        pack: &Pack,
        damaged: &HashMap<BlockHash, PackId>,
    ) -> Result<Self, Failure> {
        let rows = serde_json::to_string(&pack.blocks)?;
        let about = |sql| {
            let statement = Statement::new(sql).id(space).id(pack.id);
            statement.bind(rows.as_str())
        };
        let mut statements = vec![about(blocks::INSERT).bind(now), about(blocks::COUNT)];
        if !damaged.is_empty() {
            let old_packs: BTreeSet<PackId> = damaged.values().copied().collect();
            statements.push(about(blocks::REPAIR).bind(now));
            statements.push(about(patches::FORGET_MOVED));
            statements.push(
                Statement::new(garbage::CONDEMN)
                    .id(space)
                    .bind(serde_json::to_string(&old_packs)?)
                    .bind(AT_ONCE),
            );
        }
        if !pack.patches.is_empty() {
            statements.push(
                Statement::new(patches::INSERT)
                    .id(space)
                    .id(pack.id)
                    .bind(serde_json::to_string(&pack.patches)?)
                    .bind(now),
            );
        }
        statements.push(Statement::new(sql::space::GUARD_PENDING).id(space));
        Ok(Self {
            in_pack: about(blocks::IN_PACK),
            writes: statements,
        })
    }

    /// Writes them; how many of the blocks there were that nobody else had written.
    async fn write(&self, db: &impl Database) -> Result<u64, Failure> {
        let mut last = DbError::Busy("not tried".into());
        for _ in 0..MAX_ATTEMPTS {
            let rows = (self.writes.clone(), self.in_pack.clone().count());
            match query::all(db, rows).await {
                Ok((_, count)) => return Ok(count?),
                Err(busy @ DbError::Busy(_)) => last = busy,
                Err(other) => return Err(other.into()),
            }
        }
        Err(last.into())
    }
}
