//! Thumbnails: which there are, and new ones. Their bytes are those of blocks.

use super::Api;
use super::transport::Request;
use crate::failure::Failure;
use protocol::ids::{ItemId, Version};
use protocol::paths;
use protocol::thumbnails::{Thumbnail, Thumbnails};
use web_sys::Blob;

impl Api {
    /// Those of some files, at most
    /// [`MAX_THUMBNAILS_ASKED`](protocol::limits::MAX_THUMBNAILS_ASKED).
    pub async fn thumbnails(&self, of: &[ItemId]) -> Result<Vec<Thumbnail>, Failure> {
        let told: Thumbnails = self.get(&paths::thumbnails(of)).await?;
        Ok(told.thumbnails)
    }

    /// Keeps the thumbnail of a file's newest version, if that is `version`.
    pub async fn store_thumbnail(
        &self,
        item: ItemId,
        version: Version,
        thumbnail: &Blob,
    ) -> Result<(), Failure> {
        let path = self.at(&paths::store_thumbnail(item, version));
        self.send_bare(Request::post(&path).with_blob(thumbnail))
            .await
    }
}
