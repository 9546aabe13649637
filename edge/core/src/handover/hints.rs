//! The directory's indexes learn in which space things are that were handed over. They are
//! mended after the batch that hands over, by the same request, or by a repeat of it, or by
//! the job: no statement can write in both databases.
//!
//! Until then whoever else has access to it is refused as where nothing is shared; nobody
//! gets anything that they may not have, because the space's rows decide.

use crate::directory::{ends, links, shares};
use crate::ending::due::author_of;
use crate::error::Failure;
use crate::log;
use crate::ports::Database;
use crate::query;
use crate::services::Services;
use crate::store::handover::{self as store, HandoverRow};
use crate::store::items;
use crate::writes::Author;
use crate::writes::grants::hint_new_owner;
use protocol::ids::{ItemId, SpaceId, UnixMillis, UserId};
use std::collections::BTreeSet;

/// What the job mends in one run.
const MOST_MENDED: u64 = 10;

/// How long it is known what was handed over: 30 days, as the answers of operations.
const KEPT_MILLIS: u64 = protocol::limits::OPERATION_RETENTION_MILLIS;

/// Mends the indexes after something was handed over to the author.
///
/// 1. Whoever has something of the new space finds it there, and so do links.
/// 2. The new owner does not find in the old space what is not shared with them any more.
/// 3. Whoever else has access is told.
/// 4. It is written down that all this is done.
///
/// # Errors
/// A database fails. A repeat does it again.
pub async fn mend(
    services: &impl Services,
    author: &Author,
    of: &HandoverRow,
) -> Result<(), Failure> {
    let (db, directory) = (services.database_of(of.space)?, services.directory()?);
    // 1
    let looks = (store::grants(of.space), store::link_keys(of.space));
    let (given, keys) = query::all(&db, looks).await?;
    let given = given?.into_iter();
    let given: Vec<_> = given.map(|one| (one.user, one.item, one.id)).collect();
    let moved = (
        shares::moved(of.from, of.space, &given, author.now)?,
        links::moved(of.from, of.space, &keys?)?,
    );
    query::all(&directory, moved).await?;
    // 2
    let user = author.person()?.user_id;
    forget(services, &directory, (user, of.from)).await?;
    // 3
    tell(services, &db, author, of).await?;
    // 4
    db.run(store::mended(of, author.now)).await?;
    Ok(())
}

/// Mends what was handed over to the owner of a space, and is not mended yet.
///
/// # Errors
/// A database fails.
pub async fn mend_all_of(
    services: &impl Services,
    space: SpaceId,
    now: UnixMillis,
) -> Result<(), Failure> {
    let db = services.database_of(space)?;
    for row in query::one(&db, store::unmended_of(space)).await? {
        mend_as_owner(services, &row, now).await?;
    }
    Ok(())
}

/// Mends what requests have left half done, as a scheduled event runs it. Returns how much.
///
/// # Errors
/// A database does not answer. The next run goes on.
pub async fn run(services: &impl Services, now: UnixMillis) -> Result<u64, Failure> {
    let mut mended = 0_u64;
    for db in services.space_databases()? {
        for row in query::one(&db, store::unmended(MOST_MENDED)).await? {
            match mend_as_owner(services, &row, now).await {
                Ok(()) => mended = mended.saturating_add(1),
                // The others do not wait for it.
                Err(why) => {
                    let id = row.item;
                    log::fault(format_args!("{id} was handed over half-way: {why}"));
                }
            }
        }
        db.run(store::sweep(now.saturating_sub(KEPT_MILLIS)))
            .await?;
    }
    Ok(mended)
}

async fn mend_as_owner(
    services: &impl Services,
    row: &HandoverRow,
    now: UnixMillis,
) -> Result<(), Failure> {
    let owners = ends::owners(&services.directory()?, &[row.space]).await?;
    match owners.first() {
        Some(owner) => mend(services, &author_of(owner, now), row).await,
        // Nobody has the space any more.
        None => {
            let db = services.database_of(row.space)?;
            db.run(store::mended(row, now)).await?;
            Ok(())
        }
    }
}

/// Forgets where things are that are not shared with somebody any more.
async fn forget(
    services: &impl Services,
    directory: &impl Database,
    (user, space): (UserId, SpaceId),
) -> Result<(), Failure> {
    let known: BTreeSet<ItemId> = shares::of_user_in(directory, user, space).await?;
    if known.is_empty() {
        return Ok(());
    }
    let db = services.database_of(space)?;
    let gone = query::one(&db, store::not_held(space, user, &known)?).await?;
    let gone: Vec<_> = gone.into_iter().map(|item| (user, item)).collect();
    directory.run(shares::remove_each(space, &gone)?).await?;
    Ok(())
}

/// How many people one request tells.
const MOST_TOLD: usize = 100;

/// Tells whoever else has access, in their own spaces, who the owner is.
async fn tell(
    services: &impl Services,
    db: &impl Database,
    author: &Author,
    of: &HandoverRow,
) -> Result<(), Failure> {
    let looks = (store::people(of), items::item(of.space, of.item));
    let (people, item) = query::all(db, looks).await?;
    let people: BTreeSet<UserId> = people?.into_iter().take(MOST_TOLD).collect();
    let Some(item) = item?.filter(|_| !people.is_empty()) else {
        return Ok(());
    };
    let homes = query::one(&services.directory()?, shares::people(&people)?).await?;
    // The old owner's journal says it already.
    let homes = homes.iter().map(|person| person.home);
    let homes: Vec<SpaceId> = homes.filter(|home| *home != of.from).collect();
    for db in services.space_databases()? {
        for (home, news, seq) in hint_new_owner(&db, author, &item, &homes).await? {
            services.announce(news.message(home, seq, Vec::new()));
        }
    }
    Ok(())
}
