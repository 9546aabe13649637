//! What an export says of itself: the file [`MANIFEST_PATH`] in each of its zips, as JSON.
//! The format is told in `docs/export.md`. Pure: what is written here is read by
//! [`crate::reading::unpack`].

use blocks::number::FileTime;
use protocol::ids::{UnixMillis, Version};
use serde::{Deserialize, Serialize};

/// Where it is in a zip.
pub const MANIFEST_PATH: &str = "driftless-export.json";
/// What it calls itself.
pub const FORMAT: &str = "driftless-export";
/// Programs that know an older one can't read it.
pub const FORMAT_VERSION: u32 = 1;

/// One zip of an export.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ExportManifest {
    /// [`FORMAT`].
    pub format: String,
    /// [`FORMAT_VERSION`].
    pub format_version: u32,
    /// Which export: the same in all of its parts.
    pub export: String,
    /// Counted from 1.
    pub part: u32,
    /// Whether no part follows.
    pub is_last: bool,
    /// Whose drive it is, by name.
    pub of: String,
    /// When the export was begun. What was changed since is as it was when its part was made.
    pub began_at_ms: UnixMillis,
    /// Whether earlier versions are in it.
    pub with_versions: bool,
    /// Folders, empty ones too.
    pub folders: Vec<ExportedFolder>,
    /// Versions of files, each with its bytes.
    pub files: Vec<ExportedFile>,
    /// What could not be included.
    #[serde(default)]
    pub omitted: Vec<NotExported>,
}

/// A folder of the drive.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ExportedFolder {
    /// Its name in the drive, after those of the folders that it is in.
    pub names: Vec<String>,
    /// When it was made.
    pub created_at_ms: UnixMillis,
}

/// One version of a file.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ExportedFile {
    /// Where its bytes are in the zip.
    pub path: String,
    /// Which file: the same for all its versions, in all parts.
    pub item: String,
    /// The folders that it is in, by their names in the drive, outermost first.
    pub folders: Vec<String>,
    /// Its name in the drive.
    pub name: String,
    /// Counted from 1; some may be gone.
    pub version: Version,
    /// Whether it was the newest when the part was made.
    pub is_newest: bool,
    /// Bytes.
    pub size: u64,
    /// When the file was changed where it came from.
    pub modified_at_ms: FileTime,
    /// Who wrote it, by the name at that time.
    pub by: String,
    /// With which device.
    pub device: String,
    /// When the server took it.
    pub at_ms: UnixMillis,
    /// What somebody calls the version; empty if nobody has given it a name.
    #[serde(default)]
    pub label: String,
    /// Whether it stays, however old it is.
    #[serde(default)]
    pub pinned: bool,
}

/// Something that is not in the export.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct NotExported {
    /// Where it would be.
    pub path: String,
    /// In words that follow the path.
    pub why: String,
}
