//! Cutting and hashing files in web workers, so that the page's thread never
//! sees a file's bytes.
//!
//! | file | does |
//! | --- | --- |
//! | [`file`] | a whole file: its segments, and their lists joined |
//! | [`pool`] | the workers, as the page sees them |
//! | [`worker`] | what runs in the worker, and what travels between it and the page |
//! | [`read`] | the work itself |

pub mod file;
pub mod pool;
pub mod read;
pub mod worker;
