//! Blocks on their way down, and their signatures. Their way up is
//! [`super::upload`].

use super::Api;
use crate::failure::Failure;
use js_sys::ArrayBuffer;
use protocol::blocks::{Fetch, FetchSignatures};
use protocol::paths;

/// An answer has some 4 MiB, and a slow connection takes its time for that, in
/// milliseconds.
const DEADLINE_MILLIS: u64 = 300_000;

impl Api {
    /// Blocks as frames; the first ones of those wanted, at least one.
    pub async fn fetch_blocks(&self, body: &Fetch) -> Result<ArrayBuffer, Failure> {
        self.post_for_bytes(paths::FETCH_BLOCKS, body, DEADLINE_MILLIS)
            .await
    }

    /// The signatures of the first ones of these blocks, at least of one.
    pub async fn signatures(&self, body: &FetchSignatures) -> Result<ArrayBuffer, Failure> {
        self.post_for_bytes(paths::FETCH_SIGNATURES, body, DEADLINE_MILLIS)
            .await
    }
}
