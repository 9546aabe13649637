//! Folders, and the places of files and folders.

use super::Api;
use super::transport::Request;
use crate::failure::Failure;
use protocol::batches::{ChangeItems, ItemsChanged};
use protocol::ids::ItemId;
use protocol::items::{
    ChangePlace, ChangeTrashed, DeleteForGood, DeletedForGood, EmptyTrash, ItemChanged, NewFolder,
};
use protocol::paths;

impl Api {
    pub async fn create_folder(&self, body: &NewFolder) -> Result<ItemChanged, Failure> {
        self.post(paths::FOLDERS, body).await
    }

    pub async fn change_place(
        &self,
        id: ItemId,
        body: &ChangePlace,
    ) -> Result<ItemChanged, Failure> {
        self.patch(&paths::item(id), body).await
    }

    pub async fn trash(&self, id: ItemId, body: &ChangeTrashed) -> Result<ItemChanged, Failure> {
        self.post(&paths::trash(id), body).await
    }

    pub async fn restore(&self, id: ItemId, body: &ChangeTrashed) -> Result<ItemChanged, Failure> {
        self.post(&paths::restore(id), body).await
    }

    /// What became of each is in the answer.
    pub async fn change_items(&self, body: &ChangeItems) -> Result<ItemsChanged, Failure> {
        self.post(paths::ITEMS_BATCH, body).await
    }

    /// Some of what it takes: the same is asked for until it is done.
    pub async fn delete_for_good(
        &self,
        id: ItemId,
        body: &DeleteForGood,
    ) -> Result<DeletedForGood, Failure> {
        self.send_json(Request::delete(&self.at(&paths::item(id))), body)
            .await
    }

    /// The same for all that is in the trash.
    pub async fn empty_trash(&self, body: &EmptyTrash) -> Result<DeletedForGood, Failure> {
        self.post(paths::EMPTY_TRASH, body).await
    }
}
