//! The page. Views read [`state`] and call [`commands`]; nothing else in the
//! page talks to the network, the local database or the web workers.

pub mod commands;
pub mod failure;
pub mod intake;
pub mod state;
pub mod ui;
