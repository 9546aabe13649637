//! The page. Views read [`state`] and call [`commands`]; nothing else in the page
//! talks to the network, the local database or the web workers.

pub mod archive;
pub mod commands;
pub mod driver;
pub mod format;
pub mod language;
pub mod parts;
pub mod refusals;
pub mod state;
pub mod ui;
pub mod words;
