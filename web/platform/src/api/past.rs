//! What was in a folder at a time, and contents that come back.

use super::Api;
use crate::failure::Failure;
use protocol::ids::{ItemId, Seq, UnixMillis};
use protocol::past::{AFTER, AT_MS, FilesReverted, ITEM, Past, RevertFiles};
use protocol::paths;

impl Api {
    /// A page of what is otherwise now in a folder, or in everything; without a time, of
    /// nothing, but it says since when the past is known.
    pub async fn past(
        &self,
        of: Option<ItemId>,
        at: Option<UnixMillis>,
        after: Option<Seq>,
    ) -> Result<Past, Failure> {
        let of = of.map(|of| format!("{ITEM}={of}"));
        let at = at.map(|at| format!("{AT_MS}={at}"));
        let after = after.map(|after| format!("{AFTER}={after}"));
        let query: Vec<String> = [of, at, after].into_iter().flatten().collect();
        self.get(&format!("{}?{}", paths::PAST, query.join("&")))
            .await
    }

    /// What became of each is in the answer.
    pub async fn revert(&self, body: &RevertFiles) -> Result<FilesReverted, Failure> {
        self.post(paths::REVERT, body).await
    }
}
