//! A thumbnail is put beside the newest version of its file. It changes nothing that anybody
//! wrote, so no entry of the journal tells of it and it has no operation id: the first one of
//! a version stays, and another one does nothing.

use super::Author;
use super::blocks::{self, BlockUpload};
use super::carry::take_away;
use crate::access::reach::Named;
use crate::error::{Failure, bad_request};
use crate::log;
use crate::ports::{Database, DbError, Packs, Statement};
use crate::query;
use crate::room::{self, Charge, room, with_trash};
use crate::rules::{check_version, check_way, head, there};
use crate::store::sql::{content, items as items_sql};
use crate::store::{items, thumbnails};
use ::blocks::frame::plain_header;
use ::blocks::hash::BlockHash;
use ::blocks::manifest::BlockRef;
use protocol::ids::{ItemId, PackId, Version};
use protocol::thumbnails::content_type;
use std::collections::BTreeSet;

/// How often it is tried where others change the space at the same moment.
const MAX_ATTEMPTS: usize = 4;

/// A thumbnail that somebody made.
#[derive(Clone, Debug)]
pub struct NewThumbnail {
    /// The file.
    pub item: ItemId,
    /// The version that it is of; the newest one if nothing is said.
    pub version: Option<Version>,
    /// A WebP or a JPEG.
    pub bytes: Vec<u8>,
}

/// Keeps a thumbnail, as the pack `id`, which must be fresh, unless the version has one.
///
/// 1. 400 `bad_request`: it is neither a WebP nor a JPEG.
/// 2. 404 `no_such_item`, 403 `read_only`; 409 `not_a_file`, `is_a_mount`, `in_trash`,
///    `version_conflict`; 507 `quota_exceeded`, `limit_reached`.
/// 3. See [`blocks::store`].
/// 4. The batch is refused unless all that still holds; then it is looked at again. Where
///    nothing refers to it in the end, what was stored goes.
///
/// # Errors
/// These, or the database fails.
pub async fn store(
    db: &impl Database,
    packs: &impl Packs,
    author: &Author,
    id: PackId,
    new: &NewThumbnail,
) -> Result<(), Failure> {
    // 1
    if content_type(&new.bytes).is_none() {
        return Err(bad_request("a thumbnail is a WebP or a JPEG"));
    }
    let block = BlockRef {
        hash: BlockHash::of(&new.bytes),
        length: u32::try_from(new.bytes.len()).unwrap_or(u32::MAX),
    };
    let charge = Charge {
        rows: vec![block],
        ..Charge::default()
    };
    let mut frames = plain_header(block.hash, block.length).to_vec();
    frames.extend(&new.bytes);
    let upload = BlockUpload {
        space: author.space,
        now: author.now,
        id,
        reach: &author.reach,
        of: &[],
    };
    let end = async {
        let Some(mut version) = look(db, author, new, &charge).await? else {
            return Ok(());
        };
        // 3
        blocks::store(db, packs, &upload, frames).await?;
        // 4
        let mut last = DbError::Busy("not tried".into());
        for _ in 0..MAX_ATTEMPTS {
            match put(db, author, (new.item, version), &charge).await {
                Err(Failure::Database(error @ (DbError::Constraint(_) | DbError::Busy(_)))) => {
                    last = error;
                }
                end => return end,
            }
            let Some(again) = look(db, author, new, &charge).await? else {
                return Ok(());
            };
            version = again;
        }
        Err(super::given_up(last).into())
    };
    let end = end.await;
    if end.is_err()
        && let Err(why) = take_away(db, packs, author, id, &[block]).await
    {
        // The collector finds it, and it counts for nothing.
        log::fault(format_args!("a thumbnail stays behind: {why}"));
    }
    match end {
        Ok(()) => Ok(()),
        Err(failure) => Err(with_trash(db, author.space, failure).await),
    }
}

/// The version that the thumbnail is of; `None` if that one has a thumbnail.
async fn look(
    db: &impl Database,
    author: &Author,
    new: &NewThumbnail,
    charge: &Charge,
) -> Result<Option<Version>, Failure> {
    let (space, item) = (author.space, new.item);
    let named = vec![Named::File(item)];
    author.reach.check_change(db, space, named).await?;
    let looks = (
        items::item(space, item),
        items::way(space, Some(item)),
        thumbnails::of_heads(space, &[item])?,
        room(space, &charge.rows, author.limits)?,
    );
    let (found, way, before, room) = author.reach.read(db, space, item, looks).await?;
    let found = there(found?)?;
    let head = head(&found)?;
    check_way(&way?)?;
    if let Some(version) = new.version {
        check_version(head, version)?;
    }
    if !before?.is_empty() {
        return Ok(None);
    }
    let (room, new_blocks) = room?;
    room.check(charge, new_blocks)?;
    Ok(Some(head.version))
}

/// Writes its row, with what it is charged for.
async fn put(
    db: &impl Database,
    author: &Author,
    (item, version): (ItemId, Version),
    charge: &Charge,
) -> Result<(), Failure> {
    let space = author.space;
    let (advance, guard) = room::advance(space, 0, charge, &author.limits)?;
    let rows = charge.rows.iter().map(|block| {
        Statement::new(content::PUT_THUMBNAIL)
            .id(space)
            .id(item)
            .bind(version)
            .bind(thumbnails::PLACE)
            .bind(block.hash.to_string())
            .bind(u64::from(block.length))
    });
    let mut statements: Vec<Statement> = rows.collect();
    statements.push(Statement::new(items_sql::GUARD_HEAD));
    let statements = author
        .reach
        .guarded(space, statements, &BTreeSet::from([item]))?;
    let statements: Vec<Statement> = guard.into_iter().chain(statements).collect();
    let (_, _) = query::all(db, (advance, statements)).await?;
    Ok(())
}
