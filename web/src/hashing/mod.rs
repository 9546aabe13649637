//! Cutting and hashing files in web workers, so that the page's thread never
//! sees a file's bytes.
//!
//! | file | does |
//! | --- | --- |
//! | [`file`] | a whole file: its segments, and their lists joined |
//! | [`pool`] | the workers, as the page sees them |
//! | [`wire`] | what travels between page and worker |
//! | [`worker`] | what runs in the worker |
//! | [`read`] | the work itself |

pub mod file;
pub mod pool;
pub mod read;
pub mod wire;
pub mod worker;
