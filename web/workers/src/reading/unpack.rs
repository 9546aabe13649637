//! What of a zip of an export is imported. Pure, and it believes nothing: whatever the zip
//! says, each file is some bytes of it, which belong to no other file, with names that the
//! drive takes. So nothing gets larger than the zip, and nothing out of the chosen folder.

use super::zip_files::ListedFile;
use crate::archive::manifest::{
    ExportManifest, ExportedFile, ExportedFolder, FORMAT, FORMAT_VERSION, NotExported,
};
use blocks::number::FileTime;
use protocol::ids::Version;
use protocol::limits::{MAX_FILE_BYTES, MAX_FOLDER_DEPTH};
use protocol::name::{BadName, Name};
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, HashMap};

/// Hard. What an export says of itself is not read beyond so many bytes.
pub const MAX_MANIFEST_BYTES: u64 = 64 << 20;
/// Hard. Files of one zip.
pub const MAX_FILES: usize = 200_000;

/// Why a zip is not imported at all.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, thiserror::Error)]
#[serde(rename_all = "snake_case")]
#[allow(missing_docs, reason = "each message says what is wrong")]
pub enum NoExport {
    #[error("it is no zip, or it is cut off")]
    NoZip,
    #[error("it has no file driftless-export.json, so it is no export of a drive")]
    NoManifest,
    #[error("its driftless-export.json can’t be read: {0}")]
    BadManifest(String),
    #[error("a newer version of Driftless has made it: reload the page, or update the server")]
    Newer,
    #[error("it lists more than {MAX_FILES} files")]
    TooMany,
}

/// Why one file or folder is not imported.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, thiserror::Error)]
#[serde(rename_all = "snake_case")]
#[allow(missing_docs, reason = "each message says what is wrong")]
pub enum NotTaken {
    #[error("its bytes are not in the zip")]
    Missing,
    #[error("the zip has it twice")]
    Twice,
    #[error("it is compressed, which no export is")]
    Compressed,
    #[error("it needs a password")]
    Encrypted,
    #[error("the zip has another size for it than the export says")]
    OtherSize,
    #[error("its bytes are also those of another file")]
    Overlaps,
    #[error("it is larger than a file can be")]
    TooLarge,
    #[error("“{name}” is no name: {why}")]
    BadName { name: String, why: String },
    #[error("it is in more than {MAX_FOLDER_DEPTH} folders")]
    TooDeep,
}

/// Something that is not imported.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct LeftInZip {
    /// Its path, as the export or the zip tells it.
    pub path: String,
    /// Why.
    pub why: NotTaken,
}

/// What is imported of one zip.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Unpacked {
    /// Which export, and which part of it.
    pub export: String,
    pub part: u32,
    pub is_last: bool,
    /// Whose drive it was.
    pub of: String,
    /// Folders, by their names.
    pub folders: Vec<Vec<String>>,
    pub files: Vec<UnpackedFile>,
    pub left: Vec<LeftInZip>,
    /// What was not in the export.
    pub omitted: Vec<NotExported>,
}

/// A version of a file, and where its bytes are.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct UnpackedFile {
    pub item: String,
    pub folders: Vec<String>,
    pub name: String,
    pub version: Version,
    pub label: String,
    pub pinned: bool,
    pub modified_at_ms: FileTime,
    /// In the zip, in bytes.
    pub start: u64,
    pub size: u64,
    pub crc: u32,
}

/// Reads what an export says of itself.
///
/// # Errors
/// `BadManifest`, `Newer`, `TooMany`.
pub fn manifest(bytes: &[u8]) -> Result<ExportManifest, NoExport> {
    /// What every version of the format has.
    #[derive(Deserialize)]
    struct Kind {
        format: String,
        format_version: u32,
    }
    let bad = |why: serde_json::Error| NoExport::BadManifest(why.to_string());
    let kind: Kind = serde_json::from_slice(bytes).map_err(bad)?;
    if kind.format != FORMAT {
        return Err(NoExport::NoManifest);
    }
    if kind.format_version > FORMAT_VERSION {
        return Err(NoExport::Newer);
    }
    let manifest: ExportManifest = serde_json::from_slice(bytes).map_err(bad)?;
    match manifest.files.len().max(manifest.folders.len()) <= MAX_FILES {
        true => Ok(manifest),
        false => Err(NoExport::TooMany),
    }
}

/// A file that is to be imported once it is known where its bytes begin.
pub struct Wanted {
    pub file: ExportedFile,
    pub listed: ListedFile,
}

