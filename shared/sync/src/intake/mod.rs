//! What becomes of what a person hands in: files and folders that were dropped,
//! picked or pasted into a folder. Decided here and nowhere else, from names,
//! from what the folder shows, and from what the person answered.
//!
//! What must hold: each source becomes an item of its own, or the next version
//! of a file that the person was asked about, or is refused by name. No source
//! of an intake takes another one's place.
//!
//! | file | does |
//! | --- | --- |
//! | here | the sources, what they meet, and what each becomes |
//! | [`names`] | paths within an intake: which of its names are folders |
//! | [`junk`] | what systems leave in folders, and nobody means to hand in |

pub mod junk;
mod names;

use crate::edit::DraftId;
use crate::place::Place;
use names::{IntakeFolders, Path};
use protocol::ids::ItemId;
use protocol::items::Item;
use protocol::limits::{MAX_FILE_BYTES, MAX_FOLDER_DEPTH, may_nest};
use protocol::name::{BadName, Name};
use protocol::problem::Problem;
use std::collections::{BTreeMap, HashMap};

/// A file that was handed in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct IncomingFile {
    /// The folders above it that came with it, outermost first.
    pub folders: Vec<String>,
    /// The name with which it was handed in, which may be none that an item can have.
    pub name: String,
    /// Bytes.
    pub size: u64,
}

/// What the person sees, or will as soon as the page draws.
pub trait VisibleTree {
    /// The live child of a folder that has this name, in whatever case.
    fn child(&self, folder: Option<ItemId>, name: &Name) -> Option<Child>;

    /// How many folders lead from the top of the space to this one, itself included; 0 is
    /// the top.
    fn depth(&self, folder: Option<ItemId>) -> usize;

    /// The draft of this file whose bytes are gone, if it waits for a file of
    /// just this name to be picked again.
    fn awaits(&self, file: ItemId, file_name: &str) -> Option<DraftId>;
}

/// An item that has a name already.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Child {
    /// The item that has it.
    pub id: ItemId,
    /// The name as the item has it.
    pub name: Name,
    /// What the item is.
    pub kind: Kind,
}

/// What an item is to what comes in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// It may get another version.
    File,
    /// It takes what has it on its way.
    Folder,
    /// It takes nothing: what it leads to is elsewhere.
    Mount,
}

impl Kind {
    /// What an item is.
    pub fn of(item: &Item) -> Self {
        match (&item.file, &item.mount) {
            (Some(_), _) => Self::File,
            (None, Some(_)) => Self::Mount,
            (None, None) => Self::Folder,
        }
    }
}

/// A source whose name a file has already.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Meeting {
    /// Which source, counted from 0.
    pub source: usize,
    /// The file that has the name.
    pub item: ItemId,
    /// Set if the file waits for just this source: then nobody is asked.
    pub awaited_by: Option<DraftId>,
}

/// What a person wants where a name is taken by a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum OnTakenName {
    /// The source is that file's next version.
    NextVersion,
    /// The source is a file beside it, under a name with a number.
    KeepBoth,
    /// The source is not taken in.
    Skip,
}

/// What a source becomes.
#[derive(Clone, Debug, PartialEq, Eq)]
#[allow(missing_docs, reason = "each variant says what its fields are")]
pub enum Becomes {
    /// The bytes that a draft has lost.
    Again { draft: DraftId },
    /// The next version of a file.
    Version { item: ItemId },
    /// A new file; first these folders are made, in this order.
    Item {
        folders: Vec<(ItemId, Place)>,
        item: ItemId,
        place: Place,
    },
    /// Nothing, because the person said so.
    Skipped,
    /// Nothing, because it is impossible.
    Refused(Refusal),
}

/// Why a source can't be taken in, for people.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[allow(missing_docs, reason = "each message says what is wrong")]
pub enum Refusal {
    #[error("{0}")]
    Name(BadName),
    #[error("its folder “{0}” can't be stored: {1}")]
    FolderName(String, BadName),
    #[error("a file has the name of its folder “{0}”")]
    FileInTheWay(Name),
    #[error("“{0}” leads to what somebody else shares: put it in there")]
    MountInTheWay(Name),
    #[error("there is a folder named “{0}”")]
    FolderInTheWay(Name),
    #[error("folders can't be nested more than {MAX_FOLDER_DEPTH} levels deep")]
    TooDeep,
    #[error("{}", Problem::BodyTooLarge { limit_bytes: MAX_FILE_BYTES })]
    TooLarge,
}

