//! The content of a new version, as it was sent: whole, or as splices of a list
//! that is read with the snapshot. A version's list never changes, so what the
//! splices make of it never does.

use super::versioning::{answers, check_blocks, check_manifest, list, read_list, read_unmet};
use crate::error::Failure;
use crate::ports::{DbError, Rows, Statement};
use crate::store::sql;
use blocks::hash::BlockHash;
use blocks::manifest::Manifest;
use protocol::content::{Base, Content, Spliced};
use protocol::ids::{SpaceId, Version};
use protocol::problem::Problem;
use protocol::seeded::{self, Bug};
use serde::Deserialize;
use std::collections::HashSet;

/// What [`spelled_out`] and [`check_stored`] look at, in the order in which they
/// are given the answers: whether the blocks are stored that the request names;
/// for splices, the base, which of its blocks are damaged, and its list.
///
/// # Errors
/// The whole list contradicts itself.
pub fn reads(space: SpaceId, content: &Content) -> Result<Vec<Statement>, Failure> {
    check(content)?;
    let mut reads = vec![read_unmet(space, &content.named())?];
    if let Content::Spliced(spliced) = content {
        let Base { item, version } = spliced.base;
        let about = |sql| Statement::new(sql).id(space).id(item).bind(version);
        let of_list = match seeded::is(Bug::BaseIsTheHead) {
            true => HEAD,
            false => version,
        };
        reads.extend([
            about(sql::content::VERSION_SIZE),
            about(sql::content::DAMAGED),
            read_list(space, item, of_list),
        ]);
    }
    Ok(reads)
}

/// Checks what can be without the base.
///
/// # Errors
/// The whole list contradicts itself.
pub fn check(content: &Content) -> Result<(), Failure> {
    match content {
        Content::Whole(manifest) => check_manifest(manifest),
        Content::Spliced(_) => Ok(()),
    }
}

/// The list of no version, but for the rows of whatever the head is.
const HEAD: Version = 1 << 52;

/// The whole content, where it is splices.
///
/// # Errors
/// 404 `no_such_base`; 400 the splices do not fit to it, or what they make
/// contradicts itself.
pub fn spelled_out(content: &Content, snapshot: &[Rows]) -> Result<Option<Manifest>, Failure> {
    let Content::Spliced(spliced) = content else {
        return Ok(None);
    };
    if answers(snapshot, 1)?.rows.is_empty() {
        return Err(Problem::NoSuchBase.into());
    }
    let base: Vec<_> = list(answers(snapshot, 3)?)?
        .into_iter()
        .map(|row| row.block)
        .collect();
    let whole = Spliced::whole(spliced, &base).map_err(|why| Problem::BadManifest {
        detail: why.to_string(),
    })?;
    check_manifest(&whole)?;
    Ok(Some(whole))
}

/// The content of a change that is spelled out.
///
/// # Errors
/// It is not: a fault of this server.
pub fn whole(content: &Content) -> Result<&Manifest, Failure> {
    match content {
        Content::Whole(manifest) => Ok(manifest),
        Content::Spliced(_) => Err(DbError::Fault("splices were not applied".into()).into()),
    }
}

#[derive(Deserialize)]
struct HashRow {
    hash: BlockHash,
}

/// Checks that all blocks are stored, with the answers to [`reads`]. What comes
/// from a base is stored, but may have been damaged since.
///
/// # Errors
/// 400 a length is wrong, 422 blocks are missing, told once each and in order.
pub fn check_stored(content: &Manifest, snapshot: &[Rows]) -> Result<(), Failure> {
    let unmet = check_blocks(answers(snapshot, 0)?);
    let Some(damaged) = snapshot.get(2) else {
        return unmet;
    };
    let damaged: Vec<HashRow> = damaged.all()?;
    let mut missing: HashSet<BlockHash> = damaged.into_iter().map(|row| row.hash).collect();
    match unmet {
        Ok(()) => {}
        Err(Failure::Problem(Problem::BlocksMissing { missing_blocks })) => {
            missing.extend(missing_blocks);
        }
        other => return other,
    }
    let hashes = content.blocks.iter().map(|block| block.hash);
    let missing_blocks: Vec<BlockHash> = hashes.filter(|hash| missing.remove(hash)).collect();
    if missing_blocks.is_empty() {
        return Ok(());
    }
    Err(Problem::BlocksMissing { missing_blocks }.into())
}
