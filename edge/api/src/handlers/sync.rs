//! `POST /api/v1/files/{id}/sync`: the proposal.

use crate::answer;
use crate::auth;
use crate::call::Call;
use crate::error::Failure;
use crate::ports::{Database, Statement};
use crate::store::sql::blocks;
use crate::writes::versioning::{
    answers, check_not_trashed, check_version, head, item, read_item, read_path,
};
use serde::Deserialize;
use shared::hash::BlockHash;
use shared::ids::ItemId;
use shared::protocol::files::{Proposal, ProposalAnswer, ProposalStatus};
use std::collections::HashSet;
use worker::Response;

#[derive(Deserialize)]
struct HashRow {
    hash: BlockHash,
}

/// Says which blocks a commit on this version would still need.
///
/// 1. 404 unknown, 409 a folder, 409 in the trash.
/// 2. 409 `version_conflict` if `current_version` is not the head.
/// 3. 200 with [`ProposalAnswer`]: only what this space lacks, whoever else has it.
pub async fn propose(call: &mut Call, id: ItemId) -> Result<Response, Failure> {
    let who = auth::signed_in(call).await?;
    let mut body: Proposal = call.json().await?;
    let mut seen = HashSet::new();
    body.new_block_hashes.retain(|&hash| seen.insert(hash));
    let missing = Statement::new(blocks::MISSING)
        .id(who.space)
        .bind(serde_json::to_string(&body.new_block_hashes)?);
    let reads = vec![read_item(who.space, id), read_path(who.space, id), missing];
    let snapshot = call.space_of(&who)?.batch(reads).await?;
    // 1
    let item = item(answers(&snapshot, 0)?)?;
    let head = head(&item)?;
    check_not_trashed(answers(&snapshot, 1)?)?;
    // 2
    check_version(head, body.current_version)?;
    // 3
    let rows: Vec<HashRow> = answers(&snapshot, 2)?.all()?;
    answer::json(&ProposalAnswer {
        status: ProposalStatus::Ok,
        missing_blocks: rows.into_iter().map(|row| row.hash).collect(),
    })
}
