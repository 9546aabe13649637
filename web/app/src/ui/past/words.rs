//! What is done and what stays, in words.

use crate::commands::{PastAct, PastPlan, PastStep, Why};
use crate::refusals::InWords;
use crate::words::{say_many, t};
use protocol::problem::Problem;
use protocol::units::grouped;

/// A number of things that are named elsewhere.
pub fn count_only(number: usize) -> String {
    grouped(number as u64)
}

/// What is done, as it is told.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Kind {
    Content,
    Restored,
    Placed,
    Trashed,
}

impl Kind {
    pub fn of(step: &PastStep) -> Self {
        match step.act {
            PastAct::Content { .. } => Self::Content,
            PastAct::Place {
                from_trash: true, ..
            } => Self::Restored,
            PastAct::Place { .. } => Self::Placed,
            PastAct::Trash { .. } => Self::Trashed,
        }
    }

    pub fn name(self) -> &'static str {
        match self {
            Self::Content => "content",
            Self::Restored => "restored",
            Self::Placed => "placed",
            Self::Trashed => "trashed",
        }
    }

    /// What is done with so many.
    pub fn words(self, number: usize) -> String {
        match self {
            Self::Content => say_many!(
                number,
                "1 file gets back what it held",
                "{n} files get back what they held"
            ),
            Self::Restored => say_many!(
                number,
                "1 item comes out of the trash",
                "{n} items come out of the trash"
            ),
            Self::Placed => say_many!(
                number,
                "1 item is moved or renamed back",
                "{n} items are moved or renamed back"
            ),
            Self::Trashed => say_many!(
                number,
                "1 item goes to the trash",
                "{n} items go to the trash"
            ),
        }
    }
}

/// Of which files a version is brought back that may not be just what they held.
pub fn nearest(plan: &PastPlan) -> Option<String> {
    let is_near = |step: &&PastStep| {
        matches!(
            step.act,
            PastAct::Content {
                is_exact: false,
                ..
            }
        )
    };
    let near = plan.contents.iter().filter(is_near).count();
    match near {
        0 => None,
        many => Some(say_many!(
            many,
            "Of 1 file, the version of just that time is not kept any more: it gets the nearest before it.",
            "Of {n} files, the version of just that time is not kept any more: they get the nearest before it."
        )),
    }
}

/// Why something stays, behind a colon.
pub fn why(why: &Why) -> String {
    match why {
        Why::Came => t("not here then").to_owned(),
        Why::InConflict => t("somebody has to decide on a conflict first").to_owned(),
        Why::Gone => t("deleted for good, or elsewhere and not for you to see").to_owned(),
        Why::NotKept => t("no version from then or before is kept").to_owned(),
        Why::Untold => t("it is not known where it stood").to_owned(),
        Why::Holds => {
            t("a new folder, with something in it that could not be taken out").to_owned()
        }
        Why::Refused(Problem::NameTaken { .. }) => {
            t("something else has the name there now").to_owned()
        }
        Why::Refused(Problem::VersionConflict { .. } | Problem::PlaceConflict { .. }) => {
            t("somebody has changed it in the meantime").to_owned()
        }
        Why::Refused(Problem::NoSuchItem) => {
            t("it, or the folder that it was in, is gone").to_owned()
        }
        Why::Refused(Problem::NoSuchVersion) => t("that version is not kept any more").to_owned(),
        Why::Refused(Problem::InTrash) => {
            t("it, or the folder that it was in, is in the trash").to_owned()
        }
        Why::Refused(problem) => problem.in_words(),
    }
}

#[cfg(test)]
mod tests {
    use super::{Kind, nearest, why};
    use crate::commands::{PastAct, PastPlan, PastStep, Why};
    use protocol::ids::ItemId;
    use protocol::problem::Problem;

    fn step(act: PastAct) -> PastStep {
        PastStep {
            item: ItemId::from_random([1; 16]),
            name: "a".to_owned(),
            act,
        }
    }

    fn content(is_exact: bool) -> PastStep {
        step(PastAct::Content {
            version: 1,
            base: 2,
            is_exact,
        })
    }

    #[test]
    fn what_is_done_is_said_by_kinds_with_true_counts() {
        assert_eq!(Kind::of(&content(true)), Kind::Content);
        assert_eq!(Kind::of(&step(PastAct::Trash { base: 1 })), Kind::Trashed);
        assert_eq!(Kind::Content.words(1), "1 file gets back what it held");
        assert_eq!(
            Kind::Placed.words(12_000),
            "12,000 items are moved or renamed back"
        );
    }

    #[test]
    fn what_is_not_just_what_was_there_is_told() {
        let mut plan = PastPlan::default();
        plan.contents.push(content(true));
        assert_eq!(nearest(&plan), None);
        plan.contents.push(content(false));
        assert!(nearest(&plan).unwrap().starts_with("Of 1 file,"));
    }

    #[test]
    fn each_reason_is_said_once_for_all_that_it_holds_for() {
        let id = ItemId::from_random([2; 16]);
        let other = ItemId::from_random([3; 16]);
        let taken = |item| why(&Why::Refused(Problem::NameTaken { item }));
        assert_eq!(taken(id), taken(other));
        assert_ne!(why(&Why::Gone), why(&Why::NotKept));
    }
}
