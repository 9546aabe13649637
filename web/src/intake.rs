//! From a drop or a picker to a flat list of files with their paths.

use crate::browser::{clock, js};
use js_sys::{Array, Function, Promise};
use wasm_bindgen::{JsCast, JsValue};
use web_sys::{
    DataTransfer, DataTransferItem, File, FileList, FileSystemDirectoryEntry,
    FileSystemDirectoryReader, FileSystemEntry, FileSystemFileEntry,
};

/// Files found before the page may draw.
const FOUND_AT_ONCE: usize = 200;

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
    /// What could not be read, as paths for people.
    pub unreadable: Vec<String>,
}

/// Walks everything that was dropped, folders of any size included. Must be
/// called within the drop event: the browser forgets the items after it.
pub fn from_drop(transfer: &DataTransfer) -> impl Future<Output = Intake> + 'static {
    let items = transfer.items();
    // All of them now: with the event's end the items are empty.
    let dropped: Vec<Dropped> = (0..items.length())
        .filter_map(|index| items.get(index))
        .filter_map(|item| Dropped::of(&item))
        .collect();
    async move {
        let mut intake = Intake::default();
        for dropped in dropped {
            match dropped {
                Dropped::File(file) => intake.files.push(Picked {
                    folders: Vec::new(),
                    file,
                }),
                Dropped::Entry(entry) => walk(entry, &mut intake).await,
            }
        }
        intake
    }
}

/// What a file or folder picker returned.
pub fn from_picker(files: &FileList) -> Intake {
    let picked = (0..files.length())
        .filter_map(|index| files.get(index))
        .map(|file| Picked {
            folders: folders_of(&file),
            file,
        });
    Intake {
        files: picked.collect(),
        ..Intake::default()
    }
}

/// A picked folder's files tell their path within it.
fn folders_of(file: &File) -> Vec<String> {
    let path = js::get_text(file, "webkitRelativePath").unwrap_or_default();
    let mut folders: Vec<String> = path.split('/').map(str::to_owned).collect();
    // The last one is the file's own name.
    folders.pop();
    folders
}

/// One dropped item, held beyond the event.
enum Dropped {
    Entry(FileSystemEntry),
    /// Where the browser has no entry for it: a picture dragged from a page.
    File(File),
}

impl Dropped {
    fn of(item: &DataTransferItem) -> Option<Self> {
        if item.kind() != "file" {
            return None;
        }
        match item.webkit_get_as_entry() {
            Ok(Some(entry)) => Some(Self::Entry(entry)),
            _ => item.get_as_file().ok().flatten().map(Self::File),
        }
    }
}

/// Takes in an entry and everything below it. With a list of what is still to
/// be visited instead of recursion, so that depth costs no stack.
async fn walk(entry: FileSystemEntry, intake: &mut Intake) {
    let mut to_visit: Vec<(Vec<String>, FileSystemEntry)> = vec![(Vec::new(), entry)];
    let mut visited: usize = 0;
    while let Some((folders, entry)) = to_visit.pop() {
        visited += 1;
        if visited.is_multiple_of(FOUND_AT_ONCE) {
            clock::breathe().await;
        }
        let below = |name: String| folders.iter().cloned().chain([name]).collect::<Vec<_>>();
        if entry.is_directory() {
            let path = below(entry.name());
            match entries_of(entry.unchecked_into()).await {
                Ok(entries) if entries.is_empty() => intake.empty_folders.push(path),
                // Reversed, so that they are visited in their order.
                Ok(entries) => {
                    let entries = entries.into_iter().rev();
                    to_visit.extend(entries.map(|entry| (path.clone(), entry)));
                }
                Err(_) => intake.unreadable.push(path.join("/")),
            }
        } else {
            let path = below(entry.name()).join("/");
            match file_of(entry.unchecked_into()).await {
                Ok(file) => intake.files.push(Picked { folders, file }),
                Err(_) => intake.unreadable.push(path),
            }
        }
    }
}

/// All entries of a folder: one call returns a hundred at most, and an empty
/// answer is the only sign of the end.
async fn entries_of(folder: FileSystemDirectoryEntry) -> Result<Vec<FileSystemEntry>, JsValue> {
    let reader = folder.create_reader();
    let mut entries = Vec::new();
    loop {
        let some = Array::from(&read_some(&reader).await?);
        if some.length() == 0 {
            return Ok(entries);
        }
        entries.extend(some.iter().map(JsValue::unchecked_into::<FileSystemEntry>));
    }
}

async fn read_some(reader: &FileSystemDirectoryReader) -> Result<JsValue, JsValue> {
    let mut read = |resolve: Function, reject: Function| {
        // An exception would leave the promise open for ever.
        let called = js::call(reader, "readEntries", &Array::of2(&resolve, &reject));
        if let Err(error) = called {
            let _ = reject.call1(&JsValue::UNDEFINED, &error);
        }
    };
    js::outcome(Promise::new(&mut read)).await
}

async fn file_of(entry: FileSystemFileEntry) -> Result<File, JsValue> {
    let mut read = |resolve: Function, reject: Function| {
        if let Err(error) = js::call(&entry, "file", &Array::of2(&resolve, &reject)) {
            let _ = reject.call1(&JsValue::UNDEFINED, &error);
        }
    };
    js::outcome(Promise::new(&mut read)).await?.dyn_into()
}
