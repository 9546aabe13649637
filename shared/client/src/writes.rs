//! Makes the requests that store a content. The engine hands whole lists to them. Where
//! the list of the base is at hand, a list becomes splices, and a small edit's blocks
//! travel with its commit.

use crate::drafts::{Drafts, Packed};
use crate::engine::EngineCell;
use crate::failure::Failure;
use crate::frames::payload_bytes;
use crate::gather::Gather;
use crate::lists::Lists;
use crate::located::Located;
use crate::ports::{Carrying, Frame, Platform, SendProgress};
use crate::sender::{FileToSend, Sender};
use crate::tuning::Tuning;
use crate::weight::Weight;
use blocks::hash::BlockHash;
use blocks::manifest::{BlockRef, Manifest};
use protocol::conflicts::{Conflict, NewConflict, Resolve};
use protocol::content::{Base, Content, Receipted, Spliced};
use protocol::files::{Commit, NewFile, Proposal};
use protocol::ids::{ConflictId, ItemId};
use protocol::items::ItemChanged;
use protocol::limits::MAX_PACK_BLOCKS;
use protocol::problem::Problem;
use std::collections::{HashMap, HashSet};
use std::rc::Rc;
use sync::edit::{DraftId, Edit};
use sync::message::{Answer, Lost};

/// The most plain bytes of blocks that are compared with the blocks they replace before
/// the server is asked which of them it lacks.
const MOST_CARRIED_BYTES: usize = 64 << 20;

/// Makes the requests that store a content.
pub struct Writes<P: Platform> {
    platform: P,
    engine: EngineCell,
    tuning: Tuning,
    lists: Lists<P>,
    drafts: Drafts<P>,
    sender: Sender<P>,
    creates: Gather<P, NewFile<Receipted>>,
}

impl<P: Platform> Writes<P> {
    pub fn new(
        platform: P,
        engine: EngineCell,
        tuning: Tuning,
        lists: Lists<P>,
        drafts: Drafts<P>,
        sender: Sender<P>,
    ) -> Self {
        Self {
            creates: Gather::new(platform.clone()),
            platform,
            engine,
            tuning,
            lists,
            drafts,
            sender,
        }
    }

    /// Proposes the blocks that the base does not have.
    ///
    /// # Errors
    /// Those of the server.
    pub async fn propose(&self, item: ItemId, mut body: Proposal) -> Result<Answer, Failure> {
        let list = self.lists.get(item, body.current_version).await;
        let blocks = list.iter().flatten();
        let mut base: HashMap<BlockHash, u64> = blocks
            .map(|block| (block.hash, u64::from(block.length)))
            .collect();
        let known: HashSet<BlockHash> = base.keys().copied().collect();
        body.new_block_hashes.retain(|hash| {
            // The bytes of a hash that is left out are subtracted once.
            if let (Some(length), Some(bytes)) = (base.remove(hash), &mut body.new_bytes) {
                *bytes = bytes.saturating_sub(length);
            }
            !known.contains(hash)
        });
        let answer = self.platform.propose(item, &body).await?;
        let draft = self.draft_of(item);
        let mut missing = answer.missing_blocks;
        // They are there, and the server can't know that they were sent from here.
        missing.retain(|block| self.sender.wallet().find(draft, block).is_none());
        Ok(Answer::Missing(missing))
    }

    /// The draft that a file's next content is of.
    fn draft_of(&self, item: ItemId) -> Option<DraftId> {
        let engine = self.engine.read();
        engine.trees().edit(item)?.draft().map(|draft| draft.id)
    }

    /// A content with the receipts that there are for blocks of the draft that it is of.
    fn receipted(&self, draft: Option<DraftId>, content: Content) -> Receipted {
        let wallet = self.sender.wallet();
        match wallet.has_some(draft) {
            true => Receipted::with(content, |block| wallet.find(draft, block)),
            false => content.into(),
        }
    }

    /// What the server answered about a draft's content.
    fn heard<T>(&self, draft: Option<DraftId>, answer: Result<T, Failure>) -> Result<T, Failure> {
        if let Err(Failure::Refused(why)) = &answer {
            self.sender.wallet().refused(draft, why);
        }
        answer
    }

    async fn send_commit(
        &self,
        item: ItemId,
        body: &Commit<Content>,
    ) -> Result<ItemChanged, Failure> {
        let draft = self.draft_of(item);
        let content = self.receipted(draft, body.content.clone());
        let body = body.clone().with_content(content);
        self.heard(draft, self.platform.commit(item, &body).await)
    }

