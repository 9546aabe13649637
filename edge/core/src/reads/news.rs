//! What other people did lately in a person's drive and in what is shared with them.

use super::activity::{is_worth_telling, touched};
use super::inside;
use crate::access::held::{SharedBy, SharedPart};
use crate::access::reach::OneFolder;
use crate::error::Failure;
use crate::ports::{Database, Statement};
use crate::query;
use crate::store::items::ways;
use crate::store::journal::{EntryRow, KEY};
use crate::store::sql::journal;
use protocol::activity::Done;
use protocol::grants::Grant;
use protocol::ids::{ItemId, SpaceId, UnixMillis, UserId};
use protocol::news::ByOthers;
use serde::Deserialize;
use std::collections::{BTreeMap, BTreeSet};

/// What is older is no news.
const NEWS_MILLIS: u64 = 30 * 24 * 60 * 60 * 1_000;
/// Of how many drives the newest entries are read.
const MOST_SPACES: usize = 32;
/// How many entries of each are read, be they of others or not.
const MOST_READ: u64 = 200;
/// How many of them there are in all, the newest.
const MOST_TOLD: u64 = 500;

/// Whose news it is.
pub struct Reader {
    /// The person.
    pub user: UserId,
    /// Their own space.
    pub home: SpaceId,
    /// The time of the request.
    pub now: UnixMillis,
}

/// What is shared with the person, and the space that it is in.
pub type Shared = (SpaceId, Grant);

#[derive(Deserialize)]
struct InSpace {
    space: SpaceId,
    #[serde(flatten)]
    entry: EntryRow,
}

/// What others did, the newest first, as far as these spaces are in one database. Of the
/// person's own drive it is everything; of what is shared with them, what happened inside
/// since it is, by the names that it has there.
///
/// # Errors
/// The database fails.
pub async fn news(
    db: &impl Database,
    reader: &Reader,
    shared: &[Shared],
) -> Result<Vec<ByOthers>, Failure> {
    let mut spaces = vec![reader.home];
    for (space, _) in shared {
        if !spaces.contains(space) && spaces.len() < MOST_SPACES {
            spaces.push(*space);
        }
    }
    let recent = Statement::new(journal::BY_OTHERS)
        .bind(serde_json::to_string(&spaces)?)
        .bind(MOST_READ)
        .id(reader.user)
        .bind(reader.now.saturating_sub(NEWS_MILLIS))
        .bind(MOST_TOLD);
    let rows = query::one(db, recent.readable::<InSpace>(KEY)).await?;
    let mut by_space: BTreeMap<SpaceId, Vec<Done>> = BTreeMap::new();
    for InSpace { space, entry } in rows {
        let done = Done::from(entry);
        if is_worth_telling(&done) {
            by_space.entry(space).or_default().push(done);
        }
    }
    let own = by_space.remove(&reader.home).unwrap_or_default();
    let own = own.into_iter().map(|done| ByOthers { root: None, done });
    let mut all: Vec<ByOthers> = own.collect();
    all.extend(elsewhere(db, reader, shared, by_space).await?);
    all.sort_by_key(|one| std::cmp::Reverse(one.done.event.timestamp));
    Ok(all)
}

/// Of entries of other people's spaces, what each of the grants tells. What several tell
/// is told once.
async fn elsewhere(
    db: &impl Database,
    reader: &Reader,
    shared: &[Shared],
    by_space: BTreeMap<SpaceId, Vec<Done>>,
) -> Result<Vec<ByOthers>, Failure> {
    let mut looks = Vec::new();
    for (space, entries) in &by_space {
        let roots = of_space(shared, *space).map(|grant| grant.item);
        let named: BTreeSet<ItemId> = entries.iter().flat_map(touched).chain(roots).collect();
        looks.push(ways(*space, &named)?);
    }
    let all_ways = query::all(db, looks).await?;
    let mut told = Vec::new();
    for ((space, mut entries), ways) in by_space.into_iter().zip(all_ways) {
        let ways = ways?;
        for grant in of_space(shared, space) {
            // What goes into the trash is not shared meanwhile.
            let Ok(reached) = part(reader, grant.item).found(ways.clone()) else {
                continue;
            };
            let is_theirs = |done: &Done| {
                let is_since = done.event.timestamp >= grant.created_at_ms;
                let told = is_since.then(|| inside::told(done.clone(), &reached, grant.item));
                told.flatten()
            };
            entries.retain(|done| match is_theirs(done) {
                Some(done) => {
                    let root = Some(grant.item);
                    told.push(ByOthers { root, done });
                    false
                }
                None => true,
            });
        }
    }
    Ok(told)
}

fn of_space(shared: &[Shared], space: SpaceId) -> impl Iterator<Item = &Grant> {
    let here = shared.iter().filter(move |(of, _)| *of == space);
    here.map(|(_, grant)| grant)
}

fn part(reader: &Reader, root: ItemId) -> OneFolder {
    OneFolder::of_held(SharedPart {
        root,
        by: SharedBy::Grant(reader.user),
        now: reader.now,
        changes: false,
    })
}
