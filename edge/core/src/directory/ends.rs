//! When accounts end, as the directory has it: from then on nobody comes in. The row of the
//! account's space has it first, and is what others have of the account.

use crate::error::Failure;
use crate::ports::{Database, Statement};
use crate::query;
use crate::store::sql::{audit, devices, directory, link_keys, marks, recovery, shares};
use crate::store::stand_ins::nearest_or_null;
use protocol::ids::{SpaceId, UnixMillis, UserId};
use serde::Deserialize;

/// An account, and when it ends.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct EndingAccount {
    /// Whose it is.
    pub id: UserId,
    /// What they are called.
    pub name: String,
    /// Their space.
    #[serde(rename = "home_space")]
    pub home: SpaceId,
    /// When it ends.
    #[serde(deserialize_with = "nearest_or_null")]
    pub ends_at: Option<UnixMillis>,
}

/// Makes the end of an account another one, unless it is not `before` any more, and writes
/// down that it is. Returns whether it was.
///
/// # Errors
/// The database fails.
pub async fn put(
    db: &impl Database,
    user: UserId,
    before: Option<UnixMillis>,
    after: Option<UnixMillis>,
    now: UnixMillis,
) -> Result<bool, Failure> {
    let about = |sql| Statement::new(sql).id(user).bind(before).bind(after);
    let batch = (
        about(audit::ENDED).bind(now),
        about(directory::PUT_END).changes(),
    );
    let ((), changed) = query::all(db, batch).await?;
    Ok(changed? > 0)
}

/// Accounts that end before so long, the soonest first.
///
/// # Errors
/// The database fails.
pub async fn ending(
    db: &impl Database,
    before: UnixMillis,
    at_most: u64,
) -> Result<Vec<EndingAccount>, Failure> {
    let ending = Statement::new(directory::ENDING).bind(before).bind(at_most);
    Ok(db.run(ending).await?.readable(&["id"]))
}

/// The accounts whose own some spaces are.
///
/// # Errors
/// The database fails.
pub async fn owners(db: &impl Database, spaces: &[SpaceId]) -> Result<Vec<EndingAccount>, Failure> {
    let owners = Statement::new(directory::OWNERS).bind(serde_json::to_string(spaces)?);
    Ok(db.run(owners).await?.readable(&["id"]))
}

/// What is left of a person in the directory.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
pub struct LeftOfPerson {
    devices: u8,
    shares: u8,
}

impl LeftOfPerson {
    /// Whether any device is.
    pub fn has_devices(self) -> bool {
        self.devices != 0
    }

    /// Whether they had something of others.
    pub fn has_shares(self) -> bool {
        self.shares != 0
    }
}

/// What is left of a person.
///
/// # Errors
/// The database fails.
pub async fn left(db: &impl Database, user: UserId) -> Result<LeftOfPerson, Failure> {
    let left = Statement::new(directory::LEFT).id(user);
    Ok(query::one(db, left.first().or_default()).await?)
}

/// Removes what lets a person in: so many of the devices and tokens, and all that is known
/// of their password.
///
/// # Errors
/// The database fails.
pub async fn remove_ways_in(db: &impl Database, user: UserId, at_most: u64) -> Result<(), Failure> {
    let about = |sql| Statement::new(sql).id(user);
    db.batch(vec![
        about(directory::REMOVE_RECORD),
        about(directory::REMOVE_ATTEMPTS),
        about(directory::REMOVE_PLACES),
        about(recovery::REMOVE_OF_USER),
        about(devices::REMOVE_OF_USER).bind(at_most),
    ])
    .await?;
    Ok(())
}

/// Removes so much of what the directory knows of a space that is gone, and the person,
/// if nothing else is left. Returns whether they are gone.
///
/// # Errors
/// The database fails.
pub async fn remove_person(
    db: &impl Database,
    person: &EndingAccount,
    ended_before: UnixMillis,
    at_most: u64,
) -> Result<bool, Failure> {
    let of_space = |sql| Statement::new(sql).id(person.home).bind(at_most);
    let of_user = |sql| Statement::new(sql).id(person.id);
    let gone = of_user(directory::REMOVE_USER)
        .id(person.home)
        .bind(ended_before);
    let removal = (
        of_space(shares::REMOVE_OF_SPACE),
        of_space(link_keys::REMOVE_OF_SPACE),
        of_user(directory::REMOVE_ATTEMPTS),
        of_user(directory::REMOVE_PLACES),
        of_user(recovery::REMOVE_OF_USER),
        of_user(marks::REMOVE_STARS),
        of_user(marks::REMOVE_SEARCHES),
        gone.changes(),
    );
    let (.., gone) = query::all(db, removal).await?;
    Ok(gone? > 0)
}
