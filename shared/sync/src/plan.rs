//! What to do next about one item: a pure function of the trees and of what is known
//! of the edit so far. It returns one step, and is asked again after each.

use super::edit::{Aspect, ConflictDecision, Copied, Draft, DraftBytes, DraftId, Edit, Resolution};
use super::ids::{Nonce, RequestKey};
use super::message::Request;
use super::place::Place;
use super::task::{ContentKnown, SentRequest, Task};
use super::trees::{TreeEntry, Trees};
use blocks::chunk::SizeClass;
use blocks::hash::BlockHash;
use blocks::manifest::Manifest;
use protocol::conflicts::{Choice, NewConflict, Reopen, Resolve};
use protocol::content::Content;
use protocol::files::{Commit, NewFile, Proposal};
use protocol::ids::{ConflictId, ItemId, OperationId, Version};
use protocol::items::{ChangePlace, ChangeTrashed, NewFolder};
use protocol::limits::{MAX_PACK_BLOCKS, TARGET_PACK_BYTES};
use std::collections::BTreeSet;

/// Edits whose blocks may travel alone, each with its commit.
const MOST_CARRIED: usize = 8;

/// The next thing to do.
#[allow(clippy::large_enum_variant, reason = "one exists at a time")]
#[derive(Clone, Debug)]
pub enum Step {
    /// Nothing now: something else has to happen first.
    Wait,
    /// Bytes are needed that are gone.
    PickAgain,
    /// Cut and hash a draft.
    Hash {
        /// The draft.
        draft: DraftId,
        /// How large the blocks are to be.
        class: SizeClass,
    },
    /// Send a request.
    Send {
        /// The request.
        body: Request,
        /// What it is for.
        sent: SentRequest,
    },
}

/// The next step of an item's edit, or the fetch of its newest version.
pub fn next(trees: &Trees, entry: &TreeEntry, task: &Task) -> Step {
    match &entry.edit {
        Some(edit) if edit.trouble.is_some() => Step::Wait,
        Some(edit) => of_edit(trees, entry, edit, task),
        None => fetch(entry),
    }
}

fn of_edit(trees: &Trees, entry: &TreeEntry, edit: &Edit, task: &Task) -> Step {
    if edit.is_new {
        return create(trees, edit, task);
    }
    // Out of the trash first: nothing in it can be changed or moved.
    if let Some(part) = edit.trashed.as_ref().filter(|part| !part.wanted) {
        let to = restored_to(edit, part);
        if is_name_being_freed(trees, entry, to) || to.is_some_and(|to| is_to_be_made(trees, to)) {
            return Step::Wait;
        }
        return trash(edit.item, part, to);
    }
    if let Some(part) = &edit.content {
        return store(trees, (edit.item, entry), part, task);
    }
    match (&edit.place, &edit.trashed) {
        (Some(part), _) if is_to_be_made(trees, &part.wanted) => Step::Wait,
        (Some(part), _) => place(edit.item, part),
        (None, Some(part)) => trash(edit.item, part, None),
        (None, None) => fetch(entry),
    }
}

/// Finds the place at which an item comes out of the trash, if that is not where it was
/// because somebody who saw it in the trash has renamed or moved it.
pub fn restored_to<'a>(edit: &'a Edit, restored: &Aspect<bool>) -> Option<&'a Place> {
    let place = edit.place.as_ref()?;
    (place.base == restored.base).then_some(&place.wanted)
}

/// Whether the folder is one that the server does not have yet.
fn is_to_be_made(trees: &Trees, place: &Place) -> bool {
    let folder = place.parent.and_then(|folder| trees.edit(folder));
    folder.is_some_and(|edit| edit.is_new)
}

