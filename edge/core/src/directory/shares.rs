//! The index by which whoever was given access finds the space, and the people whom
//! somebody can share with.

use crate::error::Failure;
use crate::labels::UserName;
use crate::ports::{Database, Statement};
use crate::query::{self, Query};
use crate::store::rows::IdRow;
use crate::store::sql::shares;
use protocol::grants::{Grant, Person};
use protocol::ids::{GrantId, ItemId, SpaceId, UnixMillis, UserId};
use protocol::limits::MAX_SHARES_TOLD;
use protocol::problem::Problem;
use serde::Deserialize;
use std::collections::BTreeSet;

/// Somebody with an account.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct AccountHolder {
    /// Who it is.
    pub id: UserId,
    name: String,
    /// Their own space.
    #[serde(rename = "home_space")]
    pub home: SpaceId,
}

impl AccountHolder {
    /// Who they are to others.
    pub fn person(&self) -> Person {
        Person {
            user_id: self.id,
            user_name: self.name.clone(),
        }
    }
}

/// Where something is that was shared with somebody, or was once.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
pub struct Share {
    /// What was shared.
    pub item: ItemId,
    /// The space that it is in.
    pub space: SpaceId,
    /// By which grant.
    #[serde(rename = "grant_id")]
    pub grant: GrantId,
}

/// Somebody by the whole name; there is no other way to find one. Whose account has ended is
/// not found.
///
/// # Errors
/// 404 `no_such_person`, or the database fails.
pub async fn by_name(
    db: &impl Database,
    name: &UserName,
    now: UnixMillis,
) -> Result<AccountHolder, Failure> {
    let by_name = Statement::new(shares::PERSON_BY_NAME);
    let by_name = by_name.bind(name.key()).bind(now);
    let found: Option<AccountHolder> = query::one(db, by_name.first()).await?;
    Ok(found.ok_or(Problem::NoSuchPerson)?)
}

/// Somebody by id.
///
/// # Errors
/// The database fails.
pub async fn by_id(db: &impl Database, id: UserId) -> Result<Option<AccountHolder>, Failure> {
    let by_id = Statement::new(shares::PERSON_BY_ID).id(id);
    Ok(query::one(db, by_id.first()).await?)
}

/// What was shared with somebody, the newest first.
///
/// # Errors
/// The database fails.
pub async fn of_user(db: &impl Database, user: UserId) -> Result<Vec<Share>, Failure> {
    let all = Statement::new(shares::OF_USER).id(user);
    Ok(query::one(db, all.bind(MAX_SHARES_TOLD).rows()).await?)
}

/// Some of what was shared with somebody, for [`remove_some`].
///
/// # Errors
/// The database fails.
pub async fn some_of_user(
    db: &impl Database,
    user: UserId,
    at_most: u64,
) -> Result<Vec<Share>, Failure> {
    let some = Statement::new(shares::SOME_OF_USER).id(user).bind(at_most);
    Ok(db.run(some).await?.readable(&["item"]))
}

/// Forgets these.
///
/// # Errors
/// The database fails.
pub async fn remove_some(db: &impl Database, user: UserId, at_most: u64) -> Result<(), Failure> {
    let remove = Statement::new(shares::REMOVE_SOME).id(user).bind(at_most);
    db.run(remove).await?;
    Ok(())
}

/// Where the item of a grant is that somebody was given.
///
/// # Errors
/// The database fails.
pub async fn of_grant(
    db: &impl Database,
    user: UserId,
    grant: GrantId,
) -> Result<Option<Share>, Failure> {
    let of_grant = Statement::new(shares::OF_GRANT).id(user).id(grant);
    Ok(query::one(db, of_grant.first()).await?)
}

/// Whether an item of this id can be shared with somebody. Ids are chosen by clients: one
/// that names an item of somebody else to them already can't come to name another.
///
/// # Errors
/// 409 `id_taken`, or the database fails.
pub async fn check_id(
    db: &impl Database,
    user: UserId,
    item: ItemId,
    space: SpaceId,
) -> Result<(), Failure> {
    let known: Query<Option<Share>> = Statement::new(shares::OF_ITEM).id(user).id(item).first();
    match query::one(db, known).await? {
        Some(known) if known.space != space => Err(Problem::IdTaken.into()),
        _ => Ok(()),
    }
}

/// Writes down where a grant's item is.
///
/// # Errors
/// The database fails.
pub async fn put(
    db: &impl Database,
    space: SpaceId,
    grant: &Grant,
    now: UnixMillis,
) -> Result<(), Failure> {
    let put = Statement::new(shares::PUT)
        .id(grant.person.user_id)
        .id(grant.item)
        .id(space)
        .id(grant.id)
        .bind(now);
    db.run(put).await?;
    Ok(())
}

/// The people with these ids.
///
/// # Errors
/// The list can't be written.
pub fn people(ids: &BTreeSet<UserId>) -> Result<Query<Vec<AccountHolder>>, Failure> {
    let people = Statement::new(shares::PEOPLE_BY_ID);
    Ok(people.bind(serde_json::to_string(ids)?).rows())
}

/// Forgets where the items of these people's grants are.
///
/// # Errors
/// The list can't be written.
pub fn remove_each(space: SpaceId, of: &[(UserId, ItemId)]) -> Result<Statement, Failure> {
    let remove = Statement::new(shares::REMOVE_EACH).id(space);
    Ok(remove.bind(serde_json::to_string(of)?))
}

/// Writes down that the items of these grants are in another space now.
///
/// # Errors
/// The list can't be written.
pub fn moved(
    from: SpaceId,
    to: SpaceId,
    grants: &[(UserId, ItemId, GrantId)],
    now: UnixMillis,
) -> Result<Statement, Failure> {
    let moved = Statement::new(shares::MOVE).id(from).id(to);
    Ok(moved.bind(serde_json::to_string(grants)?).bind(now))
}

/// What was shared with somebody of a space.
///
/// # Errors
/// The database fails.
pub async fn of_user_in(
    db: &impl Database,
    user: UserId,
    space: SpaceId,
) -> Result<BTreeSet<ItemId>, Failure> {
    let of_user = Statement::new(shares::OF_USER_IN).id(user).id(space);
    let rows: Vec<IdRow> = db.run(of_user).await?.readable(&["item"]);
    Ok(rows.into_iter().map(|row| row.id).collect())
}

/// Forgets where a grant's item is.
///
/// # Errors
/// The database fails.
pub async fn remove(db: &impl Database, space: SpaceId, grant: &Grant) -> Result<(), Failure> {
    let remove = Statement::new(shares::REMOVE)
        .id(grant.person.user_id)
        .id(grant.item)
        .id(space);
    db.run(remove).await?;
    Ok(())
}
