//! What was done in a space, the newest first, as far back as its journal goes.

use crate::error::Failure;
use crate::ports::{Database, Statement};
use crate::query;
use crate::rules::page_limit;
use crate::store::items::ways;
use crate::store::journal::{EntryRow, KEY};
use crate::store::sql::journal;
use blocks::number::MAX_EXACT;
use protocol::activity::{Activity, Done};
use protocol::ids::{ItemId, Seq, SpaceId};
use std::collections::{BTreeSet, HashSet};

const DEFAULT_PAGE: u64 = 50;

/// How many entries are read for one page about a single item. An entry about another
/// item costs as much to read.
const MOST_READ: u64 = 300;

/// The entries before `before`, or the newest.
///
/// 1. 400 for a limit that is not from 1 to 1,000.
/// 2. About a file, its own entries. About a folder, also those of what is in it now,
///    however deep, and of what came to it or left it. The item need not be there: a
///    deleted item has a past, too.
///
/// # Errors
/// These, or the database fails.
pub async fn activity(
    db: &impl Database,
    space: SpaceId,
    before: Option<Seq>,
    limit: Option<u64>,
    of: Option<ItemId>,
) -> Result<Activity, Failure> {
    // 1
    let limit = page_limit(limit, DEFAULT_PAGE)?;
    let to_read = if of.is_some() { MOST_READ } else { limit };
    let rows = Statement::new(journal::DONE)
        .id(space)
        .bind(before.unwrap_or(MAX_EXACT))
        .bind(to_read);
    let rows = db.run(rows).await?;
    // A row that can't be read is passed over, and does not end the page.
    let last_read = rows.rows.last().and_then(|row| row.get("seq")?.as_f64());
    let last_read = last_read.map(|seq| seq as Seq);
    let goes_on = rows.rows.len() as u64 >= to_read;
    let read = rows.readable::<EntryRow>(KEY).into_iter().map(Done::from);
    let mut entries: Vec<Done> = read.collect();
    // 2
    if let Some(of) = of {
        let near = near(db, space, of, &entries).await?;
        entries.retain(|done| touched(done).any(|id| near.contains(&id)));
    }
    let most = usize::try_from(limit).unwrap_or(usize::MAX);
    let is_cut = entries.len() > most;
    entries.truncate(most);
    let next_before = match is_cut {
        true => entries.last().map(|last| last.seq),
        false => last_read.filter(|_| goes_on),
    };
    Ok(Activity {
        entries,
        next_before,
    })
}

/// The items of these entries that are in an item, however deep, and the item itself.
async fn near(
    db: &impl Database,
    space: SpaceId,
    of: ItemId,
    entries: &[Done],
) -> Result<HashSet<ItemId>, Failure> {
    let spoken_of: BTreeSet<ItemId> = entries.iter().flat_map(touched).collect();
    let ways = query::one(db, ways(space, &spoken_of)?).await?;
    let inside = ways
        .into_iter()
        .filter(|(_, way)| way.iter().any(|row| row.id == of));
    Ok(inside.map(|(start, _)| start).chain([of]).collect())
}

/// The item of an entry, and the folders where it stood and stands.
fn touched(done: &Done) -> impl Iterator<Item = ItemId> {
    let spots = [&done.from, &done.at];
    let parents = spots.map(|spot| spot.as_ref().and_then(|spot| spot.parent));
    parents.into_iter().flatten().chain([done.event.file_id])
}
