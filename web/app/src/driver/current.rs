//! Whom the page works for at this moment: the API in their name, and their client.

use super::ports::{Client, Timers};
use client::bell::Bell;
use client::patience;
use platform::api::Api;
use platform::failure::Failure;
use protocol::ids::{ItemId, UserId};
use protocol::links::LinkKey;
use std::cell::RefCell;
use std::rc::Rc;
use sync::message::Input;

/// A handle of what changes with who is signed in, for one root.
#[derive(Clone, Default)]
pub struct Current(Rc<Inner>);

#[derive(Default)]
struct Inner {
    /// Of whoever is signed in: what is begun for them is not carried on for another.
    api: RefCell<Api>,
    client: RefCell<Option<Client>>,
    again: Bell,
}

impl Current {
    /// The same for something that is shared with whoever is signed in.
    pub fn of_root(&self, root: ItemId) -> Self {
        Self(Rc::new(Inner {
            api: RefCell::new(self.api().about(Some(root))),
            client: RefCell::default(),
            again: self.again().clone(),
        }))
    }

    pub fn api(&self) -> Api {
        self.0.api.borrow().clone()
    }

    /// Whoever has the link asks from now on, and the pass for its password.
    pub fn speak_through(&self, link: LinkKey, pass: Option<&str>) {
        let api = self.api().through(link, pass);
        *self.0.api.borrow_mut() = api;
    }

    /// The client of whoever is signed in.
    pub fn client(&self) -> Option<Client> {
        self.0.client.borrow().clone()
    }

    /// Rung when what waits for the network is worth another try.
    pub fn again(&self) -> &Bell {
        &self.0.again
    }

    /// Whose page asks from now on.
    pub fn speak_for(&self, user: Option<UserId>) {
        let api = self.api().of(user);
        *self.0.api.borrow_mut() = api;
    }

    /// From now on this is the client.
    pub fn set_client(&self, client: Client) {
        *self.0.client.borrow_mut() = Some(client);
    }

    /// From now on there is none.
    pub fn take_client(&self) -> Option<Client> {
        self.0.client.take()
    }

    /// Hands something that happened to the engine; nothing if nobody is signed in.
    pub fn input(&self, input: Input) {
        self.inputs(vec![input]);
    }

    /// The same for many things at once, which are shown together.
    pub fn inputs(&self, inputs: Vec<Input>) {
        if let Some(client) = self.client() {
            client.take(inputs);
        }
    }

    /// Asks the server until there is an answer, or for so long that a person would have
    /// given up.
    ///
    /// # Errors
    /// Those of the question.
    pub async fn patiently<T>(
        &self,
        ask: impl AsyncFn() -> Result<T, Failure>,
    ) -> Result<T, Failure> {
        patience::patiently(&Timers, self.again(), ask).await
    }
}
