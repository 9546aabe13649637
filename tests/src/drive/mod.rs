//! A drive as its client sees it, whatever it runs on: what the checks of
//! [`suite`](crate::suite) are written against.
//!
//! [`live`] is a running server over HTTP, [`native`] the model, and
//! [`repeating`] the model with a database and a pack store that lapse, whose
//! client repeats every change.

pub mod live;
pub mod native;
pub mod repeating;

use crate::client::{
    Form, MODIFIED_AT, blocks_by_hash, change_trashed, commit_of, conflict_id, frames, item_id,
    manifest, name, new_file, operation_id,
};
use crate::tree::Feed;
use blocks::chunk::SizeClass;
use blocks::hash::BlockHash;
use blocks::manifest::Manifest;
use protocol::accounts::Space;
use protocol::blocks::{Fetch, FetchSignatures};
use protocol::conflicts::{Choice, Conflict, Conflicts, NewConflict, Reopen, Resolve};
use protocol::content::{Base, Content, Spliced};
use protocol::files::{
    BlocksStored, Commit, FileManifest, ManifestSince, NewFile, Proposal, ProposalAnswer,
};
use protocol::ids::{ConflictId, DeviceId, ItemId, SpaceId, Version};
use protocol::items::{
    ChangePlace, ChangeTrashed, DeleteForGood, DeletedForGood, EmptyTrash, Item, ItemChange,
    ItemChanged, NewFolder,
};
use protocol::problem::Problem;
use std::ops::Range;

/// What a request comes to.
pub type Answered<T> = Result<T, Problem>;

/// Where drives are.
pub trait Site {
    type Drive: Drive;

    /// Somebody new, with a space of their own and a first device.
    fn person(&self) -> Self::Drive;

    /// One more device of the same person.
    fn second_device(&self, of: &Self::Drive, name: &str) -> Self::Drive;
}

/// A device of a person, and its requests, in the order of the API's table. None
/// of them returns without an answer.
pub trait Drive: Feed<Refusal = Problem> {
    fn user_name(&self) -> String;
    fn device(&self) -> DeviceId;

    fn create_folder(&self, folder: &NewFolder) -> Answered<ItemChanged>;
    fn send_new_file(&self, file: &NewFile<Content>) -> Answered<ItemChanged>;
    fn carry_new_file(&self, file: &NewFile<Content>, frames: &[u8]) -> Answered<ItemChanged>;
    fn send_new_files(&self, files: &[NewFile<Content>]) -> Answered<Vec<Answered<ItemChanged>>>;
    fn propose(&self, file: ItemId, proposal: &Proposal) -> Answered<ProposalAnswer>;
    fn store_frames(&self, body: &[u8]) -> Answered<BlocksStored>;
    fn fetch(&self, fetch: &Fetch) -> Answered<Vec<u8>>;
    fn signatures(&self, fetch: &FetchSignatures) -> Answered<Vec<u8>>;
    fn block(&self, hash: BlockHash) -> Answered<Vec<u8>>;
    fn send_commit(&self, file: ItemId, commit: &Commit<Content>) -> Answered<ItemChanged>;
    fn carry_commit(
        &self,
        file: ItemId,
        commit: &Commit<Content>,
        frames: &[u8],
    ) -> Answered<ItemChanged>;
    fn content(&self, file: ItemId, version: Option<Version>) -> Answered<Vec<u8>>;
    /// A part of the head's content.
    fn range(&self, file: ItemId, range: Range<u64>) -> Answered<Vec<u8>>;
    fn manifest(&self, file: ItemId, version: Version) -> Answered<FileManifest>;
    fn manifest_since(
        &self,
        file: ItemId,
        version: Version,
        since: Base,
    ) -> Answered<ManifestSince>;
    fn item(&self, item: ItemId) -> Answered<Item>;
    fn change_place(&self, item: ItemId, to: &ChangePlace) -> Answered<ItemChanged>;
    fn trash(&self, item: ItemId, change: &ChangeTrashed) -> Answered<ItemChanged>;
    fn restore(&self, item: ItemId, change: &ChangeTrashed) -> Answered<ItemChanged>;
    fn change_items(&self, changes: &[ItemChange]) -> Answered<Vec<Answered<ItemChanged>>>;
    fn delete(&self, item: ItemId, request: &DeleteForGood) -> Answered<DeletedForGood>;
    fn empty_trash(&self, request: &EmptyTrash) -> Answered<DeletedForGood>;
    fn send_conflict(&self, file: ItemId, new: &NewConflict<Content>) -> Answered<Conflict>;
    fn conflicts(&self) -> Answered<Vec<Conflict>>;
    fn conflict(&self, id: ConflictId) -> Answered<Conflict>;
    fn conflict_content(&self, id: ConflictId) -> Answered<Vec<u8>>;
    fn resolved_conflicts(&self, after: Option<&str>, limit: Option<u64>) -> Answered<Conflicts>;
    fn conflict_manifest(&self, id: ConflictId) -> Answered<Manifest>;
    fn resolve(&self, id: ConflictId, resolve: &Resolve) -> Answered<Conflict>;
    fn reopen(&self, id: ConflictId, reopen: &Reopen) -> Answered<Conflict>;
    fn space(&self) -> Answered<Space>;

    // What the checks ask for, in terms of these.

    /// In which form to send what follows a version, where a check leaves it open.
    fn form_after(&self, version: Version) -> Form {
        Form::after(version)
    }