/// Whether this device is trashing the item that has the wanted name on the server.
fn is_name_being_freed(trees: &Trees, entry: &TreeEntry, to: Option<&Place>) -> bool {
    let Some(item) = &entry.remote else {
        return false;
    };
    let place = to.cloned().unwrap_or_else(|| Place {
        parent: item.parent,
        name: item.name.clone(),
    });
    let twin = trees
        .child_named(place.parent, &place.name)
        .filter(|twin| twin.id != item.id);
    let edit = twin.and_then(|twin| trees.edit(twin.id));
    edit.is_some_and(|edit| {
        let goes = edit.trashed.as_ref().is_some_and(|part| part.wanted);
        goes && edit.trouble.is_none()
    })
}

fn fetch(entry: &TreeEntry) -> Step {
    let version = entry.remote_version();
    match &entry.remote {
        Some(item) if version > 0 => Step::Send {
            body: Request::Fetch {
                item: item.id,
                version,
            },
            sent: SentRequest::Fetch { version },
        },
        _ => Step::Wait,
    }
}

/// A new item, once its folder is there. Its content does not wait for that.
fn create(trees: &Trees, edit: &Edit, task: &Task) -> Step {
    let Some(place) = &edit.place else {
        return Step::Wait;
    };
    let waits_for_folder = is_to_be_made(trees, &place.wanted);
    let Some(part) = &edit.content else {
        if waits_for_folder {
            return Step::Wait;
        }
        let Place { parent, name } = place.wanted.clone();
        let asked = RequestKey::Folder {
            item: edit.item,
            place: &place.wanted,
        };
        return Step::Send {
            body: Request::CreateFolder {
                body: NewFolder {
                    operation_id: place.ids().operation(&asked),
                    id: edit.item,
                    parent,
                    name,
                },
            },
            sent: SentRequest::Create {
                place: place.nonce,
                content: None,
                carries: false,
            },
        };
    };
    let known = task.known_of(part.nonce);
    let make = |content: Content, carries: bool| {
        if waits_for_folder {
            return Step::Wait;
        }
        let Place { parent, name } = place.wanted.clone();
        let asked = RequestKey::File {
            item: edit.item,
            place: &place.wanted,
            content: &content,
        };
        let operation_id = part.ids().operation(&asked);
        Step::Send {
            body: Request::CreateFile {
                body: NewFile {
                    operation_id,
                    id: edit.item,
                    parent,
                    name,
                    content: Some(content),
                },
                carries: carries.then_some(part.wanted.id),
            },
            sent: SentRequest::Create {
                place: place.nonce,
                content: Some(part.nonce),
                carries,
            },
        }
    };
    if let Some(manifest) = &part.wanted.manifest
        && !waits_for_folder
        && may_carry(part, &known)
        && are_few(trees, 1)
        && known.missing.is_none()
        && part.base == 0
        && fits_one_pack(manifest)
    {
        return make(manifest.clone().into(), true);
    }
    let class = SizeClass::for_size(part.wanted.size);
    with_blocks(part, class, known, |content| make(content, false))
}

/// Whether the bytes may travel with the request that needs them: nothing that is
/// known speaks against it.
fn may_carry(part: &Aspect<Draft, Version>, known: &ContentKnown) -> bool {
    let draft = &part.wanted;
    draft.bytes != DraftBytes::Gone
        && !known.carried
        && known.second.is_none()
        && known.compare.is_none()
}

/// Whether at most `most` edits wait. The blocks of more edits share packs instead of
/// travelling alone.
fn are_few(trees: &Trees, most: usize) -> bool {
    let mut last = None;
    for _ in 0..=most {
        last = trees.next_in_queue(last, false);
        if last.is_none() {
            return true;
        }
    }
    false
}

