//! Carries a plan out, in requests for many items.

use super::plan::{Act, Plan, Stay, Step, Why};
use crate::failure::Failure;
use protocol::ids::{ItemId, OperationId, Seq};
use protocol::items::{ChangePlace, ChangeTrashed, ItemChange, ItemChanged, PlaceChange};
use protocol::limits::{MAX_BATCH_FILES, MAX_BATCH_ITEMS};
use protocol::past::{Past, Revert};
use protocol::problem::Problem;
use std::collections::HashSet;

/// How often the same request is sent while the server leaves the same changes undone.
const MOST_TRIES: u32 = 5;

/// What it needs of the server. Whoever implements it asks again where an answer is lost: a
/// repeat of the same request is harmless.
#[allow(async_fn_in_trait, reason = "there is one thread")]
pub trait Server {
    /// A page of what is otherwise now, after an entry of the journal.
    async fn past(&self, after: Option<Seq>) -> Result<Past, Failure>;

    /// Changes places, up to [`MAX_BATCH_ITEMS`].
    async fn change_items(
        &self,
        changes: &[ItemChange],
    ) -> Result<Vec<Result<ItemChanged, Problem>>, Failure>;

    /// Makes old versions the newest, up to [`MAX_BATCH_FILES`].
    async fn revert(&self, files: &[Revert]) -> Result<Vec<Result<ItemChanged, Problem>>, Failure>;

    /// The id of a new operation.
    fn operation(&self) -> OperationId;
}

/// Looks on while it goes on.
pub trait Watch {
    /// Whether the person wants no more to be done.
    fn is_stopped(&self) -> bool;

    /// So many steps more have an end.
    fn went_on(&self, steps: usize);
}

/// What became of a plan.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Outcome {
    /// What was brought back or taken out.
    pub done: HashSet<ItemId>,
    /// What stays as it is, with what the plan has left.
    pub stays: Vec<Stay>,
    /// Whether the person has stopped it.
    pub is_stopped: bool,
    /// Why nothing more was asked for.
    pub failed: Option<Failure>,
}

/// All that is otherwise now, page by page; the first page without its entries, and those of
/// all pages. `told` learns how many there are so far. If the server comes to know less of
/// the past meanwhile, all pages are of the later time that it tells of then.
///
/// # Errors
/// The server refuses, or can't be reached.
pub async fn ask(
    server: &impl Server,
    told: impl Fn(usize),
) -> Result<(Past, Vec<protocol::past::PastItem>), Failure> {
    'anew: loop {
        let mut first = server.past(None).await?;
        let mut entries = std::mem::take(&mut first.entries);
        let mut next = first.next_after;
        while let Some(after) = next {
            told(entries.len());
            let page = server.past(Some(after)).await?;
            if page.at_ms != first.at_ms {
                continue 'anew;
            }
            entries.extend(page.entries);
            next = page.next_after;
        }
        return Ok((first, entries));
    }
}

/// Carries it out until the end, or until it is stopped or something fails: what was done
/// until then stays done.
pub async fn run(server: &impl Server, plan: Plan, watch: &impl Watch) -> Outcome {
    let mut run = Run {
        server,
        watch,
        outcome: Outcome {
            stays: plan.stays,
            ..Outcome::default()
        },
    };
    let refused = run.steps(plan.files_out, MAX_BATCH_ITEMS).await;
    run.stay(refused);
    let mut refused = Vec::new();
    for level in plan.places {
        refused.extend(run.steps(level, MAX_BATCH_ITEMS).await);
    }
    let refused = run.again(refused).await;
    let in_trash: HashSet<ItemId> = refused.iter().filter_map(in_trash).collect();
    match refused.is_empty() {
        true => {
            let refused = run.steps(plan.folders_out, MAX_BATCH_ITEMS).await;
            run.stay(refused);
        }
        false => run.hold(plan.folders_out),
    }
    run.stay(refused);
    let (contents, lost) = plan
        .contents
        .into_iter()
        .partition(|step| !in_trash.contains(&step.item));
    run.pass_over(lost);
    let refused = run.steps(contents, MAX_BATCH_FILES).await;
    run.stay(refused);
    run.outcome
}

/// A step that was refused, and why.
type Refused = (Step, Problem);

/// The item of a refused step, if it is in the trash still.
fn in_trash((step, _): &Refused) -> Option<ItemId> {
    match step.act {
        Act::Place {
            from_trash: true, ..
        } => Some(step.item),
        _ => None,
    }
}

struct Run<'a, S, W> {
    server: &'a S,
    watch: &'a W,
    outcome: Outcome,
}

