//! An upload's stage and figures in words.

use crate::format::{bytes, minute, time_left};
use crate::state::connection::Connection;
use crate::state::uploads::{Progress, Stage, Total, UploadSource};
use crate::words::{figure, measure, say, say_many, t};
use protocol::units;

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
        Stage::Behind => "behind",
        Stage::Cancelled => "cancelled",
    }
}

/// What is going on with one file.
pub fn stage_words(progress: &Progress, source: &UploadSource) -> String {
    match &progress.stage {
        Stage::Waiting => format!("{} · {}", t("Waiting"), bytes(source.size)),
        Stage::Hashing => format!(
            "{} · {} %",
            t("Reading"),
            percent(progress.hashed_bytes, source.size)
        ),
        Stage::Checking => t("Asking what is stored already").into(),
        // What is sent stands beside what is saved.
        Stage::Uploading if progress.saved_bytes > 0 => {
            format!("{} %", percent(progress.sent_bytes, progress.to_send_bytes))
        }
        // It is being found out how much that is.
        Stage::Uploading if progress.to_send_bytes == 0 => t("Getting ready to send").into(),
        Stage::Uploading => say!(
            "Sending {sent} of {all}",
            sent = bytes(progress.sent_bytes),
            all = bytes(progress.to_send_bytes)
        ),
        Stage::Committing => t("Almost there").into(),
        Stage::Done { version: 1 } => t("Uploaded").into(),
        Stage::Done { version } => say!("Version {version}", version),
        Stage::Unchanged => t("Nothing has changed").into(),
        Stage::Conflict { .. } => t("Two versions").into(),
        Stage::Offline => t("Offline · goes on by itself").into(),
        Stage::Failed { reason } => reason.clone(),
        // Which one: a folder may hold several of a name.
        Stage::PickAgain => format!("{} · {}", bytes(source.size), minute(source.modified_at_ms)),
        Stage::Cancelled => t("Cancelled").into(),
        Stage::Behind => t("Waits for the version before it").into(),
    }
}

/// What travels instead of the file; empty while that is not known.
pub fn saved_words(progress: &Progress, source: &UploadSource) -> String {
    let sent = progress.sent_bytes;
    match (progress.saved_bytes, &progress.stage) {
        (0, Stage::Done { .. }) => say!("{size} sent", size = bytes(sent)),
        // The line has no room beside the button that decides.
        (0, _) | (_, Stage::Conflict { .. }) => String::new(),
        (_, Stage::Unchanged) => t("Nothing had to be sent").to_owned(),
        (_, Stage::Done { .. }) => {
            say!(
                "{sent} sent instead of {all}",
                sent = bytes(sent),
                all = bytes(source.size)
            )
        }
        (saved, _) => spared(saved),
    }
}

fn spared(saved: u64) -> String {
    say!("{size} not sent again", size = bytes(saved))
}

/// How far one file is, from 0 to 100. Reading is the first part of it.
pub fn bar_percent(progress: &Progress, source: &UploadSource) -> f64 {
    const READING_SHARE: f64 = 30.0;
    match progress.stage {
        Stage::Waiting | Stage::Behind | Stage::Cancelled | Stage::PickAgain => 0.0,
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
        let uploading = say_many!(total.files, "Uploading 1 file", "Uploading {n} files");
        return format!("{uploading} · {}", say!("{number} done", number = at));
    }
    if total.files_to_pick > 0 {
        return say_many!(
            total.files_to_pick,
            "Pick 1 file again to go on",
            "Pick {n} files again to go on"
        );
    }
    outcome(total)
}

/// What is said while somebody has paused what goes on.
pub fn paused_headline(total: &Total) -> String {
    let at = total.files_finished + total.files_failed;
    let done = say_many!(
        total.files,
        "{done} of 1 file done",
        "{done} of {n} files done",
        done = at
    );
    format!("{} · {done}", t("Paused"))
}

/// How much waits.
pub fn paused_note(total: &Total) -> String {
    let left = total.bytes.saturating_sub(total.bytes_done);
    say!("Nothing more is sent · {size} to go", size = bytes(left))
}

