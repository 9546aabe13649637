//! Removes rows of the directory whose time is over: counts, places, sign-ins that
//! nobody finished, devices that ended long ago, invitations that ended, and what was written
//! down long ago. The collector's schedule runs it.

use crate::error::Failure;
use crate::ports::{Database, Statement};
use crate::store::sql::{audit, devices, directory, invites};
use protocol::ids::UnixMillis;
use protocol::limits::{AUDIT_MILLIS, ENDED_DEVICE_MILLIS, KNOWN_PLACE_MILLIS, MAX_AUDIT_ENTRIES};

/// The most rows of each kind that one run removes: a fraction of what D1 does within
/// its 30 seconds. Sign-ins under way have no bound, because the start of each sign-in
/// removes old ones, too.
const ROWS: u64 = 10_000;

/// What one run removed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Swept {
    /// Sign-ins under way whose time was over.
    pub attempts: u64,
    /// Counts of guesses whose time was over.
    pub guesses: u64,
    /// Known places that nobody has signed in from for [`KNOWN_PLACE_MILLIS`].
    pub places: u64,
    /// Devices whose end is longer ago than [`ENDED_DEVICE_MILLIS`].
    pub devices: u64,
    /// Invitations that have ended.
    pub invites: u64,
    /// What was written down longer ago than [`AUDIT_MILLIS`], or before the newest
    /// [`MAX_AUDIT_ENTRIES`].
    pub audit: u64,
}

/// Makes one run, in one batch.
///
/// # Errors
/// The database does not answer. The next run goes on.
pub async fn run(db: &impl Database, now: UnixMillis) -> Result<Swept, Failure> {
    let before = |millis| now.saturating_sub(millis);
    let sweep = |sql, before: UnixMillis| Statement::new(sql).bind(before).bind(ROWS);
    let done = db
        .batch(vec![
            Statement::new(directory::SWEEP_ATTEMPTS).bind(now),
            sweep(directory::SWEEP_GUESSES, now),
            sweep(directory::SWEEP_PLACES, before(KNOWN_PLACE_MILLIS)),
            sweep(devices::SWEEP, before(ENDED_DEVICE_MILLIS)),
            sweep(invites::SWEEP, now),
            Statement::new(audit::SWEEP)
                .bind(before(AUDIT_MILLIS))
                .bind(MAX_AUDIT_ENTRIES)
                .bind(ROWS),
        ])
        .await?;
    let changes = |index: usize| done.get(index).map_or(0, |rows| rows.changes);
    Ok(Swept {
        attempts: changes(0),
        guesses: changes(1),
        places: changes(2),
        devices: changes(3),
        invites: changes(4),
        audit: changes(5),
    })
}
