//! Requests that store a content. The engine has whole lists; here they become
//! what is different from a base, where its list is at hand, and a small edit's
//! blocks travel with its commit.

use super::drafts::Frames;
use super::frames::{Frame, payload_bytes};
use super::lists;
use super::panel::content::Located;
use super::panel::post;
use super::panel::sender::{Sent, is_readable};
use super::panel::weight::Weight;
use super::runner::{is_about_one_edit, lost};
use crate::api::to_json;
use crate::failure::Failure;
use crate::state::Drive;
use blocks::frame::{CARRYING_CONTENT_TYPE, carrying_head};
use blocks::hash::BlockHash;
use blocks::manifest::{BlockRef, Manifest};
use protocol::conflicts::NewConflict;
use protocol::content::{Base, Content, Spliced};
use protocol::files::{Commit, NewFile, Proposal};
use protocol::ids::ItemId;
use protocol::items::ItemChanged;
use protocol::limits::{MAX_PACK_BLOCKS, TARGET_PACK_BYTES};
use protocol::paths;
use protocol::problem::Problem;
use serde::de::DeserializeOwned;
use std::collections::{HashMap, HashSet};
use std::rc::Rc;
use sync::edit::DraftId;
use sync::message::{Answer, Failure as Lost};
use web_sys::File;

/// Plain bytes of the blocks that are compared with what they replace before anybody
/// asks which of them the server lacks.
const MOST_CARRIED_BYTES: usize = 64 << 20;

/// Proposes what the base does not have.
pub async fn propose(drive: Drive, item: ItemId, mut body: Proposal) -> Result<Answer, Failure> {
    let list = lists::get(drive, item, body.current_version).await;
    let blocks = list.iter().flatten();
    let mut base: HashMap<BlockHash, u64> = blocks
        .map(|block| (block.hash, u64::from(block.length)))
        .collect();
    let known: HashSet<BlockHash> = base.keys().copied().collect();
    body.new_block_hashes.retain(|hash| {
        // What is left out is counted out, once.
        if let (Some(length), Some(bytes)) = (base.remove(hash), &mut body.new_bytes) {
            *bytes = bytes.saturating_sub(length);
        }
        !known.contains(hash)
    });
    let answer = drive.driver().client().propose(item, &body).await?;
    Ok(Answer::Missing(answer.missing_blocks))
}

/// Makes a new version.
pub async fn commit(
    drive: Drive,
    item: ItemId,
    body: Commit<Content>,
    carries: Option<DraftId>,
) -> Result<Answer, Lost> {
    let version = body.base_version;
    let Content::Whole(content) = body.content.clone() else {
        let changed = drive.driver().client().commit(item, &body).await;
        return changed.map(Answer::Item).map_err(lost);
    };
    let base = lists::base(drive, item, version, content.blocks.len()).await;
    let spliced = base.as_deref().map(|list| {
        let base = Base { item, version };
        let spliced = Spliced::of(&content, base, list);
        body.clone().with_content(spliced)
    });
    let with_splices = |spliced: &Commit<Spliced>, carried: &[BlockRef]| {
        let content = spliced.content.clone().leave_out(carried);
        spliced.clone().with_content(Content::Spliced(content))
    };
    let client = drive.driver().client();
    let changed = match (&spliced, carries) {
        (None, Some(_)) => return Ok(Answer::NotCarried),
        (Some(spliced), Some(draft)) => {
            let base = base.as_deref().unwrap_or_default();
            let Some(wanted) = worth_carrying(drive, &content, base).await else {
                return Ok(Answer::NotCarried);
            };
            let path = paths::commit(item);
            let json = |carried: &[BlockRef]| to_json(&with_splices(spliced, carried));
            let carried = carry(drive, &path, json, (draft, &wanted), base).await;
            let Some(changed) = carried.transpose() else {
                return Ok(Answer::NotCarried);
            };
            changed
        }
        (Some(spliced), None) => {
            let commit = with_splices(spliced, &[]);
            client.commit(item, &commit).await.map_err(lost)
        }
        (None, None) => client.commit(item, &body).await.map_err(lost),
    };
    let changed = match changed {
        Err(Lost::Refused(why)) if spliced.is_some() && is_about_the_base(&why) => {
            lists::forget(drive, item).await;
            client.commit(item, &body).await.map_err(lost)
        }
        changed => changed,
    }?;
    keep_list(drive, &changed, &content).await;
    Ok(Answer::Item(changed))
}

