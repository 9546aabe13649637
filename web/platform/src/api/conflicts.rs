//! Versions that came second.

use super::Api;
use crate::failure::Failure;
use blocks::manifest::Manifest;
use protocol::conflicts::{Conflict, Conflicts, NewConflict, Reopen, Resolve};
use protocol::content::Receipted;
use protocol::ids::{ConflictId, ItemId};
use protocol::paths;

impl Api {
    pub async fn keep_conflict(
        &self,
        item: ItemId,
        body: &NewConflict<Receipted>,
    ) -> Result<Conflict, Failure> {
        self.post(&paths::file_conflicts(item), body).await
    }

    /// A page of the resolved ones, the newest resolution first.
    pub async fn resolved_conflicts(&self, after: Option<&str>) -> Result<Conflicts, Failure> {
        self.get(&paths::resolved_conflicts(after)).await
    }

    /// What the side that came second wrote, as blocks.
    pub async fn conflict_manifest(&self, id: ConflictId) -> Result<Manifest, Failure> {
        self.get(&paths::conflict_manifest(id)).await
    }

    pub async fn reopen(&self, id: ConflictId, body: &Reopen) -> Result<Conflict, Failure> {
        self.post(&paths::reopen(id), body).await
    }

    /// What the choice did to files comes with the change feed.
    pub async fn resolve(
        &self,
        id: ConflictId,
        body: &Resolve<Receipted>,
    ) -> Result<Conflict, Failure> {
        self.post(&paths::resolve(id), body).await
    }
}
