//! The page. Views read [`state`] and call [`commands`]; nothing else in the
//! page talks to the network, the local database or the web workers.

pub mod api;
pub mod archive;
pub mod browser;
pub mod cache;
pub mod commands;
pub mod driver;
pub mod failure;
pub mod hashing;
pub mod intake;
pub mod local_db;
pub mod merging;
pub mod parts;
pub mod signing;
pub mod state;
pub mod ui;
