//! The model with a database and a pack store that lapse: calls that never
//! arrive, and answers that are lost. Its client asks again until it has an
//! answer, and then once more.

use super::native::{Native, NativeDrive};
use super::{Answered, Drive, Site};
use crate::client::Form;
use crate::model::lapses::Lapse::{self, AnswerLost, Unreached};
use crate::tree::Feed;
use blocks::hash::BlockHash;
use blocks::manifest::Manifest;
use protocol::accounts::Space;
use protocol::blocks::{Fetch, FetchSignatures};
use protocol::changes::ChangePage;
use protocol::conflicts::{Conflict, Conflicts, NewConflict, Reopen, Resolve};
use protocol::content::{Base, Content};
use protocol::files::{
    BlocksStored, Commit, FileManifest, ManifestSince, NewFile, Proposal, ProposalAnswer,
};
use protocol::ids::{ConflictId, DeviceId, ItemId, Version};
use protocol::items::{
    ChangePlace, ChangeTrashed, DeleteForGood, DeletedForGood, EmptyTrash, Item, ItemChange,
    ItemChanged, NewFolder,
};
use protocol::problem::Problem;
use std::cell::Cell;
use std::fmt::Debug;
use std::ops::Range;
use std::rc::Rc;

/// What the next calls meet, in turn.
type Plan = &'static [Option<Lapse>];

/// What the calls of one change meet. The last ones outlast the
/// server's own attempts: it answers 503, after the change was made or without.
const CHANGES: [Plan; 8] = [
    &[],
    &[Some(Unreached)],
    &[Some(AnswerLost), None, Some(Unreached)],
    &[None, Some(AnswerLost)],
    &[None, Some(Unreached), None, Some(AnswerLost)],
    &[None, Some(AnswerLost), Some(AnswerLost), Some(Unreached)],
    &[Some(Unreached); 7],
    &[
        None,
        Some(AnswerLost),
        Some(Unreached),
        Some(Unreached),
        Some(Unreached),
        Some(Unreached),
        Some(Unreached),
    ],
];

/// The same for an upload: lapses of the database, then of the pack store. What
/// outlasts the attempts is left out, since a repeat is answered otherwise.
const UPLOADS: [(Plan, Plan); 6] = [
    (&[], &[]),
    (&[Some(Unreached)], &[]),
    (&[None, Some(AnswerLost)], &[]),
    (&[None, Some(Unreached), Some(AnswerLost)], &[]),
    (&[], &[Some(Unreached)]),
    (&[], &[Some(AnswerLost)]),
];

/// A model whose stores lapse while something changes.
#[derive(Default)]
pub struct Repeating {
    pub native: Native,
    /// How many changes there were.
    changes: Rc<Cell<usize>>,
}

/// A device there.
pub struct RepeatingDrive {
    native: NativeDrive,
    changes: Rc<Cell<usize>>,
}

impl Repeating {
    fn drive(&self, native: NativeDrive) -> RepeatingDrive {
        RepeatingDrive {
            native,
            changes: self.changes.clone(),
        }
    }
}

impl Site for Repeating {
    type Drive = RepeatingDrive;

    fn person(&self) -> RepeatingDrive {
        self.drive(self.native.person())
    }

    fn second_device(&self, of: &RepeatingDrive, name: &str) -> RepeatingDrive {
        self.drive(self.native.second_device(&of.native, name))
    }
}

impl RepeatingDrive {
    fn turn(&self) -> usize {
        self.changes.set(self.changes.get() + 1);
        self.changes.get()
    }

    /// Asks under lapses, then until there is an answer, then once more: that
    /// one must be the same, and nothing may have moved.
    fn change<T: Debug + PartialEq>(&self, ask: impl Fn() -> Answered<T>) -> Answered<T> {
        let server = self.native.server();
        server
            .db
            .lapses
            .plan(CHANGES[self.turn() % CHANGES.len()].iter().copied());
        let mut answer = ask();
        server.db.lapses.clear();
        if answer == Err(Problem::Unavailable) {
            answer = ask();
        }
        let state = || (self.native.head(), self.native.used());
        let before = state();
        assert_eq!(ask(), answer, "a repeat has another answer");
        assert_eq!(state(), before, "a repeat changed something");
        answer
    }
}

impl RepeatingDrive {
    /// The same of a deletion for good, whose counts are those of each request.
    fn deletion(&self, ask: impl Fn() -> Answered<DeletedForGood>) -> Answered<DeletedForGood> {
        let answer = Cell::new(None);
        self.change(|| {
            let end = ask();
            let done = end.clone().map(|deleted| deleted.done);
            answer.set(Some(answer.take().filter(Result::is_ok).unwrap_or(end)));
            done
        })?;
        answer.take().expect("it was asked")
    }
}

impl Feed for RepeatingDrive {
    type Refusal = Problem;

    fn changes(&self, since: Option<&str>, limit: Option<u64>) -> Answered<ChangePage> {
        self.native.changes(since, limit)
    }
}

impl Drive for RepeatingDrive {
    fn user_name(&self) -> String {
        self.native.user_name()
    }

    fn device(&self) -> DeviceId {
        self.native.device()
    }

    fn create_folder(&self, folder: &NewFolder) -> Answered<ItemChanged> {
        self.change(|| self.native.create_folder(folder))
    }

    fn send_new_file(&self, file: &NewFile<Content>) -> Answered<ItemChanged> {
        self.change(|| self.native.send_new_file(file))
    }

    fn carry_new_file(&self, file: &NewFile<Content>, frames: &[u8]) -> Answered<ItemChanged> {
        self.change(|| self.native.carry_new_file(file, frames))
    }

