//! The content of a new version, as it was sent: whole, or as splices of a list that is
//! read with the snapshot. A version's list never changes, so neither does what the
//! splices make of it.

use super::versioning::{check_blocks, check_manifest};
use crate::error::Failure;
use crate::ports::DbError;
use crate::query::{Queries, Told, look};
use crate::store::blocks::{Unmet, unmet};
use crate::store::versions;
use blocks::hash::BlockHash;
use blocks::manifest::{BlockRef, Manifest};
use protocol::content::{Base, Content, Spliced};
use protocol::ids::SpaceId;
use protocol::problem::Problem;
use std::collections::HashSet;

/// What [`spelled_out`] and [`check_stored`] look at.
pub struct ContentLooked {
    /// What is wrong with the blocks that the request names.
    pub unmet: Told<Vec<Unmet>>,
    /// The base of the splices, if the content was sent as splices.
    pub base: Option<BaseLooked>,
}

/// The version that the splices are applied to.
pub struct BaseLooked {
    /// Whether the version is there.
    pub is_there: Told<bool>,
    /// Blocks of the version's list that can't be read.
    pub damaged: Told<Vec<BlockHash>>,
    /// The block list of the version.
    pub blocks: Told<Vec<BlockRef>>,
}

/// # Errors
/// The whole list contradicts itself.
pub fn looks(
    space: SpaceId,
    content: &Content,
) -> Result<impl Queries<Told = ContentLooked> + use<>, Failure> {
    check(content)?;
    let base = match content {
        Content::Spliced(spliced) => Some(look_at_base(space, spliced.base)),
        Content::Whole(_) => None,
    };
    let looks = (unmet(space, &content.named())?, base);
    Ok(looks.map(|(unmet, base)| ContentLooked { unmet, base }))
}

fn look_at_base(
    space: SpaceId,
    Base { item, version }: Base,
) -> impl Queries<Told = BaseLooked> + use<> {
    let list = versions::list(space, item, version);
    let looks = (
        versions::version(space, item, version).any(),
        versions::damaged(space, item, version),
        list.then(|rows| Ok(rows.into_iter().map(|row| row.block).collect())),
    );
    looks.map(|(is_there, damaged, blocks)| BaseLooked {
        is_there,
        damaged,
        blocks,
    })
}

/// Checks what can be checked without the base.
///
/// # Errors
/// The whole list contradicts itself.
pub fn check(content: &Content) -> Result<(), Failure> {
    match content {
        Content::Whole(manifest) => check_manifest(manifest),
        Content::Spliced(_) => Ok(()),
    }
}

/// The whole content that splices make of their base; `None` if the content was sent
/// whole.
///
/// # Errors
/// 404 `no_such_base`; 400 if the splices do not fit the base, or what they make
/// contradicts itself.
pub fn spelled_out(content: &Content, looked: &ContentLooked) -> Result<Option<Manifest>, Failure> {
    let (Content::Spliced(spliced), Some(base)) = (content, &looked.base) else {
        return Ok(None);
    };
    if !*look(&base.is_there)? {
        return Err(Problem::NoSuchBase.into());
    }
    let whole =
        Spliced::whole(spliced, look(&base.blocks)?).map_err(|why| Problem::BadManifest {
            detail: why.to_string(),
        })?;
    check_manifest(&whole)?;
    Ok(Some(whole))
}

/// The content of a change that is spelled out.
///
/// # Errors
/// The content is not spelled out, which is a fault of this server.
pub fn whole(content: &Content) -> Result<&Manifest, Failure> {
    match content {
        Content::Whole(manifest) => Ok(manifest),
        Content::Spliced(_) => Err(DbError::Fault("splices were not applied".into()).into()),
    }
}

/// Checks that all blocks are stored. Blocks of a base are, but they may have been
/// damaged since.
///
/// # Errors
/// 400 if a length is wrong, 422 if blocks are missing. Each missing block is told
/// once, in the order of the content.
pub fn check_stored(content: &Manifest, looked: ContentLooked) -> Result<(), Failure> {
    let unmet = check_blocks(&looked.unmet?);
    let Some(base) = looked.base else {
        return unmet;
    };
    let mut missing: HashSet<BlockHash> = base.damaged?.into_iter().collect();
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
