//! Somebody says that they have a file open, or have closed it. It changes nothing of the
//! space: no entry of the journal tells of it, and nothing counts it. So it has no operation
//! id either: what is said last holds, and saying it again does nothing.

use super::Author;
use crate::error::Failure;
use crate::ports::{Database, DbError, Statement};
use crate::query;
use crate::rules::{head, there};
use crate::store::items;
use crate::store::openings::{self, SaidRow};
use crate::store::sql::openings as sql;
use protocol::ids::{ItemId, UnixMillis, UserId};
use protocol::limits::OPENING_TOLD_MILLIS;
use protocol::openings::SayOpen;
use protocol::problem::Problem;
use serde::Deserialize;
use std::collections::BTreeSet;

/// What was said so shortly before needs no writing.
const AGAIN_MILLIS: u64 = 60 * 1_000;
/// Polls are woken again at most so often for a file that somebody keeps open: others have
/// to hear of it before what they know has run out.
const KEPT_OPEN_MILLIS: u64 = 3 * 60 * 1_000;
/// And so often for one that is closed and opened again.
const OPENED_AGAIN_MILLIS: u64 = 2 * 60 * 1_000;

/// What comes of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Step {
    item: ItemId,
    is_open: bool,
    /// Whether others are told.
    wakes: bool,
    /// When they last were, and what was so then.
    told_at: UnixMillis,
    told_open: bool,
}

impl Step {
    /// Decides on what is said; `None` if there is nothing to be written.
    fn of(before: Option<SaidRow>, said: SayOpen, now: UnixMillis) -> Option<Self> {
        let SayOpen { item, is_open } = said;
        let since = |at: UnixMillis| now.saturating_sub(at);
        let before = before.filter(|before| since(before.said_at) < OPENING_TOLD_MILLIS);
        let Some(before) = before else {
            // Of what nobody knows to be open, nobody need know that it is closed.
            return is_open.then_some(Self {
                item,
                is_open,
                wakes: true,
                told_at: now,
                told_open: true,
            });
        };
        let is_same = before.is_open() == is_open;
        if is_same && (!is_open || since(before.said_at) < AGAIN_MILLIS) {
            return None;
        }
        let wakes = match (before.was_told_open(), is_open) {
            // Else it would seem to be open for minutes.
            (true, false) => true,
            (false, false) => false,
            (true, true) => since(before.told_at) >= KEPT_OPEN_MILLIS,
            (false, true) => since(before.told_at) >= OPENED_AGAIN_MILLIS,
        };
        let (told_at, told_open) = match wakes {
            true => (now, is_open),
            false => (before.told_at, before.was_told_open()),
        };
        Some(Self {
            item,
            is_open,
            wakes,
            told_at,
            told_open,
        })
    }
}

#[derive(Deserialize)]
struct KnownRow {
    is_known: u8,
}

/// What is to be written of what somebody says.
///
/// 1. 404 `no_such_item` for what they may not see, 409 `not_a_file`, 409 `is_a_mount`.
///
/// # Errors
/// These, or the database fails.
pub async fn look(
    db: &impl Database,
    author: &Author,
    said: SayOpen,
) -> Result<Option<Step>, Failure> {
    let (space, user) = (author.space, author.person()?.user_id);
    let looks = (
        items::item(space, said.item),
        openings::said(space, said.item, user),
    );
    let (item, before) = author.reach.read(db, space, said.item, looks).await?;
    // 1
    head(&there(item?)?)?;
    Ok(Step::of(before?, said, author.now))
}