    /// A content, with splices only if there is such a base.
    fn in_form(&self, form: Form, content: &Manifest, base: Base) -> Content {
        let list = match form {
            Form::Spliced => self.manifest(base.item, base.version).ok(),
            Form::Whole => None,
        };
        match list {
            Some(list) => Content::Spliced(Spliced::of(content, base, &list.blocks)),
            None => content.clone().into(),
        }
    }

    fn create_file(&self, file: &NewFile) -> Answered<ItemChanged> {
        self.send_new_file(&file.clone().into())
    }

    fn create_files(&self, files: &[NewFile]) -> Answered<Vec<Answered<ItemChanged>>> {
        let files: Vec<_> = files.iter().cloned().map(NewFile::from).collect();
        self.send_new_files(&files)
    }

    fn commit(&self, file: ItemId, commit: &Commit) -> Answered<ItemChanged> {
        let base = Base {
            item: file,
            version: commit.base_version,
        };
        let form = self.form_after(base.version);
        let content = self.in_form(form, &commit.content, base);
        self.send_commit(file, &commit.clone().with_content(content))
    }

    fn keep_conflict(&self, file: ItemId, new: &NewConflict) -> Answered<Conflict> {
        let base = Base {
            item: file,
            version: new.base_version,
        };
        let form = self.form_after(base.version);
        let content = self.in_form(form, &new.content, base);
        self.send_conflict(file, &new.clone().with_content(content))
    }

    fn space_id(&self) -> SpaceId {
        self.space().expect("a space").id
    }

    /// Bytes stored.
    fn used(&self) -> u64 {
        self.space().expect("a space").stored_bytes
    }

    fn new_folder(&self, parent: Option<ItemId>, name: &str) -> Answered<ItemChanged> {
        self.create_folder(&new_folder(parent, name))
    }

    fn new_empty_file(&self, parent: Option<ItemId>, name: &str) -> Answered<ItemChanged> {
        self.create_file(&new_file(parent, name, None))
    }

    fn store(&self, blocks: &[&[u8]]) -> Answered<BlocksStored> {
        self.store_frames(&frames(blocks))
    }

    /// Stores the named blocks of a file, each in a pack of its own.
    fn upload(&self, bytes: &[u8], content: &Manifest, hashes: &[BlockHash]) -> Answered<()> {
        let blocks = blocks_by_hash(bytes, content);
        hashes
            .iter()
            .try_for_each(|hash| self.store(&[blocks[hash]]).map(drop))
    }

    /// Makes a file of `bytes`: asks by trying, uploads what is missing, and
    /// makes it.
    fn put_file(&self, parent: Option<ItemId>, name: &str, bytes: &[u8]) -> Answered<ItemChanged> {
        let class = SizeClass::for_size(bytes.len() as u64);
        let content = Manifest::of(bytes, class, MODIFIED_AT);
        let file = new_file(parent, name, Some(content.clone()));
        match self.create_file(&file) {
            Err(Problem::BlocksMissing { missing_blocks }) => {
                self.upload(bytes, &content, &missing_blocks)?;
                self.create_file(&file)
            }
            answer => answer,
        }
    }

    /// A new version of a file: propose, upload, commit.
    fn put_version(&self, file: ItemId, base: Version, bytes: &[u8]) -> Answered<ItemChanged> {
        let commit = commit_of(base, bytes);
        let proposal = proposal(base, commit.content.blocks.iter().map(|b| b.hash).collect());
        let missing = self.propose(file, &proposal)?.missing_blocks;
        self.upload(bytes, &commit.content, &missing)?;
        self.commit(file, &commit)
    }

    fn move_to(&self, item: &Item, parent: Option<ItemId>, name: &str) -> Answered<ItemChanged> {
        self.change_place(item.id, &change_place(item, parent, name))
    }

    fn put_in_trash(&self, item: &Item) -> Answered<ItemChanged> {
        self.trash(item.id, &change_trashed(item))
    }

    fn take_from_trash(&self, item: &Item) -> Answered<ItemChanged> {
        self.restore(item.id, &change_trashed(item))
    }

    fn choose(&self, id: ConflictId, seen: Version, choice: Choice) -> Answered<Conflict> {
        self.resolve(id, &resolve(seen, choice))
    }

    fn take_back(&self, id: ConflictId, seen: Version) -> Answered<Conflict> {
        self.reopen(id, &reopen(seen))
    }
}

pub fn proposal(current_version: Version, new_block_hashes: Vec<BlockHash>) -> Proposal {
    Proposal {
        current_version,
        new_block_hashes,
        new_bytes: None,
    }
}

pub fn new_folder(parent: Option<ItemId>, text: &str) -> NewFolder {
    NewFolder {
        operation_id: operation_id(),
        id: item_id(),
        parent,
        name: name(text),
    }
}

/// A change against the item's place as it is here.
pub fn change_place(item: &Item, parent: Option<ItemId>, text: &str) -> ChangePlace {
    ChangePlace {
        operation_id: operation_id(),
        base_place_version: item.place_version,
        parent,
        name: name(text),
    }
}

/// A version that came second, against the first one.
pub fn new_conflict(bytes: &[u8]) -> NewConflict {
    NewConflict {
        operation_id: operation_id(),
        id: conflict_id(),
        base_version: 1,
        content: manifest(bytes),
    }
}

pub fn reopen(seen_version: Version) -> Reopen {
    Reopen {
        operation_id: operation_id(),
        seen_version,
    }
}

pub fn resolve(seen_version: Version, choice: Choice) -> Resolve {
    Resolve {
        operation_id: operation_id(),
        seen_version,
        choice,
    }
}
