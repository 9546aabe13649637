//! What becomes of an edit that the server has refused, once the feed has told
//! why: a pure function of the edit, the refusal and the remote tree.
//!
//! Only the server's answer to the edit's own operation decides that it came
//! second. What the feed says may be this very edit, whose answer was lost.

use super::edit::{Aspect, Draft, Edit};
use super::free::free_name;
use super::ids::Nonce;
use super::message::{CopyLabel, Notice};
use super::place::Place;
use super::plan::restored_to;
use super::task::{Second, SentRequest};
use super::trees::Trees;
use protocol::ids::{ItemId, Version};
use protocol::items::Item;
use protocol::name::Name;
use protocol::problem::Problem;

/// The name of an edit that has none left: the edit of a copy whose file was deleted
/// for good, after a restart.
const NAMELESS: &str = "Saved edit";
/// How often a move to or from the trash is tried against a place that others
/// keep changing.
const MAX_TRASH_REFUSALS: u32 = 5;
/// How many refusals in a row say that an item was made already, and how many pulls do not
/// show it, before it is taken to be out of sight: a tab that follows another one may ask
/// before that one has pulled.
const UNSEEN_REFUSALS: u32 = 5;

/// What to do about a refusal.
#[derive(Clone, Debug, PartialEq)]
#[allow(missing_docs, reason = "each variant says what its fields are")]
pub enum Rebased {
    /// Nothing that is known explains the refusal: send the same again, later.
    Again,
    /// The edit becomes this one; ask the server anew.
    Changed {
        edit: Box<Edit>,
        told: Option<Notice>,
    },
    /// The content came second: keep it as a conflict, unless the file holds
    /// the same at `version`.
    Second { second: Second, version: Version },
    /// The item is on the server already, with this place version; its content
    /// may be what is wanted.
    Exists,
    /// The content, or the folder with what is to go into it, goes on as a new item, the
    /// rest of the edit as it is.
    Instead { rest: Box<Edit>, new: Box<Edit> },
    /// The new folder exists already: what goes into the new one goes there.
    Merge { into: ItemId },
}

/// Decides what becomes of an edit of which `sent` was refused with `problem`.
/// `explained` counts the refusals in a row after which the feed was read; `copy` is for the
/// name of a copy.
pub fn rebase(
    trees: &Trees,
    edit: &Edit,
    sent: SentRequest,
    problem: &Problem,
    explained: u32,
    copy: &CopyLabel,
) -> Rebased {
    match sent {
        SentRequest::Create { .. } => of_create(trees, edit, problem, explained, copy),
        SentRequest::Commit { nonce, .. } | SentRequest::KeepConflict { nonce } => {
            of_content(trees, edit, nonce, problem)
        }
        SentRequest::Place { .. } => of_place(trees, edit, problem),
        SentRequest::Trashed { .. } => of_trashed(trees, edit, problem, explained),
        _ => Rebased::Again,
    }
}

fn of_create(
    trees: &Trees,
    edit: &Edit,
    problem: &Problem,
    explained: u32,
    copy: &CopyLabel,
) -> Rebased {
    let Some(place) = &edit.place else {
        return Rebased::Again;
    };
    match problem {
        Problem::IdTaken if trees.remote(edit.item).is_some() => Rebased::Exists,
        Problem::IdTaken if explained < UNSEEN_REFUSALS => Rebased::Again,
        Problem::IdTaken => of_unseen(trees, edit, place),
        Problem::DeletedForGood => match &edit.content {
            Some(part) => of_deleted(trees, edit, part),
            // The folder existed, and somebody wanted it gone: nothing is in it.
            None => Rebased::Changed {
                edit: Box::new(Edit {
                    is_new: false,
                    place: None,
                    trashed: None,
                    ..edit.clone()
                }),
                told: None,
            },
        },
        Problem::NameTaken { item } => {
            match trees.child_named(place.wanted.parent, &place.wanted.name) {
                Some(rival) if rival.id != edit.item => of_rival(trees, edit, place, rival, copy),
                None if is_hidden(trees, *item) => under_another_name(trees, edit, place, copy),
                _ => Rebased::Again,
            }
        }
        _ => {
            let parent = trees.nearest_live(place.wanted.parent);
            if parent == place.wanted.parent {
                return Rebased::Again;
            }
            let wanted = Place {
                parent,
                name: place.wanted.name.clone(),
            };
            with_place(edit, place, wanted, None)
        }
    }
}

