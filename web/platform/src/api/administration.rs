//! Running the server for others. The server refuses it to everybody but administrators.

use super::Api;
use super::transport::Request;
use crate::failure::Failure;
use protocol::administration::{
    AFTER, Audit, BEFORE, Health, InviteMade, Invites, ManagedPerson, NewInvite, People,
    PersonChange, ServerSettings, SettingsChange,
};
use protocol::ids::{InviteId, UserId};
use protocol::routes::Route;

impl Api {
    /// A page of everybody, after a name that a page has ended with.
    pub async fn people(&self, after: Option<&str>) -> Result<People, Failure> {
        let path = Route::People.path();
        match after {
            Some(after) => {
                let after = String::from(js_sys::encode_uri_component(after));
                self.get(&format!("{path}?{AFTER}={after}")).await
            }
            None => self.get(path).await,
        }
    }

    pub async fn change_person(
        &self,
        id: UserId,
        body: &PersonChange,
    ) -> Result<ManagedPerson, Failure> {
        self.patch(&Route::ChangePerson.of(id), body).await
    }

    pub async fn server_settings(&self) -> Result<ServerSettings, Failure> {
        self.get(Route::Settings.path()).await
    }

    pub async fn change_settings(&self, body: &SettingsChange) -> Result<ServerSettings, Failure> {
        self.patch(Route::ChangeSettings.path(), body).await
    }

    pub async fn invites(&self) -> Result<Invites, Failure> {
        self.get(Route::Invites.path()).await
    }

    /// Its secret is told this once.
    pub async fn make_invite(&self, body: &NewInvite) -> Result<InviteMade, Failure> {
        self.post(Route::MakeInvite.path(), body).await
    }

    pub async fn remove_invite(&self, id: InviteId) -> Result<(), Failure> {
        self.send_bare(Request::delete(&Route::RemoveInvite.of(id)))
            .await
    }

    /// The newest, or those before an entry.
    pub async fn audit(&self, before: Option<u64>) -> Result<Audit, Failure> {
        let path = Route::Audit.path();
        match before {
            Some(before) => self.get(&format!("{path}?{BEFORE}={before}")).await,
            None => self.get(path).await,
        }
    }

    pub async fn health(&self) -> Result<Health, Failure> {
        self.get(Route::Health.path()).await
    }
}
