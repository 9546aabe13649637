//! Paths within an intake, in whatever case they are written.

use protocol::name::Name;
use protocol::unicode::case_folded;
use std::collections::HashSet;

/// A path below the folder that the intake goes into.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Path(Vec<String>);

impl Path {
    /// The path of a name in these folders.
    pub fn of(folders: &[String], name: &Name) -> Self {
        let mut path = Self::to(folders);
        path.0.push(name.key());
        path
    }

    fn to(folders: &[String]) -> Self {
        Self(folders.iter().map(|text| key(text)).collect())
    }
}

/// The key of a name. A text that is no name is refused elsewhere, so any key does.
fn key(text: &str) -> String {
    Name::parse(text).map_or_else(|_| case_folded(text), |name| name.key())
}

/// Every folder of an intake.
#[derive(Debug, Default)]
pub struct IntakeFolders(HashSet<Path>);

impl IntakeFolders {
    pub fn of<'a>(all: impl Iterator<Item = &'a [String]>) -> Self {
        let mut known = HashSet::new();
        let mut last: &[String] = &[];
        // As a rule, files of one folder come one after another.
        for folders in all.filter(|folders| !folders.is_empty()) {
            if folders == last {
                continue;
            }
            last = folders;
            for depth in (1..=folders.len()).rev() {
                let above = folders.get(..depth).unwrap_or_default();
                if !known.insert(Path::to(above)) {
                    break;
                }
            }
        }
        Self(known)
    }

    pub fn has(&self, path: &Path) -> bool {
        !self.0.is_empty() && self.0.contains(path)
    }
}
