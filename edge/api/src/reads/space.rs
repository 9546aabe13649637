//! The space itself: its quota, and how far its journal goes.

use crate::error::Failure;
use crate::ports::{Database, DbError, Rows, Statement};
use crate::store::rows::SpaceRow;
use crate::store::sql::journal;
use crate::writes::versioning::answers;
use serde::Deserialize;
use shared::ids::{ItemId, Seq, SpaceId, UnixMillis};
use shared::protocol::accounts::Space;
use shared::protocol::notifications::{Event, EventType};

/// # Errors
/// There is no such space: a fault, because who asks was let in.
pub async fn space(db: &impl Database, id: SpaceId) -> Result<Space, Failure> {
    let row = row(&db.run(read(id)).await?)?;
    Ok(Space {
        id,
        used_bytes: row.used_bytes,
        quota_bytes: row.quota_bytes,
    })
}

/// The read that [`row`] takes the answer of.
pub fn read(id: SpaceId) -> Statement {
    Statement::new(journal::SPACE).id(id)
}

/// # Errors
/// There is no such space.
pub fn row(rows: &Rows) -> Result<SpaceRow, Failure> {
    let row: Option<SpaceRow> = rows.first()?;
    Ok(row.ok_or_else(|| DbError::Fault("the space has no row".into()))?)
}

#[derive(Deserialize)]
struct NewestRow {
    item: ItemId,
    at: UnixMillis,
}

/// The journal's head, and its newest entry as an event.
///
/// # Errors
/// There is no such space.
pub async fn newest(db: &impl Database, id: SpaceId) -> Result<(Seq, Option<Event>), Failure> {
    let newest = Statement::new(journal::NEWEST).id(id);
    let answered = db.batch(vec![read(id), newest]).await?;
    let space = row(answers(&answered, 0)?)?;
    let newest: Option<NewestRow> = answers(&answered, 1)?.first()?;
    let event = newest.map(|row| Event {
        event_type: EventType::FileUpdate,
        file_id: row.item,
        timestamp: row.at,
    });
    Ok((space.head_seq, event))
}
