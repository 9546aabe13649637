//! What a person has marked for themselves: stars on items, and saved searches.

use crate::error::{Failure, bad_request};
use crate::labels::turns_text;
use crate::ports::{Database, Statement};
use crate::query;
use crate::store::sql::marks;
use crate::store::stand_ins::nearest;
use protocol::ids::{ItemId, SearchId, UnixMillis, UserId};
use protocol::limits::{
    MAX_BATCH_STARS, MAX_SAVED_SEARCHES, MAX_SEARCH_CHARS, MAX_SEARCH_NAME_CHARS, MAX_STARS,
};
use protocol::marks::{ChangeStars, Marks, NewSearch, SavedSearch, SearchChange, Star};
use protocol::problem::{Limited, Problem};
use serde::Deserialize;
use std::collections::{BTreeMap, BTreeSet};

#[derive(Deserialize)]
struct AnyRow {
    has_any: u8,
}

#[derive(Deserialize)]
struct StarRow {
    item: ItemId,
    root: Option<ItemId>,
    #[serde(deserialize_with = "nearest")]
    at: UnixMillis,
}

impl From<StarRow> for Star {
    fn from(row: StarRow) -> Self {
        Self {
            item: row.item,
            root: row.root,
            at_ms: row.at,
        }
    }
}

#[derive(Deserialize)]
struct SearchRow {
    id: SearchId,
    name: String,
    query: String,
    version: u64,
    #[serde(deserialize_with = "nearest")]
    at: UnixMillis,
}

impl From<SearchRow> for SavedSearch {
    fn from(row: SearchRow) -> Self {
        Self {
            id: row.id,
            name: row.name,
            query: row.query,
            version: row.version,
            saved_at_ms: row.at,
        }
    }
}

#[derive(Deserialize)]
struct FitRow {
    is_account: u8,
    fits: u8,
}

/// Whether a person has any.
///
/// # Errors
/// The database fails.
pub async fn has_any(db: &impl Database, user: UserId) -> Result<bool, Failure> {
    let any = Statement::new(marks::ANY).id(user);
    let row: Option<AnyRow> = query::one(db, any.first()).await?;
    Ok(row.is_some_and(|row| row.has_any != 0))
}

/// All that a person has.
///
/// # Errors
/// The database fails.
pub async fn all(db: &impl Database, user: UserId) -> Result<Marks, Failure> {
    let about = |sql| Statement::new(sql).id(user);
    let stars = about(marks::STARS).readable::<StarRow>(&["item"]);
    let searches = about(marks::SEARCHES).readable::<SearchRow>(&["id"]);
    let (stars, searches) = query::all(db, (stars, searches)).await?;
    Ok(Marks {
        stars: stars?.into_iter().map(Star::from).collect(),
        searches: searches?.into_iter().map(SavedSearch::from).collect(),
    })
}

/// Gives stars and takes stars away, all of it or nothing. Returns whether anything has
/// become another.
///
/// 1. 400 `bad_request`: one of the lists is too long, or an item is in both.
/// 2. 401 `session_ended`: the account has come to its end since the person was let in; 507
///    `limit_reached`.
///
/// # Errors
/// These, or the database fails.
pub async fn change_stars(
    db: &impl Database,
    user: UserId,
    change: &ChangeStars,
    now: UnixMillis,
) -> Result<bool, Failure> {
    // 1
    if change.star.len().max(change.unstar.len()) > MAX_BATCH_STARS {
        let detail = format!("a list is longer than {MAX_BATCH_STARS}");
        return Err(bad_request(detail));
    }
    let star: BTreeMap<_, _> = change.star.iter().map(|new| (new.item, new.root)).collect();
    let unstar: BTreeSet<_> = change.unstar.iter().collect();
    if unstar.iter().any(|item| star.contains_key(item)) {
        return Err(bad_request("an item is in both lists"));
    }
    // 2
    let star: Vec<_> = star.into_iter().collect();
    let (star, unstar) = (
        serde_json::to_string(&star)?,
        serde_json::to_string(&unstar)?,
    );
    let about = |sql| {
        let about = Statement::new(sql).id(user).bind(star.as_str());
        about.bind(unstar.as_str()).bind(MAX_STARS)
    };
    let changes = (
        about(marks::FIT).bind(now).first::<FitRow>(),
        about(marks::STAR).bind(now).changes(),
        about(marks::UNSTAR).changes(),
    );
    let (fit, given, taken) = query::all(db, changes).await?;
    let (given, taken) = (given?, taken?);
    match fit? {
        Some(FitRow { is_account: 0, .. }) => Err(Problem::SessionEnded.into()),
        Some(FitRow { fits: 0, .. }) => Err(limit(Limited::Stars, MAX_STARS)),
        _ => Ok(given > 0 || taken > 0),
    }
}

