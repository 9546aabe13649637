//! A whole drive in several zips: what comes into the next one. Pure.
//!
//! Items come in the order in which they were made, which no change of theirs changes: so
//! what is made meanwhile comes later, and a part that was lost is made again without the
//! others. What was changed after its turn comes once more at the end ([`Turn::Changed`]).

use super::plan::{FileContent, Omitted, ZipEntry, walk};
use crate::words::t;
use blocks::number::FileTime;
use protocol::files::FileVersion;
use protocol::ids::{ItemId, UnixMillis, Version};
use protocol::items::Item;
use serde::{Deserialize, Serialize};
use std::collections::HashMap;
use sync::tree::Tree;
use workers::archive::manifest::{
    ExportManifest, ExportedFile, ExportedFolder, FORMAT, FORMAT_VERSION, NotExported,
};

/// Target. Files and folders of one zip: what it says of itself is read whole.
pub const MOST_ENTRIES: usize = 10_000;
/// Files that could not be included are remembered up to so many.
const MOST_OMITTED: usize = 1_000;

/// The folder of a zip with the drive as it is, and that with earlier versions.
const NOW: &str = "drive";
const EARLIER: &str = "versions";

/// How far an export has come: everything up to here is in parts that the person has.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ExportRun {
    /// Names it.
    pub export: String,
    /// By this computer's clock.
    pub began_at_ms: UnixMillis,
    pub with_versions: bool,
    /// A part has about so many bytes.
    pub part_bytes: u64,
    /// The next part, counted from 1.
    pub part: u32,
    /// By the server's clock, the newest content at the beginning.
    pub newest_at_ms: UnixMillis,
    pub turn: Turn,
    /// The last one that is in a part.
    pub after: Option<Place>,
    /// In all parts so far.
    pub files: usize,
    pub bytes: u64,
    pub omitted: Vec<NotExported>,
}

/// Of which items it is the turn.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Turn {
    All,
    /// Those whose content is newer than the export's beginning.
    Changed,
}

/// Where an item, or a version of it, stands in the order.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Place {
    created_at_ms: UnixMillis,
    item: ItemId,
    /// 0 of a folder.
    version: Version,
}

/// What the person has chosen.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ExportOptions {
    pub with_versions: bool,
    /// A part has about so many bytes; at least 1.
    pub part_bytes: u64,
}

impl ExportRun {
    /// One that begins.
    pub fn new(tree: &Tree, export: String, now_ms: UnixMillis, options: ExportOptions) -> Self {
        let contents = tree.ids().filter_map(|id| tree.get(id)?.file.as_ref());
        let newest = contents.map(|file| file.committed.at_ms).max();
        Self {
            export,
            began_at_ms: now_ms,
            with_versions: options.with_versions,
            part_bytes: options.part_bytes,
            part: 1,
            newest_at_ms: newest.unwrap_or(0),
            turn: Turn::All,
            after: None,
            files: 0,
            bytes: 0,
            omitted: Vec::new(),
        }
    }

    /// What is to come in this turn, in its order.
    pub fn queue(&self, tree: &Tree) -> Vec<ItemId> {
        let is_due = |item: &&Item| match (self.turn, &item.file) {
            (Turn::All, _) => true,
            (Turn::Changed, Some(file)) => file.committed.at_ms > self.newest_at_ms,
            (Turn::Changed, None) => false,
        };
        let after = self.after.map(|after| (after.created_at_ms, after.item));
        let items = tree.ids().filter_map(|id| tree.get(id));
        let items = items.filter(|item| tree.is_live(item.id)).filter(is_due);
        let mut queue: Vec<(UnixMillis, ItemId)> = items
            .map(|item| (item.created_at_ms, item.id))
            // The last one may have more versions.
            .filter(|place| after.is_none_or(|after| *place >= after))
            .collect();
        queue.sort_unstable();
        queue.into_iter().map(|(_, item)| item).collect()
    }

    /// Whether some content is newer than the export's beginning.
    pub fn has_changes(&self, tree: &Tree) -> bool {
        let changed = Self {
            turn: Turn::Changed,
            after: None,
            ..self.clone()
        };
        !changed.queue(tree).is_empty()
    }

    /// The person has this part.
    pub fn has(&mut self, part: &Part) {
        self.part += 1;
        self.files += part.files.len();
        self.bytes += part.bytes;
        self.after = part.last.or(self.after);
        let omitted = part.not_exported.iter().cloned();
        self.omitted.extend(omitted);
        self.omitted.truncate(MOST_OMITTED);
        if part.ends_turn {
            self.turn = Turn::Changed;
            self.after = None;
        }
    }
}

