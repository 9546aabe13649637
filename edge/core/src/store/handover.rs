//! Queries about what is handed over from one space to another.

use super::places::BlockPlace;
use super::rows::IdRow;
use super::sql::handover as sql;
use crate::ports::Statement;
use crate::query::Query;
use crate::room::{Limits, Room};
use blocks::hash::BlockHash;
use protocol::handover::HandoverRoom;
use protocol::ids::{GrantId, ItemId, SpaceId, UnixMillis, UserId};
use protocol::limits::{
    BLOCK_CHARGE, ITEM_CHARGE, LIST_ROW_CHARGE, MAX_GRANTS_PER_SPACE, MAX_HANDED_ITEMS,
    MAX_HANDED_ROWS, MAX_LINKS_PER_SPACE, VERSION_CHARGE,
};
use protocol::links::LinkKey;
use protocol::problem::{Limited, Problem};
use serde::Deserialize;
use std::collections::BTreeSet;

/// An item, the space that it is in, and the one that it is to go to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Transfer {
    /// The item.
    pub item: ItemId,
    /// The old owner's.
    pub from: SpaceId,
    /// The new owner's.
    pub to: SpaceId,
}

/// The rows of an item and of all that is below it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
pub struct Counts {
    /// Files and folders.
    pub items: u64,
    /// Versions and conflicts.
    pub versions: u64,
    /// Entries of block lists.
    pub list_rows: u64,
}

impl Counts {
    /// Checks whether so much can be handed over at one time.
    ///
    /// # Errors
    /// 409 `too_much_to_hand_over`.
    pub fn check(&self) -> Result<(), Problem> {
        let rows = self.versions.saturating_add(self.list_rows);
        if self.items <= MAX_HANDED_ITEMS && rows <= MAX_HANDED_ROWS {
            return Ok(());
        }
        Err(Problem::TooMuchToHandOver {
            items: self.items,
            most_items: MAX_HANDED_ITEMS,
            rows,
            most_rows: MAX_HANDED_ROWS,
        })
    }

    /// What they count, with so many blocks of so many bytes.
    pub fn charged(&self, blocks: u64, bytes: u64) -> u64 {
        let of = |count: u64, charge| count.saturating_mul(charge);
        [
            of(self.items, ITEM_CHARGE),
            of(self.versions, VERSION_CHARGE),
            of(self.list_rows, LIST_ROW_CHARGE),
            of(blocks, BLOCK_CHARGE),
        ]
        .into_iter()
        .fold(bytes, u64::saturating_add)
    }
}

/// How many rows there are of an item and of all that is below it.
pub fn counts(space: SpaceId, item: ItemId) -> Query<Option<Counts>> {
    Statement::new(sql::COUNTS).id(space).id(item).first()
}

/// The blocks that an item needs, with all that is below it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
pub struct Needed {
    /// How many.
    pub blocks: u64,
    /// Plain bytes.
    pub bytes: u64,
    /// Those that no list of the other space has.
    pub new_blocks: u64,
    /// Their plain bytes.
    pub new_bytes: u64,
    /// Plain bytes of those that the other space has not stored whole.
    pub lacked_bytes: u64,
}

/// The blocks of an item, as the other space sees them; without one, all are new.
pub fn needed(space: SpaceId, item: ItemId, other: Option<SpaceId>) -> Query<Needed> {
    let needed = Statement::new(sql::BLOCKS).id(space).id(item);
    let other = other.map(|space| space.to_string()).unwrap_or_default();
    needed.bind(other).first().or_default()
}

/// Where the blocks are that the new space lacks, in the order in which they are stored.
pub fn lacked(of: Transfer, at_most: u64) -> Query<Vec<(BlockHash, BlockPlace)>> {
    on(sql::LACKED, of).bind(at_most).list().or_default()
}

/// A file that could not be handed over whole.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct DamagedRow {
    id: ItemId,
    /// A damaged name may be no text.
    name: serde_json::Value,
}

impl From<DamagedRow> for Problem {
    fn from(row: DamagedRow) -> Self {
        let name = row.name.as_str().map(str::to_owned);
        Self::DamagedFile {
            item: row.id,
            name: name.unwrap_or_else(|| row.id.to_string()),
        }
    }
}

/// A file of which a block is known to be damaged that the new space lacks.
pub fn damaged(of: Transfer) -> Query<Option<DamagedRow>> {
    on(sql::DAMAGED, of).first()
}

/// Whether the new space has an id in use already.
pub fn is_taken(of: Transfer) -> Query<bool> {
    on(sql::TAKEN, of).any()
}

/// The access to what is handed over.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
pub struct AccessCounts {
    grants: u64,
    links: u64,
    has_grants: u64,
    has_links: u64,
}

impl AccessCounts {
    /// Checks whether the new space takes it along. One grant more is the old owner's, and
    /// one less is the new owner's.
    ///
    /// # Errors
    /// 507 `limit_reached`.
    pub fn check(&self) -> Result<(), Problem> {
        let limit = |what, more: u64, has: u64, most| match has.saturating_add(more) > most {
            true if more > 0 => Err(Problem::LimitReached { what, most }),
            _ => Ok(()),
        };
        let (grants, links) = (self.grants, self.links);
        limit(
            Limited::Grants,
            grants,
            self.has_grants,
            MAX_GRANTS_PER_SPACE,
        )?;
        limit(Limited::Links, links, self.has_links, MAX_LINKS_PER_SPACE)
    }
}