/// Two items were made under one name. Two files are two versions that both started
/// from nothing. Two folders are one. If they are of different kinds, the second gets
/// another name.
fn of_rival(
    trees: &Trees,
    edit: &Edit,
    place: &Aspect<Place>,
    rival: &Item,
    copy: &CopyLabel,
) -> Rebased {
    match (edit.content.is_some(), rival.file.as_ref()) {
        (true, Some(head)) => Rebased::Second {
            second: Second {
                item: rival.id,
                base: 0,
            },
            version: head.version,
        },
        (false, None) if rival.is_folder() => Rebased::Merge { into: rival.id },
        _ => under_another_name(trees, edit, place, copy),
    }
}

/// Whether what has a name is not there for whoever asks: in what is shared, its owner may
/// have a mount, which nobody else sees.
fn is_hidden(trees: &Trees, rival: ItemId) -> bool {
    trees.remote(rival).is_none()
}

fn under_another_name(
    trees: &Trees,
    edit: &Edit,
    place: &Aspect<Place>,
    copy: &CopyLabel,
) -> Rebased {
    let wanted = free_place(trees, &place.wanted, copy);
    let told = Notice::Renamed {
        item: edit.item,
        from: place.wanted.name.clone(),
        to: wanted.name.clone(),
    };
    with_place(edit, place, wanted, Some(told))
}

fn with_place(edit: &Edit, part: &Aspect<Place>, wanted: Place, told: Option<Notice>) -> Rebased {
    let place = Some(Aspect {
        wanted,
        ..part.clone()
    });
    Rebased::Changed {
        edit: Box::new(Edit {
            place,
            ..edit.clone()
        }),
        told,
    }
}

/// The first name beside the taken one that is free.
fn free_place(trees: &Trees, taken: &Place, copy: &CopyLabel) -> Place {
    let parent = taken.parent;
    let name = free_name(
        |name| trees.child_named(parent, name).is_none(),
        |nth| taken.name.conflicted_copy(&copy.device, &copy.date, nth),
    );
    Place { parent, name }
}

fn of_content(trees: &Trees, edit: &Edit, nonce: Nonce, problem: &Problem) -> Rebased {
    let Some(part) = edit.content.as_ref().filter(|part| part.nonce == nonce) else {
        return Rebased::Again;
    };
    match problem {
        Problem::VersionConflict { .. } => match trees.remote(edit.item) {
            Some(item) if item.version() > part.base => Rebased::Second {
                second: Second {
                    item: edit.item,
                    base: part.base,
                },
                version: item.version(),
            },
            _ => Rebased::Again,
        },
        _ if trees.is_live(edit.item) => Rebased::Again,
        // What it came second to was deleted for good: its name may be free.
        _ if edit.is_new => Rebased::Again,
        _ => instead(trees, edit, part),
    }
}

/// The item was made, its answer was lost, and somebody has deleted it for good since:
/// it is made anew under another id.
fn of_deleted(trees: &Trees, edit: &Edit, part: &Aspect<Draft, Version>) -> Rebased {
    match instead(trees, edit, part) {
        Rebased::Instead { mut rest, mut new } => {
            rest.place = None;
            rest.is_new = false;
            new.trashed = rest.trashed.take();
            Rebased::Instead { rest, new }
        }
        other => other,
    }
}

/// The item was made, its answer was lost, and the folder that it was made in has been moved
/// out of what is shared since, while the edit wants it elsewhere: it is made anew under
/// another id.
fn of_unseen(trees: &Trees, edit: &Edit, place: &Aspect<Place>) -> Rebased {
    if let Some(part) = &edit.content {
        return of_deleted(trees, edit, part);
    }
    let mut new = Edit::new(place.nonce.item_instead_of(edit.item), edit.order, true);
    new.place = Some(place.clone());
    new.trashed = edit.trashed.clone();
    Rebased::Instead {
        rest: Box::new(Edit::new(edit.item, edit.order, false)),
        new: Box::new(new),
    }
}

