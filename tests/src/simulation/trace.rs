//! What happened, as one number: two runs with the same trace did the same.

use super::call::{Call, Said};
use super::ports::Wish;
use protocol::changes::{Change, ChangePage};
use protocol::items::ItemChanged;
use protocol::problem::Problem;
use std::hash::{Hash, Hasher};
use std::mem::discriminant;
use sync::message::{Input, Record};

/// FNV-1a, eight bytes at a time where it can.
#[derive(Clone, Debug)]
pub struct Trace(u64);

impl Hasher for Trace {
    fn finish(&self) -> u64 {
        self.0
    }

    fn write(&mut self, bytes: &[u8]) {
        for part in bytes.chunks(8) {
            let mut word = [0; 8];
            word[..part.len()].copy_from_slice(part);
            self.0 = (self.0 ^ u64::from_le_bytes(word)).wrapping_mul(0x100_0000_01b3);
            self.0 ^= self.0 >> 29;
        }
    }
}

impl Trace {
    pub fn new(seed: u64) -> Self {
        Self(seed ^ 0xcbf2_9ce4_8422_2325)
    }

    pub fn input(&mut self, tab: usize, input: &Input) {
        tab.hash(self);
        discriminant(input).hash(self);
        if let Input::Shared(records) = input {
            self.records(records);
        }
    }

    fn problem(&mut self, problem: &Problem) {
        discriminant(problem).hash(self);
    }

    /// What the server has said to a tab.
    pub fn said(&mut self, tab: usize, said: &Result<Said, client::Failure>) {
        tab.hash(self);
        match said {
            Ok(said) => {
                discriminant(said).hash(self);
                match said {
                    Said::Changes(page) => self.page(page),
                    Said::Proposed(answer) => answer.missing_blocks.hash(self),
                    Said::Item(changed) => self.changed(changed),
                    Said::Conflict(conflict) => {
                        (conflict.id, conflict.resolved.is_some()).hash(self);
                    }
                    Said::Bytes(bytes) => bytes.hash(self),
                    _ => {}
                }
            }
            Err(client::Failure::Refused(problem)) => self.problem(problem),
            Err(failure) => discriminant(failure).hash(self),
        }
    }

    fn page(&mut self, page: &ChangePage) {
        page.next_token.hash(self);
        for change in &page.changes {
            match change {
                Change::Item { item } => {
                    (item.id, item.place_version, item.version()).hash(self);
                }
                Change::Conflict { conflict } => conflict.id.hash(self),
                Change::Deleted { item } => item.hash(self),
                Change::Shared | Change::Unknown => {}
            }
        }
    }

    fn changed(&mut self, changed: &ItemChanged) {
        let item = &changed.item;
        (item.id, item.place_version, item.version(), changed.seq).hash(self);
    }

    pub fn wish(&mut self, tab: usize, wish: &Wish) {
        tab.hash(self);
        discriminant(wish).hash(self);
        match wish {
            Wish::Ask { call, .. } => self.call(call),
            Wish::Written(records) => self.records(records),
            Wish::Released(draft) | Wish::CopyRemoved(draft) | Wish::Changed(draft, _) => {
                draft.hash(self);
            }
            Wish::Held { item, version, .. } => (item, version).hash(self),
            Wish::Sleep { millis, .. } => millis.hash(self),
            Wish::Leave(caller) => (caller.tab, caller.life, caller.call).hash(self),
            Wish::AskLeader | Wish::Withdrawn | Wish::Looked(_) => {}
        }
    }

    fn call(&mut self, call: &Call) {
        discriminant(call).hash(self);
        match call {
            Call::Changes { since } => since.hash(self),
            Call::Poll { positions, .. } => {
                positions.iter().for_each(|one| one.cursor.hash(self));
            }
            Call::CreateFile { body, .. } => body.operation_id.hash(self),
            Call::CreateFiles(files) => files.iter().for_each(|file| file.operation_id.hash(self)),
            Call::CreateFolder(body) => body.operation_id.hash(self),
            Call::Commit { body, .. } => body.operation_id.hash(self),
            Call::KeepConflict { body, .. } => body.operation_id.hash(self),
            Call::ChangeItems(changes) => changes.iter().for_each(|change| change.item.hash(self)),
            Call::Resolve { body, .. } => body.operation_id.hash(self),
            Call::Reopen { body, .. } => body.operation_id.hash(self),
            Call::Propose { item, .. } | Call::Item { item } => item.hash(self),
            Call::StoreBlocks { frames, .. } => frames.hash(self),
            Call::Manifest { item, version } | Call::ManifestSince { item, version, .. } => {
                (item, version).hash(self);
            }
            Call::FetchBlocks(body) => body.want.hash(self),
            Call::Signatures(body) => body.blocks.len().hash(self),
            Call::Give { item, .. } => item.hash(self),
            Call::ChangeGrant { grant, .. } | Call::TakeBack { grant } => grant.hash(self),
            Call::Delete { .. } | Call::Grants => {}
        }
    }

    fn records(&mut self, records: &[Record]) {
        for record in records {
            discriminant(record).hash(self);
            match record {
                Record::Learned { item, seq } => (item.id, seq).hash(self),
                Record::Deleted(id) => id.hash(self),
                Record::Item(item) => (item.id, item.place_version, item.version()).hash(self),
                Record::Edit(edit) => (edit.item, edit.order).hash(self),
                Record::EditDone(id) => id.hash(self),
                Record::Cursor { to, .. } => to.hash(self),
                Record::Held { item, version } => (item, version).hash(self),
                _ => {}
            }
        }
    }
}
