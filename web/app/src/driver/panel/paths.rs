//! Folders' paths for people, from the root.

use super::row::Onto;
use protocol::ids::ItemId;
use sync::tree::Tree;

/// Paths of one intake; most are the same.
#[derive(Default)]
pub struct Above(Option<(Option<ItemId>, Vec<String>)>);

impl Above {
    pub fn of(&mut self, tree: &Tree, onto: &Onto) -> String {
        let (folder, below) = match onto {
            Onto::Folder(folder, below) => (*folder, below.as_slice()),
            Onto::File(item, _) => (parent_of(tree, *item), [].as_slice()),
        };
        let above = match &self.0 {
            Some((known, above)) if *known == folder => above.clone(),
            _ => {
                let above = path(tree, folder);
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

fn parent_of(tree: &Tree, item: ItemId) -> Option<ItemId> {
    tree.get(item).and_then(|item| item.parent)
}

fn path(tree: &Tree, folder: Option<ItemId>) -> Vec<String> {
    let path = folder.map(|id| tree.path(id)).unwrap_or_default();
    path.iter().map(|item| item.name.to_string()).collect()
}

/// A folder's path, from the root.
pub fn shown(tree: &Tree, folder: Option<ItemId>) -> String {
    path(tree, folder).join("/")
}
