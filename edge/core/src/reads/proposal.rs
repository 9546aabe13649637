//! The proposal: which blocks a commit on a version would still need.

use crate::access::reach::Reach;
use crate::error::Failure;
use crate::ports::{Database, Statement};
use crate::query::{self, Queries};
use crate::room::{NewBlocks, Room, tell_trash};
use crate::rules::{check_version, check_way, head, there};
use crate::store::blocks::missing;
use crate::store::space::space as read_space;
use crate::store::{items, sql};
use blocks::hash::BlockHash;
use protocol::files::{Proposal, ProposalAnswer, ProposalStatus};
use protocol::ids::{ItemId, SpaceId};
use std::collections::HashSet;

/// 1. 404 unknown, 409 a folder, 409 in the trash.
/// 2. 409 `version_conflict` if `current_version` is not the head.
/// 3. 507 `quota_exceeded` if it says how many bytes these blocks have, and those of
///    them that are new to all lists do not fit.
/// 4. Only what this space lacks, whoever else has it. Who has only a folder of it is told
///    of all that this file does not have: nothing is told of other files.
///
/// # Errors
/// These, in this order.
pub async fn propose(
    db: &impl Database,
    space: SpaceId,
    reach: &Reach,
    id: ItemId,
    mut proposal: Proposal,
) -> Result<ProposalAnswer, Failure> {
    let mut seen = HashSet::new();
    proposal.new_block_hashes.retain(|&hash| seen.insert(hash));
    let mut told_of = proposal.new_block_hashes.clone();
    let had = reach.had(db, space, &told_of, &[id]).await?;
    if let Some(had) = &had {
        told_of.retain(|hash| had.contains(hash));
    }
    let hashes = serde_json::to_string(&told_of)?;
    let bytes = proposal.new_bytes.map(|bytes| {
        let in_lists = Statement::new(sql::space::IN_LISTS).id(space).bind(hashes);
        let in_lists = in_lists.first().or_default();
        (read_space(space), in_lists).map(move |(row, listed)| (bytes, row, listed))
    });
    let looks = (
        items::item(space, id),
        items::way(space, Some(id)),
        missing(space, &told_of)?,
        bytes,
    );
    let (item, way, missing, bytes) = query::all(db, looks).await?;
    // 1
    let item = there(item?)?;
    let head = head(&item)?;
    check_way(&way?)?;
    // 2
    check_version(head, proposal.current_version)?;
    // 3
    if let Some((bytes, row, listed)) = bytes {
        let (row, listed): (_, NewBlocks) = (row?, listed?);
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
    let missing: HashSet<BlockHash> = missing?.into_iter().map(|row| row.hash).collect();
    let told_of: HashSet<BlockHash> = told_of.into_iter().collect();
    let mut missing_blocks = proposal.new_block_hashes;
    missing_blocks.retain(|hash| missing.contains(hash) || !told_of.contains(hash));
    Ok(ProposalAnswer {
        status: ProposalStatus::Ok,
        missing_blocks,
    })
}
