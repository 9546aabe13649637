//! A new space.

use crate::error::Failure;
use crate::ports::{Database, Statement};
use crate::store::sql::journal;
use protocol::ids::SpaceId;

/// Makes an empty space.
///
/// # Errors
/// The id is in use, or the database does not answer.
pub async fn make(db: &impl Database, id: SpaceId, quota_bytes: u64) -> Result<(), Failure> {
    let insert = Statement::new(journal::INSERT_SPACE)
        .id(id)
        .bind(quota_bytes);
    db.run(insert).await?;
    Ok(())
}