/// Makes a new file.
pub async fn create(
    drive: Drive,
    body: NewFile<Content>,
    carries: Option<DraftId>,
) -> Result<Answer, Lost> {
    let driver = drive.driver();
    let changed = match (&body.content, carries) {
        (Some(Content::Whole(content)), Some(draft)) => {
            let wanted = hashes(&new_blocks(&content.blocks, &[]));
            let json = |_: &[BlockRef]| to_json(&body);
            let carried = carry(drive, paths::FILES, json, (draft, &wanted), &[]).await;
            let Some(changed) = carried.transpose() else {
                return Ok(Answer::NotCarried);
            };
            changed
        }
        // Its base counts with what others may bring, and may be long.
        (Some(Content::Spliced(_)), _) => driver.client().create_file(&body).await.map_err(lost),
        (Some(Content::Whole(content)), None) => match create_copy(drive, &body, content).await {
            Some(made) => made,
            None => create_plainly(drive, &body).await,
        },
        (None, _) => create_plainly(drive, &body).await,
    }?;
    match body.content {
        Some(Content::Whole(content)) => keep_list(drive, &changed, &content).await,
        Some(Content::Spliced(copy)) => {
            let Base { item, version } = copy.base;
            if let Some(list) = lists::get(drive, item, version).await {
                lists::put(drive, changed.item.id, changed.item.version(), &list).await;
            }
        }
        None => {}
    }
    Ok(Answer::Item(changed))
}

/// Makes a new file that has the content of one that is there; `None` where none is
/// known, or the server knows it otherwise.
async fn create_copy(
    drive: Drive,
    body: &NewFile<Content>,
    content: &Manifest,
) -> Option<Result<ItemChanged, Lost>> {
    let base = lists::same(drive, content).await?;
    let copy = Content::Spliced(Spliced::of(content, base, &content.blocks));
    let body = body.clone().with_content(Some(copy));
    match drive.driver().client().create_file(&body).await {
        Err(Failure::Refused(why)) if is_about_the_base(&why) => {
            lists::forget(drive, base.item).await;
            None
        }
        made => Some(made.map_err(lost)),
    }
}

/// Makes a new file, alone or together with others.
async fn create_plainly(drive: Drive, body: &NewFile<Content>) -> Result<ItemChanged, Lost> {
    let driver = drive.driver();
    let made = if is_about_one_edit(drive) {
        driver.client().create_file(body).await
    } else {
        driver.creates.ask(&driver.client(), body.clone()).await
    };
    made.map_err(lost)
}

/// Keeps a version that came second.
pub async fn keep(
    drive: Drive,
    item: ItemId,
    body: NewConflict<Content>,
) -> Result<Answer, Failure> {
    let client = drive.driver().client();
    if let Content::Whole(content) = &body.content {
        let version = body.base_version;
        let base = lists::base(drive, item, version, content.blocks.len()).await;
        if let Some(list) = base {
            let base = Base { item, version };
            let spliced = Content::Spliced(Spliced::of(content, base, &list));
            match client
                .keep_conflict(item, &body.clone().with_content(spliced))
                .await
            {
                Err(Failure::Refused(why)) if is_about_the_base(&why) => {
                    lists::forget(drive, item).await;
                }
                answer => return answer.map(Answer::Conflict),
            }
        }
    }
    let kept = client.keep_conflict(item, &body).await?;
    Ok(Answer::Conflict(kept))
}

/// The list here is not the server's: the whole content will do.
fn is_about_the_base(problem: &Problem) -> bool {
    matches!(problem, Problem::NoSuchBase | Problem::BadManifest { .. })
}

/// What was stored is the base of what comes next.
async fn keep_list(drive: Drive, changed: &ItemChanged, content: &Manifest) {
    // An answer to a repeat tells of that version, whatever the head is now.
    let item = &changed.item;
    lists::put(drive, item.id, item.version(), &content.blocks).await;
}

