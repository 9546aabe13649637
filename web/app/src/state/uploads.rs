//! The upload panel's content.

use blocks::number::FileTime;
use client::ports::SendProgress;
use leptos::prelude::*;
use protocol::ids::{ConflictId, Version};

/// All uploads since the page was opened or the panel was cleared.
#[derive(Clone, Copy)]
pub struct Uploads {
    /// In the order in which they were dropped. An entry's progress is a signal
    /// of its own, so that a tick redraws one row and not the panel.
    pub entries: RwSignal<Vec<Upload>>,
    /// Over all entries; refreshed a few times a second while something runs.
    pub total: RwSignal<Total>,
    /// Some were refused because the drive has no room.
    pub found_full: RwSignal<bool>,
    /// Nothing is begun to be sent, because somebody wants it so.
    pub paused: RwSignal<bool>,
}

impl Uploads {
    pub fn new() -> Self {
        Self {
            entries: RwSignal::new(Vec::new()),
            total: RwSignal::new(Total::default()),
            found_full: RwSignal::new(false),
            paused: RwSignal::new(false),
        }
    }
}

impl Total {
    /// Whether there is anything to say.
    pub fn has_any(&self) -> bool {
        self.files + self.files_cancelled > 0
    }

    /// Whether somebody has to do something about one of them.
    pub fn needs_somebody(&self) -> bool {
        self.files_failed + self.files_to_pick + self.files_conflicted > 0
    }

    /// Whether something goes on by itself.
    pub fn is_running(&self) -> bool {
        self.files_finished + self.files_failed + self.files_to_pick < self.files
    }
}

impl Default for Uploads {
    fn default() -> Self {
        Self::new()
    }
}

/// Counts the uploads of this page.
pub type UploadId = u64;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Upload {
    pub id: UploadId,
    /// What it is; fixed.
    pub source: StoredValue<UploadSource>,
    pub progress: RwSignal<Progress>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UploadSource {
    /// The file's name.
    pub name: String,
    /// The folders that it goes into, from the root, for people: "Photos/2026".
    pub folder: String,
    /// Bytes.
    pub size: u64,
    pub modified_at_ms: FileTime,
}

#[derive(Clone, Debug, PartialEq)]
pub struct Progress {
    pub stage: Stage,
    /// Bytes that have been cut and hashed.
    pub hashed_bytes: u64,
    /// Bytes that have to travel: known from `Uploading` on.
    pub to_send_bytes: u64,
    /// Bytes of them that have.
    pub sent_bytes: u64,
    /// Bytes that need not travel, because the server has them.
    pub saved_bytes: u64,
}

impl Progress {
    pub fn waiting() -> Self {
        Self {
            stage: Stage::Waiting,
            hashed_bytes: 0,
            to_send_bytes: 0,
            sent_bytes: 0,
            saved_bytes: 0,
        }
    }

    /// Of `size` bytes, `lacked` are in blocks that the server lacks. What it takes from
    /// other blocks for these is there already; what is only compressed is not.
    pub fn travels(&mut self, size: u64, lacked: u64, sent: SendProgress) {
        self.to_send_bytes = lacked.saturating_sub(sent.spared);
        self.saved_bytes = size.saturating_sub(lacked) + sent.patched;
    }

    /// What is lost on its way is sent again. Until as much has left once more, the number
    /// stands still and does not run back.
    pub fn has_sent(&mut self, bytes: u64) {
        self.sent_bytes = self.sent_bytes.max(bytes).min(self.to_send_bytes);
    }
}

#[derive(Clone, Debug, PartialEq)]
pub enum Stage {
    /// Other files are before it.
    Waiting,
    Hashing,
    /// The server is asked what it lacks.
    Checking,
    Uploading,
    Committing,
    Done {
        version: Version,
    },
    /// Another content of the same file was handed in before, and is on its way.
    Behind,
    /// The content was compared, and is what the server has already.
    Unchanged,
    /// Another version was first; this one is safe on the server.
    Conflict {
        conflict: ConflictId,
    },
    /// No connection; goes on by itself.
    Offline,
    /// The browser does not have the bytes any more: only the person can help.
    PickAgain,
    /// A sentence for people. Can be retried.
    Failed {
        reason: String,
    },
    Cancelled,
}

impl Stage {
    /// Whether somebody has to do something about it.
    pub fn needs_somebody(&self) -> bool {
        matches!(
            self,
            Stage::Failed { .. } | Stage::PickAgain | Stage::Conflict { .. }
        )
    }

    /// Whether nothing more will happen by itself.
    pub fn is_final(&self) -> bool {
        matches!(
            self,
            Stage::Done { .. }
                | Stage::Unchanged
                | Stage::Conflict { .. }
                | Stage::Failed { .. }
                | Stage::Cancelled
        )
    }
}

/// The panel's head line.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Total {
    /// Without the cancelled ones.
    pub files: usize,
    /// That are on the server now; the others that do not go on by themselves
    /// are counted apart.
    pub files_finished: usize,
    /// Of these, how many the server had already.
    pub files_unchanged: usize,
    pub files_failed: usize,
    pub files_to_pick: usize,
    /// Finished ones that came second: somebody has to decide.
    pub files_conflicted: usize,
    /// Not counted above. They are not on the server.
    pub files_cancelled: usize,
    /// Bytes of all files that were neither cancelled nor failed.
    pub bytes: u64,
    /// Of these, how many are on the server, sent or found there.
    pub bytes_done: u64,
    pub saved_bytes: u64,
    /// Over the last seconds; `None` until it is known.
    pub bytes_per_second: Option<u64>,
    pub seconds_left: Option<u64>,
}

#[cfg(test)]
mod tests {
    use super::Progress;
    use client::ports::SendProgress;

    #[test]
    fn what_was_compressed_is_not_said_to_be_stored_already() {
        let mut progress = Progress::waiting();
        let sent = SendProgress {
            spared: 300,
            patched: 100,
            ..SendProgress::default()
        };
        progress.travels(1_000, 600, sent);
        assert_eq!((progress.to_send_bytes, progress.saved_bytes), (300, 500));
    }

    #[test]
    fn what_is_sent_again_does_not_run_back() {
        let mut progress = Progress::waiting();
        progress.travels(1_000, 1_000, SendProgress::default());
        let shown = [0, 400, 700, 400, 650, 900, 1_200].map(|bytes| {
            progress.has_sent(bytes);
            progress.sent_bytes
        });
        assert_eq!(shown, [0, 400, 700, 700, 700, 900, 1_000]);
    }
}
