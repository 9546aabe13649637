//! The sync engine, one situation at a time. What no one thinks of is found by
//! the simulator in `tests/`.

mod backoff;
mod carry;
mod deleted;
mod device;
mod drafts;
mod edits;
mod feed;
mod growing;
mod ids;
mod intake;
mod matters;
mod merges;
mod page;
mod places;
mod refusals;
mod regressions;
mod search;
mod tree;
