//! The door of an account, where a time, an order or another server's keys can be
//! given: which secret the server has, guessing, another password, with the old one or
//! with a recovery code, what may be done until when, and what devices are called.

mod ending;
mod guessing;
mod keys;
mod limits;
mod names;
mod newcomers;
mod password;
pub mod people;
mod records;
mod recovery;
