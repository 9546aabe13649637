//! What the person sees, as the decision about an intake takes it.

use crate::driver::ports::Client;
use leptos::prelude::{RwSignal, WithUntracked};
use protocol::ids::ItemId;
use protocol::name::Name;
use sync::Engine;
use sync::edit::{DraftBytes, DraftId, Trouble};
use sync::intake::{Child, Kind, VisibleTree};
use sync::tree::Tree;

/// The page at this moment.
pub struct OnPage<'a> {
    tree: &'a Tree,
    engine: &'a Engine,
}

/// Does something with what the page shows.
pub fn with<T>(tree: RwSignal<Tree>, client: &Client, act: impl FnOnce(&OnPage<'_>) -> T) -> T {
    let engine = client.engine();
    let engine = &*engine;
    tree.with_untracked(|tree| act(&OnPage { tree, engine }))
}

impl VisibleTree for OnPage<'_> {
    fn child(&self, folder: Option<ItemId>, name: &Name) -> Option<Child> {
        let item = self.tree.child_named(folder, name)?;
        Some(Child {
            id: item.id,
            name: item.name.clone(),
            kind: Kind::of(item),
        })
    }

    fn depth(&self, folder: Option<ItemId>) -> usize {
        folder.map_or(0, |id| self.tree.path(id).len())
    }

    /// Not one whose blocks are known and may all be stored: picked again, it
    /// would be another content in its place.
    fn awaits(&self, file: ItemId, file_name: &str) -> Option<DraftId> {
        let edit = self.engine.trees().edit(file)?;
        let first = edit.draft().map(|draft| draft.id);
        let is_stuck = edit.trouble == Some(Trouble::BytesGone);
        let mut drafts = edit.drafts();
        let awaiting = drafts.find(|draft| {
            let is_asked_for = is_stuck && first == Some(draft.id);
            draft.bytes == DraftBytes::Gone
                && draft.copy_of.is_none()
                && (is_asked_for || draft.manifest.is_none())
                && draft.file_name == file_name
        });
        awaiting.map(|draft| draft.id)
    }
}
