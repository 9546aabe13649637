//! Deliberate bugs, to find out whether the simulator would notice a real one.
//!
//! The source has none of them. Each is a file in `deliberate/`, and `npm run simulate`
//! builds the simulator from a [copy](seeded) of the workspace that has them all; which of
//! them is at work there, the [switch](is) of the thread says. How to add one is told in
//! `docs/simulator.md`.

mod bug;
mod copy;
mod lock;
mod switch;
mod text;

pub use bug::{Bug, all, table};
pub use copy::{Files, files, seeded, write};
pub use switch::{choose, count, is};

/// Whether this program was built from the copy.
pub const ARE_HERE: bool = false;
