//! The server's API as typed calls, one file a subject. Dropping a call's
//! future aborts its request.

mod accounts;
mod administration;
mod answer;
mod blocks;
pub mod changes;
mod conflicts;
pub mod content;
mod files;
mod grants;
mod items;
mod links;
mod marks;
mod news;
mod openings;
mod past;
mod thumbnails;
pub mod transport;
pub mod upload;

pub use answer::read_answer;

use crate::failure::{Failure, refused};
use js_sys::ArrayBuffer;
use protocol::grants::ROOT;
use protocol::ids::{ItemId, UserId};
use protocol::links::LinkKey;
use protocol::paths;
use protocol::problem::{Problem, Retry};
use serde::Serialize;
use serde::de::DeserializeOwned;
use std::cell::RefCell;
use std::rc::Rc;
use transport::{BinaryAnswer, Reply, Request, Voice};

type SessionEndHook = Rc<dyn Fn(Option<UserId>, &Problem)>;

/// Calls the API with this browser's cookie, on behalf of one user's page. All tabs
/// have that cookie, so each request says whose page it is: the server refuses to do
/// for one person what another one's page asks.
#[derive(Clone, Default)]
pub struct Api {
    user: Option<UserId>,
    /// What its requests are about, if that is not the user's own drive.
    root: Option<ItemId>,
    /// What makes them a visitor's, who needs no account.
    link: Option<LinkKey>,
    /// Of a link with a password, once that was given.
    pass: Option<Rc<str>>,
    session_end: Rc<RefCell<Option<SessionEndHook>>>,
}

impl Api {
    /// `hook` is told whenever an answer says that the user whose page asked, if it was
    /// somebody's, is not signed in any more.
    pub fn on_session_end(&self, hook: impl Fn(Option<UserId>, &Problem) + 'static) {
        *self.session_end.borrow_mut() = Some(Rc::new(hook));
    }

    /// The same for another user's page, or for nobody's.
    #[must_use]
    pub fn of(&self, user: Option<UserId>) -> Self {
        Self {
            user,
            ..self.clone()
        }
    }

    /// The same about something that is shared with the user.
    #[must_use]
    pub fn about(&self, root: Option<ItemId>) -> Self {
        Self {
            root,
            ..self.clone()
        }
    }

    /// The same for whoever has a link, and the pass for its password.
    #[must_use]
    pub fn through(&self, link: LinkKey, pass: Option<&str>) -> Self {
        Self {
            user: None,
            root: None,
            link: Some(link),
            pass: pass.map(Rc::from),
            ..self.clone()
        }
    }

    /// In whose name its requests are made.
    fn voice(&self) -> Voice {
        match (self.user, self.link) {
            (Some(user), _) => Voice::User(user),
            (None, Some(_)) => Voice::Visitor(self.pass.clone()),
            (None, None) => Voice::Nobody,
        }
    }

    /// What its requests are about, if that is not the user's own drive.
    pub fn root(&self) -> Option<ItemId> {
        self.root
    }

    /// Whether its requests are about a part of a space.
    pub fn is_about_a_part(&self) -> bool {
        self.root.is_some() || self.link.is_some()
    }

    /// Whether somebody speaks by it: whoever is signed in, or has a link.
    pub fn is_somebodys(&self) -> bool {
        self.user.is_some() || self.link.is_some()
    }

    /// A path of the API, with what the request is about.
    pub fn at(&self, path: &str) -> String {
        match (self.link, self.root) {
            (Some(link), _) => paths::over_link(link, path),
            (None, Some(root)) => {
                let mark = if path.contains('?') { '&' } else { '?' };
                format!("{path}{mark}{ROOT}={root}")
            }
            (None, None) => path.to_owned(),
        }
    }

    /// Whose page its requests come from.
    pub fn user(&self) -> Option<UserId> {
        self.user
    }

    async fn get<T: DeserializeOwned>(&self, path: &str) -> Result<T, Failure> {
        self.read(transport::send(&self.voice(), Request::get(&self.at(path))).await?)
    }

    async fn post<T: DeserializeOwned>(
        &self,
        path: &str,
        body: &impl Serialize,
    ) -> Result<T, Failure> {
        self.send_json(Request::post(&self.at(path)), body).await
    }

    async fn patch<T: DeserializeOwned>(
        &self,
        path: &str,
        body: &impl Serialize,
    ) -> Result<T, Failure> {
        self.send_json(Request::patch(&self.at(path)), body).await
    }

    /// For answers whose body is empty or of no interest.
    async fn send_bare(&self, request: Request) -> Result<(), Failure> {
        let reply = transport::send(&self.voice(), request).await?;
        if reply.is_success() {
            return Ok(());
        }
        self.read(reply)
    }

    async fn send_json<T: DeserializeOwned>(
        &self,
        request: Request,
        body: &impl Serialize,
    ) -> Result<T, Failure> {
        let request = request.with_json(to_json(body)?);
        self.read(transport::send(&self.voice(), request).await?)
    }

    /// Posts JSON for an answer of bytes.
    async fn post_for_bytes(
        &self,
        path: &str,
        body: &impl Serialize,
        deadline_millis: u64,
    ) -> Result<ArrayBuffer, Failure> {
        let request = Request::post(&self.at(path))
            .with_json(to_json(body)?)
            .with_deadline(deadline_millis);
        match transport::send_for_bytes(&self.voice(), request).await? {
            BinaryAnswer::Whole(bytes) => Ok(bytes),
            BinaryAnswer::Refused(reply) => Err(self.refusal(reply)),
        }
    }

    /// Of a reply that is no success.
    fn refusal(&self, reply: Reply) -> Failure {
        match self.read::<serde_json::Value>(reply) {
            Err(failure) => failure,
            Ok(_) => Failure::Unreachable,
        }
    }

    /// Reads a reply and reports an ended session.
    pub fn read<T: DeserializeOwned>(&self, reply: Reply) -> Result<T, Failure> {
        let answer = read_answer(reply.status, &reply.text);
        if let Err(Failure::Refused(problem)) = &answer
            && problem.retry() == Retry::SignIn
        {
            // Cloned out, so that the hook may call the client.
            let hook = self.session_end.borrow().clone();
            if let Some(hook) = hook {
                hook(self.user, problem);
            }
        }
        answer
    }
}

pub fn to_json(body: &impl Serialize) -> Result<String, Failure> {
    serde_json::to_string(body).map_err(|e| refused(e.to_string()))
}
