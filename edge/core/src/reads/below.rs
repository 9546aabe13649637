//! The change feed and the poll of whoever has one folder of a space, or one file.
//!
//! The feed lists what is there first, as that of a whole space does, and goes on with
//! the journal. That is the whole space's: an entry is told if its item is inside, and
//! nothing is told of the others. What came in or went out took along what is below it,
//! of which the journal says nothing, so then the list starts anew. Whether something
//! crossed the border is told by the folders that it stood in before and after: one of
//! them is inside, and the other is not. If the border moved itself, because a folder
//! in between did, that folder's own entry tells it.
//!
//! A visitor of a link is told what is there, each time anew, and nothing of the journal,
//! of conflicts, or of what is in the trash.

use crate::access::reach::{OneFolder, Reached};
use crate::error::Failure;
use crate::ports::{Database, Rows, Statement};
use crate::query::{self, Query};
use crate::reads::changes::{ItemPage, told};
use crate::reads::inside::{event_of, is_in, touches};
use crate::reads::space::{PollStart, newest, seen};
use crate::rules::page_limit;
use crate::store::conflicts;
use crate::store::journal::{EntryRow, KEY};
use crate::store::rows::{self, SeqRow};
use crate::store::space::space as read_space;
use crate::store::sql::{self, items, journal};
use protocol::activity::Done;
use protocol::changes::{Change, ChangePage};
use protocol::cursor::Cursor;
use protocol::ids::{ItemId, Seq, SpaceId};
use protocol::limits::MAX_CHANGES_PER_PAGE;
use protocol::notifications::{Event, EventType};

/// One folder of a space, or one file, and where it is read.
#[derive(Clone, Copy)]
pub struct Below<'a, D> {
    /// The database of the space.
    pub db: &'a D,
    /// The space.
    pub space: SpaceId,
    /// The folder, or the file.
    pub part: &'a OneFolder,
}

