//! Who may see what was changed, and so has to be woken: the owner of the space, and
//! those who have access to the item, or to a folder where it stood or stands; and to what
//! a folder took into the trash or out of it.

use super::error::NotifyError;
use crate::sql::{OWNERS, WITH_ACCESS, WITH_ACCESS_BELOW};
use futures_util::future::{join, join_all};
use protocol::ids::{ItemId, SpaceId, UnixMillis, UserId};
use serde::{Deserialize, Serialize};
use serde_json::Value as Json;
use std::collections::{BTreeMap, BTreeSet, HashMap};
use worker::{Env, console_error};

/// The databases that hold any space: see `SpaceDatabases` of the API server.
const SPACE_DATABASES: [&str; 1] = ["SPACE_DB_0"];

/// Items of one statement, whose list has to stay under D1's 2 MB for one value.
const MOST_ITEMS: usize = 10_000;

#[derive(Deserialize)]
struct Row {
    space: SpaceId,
    user: UserId,
    #[serde(default)]
    since: Option<UnixMillis>,
}

/// Whoever may see something of a space, and since when; its owner always could.
pub type Audience = BTreeMap<UserId, Option<UnixMillis>>;

/// The users who may see any of these items, or something in one of these folders, and the
/// owners of those spaces of which it is not known (`unowned`). Of what is in a folder nothing was changed, so it is no news outside
/// of the share: since when they have it is not told.
pub async fn of_items(
    env: &Env,
    unowned: &BTreeSet<SpaceId>,
    items: &BTreeSet<(SpaceId, ItemId)>,
    below: &BTreeSet<(SpaceId, ItemId)>,
    now: UnixMillis,
) -> Result<HashMap<SpaceId, Audience>, NotifyError> {
    let owners = async {
        match unowned.is_empty() {
            true => Ok(Vec::new()),
            false => rows(env, "DIRECTORY_DB", OWNERS, unowned, None).await,
        }
    };
    let mut others = Vec::new();
    for (items, sql) in [(items, WITH_ACCESS), (below, WITH_ACCESS_BELOW)] {
        let items: Vec<_> = items.iter().copied().collect();
        for database in SPACE_DATABASES {
            for items in items.chunks(MOST_ITEMS) {
                let items = items.to_vec();
                others.push(async move { rows(env, database, sql, &items, Some(now)).await });
            }
        }
    }
    // Everybody waits for this: none of them is asked after another.
    let (owners, others) = join(owners, join_all(others)).await;
    let mut rows = owners?;
    for more in others {
        rows.extend(more?);
    }
    let mut audience: HashMap<SpaceId, Audience> = HashMap::new();
    for row in rows {
        let of_space = audience.entry(row.space).or_default();
        of_space.entry(row.user).or_insert(row.since);
    }
    Ok(audience)
}

async fn rows(
    env: &Env,
    database: &str,
    sql: &str,
    list: &impl Serialize,
    now: Option<UnixMillis>,
) -> Result<Vec<Row>, NotifyError> {
    let list = serde_json::to_string(list).map_err(worker::Error::from)?;
    let now = now.map(|now| (now as f64).into());
    let params: Vec<_> = [Some(list.into()), now].into_iter().flatten().collect();
    let all = env.d1(database)?.prepare(sql).bind(&params)?.all().await?;
    let rows: Vec<Json> = all.results()?;
    // One that can't be read keeps nobody else from being woken.
    let read = rows.iter().filter_map(|row| match Row::deserialize(row) {
        Ok(row) => Some(row),
        Err(why) => {
            console_error!("who may see a space can't be read, {row}: {why}");
            None
        }
    });
    Ok(read.collect())
}
