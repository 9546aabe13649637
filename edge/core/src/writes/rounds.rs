//! Many changes in one request. Each is an operation of its own: it is made, refused
//! and repeated as if it had come alone. The changes only share the batches.
//!
//! 1. One batch reads the snapshot for all, with as many statements as for one: on the
//!    free plan, D1 takes 50 for a request.
//! 2. Each is decided on by its own rule. A change that depends on what another one is
//!    about to do waits for the next round, which sees that done.
//! 3. One batch writes all changes that may be made.
//! 4. If the batch was refused, each half of the changes begins again, down to single
//!    changes. So a race about one of them ends like any other race, and the others go
//!    through.

use super::{Applied, Author, MAX_ATTEMPTS, given_up};
use crate::access::reach::Named;
use crate::error::Failure;
use crate::ports::{Database, DbError};
use protocol::problem::Problem;

/// What became of one change.
pub type End = Result<Applied, Failure>;

/// A change of the request that has no end yet.
pub struct Pending<C> {
    /// The change's place in the request.
    pub index: usize,
    pub change: C,
}

/// One round, which answers each change of the group. `None` means that the change
/// waits for the next round; the first of the group never waits, so every round gets
/// somewhere.
pub trait Round<C> {
    /// The most rounds of one request, if changes may wait for each other very often. What
    /// is left then is answered `unavailable`, and a repeat goes on with it.
    fn most(&self) -> u32 {
        MAX_ATTEMPTS
    }

    async fn attempt(&self, group: &[Pending<C>]) -> Result<Vec<Option<End>>, Failure>;
}

/// Makes what a request wants, each change once, however often it is requested. What could
/// not be read, and what names things that its author can't reach, ends with that. Returns
/// the ends of all, in their order.
///
/// # Errors
/// The first round refuses all its changes together, and nothing was done.
pub async fn all<D: Database, C>(
    round: &impl Round<C>,
    (db, author): (&D, &Author),
    wanted: Vec<Result<C, Failure>>,
    names: impl Fn(&C) -> Vec<Named<'_>>,
) -> Result<Vec<End>, Failure> {
    let (mut ends, mut all) = (Vec::new(), Vec::new());
    for (index, change) in wanted.into_iter().enumerate() {
        match change {
            Ok(change) => {
                ends.push(None);
                all.push(Pending { index, change });
            }
            Err(refused) => ends.push(Some(Err(refused))),
        }
    }
    let named: Vec<_> = all.iter().map(|wanted| names(&wanted.change)).collect();
    let checked = author.reach.check_changes(db, author.space, &named).await?;
    drop(named);
    let mut checked = checked.into_iter();
    all.retain(|wanted| match checked.next() {
        Some(Err(refused)) => {
            if let Some(end) = ends.get_mut(wanted.index) {
                *end = Some(Err(refused.into()));
            }
            false
        }
        _ => true,
    });
    go(round, all, ends).await
}

/// Round after round. `ends` has a place for each change of the request, and those without
/// an end are `wanted`.
async fn go<C>(
    round: &impl Round<C>,
    wanted: Vec<Pending<C>>,
    mut ends: Vec<Option<End>>,
) -> Result<Vec<End>, Failure> {
    let mut set = |index: usize, end: End| {
        if let Some(of) = ends.get_mut(index) {
            *of = Some(end);
        }
    };
    // The first attempt begins; each of the others follows a lost round.
    let (mut groups, mut attempts) = (vec![wanted], 1..MAX_ATTEMPTS);
    let (mut is_begun, mut left) = (false, round.most());
    while let Some(mut group) = groups.pop() {
        if group.is_empty() {
            continue;
        }
        let Some(fewer) = left.checked_sub(1) else {
            for wanted in group {
                set(wanted.index, Err(Problem::Unavailable.into()));
            }
            continue;
        };
        left = fewer;
        match round.attempt(&group).await {
            Ok(round) => {
                is_begun = true;
                let mut waiting = Vec::new();
                for (wanted, end) in group.into_iter().zip(round) {
                    match end {
                        Some(end) => set(wanted.index, end),
                        None => waiting.push(wanted),
                    }
                }
                groups.push(waiting);
            }
            Err(Failure::Database(DbError::Constraint(_))) if attempts.next().is_some() => {
                groups.push(group.split_off(group.len().div_ceil(2)));
                groups.push(group);
            }
            Err(Failure::Database(DbError::Busy(_))) if attempts.next().is_some() => {
                groups.push(group);
            }
            // This refuses the request as a whole, not one change.
            Err(refused @ Failure::Problem(_)) if !is_begun => return Err(refused),
            // Some changes are made, and the request has to say which. Those that are too
            // many together may go through by halves.
            Err(Failure::Problem(_)) if group.len() > 1 => {
                groups.push(group.split_off(group.len().div_ceil(2)));
                groups.push(group);
            }
            Err(refused @ Failure::Problem(_)) => {
                for wanted in group {
                    set(wanted.index, Err(refused.clone()));
                }
            }
            Err(failure) => {
                let failure = match failure {
                    Failure::Database(error) => given_up(error).into(),
                    other => other,
                };
                for wanted in groups.drain(..).flatten().chain(group) {
                    set(wanted.index, Err(failure.clone()));
                }
            }
        }
    }
    let none = || Err(DbError::Fault("a change without an end".into()).into());
    let ends = ends.into_iter().map(|end| end.unwrap_or_else(none));
    Ok(ends.collect())
}
