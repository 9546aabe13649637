//! Who else has a file open, or had it some minutes ago.

use crate::access::reach::OneFolder;
use crate::error::Failure;
use crate::ports::Database;
use crate::query;
use crate::store::openings;
use protocol::grants::Person;
use protocol::ids::{SpaceId, UnixMillis, UserId};
use protocol::limits::{MAX_OPENINGS_TOLD, OPENING_TOLD_MILLIS};
use protocol::openings::Opening;

/// How many rows are read of a space, be they told or not.
const MOST_READ: u64 = 4 * MAX_OPENINGS_TOLD as u64;

/// What others than `me` have open of a space, or of the part of it that was shared with
/// them. That somebody has it who may only look is for the owner to know.
///
/// # Errors
/// As [`OneFolder::reached`], or the database fails.
pub async fn of_others(
    db: &impl Database,
    (space, part): (SpaceId, Option<&OneFolder>),
    me: UserId,
    now: UnixMillis,
) -> Result<Vec<Opening>, Failure> {
    let after = now.saturating_sub(OPENING_TOLD_MILLIS);
    let lately = openings::by_others(space, after, me, MOST_READ);
    let mut rows = query::one(db, lately).await?;
    if let Some(part) = part {
        rows.retain(|row| row.is_known());
        // What was read before is told by what they have now.
        let files = rows.iter().map(|row| row.item).collect();
        let reached = part.reached(db, space, files).await?;
        rows.retain(|row| reached.has(row.item));
    }
    rows.truncate(MAX_OPENINGS_TOLD);
    let told = rows.into_iter().map(|row| Opening {
        is_open: row.is_open(),
        ago_ms: now.saturating_sub(row.said_at),
        item: row.item,
        person: Person {
            user_id: row.user,
            user_name: row.user_name,
        },
    });
    Ok(told.collect())
}
