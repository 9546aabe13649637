//! Finding items by their names, over the whole tree of this device.
//!
//! | file | does |
//! | --- | --- |
//! | [`fold`] | a name without case and accents, and where each letter of that is in the name |
//! | [`pattern`] | what of a query is words: whether a name fits them, how well, and where |
//! | [`query`] | a query as it is typed, with its filters |
//! | [`index`] | all names, folded once |
//! | [`scan`] | one query over an index, a slice at a time, and the best that it found |
//!
//! Nothing here is asynchronous: whoever scans decides how long a slice may take.

pub mod fold;
pub mod index;
pub mod pattern;
pub mod query;
pub mod scan;
