//! Versions that came second.

use super::Client;
use super::transport::{Method, Request};
use crate::failure::Failure;
use shared::ids::{ConflictId, ItemId};
use shared::protocol::conflicts::{Conflict, Conflicts, NewConflict, Resolve};
use shared::protocol::paths;

impl Client {
    pub async fn conflicts(&self) -> Result<Vec<Conflict>, Failure> {
        let answer: Conflicts = self.get(paths::CONFLICTS).await?;
        Ok(answer.conflicts)
    }

    pub async fn keep_conflict(
        &self,
        item: ItemId,
        body: &NewConflict,
    ) -> Result<Conflict, Failure> {
        self.post(&paths::file_conflicts(item), body).await
    }

    /// The answer's body differs with the choice, and the change feed brings
    /// all of it: it is left unread.
    pub async fn resolve(&self, id: ConflictId, body: &Resolve) -> Result<(), Failure> {
        let path = paths::resolve(id);
        let request = Request::new(Method::Post, &path).with_json(super::to_json(body)?);
        self.send_bare(request).await
    }
}
