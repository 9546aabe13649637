//! What sessions leave in this browser: whose it is, and when it goes.
//!
//! The local database has the mark of its owner, to whom the bytes of the block
//! cache, of drafts and of zips belong as well. Bytes go first and the mark last:
//! whoever closes a tab in between leaves an owner, and the next page that opens
//! clears the rest. What has no owner that anybody knows of goes.
//!
//! One tab at a time claims or clears, and only what is still its own user's: another
//! one may have signed in since, in another tab.

use super::store::Store;
use platform::browser::locks::{self, HeldLock};
use platform::browser::{opfs, shelf};
use protocol::accounts::Session;
use std::collections::BTreeSet;
use sync::edit::DraftId;
use workers::cache::Cache;
use workers::merging;

const LOCK: &str = "driftless-owner";
/// Clearing takes a second at most; a tab that was stopped in the middle of it does
/// not keep people out. In milliseconds.
const TURN_MILLIS: u64 = 5_000;

/// Makes everything that is kept this user's. Returns whether it was before; if not,
/// nothing is left of it.
pub async fn claim(store: &Store, cache: &Cache, session: &Session) -> bool {
    let _turn = turn().await;
    let is_theirs = store.owner().await == Some(session.user.id);
    if !is_theirs {
        // A database that can't be opened now may be there later, with edits that
        // need their bytes.
        clear(store, cache, store.works()).await;
    }
    store.claim(session).await;
    is_theirs
}

/// The person has signed out: nothing stays.
pub async fn forget(store: &Store, cache: &Cache) {
    let _turn = turn().await;
    if store.is_ours().await != Some(false) {
        clear(store, cache, true).await;
    }
}

/// Nobody is signed in any more, and nobody asked for that: what was not sent stays
/// for its owner, and its bytes with it.
pub async fn forget_but_unsent(store: &Store, cache: &Cache) {
    let _turn = turn().await;
    if store.is_ours().await == Some(false) {
        return;
    }
    if store.works() && store.owner().await.is_none() {
        return clear(store, cache, true).await;
    }
    shelf::forget_known();
    clear_fetched(cache).await;
    let needed = async || store.drafts().await;
    clean_up_copies(needed).await;
    store.close_session().await;
}

/// Deletes every copy of a draft that is not of one of these.
pub async fn clean_up_copies(needed: impl AsyncFnOnce() -> Option<BTreeSet<DraftId>>) {
    // The list comes first: an edit is stored before its bytes are copied.
    let Ok(copies) = opfs::DRAFTS.names().await else {
        return;
    };
    if copies.is_empty() {
        return;
    }
    let Some(needed) = needed().await else {
        return;
    };
    for copy in copies {
        let id = copy.parse().ok().map(DraftId);
        if id.is_none_or(|id| !needed.contains(&id)) {
            let _ = opfs::DRAFTS.remove(&copy).await;
        }
    }
}

async fn clear(store: &Store, cache: &Cache, with_drafts: bool) {
    store.empty().await;
    if with_drafts {
        merging::drafts::forget_all();
        shelf::forget_all();
        opfs::DRAFTS.clear().await;
    }
    clear_fetched(cache).await;
    store.wipe().await;
}

/// Bytes that the server has.
async fn clear_fetched(cache: &Cache) {
    opfs::ZIPS.clear().await;
    opfs::THUMBNAILS.clear().await;
    cache.clear().await;
}

/// Until it is dropped, no other tab claims or clears.
async fn turn() -> Option<HeldLock> {
    match locks::exist() {
        true => locks::take_within(LOCK, TURN_MILLIS).await,
        false => None,
    }
}
