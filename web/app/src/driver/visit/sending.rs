//! Files on their way to where a link leads: one after the other, each read once to be cut
//! and hashed, and then sent. Who only adds files learns nothing of what is there, so no
//! file is a new version of another and no block is known to be there.

use crate::driver::current::Current;
use crate::refusals::InWords;
use crate::state::visit::{HandedInFile, VisitStage};
use blocks::chunk::SizeClass;
use blocks::frame::FRAME_HEADER_BYTES;
use blocks::hash::BlockHash;
use blocks::limits::TARGET_PACK_BYTES;
use blocks::manifest::Manifest;
use blocks::number::FileTime;
use client::located::{BlockMap, Located};
use client::ports::Frame;
use futures_util::lock::Mutex;
use js_sys::Uint8Array;
use leptos::prelude::{
    GetUntracked, GetValue, Owner, RwSignal, Set, StoredValue, Update, WithUntracked,
};
use platform::api::upload;
use platform::browser::random;
use platform::failure::Failure;
use protocol::content::{Content, Receipted};
use protocol::files::{BlocksStored, NewFile};
use protocol::ids::{ItemId, OperationId};
use protocol::name::Name;
use protocol::paths;
use protocol::problem::Problem;
use protocol::receipts::Receipt;
use std::cell::RefCell;
use std::collections::{HashMap, HashSet};
use std::rc::Rc;
use web_sys::File;
use workers::hashing::file;
use workers::hashing::pool::Pool;

/// How often blocks are sent that the server has lost by the time they are named.
const TRIES: u32 = 3;

pub struct Sending {
    current: Current,
    pool: Pool,
    shown: RwSignal<Vec<HandedInFile>>,
    /// Where each goes, by its number.
    folders: RefCell<HashMap<u64, Option<ItemId>>>,
    /// One file at a time.
    turn: Mutex<()>,
    /// Signals are made in its name.
    owner: Owner,
}

impl Sending {
    pub fn new(current: Current, pool: Pool, shown: RwSignal<Vec<HandedInFile>>) -> Rc<Self> {
        Rc::new(Self {
            current,
            pool,
            shown,
            folders: RefCell::default(),
            turn: Mutex::new(()),
            owner: Owner::current().unwrap_or_default(),
        })
    }

