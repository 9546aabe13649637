//! What it takes to hand an item over, and whether the new owner has room for it.

use crate::error::Failure;
use crate::ports::{Database, Statement};
use crate::query::{self, Query};
use crate::room::{Limits, Room, tell_trash};
use crate::rules::{check_depth, check_live, check_way};
use crate::store::grants::{GrantAsGiven, grant as read_grant};
use crate::store::handover::{self, Counts, Fit, Needed, Transfer};
use crate::store::items::{self, MountRow};
use crate::store::space::space as read_space;
use crate::store::sql::items as items_sql;
use crate::writes::offers::check_lasts;
use protocol::grants::Grant;
use protocol::handover::Handover;
use protocol::ids::{GrantId, ItemId, SpaceId, UnixMillis, UserId};
use protocol::items::Item;
use protocol::name::Name;
use protocol::problem::Problem;
use serde::Deserialize;

/// An offer that can be accepted, as far as it was looked at.
#[derive(Clone, Debug)]
pub struct Offered {
    /// The grant.
    pub grant: Grant,
    /// When it was offered.
    pub offered_at: UnixMillis,
    /// The item.
    pub item: Item,
    /// The rows.
    pub counts: Counts,
    /// The blocks.
    pub needed: Needed,
    /// Where it is to stand.
    pub place: (Option<ItemId>, Name),
}

/// What would be handed over by a grant, for the owner of the space.
///
/// # Errors
/// 404 `no_such_grant`, or the database fails.
pub async fn of_owner(
    db: &impl Database,
    space: SpaceId,
    id: GrantId,
) -> Result<Handover, Failure> {
    let grant = query::one(db, read_grant(space, id)).await?;
    let item = grant.ok_or(Problem::NoSuchGrant)?.grant.item;
    let (counts, needed) = (
        handover::counts(space, item),
        handover::needed(space, item, None),
    );
    let (counts, needed) = query::all(db, (counts, needed)).await?;
    let (counts, needed) = (counts?.ok_or(Problem::NoSuchGrant)?, needed?);
    Ok(told(&counts, &needed))
}

/// What is offered to a person, and the room for it.
///
/// 1. 404 `no_such_grant`, 409 `not_offered`.
///
/// # Errors
/// These, or the database fails.
pub async fn of_person(
    db: &impl Database,
    of: Transfer,
    (user, id): (UserId, GrantId),
    now: UnixMillis,
) -> Result<Handover, Failure> {
    let looks = (
        read_grant(of.from, id),
        handover::counts(of.from, of.item),
        handover::needed(of.from, of.item, Some(of.to)),
        read_space(of.to),
    );
    let (grant, counts, needed, space) = query::all(db, looks).await?;
    // 1
    check_offered(grant?, user, now)?;
    let fit = Fit {
        counts: counts?.ok_or(Problem::NoSuchGrant)?,
        needed: needed?,
        room: Room::of(space?),
    };
    Ok(Handover {
        room: Some(fit.told()),
        ..told(&fit.counts, &fit.needed)
    })
}

/// Looks whether an offer can be accepted, and how. `limits` are those of a space.
///
/// 1. 404 `no_such_grant`, 409 `not_offered`.
/// 2. 409 `in_trash`, 409 `too_much_to_hand_over`.
/// 3. 409 `id_taken`; 507 `limit_reached`, 507 `quota_exceeded`.
/// 4. 409 `damaged_file`.
///
/// # Errors
/// These, or the database fails.
pub async fn offered(
    db: &impl Database,
    of: Transfer,
    (user, id): (UserId, GrantId),
    now: UnixMillis,
    limits: &Limits,
) -> Result<Offered, Failure> {
    let looks = (
        read_grant(of.from, id),
        items::item(of.from, of.item),
        items::way(of.from, Some(of.item)),
        handover::counts(of.from, of.item),
        read_space(of.to),
        items::mount_of(of.to, id),
        height(of.from, of.item)?,
    );
    let (grant, item, way, counts, space, mount, height) = query::all(db, looks).await?;
    // 1
    let (grant, offered_at) = check_offered(grant?, user, now)?;
    let item = item?.ok_or(Problem::NoSuchGrant)?;
    // 2
    check_way(&way?)?;
    let counts = counts?.ok_or(Problem::NoSuchGrant)?;
    counts.check()?;
    // 3
    let looks = (
        handover::is_taken(of),
        handover::access(of),
        handover::needed(of.from, of.item, Some(of.to)),
        handover::damaged(of),
    );
    let (is_taken, access, needed, damaged) = query::all(db, looks).await?;
    if is_taken? {
        return Err(Problem::IdTaken.into());
    }
    if let Some(access) = access? {
        access.check()?;
    }
    let fit = Fit {
        counts,
        needed: needed?,
        room: Room::of(space?),
    };
    if let Err(full) = fit.check(limits) {
        return Err(tell_trash(db, of.to, full).await?.into());
    }
    // 4
    if let Some(damaged) = damaged? {
        return Err(Problem::from(damaged).into());
    }
    if item.damaged {
        let (item, name) = (item.id, item.name.to_string());
        return Err(Problem::DamagedFile { item, name }.into());
    }
    let place = place(db, of, &item, (mount?, height?)).await?;
    Ok(Offered {
        grant,
        offered_at,
        item,
        counts,
        needed: fit.needed,
        place,
    })
}

fn told(counts: &Counts, needed: &Needed) -> Handover {
    Handover {
        items: counts.items,
        bytes: counts.charged(needed.blocks, needed.bytes),
        room: None,
    }
}

/// The grant and when the offer was made, if it is the person's.
fn check_offered(
    grant: Option<GrantAsGiven>,
    user: UserId,
    now: UnixMillis,
) -> Result<(Grant, UnixMillis), Problem> {
    let grant = grant.map(|given| given.grant);
    let grant = grant.filter(|grant| grant.person.user_id == user);
    let grant = grant.ok_or(Problem::NoSuchGrant)?;
    check_lasts(&grant, now)?;
    let offered_at = grant.offered_at_ms.ok_or(Problem::NotOffered)?;
    Ok((grant, offered_at))
}

#[derive(Deserialize)]
struct HeightRow {
    height: u64,
}

/// How many folders are nested from an item on down.
fn height(space: SpaceId, item: ItemId) -> Result<Query<u64>, Failure> {
    let heights = Statement::new(items_sql::HEIGHTS).id(space);
    let heights = heights.bind(serde_json::to_string(&[item])?);
    let row = heights.first::<HeightRow>();
    Ok(row.then(|row| Ok(row.map_or(0, |row| row.height))))
}

/// Where the item is to stand: in place of the new owner's mount, if there is one in no
/// trash; else at the top of their space, under a name that is free.
async fn place(
    db: &impl Database,
    of: Transfer,
    item: &Item,
    (mount, height): (Option<MountRow>, u64),
) -> Result<(Option<ItemId>, Name), Failure> {
    let mount = mount.filter(|mount| !mount.is_trashed());
    let spot = mount.and_then(|mount| mount.spot());
    let known = spot.and_then(|spot| Some((spot.parent, Name::try_from(spot.name).ok()?)));
    if let Some((parent, name)) = known {
        let Some(folder) = parent else {
            return Ok((None, name));
        };
        let way = query::one(db, items::way(of.to, Some(folder))).await?;
        let fits = check_live(&way, of.item)
            .and_then(|()| check_depth(way.len() as u64, height))
            .is_ok();
        if fits {
            return Ok((parent, name));
        }
    }
    let free = items::free_name(of.to, None, (item.id, &item.name))?;
    let name = query::one(db, free).await?;
    Ok((None, name))
}
