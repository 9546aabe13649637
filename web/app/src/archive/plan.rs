//! What a zip has: decided once, from the tree as it is shown, so that each file
//! is one version, whatever is written while the zip is made.

use super::names::TakenNames;
use crate::words::t;
use blocks::number::FileTime;
use protocol::ids::{ItemId, Version};
use protocol::items::Item;
use std::collections::HashSet;
use sync::tree::Tree;

#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Plan {
    /// The zip's own, with its extension.
    pub name: String,
    /// Each folder stands before what is in it.
    pub entries: Vec<ZipEntry>,
    /// Chosen files that are not in it.
    pub omitted: Vec<Omitted>,
    /// Items whose names some system would not take: their names in the drive,
    /// and in the zip.
    pub renamed: Vec<(String, String)>,
}

/// A file or a folder of the zip.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ZipEntry {
    /// With `/` between folders, and no `/` at either end.
    pub path: String,
    /// When a file was changed or a folder made.
    pub changed_at_ms: FileTime,
    /// `None` is a folder.
    pub file: Option<FileContent>,
}

/// One version of a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct FileContent {
    pub item: ItemId,
    pub version: Version,
    /// Bytes.
    pub size: u64,
}

/// A file that is left out, and why, in words that follow its path.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Omitted {
    pub path: String,
    pub why: String,
}

impl Plan {
    /// Plans a zip of these siblings and all that is below them. `fold` is what
    /// names have in common that are one on some disk.
    pub fn of(tree: &Tree, chosen: &[ItemId], fold: &dyn Fn(&str) -> String) -> Self {
        let mut chosen: Vec<&Item> = chosen.iter().filter_map(|&id| tree.get(id)).collect();
        // Whose name stays as it is does not depend on the order of choosing.
        chosen.sort_by_cached_key(|item| (item.name.key(), item.id));
        let name = match chosen.as_slice() {
            [only] => only.name.as_str(),
            [first, ..] => first
                .parent
                .and_then(|folder| tree.get(folder))
                .map_or(t("Files"), |folder| folder.name.as_str()),
            [] => t("Files"),
        };
        let mut plan = Self {
            name: format!("{}.zip", TakenNames::new(fold).take(name)),
            ..Self::default()
        };
        walk(tree, chosen, fold, |item, path, is_renamed| {
            if is_renamed {
                plan.renamed.push((item.name.to_string(), path.clone()));
            }
            plan.add(item, path);
        });
        plan
    }

    fn add(&mut self, item: &Item, path: String) {
        if item.mount.is_some() {
            let why = t("it leads to what somebody else shares: download it there").to_owned();
            return self.omitted.push(Omitted { path, why });
        }
        let file = item.file.as_ref().map(|file| FileContent {
            item: item.id,
            version: file.version,
            size: file.size,
        });
        if file.is_some_and(|file| file.version == 0) {
            let why = t("it has not been sent to the server yet").to_owned();
            return self.omitted.push(Omitted { path, why });
        }
        let changed_at_ms = item
            .file
            .as_ref()
            .map_or(FileTime::of_clock(item.created_at_ms), |file| {
                file.modified_at_ms
            });
        self.entries.push(ZipEntry {
            path,
            changed_at_ms,
            file,
        });
    }

    pub fn files(&self) -> impl Iterator<Item = (&ZipEntry, FileContent)> {
        let entries = self.entries.iter();
        entries.filter_map(|entry| Some((entry, entry.file?)))
    }

    /// Bytes of all files.
    pub fn bytes(&self) -> u64 {
        self.files().map(|(_, content)| content.size).sum()
    }

    /// The plan without the files of which this says so, each with the reason.
    pub fn without(mut self, why: impl Fn(FileContent) -> Option<String>) -> Self {
        let omitted = &mut self.omitted;
        self.entries.retain(|entry| {
            let Some(why) = entry.file.and_then(&why) else {
                return true;
            };
            let path = entry.path.clone();
            omitted.push(Omitted { path, why });
            false
        });
        self
    }
}

/// Goes through siblings and all that is below them, each folder before what is in it, and
/// tells of each item by which path it goes into a zip, and whether its name is another there.
pub fn walk(
    tree: &Tree,
    siblings: Vec<&Item>,
    fold: &dyn Fn(&str) -> String,
    mut tell: impl FnMut(&Item, String, bool),
) {
    let mut opened = HashSet::new();
    // Folders nest 128 deep and more: no recursion.
    let mut folders = vec![(String::new(), siblings)];
    while let Some((above, items)) = folders.pop() {
        let mut taken = TakenNames::new(fold);
        let first_below = folders.len();
        for item in items {
            let name = taken.take(item.name.as_str());
            let path = format!("{above}{name}");
            // Moves that wait to be sent may put two folders into each other.
            if item.is_folder() && opened.insert(item.id) {
                folders.push((format!("{path}/"), tree.list(Some(item.id))));
            }
            tell(item, path, name != item.name.as_str());
        }
        // The first one comes out first.
        folders[first_below..].reverse();
    }
}

