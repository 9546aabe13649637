//! Where an edit stands, in the panel's words.

use super::row::PanelRow;
use crate::refusals::InWords;
use crate::state::uploads::Stage;
use crate::words::t;
use protocol::ids::ItemId;
use protocol::limits::TARGET_PACK_BYTES;
use sync::Engine;
use sync::edit::{Draft, DraftBytes, Edit, Trouble};
use sync::task::SentRequest;

/// The stage of one of an edit's drafts.
pub fn of(engine: &Engine, edit: &Edit, draft: &Draft, row: &PanelRow) -> Stage {
    if edit.draft().is_none_or(|first| first.id != draft.id) {
        return match draft.bytes {
            DraftBytes::Gone if draft.manifest.is_none() && draft.copy_of.is_none() => {
                Stage::PickAgain
            }
            _ => Stage::Behind,
        };
    }
    match &edit.trouble {
        Some(Trouble::BytesGone) => return Stage::PickAgain,
        Some(Trouble::KeepsChanging) => {
            return Stage::Failed {
                reason: t("The file changes while it is read").to_owned(),
            };
        }
        Some(Trouble::Refused { problem }) => {
            return Stage::Failed {
                reason: problem.in_words(),
            };
        }
        None => {}
    }
    if engine.hashes(edit.item) {
        return match row.is_reading.get() {
            true => Stage::Hashing,
            false => Stage::Waiting,
        };
    }
    match engine.sent(edit.item) {
        Some(SentRequest::Propose { .. } | SentRequest::Compare { .. }) => Stage::Checking,
        Some(SentRequest::Upload { .. }) => Stage::Uploading,
        Some(sent) if sent.carries() => Stage::Uploading,
        // A large new file is asked for before anything of it is sent.
        Some(SentRequest::Create { .. }) if asks(row) => Stage::Checking,
        Some(
            SentRequest::Create { .. }
            | SentRequest::Commit { .. }
            | SentRequest::KeepConflict { .. },
        ) => Stage::Committing,
        _ if !engine.is_connected() => Stage::Offline,
        _ => Stage::Waiting,
    }
}

/// Whether the server is being asked to store an item's content, all of which it
/// has: it may have said yes already.
pub fn is_being_stored(engine: &Engine, item: ItemId) -> bool {
    let stores = |sent: SentRequest| {
        matches!(
            sent,
            SentRequest::Create { .. }
                | SentRequest::Commit { .. }
                | SentRequest::KeepConflict { .. }
        )
    };
    engine
        .sent(item)
        .is_some_and(|sent| stores(sent) && !sent.carries())
}

fn asks(row: &PanelRow) -> bool {
    row.size > TARGET_PACK_BYTES as u64 && row.with_progress(|progress| progress.to_send_bytes == 0)
}
