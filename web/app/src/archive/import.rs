//! What comes back of an export: the parts that the person has chosen, as one. Pure.

use crate::refusals::InWords;
use crate::words::{say, t};
use blocks::number::FileTime;
use protocol::ids::Version;
use protocol::name::Name;
use std::collections::{BTreeMap, BTreeSet, HashMap};
use workers::reading::unpack::{Unpacked, UnpackedFile};

/// A version of a file, and where its bytes are.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Coming {
    /// Which of the zips.
    pub zip: usize,
    pub version: Version,
    pub start: u64,
    pub size: u64,
    pub crc: u32,
    pub modified_at_ms: FileTime,
    pub label: String,
    pub pinned: bool,
}

/// A file with its versions, the oldest first; there is at least one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ComingFile {
    pub folders: Vec<String>,
    pub name: String,
    pub versions: Vec<Coming>,
}

impl ComingFile {
    /// As people read it.
    pub fn path(&self) -> String {
        let names = self.folders.iter().chain([&self.name]);
        names.map(String::as_str).collect::<Vec<_>>().join("/")
    }
}

/// Something that is not imported, and why.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NotImported {
    pub path: String,
    pub why: String,
}

/// All that is to be imported.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ComingDrive {
    pub files: Vec<ComingFile>,
    /// Folders that no file is below.
    pub empty_folders: Vec<Vec<String>>,
    pub left: Vec<NotImported>,
}

/// Puts the parts together. `under` are the folders that all of it goes below. A part that
/// was chosen twice, and a version that is in two parts, come once. Of a file that was moved
/// between two parts, the later part says where it goes.
pub fn join(parts: &[(usize, Unpacked)], under: &[String]) -> ComingDrive {
    let mut drive = ComingDrive::default();
    let mut in_order: Vec<&(usize, Unpacked)> = parts.iter().collect();
    in_order.sort_by_key(|(_, part)| (part.export.clone(), part.part));
    let mut files: BTreeMap<(&str, &str), ComingFile> = BTreeMap::new();
    let mut folders = BTreeSet::new();
    for (zip, part) in in_order {
        for left in &part.left {
            drive.left.push(NotImported {
                path: left.path.clone(),
                why: left.why.in_words(),
            });
        }
        for omitted in &part.omitted {
            drive.left.push(NotImported {
                path: omitted.path.clone(),
                why: say!("it is not in the export: {why}", why = omitted.why),
            });
        }
        folders.extend(part.folders.iter().map(|names| below(under, names)));
        for file in &part.files {
            let known = files.entry((&part.export, &file.item));
            let known = known.or_insert_with(|| ComingFile {
                folders: Vec::new(),
                name: String::new(),
                versions: Vec::new(),
            });
            known.folders = below(under, &file.folders);
            known.name.clone_from(&file.name);
            known.versions.push(coming(*zip, file));
        }
    }
    let mut taken = HashMap::new();
    for mut file in files.into_values() {
        file.versions.sort_by_key(|version| version.version);
        file.versions.dedup_by_key(|version| version.version);
        match taken.insert(key(&file), ()) {
            None => drive.files.push(file),
            // In the drive, one of them stood elsewhere when the other's part was made.
            Some(()) => drive.left.push(NotImported {
                path: file.path(),
                why: t("another file of the export has this name").to_owned(),
            }),
        }
    }
    let mut filled = BTreeSet::new();
    for file in &drive.files {
        filled.extend((0..=file.folders.len()).map(|depth| file.folders[..depth].to_vec()));
    }
    for folder in &folders {
        filled.extend((0..folder.len()).map(|depth| folder[..depth].to_vec()));
    }
    drive.empty_folders = folders.difference(&filled).cloned().collect();
    drive
}

fn below(under: &[String], names: &[String]) -> Vec<String> {
    under.iter().chain(names).cloned().collect()
}

fn coming(zip: usize, file: &UnpackedFile) -> Coming {
    Coming {
        zip,
        version: file.version,
        start: file.start,
        size: file.size,
        crc: file.crc,
        modified_at_ms: file.modified_at_ms,
        label: file.label.clone(),
        pinned: file.pinned,
    }
}

/// What is the same of names that are one in a folder of the drive.
fn key(file: &ComingFile) -> Vec<String> {
    let names = file.folders.iter().chain([&file.name]);
    let key = |name: &String| match Name::parse(name) {
        Ok(name) => name.key(),
        Err(_) => name.clone(),
    };
    names.map(key).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn file(item: &str, folders: &[&str], name: &str, version: Version) -> UnpackedFile {
        UnpackedFile {
            item: item.to_owned(),
            folders: folders.iter().map(|name| (*name).to_owned()).collect(),
            name: name.to_owned(),
            version,
            label: String::new(),
            pinned: false,
            modified_at_ms: FileTime::from(7),
            start: version * 100,
            size: 10,
            crc: 1,
        }
    }

    fn part(number: u32, files: Vec<UnpackedFile>) -> Unpacked {
        Unpacked {
            export: "e".to_owned(),
            part: number,
            files,
            ..Unpacked::default()
        }
    }

    fn told(drive: &ComingDrive) -> Vec<(String, Vec<(usize, Version)>)> {
        let of = |file: &ComingFile| {
            let versions = file.versions.iter();
            let versions = versions.map(|version| (version.zip, version.version));
            (file.path(), versions.collect())
        };
        drive.files.iter().map(of).collect()
    }

    #[test]
    fn parts_in_any_order_are_one_drive_and_nothing_comes_twice() {
        let first = part(
            1,
            vec![file("x", &["old"], "a", 1), file("x", &["old"], "a", 2)],
        );
        let second = part(
            2,
            vec![file("x", &["new"], "a", 3), file("x", &["new"], "a", 2)],
        );
        let parts = [(0, second), (1, first.clone()), (2, first)];
        let drive = join(&parts, &[]);
        let versions = vec![(1, 1), (1, 2), (0, 3)];
        assert_eq!(told(&drive), [("new/a".to_owned(), versions)]);
        let below = join(&parts, &["Import".to_owned()]);
        assert_eq!(told(&below)[0].0, "Import/new/a");
        // The same item of another export is another file.
        let mut other = part(1, vec![file("x", &[], "A", 1)]);
        other.export = "other".to_owned();
        let drive = join(&[parts[0].clone(), (1, other)], &[]);
        assert_eq!(drive.files.len(), 2);
    }

    #[test]
    fn folders_that_nothing_is_in_come_by_themselves() {
        let names = |path: &str| path.split('/').map(str::to_owned).collect::<Vec<_>>();
        let mut one = part(1, vec![file("x", &["a", "b"], "f", 1)]);
        one.folders = ["a", "a/b", "a/empty", "c", "c/d"].map(names).to_vec();
        let drive = join(&[(0, one)], &[]);
        assert_eq!(drive.empty_folders, ["a/empty", "c/d"].map(names));
    }

    #[test]
    fn two_files_of_one_name_are_not_mixed() {
        let one = part(
            1,
            vec![file("x", &[], "a.txt", 1), file("y", &[], "A.TXT", 1)],
        );
        let drive = join(&[(0, one)], &[]);
        assert_eq!(drive.files.len(), 1);
        assert_eq!(drive.left[0].path, "A.TXT");
    }
}
