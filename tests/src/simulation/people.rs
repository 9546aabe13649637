//! What persons do: at random, but as the interface lets them.

use super::at_hand::{folder, items, observed, seen};
use super::call::Caller;
use super::contents::name;
use super::device::time_of;
use super::oracle::Violation;
use super::world::World;
use driftless_core::writes::deletion::Deletion;
use protocol::conflicts::Choice;
use protocol::content::Base;
use protocol::ids::{ConflictId, ItemId, OperationId, Version};
use protocol::items::{DeleteForGood, EmptyTrash, Item};
use protocol::problem::{Problem, Retry};
use sync::edit::{Copied, Draft, DraftBytes, DraftId, Edit, Trouble};
use sync::ids::Nonce;
use sync::message::{Input, Observation};
use sync::place::Place;
use sync::trees::LocalContent;

/// One act of the person at a tab.
///
/// # Errors
/// An invariant that does not hold.
pub fn act(world: &mut World, tab: usize) -> Result<(), Violation> {
    let nonce = Nonce(world.rng.bytes());
    match world.rng.below(100) {
        0..=11 => make(world, tab, nonce, true),
        12..=17 => super::intakes::hand_in(world, tab),
        18..=19 => recall(world, tab),
        20..=27 => make(world, tab, nonce, false),
        28..=59 => edit(world, tab, nonce),
        60..=71 => place(world, tab, nonce),
        72..=79 => trash(world, tab, nonce),
        80..=86 => resolve(world, tab, nonce),
        87..=89 => merge(world, tab, nonce),
        90..=92 => reopen(world, tab, nonce),
        93..=94 => copy(world, tab, nonce),
        95 => see(world, tab),
        96 => delete_for_good(world, tab, nonce),
        97 => {
            let paused = world.rng.permille(200);
            world.input(tab, Input::Paused(paused)).map(drop)
        }
        _ => world.input(tab, Input::PullWanted).map(drop),
    }
}

/// The person cancels what was not sent.
fn recall(world: &mut World, tab: usize) -> Result<(), Violation> {
    let drafts: Vec<DraftId> = {
        let engine = world.tabs[tab].engine();
        let edits = engine.trees().edits();
        edits
            .flat_map(|edit| edit.drafts().map(|draft| draft.id))
            .collect()
    };
    let Some(&draft) = world.rng.pick(&drafts) else {
        return Ok(());
    };
    world.oracle.give_up(draft);
    observed(world, tab, Observation::Recalled { draft }, None)
}

fn make(world: &mut World, tab: usize, nonce: Nonce, is_file: bool) -> Result<(), Violation> {
    let item = ItemId::from_random(world.rng.bytes());
    let place = Place {
        parent: folder(world, tab),
        name: name(&mut world.rng),
    };
    let id = is_file.then(|| world.new_file(tab, 0, None));
    let draft = id.and_then(|id| world.take_in_hand(tab, id));
    let made = Observation::Made {
        item,
        nonce,
        place,
        draft,
    };
    observed(world, tab, made, id)
}

/// A new file with the content of one that is on the server, or a file that gets
/// it.
fn copy(world: &mut World, tab: usize, nonce: Nonce) -> Result<(), Violation> {
    let files = items(world, tab, |trashed, content| {
        !trashed && matches!(content, LocalContent::Version(_))
    });
    let Some(&of) = world.rng.pick(&files) else {
        return Ok(());
    };
    let head = {
        let engine = world.tabs[tab].engine();
        let remote = engine.trees().remote(of);
        remote.and_then(|item| item.file.clone())
    };
    let Some(head) = head else {
        return Ok(());
    };
    let base = Base {
        item: of,
        version: head.version,
    };
    let Some(accepted) = world.oracle.versions.get(&(of, head.version)) else {
        return Ok(());
    };
    let blocks = accepted.blocks.clone();
    let into = world.rng.pick(&files).copied();
    let into = into.filter(|_| world.rng.permille(500));
    let (seen, over) = into.map_or((0, None), |item| seen(world, tab, item));
    let id = world.made(tab, seen, over, blocks);
    let draft = Draft {
        id,
        size: head.size,
        modified_at_ms: time_of(id),
        file_name: String::new(),
        bytes: DraftBytes::Gone,
        manifest: None,
        copy_of: Some(Copied {
            base,
            size_class: head.size_class,
        }),
    };
    let copy = match into {
        Some(item) => Observation::Edited {
            item,
            nonce,
            draft,
            seen: None,
        },
        None => Observation::Made {
            item: ItemId::from_random(world.rng.bytes()),
            nonce,
            place: Place {
                parent: folder(world, tab),
                name: name(&mut world.rng),
            },
            draft: Some(draft),
        },
    };
    observed(world, tab, copy, Some(id))
}