/// One intake on its way in.
#[derive(Debug)]
pub struct Intake {
    folder: Option<ItemId>,
    sources: Vec<IncomingFile>,
    /// Names that folders of this intake have: files make room for them.
    folders: IntakeFolders,
    answers: HashMap<usize, (Meeting, OnTakenName)>,
    /// Folders that this intake makes: they may not be shown yet.
    made: HashMap<(Option<ItemId>, String), ItemId>,
    /// Names that its files have by now.
    taken: HashMap<(Option<ItemId>, String), ItemId>,
    /// The last number that each name got, so that ten thousand files of one name are not
    /// each counted from the beginning.
    numbers: HashMap<(Option<ItemId>, String), u32>,
}

impl Intake {
    /// An intake of files that were handed in together into `folder`. `empty` are its
    /// empty folders, which no file's path names.
    pub fn new(folder: Option<ItemId>, sources: Vec<IncomingFile>, empty: &[Vec<String>]) -> Self {
        let all = sources.iter().map(|source| &source.folders).chain(empty);
        Self {
            folder,
            folders: IntakeFolders::of(all.map(Vec::as_slice)),
            sources,
            answers: HashMap::new(),
            made: HashMap::new(),
            taken: HashMap::new(),
            numbers: HashMap::new(),
        }
    }

    /// The folder into which everything goes; `None` is the top of the space.
    pub fn folder(&self) -> Option<ItemId> {
        self.folder
    }

    /// All sources, in the order in which they were handed in.
    pub fn sources(&self) -> &[IncomingFile] {
        &self.sources
    }

    /// The sources whose names files have already, as the person sees it. Each file is
    /// met by one source: the one of exactly its name, else the first.
    pub fn meets(&self, shown: &impl VisibleTree) -> Vec<Meeting> {
        let mut met: BTreeMap<usize, Meeting> = BTreeMap::new();
        let mut by_item: HashMap<ItemId, (usize, bool)> = HashMap::new();
        let mut last: Option<(&[String], Option<Option<ItemId>>)> = None;
        for (number, source) in self.sources.iter().enumerate() {
            let folder = match last {
                Some((folders, known)) if folders == source.folders => known,
                _ => self.existing(&source.folders, shown),
            };
            last = Some((&source.folders, folder));
            let (Some(folder), Ok(name)) = (folder, Name::parse(&source.name)) else {
                continue;
            };
            let Some(child) = shown
                .child(folder, &name)
                .filter(|child| child.kind == Kind::File)
            else {
                continue;
            };
            let is_exact = child.name == name;
            match by_item.get(&child.id) {
                Some((_, true)) => continue,
                Some(_) if !is_exact => continue,
                Some((other, _)) => {
                    met.remove(other);
                }
                None => {}
            }
            by_item.insert(child.id, (number, is_exact));
            let meeting = Meeting {
                source: number,
                item: child.id,
                awaited_by: shown.awaits(child.id, &source.name),
            };
            met.insert(number, meeting);
        }
        met.into_values().collect()
    }

    /// The folder at the end of a path, if all of it exists.
    fn existing(&self, folders: &[String], shown: &impl VisibleTree) -> Option<Option<ItemId>> {
        let mut folder = self.folder;
        for text in folders {
            let name = Name::parse(text).ok()?;
            let child = shown.child(folder, &name)?;
            folder = Some((child.kind == Kind::Folder).then_some(child.id)?);
        }
        Some(folder)
    }

    /// Decides, against what is shown now, what becomes of the sources that meet a file.
    /// Returns these sources: the caller takes them in before anything else is shown. A
    /// source that meets a file only later becomes a file beside it.
    pub fn decide(
        &mut self,
        shown: &impl VisibleTree,
        wanted: impl Fn(usize) -> OnTakenName,
    ) -> Vec<usize> {
        let met = self.meets(shown);
        let numbers = met.iter().map(|meeting| meeting.source).collect();
        self.answers = met
            .into_iter()
            .map(|meeting| (meeting.source, (meeting.clone(), wanted(meeting.source))))
            .collect();
        numbers
    }

