//! The page's web workers, each with what talks to it from the page. What runs in
//! one is in its `worker.rs`; neither side knows a view or anything of Leptos.
//!
//! | module | its worker | does |
//! | --- | --- | --- |
//! | [`hashing`] | `hasher` | cuts and hashes files |
//! | [`cache`] | `keeper` | the block cache: patches, LZ4, verification |
//! | [`archive`] | `keeper` as well | writes zips |
//! | [`signing`] | `signer` | passwords |
//! | [`merging`] | `merger` | compares and merges texts |
//! | [`reading`] | `reader` | takes a file apart that is looked at |
//! | [`sheets`] | `sheets` | reads spreadsheets; its program is a package of its own |

pub mod archive;
pub mod cache;
pub mod hashing;
pub mod merging;
pub mod reading;
pub mod sheets;
pub mod signing;