fn edit(world: &mut World, tab: usize, nonce: Nonce) -> Result<(), Violation> {
    let files = items(world, tab, |trashed, content| {
        !trashed && *content != LocalContent::Folder
    });
    let Some(&item) = world.rng.pick(&files) else {
        return Ok(());
    };
    let (seen, over) = seen(world, tab, item);
    let id = world.new_file(tab, seen, over);
    let Some(draft) = world.take_in_hand(tab, id) else {
        return Ok(());
    };
    observed(
        world,
        tab,
        Observation::Edited {
            item,
            nonce,
            draft,
            seen: None,
        },
        Some(id),
    )
}

fn place(world: &mut World, tab: usize, nonce: Nonce) -> Result<(), Violation> {
    // Folders into each other, more often than chance would have it.
    let only_folders = world.rng.permille(400);
    let all = items(world, tab, |trashed, content| {
        !trashed && (!only_folders || *content == LocalContent::Folder)
    });
    let all = without_root(world, tab, all);
    let Some(&item) = world.rng.pick(&all) else {
        return Ok(());
    };
    let there = {
        let engine = world.tabs[tab].engine();
        let local = engine.trees().local(item);
        local.map(|local| Place {
            parent: local.parent,
            name: local.name.clone(),
        })
    };
    let Some(mut place) = there else {
        return Ok(());
    };
    if !only_folders && world.rng.permille(500) {
        place.name = name(&mut world.rng);
    } else {
        place.parent = folder(world, tab);
    }
    observed(world, tab, Observation::Placed { item, nonce, place }, None)
}

/// Where a root stands is not for whoever it is shared with.
fn without_root(world: &mut World, tab: usize, mut items: Vec<ItemId>) -> Vec<ItemId> {
    let root = world.device_of(tab).root;
    items.retain(|item| Some(*item) != root);
    items
}

fn trash(world: &mut World, tab: usize, nonce: Nonce) -> Result<(), Violation> {
    let trashed = world.rng.permille(600);
    let all = items(world, tab, |is_trashed, _| is_trashed != trashed);
    let all = without_root(world, tab, all);
    let Some(&item) = world.rng.pick(&all) else {
        return Ok(());
    };
    let back = match !trashed && world.rng.permille(300) {
        true => Some(Place {
            parent: folder(world, tab),
            name: name(&mut world.rng),
        }),
        false => None,
    };
    if trashed {
        give_up_in_the_trash(world, tab, item);
    }
    let observation = match back {
        Some(place) => Observation::Restored { item, nonce, place },
        None => Observation::Trashed {
            item,
            nonce,
            trashed,
        },
    };
    observed(world, tab, observation, None)
}

/// Notes what a person gives up with a move to the trash.
pub fn give_up_in_the_trash(world: &mut World, tab: usize, item: ItemId) {
    for draft in lost_in_the_trash(world, tab, item) {
        world.oracle.give_up(draft);
    }
}

