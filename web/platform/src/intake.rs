//! From a drop, a paste or a picker to a flat list of files with their paths.

use crate::browser::{clock, js};
use futures_util::future::join_all;
use js_sys::{Array, Function, Promise};
use wasm_bindgen::{JsCast, JsValue};
use web_sys::{
    DataTransfer, DataTransferItem, File, FileList, FileSystemDirectoryEntry,
    FileSystemDirectoryReader, FileSystemEntry,
};

/// Folders visited before the page may draw. A file lets it draw while it is asked for.
const VISITED_AT_ONCE: usize = 200;

/// Files that the browser is asked for at one time. Each takes a way to its main process
/// and back, which is long where the machine is busy.
const ASKED_AT_ONCE: usize = 64;

/// A file that a person dropped or picked.
#[derive(Clone, Debug)]
pub struct PickedFile {
    /// The folders above it within what was dropped, outermost first.
    pub folders: Vec<String>,
    pub file: File,
}

/// What a drop holds. Empty folders count too.
#[derive(Clone, Debug, Default)]
pub struct DropContents {
    pub files: Vec<PickedFile>,
    /// Folders in which there is nothing, as paths.
    pub empty_folders: Vec<Vec<String>>,
    pub unreadable: Vec<Unreadable>,
}

/// What could not be read, in words for people.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unreadable {
    /// Which: a path, as far as the browser knows it.
    pub what: String,
    pub why: String,
}

/// How somebody watches a walk, and ends it.
pub trait Watch {
    /// So many files were found by now. Whether to go on.
    fn found(&self, files: usize) -> bool;
}

/// Nobody watches.
impl Watch for () {
    fn found(&self, _: usize) -> bool {
        true
    }
}

/// Walks everything that was dropped or pasted, folders of any size included.
/// Must be called within the event: the browser forgets the items after it. A
/// walk that was ended returns what it had found by then.
pub fn from_drop<W: Watch + 'static>(
    transfer: &DataTransfer,
    watch: W,
) -> impl Future<Output = DropContents> + use<W> {
    let items = transfer.items();
    // All of them now: with the event's end the items are empty.
    let dropped: Vec<Dropped> = (0..items.length())
        .filter_map(|index| items.get(index))
        .filter_map(|item| Dropped::of(&item))
        .collect();
    async move {
        let mut intake = DropContents::default();
        for dropped in dropped {
            match dropped {
                Dropped::File(file) => intake.files.push(PickedFile {
                    folders: Vec::new(),
                    file,
                }),
                Dropped::Entry(entry) => walk(entry, &mut intake, &watch).await,
                Dropped::Nothing => intake.unreadable.push(Unreadable {
                    what: "Something that was dropped".to_owned(),
                    why: "this browser does not say what it is".to_owned(),
                }),
            }
        }
        intake
    }
}

/// How a file is called for people. One whose name the browser can't decode has
/// none: then its folder says which it is.
pub fn shown_path(folders: &[String], name: &str) -> String {
    match (name.is_empty(), folders) {
        (false, _) => {
            let names = folders.iter().map(String::as_str).chain([name]);
            names.collect::<Vec<_>>().join("/")
        }
        (true, []) => "A file whose name can’t be read".to_owned(),
        (true, _) => format!("A file in “{}” whose name can’t be read", folders.join("/")),
    }
}