    /// Lists files at once, and sends them; ends with the last one.
    pub fn add(
        self: &Rc<Self>,
        folder: Option<ItemId>,
        files: Vec<File>,
    ) -> impl Future<Output = ()> + 'static {
        let entries: Vec<HandedInFile> = self.owner.with(|| {
            let entry = |file| HandedInFile {
                id: random::small_id(),
                file: StoredValue::new_local(file),
                stage: RwSignal::new(VisitStage::Waiting),
            };
            files.into_iter().map(entry).collect()
        });
        let folders = entries.iter().map(|entry| (entry.id, folder));
        self.folders.borrow_mut().extend(folders);
        self.shown.update(|all| all.extend(entries.iter().copied()));
        let sending = self.clone();
        async move {
            for entry in entries {
                sending.send(entry).await;
            }
        }
    }

    /// Sends one that failed once more.
    pub async fn again(&self, id: u64) {
        let find = |all: &Vec<HandedInFile>| all.iter().find(|entry| entry.id == id).copied();
        let entry = self.shown.with_untracked(find);
        let has_failed =
            |entry: &HandedInFile| matches!(entry.stage.get_untracked(), VisitStage::Failed(_));
        if let Some(entry) = entry.filter(has_failed) {
            entry.stage.set(VisitStage::Waiting);
            self.send(entry).await;
        }
    }

    async fn send(&self, entry: HandedInFile) {
        let _turn = self.turn.lock().await;
        let folder = self.folders.borrow().get(&entry.id).copied().flatten();
        let outcome = self.try_to_send(entry, folder).await;
        entry.stage.set(match outcome {
            Ok(()) => VisitStage::Done,
            Err(failure) => VisitStage::Failed(failure.in_words()),
        });
    }

    async fn try_to_send(
        &self,
        entry: HandedInFile,
        folder: Option<ItemId>,
    ) -> Result<(), Failure> {
        let file = entry.file.get_value();
        let name = Name::parse(&file.name());
        let name = name.map_err(|bad| Failure::Device(bad.in_words()))?;
        let content = self.read(&file, entry.stage).await?;
        let new = NewFile {
            operation_id: OperationId::from_random(random::id_bytes()),
            id: ItemId::from_random(random::id_bytes()),
            parent: folder,
            name,
            content: None::<Manifest>,
        };
        let mut tries = 0;
        loop {
            let receipts = self.send_blocks(&file, &content, entry.stage).await?;
            let find = |hash: &BlockHash| receipts.get(hash).copied();
            let named = Receipted::with(Content::Whole(content.clone()), find);
            let body = new.clone().with_content(Some(named));
            let api = self.current.api();
            let stored = self
                .current
                .patiently(async || api.hand_in(&body).await)
                .await;
            tries += 1;
            match stored {
                Err(Failure::Refused(Problem::BlocksMissing { .. })) if tries < TRIES => {}
                outcome => return outcome,
            }
        }
    }

    async fn read(&self, file: &File, stage: RwSignal<VisitStage>) -> Result<Manifest, Failure> {
        let size = file.size() as u64;
        let size_class = SizeClass::for_size(size);
        stage.set(VisitStage::Reading(0));
        let progress = |bytes| stage.set(VisitStage::Reading(bytes));
        let blocks = file::hash(&self.pool, file, size_class, || {}, progress).await?;
        Ok(Manifest {
            size,
            size_class,
            modified_at_ms: FileTime::nearest_to(file.last_modified()),
            blocks,
        })
    }

    /// Sends each block once, and returns the server's receipts.
    async fn send_blocks(
        &self,
        file: &File,
        content: &Manifest,
        stage: RwSignal<VisitStage>,
    ) -> Result<HashMap<BlockHash, Receipt>, Failure> {
        let mut seen = HashSet::new();
        let distinct = content.blocks.iter().map(|block| block.hash);
        let distinct: Vec<BlockHash> = distinct.filter(|hash| seen.insert(*hash)).collect();
        let mut receipts = HashMap::new();
        let mut sent = 0;
        stage.set(VisitStage::Sending(0));
        for parcel in parcels(BlockMap::new(content).locate(&distinct)) {
            let frames: Vec<(File, Frame<Uint8Array>)> = parcel
                .iter()
                .map(|located| (file.clone(), Frame::plain(*located)))
                .collect();
            let (api, path) = (self.current.api(), paths::store_blocks(&[]));
            let stored = self
                .current
                .patiently(async || {
                    let progress = move |bytes| stage.set(VisitStage::Sending(sent + bytes));
                    let frames = upload::body(None, &frames)?;
                    let answer: BlocksStored =
                        api.post_frames(&path, None, frames, progress).await?;
                    Ok(answer)
                })
                .await?;
            let given = stored.receipts.map(|receipts| receipts.0);
            let hashes = parcel.iter().map(|located| located.block.hash);
            let given = hashes.zip(given.unwrap_or_default());
            receipts.extend(given.filter_map(|(hash, receipt)| Some((hash, receipt?))));
            sent += parcel.iter().map(bytes_of).sum::<u64>();
        }
        Ok(receipts)
    }
}

fn bytes_of(located: &Located) -> u64 {
    u64::from(located.block.length) + FRAME_HEADER_BYTES as u64
}

/// As many blocks to a request as it is to have, in their order.
fn parcels(blocks: Vec<Located>) -> Vec<Vec<Located>> {
    let mut parcels: Vec<Vec<Located>> = Vec::new();
    let mut bytes = 0;
    for block in blocks {
        bytes += bytes_of(&block);
        match parcels.last_mut() {
            Some(last) if bytes <= TARGET_PACK_BYTES as u64 => last.push(block),
            _ => {
                bytes = bytes_of(&block);
                parcels.push(vec![block]);
            }
        }
    }
    parcels
}

#[cfg(test)]
mod tests {
    use super::parcels;
    use blocks::hash::BlockHash;
    use blocks::manifest::BlockRef;
    use client::located::Located;

    #[test]
    fn a_large_file_is_sent_in_requests_of_a_few_megabytes_and_whole() {
        let block = |number: u32| Located {
            block: BlockRef {
                hash: BlockHash::of(&number.to_le_bytes()),
                length: 1 << 20,
            },
            offset: u64::from(number) << 20,
        };
        let all: Vec<Located> = (0..11).map(block).collect();
        let parcels = parcels(all.clone());
        let sizes: Vec<usize> = parcels.iter().map(Vec::len).collect();
        assert_eq!(sizes, [3, 3, 3, 2]);
        assert_eq!(parcels.concat(), all);
    }
}