/// The file was deleted while it was edited: the edit becomes a new file in the nearest
/// folder that still exists.
fn instead(trees: &Trees, edit: &Edit, part: &Aspect<Draft, Version>) -> Rebased {
    let remote = trees.remote(edit.item);
    let wanted = edit.place.as_ref().map(|part| part.wanted.clone());
    let there = wanted.or_else(|| {
        remote.map(|item| Place {
            parent: item.parent,
            name: item.name.clone(),
        })
    });
    let stood = trees
        .entry(edit.item)
        .and_then(|entry| entry.stood.as_deref().cloned());
    let place = there.or(stood).or_else(|| {
        // All that is left here is the name that the file had where it came from; a
        // copy has not even that.
        let own = Name::parse(&part.wanted.file_name);
        let name = own.or_else(|_| Name::parse(NAMELESS)).ok()?;
        Some(Place { parent: None, name })
    });
    let Some(place) = place else {
        return Rebased::Again;
    };
    // The new id is made from the old one, which may have been made in the same way
    // and be deleted by now.
    let id = part.nonce.item_instead_of(edit.item);
    let mut new = Edit::new(id, edit.order, true);
    let wanted = Place {
        parent: trees.nearest_live(place.parent),
        name: place.name,
    };
    new.place = Some(part.with(0, wanted));
    new.content = Some(Aspect {
        base: 0,
        ..part.clone()
    });
    new.later = edit.later.clone();
    let rest = Edit {
        content: None,
        later: Vec::new(),
        ..edit.clone()
    };
    Rebased::Instead {
        rest: Box::new(rest),
        new: Box::new(new),
    }
}

fn of_place(trees: &Trees, edit: &Edit, problem: &Problem) -> Rebased {
    let Some(part) = &edit.place else {
        return Rebased::Again;
    };
    let without = Edit {
        place: None,
        ..edit.clone()
    };
    let remote = trees.remote(edit.item);
    let is_there = remote
        .is_some_and(|item| item.parent == part.wanted.parent && item.name == part.wanted.name);
    let explained = match problem {
        Problem::PlaceConflict { .. } => remote.is_none_or(|item| item.place_version != part.base),
        Problem::NameTaken { item } => {
            let rival = trees.child_named(part.wanted.parent, &part.wanted.name);
            rival.is_some() || is_hidden(trees, *item)
        }
        // The item or the folder it should go to is gone.
        Problem::InTrash | Problem::NoSuchItem => {
            let folder = part.wanted.parent;
            !trees.is_live(edit.item) || folder.is_some_and(|id| !trees.is_live(id))
        }
        _ => true,
    };
    if !explained {
        return Rebased::Again;
    }
    let told = (!is_there).then(|| Notice::PlaceLost {
        item: edit.item,
        wanted: part.wanted.clone(),
        problem: problem.clone(),
    });
    Rebased::Changed {
        edit: Box::new(without),
        told,
    }
}

fn of_trashed(trees: &Trees, edit: &Edit, problem: &Problem, explained: u32) -> Rebased {
    let Some(part) = &edit.trashed else {
        return Rebased::Again;
    };
    let without = Edit {
        trashed: None,
        ..edit.clone()
    };
    let lost = |edit: Edit| Rebased::Changed {
        told: Some(Notice::TrashLost {
            item: edit.item,
            problem: problem.clone(),
        }),
        edit: Box::new(edit),
    };
    let Some(remote) = trees.remote(edit.item) else {
        return lost(without);
    };
    if remote.trashed_at_ms.is_some() == part.wanted {
        return Rebased::Changed {
            edit: Box::new(without),
            told: None,
        };
    }
    match problem {
        // Somebody renamed the item. That does not change what was meant.
        Problem::PlaceConflict { .. } if explained <= MAX_TRASH_REFUSALS => {
            let mut edit = Box::new(edit.clone());
            edit.trashed = Some(Aspect {
                base: remote.place_version,
                ..part.clone()
            });
            Rebased::Changed { edit, told: None }
        }
        // The item can't come back to the wanted place, but perhaps to where it was.
        problem if !part.wanted && restored_to(edit, part).is_some() => {
            let place = edit.place.clone();
            Rebased::Changed {
                edit: Box::new(Edit {
                    place: None,
                    ..edit.clone()
                }),
                told: place.map(|place| Notice::PlaceLost {
                    item: edit.item,
                    wanted: place.wanted,
                    problem: problem.clone(),
                }),
            }
        }
        _ => lost(without),
    }
}