/// How it ended, each file counted as what became of it.
fn outcome(total: &Total) -> String {
    let to_decide = total.files_conflicted;
    let uploaded =
        total.files_finished - (total.files_unchanged + to_decide).min(total.files_finished);
    let wanted = total.files + total.files_cancelled;
    let mut parts = Vec::new();
    match (uploaded, total.files_cancelled, total.files_unchanged) {
        (0, 0, 0) if to_decide == 0 => {
            return say_many!(
                total.files_failed,
                "1 file not uploaded",
                "{n} files not uploaded"
            );
        }
        (0, 0, 0) => {}
        (0, 0, unchanged) => parts.push(say_many!(
            unchanged,
            "1 file had not changed",
            "{n} files had not changed"
        )),
        (0, cancelled, 0) => parts.push(say_many!(
            cancelled,
            "1 file cancelled",
            "{n} files cancelled"
        )),
        (uploaded, 0, _) => {
            parts.push(say_many!(uploaded, "1 file uploaded", "{n} files uploaded"))
        }
        _ => parts.push(say_many!(
            wanted,
            "{uploaded} of 1 file uploaded",
            "{uploaded} of {n} files uploaded",
            uploaded = figure(uploaded as u64)
        )),
    }
    if (uploaded > 0 || total.files_cancelled > 0) && total.files_unchanged > 0 {
        parts.push(say_many!(
            total.files_unchanged,
            "1 had not changed",
            "{n} had not changed"
        ));
    }
    if uploaded + total.files_unchanged > 0 && total.files_cancelled > 0 {
        parts.push(say_many!(
            total.files_cancelled,
            "1 cancelled",
            "{n} cancelled"
        ));
    }
    if to_decide > 0 {
        parts.push(match parts.is_empty() {
            true => say_many!(to_decide, "1 file to decide on", "{n} files to decide on"),
            false => say_many!(to_decide, "1 to decide on", "{n} to decide on"),
        });
    }
    if total.files_failed > 0 {
        parts.push(say_many!(
            total.files_failed,
            "1 not uploaded",
            "{n} not uploaded"
        ));
    }
    parts.join(", ")
}

/// What is said while folders are walked.
pub fn walking_words(found: usize) -> String {
    let looking = t("Looking at what you dropped");
    match found {
        0 => looking.to_owned(),
        found => {
            let found = say_many!(found, "1 file so far", "{n} files so far");
            format!("{looking} · {found}")
        }
    }
}

pub fn headline_note(total: &Total, connection: Connection) -> String {
    let is_cut = matches!(connection, Connection::Offline | Connection::Reconnecting);
    if is_cut && total.is_running() {
        return t("Goes on when there is a connection").to_owned();
    }
    let mut parts = Vec::new();
    if total.is_running() {
        if let Some(speed) = total.bytes_per_second {
            parts.push(measure(&format!("{}/s", units::bytes(speed))));
        }
        if let Some(seconds) = total.seconds_left {
            parts.push(time_left(seconds));
        }
    }
    if total.saved_bytes > 0 {
        parts.push(spared(total.saved_bytes));
    }
    parts.join(" · ")
}

#[cfg(test)]
mod tests {
    use super::headline;
    use crate::state::uploads::Total;

    fn said(finished: usize, unchanged: usize, failed: usize, cancelled: usize) -> String {
        headline(&Total {
            files: finished + failed,
            files_finished: finished,
            files_unchanged: unchanged,
            files_failed: failed,
            files_cancelled: cancelled,
            ..Total::default()
        })
    }

    #[test]
    fn the_end_counts_each_file_as_what_became_of_it() {
        assert_eq!(said(2, 0, 0, 0), "2 files uploaded");
        assert_eq!(said(2, 1, 0, 0), "1 file uploaded, 1 had not changed");
        assert_eq!(said(1, 1, 0, 0), "1 file had not changed");
        assert_eq!(said(0, 0, 3, 0), "3 files not uploaded");
        assert_eq!(said(2, 0, 3, 0), "2 files uploaded, 3 not uploaded");
        let of_two = |conflicted| {
            headline(&Total {
                files: 2,
                files_finished: 2,
                files_conflicted: conflicted,
                ..Total::default()
            })
        };
        assert_eq!(of_two(1), "1 file uploaded, 1 to decide on");
        assert_eq!(of_two(2), "2 files to decide on");
        assert_eq!(said(0, 0, 0, 3), "3 files cancelled");
        assert_eq!(
            said(1_200, 0, 0, 3_800),
            "1,200 of 5,000 files uploaded, 3,800 cancelled"
        );
        assert_eq!(
            said(3, 1, 1, 1),
            "2 of 5 files uploaded, 1 had not changed, 1 cancelled, 1 not uploaded"
        );
        assert_eq!(
            said(1, 1, 0, 1),
            "0 of 2 files uploaded, 1 had not changed, 1 cancelled"
        );
    }
}
