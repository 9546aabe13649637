//! Many changes at once: each is an operation of its own, made or refused as if it
//! had come alone, and repeated as such; they only share the batches.
//!
//! 1. One batch reads the snapshot of all, with as many statements as for one:
//!    D1 takes 50 for a request on the free plan.
//! 2. Each is decided on by its own rule. One that depends on what another of them
//!    is about to do waits for the next round, which sees that done.
//! 3. One batch writes all that may be made.
//! 4. If it was refused, each half begins again, down to single changes: so a race
//!    about one of them ends like any other race, and the others go through.

use super::{Applied, MAX_ATTEMPTS, given_up};
use crate::error::Failure;
use crate::ports::DbError;

/// What became of one change.
pub type End = Result<Applied, Failure>;

/// A change of the request that has no end yet.
pub struct Wanted<C> {
    /// Which of the request's changes it is.
    pub index: usize,
    pub change: C,
}

/// One round. `None`: the change waits for the next one. The first never does.
pub trait Round<C> {
    async fn attempt(&self, group: &[Wanted<C>]) -> Result<Vec<Option<End>>, Failure>;
}

/// Makes changes, each once, however often it is asked for. Those of `ends` that
/// have none are wanted; answers for each, in their order.
///
/// # Errors
/// The first round refuses all of them together; then nothing was done.
pub async fn all<C>(
    round: &impl Round<C>,
    wanted: Vec<Wanted<C>>,
    mut ends: Vec<Option<End>>,
) -> Result<Vec<End>, Failure> {
    let mut set = |index: usize, end: End| {
        if let Some(of) = ends.get_mut(index) {
            *of = Some(end);
        }
    };
    // One begins; each of the others follows a lost round.
    let (mut groups, mut attempts) = (vec![wanted], 1..MAX_ATTEMPTS);
    while let Some(mut group) = groups.pop() {
        if group.is_empty() {
            continue;
        }
        match round.attempt(&group).await {
            Ok(round) => {
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
            // Of all together, which only the first round looks at.
            Err(refused @ Failure::Problem(_)) => return Err(refused),
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
