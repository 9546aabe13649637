//! The gate stands before the network. The local database belongs to one user, and the
//! cookie may belong to another by now. So no request of the engine leaves before the
//! server has said who is signed in.

use crate::bell::Bell;
use std::cell::Cell;
use std::rc::Rc;

/// A gate that requests pass. A clone is another handle of the same gate.
#[derive(Clone, Default)]
pub struct Gate {
    state: Rc<Cell<GateState>>,
    moved: Bell,
}

/// What is known of the way to the server.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum GateState {
    /// The server is being asked who is signed in; requests wait.
    #[default]
    Asking,
    /// The server could not be reached. It is asked again later, and requests fail.
    Unreachable,
    /// The user of the local database is signed in; requests leave.
    Open,
}

impl Gate {
    /// Says what is known now, and lets requests that wait go on.
    pub fn set(&self, state: GateState) {
        self.state.set(state);
        self.moved.ring();
    }

    /// Waits until it is known whether there is a way to the server, and returns that.
    pub async fn pass(&self) -> bool {
        loop {
            match self.state.get() {
                GateState::Open => return true,
                GateState::Unreachable => return false,
                GateState::Asking => self.moved.next().await,
            }
        }
    }
}
