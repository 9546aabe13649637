//! What the engine tells, in words for people. What a row of the panel or the
//! dialog about a conflict says is not said twice.

use crate::refusals::InWords;
use crate::words::{say, t};
use protocol::ids::ItemId;
use protocol::problem::Problem;
use sync::Engine;
use sync::edit::{Edit, Trouble};
use sync::message::Notice;
use sync::place::Place;
use sync::tree::Tree;

/// What is said, and what ends with it.
#[derive(Debug, PartialEq, Eq)]
pub struct Words {
    pub text: String,
    /// Its edit can't be carried out, and is given up.
    pub given_up: Option<ItemId>,
}

impl From<String> for Words {
    fn from(text: String) -> Self {
        let given_up = None;
        Self { text, given_up }
    }
}

/// The words for a notice; `None` if something else says it.
pub fn words(tree: &Tree, engine: &Engine, notice: &Notice) -> Option<Words> {
    let name = |item: &ItemId| name_of(tree, *item);
    let text = match notice {
        // The dialog asks; the panel says; the sign-in page says.
        Notice::Conflicted { .. }
        | Notice::Withdrawn { .. }
        | Notice::SignedOut
        | Notice::Unchanged { .. } => return None,
        Notice::MergeStopped { trouble, .. } => merge_stopped(trouble),
        Notice::NotReopened { problem, .. } => {
            say!(
                "The decision could not be taken back: {why}",
                why = problem.in_words()
            )
        }
        Notice::PlaceLost {
            item,
            wanted,
            problem,
        } => place_lost(&name(item), wanted, problem),
        Notice::TrashLost { item, problem } => {
            let name = name(item);
            say!(
                "“{name}” stays where it is: {why}",
                name,
                why = problem.in_words()
            )
        }
        Notice::SavedAsNew { new, .. } => say!(
            "“{name}” went away while you changed it. Your version is saved as a new file",
            name = name(new)
        ),
        Notice::Renamed { from, to, .. } => {
            say!(
                "There was something named “{from}” already, so yours is “{to}”",
                from,
                to
            )
        }
        Notice::ChoiceOutdated { problem, .. } => say!(
            "Your choice was not carried out: {why}. Look at both versions again",
            why = problem.in_words()
        ),
        Notice::NotKept { item } => say!(
            "This browser has no room to keep “{name}”. Leave the page open until it is sent",
            name = name(item)
        ),
        Notice::Stuck { item } => return stuck(tree, engine, *item),
    };
    Some(text.into())
}

fn place_lost(name: &str, wanted: &Place, problem: &Problem) -> String {
    match problem {
        Problem::PlaceConflict { .. } => say!(
            "Somebody else changed “{name}” first, so it was not renamed or moved",
            name
        ),
        Problem::NameTaken { .. } => say!(
            "There is something named “{wanted}” already, so “{name}” was not renamed or moved",
            wanted = wanted.name,
            name
        ),
        other => say!(
            "“{name}” was not renamed or moved: {why}",
            name,
            why = other.in_words()
        ),
    }
}

fn merge_stopped(trouble: &Trouble) -> String {
    match trouble {
        Trouble::Refused {
            problem: Problem::VersionConflict { committed, .. },
        } => say!(
            "{user} on {device} changed the file while you merged. Your merge is kept: look at it again",
            user = committed.user_name,
            device = committed.device_name
        ),
        Trouble::Refused { problem } => {
            say!(
                "Your merge was not saved: {why}. It is kept",
                why = problem.in_words()
            )
        }
        Trouble::BytesGone | Trouble::KeepsChanging => {
            t("This browser has lost your merge before it was sent. Please merge again").to_owned()
        }
    }
}

/// Whether a notice is about an item whose content was refused because the drive is full.
pub fn is_full(engine: &Engine, notice: &Notice) -> bool {
    let Notice::Stuck { item } = notice else {
        return false;
    };
    let edit = engine.trees().edit(*item);
    let is_full = |problem: &Problem| {
        matches!(
            problem,
            Problem::QuotaExceeded { .. } | Problem::LimitReached { .. }
        )
    };
    edit.filter(|edit| edit.draft().is_some_and(|draft| draft.copy_of.is_none()))
        .is_some_and(
            |edit| matches!(&edit.trouble, Some(Trouble::Refused { problem }) if is_full(problem)),
        )
}

/// The panel offers a way on for what has content. Anything else ends here.
fn stuck(tree: &Tree, engine: &Engine, item: ItemId) -> Option<Words> {
    let edit: &Edit = engine.trees().edit(item)?;
    let is_copy = edit.draft().is_some_and(|draft| draft.copy_of.is_some());
    let name = name_of(tree, item);
    let text = match &edit.trouble {
        Some(Trouble::Refused { problem }) if is_copy => {
            say!(
                "“{name}” was not made: {why}",
                name,
                why = problem.in_words()
            )
        }
        Some(Trouble::BytesGone) if is_copy => {
            say!(
                "“{name}” was not made: the server has lost bytes of it",
                name
            )
        }
        // It can't be made, and what is in it stands nowhere else: it stays where
        // the person sees it, to be moved or trashed.
        Some(Trouble::Refused { problem })
            if edit.is_new && !engine.trees().edits_below(item).is_empty() =>
        {
            let text = say!(
                "The folder “{name}” was not made, with all in it: {why}",
                name,
                why = problem.in_words()
            );
            return Some(text.into());
        }
        Some(Trouble::Refused { problem }) if edit.draft().is_none() => {
            say!(
                "“{name}” was not changed: {why}",
                name,
                why = problem.in_words()
            )
        }
        _ => return None,
    };
    let given_up = Some(item);
    Some(Words { text, given_up })
}

fn name_of(tree: &Tree, item: ItemId) -> String {
    tree.get(item)
        .map_or_else(|| t("A file").to_owned(), |item| item.name.to_string())
}
