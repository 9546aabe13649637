//! What a person has in front of them at a tab, and hands in there.

use super::contents::content;
use super::device::manifest;
use super::oracle::{Made, Violation};
use super::world::World;
use blocks::manifest::BlockRef;
use protocol::ids::{ItemId, Version};
use sync::edit::DraftId;
use sync::message::{Input, Observation};
use sync::trees::LocalContent;

/// Items that the device shows, the live ones or the trashed ones.
pub fn items(
    world: &World,
    tab: usize,
    wanted: impl Fn(bool, &LocalContent<'_>) -> bool,
) -> Vec<ItemId> {
    let engine = world.tabs[tab].engine();
    let trees = engine.trees();
    let all = trees.entries().filter(|(id, _)| {
        trees
            .local(*id)
            .is_some_and(|local| wanted(local.trashed, &local.content))
    });
    all.map(|(id, _)| id).collect()
}

pub fn folder(world: &mut World, tab: usize) -> Option<ItemId> {
    let folders = items(world, tab, |trashed, content| {
        !trashed && *content == LocalContent::Folder
    });
    let top = world.device_of(tab).root;
    if world.rng.permille(400) {
        return top;
    }
    world.rng.pick(&folders).copied().or(top)
}

/// Hands in what a person did. It counts if the tab lives through it, or has
/// stored it before it dies.
pub fn observed(
    world: &mut World,
    tab: usize,
    observation: Observation,
    draft: Option<DraftId>,
) -> Result<(), Violation> {
    let lives = world.input(tab, Input::Observed(observation))?;
    if let Some(draft) = draft {
        let name = world.tabs[tab].name;
        if lives
            || world
                .device_of(tab)
                .disk
                .storage
                .borrow()
                .has_draft(name, draft)
        {
            let overwrites = world.device_of(tab).holds_content;
            world.oracle.take(draft, overwrites);
        }
    }
    Ok(())
}

/// The version in front of the person, or the edit on its way and what its
/// maker saw.
pub fn seen(world: &World, tab: usize, item: ItemId) -> (Version, Option<DraftId>) {
    let of = &world.devices[world.tabs[tab].device];
    let engine = world.tabs[tab].engine();
    let trees = engine.trees();
    match trees.local(item).map(|local| local.content) {
        Some(LocalContent::Draft(draft)) => {
            let made = world.oracle.drafts.get(&draft.id);
            (made.map_or(0, |made| made.seen), Some(draft.id))
        }
        Some(LocalContent::Version(version)) => {
            let content = of.disk.content.borrow();
            let held = content.get(&item).map(|(version, _)| *version);
            let held = held.filter(|_| of.holds_content);
            (held.unwrap_or(version), None)
        }
        _ => (0, None),
    }
}

impl World {
    /// A file on the person's disk, remembered by the oracle.
    pub fn new_file(&mut self, tab: usize, seen: Version, over: Option<DraftId>) -> DraftId {
        let content = content(&mut self.rng);
        let blocks = manifest(DraftId(0), &content).blocks;
        let id = self.made(tab, seen, over, blocks);
        let files = &self.device_of(tab).disk.files;
        files.borrow_mut().insert(id, (0, content));
        id
    }

    /// Notes a content that a person made.
    pub fn made(
        &mut self,
        tab: usize,
        seen: Version,
        over: Option<DraftId>,
        blocks: Vec<BlockRef>,
    ) -> DraftId {
        self.last_draft += 1;
        let id = DraftId(self.last_draft);
        let made = Made {
            device: self.tabs[tab].device,
            seen,
            over,
            contents: vec![blocks],
            taken: false,
            superseded: false,
            is_source: false,
            given_up: false,
        };
        self.oracle.drafts.insert(id, made);
        id
    }
}