    fn receipted_file(&self, body: &NewFile<Content>) -> NewFile<Receipted> {
        let draft = self.draft_of(body.id);
        let content = body.content.clone();
        let content = content.map(|content| self.receipted(draft, content));
        body.clone().with_content(content)
    }

    async fn send_new_file(&self, body: &NewFile<Content>) -> Result<ItemChanged, Failure> {
        let (draft, shown) = (self.draft_of(body.id), self.receipted_file(body));
        let made = self.platform.create_file(&shown).await;
        self.heard(draft, made)
    }

    /// The draft that a conflict of a file is made of. It need not be of an edit of that
    /// file: where a new file's name is taken, it comes second in the file that has it.
    fn draft_of_conflict(&self, content: &Content) -> Option<DraftId> {
        let Content::Whole(content) = content else {
            return None;
        };
        let engine = self.engine.read();
        let mut drafts = engine.trees().edits().filter_map(Edit::draft);
        let of = drafts.find(|draft| draft.manifest.as_ref() == Some(content));
        of.map(|draft| draft.id)
    }

    async fn send_conflict(
        &self,
        item: ItemId,
        draft: Option<DraftId>,
        body: &NewConflict<Content>,
    ) -> Result<Conflict, Failure> {
        let content = self.receipted(draft, body.content.clone());
        let body = body.clone().with_content(content);
        self.heard(draft, self.platform.keep_conflict(item, &body).await)
    }

    /// Carries out a choice for a conflict.
    ///
    /// # Errors
    /// Those of the server.
    pub async fn resolve(&self, conflict: ConflictId, body: Resolve) -> Result<Answer, Failure> {
        let draft = {
            let engine = self.engine.read();
            let resolution = engine.trees().resolutions().get(&conflict);
            let draft = resolution.and_then(|resolution| resolution.draft());
            draft.map(|draft| draft.id)
        };
        let body = body.map_content(|content| self.receipted(draft, content));
        let resolved = self.platform.resolve(conflict, &body).await;
        Ok(Answer::Conflict(self.heard(draft, resolved)?))
    }

    /// Makes a new version.
    ///
    /// # Errors
    /// Those of the server; `BytesLost` where blocks that travel along can't be read.
    pub async fn commit(
        &self,
        item: ItemId,
        body: Commit<Content>,
        carries: Option<DraftId>,
    ) -> Result<Answer, Lost> {
        let version = body.base_version;
        let Content::Whole(content) = body.content.clone() else {
            let changed = self.send_commit(item, &body).await;
            return Ok(Answer::Item(changed?));
        };
        let base = self.lists.base(item, version, content.blocks.len()).await;
        let spliced = base.as_deref().map(|list| {
            let base = Base { item, version };
            let spliced = Spliced::of(&content, base, list);
            body.clone().with_content(spliced)
        });
        let with_splices = |spliced: &Commit<Spliced>, carried: &[BlockRef]| {
            let content = spliced.content.clone().leave_out(carried);
            spliced.clone().with_content(Content::Spliced(content))
        };
        let changed = match (&spliced, carries) {
            (None, Some(_)) => return Ok(Answer::NotCarried),
            (Some(spliced), Some(draft)) => {
                let base = base.as_deref().unwrap_or_default();
                let Some(wanted) = self.worth_carrying(&content, base).await else {
                    return Ok(Answer::NotCarried);
                };
                let what = |carried: &[BlockRef]| {
                    let commit = with_splices(spliced, carried);
                    let content = self.receipted(Some(draft), commit.content.clone());
                    let body = commit.with_content(content);
                    Carrying::Commit { item, body }
                };
                let carried = self.carry(what, (draft, &wanted), base).await;
                let Some(changed) = carried.transpose() else {
                    return Ok(Answer::NotCarried);
                };
                changed
            }
            (Some(spliced), None) => {
                let commit = with_splices(spliced, &[]);
                self.send_commit(item, &commit).await.map_err(Lost::from)
            }
            (None, None) => self.send_commit(item, &body).await.map_err(Lost::from),
        };
        let changed = match changed {
            Err(Lost::Refused(why)) if spliced.is_some() && is_about_the_base(&why) => {
                self.lists.forget(item).await;
                self.send_commit(item, &body).await?
            }
            changed => changed?,
        };
        self.keep_list(&changed, &content).await;
        Ok(Answer::Item(changed))
    }

