//! A device: a signed-in browser, or a program with a folder on disk. Its tabs
//! share its session, its storage and the files of the person who uses it.

use super::storage::Storage;
use crate::model::legs::Device as Asker;
use blocks::chunk::SizeClass;
use blocks::hash::BlockHash;
use blocks::manifest::{BlockRef, Manifest};
use blocks::number::FileTime;
use protocol::grants::Role;
use protocol::ids::{ItemId, UnixMillis, Version};
use std::cell::{Cell, RefCell};
use std::collections::BTreeMap;
use std::rc::Rc;
use sync::Silence;
use sync::edit::DraftId;

/// A file's bytes, cut where the simulation likes.
pub type Content = Vec<Vec<u8>>;

pub struct Device {
    pub who: Asker,
    /// Which of the people it is of; the first one's is the drive.
    pub person: usize,
    /// Which page it is a root of, for several are of one.
    pub page: usize,
    /// What its requests show at the door.
    pub token: String,
    /// What it follows of another person's drive; `None` if that is nothing yet, or for the
    /// drive's own.
    pub root: Option<ItemId>,
    /// What its person may do there, as far as they know.
    pub role: Option<Role>,
    /// It has heard that the root is not shared any more, and the person has not done yet
    /// with what was not sent.
    pub withdrawn: bool,
    pub disk: Rc<Disk>,
    pub partitioned: bool,
    /// What ends its requests once they were silent for so long, in milliseconds.
    pub proxy_millis: Option<u64>,
    /// Whether the server knows its session.
    pub signed_in: bool,
    /// A folder on disk, which has one engine, and not a browser.
    pub holds_content: bool,
    /// The tab that leads.
    pub leader: Option<usize>,
}

/// What a device's tabs have in common.
#[derive(Default)]
pub struct Disk {
    pub storage: RefCell<Storage>,
    /// Copies of drafts.
    pub copies: RefCell<BTreeMap<DraftId, Content>>,
    /// The blocks that were sent or fetched.
    pub cache: RefCell<BTreeMap<BlockHash, Vec<u8>>>,
    /// The person's own files, which no crash touches, and how often each was saved.
    pub files: RefCell<BTreeMap<DraftId, (u64, Content)>>,
    /// The verified bytes of a device that holds content.
    pub content: RefCell<BTreeMap<ItemId, (Version, Vec<BlockRef>)>>,
    /// What this device's clock is ahead, in milliseconds.
    pub skew: Rc<Cell<i64>>,
    /// Whether it has lost everything at some time.
    pub was_wiped: Cell<bool>,
    /// What its engines have learned of the way to the server.
    pub silence: Cell<Silence>,
}

impl Disk {
    /// The time that this device believes.
    pub fn clock(&self, now: UnixMillis) -> UnixMillis {
        now.saturating_add_signed(self.skew.get())
    }

    /// Loses everything that a browser keeps for a page.
    pub fn wipe(&self) {
        self.was_wiped.set(true);
        self.storage.borrow_mut().wipe();
        self.copies.borrow_mut().clear();
        self.cache.borrow_mut().clear();
    }
}

/// A file that a person has picked, or a copy of it.
#[derive(Clone)]
pub struct File {
    pub id: DraftId,
    pub is_copy: bool,
    /// How often it was saved when it was picked. A browser does not read what was
    /// saved since, and any other program does.
    saved: Option<u64>,
    disk: Rc<Disk>,
}

impl PartialEq for File {
    fn eq(&self, other: &Self) -> bool {
        (self.id, self.is_copy) == (other.id, other.is_copy)
    }
}

impl File {
    /// The copy of a draft.
    pub fn copy(id: DraftId, disk: &Rc<Disk>) -> Self {
        Self {
            id,
            is_copy: true,
            saved: None,
            disk: disk.clone(),
        }
    }

    /// What is in it now; `None` if it can't be read.
    pub fn content(&self) -> Option<Content> {
        if self.is_copy {
            return self.disk.copies.borrow().get(&self.id).cloned();
        }
        let files = self.disk.files.borrow();
        let (saved, content) = files.get(&self.id)?;
        let is_same = self.saved.is_none_or(|picked| picked == *saved);
        is_same.then(|| content.clone())
    }

    /// Bytes from one on. A file that has become shorter ends in zeros.
    pub fn read(&self, offset: u64, length: u32) -> Option<Vec<u8>> {
        let bytes = self.content()?.concat().into_iter();
        let zeros = std::iter::repeat(0);
        let bytes = bytes.skip(offset as usize).chain(zeros);
        Some(bytes.take(length as usize).collect())
    }
}

impl Device {
    pub fn new(who: Asker, (person, page): (usize, usize), holds_content: bool) -> Self {
        let number = who.id.to_string().replace('-', "");
        Self {
            token: format!("dl_{number:0>64}"),
            who,
            person,
            page,
            root: None,
            role: None,
            withdrawn: false,
            disk: Rc::default(),
            partitioned: false,
            proxy_millis: None,
            signed_in: true,
            holds_content,
            leader: None,
        }
    }

    /// Whether its person owns the drive.
    pub fn is_owners(&self) -> bool {
        self.person == 0
    }

    /// One of the person's files.
    pub fn file(&self, id: DraftId) -> Option<File> {
        let saved = self.disk.files.borrow().get(&id)?.0;
        Some(File {
            id,
            is_copy: false,
            saved: (!self.holds_content).then_some(saved),
            disk: self.disk.clone(),
        })
    }
}

/// The time of a draft's file, which says whose it is.
pub fn time_of(draft: DraftId) -> FileTime {
    FileTime::of_clock(draft.0)
}

/// Whose draft a time tells of.
pub fn draft_of(time: FileTime) -> DraftId {
    DraftId(time.since_1970())
}

/// The block list of a content. Its time says whose draft it is.
pub fn manifest(draft: DraftId, content: &Content) -> Manifest {
    let blocks: Vec<BlockRef> = content
        .iter()
        .map(|block| BlockRef {
            hash: BlockHash::of(block),
            length: block.len() as u32,
        })
        .collect();
    Manifest {
        size: blocks.iter().map(|block| u64::from(block.length)).sum(),
        size_class: SizeClass::for_size(0),
        modified_at_ms: time_of(draft),
        blocks,
    }
}