/// By which path each item goes into a zip.
pub fn paths(tree: &Tree, fold: &dyn Fn(&str) -> String) -> HashMap<ItemId, String> {
    let mut paths = HashMap::new();
    walk(tree, tree.list(None), fold, |item, path, _| {
        paths.insert(item.id, path);
    });
    paths
}

/// One zip of an export, as it is planned.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Part {
    pub entries: Vec<ZipEntry>,
    pub folders: Vec<ExportedFolder>,
    pub files: Vec<ExportedFile>,
    pub omitted: Vec<Omitted>,
    /// The same, and what turned out not to be had.
    pub not_exported: Vec<NotExported>,
    /// Of all files.
    pub bytes: u64,
    /// The last one that is in it, or could not be.
    pub last: Option<Place>,
    /// Whether nothing is left of this turn…
    pub ends_turn: bool,
    /// …and of the next one.
    pub is_last: bool,
}

/// Where an item is, by the names of the drive and by the path of the zip.
pub struct Whereabouts<'a> {
    pub folders: Vec<String>,
    pub path: &'a str,
}

impl Part {
    /// Adds a folder, or versions of a file, the oldest first, as far as there is room.
    /// Returns whether all of it is in.
    pub fn add(
        &mut self,
        run: &ExportRun,
        item: &Item,
        at: &Whereabouts<'_>,
        versions: &[FileVersion],
    ) -> bool {
        let place = |version| Place {
            created_at_ms: item.created_at_ms,
            item: item.id,
            version,
        };
        let path = format!("{NOW}/{}", at.path);
        if item.mount.is_some() {
            let why = t("it leads to what somebody else shares: download it there");
            self.omit(path, why.to_owned());
            self.last = Some(place(0));
            return true;
        }
        let Some(file) = &item.file else {
            let is_new = run.after.is_none_or(|after| place(0) > after);
            if is_new && self.entries.len() >= MOST_ENTRIES {
                return false;
            }
            if is_new {
                let mut names = at.folders.clone();
                names.push(item.name.to_string());
                self.folders.push(ExportedFolder {
                    names,
                    created_at_ms: item.created_at_ms,
                });
                self.entries.push(ZipEntry {
                    path,
                    changed_at_ms: FileTime::of_clock(item.created_at_ms),
                    file: None,
                });
            }
            self.last = Some(place(0));
            return true;
        };
        if file.version == 0 {
            let why = t("it has not been sent to the server yet");
            self.omit(path, why.to_owned());
            self.last = Some(place(0));
            return true;
        }
        for version in versions {
            let here = place(version.version);
            if run.after.is_some_and(|after| here <= after) {
                continue;
            }
            let is_full = self.entries.len() >= MOST_ENTRIES
                || self.bytes > 0 && self.bytes.saturating_add(version.size) > run.part_bytes;
            if is_full && !self.entries.is_empty() {
                return false;
            }
            let is_newest = version.version == file.version;
            let path = match is_newest {
                true => path.clone(),
                false => earlier(at.path, item, version.version),
            };
            self.entries.push(ZipEntry {
                path: path.clone(),
                changed_at_ms: version.modified_at_ms,
                file: Some(FileContent {
                    item: item.id,
                    version: version.version,
                    size: version.size,
                }),
            });
            self.files.push(ExportedFile {
                path,
                item: item.id.to_string(),
                folders: at.folders.clone(),
                name: item.name.to_string(),
                version: version.version,
                is_newest,
                size: version.size,
                modified_at_ms: version.modified_at_ms,
                by: version.committed.user_name.clone(),
                device: version.committed.device_name.clone(),
                at_ms: version.committed.at_ms,
                label: version.name.clone(),
                pinned: version.pinned,
            });
            self.bytes = self.bytes.saturating_add(version.size);
            self.last = Some(here);
        }
        true
    }

    /// Of what was planned, this could not be had.
    pub fn leave_out(&mut self, omitted: &[Omitted]) {
        self.not_exported = told(omitted);
        let is_left_out = |file: &ExportedFile| omitted.iter().any(|one| one.path == file.path);
        self.files.retain(|file| !is_left_out(file));
        self.bytes = self.files.iter().map(|file| file.size).sum();
    }

    /// Of an item nothing could be found out.
    pub fn omit(&mut self, path: String, why: String) {
        self.omitted.push(Omitted { path, why });
    }

    /// Whether there is nothing in it and nothing to tell.
    pub fn is_empty(&self) -> bool {
        self.entries.is_empty() && self.omitted.is_empty()
    }

