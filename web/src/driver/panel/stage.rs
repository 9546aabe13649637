//! Where an edit stands, in the panel's words.

use super::row::Row;
use crate::state::uploads::Stage;
use shared::limits::TARGET_PACK_BYTES;
use shared::sync::Engine;
use shared::sync::edit::{Edit, Trouble};
use shared::sync::task::Sent;

pub fn of(engine: &Engine, edit: &Edit, row: &Row) -> Stage {
    match &edit.trouble {
        Some(Trouble::BytesGone) => return Stage::PickAgain,
        Some(Trouble::KeepsChanging) => {
            return Stage::Failed {
                reason: "The file changes while it is read".to_owned(),
            };
        }
        Some(Trouble::Refused { problem }) => {
            return Stage::Failed {
                reason: problem.to_string(),
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
        Some(Sent::Propose { .. } | Sent::Compare { .. }) => Stage::Checking,
        Some(Sent::Upload { .. }) => Stage::Uploading,
        Some(sent) if sent.carries() => Stage::Uploading,
        // A large new file is asked for before anything of it is sent.
        Some(Sent::Create { .. }) if asks(row) => Stage::Checking,
        Some(Sent::Create { .. } | Sent::Commit { .. } | Sent::KeepConflict { .. }) => {
            Stage::Committing
        }
        _ if !engine.is_connected() => Stage::Offline,
        _ => Stage::Waiting,
    }
}

fn asks(row: &Row) -> bool {
    row.size > TARGET_PACK_BYTES as u64 && row.with_progress(|progress| progress.to_send_bytes == 0)
}