#[cfg(test)]
mod tests {
    use super::Plan;
    use crate::archive::examples::{id, item, tree};
    use blocks::number::FileTime;
    use protocol::ids::{GrantId, ItemId};
    use protocol::items::{Item, Mount};

    fn plan(items: Vec<Item>, chosen: &[u8]) -> Plan {
        let chosen: Vec<ItemId> = chosen.iter().map(|&n| id(n)).collect();
        Plan::of(&tree(items), &chosen, &|name| {
            name.to_uppercase().to_lowercase()
        })
    }

    fn paths(plan: &Plan) -> Vec<&str> {
        plan.entries
            .iter()
            .map(|entry| entry.path.as_str())
            .collect()
    }

    #[test]
    fn a_folder_has_everything_below_it_and_empty_folders_too() {
        let plan = plan(
            vec![
                item(1, None, "Fotos", None),
                item(2, Some(1), "b.jpg", Some((3, 10, 0))),
                item(3, Some(1), "Übung", None),
                item(4, Some(3), "a.jpg", Some((1, 10, 0))),
                item(5, Some(1), "leer", None),
                item(6, None, "other.txt", Some((1, 10, 0))),
            ],
            &[1],
        );
        let expected = [
            "Fotos",
            "Fotos/leer",
            "Fotos/Übung",
            "Fotos/b.jpg",
            "Fotos/Übung/a.jpg",
        ];
        assert_eq!(paths(&plan), expected);
        assert_eq!(plan.name, "Fotos.zip");
        assert_eq!(plan.bytes(), 20);
        let (entry, content) = plan.files().next().unwrap();
        assert_eq!(
            (content.version, entry.changed_at_ms),
            (3, FileTime::from(7))
        );
    }

    #[test]
    fn what_a_mount_leads_to_is_left_out_and_told_of() {
        let mut mount = item(2, Some(1), "plans", None);
        let grant = GrantId::from_random([1; 16]);
        mount.mount = Some(Mount { grant });
        let plan = plan(vec![item(1, None, "work", None), mount], &[1]);
        assert_eq!(paths(&plan), ["work"]);
        let omitted: Vec<&str> = plan.omitted.iter().map(|one| one.path.as_str()).collect();
        assert_eq!(omitted, ["work/plans"]);
    }

    #[test]
    fn two_folders_that_lead_into_each_other_are_a_zip_that_ends() {
        let plan = plan(
            vec![item(1, Some(2), "a", None), item(2, Some(1), "b", None)],
            &[1],
        );
        assert_eq!(paths(&plan), ["a", "a/b", "a/b/a"]);
    }

    #[test]
    fn several_files_of_a_folder_are_a_zip_of_its_name() {
        let items = || {
            vec![
                item(1, None, "Trip", None),
                item(2, Some(1), "a", Some((1, 10, 0))),
                item(3, Some(1), "b", Some((1, 10, 0))),
            ]
        };
        let of_folder = plan(items(), &[3, 2]);
        assert_eq!(of_folder.name, "Trip.zip");
        assert_eq!(paths(&of_folder), ["a", "b"]);
        let mut items = items();
        items.push(item(4, None, "c", Some((1, 10, 0))));
        assert_eq!(plan(items, &[1, 4]).name, "Files.zip");
    }

    #[test]
    fn what_the_server_does_not_have_yet_is_named_and_not_left_out_silently() {
        let plan = plan(
            vec![
                item(1, None, "new.txt", Some((0, 10, 0))),
                item(2, None, "old.txt", Some((1, 10, 0))),
            ],
            &[1, 2],
        );
        assert_eq!(paths(&plan), ["old.txt"]);
        assert_eq!(plan.omitted[0].path, "new.txt");
    }

    #[test]
    fn names_of_the_drive_that_are_one_elsewhere_are_told() {
        let plan = plan(
            vec![
                item(1, None, "d:", None),
                item(2, Some(1), "Maße", Some((1, 10, 0))),
                item(3, Some(1), "MASSE", Some((1, 10, 0))),
            ],
            &[1],
        );
        assert_eq!(plan.name, "d_.zip");
        assert_eq!(plan.entries.len(), 3);
        assert!(paths(&plan).iter().any(|path| path.ends_with(" (2)")));
        assert_eq!(plan.renamed.len(), 2);
        assert_eq!(plan.renamed[0], ("d:".to_owned(), "d_".to_owned()));
    }

    #[test]
    fn what_is_not_here_can_be_taken_out_of_a_plan() {
        let all = plan(
            vec![
                item(1, None, "a", Some((1, 10, 0))),
                item(2, None, "b", Some((1, 10, 0))),
            ],
            &[1, 2],
        );
        let part = all.without(|content| (content.item == id(1)).then(|| "gone".to_owned()));
        assert_eq!(paths(&part), ["b"]);
        assert_eq!(part.omitted[0].why, "gone");
    }
}
