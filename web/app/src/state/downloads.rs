//! The files that the page fetches at this moment.

use leptos::prelude::*;

/// Counts the downloads of this page.
pub type DownloadId = u64;

/// One file on its way, or several as a zip.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Download {
    pub id: DownloadId,
    pub name: String,
    /// Bytes of the file.
    pub size: u64,
    /// Of these, how many are here.
    pub done: RwSignal<u64>,
    /// What a zip is made of.
    pub files: Option<Files>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Files {
    pub count: usize,
    /// Of these, how many are in the zip.
    pub done: RwSignal<usize>,
}
