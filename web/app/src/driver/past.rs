//! Bringing back what was in a folder at a time. It does not wait for a connection, as what a
//! person does otherwise: they look at a plan, and that is of this moment. What was done is
//! shown once the feed says so.

use super::current::Current;
use client::past::{Server, Watch};
use leptos::prelude::{GetUntracked, RwSignal, Update, WithUntracked};
use platform::browser::random;
use platform::failure::Failure;
use protocol::batches::ChangeItems;
use protocol::ids::{ItemId, OperationId, Seq, UnixMillis};
use protocol::items::{ItemChange, ItemChanged};
use protocol::past::{Past, Revert, RevertFiles};
use protocol::problem::Problem;

/// A folder, or all that whoever asks has, at a time.
#[derive(Clone)]
pub struct FolderThen {
    pub current: Current,
    pub of: Option<ItemId>,
    pub at: UnixMillis,
}

impl Server for FolderThen {
    async fn past(&self, after: Option<Seq>) -> Result<Past, Failure> {
        let api = self.current.api();
        let ask = async || api.past(self.of, Some(self.at), after).await;
        self.current.patiently(ask).await
    }

    async fn change_items(
        &self,
        changes: &[ItemChange],
    ) -> Result<Vec<Result<ItemChanged, Problem>>, Failure> {
        let api = self.current.api();
        let changes = changes.to_vec();
        let body = ChangeItems { changes };
        let ask = async || api.change_items(&body).await;
        let changed = self.current.patiently(ask).await?;
        Ok(changed.results.into_iter().map(Result::from).collect())
    }

    async fn revert(&self, files: &[Revert]) -> Result<Vec<Result<ItemChanged, Problem>>, Failure> {
        let api = self.current.api();
        let files = files.to_vec();
        let body = RevertFiles { files };
        let ask = async || api.revert(&body).await;
        let reverted = self.current.patiently(ask).await?;
        Ok(reverted.results.into_iter().map(Result::from).collect())
    }

    fn operation(&self) -> OperationId {
        OperationId::from_random(random::id_bytes())
    }
}

/// How far it is, and whether the person has stopped it. What is not looked at any more goes
/// on.
#[derive(Clone, Copy)]
pub struct Progress {
    pub done: RwSignal<usize>,
    pub stop: RwSignal<bool>,
}

impl Watch for Progress {
    fn is_stopped(&self) -> bool {
        self.stop.try_get_untracked().unwrap_or_default()
    }

    fn went_on(&self, steps: usize) {
        if self.done.try_with_untracked(|_| ()).is_some() {
            self.done.update(|done| *done += steps);
        }
    }
}
