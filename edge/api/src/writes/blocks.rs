//! Blocks: frames in, one pack out. They belong to no version yet, so the
//! journal does not speak of them.

use super::versioning::answers;
use crate::error::Failure;
use crate::log;
use crate::ports::{Database, DbError, Packs, Statement};
use crate::reads::space;
use crate::store::places::pack_key;
use crate::store::rows::SpaceRow;
use crate::store::sql::{self, blocks};
use serde::Deserialize;
use shared::frame::{self, BadFrame, BadPayload, Codec, Frame};
use shared::hash::BlockHash;
use shared::ids::{PackId, SpaceId, UnixMillis};
use shared::limits::MAX_BLOCK_BYTES;
use shared::protocol::files::BlocksStored;
use shared::protocol::problem::Problem;
use shared::seeded::{self, Bug};
use std::collections::HashSet;

/// How often the rows are written before the upload counts as failed.
const MAX_ATTEMPTS: u32 = 3;

/// Stores the blocks of a body of frames as the pack `id`, which must be fresh.
/// A repeat stores nothing twice.
///
/// 1. 400 `bad_frames`, 413 `block_too_large`.
/// 2. 422 `hash_mismatch`: every hash is computed here before it is believed.
/// 3. Blocks that the space has are left out. If none is left, that is all.
/// 4. 507 `quota_exceeded`.
/// 5. The pack is written first, then its rows, so that no row points nowhere.
///    The rows, the space's used bytes and the quota's guard are one batch.
///
/// # Errors
/// These, in this order.
pub async fn store(
    db: &impl Database,
    packs: &impl Packs,
    space: SpaceId,
    now: UnixMillis,
    id: PackId,
    body: Vec<u8>,
) -> Result<BlocksStored, Failure> {
    // 1
    let mut frames = frame::parse(&body).map_err(bad_frames)?;
    if let Some(index) = frames
        .iter()
        .position(|frame| frame.content.codec() != Codec::Plain)
    {
        let codec = 1;
        return Err(bad_frames(BadFrame::Codec { index, codec }));
    }
    // 2
    check_hashes(&frames)?;
    // 3
    let sent = frames.len();
    let row = keep_missing(db, space, &mut frames).await?;
    if frames.is_empty() {
        return Ok(answer(0, sent));
    }
    let pack = Pack::of(id, &frames);
    // 4
    check_quota(&row, pack.bytes.len() as u64)?;
    // Only one copy of the bytes is kept while they are written.
    drop(frames);
    drop(body);
    // 5
    let key = pack_key(space, pack.id);
    if seeded::is(Bug::RowsBeforePack) {
        let stored = write_rows(db, space, now, pack.id, &pack.rows).await?;
        packs.put(&key, pack.bytes).await?;
        return Ok(answer(stored, sent));
    }
    packs.put(&key, pack.bytes).await?;
    let rows = write_rows(db, space, now, pack.id, &pack.rows).await;
    let stored = *rows.as_ref().unwrap_or(&0);
    let may_have_rows = matches!(&rows, Err(Failure::Database(DbError::Busy(_))))
        && !seeded::is(Bug::UnsurePackDeleted);
    if stored == 0 && !may_have_rows {
        // Over the quota, or others stored all of these blocks meanwhile.
        if let Err(why) = packs.delete(vec![key]).await {
            log::fault(format_args!("a pack without rows stays behind: {why}"));
        }
    }
    rows?;
    Ok(answer(stored, sent))
}