/// The blocks of a content that a list does not have, if there are some and they
/// can travel with a request: because they are few, or because what they are to
/// be patched with is here.
async fn worth_carrying(
    drive: Drive,
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
    if bytes > TARGET_PACK_BYTES && !are_cached(drive, &new_blocks(base, &content.blocks)).await {
        return None;
    }
    Some(hashes(&wanted))
}

async fn are_cached(drive: Drive, blocks: &[BlockRef]) -> bool {
    let places = drive.driver().cache.find(hashes(blocks)).await;
    places.is_ok_and(|places| places.len() == blocks.len())
}

/// What the list `known` does not have, each once, in the order of `list`.
fn new_blocks(list: &[BlockRef], known: &[BlockRef]) -> Vec<BlockRef> {
    let mut known: HashSet<BlockHash> = known.iter().map(|block| block.hash).collect();
    let new = list.iter().filter(|block| known.insert(block.hash));
    new.copied().collect()
}

fn hashes(blocks: &[BlockRef]) -> Vec<BlockHash> {
    blocks.iter().map(|block| block.hash).collect()
}

/// Sends JSON with blocks of a draft; `base` is the list of what they are based on,
/// and `json` is told which blocks the request carries. What it has no room for is
/// uploaded before it. `None` where the blocks turn out to be worth a proposal.
async fn carry<T: DeserializeOwned>(
    drive: Drive,
    path: &str,
    json: impl FnOnce(&[BlockRef]) -> Result<String, Failure>,
    (draft, wanted): (DraftId, &[BlockHash]),
    base: &[BlockRef],
) -> Result<Option<T>, Lost> {
    let driver = drive.driver();
    let most = TARGET_PACK_BYTES as u64;
    let made = driver.drafts.frames(drive, draft, wanted, base, most);
    let Some(Frames {
        frames,
        file_bytes,
        held,
    }) = made.await?
    else {
        return Ok(None);
    };
    let located: Vec<Located> = frames.iter().map(|frame| frame.located).collect();
    let progress = Rc::new(driver.panel.sending(draft, file_bytes, &located));
    let spared = frames.iter().map(Frame::spared_bytes).sum();
    let (ahead, carried) = frames.split_at(ahead_of_last(&frames));
    let sender = &driver.sender;
    let on_the_way = progress.clone();
    let on_the_way = move |sent| on_the_way(Sent { spared, ..sent });
    let client = driver.client();
    let uploaded = sender.send(
        &client,
        &held.file,
        ahead.len(),
        on_the_way,
        async |hand_on| {
            hand_on(ahead.to_vec());
            sender.set_out(&client);
        },
    );
    uploaded.await.map_err(lost)?;

    let blocks: Vec<BlockRef> = carried.iter().map(|frame| frame.located.block).collect();
    let head = carrying_head(json(&blocks).map_err(lost)?.as_bytes());
    let body = post::body(carried.iter().map(|frame| (&held.file, frame)));
    let body = body.and_then(|frames| post::joined(&head, &frames));
    let body = body.map_err(lost)?;
    let (stored, last_bytes) = (payload_bytes(ahead), payload_bytes(carried));
    let on_the_way = progress.clone();
    let reply = post::send(&client, path, CARRYING_CONTENT_TYPE, &body, move |bytes| {
        on_the_way(Sent {
            stored,
            travelling: bytes.min(last_bytes),
            spared,
        });
    });
    let answer = match reply.await {
        Ok(reply) => client.read(reply),
        // No answer: because there is no network, or because the file is gone.
        Err(Failure::Unreachable) if !are_readable(&held.file, carried).await => {
            Err(Failure::FileUnreadable)
        }
        Err(failure) => Err(failure),
    };
    let answer = answer.map_err(lost)?;
    progress(Sent {
        stored: stored + last_bytes,
        travelling: 0,
        spared,
    });
    Ok(Some(answer))
}

/// How many of the first frames have no room in the last request.
fn ahead_of_last(frames: &[Frame]) -> usize {
    let mut weight = Weight::default();
    let last = frames.iter().rev().take_while(|frame| weight.takes(frame));
    frames.len() - last.count()
}

/// Whether the file that these are of is still there.
async fn are_readable(file: &File, frames: &[Frame]) -> bool {
    match frames.first() {
        Some(frame) => is_readable(file, frame.located.offset).await,
        None => true,
    }
}