/// Writes it, unless nobody else has the file or something that was said later is written.
/// Returns who is to be told: the owner, and if
/// the others who have the file know of this person, they too.
///
/// 1. 404 `no_such_item`: they may not see it any more.
///
/// # Errors
/// This, or the database fails.
pub async fn write(
    db: &impl Database,
    author: &Author,
    step: &Step,
) -> Result<BTreeSet<UserId>, Failure> {
    let (space, now, by) = (author.space, author.now, author.person()?);
    let is_owner = author.reach.is_whole();
    let put = Statement::new(sql::PUT)
        .id(space)
        .id(step.item)
        .id(by.user_id)
        .bind(by.user_name.as_str())
        .bind(now)
        .bind(u64::from(step.is_open))
        .bind(step.told_at)
        .bind(u64::from(step.told_open))
        .bind(u64::from(is_owner));
    let sweep = Statement::new(sql::SWEEP_SPACE)
        .id(space)
        .bind(now.saturating_sub(OPENING_TOLD_MILLIS));
    let batch = (
        author.reach.guards_to_see(space, step.item)?,
        put.first::<KnownRow>(),
        sweep,
        openings::holders(space, step.item, now),
    );
    let (_, put, _, holders) = match query::all(db, batch).await {
        // 1
        Err(DbError::Constraint(_)) => return Err(Problem::NoSuchItem.into()),
        written => written?,
    };
    let Some(KnownRow { is_known }) = put?.filter(|_| step.wakes) else {
        return Ok(BTreeSet::new());
    };
    let holders = holders?;
    let owners = holders.iter().map(|holder| holder.owner);
    let others = holders.iter().map(|holder| holder.user);
    let told = owners.chain(others.filter(|_| is_known != 0));
    Ok(told.filter(|user| *user != by.user_id).collect())
}

/// The most rows that one run of [`sweep`] removes.
const SWEPT_ROWS: u64 = 10_000;

/// Forgets what is told to nobody any more, of spaces in which nothing was opened since.
///
/// # Errors
/// The database fails. The next run goes on.
pub async fn sweep(db: &impl Database, now: UnixMillis) -> Result<u64, Failure> {
    let sweep = Statement::new(sql::SWEEP)
        .bind(now.saturating_sub(OPENING_TOLD_MILLIS))
        .bind(SWEPT_ROWS);
    Ok(db.run(sweep).await?.changes)
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    const MINUTE: u64 = 60_000;
    const NOW: UnixMillis = 1_000 * MINUTE;

    /// What was said so many minutes ago and told so many, and what comes of something that
    /// is said now: whether others are told, and whether that it is open is what they know.
    fn step(before: Option<(u64, bool, u64, bool)>, is_open: bool) -> Option<(bool, bool)> {
        let ago = |minutes: u64| NOW.saturating_sub(minutes.saturating_mul(MINUTE));
        let row = before.map(|(said, is_open, told, told_open)| {
            let row = json!({
                "said_at": ago(said), "is_open": u8::from(is_open),
                "told_at": ago(told), "told_open": u8::from(told_open),
            });
            serde_json::from_value(row).expect("a row")
        });
        let item = ItemId::from_random([1; 16]);
        let step = Step::of(row, SayOpen { item, is_open }, NOW)?;
        assert_eq!(step.wakes, step.told_at == NOW);
        Some((step.wakes, step.told_open))
    }

    #[test]
    fn what_is_opened_and_what_is_closed_is_told_at_once() {
        assert_eq!(step(None, true), Some((true, true)));
        assert_eq!(step(Some((3, true, 3, true)), false), Some((true, false)));
        assert_eq!(step(None, false), None);
        assert_eq!(step(Some((3, false, 3, false)), false), None);
        // What is older is forgotten.
        assert_eq!(step(Some((10, true, 10, true)), false), None);
        assert_eq!(step(Some((10, true, 10, true)), true), Some((true, true)));
    }

    #[test]
    fn what_stays_open_is_told_before_it_seems_to_be_closed_and_no_more_often() {
        assert_eq!(step(Some((0, true, 0, true)), true), None);
        assert_eq!(step(Some((1, true, 2, true)), true), Some((false, true)));
        assert_eq!(step(Some((4, true, 4, true)), true), Some((true, true)));
    }

    #[test]
    fn what_is_closed_and_opened_again_and_again_wakes_others_once_in_two_minutes() {
        assert_eq!(step(Some((0, false, 1, false)), true), Some((false, false)));
        // Others know that it is closed.
        assert_eq!(step(Some((0, true, 1, false)), false), Some((false, false)));
        assert_eq!(step(Some((0, false, 2, false)), true), Some((true, true)));
    }
}
