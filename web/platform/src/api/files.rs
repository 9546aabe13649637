//! The write path of content. Blocks travel apart: see [`super::upload`].

use super::Api;
use crate::failure::Failure;
use protocol::batches::{FilesMade, NewFiles};
use protocol::content::{Base, Receipted};
use protocol::files::{
    Commit, FileManifest, FileVersion, FileVersions, ManifestSince, MarkVersion, NewFile, Proposal,
    ProposalAnswer,
};
use protocol::ids::{ItemId, Version};
use protocol::items::ItemChanged;
use protocol::paths;
use protocol::retention::{ChangeRetention, Retention, SpaceRetention};
use protocol::routes::Route;

impl Api {
    pub async fn propose(&self, id: ItemId, body: &Proposal) -> Result<ProposalAnswer, Failure> {
        self.post(&paths::sync(id), body).await
    }

    pub async fn commit(
        &self,
        id: ItemId,
        body: &Commit<Receipted>,
    ) -> Result<ItemChanged, Failure> {
        self.post(&paths::commit(id), body).await
    }

    pub async fn create_file(&self, body: &NewFile<Receipted>) -> Result<ItemChanged, Failure> {
        self.post(paths::FILES, body).await
    }

    /// What became of each is in the answer.
    pub async fn create_files(&self, body: &NewFiles<Receipted>) -> Result<FilesMade, Failure> {
        self.post(paths::FILES_BATCH, body).await
    }

    /// The versions before one, or the newest.
    pub async fn versions(
        &self,
        id: ItemId,
        before: Option<Version>,
    ) -> Result<FileVersions, Failure> {
        self.get(&paths::versions(id, before)).await
    }

    pub async fn mark_version(
        &self,
        id: ItemId,
        wanted: &MarkVersion,
    ) -> Result<FileVersion, Failure> {
        self.patch(&Route::MarkVersion.of(id), wanted).await
    }

    /// What the drive keeps of the past.
    pub async fn retention(&self) -> Result<SpaceRetention, Failure> {
        self.get(Route::Retention.path()).await
    }

    pub async fn change_retention(
        &self,
        retention: Option<Retention>,
    ) -> Result<SpaceRetention, Failure> {
        let change = ChangeRetention { retention };
        self.patch(Route::ChangeRetention.path(), &change).await
    }

    pub async fn manifest(&self, id: ItemId, version: Version) -> Result<FileManifest, Failure> {
        self.get(&paths::manifest(id, version)).await
    }

    pub async fn manifest_since(
        &self,
        id: ItemId,
        version: Version,
        since: Base,
    ) -> Result<ManifestSince, Failure> {
        self.get(&paths::manifest_since(id, version, since)).await
    }
}