    /// Makes a new file.
    ///
    /// # Errors
    /// Those of the server; `BytesLost` where blocks that travel along can't be read.
    pub async fn create(
        &self,
        body: NewFile<Content>,
        carries: Option<DraftId>,
    ) -> Result<Answer, Lost> {
        let changed = match (&body.content, carries) {
            (Some(Content::Whole(content)), Some(draft)) => {
                let wanted = hashes(&new_blocks(&content.blocks, &[]));
                let what = |_: &[BlockRef]| Carrying::Create(self.receipted_file(&body));
                match self.carry(what, (draft, &wanted), &[]).await? {
                    Some(changed) => changed,
                    None => return Ok(Answer::NotCarried),
                }
            }
            // Its base counts towards the batch's limit of blocks, and may be long.
            (Some(Content::Spliced(_)), _) => self.send_new_file(&body).await?,
            (Some(Content::Whole(content)), None) => {
                match self.create_copy(&body, content).await? {
                    Some(made) => made,
                    None => self.create_plainly(&body).await?,
                }
            }
            (None, _) => self.create_plainly(&body).await?,
        };
        match body.content {
            Some(Content::Whole(content)) => self.keep_list(&changed, &content).await,
            Some(Content::Spliced(copy)) => {
                let Base { item, version } = copy.base;
                if let Some(list) = self.lists.get(item, version).await {
                    let made = &changed.item;
                    self.lists.put(made.id, made.version(), &list).await;
                }
            }
            None => {}
        }
        Ok(Answer::Item(changed))
    }

    /// Makes a new file as a copy of one that has the same content; `None` if no such file is
    /// known, or the server refuses the base.
    async fn create_copy(
        &self,
        body: &NewFile<Content>,
        content: &Manifest,
    ) -> Result<Option<ItemChanged>, Failure> {
        let Some(base) = self.lists.same(content).await else {
            return Ok(None);
        };
        let copy = Content::Spliced(Spliced::of(content, base, &content.blocks));
        let body = body.clone().with_content(Some(copy));
        match self.send_new_file(&body).await {
            Err(Failure::Refused(why)) if is_about_the_base(&why) => {
                self.lists.forget(base.item).await;
                Ok(None)
            }
            made => made.map(Some),
        }
    }

    /// Makes a new file, alone or together with others.
    async fn create_plainly(&self, body: &NewFile<Content>) -> Result<ItemChanged, Failure> {
        if self.engine.is_about_one_edit() {
            self.send_new_file(body).await
        } else {
            let draft = self.draft_of(body.id);
            let made = self.creates.ask(self.receipted_file(body)).await;
            self.heard(draft, made)
        }
    }

    /// Keeps a version that came second as a conflict.
    ///
    /// # Errors
    /// Those of the server.
    pub async fn keep(&self, item: ItemId, body: NewConflict<Content>) -> Result<Answer, Failure> {
        let draft = self.draft_of_conflict(&body.content);
        if let Content::Whole(content) = &body.content {
            let version = body.base_version;
            let base = self.lists.base(item, version, content.blocks.len()).await;
            if let Some(list) = base {
                let base = Base { item, version };
                let spliced = Content::Spliced(Spliced::of(content, base, &list));
                let spliced = body.clone().with_content(spliced);
                match self.send_conflict(item, draft, &spliced).await {
                    Err(Failure::Refused(why)) if is_about_the_base(&why) => {
                        self.lists.forget(item).await;
                    }
                    answer => return answer.map(Answer::Conflict),
                }
            }
        }
        let kept = self.send_conflict(item, draft, &body).await?;
        Ok(Answer::Conflict(kept))
    }

    /// Keeps the list of a stored content as the base of the next.
    async fn keep_list(&self, changed: &ItemChanged, content: &Manifest) {
        // The answer to a repeat is about its own version, whatever the head is now.
        let item = &changed.item;
        self.lists
            .put(item.id, item.version(), &content.blocks)
            .await;
    }

    /// The blocks of a content that a list does not have, if there are some and they can
    /// travel with a request: because they are few, or because their bases are here.
    async fn worth_carrying(
        &self,
        content: &Manifest,
        base: &[BlockRef],
    ) -> Option<Vec<BlockHash>> {
        if content.blocks == base {
            return None;
        }
        let wanted = new_blocks(&content.blocks, base);
        let bytes: usize = wanted.iter().map(|block| block.length as usize).sum();
        if wanted.len() > MAX_PACK_BLOCKS || bytes > MOST_CARRIED_BYTES {
            return None;
        }
        let is_much = bytes as u64 > self.tuning.carried_bytes;
        if is_much && !self.are_cached(&new_blocks(base, &content.blocks)).await {
            return None;
        }
        Some(hashes(&wanted))
    }

