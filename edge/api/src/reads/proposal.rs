//! The proposal: which blocks a commit on a version would still need.

use crate::error::Failure;
use crate::ports::{Database, Statement};
use crate::store::sql::blocks;
use crate::writes::versioning::{
    answers, check_not_trashed, check_version, head, item, read_item, read_path,
};
use serde::Deserialize;
use shared::hash::BlockHash;
use shared::ids::{ItemId, SpaceId};
use shared::protocol::files::{Proposal, ProposalAnswer, ProposalStatus};
use std::collections::HashSet;

#[derive(Deserialize)]
struct HashRow {
    hash: BlockHash,
}

/// 1. 404 unknown, 409 a folder, 409 in the trash.
/// 2. 409 `version_conflict` if `current_version` is not the head.
/// 3. Only what this space lacks, whoever else has it.
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
    let missing = Statement::new(blocks::MISSING)
        .id(space)
        .bind(serde_json::to_string(&proposal.new_block_hashes)?);
    let reads = vec![read_item(space, id), read_path(space, id), missing];
    let snapshot = db.batch(reads).await?;
    // 1
    let item = item(answers(&snapshot, 0)?)?;
    let head = head(&item)?;
    check_not_trashed(answers(&snapshot, 1)?)?;
    // 2
    check_version(head, proposal.current_version)?;
    // 3
    let rows: Vec<HashRow> = answers(&snapshot, 2)?.all()?;
    Ok(ProposalAnswer {
        status: ProposalStatus::Ok,
        missing_blocks: rows.into_iter().map(|row| row.hash).collect(),
    })
}
