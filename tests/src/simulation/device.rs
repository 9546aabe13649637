//! A device: the real engine, its storage, and the files of the person who
//! uses it.

use super::storage::Storage;
use crate::model::legs::Device as Asker;
use shared::chunk::SizeClass;
use shared::frame::plain_header;
use shared::hash::BlockHash;
use shared::ids::{ItemId, UnixMillis, Version};
use shared::manifest::{BlockRef, Manifest};
use shared::sync::edit::{Bytes, Draft, DraftId};
use shared::sync::message::{Kept, Role};
use shared::sync::rebase::CopyLabel;
use shared::sync::{Config, Engine};
use std::collections::{BTreeMap, BTreeSet};

/// A file's bytes, cut where the simulation likes.
pub type Content = Vec<Vec<u8>>;

pub struct Device {
    pub who: Asker,
    pub engine: Engine,
    pub storage: Storage,
    /// Counts restarts: what was asked before one is answered to nobody.
    pub life: u32,
    /// What this device's clock is ahead, in milliseconds.
    pub skew: i64,
    pub partitioned: bool,
    pub holds_content: bool,
    /// The person's own files, which no crash touches.
    pub files: BTreeMap<DraftId, Content>,
    /// Drafts whose bytes the running engine's driver has in its hands.
    pub here: BTreeSet<DraftId>,
    /// The verified bytes of a device that holds content.
    pub content: BTreeMap<ItemId, (Version, Vec<BlockRef>)>,
    /// Of the timer that is set.
    pub alarm: u64,
    /// Requests since a minute began, against engines that spin.
    pub minute: (u64, u32),
}

impl Device {
    pub fn new(who: Asker, holds_content: bool, now: UnixMillis) -> Self {
        let engine = engine(&who, holds_content, Kept::default(), now);
        Self {
            who,
            engine,
            storage: Storage::default(),
            life: 0,
            skew: 0,
            partitioned: false,
            holds_content,
            files: BTreeMap::new(),
            here: BTreeSet::new(),
            content: BTreeMap::new(),
            alarm: 0,
            minute: (0, 0),
        }
    }

    /// The time that this device believes.
    pub fn clock(&self, now: UnixMillis) -> UnixMillis {
        now.saturating_add_signed(self.skew)
    }

    /// Starts again from what was stored.
    pub fn restart(&mut self, now: UnixMillis) {
        self.life += 1;
        self.here.clear();
        let kept = self.storage.load();
        self.engine = engine(&self.who, self.holds_content, kept, self.clock(now));
    }

    pub fn has_bytes(&self, draft: DraftId) -> bool {
        self.here.contains(&draft) || self.storage.drafts.contains(&draft)
    }

    /// A draft of one of the person's files.
    pub fn draft(&self, id: DraftId) -> Option<Draft> {
        let content = self.files.get(&id)?;
        Some(Draft {
            id,
            size: content.iter().map(|block| block.len() as u64).sum(),
            modified_at_ms: id.0,
            file_name: format!("file {}", id.0),
            bytes: Bytes::Here,
            manifest: None,
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

fn engine(who: &Asker, holds_content: bool, kept: Kept, now: UnixMillis) -> Engine {
    let config = Config {
        role: Role::Leader,
        holds_content,
        copy: CopyLabel {
            device: who.name.clone(),
            date: "2026-11-24".to_owned(),
        },
    };
    Engine::new(config, kept, now)
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
        modified_at_ms: draft.0,
        blocks,
    }
}
