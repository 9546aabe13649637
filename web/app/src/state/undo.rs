//! What a person did to items in this tab, so that they can take it back. It is in the
//! page's memory, for each root.

use protocol::ids::ItemId;
use protocol::items::Item;
use sync::place::Place;

/// Steps that are remembered; older ones are forgotten.
const MOST_STEPS: usize = 100;

/// Where an item is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Spot {
    pub place: Place,
    /// Whether the item itself is in the trash.
    pub trashed: bool,
}

impl Spot {
    pub fn of(item: &Item) -> Self {
        Self {
            place: Place {
                parent: item.parent,
                name: item.name.clone(),
            },
            trashed: item.trashed_at_ms.is_some(),
        }
    }

    /// The same place, in the trash or out of it.
    #[must_use]
    pub fn trashed(self, trashed: bool) -> Self {
        Self { trashed, ..self }
    }
}

/// From where to where one item went.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Went {
    pub item: ItemId,
    pub from: Spot,
    pub to: Spot,
}

/// What a step did with all its items.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Deed {
    Renamed,
    Moved,
    Trashed,
    Restored,
    /// A folder without anything in it was made. It counts as having been in the trash
    /// before.
    MadeFolder,
    /// The same of copies, with what is in them.
    Copied,
}

/// Names a step, among those of all roots.
pub type StepId = u64;

/// What a person did at one time.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Step {
    pub id: StepId,
    pub deed: Deed,
    pub went: Vec<Went>,
}

/// The steps that can be taken back, and those that were.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Steps {
    done: Vec<Step>,
    undone: Vec<Step>,
}

impl Steps {
    /// The person did something: what was taken back before can't be done again.
    pub fn did(&mut self, step: Step) {
        self.undone.clear();
        self.redid(step);
    }

    /// What was taken back is done again.
    pub fn redid(&mut self, step: Step) {
        self.done.push(step);
        let surplus = self.done.len().saturating_sub(MOST_STEPS);
        self.done.drain(..surplus);
    }

    /// A step was taken back.
    pub fn undid(&mut self, step: Step) {
        self.undone.push(step);
    }

    /// The step to be taken back, the newest if none is named. It is not remembered any
    /// more.
    pub fn take_done(&mut self, which: Option<StepId>) -> Option<Step> {
        match which {
            None => self.done.pop(),
            Some(id) => {
                let at = self.done.iter().position(|step| step.id == id)?;
                Some(self.done.remove(at))
            }
        }
    }

    /// The step to be done again.
    pub fn take_undone(&mut self) -> Option<Step> {
        self.undone.pop()
    }

    /// Whether there is something to be taken back.
    pub fn has_done(&self) -> bool {
        !self.done.is_empty()
    }

    /// Whether there is something to be done again.
    pub fn has_undone(&self) -> bool {
        !self.undone.is_empty()
    }

    /// Whether this step can be taken back.
    pub fn has(&self, id: StepId) -> bool {
        self.done.iter().any(|step| step.id == id)
    }
}

#[cfg(test)]
mod tests {
    use super::{Deed, MOST_STEPS, Step, Steps};

    fn step(id: u64) -> Step {
        Step {
            id,
            deed: Deed::Moved,
            went: Vec::new(),
        }
    }

    #[test]
    fn the_newest_step_is_taken_back_first_and_done_again_last() {
        let mut steps = Steps::default();
        (1..=3).for_each(|id| steps.did(step(id)));
        for id in [3, 2] {
            let undone = steps.take_done(None).unwrap();
            assert_eq!(undone.id, id);
            steps.undid(undone);
        }
        let again = steps.take_undone().unwrap();
        assert_eq!(again.id, 2);
        steps.redid(again);
        assert_eq!(steps.take_undone().map(|step| step.id), Some(3));
        assert_eq!(steps.take_undone(), None);
    }

    #[test]
    fn whoever_does_something_else_can_not_do_again_what_was_taken_back() {
        let mut steps = Steps::default();
        steps.did(step(1));
        let undone = steps.take_done(None).unwrap();
        steps.undid(undone);
        steps.did(step(2));
        assert_eq!(steps.take_undone(), None);
        assert!(steps.has(2) && !steps.has(1));
    }

    #[test]
    fn a_step_is_taken_back_out_of_its_turn_once() {
        let mut steps = Steps::default();
        (1..=3).for_each(|id| steps.did(step(id)));
        assert_eq!(steps.take_done(Some(2)).map(|step| step.id), Some(2));
        assert_eq!(steps.take_done(Some(2)), None);
        assert_eq!(steps.take_done(None).map(|step| step.id), Some(3));
        assert_eq!(steps.take_done(None).map(|step| step.id), Some(1));
    }

    #[test]
    fn the_oldest_steps_are_forgotten() {
        let mut steps = Steps::default();
        (0..MOST_STEPS as u64 + 5).for_each(|id| steps.did(step(id)));
        assert!(!steps.has(4) && steps.has(5));
    }
}
