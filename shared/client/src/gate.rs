//! The gate before the network. The local database belongs to one user, and the cookie
//! may belong to another by now. So no request of the engine leaves before the server
//! has said who is signed in.

use crate::bell::Bell;
use std::cell::Cell;
use std::rc::Rc;

#[derive(Clone, Default)]
pub struct Gate {
    state: Rc<Cell<State>>,
    moved: Bell,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum State {
    /// The server is being asked.
    #[default]
    Asking,
    /// The server could not be reached; it is asked again later.
    Unreachable,
    Open,
}

impl Gate {
    pub fn set(&self, state: State) {
        self.state.set(state);
        self.moved.ring();
    }

    /// Returns whether there is a way, once that is known.
    pub async fn pass(&self) -> bool {
        loop {
            match self.state.get() {
                State::Open => return true,
                State::Unreachable => return false,
                State::Asking => self.moved.next().await,
            }
        }
    }
}
