//! The proposal: which blocks a commit on a version would still need.

use crate::error::Failure;
use crate::ports::{Database, Statement};
use crate::reads::space::{read as read_space, row as space_row};
use crate::store::sql::{self, blocks};
use crate::writes::room::{NewBlocks, Room, tell_trash};
use crate::writes::versioning::{
    answers, check_not_trashed, check_version, head, item, read_item, read_path,
};
use ::blocks::hash::BlockHash;
use protocol::files::{Proposal, ProposalAnswer, ProposalStatus};
use protocol::ids::{ItemId, SpaceId};
use serde::Deserialize;
use std::collections::HashSet;

#[derive(Deserialize)]
struct HashRow {
    hash: BlockHash,
}

/// 1. 404 unknown, 409 a folder, 409 in the trash.
/// 2. 409 `version_conflict` if `current_version` is not the head.
/// 3. 507 `quota_exceeded` if it says how many bytes these blocks have, and those of
///    them that are new to all lists do not fit.
/// 4. Only what this space lacks, whoever else has it.
///
/// # Errors
/// These, in this order.
pub async fn propose(
    db: &impl Database,
    space: SpaceId,
    id: ItemId,
    mut proposal: Proposal,
) -> Result<ProposalAnswer, Failure> {
    let mut seen = HashSet::new();
    proposal.new_block_hashes.retain(|&hash| seen.insert(hash));
    let hashes = serde_json::to_string(&proposal.new_block_hashes)?;
    let about = |sql| Statement::new(sql).id(space).bind(hashes.as_str());
    let mut reads = vec![
        read_item(space, id),
        read_path(space, id),
        about(blocks::MISSING),
    ];
    if proposal.new_bytes.is_some() {
        reads.extend([read_space(space), about(sql::space::IN_LISTS)]);
    }
    let snapshot = db.batch(reads).await?;
    // 1
    let item = item(answers(&snapshot, 0)?)?;
    let head = head(&item)?;
    check_not_trashed(answers(&snapshot, 1)?)?;
    // 2
    check_version(head, proposal.current_version)?;
    // 3
    if let Some(bytes) = proposal.new_bytes {
        let row = space_row(answers(&snapshot, 3)?)?;
        let listed: Option<NewBlocks> = answers(&snapshot, 4)?.first()?;
        let listed = listed.unwrap_or_default();
        let count = proposal.new_block_hashes.len() as u64;
        let new = NewBlocks {
            count: count.saturating_sub(listed.count),
            bytes: bytes.saturating_sub(listed.bytes),
        };
        if let Err(full) = Room::of(row).check_bytes(new.charged_bytes()) {
            return Err(tell_trash(db, space, full).await?.into());
        }
    }
    // 4
    let rows: Vec<HashRow> = answers(&snapshot, 2)?.all()?;
    Ok(ProposalAnswer {
        status: ProposalStatus::Ok,
        missing_blocks: rows.into_iter().map(|row| row.hash).collect(),
    })
}
