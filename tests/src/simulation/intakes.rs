//! What persons hand in to a page: several files at once, with names that
//! collide, into a folder that may have them already.

use super::at_hand::{folder, observed, seen};
use super::contents::name;
use super::oracle::Violation;
use super::world::World;
use protocol::ids::ItemId;
use protocol::limits::MAX_FOLDER_DEPTH;
use protocol::name::Name;
use std::collections::BTreeSet;
use sync::edit::{DraftBytes, DraftId};
use sync::ids::Nonce;
use sync::intake::{Becomes, Child, IncomingFile, Intake, Kind, OnTakenName, VisibleTree};
use sync::message::{Input, Observation};
use sync::place::Place;
use sync::trees::{LocalContent, Trees};

/// Folders that come along, some of them the same to a file system.
const FOLDERS: [&[&str]; 6] = [&[], &[], &[], &["Docs"], &["docs"], &["docs", "A"]];

/// What the tab shows.
struct Seen<'a>(&'a Trees);

impl VisibleTree for Seen<'_> {
    fn child(&self, folder: Option<ItemId>, name: &Name) -> Option<Child> {
        let locals = self
            .0
            .entries()
            .filter_map(|(id, _)| Some((id, self.0.local(id)?)));
        let mut there = locals.filter(|(_, local)| !local.trashed && local.parent == folder);
        let (id, local) = there.find(|(_, local)| local.name.key() == name.key())?;
        Some(Child {
            id,
            name: local.name.clone(),
            kind: match local.content {
                LocalContent::Folder => Kind::Folder,
                LocalContent::Mount => Kind::Mount,
                LocalContent::Version(_) | LocalContent::Draft(_) => Kind::File,
            },
        })
    }

    fn depth(&self, folder: Option<ItemId>) -> usize {
        let above = |id: &ItemId| self.0.local(*id)?.parent;
        // A folder that two devices have put into each other's is in itself for a while.
        std::iter::successors(folder, above)
            .take(MAX_FOLDER_DEPTH)
            .count()
    }

    fn awaits(&self, file: ItemId, file_name: &str) -> Option<DraftId> {
        let mut drafts = self.0.edit(file)?.drafts();
        let waits = drafts.find(|draft| {
            draft.bytes == DraftBytes::Gone
                && draft.manifest.is_none()
                && draft.copy_of.is_none()
                && draft.file_name == file_name
        });
        waits.map(|draft| draft.id)
    }
}

/// Hands an intake in, source by source. The tab may die on the way: what it
/// did not take in by then, nobody was told to be safe.
///
/// # Errors
/// An invariant that does not hold.
pub fn hand_in(world: &mut World, tab: usize) -> Result<(), Violation> {
    // A program with a folder on disk is handed nothing.
    if world.device_of(tab).holds_content {
        return Ok(());
    }
    let folder = folder(world, tab);
    let count = 1 + world.rng.below(4);
    let sources: Vec<IncomingFile> = (0..count)
        .map(|_| IncomingFile {
            folders: match world.rng.pick(&FOLDERS) {
                Some(folders) => folders.iter().map(|&text| text.to_owned()).collect(),
                None => Vec::new(),
            },
            name: name(&mut world.rng).to_string(),
            size: 1,
        })
        .collect();
    let mut intake = Intake::new(folder, sources, &[]);
    let answers: Vec<OnTakenName> = (0..count)
        .map(|_| match world.rng.below(5) {
            0 => OnTakenName::Skip,
            1 => OnTakenName::KeepBoth,
            _ => OnTakenName::NextVersion,
        })
        .collect();
    let wanted = |number: usize| answers.get(number).copied().unwrap_or(OnTakenName::Skip);
    let asked = {
        let engine = world.tabs[tab].engine();
        intake.decide(&Seen(engine.trees()), wanted)
    };
    let rest = (0..intake.sources().len()).filter(|number| !asked.contains(number));
    let order: Vec<usize> = asked.iter().copied().chain(rest).collect();
    let mut items = BTreeSet::new();
    for number in order {
        if !world.tabs[tab].is_open() {
            return Ok(());
        }
        let becomes = {
            let mut rng = world.rng.clone();
            let engine = world.tabs[tab].engine();
            let trees = engine.trees();
            intake.forget_made(|item| trees.entry(item).is_some());
            let new_id = || ItemId::from_random(rng.bytes());
            intake.take(number, &Seen(trees), new_id)
        };
        let (Becomes::Version { item } | Becomes::Item { item, .. }) = &becomes else {
            if let Becomes::Again { draft } = becomes {
                again(world, tab, draft)?;
            }
            continue;
        };
        let is_new = items.insert(*item);
        world.oracle.check(
            "each source of an intake is an item of its own",
            is_new,
            || format!("{becomes:?} of {:?}", intake.sources()),
        )?;
        take(world, tab, becomes)?;
    }
    Ok(())
}

fn take(world: &mut World, tab: usize, becomes: Becomes) -> Result<(), Violation> {
    let (folders, item, place) = match becomes {
        Becomes::Version { item } => (Vec::new(), item, None),
        Becomes::Item {
            folders,
            item,
            place,
        } => (folders, item, Some(place)),
        _ => return Ok(()),
    };
    for (item, place) in folders {
        let nonce = Nonce(world.rng.bytes());
        observed(world, tab, made(item, nonce, place, None), None)?;
        if !world.tabs[tab].is_open() {
            return Ok(());
        }
    }
    let (version, over) = match place {
        None => seen(world, tab, item),
        Some(_) => (0, None),
    };
    let id = world.new_file(tab, version, over);
    if let Some(made) = world.oracle.drafts.get_mut(&id) {
        made.is_source = true;
    }
    let Some(draft) = world.take_in_hand(tab, id) else {
        return Ok(());
    };
    let nonce = Nonce(world.rng.bytes());
    let observation = match place {
        None => Observation::Edited {
            item,
            nonce,
            draft,
            seen: None,
        },
        Some(place) => made(item, nonce, place, Some(draft)),
    };
    observed(world, tab, observation, Some(id))
}

fn made(item: ItemId, nonce: Nonce, place: Place, draft: Option<sync::edit::Draft>) -> Observation {
    Observation::Made {
        item,
        nonce,
        place,
        draft,
    }
}

/// The file of that name is what the draft had lost.
fn again(world: &mut World, tab: usize, draft: DraftId) -> Result<(), Violation> {
    if let Some(draft) = world.take_in_hand(tab, draft) {
        world.input(tab, Input::BytesBack { draft })?;
    }
    Ok(())
}
