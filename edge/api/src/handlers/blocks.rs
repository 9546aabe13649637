//! `POST /api/v1/blocks`: frames in, one pack out.

use crate::answer;
use crate::auth;
use crate::call::Call;
use crate::error::Failure;
use crate::ports::{Database, DbError, Packs, Statement};
use crate::random;
use crate::store::rows::SpaceRow;
use crate::store::sql::{blocks, journal};
use crate::store::streams::pack_key;
use serde::Deserialize;
use shared::frame::{self, BadFrame, Frame};
use shared::hash::BlockHash;
use shared::ids::{PackId, SpaceId};
use shared::limits::{MAX_BLOCK_BYTES, MAX_PACK_BODY_BYTES};
use shared::protocol::files::BlocksStored;
use shared::protocol::problem::Problem;
use std::collections::HashSet;
use worker::{Response, console_error};

/// How often the rows are written before the upload counts as failed.
const MAX_ATTEMPTS: u32 = 3;

/// Stores blocks; 200 with [`BlocksStored`]. A repeat stores nothing twice.
///
/// 1. 413 if the body is too large, 400 `bad_frames`, 413 `block_too_large`.
/// 2. 422 `hash_mismatch`: every hash is computed here before it is believed.
/// 3. Blocks that the space has are left out. If none is left, that is all.
/// 4. 507 `quota_exceeded`.
/// 5. The pack is written first, then its rows, so that no row points nowhere.
///    The rows, the space's used bytes and the quota's guard are one batch.
pub async fn store(call: &mut Call) -> Result<Response, Failure> {
    let who = auth::signed_in(call).await?;
    // 1
    let body = call.body(MAX_PACK_BODY_BYTES).await?;
    let mut frames = frame::parse(&body).map_err(bad_frames)?;
    // 2
    check_hashes(&frames)?;
    // 3
    let sent = frames.len();
    let db = call.space_of(&who)?;
    let space = keep_missing(&db, who.space, &mut frames).await?;
    if frames.is_empty() {
        return answer(0, sent);
    }
    let pack = Pack::of(&frames)?;
    // 4
    check_quota(&space, pack.bytes.len() as u64)?;
    // Only one copy of the bytes is kept while they are written.
    drop(frames);
    drop(body);
    // 5
    let (packs, key) = (call.packs()?, pack_key(who.space, pack.id));
    packs.put(&key, pack.bytes).await?;
    let rows = write_rows(&db, who.space, pack.id, &pack.rows).await;
    let stored = *rows.as_ref().unwrap_or(&0);
    let may_have_rows = matches!(&rows, Err(Failure::Database(DbError::Busy(_))));
    if stored == 0 && !may_have_rows {
        // Over the quota, or others stored all of these blocks meanwhile.
        if let Err(why) = packs.delete(&key).await {
            console_error!("a pack without rows stays behind: {why}");
        }
    }
    rows?;
    answer(stored, sent)
}

fn answer(stored: u64, sent: usize) -> Result<Response, Failure> {
    let already_stored = (sent as u64).saturating_sub(stored);
    answer::json(&BlocksStored {
        stored: u32::try_from(stored).unwrap_or(u32::MAX),
        already_stored: u32::try_from(already_stored).unwrap_or(u32::MAX),
    })
}

fn bad_frames(why: BadFrame) -> Failure {
    let problem = match why {
        BadFrame::TooLarge { .. } => Problem::BlockTooLarge {
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
        let (claimed, actual) = (frame.hash, BlockHash::of(frame.bytes));
        if actual != claimed {
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
    let read_space = Statement::new(journal::SPACE).id(space);
    let answers = db.batch(vec![missing, read_space]).await?;
    let [missing, space] = answers.as_slice() else {
        return Err(DbError::Fault("a read has no answer".into()).into());
    };
    let missing: Vec<HashRow> = missing.all()?;
    let mut missing: HashSet<BlockHash> = missing.into_iter().map(|row| row.hash).collect();
    frames.retain(|frame| missing.remove(&frame.hash));
    let space: Option<SpaceRow> = space.first()?;
    Ok(space.ok_or_else(|| DbError::Fault("the space has no row".into()))?)
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
    fn of(frames: &[Frame<'_>]) -> Result<Self, Failure> {
        let mut bytes = Vec::new();
        let mut rows = Vec::with_capacity(frames.len());
        for frame in frames {
            rows.push((frame.hash, bytes.len(), frame.bytes.len()));
            bytes.extend_from_slice(frame.bytes);
        }
        let id = PackId::from_random(random::bytes()?);
        Ok(Self { id, bytes, rows })
    }
}

/// Writes the rows of a stored pack and counts them into the space; how many
/// there were that nobody else had written. A repeat after a lost answer finds
/// its own rows and counts nothing again.
async fn write_rows(
    db: &impl Database,
    space: SpaceId,
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
            about(blocks::INSERT),
            about(blocks::COUNT),
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
    let read = Statement::new(journal::SPACE).id(space);
    let row: Option<SpaceRow> = db.run(read).await?.first()?;
    let row = row.ok_or_else(|| DbError::Fault("the space has no row".into()))?;
    Ok(Problem::QuotaExceeded {
        used_bytes: row.used_bytes,
        quota_bytes: row.quota_bytes,
    }
    .into())
}
