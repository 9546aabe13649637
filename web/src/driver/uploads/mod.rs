//! From a dropped file to a version on the server.
//!
//! | file | does |
//! | --- | --- |
//! | [`queue`] | which file's turn it is |
//! | [`job`] | one file, and what its row in the panel says |
//! | [`target`] | what a dropped file is to become, decided when it is dropped |
//! | [`run`] | the way of one file: hash, store, and again after a failure |
//! | [`version`] | a next version of a file that exists |
//! | [`create`] | a new file |
//! | [`conflict`] | keeping a version that came second |
//! | [`folders`] | making the folders of a drop, each once |
//! | [`sender`] | blocks of many files on their way, packed together |
//! | [`post`] | one pack at the network |
//! | [`total`] | the panel's head line |

mod conflict;
mod content;
mod create;
mod folders;
mod job;
mod post;
mod queue;
mod run;
mod sender;
mod target;
pub mod total;
mod version;

pub use queue::Queue;