/// Finds the files of the export in the zip's list. What can't be imported goes to `left`.
pub fn wanted(
    files: Vec<ExportedFile>,
    listed: Vec<ListedFile>,
    left: &mut Vec<LeftInZip>,
) -> Vec<Wanted> {
    let mut of: HashMap<String, (ListedFile, bool)> = HashMap::new();
    for file in listed {
        let twice = of.contains_key(&file.path);
        of.entry(file.path.clone())
            .and_modify(|known| known.1 = true)
            .or_insert((file, twice));
    }
    let mut found = Vec::new();
    for file in files {
        // Each entry is one file's.
        let listed = of.remove(&file.path);
        match check(&file, listed.as_ref()) {
            Ok(()) => found.extend(listed.map(|(listed, _)| Wanted { file, listed })),
            Err(why) => left.push(LeftInZip {
                path: file.path,
                why,
            }),
        }
    }
    found
}

fn check(file: &ExportedFile, listed: Option<&(ListedFile, bool)>) -> Result<(), NotTaken> {
    let Some((listed, is_twice)) = listed else {
        return Err(NotTaken::Missing);
    };
    if *is_twice {
        return Err(NotTaken::Twice);
    }
    if listed.is_encrypted {
        return Err(NotTaken::Encrypted);
    }
    if !listed.is_stored {
        return Err(NotTaken::Compressed);
    }
    if listed.size != file.size || listed.packed_size != file.size {
        return Err(NotTaken::OtherSize);
    }
    if file.size > MAX_FILE_BYTES {
        return Err(NotTaken::TooLarge);
    }
    check_names(&file.folders)?;
    check_name(&file.name)
}

fn check_names(folders: &[String]) -> Result<(), NotTaken> {
    if folders.len() >= MAX_FOLDER_DEPTH {
        return Err(NotTaken::TooDeep);
    }
    folders.iter().try_for_each(|name| check_name(name))
}

fn check_name(name: &str) -> Result<(), NotTaken> {
    let bad = |why: BadName| NotTaken::BadName {
        name: name.to_owned(),
        why: why.to_string(),
    };
    Name::parse(name).map(|_| ()).map_err(bad)
}

/// What is imported. `found` are files with the place where their bytes begin, if a header
/// stands before them; the zip's list begins at `ends_at`.
pub fn unpacked(
    about: ExportManifest,
    found: Vec<(Wanted, Option<u64>)>,
    ends_at: u64,
    mut left: Vec<LeftInZip>,
) -> Unpacked {
    let mut files = Vec::new();
    // By where they begin: two files have no byte in common.
    let mut taken: BTreeMap<u64, u64> = BTreeMap::new();
    for (Wanted { file, listed }, start) in found {
        let end = start.and_then(|start| start.checked_add(file.size));
        let Some((start, end)) = start.zip(end).filter(|(_, end)| *end <= ends_at) else {
            left.push(LeftInZip {
                path: file.path,
                why: NotTaken::Missing,
            });
            continue;
        };
        let before = taken.range(..end).next_back();
        if file.size > 0 {
            if before.is_some_and(|(_, before)| *before > start) {
                left.push(LeftInZip {
                    path: file.path,
                    why: NotTaken::Overlaps,
                });
                continue;
            }
            taken.insert(start, end);
        }
        files.push(UnpackedFile {
            item: file.item,
            folders: file.folders,
            name: file.name,
            version: file.version,
            label: file.label,
            pinned: file.pinned,
            modified_at_ms: file.modified_at_ms,
            start,
            size: file.size,
            crc: listed.crc,
        });
    }
    let mut folders = Vec::new();
    for ExportedFolder { names, .. } in about.folders {
        match check_names(&names) {
            Ok(()) => folders.push(names),
            Err(why) => left.push(LeftInZip {
                path: names.join("/"),
                why,
            }),
        }
    }
    Unpacked {
        export: about.export,
        part: about.part,
        is_last: about.is_last,
        of: about.of,
        folders,
        files,
        left,
        omitted: about.omitted,
    }
}

#[cfg(test)]
mod tests {
    use super::super::zip_files::{bytes_begin, listed};
    use super::super::zip_list::end;
    use super::*;
    use crate::archive::manifest::MANIFEST_PATH;
    use crate::archive::writer::Writer;
    use crate::archive::writer::tests::CHANGED;
    use std::io::Cursor;

    fn file(path: &str, folders: &[&str], name: &str, size: u64) -> ExportedFile {
        ExportedFile {
            path: path.to_owned(),
            item: format!("item of {path}"),
            folders: folders.iter().map(|name| (*name).to_owned()).collect(),
            name: name.to_owned(),
            version: 1,
            is_newest: true,
            size,
            modified_at_ms: CHANGED.at,
            by: "ann".to_owned(),
            device: "Laptop".to_owned(),
            at_ms: 7,
            label: String::new(),
            pinned: false,
        }
    }

    fn about(files: Vec<ExportedFile>) -> ExportManifest {
        ExportManifest {
            format: FORMAT.to_owned(),
            format_version: FORMAT_VERSION,
            export: "e".to_owned(),
            part: 1,
            is_last: true,
            files,
            ..ExportManifest::default()
        }
    }

