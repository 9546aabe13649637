//! Brings what was in a folder at a time back: asks the server what is otherwise now, plans
//! what becomes of each item by its own rule, and carries that out in requests for many.
//!
//! The plan is made of what the server tells now, and nothing else is kept. So a run that
//! ends early, for whatever reason, goes on with a new plan, which has what is left. Each
//! change is made against the head or the place that the plan has seen: what somebody has
//! changed since then stays as they made it, and is told.

mod plan;
mod run;

pub use plan::{Act, Came, Plan, Stay, Step, Why, plan};
pub use run::{Outcome, Server, Watch, ask, run};
