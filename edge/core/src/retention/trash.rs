//! Deletes for good what has been in the trash for as long as its space keeps it, as if the
//! owner of the space did: the journal says since when it was there. What has a conflict on
//! which nobody has decided stays, because that may be the only copy of somebody's work; so
//! does what was restored since, or put there anew.

use crate::access::reach::Reach;
use crate::collect::progress::Position;
use crate::directory::ends::{EndingAccount, owners};
use crate::ending::deleted::tell;
use crate::error::Failure;
use crate::ports::{Database, Statement};
use crate::query;
use crate::random;
use crate::room::Limits;
use crate::services::Services;
use crate::store::sql::retention as sql;
use crate::writes::deletion::{Deletion, DeletionBounds, delete_for_good};
use crate::writes::{Author, Contributor};
use protocol::ids::{DeviceId, ItemId, OperationId, PlaceVersion, SpaceId, UnixMillis};
use protocol::items::{DeleteForGood, EmptyTrash};
use protocol::notifications::Actor;
use protocol::problem::Problem;
use protocol::retention::Retention;
use serde::Deserialize;
use std::collections::{BTreeMap, BTreeSet};

/// What one run does at most.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TrashBounds {
    /// Spaces that are looked at together; at least 1.
    pub spaces_per_page: u64,
    /// Items that are found; some of them may have to stay.
    pub found: u64,
    /// Deletions that are tried: of all that is old of a space, or of one item.
    pub tries: usize,
    /// What is done of each.
    pub deletion: DeletionBounds,
}

/// At most 21 calls of the database: two for the page, one for the owners, and nine for each
/// deletion; those with whom something was shared take a few more, which is rare.
pub const BOUNDS: TrashBounds = TrashBounds {
    spaces_per_page: 200,
    found: 400,
    tries: 2,
    deletion: DeletionBounds {
        items_per_step: 500,
        rows_per_step: 4_000,
        steps: 4,
    },
};

const JOB: &str = "trash";

#[derive(Clone, Copy, Deserialize)]
struct OldRow {
    space: SpaceId,
    item: ItemId,
    place_version: PlaceVersion,
    days: u64,
}

impl OldRow {
    /// What was put into the trash of its space up to then goes.
    fn up_to(&self, now: UnixMillis) -> UnixMillis {
        let kept = self.days.saturating_mul(DAY_MILLIS).saturating_add(1);
        now.saturating_sub(kept)
    }
}

const DAY_MILLIS: u64 = 24 * 60 * 60 * 1_000;

/// Makes one run over the spaces of a database. Returns how many items of the trash went.
///
/// # Errors
/// A database does not answer. The next run goes on.
pub async fn run(
    services: &impl Services,
    db: &impl Database,
    now: UnixMillis,
    otherwise: &Retention,
    bounds: &TrashBounds,
) -> Result<u64, Failure> {
    let at = Position::read(db, JOB).await?;
    let spaces = bounds.spaces_per_page;
    let end = Statement::new(sql::SPACES_END)
        .bind(at.space.as_str())
        .bind(spaces.saturating_sub(1));
    let old = Statement::new(sql::OLD_TRASH)
        .bind(at.space.as_str())
        .bind(spaces)
        .bind(now)
        .bind(otherwise.trash_days)
        .bind(bounds.found);
    let looks = (
        end.first::<Position>(),
        old.readable::<OldRow>(&["space", "item"]),
    );
    let (end, old) = query::all(db, looks).await?;
    let (end, mut old) = (end?, old?);
    let all = old.len();
    // Some have to stay: each run begins with others.
    let first = u32::from_le_bytes(random::bytes()?);
    let first = first.checked_rem(u32::try_from(all).unwrap_or(1));
    old.rotate_left(first.unwrap_or(0) as usize);
    let emptying = Emptying {
        services,
        db,
        now,
        bounds,
    };
    let gone = emptying.some(&old).await?;
    if gone == 0 || all <= bounds.tries {
        // Else the same spaces come again.
        db.run(end.unwrap_or_default().put(JOB)).await?;
    }
    Ok(gone)
}

struct Emptying<'a, S, D> {
    services: &'a S,
    db: &'a D,
    now: UnixMillis,
    bounds: &'a TrashBounds,
}

impl<S: Services, D: Database> Emptying<'_, S, D> {
    /// Deletes some of what is old: all of a space at once, or item by item where something
    /// of it has to stay. Returns how many items went.
    async fn some(&self, old: &[OldRow]) -> Result<u64, Failure> {
        let homes: BTreeSet<SpaceId> = old.iter().map(|row| row.space).collect();
        if homes.is_empty() {
            return Ok(0);
        }
        let homes: Vec<SpaceId> = homes.into_iter().collect();
        let owners = owners(&self.services.directory()?, &homes).await?;
        let (mut gone, mut tries) = (0_u64, 0..self.bounds.tries);
        // Of each space that was tried, whether something of it has to stay.
        let mut tried: BTreeMap<SpaceId, bool> = BTreeMap::new();
        for row in old {
            let Some(owner) = owners.iter().find(|owner| owner.home == row.space) else {
                continue;
            };
            let author = author_of(owner, self.now, row.days);
            let operation_id = OperationId::from_random(random::bytes()?);
            let with_open_conflicts = false;
            let wanted = match tried.get(&row.space) {
                Some(false) => continue,
                Some(true) => Deletion::DeleteForGood {
                    item: row.item,
                    request: DeleteForGood {
                        operation_id,
                        base_place_version: row.place_version,
                        with_open_conflicts,
                    },
                },
                None => Deletion::EmptyTrash(EmptyTrash {
                    operation_id,
                    trashed_up_to_ms: Some(row.up_to(self.now)),
                    with_open_conflicts,
                }),
            };
            if tries.next().is_none() {
                break;
            }
            let deleted = self.delete(&author, &wanted).await?;
            tried.entry(row.space).or_insert(deleted.is_none());
            gone = gone.saturating_add(deleted.unwrap_or(0));
        }
        Ok(gone)
    }

    /// Returns how many items went; `None` if something has to stay.
    async fn delete(&self, author: &Author, wanted: &Deletion) -> Result<Option<u64>, Failure> {
        match delete_for_good(self.db, author, wanted, &self.bounds.deletion).await {
            Ok(deleted) => {
                tell(self.services, author, &deleted).await;
                Ok(Some(deleted.answer.deleted))
            }
            // It was restored or deleted meanwhile, or somebody has to decide first.
            Err(Failure::Problem(
                Problem::NoSuchItem
                | Problem::NotInTrash
                | Problem::PlaceConflict { .. }
                | Problem::OpenConflicts { .. },
            )) => Ok(None),
            Err(why) => Err(why),
        }
    }
}

/// The owner, as the journal names them. They did it with no device.
fn author_of(owner: &EndingAccount, now: UnixMillis, days: u64) -> Author {
    let device_name = match days {
        1 => "a day in the trash".to_owned(),
        days => format!("{days} days in the trash"),
    };
    Author {
        space: owner.home,
        home: Some(owner.home),
        by: Contributor::Person(Actor {
            user_id: owner.id,
            user_name: owner.name.clone(),
            device_id: DeviceId::from_random([0; 16]),
            device_name,
        }),
        now,
        limits: Limits::default(),
        reach: Reach::Whole,
    }
}
