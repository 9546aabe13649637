//! What was done in a space, the newest first, as far back as its journal goes.

use super::inside;
use crate::access::reach::OneFolder;
use crate::error::{Failure, bad_request};
use crate::ports::{Database, Statement};
use crate::query;
use crate::rules::page_limit;
use crate::store::items::ways;
use crate::store::journal::{EndRow, EntryRow, KEY};
use crate::store::sql::journal;
use blocks::number::MAX_EXACT;
use protocol::activity::{Activity, Done, ME, OTHERS};
use protocol::ids::{ItemId, Seq, SpaceId, UserId};
use protocol::notifications::EventType;
use std::collections::{BTreeSet, HashSet};

const DEFAULT_PAGE: u64 = 50;

/// How many entries are read for one page of some of them. An entry that is not told costs
/// as much to read.
const MOST_READ: u64 = 300;

/// Which entries are asked for; all of them by default.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ActivityFilter {
    /// Of this item, or of what is in it.
    pub of: Option<ItemId>,
    /// Of these kinds; none stands for all.
    pub kinds: Vec<EventType>,
    /// By these people.
    pub by: Option<DoneBy>,
}

/// Who did something.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DoneBy {
    /// This person.
    Person(UserId),
    /// Everybody else, as far as it is known who it was, and visitors of links.
    AllBut(UserId),
}

impl DoneBy {
    /// Reads what a request of a person asks for.
    ///
    /// # Errors
    /// 400 `bad_request`.
    pub fn parse(text: &str, me: UserId) -> Result<Self, Failure> {
        match text {
            ME => Ok(Self::Person(me)),
            OTHERS => Ok(Self::AllBut(me)),
            id => id
                .parse()
                .map(Self::Person)
                .map_err(|_| bad_request("by is not me, others or a person's id")),
        }
    }
}

/// Reads a list of kinds.
///
/// # Errors
/// 400 `bad_request`: one of them is none.
pub fn kinds(list: &str) -> Result<Vec<EventType>, Failure> {
    let kind = |name: &str| match serde_json::from_value(name.into()) {
        Ok(EventType::Elsewhere | EventType::FileOpened | EventType::Unknown) | Err(_) => {
            Err(bad_request(format!("{name:?} is no kind")))
        }
        Ok(kind) => Ok(kind),
    };
    list.split(',').map(kind).collect()
}

impl ActivityFilter {
    fn is_all(&self) -> bool {
        *self == Self::default()
    }

    /// The entries of these kinds by these people before an entry.
    fn read(&self, space: SpaceId, before: Seq, most: u64) -> Result<Statement, Failure> {
        let kinds = match self.kinds.as_slice() {
            [] => None,
            kinds => Some(serde_json::to_string(kinds)?),
        };
        let (this, others) = match self.by {
            None => (None, None),
            Some(DoneBy::Person(user)) => (Some(user.to_string()), None),
            Some(DoneBy::AllBut(user)) => (None, Some(user.to_string())),
        };
        Ok(Statement::new(journal::DONE)
            .id(space)
            .bind(before)
            .bind(most)
            .bind(kinds)
            .bind(this)
            .bind(others))
    }
}

/// The entries before `before`, or the newest, as far as they are wanted.
///
/// 1. 400 for a limit that is not from 1 to 1,000.
/// 2. Whoever has a part of the space is told what happened in it, by the names that it
///    had there; see [`inside::told`]. If it was shared with them, since it was.
/// 3. About a file, its own entries. About a folder, also those of what is in it now,
///    however deep, and of what came to it or left it. The item need not be there: a
///    deleted item has a past, too.
///
/// # Errors
/// These; as [`OneFolder::reached`], or the database fails.
pub async fn activity(
    db: &impl Database,
    space: SpaceId,
    part: Option<&OneFolder>,
    before: Option<Seq>,
    limit: Option<u64>,
    wanted: &ActivityFilter,
) -> Result<Activity, Failure> {
    // 1
    let limit = page_limit(limit, DEFAULT_PAGE)?;
    let to_read = match part.is_none() && wanted.is_all() {
        true => limit,
        false => MOST_READ,
    };
    let before = before.unwrap_or(MAX_EXACT);
    let looks = (
        // A row that can't be read is passed over, and does not end the page.
        wanted
            .read(space, before, to_read)?
            .readable::<EntryRow>(KEY),
        Statement::new(journal::DONE_END)
            .id(space)
            .bind(before)
            .bind(to_read)
            .first::<EndRow>(),
        part.and_then(|part| part.since(space)),
    );
    let (rows, end, since) = query::all(db, looks).await?;
    let done = rows?.into_iter().map(Done::from);
    let mut entries: Vec<Done> = done.filter(is_worth_telling).collect();
    let since = since.transpose()?.flatten().unwrap_or(0);
    let end = end?;
    let goes_on = end.filter(|end| end.count >= to_read && end.at >= Some(since));
    // 2
    let reached = match part {
        None => None,
        Some(part) => {
            entries.retain(|done| done.event.timestamp >= since);
            let named = entries.iter().flat_map(touched).chain(wanted.of);
            Some(part.reached(db, space, named.collect()).await?)
        }
    };
    // 3
    if let Some(of) = wanted.of {
        // What is in a folder elsewhere is not for them to find out.
        let is_theirs = reached.as_ref().is_none_or(|reached| reached.has(of));
        let near = match is_theirs {
            true => near(db, space, of, &entries).await?,
            false => HashSet::new(),
        };
        entries
            .retain(|done| done.event.file_id == of || touched(done).any(|id| near.contains(&id)));
    }
    if let (Some(part), Some(reached)) = (part, reached) {
        let told = entries.into_iter();
        entries = told
            .filter_map(|done| inside::told(done, &reached, part.id()))
            .collect();
    }
    let most = usize::try_from(limit).unwrap_or(usize::MAX);
    let is_cut = entries.len() > most;
    entries.truncate(most);
    let next_before = match is_cut {
        true => entries.last().map(|last| last.seq),
        false => goes_on.and_then(|end| end.seq),
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

/// Whether an entry is worth telling by itself. Of what was handed over, the journal has each
/// item for the feed, and it is told as one, by the item that was.
pub fn is_worth_telling(done: &Done) -> bool {
    done.event.event_type != EventType::HandedOver || done.person.is_some()
}

/// The item of an entry, and the folders where it stood and stands.
pub fn touched(done: &Done) -> impl Iterator<Item = ItemId> {
    let spots = [&done.from, &done.at];
    let parents = spots.map(|spot| spot.as_ref().and_then(|spot| spot.parent));
    parents.into_iter().flatten().chain([done.event.file_id])
}
