//! What happened, as one number: two runs with the same trace did the same.

use protocol::changes::Change;
use protocol::problem::Problem;
use std::hash::{Hash, Hasher};
use std::mem::discriminant;
use sync::message::{Answer, Effect, Failure, Input, Record, Request};

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
        match input {
            Input::Answered { request, result } => {
                request.hash(self);
                self.result(result);
            }
            Input::Hashed { draft, result } => {
                draft.hash(self);
                result.is_ok().hash(self);
            }
            Input::Shared(records) => self.records(records),
            _ => {}
        }
    }

    pub fn result(&mut self, result: &Result<Answer, Failure>) {
        match result {
            Ok(answer) => self.answer(answer),
            Err(Failure::Refused(problem)) => self.problem(problem),
            Err(failure) => discriminant(failure).hash(self),
        }
    }

    fn problem(&mut self, problem: &Problem) {
        discriminant(problem).hash(self);
    }

    fn answer(&mut self, answer: &Answer) {
        discriminant(answer).hash(self);
        match answer {
            Answer::Changes(page) => {
                page.next_token.hash(self);
                for change in &page.changes {
                    match change {
                        Change::Item { item } => {
                            (item.id, item.place_version, item.version()).hash(self);
                        }
                        Change::Conflict { conflict } => conflict.id.hash(self),
                        Change::Deleted { item } => item.hash(self),
                        Change::Unknown => {}
                    }
                }
            }
            Answer::Missing(missing) => missing.hash(self),
            Answer::Item(changed) => {
                let item = &changed.item;
                (item.id, item.place_version, item.version(), changed.seq).hash(self);
            }
            Answer::Conflict(conflict) => {
                (conflict.id, conflict.resolved.is_some()).hash(self);
            }
            _ => {}
        }
    }

    pub fn effect(&mut self, effect: &Effect) {
        discriminant(effect).hash(self);
        match effect {
            Effect::Persist(records) => self.records(records),
            Effect::Send { request, body } => {
                request.hash(self);
                self.request(body);
            }
            Effect::Abandon { request } => request.hash(self),
            Effect::Hash { draft, .. }
            | Effect::KeepBytes { draft }
            | Effect::ReleaseBytes { draft } => draft.hash(self),
            Effect::Tell(notice) => discriminant(notice).hash(self),
            Effect::AskLeader | Effect::Load => {}
        }
    }

    fn request(&mut self, body: &Request) {
        discriminant(body).hash(self);
        match body {
            Request::Changes { since } => since.hash(self),
            Request::Poll { since, .. } => since.hash(self),
            Request::CreateFile { body, .. } => body.operation_id.hash(self),
            Request::CreateFolder { body } => body.operation_id.hash(self),
            Request::Commit { body, .. } => body.operation_id.hash(self),
            Request::KeepConflict { body, .. } => body.operation_id.hash(self),
            Request::ChangePlace { body, .. } => body.operation_id.hash(self),
            Request::Trash { body, .. } | Request::Restore { body, .. } => {
                body.operation_id.hash(self);
            }
            Request::Resolve { body, .. } => body.operation_id.hash(self),
            Request::Reopen { body, .. } => body.operation_id.hash(self),
            Request::Propose { item, .. } => item.hash(self),
            Request::Upload { draft, blocks } => (draft, blocks).hash(self),
            Request::Manifest { item, version } | Request::Fetch { item, version } => {
                (item, version).hash(self);
            }
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