    async fn are_cached(&self, blocks: &[BlockRef]) -> bool {
        let places = self.platform.find(&hashes(blocks)).await;
        places.is_ok_and(|places| places.len() == blocks.len())
    }

    /// Makes a request that carries blocks of a draft. `base` is the list of their base, and
    /// `what` is told which blocks the request carries. Blocks for which it has no room
    /// are uploaded before it. `None` if the blocks turn out to be worth a proposal.
    async fn carry(
        &self,
        what: impl FnOnce(&[BlockRef]) -> Carrying,
        (draft, wanted): (DraftId, &[BlockHash]),
        base: &[BlockRef],
    ) -> Result<Option<ItemChanged>, Lost> {
        let most = self.tuning.carried_bytes;
        let packed = self.drafts.frames(draft, wanted, base, most).await?;
        let Some(Packed {
            frames,
            file_bytes,
            held,
        }) = packed
        else {
            return Ok(None);
        };
        let located: Vec<Located> = frames.iter().map(|frame| frame.located).collect();
        let progress: Rc<dyn Fn(SendProgress)> =
            Rc::from(self.platform.sending(draft, file_bytes, &located));
        let spared = frames.iter().map(Frame::spared_bytes).sum();
        let patched = frames.iter().map(Frame::patched_bytes).sum();
        let (ahead, carried) = frames.split_at(ahead_of_last(&frames));
        let on_the_way = progress.clone();
        let on_the_way = move |sent| {
            on_the_way(SendProgress {
                spared,
                patched,
                ..sent
            });
        };
        let upload = async |hand_on: &dyn Fn(Vec<Frame<P::Bytes>>)| {
            hand_on(ahead.to_vec());
            self.sender.set_out();
        };
        let item = self.engine.read().trees().draft_item(draft);
        let source = FileToSend {
            draft,
            item,
            file: &held.file,
        };
        self.sender
            .send(source, ahead.len(), on_the_way, upload)
            .await?;

        let blocks: Vec<BlockRef> = carried.iter().map(|frame| frame.located.block).collect();
        let parcel = carried
            .iter()
            .map(|frame| (held.file.clone(), frame.clone()));
        let (stored, last_bytes) = (payload_bytes(ahead), payload_bytes(carried));
        let on_the_way = progress.clone();
        let on_the_way = move |bytes: u64| {
            on_the_way(SendProgress {
                stored,
                travelling: bytes.min(last_bytes),
                spared,
                patched,
            });
        };
        let (platform, what) = (&self.platform, what(&blocks));
        let send = async |parcel| {
            let on_the_way = on_the_way.clone();
            platform.carry(what.clone(), parcel, on_the_way).await
        };
        let answer = self.sender.solid().send(platform, parcel.collect(), send);
        let answer = match self.heard(Some(draft), answer.await) {
            // There was no answer, because there is no network or the file is gone.
            Err(Failure::Unreachable) if !self.are_readable(&held.file, carried).await => {
                Err(Failure::FileUnreadable)
            }
            answer => answer,
        }?;
        progress(SendProgress {
            stored: stored + last_bytes,
            travelling: 0,
            spared,
            patched,
        });
        Ok(Some(answer))
    }

    /// Whether the file of these frames can still be read.
    async fn are_readable(&self, file: &P::File, frames: &[Frame<P::Bytes>]) -> bool {
        match frames.first() {
            Some(frame) => self.platform.is_readable(file, frame.located.offset).await,
            None => true,
        }
    }
}

/// Whether the server's list is another one than the list here: then the whole content is
/// sent.
fn is_about_the_base(problem: &Problem) -> bool {
    matches!(problem, Problem::NoSuchBase | Problem::BadManifest { .. })
}

/// The blocks that `known` does not have, each once, in the order of `list`.
fn new_blocks(list: &[BlockRef], known: &[BlockRef]) -> Vec<BlockRef> {
    let mut known: HashSet<BlockHash> = known.iter().map(|block| block.hash).collect();
    let new = list.iter().filter(|block| known.insert(block.hash));
    new.copied().collect()
}

fn hashes(blocks: &[BlockRef]) -> Vec<BlockHash> {
    blocks.iter().map(|block| block.hash).collect()
}

/// How many frames at the front have no room in the last request.
fn ahead_of_last<B>(frames: &[Frame<B>]) -> usize {
    let mut weight = Weight::default();
    let last = frames.iter().rev().take_while(|frame| weight.takes(frame));
    frames.len() - last.count()
}