/// Saves a search. Returns it, and whether it is new.
///
/// 1. 400 `bad_name`, 400 `bad_request`.
/// 2. 409 `id_taken`: another search of the person has the id. 507 `limit_reached`. A repeat
///    is answered with what there is.
///
/// # Errors
/// These, or the database fails.
pub async fn save_search(
    db: &impl Database,
    user: UserId,
    new: &NewSearch,
    now: UnixMillis,
) -> Result<(SavedSearch, bool), Failure> {
    // 1
    let (name, query) = (search_name(&new.name)?, search_query(&new.query)?);
    // 2
    let save = Statement::new(marks::SAVE_SEARCH).id(user).id(new.id);
    let save = save.bind(name).bind(query).bind(now);
    let save = save.bind(MAX_SAVED_SEARCHES).changes();
    let (saved, found) = query::all(db, (save, search(user, new.id))).await?;
    let found = found?.ok_or_else(|| limit(Limited::Searches, MAX_SAVED_SEARCHES))?;
    let is_it = found.version > 1 || (found.name == name && found.query == query);
    match is_it {
        true => Ok((found.into(), saved? > 0)),
        false => Err(Problem::IdTaken.into()),
    }
}

/// Gives a saved search another name or query. Returns it, and whether that was not so
/// before.
///
/// 1. 400 `bad_name`, 400 `bad_request`.
/// 2. 404 `no_such_search`; 409 `place_conflict` if it is at another version, unless that
///    is what this very change has made of it.
///
/// # Errors
/// These, or the database fails.
pub async fn change_search(
    db: &impl Database,
    user: UserId,
    id: SearchId,
    change: &SearchChange,
) -> Result<(SavedSearch, bool), Failure> {
    // 1
    let name = change.name.as_deref().map(search_name).transpose()?;
    let query = change.query.as_deref().map(search_query).transpose()?;
    // 2
    let put = Statement::new(marks::CHANGE_SEARCH).id(user).id(id);
    let put = put.bind(change.base_version).bind(name.map(str::to_owned));
    let put = put.bind(query.map(str::to_owned)).changes();
    let (changed, found) = query::all(db, (put, search(user, id))).await?;
    let found = found?.ok_or(Problem::NoSuchSearch)?;
    let is_changed = changed? > 0;
    let is_repeat = found.version == change.base_version.saturating_add(1)
        && name.is_none_or(|name| name == found.name)
        && query.is_none_or(|query| query == found.query);
    match is_changed || is_repeat {
        true => Ok((found.into(), is_changed)),
        false => Err(Problem::PlaceConflict {
            current_place_version: found.version,
        }
        .into()),
    }
}

/// Removes a saved search.
///
/// # Errors
/// 404 `no_such_search`, or the database fails.
pub async fn remove_search(db: &impl Database, user: UserId, id: SearchId) -> Result<(), Failure> {
    let remove = Statement::new(marks::REMOVE_SEARCH).id(user).id(id);
    match db.run(remove).await?.changes {
        0 => Err(Problem::NoSuchSearch.into()),
        _ => Ok(()),
    }
}

fn search(user: UserId, id: SearchId) -> query::Query<Option<SearchRow>> {
    Statement::new(marks::SEARCH).id(user).id(id).first()
}

fn limit(what: Limited, most: u64) -> Failure {
    Problem::LimitReached { what, most }.into()
}

/// What a search may be called.
fn search_name(text: &str) -> Result<&str, Failure> {
    let bad = |detail: String| Failure::from(Problem::BadName { detail });
    let name = text.trim();
    if name.is_empty() {
        return Err(bad("a name can't be empty".to_owned()));
    }
    if name.chars().count() > MAX_SEARCH_NAME_CHARS {
        let detail = format!("a name can't be longer than {MAX_SEARCH_NAME_CHARS} letters");
        return Err(bad(detail));
    }
    if name.contains(char::is_control) {
        return Err(bad("a name can't contain line breaks".to_owned()));
    }
    // Names are shown within sentences, whose writing direction they must not change.
    if name.contains(turns_text) {
        let detail = "a name can't contain marks of writing direction".to_owned();
        return Err(bad(detail));
    }
    Ok(name)
}

/// What it may look for.
fn search_query(text: &str) -> Result<&str, Failure> {
    let query = text.trim();
    let length = query.chars().count();
    if length == 0 || length > MAX_SEARCH_CHARS || query.contains(char::is_control) {
        return Err(bad_request(format!(
            "query is not a line of 1 to {MAX_SEARCH_CHARS} letters"
        )));
    }
    Ok(query)
}
