//! The client's sync engine: a pure state machine. Inputs go in, effects come
//! out; it does no IO, reads no clock and draws no random numbers. A page, a
//! folder on disk or a simulator drives it.
//!
//! | file | does |
//! | --- | --- |
//! | [`message`] | the closed enums: what goes in, what comes out, what is stored |
//! | [`engine`] | the state machine: its contract, and one file for each kind of input |
//! | [`trees`] | the three trees, as observations |
//! | [`tree`], [`twins`] | what this device wants, in the order in which it is shown |
//! | [`upward`] | the way from an item to the top of the space |
//! | [`growing`] | the trees while they are read from storage, piece by piece |
//! | [`free`] | a name that nothing has |
//! | `few` | the items of one name: nearly always one |
//! | [`shards`] | a map that never moves all that is in it at once |
//! | `log` | which items of a tree have changed, for whoever has seen the rest |
//! | [`edit`] | what this device changed and the server has not taken yet |
//! | [`ids`] | the ids of its requests, derived from what was observed |
//! | [`place`] | the folder that has an item, and its name there |
//! | [`plan`] | the next step of an edit: a pure function |
//! | [`rebase`] | what becomes of an edit that was refused: a pure function |
//! | [`task`] | what is known of an edit while it is carried out; never stored |
//! | [`feed`], [`pace`] | the loop of pull and poll, and how fast it may go |
//! | [`silence`] | how long a poll may be held before something on the way ends it |
//! | [`clock`] | time that never runs back |
//! | [`backoff`] | how long to wait before trying again |
//! | [`intake`] | what becomes of what a person hands in |
//! | [`one_by_one`] | filling a set or a map |
//! | [`search`] | finding items by their names |

#![warn(missing_docs)]

pub mod backoff;
mod below;
pub mod clock;
pub mod edit;
pub mod engine;
pub mod feed;
mod few;
pub mod free;
pub mod growing;
pub mod ids;
pub mod intake;
mod log;
pub mod message;
pub mod one_by_one;
pub mod pace;
pub mod place;
pub mod plan;
pub mod rebase;
pub mod search;
pub mod shards;
pub mod silence;
pub mod task;
pub mod tree;
pub mod trees;
pub mod twins;
pub mod upward;

pub use engine::{Config, Engine, Reason, Restoring, Wait};
pub use silence::Silence;
