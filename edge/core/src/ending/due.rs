//! The job that a scheduled event runs: it mends what requests have left half done, and
//! removes accounts whose end has come. Each run does a bounded amount of work.

use super::announced::{begin, keep};
use super::removal::{self, Ended, Step, StepBounds};
use crate::access::reach::Reach;
use crate::directory::ends::{self, EndingAccount};
use crate::error::Failure;
use crate::log;
use crate::ports::{Database, Statement};
use crate::query;
use crate::room::Limits;
use crate::services::Services;
use crate::store::sql::ending as sql;
use crate::store::stand_ins::nearest_or_null;
use crate::writes::ending::end_of;
use crate::writes::{Author, Contributor};
use protocol::ids::{DeviceId, SpaceId, UnixMillis};
use protocol::notifications::Actor;
use serde::Deserialize;
use std::collections::VecDeque;

/// What one run does at most.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct EndingBounds {
    /// Accounts that are looked at, the soonest to end first.
    pub accounts: u64,
    /// Steps, of all accounts together, one for each in turn.
    pub steps: u64,
    /// What one step does.
    pub step: StepBounds,
}

/// At most 44 calls of databases and pack store, of which the free plan allows 50: four to
/// begin with, and ten for each step. To mend what a request has left half done takes a few
/// more, which is rare.
pub const BOUNDS: EndingBounds = EndingBounds {
    accounts: 1_000,
    steps: 4,
    step: removal::BOUNDS,
};

/// So long after the end of an account nothing of it goes: a request that was let in before
/// is over by then, however often a database kept it waiting, so that none keeps an account
/// of which something is gone.
const PATIENCE_MILLIS: u64 = 60 * 60 * 1_000;

/// The job runs so often: see the third of the crons in `wrangler.toml`.
const BETWEEN_RUNS_MILLIS: u64 = 60 * 60 * 1_000;

/// What one run did.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct EndingRun {
    /// Accounts whose two rows did not say the same, and do now.
    pub mended: u64,
    /// Steps that were made.
    pub steps: u64,
    /// Accounts of which nothing is left.
    pub gone: u64,
}

/// Makes one run.
///
/// # Errors
/// A database does not answer. The next run goes on.
pub async fn run(
    services: &impl Services,
    now: UnixMillis,
    bounds: &EndingBounds,
) -> Result<EndingRun, Failure> {
    let mut done = EndingRun {
        mended: mend(services, now, bounds.accounts).await?,
        ..EndingRun::default()
    };
    let before = now.saturating_sub(PATIENCE_MILLIS);
    let directory = services.directory()?;
    let ending = ends::ending(&directory, before, bounds.accounts).await?;
    let mut waiting = in_turn(ending, now, bounds.steps);
    while done.steps < bounds.steps
        && let Some(account) = waiting.pop_front()
    {
        if !has_ended(services, &account, before).await? {
            continue;
        }
        let author = author_of(&account, now);
        let ended = Ended {
            account: &account,
            author: &author,
            before,
            bounds: bounds.step,
        };
        done.steps = done.steps.saturating_add(1);
        match ended.step(services).await {
            Ok(Step::Goes) => waiting.push_back(account),
            Ok(Step::Gone) => done.gone = done.gone.saturating_add(1),
            Err(why) => {
                let id = account.id;
                log::fault(format_args!("the account {id} is not removed: {why}"));
            }
        }
    }
    Ok(done)
}

/// Accounts in the order in which a run takes them. Each run begins where the one before has
/// stopped, if it got through as many as it makes steps: so one that is large or can't be
/// removed holds up nobody else.
fn in_turn(accounts: Vec<EndingAccount>, now: UnixMillis, steps: u64) -> VecDeque<EndingAccount> {
    let mut accounts = VecDeque::from(accounts);
    let runs = now.checked_div(BETWEEN_RUNS_MILLIS).unwrap_or(0);
    let taken = runs.wrapping_mul(steps);
    let first = taken.checked_rem(accounts.len() as u64).unwrap_or(0);
    accounts.rotate_left(usize::try_from(first).unwrap_or(0));
    accounts
}

/// Whether the space's row says so, too, or is gone already.
async fn has_ended(
    services: &impl Services,
    account: &EndingAccount,
    before: UnixMillis,
) -> Result<bool, Failure> {
    let db = services.database_of(account.home)?;
    let space = ends_of(&db, &[account.home]).await?;
    let space = space.first();
    Ok(space.is_none_or(|space| space.ends_at.is_some_and(|end| end < before)))
}

#[derive(Deserialize)]
struct SpaceEnd {
    space: SpaceId,
    #[serde(deserialize_with = "nearest_or_null")]
    ends_at: Option<UnixMillis>,
}

