//! What the page needs of a browser, in the shape that Rust wants it. It knows no
//! view and nothing of Leptos.
//!
//! | module | has |
//! | --- | --- |
//! | [`api`] | the typed calls of the server |
//! | [`browser`] | the few things that only a browser knows: its clock, locks, files |
//! | [`failure`] | what it throws, as a failure of the client |
//! | [`intake`] | drops, pastes and pickers |
//! | [`local_db`] | IndexedDB |
//! | [`packed`] | a list of blocks in few bytes |
//! | [`worker`] | web workers |

pub mod api;
pub mod browser;
pub mod failure;
pub mod intake;
pub mod local_db;
pub mod packed;
pub mod worker;