/// What a file or folder picker returned.
pub fn from_picker(files: &FileList) -> DropContents {
    let picked = (0..files.length())
        .filter_map(|index| files.get(index))
        .map(|file| PickedFile {
            folders: folders_of(&file),
            file,
        });
    DropContents {
        files: picked.collect(),
        ..DropContents::default()
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
    /// Where it has neither.
    Nothing,
}

impl Dropped {
    fn of(item: &DataTransferItem) -> Option<Self> {
        if item.kind() != "file" {
            return None;
        }
        match item.webkit_get_as_entry() {
            Ok(Some(entry)) => Some(Self::Entry(entry)),
            _ => {
                let file = item.get_as_file().ok().flatten();
                Some(file.map_or(Self::Nothing, Self::File))
            }
        }
    }
}

/// Takes in an entry and everything below it. With a list of what is still to
/// be visited instead of recursion, so that depth costs no stack.
async fn walk(entry: FileSystemEntry, intake: &mut DropContents, watch: &impl Watch) {
    let mut to_visit: Vec<(Vec<String>, FileSystemEntry)> = vec![(Vec::new(), entry)];
    let mut visited: usize = 0;
    loop {
        if !watch.found(intake.files.len()) {
            return;
        }
        let files = next_files(&mut to_visit);
        let asked = files.iter().map(|(_, entry)| file_of(entry));
        for (answer, (folders, entry)) in join_all(asked).await.into_iter().zip(&files) {
            match answer {
                Ok(file) => intake.files.push(PickedFile {
                    folders: folders.clone(),
                    file,
                }),
                Err(error) => intake
                    .unreadable
                    .push(unreadable(folders, &entry.name(), &error)),
            }
        }
        if !files.is_empty() {
            continue;
        }
        let Some((folders, entry)) = to_visit.pop() else {
            return;
        };
        visited += 1;
        if visited.is_multiple_of(VISITED_AT_ONCE) {
            clock::breathe().await;
        }
        let name = entry.name();
        let (entries, end) = entries_of(entry.unchecked_into()).await;
        let path: Vec<String> = folders.iter().cloned().chain([name.clone()]).collect();
        match end {
            Ok(()) if entries.is_empty() => intake.empty_folders.push(path.clone()),
            Ok(()) => {}
            // What was read before that is taken in all the same.
            Err(error) => intake.unreadable.push(unreadable(&folders, &name, &error)),
        }
        // Reversed, so that they are visited in their order.
        let entries = entries.into_iter().rev();
        to_visit.extend(entries.map(|entry| (path.clone(), entry)));
    }
}

/// Takes the files that come next, up to the next folder, which is visited in its turn.
fn next_files(
    to_visit: &mut Vec<(Vec<String>, FileSystemEntry)>,
) -> Vec<(Vec<String>, FileSystemEntry)> {
    let is_file = |next: &mut (Vec<String>, FileSystemEntry)| !next.1.is_directory();
    let files = std::iter::from_fn(|| to_visit.pop_if(is_file));
    files.take(ASKED_AT_ONCE).collect()
}

fn unreadable(folders: &[String], name: &str, error: &JsValue) -> Unreadable {
    Unreadable {
        what: shown_path(folders, name),
        why: why(error),
    }
}

/// Why an entry can't be read, as far as the browser tells.
fn why(error: &JsValue) -> String {
    match js::get_text(error, "name").as_deref() {
        Some("NotFoundError") => "it is not there any more",
        Some("SecurityError" | "NotReadableError" | "NotAllowedError") => {
            "this browser may not read it"
        }
        _ => "it can’t be read",
    }
    .to_owned()
}

/// All entries of a folder, and how reading them ended: one call returns a
/// hundred at most, and an empty answer is the only sign of the end.
async fn entries_of(
    folder: FileSystemDirectoryEntry,
) -> (Vec<FileSystemEntry>, Result<(), JsValue>) {
    let reader = folder.create_reader();
    let mut entries = Vec::new();
    loop {
        let some = match read_some(&reader).await {
            Ok(some) => Array::from(&some),
            Err(error) => return (entries, Err(error)),
        };
        if some.length() == 0 {
            return (entries, Ok(()));
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

async fn file_of(entry: &FileSystemEntry) -> Result<File, JsValue> {
    let mut read = |resolve: Function, reject: Function| {
        if let Err(error) = js::call(entry, "file", &Array::of2(&resolve, &reject)) {
            let _ = reject.call1(&JsValue::UNDEFINED, &error);
        }
    };
    js::outcome(Promise::new(&mut read)).await?.dyn_into()
}