async fn ends_of(db: &impl Database, spaces: &[SpaceId]) -> Result<Vec<SpaceEnd>, Failure> {
    let ends = Statement::new(sql::ENDS).bind(serde_json::to_string(spaces)?);
    Ok(db.run(ends).await?.readable(&["space"]))
}

/// Mends accounts whose two rows do not say the same, because a request broke off.
///
/// 1. Where the space has an end and the directory has none, others may not have been told.
///    They are, and the directory has it. An end that has come meanwhile is none: nobody was
///    told in time.
/// 2. Where the directory has an end and the space has none or another one, the space's
///    holds.
async fn mend(services: &impl Services, now: UnixMillis, at_most: u64) -> Result<u64, Failure> {
    let directory = services.directory()?;
    let known = ends::ending(&directory, WHENEVER, at_most).await?;
    let mut mended = 0_u64;
    for db in services.space_databases()? {
        // 1
        let ending = Statement::new(sql::ENDING).bind(WHENEVER).bind(at_most);
        let ending: Vec<SpaceEnd> = db.run(ending).await?.readable(&["space"]);
        let is_known = |space: &SpaceId| known.iter().any(|account| account.home == *space);
        let unknown = ending.iter().map(|one| one.space);
        let unknown: Vec<SpaceId> = unknown.filter(|space| !is_known(space)).collect();
        if !unknown.is_empty() {
            for account in ends::owners(&directory, &unknown).await? {
                match go_on(services, &account, now).await {
                    Ok(had_to) => mended = mended.saturating_add(u64::from(had_to)),
                    // The others do not wait for it.
                    Err(why) => {
                        let id = account.id;
                        log::fault(format_args!("the end of {id} is half done still: {why}"));
                    }
                }
            }
        }
        // 2
        let homes: Vec<SpaceId> = known.iter().map(|account| account.home).collect();
        if homes.is_empty() {
            continue;
        }
        for space in ends_of(&db, &homes).await? {
            let account = known.iter().find(|account| account.home == space.space);
            let differs = account.filter(|account| account.ends_at != space.ends_at);
            if let Some(account) = differs {
                ends::put(&directory, account.id, account.ends_at, space.ends_at, now).await?;
                mended = mended.saturating_add(1);
            }
        }
    }
    Ok(mended)
}

/// Later than any end; D1 keeps it exactly.
const WHENEVER: UnixMillis = 1 << 52;

/// Goes on where a request broke off that was to end an account. Returns whether there was
/// something to do.
async fn go_on(
    services: &impl Services,
    account: &EndingAccount,
    now: UnixMillis,
) -> Result<bool, Failure> {
    if account.ends_at.is_some() {
        return Ok(false);
    }
    let db = services.database_of(account.home)?;
    // The request may be under way, and whoever has ended it may have kept it.
    let Some(end) = query::one(&db, end_of(account.home)).await? else {
        return Ok(false);
    };
    let author = author_of(account, now);
    match end > now {
        true => begin(services, &author, end, None).await.map(drop)?,
        false => keep(services, &author, None).await?,
    }
    Ok(true)
}

/// The person, as what the job tells names them. They did it with no device.
pub fn author_of(account: &EndingAccount, now: UnixMillis) -> Author {
    Author {
        space: account.home,
        home: Some(account.home),
        by: Contributor::Person(Actor {
            user_id: account.id,
            user_name: account.name.clone(),
            device_id: DeviceId::from_random([0; 16]),
            device_name: "no device".to_owned(),
        }),
        now,
        limits: Limits::default(),
        reach: Reach::Whole,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    #[test]
    fn accounts_that_stay_hold_up_nobody_else() {
        let account = |n: u8| EndingAccount {
            id: protocol::ids::UserId::from_random([n; 16]),
            name: n.to_string(),
            home: SpaceId::from_random([n; 16]),
            ends_at: Some(n.into()),
        };
        for (count, steps) in [(1, 4), (4, 4), (5, 4), (8, 4), (9, 4), (3, 1)] {
            let all: Vec<_> = (0..count).map(account).collect();
            let mut had = BTreeSet::new();
            for run in 0..u64::from(count) {
                let turn = in_turn(all.clone(), run * BETWEEN_RUNS_MILLIS, steps);
                assert_eq!(turn.len(), all.len());
                had.extend(turn.into_iter().take(steps as usize).map(|one| one.name));
            }
            assert_eq!(had.len(), all.len(), "{count} accounts, {steps} steps");
        }
        assert!(in_turn(Vec::new(), 5, 4).is_empty());
    }
}
