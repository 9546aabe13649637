//! The end of an account, as far as it is about spaces: when it comes, and what is told of
//! it. Each is an entry of the journal, written in one batch with what it tells of.
//!
//! Whoever has something of the space has an entry in their own, by which their polls
//! learn of it. What they have of it ends by the space's row; their grants stay as they
//! were given, so that all is as before if the account is kept.

use super::grants::{again, changed_one, journal};
use super::{Announcement, Author, JournalEntry};
use crate::error::Failure;
use crate::ports::{Database, Statement};
use crate::query::{self, Query};
use crate::store::sql::ending as sql;
use crate::store::stand_ins::{nearest, nearest_or_null};
use protocol::activity::AccountNews;
use protocol::ids::{Seq, SpaceId, UnixMillis, UserId};
use protocol::notifications::EventType;
use serde::Deserialize;
use std::collections::BTreeSet;

/// What the space's journal has of an end, and where.
pub type Entry = (Announcement, Seq);

#[derive(Deserialize)]
struct EndRow {
    #[serde(deserialize_with = "nearest_or_null")]
    ends_at: Option<UnixMillis>,
}

/// When the account ends whose space it is.
pub fn end_of(space: SpaceId) -> Query<Option<UnixMillis>> {
    let end = Statement::new(sql::END).id(space).first::<EndRow>();
    end.then(|row| Ok(row.and_then(|row| row.ends_at)))
}

/// Sets the end, unless there is one, which stays. Returns when it is.
///
/// # Errors
/// The database fails.
pub async fn set(
    db: &impl Database,
    author: &Author,
    ends_at: UnixMillis,
) -> Result<(UnixMillis, Option<Entry>), Failure> {
    again(async || {
        if let Some(end) = query::one(db, end_of(author.space)).await? {
            return Ok((end, None));
        }
        let set = Statement::new(sql::SET_END).id(author.space).bind(ends_at);
        let entry = write(db, author, Some(ends_at), set).await?;
        Ok((ends_at, Some(entry)))
    })
    .await
}

/// Takes the end away, if there is one. Returns when it was.
///
/// # Errors
/// The database fails.
pub async fn take_away(
    db: &impl Database,
    author: &Author,
) -> Result<Option<(UnixMillis, Entry)>, Failure> {
    again(async || {
        let Some(end) = query::one(db, end_of(author.space)).await? else {
            return Ok(None);
        };
        let take = Statement::new(sql::TAKE_END).id(author.space).bind(end);
        Ok(Some((end, write(db, author, None, take).await?)))
    })
    .await
}

async fn write(
    db: &impl Database,
    author: &Author,
    ends_at_ms: Option<UnixMillis>,
    change: Statement,
) -> Result<Entry, Failure> {
    let news = AccountNews { ends_at_ms };
    let entry = JournalEntry::account(EventType::ShareChanged, news, None);
    let seq = journal(db, author, &entry, vec![change, changed_one()]).await?;
    Ok((announcement(author, &entry), seq))
}

fn announcement(author: &Author, entry: &JournalEntry) -> Announcement {
    Announcement {
        event: entry.event_of(author),
        owner: None,
        about: BTreeSet::new(),
        below: BTreeSet::new(),
    }
}

#[derive(Deserialize)]
struct PersonRow {
    user: UserId,
}

/// With whom something of the author's space is shared.
///
/// # Errors
/// The database fails.
pub async fn people(db: &impl Database, author: &Author) -> Result<BTreeSet<UserId>, Failure> {
    let people = Statement::new(sql::PEOPLE)
        .id(author.space)
        .bind(author.now);
    let rows: Vec<PersonRow> = db.run(people).await?.readable(&["user"]);
    Ok(rows.into_iter().map(|row| row.user).collect())
}

#[derive(Deserialize)]
struct AdvancedRow {
    space: SpaceId,
    #[serde(deserialize_with = "nearest")]
    head_seq: Seq,
}

/// What becomes of the author's account, for the spaces of others. Each comes with the name
/// of whom it is told.
pub struct Notice<'a> {
    /// What they are told happened to access.
    pub event: EventType,
    /// What becomes of the account.
    pub account: AccountNews,
    /// Whose access it is about, and the space in which that is told.
    pub told: &'a [(SpaceId, String)],
}

impl Notice<'_> {
    /// Writes the notice into those of the spaces that are in a database, in one batch with
    /// other statements. Returns what is announced.
    ///
    /// # Errors
    /// The database fails.
    pub async fn write(
        &self,
        db: &impl Database,
        author: &Author,
        with: Vec<Statement>,
    ) -> Result<Vec<(SpaceId, Announcement, Seq)>, Failure> {
        let spaces: BTreeSet<SpaceId> = self.told.iter().map(|(space, _)| *space).collect();
        let entry = |person: &str| JournalEntry::account(self.event, self.account, Some(person));
        let entries = self.told.iter().map(|(space, person)| {
            let detail = entry(person).detail;
            (*space, detail)
        });
        let entries: Vec<_> = entries.collect();
        let any = entry("");
        let by = author.person()?;
        let advance = Statement::new(sql::ADVANCE_EACH).bind(serde_json::to_string(&spaces)?);
        let append = Statement::new(sql::APPEND_EACH)
            .bind(serde_json::to_string(&entries)?)
            .bind(author.now)
            .id(any.item)
            .bind(serde_json::to_value(any.event)?.as_str())
            .id(by.user_id)
            .bind(by.user_name.as_str())
            .id(by.device_id)
            .bind(by.device_name.as_str());
        let is_told = !spaces.is_empty();
        let told = is_told.then(|| (advance.readable::<AdvancedRow>(&["space"]), append));
        let (told, _) = query::all(db, (told, with)).await?;
        let Some((heads, ())) = told else {
            return Ok(Vec::new());
        };
        let announced = heads?
            .into_iter()
            .map(|row| (row.space, announcement(author, &any), row.head_seq));
        Ok(announced.collect())
    }
}
