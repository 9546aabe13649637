//! Web workers.
//!
//! A message is a plain object, because files and buffers travel by reference in one.
//! A field of it says of which job it is, and what the worker says of that job has the
//! same number there. The worker's first message is about no job: it listens then, and
//! what is sent earlier is lost.
//!
//! | file | is |
//! | --- | --- |
//! | [`link`] | a worker, as the page sees it |
//! | [`scope`] | the page, as the worker sees it |

pub mod link;
pub mod scope;
