//! The door of an account, where a time, an order or another server's keys can be
//! given: which secret the server has, guessing, another password, what may be done
//! until when.

mod ending;
mod guessing;
mod keys;
mod limits;
mod password;
pub mod people;
mod records;
