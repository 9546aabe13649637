//! Deleting for good what is in the trash. It does not wait for a connection, as
//! what a person does otherwise: nobody should find out hours later that what can't
//! be undone has happened. Nothing is shown as deleted before the feed says so.

use super::current::Current;
use leptos::prelude::{RwSignal, Update, WithUntracked};
use platform::browser::random;
use platform::failure::Failure;
use protocol::ids::{ItemId, OperationId, UnixMillis};
use protocol::items::{DeleteForGood, DeletedForGood, EmptyTrash};
use protocol::problem::Problem;
use sync::message::Input;
use sync::tree::Tree;

/// What is deleted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum PurgeScope {
    /// These, with all that is below them.
    Items(Vec<ItemId>),
    /// All that came into the trash up to then, which is what the person saw.
    TrashedUpTo(UnixMillis),
}

/// What became of it.
#[derive(Debug, Default)]
pub struct Purged {
    /// Files and folders.
    pub deleted: u64,
    /// How much less of the quota is used now.
    pub freed_bytes: u64,
    /// Conflicts that are open, and would have gone along with [`Self::asked`].
    pub open_conflicts: u64,
    /// What is still there because of these, until the person agrees to that.
    pub asked: Option<PurgeScope>,
    /// What is still there for another reason.
    pub refused: Vec<(ItemId, Failure)>,
    /// Why nothing more was asked for.
    pub stopped: Option<Failure>,
}

/// How it is done.
pub struct Purge {
    pub current: Current,
    pub tree: RwSignal<Tree>,
    /// Whether it is done to what has open conflicts, too.
    pub with_open_conflicts: bool,
    /// Tells how many files and folders are gone so far.
    pub deleted: RwSignal<u64>,
}

impl Purge {
    /// Deletes it.
    pub async fn run(&self, what: PurgeScope) -> Purged {
        let mut outcome = Purged::default();
        match what {
            PurgeScope::TrashedUpTo(up_to) => {
                let api = self.current.api();
                let body = EmptyTrash {
                    operation_id: operation(),
                    trashed_up_to_ms: Some(up_to),
                    with_open_conflicts: self.with_open_conflicts,
                };
                let all = self.to_the_end(&mut outcome, async || api.empty_trash(&body).await);
                match all.await {
                    Ok(()) => {}
                    Err(Failure::Refused(Problem::OpenConflicts { count })) => {
                        outcome.open_conflicts = count;
                        outcome.asked = Some(PurgeScope::TrashedUpTo(up_to));
                    }
                    Err(failure) => outcome.stopped = Some(failure),
                }
            }
            PurgeScope::Items(items) => self.items_one_by_one(items, &mut outcome).await,
        }
        self.current.input(Input::PullWanted);
        outcome
    }

    async fn items_one_by_one(&self, items: Vec<ItemId>, outcome: &mut Purged) {
        let api = self.current.api();
        let mut asked = Vec::new();
        for id in items {
            let place_version = self
                .tree
                .with_untracked(|tree| tree.get(id).map(|item| item.place_version));
            // It is gone already.
            let Some(base_place_version) = place_version else {
                continue;
            };
            let body = DeleteForGood {
                operation_id: operation(),
                base_place_version,
                with_open_conflicts: self.with_open_conflicts,
            };
            let one = self.to_the_end(outcome, async || api.delete_for_good(id, &body).await);
            match one.await {
                Ok(()) => {}
                Err(Failure::Refused(Problem::OpenConflicts { count })) => {
                    outcome.open_conflicts += count;
                    asked.push(id);
                }
                // Somebody else was faster.
                Err(Failure::Refused(Problem::NoSuchItem)) => {}
                Err(
                    failure @ Failure::Refused(Problem::PlaceConflict { .. } | Problem::NotInTrash),
                ) => {
                    outcome.refused.push((id, failure));
                }
                Err(failure) => {
                    outcome.stopped = Some(failure);
                    break;
                }
            }
        }
        outcome.asked = (!asked.is_empty()).then_some(PurgeScope::Items(asked));
    }

    /// The server does a part of it for each request.
    async fn to_the_end(
        &self,
        outcome: &mut Purged,
        ask: impl AsyncFn() -> Result<DeletedForGood, Failure>,
    ) -> Result<(), Failure> {
        loop {
            let part = self.current.patiently(&ask).await?;
            outcome.deleted += part.deleted;
            outcome.freed_bytes += part.freed_bytes;
            self.deleted
                .try_update(|deleted| *deleted = outcome.deleted);
            if part.done {
                return Ok(());
            }
        }
    }
}

fn operation() -> OperationId {
    OperationId::from_random(random::id_bytes())
}
