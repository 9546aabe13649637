//! Links: what their owner does with them, and what somebody does who has one.

use super::transport::Request;
use super::{Api, to_json};
use crate::failure::Failure;
use protocol::accounts::{PasswordStart, SignInStarted, SignUpStarted};
use protocol::content::Receipted;
use protocol::files::NewFile;
use protocol::ids::{ItemId, LinkId};
use protocol::links::{
    Link, LinkChange, LinkShown, Links, NewLink, OPENED, Pass, PassFinish, PassStart,
};
use protocol::paths;
use protocol::routes::Route;

impl Api {
    /// The person's links, of one item or all.
    pub async fn links(&self, of: Option<ItemId>) -> Result<Vec<Link>, Failure> {
        let path = of.map_or_else(|| paths::LINKS.to_owned(), paths::links_of);
        let answer: Links = self.get(&path).await?;
        Ok(answer.links)
    }

    pub async fn make_link(&self, item: ItemId, body: &NewLink) -> Result<Link, Failure> {
        self.post(&paths::new_link(item), body).await
    }

    pub async fn change_link(&self, id: LinkId, body: &LinkChange) -> Result<Link, Failure> {
        self.patch(&paths::link(id), body).await
    }

    pub async fn end_link(&self, id: LinkId) -> Result<(), Failure> {
        self.send_bare(Request::delete(&paths::link(id))).await
    }

    /// Begins a password of a link.
    pub async fn link_password(&self, body: &PasswordStart) -> Result<SignUpStarted, Failure> {
        self.post(paths::LINK_PASSWORD_START, body).await
    }

    /// What the link is of. `is_new`: somebody opens it, who has not looked before.
    pub async fn shown(&self, is_new: bool) -> Result<LinkShown, Failure> {
        let path = Route::ShownLink.path();
        match is_new {
            true => self.get(&format!("{path}?{OPENED}=1")).await,
            false => self.get(path).await,
        }
    }

    pub async fn pass_start(&self, body: &PassStart) -> Result<SignInStarted, Failure> {
        self.post(Route::PassStart.path(), body).await
    }

    pub async fn pass_finish(&self, body: &PassFinish) -> Result<Pass, Failure> {
        self.post(Route::PassFinish.path(), body).await
    }

    /// Puts a file where the link leads. Whatever its name becomes is not told.
    pub async fn hand_in(&self, body: &NewFile<Receipted>) -> Result<(), Failure> {
        let request = Request::post(&self.at(paths::FILES));
        self.send_bare(request.with_json(to_json(body)?)).await
    }
}