impl<D: Database> Below<'_, D> {
    /// The next page after a cursor.
    ///
    /// 1. 400 for a limit that is not from 1 to 1,000.
    /// 2. Without a cursor of this space, with one whose journal is gone, or if something
    ///    crossed the border, the listing starts, and `reset` is true.
    /// 3. A listing goes on with the next items; a cursor goes on with the journal.
    ///
    /// # Errors
    /// 400; as [`OneFolder::reached`], or the database fails.
    pub async fn page(
        &self,
        cursor: Option<Cursor>,
        limit: Option<u64>,
    ) -> Result<ChangePage, Failure> {
        // 1
        let limit = page_limit(limit, MAX_CHANGES_PER_PAGE)?;
        // 2 and 3
        match cursor.filter(|cursor| cursor.space == self.space) {
            Some(Cursor {
                listed_to: Some(item),
                seq,
                ..
            }) => self.listing(Some((seq, item)), limit).await,
            _ if self.is_visit() => self.listing(None, limit).await,
            Some(cursor) if cursor.seq > 0 => match self.journal(cursor.seq, limit).await? {
                Some(page) => Ok(page),
                None => self.listing(None, limit).await,
            },
            // There was a time when a cursor of a folder said nothing of the journal.
            _ => self.listing(None, limit).await,
        }
    }

    /// The next items in the order of their ids. What was moved away is not among them;
    /// the open conflicts come with the last of them.
    async fn listing(
        &self,
        under_way: Option<(Seq, ItemId)>,
        limit: u64,
    ) -> Result<ChangePage, Failure> {
        let mut after = under_way.map_or_else(String::new, |(_, item)| item.to_string());
        let (head, open, page) = loop {
            let items = Statement::new(items::BELOW_AFTER)
                .id(self.space)
                .id(self.part.id())
                .bind(after)
                .bind(limit.saturating_add(1));
            let looks = (
                read_space(self.space),
                ItemPage::up_to(items, limit),
                conflicts::open(self.space),
            );
            let (row, page, open) = query::all(self.db, looks).await?;
            let page = page?;
            match page.passed_over {
                Some(to) => after = to,
                None => break (row?.head_seq, open?, page),
            }
        };
        let seq = under_way.map_or(head, |(seq, _)| seq);
        let ItemPage {
            mut items, goes_on, ..
        } = page;
        let listed_to = items.last().map(|item| item.id).filter(|_| goes_on);
        if self.is_visit() {
            let ids = items.iter().map(|item| item.id).collect();
            let reached = self.part.reached(self.db, self.space, ids).await?;
            items.retain(|item| reached.has(item.id));
            return Ok(ChangePage {
                reset: under_way.is_none(),
                changes: self.items(items),
                // How much there was to do in the space is not theirs to know.
                next_token: self.token(0, listed_to),
                has_more: goes_on,
            });
        }
        let mut changes = self.items(items);
        let files = open.iter().map(|conflict| conflict.item).collect();
        let reached = self.part.reached(self.db, self.space, files).await?;
        if !goes_on {
            let inside = open.into_iter().filter(|open| reached.has(open.item));
            changes.extend(told(inside));
        }
        Ok(ChangePage {
            reset: under_way.is_none(),
            changes,
            next_token: self.token(seq, listed_to),
            has_more: goes_on || head > seq,
        })
    }

    /// What the journal says after an entry; `None` if only a list can tell it.
    async fn journal(&self, after: Seq, limit: u64) -> Result<Option<ChangePage>, Failure> {
        let page = |sql| self.of_journal(sql, after, limit);
        let looks = (
            read_space(self.space),
            self.oldest(),
            page(journal::PAGE).read_by(|rows| Ok(Entries::of(rows))),
            page(items::PATHS_OF_PAGE)
                .id(self.part.id())
                .read_by(rows::ways),
            page(items::ITEMS_CHANGED).read_by(|rows| Ok(rows::items(&rows.rows))),
            page(sql::conflicts::CHANGED).read_by(|rows| Ok(conflicts::of_rows(rows))),
            self.part.looks(self.space),
        );
        let (row, oldest, entries, ways, items, conflicts, held) =
            query::all(self.db, looks).await?;
        let head = row?.head_seq;
        let is_kept = is_kept(oldest?, after);
        let reached = self.part.held_still(ways?, held)?;
        let entries = entries?;
        let is_told = entries.are_whole && !entries.done.iter().any(|done| crosses(done, &reached));
        if after > head || !is_kept || !is_told {
            return Ok(None);
        }
        let items = items?.into_iter().filter(|item| reached.has(item.id));
        let mut changes = self.items(items);
        let inside = conflicts?;
        let inside = inside
            .into_iter()
            .filter(|conflict| reached.has(conflict.item));
        changes.extend(told(inside));
        let end = entries.last_seq.unwrap_or(after);
        Ok(Some(ChangePage {
            reset: false,
            changes,
            next_token: self.token(end, None),
            has_more: head > end,
        }))
    }

    /// Looks at the journal for a poll, as [`poll`](super::space::poll) does for a whole
    /// space. Only what is inside is news, and what the journal can't tell any more: that
    /// may have been inside.
    ///
    /// # Errors
    /// as [`OneFolder::reached`], or the database fails.
    pub async fn poll(&self, cursor: Option<Cursor>) -> Result<PollStart, Failure> {
        let (head, newest) = newest(self.db, self.space).await?;
        let seen = seen(cursor, self.space, head);
        self.poll_after(seen, (head, newest)).await
    }

    /// The same from an entry on, where the journal's head and its newest entry are known.
    ///
    /// # Errors
    /// As there.
    pub async fn poll_after(
        &self,
        mut seen: Seq,
        (head, newest): (Seq, Option<Event>),
    ) -> Result<PollStart, Failure> {
        let (mut news, mut is_told) = (None, true);
        while seen < head {
            let page = |sql| self.of_journal(sql, seen, MAX_CHANGES_PER_PAGE);
            let looks = (
                self.oldest(),
                page(journal::PAGE).read_by(|rows| Ok(Entries::of(rows))),
                page(items::PATHS_OF_PAGE)
                    .id(self.part.id())
                    .read_by(rows::ways),
                self.part.looks(self.space),
            );
            let (oldest, entries, ways, held) = query::all(self.db, looks).await?;
            let (entries, reached) = (entries?, self.part.held_still(ways?, held)?);
            is_told &= entries.are_whole && is_kept(oldest?, seen);
            let Some(last) = entries.last_seq else {
                is_told = false;
                break;
            };
            let inside = entries.done.into_iter().rev();
            let inside = inside.filter(|done| touches(done, &reached));
            news = inside.map(|done| event_of(done, &reached)).next().or(news);
            seen = last;
        }
        let untold = newest.filter(|_| !is_told).map(|newest| Event {
            event_type: EventType::FileUpdate,
            file_id: self.part.id(),
            name: None,
            by: None,
            ..newest
        });
        Ok(match news.or(untold) {
            Some(event) => PollStart::News(event),
            None => PollStart::WaitAfter(head),
        })
    }

    fn oldest(&self) -> Query<Option<SeqRow>> {
        Statement::new(journal::OLDEST).id(self.space).first()
    }

    fn is_visit(&self) -> bool {
        self.part.visit().is_some()
    }

    fn items(&self, items: impl IntoIterator<Item = protocol::items::Item>) -> Vec<Change> {
        let items = items.into_iter().map(|item| Change::Item {
            item: self.part.told(item),
        });
        items.collect()
    }

    /// About a page of the journal.
    fn of_journal(&self, sql: &'static str, after: Seq, limit: u64) -> Statement {
        Statement::new(sql).id(self.space).bind(after).bind(limit)
    }

    fn token(&self, seq: Seq, listed_to: Option<ItemId>) -> String {
        let cursor = Cursor {
            space: self.space,
            seq,
            listed_to,
        };
        cursor.to_string()
    }
}

/// Whether the journal, of which this is the oldest entry, has all that came after one.
fn is_kept(oldest: Option<SeqRow>, after: Seq) -> bool {
    let oldest = oldest.and_then(|row| row.seq);
    oldest.is_none_or(|oldest| after.saturating_add(1) >= oldest)
}

/// A page of the journal.
struct Entries {
    /// What it says, but of mounts: they are nobody's but the owner's.
    done: Vec<Done>,
    /// The place of the last one, be it readable or not.
    last_seq: Option<Seq>,
    /// Whether all of them can be read.
    are_whole: bool,
}

impl Entries {
    fn of(rows: &Rows) -> Self {
        let mut done: Vec<Done> = rows
            .readable::<EntryRow>(KEY)
            .into_iter()
            .map(Done::from)
            .collect();
        let last = rows.rows.last().and_then(|row| row.get("seq")?.as_f64());
        let are_whole = done.len() == rows.rows.len();
        done.retain(|done| done.event.event_type != EventType::Mount);
        Self {
            done,
            last_seq: last.map(|seq| seq as Seq),
            are_whole,
        }
    }
}

/// Whether an item came in or went out, or may have: where it stood was not always
/// written down.
fn crosses(done: &Done, reached: &Reached) -> bool {
    match (&done.from, &done.at) {
        _ if done.conflict.is_some() => false,
        (None, None) => true,
        (None, Some(_)) => false,
        (from, at) => is_in(from.as_ref(), reached) != is_in(at.as_ref(), reached),
    }
}
