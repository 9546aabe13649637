//! The workspace once more, with every bug in it.

use crate::bug::Bug;
use crate::lock::depend;
use crate::text::replace;
use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::io::{self, ErrorKind};
use std::path::Path;

/// Files of a workspace, by their paths from its root.
pub type Files = BTreeMap<String, Vec<u8>>;

/// What no crate is compiled of.
const NO_SOURCE: [&str; 4] = ["build", "node_modules", "target", "dist"];
const MANIFEST: &str = "Cargo.toml";
const LOCK: &str = "Cargo.lock";
/// This crate, and where it says that it is in the copy.
const PACKAGE: &str = "driftless-bugs";
const SELF: &str = "tests/bugs/src/lib.rs";

/// All that the crates of a workspace are compiled of.
///
/// # Errors
/// A file can't be read.
pub fn files(root: &Path) -> io::Result<Files> {
    let mut files = Files::new();
    for name in [MANIFEST, LOCK] {
        files.insert(name.to_owned(), fs::read(root.join(name))?);
    }
    let manifest = String::from_utf8_lossy(&files[MANIFEST]).into_owned();
    let members = manifest.split("\nmembers = [").nth(1).unwrap_or_default();
    let members = members.split(']').next().unwrap_or_default();
    // Crates are in few folders, and refer to files of each other.
    let folders: BTreeSet<&str> = members
        .split('"')
        .skip(1)
        .step_by(2)
        .filter_map(|member| member.split('/').next())
        .collect();
    for folder in folders {
        add(root, folder, &mut files)?;
    }
    Ok(files)
}

fn add(root: &Path, folder: &str, files: &mut Files) -> io::Result<()> {
    for entry in fs::read_dir(root.join(folder))? {
        let entry = entry?;
        let name = entry.file_name().to_string_lossy().into_owned();
        let path = format!("{folder}/{name}");
        if name.starts_with('.') || NO_SOURCE.contains(&name.as_str()) {
            continue;
        }
        if entry.file_type()?.is_dir() {
            add(root, &path, files)?;
        } else {
            files.insert(path, fs::read(entry.path())?);
        }
    }
    Ok(())
}

/// The files with the bugs in them; crates with bugs depend on this one.
///
/// # Errors
/// A bug does not fit its file.
pub fn seeded(mut files: Files, bugs: &[Bug]) -> Result<Files, String> {
    let mut manifests = BTreeSet::new();
    for bug in bugs {
        for change in &bug.changes {
            let put = |text: &mut String| bug.put(change, text);
            edit(&mut files, &change.file, put, |why| bug.told(change, why))?;
            let manifest = manifest_of(&files, &change.file);
            manifests.insert(manifest.ok_or_else(|| bug.told(change, "it is in no crate"))?);
        }
    }
    let mut packages = Vec::new();
    for manifest in manifests {
        let with_self = |text: &mut String| {
            packages.extend(package(text).map(str::to_owned));
            let list = "[dependencies]\n";
            replace(text, list, &format!("{list}bugs.workspace = true"))
        };
        edit(&mut files, &manifest, with_self, |why| {
            format!("{manifest}: {why}")
        })?;
    }
    for package in packages {
        let with_self = |lock: &mut String| depend(lock, &package, PACKAGE);
        edit(&mut files, LOCK, with_self, str::to_owned)?;
    }
    let is_copy = |text: &mut String| {
        let [not, here] = [false, true].map(|is| format!("ARE_HERE: bool = {is};"));
        replace(text, &not, &here)
    };
    edit(&mut files, SELF, is_copy, |why| format!("{SELF}: {why}"))?;
    Ok(files)
}

fn edit(
    files: &mut Files,
    name: &str,
    change: impl FnOnce(&mut String) -> Result<(), String>,
    told: impl Fn(&str) -> String,
) -> Result<(), String> {
    let file = files
        .get_mut(name)
        .ok_or_else(|| told("there is no such file"))?;
    let mut text = String::from_utf8(file.clone()).map_err(|_| told("it is no text"))?;
    change(&mut text)?;
    *file = text.into_bytes();
    Ok(())
}

/// The manifest of the crate that a file belongs to.
fn manifest_of(files: &Files, file: &str) -> Option<String> {
    let folders = Path::new(file).ancestors().skip(1);
    folders
        .map(|folder| folder.join(MANIFEST).to_string_lossy().into_owned())
        .find(|manifest| manifest != MANIFEST && files.contains_key(manifest))
}

fn package(manifest: &str) -> Option<&str> {
    let name = manifest.split("\nname = \"").nth(1)?;
    name.split('"').next()
}

/// Makes a folder hold these files and no others. One that is as it should be is not
/// touched: Cargo compiles what was written.
///
/// # Errors
/// A file can't be read, written or removed.
pub fn write(files: &Files, into: &Path) -> io::Result<()> {
    for (name, content) in files {
        let path = into.join(name);
        match fs::read(&path) {
            Ok(there) if there == *content => continue,
            Err(error) if error.kind() != ErrorKind::NotFound => return Err(error),
            _ => {}
        }
        if let Some(folder) = path.parent() {
            fs::create_dir_all(folder)?;
        }
        fs::write(path, content)?;
    }
    remove_others(files, into, "")
}

fn remove_others(files: &Files, into: &Path, folder: &str) -> io::Result<()> {
    for entry in fs::read_dir(into.join(folder))? {
        let entry = entry?;
        let path = format!("{folder}{}", entry.file_name().to_string_lossy());
        if entry.file_type()?.is_dir() {
            remove_others(files, into, &format!("{path}/"))?;
        } else if !files.contains_key(&path) {
            fs::remove_file(entry.path())?;
        }
    }
    Ok(())
}
