//! What is shown of something that was found.

use crate::state::Drive;
use crate::ui::icon::Icon;
use crate::words::t;
use leptos::prelude::*;
use protocol::ids::ItemId;
use protocol::items::Item;
use std::ops::Range;
use sync::search::fold::Folder;
use sync::search::query::Query;
use sync::search::scan::Hit;
use sync::tree::Tree;

#[derive(Clone, Debug, PartialEq)]
pub struct Shown {
    pub item: Item,
    /// What of the name is marked, in bytes.
    pub marked: Vec<Range<usize>>,
    /// The folders above it.
    pub place: String,
    /// Whether it is in the trash, by itself or with a folder.
    pub is_trashed: bool,
}

impl Shown {
    /// `None` for what is gone by now.
    pub fn of(drive: Drive, tree: &Tree, hit: Hit, query: &Query) -> Option<Self> {
        let mut shown = Self::plain(drive, tree, hit.id)?;
        if !query.pattern.is_empty() {
            let name = shown.item.name.as_str();
            shown.marked = query.pattern.ranges(name, &mut Folder::default());
        }
        Some(shown)
    }

    /// The same of what was not looked for by its name.
    pub fn plain(drive: Drive, tree: &Tree, id: ItemId) -> Option<Self> {
        let item = tree.get(id)?.clone();
        Some(Self {
            place: place(drive, tree, &item),
            is_trashed: !tree.is_live(item.id),
            marked: Vec::new(),
            item,
        })
    }

    pub fn icon(&self) -> Icon {
        match self.item.file.is_some() {
            true => Icon::for_name(self.item.name.as_str()),
            false => Icon::Folder,
        }
    }
}

/// What the whole that is looked through is called.
pub fn whole_name(drive: Drive) -> String {
    match drive.root {
        None => t("Files").to_owned(),
        Some(root) => drive.tree.with(|tree| {
            tree.get(root).map_or_else(
                || t("Shared with me").to_owned(),
                |item| item.name.to_string(),
            )
        }),
    }
}

fn place(drive: Drive, tree: &Tree, item: &Item) -> String {
    let above = item.parent.map(|parent| tree.path(parent));
    let names = above
        .into_iter()
        .flatten()
        .map(|item| item.name.to_string());
    let top = drive.root.is_none().then(|| t("Files").to_owned());
    let names: Vec<String> = top.into_iter().chain(names).collect();
    match names.is_empty() {
        true => t("Shared with me").to_owned(),
        false => names.join(" / "),
    }
}

/// A name with the letters marked that were looked for.
#[component]
pub fn Marked(name: String, marked: Vec<Range<usize>>) -> impl IntoView {
    let mut parts: Vec<AnyView> = Vec::with_capacity(2 * marked.len() + 1);
    let mut at = 0;
    for range in marked {
        parts.push(part(&name, at..range.start, false));
        at = range.end;
        parts.push(part(&name, range, true));
    }
    parts.push(part(&name, at..name.len(), false));
    view! { <bdi>{parts}</bdi> }
}

fn part(name: &str, range: Range<usize>, is_marked: bool) -> AnyView {
    let text = name.get(range).unwrap_or_default().to_owned();
    match is_marked {
        true => view! { <mark>{text}</mark> }.into_any(),
        false => text.into_any(),
    }
}