    fn send_new_files(&self, files: &[NewFile<Content>]) -> Answered<Vec<Answered<ItemChanged>>> {
        self.change(|| {
            let ends = self.native.send_new_files(files)?;
            match ends.contains(&Err(Problem::Unavailable)) {
                true => Err(Problem::Unavailable),
                false => Ok(ends),
            }
        })
    }

    fn propose(&self, file: ItemId, proposal: &Proposal) -> Answered<ProposalAnswer> {
        self.native.propose(file, proposal)
    }

    fn store_frames(&self, body: &[u8]) -> Answered<BlocksStored> {
        let server = self.native.server();
        let (db, packs) = UPLOADS[self.turn() % UPLOADS.len()];
        server.db.lapses.plan(db.iter().copied());
        server.packs.lapses.plan(packs.iter().copied());
        let answer = self.native.store_frames(body);
        server.db.lapses.clear();
        server.packs.lapses.clear();
        match answer {
            Err(Problem::Unavailable) => self.native.store_frames(body),
            answer => answer,
        }
    }

    fn fetch(&self, fetch: &Fetch) -> Answered<Vec<u8>> {
        self.native.fetch(fetch)
    }

    fn signatures(&self, fetch: &FetchSignatures) -> Answered<Vec<u8>> {
        self.native.signatures(fetch)
    }

    fn block(&self, hash: BlockHash) -> Answered<Vec<u8>> {
        self.native.block(hash)
    }

    fn send_commit(&self, file: ItemId, commit: &Commit<Content>) -> Answered<ItemChanged> {
        self.change(|| self.native.send_commit(file, commit))
    }

    fn carry_commit(
        &self,
        file: ItemId,
        commit: &Commit<Content>,
        frames: &[u8],
    ) -> Answered<ItemChanged> {
        self.change(|| self.native.carry_commit(file, commit, frames))
    }

    /// In both forms, in turn: they are the same operation.
    fn commit(&self, file: ItemId, commit: &Commit) -> Answered<ItemChanged> {
        let base = Base {
            item: file,
            version: commit.base_version,
        };
        let forms = [Form::Whole, Form::Spliced].map(|form| {
            let content = self.native.in_form(form, &commit.content, base);
            commit.clone().with_content(content)
        });
        // The first one is another one each time, too.
        let turn = Cell::new(self.changes.get() / CHANGES.len());
        self.change(|| {
            turn.set(turn.get() + 1);
            self.native
                .send_commit(file, &forms[turn.get() % forms.len()])
        })
    }

    fn content(&self, file: ItemId, version: Option<Version>) -> Answered<Vec<u8>> {
        self.native.content(file, version)
    }

    fn range(&self, file: ItemId, range: Range<u64>) -> Answered<Vec<u8>> {
        self.native.range(file, range)
    }

    fn manifest(&self, file: ItemId, version: Version) -> Answered<FileManifest> {
        self.native.manifest(file, version)
    }

    fn manifest_since(
        &self,
        file: ItemId,
        version: Version,
        since: Base,
    ) -> Answered<ManifestSince> {
        self.native.manifest_since(file, version, since)
    }

    fn item(&self, item: ItemId) -> Answered<Item> {
        self.native.item(item)
    }

    fn change_place(&self, item: ItemId, to: &ChangePlace) -> Answered<ItemChanged> {
        self.change(|| self.native.change_place(item, to))
    }

    fn trash(&self, item: ItemId, change: &ChangeTrashed) -> Answered<ItemChanged> {
        self.change(|| self.native.trash(item, change))
    }

    fn restore(&self, item: ItemId, change: &ChangeTrashed) -> Answered<ItemChanged> {
        self.change(|| self.native.restore(item, change))
    }

    fn change_items(&self, changes: &[ItemChange]) -> Answered<Vec<Answered<ItemChanged>>> {
        self.change(|| {
            let ends = self.native.change_items(changes)?;
            match ends.contains(&Err(Problem::Unavailable)) {
                true => Err(Problem::Unavailable),
                false => Ok(ends),
            }
        })
    }

    fn delete(&self, item: ItemId, request: &DeleteForGood) -> Answered<DeletedForGood> {
        self.deletion(|| self.native.delete(item, request))
    }

    fn empty_trash(&self, request: &EmptyTrash) -> Answered<DeletedForGood> {
        self.deletion(|| self.native.empty_trash(request))
    }

    fn send_conflict(&self, file: ItemId, new: &NewConflict<Content>) -> Answered<Conflict> {
        self.change(|| self.native.send_conflict(file, new))
    }

    fn conflicts(&self) -> Answered<Vec<Conflict>> {
        self.native.conflicts()
    }

    fn conflict(&self, id: ConflictId) -> Answered<Conflict> {
        self.native.conflict(id)
    }

    fn conflict_content(&self, id: ConflictId) -> Answered<Vec<u8>> {
        self.native.conflict_content(id)
    }

    fn resolve(&self, id: ConflictId, resolve: &Resolve) -> Answered<Conflict> {
        self.change(|| self.native.resolve(id, resolve))
    }

    fn resolved_conflicts(&self, after: Option<&str>, limit: Option<u64>) -> Answered<Conflicts> {
        self.native.resolved_conflicts(after, limit)
    }

    fn conflict_manifest(&self, id: ConflictId) -> Answered<Manifest> {
        self.native.conflict_manifest(id)
    }

    fn reopen(&self, id: ConflictId, reopen: &Reopen) -> Answered<Conflict> {
        self.change(|| self.native.reopen(id, reopen))
    }

    fn space(&self) -> Answered<Space> {
        self.native.space()
    }
}