fn answer(stored: u64, sent: usize) -> BlocksStored {
    let already_stored = (sent as u64).saturating_sub(stored);
    BlocksStored {
        stored: u32::try_from(stored).unwrap_or(u32::MAX),
        already_stored: u32::try_from(already_stored).unwrap_or(u32::MAX),
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

fn check_hashes(frames: &[Frame<'_>]) -> Result<(), Failure> {
    for frame in frames {
        let (claimed, actual) = (frame.hash, BlockHash::of(frame.payload));
        if actual != claimed && !seeded::is(Bug::HashNotChecked) {
            return Err(Problem::HashMismatch { claimed, actual }.into());
        }
    }
    Ok(())
}

#[derive(Deserialize)]
struct HashRow {
    hash: BlockHash,
}

/// Leaves one frame of each block that the space lacks, and reads the space.
async fn keep_missing(
    db: &impl Database,
    space: SpaceId,
    frames: &mut Vec<Frame<'_>>,
) -> Result<SpaceRow, Failure> {
    let hashes: Vec<BlockHash> = frames.iter().map(|frame| frame.hash).collect();
    let missing = Statement::new(blocks::MISSING)
        .id(space)
        .bind(serde_json::to_string(&hashes)?);
    let answered = db.batch(vec![missing, space::read(space)]).await?;
    let missing: Vec<HashRow> = answers(&answered, 0)?.all()?;
    let mut missing: HashSet<BlockHash> = missing.into_iter().map(|row| row.hash).collect();
    frames.retain(|frame| missing.remove(&frame.hash));
    space::row(answers(&answered, 1)?)
}

fn check_quota(space: &SpaceRow, more: u64) -> Result<(), Failure> {
    if space.used_bytes.saturating_add(more) <= space.quota_bytes {
        return Ok(());
    }
    Err(Problem::QuotaExceeded {
        used_bytes: space.used_bytes,
        quota_bytes: space.quota_bytes,
    }
    .into())
}

/// Blocks one after another, and where each begins.
struct Pack {
    id: PackId,
    bytes: Vec<u8>,
    /// `[hash, offset, length]`.
    rows: Vec<(BlockHash, usize, usize)>,
}

impl Pack {
    fn of(id: PackId, frames: &[Frame<'_>]) -> Self {
        let mut bytes = Vec::new();
        let mut rows = Vec::with_capacity(frames.len());
        for frame in frames {
            rows.push((frame.hash, bytes.len(), frame.payload.len()));
            bytes.extend_from_slice(frame.payload);
        }
        Self { id, bytes, rows }
    }
}

/// Writes the rows of a stored pack and counts them into the space; how many
/// there were that nobody else had written. A repeat after a lost answer finds
/// its own rows and counts nothing again.
async fn write_rows(
    db: &impl Database,
    space: SpaceId,
    now: UnixMillis,
    pack: PackId,
    rows: &[(BlockHash, usize, usize)],
) -> Result<u64, Failure> {
    let rows = serde_json::to_string(rows)?;
    let about = |sql| {
        let statement = Statement::new(sql).id(space).id(pack);
        statement.bind(rows.as_str())
    };
    let mut end = Err(DbError::Busy("not tried".into()));
    for _ in 0..MAX_ATTEMPTS {
        let statements = vec![
            about(blocks::INSERT).bind(now),
            about(if seeded::is(Bug::QuotaCountedTwice) {
                sql::seeded::COUNT
            } else {
                blocks::COUNT
            }),
            Statement::new(blocks::GUARD_QUOTA).id(space),
            about(blocks::IN_PACK),
        ];
        end = db.batch(statements).await;
        if !matches!(end, Err(DbError::Busy(_))) {
            break;
        }
    }
    match end {
        Ok(answers) => {
            let count: Option<CountRow> = match answers.last() {
                Some(rows) => rows.first()?,
                None => None,
            };
            Ok(count.map_or(0, |row| row.count))
        }
        Err(DbError::Constraint(_)) => Err(quota_exceeded(db, space).await?),
        Err(other) => Err(other.into()),
    }
}

#[derive(Deserialize)]
struct CountRow {
    count: u64,
}

/// The only guard of the batch has failed.
async fn quota_exceeded(db: &impl Database, space: SpaceId) -> Result<Failure, Failure> {
    let row = space::row(&db.run(space::read(space)).await?)?;
    Ok(Problem::QuotaExceeded {
        used_bytes: row.used_bytes,
        quota_bytes: row.quota_bytes,
    }
    .into())
}
