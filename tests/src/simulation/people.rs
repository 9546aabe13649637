//! What persons do: at random, but as the interface lets them.

use super::device::Content;
use super::oracle::{Made, Violation};
use super::rng::Rng;
use super::world::World;
use shared::ids::{ConflictId, ItemId, Version};
use shared::name::Name;
use shared::protocol::conflicts::Choice;
use shared::sync::edit::{DraftId, Nonce, Place, Trouble};
use shared::sync::message::{Input, Observation};
use shared::sync::trees::LocalContent;

/// Few names, some of them the same to a file system.
const NAMES: [&str; 8] = [
    "a",
    "A",
    "b",
    "Caf\u{e9}",
    "CAFE\u{301}",
    "c.txt",
    "C.TXT",
    "d",
];

/// One act of the person at a device.
pub fn act(world: &mut World, device: usize) -> Result<(), Violation> {
    let nonce = Nonce(world.rng.bytes());
    match world.rng.below(100) {
        0..=19 => make(world, device, nonce, true),
        20..=27 => make(world, device, nonce, false),
        28..=59 => edit(world, device, nonce),
        60..=71 => place(world, device, nonce),
        72..=79 => trash(world, device, nonce),
        80..=95 => resolve(world, device, nonce),
        _ => world.input(device, Input::PullWanted),
    }
}

fn name(rng: &mut Rng) -> Name {
    let text = rng.pick(&NAMES).copied().unwrap_or("a");
    Name::parse(text).expect("a good name")
}

/// A few blocks, many of them the same as others'.
pub fn content(rng: &mut Rng) -> Content {
    let blocks = 1 + rng.below(5);
    (0..blocks)
        .map(|_| {
            let kind = if rng.permille(700) {
                rng.below(12)
            } else {
                rng.below(1 << 30)
            };
            kind.to_le_bytes()[..1 + (kind % 7) as usize].to_vec()
        })
        .collect()
}