/// What a person gives up who moves something to the trash that waits for them: bytes that
/// can't be read any more, if there are others; or else, of something new, all of it and
/// what is new in it.
fn lost_in_the_trash(world: &World, tab: usize, item: ItemId) -> Vec<DraftId> {
    let engine = world.tabs[tab].engine();
    let trees = engine.trees();
    let Some(edit) = trees.edit(item) else {
        return Vec::new();
    };
    let ids = |edit: &Edit| edit.drafts().map(|draft| draft.id).collect::<Vec<_>>();
    let is_gone = |draft: &&Draft| draft.bytes == DraftBytes::Gone;
    match &edit.trouble {
        Some(Trouble::BytesGone) if !edit.drafts().all(|draft| is_gone(&draft)) => {
            let gone = edit.drafts().take_while(is_gone);
            gone.map(|draft| draft.id).collect()
        }
        Some(_) if edit.is_new => {
            let below = trees.new_below(item);
            below.iter().flat_map(ids).chain(ids(edit)).collect()
        }
        _ => Vec::new(),
    }
}

/// The person deletes for good what they see in the trash, or all of it. It goes by the
/// server's word alone: what waits to be sent is not in the server's trash.
fn delete_for_good(world: &mut World, tab: usize, nonce: Nonce) -> Result<(), Violation> {
    let operation_id = OperationId::from_random(world.rng.bytes());
    let with_open_conflicts = world.rng.permille(300);
    let trashed: Vec<Item> = {
        let engine = world.tabs[tab].engine();
        let entries = engine.trees().entries();
        let remote = entries.filter_map(|(_, entry)| entry.remote.as_deref());
        let trashed = remote.filter(|item| item.trashed_at_ms.is_some());
        trashed.cloned().collect()
    };
    let newest = trashed.iter().filter_map(|item| item.trashed_at_ms).max();
    let Some(item) = world.rng.pick(&trashed).cloned() else {
        return Ok(());
    };
    let wanted = match world.rng.below(4) {
        0 => Deletion::EmptyTrash(EmptyTrash {
            operation_id,
            trashed_up_to_ms: newest,
            with_open_conflicts,
        }),
        _ => Deletion::DeleteForGood {
            item: item.id,
            request: DeleteForGood {
                operation_id,
                base_place_version: item.place_version,
                with_open_conflicts,
            },
        },
    };
    let caller = Caller {
        tab,
        life: world.tabs[tab].life,
        // No request of the client's.
        call: 0,
        root: world.device_of(tab).root,
    };
    world.delete_for_good(caller, wanted, 0);
    take_back(world, tab, item.id, nonce)
}

/// Another person often takes back in the same moment what one deletes for good.
fn take_back(world: &mut World, from: usize, item: ItemId, nonce: Nonce) -> Result<(), Violation> {
    let others = (0..world.tabs.len()).filter(|tab| *tab != from && world.tabs[*tab].is_open());
    let others = others.filter(|tab| world.devices[world.tabs[*tab].device].is_owners());
    let sees_it = |tab: &usize| {
        let engine = world.tabs[*tab].engine();
        let local = engine.trees().local(item);
        local.is_some_and(|local| local.trashed)
    };
    let others: Vec<usize> = others.filter(sees_it).collect();
    let Some(&tab) = world.rng.pick(&others).filter(|_| world.rng.permille(500)) else {
        return Ok(());
    };
    let observation = Observation::Trashed {
        item,
        nonce,
        trashed: false,
    };
    observed(world, tab, observation, None)
}

/// One of the open conflicts, and the head that the person sees of its file.
fn open_conflict(world: &mut World, tab: usize) -> Option<(ConflictId, Version)> {
    let open: Vec<(ConflictId, ItemId)> = {
        let engine = world.tabs[tab].engine();
        let open = engine.trees().conflicts.iter();
        open.map(|(id, conflict)| (*id, conflict.item)).collect()
    };
    let (conflict, item) = *world.rng.pick(&open)?;
    Some((conflict, decides(world, tab, conflict, item)))
}