/// A next version of a file.
fn store(
    trees: &Trees,
    (item, entry): (ItemId, &TreeEntry),
    part: &Aspect<Draft, Version>,
    task: &Task,
) -> Step {
    let known = task.known_of(part.nonce);
    let commit = |content: Content, carries: bool| {
        let asked = RequestKey::Commit {
            item,
            base: part.base,
            content: &content,
        };
        let operation_id = part.ids().operation(&asked);
        Step::Send {
            body: Request::Commit {
                item,
                body: Commit {
                    operation_id,
                    base_version: part.base,
                    content,
                },
                carries: carries.then_some(part.wanted.id),
            },
            sent: SentRequest::Commit {
                nonce: part.nonce,
                base: part.base,
                carries,
            },
        }
    };
    let is_base_the_head = entry.remote_version() == part.base;
    if let Some(manifest) = &part.wanted.manifest
        && known.second.is_none()
        && known.compare.is_none()
        && !known.proposed
        && is_base_the_head
    {
        if may_carry(part, &known) && are_few(trees, MOST_CARRIED) {
            return commit(manifest.clone().into(), true);
        }
        return Step::Send {
            body: Request::Propose {
                item,
                body: Proposal {
                    current_version: part.base,
                    new_block_hashes: manifest.blocks.iter().map(|block| block.hash).collect(),
                    new_bytes: Some(distinct_bytes(manifest)),
                },
            },
            sent: SentRequest::Propose { nonce: part.nonce },
        };
    }
    // The file keeps the class that it was made with.
    let head = entry.remote.as_ref().and_then(|item| item.file.as_ref());
    let class = head.map_or(SizeClass::for_size(part.wanted.size), |head| {
        head.size_class
    });
    with_blocks(part, class, known, |content| commit(content, false))
}

/// Hashes and uploads as far as needed. Then it either keeps a conflict or does `last`.
fn with_blocks(
    part: &Aspect<Draft, Version>,
    class: SizeClass,
    known: ContentKnown,
    last: impl FnOnce(Content) -> Step,
) -> Step {
    let (nonce, draft) = (part.nonce, &part.wanted);
    let Some(content) = draft.content() else {
        return match draft.bytes {
            DraftBytes::Gone => Step::PickAgain,
            DraftBytes::Here | DraftBytes::Kept => Step::Hash {
                draft: draft.id,
                class,
            },
        };
    };
    if let Some((item, version)) = known.compare {
        // A copy has no blocks to compare before it has read its own list.
        let own = draft.copy_of.filter(|_| draft.manifest.is_none());
        let (item, version) = own.map_or((item, version), |Copied { base, .. }| {
            (base.item, base.version)
        });
        return Step::Send {
            body: Request::Manifest { item, version },
            sent: SentRequest::Compare {
                nonce,
                item,
                version,
            },
        };
    }
    let missing = match (known.missing, &draft.manifest) {
        (Some(missing), _) => missing,
        (None, Some(manifest))
            if part.base == 0
                && draft.bytes != DraftBytes::Gone
                && !known.proposed
                && fits_one_pack(manifest) =>
        {
            all_blocks(manifest)
        }
        // The request itself asks: the server answers with what it lacks.
        _ => Vec::new(),
    };
    if !missing.is_empty() && draft.bytes == DraftBytes::Gone {
        return Step::PickAgain;
    }
    if !missing.is_empty() {
        return Step::Send {
            body: Request::Upload {
                draft: draft.id,
                blocks: missing,
            },
            sent: SentRequest::Upload { nonce },
        };
    }
    let Some(second) = known.second else {
        return last(content);
    };
    let asked = RequestKey::Conflict {
        item: second.item,
        base: second.base,
        content: &content,
    };
    let (operation_id, id) = (part.ids().operation(&asked), part.ids().conflict(&asked));
    Step::Send {
        body: Request::KeepConflict {
            item: second.item,
            body: NewConflict {
                operation_id,
                id,
                base_version: second.base,
                content,
            },
        },
        sent: SentRequest::KeepConflict { nonce },
    }
}

fn place(item: ItemId, part: &Aspect<Place>) -> Step {
    let Place { parent, name } = part.wanted.clone();
    let asked = RequestKey::Place {
        item,
        base: part.base,
        to: &part.wanted,
    };
    Step::Send {
        body: Request::ChangePlace {
            item,
            body: ChangePlace {
                operation_id: part.ids().operation(&asked),
                base_place_version: part.base,
                parent,
                name,
            },
        },
        sent: SentRequest::Place {
            nonce: part.nonce,
            base: part.base,
        },
    }
}

