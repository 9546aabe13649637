//! Versions that came second.

use super::Client;
use crate::failure::Failure;
use shared::ids::{ConflictId, ItemId};
use shared::protocol::conflicts::{Conflict, NewConflict, Resolve};
use shared::protocol::content::Content;
use shared::protocol::paths;

impl Client {
    pub async fn keep_conflict(
        &self,
        item: ItemId,
        body: &NewConflict<Content>,
    ) -> Result<Conflict, Failure> {
        self.post(&paths::file_conflicts(item), body).await
    }

    /// What the choice did to files comes with the change feed.
    pub async fn resolve(&self, id: ConflictId, body: &Resolve) -> Result<Conflict, Failure> {
        self.post(&paths::resolve(id), body).await
    }
}