    /// Says what a source becomes. The caller asks once for each source, and carries the
    /// answer out before it asks about the next. `new_id` draws the id of a new item.
    pub fn take(
        &mut self,
        number: usize,
        shown: &impl VisibleTree,
        mut new_id: impl FnMut() -> ItemId,
    ) -> Becomes {
        let Some(source) = self.sources.get(number).cloned() else {
            return Becomes::Skipped;
        };
        if source.size > MAX_FILE_BYTES {
            return Becomes::Refused(Refusal::TooLarge);
        }
        match self.answers.get(&number) {
            Some((meeting, _)) if meeting.awaited_by.is_some() => {
                if let Some(draft) = shown.awaits(meeting.item, &source.name) {
                    return Becomes::Again { draft };
                }
            }
            Some((_, OnTakenName::Skip)) => return Becomes::Skipped,
            Some((meeting, OnTakenName::NextVersion)) => {
                return Becomes::Version { item: meeting.item };
            }
            Some((_, OnTakenName::KeepBoth)) | None => {}
        }
        self.make(&source, shown, &mut new_id)
            .unwrap_or_else(Becomes::Refused)
    }

    fn make(
        &mut self,
        source: &IncomingFile,
        shown: &impl VisibleTree,
        new_id: &mut impl FnMut() -> ItemId,
    ) -> Result<Becomes, Refusal> {
        let name = Name::parse(&source.name).map_err(Refusal::Name)?;
        let mut folders = Vec::new();
        let parent = self.make_folders(&source.folders, shown, &mut *new_id, &mut folders)?;
        // A folder of this name leaves no file that could have a number.
        let is_folder = |child: &Child| child.kind == Kind::Folder;
        if shown
            .child(parent, &name)
            .is_some_and(|one| is_folder(&one))
            && !self.folders.has(&Path::of(&source.folders, &name))
        {
            return Err(Refusal::FolderInTheWay(name));
        }
        let name = self.free_name(&source.folders, parent, &name, shown);
        let item = new_id();
        self.taken.insert((parent, name.key()), item);
        Ok(Becomes::Item {
            folders,
            item,
            place: Place { parent, name },
        })
    }

    /// The name itself, or the first name with a number that is free.
    fn free_name(
        &mut self,
        folders: &[String],
        parent: Option<ItemId>,
        name: &Name,
        shown: &impl VisibleTree,
    ) -> Name {
        let is_free = |name: &Name| {
            let key = (parent, name.key());
            shown.child(parent, name).is_none()
                && !self.taken.contains_key(&key)
                && !self.made.contains_key(&key)
                && !self.folders.has(&Path::of(folders, name))
        };
        if is_free(name) {
            return name.clone();
        }
        let key = (parent, name.key());
        let mut number = self.numbers.get(&key).copied().unwrap_or(1);
        let free = loop {
            number += 1;
            let numbered = name.numbered(number);
            if is_free(&numbered) {
                break numbered;
            }
        };
        self.numbers.insert(key, number);
        free
    }

    /// The folder of a path that came with the intake; `new` gets the folders that have
    /// to be made for it. Two folders that differ only in case are one, because a disk
    /// may hold them as one; their files still go in one by one. If the path is too deep,
    /// nothing is made: in a folder further up, its files would be somewhere else.
    ///
    /// # Errors
    /// The folder can't be made.
    pub fn make_folders(
        &mut self,
        folders: &[String],
        shown: &impl VisibleTree,
        mut new_id: impl FnMut() -> ItemId,
        new: &mut Vec<(ItemId, Place)>,
    ) -> Result<Option<ItemId>, Refusal> {
        let parse =
            |text: &String| Name::parse(text).map_err(|bad| Refusal::FolderName(text.clone(), bad));
        let names: Vec<Name> = folders.iter().map(parse).collect::<Result<_, _>>()?;
        if !names.is_empty() && !may_nest(shown.depth(self.folder), names.len()) {
            return Err(Refusal::TooDeep);
        }
        let mut folder = self.folder;
        for name in names {
            let key = (folder, name.key());
            if let Some(made) = self.made.get(&key) {
                folder = Some(*made);
                continue;
            }
            folder = match shown.child(folder, &name) {
                Some(child) => match child.kind {
                    Kind::Folder => Some(child.id),
                    Kind::File => return Err(Refusal::FileInTheWay(name)),
                    Kind::Mount => return Err(Refusal::MountInTheWay(name)),
                },
                None => {
                    let id = new_id();
                    new.push((
                        id,
                        Place {
                            parent: folder,
                            name,
                        },
                    ));
                    self.made.insert(key, id);
                    Some(id)
                }
            };
        }
        Ok(folder)
    }

    /// Forgets folders that this intake made and that are not there any more: a folder may
    /// have turned out to exist already.
    pub fn forget_made(&mut self, is_there: impl Fn(ItemId) -> bool) {
        self.made.retain(|_, item| is_there(*item));
    }
}