fn trash(item: ItemId, part: &Aspect<bool>, to: Option<&Place>) -> Step {
    let asked = RequestKey::Trashed {
        item,
        base: part.base,
        wanted: part.wanted,
        to,
    };
    let body = ChangeTrashed {
        parent: to.map(|to| to.parent),
        name: to.map(|to| to.name.clone()),
        ..ChangeTrashed::new(part.ids().operation(&asked), part.base)
    };
    Step::Send {
        body: if part.wanted {
            Request::Trash { item, body }
        } else {
            Request::Restore { item, body }
        },
        sent: SentRequest::Trashed {
            nonce: part.nonce,
            base: part.base,
        },
    }
}

/// Carries out what a person decided about a conflict.
pub fn resolve(trees: &Trees, resolution: &Resolution, task: &Task) -> Step {
    if resolution.trouble.is_some() || task.done.is_some() {
        return Step::Wait;
    }
    let Resolution {
        conflict,
        nonce,
        seen_version,
        ..
    } = *resolution;
    match &resolution.wanted {
        ConflictDecision::Keep(choice) => {
            let asked = RequestKey::Choice {
                conflict,
                seen: seen_version,
                choice,
            };
            let operation_id = resolution.ids().operation(&asked);
            choose(conflict, nonce, operation_id, seen_version, choice.clone())
        }
        ConflictDecision::Reopen => {
            let asked = RequestKey::Reopen {
                conflict,
                seen: seen_version,
            };
            Step::Send {
                body: Request::Reopen {
                    conflict,
                    body: Reopen {
                        operation_id: resolution.ids().operation(&asked),
                        seen_version,
                    },
                },
                sent: SentRequest::Resolve { nonce },
            }
        }
        ConflictDecision::Merge { item, draft } => {
            let part = Aspect {
                nonce,
                id_form: resolution.id_form,
                base: seen_version,
                wanted: draft.clone(),
            };
            // The file keeps the class that it was made with.
            let head = trees.remote(*item).and_then(|item| item.file.as_ref());
            let class = head.map_or(SizeClass::for_size(draft.size), |head| head.size_class);
            with_blocks(&part, class, task.known_of(nonce), |content| {
                let asked = RequestKey::Merge {
                    conflict,
                    seen: seen_version,
                    content: &content,
                };
                let operation_id = resolution.ids().operation(&asked);
                let choice = Choice::Merged { content };
                choose(conflict, nonce, operation_id, seen_version, choice)
            })
        }
    }
}

fn choose(
    conflict: ConflictId,
    nonce: Nonce,
    operation_id: OperationId,
    seen_version: Version,
    choice: Choice,
) -> Step {
    Step::Send {
        body: Request::Resolve {
            conflict,
            body: Resolve {
                operation_id,
                seen_version,
                choice,
            },
        },
        sent: SentRequest::Resolve { nonce },
    }
}

fn fits_one_pack(manifest: &Manifest) -> bool {
    manifest.size <= TARGET_PACK_BYTES as u64 && manifest.blocks.len() <= MAX_PACK_BLOCKS
}

/// The bytes of a manifest's blocks, each block counted once.
fn distinct_bytes(manifest: &Manifest) -> u64 {
    let mut seen = BTreeSet::new();
    let blocks = manifest.blocks.iter();
    let distinct = blocks.filter(|block| seen.insert(block.hash));
    distinct.map(|block| u64::from(block.length)).sum()
}

/// All blocks of a manifest, each once, in order.
fn all_blocks(manifest: &Manifest) -> Vec<BlockHash> {
    let mut seen = BTreeSet::new();
    let hashes = manifest.blocks.iter().map(|block| block.hash);
    hashes.filter(|hash| seen.insert(*hash)).collect()
}