/// How much access there is to what is handed over.
pub fn access(of: Transfer) -> Query<Option<AccessCounts>> {
    on(sql::ACCESS, of).first()
}

fn on(sql: &'static str, of: Transfer) -> Statement {
    Statement::new(sql).id(of.from).id(of.item).id(of.to)
}

/// What it takes to hand something over, and the room of the new space for it.
#[derive(Clone, Copy, Debug)]
pub struct Fit {
    /// The rows.
    pub counts: Counts,
    /// The blocks.
    pub needed: Needed,
    /// The new space.
    pub room: Room,
}

impl Fit {
    /// The bytes that it adds to the new space.
    pub fn needed_bytes(&self) -> u64 {
        let needed = &self.needed;
        self.counts.charged(needed.new_blocks, needed.new_bytes)
    }

    /// The same beside the room.
    pub fn told(&self) -> HandoverRoom {
        HandoverRoom {
            needed_bytes: self.needed_bytes(),
            used_bytes: self.room.space.counted_bytes(),
            quota_bytes: self.room.space.quota_bytes,
        }
    }

    /// Checks whether there is room.
    ///
    /// # Errors
    /// 507 `limit_reached`, 507 `quota_exceeded` without `trash_bytes`.
    pub fn check(&self, limits: &Limits) -> Result<(), Problem> {
        let space = &self.room.space;
        let within = |what, has: u64, more: u64, most| match has.saturating_add(more) > most {
            true if more > 0 => Err(Problem::LimitReached { what, most }),
            _ => Ok(()),
        };
        let Counts {
            items, list_rows, ..
        } = self.counts;
        within(Limited::Items, space.item_count, items, limits.items)?;
        within(
            Limited::ListRows,
            space.row_count,
            list_rows,
            limits.list_rows,
        )?;
        self.room.check_bytes(self.needed_bytes())
    }
}

/// Something that was handed over.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
pub struct HandoverRow {
    /// The space that it came to.
    pub space: SpaceId,
    /// The grant that the new owner had.
    #[serde(rename = "grant_id")]
    pub grant: GrantId,
    /// The space that it came from.
    #[serde(rename = "from_space")]
    pub from: SpaceId,
    /// The item.
    pub item: ItemId,
    is_mended: u8,
}

impl HandoverRow {
    /// Whether the directory's indexes know it.
    pub fn is_mended(&self) -> bool {
        self.is_mended != 0
    }
}

/// What tells of a row that can't be read.
pub const KEY: &[&str] = &["space", "grant_id"];

/// What was handed over to a space by a grant.
pub fn find(space: SpaceId, grant: GrantId) -> Query<Option<HandoverRow>> {
    Statement::new(sql::FIND).id(space).id(grant).first()
}

/// What was handed over to a space that the directory's indexes do not know yet.
pub fn unmended_of(space: SpaceId) -> Query<Vec<HandoverRow>> {
    Statement::new(sql::UNMENDED_OF).id(space).readable(KEY)
}

/// The same of all spaces of a database.
pub fn unmended(at_most: u64) -> Query<Vec<HandoverRow>> {
    Statement::new(sql::UNMENDED).bind(at_most).readable(KEY)
}

/// Writes down that the directory's indexes know it.
pub fn mended(row: &HandoverRow, now: UnixMillis) -> Statement {
    let mended = Statement::new(sql::MENDED).id(row.space).id(row.grant);
    mended.bind(now)
}

/// Forgets what was handed over before so long and is known everywhere.
pub fn sweep(before: UnixMillis) -> Statement {
    Statement::new(sql::SWEEP).bind(before)
}

/// A grant, as the directory's index has it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
pub struct Given {
    /// The grant.
    pub id: GrantId,
    /// The item.
    pub item: ItemId,
    /// Who has it.
    pub user: UserId,
}

/// All that is shared of a space.
pub fn grants(space: SpaceId) -> Query<Vec<Given>> {
    Statement::new(sql::GRANTS).id(space).readable(&["id"])
}

#[derive(Deserialize)]
struct OfLink {
    key: LinkKey,
}

/// The keys of all links of a space.
pub fn link_keys(space: SpaceId) -> Query<Vec<LinkKey>> {
    let keys = Statement::new(sql::LINK_KEYS).id(space);
    let keys = keys.readable::<OfLink>(&[]);
    keys.then(|keys| Ok(keys.into_iter().map(|one| one.key).collect()))
}

#[derive(Deserialize)]
struct UserRow {
    user: UserId,
}

/// Who has access to what was handed over, and to what is below it.
pub fn people(of: &HandoverRow) -> Query<Vec<UserId>> {
    let people = Statement::new(sql::PEOPLE).id(of.space).id(of.item);
    let people = people.readable::<UserRow>(&["user"]);
    people.then(|rows| Ok(rows.into_iter().map(|row| row.user).collect()))
}

/// Which of these items are not shared with somebody.
///
/// # Errors
/// The list can't be written.
pub fn not_held(
    space: SpaceId,
    user: UserId,
    items: &BTreeSet<ItemId>,
) -> serde_json::Result<Query<Vec<ItemId>>> {
    let not_held = Statement::new(sql::NOT_HELD).id(space).id(user);
    let rows = not_held.bind(serde_json::to_string(items)?);
    let rows = rows.readable::<IdRow>(&["id"]);
    Ok(rows.then(|rows| Ok(rows.into_iter().map(|row| row.id).collect())))
}
