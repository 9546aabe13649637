//! What was in a folder at a time and is otherwise now, told page by page from the journal
//! since then. What the journal does not speak of is as it was.
//!
//! Of each item that a page of the journal speaks of, the first entry since the time says
//! where it stood, and so do the first entries of the folders above it. So a page is told by
//! itself, with as many rows as it has entries, and nobody has to have seen those before.

use super::inside::is_in;
use crate::access::reach::{OneFolder, Reached};
use crate::error::Failure;
use crate::ports::{Database, Statement};
use crate::query;
use crate::rules::{check_own, check_way, page_limit, there};
use crate::store::items::{item, way, ways};
use crate::store::journal::{EntryRow, KEY, spot};
use crate::store::past::{Held, WayRow, entry_at, held_then, in_conflict, known_since, ways_then};
use crate::store::rows::{self, PathRow, SeqRow};
use crate::store::space::space as read_space;
use crate::store::sql::{items, journal};
use protocol::activity::Done;
use protocol::ids::{ItemId, Seq, SpaceId, UnixMillis, Version};
use protocol::items::Item;
use protocol::limits::MAX_CHANGES_PER_PAGE;
use protocol::notifications::EventType;
use protocol::past::{Past, PastItem, Stood, Then};
use protocol::problem::Problem;
use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

/// What is asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct WantedPast {
    /// The folder; `None` is all that whoever asks has.
    pub of: Option<ItemId>,
    /// The time.
    pub at: UnixMillis,
    /// Only what came after this entry.
    pub after: Option<Seq>,
    /// Entries of the journal that are looked at.
    pub limit: Option<u64>,
}

/// The clocks of two isolates may be so far apart, so entries may follow each other with
/// times that do not.
const CLOCKS_APART_MILLIS: u64 = 60 * 1_000;

/// What was otherwise at a time.
///
/// 1. 400 for a limit that is not from 1 to 1,000.
/// 2. 404 unknown, 409 a file or a mount, 409 in the trash.
/// 3. A time from before it was known where everything stood counts as the first moment at
///    which it was; for whoever has a share, as its beginning.
/// 4. Items and places are told as far as whoever asks sees them now.
///
/// # Errors
/// These; 503 if the journal is cut off at the time while it is read; as
/// [`OneFolder::reached`], or the database fails.
pub async fn past(
    db: &impl Database,
    space: SpaceId,
    part: Option<&OneFolder>,
    wanted: &WantedPast,
    now: UnixMillis,
) -> Result<Past, Failure> {
    // 1
    let limit = page_limit(wanted.limit, MAX_CHANGES_PER_PAGE)?;
    // 2
    let of = wanted.of.or(part.map(OneFolder::id));
    let looks = (
        of.map(|of| (item(space, of), way(space, Some(of)))),
        known_since(space),
        part.and_then(|part| part.since(space)),
        part.map(|part| ways(space, &of.into_iter().chain([part.id()]).collect()))
            .transpose()?,
        part.and_then(|part| part.looks(space)),
    );
    let (folder, known, since, reached, held) = query::all(db, looks).await?;
    if let (Some(part), Some(ways), Some(of)) = (part, reached, of)
        && !part.held_still(ways?, held)?.has(of)
    {
        return Err(Problem::NoSuchItem.into());
    }
    if let Some((folder, way)) = folder {
        let folder = there(folder?)?;
        check_own(&folder)?;
        if !folder.is_folder() {
            return Err(Problem::NotAFolder.into());
        }
        check_way(&way?)?;
    }
    // 3
    let since = since.transpose()?.flatten().unwrap_or(0);
    let known_since_ms = known?.max(since);
    let at = wanted.at.max(known_since_ms);
    let after = match wanted.after {
        Some(after) => after,
        None => query::one(db, entry_at(space, at.saturating_sub(CLOCKS_APART_MILLIS))).await?,
    };
    let page = Page {
        space,
        part,
        of,
        at,
        after,
        is_first: wanted.after.is_none(),
    };
    // 4
    let (entries, next_after) = page.read(db, limit).await?;
    Ok(Past {
        at_ms: at,
        known_since_ms,
        asked_at_ms: now,
        entries,
        next_after,
    })
}

struct Page<'a> {
    space: SpaceId,
    part: Option<&'a OneFolder>,
    /// `None` is the whole space.
    of: Option<ItemId>,
    at: UnixMillis,
    after: Seq,
    is_first: bool,
}