    /// What the zip says of itself, once it is known what could not be had.
    pub fn manifest(&self, run: &ExportRun, of: String, omitted: &[Omitted]) -> ExportManifest {
        let is_omitted = |file: &&ExportedFile| omitted.iter().any(|one| one.path == file.path);
        let files = self.files.iter().filter(|file| !is_omitted(file));
        ExportManifest {
            format: FORMAT.to_owned(),
            format_version: FORMAT_VERSION,
            export: run.export.clone(),
            part: run.part,
            is_last: self.is_last,
            of,
            began_at_ms: run.began_at_ms,
            with_versions: run.with_versions,
            folders: self.folders.clone(),
            files: files.cloned().collect(),
            omitted: told(omitted),
        }
    }
}

/// The same, as an export tells it.
fn told(omitted: &[Omitted]) -> Vec<NotExported> {
    let told = |Omitted { path, why }: &Omitted| NotExported {
        path: path.clone(),
        why: why.clone(),
    };
    omitted.iter().map(told).collect()
}

/// Where an earlier version is in a zip: in a folder that is called like the file.
fn earlier(path: &str, item: &Item, version: Version) -> String {
    let (_, extension) = item.name.stem_and_extension();
    let file = path.rsplit('/').next().unwrap_or(path);
    // A name that had to change for some disk has another extension, if any.
    let extension = match file.ends_with(extension) {
        true => extension,
        false => "",
    };
    format!("{EARLIER}/{path}/{version}{extension}")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::archive::examples::{item, tree};
    use crate::archive::names::TakenNames;
    use std::sync::Arc;
    use sync::tree::ListedItem;

    fn fold(name: &str) -> String {
        name.to_lowercase()
    }

    fn versions(item: &Item, all: impl IntoIterator<Item = Version>) -> Vec<FileVersion> {
        let file = item.file.as_ref();
        let one = |version| FileVersion {
            version,
            size: file.map_or(0, |file| file.size),
            modified_at_ms: FileTime::from(7),
            committed: file.map(|file| file.committed.clone()).unwrap(),
            name: String::new(),
            pinned: false,
            marks: 0,
        };
        all.into_iter().map(one).collect()
    }

    fn begun(tree: &Tree, part_bytes: u64) -> ExportRun {
        let options = ExportOptions {
            with_versions: true,
            part_bytes,
        };
        ExportRun::new(tree, "e".to_owned(), 1_000, options)
    }

    /// The next part, as the driver fills it: each file has all versions up to its newest.
    fn next(run: &ExportRun, tree: &Tree) -> Part {
        let paths = paths(tree, &fold);
        let mut part = Part::default();
        for item in run.queue(tree) {
            let (item, path) = (tree.get(item).unwrap(), &paths[&item]);
            let above = tree.path(item.id);
            let above = above[..above.len() - 1].iter();
            let folders = above.map(|item| item.name.to_string()).collect();
            let newest = item.file.as_ref().map_or(0, |file| file.version);
            let all = match newest {
                0 => Vec::new(),
                newest => versions(item, 1..=newest),
            };
            let at = Whereabouts { folders, path };
            if !part.add(run, item, &at, &all) {
                return part;
            }
        }
        part.ends_turn = true;
        part.is_last = run.turn == Turn::Changed || !run.has_changes(tree);
        part
    }

    /// The paths of all parts, with pauses in which `meanwhile` changes the drive.
    fn all(
        run: &mut ExportRun,
        tree: &mut Tree,
        mut meanwhile: impl FnMut(u32, &mut Tree),
    ) -> Vec<Vec<String>> {
        let mut parts = Vec::new();
        loop {
            // What is kept in the browser is what goes on.
            let kept = serde_json::to_string(run).unwrap();
            *run = serde_json::from_str(&kept).unwrap();
            let part = next(run, tree);
            parts.push(
                part.entries
                    .iter()
                    .map(|entry| entry.path.clone())
                    .collect(),
            );
            run.has(&part);
            if part.is_last {
                return parts;
            }
            assert!(parts.len() < 30, "it never ends");
            meanwhile(run.part, tree);
        }
    }

    #[test]
    fn an_export_has_folders_files_and_earlier_versions_by_their_paths() {
        let mut tree = tree(vec![
            item(1, None, "d:", None),
            item(2, Some(1), "report.docx", Some((3, 10, 5))),
            item(3, Some(1), "leer", None),
        ]);
        let mut run = begun(&tree, 1_000);
        let part = next(&run, &tree);
        let manifest = part.manifest(&run, "ann".to_owned(), &[]);
        assert!(manifest.is_last && manifest.part == 1);
        let folders: Vec<_> = manifest
            .folders
            .iter()
            .map(|one| one.names.clone())
            .collect();
        assert_eq!(folders, [vec!["d:"], vec!["d:", "leer"]]);
        let newest = manifest.files.last().unwrap();
        assert_eq!((newest.folders[0].as_str(), newest.is_newest), ("d:", true));
        let parts = all(&mut run, &mut tree, |_, _| {});
        let expected = [
            "drive/d_",
            "versions/d_/report.docx/1.docx",
            "versions/d_/report.docx/2.docx",
            "drive/d_/report.docx",
            "drive/d_/leer",
        ];
        assert_eq!(parts, [expected]);
        assert_eq!((run.files, run.bytes, run.part), (3, 30, 2));
    }

    #[test]
    fn a_part_ends_where_it_is_full_also_between_two_versions() {
        let mut tree = tree(vec![
            item(1, None, "a", Some((4, 40, 5))),
            item(2, None, "b", Some((1, 70, 5))),
            item(3, None, "huge", Some((1, 900, 5))),
            item(4, None, "c", Some((1, 1, 5))),
        ]);
        let mut run = begun(&tree, 100);
        let parts = all(&mut run, &mut tree, |_, _| {});
        let expected: [&[&str]; 4] = [
            &["versions/a/1", "versions/a/2"],
            &["versions/a/3", "drive/a"],
            &["drive/b"],
            // What is larger than a part is one of its own.
            &["drive/huge"],
        ];
        assert_eq!(parts[..4], expected);
        assert_eq!(parts[4], ["drive/c"]);
        assert_eq!((run.files, run.bytes), (7, 160 + 70 + 900 + 1));
    }

    /// Nothing that is there at the end is missing, whatever is done in between.
    #[test]
    fn what_is_made_or_changed_meanwhile_comes_later() {
        let mut tree = tree(vec![
            item(1, None, "a", Some((1, 60, 5))),
            item(2, None, "b", Some((1, 60, 5))),
            item(3, None, "folder", None),
        ]);
        let mut run = begun(&tree, 100);
        let parts = all(&mut run, &mut tree, |part, tree| {
            if part != 2 {
                return;
            }
            let put = |tree: &mut Tree, item| {
                let item = Arc::new(item);
                let pending = false;
                tree.put(ListedItem { item, pending });
            };
            put(tree, item(1, None, "a", Some((2, 60, 50))));
            // One that was still to come goes elsewhere, and one is new.
            put(tree, item(2, Some(3), "b", Some((1, 60, 5))));
            put(tree, item(9, None, "new", Some((1, 60, 40))));
        });
        let expected: [&[&str]; 4] = [
            &["drive/a"],
            // Its turn is not over: it was the last.
            &["drive/a"],
            &["drive/folder/b", "drive/folder"],
            &["drive/new"],
        ];
        assert_eq!(parts[..4], expected);
        assert_eq!(
            parts[4..].concat(),
            ["versions/a/1", "drive/a", "drive/new"]
        );
    }

    #[test]
    fn what_can_not_be_had_is_told_in_the_zip_and_at_the_end() {
        let mut mount = item(1, None, "plans", None);
        mount.mount = Some(protocol::items::Mount {
            grant: protocol::ids::GrantId::from_random([1; 16]),
        });
        let tree = tree(vec![
            mount,
            item(2, None, "new.txt", Some((0, 5, 0))),
            item(3, None, "damaged", Some((1, 5, 0))),
        ]);
        let mut run = begun(&tree, 100);
        let mut part = next(&run, &tree);
        let mut omitted = part.omitted.clone();
        omitted.push(Omitted {
            path: "drive/damaged".to_owned(),
            why: "it is damaged".to_owned(),
        });
        let manifest = part.manifest(&run, "ann".to_owned(), &omitted);
        assert!(manifest.files.is_empty());
        let told: Vec<&str> = manifest
            .omitted
            .iter()
            .map(|one| one.path.as_str())
            .collect();
        assert_eq!(told, ["drive/plans", "drive/new.txt", "drive/damaged"]);
        part.leave_out(&omitted);
        run.has(&part);
        assert_eq!((run.files, run.bytes, run.omitted.len()), (0, 0, 3));
    }

    #[test]
    fn names_of_earlier_versions_stand_beside_no_other_file() {
        // A file is called like the folder of another one's versions.
        let tree = tree(vec![
            item(1, None, "a", None),
            item(2, Some(1), "1", Some((2, 1, 0))),
            item(3, None, "b", Some((2, 1, 0))),
        ]);
        let part = next(&begun(&tree, 100), &tree);
        let mut taken = TakenNames::new(&fold);
        for entry in &part.entries {
            let path = entry.path.replace('/', "-");
            assert_eq!(taken.take(&path), path);
        }
    }
}
