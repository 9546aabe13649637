//! A device: a signed-in browser, or a program with a folder on disk. Its tabs
//! share its session, its storage and the files of the person who uses it.

use super::storage::Storage;
use crate::model::legs::Device as Asker;
use blocks::chunk::SizeClass;
use blocks::frame::plain_header;
use blocks::hash::BlockHash;
use blocks::manifest::{BlockRef, Manifest};
use blocks::number::FileTime;
use protocol::ids::{ItemId, UnixMillis, Version};
use std::collections::BTreeMap;
use sync::Silence;
use sync::edit::{Bytes, Draft, DraftId};

/// A file's bytes, cut where the simulation likes.
pub type Content = Vec<Vec<u8>>;

pub struct Device {
    pub who: Asker,
    pub storage: Storage,
    /// What this device's clock is ahead, in milliseconds.
    pub skew: i64,
    pub partitioned: bool,
    /// What ends its requests once they were silent for so long, in milliseconds.
    pub proxy_millis: Option<u64>,
    /// What its engines have learned of that.
    pub silence: Silence,
    /// Whether the server knows its session.
    pub signed_in: bool,
    /// A folder on disk, which has one engine, and not a browser.
    pub holds_content: bool,
    /// The tab that leads.
    pub leader: Option<usize>,
    /// The person's own files, which no crash touches.
    pub files: BTreeMap<DraftId, Content>,
    /// The verified bytes of a device that holds content.
    pub content: BTreeMap<ItemId, (Version, Vec<BlockRef>)>,
}

impl Device {
    pub fn new(who: Asker, holds_content: bool) -> Self {
        Self {
            who,
            storage: Storage::default(),
            skew: 0,
            partitioned: false,
            proxy_millis: None,
            silence: Silence::default(),
            signed_in: true,
            holds_content,
            leader: None,
            files: BTreeMap::new(),
            content: BTreeMap::new(),
        }
    }

    /// The time that this device believes.
    pub fn clock(&self, now: UnixMillis) -> UnixMillis {
        now.saturating_add_signed(self.skew)
    }

    /// A draft of one of the person's files.
    pub fn draft(&self, id: DraftId) -> Option<Draft> {
        let content = self.files.get(&id)?;
        Some(Draft {
            id,
            size: content.iter().map(|block| block.len() as u64).sum(),
            modified_at_ms: time_of(id),
            file_name: format!("file {}", id.0),
            bytes: Bytes::Here,
            manifest: None,
            copy_of: None,
        })
    }

    /// The body of an upload; `None` where a block is not in the file any more.
    pub fn frames(&self, draft: DraftId, wanted: &[BlockHash]) -> Option<Vec<u8>> {
        let content = self.files.get(&draft)?;
        let mut body = Vec::new();
        for hash in wanted {
            let block = content.iter().find(|block| BlockHash::of(block) == *hash)?;
            body.extend_from_slice(plain_header(*hash, block.len() as u32).as_slice());
            body.extend_from_slice(block);
        }
        Some(body)
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
