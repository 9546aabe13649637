//! The names of a folder in the order of the person's language, kept from one
//! listing to the next: what has not changed is not sorted again.

use crate::ui::collate::{Collate, insert, sort};
use platform::browser::collator::Collator;
use protocol::ids::ItemId;
use protocol::items::Item;
use std::collections::{HashMap, HashSet};

#[derive(Default)]
pub struct Names {
    folder: Option<ItemId>,
    folders: Vec<Line>,
    files: Vec<Line>,
}

struct Line {
    id: ItemId,
    name: String,
}

impl Names {
    /// The children of a folder: folders and mounts first, then files, each by name.
    pub fn list(
        &mut self,
        with: &impl Collate,
        folder: Option<ItemId>,
        children: Vec<&Item>,
    ) -> Vec<Item> {
        if self.folder != folder {
            *self = Self {
                folder,
                ..Self::default()
            };
        }
        let (folders, files): (Vec<&Item>, Vec<&Item>) =
            children.into_iter().partition(|item| item.file.is_none());
        let mut list = arrange(with, &mut self.folders, folders);
        list.append(&mut arrange(with, &mut self.files, files));
        list
    }
}

/// Brings lines up to date with items, and returns these in that order.
fn arrange(with: &impl Collate, lines: &mut Vec<Line>, items: Vec<&Item>) -> Vec<Item> {
    let by_id: HashMap<ItemId, &Item> = items.iter().map(|&item| (item.id, item)).collect();
    lines.retain(|line| {
        let item = by_id.get(&line.id);
        item.is_some_and(|item| item.name.as_str() == line.name)
    });
    if lines.len() < items.len() {
        let known: HashSet<ItemId> = lines.iter().map(|line| line.id).collect();
        let new = items.iter().filter(|item| !known.contains(&item.id));
        let new = new.map(|item| Line {
            id: item.id,
            name: item.name.to_string(),
        });
        let new = new.collect();
        insert(with, lines, new, |line| &line.name);
    }
    let listed = lines.iter().filter_map(|line| by_id.get(&line.id));
    listed.map(|&item| item.clone()).collect()
}

thread_local! {
    static COLLATOR: Collator = Collator::new();
}

/// Runs something that compares in the person's language.
pub fn in_their_language<T>(run: impl FnOnce(&Collator) -> T) -> T {
    COLLATOR.with(run)
}

/// Items by their names, wherever they are.
pub fn by_name<T>(items: &mut Vec<T>, name: impl Fn(&T) -> &str) {
    in_their_language(|collator| sort(collator, items, name));
}
