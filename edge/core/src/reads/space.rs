//! The space itself: its quota, and how far its journal goes.

use crate::error::Failure;
use crate::ports::{Database, Statement};
use crate::query;
use crate::room::Limits;
use crate::store::journal::{EntryRow, KEY};
use crate::store::space;
use crate::store::sql::journal;
use protocol::accounts::{Counts, Space};
use protocol::cursor::Cursor;
use protocol::ids::{Seq, SpaceId, UnixMillis};
use protocol::notifications::Event;

/// # Errors
/// There is no such space: a fault, because who asks was let in.
pub async fn space(db: &impl Database, id: SpaceId, limits: &Limits) -> Result<Space, Failure> {
    Ok(space_and_end(db, id, limits).await?.0)
}

/// The same, and when the account ends whose space it is.
///
/// # Errors
/// As there.
pub async fn space_and_end(
    db: &impl Database,
    id: SpaceId,
    limits: &Limits,
) -> Result<(Space, Option<UnixMillis>), Failure> {
    let (row, trash) = query::all(db, (space::space(id), space::trash(id))).await?;
    let row = row?;
    let space = Space {
        id,
        used_bytes: row.counted_bytes(),
        quota_bytes: row.quota_bytes,
        metadata_bytes: row.metadata_bytes(),
        stored_bytes: row.used_bytes,
        trash: trash?,
        counts: Counts {
            items: row.item_count,
            most_items: limits.items,
            versions: row.version_count,
            most_versions_of_a_file: limits.versions_of_a_file,
            list_rows: row.row_count,
            most_list_rows: limits.list_rows,
        },
    };
    Ok((space, row.ends_at))
}

/// What a poll comes to before it is parked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum PollStart {
    /// There is news already.
    News(Event),
    /// Wait for what comes after this entry.
    WaitAfter(Seq),
}

/// Looks at the journal for a poll. Without a cursor, everything so far counts
/// as seen; while a listing is under way, nothing does.
///
/// # Errors
/// There is no such space.
pub async fn poll(
    db: &impl Database,
    id: SpaceId,
    cursor: Option<Cursor>,
) -> Result<PollStart, Failure> {
    let (head, newest) = newest(db, id).await?;
    let is_behind = seen(cursor, id, head) < head;
    Ok(match newest.filter(|_| is_behind) {
        Some(event) => PollStart::News(event),
        None => PollStart::WaitAfter(head),
    })
}

/// The last entry that a poll counts as seen, where the journal is at `head`.
pub fn seen(cursor: Option<Cursor>, space: SpaceId, head: Seq) -> Seq {
    match cursor {
        None => head,
        Some(cursor) if cursor.space == space && cursor.listed_to.is_none() => cursor.seq,
        Some(_) => 0,
    }
}

/// The journal's head, and its newest entry as an event.
///
/// # Errors
/// There is no such space.
pub async fn newest(db: &impl Database, id: SpaceId) -> Result<(Seq, Option<Event>), Failure> {
    let newest = Statement::new(journal::NEWEST).id(id);
    let newest = newest.readable::<EntryRow>(KEY);
    let (space, newest) = query::all(db, (space::space(id), newest)).await?;
    let space = space?;
    let event = newest?.into_iter().next().map(EntryRow::event);
    Ok((space.head_seq, event))
}
