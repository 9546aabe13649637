//! A whole drive in one thread: devices with the real engine, the real server
//! logic on SQLite, and a network, a queue and people that are chance from a
//! seed. The same seed is the same run, to the last step.
//!
//! | file | does |
//! | --- | --- |
//! | [`world`] | time, events, and what each does |
//! | [`device`] | one engine with its storage, and how its effects are carried out |
//! | [`people`] | what persons do |
//! | [`wire`] | a request at the server |
//! | [`oracle`] | what must hold, after each step and at the end |
//! | [`faults`] | what goes wrong |
//! | [`storage`], [`rng`] | a local database; chance |
//! | [`run`] | one seed from start to end, and what is left when it fails |

pub mod device;
pub mod faults;
pub mod oracle;
pub mod people;
pub mod rng;
pub mod run;
pub mod storage;
pub mod wire;
pub mod world;