    /// As the worker does it, of bytes that are all here.
    fn read(zip: &[u8]) -> Result<Unpacked, NoExport> {
        let directory = end(zip, zip.len() as u64).ok_or(NoExport::NoZip)?;
        let list = &zip[directory.start as usize..][..directory.bytes as usize];
        let list = listed(list, directory).ok_or(NoExport::NoZip)?;
        let start = |header_at: u64| {
            let header = zip.get(header_at as usize..)?;
            bytes_begin(header, header_at)
        };
        let text = list.iter().find(|file| file.path == MANIFEST_PATH);
        let text = text.ok_or(NoExport::NoManifest)?;
        let at = start(text.header_at).ok_or(NoExport::NoManifest)? as usize;
        let text = zip
            .get(at..)
            .and_then(|rest| rest.get(..text.size as usize));
        let mut about = manifest(text.ok_or(NoExport::NoZip)?)?;
        let mut left = Vec::new();
        let files = std::mem::take(&mut about.files);
        let found = wanted(files, list, &mut left).into_iter();
        let found = found.map(|wanted| {
            let at = start(wanted.listed.header_at);
            (wanted, at)
        });
        Ok(unpacked(about, found.collect(), directory.start, left))
    }

    fn zip_of(entries: &[(&str, &[u8])], about: &ExportManifest) -> Vec<u8> {
        let mut writer = Writer::new(Cursor::new(Vec::new()));
        for (path, bytes) in entries {
            writer.file(path, bytes.len() as u64, CHANGED).unwrap();
            writer.append(bytes).unwrap();
        }
        let text = serde_json::to_vec(about).unwrap();
        writer
            .file(MANIFEST_PATH, text.len() as u64, CHANGED)
            .unwrap();
        writer.append(&text).unwrap();
        writer.finish().unwrap().into_inner()
    }

    fn left(unpacked: &Unpacked) -> Vec<(&str, &NotTaken)> {
        let left = unpacked.left.iter();
        left.map(|one| (one.path.as_str(), &one.why)).collect()
    }

    #[test]
    fn what_an_export_has_is_found_in_its_zip() {
        let mut whole = about(vec![
            file("drive/d_/a.txt", &["d:"], "a.txt", 5),
            file("drive/empty", &[], "empty", 0),
        ]);
        whole.folders = vec![ExportedFolder {
            names: vec!["d:".to_owned(), "leer".to_owned()],
            created_at_ms: 3,
        }];
        let zip = zip_of(
            &[("drive/d_/a.txt", b"hello"), ("drive/empty", b"")],
            &whole,
        );
        let unpacked = read(&zip).unwrap();
        assert_eq!(left(&unpacked), []);
        assert_eq!(unpacked.folders, [["d:", "leer"]]);
        let [a, empty] = unpacked.files.as_slice() else {
            panic!("{unpacked:?}")
        };
        assert_eq!(&zip[a.start as usize..][..5], b"hello");
        assert_eq!(
            (a.folders.as_slice(), a.name.as_str()),
            (&["d:".to_owned()][..], "a.txt")
        );
        assert_eq!((a.modified_at_ms, empty.size), (CHANGED.at, 0));
        let mut crc = crc32fast::Hasher::new();
        crc.update(b"hello");
        assert_eq!(a.crc, crc.finalize());
    }

    /// Names come from a zip that anybody can make: none leads anywhere.
    #[test]
    fn names_that_lead_elsewhere_are_refused_one_by_one() {
        let hostile = ["..", ".", "a/b", "a\\b", "", "/etc", "a\nb", "\u{202e}x"];
        let mut files: Vec<ExportedFile> = Vec::new();
        for (n, name) in hostile.iter().enumerate() {
            files.push(file(&format!("name {n}"), &[], name, 1));
            files.push(file(&format!("folder {n}"), &[name], "good", 1));
        }
        let deep: Vec<&str> = std::iter::repeat_n("f", MAX_FOLDER_DEPTH).collect();
        files.push(file("deep", &deep, "good", 1));
        files.push(file("../good", &["fine"], "good", 1));
        let paths: Vec<String> = files.iter().map(|file| file.path.clone()).collect();
        let entries: Vec<(&str, &[u8])> = paths
            .iter()
            .map(|path| (path.as_str(), &b"x"[..]))
            .collect();
        let mut about = about(files);
        about.folders = vec![ExportedFolder {
            names: vec!["..".to_owned()],
            created_at_ms: 0,
        }];
        let unpacked = read(&zip_of(&entries, &about)).unwrap();
        // A path of the zip says nothing of where its file goes.
        let taken: Vec<&str> = unpacked
            .files
            .iter()
            .map(|file| file.name.as_str())
            .collect();
        assert_eq!(taken, ["good"]);
        assert_eq!(unpacked.left.len(), 2 * hostile.len() + 2);
        assert!(unpacked.folders.is_empty());
        let of_depth = unpacked
            .left
            .iter()
            .filter(|one| one.why == NotTaken::TooDeep);
        assert_eq!(of_depth.count(), 1);
    }

