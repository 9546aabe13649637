//! What a dropped file is to become. Decided when it is dropped, against the
//! tree as it is shown then: that is what the person saw.

use crate::state::tree::Tree;
use shared::ids::ItemId;
use shared::name::{BadName, Name};

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Target {
    /// The next version of a file that exists.
    Next { item: ItemId },
    /// A new file below `parent`; the folders between may be new as well.
    New {
        parent: Option<ItemId>,
        folders: Vec<Name>,
        name: Name,
    },
    /// Nothing that can be: a sentence for people.
    Impossible { reason: String },
}

impl Target {
    /// Where a file of this name goes, `folders` below `parent`.
    pub fn of(tree: &Tree, parent: Option<ItemId>, folders: &[String], file_name: &str) -> Self {
        let parse = |text: &str| {
            Name::parse(text).map_err(|bad: BadName| Target::Impossible {
                reason: format!("“{text}” can't be stored: {bad}"),
            })
        };
        let names: Result<Vec<Name>, Target> = folders.iter().map(|text| parse(text)).collect();
        let (names, name) = match (names, parse(file_name)) {
            (Ok(names), Ok(name)) => (names, name),
            (Err(impossible), _) | (_, Err(impossible)) => return impossible,
        };
        let Ok((parent, known)) = walk(tree, parent, &names) else {
            return Target::Impossible {
                reason: "A file has the name of one of its folders".to_owned(),
            };
        };
        let missing = names.get(known..).unwrap_or_default();
        let there = missing
            .is_empty()
            .then(|| tree.child_named(parent, &name))
            .flatten();
        match there.map(|item| (item.id, &item.file)) {
            Some((item, Some(_))) => Target::Next { item },
            Some((_, None)) => Target::Impossible {
                reason: format!("There is a folder named “{name}”"),
            },
            None => Target::New {
                parent,
                folders: missing.to_vec(),
                name,
            },
        }
    }
}

/// A file stands where a folder is needed.
struct FileInTheWay;

/// Walks down as far as folders exist; returns the last one and how many of
/// the names that took.
fn walk(
    tree: &Tree,
    start: Option<ItemId>,
    names: &[Name],
) -> Result<(Option<ItemId>, usize), FileInTheWay> {
    let mut folder = start;
    for (depth, name) in names.iter().enumerate() {
        match tree.child_named(folder, name) {
            Some(item) if item.is_folder() => folder = Some(item.id),
            Some(_) => return Err(FileInTheWay),
            None => return Ok((folder, depth)),
        }
    }
    Ok((folder, names.len()))
}

#[cfg(test)]
mod tests {
    use super::Target;
    use crate::state::tree::{Listed, Tree};
    use shared::chunk::SizeClass;
    use shared::ids::{DeviceId, ItemId};
    use shared::name::Name;
    use shared::protocol::items::{Committed, FileHead, Item};

    fn id(n: u8) -> ItemId {
        ItemId::from_random([n; 16])
    }

    fn name(text: &str) -> Name {
        Name::parse(text).unwrap()
    }

    /// `docs/` with `report.txt` at version 3 in it.
    fn tree() -> Tree {
        let docs = Item {
            id: id(1),
            parent: None,
            name: name("docs"),
            place_version: 1,
            file: None,
            created_at_ms: 0,
            trashed_at_ms: None,
            damaged: false,
        };
        let report = Item {
            id: id(2),
            parent: Some(id(1)),
            name: name("report.txt"),
            file: Some(FileHead {
                version: 3,
                size: 1,
                size_class: SizeClass::for_size(1),
                modified_at_ms: 0.into(),
                committed: Committed {
                    user_name: "ann".to_owned(),
                    device_id: DeviceId::from_random([0; 16]),
                    device_name: "Chrome on Linux".to_owned(),
                    at_ms: 0,
                },
                damaged: false,
            }),
            ..docs.clone()
        };
        let mut tree = Tree::default();
        for item in [docs, report] {
            tree.put(Listed {
                item,
                pending: false,
            });
        }
        tree
    }

    fn of(folders: &[&str], file: &str) -> Target {
        let folders: Vec<String> = folders.iter().map(|&f| f.to_owned()).collect();
        Target::of(&tree(), None, &folders, file)
    }

    #[test]
    fn a_name_that_is_taken_is_the_next_version_of_that_file() {
        let next = Target::Next { item: id(2) };
        assert_eq!(of(&["docs"], "report.txt"), next);
        assert_eq!(of(&["DOCS"], "Report.TXT"), next);
    }

    #[test]
    fn a_new_file_keeps_the_folders_that_are_missing() {
        let expected = Target::New {
            parent: Some(id(1)),
            folders: vec![name("2026"), name("may")],
            name: name("a"),
        };
        assert_eq!(of(&["Docs", "2026", "may"], "a"), expected);
    }

    #[test]
    fn what_can_not_be_says_why() {
        let impossible = |target| matches!(target, Target::Impossible { .. });
        assert!(impossible(of(&[], "docs")));
        assert!(impossible(of(&["docs", "report.txt"], "a")));
        assert!(impossible(of(&[], "a\u{202E}txt")));
        assert!(impossible(of(&[".."], "a")));
    }
}
