//! Folders' paths for people, from the root.

use crate::driver::panel::row::Onto;
use crate::state::Drive;
use leptos::prelude::WithUntracked;
use protocol::ids::ItemId;

/// Paths of one intake; most are the same.
#[derive(Default)]
pub struct Above(Option<(Option<ItemId>, Vec<String>)>);

impl Above {
    pub fn of(&mut self, drive: Drive, onto: &Onto) -> String {
        let (folder, below) = match onto {
            Onto::Folder(folder, below) => (*folder, below.as_slice()),
            Onto::File(item) => (parent_of(drive, *item), [].as_slice()),
        };
        let above = match &self.0 {
            Some((known, above)) if *known == folder => above.clone(),
            _ => {
                let above = path(drive, folder);
                self.0 = Some((folder, above.clone()));
                above
            }
        };
        above
            .into_iter()
            .chain(below.iter().cloned())
            .collect::<Vec<_>>()
            .join("/")
    }
}

fn parent_of(drive: Drive, item: ItemId) -> Option<ItemId> {
    drive
        .tree
        .with_untracked(|tree| tree.get(item).and_then(|item| item.parent))
}

fn path(drive: Drive, folder: Option<ItemId>) -> Vec<String> {
    drive.tree.with_untracked(|tree| {
        let path = folder.map(|id| tree.path(id)).unwrap_or_default();
        path.iter().map(|item| item.name.to_string()).collect()
    })
}

/// A folder's path, from the root.
pub fn shown(drive: Drive, folder: Option<ItemId>) -> String {
    path(drive, folder).join("/")
}
