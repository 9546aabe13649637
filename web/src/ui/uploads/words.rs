//! An upload's stage and figures in words.

use crate::state::connection::Connection;
use crate::state::uploads::{Progress, Source, Stage, Total};
use crate::ui::format::{bytes, count, minute, time_left};

/// The value of `data-stage`.
pub fn stage_name(stage: &Stage) -> &'static str {
    match stage {
        Stage::Waiting => "waiting",
        Stage::Hashing => "hashing",
        Stage::Checking => "checking",
        Stage::Uploading => "uploading",
        Stage::Committing => "committing",
        Stage::Done { .. } => "done",
        Stage::Unchanged => "unchanged",
        Stage::Conflict { .. } => "conflict",
        Stage::Offline => "offline",
        Stage::Failed { .. } => "failed",
        Stage::PickAgain => "pick_again",
        // Somebody cancelled it by dropping another one.
        Stage::Cancelled | Stage::Replaced => "cancelled",
    }
}

/// What is going on with one file.
pub fn stage_words(progress: &Progress, source: &Source) -> String {
    match &progress.stage {
        Stage::Waiting => format!("Waiting · {}", bytes(source.size)),
        Stage::Hashing => format!(
            "Reading · {} %",
            percent(progress.hashed_bytes, source.size)
        ),
        Stage::Checking => "Asking what is stored already".into(),
        // What is sent stands beside what is saved.
        Stage::Uploading if progress.saved_bytes > 0 => {
            format!("{} %", percent(progress.sent_bytes, progress.to_send_bytes))
        }
        Stage::Uploading => format!(
            "Sending {} of {}",
            bytes(progress.sent_bytes),
            bytes(progress.to_send_bytes)
        ),
        Stage::Committing => "Almost there".into(),
        Stage::Done { version: 1 } => "Uploaded".into(),
        Stage::Done { version } => format!("Version {version}"),
        Stage::Unchanged => "Nothing has changed".into(),
        Stage::Conflict { .. } => "Two versions".into(),
        Stage::Offline => "Offline · goes on by itself".into(),
        Stage::Failed { reason } => reason.clone(),
        // Which one: a folder may hold several of a name.
        Stage::PickAgain => format!("{} · {}", bytes(source.size), minute(source.modified_at_ms)),
        Stage::Cancelled => "Cancelled".into(),
        Stage::Replaced => "Dropped again".into(),
    }
}

/// What did not have to travel; empty while that is not known.
pub fn saved_words(progress: &Progress) -> String {
    let sent = progress.sent_bytes;
    match (progress.saved_bytes, &progress.stage) {
        (0, Stage::Done { .. }) => format!("{} sent", bytes(sent)),
        // The line has no room beside the button that decides.
        (0, _) | (_, Stage::Conflict { .. }) => String::new(),
        (saved, Stage::Unchanged) => format!("{} already stored", bytes(saved)),
        (saved, _) => format!("{} already stored — {} sent", bytes(saved), bytes(sent)),
    }
}

/// How far one file is, from 0 to 100. Reading is the first part of it.
pub fn bar_percent(progress: &Progress, source: &Source) -> f64 {
    const READING_SHARE: f64 = 30.0;
    match progress.stage {
        Stage::Waiting | Stage::Cancelled | Stage::Replaced | Stage::PickAgain => 0.0,
        Stage::Hashing => share(progress.hashed_bytes, source.size) * READING_SHARE,
        Stage::Checking => READING_SHARE,
        Stage::Uploading | Stage::Offline | Stage::Failed { .. } => {
            let sent = match progress.to_send_bytes {
                0 => 0.0,
                to_send => share(progress.sent_bytes, to_send),
            };
            share(progress.hashed_bytes, source.size) * READING_SHARE
                + sent * (100.0 - READING_SHARE)
        }
        Stage::Committing | Stage::Done { .. } | Stage::Unchanged | Stage::Conflict { .. } => 100.0,
    }
}

fn share(part: u64, whole: u64) -> f64 {
    (part as f64 / whole.max(1) as f64).clamp(0.0, 1.0)
}

fn percent(part: u64, whole: u64) -> u64 {
    (share(part, whole) * 100.0) as u64
}

pub fn total_percent(total: &Total) -> f64 {
    if total.bytes == 0 {
        // Empty files only: they count by number.
        return share(total.files_finished as u64, total.files as u64) * 100.0;
    }
    share(total.bytes_done, total.bytes) * 100.0
}

pub fn headline(total: &Total) -> String {
    if total.is_running() {
        let at = total.files_finished + total.files_failed;
        return format!(
            "Uploading {} · {at} done",
            count(total.files, "file", "files")
        );
    }
    if total.files_to_pick > 0 {
        return format!(
            "Pick {} again to go on",
            count(total.files_to_pick, "file", "files")
        );
    }
    match (total.files_failed, total.files_finished) {
        (0, finished) => format!("{} uploaded", count(finished, "file", "files")),
        (failed, 0) => format!("{} not uploaded", count(failed, "file", "files")),
        (failed, finished) => format!(
            "{} uploaded, {failed} not",
            count(finished, "file", "files")
        ),
    }
}

pub fn headline_note(total: &Total, connection: Connection) -> String {
    let is_cut = matches!(connection, Connection::Offline | Connection::Reconnecting);
    if is_cut && total.is_running() {
        return "Goes on when there is a connection".to_owned();
    }
    let mut parts = Vec::new();
    if total.is_running() {
        if let Some(speed) = total.bytes_per_second {
            parts.push(format!("{}/s", bytes(speed)));
        }
        if let Some(seconds) = total.seconds_left {
            parts.push(time_left(seconds));
        }
    }
    if total.saved_bytes > 0 {
        parts.push(format!("{} already stored", bytes(total.saved_bytes)));
    }
    parts.join(" · ")
}