/// The person decides on what they see. A merge of theirs that was not sent is
/// given up with that.
fn decides(world: &mut World, tab: usize, conflict: ConflictId, item: ItemId) -> Version {
    let (head, before) = {
        let engine = world.tabs[tab].engine();
        let trees = engine.trees();
        let head = trees.remote(item).map_or(0, Item::version);
        let before = trees.resolutions().get(&conflict);
        let draft = before.and_then(|before| before.draft());
        (head, draft.map(|draft| draft.id))
    };
    if let Some(draft) = before {
        world.oracle.give_up(draft);
    }
    let device = world.tabs[tab].device;
    world.oracle.choices.insert((device, conflict, head));
    head
}

/// The person makes something of both sides.
fn merge(world: &mut World, tab: usize, nonce: Nonce) -> Result<(), Violation> {
    let Some((conflict, seen_version)) = open_conflict(world, tab) else {
        return Ok(());
    };
    let id = world.new_file(tab, seen_version, None);
    let Some(draft) = world.take_in_hand(tab, id) else {
        return Ok(());
    };
    let merged = Observation::Merged {
        conflict,
        nonce,
        draft,
        seen_version,
    };
    observed(world, tab, merged, Some(id))
}

/// The person takes a resolution back that the server lists.
fn reopen(world: &mut World, tab: usize, nonce: Nonce) -> Result<(), Violation> {
    let who = world.device_of(tab).who.clone();
    let listed = world.server.resolved_conflicts(&who, None, Some(10));
    let mut listed = listed.map(|page| page.conflicts).unwrap_or_default();
    if who.root.is_some() {
        let engine = world.tabs[tab].engine();
        let trees = engine.trees();
        listed.retain(|conflict| trees.remote(conflict.item).is_some());
    }
    let Some(conflict) = world.rng.pick(&listed).cloned() else {
        return Ok(());
    };
    let seen_version = decides(world, tab, conflict.id, conflict.item);
    let reopened = Observation::Reopened {
        conflict: conflict.id,
        nonce,
        seen_version,
    };
    observed(world, tab, reopened, None)
}

/// The person looks at what met a change of somebody else's.
fn see(world: &mut World, tab: usize) -> Result<(), Violation> {
    let matters: Vec<Nonce> = {
        let engine = world.tabs[tab].engine();
        engine.trees().matters.keys().copied().collect()
    };
    let Some(&matter) = world.rng.pick(&matters) else {
        return Ok(());
    };
    world.oracle.forget_matters([matter]);
    observed(world, tab, Observation::Settled { matter }, None)
}

/// Deals with merges that stopped: they are made again, or let go of.
fn help_merges(world: &mut World, tab: usize) -> Result<(), Violation> {
    let stopped: Vec<ConflictId> = {
        let engine = world.tabs[tab].engine();
        let stopped = engine.trees().resolutions().values();
        let stopped = stopped.filter(|resolution| resolution.trouble.is_some());
        stopped.map(|resolution| resolution.conflict).collect()
    };
    for conflict in stopped {
        if !world.tabs[tab].is_open() {
            return Ok(());
        }
        let item = {
            let engine = world.tabs[tab].engine();
            let open = engine.trees().conflicts.get(&conflict);
            open.map(|open| open.item)
        };
        let again = item.filter(|_| world.rng.permille(500));
        let observation = match again {
            Some(item) => {
                let seen_version = decides(world, tab, conflict, item);
                let id = world.new_file(tab, seen_version, None);
                let nonce = Nonce(world.rng.bytes());
                let draft = world.take_in_hand(tab, id);
                draft.map(|draft| (id, nonce, draft, seen_version))
            }
            None => None,
        };
        match observation {
            Some((id, nonce, draft, seen_version)) => {
                let merged = Observation::Merged {
                    conflict,
                    nonce,
                    draft,
                    seen_version,
                };
                observed(world, tab, merged, Some(id))?;
            }
            None => {
                let draft = {
                    let engine = world.tabs[tab].engine();
                    let resolution = engine.trees().resolutions().get(&conflict);
                    let draft = resolution.and_then(|of| of.draft());
                    draft.map(|draft| draft.id)
                };
                if let Some(draft) = draft {
                    world.oracle.give_up(draft);
                }
                observed(world, tab, Observation::Unresolved { conflict }, None)?;
            }
        }
    }
    Ok(())
}

