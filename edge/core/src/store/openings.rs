//! Queries about who has a file open, and what their rows say.

use super::sql::openings;
use super::stand_ins::nearest;
use crate::ports::Statement;
use crate::query::Query;
use protocol::ids::{ItemId, SpaceId, UnixMillis, UserId};
use serde::Deserialize;

/// What tells of a row that can't be read.
pub const KEY: &[&str] = &["item", "user"];

/// What somebody last said of a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
pub struct SaidRow {
    /// When.
    #[serde(deserialize_with = "nearest")]
    pub said_at: UnixMillis,
    is_open: u8,
    /// When polls were last woken for it.
    #[serde(deserialize_with = "nearest")]
    pub told_at: UnixMillis,
    told_open: u8,
}

impl SaidRow {
    /// Whether they had it open.
    pub fn is_open(self) -> bool {
        self.is_open != 0
    }

    /// Whether they had it open when polls were last woken for it.
    pub fn was_told_open(self) -> bool {
        self.told_open != 0
    }
}

/// What somebody says of a file, as others are told of it.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct OpeningRow {
    /// The file.
    pub item: ItemId,
    /// Who says it.
    pub user: UserId,
    /// Their name.
    pub user_name: String,
    is_known: u8,
    /// When they said it.
    #[serde(deserialize_with = "nearest")]
    pub said_at: UnixMillis,
    is_open: u8,
}

impl OpeningRow {
    /// Whether everybody who has the file may know that they have it.
    pub fn is_known(&self) -> bool {
        self.is_known != 0
    }

    /// Whether they had it open.
    pub fn is_open(&self) -> bool {
        self.is_open != 0
    }
}

/// Somebody who has access to a file, and whose the file is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
pub struct HolderRow {
    /// Who has access.
    pub user: UserId,
    /// The owner.
    pub owner: UserId,
}

/// What somebody last said of a file.
pub fn said(space: SpaceId, item: ItemId, user: UserId) -> Query<Option<SaidRow>> {
    let said = Statement::new(openings::SAID).id(space);
    // A row that can't be read is written anew.
    let said = said.id(item).id(user).readable::<SaidRow>(&["said_at"]);
    said.then(|rows| Ok(rows.into_iter().next()))
}

/// Who has access to a file.
pub fn holders(space: SpaceId, item: ItemId, now: UnixMillis) -> Query<Vec<HolderRow>> {
    let holders = Statement::new(openings::AUDIENCE).id(space).id(item);
    holders.bind(now).readable(&["user"])
}

/// What everybody but `me` said after a time, the latest first.
pub fn by_others(
    space: SpaceId,
    after: UnixMillis,
    me: UserId,
    at_most: u64,
) -> Query<Vec<OpeningRow>> {
    let by_others = Statement::new(openings::BY_OTHERS).id(space).bind(after);
    by_others.id(me).bind(at_most).readable(KEY)
}

/// Forgets all that somebody said in some spaces.
///
/// # Errors
/// The list can't be written.
pub fn forget(spaces: &[SpaceId], user: UserId) -> serde_json::Result<Statement> {
    let forget = Statement::new(openings::FORGET);
    Ok(forget.bind(serde_json::to_string(spaces)?).id(user))
}
