//! Archives: what is downloaded together, several files or a folder, becomes one
//! zip. The page plans it and fetches what it takes; the block worker verifies
//! every block, counts the CRCs and writes the zip into the origin private file
//! system, from where the browser's download takes it. So neither has more than
//! a few blocks in memory, whatever the size, and a browser needs nothing for it
//! that the block cache does not need as well. A response streamed by the service
//! worker would spare the copy on the disk, but there is none on a first visit or
//! in a private window, and browsers end one that is silent for half a minute.
//!
//! | file | does |
//! | --- | --- |
//! | [`plan`] | what is in it, by which names, and what is left out |
//! | [`names`] | names that every disk takes, no two of which are one |
//! | [`export`] | a whole drive, in several zips |
//! | [`import`] | what comes back of them, and where it goes |
//!
//! `driver::zips` is the page's part of making one, and [`workers::archive`] the
//! block worker's.

#[cfg(test)]
mod examples;
pub mod export;
pub mod import;
pub mod names;
pub mod plan;