    #[test]
    fn what_is_not_in_the_zip_as_it_is_said_to_be_is_refused() {
        let about = about(vec![
            file("missing", &[], "missing", 1),
            file("short", &[], "short", 3),
            file("same", &[], "one", 1),
            file("same", &[], "other", 1),
            file("good", &[], "good", 4),
        ]);
        let entries: [(&str, &[u8]); 3] = [("short", b"xx"), ("same", b"x"), ("good", b"good")];
        let unpacked = read(&zip_of(&entries, &about)).unwrap();
        let expected = [
            ("missing", &NotTaken::Missing),
            ("short", &NotTaken::OtherSize),
            // Each entry is one file.
            ("same", &NotTaken::Missing),
        ];
        assert_eq!(left(&unpacked), expected);
        assert_eq!(unpacked.files.len(), 2);
    }

    /// A bomb is small and says that it is large, by packing or by sharing bytes.
    #[test]
    fn nothing_gets_larger_than_the_zip() {
        let bomb = about(vec![file("bomb", &[], "bomb", 1 << 20)]);
        let mut zip = zip_of(&[("bomb", b"tiny")], &bomb);
        let list = end(&zip, zip.len() as u64).unwrap().start as usize;
        // It is packed by deflate, says the list, and has a megabyte.
        zip[list + 10] = 8;
        zip[list + 24..list + 28].copy_from_slice(&(1_u32 << 20).to_le_bytes());
        assert_eq!(
            left(&read(&zip).unwrap()),
            [("bomb", &NotTaken::Compressed)]
        );

        // The same bytes under several names: the list says so, whatever stands there.
        let whole = about(vec![
            file("aaaa", &[], "a", 4),
            file("bbbb", &[], "b", 4),
            file("cccc", &[], "c", 4),
        ]);
        let entries: [(&str, &[u8]); 3] = [("aaaa", b"1234"), ("bbbb", b"5678"), ("cccc", b"9abc")];
        let mut zip = zip_of(&entries, &whole);
        let directory = end(&zip, zip.len() as u64).unwrap();
        // The second is said to stand where the first is.
        let second = zip[directory.start as usize..]
            .windows(4)
            .position(|w| w == b"bbbb");
        let at = directory.start as usize + second.unwrap() - 46 + 42;
        zip[at..at + 4].copy_from_slice(&0_u32.to_le_bytes());
        let unpacked = read(&zip).unwrap();
        assert_eq!(left(&unpacked), [("bbbb", &NotTaken::Overlaps)]);
        assert_eq!(unpacked.files.len(), 2);
    }

    #[test]
    fn what_is_no_export_is_told_from_one_that_is_newer() {
        assert_eq!(read(b"no zip"), Err(NoExport::NoZip));
        let mut writer = Writer::new(Cursor::new(Vec::new()));
        writer.file("a", 0, CHANGED).unwrap();
        let zip = writer.finish().unwrap().into_inner();
        assert_eq!(read(&zip), Err(NoExport::NoManifest));
        let newer = ExportManifest {
            format_version: FORMAT_VERSION + 1,
            ..about(Vec::new())
        };
        assert_eq!(read(&zip_of(&[], &newer)), Err(NoExport::Newer));
        let other = ExportManifest {
            format: "another".to_owned(),
            ..about(Vec::new())
        };
        assert_eq!(read(&zip_of(&[], &other)), Err(NoExport::NoManifest));
        for text in [
            "",
            "[]",
            "{\"format\":\"driftless-export\",\"format_version\":1}",
        ] {
            assert!(
                matches!(manifest(text.as_bytes()), Err(NoExport::BadManifest(_))),
                "{text}"
            );
        }
    }

    /// Whatever byte of a zip is another one: it is an export or it is not, and every file is
    /// within it.
    #[test]
    fn no_damage_makes_a_file_of_what_is_outside_the_zip() {
        let whole = about(vec![file("a", &[], "a", 4), file("b", &["f"], "b", 4)]);
        let zip = zip_of(&[("a", b"aaaa"), ("b", b"bbbb")], &whole);
        for at in 0..zip.len() {
            for flip in [1, 0x80, 0xff] {
                let mut harmed = zip.clone();
                harmed[at] ^= flip;
                for file in read(&harmed).iter().flat_map(|unpacked| &unpacked.files) {
                    assert!(file.start + file.size <= harmed.len() as u64);
                }
            }
        }
    }
}
