//! The server's decisions and statements on SQLite and in memory: what needs an
//! order of events, a failure or a time that a running server can't be given.

mod accounts;
mod activity;
mod collector;
mod collector_races;
mod damage;
mod deletion;
mod depth;
mod doors;
mod downloads;
mod folder_feed;
mod folding;
mod leftovers;
mod numbers;
mod past;
mod patches;
mod place_work;
mod quota;
mod refusals;
mod retention;
mod retention_rule;
mod rewriting;
mod rows;
mod scrub;
mod solid;
mod stage;
mod statements;
mod strangers;
mod suite;
mod threat_model;
mod thumbnails;
mod versions;
