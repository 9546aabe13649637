//! Everybody who has an account. The directory says who may do what here, and what quota an
//! administrator has set; the space's row has the quota that counts.

use super::page_of;
use crate::access::administrator::Administrator;
use crate::error::{Failure, bad_request};
use crate::ports::{Database, Statement};
use crate::query::{self, Query};
use crate::services::Services;
use crate::store::rows::SpaceRow;
use crate::store::sql::{administration, space};
use crate::store::stand_ins::{nearest, nearest_or_null};
use blocks::number::MAX_EXACT;
use protocol::administration::{ManagedPerson, People, PersonChange};
use protocol::ids::{SpaceId, UnixMillis, UserId};
use protocol::limits::SESSION_IDLE_MILLIS;
use protocol::problem::Problem;
use serde::Deserialize;
use std::collections::HashMap;

/// How often a quota is written, because another administrator may set it in between.
const MOST_LOOKS: usize = 4;

#[derive(Clone, Debug, Deserialize)]
struct PersonRow {
    id: UserId,
    name: String,
    name_key: String,
    home_space: SpaceId,
    #[serde(deserialize_with = "nearest")]
    created_at: UnixMillis,
    is_admin: u8,
    #[serde(deserialize_with = "nearest_or_null")]
    disabled_at: Option<UnixMillis>,
    #[serde(deserialize_with = "nearest_or_null")]
    ends_at: Option<UnixMillis>,
    devices: u64,
    #[serde(deserialize_with = "nearest_or_null")]
    seen_at: Option<UnixMillis>,
}

impl PersonRow {
    fn with(self, spaces: &HashMap<SpaceId, SpaceRow>) -> ManagedPerson {
        let space = spaces.get(&self.home_space);
        ManagedPerson {
            id: self.id,
            name: self.name,
            created_at_ms: self.created_at,
            is_administrator: self.is_admin != 0,
            disabled_at_ms: self.disabled_at,
            ends_at_ms: self.ends_at,
            devices: self.devices,
            seen_at_ms: self.seen_at,
            // Of an account that is being removed, the space may be gone.
            used_bytes: space.map_or(0, SpaceRow::counted_bytes),
            quota_bytes: space.map_or(0, |space| space.quota_bytes),
        }
    }
}

#[derive(Deserialize)]
struct SpaceOf {
    space: SpaceId,
    #[serde(flatten)]
    row: SpaceRow,
}

/// A page of all people, after a name.
///
/// # Errors
/// 404 `no_such_route`, or a database fails.
pub async fn page(
    services: &impl Services,
    by: &Administrator,
    after: Option<String>,
    limit: Option<u64>,
) -> Result<People, Failure> {
    let limit = page_of(limit);
    let read = by
        .about(administration::PEOPLE)
        .bind(seen_after(by))
        .bind(after.unwrap_or_default())
        // One more tells whether there are more.
        .bind(limit.saturating_add(1));
    let read = read.readable::<PersonRow>(&["id"]);
    let mut rows = by.ask(&services.directory()?, read).await??;
    let has_more = rows.len() as u64 > limit;
    rows.truncate(usize::try_from(limit).unwrap_or(usize::MAX));
    let last = rows.last().map(|last| last.name_key.clone());
    let homes: Vec<SpaceId> = rows.iter().map(|row| row.home_space).collect();
    let spaces = spaces(services, &homes).await?;
    Ok(People {
        people: rows.into_iter().map(|row| row.with(&spaces)).collect(),
        next_after: last.filter(|_| has_more),
    })
}

fn seen_after(by: &Administrator) -> UnixMillis {
    by.now().saturating_sub(SESSION_IDLE_MILLIS)
}

async fn spaces(
    services: &impl Services,
    homes: &[SpaceId],
) -> Result<HashMap<SpaceId, SpaceRow>, Failure> {
    let mut all = HashMap::new();
    if homes.is_empty() {
        return Ok(all);
    }
    let homes = serde_json::to_string(homes)?;
    for db in services.space_databases()? {
        let read = Statement::new(space::SPACES).bind(homes.as_str());
        let rows = query::one(&db, read.readable::<SpaceOf>(&["space"])).await?;
        all.extend(rows.into_iter().map(|of| (of.space, of.row)));
    }
    Ok(all)
}

fn person(by: &Administrator, of: UserId) -> Query<Option<PersonRow>> {
    let read = by.about(administration::PERSON);
    read.bind(seen_after(by)).id(of).first()
}

/// Changes what a person may do, all of it or nothing, and then their quota.
///
/// 1. 400 `bad_request`: a quota that can't be counted.
/// 2. In one batch with what is written down of it: 404 `no_such_route`; 404 `no_such_person`;
///    409 `last_administrator` if nobody would administer this server any more.
/// 3. The space has the quota. Where the request breaks off before, a repeat does it.
///
/// # Errors
/// Those of the steps, and failures of the databases.
pub async fn change(
    services: &impl Services,
    by: &Administrator,
    of: UserId,
    change: &PersonChange,
) -> Result<ManagedPerson, Failure> {
    // 1
    if change.quota_bytes.is_some_and(|bytes| bytes > MAX_EXACT) {
        return Err(bad_request(format!("quota_bytes is more than {MAX_EXACT}")));
    }
    // 2
    let directory = services.directory()?;
    let about = |sql| {
        by.about(sql)
            .id(of)
            .bind(change.is_administrator.map(u64::from))
            .bind(change.is_disabled.map(u64::from))
    };
    let with_quota = |sql| about(sql).bind(change.quota_bytes);
    let batch = (
        about(administration::AUDIT_ROLE),
        about(administration::AUDIT_DOOR),
        with_quota(administration::AUDIT_QUOTA),
        with_quota(administration::CHANGE_PERSON).changes(),
        person(by, of),
    );
    let (.., changed, row) = by.ask(&directory, batch).await?;
    let row = row?.ok_or(Problem::NoSuchPerson)?;
    if changed? == 0 {
        return Err(Problem::LastAdministrator.into());
    }
    // 3
    if change.quota_bytes.is_some() {
        put_quota(services, &row).await?;
    }
    let spaces = spaces(services, &[row.home_space]).await?;
    Ok(row.with(&spaces))
}

#[derive(Deserialize)]
struct QuotaRow {
    #[serde(deserialize_with = "nearest_or_null")]
    quota_bytes: Option<u64>,
}

/// Makes the quota of a person's space the one that the directory has. No batch has both, so
/// it looks again: of two administrators at once, the later one in the directory counts.
async fn put_quota(services: &impl Services, person: &PersonRow) -> Result<(), Failure> {
    let (directory, space) = (
        services.directory()?,
        services.database_of(person.home_space)?,
    );
    let wanted = async || {
        let read = Statement::new(administration::QUOTA).id(person.id);
        let row: Option<QuotaRow> = query::one(&directory, read.first()).await?;
        Ok::<_, Failure>(row.and_then(|row| row.quota_bytes))
    };
    let mut put = None;
    for _ in 0..MOST_LOOKS {
        let quota = wanted().await?;
        let Some(bytes) = quota.filter(|_| quota != put) else {
            return Ok(());
        };
        let statement = Statement::new(space::PUT_QUOTA).id(person.home_space);
        space.run(statement.bind(bytes)).await?;
        put = quota;
    }
    Err(Problem::Unavailable.into())
}