fn resolve(world: &mut World, tab: usize, nonce: Nonce) -> Result<(), Violation> {
    let Some((conflict, _)) = open_conflict(world, tab) else {
        return Ok(());
    };
    let choice = match world.rng.below(3) {
        0 => Choice::KeepMine,
        1 => Choice::KeepTheirs,
        _ => Choice::KeepBoth {
            copy_id: ItemId::from_random(world.rng.bytes()),
            copy_name: name(&mut world.rng).conflicted_copy(
                "D",
                "2026-11-24",
                1 + world.rng.below(50) as u32,
            ),
        },
    };
    observed(
        world,
        tab,
        Observation::Resolved {
            conflict,
            nonce,
            choice,
        },
        None,
    )
}

/// Deals with what waits for a person.
///
/// # Errors
/// An invariant that does not hold.
pub fn help(world: &mut World, tab: usize) -> Result<(), Violation> {
    if world.tabs[tab].engine().is_signed_out() {
        let device = world.tabs[tab].device;
        world.sign_in(device);
    }
    help_merges(world, tab)?;
    if !world.tabs[tab].is_open() {
        return Ok(());
    }
    let stuck: Vec<_> = {
        let engine = world.tabs[tab].engine();
        let edits = engine.trees().edits();
        let stuck = edits.filter_map(|edit| {
            let drafts: Vec<DraftId> = edit.drafts().map(|draft| draft.id).collect();
            let copied = edit.draft().and_then(|draft| draft.copy_of);
            let of = copied.map(|copied| copied.base.item);
            Some((edit.item, edit.trouble.clone()?, drafts, of))
        });
        stuck.collect()
    };
    let is_share = world.device_of(tab).root.is_some();
    for (item, trouble, drafts, of) in stuck {
        if !world.tabs[tab].is_open() {
            return Ok(());
        }
        let first = drafts.first().copied();
        let again = first.filter(|id| world.device_of(tab).file(*id).is_some());
        match (trouble, again) {
            (Trouble::BytesGone, Some(id)) if world.rng.permille(800) => {
                let Some(draft) = world.take_in_hand(tab, id) else {
                    continue;
                };
                world.input(tab, Input::BytesBack { draft })?;
            }
            (Trouble::KeepsChanging, _) => {
                world.input(tab, Input::Observed(Observation::Retried { item }))?;
            }
            (trouble, Some(draft)) if drafts.len() > 1 => {
                check_reason(world, is_share, &trouble, of)?;
                world.oracle.give_up(draft);
                world.input(tab, Input::Observed(Observation::Recalled { draft }))?;
            }
            (trouble, _) => {
                check_reason(world, is_share, &trouble, of)?;
                for draft in drafts {
                    world.oracle.give_up(draft);
                }
                world.input(tab, Input::Observed(Observation::Withdrawn { item }))?;
            }
        }
    }
    Ok(())
}

/// Nobody is asked to help with what time mends. `of`: whose copy it is.
fn check_reason(
    world: &mut World,
    is_share: bool,
    trouble: &Trouble,
    of: Option<ItemId>,
) -> Result<(), Violation> {
    let thinned = &world.oracle.thinned;
    let deleted =
        |item| world.oracle.deleted.contains(&item) || thinned.iter().any(|(of, _)| *of == item);
    // Or it is elsewhere now.
    let is_gone = of.is_some_and(|item| deleted(item) || is_share);
    let needs_person = match trouble {
        // There is nothing left to copy.
        Trouble::Refused {
            problem: Problem::NoSuchBase,
        } => is_gone,
        // No engine asks for what contradicts itself.
        Trouble::Refused {
            problem: Problem::OperationReused | Problem::BadManifest { .. },
        } => false,
        Trouble::Refused { problem } => problem.retry() == Retry::Never,
        Trouble::BytesGone | Trouble::KeepsChanging => true,
    };
    world.oracle.check(
        "a person is asked only where it helps",
        needs_person,
        || format!("{trouble:?}"),
    )
}