impl<S: Server, W: Watch> Run<'_, S, W> {
    fn has_ended(&mut self) -> bool {
        self.outcome.is_stopped |= self.watch.is_stopped();
        self.outcome.is_stopped || self.outcome.failed.is_some()
    }

    /// Takes steps of one kind that do not wait for each other. Returns those that were
    /// refused.
    async fn steps(&mut self, steps: Vec<Step>, most: usize) -> Vec<Refused> {
        let mut refused = Vec::new();
        for steps in steps.chunks(most) {
            if let Some(more) = self.some(steps).await {
                refused.extend(more);
                self.watch.went_on(steps.len());
            }
        }
        refused
    }

    /// Takes steps of places again, as long as that helps: something else that comes back may
    /// have had the name until then, or have been the folder with which it was in the trash.
    async fn again(&mut self, mut refused: Vec<Refused>) -> Vec<Refused> {
        loop {
            let may_go = |(_, problem): &Refused| {
                matches!(problem, Problem::NameTaken { .. } | Problem::InTrash)
            };
            let (again, mut left): (Vec<Refused>, Vec<Refused>) =
                refused.into_iter().partition(may_go);
            let steps: Vec<Step> = again.iter().map(|(step, _)| step.clone()).collect();
            let mut still = Vec::new();
            for (nth, steps) in steps.chunks(MAX_BATCH_ITEMS).enumerate() {
                match self.some(steps).await {
                    Some(more) => still.extend(more),
                    None => still.extend(again.iter().skip(nth * MAX_BATCH_ITEMS).cloned()),
                }
                if self.has_ended() {
                    break;
                }
            }
            let helped = still.len() < again.len();
            left.extend(still);
            refused = left;
            if !helped {
                return refused;
            }
        }
    }

    /// One request of steps; `None` if nothing was asked, or nobody knows what became of it.
    async fn some(&mut self, steps: &[Step]) -> Option<Vec<Refused>> {
        if self.has_ended() {
            return None;
        }
        match self.send(steps).await {
            Ok(ends) => {
                let mut refused = Vec::new();
                for (step, end) in steps.iter().zip(ends) {
                    match end {
                        Ok(_) => drop(self.outcome.done.insert(step.item)),
                        Err(problem) => refused.push((step.clone(), problem)),
                    }
                }
                Some(refused)
            }
            Err(failure) => {
                self.outcome.failed = Some(failure);
                None
            }
        }
    }

    /// Sends them until each has an end.
    async fn send(&self, steps: &[Step]) -> Result<Vec<Result<ItemChanged, Problem>>, Failure> {
        let operations: Vec<OperationId> = steps.iter().map(|_| self.server.operation()).collect();
        let mut ends: Vec<Result<ItemChanged, Problem>> =
            steps.iter().map(|_| Err(Problem::Unavailable)).collect();
        let (mut tries, mut open) = (0, usize::MAX);
        loop {
            let waiting: Vec<usize> = ends
                .iter()
                .enumerate()
                .filter(|(_, end)| matches!(end, Err(Problem::Unavailable)))
                .map(|(index, _)| index)
                .collect();
            tries = if waiting.len() < open { 0 } else { tries + 1 };
            open = waiting.len();
            if waiting.is_empty() || tries >= MOST_TRIES {
                return Ok(ends);
            }
            let wanted = waiting
                .iter()
                .map(|&index| (&steps[index], operations[index]));
            let answers = self.request(wanted).await?;
            for (index, answer) in waiting.into_iter().zip(answers) {
                ends[index] = answer;
            }
        }
    }

    /// One request, for steps that are all of contents or all of places.
    async fn request(
        &self,
        steps: impl Iterator<Item = (&Step, OperationId)>,
    ) -> Result<Vec<Result<ItemChanged, Problem>>, Failure> {
        let (mut files, mut places) = (Vec::new(), Vec::new());
        for (step, operation_id) in steps {
            match change(step, operation_id) {
                Change::Content(revert) => files.push(revert),
                Change::Place(change) => places.push(change),
            }
        }
        match places.is_empty() {
            true => self.server.revert(&files).await,
            false => self.server.change_items(&places).await,
        }
    }

    fn stay(&mut self, refused: Vec<Refused>) {
        let stays = refused.into_iter().map(|(step, problem)| Stay {
            item: step.item,
            name: step.name,
            why: Why::Refused(problem),
        });
        self.outcome.stays.extend(stays);
    }

    fn hold(&mut self, folders: Vec<Step>) {
        self.watch.went_on(folders.len());
        let stays = folders.into_iter().map(|step| Stay {
            item: step.item,
            name: step.name,
            why: Why::Holds,
        });
        self.outcome.stays.extend(stays);
    }

    /// Their items stay for another reason, which is told already.
    fn pass_over(&self, steps: Vec<Step>) {
        self.watch.went_on(steps.len());
    }
}

enum Change {
    Content(Revert),
    Place(ItemChange),
}

fn change(step: &Step, operation_id: OperationId) -> Change {
    let item = step.item;
    let to = match &step.act {
        Act::Content { version, base, .. } => {
            return Change::Content(Revert {
                operation_id,
                item,
                version: *version,
                base_version: *base,
            });
        }
        Act::Trash { base } => PlaceChange::Trash(ChangeTrashed::new(operation_id, *base)),
        Act::Place {
            parent,
            name,
            from_trash: true,
            base,
        } => PlaceChange::Restore(ChangeTrashed {
            parent: Some(*parent),
            name: Some(name.clone()),
            ..ChangeTrashed::new(operation_id, *base)
        }),
        Act::Place {
            parent, name, base, ..
        } => PlaceChange::Move(ChangePlace {
            operation_id,
            base_place_version: *base,
            parent: *parent,
            name: name.clone(),
        }),
    };
    Change::Place(ItemChange { item, to })
}
