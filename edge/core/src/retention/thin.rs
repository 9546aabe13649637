//! Thins the versions of all files.
//!
//! 1. Goes through the files, in the order of their keys: what the [rule](super::rule) says
//!    goes, is removed by a batch that looks again whether it may. The batch writes down of
//!    which files rows of lists may be left (`thinned`).
//! 2. Rows that no version needs go by thousands, those of many files together, and are
//!    counted out as they go, with the blocks that no list has any more. The collector
//!    removes these.
//!
//! **Races.** The newest version of a file, one that is pinned, and one from which a
//! conflict has come or on which one was decided are refused by the statement that removes
//! them. A version that comes from now on has a larger number than all that have ended, so
//! a row that nothing needs is never needed again.
//!
//! **Requests under way.** What was the newest at any moment of the last day stays. A base
//! that is older is not the newest, so a commit on it is refused whether it is there or not:
//! it becomes a conflict, which keeps its own list. Splices of a base that is gone are
//! refused with `no_such_base`, and then the client sends the whole list.
//!
//! **Crashes.** Each batch leaves what was written down, and the next run goes on.
//!
//! No journal tells of it: nothing that is told of an item has changed, and who lists the
//! versions of a file asks anew each time.

use super::rule::going;
use super::settings::of_space;
use crate::collect::progress::Position;
use crate::error::Failure;
use crate::ports::{Database, DbError, Statement};
use crate::query::{self, Query};
use crate::store::sql::{deletion, retention as sql};
use blocks::hash::BlockHash;
use protocol::ids::{UnixMillis, Version};
use protocol::retention::Retention;
use serde::Deserialize;
use std::collections::{BTreeMap, BTreeSet, HashMap};

/// What one run does at most.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ThinBounds {
    /// Versions that are looked at together; at least 2.
    pub versions_per_page: u64,
    /// Pages of one run.
    pub pages: u32,
    /// The newest versions of one file that are looked at together, where it has more than
    /// a page of them.
    pub versions_of_a_file: u64,
    /// Steps in which rows that no version needs are removed.
    pub steps: u32,
    /// Files of one space whose rows one such step looks at; at least 1.
    pub files_per_step: u64,
    /// Rows that one such step removes; at least 1.
    pub rows_per_step: u64,
}

/// At most 26 calls of the database: one to begin, three for each page and two for each
/// step. One run looks at 20,000 versions, and at the lists of as many files as have ten each.
pub const BOUNDS: ThinBounds = ThinBounds {
    versions_per_page: 4_000,
    pages: 5,
    versions_of_a_file: 20_000,
    steps: 5,
    files_per_step: 400,
    rows_per_step: 4_000,
};

/// What one run removed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Thinned {
    /// Versions.
    pub versions: u64,
    /// Rows of their lists.
    pub rows: u64,
}

const JOB: &str = "thinning";

/// Makes one run. `otherwise` is what spaces keep whose owners have set nothing.
///
/// # Errors
/// The database does not answer. What was removed stays removed, and the next run goes on
/// from there.
pub async fn run(
    db: &impl Database,
    now: UnixMillis,
    otherwise: &Retention,
    bounds: &ThinBounds,
) -> Result<Thinned, Failure> {
    let mut thinned = Thinned::default();
    let mut at = Position::read(db, JOB).await?;
    for _ in 0..bounds.pages {
        let page = Page::read(db, &at, bounds).await?;
        let gone = page.gone(now, otherwise);
        at = page.next.clone().unwrap_or_default();
        let removed = thin(db, &gone, &at).await?;
        thinned.versions = thinned.versions.saturating_add(removed);
        if at == Position::default() {
            break;
        }
    }
    thinned.rows = remove_rows(db, bounds).await?;
    Ok(thinned)
}

#[derive(Clone, Deserialize)]
struct VersionRow {
    space: String,
    item: String,
    version: Version,
    /// `None` if it can't be read; then the version stays.
    at: Option<UnixMillis>,
    pinned: u8,
    retention: Option<String>,
}

#[derive(Default, Deserialize)]
struct PageEnd {
    space: Option<String>,
    count: u64,
}

/// The key of a row that can't be read.
const KEY: &[&str] = &["space", "item", "version"];

/// Whole files with all their versions.
struct Page {
    files: BTreeMap<(String, String), Vec<VersionRow>>,
    /// `None` if no file is left after these.
    next: Option<Position>,
}

