//! What people share with each other. None of it is about a root.

use super::Api;
use super::transport::Request;
use crate::failure::Failure;
use protocol::grants::{Grant, GrantChange, Grants, ItemGrants, NewGrant};
use protocol::handover::{Accepted, Handover};
use protocol::ids::{GrantId, ItemId};
use protocol::items::{ItemChanged, NewMount};
use protocol::paths;

impl Api {
    /// What is shared with the person, and what they share.
    pub async fn grants(&self) -> Result<Grants, Failure> {
        self.get(paths::GRANTS).await
    }

    /// Who has access to an item, also by a folder that it is in.
    pub async fn item_grants(&self, item: ItemId) -> Result<Vec<Grant>, Failure> {
        let answer: ItemGrants = self.get(&paths::grants_of(item)).await?;
        Ok(answer.grants)
    }

    pub async fn grant(&self, item: ItemId, body: &NewGrant) -> Result<Grant, Failure> {
        self.post(&paths::grants_of(item), body).await
    }

    pub async fn change_grant(&self, id: GrantId, body: &GrantChange) -> Result<Grant, Failure> {
        self.patch(&paths::grant(id), body).await
    }

    /// Gives what is shared with the person a place among their own files.
    pub async fn mount(&self, body: &NewMount) -> Result<ItemChanged, Failure> {
        self.post(paths::MOUNTS, body).await
    }

    /// Takes such a place away, and nothing of what it leads to.
    pub async fn unmount(&self, mount: ItemId) -> Result<(), Failure> {
        self.send_bare(Request::delete(&paths::mount(mount))).await
    }

    /// How much would be handed over, or is offered.
    pub async fn show_offer(&self, id: GrantId) -> Result<Handover, Failure> {
        self.get(&paths::offer(id)).await
    }

    /// Asks the person of a grant to be the owner.
    pub async fn offer(&self, id: GrantId) -> Result<Grant, Failure> {
        self.post(&paths::offer(id), &()).await
    }

    /// The owner takes that back, or the person declines.
    pub async fn end_offer(&self, id: GrantId) -> Result<(), Failure> {
        self.send_bare(Request::delete(&paths::offer(id))).await
    }

    /// One step of becoming the owner.
    pub async fn accept_offer(&self, id: GrantId) -> Result<Accepted, Failure> {
        self.post(&paths::accept_offer(id), &()).await
    }

    /// Its owner takes it back, or whoever has it lets go of it.
    pub async fn end_grant(&self, id: GrantId) -> Result<(), Failure> {
        self.send_bare(Request::delete(&paths::grant(id))).await
    }
}