/// What a page of the journal says of an item.
#[derive(Default)]
struct Spoken {
    /// The oldest version that it has by an entry of the page.
    version: Option<Version>,
    /// The oldest that came to be with one.
    made: Option<Version>,
}

/// What is known of the items of a page.
struct Known {
    now: HashMap<ItemId, Item>,
    ways_now: HashMap<ItemId, Vec<PathRow>>,
    ways_then: HashMap<ItemId, Vec<WayRow>>,
    held: HashMap<ItemId, Held>,
    in_conflict: HashSet<ItemId>,
    /// `None` for whoever has the whole space.
    reached: Option<Reached>,
}

impl Page<'_> {
    async fn read(
        &self,
        db: &impl Database,
        limit: u64,
    ) -> Result<(Vec<PastItem>, Option<Seq>), Failure> {
        let page = |sql| {
            Statement::new(sql)
                .id(self.space)
                .bind(self.after)
                .bind(limit)
        };
        let looks = (
            page(journal::PAGE).readable::<EntryRow>(KEY),
            page(journal::PAGE_END).first::<SeqRow>(),
            read_space(self.space),
            known_since(self.space),
        );
        let (rows, end, row, known) = query::all(db, looks).await?;
        self.check_known(known?)?;
        let (end, head_seq) = (end?.and_then(|row| row.seq), row?.head_seq);
        let next_after = end.filter(|end| *end < head_seq);
        let done: Vec<Done> = rows?.into_iter().map(Done::from).collect();
        let spoken = self.spoken_of(&done);
        if spoken.is_empty() {
            return Ok((Vec::new(), next_after));
        }
        let known = self.look_up(db, &spoken, &done).await?;
        let told = spoken
            .iter()
            .filter_map(|(id, spoken)| self.told(*id, spoken, &known));
        Ok((told.collect(), next_after))
    }

    /// The items to which something was done since the time.
    fn spoken_of(&self, done: &[Done]) -> BTreeMap<ItemId, Spoken> {
        let mut spoken: BTreeMap<ItemId, Spoken> = BTreeMap::new();
        let since = done
            .iter()
            .filter(|done| done.event.timestamp > self.at && done.conflict.is_none());
        for done in since {
            let is_made = match done.event.event_type {
                EventType::FileUpdate => true,
                EventType::FileCreate
                | EventType::FileMove
                | EventType::FileDelete
                | EventType::FileRestore
                | EventType::HandedOver => false,
                _ => continue,
            };
            let of = spoken.entry(done.event.file_id).or_default();
            let older = |known: Option<Version>| known.into_iter().chain(done.version).min();
            of.version = older(of.version);
            if is_made {
                of.made = older(of.made);
            }
        }
        spoken
    }

    /// # Errors
    /// 503: what the journal says of the time was taken out of it meanwhile.
    fn check_known(&self, known_since_ms: UnixMillis) -> Result<(), Failure> {
        match known_since_ms > self.at {
            true => Err(Problem::Unavailable.into()),
            false => Ok(()),
        }
    }

    async fn look_up(
        &self,
        db: &impl Database,
        spoken: &BTreeMap<ItemId, Spoken>,
        done: &[Done],
    ) -> Result<Known, Failure> {
        let ids: BTreeSet<ItemId> = spoken.keys().copied().collect();
        let files: Vec<(ItemId, Version)> = spoken
            .iter()
            .filter_map(|(id, spoken)| Some((*id, spoken.version?)))
            .collect();
        let spots = done.iter().flat_map(|done| [&done.from, &done.at]);
        let parents = spots.flatten().filter_map(|spot| spot.parent);
        let starts = ids.iter().copied().chain(parents);
        let starts = starts.chain(self.part.map(OneFolder::id)).collect();
        let known = Statement::new(items::ITEMS_OF)
            .id(self.space)
            .bind(serde_json::to_string(&ids)?);
        let looks = (
            known.read_by(|rows| Ok(rows::items(&rows.rows))),
            ways(self.space, &starts)?,
            ways_then(self.space, &ids, self.at)?,
            held_then(self.space, &files, self.at)?,
            in_conflict(self.space, &ids)?,
            self.part.and_then(|part| part.looks(self.space)),
            known_since(self.space),
        );
        let (now, ways_now, ways_then, held, in_conflict, share, known) =
            query::all(db, looks).await?;
        self.check_known(known?)?;
        let ways_now = ways_now?;
        let reached = match self.part {
            None => None,
            Some(part) => Some(part.held_still(ways_now.clone(), share)?),
        };
        Ok(Known {
            now: now?.into_iter().map(|item| (item.id, item)).collect(),
            ways_now,
            ways_then: ways_then?,
            held: held?,
            in_conflict: in_conflict?,
            reached,
        })
    }

    /// What is told of an item; `None` if it is as it was, if neither was it in the folder
    /// nor is it, or if a page before has told it.
    fn told(&self, id: ItemId, spoken: &Spoken, known: &Known) -> Option<PastItem> {
        let way = known.ways_then.get(&id)?;
        let first = way.first()?;
        let held = known.held.get(&id);
        if Some(id) == self.of || (!self.is_first && self.was_told(first, spoken, held)) {
            return None;
        }
        let sees = |id: ItemId| {
            let reached = known.reached.as_ref();
            reached.is_none_or(|reached| reached.has(id))
        };
        let now = known.now.get(&id).filter(|_| sees(id));
        let is_inside = now.is_some() && self.is_inside(known.ways_now.get(&id));
        let stood = self.stood(way)?;
        let place = first.spot().filter(|spot| {
            let reached = known.reached.as_ref();
            reached.is_none_or(|reached| is_in(Some(spot), reached))
        });
        let was_inside = stood == Some(Stood::Inside);
        let is_theirs = now.is_some() || place.is_some();
        if !is_theirs || !(was_inside || is_inside) {
            return None;
        }
        let content = held.filter(|_| was_inside && now.is_some());
        let content = content.map(|held| held.content);
        let is_file = now.is_some_and(|item| item.file.is_some());
        let is_same = was_inside
            && now.is_some_and(|item| item.trashed_at_ms.is_none())
            && (first.seq.is_none() || now.map(spot) == first.spot())
            && content.map_or(!is_file, |content| content.is_now);
        if is_same {
            return None;
        }
        let told = |item: &Item| match self.part {
            None => item.clone(),
            Some(part) => part.told(item.clone()),
        };
        Some(PastItem {
            id,
            then: stood.map(|stood| Then {
                stood,
                place,
                content,
            }),
            now: now.map(told),
            in_conflict: now.is_some() && known.in_conflict.contains(&id),
        })
    }

    /// Whether a page before this one has told of an item: the first entry of its place is
    /// there, or that of a version.
    fn was_told(&self, first: &WayRow, spoken: &Spoken, held: Option<&Held>) -> bool {
        let next = held.and_then(|held| held.next);
        let is_later = next.is_some_and(|next| match spoken.made {
            Some(made) => next < made,
            None => spoken.version.is_some_and(|version| next <= version),
        });
        first.seq.is_some_and(|seq| seq <= self.after) || is_later
    }

    /// Whether an item is in the folder now, and not in the trash.
    fn is_inside(&self, way: Option<&Vec<PathRow>>) -> bool {
        way.is_some_and(|way| {
            let leads_there = match self.of {
                Some(of) => way.iter().skip(1).any(|row| row.id == of),
                None => way.last().is_some_and(PathRow::is_at_top),
            };
            leads_there && check_way(way).is_ok()
        })
    }

    /// Where an item was, as seen from the folder, or `None` if it was not there. Nothing is
    /// said of it if what the journal says of it can't be read.
    fn stood(&self, way: &[WayRow]) -> Option<Option<Stood>> {
        if !way.first()?.was_there()? {
            return Some(None);
        }
        let leads_there = match self.of {
            Some(of) => way.iter().skip(1).any(|row| row.id == of),
            None => way.last().is_some_and(WayRow::was_at_top),
        };
        // What is above the folder does not matter.
        let below = way.iter().take_while(|row| Some(row.id) != self.of);
        let was_trashed = below.clone().any(|row| row.was_trashed() == Some(true));
        let mut below = below.map(|row| (row.was_there(), row.was_trashed()));
        let is_known = below.all(|known| matches!(known, (Some(true), Some(_))));
        is_known.then_some(Some(match (leads_there, was_trashed) {
            (_, true) => Stood::InTrash,
            (true, false) => Stood::Inside,
            (false, false) => Stood::Elsewhere,
        }))
    }
}