impl Page {
    /// The files after one. A file of which not all versions came is left for the next page,
    /// unless it is the only one: then its newest versions are read.
    async fn read(
        db: &impl Database,
        after: &Position,
        bounds: &ThinBounds,
    ) -> Result<Self, Failure> {
        let about = |sql| after.page(sql, bounds.versions_per_page);
        let rows: Query<Vec<VersionRow>> = about(sql::VERSIONS_AFTER).readable(KEY);
        let end = about(sql::VERSIONS_AFTER_END).first::<PageEnd>();
        let (rows, end) = query::all(db, (rows, end.or_default())).await?;
        let (rows, end) = (rows?, end?);
        let mut files: BTreeMap<(String, String), Vec<VersionRow>> = BTreeMap::new();
        for row in rows {
            let key = (row.space.clone(), row.item.clone());
            files.entry(key).or_default().push(row);
        }
        if end.count < bounds.versions_per_page {
            return Ok(Self { files, next: None });
        }
        let Some((key, _)) = files.pop_last() else {
            // None of the page can be read. The next space may be.
            let key = "\u{10ffff}".to_owned();
            let next = end.space.map(|space| Position { space, key });
            return Ok(Self { files, next });
        };
        let next = match files.last_key_value() {
            Some(((space, key), _)) => Position {
                space: space.clone(),
                key: key.clone(),
            },
            None => {
                let (space, item) = key;
                let whole = Statement::new(sql::VERSIONS_OF)
                    .id(&space)
                    .id(&item)
                    .bind(bounds.versions_of_a_file);
                let whole = query::one(db, whole.readable(KEY)).await?;
                files.insert((space.clone(), item.clone()), whole);
                Position { space, key: item }
            }
        };
        let next = Some(next);
        Ok(Self { files, next })
    }

    /// Which versions go, by what their spaces keep.
    fn gone(&self, now: UnixMillis, otherwise: &Retention) -> Vec<Going<'_>> {
        let mut gone = Vec::new();
        let mut of_spaces: HashMap<&str, Retention> = HashMap::new();
        for ((space, item), rows) in &self.files {
            let own = rows.first().and_then(|row| row.retention.as_deref());
            let kept = of_spaces.entry(space);
            let kept = kept.or_insert_with(|| of_space(own, otherwise));
            let Some(kept) = kept.versions.filter(|_| rows.len() > 1) else {
                continue;
            };
            let dated = rows.iter().filter_map(|row| Some((row.version, row.at?)));
            let going = going(&kept, now, &dated.collect::<Vec<_>>());
            let free = rows.iter().filter(|row| row.pinned == 0);
            let free: BTreeSet<Version> = free.map(|row| row.version).collect();
            let both = going.intersection(&free);
            gone.extend(both.map(|version| (space.as_str(), item.as_str(), *version, own)));
        }
        gone
    }
}

/// A version that is to go: its space, its file, its number, and what the owner of the space
/// has set.
type Going<'a> = (&'a str, &'a str, Version, Option<&'a str>);

/// Removes versions that may go, and writes down how far the run has gone. Returns how many
/// went.
async fn thin(db: &impl Database, gone: &[Going<'_>], at: &Position) -> Result<u64, Failure> {
    if gone.is_empty() {
        db.run(at.put(JOB)).await?;
        return Ok(0);
    }
    let gone = serde_json::to_string(gone)?;
    let about = |sql| Statement::new(sql).bind(gone.as_str());
    let step = (
        about(sql::UNCOUNT),
        about(sql::MARK),
        about(sql::THIN).changes(),
        at.put(JOB),
    );
    let (.., thinned, ()) = query::all(db, step).await?;
    Ok(thinned?)
}

#[derive(Deserialize)]
struct FileRow {
    space: String,
    item: String,
}

/// A row of a list: the file, the row's place, the version that it stands since, its block.
type ListRow = (String, u64, u64, BlockHash);

/// Removes rows that no version needs. Returns how many.
///
/// # Errors
/// The database does not answer.
async fn remove_rows(db: &impl Database, bounds: &ThinBounds) -> Result<u64, Failure> {
    let mut removed = 0_u64;
    for _ in 0..bounds.steps {
        let about = |sql| Statement::new(sql).bind(bounds.files_per_step);
        let rows = about(sql::UNNEEDED_ROWS).bind(bounds.rows_per_step);
        let looks = (
            about(sql::NEXT_FILES).rows::<FileRow>(),
            rows.list::<ListRow>().or_default(),
        );
        let (files, rows) = query::all(db, looks).await?;
        let files = files?;
        let Some(FileRow { space, .. }) = files.first() else {
            break;
        };
        let rows = rows?;
        let items: Vec<&str> = files.iter().map(|file| file.item.as_str()).collect();
        let hashes: Vec<BlockHash> = rows.iter().map(|(.., hash)| *hash).collect();
        let (count, hashes) = (rows.len() as u64, serde_json::to_string(&hashes)?);
        let about = |sql| Statement::new(sql).id(space);
        let step = (
            about(deletion::DELETE_FILE_ROWS).bind(serde_json::to_string(&rows)?),
            // If fewer went, something else has removed them and counted them out.
            Statement::new(deletion::GUARD_REMOVED).bind(count),
            about(deletion::GIVE_BACK).bind(hashes).bind(0).bind(count),
            about(sql::FORGET).bind(serde_json::to_string(&items)?),
        );
        match query::all(db, step).await {
            Ok(_) => removed = removed.saturating_add(count),
            Err(DbError::Constraint(_)) => {}
            Err(other) => return Err(other.into()),
        }
    }
    Ok(removed)
}