/// Items that the device shows, the live ones or the trashed ones.
fn items(
    world: &World,
    device: usize,
    wanted: impl Fn(bool, &LocalContent<'_>) -> bool,
) -> Vec<ItemId> {
    let trees = world.devices[device].engine.trees();
    let all = trees.entries().filter(|(id, _)| {
        trees
            .local(*id)
            .is_some_and(|local| wanted(local.trashed, &local.content))
    });
    all.map(|(id, _)| id).collect()
}

fn folder(world: &mut World, device: usize) -> Option<ItemId> {
    let folders = items(world, device, |trashed, content| {
        !trashed && *content == LocalContent::Folder
    });
    if world.rng.permille(400) {
        return None;
    }
    world.rng.pick(&folders).copied()
}

fn make(world: &mut World, device: usize, nonce: Nonce, is_file: bool) -> Result<(), Violation> {
    let item = ItemId::from_random(world.rng.bytes());
    let place = Place {
        parent: folder(world, device),
        name: name(&mut world.rng),
    };
    let draft = is_file.then(|| world.new_file(device, item, 0));
    let draft = draft.and_then(|id| world.devices[device].draft(id));
    world.input(
        device,
        Input::Observed(Observation::Made {
            item,
            nonce,
            place,
            draft,
        }),
    )
}

fn edit(world: &mut World, device: usize, nonce: Nonce) -> Result<(), Violation> {
    let files = items(world, device, |trashed, content| {
        !trashed && *content != LocalContent::Folder
    });
    let Some(&item) = world.rng.pick(&files) else {
        return Ok(());
    };
    let seen = seen(world, device, item);
    let id = world.new_file(device, item, seen);
    let Some(draft) = world.devices[device].draft(id) else {
        return Ok(());
    };
    world.input(
        device,
        Input::Observed(Observation::Edited { item, nonce, draft }),
    )
}

/// The version in front of the person; an edit on its way shows what its maker saw.
fn seen(world: &mut World, device: usize, item: ItemId) -> Version {
    let of = &world.devices[device];
    let pending = match of.engine.trees().local(item).map(|local| local.content) {
        Some(LocalContent::Draft(draft)) => Some(draft.id),
        Some(LocalContent::Version(version)) => {
            let held = of.content.get(&item).map(|(version, _)| *version);
            return held.filter(|_| of.holds_content).unwrap_or(version);
        }
        _ => None,
    };
    let Some(made) = pending.and_then(|draft| world.oracle.drafts.get_mut(&draft)) else {
        return 0;
    };
    made.superseded = true;
    made.seen
}

fn place(world: &mut World, device: usize, nonce: Nonce) -> Result<(), Violation> {
    let all = items(world, device, |trashed, _| !trashed);
    let Some(&item) = world.rng.pick(&all) else {
        return Ok(());
    };
    let there = world.devices[device]
        .engine
        .trees()
        .local(item)
        .map(|local| Place {
            parent: local.parent,
            name: local.name.clone(),
        });
    let Some(mut place) = there else {
        return Ok(());
    };
    if world.rng.permille(500) {
        place.name = name(&mut world.rng);
    } else {
        place.parent = folder(world, device);
    }
    world.input(
        device,
        Input::Observed(Observation::Placed { item, nonce, place }),
    )
}

fn trash(world: &mut World, device: usize, nonce: Nonce) -> Result<(), Violation> {
    let trashed = world.rng.permille(600);
    let all = items(world, device, |is_trashed, _| is_trashed != trashed);
    let Some(&item) = world.rng.pick(&all) else {
        return Ok(());
    };
    world.input(
        device,
        Input::Observed(Observation::Trashed {
            item,
            nonce,
            trashed,
        }),
    )
}

fn resolve(world: &mut World, device: usize, nonce: Nonce) -> Result<(), Violation> {
    let trees = world.devices[device].engine.trees();
    let open: Vec<ConflictId> = trees.conflicts.keys().copied().collect();
    let Some(&conflict) = world.rng.pick(&open) else {
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
    world.input(
        device,
        Input::Observed(Observation::Resolved {
            conflict,
            nonce,
            choice,
        }),
    )
}

/// Deals with what waits for a person.
pub fn help(world: &mut World, device: usize) -> Result<(), Violation> {
    let edits = world.devices[device].engine.trees().edits();
    let stuck: Vec<_> = edits
        .filter_map(|edit| {
            Some((
                edit.item,
                edit.trouble.clone()?,
                edit.draft().map(|draft| draft.id),
            ))
        })
        .collect();
    for (item, trouble, draft) in stuck {
        let again = draft.and_then(|id| world.devices[device].draft(id));
        match (trouble, again) {
            (Trouble::BytesGone, Some(draft)) if world.rng.permille(800) => {
                world.devices[device].here.insert(draft.id);
                world.input(device, Input::BytesBack { draft })?;
            }
            (Trouble::KeepsChanging, _) => {
                world.input(device, Input::Observed(Observation::Retried { item }))?;
            }
            (_, draft) => {
                if let Some(made) = draft.and_then(|draft| world.oracle.drafts.get_mut(&draft.id)) {
                    made.withdrawn = true;
                }
                world.input(device, Input::Observed(Observation::Withdrawn { item }))?;
            }
        }
    }
    Ok(())
}

impl World {
    /// A file on the person's disk, remembered by the oracle.
    fn new_file(&mut self, device: usize, item: ItemId, seen: Version) -> DraftId {
        self.last_draft += 1;
        let id = DraftId(self.last_draft);
        let content = content(&mut self.rng);
        let made = Made {
            device,
            item,
            seen,
            contents: vec![super::device::manifest(id, &content).blocks],
            superseded: false,
            withdrawn: false,
        };
        self.oracle.drafts.insert(id, made);
        self.devices[device].files.insert(id, content);
        self.devices[device].here.insert(id);
        id
    }
}
