//! The change feed.
//!
//! A device without a cursor gets the whole tree first: items in the order of
//! their ids, the open conflicts with the last of them, and then the journal
//! from where it stood when the listing began. Whatever changed meanwhile is in
//! that journal, so nothing is skipped. Each page is read in one transaction.

use crate::error::Failure;
use crate::ports::{Database, Rows, Statement};
use crate::query::{self, Query};
use crate::rules::page_limit;
use crate::store::rows::{self, IdRow, SeqRow};
use crate::store::sql::{self, deletion, items, journal};
use crate::store::{conflicts, space::space as read_space};
use protocol::changes::{Change, ChangePage};
use protocol::conflicts::Conflict;
use protocol::cursor::Cursor;
use protocol::ids::{ItemId, Seq, SpaceId};
use protocol::items::Item;
use protocol::limits::MAX_CHANGES_PER_PAGE;
use protocol::problem::Problem;

/// What a device says that it has seen.
///
/// # Errors
/// 400 `bad_cursor`.
pub fn cursor(token: Option<&str>) -> Result<Option<Cursor>, Failure> {
    let cursor = token.map(str::parse).transpose();
    cursor.map_err(|_| Problem::BadCursor.into())
}

/// The next page after a cursor.
///
/// 1. 400 for a limit that is not from 1 to 1,000.
/// 2. Without a cursor of this space, or with one whose journal is gone, the
///    listing starts, and `reset` is true.
/// 3. A listing goes on with the next items; a cursor goes on with the journal.
///
/// # Errors
/// These.
pub async fn page(
    db: &impl Database,
    space: SpaceId,
    cursor: Option<Cursor>,
    limit: Option<u64>,
) -> Result<ChangePage, Failure> {
    // 1
    let limit = page_limit(limit, MAX_CHANGES_PER_PAGE)?;
    let pages = Pages { db, space, limit };
    // 2 and 3
    match cursor.filter(|cursor| cursor.space == space) {
        None => pages.listing(None).await,
        Some(Cursor {
            listed_to: Some(item),
            seq,
            ..
        }) => pages.listing(Some((seq, item))).await,
        Some(cursor) => match pages.journal(cursor.seq).await? {
            Some(page) => Ok(page),
            None => pages.listing(None).await,
        },
    }
}

struct Pages<'a, D> {
    db: &'a D,
    space: SpaceId,
    limit: u64,
}

impl<D: Database> Pages<'_, D> {
    /// The next items in the order of their ids, after those of a listing that
    /// is under way.
    async fn listing(&self, under_way: Option<(Seq, ItemId)>) -> Result<ChangePage, Failure> {
        let mut after = under_way.map_or_else(String::new, |(_, item)| item.to_string());
        let (head, page, open) = loop {
            // One more than the page holds tells whether it is the last one.
            let items = Statement::new(items::ITEMS_AFTER)
                .id(self.space)
                .bind(after)
                .bind(self.limit.saturating_add(1));
            let looks = (
                read_space(self.space),
                ItemPage::up_to(items, self.limit),
                conflicts::open(self.space),
            );
            let (row, page, open) = query::all(self.db, looks).await?;
            let page = page?;
            match page.passed_over {
                Some(to) => after = to,
                None => break (row?.head_seq, page, open?),
            }
        };
        let seq = under_way.map_or(head, |(seq, _)| seq);

        let ItemPage { items, goes_on, .. } = page;
        let listed_to = items.last().map(|item| item.id).filter(|_| goes_on);
        let mut changes: Vec<Change> = items
            .into_iter()
            .map(|item| Change::Item { item })
            .collect();
        if !goes_on {
            changes.extend(told(open));
        }
        Ok(ChangePage {
            reset: under_way.is_none(),
            changes,
            next_token: self.token(seq, listed_to),
            has_more: goes_on || head > seq,
        })
    }

    /// What the journal says after an entry; `None` if it does not reach back
    /// so far, or not yet so far.
    async fn journal(&self, after: Seq) -> Result<Option<ChangePage>, Failure> {
        let page = |sql| {
            Statement::new(sql)
                .id(self.space)
                .bind(after)
                .bind(self.limit)
        };
        let oldest = Statement::new(journal::OLDEST).id(self.space);
        let looks = (
            read_space(self.space),
            seq(oldest),
            seq(page(journal::PAGE_END)),
            page(items::ITEMS_CHANGED).read_by(|rows| Ok(rows::items(&rows.rows))),
            page(sql::conflicts::CHANGED).read_by(|rows| Ok(conflicts::of_rows(rows))),
            page(deletion::DELETED).readable::<IdRow>(&["id"]),
            page(journal::SHARED).any(),
        );
        let (row, oldest, end, items, conflicts, deleted, shared) =
            query::all(self.db, looks).await?;
        let head = row?.head_seq;
        let oldest = oldest?;
        let is_kept = oldest.is_none_or(|oldest| after.saturating_add(1) >= oldest);
        if after > head || !is_kept {
            return Ok(None);
        }
        let end = end?.unwrap_or(after);
        let mut changes: Vec<Change> = items?
            .into_iter()
            .map(|item| Change::Item { item })
            .collect();
        changes.extend(told(conflicts?));
        // What was moved out of a folder before that was deleted comes first.
        changes.extend(deleted?.iter().map(|row| Change::Deleted { item: row.id }));
        changes.extend(shared?.then_some(Change::Shared));
        Ok(Some(ChangePage {
            reset: false,
            changes,
            next_token: self.token(end, None),
            has_more: head > end,
        }))
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

fn seq(asked: Statement) -> Query<Option<Seq>> {
    let first = asked.first::<SeqRow>();
    first.then(|row| Ok(row.and_then(|row| row.seq)))
}

/// A page of a listing.
pub struct ItemPage {
    /// What is on it.
    pub items: Vec<Item>,
    /// Whether there are more.
    pub goes_on: bool,
    /// The end of the page, if the listing goes on and nothing of the page can be told: the
    /// next page has to begin there, and a cursor can't say so.
    pub passed_over: Option<String>,
}

impl ItemPage {
    /// Reads so many of the items that a statement answers. The statement asks for one more.
    pub fn up_to(items: Statement, limit: u64) -> Query<Self> {
        items.read_by(move |rows| Ok(Self::of(rows, limit)))
    }

    fn of(rows: &Rows, limit: u64) -> Self {
        let goes_on = rows.rows.len() as u64 > limit;
        let limit = usize::try_from(limit).unwrap_or(usize::MAX);
        let page = rows.rows.get(..limit).unwrap_or(&rows.rows);
        let items = rows::items(page);
        let last = page.last().and_then(|row| row.get("id")?.as_str());
        let passed_over = last.filter(|_| goes_on && items.is_empty());
        Self {
            passed_over: passed_over.map(str::to_owned),
            items,
            goes_on,
        }
    }
}

/// Conflicts as entries of the feed.
pub fn told(conflicts: impl IntoIterator<Item = Conflict>) -> impl Iterator<Item = Change> {
    let conflicts = conflicts.into_iter();
    conflicts.map(|conflict| Change::Conflict { conflict })
}
