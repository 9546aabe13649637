//! What the person has marked for themselves. None of it is about a root.

use super::Api;
use super::transport::Request;
use crate::failure::Failure;
use protocol::ids::SearchId;
use protocol::marks::{ChangeStars, Marks, NewSearch, SavedSearch, SearchChange};
use protocol::routes::Route;

impl Api {
    /// All of it. The browser asks whether it has changed.
    pub async fn marks(&self) -> Result<Marks, Failure> {
        self.get(Route::Marks.path()).await
    }

    /// Gives stars and takes them away, all of it or nothing.
    pub async fn change_stars(&self, body: &ChangeStars) -> Result<(), Failure> {
        let request = Request::post(Route::ChangeStars.path());
        self.send_bare(request.with_json(super::to_json(body)?))
            .await
    }

    pub async fn save_search(&self, body: &NewSearch) -> Result<SavedSearch, Failure> {
        self.post(Route::SaveSearch.path(), body).await
    }

    pub async fn change_search(
        &self,
        id: SearchId,
        body: &SearchChange,
    ) -> Result<SavedSearch, Failure> {
        self.patch(&Route::ChangeSearch.of(id), body).await
    }

    pub async fn remove_search(&self, id: SearchId) -> Result<(), Failure> {
        self.send_bare(Request::delete(&Route::RemoveSearch.of(id)))
            .await
    }
}
